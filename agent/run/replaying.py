"""What would be asked of a model again, and does a run come to the same?"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.journal.entry import Entry
from agent.journal.events import Thought, Weighed
from agent.journal.journal import Journal
from agent.journal.replay import Asking, Difference, Replayed, asked, replayed
from agent.memory.kept import said_in
from agent.models.choose import brief, choose, fast
from agent.models.model import ToolSpec, digest_of
from agent.models.prompt import PROMPT_HASH, WEIGH
from agent.run.rules.weighing import asked_of
from agent.run.steps import messages, tools_told
from agent.settings import Settings
from agent.state import State, Think
from retrieval.search.hybrid import HybridSearch


def replay_of(entries: list[Entry], settings: Settings, search: HybridSearch, journal: Journal) -> Replayed:
    """Every state and every request of a recorded run, made again: neither the model nor a tool is asked.

    `search` is that of the index version that it asked. Raises `NotKept`.
    """
    began = asked(entries)
    release = began.release
    recorded = _as_recorded(settings, release)
    model, quick = choose(recorded, search), fast(recorded)
    kept = journal.kept(str(release.get("tools", "")))
    tools = tuple(ToolSpec(**each) for each in (json.loads(kept)["tools"] if kept else ()))
    turns = int(release.get("max_turns", settings.agent.max_turns))

    earlier = said_in(journal, began.content.get("earlier", ()))

    def request_of(state: State, said: Asking) -> str | None:
        match state, said:
            case Think(), Weighed():
                weigher = brief(recorded, WEIGH)
                (passage,) = (each for each in state.passages if each.number == said.number)
                return digest_of(weigher.request([asked_of(state.question, passage)], (), given=said.given))
            case Think(), Thought():
                specs = tools_told(state, tools, model, turns)
                spoke = quick if said.route is not None and said.route.fast and quick is not None else model
                given, effortless = said.reply.given, said.reply.effortless
                return digest_of(spoke.request(messages(state, earlier), specs, given=given, effortless=effortless))
            case _:
                return None

    found = replayed(began.run, entries, search.within(began.scope), request_of)
    if (prompt := str(release.get("prompt"))) == PROMPT_HASH or not found.requests:
        return found
    other = Difference(entries[0].number, entries[0].kind, "prompt", prompt, PROMPT_HASH)
    return replace(found, same=False, differences=(other, *found.differences))


def _as_recorded(settings: Settings, release: Mapping[str, Any]) -> Settings:
    """The settings by which requests were made; a key is not needed, for nobody is asked."""
    agent = replace(
        settings.agent,
        model=str(release.get("model", settings.agent.model)),
        strong_model=None,
        fast_model=(release.get("routes") or {}).get("fast"),
        effort=release.get("effort"),
        max_tokens=int(release.get("max_tokens", settings.agent.max_tokens)),
    )
    return replace(settings, agent=agent, api_key=settings.api_key or "none")

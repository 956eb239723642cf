"""What would be asked of a model again, and does a run come to the same?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from agent.governance.personal.keeping import Brought, kept_then
from agent.journal.entry import Entry
from agent.journal.events import Compacted, Planned, TextGone, Thought, Understood, Weighed
from agent.journal.journal import Journal
from agent.journal.replay import Asked, Asking, Difference, Replayed, asked, replayed, requested
from agent.memory import compacting, rewriting
from agent.memory.conversation import remembered
from agent.memory.kept import followed, said_in
from agent.models.choose import brief, choose, fast
from agent.models.model import Message, Model, ToolSpec, digest_of
from agent.models.prompt import COMPACT, PROMPT_HASH, REWRITE, WEIGH, Told
from agent.run.rules import proposing, weighing
from agent.run.steps import messages as all_messages
from agent.run.steps import tools_told
from agent.settings import Settings
from agent.state import Retrieve, State, Think, Understand
from retrieval.search.hybrid import HybridSearch


def replay_of(
    entries: list[Entry], settings: Settings, search: HybridSearch, journal: Journal, brought: Brought
) -> Replayed:
    """Every state and every request of a recorded run, made again: neither the model nor a tool is asked.

    `search` is that of the index version that it asked, or, where that is gone, of another that may hold the same
    texts. Raises `NotKept`.
    """
    began = asked(entries)
    requests_of = partial(_Requests, began, settings, search, journal, brought)
    found = replayed(began.run, entries, search.within(began.scope), requests_of)
    found = replace(found, texts_of=search.version.id)
    prompts = [
        (entry, str(entry.content["release"].get("prompt"))) for entry in entries if entry.content.get("release")
    ]
    others = [
        Difference(entry.number, entry.kind, "prompt", prompt, PROMPT_HASH)
        for entry, prompt in prompts
        if prompt != PROMPT_HASH
    ]
    if not others or not found.requests:
        return found
    return replace(found, same=False, differences=(*others, *found.differences))


class _Requests:
    """The requests of a run by a release, each made again from the state that led to it and what was said then."""

    def __init__(
        self,
        began: Asked,
        settings: Settings,
        search: HybridSearch,
        journal: Journal,
        brought: Brought,
        release: Mapping[str, Any],
    ) -> None:
        self._kept = kept_then(settings.redact, brought, release)
        self._recorded = _as_recorded(settings, release)
        self._model = self._kept.model(choose(self._recorded, search))
        self._fast = self._kept.model(quick) if (quick := fast(self._recorded)) else None
        kept = journal.kept(str(release.get("tools", "")))
        self._tools = tuple(ToolSpec(**each) for each in (json.loads(kept)["tools"] if kept else ()))
        self._turns = int(release.get("max_turns", settings.agent.max_turns))
        before = began.content.get("earlier", ())
        self._earlier = said_in(journal, before)
        told = (entry for entries in followed(journal, before) for entry in entries)
        self._was_taken_from = any(entry.content.get("erased") is True for entry in told)
        self._is_another = search.version.id != began.index_version

    def __call__(self, state: State, said: Asking) -> str | None:
        """The digest of one; None where it was made from what is erased. Raises `TextGone`."""
        if self._model.where is None and self._is_another:  # what it asks itself depends on the version
            raise TextGone("The index version that was asked is gone.")
        found = self._made(state, said)
        return None if found != requested(said) and self._was_taken_from else found

    def _made(self, state: State, said: Asking) -> str:
        model: Model
        messages: Sequence[Message]
        specs: tuple[ToolSpec, ...] = ()
        match state, said:
            case Understand(), Compacted():
                model, messages = self._briefly(COMPACT), [compacting.asked_of(self._earlier)]
            case Understand(question, account), Understood():
                earlier = remembered(self._earlier, account)
                model, messages = self._briefly(REWRITE), [rewriting.asked_of(question, earlier)]
            case Retrieve(question), Planned(held=held):
                model, asked_of = proposing.asked_of(self._kept.planner(brief(self._recorded)), question, held=held)
                messages = [asked_of]
            case Think(question, passages), Weighed(number):
                (passage,) = (each for each in passages if each.number == number)
                model, messages = self._briefly(WEIGH), [weighing.asked_of(question, passage)]
            case Think(), Thought(route=route):
                model = self._fast if route is not None and route.fast and self._fast is not None else self._model
                messages = all_messages(state, self._earlier)
                specs = tools_told(state, self._tools, self._model, self._turns)
            case _:
                return "none"
        if isinstance(said, Thought):
            given, effortless = said.reply.given, said.reply.effortless
        else:
            given, effortless = said.given, False
        return digest_of(model.request(messages, specs, given=given, effortless=effortless))

    def _briefly(self, told: Told) -> Model:
        return self._kept.model(brief(self._recorded, told))


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

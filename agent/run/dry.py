"""What would leave for the model's server if a question were asked? It is made as for a run, and nobody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.journal.fold import fold
from agent.run.deps import Deps, Run
from agent.run.rules.weighing import asked_of
from agent.run.steps import chosen, messages, specs_of, step, to_weigh, tools_told
from agent.state import Retrieve, Think, Token


@dataclass(frozen=True, slots=True)
class Leaving:
    """The first `request` of a run, `to` whom it would go, and why to that `model`, where it is not the only one.

    Without a model nothing leaves: `to` and `request` are None then.
    """

    to: str | None
    model: str
    why: str | None
    request: Mapping[str, Any] | None


async def leaving(run: Run, deps: Deps) -> Leaving:
    """What the first turn of a run would be sent; later ones add what the model said and what its tools found."""
    state: Any = Retrieve(run.question)
    while not isinstance(state, Think):  # a question in parts is planned before it is searched for
        async for event in step(state, run, deps):
            if not isinstance(event, Token):  # no model speaks before there is something to read
                state = fold(state, event)
    if deps.weigher is not None and to_weigh(state, deps):
        weigher = deps.weigher()
        asked = [asked_of(state.question, state.passages[0])]
        why = "it is first to say of each passage how it bears on the question"
        return Leaving(f"{weigher.where}/v1/messages", weigher.name, why, weigher.request(asked, ()))
    specs = tools_told(state, specs_of(deps.tools), deps.model, run.max_turns)
    model, route = chosen(state, specs, deps)
    if model.where is None:
        return Leaving(None, model.name, None, None)
    request = model.request(messages(state), specs)
    return Leaving(f"{model.where}/v1/messages", model.name, route.reason if route else None, request)

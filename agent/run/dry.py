"""What would leave for the model's server if a question were asked? It is made as for a run, and nobody is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.journal.fold import fold
from agent.memory import compacting, rewriting
from agent.memory.conversation import remembered
from agent.models.model import Model
from agent.run.deps import Deps, Run
from agent.run.rules import proposing, weighing
from agent.run.rules.planning import reading
from agent.run.steps import chosen, messages, specs_of, step, to_compact, to_weigh, tools_told
from agent.state import Retrieve, Think, Token, Understand


@dataclass(frozen=True, slots=True)
class Leaving:
    """The first `request` of a run, `to` whom it would go, and `why` this one to that `model`, if there is a reason.

    Without a model nothing leaves: `to` and `request` are None then. `understood` is what a follow-up is taken to ask,
    where no model is asked that.
    """

    to: str | None
    model: str
    why: str | None
    request: Mapping[str, Any] | None
    understood: str | None = None


async def leaving(run: Run, deps: Deps) -> Leaving:
    """What the first turn of a run would be sent; later ones add what the model said and what its tools found."""
    state: Any = Understand(run.question) if run.earlier else Retrieve(run.question)
    if run.earlier and deps.rewriter is not None:
        return _aside(state, run, deps)
    if deps.planner is not None and (plan := reading(run.question)) and plan.parts:
        planner, about = proposing.asked_of(deps.planner(), run.question, held=False)
        why = "it is first to say by which questions this one, in several parts, is searched for"
        return Leaving(_address(planner), planner.name, why, planner.request([about], ()))
    while not isinstance(state, Think):  # a question in parts is planned before it is searched for
        async for event in step(state, run, deps):
            if not isinstance(event, Token):  # no model speaks before there is something to read
                state = fold(state, event)
    if deps.weigher is not None and to_weigh(state, deps):
        weigher = deps.weigher()
        asked = [weighing.asked_of(state.question, state.passages[0])]
        why = "it is first to say of each passage how it bears on the question"
        return Leaving(_address(weigher), weigher.name, why, weigher.request(asked, ()))
    specs = tools_told(state, specs_of(deps.tools), deps.model, run.max_turns)
    model, route = chosen(state, specs, deps)
    understood = state.question if state.question != run.question else None
    if model.where is None:
        return Leaving(None, model.name, None, None, understood)
    request = model.request(messages(state, run.earlier), specs)
    return Leaving(_address(model), model.name, route.reason if route else None, request, understood)


def _aside(state: Understand, run: Run, deps: Deps) -> Leaving:
    """What a model is asked of a follow-up before anything is searched for."""
    if to_compact(state, run, deps) and deps.compactor is not None:
        model, asked = deps.compactor(), compacting.asked_of(run.earlier)
        why = "the history is longer than is shown of it, so that an account of it is made first"
    else:
        assert deps.rewriter is not None  # for whoever calls it
        model, asked = deps.rewriter(), rewriting.asked_of(run.question, remembered(run.earlier))
        why = "the follow-up is first made a question of its own, which is then searched for"
    return Leaving(_address(model), model.name, why, model.request([asked], ()))


def _address(model: Model) -> str:
    return f"{model.where}/v1/messages"

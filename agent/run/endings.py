"""How does a run end, and how is it said why there is no answer?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile
from typing import Final

from agent.evidence.citations import CheckedAnswer, nearest
from agent.journal.entry import Entry
from agent.models.model import Model
from agent.run.deps import Deps, Run
from agent.run.rules.inert import inert, of_an_answer
from agent.run.rules.planning import still_open, with_missing
from agent.run.rules.repeating import MOST
from agent.run.rules.withholding import held_back
from agent.state import (
    Abstained,
    Act,
    Answered,
    Check,
    Failed,
    Observation,
    Segment,
    State,
    Think,
    evidence_of,
    served,
    used,
)

TAKEN_UP: Final = 3  # times that a run is taken up and nothing comes of it
UNCITED = (
    "The model named no place in the documents that bears out an answer, so what it said is not shown: look at the "
    "nearest passages, or ask in other words."
)


def answered(state: Check, found: CheckedAnswer, run: Run, deps: Deps, *, cut: bool) -> Answered | Abstained:
    """What the sources bear out, and what of the question was not found; as text that does no more than be read.

    One that says what never leaves is none.
    """
    missing = still_open(state.think, found.citations)
    said = found.marked if cut else with_missing(found.marked, missing, state.think.question)
    quotes = [each.quote for each in found.citations]
    shown_too = "\n".join((said, *found.unverified))
    why = held_back("\n".join((shown_too, *quotes)), quotes, deps.secrets)
    if not why and "key" in deps.personal(shown_too) and "key" not in deps.personal("\n".join(quotes)):
        why = "it holds a key that stands in nothing that it cites"
    if why:
        reason = f"The answer is withheld, since {why}: see what it had read with citewell runs show {run.id}."
        return Abstained(reason, usage=used(state), withheld=_withheld(state.think), model=served(state))
    shown = inert(said, of_an_answer(state, found.citations, run, deps))
    return Answered(
        shown.text,
        found.citations,
        usage=used(state),
        withheld=_withheld(state.think),
        unverified=tuple(inert(each).text for each in found.unverified),
        cut=cut,
        model=served(state),
        left_out=state.think.left_out,
        open=tuple(part.about for part in missing),
        inactive=shown.was,
    )


def given_up(state: State, entries: Sequence[Entry]) -> Failed | None:
    """A run that ends each process which goes on with it, as a tool may, ends itself; None while it may not be that."""
    in_vain = len([*takewhile(lambda entry: entry.kind == "resumed", reversed(entries))])
    if in_vain < TAKEN_UP:
        return None
    said = f"The run was taken up {in_vain} times, and each time its process was gone before anything came of it"
    advice = "see the log of that process, then ask again"
    if isinstance(state, Act):
        tools = " or ".join(sorted({call.name for call in state.reply.calls[len(state.observations) :]}))
        said = f"{said}, while {tools} ran"
        advice = f"let {tools} run in a process of its own (apart = True), or uninstall it, then ask again"
    return Failed("process_ended", f"{said}: {advice}.", used(state), model=served(state))


def failed(state: Think | Act | Check, code: str, said: str, model: str | None = None) -> Failed:
    """Something broke, but what had been found by then is shown."""
    think = state if isinstance(state, Think) else state.think
    near = nearest(evidence_of(state), think.question)
    spoke = model or served(state)
    return Failed(code, said, usage=used(state), nearest=near, model=spoke, left_out=think.left_out)


def too_many_turns(state: Think | Check, run: Run) -> Failed:
    """The model did not come to an answer."""
    times = f"{run.max_turns} time{'s' * (run.max_turns != 1)}"
    said = f"The model spoke {times}, as often as it may, and gave no answer; raise [agent] max_turns or ask for less."
    return failed(state, "too_many_turns", said)


def over_budget(state: Think | Act, run: Run, deps: Deps) -> Failed | None:
    """The run has used what it may, so that the model does not speak again; None where something is left."""
    spent = used(state)
    if run.budget_tokens is not None and spent.total >= run.budget_tokens:
        said = f"The run used {spent.total:,} tokens of the {run.budget_tokens:,} that it may, and has no answer"
        return failed(state, "budget_tokens", f"{said}; raise [agent] budget_tokens or ask for less.")
    if run.budget_cost is None:
        return None
    cost = deps.cost(spent)
    if cost is None:
        said = "A budget of cost is set, and what the model costs is not known"
        return failed(state, "budget_cost", f"{said}; set [agent] price_input and price_output.")
    if cost >= run.budget_cost:
        said = f"The run cost {cost:g} of the {run.budget_cost:g} that it may, and has no answer"
        return failed(state, "budget_cost", f"{said}; raise [agent] budget_cost or ask for less.")
    return None


def going_round(state: Act, made: Observation) -> Failed:
    """The model makes the same call over and over."""
    said = (
        f"The model called {made.call.name} {MOST} times with the same arguments and got the same each time, so the "
        "run was ended: ask for less at once, or choose another model."
    )
    return Failed("loop", said, used(state), nearest(evidence_of(state), state.think.question), served(state))


def unanswered(state: Check, run: Run, model: Model) -> Failed | None:
    """Why a last reply is no answer that could be checked; None where it is one."""
    match state.reply.stop:
        case "calls" if not any(segment.quotes for segment in state.reply.segments):
            return too_many_turns(state, run)
        case "unmade":
            said = (
                f"The model {model.name} wrote a call of a tool as text, and it cannot be understood; switch "
                "tools on in its server (llama.cpp: --jinja; vLLM: --enable-auto-tool-choice), or choose another model."
            )
            return failed(state, "call_as_text", said)
        case "refusal":
            said = f"The model {model.name} refused to answer; ask in other words."
            return failed(state, "model_refused", said)
        case _:
            return None


def abstained(state: Check, said: tuple[Segment, ...], found: CheckedAnswer, model: Model) -> Abstained:
    """Nothing of what was said is borne out."""
    evidence, noise = evidence_of(state), _withheld(state.think)
    near, words = nearest(evidence, state.think.question), "".join(segment.text for segment in said).strip()
    if any(segment.quotes for segment in said):
        reason = _unsupported_because(found, quoting=not model.uses_tools)
    elif not evidence:
        reason, words = "Nothing in the documents matches the question.", ""
        if noise:
            reason = f"Nothing that was found is likely to answer the question; {noise} passages were left out."
    elif not model.uses_tools:  # it only quotes, and says nothing of its own
        reason, words = words, ""
    else:
        reason = UNCITED
    return Abstained(
        reason,
        near,
        usage=used(state),
        withheld=noise,
        said=words,
        model=served(state),
        left_out=state.think.left_out,
    )


def _unsupported_because(found: CheckedAnswer, *, quoting: bool) -> str:
    """Why an answer that cites something is none; one that is quoted was not said by a model."""
    if quoting and (found.citations or not found.dropped):
        return "What comes nearest says nothing by itself, so there is no answer; see the nearest passages."
    if not found.has_words:
        return "The model gave marks of citations and no words, so there is no answer; ask again in other words."
    if not found.citations and found.dropped:
        return "No citation of the answer was found in the documents, so it is not shown."
    if found.unverified:
        return "What the answer cites does not bear it out, so it is not shown; see the nearest passages."
    return "The model cited passages and stated nothing that they say; see the nearest passages."


def _withheld(think: Think) -> int:
    """How many passages the model was not shown, as noise."""
    return think.withheld + sum(each.withheld for turn in think.turns for each in turn.observations)

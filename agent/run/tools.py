"""What becomes of a tool call? It is refused, declined or run; in each case the model is told, and the journal."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from dataclasses import replace
from functools import partial

from agent.evidence.passages import observed, sifted
from agent.governance.charter import refusal, waits
from agent.journal.events import Acted, Acting, Handover, Outcome, Parked, noise
from agent.models.prompt import ALL_WITHHELD
from agent.run.deps import Deps, Run
from agent.state import Act, Observation, ToolCall
from plugins.tool import Ended, TimedOut, Tool, ToolContext, ToolResult, call, checked, key_of
from retrieval.model import Hit

_CUT_OFF = (TimedOut.code, Ended.code)  # what was begun may have been done

log = logging.getLogger(__name__)


async def observe(
    wanted: ToolCall, run: Run, deps: Deps, *, approved: str | None = None
) -> AsyncGenerator[Acting | Acted | Parked | Handover]:
    """What the model is told of its call; or that it waits for a person, unless it is the one that was `approved`.

    A tool with a side effect runs when `Acting` was taken: if all ends there, it may have taken effect. When the run is
    over no plugin's code is waited for any longer.
    """
    tool = _tool(wanted, deps)
    if tool is None:
        known = ", ".join(tool.name for tool in deps.tools) or "none"
        yield _not_run(wanted, None, "unknown", f"There is no tool {wanted.name!r}; use one of: {known}.")
        return
    if wanted.written and tool.effect != "read":  # the words may be another's, which it only repeats
        said = f"{tool.name} was not run: its call was written as text, and so only tools that read are run."
        log.warning("%s", said)
        yield _not_run(wanted, tool, "refused", said)
        return
    authorization, key = deps.charter.authorize(tool), key_of(run.id, tool.name, wanted.arguments)
    if authorization == "ask" and key != approved:
        if deps.ask is None:
            yield Parked(wanted, tool.effect, key, waits(tool, run.id))
            return
        if not await deps.ask(tool, wanted.arguments):
            yield _not_run(wanted, tool, "declined", f"{tool.name} was not run: the user said no.")
            return
    elif authorization == "deny":
        refused = refusal(tool)
        log.warning("%s", refused)  # the model is told, and so must the person be who could allow it
        yield _not_run(wanted, tool, "refused", refused)
        return
    vetoed = await deps.observers.before_tool_call(tool.name, wanted.arguments, run.id, seconds=run.left)
    if vetoed:
        said = f"{tool.name} was not run: {vetoed}."
        log.warning("%s", said)
        yield _not_run(wanted, tool, "refused", said)
        return
    if tool.effect != "read":
        yield Acting(wanted, tool.effect)
    acted = await _run(tool, wanted, run, deps)
    if tool.effect != "read" and not tool.idempotent and acted.attempts and acted.code in _CUT_OFF:
        yield _unknown(wanted, run, acted.observation.text)
    else:
        yield acted


def outcome_unknown(state: Act, run: Run, deps: Deps) -> Handover | None:
    """A person is to say what became of a call that was begun and cut off; None where it may be run again."""
    wanted = state.next_call
    tool = _tool(wanted, deps)
    if tool is not None and tool.idempotent:
        return None
    return _unknown(wanted, run, f"The run was cut off while {state.begun} ran.")


def _unknown(wanted: ToolCall, run: Run, why: str) -> Handover:
    said = (
        f"{why} Whether it took effect is not known. Look, then type: citewell runs approve {run.id} (it did not "
        f"happen, run it again) or citewell runs deny {run.id} (it happened, or shall not: go on without it)."
    )
    return Handover("outcome_unknown", said, wanted, key_of(run.id, wanted.name, wanted.arguments))


def handed_over(event: Acted) -> str | None:
    """Why a person is to go on, where a tool says that one is: with `hand_over` in its data."""
    reason = (event.observation.data or {}).get("hand_over")
    return reason if isinstance(reason, str) and not event.observation.error else None


def only_reads(wanted: ToolCall, deps: Deps) -> bool:
    """Whether a call may run beside others, and again."""
    tool = _tool(wanted, deps)
    return tool is None or tool.effect == "read"


def _tool(wanted: ToolCall, deps: Deps) -> Tool | None:
    return next((tool for tool in deps.tools if tool.name == wanted.name), None)


def _not_run(wanted: ToolCall, tool: Tool | None, why: Outcome, said: str) -> Acted:
    return Acted(Observation(wanted, said, error=True), tool.effect if tool else None, why)


async def _run(tool: Tool, wanted: ToolCall, run: Run, deps: Deps) -> Acted:
    """What came of the call, without what is withheld from the model."""
    context = ToolContext(deps.search, run.scope, run.id, deps.texts)
    called = await call(tool, wanted.arguments, context, seconds=run.left, breakers=deps.breakers)
    outcome = await deps.observers.after_tool_call(
        tool.name,
        wanted.arguments,
        called.outcome,
        run.id,
        check=partial(checked, context=context),
        seconds=run.left,
    )
    withheld: Sequence[Hit] = ()
    if isinstance(outcome, ToolResult):
        shown, withheld = sifted(outcome.hits, deps.withhold)
        found = observed(replace(outcome, hits=tuple(shown)), tool.name, call=wanted.id)
        notes = [outcome.note, ALL_WITHHELD if withheld and not shown else ""]
        note = "\n".join(filter(None, notes))
        told, data = outcome.text or note, outcome.data
        observation = Observation(wanted, told, found, withheld=len(withheld), note=note, data=data)
    else:
        observation = Observation(wanted, str(outcome), error=True)
    code = None if isinstance(outcome, ToolResult) else outcome.code
    return Acted(observation, tool.effect, "ran", noise(withheld), called.attempts, round(called.seconds, 3), code)

"""What becomes of a tool call? It is refused, declined or run; in each case the model is told, and the journal."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

from agent.evidence.passages import observed, sifted
from agent.governance.approvals import asking, expiry, is_over, too_many
from agent.governance.authorizing import Judgement, judge, needs_arguments, refusal, waits
from agent.governance.reading import BadCharter
from agent.governance.rules import Facts, fired
from agent.journal.events import Acted, Acting, Handover, Outcome, Parked, noise
from agent.journal.tallies import Claim
from agent.models.prompt import ALL_WITHHELD
from agent.run.deps import Deps, Run, as_of_now
from agent.run.rules.deciding import digest_of, judged_by, version_of
from agent.run.rules.escalating import by_rules
from agent.run.rules.tainting import OURS, bars, taint
from agent.state import Act, Observation, Origin, ToolCall
from plugins.bounded import Overdue, Raised, aside, bounded
from plugins.tool import Ended, TimedOut, Tool, ToolContext, ToolError, ToolFailed, ToolResult, call, checked, key_of
from retrieval.model import Hit

_UNKNOWN = (TimedOut.code, Ended.code, ToolFailed.code)  # what was begun may have been done

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that may run: what it takes of what is bounded, its key, and where its values come from, where its
    arguments were looked at.
    """

    claims: tuple[Claim, ...] = ()
    key: str = ""
    origins: tuple[Origin, ...] = ()


async def observe(
    wanted: ToolCall, state: Act, run: Run, deps: Deps, *, approved: str | None = None
) -> AsyncGenerator[Acting | Acted | Parked | Handover]:
    """What the model is told of its call; or that it waits for a person, unless it is the one that was `approved`.

    A tool with a side effect runs when `Acting` was taken: if all ends there, it may have taken effect. When the run is
    over no plugin's code is waited for any longer.
    """
    tool = _tool(wanted, deps)
    try:
        deps = await aside(as_of_now, deps)
    except BadCharter as fault:  # what cannot be read allows nothing
        yield _refused(wanted, tool, f"{wanted.name} was not run: {fault}")
        return
    if tool is None:
        yield _unknown_tool(wanted, run, deps)
        return
    admitted = await _admitted(tool, wanted, state, run, deps, approved)
    if not isinstance(admitted, Admitted):
        yield admitted
        return
    if tool.effect != "read" or needs_arguments(deps.charters, tool, run.principal):
        yield Acting(wanted, tool.effect, admitted.claims, admitted.key, admitted.origins)
    acted = await _run(tool, wanted, run, deps, admitted.key)
    if tool.effect != "read" and not tool.idempotent and acted.attempts and acted.code in _UNKNOWN:
        yield _unknown(wanted, run, acted.observation.text)
    else:
        yield acted


async def _admitted(
    tool: Tool, wanted: ToolCall, state: Act, run: Run, deps: Deps, approved: str | None
) -> Acted | Parked | Handover | Admitted:
    """What a call takes of what is bounded, if it may run; else what the model is told, or that a person is asked."""
    if wanted.written and tool.effect != "read":  # the words may be another's, which it only repeats
        return _refused(
            wanted, tool, f"{tool.name} was not run: its call was written as text, and so only tools that read are run."
        )
    claims: tuple[Claim, ...] = ()
    origins: tuple[Origin, ...] = ()
    key = ""
    if not runs_alone(tool, state, run, deps):
        try:
            given = await _filled(tool, wanted, run)
        except ToolError as fault:
            return Acted(Observation(wanted, str(fault), error=True), tool.effect, "ran", code=fault.code)
        # One that was begun before it was cut off took then what it takes; only what is denied by now keeps it back
        is_begun = state.begun is not None and wanted == state.next_call
        judged = (
            judge(deps.charters, tool, given, run.principal)
            if is_begun
            else await aside(judged_by, tool, given, run, deps)
        )
        if judged.rule == "deny":
            return _refused(wanted, tool, refusal(tool, run.principal, judged))
        if found := fired(deps.charters, Facts(tool=tool.name, arguments=given)):
            told = await aside(taint, tool, given, state, run, deps)
            return by_rules(found, call=wanted, origins=told.origins)
        if is_begun:  # by an earlier Citewell the key was of the arguments as they were written
            return Admitted(key=state.key or key_of(run.id, tool.name, wanted.arguments))
        key = key_of(run.id, tool.name, given)
        claims, tainted = judged.claims, await aside(taint, tool, given, state, run, deps)
        origins = tainted.origins
        if tainted.reasons:  # whatever the charter said, a person would be asked
            reasons = tainted.reasons if judged.rule == "allow" else judged.reasons
            judged = replace(judged, rule="approve", reasons=reasons, remedy="")
        if judged.rule == "approve":
            if approved and is_over(state.expires):  # who goes on with the run may come long after the word
                late = f"{tool.name} was not run: it was allowed until {state.expires}, which is over."
                return _not_run(wanted, tool, "declined", late)
            if halted := await _unapproved(tool, wanted, given, judged, origins, state, run, deps, approved):
                return halted
            claims = judged.lifted  # a person took it upon themselves
    if vetoed := await deps.observers.before_tool_call(tool.name, wanted.arguments, run.id, seconds=run.left):
        return _refused(wanted, tool, f"{tool.name} was not run: {vetoed}.")
    return Admitted(claims, key, origins)


async def _unapproved(
    tool: Tool,
    wanted: ToolCall,
    given: Mapping[str, Any],
    judged: Judgement,
    found: tuple[Origin, ...],
    state: Act,
    run: Run,
    deps: Deps,
    approved: str | None,
) -> Acted | Parked | Handover | None:
    """What becomes of a call that needs a person's word; None where it has it."""
    pending = digest_of(tool, given, state, wanted, run, deps)
    # By this one person says of a call that was begun that it did not happen; where more have to agree, they do anew
    again = key_of(run.id, tool.name, wanted.arguments) if judged.approvers == 1 else pending
    if approved in (pending, again):
        return None
    if deps.ask is not None and judged.approvers == 1 and all(each.approvals.own for each in deps.charters):
        with run.clock.stopped():
            says_yes = await deps.ask(tool, given)
        if not says_yes:
            return _not_run(wanted, tool, "declined", f"{tool.name} was not run: the user said no.")
        try:  # they may have thought for long: what holds by now is what the word is on
            after = await aside(as_of_now, deps)
        except BadCharter as fault:
            return _refused(wanted, tool, f"{tool.name} was not run: {fault}")
        if after.charters == deps.charters:
            return None
        deps, reasons, judged = after, judged.reasons, await aside(judged_by, tool, given, run, after)
        if judged.rule == "deny":
            return _refused(wanted, tool, refusal(tool, run.principal, judged))
        if rules := fired(deps.charters, Facts(tool=tool.name, arguments=given)):
            return by_rules(rules, call=wanted, origins=found)
        if judged.approvers == 1 and all(each.approvals.own for each in deps.charters):
            return None
        pending = digest_of(tool, given, state, wanted, run, deps)
        judged = replace(judged, reasons=judged.reasons if judged.rule == "approve" else reasons)
    claims = asking(deps.charters, run.principal or run.account)
    if why := too_many(claims, await aside(deps.had, run.id, claims)):
        said = f"{tool.name} needs a person's approval ({'; '.join(judged.reasons)}), and {why}: look at the whole run."
        return Handover("approvals", said, wanted, origins=found)
    return Parked(
        wanted,
        tool.effect,
        pending,
        waits(tool, run.id, judged),
        given,
        judged.reasons,
        judged.approvers,
        expiry(deps.charters, datetime.now(UTC)),
        found,
        tool.plugin,
        version_of(tool, run),
        claims,
    )


def _unknown_tool(wanted: ToolCall, run: Run, deps: Deps) -> Acted:
    """What the model is told of a tool that there is not, or not for it."""
    barred = next((each for each in deps.barred if each.name == wanted.name), None)
    if barred is not None:
        return _refused(wanted, barred, refusal(barred, run.principal, judge(deps.charters, barred, {}, run.principal)))
    known = ", ".join(tool.name for tool in deps.tools) or "none"
    return _not_run(wanted, None, "unknown", f"There is no tool {wanted.name!r}; use one of: {known}.")


def outcome_unknown(state: Act, run: Run, deps: Deps) -> Handover | None:
    """A person is to say what became of a call that was begun and cut off; None where it may be run again."""
    wanted = state.next_call
    tool = _tool(wanted, deps)
    if tool is not None and (tool.idempotent or tool.effect == "read"):
        return None
    return _unknown(wanted, run, f"The run was cut off while {state.begun} ran.")


def _unknown(wanted: ToolCall, run: Run, why: str) -> Handover:
    said = (
        f"{why} Whether it took effect is not known. Look, then type: citewell runs approve {run.id} (it did not "
        f"happen, run it again) or citewell runs deny {run.id} (it happened, or shall not: go on without it)."
    )
    return Handover("outcome_unknown", said, wanted, key_of(run.id, wanted.name, wanted.arguments))


def handed_over(event: Acted, deps: Deps) -> str | None:
    """Why a person is to go on, where a tool says that one is: with `hand_over` in its data. What another server says
    is a result like any other, and no word of who runs this one.
    """
    tool = _tool(event.observation.call, deps)
    reason = (event.observation.data or {}).get("hand_over")
    if tool is None or tool.is_remote or not isinstance(reason, str) or event.observation.error:
        return None
    who = f"The model asked for a person, by {tool.name}" if tool.plugin == OURS else f"{tool.name} asked for a person"
    return f"{who}: {reason}"


def runs_alone(tool: Tool, state: Act, run: Run, deps: Deps) -> bool:
    """Whether a tool reads, and its charters let it do so whatever it is given; not where that may be told elsewhere
    by order of what was read.
    """
    if bars(tool, state, run, deps):
        return False
    if tool.effect != "read" or needs_arguments(deps.charters, tool, run.principal):
        return False
    return judge(deps.charters, tool, {}, run.principal).rule == "allow"


def together(wanted: ToolCall, state: Act, run: Run, deps: Deps) -> bool:
    """Whether a call may run beside others, and again."""
    tool = _tool(wanted, deps)
    return tool is None or runs_alone(tool, state, run, deps)


async def _filled(tool: Tool, wanted: ToolCall, run: Run) -> dict[str, Any]:
    """What the tool will be given, with its defaults; validators are a plugin's, and are not waited for for long."""
    try:
        filled: dict[str, Any] = await bounded(
            partial(tool.arguments.filled, wanted.arguments), seconds=min(tool.timeout, run.left)
        )
    except Overdue:
        raise ToolError(f"{tool.name} was not run: its arguments were not checked in time. Go on without it.") from None
    except Raised as raised:
        if isinstance(raised.fault, ToolError):
            raise raised.fault from None
        raise ToolError(f"{tool.name} was not run: checking its arguments failed. Go on without it.") from raised.fault
    return filled


def _tool(wanted: ToolCall, deps: Deps) -> Tool | None:
    return next((tool for tool in deps.tools if tool.name == wanted.name), None)


def _refused(wanted: ToolCall, tool: Tool | None, said: str) -> Acted:
    log.warning("%s", said)  # the model is told, and so must the person be who could allow it
    return _not_run(wanted, tool, "refused", said)


def _not_run(wanted: ToolCall, tool: Tool | None, why: Outcome, said: str) -> Acted:
    return Acted(Observation(wanted, said, error=True), tool.effect if tool else None, why)


async def _run(tool: Tool, wanted: ToolCall, run: Run, deps: Deps, key: str) -> Acted:
    """What came of the call, without what is withheld from the model."""
    context = ToolContext(deps.search, run.scope, run.id, deps.texts, key)
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
    replaced = outcome is not called.outcome
    observation = replace(observation, began=called.attempts > 0, replaced=replaced)
    code = None if isinstance(outcome, ToolResult) else outcome.code
    return Acted(observation, tool.effect, "ran", noise(withheld), called.attempts, round(called.seconds, 3), code)

"""What becomes of a person's word on a call that waits for it?"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Final

from agent.governance.approvals import check_approver, check_may_call, is_over, shown
from agent.governance.authorizing import Judgement, judge, refusal
from agent.governance.rules import Facts, fired
from agent.journal.events import Decided, Endorsed, Verdict
from agent.run.deps import Deps, Run
from agent.state import Act, AwaitingApproval, Halted, ToolCall
from ingest.errors import CitewellError
from plugins.tool import Tool, ToolError

NOBODY: Final = ""  # the account under which what is due is done, without anybody's word


class NotWaiting(CitewellError):
    """A run that was to go on is over, or waits for something else."""

    code: ClassVar[str] = "not_waiting"
    http_status: ClassVar[int] = 409


class BadEdit(CitewellError):
    """A call cannot run with the arguments that a person gave it instead."""

    code: ClassVar[str] = "bad_edit"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Word:
    """What a person says of a call: the name that they give, the account they act as, and why.

    Who approves may have `edited` its arguments: those that are named are put in place of its own. `shown` is the
    digest of the call that they were shown, where that is known: it is of no other.
    """

    verdict: Verdict
    by: str
    account: str
    comment: str = ""
    edited: Mapping[str, Any] | None = None
    shown: str | None = None


def decision(state: Halted, word: Word, run: Run, deps: Deps) -> Decided | Endorsed:
    """The event that a word comes to; who approves too late has denied. Raises `NotWaiting`, `NotTheirs`, `BadEdit`."""
    if state.pending is None:
        raise NotWaiting(f"The run {run.id} waits for nobody's word: see citewell runs show {run.id}.")
    if word.shown not in (None, state.pending):
        raise NotWaiting(
            f"The run {run.id} waits for a word on another call than the one that was shown: see what it is with "
            f"citewell runs show {run.id}."
        )
    decided = Decided(state.pending, word.verdict, word.by, word.account, word.comment, run.release)
    if word.verdict == "deny":
        return decided
    asked = (run.principal, run.account)
    if not isinstance(state, AwaitingApproval):
        check_approver(deps.charters, asked, word.by, ())
        _check_call(state, word, run, deps)
        if word.edited is not None:
            raise BadEdit(f"The call of {run.id} was begun with its own arguments: approve or deny it as it is.")
        return decided
    if is_over(state.expires):
        late = f"It was allowed too late, after {state.expires}. {word.comment}".strip()
        return replace(decided, verdict="deny", comment=late)
    check_approver(deps.charters, asked, word.by, state.endorsed)
    if word.edited is not None:
        return _edited(state, word, run, deps, decided)
    _check_call(state, word, run, deps)
    if len(state.endorsed) + 1 < state.needed:
        return Endorsed(state.pending, word.by, word.account, word.comment)
    return decided


def version_of(tool: Tool, run: Run) -> str:
    """The version of the plugin that brought a tool, by the run's release."""
    return str(run.release.get("plugins", {}).get(tool.plugin))


def digest_of(tool: Tool, given: Mapping[str, Any], state: Act, call: ToolCall, run: Run, deps: Deps) -> str:
    """The digest of a call as a person is shown it; at another place of its run one like it is another."""
    place = f"{run.id} {len(state.think.turns)} {len(state.observations)} {call.id}"
    return shown(tool, version_of(tool, run), given, run.principal, deps.charters, place)


def judged_by(tool: Tool, given: Mapping[str, Any], run: Run, deps: Deps) -> Judgement:
    """What the charters say of a call, what was had before in view; it reads the journal where something is bounded."""
    first = judge(deps.charters, tool, given, run.principal)
    if not first.claims:
        return first
    before = deps.had(run.id, first.claims)
    return judge(deps.charters, tool, given, run.principal, before.__getitem__)


def _check_call(state: Halted, word: Word, run: Run, deps: Deps) -> None:
    """Raises `NotTheirs` where who allows a call may not make it. One that cannot be made is refused when it comes."""
    tool = next((each for each in deps.tools if state.call and each.name == state.call.name), None)
    if tool is not None and state.call is not None:
        with suppress(ToolError):
            check_may_call(deps.charters, tool, tool.arguments.filled(state.call.arguments), run.principal, word.by)


def _edited(state: AwaitingApproval, word: Word, run: Run, deps: Deps, decided: Decided) -> Decided:
    """The call as it now is, judged anew: limits hold for what a person writes, and so does how many have to agree."""
    tool = next((each for each in deps.tools if each.name == state.call.name), None)
    if tool is None:
        raise BadEdit(f"There is no tool {state.call.name} any more: type citewell runs deny {run.id}.")
    arguments = {**state.call.arguments, **(word.edited or {})}
    try:
        filled = tool.arguments.filled(arguments)
    except ToolError as fault:
        raise BadEdit(f"{tool.name} does not take that: {fault}") from None
    judged = judged_by(tool, filled, run, deps)
    if judged.rule == "deny":
        raise BadEdit(refusal(tool, run.principal, judged))
    check_may_call(deps.charters, tool, filled, run.principal, word.by)
    if judged.approvers > 1:
        raise BadEdit(f"A call of {tool.name} needs {judged.approvers} people, who have to be shown the same: deny it.")
    if found := fired(deps.charters, Facts(tool=tool.name, arguments=filled)):
        raise BadEdit(f"By the rule {found[0].rule} a person has to go on with that ({found[0].why}): deny it.")
    allowed = digest_of(tool, filled, state.before, state.call, run, deps)
    return replace(decided, edited=arguments, allowed=allowed)

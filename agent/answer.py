"""What is an asker told of a run? Its end, and what is to be known beside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from agent.state import (
    Abstained,
    Answered,
    AwaitingApproval,
    Citation,
    Context,
    End,
    Escalated,
    Failed,
    Near,
    Over,
    Recollection,
    Status,
    Usage,
    served,
    think_of,
    used,
)

_STATUS: Mapping[type[End], Status] = {
    Answered: "answered",
    Abstained: "abstained",
    AwaitingApproval: "awaiting_approval",
    Escalated: "escalated",
    Failed: "failed",
}


@dataclass(frozen=True, slots=True)
class Unread:
    """A document that may answer and could not be read, and why."""

    document: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Source(Citation):
    """A citation as it is told: with what stands around the quote."""

    context: Context


@dataclass(frozen=True, slots=True, kw_only=True)
class NearSource(Near):
    """What came near a question, as it is told: with what stands around it."""

    context: Context


@dataclass(frozen=True, slots=True)
class Answer:
    """What `citewell ask --json` prints: one run's outcome.

    `model` is as its server names it, else as it was asked; `run` names the run in the journal, None: not recorded.
    `understood` is what a follow-up was taken to ask in its `conversation`, where that is not what was typed; `open`
    are the parts of it for which nothing is cited. `inactive` names the kind of each thing in the answer that would
    have done more than be read, `remembered` is what was told of who asked. Of an abstention `unread` names what was
    not read and may answer, `unread_total` counts all that was not.
    """

    run: str | None
    status: Status
    answer: str
    citations: tuple[Source, ...]
    tested: str | None
    index_version: str
    model: str
    usage: Usage
    cost: float | None = None
    escalation: str | None = None
    reason: str | None = None
    nearest: tuple[NearSource, ...] = ()
    withheld: int = 0
    unverified: tuple[str, ...] = ()
    cut: bool = False
    model_asked: str = ""
    left_out: int = 0
    unread: tuple[Unread, ...] = ()
    unread_total: int = 0
    conversation: str | None = None
    understood: str | None = None
    open: tuple[str, ...] = ()
    inactive: tuple[str, ...] = ()
    remembered: tuple[Recollection, ...] = ()


def answer(
    run: str | None,
    end: End,
    *,
    tested: str | None,
    index_version: str,
    model: str,
    cost: float | None,
    near: tuple[Near, ...] = (),
    unread: tuple[tuple[Unread, ...], int] = ((), 0),
    around: Callable[[Citation], Context],
    conversation: str | None = None,
    understood: str | None = None,
    remembered: tuple[Recollection, ...] = (),
) -> Answer:
    """A run's end as it is told; `model` is the one that was asked, `around` finds what stands around a quote.

    `near` came close, where a run was halted before it had an answer.
    """
    return Answer(
        run=run,
        status=_STATUS[type(end)],
        answer=end.answer if isinstance(end, Answered) else "",
        citations=tuple(Source(**_values(each), context=around(each)) for each in _cited(end)),
        tested=tested,
        index_version=index_version,
        model=(end.model if isinstance(end, Over) else served(end)) or model,
        usage=used(end),
        cost=cost,
        escalation=end.rule if isinstance(end, Escalated) else None,
        reason=None if isinstance(end, Answered) else end.reason,
        nearest=tuple(NearSource(**_values(each), context=around(each)) for each in near or _near(end)),
        withheld=end.withheld if isinstance(end, Answered | Abstained) else 0,
        unverified=end.unverified if isinstance(end, Answered) else (),
        cut=isinstance(end, Answered) and end.cut,
        model_asked=model,
        left_out=_left_out(end),
        unread=unread[0],
        unread_total=unread[1],
        conversation=conversation,
        open=end.open if isinstance(end, Answered) else (),
        understood=understood,
        inactive=tuple(each.kind for each in end.inactive) if isinstance(end, Answered) else (),
        remembered=remembered,
    )


def _left_out(end: End) -> int:
    if isinstance(end, Over):
        return end.left_out
    think = think_of(end)
    return think.left_out if think else 0


def _cited(end: End) -> tuple[Citation, ...]:
    return end.citations if isinstance(end, Answered) else ()


def _near(end: End) -> tuple[Near, ...]:
    return end.nearest if isinstance(end, Abstained | Failed) else ()


def _values(citation: Citation) -> dict[str, Any]:
    return {field.name: getattr(citation, field.name) for field in fields(citation)}

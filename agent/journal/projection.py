"""What has become of a run, by its events so far? A row that is made from them again at any time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from agent.journal.chain import Link

# What ends a run, or halts it until a person decides, and how it is called then
ENDS: Final[Mapping[str, str]] = {
    "answered": "answered",
    "abstained": "abstained",
    "failed": "failed",
    "handover": "escalated",
    "parked": "awaiting_approval",
    "erased": "erased",
    "signed": "signed",
    "remembered": "remembered",
    "resolved": "answered",
}
_GOES_ON: Final = ("decided",)  # after such an end


@dataclass(frozen=True, slots=True)
class Row:
    """A run as the table `runs` has it, but for who drives it."""

    run: str
    first: int
    number: int
    hash: str
    status: str
    started: str
    ended: int | None = None
    principal: str | None = None
    conversation: str | None = None
    index_version: str | None = None
    cost: float | None = None
    pending: str | None = None


def projected(row: Row | None, event: Link, content: Mapping[str, Any], position: int) -> Row:
    """The row after an event at a position; None before the first."""
    if row is None:
        release = content.get("release")
        version = release.get("index_version") if isinstance(release, Mapping) else None
        row = Row(
            *(event.run, position, 0, "", "running", event.at),
            principal=_text(content.get("principal")),
            conversation=_text(content.get("conversation")),
            index_version=_text(version),
        )
    row = replace(row, number=event.number, hash=event.hash)
    if event.kind in _GOES_ON:
        return replace(row, status="running", ended=None, pending=None)
    if event.kind not in ENDS:
        return row
    cost = content.get("cost")
    return replace(
        row,
        status=ENDS[event.kind],
        ended=event.number,
        cost=float(cost) if isinstance(cost, int | float) else row.cost,
        pending=_text(content.get("pending")),
    )


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None

"""What became of a run, on one line?"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from agent.journal.entry import Entry
from agent.journal.projection import Row
from agent.state import Status

# Without an end it runs, or it was `killed` and may be resumed; `erased` is the record of an erasure itself
Fate = Status | Literal["running", "killed", "erased"]


SHOWN = 200  # characters of an answer or a reason that a summary shows


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One run on one line. `answer` and `reason` are shortened; what is not known yet is None."""

    id: str
    status: Fate
    question: str
    started: str
    seconds: float | None
    answer: str
    reason: str | None
    cost: float | None
    model: str | None
    index_version: str | None
    principal: str | None = None
    conversation: str | None = None


def summary(first: Entry, last: Entry | None, status: Fate, row: Row) -> RunSummary:
    """One run, from its first event and the one that ended it, if any."""
    release = first.content.get("release") or {}
    end: Mapping[str, Any] = last.content if last else {}
    reason = end.get("reason")
    return RunSummary(
        id=first.run,
        status=status,
        question=first.content.get("question", "(erased)" if first.content.get("erased") else ""),
        started=first.at,
        seconds=end.get("seconds"),
        answer=textwrap.shorten(end.get("answer") or "", SHOWN, placeholder="…"),
        reason=None if reason is None else textwrap.shorten(reason, SHOWN, placeholder="…"),
        cost=row.cost,
        model=release.get("model"),
        index_version=row.index_version,
        principal=row.principal,
        conversation=row.conversation,
    )

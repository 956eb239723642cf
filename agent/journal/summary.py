"""What became of a run, on one line?"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any, Final, Literal

from agent.journal.entry import Entry
from agent.journal.projection import Row
from agent.state import Status

# Without an end it runs, or it was `killed` and may be resumed; `erased` and `signed` are the
# records of an erasure and of a signature
Fate = Status | Literal["running", "killed", "erased", "signed"]


SHOWN = 200  # characters of an answer or a reason that a summary shows
# What people did while nobody drove it, and what it goes on with
_ANEW: Final = ("endorsed", "decided", "claimed", "moved", "resolved", "reopened", "resumed")
_UNREAD: Final = ("erased", "damaged")  # what stands for a content that is not there, or not to be read


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
        question=first.content.get("question", next((f"({each})" for each in _UNREAD if first.content.get(each)), "")),
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


def seconds_of(entries: Sequence[Entry]) -> float:
    """For how long a run has been driven, by when its events were written; what it waited for somebody is not in it."""
    driven = (
        (datetime.fromisoformat(after.at) - datetime.fromisoformat(before.at)).total_seconds()
        for before, after in pairwise(entries)
        if after.kind not in _ANEW
    )
    return sum(max(0.0, each) for each in driven)  # a clock that was set back gives no time

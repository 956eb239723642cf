"""What became of a run, on one line?"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from agent.journal.entry import Entry
from agent.state import Status

# Without an end it runs, or it was `killed`; `erased` is the record of an erasure itself
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


def summary(events: list[Entry]) -> RunSummary:
    """One run, from its first event and its last."""
    first, last = events[0], events[-1]
    release = first.content.get("release") or {}
    status: Any = "running" if last is first else last.kind
    end: Mapping[str, Any] = {} if last is first else last.content
    reason = end.get("reason")
    return RunSummary(
        id=first.run,
        status=status,
        question=first.content.get("question", "(erased)" if first.content.get("erased") else ""),
        started=first.at,
        seconds=end.get("seconds"),
        answer=textwrap.shorten(end.get("answer") or "", SHOWN, placeholder="…"),
        reason=None if reason is None else textwrap.shorten(reason, SHOWN, placeholder="…"),
        cost=end.get("cost"),
        model=release.get("model"),
        index_version=release.get("index_version"),
    )

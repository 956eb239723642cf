"""How does the journal give one event back? As it was stored, whatever it means."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from agent.journal.chain import Link
from ingest.errors import CitewellError


class JournalUnusable(CitewellError):
    """The journal cannot be read or written; no run goes on without its record."""

    code: ClassVar[str] = "journal_unusable"
    http_status: ClassVar[int] = 500


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as it is kept. `number` counts within the run from 1; `at` is UTC in ISO form, to the microsecond."""

    run: str
    number: int
    kind: str
    at: str
    actor: str
    content: Mapping[str, Any]


def entry_of(stored: Link) -> Entry:
    """The event as it was stored. Raises `JournalUnusable` where its content is damaged."""
    if stored.content is None:  # an erasure took it out
        return Entry(stored.run, stored.number, stored.kind, stored.at, stored.actor, {"erased": True})
    try:
        content = json.loads(stored.content)
    except ValueError as error:
        raise JournalUnusable(
            f"Event {stored.number} of run {stored.run} is damaged: put back a copy of the journal, or move it "
            "away, and a new one is begun."
        ) from error
    return Entry(stored.run, stored.number, stored.kind, stored.at, stored.actor, content)

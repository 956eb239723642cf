"""How does the journal give one event back? As it was stored, whatever it means."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from agent.journal.chain import Link
from ingest.errors import CitewellError

log: Final = logging.getLogger(__name__)


class JournalUnusable(CitewellError):
    """The journal cannot be read or written; no run goes on without its record."""

    code: ClassVar[str] = "journal_unusable"
    http_status: ClassVar[int] = 500


class Damaged(CitewellError):
    """What the journal holds of one run is not what was written: that run does not go on, and the others do."""

    code: ClassVar[str] = "run_damaged"
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
    """The event as it was stored. Raises `Damaged`."""
    if stored.content is None:  # an erasure took it out
        return Entry(stored.run, stored.number, stored.kind, stored.at, stored.actor, {"erased": True})
    try:
        content = json.loads(stored.content)
        if not isinstance(content, dict):
            raise TypeError("a content is an object")
    except (TypeError, ValueError) as error:
        raise Damaged(
            f"Event {stored.number} of run {stored.run} is damaged: put back a copy of the journal, or move it "
            "away, and a new one is begun."
        ) from error
    return Entry(stored.run, stored.number, stored.kind, stored.at, stored.actor, content)


def legible(stored: Link) -> Entry:
    """The same for who tells of many runs at once: of a damaged one nothing but that it is."""
    try:
        return entry_of(stored)
    except Damaged as error:
        log.warning("%s", error)
        return Entry(stored.run, stored.number, stored.kind, stored.at, stored.actor, {"damaged": True})


@contextmanager
def followed(entry: Entry) -> Iterator[None]:
    """Within, the state after an event is made; one that cannot come after those before it raises `Damaged`."""
    try:
        yield
    except ValueError as error:
        raise Damaged(
            f"Event {entry.number} ({entry.kind}) of run {entry.run} cannot come after the one before it ({error}): "
            "put back a copy of the journal, or ask again."
        ) from error

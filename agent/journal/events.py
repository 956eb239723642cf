"""What is one event of a run, and how is it kept?"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from agent.journal.chain import Link
from agent.journal.sqlite import JournalUnusable
from agent.state import Passage
from retrieval.model import Hit


@dataclass(frozen=True, slots=True)
class Event:
    """One transition of a run. `number` counts within the run from 1; `at` is UTC in ISO form, to the microsecond."""

    run: str
    number: int
    kind: str
    at: str
    actor: str
    content: Mapping[str, Any]


def event_of(stored: Link) -> Event:
    """The event as it was stored. Raises `JournalUnusable` where its content is damaged."""
    if stored.content is None:  # an erasure took it out
        return Event(stored.run, stored.number, stored.kind, stored.at, stored.actor, {"erased": True})
    try:
        content = json.loads(stored.content)
    except ValueError as error:
        raise JournalUnusable(
            f"Event {stored.number} of run {stored.run} is damaged: `citewell runs verify` says what else is; "
            "put back a copy of the journal, or move it away, and a new one is begun."
        ) from error
    return Event(stored.run, stored.number, stored.kind, stored.at, stored.actor, content)


def brief(passage: Passage) -> dict[str, Any]:
    """A passage as the journal keeps it: without its text, which stays in the index."""
    record = asdict(passage)
    kept = (
        "number",
        "kind",
        "document",
        "start",
        "end",
        "page",
        "page_label",
        "score",
        "dense",
        "lexical",
        "probability",
    )
    return {key: record[key] for key in kept}


def noise(withheld: Sequence[Hit]) -> list[dict[str, Any]]:
    """The hits that were withheld, as the journal keeps them."""
    return [
        {"document": hit.chunk.document, "start": hit.chunk.start, "end": hit.chunk.end, "probability": hit.probability}
        for hit in withheld
    ]

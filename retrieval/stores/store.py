"""What does every store promise, whatever its engine?"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from ingest.errors import CitewellError

EXACT_BELOW = 50_000  # vectors; above this the order is the graph's, which is approximate


class StoreFailed(CitewellError):
    """The engine could not read or write its vectors."""

    code: ClassVar[str] = "store_failed"


def nearest(k: int, ask: Callable[[int], list[tuple[str, float]]], *, exact: bool) -> list[tuple[str, float]]:
    """The `k` best of what `ask(limit)` gives best first, equal cosines in id order.

    An engine cuts among equal cosines as it likes, so copies of one passage would come and go between two builds of
    the same documents. While the cut falls among equals, more is asked for; not from a graph, whose order is
    approximate anyhow.
    """
    if k < 1:
        return []
    limit = k + 1
    hits = ask(limit)
    while exact and len(hits) == limit and hits[-1][1] == hits[k - 1][1]:
        limit *= 4
        hits = ask(limit)
    return sorted(hits, key=lambda hit: (-hit[1], hit[0]))[:k]

"""What is found of personal data in a text? Spans, each with its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

Span = tuple[int, int]
Detect = Callable[[str], Iterable[Span]]  # where in a text something of one kind stands


@dataclass(frozen=True, slots=True)
class Finding:
    """Something personal: `value` is what stands at `[start, end)`, letter by letter."""

    kind: str
    start: int
    end: int
    value: str


def apart(found: Iterable[Finding]) -> Iterator[Finding]:
    """Those that do not lie over one found before, in the order in which they are given; to be sorted by whoever asks.

    So of two readings of the same characters the more certain one counts, which is to come first.
    """
    taken: list[Span] = []
    for each in found:
        if each.start < each.end and all(each.end <= start or end <= each.start for start, end in taken):
            taken.append((each.start, each.end))
            yield each

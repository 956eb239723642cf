"""Where does a row fall into cells, as far as what stands above and below it tells?

A gap as wide as a letter parts cells by itself. A narrower one does where several rows below each other leave the same
strip free, and what stands beside it begins or ends at one place.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from ingest.read.pdf.lines import APART, LABEL, segments
from ingest.read.pdf.page import Word

_LEAST = 0.45  # of the letters' size; what parts words is narrower
_NARROW = 0.75
_FAR = 3.2  # of the letters' size; rows that are further apart do not bear each other out
_FEWEST = 3  # rows that share a strip
_FEWEST_NARROW = 4  # where it is narrow
_FEWEST_OF_PROSE = 8  # where lines begin in the midst of sentences: by chance their gaps lie below each other too
_SAME_PLACE = 1.5  # points
_ALIGNED = 0.6  # of the rows
_MOST_ROWS = 60  # that are looked at up and down from each
_MOST_STEPS = 200_000  # on one page

_Strip = tuple[float, float]


class _Gap(NamedTuple):
    """What is free between two words of a row, the second one being its word number `at`."""

    start: float
    end: float
    at: int


def cells(page_rows: Sequence[Sequence[Word]]) -> list[list[list[Word]]]:
    """The pieces of each row; the label of a list's item, and the dots that lead to a page's number, are no cells."""
    return _Page(page_rows).cut()


class _Page:
    """Rows of words, and the gaps in them."""

    def __init__(self, page_rows: Sequence[Sequence[Word]]) -> None:
        self._rows = page_rows
        self._gaps = [list(_gaps(row)) for row in page_rows]
        self._steps = 0

    def cut(self) -> list[list[list[Word]]]:
        parted: list[set[int]] = [set() for _ in self._rows]
        for number, gaps in enumerate(self._gaps):
            for gap in gaps[1:-1]:
                if gap.at not in parted[number] and gap.end - gap.start <= APART * self._rows[number][0].size:
                    for row, at in self._bearing(number, gap):
                        parted[row].add(at)
                if self._steps > _MOST_STEPS:
                    return [segments(row) for row in self._rows]
        return [_cut(row, own) for row, own in zip(self._rows, parted, strict=True)]

    def _bearing(self, number: int, gap: _Gap) -> list[tuple[int, int]]:
        """The rows that have a gap in one strip with this one, and where; none if that may be chance."""
        size = self._rows[number][0].size
        strip: _Strip = (gap.start, gap.end)
        found = [(number, gap.at)]
        reached = 1
        for step in (-1, 1):
            for at in range(number + step, number + step * _MOST_ROWS, step):
                shared = self._shared(at, at - step, strip, size)
                if shared is None:
                    break
                reached += 1
                strip, word = shared
                if 0 < word < len(self._rows[at]):
                    found.append((at, word))
        narrow = strip[1] - strip[0] < _NARROW * size
        begin = [row[0].text[0] for row, _ in self._with_words(found)]
        flows = sum(map(str.islower, begin)) > 0.3 * len(begin)
        fewest = _FEWEST_OF_PROSE if flows else _FEWEST_NARROW if narrow else _FEWEST
        if len(found) < max(fewest, 0.5 * reached) or not self._is_aligned(found):
            return []
        return found

    def _shared(self, at: int, before: int, strip: _Strip, size: float) -> tuple[_Strip, int] | None:
        """What a row leaves free of a strip, and before which of its words."""
        if not 0 <= at < len(self._rows):
            return None
        row = self._rows[at]
        if abs(row[0].y - self._rows[before][0].y) > _FAR * size or abs(row[0].size - size) > 0.15 * size:
            return None
        self._steps += len(self._gaps[at])
        free = [(max(gap.start, strip[0]), min(gap.end, strip[1]), gap.at) for gap in self._gaps[at]]
        start, end, word = max(free, key=lambda each: each[1] - each[0])
        return ((start, end), word) if end - start >= _LEAST * size else None

    def _is_aligned(self, found: Sequence[tuple[int, int]]) -> bool:
        """Whether what is behind the gaps begins, ends or is centred at one place, or what is before them ends so."""
        begins, ends, middles, before = [], [], [], []
        for row, at in self._with_words(found):
            size = row[0].size
            last = at
            while last + 1 < len(row) and row[last + 1].x0 - row[last].x1 < _LEAST * size:
                last += 1
            begins.append(row[at].x0)
            ends.append(row[last].x1)
            middles.append((row[at].x0 + row[last].x1) / 2)
            before.append(row[at - 1].x1)
        return any(_at_one_place(places) for places in (begins, ends, middles, before))

    def _with_words(self, found: Sequence[tuple[int, int]]) -> Iterator[tuple[Sequence[Word], int]]:
        return ((self._rows[row], at) for row, at in found)


def _gaps(row: Sequence[Word]) -> Iterator[_Gap]:
    yield _Gap(-math.inf, row[0].x0, 0)
    reached, before = row[0].x1, row[0]
    for at, word in enumerate(row[1:], start=1):
        gap = word.x0 - reached
        if gap >= _LEAST * word.size and gap >= _LEAST * before.size and not _is_led(before, word, first=at == 1):
            yield _Gap(reached, word.x0, at)
        reached, before = max(reached, word.x1), word
    yield _Gap(reached, math.inf, len(row))


def _is_led(before: Word, word: Word, *, first: bool) -> bool:
    """Whether a gap is that behind the label of a list's item, or one among the dots that lead to a page's number."""
    return bool(first and LABEL.match(before.text)) or not (word.text.strip(".") and before.text.strip("."))


def _cut(row: Sequence[Word], parted: set[int]) -> list[list[Word]]:
    """A row cut before these words, and where its gaps are wide."""
    pieces: list[list[Word]] = []
    starts = [0, *sorted(parted), len(row)]
    for start, end in pairwise(starts):
        pieces += segments(row[start:end])
    return pieces


def _at_one_place(places: Sequence[float]) -> bool:
    """Whether most of them are about the same."""
    ordered = sorted(places)
    least = math.ceil(_ALIGNED * len(ordered))
    return any(ordered[first + least - 1] - ordered[first] <= _SAME_PLACE for first in range(len(ordered) - least + 1))

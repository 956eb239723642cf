"""In which order does a person read a page, and which lines make a paragraph?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.read.pdf_grid import ruled
from ingest.read.pdf_lines import APART, LABEL, Line, line, rows, segments
from ingest.read.pdf_page import HYPHEN, Sheet, Word
from ingest.read.pdf_tables import Table, borderless

_MOST_WORDS = 20_000  # on one page; with more of them they are given as the file draws them
_GUTTER = 0.7  # of the letters' size; what is between columns is at least so wide
_FEWEST_LINES = 5  # of two columns beside each other
_NARROWEST = 25.0  # of the letters' size; shorter lines, with nothing beside them, were ended on purpose
_DEEPEST = 12  # columns in columns
_RULE_MARKS = set("-–—_=*.~·•+# ")  # a line of three or more of them and nothing else is drawn, not written


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that belong together; `right` is how far the lines of their column reach."""

    lines: tuple[Line, ...]
    right: float

    @property
    def size(self) -> float:
        return max(self.lines, key=lambda each: each.x1 - each.x0).size

    @property
    def bold(self) -> bool:
        return all(each.bold for each in self.lines)


Block = Paragraph | Table


def blocks(sheet: Sheet) -> list[Block]:
    """The page's paragraphs and tables as a person reads them; what runs in another direction follows."""
    found: list[Block] = []
    for number, words in enumerate(sheet.layers):
        if len(words) > _MOST_WORDS:
            lines = tuple(line(words[start : start + 50]) for start in range(0, len(words), 50))
            found += [Paragraph((each,), math.inf) for each in lines]
            continue
        tables = ruled(words, sheet.rules) if number == 0 else []
        free = words
        if tables:
            taken = frozenset().union(*(inside for _, inside in tables))
            free = tuple(word for word in words if word not in taken)
        found += _Region([table for table, _ in tables]).read(free)
    return found


class _Region:
    """A page's words, in whose order the tables that are drawn take part as if each were one very wide word."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = {f"\0{number}": table for number, table in enumerate(tables)}

    def read(self, words: Sequence[Word]) -> list[Block]:
        places = [
            Word(key, table.box[0], table.box[2], table.box[1] + 1, 1.0, False) for key, table in self._tables.items()
        ]
        return list(self._read([*words, *places], 0, _NARROWEST)) if words or places else []

    def _read(self, words: Sequence[Word], depth: int, least: float) -> Iterator[Block]:
        """What these words are, `least` being how wide (in sizes of their letters) a column of them is at least."""
        page_rows = rows(words)
        gutter = _gutter(page_rows) if depth < _DEEPEST else None
        if gutter is None:
            yield from self._in_one_column(page_rows, least)
            return
        first, last, x = gutter
        beside = [word for row in page_rows[first:last] for word in row]
        for part, narrowest in (
            ([word for row in page_rows[:first] for word in row], least),
            ([word for word in beside if word.x1 <= x], 0.0),
            ([word for word in beside if word.x1 > x], 0.0),
            ([word for row in page_rows[last:] for word in row], least),
        ):
            if part:
                yield from self._read(part, depth + 1, narrowest)

    def _in_one_column(self, page_rows: list[list[Word]], least: float) -> Iterator[Block]:
        kept: list[list[Word]] = []
        held = [word for row in page_rows for word in row]
        narrow = min(word.x0 for word in held) + least * median(word.size for word in held)
        right = max(narrow, max(word.x1 for word in held))
        for row in page_rows:
            drawn = [word for word in row if word.text in self._tables]
            rest = [word for word in row if word.text not in self._tables]
            if drawn:
                yield from _without_lines(kept, right)
                kept = []
                yield from (self._tables[word.text] for word in drawn)
            if rest:
                kept.append(rest)
        yield from _without_lines(kept, right)


def _without_lines(page_rows: list[list[Word]], right: float) -> Iterator[Block]:
    """Paragraphs, and tables that are not drawn."""
    page_rows = [row for row in page_rows if not _is_drawn(row)]
    reached = 0
    for start, end, table, others in borderless(page_rows):
        yield from _paragraphs(page_rows[reached:start], right)
        yield table
        yield from _paragraphs(others, right)
        reached = end
    yield from _paragraphs(page_rows[reached:], right)


def _is_drawn(row: Sequence[Word]) -> bool:
    text = "".join(word.text for word in row)
    return len(text) > 2 and set(text) <= _RULE_MARKS


def _gutter(page_rows: list[list[Word]]) -> tuple[int, int, float] | None:
    """The rows, from the first to behind the last, that stand in two columns of prose, and a place between the two."""
    free = [_gaps(row) for row in page_rows]
    best: tuple[int, int, int, float] | None = None
    tried: set[tuple[int, int]] = set()
    for number, gaps in enumerate(free):
        for gap in gaps[1:-1]:
            place = (round(gap[0]), round(gap[1]))
            if place in tried:
                continue
            tried.add(place)
            first, last, (start, end) = _reach(free, page_rows, number, gap)
            both = sum(_is_on_both_sides(row, start) for row in page_rows[first:last])
            if both >= _FEWEST_LINES and (best is None or both > best[0]):
                x = (start + end) / 2
                if _is_prose(page_rows[first:last], x):
                    best = both, first, last, x
        if len(tried) > _MOST_GAPS:
            break
    return best[1:] if best else None


_MOST_GAPS = 1000  # tried on one page
_Gap = tuple[float, float]


def _gaps(row: Sequence[Word]) -> list[_Gap]:
    """Where a row is free: before it, wherever words are far apart, and behind it."""
    found: list[_Gap] = [(-math.inf, row[0].x0)]
    reached = row[0].x1
    for word in row[1:]:
        if word.x0 - reached >= _GUTTER * word.size:
            found.append((reached, word.x0))
        reached = max(reached, word.x1)
    return [*found, (reached, math.inf)]


def _reach(free: list[list[_Gap]], page_rows: list[list[Word]], number: int, gap: _Gap) -> tuple[int, int, _Gap]:
    """How many rows up and down share a gap, which narrows to what all of them leave free."""
    least = _GUTTER * page_rows[number][0].size
    ends = []
    for step in (-1, 1):
        at = number + step
        while 0 <= at < len(free):
            shared = [
                (max(gap[0], start), min(gap[1], end)) for start, end in free[at] if start < gap[1] and end > gap[0]
            ]
            if not shared:
                break
            widest = max(shared, key=lambda each: each[1] - each[0])
            if widest[1] - widest[0] < least:
                break
            gap = widest
            at += step
        ends.append(at)
    return ends[0] + 1, ends[1], gap


def _is_on_both_sides(row: Sequence[Word], x: float) -> bool:
    return row[0].x0 < x < row[-1].x0


def _is_prose(page_rows: list[list[Word]], x: float) -> bool:
    """Whether both sides hold running text: lines of several words, few with gaps, most about as long as the column."""
    for side in (
        [[word for word in row if word.x1 <= x + 1] for row in page_rows],
        [[word for word in row if word.x1 > x + 1] for row in page_rows],
    ):
        lines = [row for row in side if row]
        left, right = min(row[0].x0 for row in lines), max(word.x1 for row in lines for word in row)
        if len(lines) < _FEWEST_LINES or median(len(row) for row in lines) < 3:
            return False
        if sum(len(segments(row)) > 1 for row in lines) > 0.3 * len(lines):
            return False
        if median(row[-1].x1 - row[0].x0 for row in lines) < 0.6 * (right - left):
            return False
    return True


def _paragraphs(page_rows: Sequence[Sequence[Word]], right: float) -> Iterator[Paragraph]:
    """The lines of one column, cut where a new paragraph begins."""
    lines = [each for row in page_rows for each in _lines(row)]
    if not lines:
        return
    steps = sorted(
        below.y - above.y for above, below in pairwise(lines) if 0 < below.y - above.y < 3 * max(above.size, below.size)
    )
    usual = steps[len(steps) // 3] if steps else 0.0  # the lower third: gaps between paragraphs are not the rule
    held = [lines[0]]
    for above, below in pairwise(lines):
        if _begins_anew(held, above, below, usual):
            yield Paragraph(tuple(held), right)
            held = []
        held.append(below)
    yield Paragraph(tuple(held), right)


def _lines(row: Sequence[Word]) -> Iterator[Line]:
    """A row as one line; as several where its parts are of quite different sizes."""
    pieces = segments(row, APART)
    held = list(pieces[0])
    for piece in pieces[1:]:
        sizes = sorted((piece[0].size, held[-1].size))
        if sizes[1] > 1.2 * sizes[0]:
            yield line(held)
            held = []
        held += piece
    yield line(held)


def _begins_anew(held: Sequence[Line], above: Line, below: Line, usual: float) -> bool:
    size = max(above.size, below.size)
    step = below.y - above.y
    if step <= 0 or step > max(1.25 * usual, 0.5 * size) or step > 3 * size:
        return True
    if size > 1.12 * min(above.size, below.size):
        return True
    if above.words[-1].text.endswith(HYPHEN):
        return False
    if LABEL.match(below.words[0].text) and len(below.words) > 1 and _is_item(held, below):
        return True
    if above.bold != below.bold and (above.bold or below.bold) and _is_whole(held, above):
        return True
    labelled = bool(LABEL.match(held[0].words[0].text))
    indent = below.x0 - (above.x0 if len(held) > 1 or not labelled else below.x0)
    if labelled and below.x0 < held[0].x0 - 0.5 * size:
        return True
    centred = abs(above.x0 + above.x1 - below.x0 - below.x1) < size
    return 0.8 * size < indent < 5 * size and not centred and len(held) > 1


def _is_item(held: Sequence[Line], below: Line) -> bool:
    """Whether a line that begins with a label begins an item, and not merely with a dash or a letter."""
    text = below.words[0].text
    return (
        not (text in {"-", "–", "—", "+"} or text[0].isalpha())
        or below.x0 <= held[0].x0 + 1
        or bool(LABEL.match(held[0].words[0].text))
    )


def _is_whole(held: Sequence[Line], above: Line) -> bool:
    """Whether the lines before the next look alike, so that another look begins something else."""
    return all(each.bold == above.bold for each in held)

"""In which order does a person read a page, and which lines make a paragraph?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from ingest.read.pdf.fractions import with_fractions
from ingest.read.pdf.grid import ruled
from ingest.read.pdf.lines import APART, LABEL, Line, is_right_to_left, line, rows, segments
from ingest.read.pdf.notes import FEWEST, apart
from ingest.read.pdf.page import HYPHEN, Sheet, Word
from ingest.read.pdf.tables import Table, borderless

_MOST_WORDS = 20_000  # on one page; with more of them they are given as the file draws them
_GUTTER = 0.7  # of the letters' size; what is between columns is at least so wide
_FEWEST_LINES = 5  # of two columns beside each other; of fewer, sentences must run over the lines
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
        words = with_fractions(words, sheet.rules) if number == 0 else words
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
            parts = _with_notes(page_rows) if depth < _DEEPEST else None
            if parts is None:
                yield from self._in_one_column(page_rows, least)
            for part in parts or ():
                yield from self._read(part, depth + 1, least)
            return
        first, last, x = gutter
        beside = [word for row in page_rows[first:last] for word in row]
        left, right = [word for word in beside if word.x1 <= x], [word for word in beside if word.x1 > x]
        if is_right_to_left(beside):
            left, right = right, left
        for part, narrowest in (
            ([word for row in page_rows[:first] for word in row], least),
            (left, 0.0),
            (right, 0.0),
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
    across = _headings_across(page_rows)
    free = [[] if number in across else _gaps(row) for number, row in enumerate(page_rows)]
    best: tuple[int, int, int, float] | None = None
    tried: dict[tuple[int, int], float] = {}  # places, and from which row on each is tried once more
    looked_at: set[tuple[int, int, _Gap]] = set()
    looked = 0
    for number, gap in _between(free, page_rows):
        place = (round(gap[0]), round(gap[1]))
        if number < tried.get(place, 0):
            continue
        first, last, (start, end) = strip = _reach(free, page_rows, number, gap)
        tried[place] = math.inf if place in tried else last
        most = best[0] if best else _BESIDE - 1
        if last - first > most and strip not in looked_at:
            looked_at.add(strip)
            x = (start + end) / 2
            columns = _Columns(page_rows[first:last], x)
            looked += sum(map(len, page_rows[first:last]))
            if columns.lines > most and columns.are_prose():
                best = columns.lines, first, last, x
        if len(tried) > _MOST_GAPS or looked > _MOST_LOOKED:
            break
    return best[1:] if best else None


def _with_notes(page_rows: list[list[Word]]) -> list[list[Word]] | None:
    """The words as they are read one after the other where notes stand in the margin of prose; else None."""
    free = [_gaps(row) for row in page_rows]
    tried: dict[tuple[int, int], int] = {}  # places, and from which row on each is tried again
    looked = 0
    for number, gap in _between(free, page_rows):
        place = (round(gap[0]), round(gap[1]))
        if number < tried.get(place, 0):
            continue
        first, last, (start, end) = _reach(free, page_rows, number, gap)
        tried[place] = last
        looked += sum(map(len, page_rows[first:last]))
        if len(tried) > _MOST_NOTES or looked > _MOST_LOOKED:
            break
        if last - first < FEWEST:
            continue
        x = (start + end) / 2
        left = [side for row in page_rows[first:last] if (side := [word for word in row if word.x1 <= x])]
        right = [side for row in page_rows[first:last] if (side := [word for word in row if word.x1 > x])]
        note, text = sorted((left, right), key=len)
        if not note or not (_is_prose(text) and _flows(text)):
            continue
        if (parts := apart(text, note)) is not None:
            read: list[_Rows] = [page_rows[:first], *parts, page_rows[last:]]
            return [[word for row in part for word in row] for part in read if part]
    return None


_MOST_GAPS = 1000  # tried on one page
_MOST_NOTES = 300  # gaps tried for them
_MOST_LOOKED = 100_000  # words that are looked at for it
_BESIDE = 3  # lines of each of two columns, at least, where the other one has lines too
_MIDST = 0.3  # of the lines of running text, at least, begin with a small letter
_Gap = tuple[float, float]
_Rows = Sequence[Sequence[Word]]


def _between(free: Sequence[Sequence[_Gap]], page_rows: Sequence[Sequence[Word]]) -> Iterator[tuple[int, _Gap]]:
    """Places that may part columns, with their rows: gaps in a row, and those between rows that lie beside each other.

    The latter are all that is found where the lines of columns do not stand on one height.
    """
    for number, gaps in enumerate(free):
        yield from ((number, gap) for gap in gaps[1:-1])
        for other in range(max(0, number - 2), number) if gaps else ():
            above, first = free[other], page_rows[number][0]
            if not above or first.y - page_rows[other][0].y >= first.size:
                continue  # it stands above, not beside
            for left, right in ((above, gaps), (gaps, above)):
                if left[-1][0] < right[0][1]:
                    yield number, (left[-1][0], right[0][1])


def _headings_across(page_rows: Sequence[Sequence[Word]]) -> set[int]:
    """The rows that part columns, even if they reach over no gap: large, in the middle, with nothing beside them."""
    words = [word for row in page_rows for word in row]
    sizes = sorted(word.size for word in words)
    usual = sizes[len(sizes) // 2]
    if sizes[-1] <= 1.12 * usual:
        return set()
    middle, width = _middle(words), max(word.x1 for word in words) - min(word.x0 for word in words)
    found = set()
    for number, row in enumerate(page_rows):
        size = row[0].size
        if size > 1.12 * usual and abs(_middle(row) - middle) < 0.06 * width:
            beside = [*page_rows[max(0, number - 1) : number], *page_rows[number + 1 : number + 2]]
            if all(abs(other[0].y - row[0].y) > 1.1 * size for other in beside):
                found.add(number)
    return found


def _middle(words: Sequence[Word]) -> float:
    return (min(word.x0 for word in words) + max(word.x1 for word in words)) / 2


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
            widest, width = gap, 0.0
            for start, end in free[at]:
                shared = (max(gap[0], start), min(gap[1], end))
                if shared[1] - shared[0] > width:
                    widest, width = shared, shared[1] - shared[0]
            if width < least:
                break
            gap = widest
            at += step
        ends.append(at)
    return ends[0] + 1, ends[1], gap


class _Columns:
    """What stands left and right of a place in rows that leave it free."""

    def __init__(self, page_rows: Sequence[Sequence[Word]], x: float) -> None:
        self._sides = (
            [side for row in page_rows if (side := [word for word in row if word.x1 <= x + 1])],
            [side for row in page_rows if (side := [word for word in row if word.x1 > x + 1])],
        )
        self.lines = 0  # of the side that has fewer, where some of them stand beside each other
        several, many = ([sum(len(row) > least for row in side) for side in self._sides] for least in (1, 2))
        if min(several) >= _BESIDE <= max(many):  # else neither prose nor a table stands there
            top = max(side[0][0].y - side[0][0].size for side in self._sides)
            bottom = min(side[-1][0].y + side[-1][0].size for side in self._sides)
            if all(sum(top <= row[0].y <= bottom for row in side) >= _BESIDE for side in self._sides):
                self.lines = min(map(len, self._sides))

    def are_prose(self) -> bool:
        """Whether both sides hold running text, at least in what is next to the place: there may be more columns.

        One of them may hold a table instead, or a short note.
        """
        left, right = map(_side_by_side, self._sides)
        nearest = left[-1], right[0]
        plain = len(left) == len(right) == 1 and min(map(len, nearest)) >= _FEWEST_LINES
        if all(_is_prose(lines) and (plain or _flows(lines)) for lines in nearest):
            return True
        return any(
            len(side) == 1 and (_stands_beside(side[0], other) or _runs_past(side[0], other))
            for side, other in ((left, self._sides[1]), (right, self._sides[0]))
        )


def _side_by_side(side: Sequence[Sequence[Word]]) -> list[list[list[Word]]]:
    """The lines of columns, from left to right, between which no piece of a row reaches.

    In a narrow column that is spread to its width words of one line may be as far apart as columns are.
    """
    columns: list[dict[int, list[Word]]] = []
    reached = -math.inf
    pieces = [(number, piece) for number, row in enumerate(side) for piece in segments(row)]
    for number, piece in sorted(pieces, key=lambda each: each[1][0].x0):
        if piece[0].x0 >= reached or not columns:
            columns.append({})
        columns[-1].setdefault(number, []).extend(piece)
        reached = max(reached, *(word.x1 for word in piece))
    return [[lines[number] for number in sorted(lines)] for lines in columns]


def _is_prose(lines: Sequence[Sequence[Word]]) -> bool:
    """Whether these are lines of several words, most about as long as their column is wide."""
    left, right = min(row[0].x0 for row in lines), max(word.x1 for row in lines for word in row)
    return (
        len(lines) >= _BESIDE
        and median(row[-1].x1 - row[0].x0 for row in lines) >= 0.6 * (right - left)
        and median(sum(any(map(str.isalpha, word.text)) for word in row) for row in lines) >= 3
    )


def _stands_beside(lines: Sequence[Sequence[Word]], table: Sequence[Sequence[Word]]) -> bool:
    """Whether these are lines of prose, and rows of cells what is beside them, but none of the same table.

    In a cell of several lines a sentence begins where its row does, in prose anywhere.
    """
    if not (len(lines) >= _FEWEST_LINES and _is_prose(lines) and _flows(lines)) or sum(
        len(segments(row)) > 1 for row in table
    ) < 0.6 * len(table):
        return False
    level = _level(lines, table)
    return len(level) < 0.3 * len(table) or _flows(level)


def _runs_past(lines: Sequence[Sequence[Word]], note: Sequence[Sequence[Word]]) -> bool:
    """Whether these are lines of prose with a short note at their side, at whose height they are in mid-sentence."""
    if len(lines) < max(_FEWEST_LINES, 2 * len(note)) or not (_is_prose(lines) and _flows(lines)):
        return False
    return _flows(_level(lines, note))


def _level(lines: Sequence[Sequence[Word]], others: Sequence[Sequence[Word]]) -> list[Sequence[Word]]:
    """Those of the lines that stand at the height of others."""
    heights = [row[0].y for row in others]
    return [row for row in lines if any(abs(row[0].y - y) < 0.3 * row[0].size for y in heights)]


def _flows(lines: Sequence[Sequence[Word]]) -> bool:
    """Whether sentences run over the ends of lines, so that many lines begin in their midst; not so in cells."""
    begin = [first for row in lines if (first := next(filter(str.isalpha, row[0].text), ""))]
    cased = sum(first.lower() != first.upper() for first in begin)
    return cased < 0.5 * len(begin) or sum(map(str.islower, begin)) >= _MIDST * cased


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

"""Which rows of a page make a table that is not drawn, but whose columns are plain to see?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise, takewhile
from statistics import median

from ingest.read.pdf.columns import cells
from ingest.read.pdf.lines import joined, line, rows
from ingest.read.pdf.page import Word

_FAR = 3.2  # of the letters' size; rows that are further apart belong to two tables
_PARTED = 0.38  # of the letters' size; what parts two words in a line is narrower
_NEAR = 8  # lines of a paragraph that are all spread
_MOST_TRIED = 6_000  # rows, each as often as a table was looked for from another one on
_WORDY = 9  # words in a cell, on average; more are columns of prose

Rows = tuple[tuple[str, ...], ...]  # the texts of cells


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells, as many in each; `box` is what it covers: left, top, right, bottom."""

    rows: Rows
    box: tuple[float, float, float, float]


def parts(table: Rows) -> list[tuple[str, Rows]]:
    """The rows, cut where a title alone in its row and a head of words begin another table: each part with its title.

    Columns that a part does not use are left out of it.
    """
    starts = [number for number in range(2, len(table) - 2) if _begins_another(table, number)]
    made = [("", table[: starts[0]] if starts else table)]
    for start, end in pairwise([*starts, len(table)]):
        made.append((next(filter(None, table[start])), table[start + 1 : end]))
    return [(title, _used(part)) for title, part in made] if starts else made


def _begins_another(table: Rows, number: int) -> bool:
    """Whether a row is a title of what follows. A group's name is none: what it groups has words above words."""
    title, head = [cell for cell in table[number] if cell], table[number + 1]
    if len(title) != 1 or not all(_is_words(cell) for cell in [*title, *head] if cell):
        return False
    body = list(takewhile(lambda row: sum(map(bool, row)) > 1, table[number + 2 :]))
    numbers = sum(any(_has_digit(row[column]) for row in body) for column, cell in enumerate(head) if cell)
    return numbers > 1


def _is_words(cell: str) -> bool:
    return any(map(str.isalpha, cell)) and not _has_digit(cell)


def _has_digit(cell: str) -> bool:
    return any(map(str.isdigit, cell))


def _used(table: Rows) -> Rows:
    used = [column for column in range(len(table[0])) if any(row[column] for row in table)]
    return tuple(tuple(row[column] for column in used) for row in table)


def borderless(page_rows: Sequence[Sequence[Word]]) -> list[tuple[int, int, Table, list[Sequence[Word]]]]:
    """The runs of rows, from the first to behind the last, whose columns are plain to see.

    With each come the rows that are printed over it and belong to something else.
    """
    cut = cells(page_rows)
    found = []
    start = tried = 0
    while start < len(cut):
        end = _run_end(page_rows, cut, start)
        over = {number for number in range(start + 1, end) if _is_over(page_rows, cut, number)}
        own = [number for number in range(start, end) if number not in over]
        made = _columns([page_rows[number] for number in own], [cut[number] for number in own]) if own[1:] else None
        made = None if made is not None and _is_spread(page_rows, cut, start, end) else made
        if made is None and (crossed := _crossing(cut, start, end)) > start + 1:
            end = crossed
            own = [number for number in own if number < end]
            made = _columns([page_rows[number] for number in own], [cut[number] for number in own])
            made = None if made is not None and _is_spread(page_rows, cut, start, end) else made
        if made is not None and (more := _last_cells(page_rows, cut, start, end)) > end:
            own += range(end, more)
            longer = _columns([page_rows[number] for number in own], [cut[number] for number in own])
            made, end = (longer, more) if longer is not None else (made, end)
        if made is not None:
            found.append((start, end, made, [page_rows[number] for number in sorted(over)]))
        tried += end - start
        done = made is not None or end - start < 3 or tried > _MOST_TRIED
        start = max(end, start + 1) if done else start + 1
    return found


def _run_end(page_rows: Sequence[Sequence[Word]], cut: Sequence[list[list[Word]]], start: int) -> int:
    """Behind the last row that may belong to the table which begins here; single cells only between rows of several."""
    if len(cut[start]) < 2:
        return start
    end = number = start + 1
    most = max(3, len(cut[start]))
    inner: set[int] = set()  # where columns begin, of rows that have three of them
    while number < len(cut):
        above, row = page_rows[number - 1], page_rows[number]
        size = max(median(word.size for word in row), median(word.size for word in above))
        inner.update(round(piece[0].x0) for piece in cut[number - 1][1:] if len(cut[number - 1]) > 2)
        if len(cut[number]) == 1 and round(row[0].x0) in inner and row[0].y - above[0].y < 1.5 * size:
            number += 1  # a cell's further line
            continue
        if row[0].y - above[0].y > _FAR * size or (len(cut[number]) < 2 and number - end >= 2):
            break
        if 2 * len(cut[number]) < most and row[0].size > 1.1 * page_rows[start][0].size:
            break  # a heading, or a sum that stands for itself
        most = max(most, len(cut[number]))
        if len(cut[number]) >= 2:
            end = number + 1
        number += 1
    return end


def _is_spread(page_rows: Sequence[Sequence[Word]], cut: Sequence[list[list[Word]]], start: int, end: int) -> bool:
    """Whether these are lines of a paragraph that are spread to the width of a whole one near them."""
    left, right = page_rows[start][0].x0, page_rows[start][-1].x1

    def is_as_wide(row: Sequence[Word]) -> bool:
        return abs(row[0].x0 - left) < 2 and abs(row[-1].x1 - right) < 2

    if not all(map(is_as_wide, page_rows[start:end])):
        return False
    for number, step in ((start - 1, -1), (end, 1)):
        for at in range(number, number + _NEAR * step, step):
            if not (0 <= at < len(cut) and is_as_wide(page_rows[at])):
                break
            own = page_rows[at - step]
            if abs(page_rows[at][0].y - own[0].y) >= 1.6 * own[0].size:
                break
            if len(cut[at]) == 1:
                return True
    return False


def _crossing(cut: Sequence[list[list[Word]]], start: int, end: int) -> int:
    """The first of these rows that is one piece and reaches through most of the columns above it; else the start."""
    for number in range(start + 1, end):
        if len(cut[number]) == 1:
            bands = _bands(cut[start:number])
            first, last = _overlapped(cut[number][0], bands) if bands else (0, 0)
            if last > first and last - first >= len(bands) - 1:
                return number
    return start


def _last_cells(page_rows: Sequence[Sequence[Word]], cut: Sequence[list[list[Word]]], start: int, end: int) -> int:
    """Behind the lines with which cells of the last row go on, nearer to it than rows are to each other."""
    steps = [below[0].y - above[0].y for above, below in pairwise(page_rows[start:end])]
    inner = {round(piece[0].x0) for row in cut[start:end] for piece in row[1:]}
    while end < len(cut):
        step = page_rows[end][0].y - page_rows[end - 1][0].y
        if (
            step > 0.8 * max(steps)
            or round(cut[end][0][0].x0) not in inner
            or page_rows[end][0].size > page_rows[end - 1][0].size
        ):
            break
        end += 1
    return end


def _is_over(page_rows: Sequence[Sequence[Word]], cut: Sequence[list[list[Word]]], number: int) -> bool:
    """Whether a line of text lies half upon the row above it."""
    row, above = page_rows[number], page_rows[number - 1]
    near = row[0].y - above[0].y < 0.6 * above[0].size
    return near and len(cut[number]) == 1 and row[0].x0 < above[-1].x1 and above[0].x0 < row[-1].x1


def _columns(run: Sequence[Sequence[Word]], cut: Sequence[list[list[Word]]]) -> Table | None:
    several = [row for row in cut if len(row) > 1]
    pieces = [piece for row in several for piece in row]
    if len(several) < 2 or sum(map(len, pieces)) > _WORDY * len(pieces):
        return None
    bands = _bands(several)
    if not bands:
        return None
    over = [[piece for piece in row if _reaches_over(piece, bands)] for row in several]
    if 3 * sum(map(bool, over)) <= len(several):  # heads over several columns say nothing about where these are
        bands = _bands([[piece for piece in row if piece not in wide] for row, wide in zip(several, over, strict=True)])
    further = [len(bands) > 2 and len(row) == 1 and _begins_inside(row[0], bands) for row in cut]
    rows_of_own = len(cut) - sum(further)
    if len(bands) < 2 or len(several) < max(3 if len(bands) == 2 else 2, 0.5 * rows_of_own):
        return None
    made: list[list[list[Word]]] = []
    for row in (_between_bands(row, bands) for row in cut):
        filled: list[list[Word]] = [[] for _ in bands]
        for piece in row:
            first, last = _overlapped(piece, bands)
            if len(row) == 1 and last - first > 1 and last - first >= len(bands) - 1:
                return None  # a line of text that runs through all columns
            filled[first] += piece
        made.append(filled)
    held = sum(bool(cell) for row, goes_on in zip(made, further, strict=True) if not goes_on for cell in row)
    if held < (0.45 if rows_of_own > 3 else 0.76) * rows_of_own * len(bands):
        return None
    steps = [below[0].y - above[0].y for above, below in pairwise(run)]
    if sum(step < 0.6 * row[0].size for step, row in zip(steps, run, strict=False)) > len(steps) / 3:
        return None  # the storeys of a formula
    box = (
        min(word.x0 for row in run for word in row),
        run[0][0].y - run[0][0].size,
        max(word.x1 for row in run for word in row),
        run[-1][0].y,
    )
    return Table(tuple(tuple(cell_text(cell) for cell in row) for row in _continued(made)), box)


def _bands(several: Sequence[list[list[Word]]]) -> list[tuple[float, float]]:
    """From where to where each column reaches: what is covered in more rows than a few, which may be merged cells."""
    few = int(0.15 * len(several))
    changes: list[tuple[float, int]] = []
    for row in several:
        for piece in row:
            changes += [(min(word.x0 for word in piece), 1), (max(word.x1 for word in piece), -1)]
    bands: list[tuple[float, float]] = []
    depth = 0
    opened = 0.0
    for x, change in sorted(changes):
        if depth <= few < depth + change:
            opened = x
        if depth > few >= depth + change:
            bands.append((opened, x))
        depth += change
    return bands


def _between_bands(row: list[list[Word]], bands: Sequence[tuple[float, float]]) -> list[list[Word]]:
    """The pieces of a row, cut too where words that are apart leave free what is between two columns."""
    made: list[list[Word]] = []
    for piece in row:
        made.append([piece[0]])
        for before, word in pairwise(piece):
            between = any(before.x1 < start and word.x0 > end for (_, end), (start, _) in pairwise(bands))
            if between and word.x0 - before.x1 > _PARTED * word.size:
                made.append([])
            made[-1].append(word)
    return made


def _begins_inside(piece: Sequence[Word], bands: Sequence[tuple[float, float]]) -> bool:
    """Whether a piece begins where a column but the first does, as a cell's further lines do."""
    return any(abs(piece[0].x0 - start) <= 2 for start, _ in bands[1:])


def _reaches_over(piece: Sequence[Word], bands: Sequence[tuple[float, float]]) -> bool:
    first, last = _overlapped(piece, bands)
    return first < last


def _overlapped(piece: Sequence[Word], bands: Sequence[tuple[float, float]]) -> tuple[int, int]:
    """The first and the last column that a piece reaches into; the nearest one if it lies between two."""
    x0, x1 = piece[0].x0, max(word.x1 for word in piece)
    hit = [number for number, (start, end) in enumerate(bands) if x0 < end - 1 and x1 > start + 1]
    if hit:
        return hit[0], hit[-1]
    nearest = min(range(len(bands)), key=lambda number: abs(bands[number][0] + bands[number][1] - x0 - x1))
    return nearest, nearest


def _continued(made: list[list[list[Word]]]) -> list[list[list[Word]]]:
    """The rows, those joined that only go on with cells of the row before: nearer to it than rows are to each other."""
    heights = [min(word.y for cell in row for word in cell) for row in made]
    steps = [below - above for above, below, row in zip(heights, heights[1:], made[1:], strict=False) if row[0]]
    usual = median(steps) if steps else 0.0
    joined_rows: list[list[list[Word]]] = []
    for number, row in enumerate(made):
        step = heights[number] - heights[number - 1] if number else 0.0
        size = next(word.size for cell in row for word in cell)
        if number and not row[0] and step < 0.75 * usual and step < 1.4 * size:
            joined_rows[-1] = [above + cell for above, cell in zip(joined_rows[-1], row, strict=True)]
        else:
            joined_rows.append(row)
    return joined_rows


def cell_text(words: Sequence[Word]) -> str:
    """The lines of a cell in one."""
    return joined(line(row).text for row in rows(words))

"""Which tables of a page are drawn with lines?"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

from ingest.read.pdf.lines import rows, segments
from ingest.read.pdf.page import Rule, Word
from ingest.read.pdf.tables import Table, cell_text

_NEAR = 3.0  # points; lines that end so near to each other meet
_MOST_RULES = 1500  # more are a drawing
_MOST_CELLS = 20_000


def ruled(words: Sequence[Word], rules: Sequence[Rule]) -> list[tuple[Table, frozenset[Word]]]:
    """The tables that are drawn with lines, and the words in each."""
    across = _merged(
        ((rule.y0 + rule.y1) / 2, rule.x0, rule.x1) for rule in rules if rule.x1 - rule.x0 >= rule.y1 - rule.y0
    )
    down = _merged(
        ((rule.x0 + rule.x1) / 2, rule.y0, rule.y1) for rule in rules if rule.x1 - rule.x0 < rule.y1 - rule.y0
    )
    if not words or not across or not down or len(across) * len(down) > _MOST_RULES**2:
        return []
    found = []
    for horizontal, vertical in _crossing(across, down):
        grid = _Grid(horizontal, vertical)
        inside = [word for word in words if grid.holds(word)]
        if inside and grid.is_table(inside):
            left, top, right, bottom = grid.xs[0], grid.ys[0], grid.xs[-1], grid.ys[-1]
            found.append((Table(grid.filled(inside), (left, top, right, bottom)), frozenset(inside)))
    return found


_Edge = tuple[float, float, float]  # where it stands, from where it reaches, and to where


def _merged(edges: Iterable[_Edge]) -> list[_Edge]:
    """Edges in one line that touch each other as one, in the order of their places."""
    found: list[_Edge] = []
    for at, start, end in sorted(edges):
        for number in reversed(range(len(found))):
            other, first, last = found[number]
            if at - other > _NEAR / 2:
                found.append((at, start, end))
                break
            if start <= last + _NEAR and first <= end + _NEAR:
                found[number] = (other, min(first, start), max(last, end))
                break
        else:
            found.append((at, start, end))
    return found[:_MOST_RULES]


def _crossing(across: list[_Edge], down: list[_Edge]) -> list[tuple[list[_Edge], list[_Edge]]]:
    """The edges in groups of those that meet, directly or by others; both are given in the order of their places."""
    xs = [x for x, _, _ in down]
    group = list(range(len(across) + len(down)))

    def root(number: int) -> int:
        while group[number] != number:
            group[number] = group[group[number]]
            number = group[number]
        return number

    for one, (y, x0, x1) in enumerate(across):
        for two in range(bisect_left(xs, x0 - _NEAR), bisect_right(xs, x1 + _NEAR)):
            if down[two][1] - _NEAR <= y <= down[two][2] + _NEAR:
                group[root(len(across) + two)] = root(one)
    found: dict[int, tuple[list[_Edge], list[_Edge]]] = {}
    for number in range(len(group)):
        horizontal, vertical = found.setdefault(root(number), ([], []))
        if number < len(across):
            horizontal.append(across[number])
        else:
            vertical.append(down[number - len(across)])
    return [(horizontal, vertical) for horizontal, vertical in found.values() if horizontal and vertical]


class _Grid:
    """Lines that cross each other, and the cells between them."""

    def __init__(self, across: list[_Edge], down: list[_Edge]) -> None:
        self._across, self._down = across, down
        left, right = min(edge[1] for edge in across), max(edge[2] for edge in across)
        top, bottom = min(edge[1] for edge in down), max(edge[2] for edge in down)
        self.xs = _places([*(edge[0] for edge in down), left, right])
        self.ys = _places([*(edge[0] for edge in across), top, bottom])

    def holds(self, word: Word) -> bool:
        x, y = _centre(word)
        return self.xs[0] <= x <= self.xs[-1] and self.ys[0] <= y <= self.ys[-1]

    def is_table(self, words: Sequence[Word]) -> bool:
        """Whether this is no frame or figure: words stand in two columns and rows of it, and no cell holds columns."""
        columns, lines = len(self.xs) - 1, len(self.ys) - 1
        if columns < 2 or lines < 2 or columns * lines > min(_MOST_CELLS, 20 + 12 * len(words)):
            return False
        held = self._held(words)
        if len(held) < 3 or len({cell[0] for cell in held}) < 2 or len({cell[1] for cell in held}) < 2:
            return False
        gaping = sum(len(cell) for cell in held.values() if any(len(segments(row)) > 1 for row in rows(cell)))
        return gaping < 0.25 * len(words) and self._is_closed()

    def _is_closed(self) -> bool:
        """Whether most sides of the cells are drawn."""
        xs = [(start + end) / 2 for start, end in pairwise(self.xs)]
        ys = [(start + end) / 2 for start, end in pairwise(self.ys)]
        beside = sum(_covered(self._down, x, y) for x in self.xs for y in ys)
        above = sum(_covered(self._across, y, x) for y in self.ys for x in xs)
        return beside >= 0.5 * len(self.xs) * len(ys) and above >= 0.5 * len(self.ys) * len(xs)

    def filled(self, words: Sequence[Word]) -> tuple[tuple[str, ...], ...]:
        """The cells' texts; what is merged stands in the first of its cells."""
        held = self._held(words)
        made: list[tuple[str, ...]] = []
        for row in range(len(self.ys) - 1):
            cells = [held.get((row, column), []) for column in range(len(self.xs) - 1)]
            if any(cells):
                made += _unruled_rows(cells)
        used = [column for column in range(len(self.xs) - 1) if any(row[column] for row in made)]
        return tuple(tuple(row[column] for column in used) for row in made)

    def _held(self, words: Sequence[Word]) -> dict[tuple[int, int], list[Word]]:
        owner = self._owners()
        held: dict[tuple[int, int], list[Word]] = {}
        for word in words:
            held.setdefault(owner[self._cell(word)], []).append(word)
        return held

    def _cell(self, word: Word) -> tuple[int, int]:
        x, y = _centre(word)
        row = min(bisect_right(self.ys, y), len(self.ys) - 1) - 1
        return max(row, 0), max(min(bisect_right(self.xs, x), len(self.xs) - 1) - 1, 0)

    def _owners(self) -> dict[tuple[int, int], tuple[int, int]]:
        """For each cell the first one of those that it is merged with, itself included."""
        owner: dict[tuple[int, int], tuple[int, int]] = {}
        for row in range(len(self.ys) - 1):
            y = (self.ys[row] + self.ys[row + 1]) / 2
            for column in range(len(self.xs) - 1):
                x = (self.xs[column] + self.xs[column + 1]) / 2
                owner[row, column] = (row, column)
                if column and not _covered(self._down, self.xs[column], y):
                    owner[row, column] = owner[row, column - 1]
                elif row and not _covered(self._across, self.ys[row], x):
                    owner[row, column] = owner[row - 1, column]
        return owner


def _places(values: Iterable[float]) -> list[float]:
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _NEAR:
            found.append(value)
    return found


def _covered(edges: Sequence[_Edge], at: float, place: float) -> bool:
    return any(abs(edge[0] - at) <= _NEAR and edge[1] - 1 <= place <= edge[2] + 1 for edge in edges)


def _centre(word: Word) -> tuple[float, float]:
    return (word.x0 + word.x1) / 2, word.y - 0.3 * word.size


def _unruled_rows(cells: list[list[Word]]) -> list[tuple[str, ...]]:
    """One row, unless only the columns of a table are ruled: then most of them have words on each height."""
    heights = rows([word for cell in cells for word in cell])
    filled = [cell for cell in cells if cell]
    if len(heights) > 1 and len(filled) > 1:
        kept = [[[word for word in cell if word in height] for cell in cells] for height in map(set, heights)]
        if all(sum(map(bool, row)) >= 0.7 * len(filled) and row[cells.index(filled[0])] for row in kept):
            return [tuple(cell_text(cell) for cell in row) for row in kept]
    return [tuple(cell_text(cell) for cell in cells)]

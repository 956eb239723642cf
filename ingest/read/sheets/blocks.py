"""Which rows of a sheet are one table, and which of them are its head?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ingest.read.sheets.xlsx_cells import Cells
from ingest.read.unseen import unmarked
from ingest.read.writing.rows import markdown_table

Row = tuple[int, Cells]
Merged = Mapping[tuple[int, int], tuple[int, int]]  # by row and column: how many of both a cell takes
_GAP = 2  # empty rows that do not part a head from its data, nor data from data
_HEAD = 5  # rows of a head
_WIDEST = 1_000  # columns that one cell names
_NUMBER = re.compile(r"\(?[-+−]?[^\w\s]{0,2}\s?\d[\d.,'’ \xa0]*(?:E[-+]?\d+)?\s?[%€$£¥\w]{0,3}\)?", re.IGNORECASE)
_DATE = re.compile(r"\d{4}-\d\d-\d\d.*|\d{1,2}:\d\d(?::\d\d)?")
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(slots=True)
class _Block:
    """Rows without an empty one between them."""

    first: int
    last: int
    rows: list[Cells]
    columns: set[int]


def tables(rows: Iterable[Row], merged: Callable[[], Merged]) -> Iterator[str]:
    """The rows as Markdown: tables with their heads, and the lines above them.

    `merged` gives the cells that span, which is asked for where two rows of words begin a table.
    """
    held: _Block | None = None
    for block in _blocks(rows):
        if held is not None and _goes_on(held, block):
            held.rows += block.rows
            held.last = block.last
            continue
        if held is not None:
            yield _table(held, merged)
        held = block
    if held is not None:
        yield _table(held, merged)


def _blocks(rows: Iterable[Row]) -> Iterator[_Block]:
    block: _Block | None = None
    for number, cells in rows:
        if block is not None and number == block.last + 1:
            block.rows.append(cells)
            block.columns.update(cells)
            block.last = number
            continue
        if block is not None:
            yield block
        block = _Block(number, number, [cells], set(cells))
    if block is not None:
        yield block


def _goes_on(above: _Block, below: _Block) -> bool:
    """Whether a block is of the table above it: it stands in its columns, and has no head of its own."""
    columns = above.columns
    if below.first - above.last > _GAP + 1 or len(columns) < 2 or not below.columns <= columns:
        return False
    if any(len(cells) < 2 for cells in below.rows[:1]) or _has_head(below.rows):
        return False
    head = above.rows[-1]
    if len(above.rows) == 1 or all(len(cells) == 1 for cells in above.rows[:-1]):  # a head, perhaps under a title
        return (
            len(head) > 1
            and all(map(_is_name, head.values()))
            and (len(below.rows) > 1 or not all(map(_is_name, below.rows[0].values())))
        )
    return _is_data(below.rows[0]) and _is_data(head)


def _has_head(rows: Sequence[Cells]) -> bool:
    """Whether the first row names what stands below: words, or years, above numbers."""
    first = rows[0]
    return all(map(_is_name, first.values())) and any(
        _is_value(text) and not (_YEAR.fullmatch(text) and _YEAR.fullmatch(first[column]))
        for cells in rows[1:]
        for column, text in cells.items()
        if column in first
    )


def _is_data(cells: Cells) -> bool:
    return any(_is_value(text) and not _YEAR.fullmatch(text) for text in cells.values())


def _is_name(text: str) -> bool:
    return not _is_value(text) or _YEAR.fullmatch(text) is not None


def _is_value(text: str) -> bool:
    text = unmarked(text)
    return text.startswith("=") or _NUMBER.fullmatch(text) is not None or _DATE.fullmatch(text) is not None


def _table(block: _Block, merged: Callable[[], Merged]) -> str:
    """A table, above it the lines that title it: single cells above rows of several."""
    rows = block.rows
    columns = sorted(block.columns)
    above = 0
    if len(columns) > 1:
        while above < len(rows) - 1 and len(rows[above]) == 1 and columns[0] in rows[above]:
            above += 1
    lines = [text for cells in rows[:above] for text in cells.values()]
    if len(columns) == len(rows) == 1:
        return rows[0][columns[0]]
    if all(len(cells) == 1 for cells in rows[above:]) and len(columns) > 1 and above:  # nothing but single cells
        return "\n\n".join(lines + [text for cells in rows[above:] for text in cells.values()])
    head = _head(rows[above:], block.first + above, merged()) if _may_span(rows[above:]) else (0, [])
    table = markdown_table(
        [cells.get(column, "") for column in columns] for cells in [*head[1], *rows[above + head[0] :]]
    )
    return "\n\n".join([*lines, table])


def _may_span(rows: Sequence[Cells]) -> bool:
    """Whether the head may take more than one row."""
    return len(rows) > 2 and all(_is_name(text) for cells in rows[:2] for text in cells.values())


def _head(rows: Sequence[Cells], number: int, merged: Merged) -> tuple[int, list[Cells]]:
    """How many rows name the columns together, since cells in them span several; and the one row that does."""
    spans = {column: merged[number, column] for column in rows[0] if (number, column) in merged}
    if not spans:
        return 0, []
    tall = max(height for height, _ in spans.values())
    wide = any(width > 1 for _, width in spans.values())
    count = max(tall, 2 if wide else 1)
    if not 1 < count <= _HEAD or count >= len(rows):
        return 0, []
    if not all(_is_name(text) for cells in rows[:count] for text in cells.values()):
        return 0, []
    if tall < 2 and not any(map(_is_data, rows[count:])):  # the second row might be one of words
        return 0, []
    names: dict[int, dict[str, None]] = {}
    for place, cells in enumerate(rows[:count]):
        for column, text in cells.items():
            width = min(merged.get((number + place, column), (1, 1))[1], _WIDEST)
            for covered in range(column, column + width):
                names.setdefault(covered, {})[text] = None
    return count, [{column: " ".join(texts) for column, texts in names.items()}]

"""What does a table's head call its columns, where it takes several rows, or where there is none?"""

from __future__ import annotations

import copy
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from bs4 import BeautifulSoup, Tag

_MOST = 5  # rows of a head
_REPEATED = 80  # letters of a cell that stands in all rows or columns it spans; a longer one stands in the first alone
_CELLS = ["td", "th"]


def head_rows(rows: Sequence[Tag]) -> int:
    """How many rows at the top name the columns together: the first has cells that span, all stand in the head.

    That is what is marked as the head, or else the rows that hold no data. 0 where the first row is one of data, since
    it has a heading of its own like all others.
    """
    if len(rows) > 1 and not _is_marked(rows[0]) and all(map(_is_record, rows)):
        return 0
    is_head = _is_marked if _is_marked(rows[0]) else _names
    count = next((number for number, row in enumerate(rows[: _MOST + 1]) if not is_head(row)), _MOST + 1)
    spans = any(cell.get(span, "1") != "1" for cell in _cells(rows[0]) for span in ("colspan", "rowspan"))
    return count if spans and 1 < count <= _MOST and count < len(rows) else 1


def named(soup: BeautifulSoup, placed: Sequence[Mapping[int, Tag]], columns: Sequence[int]) -> dict[int, Tag]:
    """One head cell for each column from the cells of several rows, each by the column in which it begins.

    A cell that spans columns names all of them, but one that spans the whole table only names the first.
    """
    saying: dict[int, dict[str, Tag]] = {column: {} for column in columns}
    for cells in placed:
        widths = _widths(cells, columns)
        for column, cell in cells.items():
            text = " ".join(cell.get_text().split())
            first, end = bisect_left(columns, column), bisect_left(columns, column + widths[column])
            for covered in columns[first:end]:
                saying[covered].setdefault(text, cell)
    made = unnamed(soup, columns)
    for column, cells_by_text in saying.items():
        if all(cell.find(True) is None for cell in cells_by_text.values()):  # to copy elements takes long
            made[column].append(" ".join(filter(None, cells_by_text)))
            continue
        for cell in cells_by_text.values():
            made[column].extend([*copy.copy(cell).contents, " "])
    return made


def is_short(cell: Tag) -> bool:
    """Whether a cell can be repeated in all that it spans."""
    return len(cell.get_text()) <= _REPEATED and not any(islice(cell.descendants, _REPEATED, None))


def unnamed(soup: BeautifulSoup, columns: Iterable[int]) -> dict[int, Tag]:
    """A head without words."""
    return {column: soup.new_tag("th") for column in columns}


def _widths(cells: Mapping[int, Tag], columns: Sequence[int]) -> dict[int, int]:
    widths = {column: _number(cell) if is_short(cell) else 1 for column, cell in cells.items()}
    saying = [column for column, cell in cells.items() if cell.get_text().strip()]
    if len(saying) == 1 and saying[0] == columns[0] and columns[0] + widths[columns[0]] > columns[-1]:
        widths[columns[0]] = 1
    return widths


def _number(cell: Tag) -> int:
    value = str(cell.get("colspan", "1")).strip()
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 9 else 1


def _cells(row: Tag) -> list[Tag]:
    return row.find_all(_CELLS, recursive=False)


def _is_marked(row: Tag) -> bool:
    return row.parent is not None and row.parent.name == "thead"


def _names(row: Tag) -> bool:
    """Whether each cell that says something is a heading."""
    saying = [cell for cell in _cells(row) if cell.name == "th" or cell.get_text().strip()]
    return bool(saying) and all(cell.name == "th" for cell in saying)


def _is_record(row: Tag) -> bool:
    """Whether the row is a heading and then its data."""
    kinds = [cell.name for cell in _cells(row)]
    return len(kinds) > 1 and kinds[0] == "th" and set(kinds[1:]) == {"td"}

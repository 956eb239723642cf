"""Which cells do the sheets of an OpenDocument spreadsheet (.ods) hold, and what is seen in each?

Read here and not by calamine, which gives neither the text that is shown (25 %, 3,00 €, #DIV/0!) nor comments.
"""

from __future__ import annotations

import re
import zipfile
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from itertools import groupby

from lxml import etree

from ingest.read.office.odf_html import MOST_REPEATED, plain_text
from ingest.read.office.package import attribute, local
from ingest.read.registry import Unreadable
from ingest.read.sheets.xlsx_cells import Cells
from ingest.read.unseen import unseen
from ingest.read.writing.rows import one_line

_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_LONGEST_FORMULA = 200  # letters
_DIALECT = re.compile(r"^\w+:(?==)")  # of: or oooc:
_OF_CELL = re.compile(r"\[\.?([^\]]*)\]")  # [.A1]
_LAST_ROW = 1 << 20
_LAST_COLUMN = 1 << 14
_MOST_MERGED = 100_000
_Row = tuple[int, Cells]
_Merged = dict[tuple[int, int], tuple[int, int]]  # by row and column: how many of both a cell takes


def sheets(archive: zipfile.ZipFile) -> Iterator[tuple[str, Iterator[_Row], Iterator[str], Callable[[], _Merged]]]:
    """Each sheet's name, its rows, what stands beside its cells, and which of them span, to be read in this order.

    Raises Unreadable.
    """
    if "content.xml" not in archive.namelist():
        raise Unreadable("it is damaged, or not a spreadsheet at all: save it again")
    beside: list[str] = []
    merged: dict[int, _Merged] = defaultdict(dict)  # by the number of their sheet
    for (sheet, name), rows in groupby(_rows(archive, beside, merged), key=lambda found: found[0]):
        yield (
            name,
            ((number, cells) for _, number, cells in rows if cells),
            _taken(beside),
            partial(merged.__getitem__, sheet),
        )


def _taken(beside: list[str]) -> Iterator[str]:
    yield from beside
    beside.clear()


def _rows(
    archive: zipfile.ZipFile, beside: list[str], merged: dict[int, _Merged]
) -> Iterator[tuple[tuple[int, str], int, Cells]]:
    """The rows of all sheets, with the number and the name of their sheet; a sheet without any gives an empty one."""
    sheet, name, number, depth = 0, "", 0, 0
    with archive.open("content.xml") as stream:
        names = [f"{{*}}{each}" for each in ("table", "table-row", "shapes")]
        for event, element in etree.iterparse(
            stream, events=("start", "end"), tag=names, resolve_entities=False, huge_tree=True
        ):
            kind = local(element)
            if kind == "table":
                depth += 1 if event == "start" else -1
                if event == "start" and depth == 1:
                    sheet, name, number = sheet + 1, attribute(element, "name"), 0
                    yield (sheet, name), 0, {}
            elif depth == 1 and event == "end":
                if kind == "table-row":
                    cells = _cells(element, number, beside, merged[sheet])
                    times = min(_times(element, "rows"), _LAST_ROW - number)
                    for again in range(min(times, MOST_REPEATED) if cells else 0):
                        yield (sheet, name), number + again, cells
                    number += times
                else:
                    beside += filter(None, (plain_text(each) for each in element.iter("{*}p")))
                element.clear()
                while element.getprevious() is not None:  # else their empty shells would add up
                    del element.getparent()[0]


def _cells(row: etree._Element, number: int, beside: list[str], merged: _Merged) -> Cells:
    cells: Cells = {}
    column = 0
    for cell in row:
        times = min(_times(cell, "columns"), _LAST_COLUMN - column)
        if cell.tag != f"{_TABLE}covered-table-cell":  # what a merged cell covers is not seen
            text = _text(cell)
            for again in range(times if text else 0):
                cells[column + again] = text
            if text and len(merged) < _MOST_MERGED and (span := _span(cell)) != (1, 1):
                merged[number, column] = span
            for comment in cell.iterchildren(f"{_OFFICE}annotation") if len(cell) else ():
                said = " ".join(plain_text(each) for each in comment.iterchildren(f"{_TEXT}p"))
                beside.append(unseen(f"{_letters(column)}{number + 1}: {said}", "comment"))
        column += times
    return cells


def _text(cell: etree._Element) -> str:
    if date := str(cell.get(f"{_OFFICE}date-value") or ""):
        return date.removesuffix("T00:00:00").replace("T", " ").removesuffix(":00")
    if len(cell) == 1 and cell[0].tag == f"{_TEXT}p" and not len(cell[0]):
        return one_line(cell[0].text or "")
    seen = one_line(" ".join(plain_text(each) for each in cell if local(each) in {"p", "frame", "g", "custom-shape"}))
    return seen or str(cell.get(f"{_OFFICE}value") or "") or _formula(cell)


def _formula(cell: etree._Element) -> str:
    """The formula of a cell without a stored result, as =A1+2; empty where there is a result, which may be no words."""
    if cell.get(f"{_OFFICE}value-type") or cell.get(f"{_OFFICE}boolean-value"):
        return ""
    text = one_line((cell.get(f"{_TABLE}formula") or "")[: _LONGEST_FORMULA + 8])
    text = _OF_CELL.sub(lambda found: found[1].replace(":.", ":"), _DIALECT.sub("", text))
    return text if len(text) <= _LONGEST_FORMULA else f"{text[:_LONGEST_FORMULA]}…"


def _span(cell: etree._Element) -> tuple[int, int]:
    """How many rows and columns a cell takes."""
    taken = [cell.get(f"{_TABLE}number-{what}-spanned") or "1" for what in ("rows", "columns")]
    rows, columns = (int(each) if each.isdigit() and len(each) < 8 else 1 for each in taken)
    return rows, columns


def _times(element: etree._Element, what: str) -> int:
    times = element.get(f"{_TABLE}number-{what}-repeated") or ""
    return int(times) if times.isdigit() else 1


def _letters(column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters

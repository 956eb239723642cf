"""What is in the sheets of a workbook (.xlsx, .xlsm, .xlsb, .xls, .ods), as Markdown tables?

Of .xlsb and .xls only the values are read, by calamine: without number formats (0.25 for 25 %), errors and comments.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path

import python_calamine as calamine

from ingest.model import Document, Failure, Page
from ingest.read.damage import until_damage
from ingest.read.inside import checked_zip
from ingest.read.office.number_format import moment, plain
from ingest.read.office.opendocument import described, protect
from ingest.read.office.package import embedded, properties
from ingest.read.office.package_faults import faults_in, with_faults
from ingest.read.registry import Item, Unreadable
from ingest.read.sandbox.late import LATE, is_late
from ingest.read.sheets import ods_cells
from ingest.read.sheets.blocks import Merged, Row, tables
from ingest.read.sheets.delimited import read_table
from ingest.read.sheets.workbook import open_workbook
from ingest.read.unseen import unseen
from ingest.read.writing.rows import one_line

_OLE = b"\xd0\xcf\x11\xe0"
_OLDEST = b"\x09"  # Excel before 1995
# Its name, its cells, what stands beside them, and which of them span
_Sheet = tuple[str, Iterable[Row], Iterable[str], Callable[[], Merged]]
_PROTECTED = "it is protected by a password: save it without"


def read_sheets(path: Path, name: str) -> Iterator[Item]:
    """All sheets that hold anything as one document, each under its name, hidden ones too; a page is a sheet.

    Rows that empty ones separate are tables of their own, unless they go on with the one above. The title is the
    workbook's property, else the file's stem.
    """
    late: list[str] = []
    yield from _read(path, name, late)
    for what in late:
        yield Failure(name, f"{what} {LATE}")


def _read(path: Path, name: str, late: list[str]) -> Iterator[Item]:
    faults: list[str] = []
    with path.open("rb") as file:
        head = file.read(4)
    if head == _OLE or head[:1] == _OLDEST:
        yield from with_faults(_document(path, name, _in_time(_values(path, faults), late), {}), faults)
        return
    if head[:2] != b"PK":  # what many programs write under this suffix
        yield from read_table(path, name)
        return
    with checked_zip(path, "workbook") as archive:
        if "xl/workbook.bin" in archive.namelist():
            faults = faults_in(archive)
            sheets = _in_time(_values(path, faults), late)
            yield from with_faults(_document(path, name, sheets, properties(archive)), faults)
        elif "mimetype" in archive.namelist() or path.suffix.lower() == ".ods":
            protect(archive)
            yield _document(path, name, _in_time(ods_cells.sheets(archive), late), described(archive))
        else:
            book = open_workbook(archive)
            found = (
                (
                    each.name,
                    book.rows(each) if each.shown else _unshown(book.rows(each)),
                    book.beside(each),
                    cache(partial(book.merged, each)),
                )
                for each in book.sheets
            )
            yield from with_faults(_document(path, name, _in_time(found, late), properties(archive)), book.faults)
        yield from embedded(archive, name)


def _in_time(sheets: Iterable[_Sheet], late: list[str]) -> Iterator[_Sheet]:
    """The sheets, as far as they can be read in time; `late` is told where that ended."""

    def until_late(sheet: str, rows: Iterable[Row]) -> Iterator[Row]:
        for place, row in enumerate(rows):
            if place and is_late():
                late.append(f"sheet {one_line(sheet)!r} from its row {row[0] + 1} on, and what follows it, has")
                return
            yield row

    for sheet, rows, beside, merged in sheets:
        if late:
            return
        yield sheet, until_late(sheet, rows), beside, merged


def _unshown(rows: Iterable[Row]) -> Iterator[Row]:
    """The rows of a sheet that is hidden."""
    for number, cells in rows:
        yield number, {column: unseen(text, "not shown") for column, text in cells.items()}


def _document(path: Path, name: str, sheets: Iterable[_Sheet], known: dict[str, str]) -> Document:
    pieces: list[str] = []
    pages: list[Page] = []
    size = 0
    for number, (sheet, rows, beside, merged) in enumerate(sheets, start=1):
        blocks = [*tables(rows, merged), *beside]
        if not blocks:
            continue
        pages.append(Page(size, number))
        for piece in (f"## {one_line(sheet)}", *blocks):
            pieces.append(piece)
            size += len(piece) + 2
    title = known.pop("title", "") or path.stem
    return Document(name, "\n\n".join(pieces), title, "markdown", tuple(pages), known)


def _values(path: Path, faults: list[str]) -> Iterator[_Sheet]:
    """Every sheet's name and rows as calamine gives them. Raises Unreadable."""
    try:
        with _no_panic():
            book = calamine.load_workbook(path)
    except calamine.PasswordError:
        raise Unreadable(_PROTECTED) from None
    except calamine.CalamineError:
        with path.open("rb") as file:
            is_protected = file.read(4) == _OLE and path.suffix.lower() != ".xls"
        damage = "it is damaged, or not a workbook at all: repair it, or save it again as .xlsx"
        raise Unreadable(_PROTECTED if is_protected else damage) from None
    for sheet in book.sheet_names:
        yield sheet, until_damage(_rows(book, sheet), f"sheet {one_line(sheet)[:80]}", faults), iter(()), dict


def _rows(book: calamine.CalamineWorkbook, sheet: str) -> Iterator[Row]:
    with _no_panic():
        for number, row in enumerate(book.get_sheet_by_name(sheet).iter_rows()):
            cells = {column: text for column, value in enumerate(row) if (text := _text(value))}
            if cells:
                yield number, cells


@contextmanager
def _no_panic() -> Iterator[None]:
    """Makes a panic of calamine's over a damaged file an error like its others; it is no Exception, nor importable."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise calamine.CalamineError(str(error)) from None


def _text(value: object) -> str:
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return moment(value)
    return plain(value) if isinstance(value, int | float) else ""

"""What is in a table of comma- or tab-separated values, as Markdown?"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from ingest.model import Document
from ingest.read.decode import text_of

_LARGEST_CELL = 1 << 24  # characters
_SAMPLE = 1 << 15  # characters that the delimiter is judged by
_DELIMITERS = "\t;|,"  # the rarer first: a comma is in prose and numbers, too
_TORN = 20  # lines in one cell, of a file with an odd number of quotation marks: one of them opens what it should not
_TITLES = 50  # more single cells than that are a table of one column
_SAID = re.compile(r"sep=(.)\n")  # how a file tells Excel of its delimiter
_ESCAPED = re.compile(r'\\"[^,;|\t\n]')  # not at the end of a cell, where it is that of a path: "C:\\x\\"
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_NUMBER = re.compile(r"[-+(€$£]?[\d.,'’ \xa0]*\d[\d.,'’ \xa0]*[%€$£)]?")


def read_table(path: Path, name: str) -> Iterator[Document]:
    """The rows as Markdown tables, each with its first row as header; short rows are filled up with empty cells.

    Single cells above a header are its title, and text. After an empty row another table begins, if what follows looks
    like one: it has its own title, header or number of columns. A cell is one line. The title is the file's stem.
    """
    text = text_of(path)
    csv.field_size_limit(_LARGEST_CELL)
    said = _SAID.match(text)
    delimiter = said[1] if said else _delimiter(text, path.suffix.lower())
    found = _rows(text, said.end() if said else 0, delimiter)
    yield Document(name, "\n\n".join(_tables(found)), path.stem, "markdown")


def _rows(text: str, start: int, delimiter: str) -> Iterator[list[str]]:
    escaped = bool(_ESCAPED.search(text, start, start + _SAMPLE))
    torn = _is_torn(text, start, delimiter)
    lines = (line[0] for line in _LINE.finditer(text, start))
    rows = csv.reader(
        lines,
        delimiter=delimiter,
        quoting=csv.QUOTE_NONE if torn else csv.QUOTE_MINIMAL,
        doublequote=not escaped,
        escapechar="\\" if escaped else None,
    )
    for row in rows:
        cells = [" ".join(cell.split()) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        yield [cell.strip('"') for cell in cells] if torn else cells


def _is_torn(text: str, start: int, delimiter: str) -> bool:
    """Whether a quotation mark that nothing closes would swallow the lines after it."""
    if text.count('"') % 2 == 0:
        return False
    try:
        rows = csv.reader((line[0] for line in _LINE.finditer(text, start)), delimiter=delimiter)
        return any(cell.count("\n") > _TORN for row in rows for cell in row)
    except csv.Error:
        return True


def _delimiter(text: str, suffix: str) -> str:
    """The delimiter that parts most rows of the sample into the same number of cells."""
    usual = "\t" if suffix == ".tsv" else ","
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample.rpartition("\n")[0] or sample
    if suffix == ".tsv" and "\t" in sample:
        return usual
    shares = {mark: _share(sample, mark) for mark in _DELIMITERS}
    best = max(_DELIMITERS, key=lambda mark: shares[mark])
    return best if shares[best] else usual


def _share(sample: str, delimiter: str) -> float:
    try:
        rows = csv.reader((line[0] for line in _LINE.finditer(sample)), delimiter=delimiter)
        widths = Counter(len(row) for row in rows if any(row))
    except csv.Error:
        return 0.0
    return max((count for width, count in widths.items() if width > 1), default=0) / max(1, widths.total())


def _tables(rows: Iterator[list[str]]) -> Iterator[str]:
    """Titles and tables in their order, written as soon as they are complete."""
    table = _Table()
    block: list[list[str]] = []  # single cells at the top or after an empty row: titles, if several cells follow
    parted = True
    for row in rows:
        if not row:
            parted = True
            continue
        if not parted:
            table.take([row])
            continue
        block.append(row)
        if len(row) < 2 and len(block) < _TITLES:
            continue
        follows = [row, *islice(rows, 1)]  # the row below tells whether this one is a header
        above = block[:-1]
        if not table.goes_on(follows, titled=bool(above)):
            yield from table.written()
            yield from (cells[0] for cells in above)
            above = []
            table = _Table()
        table.take([*above, *(cells for cells in follows if cells)])
        block, parted = [], not follows[-1]
    table.take(block)
    yield from table.written()


class _Table:
    """Rows that are written as they come; they are filled up when the widest is known."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.widths: list[int] = []

    def take(self, rows: Sequence[Sequence[str]]) -> None:
        for row in rows:
            self.lines.append(" | ".join(cell.replace("|", "\\|") for cell in row))
            self.widths.append(len(row))

    def goes_on(self, rows: Sequence[Sequence[str]], *, titled: bool) -> bool:
        """Whether rows after an empty one belong to this table: as wide, with neither title nor header."""
        if not self.lines or titled or len(rows[0]) != self.widths[0]:
            return False
        first, below = rows[0], rows[-1]
        return not (
            len(rows) > 1
            and len(below) > 1
            and not any(map(_NUMBER.fullmatch, first))
            and any(map(_NUMBER.fullmatch, below))
        )

    def written(self) -> Iterator[str]:
        if not self.lines:
            return
        width = max(self.widths)
        for number, (line, cells) in enumerate(zip(self.lines, self.widths, strict=True)):
            self.lines[number] = f"| {line}{' | ' * (width - cells)} |"
        self.lines.insert(1, f"| {' | '.join(['---'] * width)} |")
        yield "\n".join(self.lines)

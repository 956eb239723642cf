"""How do the tables of a reStructuredText text read as rows, each cell whole and in its column?

docutils parses grids and simple tables; the directives that are tables are written out here. What cannot be parsed
stays as it is written.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from typing import Any

from ingest.read.writing.rows import markdown_table, one_line
from ingest.split.rst import rst_blocks

_DIRECTIVE = re.compile(r"([ \t]*)\.\. (list-table|csv-table)::[ \t]*(.*)")
_TITLED = re.compile(r"([ \t]*)\.\. table::[ \t]*(.*)\n(?:[ \t]+:[\w-]+:.*\n)*(?:[ \t]*\n)*\Z")
_BORDER = re.compile(r"[ \t]*(?:\+(?:-+\+)+|=+(?:[ \t]+=+)+)[ \t]*(?:\n|\Z)")
_OPTION = re.compile(r"[ \t]+:([\w-]+):[ \t]*(.*)")
_ROW, _CELL = re.compile(r"([ \t]*)[*+-][ \t]+([*+-](?:[ \t]+.*)?$)"), re.compile(r"([ \t]*)[*+-](?:[ \t]+(.*))?$")
_REPEATED = 80  # letters of a cell that stands in all rows and columns it spans; a longer one stands in the first alone
_PAD = "\0"
_ELSEWHERE = {"file", "url"}  # where a table is that is not in this file
_DELIMITERS = {"tab": "\t", "space": " "}


def with_rows(text: str) -> str:
    """The text with its tables as Markdown tables, their titles above them."""
    kept: list[str] = []
    reached = 0
    for start, end in _tables(text):
        rows = _rows(text[start:end])
        if rows is None:
            continue
        titled = _TITLED.search(text, reached, start)
        before, title = (text[reached : titled.start()], titled[2]) if titled else (text[reached:start], "")
        if (directive := _DIRECTIVE.match(text, start)) is not None:
            title = directive[3]
        indent = titled[1] if titled else _indent(text[start:end])
        lines = [*([title.strip(), ""] if title.strip() else []), *rows.split("\n")]
        lines += [] if text.startswith("\n", end) else [""]
        kept += [before, "".join(f"{indent if line else ''}{line}\n" for line in lines)]
        reached = end
    return "".join([*kept, text[reached:]])


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip(" \t"))]


def _tables(text: str) -> Iterator[tuple[int, int]]:
    """Where tables begin and end."""
    start = end = -1
    literal = False
    for block in rst_blocks(text):
        begins = block.kind == "row" and bool(_BORDER.match(text, block.start) or _DIRECTIVE.match(text, block.start))
        if start >= 0 and (begins or block.kind != "row"):
            yield start, end
            start = -1
        if begins and not (literal and text[block.start] in " \t"):  # literal is what stands indented below two colons
            start = block.start
        elif block.kind != "row":
            literal = text[block.start : block.end].rstrip().endswith("::")
        end = block.end
    if start >= 0:
        yield start, end


def _rows(source: str) -> str | None:
    """The table as Markdown; None where it is not understood."""
    lines = source.rstrip().split("\n")
    directive = _DIRECTIVE.fullmatch(lines[0])
    try:
        found = _listed(directive[2], lines[1:]) if directive else _drawn(lines)
    except _misunderstood():
        return None
    if found is None:
        return None
    head, body = found
    return markdown_table([*_head(head), *body])


def _misunderstood() -> tuple[type[Exception], ...]:
    from docutils.parsers.rst.tableparser import TableMarkupError

    # The library's own error, and what it raises on tables that it takes for sound
    return TableMarkupError, csv.Error, LookupError, TypeError, ValueError, AssertionError


def _head(rows: Sequence[Sequence[str]]) -> list[list[str]]:
    """One row that names each column from the rows of the head; a table without a head has an empty one."""
    width = max(map(len, rows), default=0)
    columns = ([row[column] for row in rows if column < len(row)] for column in range(width))
    return [[" ".join(filter(None, dict.fromkeys(column))) for column in columns]] if rows else []


def _drawn(lines: Sequence[str]) -> tuple[list[list[str]], list[list[str]]]:
    """Head and body of a table that is drawn."""
    from docutils.parsers.rst.tableparser import GridTableParser, SimpleTableParser
    from docutils.statemachine import StringList

    margin = min(len(_indent(line)) for line in lines if line.strip())
    drawn = [line[margin:].rstrip() for line in lines]
    is_grid = drawn[0].startswith("+")
    parser = GridTableParser() if is_grid else SimpleTableParser()
    width = len(drawn[0])
    block = StringList([line.ljust(width) for line in drawn] if is_grid else drawn, "table")
    block.pad_double_width(_PAD)  # Chinese letters take two columns
    _, head, body = parser.parse(block)
    placed = _placed([*head, *body] if is_grid else [_spread(row) for row in (*head, *body)])
    return placed[: len(head)], placed[len(head) :]


def _spread(row: Sequence[Any]) -> list[Any]:
    """A simple table's row with an empty place for each column that a cell spans, as grids have it."""
    return [place for cell in row for place in (cell, *[None] * cell[1])]


def _placed(rows: Sequence[Sequence[Any]]) -> list[list[str]]:
    """The cells in their columns; a short one that spans rows or columns stands in all of them."""
    width = max(map(len, rows), default=0)
    placed = [[""] * width for _ in rows]
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            if cell is None:  # a cell that spans this place says what stands here
                continue
            more_rows, more_columns, _, content = cell
            words = one_line("\n".join(content).replace(_PAD, ""))
            words = "" if words == "\\" else words  # as which a simple table writes that a row's first cell is empty
            spread = len(words) <= _REPEATED
            for below in range(more_rows + 1 if spread else 1):
                for beside in range(more_columns + 1 if spread else 1):
                    placed[number + below][column + beside] = words
    return placed


def _listed(kind: str, lines: Sequence[str]) -> tuple[list[list[str]], list[list[str]]] | None:
    """Head and body of a table that is written as a list or as comma-separated values; None where it is elsewhere."""
    options: dict[str, str] = {}
    at = 0
    while at < len(lines) and (option := _OPTION.fullmatch(lines[at])):
        options[option[1]] = option[2].strip()
        at += 1
    if _ELSEWHERE & options.keys():
        return None
    rows = _items(lines[at:]) if kind == "list-table" else list(_values(lines[at:], options))
    count = int(options.get("header-rows") or 0)
    named = next(iter(_values([options["header"]], options)), []) if options.get("header") else []
    return [*([named] if named else []), *rows[:count]], rows[count:]


def _items(lines: Sequence[str]) -> list[list[str]]:
    """Rows of cells from a list of lists."""
    rows: list[list[str]] = []
    outer = inner = -1
    for line in lines:
        row = _ROW.fullmatch(line)
        if row and (outer < 0 or len(row[1]) == outer):
            outer, inner = len(row[1]), row.start(2)
            rows.append([row[2][1:].strip()])
        elif rows and (cell := _CELL.fullmatch(line)) and len(cell[1]) == inner:
            rows[-1].append((cell[2] or "").strip())
        elif rows and line.strip():
            rows[-1][-1] = f"{rows[-1][-1]} {line.strip()}".strip()
    return rows


def _values(lines: Sequence[str], options: dict[str, str]) -> Iterator[list[str]]:
    delimiter = options.get("delim", ",")
    reader = csv.reader(
        (line.strip() for line in lines if line.strip()),
        delimiter=_DELIMITERS.get(delimiter, delimiter),
        quotechar=options.get("quote") or '"',
        escapechar=options.get("escape") or None,
        skipinitialspace=True,
    )
    return (row for row in reader if row)

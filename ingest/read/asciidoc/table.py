"""Which rows and cells has a table in AsciiDoc?"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable

_CELL = re.compile(r"(?<!\\)(?:(?<![^\s|])(?:(\d+)?(?:\.(\d+))?([+*]))?[<^>]?(?:\.[<^>])?[aehlmdsv]?)?\|")
_FORMATS = {",": ",", ":": ":"}
_WIDEST = 1000  # columns


def table(lines: list[str], mark: str, attributes: str, words: Callable[[str], str]) -> str:
    """The lines between the delimiters as a Markdown table, whose header is the first row; `mark` is the delimiter's.

    A cell that spans several columns or rows is given once.
    """
    columns = _columns(attributes)
    kind = re.search(r"format\s*=\s*\"?(\w+)", attributes)
    delimiter = {"csv": ",", "tsv": "\t", "dsv": ":"}.get(kind[1] if kind else "", _FORMATS.get(mark, ""))
    if delimiter:
        rows = [[words(cell) for cell in row] for row in csv.reader(filter(None, lines), delimiter=delimiter)]
    else:
        rows = _rows(lines, columns, words)
    rows = [row for row in rows if any(row)]
    width = max(map(len, rows), default=0)
    written = [[" ".join(cell.split()).replace("|", "\\|") for cell in row] + [""] * (width - len(row)) for row in rows]
    written[1:1] = [["---"] * width] if rows else []
    return "\n".join(f"| {' | '.join(row)} |" for row in written)


def _columns(attributes: str) -> int:
    """How many columns the attribute `cols` speaks of, 0 where it does not."""
    found = re.search(r"cols\s*=\s*(?:\"([^\"]*)\"|(\d+\*?[^\s,\]]*))", attributes)
    if found is None:
        return 0
    columns = 0
    for part in re.split("[,;]", found[1] or found[2]):
        several = re.match(r"\s*(\d+)\*", part)
        columns += int(several[1]) if several else 1
    return min(columns, _WIDEST)


def _rows(lines: list[str], columns: int, words: Callable[[str], str]) -> list[list[str]]:
    """Cells in rows of as many columns as are said, else as the first line of cells has."""
    text = "\n".join(lines)
    marks = list(_CELL.finditer(text))
    first = text.count("\n", 0, len(text) - len(text.lstrip()))
    if not columns:
        line = lines[first] if first < len(lines) else ""
        columns = sum(int(mark[1] or 1) if mark[3] else 1 for mark in _CELL.finditer(line)) or 1
    columns = min(columns, _WIDEST)
    taken: set[tuple[int, int]] = set()
    rows: list[list[str]] = []
    at = 0  # the place of the next cell, counted over all rows

    def put(cell: str, across: int, down: int) -> None:
        nonlocal at
        while divmod(at, columns) in taken:
            at += 1
        row, column = divmod(at, columns)
        while len(rows) <= row:
            rows.append([""] * columns)
        rows[row][column] = cell
        taken.update((row + below, column + beside) for below in range(down) for beside in range(min(across, columns)))

    for mark, following in zip(marks, [*(other.start() for other in marks[1:]), len(text)], strict=False):
        cell = words(text[mark.end() : following].replace("\\|", "|"))
        across, down = min(int(mark[1] or 1), _WIDEST), min(int(mark[2] or 1), _WIDEST)
        if mark[3] == "*":
            for _ in range(across):
                put(cell, 1, 1)
        else:
            put(cell, across, down)
    return rows

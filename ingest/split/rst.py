"""Which blocks is a reStructuredText text made of?

docutils would build a tree without offsets; where titles, literal blocks, lists and tables begin is all that is asked.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import pairwise

from ingest.split.block import Block
from ingest.split.sentences import Span, trimmed
from ingest.split.tables import caption

_UNDERLINE = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*$")
_LITERAL = re.compile(r"^\.\. (?:code|code-block|sourcecode|parsed-literal|math|productionlist)::|::\s*$")
_GRID = re.compile(r"[ \t]*\+(?:-+\+)+[ \t]*$")
_BORDER = re.compile(r"[ \t]*\+(?:[-=]+\+)+[ \t]*$")
_SIMPLE = re.compile(r"[ \t]*=+(?:[ \t]+=+)+[ \t]*$")
_PIPES = re.compile(r"[ \t]*\|.*\|[ \t]*$")
_RULE = re.compile(r"[ \t]*\|(?: --- \|)+$")
_DIRECTIVE = re.compile(r"[ \t]*\.\. (list-table|csv-table)::(.*)$")
_HEADER_OPTION = re.compile(r"[ \t]+:header(-rows)?:[ \t]*(.*)$")
_LIST_ROW = re.compile(r"[ \t]+[*+-] +[*+-](?: |$)")
_LINE_END = re.compile("\n")


def rst_blocks(text: str) -> Iterator[Block]:
    """Titles with and without overline, paragraphs, literal blocks over blank lines, and the rows of tables."""
    lines = _Lines(text)
    titles = _titles(lines)
    number = 0
    literal = False
    while (number := lines.behind_blanks(number)) < len(lines):
        if number in titles:
            after, title, level = titles[number]
            yield Block(*lines.span(number, after), "heading", title, level)
            number = after
        elif rows := _table(lines, number):
            yield from rows
            number = lines.at(rows[-1].end)
        else:
            first = number
            is_code = literal and lines.is_indented(first)
            number = lines.behind_paragraph(first, is_code, titles)
            literal = bool(_LITERAL.search(lines[first]) or _LITERAL.search(lines[number - 1]))
            yield Block(*lines.span(first, number), "code" if is_code else "text")


class _Lines:
    """A text's lines, each cut out when it is asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.starts = array("Q", [0, *(line.end() for line in _LINE_END.finditer(text)), len(text)])

    def __len__(self) -> int:
        return len(self.starts) - 1

    def __getitem__(self, number: int) -> str:
        return self.text[slice(*self.span(number, number + 1))].removesuffix("\n")

    def span(self, first: int, behind: int) -> Span:
        """The offsets of some lines."""
        return self.starts[first], self.starts[behind]

    def at(self, offset: int) -> int:
        """The first line that begins at an offset or behind it."""
        return min(bisect_left(self.starts, offset), len(self))

    def is_blank(self, number: int) -> bool:
        return not self[number].strip()

    def is_indented(self, number: int) -> bool:
        return self[number][:1] in (" ", "\t")

    def behind_blanks(self, number: int) -> int:
        """The first line from `number` on that is not blank."""
        while number < len(self) and self.is_blank(number):
            number += 1
        return number

    def behind_paragraph(self, number: int, is_code: bool, titles: Mapping[int, object]) -> int:
        """The line behind a paragraph; a literal block goes on over blank lines as long as it is indented."""
        while number < len(self) and number not in titles:
            if self.is_blank(number):
                following = self.behind_blanks(number)
                if not is_code or following == len(self) or not self.is_indented(following):
                    break
                number = following
            number += 1
        return number


def _titles(lines: _Lines) -> dict[int, tuple[int, str, int]]:
    """By the line on which it begins: the line behind a title with its adornment, its words, its level."""
    styles: list[str] = []
    found: dict[int, tuple[int, str, int]] = {}
    underlined = -1  # the line that underlines the title before, and so is no overline of the next
    above, title = "", lines[0]
    for number in range(len(lines) - 1):
        underline = lines[number + 1]
        if _UNDERLINE.match(underline) and title.strip() and not _UNDERLINE.match(title):
            fits = len(underline.rstrip()) >= len(title.strip())
            if fits and (not above.strip() or _UNDERLINE.match(above)):
                overlined = 0 < number != underlined + 1 and above.rstrip() == underline.rstrip()
                underlined = number + 1
                style = underline[0] + ("^" if overlined else "")
                if style not in styles:
                    styles.append(style)
                level = styles.index(style) + 1
                found[number - 1 if overlined else number] = number + 2, title.strip(), level
        above, title = title, underline
    return found


def _table(lines: _Lines, number: int) -> list[Block]:
    """The rows of the table that begins on this line; none where none does."""
    line = lines[number]
    if _PIPES.match(line) and number + 1 < len(lines) and _RULE.match(lines[number + 1]):
        return _piped(lines, number)
    if _GRID.match(line):
        return _grid(lines, number)
    if _SIMPLE.match(line):
        return _simple(lines, number)
    if directive := _DIRECTIVE.match(line):
        return _directive(lines, number, directive[1] == "csv-table", directive.span(2))
    return []


def _piped(lines: _Lines, first: int) -> list[Block]:
    """A table as its reader wrote it: a line a row, the first of them the header."""
    behind = first + 2
    while behind < len(lines) and _PIPES.match(lines[behind]):
        behind += 1
    return _rows(lines, [first, *range(first + 2, behind), behind], lines.span(first, first + 1))


def _grid(lines: _Lines, first: int) -> list[Block]:
    """A grid table: a border ends every row, and one of equals signs the header."""
    behind = first + 1
    begins: list[int] = []
    header = None
    while behind < len(lines) and lines[behind].lstrip()[:1] in ("+", "|"):
        behind += 1
        if _BORDER.match(lines[behind - 1]):
            begins.append(behind)
            if "=" in lines[behind - 1]:
                header = lines.span(first + 1, behind - 1)
                begins = [behind]
    return _rows(lines, [first, *begins[:-1], behind], header) if begins else []


def _simple(lines: _Lines, first: int) -> list[Block]:
    """A simple table: a border ends the header, another one the rows; a row's first column is not empty."""
    indent = len(lines[first]) - len(lines[first].lstrip())
    borders: list[int] = []
    begins: list[int] = []
    number = first + 1
    while number < len(lines) and len(borders) < 2:
        line = lines[number]
        if _SIMPLE.match(line):
            borders.append(number)
            if len(borders) == 1 and number + 1 < len(lines) and lines[number + 1].strip():
                begins = []  # what stood above was the header
        elif line.strip() and line[indent : indent + 1].strip() and not _UNDERLINE.match(line):
            begins.append(number)
        if len(borders) == 1 and not line.strip():
            break  # a table without a header
        number += 1
    if not borders:
        return []
    behind = borders[-1] + 1
    begins = [begin for begin in begins if begin < borders[-1]]
    has_header = len(borders) == 2 and bool(begins)
    header = lines.span(first + 1, borders[0]) if has_header else None
    return _rows(lines, [first, *(begins if has_header else begins[1:]), behind], header)


def _directive(lines: _Lines, first: int, by_line: bool, title: Span) -> list[Block]:
    """A list-table or csv-table: options, a blank line, then its rows."""
    indent = len(lines[first]) - len(lines[first].lstrip())
    behind = number = first + 1
    begins: list[int] = []
    rows = 0
    header: Span | None = None
    while (number := lines.behind_blanks(number)) < len(lines):
        line = lines[number]
        if len(line) - len(line.lstrip()) <= indent:
            break
        if option := _HEADER_OPTION.match(line):
            rows = int(option[2]) if option[1] and option[2].isdecimal() else 0
            begin, end = option.span(2)
            header = None if option[1] else (lines.starts[number] + begin, lines.starts[number] + end)
        elif _LIST_ROW.match(line) or (by_line and begins) or (by_line and lines.is_blank(number - 1)):
            begins.append(number)
        number += 1
        behind = number
    if len(begins) <= rows:
        return []
    if rows:
        header = lines.span(begins[0], begins[rows])
    above = lines.span(first, first + 1)[0]
    named = trimmed(lines.text, above + title[0], above + title[1])
    return _rows(lines, [first, *begins[max(1, rows) :], behind], header, named if named[0] < named[1] else None)


def _rows(lines: _Lines, bounds: list[int], header: Span | None, title: Span | None = None) -> list[Block]:
    """The rows between some lines; the first one holds the header, if there is one."""
    start, end = lines.span(bounds[0], bounds[-1])
    title = title or (caption(lines.text, start, end) if len(bounds) > 2 else None)
    spans = [lines.span(first, behind) for first, behind in pairwise(bounds)]
    return [
        Block(*span, "row", header=header if number else None, caption=title if number else None)
        for number, span in enumerate(spans)
    ]

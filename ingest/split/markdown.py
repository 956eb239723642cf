"""Which blocks is a Markdown text made of?

markdown-it-py says so, a part of the text at a time, because its tokens take a hundred times the text's room.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from functools import cache
from typing import TYPE_CHECKING

from ingest.split.block import Block, plain_blocks
from ingest.split.sentences import trimmed
from ingest.split.tables import caption, html_rows

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_PART = 60_000  # letters that are parsed at once
_LONG_LINE = re.compile(r"^[^\n]{20000}", re.MULTILINE)  # nobody's Markdown, and slow to parse
_LARGE_ITEM = 1_000  # letters of a list item that is better taken as the blocks that stand in it
_LINE_END = re.compile("\n")
_ROW = re.compile(r"[ \t]*[^\s#>][^\n|]*\|[^\n]*\n?")


def markdown_blocks(text: str) -> Iterator[Block]:
    """Headings of both kinds, paragraphs, list items, fences, and the rows of tables with their header and caption."""
    start = 0
    while start < len(text):
        end = _line_end(text, start + _PART)
        if long_line := _LONG_LINE.search(text, start, end):
            if long_line.start() == start:
                end = _line_end(text, start + 1)
                yield from plain_blocks(text, start, end)
                start = end
                continue
            end = long_line.start()
        part = _Part(text, start, end)
        end = part.last_begin() if end < len(text) else end
        yield from part.blocks(end)
        start = (yield from part.rest()) if end == part.end else end


class _Part:
    """The tokens of a stretch of the text."""

    def __init__(self, text: str, start: int, end: int) -> None:
        self.text, self.start, self.end = text, start, end
        self.lines = [start, *(line.end() for line in _LINE_END.finditer(text, start, end)), end]
        self.tokens = _parser().parse(text[start:end])
        self.header: tuple[tuple[int, int], tuple[int, int] | None] | None = None

    def last_begin(self) -> int:
        """Where the last block (or item of a list) begins, which may go on behind the end; the end if it is alone."""
        for token in reversed(self.tokens):
            opens = (token.level == 0 and token.nesting >= 0) or (token.level == 1 and token.type == "list_item_open")
            if opens and token.map is not None and token.map[0]:
                return self.lines[token.map[0]]
        return self.end

    def blocks(self, end: int) -> Iterator[Block]:
        """The blocks that begin before `end`."""
        covered = item = -1  # the last line that a block holds already; the line on which an item begins
        for index, token in enumerate(self.tokens):
            if token.map is None or token.map[0] <= covered:
                continue
            first, last = token.map
            start, stop = self.span(first, last)
            if start >= end:
                return
            if token.type == "list_item_open":
                item = first
                if not _holds_items(self.tokens, index) and stop - start <= _LARGE_ITEM:
                    covered = last - 1
                    yield Block(start, stop, "item")
            elif token.type == "heading_open":
                covered = last - 1
                yield Block(start, stop, "heading", self.tokens[index + 1].content.strip(), int(token.tag[1]))
            elif token.type == "table_open":
                covered = last - 1
                yield from self.table(first, last)
            elif token.type in {"fence", "code_block"}:
                covered = last - 1
                yield Block(start, stop, "code")
            elif token.type == "html_block":
                covered = last - 1
                yield from html_rows(self.text, start, stop) or [Block(start, stop)]
            elif token.type == "paragraph_open":
                covered = last - 1
                yield Block(start, stop, "item" if first == item else "text")

    def table(self, first: int, last: int) -> Iterator[Block]:
        """The header with its delimiter row, then the rows."""
        start, end = self.span(first, first + 2)
        header, title = trimmed(self.text, *self.span(first, first + 1)), caption(self.text, *self.span(first, last))
        self.header = header, title
        yield Block(start, end, "row")
        for number in range(first + 2, last):
            yield Block(*self.span(number, number + 1), "row", header=header, caption=title)

    def rest(self) -> Generator[Block, None, int]:
        """What a fence or a table that fills the whole part goes on with behind it; gives where that ends."""
        last = next((token for token in reversed(self.tokens) if token.level == 0), None)
        end = self.end
        if last is None or end == len(self.text):
            return end
        if last.type == "fence" and last.map is not None and not self.is_closed(last):
            closing = re.compile(rf"^ {{0,3}}{last.markup}+[ \t]*$", re.MULTILINE).search(self.text, end)
            end = _line_end(self.text, closing.end()) if closing else len(self.text)
            yield Block(self.end, end, "code")
        elif last.type == "table_close" and self.header is not None:
            header, title = self.header
            while row := _ROW.match(self.text, end):
                yield Block(*row.span(), "row", header=header, caption=title)
                end = row.end()
        return end

    def is_closed(self, fence: Token) -> bool:
        """Whether a fence's last line closes it."""
        first, last = fence.map or (0, 0)
        line = self.text[slice(*self.span(last - 1, last))].strip()
        return last - first > 1 and line.startswith(fence.markup) and not line.strip(fence.markup[0])

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The lines' offsets in the whole text."""
        return self.lines[first], self.lines[min(last, len(self.lines) - 1)]


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table").disable("inline")  # blocks alone are asked for


def _holds_items(tokens: list[Token], index: int) -> bool:
    """Whether a list item has a list of its own, which is then cut into its items instead."""
    depth = tokens[index].level
    following = index + 1
    while following < len(tokens) and tokens[following].level > depth:
        if tokens[following].type == "list_item_open":
            return True
        following += 1
    return False


def _line_end(text: str, position: int) -> int:
    """Where the line ends that holds the letter before `position`."""
    end = text.find("\n", position - 1)
    return len(text) if end < 0 else end + 1

"""Which blocks is a document made of?

A block is the smallest thing that is better kept whole: a heading, a paragraph, a list item, a code fence, a table row.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal

from ingest.model import Document
from ingest.sentences import trimmed

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

Kind = Literal["heading", "text", "code", "row"]


@dataclass(frozen=True, slots=True)
class Block:
    """A span of the document's text. `title` and `level` belong to headings, `header` (a span) to table rows."""

    start: int
    end: int
    kind: Kind = "text"
    title: str = ""
    level: int = 0
    header: tuple[int, int] | None = None


def blocks(document: Document) -> list[Block]:
    """The blocks in reading order, disjoint, none of them empty; only white space and rules lie between them."""
    find = {"markdown": _markdown, "rst": _rst, "plain": _plain}[document.markup]
    text = document.text
    found: list[Block] = []
    reached = 0
    for block in find(text):
        start, end = trimmed(text, block.start, block.end)
        if start < end:
            found += _passed_over(text, reached, start)
            found.append(Block(start, end, block.kind, block.title, block.level, block.header))
            reached = end
    return found + _passed_over(text, reached, len(text))


def _passed_over(text: str, start: int, end: int) -> list[Block]:
    """What a parser shows to nobody though it holds words: link definitions, or what is nested too deeply for it."""
    start, end = trimmed(text, start, end)
    return [Block(start, end)] if any(map(str.isalnum, text[start:end])) else []


_PARAGRAPH = re.compile(r"\S(?:.|\n(?![ \t]*\n))*")


def _plain(text: str) -> Iterator[Block]:
    for paragraph in _PARAGRAPH.finditer(text):
        yield Block(*paragraph.span())


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")


_WHOLE = {"paragraph_open": "text", "html_block": "text", "fence": "code", "code_block": "code"}


def _markdown(text: str) -> Iterator[Block]:
    lines = _line_starts(text)
    tokens = _parser().parse(text)
    header: tuple[int, int] | None = None
    covered = -1  # the last line that a block already holds: inner blocks of a list item belong to the item
    for index, token in enumerate(tokens):
        if token.map is None or token.map[0] <= covered:
            continue
        first, last = token.map
        span = lines[first], lines[min(last, len(lines) - 1)]
        if token.type == "heading_open":
            covered = last - 1
            yield Block(*span, "heading", tokens[index + 1].content.strip(), int(token.tag[1]))
        elif token.type == "list_item_open" and not _holds_items(tokens, index):
            covered = last - 1
            yield Block(*span)
        elif token.type in _WHOLE:
            covered = last - 1
            yield Block(*span, "code" if _WHOLE[token.type] == "code" else "text")
        elif token.type == "thead_open":
            header = trimmed(text, *span)
            yield Block(span[0], lines[min(last + 1, len(lines) - 1)], "row")  # with the delimiter row
        elif token.type == "tr_open" and header is not None and lines[first] > header[1]:
            yield Block(*span, "row", header=header)


def _holds_items(tokens: list[Token], index: int) -> bool:
    """Whether a list item has a list of its own, which is then cut into its items instead."""
    depth = tokens[index].level
    following = index + 1
    while following < len(tokens) and tokens[following].level > depth:
        if tokens[following].type == "list_item_open":
            return True
        following += 1
    return False


_UNDERLINE = re.compile(r"([!-/:-@\[-`{-~])\1{2,}[ \t]*$")
_LITERAL = re.compile(r"^\.\. (?:code|code-block|sourcecode|parsed-literal)::|::\s*$")


def _rst(text: str) -> Iterator[Block]:
    levels: list[str] = []
    heading_lines: dict[int, tuple[int, str, int]] = {}
    lines = text.split("\n")
    starts = _line_starts(text)
    underlined = -1  # the line that underlines the title before, and so is no overline of the next
    for number in range(len(lines) - 1):
        title, underline = lines[number], lines[number + 1]
        if not title.strip() or _UNDERLINE.match(title) or not _UNDERLINE.match(underline):
            continue
        if len(underline.rstrip()) < len(title.strip()) or (
            number and lines[number - 1].strip() and not _UNDERLINE.match(lines[number - 1])
        ):
            continue
        overlined = 0 < number != underlined + 1 and lines[number - 1].rstrip() == underline.rstrip()
        underlined = number + 1
        style = underline[0] + ("^" if overlined else "")
        if style not in levels:
            levels.append(style)
        first = number - 1 if overlined else number
        heading_lines[first] = (number + 2, title.strip(), levels.index(style) + 1)
    number = 0
    after_literal_mark = False
    while number < len(lines):
        if number in heading_lines:
            after, title, level = heading_lines[number]
            yield Block(starts[number], starts[after], "heading", title, level)
            number = after
            continue
        if not lines[number].strip():
            number += 1
            continue
        first = number
        literal = after_literal_mark and lines[number][:1] in " \t"
        while number < len(lines) and number not in heading_lines:
            if not lines[number].strip() and not (literal and _still_indented(lines, number)):
                break
            number += 1
        after_literal_mark = bool(_LITERAL.search(lines[first]) or _LITERAL.search(lines[number - 1]))
        yield Block(starts[first], starts[number], "code" if literal else "text")


def _still_indented(lines: list[str], number: int) -> bool:
    """Whether the next line that is not blank is indented: a literal block goes on over blank lines."""
    while number < len(lines) and not lines[number].strip():
        number += 1
    return number < len(lines) and lines[number][:1] in (" ", "\t")


def _line_starts(text: str) -> list[int]:
    """The offset of each line, and the text's length once more at the end."""
    starts = [0]
    position = text.find("\n")
    while position >= 0:
        starts.append(position + 1)
        position = text.find("\n", position + 1)
    starts.append(len(text))
    return starts

"""Of which parts is a document made: sections under their headings, and tables?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ingest.model import Document
from ingest.split.block import Block
from ingest.split.blocks import blocks


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document's text, from `start` to `end`, under its headings, the outermost first.

    A section begins with its heading, and what is below it lies within it. What stands before the first heading, or in
    a text without any, has no headings.
    """

    headings: tuple[str, ...]
    start: int
    end: int
    kind: Literal["section", "table"] = "section"


@dataclass(slots=True)
class _Open:
    headings: tuple[str, ...]
    level: int
    start: int
    end: int


def sections(document: Document) -> list[Section]:
    """Every section and table, in the order in which they begin; an outer one before those within it."""
    found: list[Section] = []
    path: list[_Open] = []
    table: tuple[Block, Block] | None = None  # its first row and its last one

    def close(level: int) -> None:
        while path and path[-1].level >= level:
            done = path.pop()
            found.append(Section(done.headings, done.start, done.end))

    def close_table() -> None:
        if table:
            first = min(span[0] for block in table for span in _spans(block))
            found.append(Section(path[-1].headings if path else (), first, table[1].end, "table"))

    for block in blocks(document):
        if block.kind != "row" or (table and block.header != table[1].header and table[0] is not table[1]):
            close_table()
            table = None
        if block.kind == "row":
            table = (table[0], block) if table else (block, block)
        if block.kind == "heading":
            close(block.level if path and path[0].level else 0)
            above = path[-1].headings if path else ()
            path.append(_Open((*above, block.title), block.level, block.start, block.end))
        elif not path:
            path.append(_Open((), 0, block.start, block.end))
        for each in path:
            each.end = max(each.end, block.end)
    close_table()
    close(0)
    return sorted(found, key=lambda section: (section.start, -section.end))


def _spans(row: Block) -> Iterator[tuple[int, int]]:
    """Where a row stands, and the head of its table."""
    yield row.start, row.end
    if row.header:
        yield row.header

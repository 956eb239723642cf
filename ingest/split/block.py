"""What is one block of a document: prose, a heading, a table, code?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from ingest.split.sentences import Span

Kind = Literal["heading", "text", "item", "code", "row"]


@dataclass(frozen=True, slots=True)
class Block:
    """A span of the document's text. `title` and `level` belong to headings.

    `header` and `caption` are spans that say what a table's row means; the row that is the header has none.
    """

    start: int
    end: int
    kind: Kind = "text"
    title: str = ""
    level: int = 0
    header: Span | None = None
    caption: Span | None = None


def plain_blocks(text: str, start: int = 0, end: int | None = None) -> Iterator[Block]:
    """Paragraphs: what blank lines part."""
    end = len(text) if end is None else end
    for blank in _BLANK.finditer(text, start, end):
        yield Block(start, blank.start())
        start = blank.end()
    yield Block(start, end)


_BLANK = re.compile(r"\n[ \t]*\n")

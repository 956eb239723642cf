"""What must be said before a chunk for it to be understood alone? Title, headings, what a table's columns mean."""

from __future__ import annotations

from ingest.model import Document
from ingest.split.block import Block
from ingest.split.ruler import Offsets
from ingest.split.sentences import Span
from ingest.split.tables import in_one_line, narrowed

Headings = tuple[Block, ...]


class Contexts:
    """The contexts of a document's chunks, each at most `limit` tokens long and made once."""

    def __init__(self, document: Document, offsets: Offsets, limit: int) -> None:
        self._text, self._title, self._offsets, self._limit = document.text, document.title, offsets, limit
        self._known: tuple[object, str, int] = (None, "", 0)

    def of(self, path: Headings, block: Block) -> tuple[str, int]:
        """The context of a chunk under these headings that begins with this block, and how many tokens it is."""
        titles = tuple(heading.title for heading in path)
        key = titles, block.header, block.caption
        if self._known[0] != key:
            context = self._made(titles, block.caption, block.header)
            self._known = key, context, len(self._offsets(context)) if context else 0
        return self._known[1:]

    def _made(self, titles: tuple[str, ...], caption: Span | None, header: Span | None) -> str:
        named = [self._title, *titles]
        path = " › ".join(title for index, title in enumerate(named) if title and title not in named[:index])
        says = in_one_line(self._text, caption) if caption else ""
        columns = in_one_line(self._text, header) if header else ""
        if not says and not columns:
            return self._elided(path, self._limit)
        # The columns come first, as long as a third is left for the headings and a part of that for the caption.
        third = self._limit // 3
        path = self._elided(path, max(third, self._limit - self._tokens(says) - self._tokens(columns)))
        left = self._limit - self._tokens(path)
        says = self._elided(says, max(third // 2, left - self._tokens(columns)))
        left -= self._tokens(says)
        columns = narrowed(columns, self._offsets, left) or self._elided(columns, left)
        return "\n".join(part for part in (path, says, columns) if part)

    def _elided(self, text: str, limit: int) -> str:
        return elide(text, self._offsets, limit) if text else ""

    def _tokens(self, text: str) -> int:
        return len(self._offsets(text)) if text else 0


def common(first: Headings, second: Headings) -> Headings:
    """The headings that two places share."""
    shared = 0
    for left, right in zip(first, second, strict=False):
        if left != right:
            break
        shared += 1
    return first[:shared]


def elide(text: str, offsets: Offsets, limit: int) -> str:
    """`text` with its middle left out, so that it is at most `limit` tokens long."""
    spans = offsets(text)
    if len(spans) <= limit:
        return text
    for kept in range(limit - 1, 1, -1):  # fewer only where a word that is cut becomes more tokens
        head = kept // 2
        elided = f"{text[: spans[head - 1][1]]} … {text[spans[head - kept][0] :]}"
        if len(offsets(elided)) <= limit:
            return elided
    return "…"

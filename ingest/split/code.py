"""Which blocks is source code or configuration made of?

A definition's comments, decorators and signature are a heading, so that every chunk of it says where it is (`class
Order › def total`); what it defines is a block of code. What goes on after a definition, in what encloses it, is a
heading once more that repeats the enclosing title, since nothing else ends the definition before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ingest.split.block import Block, Kind
from ingest.split.outline import Definition, outline

_LARGEST = 4 << 20  # letters; larger files are generated or dumped, and their outline helps nobody
_TAIL = 3  # lines


def definition_blocks(text: str, language: str = "", title: str = "") -> Iterator[Block]:
    """The blocks of a source file in order; every line that is not blank lies in exactly one of them.

    `language` is what the reader calls it (`python`, `yaml`), `title` what the file itself is called.
    """
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    starts[-1] = len(text)
    found = outline(lines, language) if len(text) <= _LARGEST else ()
    yield from _Writer(lines, starts).write(found, 0, len(lines), title, 0)


class _Writer:
    """Writes an outline as blocks. Spans are of whole lines; blank lines lie between."""

    def __init__(self, lines: list[str], starts: list[int]) -> None:
        self.lines, self.starts = lines, starts

    def write(self, found: Sequence[Definition], first: int, last: int, title: str, level: int) -> Iterator[Block]:
        """What stands in lines `first` to `last`, inside of the definition with this title and level (0: the file)."""
        reached = first
        for definition in found:
            yield from self.run(reached, definition.first, title, level, ended=reached > first)
            yield self.block(definition.first, definition.body, "heading", definition.title, level + 1)
            yield from self.write(definition.inner, definition.body, definition.last, definition.title, level + 1)
            reached = definition.last
        yield from self.run(reached, last, title, level, ended=reached > first)

    def run(self, first: int, last: int, title: str, level: int, *, ended: bool) -> Iterator[Block]:
        """Lines without a definition; where one has `ended` before them, their first line is a heading.

        A few lines only (a brace, a `return`) stay with the definition before: a heading would part them from it.
        """
        while first < last and not self.lines[first].strip():
            first += 1
        if first == last:
            return
        if ended and sum(bool(line.strip()) for line in self.lines[first:last]) > _TAIL:
            yield self.block(first, first + 1, "heading", title, max(1, level))
            first += 1
        yield self.block(first, last, "code")

    def block(self, first: int, last: int, kind: Kind, title: str = "", level: int = 0) -> Block:
        return Block(self.starts[first], self.starts[last], kind, title, level)

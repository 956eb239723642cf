"""What do the passages that were found stand in, and what of them could be quoted?

Each document is read once, with its code and its headings, and each passage taken apart once, however many are asked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property

from agent.evidence.passages import configures
from agent.models.quoting.candidates import Candidate, candidates, reads_as_prose, whole_code
from agent.models.quoting.configured import settings
from agent.state import Passage
from ingest.model import Document
from ingest.split.code_within import code_within
from ingest.split.headings import headings_over
from ingest.split.sentences import Span


class Shelf:
    """The documents of some passages; `document` gives one by its name, None where it is not to be had."""

    def __init__(self, passages: Sequence[Passage], document: Callable[[str], Document | None]) -> None:
        self.passages = passages
        self._read = document
        self._headings: dict[tuple[str, int], tuple[str, ...]] = {}

    def document(self, passage: Passage) -> Document | None:
        """What a passage stands in; None of a tool's result."""
        return self._documents.get(passage.document) if passage.kind == "document" else None

    def whole(self, passage: Passage) -> str:
        """The whole text that a passage stands in."""
        within = self.document(passage)
        return within.text if within else passage.text

    def code(self, passage: Passage) -> Sequence[Span]:
        """What of its document is code."""
        return self._code.get(passage.document, ()) if passage.kind == "document" else ()

    def whole_code(self, passage: Passage) -> Sequence[tuple[int, int]]:
        """The blocks of the code that a passage holds from its first line to its last."""
        return self._whole_code[passage.number]

    def headings(self, passage: Passage, block: int) -> tuple[str, ...]:
        """The headings above a block, outermost first."""
        within, place = self.document(passage), passage.blocks[block][0]
        if within is None or not within.text:
            return passage.headings
        key = passage.document, place
        if key not in self._headings:
            self._headings[key] = headings_over(within, place, self.code(passage)) or passage.headings
        return self._headings[key]

    @cached_property
    def candidates(self) -> Sequence[Candidate]:
        """What could be quoted of all passages, whatever is asked."""
        return [
            each
            for passage in self.passages
            for each in (
                settings(passage)
                if configures(passage.document)
                else candidates(passage, self.code(passage), self._comments(passage))
            )
        ]

    def _comments(self, passage: Passage) -> frozenset[int]:
        """Of a file of code, the blocks in which something is said to whoever reads it."""
        within = self.document(passage)
        if within is None or within.markup != "code":
            return frozenset()
        blocks = range(len(passage.blocks))
        return frozenset(block for block in blocks if reads_as_prose(passage.block_text(block)))

    @cached_property
    def _documents(self) -> dict[str, Document | None]:
        names = dict.fromkeys(each.document for each in self.passages if each.kind == "document")
        return {name: self._read(name) for name in names}

    @cached_property
    def _code(self) -> dict[str, Sequence[Span]]:
        return {name: code_within(within) for name, within in self._documents.items() if within}

    @cached_property
    def _whole_code(self) -> dict[int, Sequence[tuple[int, int]]]:
        return {each.number: list(whole_code(each, self.code(each))) for each in self.passages}

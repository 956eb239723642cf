"""What does an ingest write to? A version in the making."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from ingest.model import Chunk, Document
from ingest.split.split import SplitSettings


class IndexWriter(Protocol):
    """A version in the making: what it holds so far, and how that is changed."""

    split_settings: SplitSettings

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """The encoder's token spans in a text."""
        ...

    def sources(self) -> dict[str, str]:
        """The files that are wholly indexed, with the hash each had."""
        ...

    def owners(self) -> list[str]:
        """The files that some document came from."""
        ...

    def held(self, source: str) -> dict[str, str]:
        """The documents that came from a file, with their content hashes."""
        ...

    def mark(self, source: str, hash: str | None) -> None:
        """Remembers a file as wholly read, or as to be read again."""
        ...

    def put(self, document: Document, chunks: Sequence[Chunk], source: str) -> None:
        """Adds a document, or replaces the one of that name."""
        ...

    def remove(self, name: str) -> None:
        """Takes a document out, if it is there."""
        ...

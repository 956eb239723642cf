"""What is in a plain text file?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.model import Document
from ingest.read.decode import text_of


def read_plain(path: Path, name: str) -> Iterator[Document]:
    """The text as it is; its title is the file's stem, since a first line may be anything."""
    yield Document(name, text_of(path), path.stem)

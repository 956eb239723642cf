"""What is one thing to read, and is a file still where it was found?

Between the look at a folder and the reading of a file anyone may put a link in its place.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingest.model import Document, Failure

_MOVED = "something else took its place while it was to be read: ingest again"


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read. `name` is the label and the POSIX path below `root`, in Unicode's composed form (NFC).

    `real` is where the file was found to lie when all links were followed, within `root` unless the path was named
    itself; None until that was looked at, and of what no file holds. Only there it is read.
    """

    path: Path
    name: str
    root: Path
    real: Path | None = None


class Loaded(Protocol):
    """Documents that no file of ours holds: what a reader of another library fetched. `source` names it as one."""

    @property
    def source(self) -> Source:
        """Its name is the label that all its documents' names begin with; its path is relative and leads nowhere."""
        ...

    def documents(self) -> Iterable[Document | Failure]:
        """Fetches them."""
        ...


def real_path(path: Path) -> Path:
    """The path without links; unlike `resolve()` it takes a link that leads to itself in its stride."""
    return Path(os.path.realpath(path))


def moved(source: Source) -> Failure | None:
    """What is to be said of a file whose path leads elsewhere now than when it was found; else None."""
    return None if source.real == real_path(source.path) else Failure(source.name, _MOVED)

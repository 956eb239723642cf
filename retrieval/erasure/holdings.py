"""What do the versions of a home hold of a document, whatever their schema?"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import TypeVar

import numpy as np

from retrieval.lexical.invert import document_keys
from retrieval.lexical.lineage import read_segments
from retrieval.versions.content import Content
from retrieval.versions.home import Home
from retrieval.versions.manifest import SCHEMA, DamagedIndex, ForeignIndex, Manifest, version_folders

Kept = tuple[Path, Manifest]
T = TypeVar("T")


def kept_versions(home: Home) -> list[Kept]:
    """Every version with its manifest, oldest first; without those whose manifest cannot be read."""
    found = []
    for folder in version_folders(home.versions_folder):
        with suppress(DamagedIndex, ForeignIndex):
            found.append((folder, Manifest.read(folder)))
    return found


def open_content(kept: Kept) -> Content:
    """The words of a version, whatever its schema."""
    folder, manifest = kept
    return Content.open(manifest.folder(folder) / "content.sqlite")


def told(home: Home, ask: Callable[[Kept, Content], Iterable[T]]) -> Iterator[T]:
    """What each version tells when it is asked; a damaged one tells what it can."""
    for kept in kept_versions(home):
        with suppress(sqlite3.Error, OSError, ValueError), closing(open_content(kept)) as content:
            yield from ask(kept, content)


def documents_of(home: Home, name: str) -> list[str]:
    """The document of that name, or all that came from a file of that name, in any version."""
    return sorted({*told(home, lambda _, content: [name] if content.holds(name) else content.held(name))})


def files_of(home: Home, names: Collection[str]) -> set[str]:
    """The files that any version has these documents from."""
    return {*told(home, lambda _, content: [source for name in names if (source := content.source(name))])}


def texts_of(home: Home, name: str) -> list[str]:
    """The different texts that versions hold of a document."""
    return sorted({text for text in told(home, lambda _, content: [content.text(name)]) if text})


def versions_holding(home: Home, names: Collection[str]) -> list[str]:
    """The versions that hold anything of a document, be it postings of a text that a later one lacks."""
    keys = document_keys(names)

    def holding_any(kept: Kept, content: Content) -> Iterator[str]:
        folder, manifest = kept
        lexical = manifest.folder(folder) / "lexical"
        segments = read_segments(lexical) if manifest.schema == SCHEMA else []
        if any(map(content.holds, names)) or any(np.isin(segment.documents, keys).any() for segment in segments):
            yield manifest.id

    return [*told(home, holding_any)]

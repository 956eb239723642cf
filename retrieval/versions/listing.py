"""Which versions does a home hold, and what is known of each?"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingest.access import NotReadable
from retrieval.versions.manifest import DamagedIndex, ForeignIndex, Manifest, version_folders


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """One row of `citewell index versions`."""

    id: str
    verdict: str | None
    documents: int
    chunks: int
    created: str
    live: bool


def listed(
    versions: Path, live: str | None, verdict_of: Callable[[str], Mapping[str, Any] | None]
) -> list[VersionInfo]:
    """Every finished version, newest first; of one that cannot be read, why, in the place of its verdict."""
    found = []
    for folder in reversed(version_folders(versions)):
        id = folder.name
        try:
            manifest, verdict = Manifest.read(folder), verdict_of(id)
        except (DamagedIndex, ForeignIndex, NotReadable) as error:
            found.append(VersionInfo(id, error.code, documents=0, chunks=0, created="", live=id == live))
            continue
        status = verdict["status"] if verdict else None
        found.append(VersionInfo(id, status, manifest.documents, manifest.chunks, manifest.created, id == live))
    return found

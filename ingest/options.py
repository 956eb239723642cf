"""What do all documents of one ingest get, and how thorough is it?"""

from __future__ import annotations

from dataclasses import dataclass

from ingest.model import Metadata


@dataclass(frozen=True, slots=True)
class Options:
    """Labels and metadata that every document of one ingest gets; with `prune`, documents of files that are gone go."""

    labels: frozenset[str] = frozenset()
    metadata: Metadata | None = None
    prune: bool = False

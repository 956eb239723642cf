"""How do files become an index version's documents? Discover, read, split, hand over; only what changed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from ingest.discover import Found, Source
from ingest.ledger import Ledger
from ingest.model import Chunk, Document, Failure, Skipped, digest
from ingest.read.registry import READER_VERSION, Reader, read
from ingest.split import SplitSettings, split


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


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is: files done of all, and documents and chunks made so far."""

    done: int
    files: int
    documents: int
    chunks: int


@dataclass(frozen=True, slots=True)
class Options:
    """What every document of one ingest gets, and how thorough it is."""

    labels: frozenset[str] = frozenset()
    metadata: Mapping[str, str] | None = None
    prune: bool = False


@dataclass(frozen=True, slots=True)
class Ingested:
    """What changed. `counts` has added, updated, unchanged, removed, failed and skipped."""

    counts: Mapping[str, int]
    failures: tuple[Failure, ...]
    skipped: tuple[Skipped, ...]


def ingest(
    found: Found,
    writer: IndexWriter,
    ledger: Ledger,
    options: Options = Options(),
    *,
    readers: Mapping[str, Reader] | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Ingested:
    """Brings `writer` in step with the files found. A file that fails is named and stops nothing.

    A file that cannot be read wholly any more keeps the documents it gave before; a record that is missing from a file
    that can be read is removed.
    """
    counts = Counter(dict.fromkeys(("added", "updated", "unchanged", "removed", "failed", "skipped"), 0))
    counts["skipped"] = len(found.skipped)
    known = writer.sources()
    failures: list[Failure] = []
    chunks = 0
    for number, source in enumerate(found.sources):
        on_progress(Progress(number, len(found.sources), counts["added"] + counts["updated"], chunks))
        held = writer.held(source.name)
        hash = _hash(source.path, options)
        if hash is not None and known.get(source.name) == hash:
            counts["unchanged"] += len(held)
            continue
        seen: set[str] = set()
        failed: list[Failure] = []
        for item in _documents(source, options, readers or {}):
            if isinstance(item, Failure):
                failed.append(item)
            else:
                seen.add(item.name)
                if held.get(item.name) == item.content_hash:
                    counts["unchanged"] += 1
                    continue
                made = split(item, writer.offsets, writer.split_settings)
                writer.put(item, made, source.name)
                chunks += len(made)
                counts["updated" if item.name in held else "added"] += 1
                on_progress(Progress(number, len(found.sources), counts["added"] + counts["updated"], chunks))
        if not failed:  # what a broken line or a torn file held is not known, so nothing of it counts as gone
            for name in sorted(held.keys() - seen):
                writer.remove(name)
                counts["removed"] += 1
        writer.mark(source.name, None if failed else hash)
        ledger.failed(source.name, failed)
        failures += failed
    if options.prune:
        counts["removed"] += _prune(found, writer, ledger)
    counts["failed"] = len(failures)
    on_progress(Progress(len(found.sources), len(found.sources), counts["added"] + counts["updated"], chunks))
    return Ingested(dict(counts), tuple(failures), found.skipped)


def _documents(source: Source, options: Options, readers: Mapping[str, Reader]) -> Iterator[Document | Failure]:
    for item in read(source.path, source.name, readers):
        if isinstance(item, Document) and (options.labels or options.metadata):
            metadata = {**item.metadata, **(options.metadata or {})}
            yield replace(item, labels=item.labels | options.labels, metadata=metadata)
        else:
            yield item


def _prune(found: Found, writer: IndexWriter, ledger: Ledger) -> int:
    """Removes the documents and the failures of files that are gone from the folders that were named."""
    there = {source.name for source in found.sources}
    there |= {skipped.document for skipped in found.skipped}
    unseen = tuple(f"{skipped.document}/" for skipped in found.skipped)  # folders that could not be looked into
    removed = 0
    for source in sorted({*writer.owners(), *ledger.failing()}):
        looked_for = any(source.startswith(prefix) for prefix in found.covered) and not source.startswith(unseen)
        if source not in there and looked_for:
            for name in writer.held(source):
                writer.remove(name)
                removed += 1
            writer.mark(source, None)
            ledger.failed(source, ())
    return removed


def _hash(path: Path, options: Options) -> str | None:
    """What a file's documents are made from; None if it cannot be read, which its reader then says."""
    try:
        with path.open("rb") as stream:
            content = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError:
        return None
    metadata = [part for item in sorted((options.metadata or {}).items()) for part in item]
    return digest(str(READER_VERSION), content, "\0".join(sorted(options.labels)), *metadata)

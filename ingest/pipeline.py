"""How do the files that were found become documents of a version? What changed is read, split and handed over."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.file_hash import hash_of
from ingest.find.discover import Found
from ingest.ledger import Ledger
from ingest.model import Document, Failure, Skipped, digest
from ingest.names import Unread, clash, files, is_record_of, rivals
from ingest.options import Options
from ingest.read.registry import Item
from ingest.source import Source, moved
from ingest.split.split import split
from ingest.writer import IndexWriter

COUNTED = ("added", "updated", "unchanged", "renamed", "removed", "failed", "skipped", "gone")
# `ingest.read.sandbox.pool.Workers.read`, which confines what parses a file, or what stands for it
ReadAll = Callable[[Iterable[Source]], Iterator[tuple[Source, Iterator[Item]]]]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingest is: files done of all, and documents and chunks made so far.

    `read` and `size` are bytes of the files that are not as they were: the share of the work that is behind.
    """

    done: int
    files: int
    documents: int
    chunks: int
    read: int = 0
    size: int = 0


@dataclass(frozen=True, slots=True)
class Ingested:
    """What changed. `counts` has added, updated, unchanged, renamed, removed, failed and skipped.

    And `gone`: documents that are kept though their files are no longer in the folders that were named.
    """

    counts: Mapping[str, int]
    failures: tuple[Failure, ...]
    skipped: tuple[Skipped, ...]


def ingest(
    found: Found,
    writer: IndexWriter,
    ledger: Ledger,
    options: Options = Options(),  # noqa: B008 - it is frozen
    *,
    read_all: ReadAll,
    reader_versions: Mapping[str, str] = {},
    blocked: Collection[str] = (),
    on_progress: Callable[[Progress], None] = lambda _: None,
) -> Ingested:
    """Brings `writer` in step with the files found. A file that fails is named and stops nothing.

    Where a part of a file fails, the documents that this part gave before are kept; a record that is missing from a
    file that can be read is removed. If a file is gone and its content is found under a new name, it was renamed: its
    documents get that name. `reader_versions` says by suffix which plugin, in which version, reads such files; when
    that changes they are read again. `blocked` documents were erased, and are passed over.
    """
    one = _Ingest(found, writer, ledger, options, reader_versions, blocked, on_progress)
    one.counts["skipped"] = len(found.skipped)
    changed = one.changed()
    for source, items in read_all(changed):
        one.take(source, items)
    for loaded in found.loaded:
        one.take(loaded.source, loaded.documents())
    ledger.passed_over(found.skipped, found.covered, options.labels, options.metadata or {})
    if options.prune:
        one.prune()
    one.counts["gone"] = sum(len(writer.held(source)) for source in one.gone())
    one.counts["failed"] = len(one.failures)
    one.tell()
    return Ingested(dict(one.counts), tuple(one.failures), (*found.skipped, *one.skipped))


@dataclass(slots=True)
class _Ingest:
    """One ingest as far as it has come."""

    found: Found
    writer: IndexWriter
    ledger: Ledger
    options: Options
    reader_versions: Mapping[str, str]
    blocked: Collection[str]
    on_progress: Callable[[Progress], None]
    counts: Counter[str] = field(default_factory=lambda: Counter(dict.fromkeys(COUNTED, 0)))
    failures: list[Failure] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    hashes: dict[str, str | None] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    rivals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    blocked_in: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    sizes: dict[str, int] = field(default_factory=dict)
    done: int = 0
    chunks: int = 0
    size: int = 0
    read: int = 0
    part: int = 0

    def changed(self) -> list[Source]:
        """The files that are not as the version has them; the others are counted."""
        known = self.writer.sources()
        self.rivals = rivals({source.name for source in self.found.sources} | known.keys() - self._gone(known))
        for name in sorted(self.blocked):
            for file in files(name):
                self.blocked_in[file].append(name)
        changed = []
        skipped = defaultdict(list)
        for name, part in self.ledger.skipped():
            skipped[name].append(part)
        for source in self.found.sources:
            self.tell()
            if lost := moved(source):
                self.take(source, [lost])
                continue
            hash = hash_of(source.path, self.options, self.reader_versions.get(source.path.suffix.lower()))
            hash = self._with_blocked(source.name, hash)
            held = self.writer.held(source.name)
            others = self.rivals.get(source.name, ())
            if hash is not None and known.get(source.name) == hash and not any(clash(name, others) for name in held):
                self.counts["unchanged"] += len(held)
                self._skip(skipped[source.name])
                self.done += 1
            else:
                self.hashes[source.name] = hash
                self.sizes[source.name] = _size(source.path)
                self.size += self.sizes[source.name]
                changed.append(source)
        self.renamed = self._renamed(known)
        return changed

    def take(self, source: Source, items: Iterable[Item]) -> None:
        """What one file gives."""
        held = self.writer.held(source.name)
        before = self.renamed.get(source.name)
        others = self.rivals.get(source.name, ())
        seen: set[str] = set()
        failed: list[Failure] = []
        skipped: list[Skipped] = []
        for item in items:
            match item:
                case Failure():
                    failed.append(item)
                case Skipped():
                    skipped.append(item)
                case Document() if item.name in self.blocked:
                    skipped.append(Skipped(item.name, "it was erased; citewell restore lets it be ingested again"))
                case Document() if clashing := clash(item.name, others):
                    failed.append(clashing)
                case Document():
                    seen.add(item.name)
                    if is_record_of(item.name, source.name):  # of records, the letters are most of the bytes
                        self.part = min(self.part + len(item.text), self.sizes.get(source.name, 0))
                    self._put(_with(item, self.options), held, source, "renamed" if before else "added")
        unread = Unread(source.name, (failure.document for failure in failed))
        for name in sorted(held.keys() - seen):
            if name not in unread:
                self._remove(name)
        if before is not None and not failed:
            for name in sorted(self.writer.held(before)):
                self.writer.remove(name)
            self.writer.mark(before, None)
            self.ledger.forget(before)
        self.writer.mark(source.name, None if failed else self.hashes.get(source.name))
        self.ledger.note(source, self.options.labels, self.options.metadata or {}, failed, skipped)
        self._skip(skipped)
        self.failures += failed
        self.read += self.sizes.get(source.name, 0)
        self.part = 0
        self.done += 1

    def prune(self) -> None:
        """Removes the documents and the failures of files that are gone from the folders that were named."""
        for source in self._gone(sorted({*self.writer.owners(), *self.ledger.noted()})):
            for name in self.writer.held(source):
                self._remove(name)
            self.writer.mark(source, None)
            self.ledger.forget(source)

    def gone(self) -> list[str]:
        """The files of documents that the version holds, which are no longer in the folders that were named."""
        return self._gone(self.writer.owners())

    def tell(self) -> None:
        """Says how far it is."""
        made = self.counts["added"] + self.counts["updated"] + self.counts["renamed"]
        files = len(self.found.sources) + len(self.found.loaded)
        done = min(self.done, files)
        self.on_progress(Progress(done, files, made, self.chunks, self.read + self.part, self.size))

    def _with_blocked(self, source: str, hash: str | None) -> str | None:
        """The hash of a file of which documents are blocked: it is read again as soon as others are, or none."""
        own = self.blocked_in.get(source)
        return digest(hash, *own) if hash is not None and own else hash

    def _put(self, document: Document, held: Mapping[str, str], source: Source, new: str) -> None:
        if held.get(document.name) == document.content_hash:
            self.counts["unchanged"] += 1
            return
        made = split(document, self.writer.offsets, self.writer.split_settings)
        self.writer.put(document, made, source.name)
        self.chunks += len(made)
        self.counts["updated" if document.name in held else new] += 1
        self.tell()

    def _skip(self, parts: Sequence[Skipped]) -> None:
        self.skipped += parts
        self.counts["skipped"] += len(parts)

    def _remove(self, name: str) -> None:
        self.writer.remove(name)
        self.counts["removed"] += 1

    def _renamed(self, known: Mapping[str, str]) -> dict[str, str]:
        """For each new file the gone one that had its content; each is taken once, in the order of their names."""
        gone = defaultdict(list)
        for name in self._gone(sorted(known)):
            gone[known[name]].append(name)
        new = [(name, hash) for name, hash in sorted(self.hashes.items()) if hash in gone and name not in known]
        return {name: gone[hash].pop(0) for name, hash in new if hash is not None and gone[hash]}

    def _gone(self, names: Iterable[str]) -> list[str]:
        """Those that were looked for in the folders that were named, and are not there."""
        there = {source.name for source in self.found.sources}
        there |= {skipped.document for skipped in self.found.skipped}
        unseen = tuple(
            f"{skipped.document}/" for skipped in self.found.skipped
        )  # folders that could not be looked into
        covered = tuple(self.found.covered)
        return [
            name for name in names if name not in there and name.startswith(covered) and not name.startswith(unseen)
        ]


def _with(document: Document, options: Options) -> Document:
    """The document with what every document of this ingest gets."""
    if not options.labels and not options.metadata:
        return document
    metadata = {**document.metadata, **(options.metadata or {})}
    return replace(document, labels=document.labels | options.labels, metadata=metadata)


def _size(path: Path) -> int:
    """Bytes; 0 where nothing can be said."""
    try:
        return path.stat().st_size
    except OSError:
        return 0

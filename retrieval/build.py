"""How is an index version made? As a child of the live one, which it copies and then changes."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from ingest.model import Chunk, Document, digest
from ingest.split import SPLITTER_VERSION, SplitSettings, split
from retrieval.analyze import ANALYZER, terms
from retrieval.cache import VectorCache
from retrieval.content import Content
from retrieval.encoding import Encoding
from retrieval.invert import invert
from retrieval.lexical import Postings
from retrieval.manifest import Manifest, SelfQuery, hash_files, sync
from retrieval.model import Encoder, VectorStore
from retrieval.room import check_room


@dataclass(frozen=True, slots=True)
class Parent:
    """The version that a candidate begins as a copy of."""

    folder: Path
    manifest: Manifest


class Candidate:
    """An index version in the making. Nothing of it can be seen before `finish`; `discard` leaves no trace."""

    def __init__(
        self,
        versions: Path,
        encoder: Encoder,
        cache: VectorCache,
        parent: Parent | None,
        *,
        on_encoded: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._versions, self._encoder, self._parent = versions, encoder, parent
        self.split_settings = SplitSettings(window=encoder.identity.window)
        self._settings = {"splitter": SPLITTER_VERSION, "split": asdict(self.split_settings)}
        self._folder = versions / f".building-{datetime.now(UTC):%Y%m%d%H%M%S%f}"
        self._folder.mkdir(parents=True)
        try:
            self._begin(parent, cache, on_encoded)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)  # on a full disk what was begun is in the way
            raise

    def _begin(self, parent: Parent | None, cache: VectorCache, on_encoded: Callable[[int], None]) -> None:
        """As a copy of the parent; or, where that was built with other settings, from its documents."""
        from retrieval.stores.edge import EdgeStore

        check_room(self._folder, _size(parent.folder) if parent else 0)
        encoder, words, vectors = self._encoder, self._folder / "content.sqlite", self._folder / "vectors"
        self.store: VectorStore
        if (
            parent is not None
            and parent.manifest.encoder == encoder.identity
            and parent.manifest.settings == self._settings
        ):
            shutil.copyfile(parent.folder / "content.sqlite", words)
            self.content = Content.edit(words)
            self.store = EdgeStore.copy(parent.folder / "vectors", vectors)
            self.changed = parent.manifest.analyzer != ANALYZER
            self._encoding = Encoding(encoder, cache, self.store, self.content, on_encoded)
        else:
            self.content = Content.create(words)
            self.store = EdgeStore.create(vectors, encoder.identity.dimensions)
            self.changed = parent is None
            self._encoding = Encoding(encoder, cache, self.store, self.content, on_encoded)
            if parent is not None:
                self._build_again(parent)

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """The encoder's token spans, for the splitter."""
        return self._encoder.offsets(text)

    def sources(self) -> dict[str, str]:
        """The files that are wholly indexed, with the hash each had."""
        return self.content.sources()

    def owners(self) -> list[str]:
        """The files that some document came from."""
        return self.content.owners()

    def held(self, source: str) -> dict[str, str]:
        """The documents that came from a file, with their content hashes."""
        return self.content.held(source)

    def mark(self, source: str, hash: str | None) -> None:
        """Remembers a file as wholly read, or as to be read again."""
        self.content.mark(source, hash)

    def put(self, document: Document, chunks: Sequence[Chunk], source: str) -> None:
        """Adds a document, or puts a new one in the place of the old one of that name."""
        self.remove(document.name)
        self.content.put(document, chunks, source)
        self._encoding.add(document, chunks)
        self.changed = True

    def remove(self, name: str) -> None:
        """Takes a document out, if it is there."""
        if not self.content.holds(name):
            return
        self._encoding.remove(name, self.content.remove(name))
        self.changed = True

    def finish(self) -> str:
        """Makes the version durable, then visible; its id. Whether it is served is another question."""
        self._encoding.finish()
        fingerprint = self._fingerprint()
        documents, chunks = self.content.counts()
        invert(
            ((chunk.id, terms(chunk.indexed_text)) for chunk in self.content.every_chunk()), self._folder / "lexical"
        )
        self_queries = self._self_queries()
        self.content.finish()
        self.store.flush()
        self.store.close()
        self._settle_store()
        created = datetime.now(UTC)
        id = f"{version_time(created)}-{fingerprint[:8]}"
        sync([*self._folder.rglob("*"), self._folder])
        Manifest(
            id=id,
            created=created.isoformat(timespec="seconds"),
            parent=self._parent.manifest.id if self._parent else None,
            fingerprint=fingerprint,
            encoder=self._encoder.identity,
            analyzer=ANALYZER,
            settings=self._settings,
            documents=documents,
            chunks=chunks,
            self_queries=self_queries,
            files=hash_files(self._folder),
        ).write(self._folder)
        self._folder.rename(self._versions / id)
        sync([self._versions])
        return id

    def discard(self) -> None:
        """Removes everything that was built."""
        self._encoding.stop()
        self.content.close()
        self.store.close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _build_again(self, parent: Parent) -> None:
        """Splits and encodes the parent's documents anew, because it was built with other settings."""
        stored = Content.open(parent.folder / "content.sqlite")
        owner = {name: source for source in stored.owners() for name in stored.held(source)}
        for name in stored.names():
            document = stored.document(name)
            if document is not None:
                self.put(document, split(document, self.offsets, self.split_settings), owner[name])
        for source, hash in stored.sources().items():
            self.content.mark(source, hash)
        stored.close()

    def _fingerprint(self) -> str:
        total = hashlib.sha256(digest(str(asdict(self._encoder.identity)), ANALYZER, str(self._settings)).encode())
        for row in self.content.fingerprint_rows():
            total.update(row.encode("utf-8") + b"\n")
        return total.hexdigest()

    def _self_queries(self) -> tuple[SelfQuery, ...]:
        postings = Postings(self._folder / "lexical")
        found = []
        for chunk in self.content.sample(5, seed=0):
            words = tuple(sorted(set(terms(chunk.text)), key=lambda term: (-postings.idf(term), term))[:8])
            ordinal = int(postings.ordinals([chunk.id])[0])
            found.append(SelfQuery(chunk.id, words, round(float(postings.scores(words)[ordinal]), 4)))
        return tuple(found)

    def _settle_store(self) -> None:
        """The engine rewrites a small file of its own whenever it opens a shard; once done, it stays the same."""
        from retrieval.stores.edge import EdgeStore

        EdgeStore.open(self._folder / "vectors").close()


def _size(folder: Path) -> int:
    """Bytes on the disk, the holes of sparse files left out."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def version_time(moment: datetime) -> str:
    """How a version's id begins, so that ids sort by age: the time to the millisecond."""
    return f"{moment:%Y%m%dT%H%M%S}{moment.microsecond // 1000:03}"

"""How is an index version made? As a child of the live one, which it copies and then changes."""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from ingest.model import Chunk, Document, digest
from ingest.split.split import SPLITTER_VERSION, SplitSettings, split
from retrieval.disk.durable import hash_files, size_on_disk, sync, sync_tree
from retrieval.disk.space import check_room
from retrieval.lexical.invert import Entry
from retrieval.lexical.languages import language_of
from retrieval.lexical.lineage import follow
from retrieval.lexical.postings import Postings
from retrieval.lexical.reading import CURRENT
from retrieval.lexical.sameness import key_number
from retrieval.parts import Encoder, EncoderIdentity, Engine, VectorStore
from retrieval.stores.store import StoreFailed
from retrieval.vectors.cache import VectorCache
from retrieval.versions import in_use
from retrieval.versions.background import Encoding
from retrieval.versions.content import Content
from retrieval.versions.home import Home
from retrieval.versions.manifest import SCHEMA, ForeignIndex, Manifest, SelfQuery
from retrieval.versions.pointers import next_version_id

log = logging.getLogger(__name__)
_PART = 500  # chunks whose vectors are read at once
_DATA = "0"  # the first folder of a version's files; an erasure writes the next


@dataclass(frozen=True, slots=True)
class Parent:
    """The version that a candidate begins as a copy of, and what keeps its vectors."""

    folder: Path
    manifest: Manifest
    engine: Engine | None

    @property
    def data(self) -> Path:
        """Where its files lie."""
        return self.manifest.folder(self.folder)


class Candidate:
    """An index version in the making. Nothing of it can be seen before `finish`; `discard` leaves no trace."""

    def __init__(
        self,
        versions: Path,
        encoder: Encoder,
        cache: VectorCache,
        parent: Parent | None,
        *,
        engine: Engine,
        engine_name: str = "edge",
        query_model: str | None = None,
        anew: bool = False,
        blocked: Collection[str] = (),
        on_encoded: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._versions, self._encoder, self._parent = versions, encoder, parent
        self._engine, self._engine_name, self._query_model = engine, engine_name, query_model
        self.split_settings = SplitSettings(window=encoder.identity.window)
        self._settings = {"splitter": SPLITTER_VERSION, "split": asdict(self.split_settings)}
        self._version = versions / f".building-{datetime.now(UTC):%Y%m%d%H%M%S%f}"
        self._folder = self._version / _DATA
        self._removed: set[str] = set()  # chunks of the parent
        self._put: set[str] = set()  # documents
        self._blocked = blocked  # documents that were erased and may not come back
        self._anew = anew
        try:
            self._folder.mkdir(parents=True)
            self._begin(parent, cache, on_encoded)
            for name in blocked:
                self.remove(name)
        except BaseException:
            if hasattr(self, "_encoding"):
                self._encoding.stop()
            self._engine.drop(self._folder / "vectors")
            shutil.rmtree(self._version, ignore_errors=True)  # on a full disk what was begun is in the way
            raise

    def _begin(self, parent: Parent | None, cache: VectorCache, on_encoded: Callable[[int], None]) -> None:
        """As a copy of the parent; or, where that was built with other settings, from its documents."""
        check_room(self._folder, size_on_disk(parent.data) if parent else 0)
        encoder, words, vectors = self._encoder, self._folder / "content.sqlite", self._folder / "vectors"
        self.store: VectorStore
        if (
            parent is not None
            and parent.manifest.schema == SCHEMA
            and parent.manifest.encoder == encoder.identity
            and parent.manifest.settings == self._settings
        ):
            shutil.copyfile(parent.data / "content.sqlite", words)
            self.content = Content.edit(words)
            copied = self._copied(parent, vectors)
            self.store = copied or self._engine.create(vectors, encoder.identity.dimensions)
            self._encoding = Encoding(encoder, cache, self.store, self.content, on_encoded)
            self._postings: Path | None = parent.data / "lexical"
            # Questions would stay without an export that was replaced. One that is gone is no change: its making may
            # have failed for want of room, of which every version takes more
            another_export = self._query_model not in (None, parent.manifest.query_model)
            analyzed_again = self._anew or parent.manifest.analyzer != CURRENT.version
            self.changed = copied is None or analyzed_again or another_export
            if copied is None:
                self._encode_again()
            # Of vectors that come from elsewhere, or are made anew, those beside the words may be others
            is_same = copied is not None and parent.manifest.engine == self._engine_name
            if analyzed_again or not (is_same and self._is_complete(parent)):
                self._analyze_again()
        else:
            self.content = Content.create(words)
            self.store = self._engine.create(vectors, encoder.identity.dimensions)
            self._encoding = Encoding(encoder, cache, self.store, self.content, on_encoded)
            self._postings = None
            self.changed = parent is None
            if parent is not None:
                self._build_again(parent)

    def _copied(self, parent: Parent, folder: Path) -> VectorStore | None:
        """The parent's vectors, wherever it keeps them; None where they are gone."""
        store: VectorStore | None = None
        try:
            if parent.engine is None:
                raise StoreFailed("the server that keeps them is not configured")
            if parent.manifest.engine == self._engine_name:
                return self._engine.copy(parent.data / "vectors", folder)
            with closing(parent.engine.open(parent.data / "vectors")) as before:
                store = self._engine.create(folder, self._encoder.identity.dimensions)
                for points in before.points():
                    store.upsert(points)
            return store
        except StoreFailed as error:
            log.warning("the vectors of %s cannot be taken over, and are made anew: %s", parent.manifest.id, error)
            if store is not None:
                store.close()
            self._engine.drop(folder)
            return None

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
        self.content.put(document, chunks, source, language_of(document))
        self._put.add(document.name)
        self._encoding.add(document, chunks)
        self.changed = True

    def remove(self, name: str) -> None:
        """Takes a document out, if it is there."""
        if not self.content.holds(name):
            return
        ids = self.content.remove(name)
        self._encoding.remove(name, ids)
        self._removed.update(ids)
        self._put.discard(name)
        self.changed = True

    def finish(self, on_step: Callable[[str], None] = lambda _: None) -> str:
        """Makes the version durable, then visible; its id. Whether it is served is another question."""
        self._encoding.finish()
        on_step("writing the index")
        identity = fingerprint(self.content, self._encoder.identity, self._settings, CURRENT.version)
        documents, chunks = self.content.counts()
        follow(
            self._postings, self._folder / "lexical", removed=self._removed, added=self._with_vectors(self._entries())
        )
        asked = self_queries(self.content, Postings(self._folder / "lexical"))
        languages = self.content.recorded_languages()
        self.content.finish()
        self.store.flush()
        self.store.close()
        files = settled(self._folder, self._engine)
        id = next_version_id(self._versions.parent, identity)
        Manifest(
            id=id,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            parent=self._parent.manifest.id if self._parent else None,
            fingerprint=identity,
            encoder=self._encoder.identity,
            analyzer=CURRENT.version,
            settings=self._settings,
            documents=documents,
            chunks=chunks,
            self_queries=asked,
            files=files,
            data=_DATA,
            languages=languages,
            engine=self._engine_name,
            query_model=self._query_model,
        ).write(self._version)
        self._version.rename(self._versions / id)
        sync([self._versions])
        return id

    def discard(self) -> None:
        """Removes everything that was built."""
        self._encoding.stop()
        self.content.close()
        self.store.close()
        self._engine.drop(self._folder / "vectors")
        shutil.rmtree(self._version, ignore_errors=True)

    def _entries(self) -> Iterator[Entry]:
        """What the lexical index is told of the chunks that are new."""
        languages = self.content.languages()
        for name in sorted(self._put):
            language = languages[name]
            orders = CURRENT.orders(self.content.text(name) or "", language)
            for chunk in self.content.chunks_of(name):
                read = CURRENT.passage(chunk.indexed_text, language, orders)
                yield Entry(chunk.id, name, language, read.words, read.beside, key_number(chunk))

    def _with_vectors(self, entries: Iterator[Entry]) -> Iterator[Entry]:
        """The same, each with its vector as the engine has it; those that a server keeps are not kept here too."""
        if not self._keeps_vectors:
            yield from entries
        while part := list(islice(entries, _PART)):
            vectors = self.store.vectors([entry.id for entry in part])
            yield from (replace(entry, vector=vectors[entry.id]) for entry in part)

    @property
    def _keeps_vectors(self) -> bool:
        return self._engine_name == "edge"

    def _is_complete(self, parent: Parent) -> bool:
        """Whether the parent's postings say all that is written beside them today."""
        with closing(Postings(parent.data / "lexical")) as postings:
            return postings.has_keys and (postings.has_vectors or not self._keeps_vectors)

    def _encode_again(self) -> None:
        """Gives every chunk its vector, most of them from the cache."""
        for name in self.content.names():
            document = self.content.document(name)
            if document is not None:
                self._encoding.add(document, self.content.chunks_of(name))

    def _analyze_again(self) -> None:
        """Takes all of the parent's chunks for new ones, because their terms were made by other rules."""
        self._postings = None
        for name in self.content.names():
            document = self.content.document(name)
            if document is not None:
                self.content.set_language(name, language_of(document))
                self._put.add(name)

    def _build_again(self, parent: Parent) -> None:
        """Splits and encodes the parent's documents anew, because it was built with other settings."""
        with closing(Content.open(parent.data / "content.sqlite")) as stored:
            owner = {name: source for source in stored.owners() for name in stored.held(source)}
            for name in stored.names():
                document = stored.document(name)
                if document is not None and name not in self._blocked:
                    self.put(document, split(document, self.offsets, self.split_settings), owner[name])
            for source, hash in stored.sources().items():
                self.content.mark(source, hash)


def new_candidate(
    home: Home,
    encoder: Encoder,
    cache: VectorCache,
    *,
    query_model: str | None = None,
    anew: bool = False,
    on_encoded: Callable[[int], None] = lambda _: None,
) -> Candidate:
    """A new version in the making, a child of the live one; to be called while `home.writing()`.

    `query_model` is the hash of the export that encodes questions, `anew` makes the terms again whatever made those of
    the live version, and `on_encoded` is told how many chunks got their vectors. Raises `DamagedIndex`: a child would
    make its parent's damage its own.
    """
    return Candidate(
        *(home.versions_folder, encoder, cache, _parent(home)),
        engine=home.engine(home.engine_name),
        engine_name=home.engine_name,
        query_model=query_model,
        anew=anew,
        blocked=home.erased.names(),
        on_encoded=on_encoded,
    )


def _parent(home: Home) -> Parent | None:
    """The live version, checked."""
    live = home.live()
    if live is None:
        return None
    folder = home.folder(live)
    manifest = Manifest.read(folder)
    manifest.check_files(folder, whatever_size=True)
    engine = None
    with suppress(ForeignIndex):
        engine = home.engine(manifest.engine)
    return Parent(folder, manifest, engine)


def settled(data: Path, engine: Engine) -> dict[str, str]:
    """Makes the files of a version what they will stay, on the disk; the hash of each."""
    engine.open(data / "vectors").close()  # some engines settle their files at the first opening
    in_use.prepare(data)
    sync_tree(data)
    sync([data.parent])
    return hash_files(data)


def fingerprint(content: Content, encoder: EncoderIdentity, settings: Mapping[str, object], analyzer: str) -> str:
    """A hash of everything that an answer depends on: what a version holds and what it was made with."""
    total = hashlib.sha256(digest(str(asdict(encoder)), analyzer, str(settings)).encode())
    for row in content.fingerprint_rows():
        total.update(row.encode("utf-8") + b"\n")
    return total.hexdigest()


def self_queries(content: Content, postings: Postings) -> tuple[SelfQuery, ...]:
    """Five searches whose outcome is known now."""
    languages, found = content.languages(), []
    for chunk in content.sample(5, seed=0):
        known = set(CURRENT.passage(chunk.text, languages[chunk.document]).words)
        words = tuple(sorted(known, key=lambda term: (-postings.idf(term), term))[:8])
        (score,) = postings.scored(postings.terms(words), postings.ordinals([chunk.id])).tolist()
        found.append(SelfQuery(chunk.id, words, round(score, 4)))
    return tuple(found)

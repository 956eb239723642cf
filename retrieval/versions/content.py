"""What does a version hold in words? Its documents, their full texts, their chunks: one SQLite file.

A chunk's text is stored once, inside its document's, so that a quote and its source can never differ.
"""

from __future__ import annotations

import json
import random
import sqlite3
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

from ingest.model import Chunk, Document, Page, Unseen, digest, metadata_of, within
from retrieval.model import Listed, Scope

_SCHEMA = """
CREATE TABLE sources (name TEXT PRIMARY KEY, hash TEXT NOT NULL);
CREATE TABLE texts (hash TEXT PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE documents (
    name TEXT PRIMARY KEY, source TEXT NOT NULL, content_hash TEXT NOT NULL, text_hash TEXT NOT NULL,
    title TEXT NOT NULL, markup TEXT NOT NULL, pages TEXT NOT NULL, metadata TEXT NOT NULL, labels TEXT NOT NULL,
    language TEXT NOT NULL
);
CREATE INDEX documents_by_source ON documents (source);
CREATE TABLE chunks (
    id TEXT PRIMARY KEY, document TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL,
    context TEXT NOT NULL, headings TEXT NOT NULL, page INTEGER, vector_hash TEXT NOT NULL DEFAULT ''
);
CREATE INDEX chunks_by_document ON chunks (document, start);
"""
_UNSEEN = "CREATE TABLE IF NOT EXISTS unseen (document TEXT PRIMARY KEY, stretches TEXT NOT NULL);"
_CHUNK = (
    "SELECT c.id, c.document, c.start, c.stop, c.context, c.headings, c.page, d.title, d.text_hash,"
    " CASE WHEN instr(d.pages, '\"') THEN d.pages ELSE '[]' END,"  # only what has labels is worth the reading
    " (unseen) FROM chunks c JOIN documents d ON d.name = c.document"
)
_STRETCHES = "(SELECT stretches FROM unseen WHERE document = d.name)"
_IN = 500  # ids in one statement, below every SQLite's limit
_LETTERS = 8_000_000  # of texts that are kept unpacked
_FREE = 0.1  # of a file's pages

_CARRIES_NO_OTHER = "NOT EXISTS (SELECT 1 FROM json_each(d.labels) WHERE value NOT IN (values))"
_CARRIES = (  # a field, or an item of one that is a list
    "EXISTS (SELECT 1 FROM json_each(d.metadata) field WHERE key = ? AND CASE type WHEN 'text' THEN value IN (values)"
    " WHEN 'array' THEN EXISTS (SELECT 1 FROM json_each(field.value) WHERE value IN (values)) END)"
)


class Content:
    """The words of a version. Threads may share one; a lock keeps their statements apart."""

    def __init__(self, connection: sqlite3.Connection, folder: Path) -> None:
        self._connection = connection
        self.folder = folder
        self._lock = threading.RLock()
        self._bodies: dict[str, str] = {}  # the texts that were asked for last
        self._letters = 0

    @classmethod
    def create(cls, path: Path) -> Content:
        """An empty one, to be written; nothing is durable before `close` and a sync of the file."""
        content = cls(_connect(path.as_posix()), path.parent)
        content._connection.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA secure_delete=ON;" + _SCHEMA + _UNSEEN
        )
        return content

    @classmethod
    def edit(cls, path: Path) -> Content:
        """An existing one, to be changed while its version is being built."""
        content = cls(_connect(path.as_posix()), path.parent)
        content._connection.executescript(
            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA secure_delete=ON;" + _UNSEEN
        )
        return content

    @classmethod
    def open(cls, path: Path) -> Content:
        """A finished one, which never changes: no locks are taken and nothing is written beside it."""
        return cls(_connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True), path.parent)

    def close(self) -> None:
        """Releases the file."""
        self._connection.close()
        self._bodies.clear()

    def __del__(self) -> None:
        # A connection and its cache of statements hold each other until the garbage is collected
        self._connection.close()

    # What is there

    def names(self) -> list[str]:
        """All document names, sorted."""
        return [name for (name,) in self._rows("SELECT name FROM documents ORDER BY name")]

    def text_hashes(self) -> dict[str, str]:
        """A hash of each document's text, by its name."""
        return dict(self._rows("SELECT name, text_hash FROM documents"))

    def holds(self, name: str) -> bool:
        """Whether there is a document of that name."""
        return bool(self._rows("SELECT 1 FROM documents WHERE name = ?", name))

    def source(self, name: str) -> str | None:
        """The file that a document came from, None if there is no such document."""
        rows = self._rows("SELECT source FROM documents WHERE name = ?", name)
        return str(rows[0][0]) if rows else None

    def text(self, name: str) -> str | None:
        """The full text of a document, None if the version does not hold it."""
        rows = self._rows("SELECT text_hash FROM documents WHERE name = ?", name)
        return self._body(rows[0][0]) if rows else None

    def document(self, name: str) -> Document | None:
        """The document as it was read, None if the version does not hold it."""
        rows = self._rows(
            "SELECT text_hash, title, markup, pages, metadata, labels, "  # noqa: S608 - our own words
            f"{self._stretches} FROM documents d WHERE name = ?",
            name,
        )
        if not rows:
            return None
        text_hash, title, markup, pages, metadata, labels, stretches = rows[0]
        return Document(
            name=name,
            text=self._body(text_hash),
            title=title,
            markup=markup,
            pages=tuple(Page(*page) for page in json.loads(pages)),
            metadata=metadata_of(json.loads(metadata)),
            labels=frozenset(json.loads(labels)),
            unseen=_unseen(stretches),
        )

    def with_unseen(self) -> tuple[str, ...]:
        """The documents that hold text which nobody sees, by name."""
        rows = self._rows("SELECT document FROM unseen ORDER BY document") if self._stretches == _STRETCHES else []
        return tuple(name for (name,) in rows)

    def counts(self) -> tuple[int, int]:
        """How many documents and chunks there are."""
        return self._rows("SELECT count(*) FROM documents")[0][0], self._rows("SELECT count(*) FROM chunks")[0][0]

    def chunks(self, ids: Sequence[str]) -> dict[str, Chunk]:
        """The chunks of those ids that exist."""
        found: dict[str, Chunk] = {}
        for start in range(0, len(ids), _IN):
            part = ids[start : start + _IN]
            for row in self._rows(f"{self._chunks} WHERE c.id IN ({','.join('?' * len(part))})", *part):
                found[row[0]] = self._chunk(row)
        return found

    def chunks_of(self, document: str) -> list[Chunk]:
        """The chunks of a document in order."""
        return [
            self._chunk(row) for row in self._rows(f"{self._chunks} WHERE c.document = ? ORDER BY c.start", document)
        ]

    def every_chunk(self) -> Iterator[Chunk]:
        """All chunks, by document and position."""
        for name in self.names():
            yield from self.chunks_of(name)

    def sample(self, n: int, *, seed: int) -> list[Chunk]:
        """`n` chunks (fewer if there are fewer), the same ones for the same seed."""
        ids = [id for (id,) in self._rows("SELECT id FROM chunks ORDER BY id")]
        drawn = random.Random(seed).sample(ids, min(n, len(ids)))
        chunks = self.chunks(drawn)
        return [chunks[id] for id in drawn]

    def in_scope(self, scope: Scope) -> list[str]:
        """The names of the documents that a scope admits."""
        where, values = _where(scope)
        query = f"SELECT d.name FROM documents d WHERE {where}"  # noqa: S608 - as `_where` says
        return [name for (name,) in self._rows(query, *values)]

    def listed(self, scope: Scope) -> list[Listed]:
        """What is known of the documents that a scope admits, by name."""
        where, values = _where(scope)
        query = (
            "SELECT d.name, d.title, d.metadata, d.labels, json_array_length(d.pages) FROM documents d "  # noqa: S608
            f"WHERE {where} ORDER BY d.name"
        )
        return [
            Listed(name, title, metadata_of(json.loads(metadata)), frozenset(json.loads(labels)), pages)
            for name, title, metadata, labels, pages in self._rows(query, *values)
        ]

    def labels(self) -> frozenset[str]:
        """All that documents carry."""
        query = "SELECT DISTINCT label.value FROM documents d, json_each(d.labels) label"
        return frozenset(label for (label,) in self._rows(query))

    def values(self, key: str) -> list[str]:
        """The different values, and items of lists, that documents have for a key of metadata."""
        query = (
            "SELECT DISTINCT value FROM (SELECT field.value, field.type FROM documents d, json_each(d.metadata) field "
            "WHERE field.key = ?1 UNION SELECT item.value, item.type FROM documents d, json_each(d.metadata) field, "
            "json_each(field.value) item WHERE field.key = ?1 AND field.type = 'array') WHERE type = 'text'"
        )
        return [value for (value,) in self._rows(query, key)]

    def recorded_languages(self) -> tuple[str, ...]:
        """The different languages of its documents, sorted; the empty one too where some are not known."""
        return tuple(
            language for (language,) in self._rows("SELECT DISTINCT language FROM documents ORDER BY language")
        )

    def languages(self) -> dict[str, str]:
        """The language of each document, empty where it is not known."""
        return dict(self._rows("SELECT name, language FROM documents"))

    def fingerprint_rows(self) -> Iterator[str]:
        """Everything a version's fingerprint hashes of its content, in a fixed order."""
        for row in self._rows("SELECT name, content_hash FROM documents ORDER BY name"):
            yield "\t".join(row)
            for chunk in self._rows(
                "SELECT start, stop, context, vector_hash FROM chunks WHERE document = ? ORDER BY start", row[0]
            ):
                yield "\t".join(map(str, chunk))

    # What is written while a version is built

    def sources(self) -> dict[str, str]:
        """The files that are wholly indexed, with the hash they had."""
        return dict(self._rows("SELECT name, hash FROM sources"))

    def owners(self) -> list[str]:
        """The files that some document came from."""
        return [source for (source,) in self._rows("SELECT DISTINCT source FROM documents ORDER BY source")]

    def held(self, source: str) -> dict[str, str]:
        """The documents that came from a file, with their content hashes."""
        return dict(self._rows("SELECT name, content_hash FROM documents WHERE source = ?", source))

    def mark(self, source: str, hash: str | None) -> None:
        """Remembers that a file was wholly read, or (None) that it must be read again."""
        if hash is None:
            self._rows("DELETE FROM sources WHERE name = ?", source)
        else:
            self._rows("INSERT OR REPLACE INTO sources VALUES (?, ?)", source, hash)

    def put(self, document: Document, chunks: Iterable[Chunk], source: str, language: str = "") -> None:
        """Adds a document that is not there."""
        text_hash = digest(document.text)
        body = zlib.compress(document.text.encode("utf-8"), 6)
        pages = json.dumps([_page(page) for page in document.pages], ensure_ascii=False)
        metadata = json.dumps(dict(document.metadata), sort_keys=True, ensure_ascii=False)
        labels = json.dumps(sorted(document.labels), ensure_ascii=False)
        self._rows("INSERT OR IGNORE INTO texts VALUES (?, ?)", text_hash, body)
        self._rows(
            "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            *(document.name, source, document.content_hash, text_hash),
            *(document.title, document.markup, pages, metadata, labels, language),
        )
        if document.unseen:
            stretches = json.dumps([[each.start, each.end, each.how] for each in document.unseen])
            self._rows("INSERT OR REPLACE INTO unseen VALUES (?, ?)", document.name, stretches)
        for chunk in chunks:
            headings = json.dumps(chunk.headings, ensure_ascii=False)
            self._rows(
                "INSERT INTO chunks (id, document, start, stop, context, headings, page) VALUES (?, ?, ?, ?, ?, ?, ?)",
                *(chunk.id, chunk.document, chunk.start, chunk.end, chunk.context, headings, chunk.page),
            )

    def remove(self, name: str) -> list[str]:
        """Takes a document out; the ids of its chunks."""
        ids = [id for (id,) in self._rows("SELECT id FROM chunks WHERE document = ?", name)]
        self._rows("DELETE FROM chunks WHERE document = ?", name)
        self._rows("DELETE FROM unseen WHERE document = ?", name)
        self._rows("DELETE FROM documents WHERE name = ?", name)
        return ids

    def set_vector_hashes(self, hashes: Iterable[tuple[str, str]]) -> None:
        """Records `(vector hash, chunk id)` pairs."""
        with self._lock:
            self._connection.executemany("UPDATE chunks SET vector_hash = ? WHERE id = ?", hashes)

    def set_language(self, name: str, language: str) -> None:
        """Records the language of a document."""
        self._rows("UPDATE documents SET language = ? WHERE name = ?", language, name)

    def finish(self, *, compact: bool = False) -> None:
        """Drops texts that no document has any more, and writes everything out.

        The file is written anew without its free pages (which hold nothing) where they are many, or `compact` says so.
        """
        self._rows("DELETE FROM texts WHERE hash NOT IN (SELECT text_hash FROM documents)")
        ((pages,),) = self._rows("PRAGMA page_count")
        ((free,),) = self._rows("PRAGMA freelist_count")
        with self._lock:
            self._connection.commit()
            if compact or free > _FREE * pages:
                self._connection.execute("VACUUM")
        self.close()

    @cached_property
    def _stretches(self) -> str:
        """Versions of a time that did not look for what nobody sees say nothing of it, and are read all the same."""
        return _STRETCHES if self._rows("SELECT 1 FROM sqlite_master WHERE name = 'unseen'") else "NULL"

    @cached_property
    def _chunks(self) -> str:
        return _CHUNK.replace("(unseen)", self._stretches)

    def _chunk(self, row: tuple[str, str, int, int, str, str, int | None, str, str, str, str | None]) -> Chunk:
        _, document, start, stop, context, headings, page, title, text_hash, pages, stretches = row
        return Chunk(
            document=document,
            start=start,
            end=stop,
            text=self._body(text_hash)[start:stop],
            context=context,
            title=title,
            headings=tuple(json.loads(headings)),
            page=page,
            page_label=_labels(pages).get(page),
            unseen=within(_unseen(stretches), start, stop) if stretches else (),
        )

    def _body(self, text_hash: str) -> str:
        with self._lock:
            if text_hash not in self._bodies:
                (body,) = self._rows("SELECT body FROM texts WHERE hash = ?", text_hash)[0]
                text = zlib.decompress(body).decode("utf-8")
                self._letters += len(text)
                if self._letters > _LETTERS:
                    self._bodies.clear()
                    self._letters = len(text)
                self._bodies[text_hash] = text
            return self._bodies[text_hash]

    def _rows(self, statement: str, *values: object) -> list[tuple]:  # type: ignore[type-arg]  # SQLite's rows
        with self._lock:
            return self._connection.execute(statement, values).fetchall()


def _where(scope: Scope) -> tuple[str, list[str]]:
    """The condition of a scope on a document `d`, and its values: only fixed words are put together here."""
    conditions = ["EXISTS (SELECT 1 FROM json_each(d.labels) WHERE value = ?)"] * len(scope.labels)
    values = sorted(scope.labels)
    for key, wanted in scope.conditions():
        conditions.append(_CARRIES.replace("values", ", ".join("?" * len(wanted))))
        values += [key, *wanted, *wanted]
    if scope.within is not None:
        conditions.append(_CARRIES_NO_OTHER.replace("values", ", ".join("?" * len(scope.within))))
        values += sorted(scope.within)
    return " AND ".join(conditions) or "1", values


def _page(page: Page) -> list[int | str]:
    """A page as it is stored; versions of a time without labels hold pages without one, and are read all the same."""
    return [page.start, page.number] if page.label is None else [page.start, page.number, page.label]


@lru_cache(maxsize=64)
def _labels(pages: str) -> dict[int | None, str]:
    """The labels of stored pages, by number."""
    return {page.number: page.label for page in (Page(*each) for each in json.loads(pages)) if page.label is not None}


@lru_cache(maxsize=64)
def _unseen(stretches: str | None) -> tuple[Unseen, ...]:
    """What is stored of a document's unseen text."""
    return tuple(Unseen(*each) for each in json.loads(stretches or "[]"))


def _connect(path: str, *, uri: bool = False) -> sqlite3.Connection:
    return sqlite3.connect(path, uri=uri, check_same_thread=False, cached_statements=256)

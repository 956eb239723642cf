"""What was ingested when, and what of it could not be read? Jobs, failures by version, and source labels, in SQLite.

What failed belongs to the version that lacks it: a version that is never published takes no failure from the one that
is. What is unchanged is not asked here: the live version's own document table knows.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from ingest.access import explained, unusable
from ingest.database import reading
from ingest.errors import CitewellError
from ingest.model import Failure, Metadata, Skipped, metadata_of
from ingest.source import Source

_SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA secure_delete=ON;
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, arguments TEXT NOT NULL, outcome TEXT
);
CREATE TABLE IF NOT EXISTS known (version TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS unread (
    version TEXT NOT NULL, source TEXT NOT NULL, document TEXT NOT NULL, failed INTEGER NOT NULL, why TEXT NOT NULL,
    PRIMARY KEY (version, failed, document, source)
);
CREATE TABLE IF NOT EXISTS again (
    version TEXT NOT NULL, source TEXT NOT NULL, path TEXT NOT NULL, root TEXT NOT NULL, labels TEXT NOT NULL,
    metadata TEXT NOT NULL, PRIMARY KEY (version, source)
);
CREATE TABLE IF NOT EXISTS passed (
    version TEXT NOT NULL, source TEXT NOT NULL, why TEXT NOT NULL, labels TEXT NOT NULL, metadata TEXT NOT NULL,
    PRIMARY KEY (version, source)
);
CREATE TABLE IF NOT EXISTS labels (label TEXT PRIMARY KEY, root TEXT NOT NULL);
"""
_LATEST = ""  # in place of a version: what the ingest that began last has found so far
_COPIED = {
    "unread": "source, document, failed, why",
    "again": "source, path, root, labels, metadata",
    "passed": "source, why, labels, metadata",
}
_OLDER = """
INSERT OR IGNORE INTO unread SELECT '', source, document, 1, error FROM failures;
INSERT OR IGNORE INTO unread SELECT '', source, document, 0, reason FROM skipped;
INSERT OR IGNORE INTO again SELECT '', source, path, root, labels, metadata FROM retries;
DROP TABLE failures;
DROP TABLE skipped;
DROP TABLE retries;
"""


class LedgerUnusable(CitewellError):
    """The ledger's file is no database any more, or cannot be read or written."""

    code: ClassVar[str] = "ledger_unusable"
    http_status: ClassVar[int] = 500


@dataclass(frozen=True, slots=True)
class Retry:
    """A file that failed, and what its documents were to get."""

    source: Source
    labels: frozenset[str]
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class NotRead:
    """What of a file, or which file, was not read, and why; with what its documents were to get, None if not known."""

    document: str
    reason: str
    labels: frozenset[str] | None
    metadata: Metadata | None


class Ledger:
    """The ingest side's memory; jobs end with an outcome, or were interrupted. Raises `LedgerUnusable`.

    With `read_only` the file must be there and nothing is written, so that a home on a read-only disk can be seen.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        with _stating(path):
            if read_only:
                self._connection = reading(path)
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                self._connection = sqlite3.connect(path, isolation_level=None, timeout=30)
                self._connection.executescript(_SCHEMA)
                if self._has("failures"):  # an older home, which had one list for all its versions
                    self._connection.executescript(
                        "CREATE TABLE IF NOT EXISTS skipped (source TEXT, document TEXT, reason TEXT);"
                        f"BEGIN; {_OLDER} COMMIT;"
                    )

    def begin(self, arguments: Mapping[str, Any], parent: str | None = None, kept: Iterable[str] = ()) -> int:
        """Records that an ingest began, from a parent on whose failures it builds; its number.

        What is known of versions that are not `kept` any more is forgotten.
        """
        there = {parent, *kept}
        with _stating(self._path), self._connection:
            self._connection.execute("BEGIN")
            if parent is not None and not self._knows(parent):
                self._copy(_LATEST, parent)
            for (version,) in self._connection.execute("SELECT version FROM known").fetchall():
                if version not in there:
                    self._clear(version)
            self._clear(_LATEST)
            if parent is not None:
                self._copy(parent, _LATEST)
        words = "INSERT INTO jobs (started, arguments) VALUES (?, ?) RETURNING id"
        ((job,),) = self._execute(words, (_now(), json.dumps(arguments)))
        return int(job)

    def assign(self, version: str) -> None:
        """What the ingest found belongs to this version from now on: the one that it built, or did not need to."""
        with _stating(self._path), self._connection:
            self._connection.execute("BEGIN")
            self._clear(version)
            self._copy(_LATEST, version)

    def finish(self, job: int, outcome: Mapping[str, Any]) -> None:
        """Records how an ingest ended."""
        words = "UPDATE jobs SET finished = ?, outcome = ? WHERE id = ?"
        self._execute(words, (_now(), json.dumps(outcome), job))

    def note(
        self,
        source: Source,
        labels: Iterable[str],
        metadata: Metadata,
        failures: Iterable[Failure],
        skipped: Iterable[Skipped] = (),
    ) -> None:
        """What came of reading a file: its failures, and its parts that were skipped, in the place of those it had."""
        rows = [(_LATEST, source.name, failure.document, True, failure.error) for failure in failures]
        passed = [(_LATEST, source.name, one.document, False, one.reason) for one in skipped]
        with _stating(self._path), self._connection:
            self._connection.execute("BEGIN")
            self._forget(source.name, _LATEST)
            self._connection.executemany("INSERT OR REPLACE INTO unread VALUES (?, ?, ?, ?, ?)", [*rows, *passed])
            if rows and source.real is not None:  # what was loaded is no file that could be looked at again
                self._connection.execute(
                    "INSERT INTO again VALUES (?, ?, ?, ?, ?, ?)",
                    (
                        *(_LATEST, source.name, _stored(source.path), _stored(source.root)),
                        *(json.dumps(sorted(labels)), json.dumps(dict(metadata), sort_keys=True)),
                    ),
                )

    def passed_over(
        self, skipped: Iterable[Skipped], covered: Sequence[str], labels: Iterable[str], metadata: Metadata
    ) -> None:
        """Puts the files that were not tried in the place of those below the covered names that were not before."""
        told = json.dumps(sorted(labels)), json.dumps(dict(metadata), sort_keys=True)
        with _stating(self._path), self._connection:
            self._connection.execute("BEGIN")
            for prefix in covered:
                words = "DELETE FROM passed WHERE version = ? AND substr(source, 1, ?) = ?"
                self._connection.execute(words, (_LATEST, len(prefix), prefix))
            rows = [(_LATEST, one.document, one.reason, *told) for one in skipped]
            self._connection.executemany("INSERT OR REPLACE INTO passed VALUES (?, ?, ?, ?, ?)", rows)

    def forget(self, source: str) -> None:
        """Forgets the failures of a file, and what was skipped of it, as far as the ingest at hand goes."""
        with _stating(self._path), self._connection:
            self._connection.execute("BEGIN")
            self._forget(source, _LATEST)

    def erase(self, source: str) -> None:
        """Forgets the failures of a file, and what was skipped of it, in every version."""
        with _stating(self._path), self._connection:
            self._connection.execute("BEGIN")
            self._forget(source, None)

    def failures(self, version: str | None = None) -> list[Failure]:
        """What of a version could not be read when it was last tried; without one, by the latest ingest."""
        if not self._has("unread"):
            rows = self._execute("SELECT document, error FROM failures ORDER BY document")
        else:
            words = "SELECT document, why FROM unread WHERE version = ? AND failed ORDER BY document"
            rows = self._execute(words, (self._of(version),))
        return [Failure(document, error) for document, error in rows]

    def skipped(self, version: str | None = None) -> list[tuple[str, Skipped]]:
        """The parts of files that were skipped when the file was last read, each with that file; as `failures`."""
        if not self._has("unread"):
            rows = self._has("skipped") and self._execute("SELECT source, document, reason FROM skipped")
        else:
            words = "SELECT source, document, why FROM unread WHERE version = ? AND NOT failed"
            rows = self._execute(words, (self._of(version),))
        return [(source, Skipped(document, reason)) for source, document, reason in sorted(rows or [])]

    def noted(self) -> list[str]:
        """The files that a failure or a skipped part came from, as far as the ingest at hand goes."""
        words = "SELECT DISTINCT source FROM unread WHERE version = ?"
        return [source for (source,) in self._execute(words, (_LATEST,))]

    def retries(self, version: str | None = None) -> list[Retry]:
        """The files that failed, to be tried again as they were tried before; as `failures`."""
        words = "SELECT source, path, root, labels, metadata FROM again WHERE version = ? ORDER BY source"
        return [
            Retry(
                Source(Path(json.loads(path)), name, Path(json.loads(root))),
                frozenset(json.loads(labels)),
                metadata_of(json.loads(metadata)),
            )
            for name, path, root, labels, metadata in self._execute(words, (self._of(version),))
        ]

    def not_read(self, version: str | None = None) -> list[NotRead]:
        """All that was not read: what failed, parts that were skipped and files that were not tried; as `failures`."""
        if not self._has("unread"):
            return [NotRead(one.document, one.error, None, None) for one in self.failures(version)]
        of = self._of(version)
        told = {retry.source.name: (retry.labels, retry.metadata) for retry in self.retries(version)}
        words = "SELECT source, document, why FROM unread WHERE version = ? ORDER BY failed DESC, document"
        found = [
            NotRead(document, why, *told.get(source, (None, None)))
            for source, document, why in self._execute(words, (of,))
        ]
        if self._has("passed"):  # a home that may only be read may be older
            words = "SELECT source, why, labels, metadata FROM passed WHERE version = ? ORDER BY source"
            found += [
                NotRead(source, why, frozenset(json.loads(labels)), metadata_of(json.loads(metadata)))
                for source, why, labels, metadata in self._execute(words, (of,))
            ]
        return list({one.document: one for one in reversed(found)}.values())[::-1]

    def root(self, label: str) -> Path | None:
        """The place that a source label stands for."""
        rows = self._execute("SELECT root FROM labels WHERE label = ?", (label,))
        return _place(rows[0][0]) if rows else None

    def set_root(self, label: str, root: Path) -> None:
        """Remembers the place that a source label stands for."""
        self._execute("INSERT OR REPLACE INTO labels VALUES (?, ?)", (label, _stored(root)))

    def close(self) -> None:
        """Releases the file."""
        self._connection.close()

    def _execute(self, words: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with _stating(self._path):
            return self._connection.execute(words, values).fetchall()

    def _of(self, version: str | None) -> str:
        """Where what is known of a version stands; what an older home knew stood in one place for all of them."""
        return version if version is not None and self._knows(version) else _LATEST

    def _has(self, table: str) -> bool:
        return bool(self._execute("SELECT 1 FROM sqlite_master WHERE name = ?", (table,)))

    def _knows(self, version: str) -> bool:
        return bool(self._execute("SELECT 1 FROM known WHERE version = ?", (version,)))

    def _copy(self, version: str, to: str) -> None:
        self._connection.execute("INSERT OR IGNORE INTO known VALUES (?)", (to,))
        for table, columns in _COPIED.items():
            words = f"INSERT INTO {table} SELECT ?, {columns} FROM {table} WHERE version = ?"  # noqa: S608 - our own
            self._connection.execute(words, (to, version))

    def _clear(self, version: str) -> None:
        for table in ("known", *_COPIED):
            self._connection.execute(f"DELETE FROM {table} WHERE version = ?", (version,))  # noqa: S608 - our own

    def _forget(self, source: str, version: str | None) -> None:
        for table in _COPIED:
            words = f"DELETE FROM {table} WHERE source = ? AND version = ifnull(?, version)"  # noqa: S608 - our own
            self._connection.execute(words, (source, version))


@contextmanager
def _stating(path: Path) -> Iterator[None]:
    """Raises what SQLite says of the file as `LedgerUnusable`."""
    try:
        yield
    except OSError as error:
        raise LedgerUnusable(explained(error, of=path)) from error
    except sqlite3.OperationalError as error:  # a full disk, a lock, a permission: not the file's fault
        raise LedgerUnusable(unusable(path, error)) from error
    except sqlite3.DatabaseError as error:
        lost = "only the list of failures and the places that labels stand for are lost"
        raise LedgerUnusable(f"{path} is damaged ({error}): move it away and ingest again; {lost}.") from error


def _stored(path: Path) -> str:
    """As JSON, which spells out file names that are no text."""
    return json.dumps(str(path))


def _place(stored: str) -> Path:
    """What was stored; in older homes the place of a label is not JSON."""
    return Path(json.loads(stored) if stored.startswith('"') else stored)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

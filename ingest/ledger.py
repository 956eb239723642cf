"""What was ingested when, and what failed? Jobs, failures and source labels, in SQLite.

What is unchanged is not asked here: the live version's own document table knows.
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

from ingest.access import barred, explained
from ingest.database import reading
from ingest.model import CitewellError, Failure, Metadata, Skipped, metadata_of
from ingest.source import Source

_SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA secure_delete=ON;
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, arguments TEXT NOT NULL, outcome TEXT
);
CREATE TABLE IF NOT EXISTS failures (
    document TEXT PRIMARY KEY, source TEXT NOT NULL, error TEXT NOT NULL, at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS skipped (
    source TEXT NOT NULL, document TEXT NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (source, document)
);
CREATE TABLE IF NOT EXISTS labels (label TEXT PRIMARY KEY, root TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS retries (
    source TEXT PRIMARY KEY, path TEXT NOT NULL, root TEXT NOT NULL, labels TEXT NOT NULL, metadata TEXT NOT NULL
);
"""


class LedgerUnusable(CitewellError):
    """The ledger's file is no database any more, or cannot be read or written."""

    code: ClassVar[str] = "ledger_unusable"


@dataclass(frozen=True, slots=True)
class Retry:
    """A file that failed, and what its documents were to get."""

    source: Source
    labels: frozenset[str]
    metadata: Metadata


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

    def begin(self, arguments: Mapping[str, Any]) -> int:
        """Records that an ingest began; its number."""
        words = "INSERT INTO jobs (started, arguments) VALUES (?, ?) RETURNING id"
        ((job,),) = self._execute(words, (_now(), json.dumps(arguments)))
        return int(job)

    def finish(self, job: int, outcome: Mapping[str, Any]) -> None:
        """Records how an ingest ended."""
        words = "UPDATE jobs SET finished = ?, outcome = ? WHERE id = ?"
        self._execute(words, (_now(), json.dumps(outcome), job))

    def failed(
        self,
        source: Source,
        labels: Iterable[str],
        metadata: Metadata,
        failures: Iterable[Failure],
        skipped: Iterable[Skipped] = (),
    ) -> None:
        """Puts a file's failures, and its parts that were skipped, in the place of those it had; none: it is well."""
        rows = [(failure.document, source.name, failure.error, _now()) for failure in failures]
        with _stating(self._path), self._connection:
            self._connection.execute("BEGIN")
            self._forget(source.name)
            self._connection.executemany("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?)", rows)
            passed = [(source.name, one.document, one.reason) for one in skipped]
            self._connection.executemany("INSERT OR REPLACE INTO skipped VALUES (?, ?, ?)", passed)
            if rows and source.real is not None:  # what was loaded is no file that could be looked at again
                self._connection.execute(
                    "INSERT INTO retries VALUES (?, ?, ?, ?, ?)",
                    (
                        *(source.name, _stored(source.path), _stored(source.root)),
                        *(json.dumps(sorted(labels)), json.dumps(dict(metadata), sort_keys=True)),
                    ),
                )

    def well(self, source: str) -> None:
        """Forgets the failures of a file, and what was skipped of it."""
        with _stating(self._path), self._connection:
            self._connection.execute("BEGIN")
            self._forget(source)

    def failures(self) -> list[Failure]:
        """What could not be read when it was last tried."""
        rows = self._execute("SELECT document, error FROM failures ORDER BY document")
        return [Failure(document, error) for document, error in rows]

    def skipped(self) -> list[tuple[str, Skipped]]:
        """The parts of files that were skipped when the file was last read, each with that file."""
        if not self._execute("SELECT 1 FROM sqlite_master WHERE name = 'skipped'"):
            return []  # an older home that is only looked at
        rows = self._execute("SELECT source, document, reason FROM skipped ORDER BY source, document")
        return [(source, Skipped(document, reason)) for source, document, reason in rows]

    def noted(self) -> list[str]:
        """The files that a failure or a skipped part came from."""
        return [source for (source,) in self._execute("SELECT source FROM failures UNION SELECT source FROM skipped")]

    def retries(self) -> list[Retry]:
        """The files that failed, to be tried again as they were tried before."""
        rows = self._execute("SELECT source, path, root, labels, metadata FROM retries ORDER BY source")
        return [
            Retry(
                Source(Path(json.loads(path)), name, Path(json.loads(root))),
                frozenset(json.loads(labels)),
                metadata_of(json.loads(metadata)),
            )
            for name, path, root, labels, metadata in rows
        ]

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

    def _forget(self, source: str) -> None:
        self._connection.execute("DELETE FROM failures WHERE source = ?", (source,))
        self._connection.execute("DELETE FROM retries WHERE source = ?", (source,))
        self._connection.execute("DELETE FROM skipped WHERE source = ?", (source,))


@contextmanager
def _stating(path: Path) -> Iterator[None]:
    """Raises what SQLite says of the file as `LedgerUnusable`."""
    try:
        yield
    except OSError as error:
        raise LedgerUnusable(explained(error, of=path)) from error
    except sqlite3.OperationalError as error:  # a full disk, a lock, a permission: not the file's fault
        why = barred(path) or (
            f"{path} cannot be used ({error}): see that the disk has room and that no other program holds the file; "
            "then try again"
        )
        raise LedgerUnusable(f"{why}.") from error
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

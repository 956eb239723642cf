"""What was ingested when, and what failed? Jobs, failures and source labels, in SQLite.

What is unchanged is not asked here: the live version's own document table knows.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from ingest.discover import Source
from ingest.model import CitewellError, Failure

_SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA secure_delete=ON;
CREATE TABLE IF NOT EXISTS jobs (
    id INTEGER PRIMARY KEY, started TEXT NOT NULL, finished TEXT, arguments TEXT NOT NULL, outcome TEXT
);
CREATE TABLE IF NOT EXISTS failures (
    document TEXT PRIMARY KEY, source TEXT NOT NULL, error TEXT NOT NULL, at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS labels (label TEXT PRIMARY KEY, root TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS retries (
    source TEXT PRIMARY KEY, path TEXT NOT NULL, root TEXT NOT NULL, labels TEXT NOT NULL, metadata TEXT NOT NULL
);
"""


class LedgerUnusable(CitewellError):
    """The ledger's file is no database any more."""

    code: ClassVar[str] = "ledger_unusable"


@dataclass(frozen=True, slots=True)
class Retry:
    """A file that failed, and what its documents were to get."""

    source: Source
    labels: frozenset[str]
    metadata: Mapping[str, str]


class Ledger:
    """The ingest side's memory; jobs end with an outcome, or were interrupted. Raises `LedgerUnusable`."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        try:
            self._connection.executescript(_SCHEMA)
        except sqlite3.OperationalError:
            raise  # a full disk, a lock: not the file's fault
        except sqlite3.DatabaseError as error:
            message = f"{path} is damaged ({error}); move it away and ingest again: only the list of failures is lost."
            raise LedgerUnusable(message) from error

    def begin(self, arguments: Mapping[str, Any]) -> int:
        """Records that an ingest began; its number."""
        cursor = self._connection.execute(
            "INSERT INTO jobs (started, arguments) VALUES (?, ?)", (_now(), json.dumps(arguments, ensure_ascii=False))
        )
        return int(cursor.lastrowid or 0)

    def finish(self, job: int, outcome: Mapping[str, Any]) -> None:
        """Records how an ingest ended."""
        self._connection.execute(
            "UPDATE jobs SET finished = ?, outcome = ? WHERE id = ?",
            (_now(), json.dumps(outcome, ensure_ascii=False), job),
        )

    def failed(
        self, source: Source, labels: Iterable[str], metadata: Mapping[str, str], failures: Iterable[Failure]
    ) -> None:
        """Puts a file's failures in the place of those it had; none means that it is well now."""
        rows = [(failure.document, source.name, failure.error, _now()) for failure in failures]
        with self._connection:
            self._connection.execute("BEGIN")
            self._forget(source.name)
            self._connection.executemany("INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?)", rows)
            if rows:
                self._connection.execute(
                    "INSERT INTO retries VALUES (?, ?, ?, ?, ?)",
                    (
                        *(source.name, _stored(source.path), _stored(source.root)),
                        *(json.dumps(sorted(labels)), json.dumps(dict(metadata), sort_keys=True)),
                    ),
                )

    def well(self, source: str) -> None:
        """Forgets the failures of a file."""
        with self._connection:
            self._connection.execute("BEGIN")
            self._forget(source)

    def failures(self) -> list[Failure]:
        """What could not be read when it was last tried."""
        rows = self._connection.execute("SELECT document, error FROM failures ORDER BY document")
        return [Failure(document, error) for document, error in rows]

    def failing(self) -> list[str]:
        """The files that some failure came from."""
        return [source for (source,) in self._connection.execute("SELECT DISTINCT source FROM failures")]

    def retries(self) -> list[Retry]:
        """The files that failed, to be tried again as they were tried before."""
        rows = self._connection.execute("SELECT source, path, root, labels, metadata FROM retries ORDER BY source")
        return [
            Retry(
                Source(Path(json.loads(path)), name, Path(json.loads(root))),
                frozenset(json.loads(labels)),
                json.loads(metadata),
            )
            for name, path, root, labels, metadata in rows
        ]

    def root(self, label: str) -> Path | None:
        """The place that a source label stands for."""
        row = self._connection.execute("SELECT root FROM labels WHERE label = ?", (label,)).fetchone()
        return Path(row[0]) if row else None

    def set_root(self, label: str, root: Path) -> None:
        """Remembers the place that a source label stands for."""
        self._connection.execute("INSERT OR REPLACE INTO labels VALUES (?, ?)", (label, str(root)))

    def close(self) -> None:
        """Releases the file."""
        self._connection.close()

    def _forget(self, source: str) -> None:
        self._connection.execute("DELETE FROM failures WHERE source = ?", (source,))
        self._connection.execute("DELETE FROM retries WHERE source = ?", (source,))


def _stored(path: Path) -> str:
    """As JSON, which spells out file names that are no text."""
    return json.dumps(str(path))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

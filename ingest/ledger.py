"""What was ingested when, and what failed? Jobs, failures and source labels, in SQLite.

What is unchanged is not asked here: the live version's own document table knows.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ingest.model import Failure

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
"""


class Ledger:
    """The ingest side's memory; jobs end with an outcome, or were interrupted."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._connection.executescript(_SCHEMA)

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

    def failed(self, source: str, failures: Iterable[Failure]) -> None:
        """Puts a file's failures in the place of those it had; none means that it is well now."""
        with self._connection:
            self._connection.execute("BEGIN")
            self._connection.execute("DELETE FROM failures WHERE source = ?", (source,))
            self._connection.executemany(
                "INSERT OR REPLACE INTO failures VALUES (?, ?, ?, ?)",
                [(failure.document, source, failure.error, _now()) for failure in failures],
            )

    def failures(self) -> list[Failure]:
        """What could not be read when it was last tried."""
        rows = self._connection.execute("SELECT document, error FROM failures ORDER BY document")
        return [Failure(document, error) for document, error in rows]

    def failing(self) -> list[str]:
        """The files that some failure came from."""
        return [source for (source,) in self._connection.execute("SELECT DISTINCT source FROM failures")]

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


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")

"""How is the journal's SQLite file opened and shared between processes? What goes wrong with it is said."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import ClassVar, Literal

from ingest.access import explained as sentence
from ingest.access import unusable
from ingest.database import reading
from ingest.errors import CitewellError

SCHEMA = 1
PATIENCE = 30.0  # seconds that a write waits for another process to finish its own

TABLE = """
CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    run TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, at TEXT NOT NULL, actor TEXT NOT NULL,
    previous TEXT NOT NULL, sealed TEXT NOT NULL, hash TEXT NOT NULL,
    salt BLOB, content TEXT,
    UNIQUE (run, number)
)
"""


class JournalUnusable(CitewellError):
    """The journal cannot be read or written; no run goes on without its record."""

    code: ClassVar[str] = "journal_unusable"
    http_status: ClassVar[int] = 500


def create(path: Path) -> sqlite3.Connection:
    """A connection to the journal at `path`, begun if there is none. Raises `JournalUnusable`."""
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # questions and answers are private; SQLite's side files copy the mode
        connection = connect(path)
        try:
            _prepare(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def look(path: Path) -> sqlite3.Connection:
    """A connection that reads what is there and changes nothing; no file is an empty journal."""
    if not path.is_file():
        nothing = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        nothing.execute(TABLE)
        return nothing
    connection = reading(path)
    try:
        _known(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def connect(path: Path) -> sqlite3.Connection:
    """Autocommitting; a commit is on disk when it returns, and what is deleted leaves no trace in the file."""
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA secure_delete = ON")
    return connection


@contextmanager
def transaction(connection: sqlite3.Connection, kind: Literal["IMMEDIATE", "DEFERRED"]) -> Iterator[None]:
    """All of it or nothing: IMMEDIATE to write, DEFERRED to read one state of the file."""
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.OperationalError):  # after a full disk SQLite has rolled back by itself
            connection.execute("ROLLBACK")
        raise


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """What the disk or SQLite complains of comes out as `JournalUnusable`."""
    try:
        yield
    except OSError as error:
        raise JournalUnusable(sentence(error, of=path)) from error
    except sqlite3.OperationalError as error:
        raise JournalUnusable(unusable(path, error)) from error
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise  # ours to repair, not the user's
    except sqlite3.DatabaseError as error:
        raise JournalUnusable(
            f"The journal {path} is damaged ({error}): put back a copy, or move it away, and a new one is begun."
        ) from error


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    if _known(connection, path):
        return
    _use_wal(connection)
    with transaction(connection, "IMMEDIATE"):
        if _read(connection) == (0, 0):  # another process may have come first
            connection.execute(TABLE)
            connection.execute(f"PRAGMA user_version = {SCHEMA}")


def _known(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether a file is a journal of today; False where it is empty. Raises `JournalUnusable`."""
    version, tables = _read(connection)
    if version > SCHEMA:
        raise JournalUnusable(
            f"{path} was written by a newer Citewell (schema {version}, this one knows {SCHEMA}): "
            "upgrade Citewell, or name another home."
        )
    if tables and version < SCHEMA:
        raise JournalUnusable(f"{path} is not a journal: move it away, and a new one is begun.")
    return version == SCHEMA


def _read(connection: sqlite3.Connection) -> tuple[int, int]:
    """The schema's version and how many tables there are, both of one moment."""
    version, tables = connection.execute(
        "SELECT (SELECT user_version FROM pragma_user_version), (SELECT COUNT(*) FROM sqlite_master)"
    ).fetchone()
    return version, tables


def _use_wal(connection: sqlite3.Connection) -> None:
    """Let readers work beside a writer.

    SQLite refuses this change at once, whatever its timeout, where two processes make it together. An ordinary
    transaction does wait its turn, so the next attempt comes after the other process's.
    """
    for attempt in range(100):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or attempt == 99:
                raise
        with transaction(connection, "IMMEDIATE"):
            pass

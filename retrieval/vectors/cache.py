"""Which vectors are known already? A cache keyed by what made them, shared by all versions of a home."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import astuple
from pathlib import Path

import numpy as np

from ingest.model import digest
from retrieval.parts import Encoder, EncoderIdentity, Vectors

_EVERY = 2.0  # seconds of encoding that a process which is killed may lose
_SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"


class VectorCache:
    """Vectors by text, for one encoder identity; nothing of a text can be read back from it."""

    def __init__(self, path: Path, identity: EncoderIdentity, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        path.parent.mkdir(parents=True, exist_ok=True)
        self._prefix = _prefix(identity)
        self._dimensions = identity.dimensions
        try:
            self._connection = _opened(path)
        except sqlite3.OperationalError:
            raise  # a full disk, a lock: not the file's fault
        except sqlite3.DatabaseError:  # damaged: all that it held can be encoded again
            _remove(path)
            self._connection = _opened(path)

    def encode(self, texts: Sequence[str], encoder: Encoder, tick: Callable[[int], None] = lambda _: None) -> Vectors:
        """The vectors of `texts`, each encoded at most once ever; `tick` is told of rows as they are done.

        What was encoded is kept every few seconds, and whatever ends it: a process that is killed loses little, one
        that is interrupted nothing.
        """
        keys = [_key(self._prefix, text) for text in texts]
        vectors = np.empty((len(texts), self._dimensions), dtype=np.float32)
        missing: dict[bytes, list[int]] = {}
        for index, key in enumerate(keys):
            row = self._connection.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
            if row is None or len(row[0]) != 4 * self._dimensions:
                missing.setdefault(key, []).append(index)
            else:
                vectors[index] = np.frombuffer(row[0], dtype=np.float32)
        tick(len(texts) - len(missing))
        if not missing:
            return vectors
        new, fresh, kept = list(missing.items()), list[tuple[bytes, bytes]](), self._clock()

        def made(rows: Sequence[int], some: Vectors) -> None:
            nonlocal kept
            for row, vector in zip(rows, some, strict=True):
                key, indices = new[row]
                vectors[indices] = vector
                fresh.append((key, vector.tobytes()))
            if self._clock() - kept >= _EVERY:
                self._keep_new(fresh)
                fresh.clear()
                kept = self._clock()
            tick(len(rows))

        try:
            encoder.encode([texts[indices[0]] for _, indices in new], made)
        finally:
            self._keep_new(fresh)
        return vectors

    def _keep_new(self, rows: Sequence[tuple[bytes, bytes]]) -> None:
        with self._connection:
            self._connection.execute("BEGIN")
            self._connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", rows)

    @staticmethod
    def keep(path: Path, texts: Iterable[tuple[EncoderIdentity, str]]) -> int:
        """Deletes every vector but those of these texts; how many went. A damaged cache goes as a whole.

        No byte of what went is left in the file; where another process is reading it, that holds from when it ends.
        """
        try:
            return VectorCache._keep(path, texts)
        except sqlite3.OperationalError:
            raise  # a full disk, a lock: not the file's fault
        except sqlite3.DatabaseError:
            _remove(path)
            return 0

    @staticmethod
    def _keep(path: Path, texts: Iterable[tuple[EncoderIdentity, str]]) -> int:
        with closing(_opened(path)) as connection:
            connection.execute("PRAGMA secure_delete=ON")
            connection.execute("CREATE TEMP TABLE kept (key BLOB PRIMARY KEY) WITHOUT ROWID")
            prefixes: dict[EncoderIdentity, str] = {}
            with connection:
                connection.execute("BEGIN")
                rows = ((_key(prefixes.setdefault(made, _prefix(made)), text),) for made, text in texts)
                connection.executemany("INSERT OR IGNORE INTO kept VALUES (?)", rows)
                gone = connection.execute("DELETE FROM vectors WHERE key NOT IN (SELECT key FROM kept)").rowcount
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def close(self) -> None:
        """Releases the file."""
        self._connection.close()


def _remove(path: Path) -> None:
    for part in (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm")):
        part.unlink(missing_ok=True)


def _prefix(identity: EncoderIdentity) -> str:
    return digest(*map(str, astuple(identity)))


def _key(prefix: str, text: str) -> bytes:
    return bytes.fromhex(digest(prefix, text)[:32])


def _opened(path: Path) -> sqlite3.Connection:
    # One thread at a time uses it, but not always the one that opened it
    connection = sqlite3.connect(path, isolation_level=None, timeout=30, check_same_thread=False)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")  # what a power cut takes is encoded again
    connection.execute(_SCHEMA)
    return connection

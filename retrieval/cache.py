"""Which vectors are known already? A cache keyed by what made them, shared by all versions of a home."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np

from ingest.model import digest
from retrieval.model import Encoder, EncoderIdentity, Vectors

_SCHEMA = "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL) WITHOUT ROWID"


class VectorCache:
    """Vectors by text, for one encoder identity; nothing of a text can be read back from it."""

    def __init__(self, path: Path, identity: EncoderIdentity) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._prefix = digest(*map(str, astuple(identity)))
        self._dimensions = identity.dimensions
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=30)
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=NORMAL")  # what a power cut takes is encoded again
        self._connection.execute(_SCHEMA)

    def encode(self, texts: Sequence[str], encoder: Encoder, tick: Callable[[int], None] = lambda _: None) -> Vectors:
        """The vectors of `texts`, each encoded at most once ever; `tick` is told of rows as they are done."""
        keys = [bytes.fromhex(digest(self._prefix, text)[:32]) for text in texts]
        vectors = np.empty((len(texts), self._dimensions), dtype=np.float32)
        missing: dict[bytes, list[int]] = {}
        for index, key in enumerate(keys):
            row = self._connection.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone()
            if row is None or len(row[0]) != 4 * self._dimensions:
                missing.setdefault(key, []).append(index)
            else:
                vectors[index] = np.frombuffer(row[0], dtype=np.float32)
        tick(len(texts) - len(missing))
        if missing:
            made = encoder.encode([texts[indices[0]] for indices in missing.values()], tick)
            for vector, indices in zip(made, missing.values(), strict=True):
                vectors[indices] = vector
            with self._connection:
                self._connection.execute("BEGIN")
                self._connection.executemany(
                    "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                    [(key, vector.tobytes()) for key, vector in zip(missing, made, strict=True)],
                )
        return vectors

    def close(self) -> None:
        """Releases the file."""
        self._connection.close()

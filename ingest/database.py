"""How is an SQLite file read, also where nothing can be written beside it?"""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

from ingest.access import may, private_folder, readable

_PATIENCE = 30.0  # seconds that a read waits for a writer


def reading(path: Path) -> sqlite3.Connection:
    """A connection that changes nothing of a file that is there, nor of what lies beside it.

    To read a file with a write-ahead log SQLite wants to make two files beside it. Where it can make none, and no log
    is there, nobody is writing, and it is told so. A log without its index, as a copied home on a read-only disk may
    have one, is taken in with a copy. Raises `NotReadable`, and what SQLite raises.
    """
    log, index = (path.with_name(f"{path.name}{end}") for end in ("-wal", "-shm"))
    for part in (path, log, index):
        readable(part)
    if may(path.parent, "write") or (log.exists() and index.exists()):
        return _connected(path, "mode=ro")
    if not log.exists():
        return _connected(path, "mode=ro&immutable=1")
    with private_folder() as folder:
        copied = [Path(shutil.copyfile(part, Path(folder, part.name))) for part in (path, log)]
        connection = _connected(copied[0], "mode=rw")
        connection.execute("SELECT 1 FROM sqlite_master").fetchall()  # opens all that it needs, before the names go
        return connection


def _connected(path: Path, how: str) -> sqlite3.Connection:
    address = f"{path.absolute().as_uri()}?{how}"
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=_PATIENCE, check_same_thread=False)

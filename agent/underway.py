"""Is an ingest running in this home, and how far is it? A small file that whoever ingests holds a lock on.

The lock goes with its process, so that one which was killed does not seem to run for ever.
"""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

_NAME = "ingesting"
_EVERY = 0.5  # seconds between two words


@dataclass(frozen=True, slots=True)
class Underway:
    """What `citewell status --json` says of an ingest that runs: when it began, and files done of all that it reads."""

    started: str
    documents: int
    done: int
    chunks: int = 0
    encoded: int = 0


Tell = Callable[[int, int, int, int], None]  # files of all, files done, chunks made, chunks encoded


@contextmanager
def telling(home: Path) -> Iterator[Tell]:
    """Lets others see that an ingest runs, and how far it is. To be entered by the one writer alone."""
    try:
        import fcntl
    except ImportError:  # where there are no such locks nobody is told
        yield lambda *_: None
        return
    path, started = home / _NAME, datetime.now(UTC).isoformat(timespec="seconds")
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    writing, told = threading.Lock(), -_EVERY

    def tell(documents: int, done: int, chunks: int, encoded: int) -> None:
        nonlocal told
        with writing:
            if time.monotonic() - told < _EVERY:
                return
            told = time.monotonic()
            words = json.dumps(asdict(Underway(started, documents, done, chunks, encoded))).encode()
            with suppress(OSError):  # a full disk is said by what needs the room
                os.pwrite(descriptor, words.ljust(256), 0)

    try:
        with suppress(OSError):  # on a file system without locks nobody is told
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield tell
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def underway(home: Path) -> Underway | None:
    """The ingest that runs in a home at this moment; None where none does."""
    try:
        import fcntl

        descriptor = os.open(home / _NAME, os.O_RDONLY)
    except (ImportError, OSError):
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        with suppress(ValueError, TypeError):
            return Underway(**json.loads(os.pread(descriptor, 256, 0)))
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return None

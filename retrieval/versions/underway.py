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

from retrieval.disk.held import holding, is_held

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
    path, started = home / _NAME, datetime.now(UTC).isoformat(timespec="seconds")
    writing, told = threading.Lock(), -_EVERY
    with holding(path) as descriptor:

        def tell(documents: int, done: int, chunks: int, encoded: int) -> None:
            nonlocal told
            with writing:
                if descriptor is None or time.monotonic() - told < _EVERY:
                    return
                told = time.monotonic()
                words = json.dumps(asdict(Underway(started, documents, done, chunks, encoded))).encode()
                with suppress(OSError):  # a full disk is said by what needs the room
                    os.pwrite(descriptor, words.ljust(256), 0)

        yield tell


def underway(home: Path) -> Underway | None:
    """The ingest that runs in a home at this moment; None where none does."""
    path = home / _NAME
    if is_held(path):
        with suppress(OSError, ValueError, TypeError):  # it has just ended, or said nothing yet
            return Underway(**json.loads(path.read_bytes()))
    return None

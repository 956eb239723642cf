"""Does whoever does something still live? A file that its process holds a lock on says so: the lock goes with it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def holding(path: Path) -> Iterator[int | None]:
    """The descriptor of a file that is locked, and removed at the end; None, and no file, on a system without locks.

    Raises `OSError` where the file cannot be made.
    """
    try:
        import fcntl
    except ImportError:
        yield None
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        with suppress(OSError):  # some file systems have no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def is_held(path: Path) -> bool | None:
    """Whether a process that lives holds the file; None where there is no telling."""
    try:
        import fcntl

        descriptor = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    except (ImportError, OSError):
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return False

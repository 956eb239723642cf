"""Is there room on the disk? Asked before it runs out, and said plainly when it has."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from ingest.errors import CitewellError

RESERVE = 64 << 20  # bytes: the engine maps its files, and a write into a map that finds no room ends the process
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_SAYS_FULL = ("no space left", "disk is full", "disk quota", "file too large", "not enough space")


class DiskFull(CitewellError):
    """There is no room for what was to be written."""

    code: ClassVar[str] = "disk_full"
    http_status: ClassVar[int] = 507


def check_room(folder: Path, needed: int = 0) -> None:
    """Raises `DiskFull` where `needed` bytes and a reserve do not fit any more."""
    free = shutil.disk_usage(folder).free
    if free < needed + RESERVE:
        wanted = (needed + RESERVE) >> 20
        raise DiskFull(f"The disk of {folder} has {free >> 20} MB left, and {wanted} MB are wanted: {_REMEDY}.")


@contextmanager
def stating_full_disks(folder: Path) -> Iterator[None]:
    """Turns the many ways in which libraries say that a disk is full into `DiskFull`."""
    try:
        yield
    except DiskFull:
        raise
    except (OSError, sqlite3.Error, CitewellError) as error:
        if _is_full(error):
            raise DiskFull(f"The disk of {folder} is full ({error}): {_REMEDY}.") from error
        raise


_REMEDY = "free some room, or use another --home, then run the same command again; the live version goes on as it is"


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in _FULL:
        return True
    words = str(error).lower()
    # what NumPy says of an array that it could write in part only carries no number
    return any(said in words for said in _SAYS_FULL) or ("requested and" in words and "written" in words)

"""Who still reads a folder of a version? Readers hold a shared lock on it, which goes with their process."""

from __future__ import annotations

import os
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

_NAME = ".readers"


def prepare(folder: Path) -> None:
    """Lets readers of a new folder hold it."""
    (folder / _NAME).touch()


class Hold:
    """A folder that is held until this is closed or forgotten."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def close(self) -> None:
        """Lets go of the folder."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __del__(self) -> None:
        self.close()


def hold(folder: Path) -> Hold:
    """Holds a folder; nothing, where its file system or the operating system has no locks for it.

    The file that is locked is made again if it was lost, for without it the folder would count as free.
    """
    try:
        import fcntl
    except ImportError:  # Windows refuses to delete what is open, which is a hold too
        return Hold(None)
    try:
        descriptor = _descriptor(folder / _NAME)
    except OSError:
        return Hold(None)
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    return Hold(descriptor)


def remove(folder: Path, *, keep: Collection[str] = ()) -> bool:
    """Deletes a folder that nobody is to read any more; whether it is gone. Several may do so at once.

    What others still have open loses its names at once; the folder itself stays as long as it is held, with the files
    named in `keep`.
    """
    free = is_free(folder)
    for place, folders, files in os.walk(folder, topdown=False):
        for name in files:
            if name not in {_NAME, *keep}:
                with suppress(OSError):
                    Path(place, name).unlink()
        for name in folders:
            with suppress(OSError):  # it is not empty, or gone
                Path(place, name).rmdir()
    if free:
        (folder / _NAME).unlink(missing_ok=True)
        with suppress(OSError):  # gone already, or something is in it that could not be deleted
            folder.rmdir()
    return not folder.exists()


def is_free(folder: Path) -> bool:
    """Whether nobody holds a folder."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        descriptor = os.open(folder / _NAME, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _descriptor(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:  # nothing can be written here, but what is there can be locked
        return os.open(path, os.O_RDONLY)

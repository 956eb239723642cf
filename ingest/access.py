"""What stands in the way of reading or writing a place, and what helps?"""

from __future__ import annotations

import errno
import os
import tempfile
from pathlib import Path
from typing import ClassVar, Literal

from ingest.errors import CitewellError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_BARRED = {errno.EACCES, errno.EPERM}


class NotWritable(CitewellError):
    """Something was to be written where this user, or anybody, may only read."""

    code: ClassVar[str] = "not_writable"
    http_status: ClassVar[int] = 500


class NotReadable(CitewellError):
    """A file is there, and this user may not read it."""

    code: ClassVar[str] = "not_readable"
    http_status: ClassVar[int] = 500


class BadHome(CitewellError):
    """The home that was named is no folder, and cannot become one."""

    code: ClassVar[str] = "bad_home"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500


def may(path: Path, what: Literal["read", "write"]) -> bool:
    """Whether this process may; of a place that is not there, whether it may make it."""
    mode = os.R_OK if what == "read" else os.W_OK
    while not os.path.lexists(path) and path != path.parent:
        path, mode = path.parent, os.W_OK
    if path.is_dir():
        mode |= os.X_OK
    return _has(path, mode)


def writable(path: Path) -> None:
    """Raises `NotWritable` where nothing can be written at `path`, with the reason and what helps."""
    if not may(path, "write"):
        raise NotWritable(f"{obstacle(path, 'write')}, or name another --home.")


def readable(path: Path) -> None:
    """Raises `NotReadable` where something is at `path` that this process may not read, with what helps."""
    if path.exists() and not may(path, "read"):
        raise NotReadable(f"{obstacle(path, 'read')}.")


def barred(path: Path) -> str | None:
    """Why a file cannot be written where it lies, and what helps; None where it can."""
    return next((obstacle(place, "write") for place in (path, path.parent) if not may(place, "write")), None)


def unusable(path: Path, error: Exception) -> str:
    """Why SQLite cannot use a file that is sound, as far as is known, and what helps."""
    if path.exists() and not path.is_file():
        return f"{path} is no file, and one should be there: move it away, then try again."
    why = barred(path) or (
        f"{path} cannot be used ({error}): see that the disk has room and that no other program holds the file; then "
        "try again"
    )
    return f"{why}."


def obstacle(path: Path, what: Literal["read", "write"]) -> str:
    """Why this process may not, and what helps; to be asked where it may not."""
    there = path
    while not os.path.lexists(there) and there != there.parent:
        there = there.parent
    if what == "write" and is_read_only(there):
        return f"{path} lies on a disk that is mounted read-only: have it mounted for writing"
    owner, me = _owner(there), _name(_me())
    which = str(path) if there == path else f"{path} is to be made in {there}, which"
    rights = f"chmod -R {'a+rX' if what == 'read' else 'g+rwX'}, or chown"
    if owner is not None and owner != me:
        return (
            f"{which} belongs to {owner}, and {me} may not {what} it: run the command as {owner}, or have them give "
            f"you the right to ({rights})"
        )
    chmod = "chmod u+rwX" if there == path else f"chmod u+rwX {there}"
    return f"{which} is yours ({me}), but its mode bars you from it: give yourself the right to {what} it ({chmod})"


def explained(error: OSError, *, of: Path | None = None) -> str:
    """One sentence for what the operating system refused, which ends with what helps in that case."""
    named = of or (Path(os.fsdecode(error.filename)) if isinstance(error.filename, str | bytes) else None)
    where = str(named) if named else "A file"
    if error.errno in _FULL:
        disk = f"The disk of {named}" if named else "The disk that was written to"
        return f"{disk} is full ({error.strerror}): free some room, then try again."
    if error.errno == errno.EROFS:
        return f"{where} lies on a disk that is mounted read-only: have it mounted for writing, or name another place."
    if error.errno in _BARRED and named is not None:
        for what in ("read", "write"):
            if not may(named, what):
                return f"{obstacle(named, what)}."
    if error.errno in _BARRED:
        return f"{where} is barred to {_name(_me())} ({error.strerror}): have its owner give you the right to it."
    if error.errno == errno.ENOENT:
        return f"{where} is not there: check the path, which may have been moved or deleted, then try again."
    if error.errno == errno.ENOTDIR:
        return f"{where} lies below something that is a file: name a path whose folders are folders."
    if error.errno == errno.EISDIR:
        return f"{where} is a folder where a file is wanted: name a file."
    if error.errno in {errno.EMFILE, errno.ENFILE}:
        return f"{where} cannot be opened, for too many files are open: raise the limit (ulimit -n), then try again."
    return f"{error}: check the disk that it lies on, then try again."


def check_home(path: Path) -> None:
    """Raises `BadHome` where a file stands in the place of a home or of a folder above it, `NotReadable` if barred."""
    for place in (path, *path.parents):
        if os.path.isdir(place):  # noqa: PTH112 - which says no where it may not know
            if not _has(place, os.R_OK | os.X_OK if place == path else os.X_OK):
                raise NotReadable(f"{obstacle(place, 'read')}, or name another --home.")
            return
        if os.path.lexists(place):
            kind = "a link to nothing" if place.is_symlink() and not place.exists() else "a file"
            what = f"is {kind}" if place == path else f"cannot be a folder, since {place} is {kind}"
            raise BadHome(f"The home {path} {what}: name a folder with --home, CITEWELL_HOME or home in citewell.toml.")


def made(path: Path) -> None:
    """Makes the folder of a home and those above it; raises `BadHome` where it cannot be made there."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        if error.errno in _FULL or os.path.lexists(path):
            raise
        there = next(place for place in path.parents if os.path.lexists(place))
        raise BadHome(
            f"The home {path} cannot be made in {there}: name a folder on a disk with --home, CITEWELL_HOME or home in "
            "citewell.toml."
        ) from error


def is_read_only(path: Path) -> bool:
    """Whether a place lies on a disk that nobody can write to as it is mounted."""
    try:
        return bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except (OSError, AttributeError):  # Windows has no such question
        return False


def is_anothers(path: Path) -> bool:
    """Whether a place belongs to another user than the one whom this process acts as."""
    me = _me()
    return me is not None and path.stat().st_uid != me


def private_folder() -> tempfile.TemporaryDirectory[str]:
    """A folder that nobody else can look into, until it is cleaned up or forgotten."""
    return tempfile.TemporaryDirectory(prefix="citewell-", ignore_cleanup_errors=True)


def _has(path: Path, mode: int) -> bool:
    """As whom this process acts, not as whom it was started."""
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _me() -> int | None:
    return os.geteuid() if hasattr(os, "geteuid") else None


def _owner(path: Path) -> str | None:
    try:
        return _name(path.stat().st_uid) if hasattr(os, "geteuid") else None
    except OSError:
        return None


def _name(user: int | None) -> str:
    if user is None:
        return "this user"
    import pwd

    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:  # a container's user need not have a name
        return f"user {user}"

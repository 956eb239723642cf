"""How does something get onto the disk so that a power cut leaves the old or the new, and nothing between?"""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from stat import S_IMODE

_NOTHING = bytes(1 << 20)
_BLOCK = 16 << 20  # bytes hashed at once: between two blocks a thread waits for those that run Python meanwhile
TEMPORARY = ".tmp"  # how a file's name ends that is still being written


def write_durably(path: Path, text: str) -> None:
    """Replaces a small file in one step that a power cut cannot tear; its mode stays, and so does a link to it."""
    path = path.resolve()
    try:
        mode = S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        mode = 0o644
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=path.parent, prefix=f".{path.name}.", suffix=TEMPORARY, delete=False
    ) as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    Path(stream.name).chmod(mode)
    Path(stream.name).replace(path)
    sync([path.parent])


def sync(paths: Iterable[Path]) -> None:
    """Forces files and folders to the disk."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Forces a folder with everything in it to the disk."""
    sync([*folder.rglob("*"), folder])


def hash_files(folder: Path) -> dict[str, str]:
    """The `hash_sparse` of every file below `folder`, by its POSIX path; hidden ones at its top left out."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    named = {path.relative_to(folder).as_posix(): path for path in files}
    return {name: hash_sparse(path) for name, path in named.items() if not name.startswith(".")}


def hash_file(path: Path) -> str:
    """The SHA-256 of one file."""
    total = hashlib.sha256()
    with path.open("rb", buffering=0) as stream:
        block = memoryview(bytearray(min(_BLOCK, os.fstat(stream.fileno()).st_size + 1)))
        while read := stream.readinto(block):
            total.update(block[:read])
    return total.hexdigest()


def hash_sparse(path: Path) -> str:
    """A SHA-256 of a file's length and of those of its megabytes that are not all zero, each with its place.

    It changes with every byte, and costs next to nothing for the 32 MB of nothing that the engine's files begin with.
    """
    total, position = hashlib.sha256(), 0
    with path.open("rb", buffering=0) as stream:
        file = stream.fileno()
        size = os.fstat(file).st_size
        while position < size:
            position = _data_from(file, position, size)
            if (block := os.pread(file, len(_NOTHING), position)) != _NOTHING:
                total.update(position.to_bytes(8, "big"))
                total.update(block)
            position += len(_NOTHING)
    total.update(size.to_bytes(8, "big"))
    return total.hexdigest()


def _data_from(file: int, position: int, size: int) -> int:
    """The first megabyte from here on that is not known to be a hole, which reads as zeros; the last one where none is.

    A file's last megabyte may be shorter than one of nothing, and is therefore always read.
    """
    last = (size - 1) // len(_NOTHING) * len(_NOTHING)
    if not hasattr(os, "SEEK_DATA"):
        return position
    try:
        data = os.lseek(file, position, os.SEEK_DATA)
    except OSError as error:
        return last if error.errno == errno.ENXIO else position  # or this file system does not tell
    return max(position, min(last, data // len(_NOTHING) * len(_NOTHING)))


def size_on_disk(folder: Path) -> int:
    """Bytes that the files below a folder take, the holes of sparse files left out and hard links counted once."""
    found: dict[tuple[int, int], int] = {}
    for path in files_below(folder):
        with suppress(FileNotFoundError):
            stat = path.lstat()
            found[stat.st_dev, stat.st_ino] = stat.st_blocks * 512
    return sum(found.values())


def files_below(folder: Path) -> Iterator[Path]:
    """Every file below a folder, in no order; what others take away meanwhile is left out."""
    for place, _, names in os.walk(folder):
        yield from (Path(place, name) for name in names)

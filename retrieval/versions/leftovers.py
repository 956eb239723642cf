"""What in a home counts no more, and is it still read? What killed writers, erasures and compaction left behind."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from retrieval.disk.durable import TEMPORARY, sync
from retrieval.stores.collection import NAMED
from retrieval.versions.in_use import is_free, remove
from retrieval.versions.manifest import SCHEMA, DamagedIndex, ForeignIndex, Manifest, version_folders
from retrieval.versions.pointers import DROPPED

Drop = Callable[[Path], bool]  # whether what keeps the vectors of a folder is gone, if it lay elsewhere
_HOUR = 3600  # seconds after which nobody is still writing a small file


def stale(versions: Path) -> list[Path]:
    """Folders of versions that count no more: an erasure wrote others in their place, or the version was dropped.

    An erasure numbers them upwards: one of a higher number than the one that counts is being written at this moment.
    """
    found = [path for path in versions.glob(f"{DROPPED}*/*") if path.is_dir()]
    return found + [folder for folder, number in _beside(versions) if int(folder.name) < number]


def remove_stale(versions: Path, drop: Drop) -> bool:
    """Deletes what counts no more; whether nobody reads any of it now. Anyone may call it, at any time."""
    gone = [discard(folder, drop) for folder in stale(versions)]
    for folder in versions.glob(f"{DROPPED}*"):
        if not any(path.is_dir() for path in folder.iterdir()):
            shutil.rmtree(folder, ignore_errors=True)
    return all(gone)


def discard(data: Path, drop: Drop) -> bool:
    """Deletes one folder of a version's files, with what keeps its vectors elsewhere; whether it is all gone.

    As long as it is read, or the server that keeps its vectors is not at hand, it stays known which these are.
    """
    if is_free(data) and drop(data / "vectors"):
        return remove(data)
    remove(data, keep=[NAMED])
    return False


def sweep(versions: Path, drop: Drop) -> None:
    """Removes what a writer left that was killed, and what nobody reads any more. For the one writer alone."""
    for left in versions.glob(".building-*"):
        for data in [path for path in left.iterdir() if path.is_dir()]:
            drop(data / "vectors")
        shutil.rmtree(left, ignore_errors=True)
    for folder, number in _beside(versions):
        if int(folder.name) > number:  # of an erasure that was killed
            discard(folder, drop)
    for left in [*versions.parent.glob(f".*{TEMPORARY}"), *versions.glob(f"*/.*{TEMPORARY}")]:
        if time.time() - left.stat().st_mtime > _HOUR:
            left.unlink(missing_ok=True)
    remove_stale(versions, drop)


def drop_version(versions: Path, id: str, drop: Drop) -> None:
    """Takes a version out; its files go as soon as nobody reads them. For the one writer alone."""
    dropped = versions / f"{DROPPED}{id}"
    (versions / id).rename(dropped)
    sync([versions])
    remove_stale(versions, drop)


def _beside(versions: Path) -> Iterator[tuple[Path, int]]:
    """The numbered folders of versions, each with the number of the one that counts.

    Of a version whose manifest does not say so nothing is to be touched.
    """
    for version in version_folders(versions):
        with suppress(DamagedIndex, ForeignIndex):
            manifest = Manifest.read(version)
            if manifest.schema == SCHEMA:
                numbered = [path for path in version.iterdir() if path.is_dir() and path.name.isdigit()]
                yield from ((path, int(manifest.data)) for path in numbered)

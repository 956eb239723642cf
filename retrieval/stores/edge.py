"""Where do vectors live by default? In Qdrant's engine in this process, through qdrant-edge-py.

A version's shard is created without a write-ahead log: it is durable once flushed and never changes after that, so
any number of processes can open the same folder at once, and no log keeps words that were deleted.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import qdrant_edge as qdrant

from ingest.access import explained, is_anothers, may, private_folder
from retrieval.model import Scope
from retrieval.parts import Point, Vectors
from retrieval.stores.scope import FIELD, barred, given_back, kept, wanted
from retrieval.stores.store import EXACT_BELOW, StoreFailed, nearest

_BATCH = 500
_PART = 1 << 20  # bytes copied at once
_ROOM = 1 << 20  # bytes of the disk without which a shard is not opened
_PASSING = shutil.ignore_patterns(".atomicwrite*")  # of a process that opens the folder at this moment
_PASSES = ("no space left", "too many open files", "cannot allocate memory")  # says nothing of the shard
_ONLY_READ = {"matrix.dat", "links_compressed.bin"}  # by the engine: nearly all of a large shard that is finished


class EdgeEngine:
    """`Engine` over folders: each holds its own shard."""

    def create(self, folder: Path, dimensions: int) -> EdgeStore:
        return EdgeStore.create(folder, dimensions)

    def open(self, folder: Path) -> EdgeStore:
        return EdgeStore.open(folder)

    def copy(self, parent: Path, folder: Path) -> EdgeStore:
        return EdgeStore.copy(parent, folder)

    def publish(self, folder: Path) -> None:
        """Nothing: nobody looks at the shard from outside."""

    def drop(self, folder: Path) -> bool:
        if folder.exists():
            shutil.rmtree(folder)
        return True


class EdgeStore:
    """One shard: `VectorStore` over a folder."""

    def __init__(self, shard: Any, folder: Path) -> None:
        self._shard, self._folder = shard, folder

    @classmethod
    def create(cls, folder: Path, dimensions: int) -> EdgeStore:
        """A new, empty shard in a folder that does not exist yet."""
        folder.mkdir(parents=True)
        config = qdrant.EdgeConfig(
            vectors=qdrant.EdgeVectorParams(size=dimensions, distance=qdrant.Distance.Cosine),
            wal_enabled=False,
            optimizers=qdrant.EdgeOptimizersConfig(indexing_threshold=EXACT_BELOW * dimensions * 4 // 1024),
        )
        store = cls(_guarded(folder, qdrant.EdgeShard.create, str(folder), config), folder)
        # Without it every point's payload is read for every scoped search, which takes 25 times as long.
        store._do(
            store._shard.update, qdrant.UpdateOperation.create_field_index(FIELD, qdrant.PayloadSchemaType.Keyword)
        )
        return store

    @classmethod
    def open(cls, folder: Path) -> EdgeStore:
        """An existing shard; `StoreFailed` where what a scope asks for is not kept as it is now.

        The engine opens most of its files for writing and replaces two small ones. Where it may not, and where that
        would leave files of ours among another user's, it gets a copy, whose names are gone as soon as it is open.
        """
        if _is_ours(folder):
            _guarded(folder, _check_room, folder)
            store = cls(_guarded(folder, qdrant.EdgeShard.load, str(folder)), folder)
        else:
            with private_folder() as private:
                copied = Path(private, folder.name)
                _guarded(folder, _copied, folder, copied, _link_or_copy)
                store = cls(_guarded(folder, qdrant.EdgeShard.load, str(copied)), folder)
        if FIELD not in store._do(store._shard.info).payload_schema:
            store.close()
            raise StoreFailed(
                f"The vectors in {folder} are of an older kind; build the index again with citewell ingest."
            )
        return store

    @classmethod
    def copy(cls, parent: Path, folder: Path) -> EdgeStore:
        """A shard that begins as a copy of another: updating through a link would change the parent."""
        _copied(parent, folder, _copy_sparse)
        return cls.open(folder)

    def upsert(self, points: Sequence[Point]) -> None:
        for start in range(0, len(points), _BATCH):
            batch = [
                qdrant.Point(
                    id=point.id,
                    vector=point.vector.tolist(),
                    payload={FIELD: kept(point)},
                )
                for point in points[start : start + _BATCH]
            ]
            self._do(self._shard.update, qdrant.UpdateOperation.upsert_points(batch))

    def delete(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), _BATCH):
            self._do(self._shard.update, qdrant.UpdateOperation.delete_points(list(ids[start : start + _BATCH])))

    def search(self, vector: Vectors, *, k: int, scope: Scope) -> list[tuple[str, float]]:
        """Exact below `EXACT_BELOW` vectors."""
        exact = self.count() <= EXACT_BELOW
        query, filter, params = qdrant.Query.Nearest(vector.tolist()), _filter(scope), qdrant.SearchParams(exact=exact)

        def ask(limit: int) -> list[tuple[str, float]]:
            request = qdrant.QueryRequest(query=query, limit=limit, filter=filter, params=params)
            return [(_hex(point.id), float(point.score)) for point in self._do(self._shard.query, request)]

        return nearest(k, ask, exact=exact)

    def cosines(self, vector: Vectors, ids: Sequence[str]) -> dict[str, float]:
        if not ids:
            return {}
        request = qdrant.QueryRequest(
            query=qdrant.Query.Nearest(vector.tolist()),
            limit=len(ids),
            filter=qdrant.Filter(must=[qdrant.HasIdCondition(set(ids))]),
            params=qdrant.SearchParams(exact=True),
        )
        return {_hex(point.id): float(point.score) for point in self._do(self._shard.query, request)}

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        records = self._do(self._shard.retrieve, list(ids), with_payload=False, with_vector=True)
        return {_hex(record.id): np.asarray(record.vector, dtype=np.float32) for record in records}

    def points(self) -> Iterator[Sequence[Point]]:
        offset = None
        while True:
            request = qdrant.ScrollRequest(offset=offset, limit=_BATCH, with_payload=True, with_vector=True)
            records, offset = self._do(self._shard.scroll, request)
            if records:
                yield [_point(record) for record in records]
            if offset is None:
                return

    def count(self) -> int:
        return int(self._do(self._shard.info).points_count)

    def flush(self) -> None:
        if self.count() > EXACT_BELOW:
            self._do(self._shard.optimize)
        self._do(self._shard.flush)

    def close(self) -> None:
        self._shard.close()

    def _do(self, call: Any, *arguments: Any, **named: Any) -> Any:
        return _guarded(self._folder, call, *arguments, **named)


def _filter(scope: Scope) -> Any:
    conditions: list[Any] = [
        qdrant.FieldCondition(key=FIELD, match=qdrant.MatchAny(any=words)) for words in wanted(scope)
    ]
    words = barred(scope)
    without: list[Any] = [qdrant.FieldCondition(key=FIELD, match=qdrant.MatchAny(any=words))] if words else []
    return qdrant.Filter(must=conditions, must_not=without) if conditions or without else None


def _is_ours(folder: Path) -> bool:
    """Whether the engine may do as it likes with a shard; of what is not there, or no more, it says so itself."""
    try:
        if is_anothers(folder):
            return False
    except FileNotFoundError:
        return True
    # Not `rglob`, which raises where a folder goes away meanwhile: the engine makes such in another process
    inner = (Path(place, name) for place, folders, files in os.walk(folder) for name in (*folders, *files))
    return all(may(path, "write") for path in (folder, *inner))


def _copied(source: Path, target: Path, each: Callable[[str, str], None]) -> None:
    """Copies a shard; the copy is written to, whatever may be done with the original."""
    shutil.copytree(source, target, ignore=_PASSING, copy_function=each)
    for place, *_ in os.walk(target):
        Path(place).chmod(Path(place).stat().st_mode | stat.S_IRWXU)


def _link_or_copy(source: str, target: str) -> None:
    """Links what is only read, copies the rest."""
    if Path(source).name in _ONLY_READ:
        Path(target).symlink_to(Path(source).absolute())
    else:
        _copy_sparse(source, target)


def _copy_sparse(source: str, target: str) -> None:
    """Copies what was written of a file: the engine's are 32 MB of nothing around a few kilobytes."""
    if not hasattr(os, "SEEK_DATA"):
        shutil.copyfile(source, target)
        return
    with Path(source).open("rb", buffering=0) as read, Path(target).open("wb") as write:
        size = os.fstat(read.fileno()).st_size
        end = 0
        while end < size:
            try:
                start = os.lseek(read.fileno(), end, os.SEEK_DATA)
            except OSError as error:
                if error.errno == errno.ENXIO:
                    break  # nothing but a hole is left
                raise
            end = os.lseek(read.fileno(), start, os.SEEK_HOLE)
            read.seek(start)
            write.seek(start)
            while start < end and (part := read.read(min(end - start, _PART))):
                write.write(part)
                start += len(part)
        write.truncate(size)


def _check_room(folder: Path) -> None:
    """The engine maps files that are mostly holes, and touches some: on a full disk the kernel ends the process."""
    if hasattr(os, "statvfs") and folder.exists():  # one that is not there the engine tells of
        disk = os.statvfs(folder)
        if disk.f_bavail * disk.f_frsize < _ROOM:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(folder))


def _point(record: Any) -> Point:
    labels, metadata = given_back(record.payload[FIELD])
    return Point(_hex(record.id), np.asarray(record.vector, dtype=np.float32), labels, metadata)


def _hex(id: uuid.UUID) -> str:
    return id.hex


def _guarded(folder: Path, call: Any, *arguments: Any, **named: Any) -> Any:
    """The engine's errors are bare exceptions, and its panics derive from BaseException alone."""
    try:
        return call(*arguments, **named)
    except (KeyboardInterrupt, SystemExit):
        raise
    except OSError as error:  # not the shard's fault
        raise StoreFailed(f"The vectors in {folder} cannot be read: {explained(error)}") from error
    except BaseException as error:
        helps = "build the index again with citewell ingest"
        if any(words in str(error).lower() for words in _PASSES):
            helps = "see that the disk has room and that not too many files are open (ulimit -n), then try again"
        message = f"The vectors in {folder} cannot be opened ({error}); {helps}."
        raise StoreFailed(message) from error

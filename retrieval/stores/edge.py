"""Where vectors live by default: Qdrant's engine in this process, through qdrant-edge-py.

A version's shard is created without a write-ahead log: it is durable once flushed and never changes after that, so
any number of processes can open the same folder at once, and no log keeps words that were deleted.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import qdrant_edge as qdrant

from ingest.model import CitewellError
from retrieval.model import Point, Scope, Vectors

EXACT_BELOW = 50_000  # vectors; above this the order is the graph's, which is approximate
_KILOBYTES_PER_VECTOR = 1.5
_BATCH = 500
_PART = 1 << 20  # bytes copied at once


class StoreFailed(CitewellError):
    """The engine could not read or write its files."""

    code: ClassVar[str] = "store_failed"


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
            optimizers=qdrant.EdgeOptimizersConfig(indexing_threshold=int(EXACT_BELOW * _KILOBYTES_PER_VECTOR)),
        )
        return cls(_guarded(folder, qdrant.EdgeShard.create, str(folder), config), folder)

    @classmethod
    def open(cls, folder: Path) -> EdgeStore:
        """An existing shard."""
        return cls(_guarded(folder, qdrant.EdgeShard.load, str(folder)), folder)

    @classmethod
    def copy(cls, parent: Path, folder: Path) -> EdgeStore:
        """A shard that begins as a copy of another: updating through a link would change the parent."""
        shutil.copytree(parent, folder, copy_function=_copy_sparse)
        return cls.open(folder)

    def upsert(self, points: Sequence[Point]) -> None:
        for start in range(0, len(points), _BATCH):
            batch = [
                qdrant.Point(
                    id=point.id,
                    vector=point.vector.tolist(),
                    payload={
                        "labels": list(point.labels),
                        "metadata": {_key(key): value for key, value in point.metadata.items()},
                    },
                )
                for point in points[start : start + _BATCH]
            ]
            self._do(self._shard.update, qdrant.UpdateOperation.upsert_points(batch))

    def delete(self, ids: Sequence[str]) -> None:
        for start in range(0, len(ids), _BATCH):
            self._do(self._shard.update, qdrant.UpdateOperation.delete_points(list(ids[start : start + _BATCH])))

    def search(self, vector: Vectors, *, k: int, scope: Scope) -> list[tuple[str, float]]:
        """Exact below `EXACT_BELOW` vectors."""
        request = qdrant.QueryRequest(
            query=qdrant.Query.Nearest(vector.tolist()),
            limit=k,
            filter=_filter(scope),
            params=qdrant.SearchParams(exact=self.count() <= EXACT_BELOW),
        )
        hits = [(_hex(point.id), float(point.score)) for point in self._do(self._shard.query, request)]
        return sorted(hits, key=lambda hit: (-hit[1], hit[0]))

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        records = self._do(self._shard.retrieve, list(ids), with_payload=False, with_vector=True)
        return {_hex(record.id): np.asarray(record.vector, dtype=np.float32) for record in records}

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
    if scope.is_everything:
        return None
    labels: list[Any] = [
        qdrant.FieldCondition(key="labels", match=qdrant.MatchValue(value=label)) for label in sorted(scope.labels)
    ]
    values = [
        qdrant.FieldCondition(key=f'metadata."{_key(key)}"', match=qdrant.MatchValue(value=value))
        for key, value in sorted(scope.metadata.items())
    ]
    return qdrant.Filter(must=labels + values)


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


def _key(key: str) -> str:
    """The key as a path of the engine may quote it, which knows no escapes."""
    return key.replace("%", "%25").replace('"', "%22").replace("\\", "%5C")


def _hex(id: object) -> str:
    return str(id).replace("-", "")


def _guarded(folder: Path, call: Any, *arguments: Any, **named: Any) -> Any:
    """The engine's errors are bare exceptions, and its panics derive from BaseException alone."""
    try:
        return call(*arguments, **named)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:
        message = f"The vectors in {folder} cannot be opened ({error}); build the index again with citewell ingest."
        raise StoreFailed(message) from error

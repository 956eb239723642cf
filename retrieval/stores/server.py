"""Where do vectors live when there is a Qdrant server? In one collection for each version, through qdrant-client.

Several homes share one server. What a home keeps there begins with `citewell-<home>-`: a collection for each of its
stores, and the alias `citewell-<home>-live` for the published one. The folder of a store holds `collection.json`, which
names the collection and, once the store is finished, says how many points it has.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path

import numpy as np
from qdrant_client import QdrantClient, models

from retrieval.model import Scope
from retrieval.parts import Point, Vectors
from retrieval.stores.collection import Collection, is_named
from retrieval.stores.connection import QUICK, Server
from retrieval.stores.scope import FIELD, barred, given_back, kept, wanted
from retrieval.stores.store import EXACT_BELOW, StoreFailed, nearest

SNAPSHOTS = "file:///qdrant/snapshots"  # where the official image keeps them, as the server itself sees it
_BATCH = 256  # points; 3,072 dimensions of them stay below the 32 MB that a server takes in one request
_MANY = 10_000  # ids in one question
_SEGMENTS = 2
_LOG = logging.getLogger(__name__)


class ServerEngine:
    """`Engine` over the collections of one home: `home` is alphanumeric and no other home's.

    `snapshots` is where the server finds its own snapshots; where that is wrong, a copy is made point by point.
    """

    def __init__(self, client_of: Callable[[], QdrantClient], home: str, *, snapshots: str = SNAPSHOTS) -> None:
        if not home.isalnum():
            raise ValueError(f"{home!r} is no name of a home: letters and digits only")
        self._client_of, self._prefix, self._snapshots = client_of, f"citewell-{home}-", snapshots

    @cached_property
    def _server(self) -> Server:
        return Server(self._client_of())

    def create(self, folder: Path, dimensions: int) -> ServerStore:
        folder.mkdir(parents=True)
        return self._new(folder, dimensions)

    def open(self, folder: Path) -> ServerStore:
        named = Collection.read(folder, self._prefix)
        if named.points is None:
            raise StoreFailed(f"The vectors of {folder} are unfinished; build the index again with citewell ingest.")
        store = ServerStore(self._server, folder, named)
        if (found := store.count()) != named.points:
            raise StoreFailed(
                f"The collection {named.name} of {self._server.place} has {found} points instead of {named.points}; "
                "build the index again with citewell ingest."
            )
        return store

    def copy(self, parent: Path, folder: Path) -> ServerStore:
        """From the parent's snapshot on the server's side; point by point where the server cannot do that."""
        source = self.open(parent)
        folder.mkdir(parents=True)
        child = Collection.new(self._prefix, source.named.dimensions, folder)
        if not self._server.is_local and self._recovered(source.named, child):
            return ServerStore(self._server, folder, child)
        # Under a new name: what was begun under the other one may still be running on the server.
        store = self._new(folder, child.dimensions)
        for part in source.points():
            store.upsert(part)
        return store

    def publish(self, folder: Path) -> None:
        name = Collection.read(folder, self._prefix).name
        alias = models.CreateAlias(collection_name=name, alias_name=f"{self._prefix}live")
        moved = [models.CreateAliasOperation(create_alias=alias)]  # replaces the alias where it stands
        self._server.do("update_collection_aliases", moved, timeout=QUICK)

    def drop(self, folder: Path) -> bool:
        """With its snapshots, which a server keeps when a collection goes, and with them what was erased."""
        if is_named(folder):
            try:
                name = Collection.read(folder, self._prefix).name
            except StoreFailed as error:
                _LOG.warning("What %s stands for is left alone: %s", folder, error)
            else:
                self._forget(name)
        if folder.exists():
            shutil.rmtree(folder)
        return True

    def close(self) -> None:
        """Ends the connection."""
        if "_server" in self.__dict__:
            self._server.client.close()

    def _new(self, folder: Path, dimensions: int) -> ServerStore:
        named = Collection.new(self._prefix, dimensions, folder)
        optimizers = models.OptimizersConfigDiff(
            default_segment_number=_SEGMENTS,
            indexing_threshold=EXACT_BELOW * dimensions * 4 // 1024 // _SEGMENTS,  # kilobytes of one segment
        )
        vectors = models.VectorParams(size=dimensions, distance=models.Distance.COSINE)
        self._server.do("create_collection", named.name, vectors, optimizers_config=optimizers, timeout=QUICK, tries=1)
        if not self._server.is_local:  # before the points, so that the graph is built with it
            keyword = models.PayloadSchemaType.KEYWORD
            self._server.do("create_payload_index", named.name, FIELD, keyword, timeout=QUICK)
        return ServerStore(self._server, folder, named)

    def _forget(self, name: str) -> None:
        if not self._server.is_local and self._server.do("collection_exists", name):
            for taken in self._server.do("list_snapshots", name):
                self._server.do("delete_snapshot", name, taken.name)
        self._server.do("delete_collection", name, timeout=QUICK)

    def _recovered(self, parent: Collection, child: Collection) -> bool:
        """Whether the child is now all of the parent: of a cluster, a snapshot holds one node's part alone."""
        taken = None
        try:
            taken = self._server.do("create_snapshot", parent.name, tries=1).name
            place = f"{self._snapshots}/{parent.name}/{taken}"
            first = models.SnapshotPriority.SNAPSHOT
            self._server.do("recover_snapshot", child.name, place, priority=first, tries=1)
            if self._server.count(child.name) == parent.points:
                return True
        except StoreFailed:
            pass  # a server that is down says so again when its points are asked for
        finally:
            if taken is not None:
                with suppress(StoreFailed):
                    self._server.do("delete_snapshot", parent.name, taken)
        with suppress(StoreFailed):
            self._server.do("delete_collection", child.name, timeout=QUICK)
        return False


class ServerStore:
    """One collection: `VectorStore` over a server."""

    def __init__(self, server: Server, folder: Path, named: Collection) -> None:
        self._server, self._folder, self.named = server, folder, named
        self._size = named.points

    def upsert(self, points: Sequence[Point]) -> None:
        self._size = None
        for start in range(0, len(points), _BATCH):
            batch = [
                models.PointStruct(id=point.id, vector=point.vector.tolist(), payload={FIELD: kept(point)})
                for point in points[start : start + _BATCH]
            ]
            self._server.do("upsert", self.named.name, batch, wait=True, timeout=QUICK, tries=5)

    def delete(self, ids: Sequence[str]) -> None:
        self._size = None
        for start in range(0, len(ids), _BATCH):
            batch = models.PointIdsList(points=list(ids[start : start + _BATCH]))
            self._server.do("delete", self.named.name, batch, wait=True, timeout=QUICK, tries=5)

    def search(self, vector: Vectors, *, k: int, scope: Scope) -> list[tuple[str, float]]:
        """Exact below `EXACT_BELOW` vectors."""
        if self._size is None:
            self._size = self.count()
        exact, filter = self._size <= EXACT_BELOW, _filter(scope)
        return nearest(k, lambda limit: list(self._nearest(vector, limit, filter, exact).items()), exact=exact)

    def cosines(self, vector: Vectors, ids: Sequence[str]) -> dict[str, float]:
        found: dict[str, float] = {}
        for start in range(0, len(ids), _MANY):
            among = ids[start : start + _MANY]
            found |= self._nearest(vector, len(among), models.Filter(must=[models.HasIdCondition(has_id=list(among))]))
        return found

    def _nearest(
        self, vector: Vectors, limit: int, filter: models.Filter | None, exact: bool = True
    ) -> dict[str, float]:
        found = self._server.do(
            "query_points",
            self.named.name,
            query=vector.tolist(),
            query_filter=filter,
            search_params=None if self._server.is_local else models.SearchParams(exact=exact),
            limit=limit,
            with_payload=False,
            timeout=QUICK,
        )
        return {_hex(point.id): float(point.score) for point in found.points}

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        found: dict[str, Vectors] = {}
        for start in range(0, len(ids), _BATCH):
            records = self._server.do(
                "retrieve",
                self.named.name,
                list(ids[start : start + _BATCH]),
                with_payload=False,
                with_vectors=True,
                timeout=QUICK,
            )
            found |= {_hex(record.id): np.asarray(record.vector, dtype=np.float32) for record in records}
        return found

    def points(self) -> Iterator[Sequence[Point]]:
        offset = None
        while True:
            records, offset = self._server.do(
                "scroll", self.named.name, limit=_BATCH, offset=offset, with_vectors=True, timeout=QUICK
            )
            if records:
                yield [_point(record) for record in records]
            if offset is None:
                return

    def count(self) -> int:
        return self._server.count(self.named.name)

    def flush(self) -> None:
        """Waits until the server has settled, then says in the folder that the store is finished."""
        self._server.settle(self.named.name)
        self._size = self.count()
        self.named = replace(self.named, points=self._size).written(self._folder)

    def close(self) -> None:
        """Nothing: the connection is the engine's."""


def _filter(scope: Scope) -> models.Filter | None:
    conditions = [models.FieldCondition(key=FIELD, match=models.MatchAny(any=words)) for words in wanted(scope)]
    words = barred(scope)
    without = [models.FieldCondition(key=FIELD, match=models.MatchAny(any=words))] if words else []
    if not conditions and not without:
        return None
    return models.Filter(must=list(conditions), must_not=list(without))


def _point(record: models.Record) -> Point:
    labels, metadata = given_back((record.payload or {})[FIELD])
    return Point(_hex(record.id), np.asarray(record.vector, dtype=np.float32), labels, metadata)


def _hex(id: object) -> str:
    return str(id).replace("-", "")

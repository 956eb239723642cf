"""How do chunks get their vectors while the next files are read? In one thread, a batch behind the reading."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from ingest.model import Chunk, Document
from retrieval.disk.space import check_room
from retrieval.parts import Encoder, Point, Vectors, VectorStore
from retrieval.vectors.cache import VectorCache
from retrieval.versions.content import Content

# Chunks that are encoded together: enough to fill every bucket's batches, and as many more as gather meanwhile, since
# each part leaves rows of its last batches empty (15 % of all tokens by parts of 1,024, 11 % by parts of 4,096)
_LEAST, _MOST = 1024, 4096
_Waiting = list[tuple[Chunk, Document]]


class Stopped(Exception):
    """The thread was told to give up what it had begun; never seen outside."""


class Encoding:
    """Chunks on their way into a store: `add` never waits for more than one batch, so memory stays bounded."""

    def __init__(
        self,
        encoder: Encoder,
        cache: VectorCache,
        store: VectorStore,
        content: Content,
        on_encoded: Callable[[int], None],
    ) -> None:
        self._encoder, self._cache, self._store, self._content = encoder, cache, store, content
        self._on_encoded = on_encoded
        self._waiting: _Waiting = []
        self._begun: tuple[_Waiting, Future[Vectors]] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="encode")
        self._stopped = False

    def add(self, document: Document, chunks: Sequence[Chunk]) -> None:
        """Takes a document's chunks; their vectors follow."""
        self._waiting += [(chunk, document) for chunk in chunks]
        while len(self._waiting) >= (_MOST if self._is_busy else _LEAST):
            self._begin()

    def remove(self, document: str, ids: Sequence[str]) -> None:
        """Takes a document's chunks out, wherever they are by now."""
        if self._begun is not None and any(chunk.document == document for chunk, _ in self._begun[0]):
            self._store_begun()
        waiting = {chunk.id for chunk, _ in self._waiting if chunk.document == document}
        if waiting:
            self._waiting = [(chunk, owner) for chunk, owner in self._waiting if chunk.document != document]
        if stored := [id for id in ids if id not in waiting]:
            self._store.delete(stored)

    def finish(self) -> None:
        """Waits until everything has its vector."""
        while self._waiting or self._begun:
            self._begin()
        self._thread.shutdown()

    def stop(self) -> None:
        """Gives up what is not done."""
        self._stopped = True
        self._thread.shutdown(cancel_futures=True)

    @property
    def _is_busy(self) -> bool:
        return self._begun is not None and not self._begun[1].done()

    def _begin(self) -> None:
        self._store_begun()
        batch, self._waiting = self._waiting[:_MOST], self._waiting[_MOST:]
        if batch:
            texts = [chunk.indexed_text for chunk, _ in batch]
            self._begun = batch, self._thread.submit(self._cache.encode, texts, self._encoder, self._tick)

    def _store_begun(self) -> None:
        if self._begun is None:
            return
        batch, encoded = self._begun
        vectors = encoded.result()
        self._begun = None
        points = [
            Point(chunk.id, vector, tuple(sorted(document.labels)), document.metadata)
            for (chunk, document), vector in zip(batch, vectors, strict=True)
        ]
        check_room(self._content.folder)
        self._store.upsert(points)
        self._content.set_vector_hashes(
            (hashlib.blake2b(point.vector.tobytes(), digest_size=16).hexdigest(), point.id) for point in points
        )

    def _tick(self, rows: int) -> None:
        if self._stopped:
            raise Stopped
        self._on_encoded(rows)

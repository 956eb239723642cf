"""What is an opened index version, and is it what its manifest says?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ingest.model import Chunk
from retrieval.content import Content
from retrieval.lexical import Postings
from retrieval.manifest import Manifest, damaged
from retrieval.model import Scope, VectorStore


@dataclass(frozen=True, slots=True)
class IndexVersion:
    """An opened version: words, vectors and postings that were checked against its manifest. It never changes."""

    folder: Path
    manifest: Manifest
    content: Content
    store: VectorStore
    postings: Postings

    @property
    def id(self) -> str:
        """Names the version."""
        return self.manifest.id

    def names(self) -> list[str]:
        """All document names."""
        return self.content.names()

    def text(self, name: str) -> str | None:
        """The full text of a document, None if it is not in this version."""
        return self.content.text(name)

    def sample(self, n: int, *, seed: int) -> list[Chunk]:
        """`n` chunks drawn without repetition, the same for the same seed."""
        return self.content.sample(n, seed=seed)

    def mask(self, scope: Scope) -> NDArray[np.bool_] | None:
        """`(chunks,)`: which chunks a scope admits; None for all of them."""
        if scope.is_everything:
            return None
        mask = np.zeros(len(self.postings), dtype=np.bool_)
        mask[self.postings.ordinals(self.content.in_scope(scope))] = True
        return mask

    def close(self) -> None:
        """Releases the files."""
        self.store.close()
        self.content.close()


def open_version(folder: Path, manifest: Manifest) -> IndexVersion:
    """The version, its three parts having answered as the manifest says they must. Raises `DamagedIndex`."""
    from retrieval.stores.edge import EdgeStore

    content = Content.open(folder / "content.sqlite")
    store = EdgeStore.open(folder / "vectors")
    version = IndexVersion(folder, manifest, content, store, Postings(folder / "lexical"))
    problem = _self_check(version)
    if problem:
        version.close()
        raise damaged(folder, problem)
    return version


def _self_check(version: IndexVersion) -> str | None:
    """What differs between the manifest and what the three parts answer, if anything does."""
    manifest = version.manifest
    documents, chunks = version.content.counts()
    counts = {
        "documents": (documents, manifest.documents),
        "chunks": (chunks, manifest.chunks),
        "vectors": (version.store.count(), manifest.chunks),
        "postings": (len(version.postings), manifest.chunks),
    }
    for part, (count, expected) in counts.items():
        if count != expected:
            return f"it holds {count} {part} instead of {expected}"
    ids: Sequence[str] = [query.chunk for query in manifest.self_queries]
    vectors = version.store.vectors(ids)
    for query in manifest.self_queries:
        if query.chunk not in vectors:
            return f"the vector of {query.chunk} is gone"
        hits = dict(version.store.search(vectors[query.chunk], k=10, scope=Scope()))
        if query.chunk not in hits and max(hits.values(), default=0.0) < 1 - 1e-4:
            return f"a search for the vector of {query.chunk} does not find it"
        score = version.postings.scores(query.terms)[int(version.postings.ordinals([query.chunk])[0])]
        if abs(float(score) - query.lexical) > 1e-3 * max(1.0, query.lexical):
            return f"the words of {query.chunk} score {score:.4f} instead of {query.lexical}"
    return None

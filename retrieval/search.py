"""Which passages answer a question best? Both legs over-fetch within the scope, then their scores are fused."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ingest.model import Document
from retrieval.analyze import terms
from retrieval.fuse import convex, ranked
from retrieval.model import EVERYTHING, Encoder, Hit, Mode, Scope, Vectors
from retrieval.version import IndexVersion

DEPTH = 200
Scores = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class HybridSearch:
    """Ranks the chunks of one version; the only thing that callers use.

    `dense_weight` is the dense leg's share of the fused score. Each leg gives `depth` candidates whatever `k` is, so
    that a hit's score does not change with how many hits were asked for; more than two times `depth` hits there
    never are.
    """

    version: IndexVersion
    encoder: Encoder
    dense_weight: float = 0.5
    depth: int = DEPTH

    def __call__(self, query: str, *, k: int = 10, scope: Scope = EVERYTHING, mode: Mode = "hybrid") -> list[Hit]:
        """The best `k` hits, best first; equal scores in chunk id order. A query without a word finds nothing."""
        if not query.strip() or k < 1:
            return []
        vector = self.encoder.encode_query(query) if mode != "lexical" else None
        words = self.version.postings.scores(terms(query)) if mode != "dense" else None
        near = dict(self.version.store.search(vector, k=self.depth, scope=scope)) if vector is not None else {}
        matching = self._best_matching(words, scope) if words is not None else {}
        if vector is not None and words is not None:
            near_span = (min(near.values(), default=0.0), max(near.values(), default=0.0))
            near |= self._cosines(vector, [id for id in matching if id not in near])
            matching |= self._scores(words, [id for id in near if id not in matching])
            scores = convex(near, matching, weight=self.dense_weight, span=near_span)
        else:
            scores = near or matching
        best = ranked(scores)[:k]
        chunks = self.version.content.chunks(best)
        return [Hit(chunks[id], scores[id], near.get(id), matching.get(id)) for id in best]

    def within(self, scope: Scope) -> Scoped:
        """The same search and the same texts, of which no one who holds them can see more than `scope`."""
        return Scoped(self, scope)

    def _best_matching(self, words: Scores, scope: Scope) -> dict[str, float]:
        """The lexical leg: the best `depth` chunks that share a term with the query and are in scope."""
        mask = self.version.mask(scope)
        matching = np.flatnonzero(words > 0 if mask is None else (words > 0) & mask)
        # A stable sort over ordinals, which stand in chunk id order, breaks ties by id.
        best = matching[np.argsort(-words[matching], kind="stable")[: self.depth]]
        return dict(zip(self.version.postings.ids(best), map(float, words[best]), strict=True))

    def _scores(self, words: Scores, ids: list[str]) -> dict[str, float]:
        return dict(zip(ids, map(float, words[self.version.postings.ordinals(ids)]), strict=True)) if ids else {}

    def _cosines(self, vector: Vectors, ids: list[str]) -> dict[str, float]:
        vectors = self.version.store.vectors(ids) if ids else {}
        return {id: float(np.dot(vector, other)) for id, other in vectors.items()}


@dataclass(frozen=True, slots=True)
class Scoped:
    """What lies within a scope: a `Search` that can only be narrowed, and the full texts of the documents."""

    _search: HybridSearch
    _scope: Scope

    def __call__(self, query: str, *, k: int = 10, scope: Scope = EVERYTHING, mode: Mode = "hybrid") -> list[Hit]:
        narrowed = self._scope.narrowed(labels=scope.labels, metadata=scope.metadata)
        return self._search(query, k=k, scope=narrowed, mode=mode)

    def text(self, name: str) -> str | None:
        """A document's full text; None where there is none, or it lies outside the scope."""
        document = self._document(name)
        return document.text if document else None

    def page(self, name: str, offset: int) -> int | None:
        """The page on which an offset of a document's text lies; None as for `text`, or without pages."""
        document = self._document(name)
        return document.page_at(offset) if document else None

    def _document(self, name: str) -> Document | None:
        document = self._search.version.content.document(name)
        return document if document and self._scope.admits(document.labels, document.metadata) else None

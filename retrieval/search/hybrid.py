"""Which passages answer a question best? Both legs over-fetch within the scope, then their scores are fused.

What a cross-encoder says of the first hits, where there is one, puts these in a new order; near-duplicates of what is
shown are then left out, and where that leaves too little, more is taken from further down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace

import numpy as np

from ingest.model import Chunk, Document
from retrieval.lexical.analyze import query_terms
from retrieval.lexical.invert import document_keys
from retrieval.lexical.postings import Mask
from retrieval.model import EVERYTHING, Hit, Mode, Scope
from retrieval.parts import Calibration, Encoder, Vectors
from retrieval.search.collapse import collapse, duplicates
from retrieval.search.fuse import Fused, Leg, fuse, ranked, shares
from retrieval.search.order import Order, Ordered, learned
from retrieval.search.rerank import Reranker, above, reordered
from retrieval.search.settings import SearchSettings
from retrieval.search.signals import Signals, signals
from retrieval.versions.version import IndexVersion

_FURTHER = 4  # times as far down, each time that a depth holds too little


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the legs read it: its vector and its terms, None for a leg that is not asked; where to look.

    `mask` may leave out more than the scope does: `left_out` chunks of documents that are not to be found. `chunks` is
    how many were there to be searched before `without` hid any.
    """

    query: str
    scope: Scope
    mask: Mask | None
    vector: Vectors | None
    words: Sequence[str] | None
    left_out: int = 0
    chunks: int = 0


@dataclass(frozen=True, slots=True)
class Ranking:
    """What each stage said of every candidate, and the order that came of it.

    A leg that was not asked is None, as is `fused` where one leg was asked alone. `features` are those of the
    candidates that the learned order put in order. `scores` are those of hits, `before` is the order before reranking,
    `depth` how far down each leg was read.
    """

    dense: Leg | None = None
    lexical: Leg | None = None
    fused: Fused | None = None
    features: Mapping[str, Sequence[float]] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    before: Sequence[str] = ()
    reranked: dict[str, float] = field(default_factory=dict)
    order: Sequence[str] = ()
    depth: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether a leg may have more to give."""
        return any(leg is not None and len(leg.own) >= self.depth for leg in (self.dense, self.lexical))

    def followed_by(self, deeper: Ranking) -> Ranking:
        """Itself as it stands, and below it what the legs give further down, with scores no higher than its last."""
        last = min(self.scores.values(), default=0.0)
        further = [id for id in deeper.before if id not in self.scores]
        scores = self.scores | {id: min(last, deeper.scores[id]) for id in further}
        fused = deeper.fused and self.fused and self.fused.completed(deeper.fused)
        before, order = [*self.before, *further], [*self.order, *further]
        kept = replace(self, dense=deeper.dense, lexical=deeper.lexical, depth=deeper.depth)
        return replace(kept, fused=fused, scores=scores, before=before, order=order)


@dataclass(frozen=True, slots=True)
class HybridSearch:
    """Ranks the chunks of one version; the only thing that callers use.

    Each leg gives the `depth` of the settings whatever `k` is, so that a hit's score does not change with how many hits
    were asked for; only where these hold fewer than `k` passages that differ are the legs read further down, and what
    comes of it stands below. The reranker reads the first hits of a hybrid search; the scores of what it read lie above
    all others. `calibration` gives the hits of a hybrid search their probabilities.
    """

    version: IndexVersion
    encoder: Encoder
    settings: SearchSettings = field(default_factory=SearchSettings)
    reranker: Reranker | None = None
    calibration: Calibration | None = None

    def __call__(
        self, query: str, *, k: int = 10, scope: Scope = EVERYTHING, mode: Mode = "hybrid", collapse: bool = True
    ) -> list[Hit]:
        """The best `k` hits, best first; equal scores by cosine, then in chunk id order.

        A query without a letter or number finds nothing; one of stop words alone is left to the dense leg. Of passages
        that are nearly equal the best is shown (`collapse`), but a plain file's in the place of a copy's inside an
        archive; it names the documents of those that stand between it and the last hit. There are `k` hits if the scope
        has so many passages that differ and the legs find them. Without `collapse` there are never more than two times
        `depth`.
        """
        if not says_something(query) or k < 1:
            return []
        asked = self.read(query, scope, mode)
        ranking = self.ranking(asked)
        if collapse:
            return self.filled(asked, ranking, k=k)[1]
        return self._with_probabilities(asked, ranking, self.shown(ranking, k=k, collapsed=False))

    def every(self, query: str, *, k: int = 10, scope: Scope = EVERYTHING, mode: Mode = "hybrid") -> list[Hit]:
        """The same, near-duplicates in their own places: for measuring, where gold may name any of them."""
        return self(query, k=k, scope=scope, mode=mode, collapse=False)

    def within(self, scope: Scope) -> Scoped:
        """The same search and the same texts, of which no one who holds them can see more than `scope`."""
        return Scoped(self, scope)

    def read(self, query: str, scope: Scope, mode: Mode) -> Asked:
        """The question as each leg that `mode` asks reads it."""
        manifest = self.version.manifest
        vector = self.encoder.encode_query(query, manifest.query_model) if mode != "lexical" else None
        words = query_terms(query, manifest.languages) if mode != "dense" else None
        hidden = self.version.hidden_chunks() if self.version.hidden() else 0
        mask = self.version.mask(scope)
        chunks = len(self.version.postings) if mask is None else int(np.count_nonzero(mask))
        return Asked(query, scope, mask, vector, words, hidden, chunks)

    def without(self, asked: Asked, documents: Iterable[str]) -> Asked:
        """The same question, put to the index as if these documents were not found.

        They still count among its chunks, or that count would tell what was left out.
        """
        theirs = self.version.postings.of_documents(document_keys(documents))
        mask = ~theirs if asked.mask is None else asked.mask & ~theirs
        return replace(asked, mask=mask, left_out=asked.left_out + int(np.count_nonzero(theirs)))

    def weighed(self, asked: Asked, *, k: int) -> tuple[list[Hit], Signals]:
        """The first `k` hits of a hybrid search, and the signals of each."""
        ranking, hits = self.filled(asked, self.ranking(asked), k=k)
        return hits, self._signals(asked, ranking, hits)

    def legs(self, asked: Asked, depth: int) -> tuple[Leg, Leg]:
        """What both legs say of the first `depth` of either, before they are fused."""
        assert asked.vector is not None
        assert asked.words is not None
        near = self.nearest(asked, depth)
        matching = dict(self.version.postings.best(asked.words, depth, asked.mask))
        cosines = self.version.store.cosines(asked.vector, [id for id in matching if id not in near])
        scores = self.version.postings.scored(asked.words, [id for id in near if id not in matching])
        return Leg({**near, **cosines}, near.keys()), Leg({**matching, **scores}, matching.keys())

    def ranking(self, asked: Asked) -> Ranking:
        """The candidates of `depth` in order."""
        found = self._fused(asked, self.settings.depth)
        reranked = self.reranked(asked.query, found.before[: self.settings.rerank_depth]) if found.fused else {}
        highest = max(found.scores.values(), default=0.0)
        scores = {**found.scores, **{id: above(highest, score) for id, score in reranked.items()}}
        order = reordered(found.before, reranked)
        return replace(found, scores=scores, reranked=reranked, order=order)

    def filled(self, asked: Asked, ranking: Ranking, *, k: int) -> tuple[Ranking, list[Hit]]:
        """The first `k` that differ, and the ranking as far down as it was read for them."""
        hits = self.shown(ranking, k=k)
        while len(hits) < k and ranking.is_cut:
            ranking = ranking.followed_by(self._fused(asked, ranking.depth * _FURTHER))
            hits = self.shown(ranking, k=k)
        return ranking, self._with_probabilities(asked, ranking, hits)

    def shown(self, ranking: Ranking, *, k: int, collapsed: bool = True) -> list[Hit]:
        """The first `k` of a ranking as hits, none of a document that was erased meanwhile."""
        near = ranking.dense.scores if ranking.dense else {}
        matching = ranking.lexical.scores if ranking.lexical else {}

        def load(ids: Sequence[str]) -> dict[str, Chunk]:
            chunks = self.version.content.chunks(ids)
            hidden = self.version.hidden()  # once they are read: it may be so since the legs were asked
            return {id: chunk for id, chunk in chunks.items() if chunk.document not in hidden}

        return [
            Hit(
                chunk,
                ranking.scores[id],
                near.get(chunk.id),
                matching.get(chunk.id),
                ranking.reranked.get(chunk.id),
                duplicates=duplicates(chunk, others),
            )
            for id, chunk, others in collapse(ranking.order, load, k=k, keep=not collapsed)
        ]

    def _fused(self, asked: Asked, depth: int) -> Ranking:
        """What the legs give down to `depth`, before reranking."""
        if asked.vector is not None and asked.words is not None:
            dense, lexical = self.legs(asked, depth)
            ids, by = list(lexical.scores), self.learned
            foreign = self.foreign(ids)
            fused = fuse(self.settings.fusion, dense, lexical, weights=self.weights(ids, foreign))
            ordered = Ordered(fused.scores)
            if by is not None:
                ordered = self.ordered(asked.words, dense, lexical, fused, by, foreign=foreign)
            order = ranked(ordered.scores, dense.scores)
            return Ranking(
                *(dense, lexical, fused, ordered.features, dict(ordered.scores), order), order=order, depth=depth
            )
        if asked.vector is not None:
            near = self.nearest(asked, depth)
            leg = Leg(near, near.keys())
            order = ranked(near)
            return Ranking(dense=leg, scores=near, before=order, order=order, depth=depth)
        matching = dict(self.version.postings.best(asked.words or (), depth, asked.mask))
        order = ranked(matching)
        return Ranking(lexical=Leg(matching, matching.keys()), scores=matching, before=order, order=order, depth=depth)

    def _with_probabilities(self, asked: Asked, ranking: Ranking, hits: list[Hit]) -> list[Hit]:
        """The hits with their probabilities, where both legs were asked and something says how likely they are."""
        if self.calibration is None or ranking.fused is None:
            return hits
        probabilities = self.calibration(self._signals(asked, ranking, hits)).tolist()
        return [replace(hit, probability=each) for hit, each in zip(hits, probabilities, strict=True)]

    def _signals(self, asked: Asked, ranking: Ranking, hits: Sequence[Hit]) -> Signals:
        assert ranking.dense is not None
        assert ranking.lexical is not None
        return signals(
            *(hits, ranking.dense, ranking.lexical, ranking.before),
            words=asked.words or (),
            postings=self.version.postings,
            chunks=asked.chunks,
        )

    def nearest(self, asked: Asked, k: int) -> dict[str, float]:
        """The dense leg: the nearest `k` chunks in scope, none of a document that was erased meanwhile."""
        assert asked.vector is not None
        if not asked.left_out or asked.mask is None:
            return dict(self.version.store.search(asked.vector, k=k, scope=asked.scope))
        found = self.version.store.search(asked.vector, k=k + asked.left_out, scope=asked.scope)
        slots = self.version.postings.ordinals([id for id, _ in found])
        return dict([hit for hit, slot in zip(found, slots, strict=True) if asked.mask[slot]][:k])

    @property
    def learned(self) -> Order | None:
        """The learned order, where it is set and was learned for this encoder; a formula stands in for it otherwise."""
        return learned(self.encoder.identity) if self.settings.fusion == "learned" else None

    def ordered(
        self,
        words: Sequence[str],
        dense: Leg,
        lexical: Leg,
        fused: Fused,
        by: Order,
        *,
        foreign: AbstractSet[str],
    ) -> Ordered:
        """The candidates by what was learned."""
        return by(dense, lexical, fused, words=words, postings=self.version.postings, foreign=foreign)

    def weights(self, ids: Sequence[str], foreign: AbstractSet[str]) -> dict[str, float]:
        """The dense leg's share for each chunk: what an encoder says of a language it never saw is mostly chance."""
        return shares(ids, foreign, self.settings.dense_weight, self.settings.foreign_dense_weight)

    def foreign(self, ids: Sequence[str]) -> frozenset[str]:
        """Those chunks whose documents are in a language that the encoder does not know."""
        known = self.encoder.languages
        if known is None or known.issuperset(filter(None, self.version.manifest.languages)):
            return frozenset()
        languages = self.version.postings.languages_of(ids)
        return frozenset(id for id, language in zip(ids, languages, strict=True) if language and language not in known)

    def reranked(self, query: str, ids: Sequence[str]) -> dict[str, float]:
        """The cross-encoder's scores of these chunks; nothing without one."""
        if self.reranker is None:
            return {}
        chunks = self.version.content.chunks(ids)
        ids = [id for id in ids if id in chunks]
        return dict(zip(ids, self.reranker.scores(query, [chunks[id].indexed_text for id in ids]), strict=True))


def says_something(query: str) -> bool:
    """Whether there is anything to look for: a letter or a number."""
    return any(map(str.isalnum, query))


@dataclass(frozen=True, slots=True)
class Scoped:
    """What lies within a scope: a `Search` that can only be narrowed, and the full texts of the documents."""

    _search: HybridSearch
    _scope: Scope

    def __call__(
        self, query: str, *, k: int = 10, scope: Scope = EVERYTHING, mode: Mode = "hybrid", collapse: bool = True
    ) -> list[Hit]:
        narrowed = self._scope.narrowed(labels=scope.labels, metadata=scope.metadata)
        return self._search(query, k=k, scope=narrowed, mode=mode, collapse=collapse)

    def text(self, name: str) -> str | None:
        """A document's full text; None where there is none, or it lies outside the scope."""
        document = self._document(name)
        return document.text if document else None

    def page(self, name: str, offset: int) -> int | None:
        """The page on which an offset of a document's text lies; None as for `text`, or without pages."""
        document = self._document(name)
        return document.page_at(offset) if document else None

    def page_label(self, name: str, offset: int) -> str | None:
        """That page's label; None as for `page`, or where the file gives it none."""
        document = self._document(name)
        return document.label_at(offset) if document else None

    def _document(self, name: str) -> Document | None:
        document = self._search.version.document(name)
        return document if document and self._scope.admits(document.labels, document.metadata) else None

"""Which passages answer a question best? Both legs over-fetch within the scope, then their scores are fused.

What a cross-encoder says of the first hits, where there is one, puts these in a new order; near-duplicates of what is
shown are then left out, and where that leaves too little, more is taken from further down.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import repeat

import numpy as np

from ingest.model import Chunk
from retrieval.lexical.invert import document_keys
from retrieval.lexical.postings import Slots
from retrieval.model import EVERYTHING, Hit, Mode, Scope
from retrieval.parts import Calibration, Encoder
from retrieval.search.candidates import Asked, candidates
from retrieval.search.collapse import Shown, collapse, duplicates
from retrieval.search.fuse import Flags, Values, fuse, shares
from retrieval.search.order import Order, learned
from retrieval.search.ranking import Ranking
from retrieval.search.rerank import Reranker
from retrieval.search.settings import SearchSettings
from retrieval.search.signals import Signals, signals
from retrieval.versions.version import IndexVersion, Within

_FURTHER = 4  # times as far down, each time that a depth holds too little


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
        if not collapse:
            return self.hits(asked, ranking, self.shown(ranking, k=k, collapsed=False))
        return self.hits(asked, *self.filled(asked, ranking, k=k))

    def every(self, query: str, *, k: int = 10, scope: Scope = EVERYTHING, mode: Mode = "hybrid") -> list[Hit]:
        """The same, near-duplicates in their own places: for measuring, where gold may name any of them."""
        return self(query, k=k, scope=scope, mode=mode, collapse=False)

    def within(self, scope: Scope) -> Scoped:
        """The same search and the same texts, of which no one who holds them can see more than `scope`."""
        return Scoped(self.version, self.version.resolved(scope), self)

    def read(self, query: str, scope: Scope, mode: Mode) -> Asked:
        """The question as each leg that `mode` asks reads it."""
        manifest, postings = self.version.manifest, self.version.postings
        vector = self.encoder.encode_query(query, manifest.query_model) if mode != "lexical" else None
        terms = None
        if mode != "dense":
            terms = self.version.terms(query)
        hidden = self.version.hidden_chunks() if self.version.hidden() else 0
        scope = self.version.resolved(scope)
        mask = self.version.mask(scope)
        chunks = len(postings) if mask is None else int(np.count_nonzero(mask))
        return Asked(query, scope, mask, vector, terms, hidden, chunks)

    def without(self, asked: Asked, documents: Iterable[str]) -> Asked:
        """The same question, put to the index as if these documents were not found.

        They still count among its chunks, or that count would tell what was left out.
        """
        theirs = self.version.postings.of_documents(document_keys(documents))
        mask = ~theirs if asked.mask is None else asked.mask & ~theirs
        return replace(asked, mask=mask, left_out=asked.left_out + int(np.count_nonzero(theirs)))

    def weighed(self, asked: Asked, *, k: int) -> tuple[list[Hit], Signals]:
        """The first `k` hits of a hybrid search, and the signals of each."""
        ranking, shown = self.filled(asked, self.ranking(asked), k=k)
        return self.hits(asked, ranking, shown), self.signals(asked, ranking, shown)

    def ranking(self, asked: Asked) -> Ranking:
        """The candidates of the settings' depth in order."""
        found = self.fused(asked, self.settings.depth)
        if self.reranker is None or found.fused is None:
            return found
        slots = found.found.slots
        read = self.reranked(asked.query, slots[: self.settings.rerank_depth])
        return found.reordered(np.array([read.get(slot, np.nan) for slot in slots.tolist()]))

    def filled(self, asked: Asked, ranking: Ranking, *, k: int) -> tuple[Ranking, list[Shown[int]]]:
        """The first `k` that differ, and the ranking as far down as it was read for them."""
        shown = self.shown(ranking, k=k)
        while len(shown) < k and ranking.is_cut:
            ranking = ranking.followed_by(self.fused(asked, ranking.depth * _FURTHER))
            shown = self.shown(ranking, k=k)
        return ranking, shown

    def shown(self, ranking: Ranking, *, k: int, collapsed: bool = True) -> list[Shown[int]]:
        """The first `k` of a ranking, none of a document that was erased meanwhile."""
        slots = ranking.found.slots

        def load(rows: Sequence[int]) -> dict[int, Chunk]:
            ids = self.version.postings.ids(slots[list(rows)])
            chunks = self.version.content.chunks(ids)
            hidden = self.version.hidden()  # once they are read: it may be so since the legs were asked
            known = ((row, chunks.get(id)) for row, id in zip(rows, ids, strict=True))
            return {row: chunk for row, chunk in known if chunk is not None and chunk.document not in hidden}

        order, keep, postings = ranking.order.tolist(), not collapsed, self.version.postings
        if not postings.has_keys:
            return collapse(order, load, k=k, keep=keep)
        keys = postings.keys(slots).tolist()
        return collapse(order, load, k=k, keep=keep, key=lambda row, _: keys[row])

    def hits(self, asked: Asked, ranking: Ranking, shown: Sequence[Shown[int]]) -> list[Hit]:
        """What is shown with what each stage said of it."""
        dense, lexical = ranking.found.dense, ranking.found.lexical
        said = self.probabilities(asked, ranking, shown)
        return [
            Hit(
                one.chunk,
                float(ranking.scores[one.place]),
                float(dense.scores[one.passage]) if dense else None,
                float(lexical.scores[one.passage]) if lexical else None,
                ranking.reranking(one.passage),
                probability,
                duplicates(one.chunk, one.others),
            )
            for one, probability in zip(shown, repeat(None) if said is None else said.tolist(), strict=False)
        ]

    def signals(self, asked: Asked, ranking: Ranking, shown: Sequence[Shown[int]]) -> Signals:
        """What both legs say of each passage that is shown."""
        return signals(
            ranking.found,
            np.array([one.passage for one in shown], dtype=np.intp),
            terms=asked.terms or (),
            documents=self.version.postings.documents_of(ranking.found.slots),
            chunks=asked.chunks,
        )

    def probabilities(self, asked: Asked, ranking: Ranking, shown: Sequence[Shown[int]]) -> Values | None:
        """How likely each is to be relevant, where both legs were asked and something says so."""
        if self.calibration is None or ranking.fused is None:
            return None
        return self.calibration(self.signals(asked, ranking, shown))

    def fused(self, asked: Asked, depth: int) -> Ranking:
        """What the legs give down to `depth`, before reranking."""
        found = candidates(self.version, asked, depth)
        if found.dense is None or found.lexical is None:
            leg = found.dense or found.lexical
            assert leg is not None
            return Ranking.of(found, leg.scores, depth)
        foreign = self.foreign(found.slots)
        told = self.settings
        weights = shares(foreign, told.dense_weight, told.foreign_dense_weight)
        fused = fuse(told.fusion, found.dense, found.lexical, weights=weights)
        if (by := self.learned) is None:
            return Ranking.of(found, fused.scores, depth, fused=fused)
        terms = asked.terms or ()
        ordered = by(found, fused, terms, foreign, partial(self.version.postings.scored_whole, terms))
        return Ranking.of(found, ordered.scores, depth, fused=fused, features=ordered.features)

    @property
    def learned(self) -> Order | None:
        """The learned order, where it is set and was learned for this encoder; a formula stands in for it otherwise."""
        return learned(self.encoder.identity) if self.settings.fusion == "learned" else None

    def foreign(self, slots: Slots) -> Flags:
        """`(slots,)`: which chunks' documents are in a language that the encoder does not know.

        What it says of a language that it never saw is mostly chance.
        """
        known = self.encoder.languages
        if known is None or known.issuperset(filter(None, self.version.manifest.languages)):
            return np.zeros(len(slots), dtype=np.bool_)
        languages = self.version.postings.languages_of(slots)
        return np.array([bool(language) and language not in known for language in languages], dtype=np.bool_)

    def reranked(self, query: str, slots: Slots) -> dict[int, float]:
        """The cross-encoder's scores of these chunks; nothing without one."""
        if self.reranker is None:
            return {}
        ids = self.version.postings.ids(slots)
        chunks = self.version.content.chunks(ids)
        texts = {slot: chunks[id].indexed_text for slot, id in zip(slots.tolist(), ids, strict=True) if id in chunks}
        return dict(zip(texts, self.reranker.scores(query, list(texts.values())), strict=True))


def says_something(query: str) -> bool:
    """Whether there is anything to look for: a letter or a number."""
    return any(map(str.isalnum, query))


@dataclass(frozen=True, slots=True)
class Scoped(Within):
    """The same with a `Search` of it, that can only be narrowed."""

    _search: HybridSearch

    def __call__(
        self, query: str, *, k: int = 10, scope: Scope = EVERYTHING, mode: Mode = "hybrid", collapse: bool = True
    ) -> list[Hit]:
        narrowed = self._scope.narrowed(labels=scope.labels, metadata=scope.metadata, within=scope.within)
        return self._search(query, k=k, scope=narrowed, mode=mode, collapse=collapse)

"""In which order do the candidates stand, and what did each stage say of them?"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from retrieval.search.candidates import Candidates
from retrieval.search.fuse import Fused, Rows, Values, ranked
from retrieval.search.order import FEATURES, Features
from retrieval.search.rerank import above


@dataclass(frozen=True, slots=True)
class Ranking:
    """What each stage said of every candidate, in the order before reranking; `order` is the one that came of it.

    `fused` is None where one leg was asked alone. `features` and `reranked` are NaN of those that were put in order by
    something else. `scores` are those of hits, `depth` is how far down each leg was read.
    """

    found: Candidates
    scores: Values
    order: Rows
    reranked: Values
    depth: int
    fused: Fused | None = None
    features: Features | None = None

    @classmethod
    def of(
        cls,
        found: Candidates,
        scores: Values,
        depth: int,
        *,
        fused: Fused | None = None,
        features: Features | None = None,
    ) -> Ranking:
        """Candidates in the order of these scores, equal ones by cosine, else as they stand."""
        rows = ranked(scores, found.dense.scores if found.dense else None)
        return cls(
            *(found.at(rows), scores[rows], np.arange(len(rows)), np.full(len(rows), np.nan), depth),
            fused=fused and fused.at(rows),
            features=None if features is None else features[rows],
        )

    @property
    def is_cut(self) -> bool:
        """Whether a leg may have more to give."""
        legs = (self.found.dense, self.found.lexical)
        return any(leg is not None and np.count_nonzero(leg.own) >= self.depth for leg in legs)

    @property
    def is_reranked(self) -> bool:
        """Whether a cross-encoder read any of them."""
        return not bool(np.isnan(self.reranked).all())

    def reranking(self, row: int) -> float | None:
        """What the cross-encoder said of a candidate; None where it did not read it."""
        score = float(self.reranked[row])
        return None if math.isnan(score) else score

    def features_of(self, row: int) -> list[float] | None:
        """What a candidate was put in order by; None where that was a formula."""
        if self.features is None or np.isnan(self.features[row]).any():
            return None
        told: list[float] = self.features[row].tolist()
        return told

    def reordered(self, said: Values) -> Ranking:
        """With what a cross-encoder said of those that it read, the others NaN: it puts them in order, above the rest.

        Their scores lie above all others by less than 1.
        """
        read = np.flatnonzero(~np.isnan(said))
        order = np.append(read[ranked(said[read])], np.flatnonzero(np.isnan(said)))
        scores = self.scores.copy()
        scores[read] = above(self.scores.max(initial=0.0), said[read])
        return replace(self, scores=scores, reranked=said, order=order)

    def followed_by(self, deeper: Ranking) -> Ranking:
        """Itself as it stands, and below it what the legs give further down, with scores no higher than its last."""
        further = np.flatnonzero(~np.isin(deeper.found.slots, self.found.slots))
        last = self.scores.min() if len(self.scores) else 0.0
        return Ranking(
            found=self.found.followed_by(deeper.found, further),
            scores=np.append(self.scores, np.minimum(last, deeper.scores[further])),
            order=np.append(self.order, len(self.order) + np.arange(len(further))),
            reranked=np.append(self.reranked, deeper.reranked[further]),
            depth=deeper.depth,
            fused=self.fused and deeper.fused and self.fused.followed_by(deeper.fused.at(further)),
            features=None
            if self.features is None
            else np.append(self.features, np.full((len(further), len(FEATURES)), np.nan), axis=0),
        )

"""How are two ranked legs made one? Pure functions over scores.

Every fusion is the same sum, `weight` of the dense leg and the rest of the lexical one, for each chunk; they differ in
how a leg's scores are brought to the scale of the other's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from retrieval.search.settings import Fusion

Scores = Mapping[str, float]

RANK_CONSTANT = 60
_DEVIATIONS = 3


@dataclass(frozen=True, slots=True)
class Leg:
    """What one leg says: `{chunk id: score}` of every candidate of either leg, and which ones it found itself."""

    scores: Scores
    own: AbstractSet[str]

    @property
    def found(self) -> dict[str, float]:
        """The scores of its own candidates."""
        return {id: score for id, score in self.scores.items() if id in self.own}

    def first(self, depth: int) -> frozenset[str]:
        """The candidates that it would have found itself, had it been asked for `depth` of them."""
        return frozenset(ranked(self.found)[:depth])


@dataclass(frozen=True, slots=True)
class Fused:
    """The fused score of each candidate, and what it is made of: scaled scores, and the dense leg's weight."""

    scores: Scores
    dense: Scores
    lexical: Scores
    weights: Scores

    def completed(self, other: Fused) -> Fused:
        """Itself, and what the other says of those that it does not know."""
        return Fused(
            {**other.scores, **self.scores},
            {**other.dense, **self.dense},
            {**other.lexical, **self.lexical},
            {**other.weights, **self.weights},
        )


def fuse(fusion: Fusion, dense: Leg, lexical: Leg, *, weights: Scores) -> Fused:
    """Both legs as one list; `weights` holds the dense leg's share, 0 to 1, for every candidate.

    What the dense leg did not find itself can lie far below its scale where near-copies fill the leg, whose span is
    next to nothing; then the best match of all would come last. So it counts no less than the lexical leg's score lies
    below its own best: the better the words match, the less the vectors may hold against them. Where the weights differ
    it counts no less than 0: else a match in a language that the encoder knows could stand below noise in one that it
    does not know, whose score is that of the words alone and never below 0.
    """
    scale_dense, scale_lexical = _SCALES[fusion]
    matching = scale_lexical(lexical)
    alike = len(set(weights.values())) <= 1
    least = {id: min(0.0, matching.get(id, 0.0) - 1) if alike else 0.0 for id in dense.scores}
    near = {id: max(score, least[id]) for id, score in scale_dense(dense).items()}
    scores = {id: weight * near.get(id, 0.0) + (1 - weight) * matching.get(id, 0.0) for id, weight in weights.items()}
    return Fused(scores, near, matching, weights)


def shares(
    ids: Sequence[str], foreign: AbstractSet[str], dense_weight: float, foreign_dense_weight: float
) -> dict[str, float]:
    """The dense leg's share for each chunk: at most `foreign_dense_weight` for those the encoder does not know."""
    least = min(dense_weight, foreign_dense_weight)
    return {id: least if id in foreign else dense_weight for id in ids}


def on_span(leg: Leg) -> dict[str, float]:
    """Scores scaled so that the lowest of the leg's own is 0 and the highest 1; its own count 1 where all are equal.

    What the other leg added may lie below 0. With `by_maximum` for the lexical leg this is the convex combination,
    which beats rank fusion where both legs are sound, and whose one weight can be tuned on little gold (Bruch, Gai &
    Ingber 2023).
    """
    found = leg.found.values()
    low, high = min(found, default=0.0), max(found, default=0.0)
    if low == high:
        return {id: 1.0 if id in leg.own and score > 0 else 0.0 for id, score in leg.scores.items()}
    return {id: (score - low) / (high - low) for id, score in leg.scores.items()}


def by_maximum(leg: Leg) -> dict[str, float]:
    """Scores divided by the highest; all 0 where none is positive."""
    high = max(leg.scores.values(), default=0.0)
    return {id: max(0.0, score) / high if high > 0 else 0.0 for id, score in leg.scores.items()}


def by_rank(leg: Leg) -> dict[str, float]:
    """1 / (60 + rank) of the leg's own candidates, 0 of others (reciprocal rank fusion, Cormack et al. 2009).

    Equal scores share the best of their ranks, so that none of them is preferred for its id.
    """
    scaled = dict.fromkeys(leg.scores, 0.0)
    last, place = None, 0
    for rank, (id, score) in enumerate(sorted(leg.found.items(), key=lambda item: -item[1]), start=1):
        if score != last:
            last, place = score, rank
        scaled[id] = 1 / (RANK_CONSTANT + place)
    return scaled


def by_distribution(leg: Leg) -> dict[str, float]:
    """Scores on the span of three standard deviations to each side of the mean of the leg's own.

    Distribution-based score fusion (Mazzeschi 2023): the bulk of a leg decides its scale, not its highest score. What
    lies below the span counts 0, and so does a score of 0 or less; what lies above it keeps its distance, for among
    BM25's scores, which are skewed, the best are out there, and would all be equal if they were cut off. Where all of
    the leg's own are equal, they count 1.
    """
    found = np.fromiter(leg.found.values(), dtype=np.float64)
    mean, spread = (float(found.mean()), float(found.std())) if found.size else (0.0, 0.0)
    low, width = mean - _DEVIATIONS * spread, 2 * _DEVIATIONS * spread
    if width <= 1e-9 * abs(mean):  # equal, but for the last bits of a mean
        return {id: 1.0 if id in leg.own and score > 0 else 0.0 for id, score in leg.scores.items()}
    return {id: max(0.0, (score - low) / width) if score > 0 else 0.0 for id, score in leg.scores.items()}


def ranked(scores: Scores, then: Scores | None = None) -> Sequence[str]:
    """The ids, best first; equal scores by `then`, where it is given, and last in id order, so that results repeat."""
    second = then or {}
    return sorted(scores, key=lambda id: (-scores[id], -second.get(id, 0.0), id))


_SCALES: Mapping[Fusion, tuple[Callable[[Leg], Scores], Callable[[Leg], Scores]]] = {
    "learned": (on_span, by_maximum),  # chooses what is put in the learned order, and stands in where there is none
    "convex": (on_span, by_maximum),
    "rrf": (by_rank, by_rank),
    "dbsf": (by_distribution, by_distribution),
}

"""How are two ranked legs made one? Pure functions over scores.

Every fusion is the same sum, `weight` of the dense leg and the rest of the lexical one, for each candidate; they differ
in how a leg's scores are brought to the scale of the other's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.search.settings import Fusion

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]
Rows = NDArray[np.intp]
"""Places of candidates in the arrays that are told of them."""

RANK_CONSTANT = 60
_DEVIATIONS = 3


@dataclass(frozen=True, slots=True)
class Leg:
    """`(candidates,)`: what one leg says of every candidate of either leg, and which ones it found itself."""

    scores: Values
    own: Flags

    @property
    def found(self) -> Values:
        """The scores of its own candidates."""
        return self.scores[self.own]

    def at(self, rows: Rows) -> Leg:
        """The same of these candidates alone."""
        return Leg(self.scores[rows], self.own[rows])

    def ranked(self) -> Rows:
        """Its own candidates, best first."""
        own = np.flatnonzero(self.own)
        return own[ranked(self.scores[own])]

    def first(self, depth: int) -> Flags:
        """`(candidates,)`: those that it would have found itself, had it been asked for `depth` of them."""
        found = np.zeros(len(self.scores), dtype=np.bool_)
        found[self.ranked()[:depth]] = True
        return found


@dataclass(frozen=True, slots=True)
class Fused:
    """`(candidates,)`: the fused scores, and what they are made of: scaled scores, and the dense leg's weight."""

    scores: Values
    dense: Values
    lexical: Values
    weights: Values

    def at(self, rows: Rows) -> Fused:
        """The same of these candidates alone."""
        return Fused(self.scores[rows], self.dense[rows], self.lexical[rows], self.weights[rows])

    def followed_by(self, other: Fused) -> Fused:
        """Itself, and after it the other."""
        return Fused(
            np.append(self.scores, other.scores),
            np.append(self.dense, other.dense),
            np.append(self.lexical, other.lexical),
            np.append(self.weights, other.weights),
        )


def fuse(fusion: Fusion, dense: Leg, lexical: Leg, *, weights: Values) -> Fused:
    """Both legs as one list; `weights` holds the dense leg's share, 0 to 1, for every candidate.

    What the dense leg did not find itself can lie far below its scale where near-copies fill the leg, whose span is
    next to nothing; then the best match of all would come last. So it counts no less than the lexical leg's score lies
    below its own best: the better the words match, the less the vectors may hold against them. Where the weights differ
    it counts no less than 0: else a match in a language that the encoder knows could stand below noise in one that it
    does not know, whose score is that of the words alone and never below 0.
    """
    scale_dense, scale_lexical = _SCALES[fusion]
    matching = scale_lexical(lexical)
    alike = bool((weights == weights[:1]).all())
    near = np.maximum(scale_dense(dense), np.minimum(0.0, matching - 1) if alike else 0.0)
    return Fused(weights * near + (1 - weights) * matching, near, matching, weights)


def shares(foreign: Flags, dense_weight: float, foreign_dense_weight: float) -> Values:
    """The dense leg's share for each candidate: at most `foreign_dense_weight` for those the encoder does not know."""
    return np.where(foreign, min(dense_weight, foreign_dense_weight), dense_weight)


def on_span(leg: Leg) -> Values:
    """Scores scaled so that the lowest of the leg's own is 0 and the highest 1; its own count 1 where all are equal.

    What the other leg added may lie below 0. With `by_maximum` for the lexical leg this is the convex combination,
    which beats rank fusion where both legs are sound, and whose one weight can be tuned on little gold (Bruch, Gai &
    Ingber 2023).
    """
    found = leg.found
    low, high = (float(found.min()), float(found.max())) if len(found) else (0.0, 0.0)
    return _equal(leg) if low == high else (leg.scores - low) / (high - low)


def by_maximum(leg: Leg) -> Values:
    """Scores divided by the highest; all 0 where none is positive."""
    high = float(leg.scores.max(initial=0.0))
    return np.maximum(0.0, leg.scores) / high if high > 0 else np.zeros(len(leg.scores))


def by_rank(leg: Leg) -> Values:
    """1 / (60 + rank) of the leg's own candidates, 0 of others (reciprocal rank fusion, Cormack et al. 2009).

    Equal scores share the best of their ranks, so that none of them is preferred for its id.
    """
    better = np.searchsorted(-np.sort(leg.found)[::-1], -leg.scores)
    return np.where(leg.own, 1 / (RANK_CONSTANT + 1 + better), 0.0)


def by_distribution(leg: Leg) -> Values:
    """Scores on the span of three standard deviations to each side of the mean of the leg's own.

    Distribution-based score fusion (Mazzeschi 2023): the bulk of a leg decides its scale, not its highest score. What
    lies below the span counts 0, and so does a score of 0 or less; what lies above it keeps its distance, for among
    BM25's scores, which are skewed, the best are out there, and would all be equal if they were cut off. Where all of
    the leg's own are equal, they count 1.
    """
    found = np.sort(leg.found)  # a sum's last bits depend on the order
    mean, spread = (float(found.mean()), float(found.std())) if len(found) else (0.0, 0.0)
    low, width = mean - _DEVIATIONS * spread, 2 * _DEVIATIONS * spread
    if width <= 1e-9 * abs(mean):  # equal, but for the last bits of a mean
        return _equal(leg)
    return np.where(leg.scores > 0, np.maximum(0.0, (leg.scores - low) / width), 0.0)


def ranked(scores: Values, then: Values | None = None) -> Rows:
    """The candidates' places, best first; equal scores by `then`, where it is given, and last as they stand."""
    return np.lexsort((-scores,) if then is None else (-then, -scores))


def _equal(leg: Leg) -> Values:
    return np.where(leg.own & (leg.scores > 0), 1.0, 0.0)


_SCALES: Mapping[Fusion, tuple[Callable[[Leg], Values], Callable[[Leg], Values]]] = {
    "learned": (on_span, by_maximum),  # chooses what is put in the learned order, and stands in where there is none
    "convex": (on_span, by_maximum),
    "rrf": (by_rank, by_rank),
    "dbsf": (by_distribution, by_distribution),
}

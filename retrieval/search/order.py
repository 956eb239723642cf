"""In which order do the candidates answer best, as public collections have taught it?

Five features of a passage, each of which counts for it and none against it, and one weight each: the score is their
weighted mean. The weights are learned by `benchmarks/order.py` and stored in `order.json`, for one encoder.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.lexical.postings import K1, Postings
from retrieval.parts import EncoderIdentity, key_of
from retrieval.search.fuse import Fused, Leg, ranked

FEATURES = (
    "cosine",  # between question and passage
    "words",  # the BM25 score as a share of the highest of all candidates
    "share",  # the same as a share of the most that the question's terms could give
    "numbers",  # of the question's terms with a digit the share, in idf, that stands in the passage; 0 without any
    "held",  # 1 less the length of the missing terms' idf, as a vector, as a share of all terms': rare ones count most
)
Features = NDArray[np.float64]
"""`(passages, len(FEATURES))`."""

BY_FORMULA, BY_WORDS = 100, 5
"""How many of the first by the formula, and by words alone, are put in order."""
_BELOW = 1e-6  # how far below the last of these the next one stands
_STORED = Path(__file__).with_name("order.json")


@dataclass(frozen=True, slots=True)
class Ordered:
    """The scores of all candidates, and the features of those that were put in order by them."""

    scores: Mapping[str, float]
    features: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Order:
    """A weight for each feature, all at least 0; together 1.

    Of a passage in a language that the encoder does not know the cosine is not asked (`unasked`): it is taken to be
    `likeness` times the share of the words, so that passages in both kinds of languages have one scale.
    """

    encoder: str
    weights: tuple[float, ...]
    likeness: float

    def scores(self, features: Features) -> NDArray[np.float64]:
        """`(passages,)`: the weighted mean."""
        return np.asarray(features @ np.array(self.weights), dtype=np.float64)

    def adds(self, values: Sequence[float]) -> dict[str, dict[str, float]]:
        """`{feature: {"value": …, "adds": …}}` of one passage; what they add is the score."""
        told = zip(FEATURES, values, self.weights, strict=True)
        return {name: {"value": value, "adds": weight * value} for name, value, weight in told}

    def __call__(
        self,
        dense: Leg,
        lexical: Leg,
        fused: Fused,
        *,
        words: Sequence[str],
        postings: Postings,
        foreign: AbstractSet[str] = frozenset(),
    ) -> Ordered:
        """The first candidates in this order, the others below them in that of the formula."""
        first, rest = candidates(dense, lexical, fused)
        if not first:
            return Ordered({})
        read = features(first, dense, lexical, words=words, postings=postings)
        theirs = unasked(first, foreign)
        read[theirs, 0] = self.likeness * read[theirs, 2]
        scores = dict(zip(first, self.scores(read).tolist(), strict=True))
        if rest:
            down = min(scores.values()) - fused.scores[rest[0]] - _BELOW
            scores |= {id: fused.scores[id] + down for id in rest}
        return Ordered(scores, dict(zip(first, read.tolist(), strict=True)))


def candidates(dense: Leg, lexical: Leg, fused: Fused) -> tuple[list[str], list[str]]:
    """Those that are put in order, and the rest, both as the formula has them.

    What the formula puts among the first 100 stays there, so that as much is found as by the formula. The first by
    words are put in order, too: of many that are nearly alike the formula can place the right one anywhere.
    """
    by_formula = ranked(fused.scores, dense.scores)
    first = set(by_formula[:BY_FORMULA]).union(ranked(lexical.found)[:BY_WORDS])
    return [id for id in by_formula if id in first], [id for id in by_formula if id not in first]


def unasked(ids: Sequence[str], foreign: AbstractSet[str]) -> NDArray[np.bool_]:
    """Whose cosine says nothing: those in a language that the encoder does not know; where they are most of them, all.

    A question most of whose candidates are in such languages is most likely in one itself, and its vector chance.
    """
    theirs = np.array([id in foreign for id in ids], dtype=np.bool_)
    return theirs | (2 * np.count_nonzero(theirs) > len(theirs))


def features(ids: Sequence[str], dense: Leg, lexical: Leg, *, words: Sequence[str], postings: Postings) -> Features:
    """What both legs and the question's terms say of each of these candidates."""
    terms = sorted(Counter(words).items())
    idf, there = postings.there([term for term, _ in terms], ids)
    repeats = np.array([count for _, count in terms], dtype=np.float64)
    known = idf < postings.statistics.idf_of(0)
    digits = known & np.array([any(map(str.isdecimal, term)) for term, _ in terms], dtype=np.bool_)
    squares = np.where(known, idf**2, 0.0)
    matching = np.array([lexical.scores.get(id, 0.0) for id in ids])
    return np.stack(
        [
            np.array([dense.scores.get(id, 0.0) for id in ids]),
            matching / (max(lexical.scores.values(), default=0.0) or 1.0),
            matching / ((K1 + 1) * float(idf @ repeats) or 1.0),
            np.where(digits, idf, 0.0) @ there / (float(idf[digits].sum()) or 1.0),
            1 - np.sqrt(squares @ ~there / (float(squares.sum()) or 1.0)),
        ],
        axis=1,
    )


@lru_cache(maxsize=8)
def learned(identity: EncoderIdentity) -> Order | None:
    """What was learned for this encoder; None where nothing was."""
    told = json.loads(_STORED.read_text("utf-8"))
    weights = tuple(told["weights"][name] for name in FEATURES)
    return Order(told["encoder"], weights, told["likeness"]) if told["encoder"] == key_of(identity) else None

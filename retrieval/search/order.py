"""In which order do the candidates answer best, as public collections have taught it?

Five features of a passage, each of which counts for it and none against it, and one weight each: the score is their
weighted mean. The weights are learned by `benchmarks/order.py` and stored in `order.json`, for one encoder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from retrieval.lexical.postings import K1, Slots, Term
from retrieval.parts import EncoderIdentity, key_of
from retrieval.search.candidates import Candidates
from retrieval.search.fuse import Flags, Fused, Rows, Values, ranked

FEATURES = (
    "cosine",  # between question and passage
    "words",  # the BM25 score as a share of the highest of all candidates
    "share",  # the same as a share of the most that the question's terms could give
    "numbers",  # of the question's terms with a digit the share, in idf, that stands in the passage; 0 without any
    "held",  # 1 less the length of the missing terms' idf, as a vector, as a share of all terms': rare ones count most
)
Features = Values
"""`(passages, len(FEATURES))`."""

BY_FORMULA, BY_WORDS = 100, 5
"""How many of the first by the formula, and by words alone, are put in order."""
_BELOW = 1e-6  # how far below the last of these the next one stands
_STORED = Path(__file__).with_name("order.json")


@dataclass(frozen=True, slots=True)
class Ordered:
    """`(candidates,)`: the scores, and the features of those that were put in order by them, NaN of the others."""

    scores: Values
    features: Features


@dataclass(frozen=True, slots=True)
class Order:
    """A weight for each feature, all at least 0; together 1.

    Of a passage in a language that the encoder does not know the cosine is not asked (`unasked`): it is taken to be
    `likeness` times the share of the words, the mean of the passage's and its document's, so that passages in both
    kinds of languages have one scale.
    """

    encoder: str
    weights: tuple[float, ...]
    likeness: float

    def scores(self, features: Features) -> Values:
        """`(passages,)`: the weighted mean, added up alike for each passage."""
        return np.asarray((features * self.weights).sum(axis=1), dtype=np.float64)

    def adds(self, values: Sequence[float]) -> dict[str, dict[str, float]]:
        """`{feature: {"value": …, "adds": …}}` of one passage; what they add is the score."""
        told = zip(FEATURES, values, self.weights, strict=True)
        return {name: {"value": value, "adds": weight * value} for name, value, weight in told}

    def __call__(
        self,
        found: Candidates,
        fused: Fused,
        terms: Sequence[Term],
        foreign: Flags,
        whole: Callable[[Slots], Values],
    ) -> Ordered:
        """The first candidates in this order, the others below them in that of the formula.

        `whole` gives the BM25 scores of whole documents.
        """
        first, rest = chosen(found, fused)
        scores, read = np.empty(len(found)), np.full((len(found), len(FEATURES)), np.nan)
        if len(first):
            read[first] = features(found.at(first), terms)
            theirs = first[unasked(foreign[first])]
            if len(theirs):
                read[theirs, 0] = self.likeness * likened(read[theirs, 2], whole(found.slots[theirs]), terms)
            scores[first] = self.scores(read[first])
            below = fused.scores[rest]
            scores[rest] = below + (scores[first].min() - below.max(initial=-np.inf) - _BELOW)
        return Ordered(scores, read)


def chosen(found: Candidates, fused: Fused) -> tuple[Rows, Rows]:
    """Those that are put in order, and the rest, both as the formula has them.

    What the formula puts among the first 100 stays there, so that as much is found as by the formula. The first by
    words are put in order, too: of many that are nearly alike the formula can place the right one anywhere.
    """
    assert found.dense is not None
    assert found.lexical is not None
    by_formula = ranked(fused.scores, found.dense.scores)
    first = np.zeros(len(found), dtype=np.bool_)
    first[by_formula[:BY_FORMULA]] = first[found.lexical.ranked()[:BY_WORDS]] = True
    is_first = first[by_formula]
    return by_formula[is_first], by_formula[~is_first]


def unasked(foreign: Flags) -> Flags:
    """Whose cosine says nothing: those in a language that the encoder does not know; where they are most of them, all.

    A question most of whose candidates are in such languages is most likely in one itself, and its vector chance.
    """
    return foreign | (2 * np.count_nonzero(foreign) > len(foreign))


def likened(share: Values, whole: Values, terms: Sequence[Term]) -> Values:
    """What stands for the cosine where it says nothing: how much of the question passage and document have.

    A passage in a language that the encoder does not know is small, since its pieces of words are; its document tells
    what it is about.
    """
    return (share + whole / _most(terms)) / 2


def _most(terms: Sequence[Term]) -> float:
    """The most that the question's terms could give."""
    return (K1 + 1) * sum(term.idf * term.repeats for term in terms) or 1.0


def features(found: Candidates, terms: Sequence[Term]) -> Features:
    """What both legs and the question's terms say of each candidate, the best by words being one of them."""
    assert found.dense is not None
    assert found.lexical is not None
    idf = np.array([term.idf for term in terms])
    repeats = np.array([term.repeats for term in terms], dtype=np.float64)
    known = np.array([term.chunks > 0 for term in terms], dtype=np.bool_)
    digits = known & np.array([any(map(str.isdecimal, term.text)) for term in terms], dtype=np.bool_)
    squares = np.where(known, idf**2, 0.0)
    matching = found.lexical.scores
    return np.stack(
        [
            found.dense.scores,
            matching / (float(matching.max(initial=0.0)) or 1.0),
            matching / ((K1 + 1) * float(idf @ repeats) or 1.0),
            np.where(digits, idf, 0.0) @ found.held / (float(idf[digits].sum()) or 1.0),
            1 - np.sqrt(squares @ ~found.held / (float(squares.sum()) or 1.0)),
        ],
        axis=1,
    )


@lru_cache(maxsize=8)
def learned(identity: EncoderIdentity) -> Order | None:
    """What was learned for this encoder; None where nothing was."""
    told = json.loads(_STORED.read_text("utf-8"))
    weights = tuple(told["weights"][name] for name in FEATURES)
    return Order(told["encoder"], weights, told["likeness"]) if told["encoder"] == key_of(identity) else None

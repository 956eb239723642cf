"""What do the raw scores say of a hit, each in a measure that means the same for every question?

A fused score orders one list and says nothing of whether the first of it is any good. These signals do, together: they
are what a calibrated probability of being relevant is made from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.lexical.postings import K1, Term
from retrieval.search.candidates import Candidates
from retrieval.search.fuse import Rows, Values

SIGNALS = (
    "cosine",  # between question and passage
    "margin",  # the cosine less that of the tenth best passage: does it stand out?
    "lead",  # the cosine less that of the best passage of another document; below 0 for all but the first
    "coverage",  # the share of the question's weight in idf whose terms stand in the passage
    "lexical",  # the BM25 score as a share of the most that the question's terms could give
    "lexical_lead",  # the same less that of the best passage of another document
    "terms",  # log(1 + number of different terms in the question)
    "chunks",  # log10 of the number of chunks that were searched: the more, the likelier a chance likeness
)
Signals = Values
"""`(hits, len(SIGNALS))`."""

_TENTH = 10
_NEIGHBOURS = 60  # of the fused order, among which the best of other documents is looked for
_SAME = 1e-3  # as far apart the scores of nearly equal passages may be


def signals(
    found: Candidates, hits: Rows, *, terms: Sequence[Term], documents: NDArray[np.uint64], chunks: int
) -> Signals:
    """What both legs say of each hit; `found` are the candidates in the fused order, with the key of the document each.

    A passage of another document that scores the same in both legs is taken for a copy, which does not compete: which
    copies a hit stands for depends on how many hits were asked for, and its probability must not.
    """
    assert found.dense is not None
    assert found.lexical is not None
    if not len(hits):
        return np.zeros((0, len(SIGNALS)))
    cosines, scores = found.dense.scores, found.lexical.scores
    cosine, score, near = cosines[hits], scores[hits], slice(_NEIGHBOURS)
    idf = np.array([term.idf for term in terms])
    weight = float(idf.sum())
    most = (K1 + 1) * weight or 1.0
    is_copy = (np.abs(cosines[near] - cosine[:, None]) <= _SAME) & (
        np.abs(scores[near] - score[:, None]) <= _SAME * most
    )
    competes = (documents[near] != documents[hits][:, None]) & ~is_copy
    says = (
        cosine,
        cosine - np.sort(cosines)[-_TENTH:][0],
        cosine - _best(cosines[near], competes),
        idf @ found.held.take(hits, axis=1) / (weight or 1.0),
        score / most,
        (score - _best(scores[near], competes)) / most,
    )
    of_all = (math.log1p(len(terms)), math.log10(max(1, chunks)))
    return np.stack([*says, *(np.full(len(hits), value) for value in of_all)], axis=1)


def _best(scores: Values, competes: NDArray[np.bool_]) -> Values:
    """`(hits,)`: the best of the scores that compete with each hit's; 0 where none does."""
    best = np.where(competes, scores, -np.inf).max(axis=1, initial=-np.inf)
    return np.where(np.isfinite(best), best, 0.0)

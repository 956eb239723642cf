"""What do the raw scores say of a hit, each in a measure that means the same for every question?

A fused score orders one list and says nothing of whether the first of it is any good. These signals do, together: they
are what a calibrated probability of being relevant is made from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from retrieval.lexical.invert import document_key
from retrieval.lexical.postings import K1, Postings
from retrieval.model import Hit
from retrieval.search.fuse import Leg

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
Signals = NDArray[np.float64]
"""`(hits, len(SIGNALS))`."""

_TENTH = 10
_NEIGHBOURS = 60  # of the fused order, among which the best of other documents is looked for
Scored = tuple[float, float, int]  # cosine, BM25 score, the document's key
_SAME = 1e-3  # as far apart the scores of nearly equal passages may be


def signals(
    hits: Sequence[Hit],
    dense: Leg,
    lexical: Leg,
    order: Sequence[str],
    *,
    words: Sequence[str],
    postings: Postings,
    chunks: int,
) -> Signals:
    """What both legs say of each hit; `order` is the fused one, `words` are the question's terms.

    A passage of another document that scores the same in both legs is taken for a copy, which does not compete: which
    copies a hit stands for depends on how many hits were asked for, and its probability must not.
    """
    if not hits:
        return np.zeros((0, len(SIGNALS)))
    near = order[:_NEIGHBOURS]
    documents = postings.documents_of(near).tolist()
    others: list[Scored] = [
        (dense.scores.get(id, 0.0), lexical.scores.get(id, 0.0), document)
        for id, document in zip(near, documents, strict=True)
    ]
    by_cosine = sorted(others, key=itemgetter(0), reverse=True)
    by_words = sorted(others, key=itemgetter(1), reverse=True)
    cosines = sorted(dense.scores.values(), reverse=True)
    tenth = cosines[min(_TENTH, len(cosines)) - 1]
    terms = set(words)
    weight, coverage = postings.coverage(terms, [hit.chunk.id for hit in hits])
    most = (K1 + 1) * weight or 1.0
    rows = []
    for hit, covered in zip(hits, coverage.tolist(), strict=True):
        cosine, score, own = hit.dense or 0.0, hit.lexical or 0.0, document_key(hit.chunk.document)
        lead = cosine - _best_other(by_cosine, 0, (cosine, score, own), most)
        lexical_lead = score - _best_other(by_words, 1, (cosine, score, own), most)
        says = (cosine, cosine - tenth, lead, covered, score / most, lexical_lead / most)
        rows.append((*says, math.log1p(len(terms)), math.log10(max(1, chunks))))
    return np.array(rows)


def _best_other(best_first: Iterable[Scored], leg: int, hit: Scored, most: float) -> float:
    """The best score in one leg that competes with a hit's; 0 where nothing does."""
    for other in best_first:
        is_copy = abs(other[0] - hit[0]) <= _SAME and abs(other[1] - hit[1]) <= _SAME * most
        if other[2] != hit[2] and not is_copy:
            return float(other[leg])
    return 0.0

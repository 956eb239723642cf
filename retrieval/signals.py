"""What do the raw scores say of a hit, each in a measure that means the same for every question?

A fused score orders one list and says nothing of whether the first of it is any good. These signals do, together: they
are what a calibrated probability of being relevant is made from.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.fuse import Leg
from retrieval.invert import document_key
from retrieval.lexical import K1, Postings
from retrieval.model import Hit

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

    Documents whose nearly equal passages a hit stands for are not others: to agree is not to compete.
    """
    if not hits:
        return np.zeros((0, len(SIGNALS)))
    near = order[:_NEIGHBOURS]
    documents = postings.documents_of(near).tolist()
    by_cosine = sorted(zip((dense.scores.get(id, 0.0) for id in near), documents, strict=True), reverse=True)
    by_words = sorted(zip((lexical.scores.get(id, 0.0) for id in near), documents, strict=True), reverse=True)
    cosines = sorted(dense.scores.values(), reverse=True)
    tenth = cosines[min(_TENTH, len(cosines)) - 1]
    terms = set(words)
    weight, coverage = postings.coverage(terms, [hit.chunk.id for hit in hits])
    most = (K1 + 1) * weight or 1.0
    rows = []
    for hit, covered in zip(hits, coverage.tolist(), strict=True):
        own = {document_key(name) for name in (hit.chunk.document, *hit.duplicates)}
        cosine, score = hit.dense or 0.0, hit.lexical or 0.0
        lead, lexical_lead = cosine - _best_other(by_cosine, own), score - _best_other(by_words, own)
        says = (cosine, cosine - tenth, lead, covered, score / most, lexical_lead / most)
        rows.append((*says, math.log1p(len(terms)), math.log10(max(1, chunks))))
    return np.array(rows)


def _best_other(best_first: Iterable[tuple[float, int]], own: set[int]) -> float:
    return next((score for score, document in best_first if document not in own), 0.0)

"""Which hits of gold's questions are relevant, with what answers them in the index and with that hidden?

Each question is asked as it is, and with the documents that answer it hidden, so that its best hit is one that does not
answer it although it is the best there is. Questions that gold marks as not answerable are asked once.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from eval.gold.gold import Gold
from eval.gold.resolve import ResolvedQuery, meets, resolve
from retrieval.model import EVERYTHING, Hit
from retrieval.search.hybrid import HybridSearch
from retrieval.search.settings import PASSAGES
from retrieval.search.signals import SIGNALS, Signals

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Case:
    """The hits of one question, best first: their signals, and whether each is relevant (1, 0, or NaN: nobody knows).

    `is_answerable` is false where what answers the question is hidden or does not exist.
    """

    question: str
    is_answerable: bool
    signals: Signals
    relevant: Values

    @property
    def has_relevant(self) -> bool:
        """Whether a hit is known to be relevant."""
        return bool((self.relevant == 1).any())


def cases(
    search: HybridSearch, gold: Gold, *, k: int = PASSAGES, on_progress: Callable[[int, int], None] | None = None
) -> list[Case]:
    """Each question of gold as it is, and with its own documents hidden; those that find nothing are left out."""
    resolved = {query.id: query for query in resolve(gold, search.version).queries}
    found: list[Case] = []
    for done, query in enumerate(gold.queries, start=1):
        if question := query.question.casefold():
            asked = search.read(query.question, EVERYTHING, "hybrid")
            hits, signals = search.weighed(asked, k=k)
            answers = resolved.get(query.id)
            if answers is None:
                found.append(Case(question, False, signals, np.zeros(len(hits))))
            else:
                relevant = _relevant(hits, answers)
                found.append(Case(question, True, signals, relevant))
                without, hidden = search.weighed(search.without(asked, _own(hits, relevant, answers)), k=k)
                found.append(Case(question, False, hidden, np.zeros(len(without))))
        if on_progress:
            on_progress(done, len(gold.queries))
    return [case for case in found if len(case.relevant)]


def first_hits(cases: Sequence[Case]) -> tuple[Signals, Values]:
    """The signals of the first hit of each case, and whether it is relevant; without those nobody knows of."""
    signals = np.array([case.signals[0] for case in cases]).reshape(-1, len(SIGNALS))
    relevant = np.array([case.relevant[0] for case in cases])
    known = np.isfinite(relevant)
    return signals[known], relevant[known]


def _relevant(hits: Sequence[Hit], answers: ResolvedQuery) -> Values:
    """Whether each hit is relevant.

    Where gold names places in a document, those passages are that overlap with one; of a document whose places are all
    gone nobody knows. Where gold names the document as a whole, its first passage stands for it, and of its others
    nobody knows.
    """
    places = [span for alternatives in answers.spans for span in alternatives]
    placed = {span.document for span in places}
    met: set[str] = set()
    labels = []
    for hit in hits:
        names = [name for name in (hit.chunk.document, *hit.duplicates) if answers.grades.get(name, 0) > 0]
        document = hit.chunk.document
        if not names:
            labels.append(0.0)
        elif document in placed:
            labels.append(float(any(meets(hit.chunk, span.document, span.start, span.end) for span in places)))
        elif document in answers.placed:
            labels.append(math.nan)
        else:
            labels.append(math.nan if document in met else 1.0)
            met.add(document)
    return np.array(labels)


def _own(hits: Sequence[Hit], relevant: Values, answers: ResolvedQuery) -> set[str]:
    """The documents that answer a question: those of gold, and those with nearly the same passages."""
    shown = [hit for hit, label in zip(hits, relevant, strict=True) if label == 1]
    copies = {name for hit in shown for name in (hit.chunk.document, *hit.duplicates)}
    return {name for name, grade in answers.grades.items() if grade > 0} | copies

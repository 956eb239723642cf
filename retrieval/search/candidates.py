"""Which passages may answer a question, and what do both legs say of each? Both over-fetch within the scope.

Candidates are slots of a version's postings, and what is said of them stands in arrays of one length: ids are looked up
for those alone that are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.lexical.postings import Mask, Postings, Slots, Term, summed
from retrieval.model import Scope
from retrieval.parts import Vectors
from retrieval.search.fuse import Leg, Rows, Values
from retrieval.stores.store import EXACT_BELOW
from retrieval.versions.version import IndexVersion


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the legs read it: its vector and its terms, None for a leg that is not asked; where to look.

    `mask` may leave out more than the scope does: `left_out` chunks of documents that are not to be found. `chunks` is
    how many were there to be searched before any were hidden.
    """

    query: str
    scope: Scope
    mask: Mask | None
    vector: Vectors | None
    terms: Sequence[Term] | None
    left_out: int = 0
    chunks: int = 0


@dataclass(frozen=True, slots=True)
class Candidates:
    """What both legs say of every candidate of either, None for a leg that was not asked.

    `held` is `(terms, candidates)`: which of the question's terms stand in each.
    """

    slots: Slots
    dense: Leg | None
    lexical: Leg | None
    held: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.slots)

    def at(self, rows: Rows) -> Candidates:
        """The same of these alone, in this order."""
        dense, lexical = self.dense and self.dense.at(rows), self.lexical and self.lexical.at(rows)
        return Candidates(self.slots[rows], dense, lexical, self.held.take(rows, axis=1))

    def followed_by(self, deeper: Candidates, further: Rows) -> Candidates:
        """Itself and `further` ones of those that the legs gave further down, where they may have found these too."""

        def both(mine: Leg | None, theirs: Leg | None) -> Leg | None:
            if mine is None or theirs is None:
                return None
            own = mine.own | np.isin(self.slots, deeper.slots[theirs.own])
            return Leg(np.append(mine.scores, theirs.scores[further]), np.append(own, theirs.own[further]))

        return Candidates(
            np.append(self.slots, deeper.slots[further]),
            both(self.dense, deeper.dense),
            both(self.lexical, deeper.lexical),
            np.append(self.held, deeper.held.take(further, axis=1), axis=1),
        )


def candidates(version: IndexVersion, asked: Asked, depth: int) -> Candidates:
    """The first `depth` of each leg in the order of their ids, each with what the other leg says of it."""
    postings, terms = version.postings, asked.terms or ()
    near = nearest(version, asked, depth)
    slots = postings.by_id(np.array([*near, *postings.contenders(terms, depth, asked.mask)], dtype=np.int64))
    impacts = postings.impacts(terms, slots)
    scores = summed(impacts).astype(np.float64)
    is_near = np.array([slot in near for slot in slots.tolist()], dtype=np.bool_)
    is_matching = Leg(scores, scores > 0).first(depth)
    kept = np.flatnonzero(is_near | is_matching)
    slots = slots[kept]
    dense = None if asked.vector is None else Leg(cosines(version, asked.vector, slots, near), is_near[kept])
    lexical = None if asked.terms is None else Leg(scores[kept], is_matching[kept])
    return Candidates(slots, dense, lexical, (impacts > 0).take(kept, axis=1))


def nearest(version: IndexVersion, asked: Asked, k: int) -> dict[int, float]:
    """The dense leg: the nearest `k` chunks in scope with their cosines, none of a document that was erased meanwhile.

    Best first, equal cosines in id order; nothing where that leg is not asked. Below `EXACT_BELOW` chunks the vectors
    beside the postings are gone through, if they are there, else the engine is asked.
    """
    if asked.vector is None:
        return {}
    postings = version.postings
    if postings.has_vectors and postings.slots <= EXACT_BELOW:
        return _scanned(postings, asked.vector, k, asked.mask)
    found = version.store.search(asked.vector, k=k + asked.left_out, scope=asked.scope)
    slots = postings.ordinals([id for id, _ in found])
    there = np.ones(len(slots), dtype=np.bool_) if asked.mask is None else asked.mask[slots]
    hits = zip(slots.tolist(), found, there.tolist(), strict=True)
    return dict([(slot, cosine) for slot, (_, cosine), is_there in hits if is_there][:k])


def cosines(version: IndexVersion, vector: Vectors, slots: Slots, known: Mapping[int, float] | None = None) -> Values:
    """`(slots,)`: the cosines of these chunks, some of which may be `known`."""
    postings = version.postings
    if postings.has_vectors:
        return postings.cosines(vector, slots).astype(np.float64)
    known = known or {}
    others = [slot for slot in slots.tolist() if slot not in known]
    ids = postings.ids(others)
    found = version.store.cosines(vector, ids)
    said = {**known, **{slot: found[id] for slot, id in zip(others, ids, strict=True)}}
    return np.array([said[slot] for slot in slots.tolist()], dtype=np.float64)


def _scanned(postings: Postings, vector: Vectors, k: int, mask: Mask | None) -> dict[int, float]:
    every = postings.cosines(vector)
    slots = np.flatnonzero(postings.here if mask is None else mask & postings.here)
    if len(slots) > k:
        least = np.partition(every[slots], len(slots) - k)[len(slots) - k]
        slots = slots[every[slots] >= least]
    slots = postings.by_id(slots)
    best = slots[np.argsort(-every[slots], kind="stable")[:k]]
    return dict(zip(best.tolist(), every[best].tolist(), strict=True))

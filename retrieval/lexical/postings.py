"""How well do chunks match the words of a question? BM25 over segments of postings that are mapped, not loaded.

The weights are rank-bm25's own (Robertson & Zaragoza 2009 in the ATIRE form), with the non-negative idf of Lucene.
Segments hold frequencies and lengths alone: idf and average length belong to the version as a whole, so that its
scores are the same in however many segments it came to be.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, reduce
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from retrieval.lexical.lineage import read_segments
from retrieval.lexical.segment import Found

K1, B = 1.2, 0.75
Mask = NDArray[np.bool_]
Slots = NDArray[np.int64]
_NOWHERE = 0xFFFF_FFFF
_SLACK = 1e-4  # sums in another order differ in their last bits: far less than this share of them


class Statistics(BM25Okapi):  # type: ignore[misc]  # rank-bm25 ships no types
    """rank-bm25 with an idf that is right on small corpora too: its own is negative for a corpus of one."""

    def __init__(self, corpus: Sequence[Sequence[str]] = ()) -> None:
        self.idf: dict[str, float] = {}
        self.k1, self.b = K1, B
        if corpus:
            super().__init__(corpus, k1=K1, b=B)

    @classmethod
    def of(cls, chunks: int, average_length: float) -> Statistics:
        """The statistics of a collection whose postings are kept elsewhere."""
        statistics = cls()
        statistics.corpus_size, statistics.avgdl = chunks, average_length
        return statistics

    def _calc_idf(self, nd: Mapping[str, int]) -> None:
        self.idf = {term: self.idf_of(frequency) for term, frequency in nd.items()}

    def idf_of(self, frequency: int) -> float:
        """The idf of a term that stands in `frequency` chunks."""
        return math.log(1 + (self.corpus_size - frequency + 0.5) / (frequency + 0.5))


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a question: how often it stands there, how many chunks hold it, its idf, its postings by segment.

    `weight` is the most that it can add to a score.
    """

    text: str
    repeats: int
    chunks: int
    idf: float
    weight: np.float32
    postings: Sequence[Found]


class Postings:
    """The inverted index of one version: for each term the chunks that hold it, and how often.

    Chunks are numbered by `slots`, segment after segment; a slot whose chunk is gone is never given out.
    """

    def __init__(self, folder: Path) -> None:
        self._segments = read_segments(folder)
        self._begins = np.cumsum([0, *map(len, self._segments)])
        here = [segment.lengths[segment.here] for segment in self._segments]
        self._chunks = sum(map(len, here))
        total = float(sum(np.sum(lengths, dtype=np.float64) for lengths in here))
        self.statistics = Statistics.of(self._chunks, total / max(1, self._chunks))
        average = self.statistics.avgdl or 1.0
        self._norms = [
            (K1 * (1 - B + B * segment.lengths.astype(np.float32) / average)).astype(np.float32)
            for segment in self._segments
        ]

    def __len__(self) -> int:
        return self._chunks

    def close(self) -> None:
        """Lets go of the files, which stay mapped as long as anything looks at them."""
        self._segments = []

    @property
    def slots(self) -> int:
        """How long a mask is."""
        return int(self._begins[-1])

    def ids(self, slots: Iterable[int]) -> list[str]:
        """The chunk ids of these slots."""
        return _decoded(self._of_each("ids", np.fromiter(slots, dtype=np.int64)))

    def by_id(self, slots: Slots) -> Slots:
        """The same slots, each once, in the order of their chunks' ids."""
        slots = np.sort(slots)
        slots = slots[np.append(True, slots[1:] != slots[:-1])] if len(slots) else slots
        return slots if len(self._segments) == 1 else slots[np.argsort(self._of_each("ids", slots))]

    def ordinals(self, ids: Sequence[str]) -> Slots:
        """The slots of these chunk ids, -1 where there is none."""
        wanted = np.array([id.encode("ascii") for id in ids], dtype="S32")
        slots = np.full(len(wanted), -1, dtype=np.int64)
        for segment, begin in zip(self._segments, self._begins, strict=False):
            found = segment.ordinals(wanted)
            slots = np.where(found >= 0, found + begin, slots)
        return slots

    @property
    def has_keys(self) -> bool:
        """Whether it says of every chunk by what it is known as nearly equal."""
        return all(segment.keys is not None for segment in self._segments)

    def keys(self, slots: Slots) -> NDArray[np.uint64]:
        """`(len(slots),)`: what is equal for chunks that say nearly the same; where `has_keys`."""
        found: NDArray[np.uint64] = self._of_each("keys", slots)
        return found

    @property
    def has_vectors(self) -> bool:
        """Whether the chunks' vectors stand beside them."""
        return all(segment.vectors is not None for segment in self._segments)

    def vectors(self, slots: Slots) -> NDArray[np.float32]:
        """`(len(slots), dimensions)`: those of these chunks; where `has_vectors`."""
        every = [(segment.vectors, begin) for segment, begin in zip(self._segments, self._begins, strict=False)]
        rows = [
            vectors[slot - begin]
            for slot in slots
            for vectors, begin in every
            if vectors is not None and begin <= slot < begin + len(vectors)
        ]
        return np.array(rows, dtype=np.float32)

    def cosines(self, vector: NDArray[np.float32], slots: Slots | None = None) -> NDArray[np.float32]:
        """`(len(slots),)`: those of a unit vector and these chunks, or of every slot; where `has_vectors`.

        Each is a function of its chunk's vector alone: a product of matrices gives equal rows different last bits.
        """
        every = [segment.vectors for segment in self._segments if segment.vectors is not None]
        if slots is None:
            return np.concatenate([np.zeros(0, np.float32), *(np.einsum("ij,j->i", each, vector) for each in every)])
        found = np.zeros(len(slots), dtype=np.float32)
        for vectors, begin in zip(every, self._begins, strict=False):
            within = (slots >= begin) & (slots < begin + len(vectors))
            found[within] = np.einsum("ij,j->i", vectors[slots[within] - begin], vector)
        return found

    @cached_property
    def here(self) -> Mask:
        """`(slots,)`: which chunks are not gone."""
        return np.concatenate([np.zeros(0, dtype=np.bool_), *(segment.here for segment in self._segments)])

    def of_documents(self, keys: NDArray[np.uint64]) -> Mask:
        """`(slots,)`: which chunks belong to documents with these keys."""
        parts = [np.isin(segment.documents, keys) & segment.here for segment in self._segments]
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.bool_)

    def languages_of(self, slots: Slots) -> list[str]:
        """The language of each chunk's document, empty where it is not known."""
        return _decoded(self._of_each("languages", slots))

    def documents_of(self, slots: Slots) -> NDArray[np.uint64]:
        """`(len(slots),)`: the key of each chunk's document."""
        found: NDArray[np.uint64] = self._of_each("documents", slots)
        return found

    def terms(self, words: Iterable[str]) -> tuple[Term, ...]:
        """The different terms of a question, in one order, for sums depend on it in their last bits."""
        return tuple(self._term(word, repeats) for word, repeats in sorted(Counter(words).items()))

    def term_in(self, text: str, ids: Sequence[str]) -> Term:
        """A term that stands in these chunks, once in each, and is not stored."""
        slots = np.sort(self.ordinals(ids))
        found = []
        for begin, end in pairwise(self._begins.tolist()):
            chunks = (slots[(slots >= begin) & (slots < end)] - begin).astype(np.uint32)
            found.append((chunks, np.ones(len(chunks), dtype=np.uint16)))
        return self._made(text, 1, found)

    def idf(self, term: str) -> float:
        """How much a term tells apart; the highest value of all for a term that stands nowhere."""
        return self._term(term).idf

    def contenders(self, terms: Sequence[Term], k: int, mask: Mask | None = None) -> Slots:
        """Chunks that share a term with a question, the `k` best of the mask among them: not many more.

        Terms are taken by the most that they can add. As soon as what is left cannot lift a
        chunk that was not met into the first `k`, only those that were met are completed (MaxScore, Turtle & Flood
        1995).
        """
        left = sorted((term for term in terms if term.chunks), key=lambda term: -term.weight)
        partial = np.zeros(self.slots, dtype=np.float32)
        while left:
            rest = float(sum(term.weight for term in left))
            if np.count_nonzero(partial >= rest * (1 + _SLACK)) >= k:
                break
            self._add(left.pop(0), partial, mask)
        met = self._completed(left, partial, k) if left else np.flatnonzero(partial)
        if len(met) > k:
            met = met[partial[met] >= _kth(partial[met], k) * (1 - _SLACK)]
        return met

    def impacts(self, terms: Sequence[Term], slots: Slots) -> NDArray[np.float32]:
        """`(terms, slots)`: what each term adds to the score of each chunk; above 0 where it stands there."""
        found = np.zeros((len(terms), len(slots)), dtype=np.float32)
        for impacts, term in zip(found, terms, strict=True):
            for (chunks, frequencies), norms, begin in zip(term.postings, self._norms, self._begins, strict=False):
                if len(chunks):
                    wanted, places = _places(chunks, slots, int(begin))
                    there = chunks[places] == wanted
                    impacts[there] = _impact(term.weight, frequencies[places[there]], norms[wanted[there]])
        return found

    def scored(self, terms: Sequence[Term], slots: Slots) -> NDArray[np.float32]:
        """`(slots,)`: the scores of these chunks; the same bits as everywhere."""
        return summed(self.impacts(terms, slots))

    def scored_whole(self, terms: Sequence[Term], slots: Slots) -> NDArray[np.float64]:
        """`(slots,)`: the BM25 scores of the documents that these chunks are of, each taken as one text."""
        documents, lengths = self._whole
        statistics = Statistics.of(len(lengths), float(lengths.mean()) if len(lengths) else 0.0)
        wanted, of_each = np.unique(documents[slots], return_inverse=True)
        norms = K1 * (1 - B + B * lengths[wanted] / (statistics.avgdl or 1.0))
        scores = np.zeros(len(wanted))
        for term in terms:
            often = np.zeros(len(lengths))
            for (chunks, frequencies), begin in zip(term.postings, self._begins, strict=False):
                often += np.bincount(documents[chunks + begin], frequencies, len(lengths))
            weight = term.repeats * statistics.idf_of(int(np.count_nonzero(often))) * (K1 + 1)
            scores += weight * often[wanted] / (often[wanted] + norms)
        return scores[of_each]

    @cached_property
    def _whole(self) -> tuple[Slots, NDArray[np.float64]]:
        """`(slots,)`: the number of each chunk's document; `(documents,)`: how long each is, in terms."""
        keys = self.documents_of(np.arange(self.slots))
        here = self.here
        known, numbers = np.unique(keys[here], return_inverse=True)
        documents = np.zeros(self.slots, dtype=np.int64)
        documents[here] = numbers
        lengths = np.concatenate([segment.lengths for segment in self._segments])[here]
        return documents, np.bincount(numbers, lengths, len(known)).astype(np.float64)

    def holding(self, terms: Sequence[str]) -> list[str]:
        """The ids of the chunks that hold every one of these terms."""
        slots: list[int] = []
        for found, begin in zip(zip(*map(self._found, terms), strict=True), self._begins, strict=False):
            slots += (reduce(np.intersect1d, [chunks for chunks, _ in found]) + begin).tolist()
        return self.ids(slots)

    def scores(self, terms: Sequence[Term]) -> NDArray[np.float32]:
        """`(slots,)`: the BM25 score of every chunk, 0 where no term is shared. Repeated terms count again."""
        scores = np.zeros(self.slots, dtype=np.float32)
        for term in terms:
            self._add(term, scores, None)
        return scores

    def _of_each(self, what: Literal["ids", "languages", "documents", "keys"], slots: Slots) -> NDArray[Any]:
        """What the segments say of these slots; empty, or 0, where there is none."""
        kinds = {"ids": "S32", "languages": "S2", "documents": "u8", "keys": "u8"}
        found: NDArray[Any] = np.zeros(len(slots), dtype=kinds[what])
        for segment, begin in zip(self._segments, self._begins, strict=False):
            within = (slots >= begin) & (slots < begin + len(segment))
            found[within] = getattr(segment, what)[slots[within] - begin]
        return found

    def _term(self, word: str, repeats: int = 1) -> Term:
        return self._made(word, repeats, self._found(word))

    def _made(self, word: str, repeats: int, postings: Sequence[Found]) -> Term:
        chunks = sum(len(chunks) for chunks, _ in postings)
        idf = self.statistics.idf_of(chunks)
        return Term(word, repeats, chunks, idf, np.float32(repeats * idf * (K1 + 1)), postings)

    def _found(self, term: str) -> Sequence[Found]:
        letters = term.encode("utf-8", "surrogatepass")
        return [segment.postings(letters) for segment in self._segments]

    def _add(self, term: Term, scores: NDArray[np.float32], mask: Mask | None) -> None:
        """Adds what a term gives to every chunk that holds it."""
        for (chunks, frequencies), norms, begin in zip(term.postings, self._norms, self._begins, strict=False):
            slots = chunks if begin == 0 else chunks + begin
            if mask is not None:
                within = mask[slots]
                chunks, frequencies, slots = chunks[within], frequencies[within], slots[within]
            scores[slots] += _impact(term.weight, frequencies, norms[chunks])

    def _completed(self, left: Sequence[Term], partial: NDArray[np.float32], k: int) -> Slots:
        """Adds what is left to the chunks that can still be among the first `k`; these."""
        met = np.flatnonzero(partial)
        rest = float(sum(term.weight for term in left))
        for term in left:
            met = met[partial[met] >= _kth(partial[met], k) * (1 - _SLACK) - rest]
            partial[met] += self.impacts([term], met)[0]
            rest -= float(term.weight)
        return met


def summed(impacts: NDArray[np.float32]) -> NDArray[np.float32]:
    """`(slots,)`: the scores that these impacts make, term after term."""
    scores = np.zeros(impacts.shape[1], dtype=np.float32)
    for each in impacts:  # one after the other: numpy adds a single column up in another order
        scores += each
    return scores


def _places(chunks: NDArray[np.uint32], slots: Slots, begin: int) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """The ordinals of these slots in the segment that begins there, and where among `chunks` each would stand."""
    # Of the postings' own type, or they would be copied to the other's; a slot before `begin` is nowhere
    wanted = np.where(slots >= begin, slots - begin, _NOWHERE).astype(np.uint32)
    return wanted, np.minimum(np.searchsorted(chunks, wanted), len(chunks) - 1)


def _decoded(letters: NDArray[np.bytes_]) -> list[str]:
    return [each.decode("ascii") for each in letters.tolist()]


def _impact(weight: np.float32, frequencies: NDArray[np.uint16], norms: NDArray[np.float32]) -> NDArray[np.float32]:
    often = frequencies.astype(np.float32)
    return np.asarray(weight * often / (often + norms), dtype=np.float32)


def _kth(values: NDArray[np.float32], k: int) -> float:
    """The `k`-th highest value; 0 where there are fewer."""
    return float(np.partition(values, len(values) - k)[len(values) - k]) if len(values) >= k else 0.0

"""How well does each chunk match the words of a question? BM25 over inverted postings that are mapped, not loaded.

The weights are rank-bm25's own (Robertson & Zaragoza 2009 in the ATIRE form), with the non-negative idf of Lucene.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rank_bm25 import BM25Okapi

from retrieval.invert import ARRAYS

K1, B = 1.2, 0.75


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


class Postings:
    """The inverted index of one version: for each term the chunks that hold it, and how often."""

    def __init__(self, folder: Path) -> None:
        def load(name: str) -> Any:
            return np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)

        self._ids, self._lengths, self._words, self._word_ends, self._starts, self._chunks, self._frequencies = (
            load(name) for name in ARRAYS
        )
        total = float(np.sum(self._lengths, dtype=np.float64))
        self.statistics = Statistics.of(len(self._ids), total / max(1, len(self._ids)))
        average = self.statistics.avgdl or 1.0
        self._norms = (K1 * (1 - B + B * self._lengths.astype(np.float32) / average)).astype(np.float32)

    def __len__(self) -> int:
        return len(self._ids)

    def ids(self, ordinals: Iterable[int]) -> list[str]:
        """The chunk ids of these ordinals."""
        return [bytes(self._ids[ordinal]).decode("ascii") for ordinal in ordinals]

    def ordinals(self, ids: Sequence[str]) -> NDArray[np.int64]:
        """The ordinals of these chunk ids, -1 where there is none."""
        wanted = np.array([id.encode("ascii") for id in ids], dtype=self._ids.dtype)
        if not len(self._ids):
            return np.full(len(wanted), -1, dtype=np.int64)
        found = np.minimum(np.searchsorted(self._ids, wanted), len(self._ids) - 1)
        return np.where(self._ids[found] == wanted, found, -1).astype(np.int64)

    def idf(self, term: str) -> float:
        """How much a term tells apart; the highest value of all for a term that stands nowhere."""
        start, stop = self._range(term)
        return self.statistics.idf_of(stop - start)

    def scores(self, query_terms: Sequence[str]) -> NDArray[np.float32]:
        """`(chunks,)`: the BM25 score of every chunk, 0 where no term is shared. Repeated terms count again."""
        scores = np.zeros(len(self._ids), dtype=np.float32)
        for term, repeats in sorted(Counter(query_terms).items()):
            start, stop = self._range(term)
            if start == stop:
                continue
            chunks = self._chunks[start:stop]
            frequencies = self._frequencies[start:stop].astype(np.float32)
            weight = np.float32(repeats * self.statistics.idf_of(stop - start) * (K1 + 1))
            scores[chunks] += weight * frequencies / (frequencies + self._norms[chunks])
        return scores

    def _range(self, term: str) -> tuple[int, int]:
        """Where the term's postings stand; an empty range where there are none. Binary search over sorted words."""
        wanted = term.encode("utf-8")
        low, high = 0, len(self._word_ends)
        while low < high:
            middle = (low + high) // 2
            word = self._word(middle)
            if word == wanted:
                return int(self._starts[middle]), int(self._starts[middle + 1])
            low, high = (middle + 1, high) if word < wanted else (low, middle)
        return 0, 0

    def _word(self, index: int) -> bytes:
        start = int(self._word_ends[index - 1]) if index else 0
        return bytes(self._words[start : int(self._word_ends[index])])

"""What is one segment of postings? Arrays on the disk that never change: mapped, searched, and merged with others."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.lexical.sameness import RULES

KEYS = f"keys{RULES}.npy"
VECTORS = "vectors.f4"

# Of each chunk, in id order: its id, its document's key, its language, its length in terms. Of each term, in byte
# order: its letters, and where its postings begin.
_ARRAYS = ("ids", "documents", "languages", "lengths", "words", "word_ends", "starts")
_PLACES = 10_000
Found = tuple[NDArray[np.uint32], NDArray[np.uint16]]


class Segment:
    """Some chunks of a version, inverted; those that a later version took out are `gone`.

    `gone` are sorted ordinals. Nothing of them is given out, though their slots stay. `keys` are equal for chunks that
    say nearly the same, `vectors` are those of the chunks, to the bit as the engine stores them. Either is None where
    it was not written: an older Citewell did not, and vectors that a server keeps are not kept here too.
    """

    def __init__(self, folder: Path, gone: NDArray[np.uint32] | None = None) -> None:
        self.folder = folder
        self.ids, self.documents, self.languages, self.lengths, self._words, self._word_ends, self._starts = (
            np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)) for name in _ARRAYS
        )
        # Postings: the ordinals of the chunks that hold a term, and how often it stands in them
        self._chunks, self._frequencies = (
            mapped(folder / "chunks.u4", np.uint32),
            mapped(folder / "frequencies.u2", np.uint16),
        )
        self.keys: NDArray[np.uint64] | None = None
        if (folder / KEYS).is_file():
            self.keys = np.asarray(np.load(folder / KEYS, mmap_mode="r", allow_pickle=False))
        self.vectors: NDArray[np.float32] | None = None
        if len(self.ids) and (folder / VECTORS).is_file():
            self.vectors = mapped(folder / VECTORS, np.float32).reshape(len(self.ids), -1)
        self.gone = np.empty(0, np.uint32) if gone is None else gone
        self._here: NDArray[np.bool_] | None = None
        if len(self.gone):
            self._here = np.ones(len(self.ids), dtype=np.bool_)
            self._here[self.gone] = False
        if not int(self._starts[-1]) == len(self._chunks) == len(self._frequencies):
            raise ValueError(f"the postings in {folder} are not as many as their terms have")
        self._places: dict[bytes, tuple[int, int]] = {}  # of the terms that were asked for

    def __len__(self) -> int:
        """How many slots there are, those of chunks that are gone too."""
        return len(self.ids)

    @property
    def here(self) -> NDArray[np.bool_]:
        """`(slots,)`: which chunks are not gone."""
        return np.ones(len(self.ids), dtype=np.bool_) if self._here is None else self._here

    @property
    def size(self) -> int:
        """How many chunks are not gone."""
        return len(self.ids) - len(self.gone)

    def ordinals(self, ids: NDArray[np.bytes_]) -> NDArray[np.int64]:
        """The ordinals of these chunk ids, -1 where there is none or it is gone."""
        if not len(self.ids):
            return np.full(len(ids), -1, dtype=np.int64)
        found = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        there = self.ids[found] == ids
        if self._here is not None:
            there &= self._here[found]
        return np.where(there, found, -1).astype(np.int64)

    def postings(self, term: bytes) -> Found:
        """The chunks that hold a term, by their ordinals, and how often."""
        place = self._places.get(term)
        if place is None:
            place = self._search(term)
            if len(self._places) >= _PLACES:
                self._places.clear()
            self._places[term] = place  # not read again: another thread may clear them
        start, stop = place
        return self._without_gone(self._chunks[start:stop], self._frequencies[start:stop])

    def terms(self) -> Iterator[tuple[bytes, Found]]:
        """Each term with its postings, in byte order; terms that only chunks held which are gone are left out."""
        words, begin = bytes(self._words), 0
        for number, end in enumerate(self._word_ends.tolist()):
            start, stop = self._starts[number], self._starts[number + 1]
            found = self._without_gone(self._chunks[start:stop], self._frequencies[start:stop])
            if len(found[0]):
                yield words[begin:end], found
            begin = end

    def _without_gone(self, chunks: NDArray[np.uint32], frequencies: NDArray[np.uint16]) -> Found:
        if self._here is None:
            return chunks, frequencies
        kept = self._here[chunks]
        return chunks[kept], frequencies[kept]

    def _search(self, term: bytes) -> tuple[int, int]:
        """Where the term's postings stand; an empty range where there are none."""
        low, high = 0, len(self._word_ends)
        while low < high:
            middle = (low + high) // 2
            start = int(self._word_ends[middle - 1]) if middle else 0
            word = self._words[start : int(self._word_ends[middle])].tobytes()
            if word == term:
                return int(self._starts[middle]), int(self._starts[middle + 1])
            low, high = (middle + 1, high) if word < term else (low, middle)
        return 0, 0


def mapped(path: Path, kind: type[np.generic]) -> NDArray[Any]:
    """A file of numbers and nothing else, as an array; an empty one cannot be mapped."""
    # As an ordinary array, still mapped: NumPy's own class for maps costs a microsecond each time it is touched
    return np.asarray(np.memmap(path, dtype=kind, mode="r")) if path.stat().st_size else np.empty(0, dtype=kind)

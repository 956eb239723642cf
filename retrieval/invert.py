"""How are the postings of a version written, whatever the size of its text? In runs that fit, which are then merged."""

from __future__ import annotations

import heapq
import shutil
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

RUN = 16_000_000  # postings that are held at once, some 200 MB of them
ARRAYS = ("ids", "lengths", "words", "word_ends", "starts", "chunks", "frequencies")
_Found = tuple[NDArray[np.uint32], NDArray[np.uint16]]


def invert(chunks: Iterable[tuple[str, Sequence[str]]], folder: Path, *, run: int = RUN) -> None:
    """Writes the postings of `(chunk id, its terms)` pairs; the files are the same whatever the order of the pairs.

    What is held in memory at once is bounded by `run` postings, beside 36 bytes a chunk and the vocabulary.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ids, lengths, runs = bytearray(), array("I"), list[_Run]()
    held: dict[str, tuple[array[int], array[int]]] = {}
    postings = 0
    for ordinal, (id, terms) in enumerate(chunks):
        ids += id.encode("ascii")
        lengths.append(len(terms))
        for term, frequency in Counter(terms).items():
            where, often = held.setdefault(term, (array("I"), array("H")))
            where.append(ordinal)
            often.append(min(frequency, 65_535))
            postings += 1
        if postings >= run:
            runs.append(_spilled(held, folder / f"run{len(runs)}"))
            held, postings = {}, 0
    runs.append(_spilled(held, folder / f"run{len(runs)}"))
    named = np.frombuffer(bytes(ids), dtype="S32")
    order = np.argsort(named)
    rank = np.empty(len(named), dtype=np.uint32)
    rank[order] = np.arange(len(named), dtype=np.uint32)
    np.save(folder / "ids.npy", named[order])
    np.save(folder / "lengths.npy", np.frombuffer(lengths, dtype=np.uint32)[order])
    _merge(runs, rank, folder)
    for spilled in runs:
        shutil.rmtree(spilled.folder)


class _Run:
    """The postings of some of the chunks, sorted by term, on the disk."""

    def __init__(self, folder: Path, words: list[bytes], ends: list[int]) -> None:
        self.folder, self._words, self._ends = folder, words, ends
        self._where = np.memmap(folder / "where", dtype=np.uint32, mode="r") if words else np.empty(0, np.uint32)
        self._often = np.memmap(folder / "often", dtype=np.uint16, mode="r") if words else np.empty(0, np.uint16)

    def __len__(self) -> int:
        return len(self._where)

    def terms(self) -> Iterator[tuple[bytes, _Found]]:
        """Each term with its chunks and how often it stands in them."""
        start = 0
        for word, end in zip(self._words, self._ends, strict=True):
            yield word, (self._where[start:end], self._often[start:end])
            start = end


def _spilled(held: dict[str, tuple[array[int], array[int]]], folder: Path) -> _Run:
    folder.mkdir()
    vocabulary = sorted((term.encode("utf-8"), term) for term in held)
    ends, end = [], 0
    with (folder / "where").open("wb") as where, (folder / "often").open("wb") as often:
        for _, term in vocabulary:
            chunks, frequencies = held.pop(term)
            chunks.tofile(where)
            frequencies.tofile(often)
            end += len(chunks)
            ends.append(end)
    return _Run(folder, [word for word, _ in vocabulary], ends)


def _merge(runs: Sequence[_Run], rank: NDArray[np.uint32], folder: Path) -> None:
    """One run of all: terms in the order of their bytes, the chunks of each in the order of their ids."""
    size = sum(map(len, runs))
    chunks = _mapped(folder / "chunks.npy", np.uint32, size)
    frequencies = _mapped(folder / "frequencies.npy", np.uint16, size)
    words, word_ends, starts = bytearray(), array("q"), array("q", [0])
    position = 0
    merged = heapq.merge(*(run.terms() for run in runs), key=itemgetter(0))
    for word, found in groupby(merged, key=itemgetter(0)):
        where, often = zip(*(postings for _, postings in found), strict=True)
        numbers = rank[np.concatenate(where)]
        sorting = np.argsort(numbers)
        end = position + len(numbers)
        chunks[position:end] = numbers[sorting]
        frequencies[position:end] = np.concatenate(often)[sorting]
        words += word
        word_ends.append(len(words))
        starts.append(position := end)
    for mapped in (chunks, frequencies):
        if isinstance(mapped, np.memmap):
            mapped.flush()
    np.save(folder / "words.npy", np.frombuffer(bytes(words), dtype=np.uint8))
    np.save(folder / "word_ends.npy", np.frombuffer(word_ends, dtype=np.int64))
    np.save(folder / "starts.npy", np.frombuffer(starts, dtype=np.int64))


def _mapped(path: Path, kind: type[np.generic], size: int) -> NDArray[np.generic]:
    """An array on the disk; an empty one cannot be mapped."""
    if size == 0:
        np.save(path, np.empty(0, dtype=kind))
        return np.empty(0, dtype=kind)
    return np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=(size,))

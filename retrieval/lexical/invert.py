"""How is a segment of postings written, whatever the size of its text? In runs that fit, which are then merged."""

from __future__ import annotations

import hashlib
import heapq
import shutil
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.lexical.segment import KEYS, VECTORS, Found, Segment, mapped

RUN = 16_000_000  # postings that are held at once, some 200 MB of them
_ROWS = 4_096  # vectors, likewise


@dataclass(frozen=True, slots=True)
class Entry:
    """One chunk as the index of words sees it; what stands `beside` its terms is found and does not make it longer.

    `key` is equal for what says nearly the same; `vector` is the one that the engine stores, of all entries or of none.
    """

    id: str
    document: str
    language: str
    terms: Sequence[str]
    beside: Sequence[str] = ()
    key: int = 0
    vector: NDArray[np.float32] | None = None


def document_key(name: str) -> int:
    """64 bits that stand for a document's name beside each of its chunks."""
    return int.from_bytes(hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def document_keys(names: Iterable[str]) -> NDArray[np.uint64]:
    """The keys of several documents."""
    return np.array([document_key(name) for name in names], dtype=np.uint64)


def invert(entries: Iterable[Entry], folder: Path, *, run: int = RUN) -> None:
    """Writes a segment; the files are the same whatever the order of the entries.

    What is held in memory at once is bounded by `run` postings, beside 50 bytes a chunk and the vocabulary.
    """
    folder.mkdir(parents=True)
    ids, documents, languages, lengths, keys = bytearray(), array("Q"), bytearray(), array("I"), array("Q")
    held: dict[str, tuple[array[int], array[int]]] = {}
    runs: list[_Run] = []
    postings = 0
    with (folder / "unsorted").open("wb") as vectors:
        for ordinal, entry in enumerate(entries):
            ids += entry.id.encode("ascii")
            documents.append(document_key(entry.document))
            languages += entry.language.encode("ascii").ljust(2, b"\0")[:2]
            lengths.append(len(entry.terms))
            keys.append(entry.key)
            if entry.vector is not None:
                vectors.write(entry.vector.tobytes())
            for term, frequency in Counter(chain(entry.terms, entry.beside)).items():
                where, often = held.setdefault(term, (array("I"), array("H")))
                where.append(ordinal)
                often.append(min(frequency, 65_535))
                postings += 1
            if postings >= run:
                runs.append(_spilled(held, folder / f"run{len(runs)}"))
                held, postings = {}, 0
    runs.append(_spilled(held, folder / f"run{len(runs)}"))
    columns = {
        "ids.npy": np.frombuffer(bytes(ids), dtype="S32"),
        "documents.npy": np.frombuffer(documents, dtype=np.uint64),
        "languages.npy": np.frombuffer(bytes(languages), dtype="S2"),
        "lengths.npy": np.frombuffer(lengths, dtype=np.uint32),
        KEYS: np.frombuffer(keys, dtype=np.uint64),
    }
    order = _write_chunks(folder, columns)
    if len(unsorted := mapped(folder / "unsorted", np.float32)):
        _write_vectors(folder, [unsorted.reshape(len(order), -1)], order)
    (folder / "unsorted").unlink()
    rank = _places(order)
    _merge([_renumbered(spilled.terms(), rank) for spilled in runs], folder)
    for spilled in runs:
        shutil.rmtree(spilled.folder)


def merge(segments: Sequence[Segment], folder: Path) -> None:
    """Writes what is not gone of several segments as one: the files that `invert` would have written of it."""
    folder.mkdir(parents=True)
    kept = [np.flatnonzero(segment.here) for segment in segments]
    names = {"ids.npy": "ids", "documents.npy": "documents", "languages.npy": "languages", "lengths.npy": "lengths"}
    if all(segment.keys is not None for segment in segments):
        names[KEYS] = "keys"
    columns = {
        file: np.concatenate([getattr(segment, name)[here] for segment, here in zip(segments, kept, strict=True)])
        for file, name in names.items()
    }
    order = _write_chunks(folder, columns)
    begins = np.cumsum([0, *map(len, segments)])
    vectors = [segment.vectors for segment in segments if segment.vectors is not None]
    if len(vectors) == len(segments) and len(order):
        rows = np.concatenate([here + begin for here, begin in zip(kept, begins, strict=False)])
        _write_vectors(folder, vectors, rows[order])
    rank = _places(order)
    runs, begin = [], 0
    for segment, here in zip(segments, kept, strict=True):
        numbers = np.zeros(len(segment), dtype=np.uint32)
        numbers[here] = rank[begin : begin + len(here)]
        runs.append(_renumbered(segment.terms(), numbers))
        begin += len(here)
    _merge(runs, folder)


class _Run:
    """The postings of some of the chunks, sorted by term, on the disk."""

    def __init__(self, folder: Path, words: list[bytes], ends: list[int]) -> None:
        self.folder, self._words, self._ends = folder, words, ends
        self._where, self._often = mapped(folder / "where", np.uint32), mapped(folder / "often", np.uint16)

    def terms(self) -> Iterator[tuple[bytes, Found]]:
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


def _write_chunks(folder: Path, columns: Mapping[str, NDArray[Any]]) -> NDArray[np.intp]:
    """Writes what is known of each chunk in the order of their ids, which it gives."""
    order = np.argsort(columns["ids.npy"])
    for file, values in columns.items():
        np.save(folder / file, values[order])
    return order


def _write_vectors(folder: Path, parts: Sequence[NDArray[np.float32]], rows: NDArray[np.intp]) -> None:
    """Writes these rows of the parts, which count on from one to the next; a few thousand are held at once."""
    begins = np.cumsum([0, *map(len, parts)])
    with (folder / VECTORS).open("wb") as stream:
        for start in range(0, len(rows), _ROWS):
            block = rows[start : start + _ROWS]
            held = np.empty((len(block), parts[0].shape[1]), dtype=np.float32)
            for part, begin in zip(parts, begins, strict=False):
                within = (block >= begin) & (block < begin + len(part))
                held[within] = part[block[within] - begin]
            stream.write(held.tobytes())


def _places(order: NDArray[np.intp]) -> NDArray[np.uint32]:
    """The place of each in this order."""
    rank = np.empty(len(order), dtype=np.uint32)
    rank[order] = np.arange(len(order), dtype=np.uint32)
    return rank


def _renumbered(terms: Iterator[tuple[bytes, Found]], numbers: NDArray[np.uint32]) -> Iterator[tuple[bytes, Found]]:
    for word, (chunks, frequencies) in terms:
        yield word, (numbers[chunks], frequencies)


def _merge(runs: Sequence[Iterator[tuple[bytes, Found]]], folder: Path) -> None:
    """One run of all: terms in byte order, the chunks of each in ascending order.

    Postings are written as they come, not into a map: where the disk is full, that is an error and no crash.
    """
    words, word_ends, starts = bytearray(), array("q"), array("q", [0])
    with (folder / "chunks.u4").open("wb") as chunks, (folder / "frequencies.u2").open("wb") as frequencies:
        for word, found in groupby(heapq.merge(*runs, key=itemgetter(0)), key=itemgetter(0)):
            parts = [postings for _, postings in found]
            where, often = parts[0] if len(parts) == 1 else map(np.concatenate, zip(*parts, strict=True))
            order = np.argsort(where)
            chunks.write(where[order].tobytes())
            frequencies.write(often[order].tobytes())
            words += word
            word_ends.append(len(words))
            starts.append(starts[-1] + len(where))
    np.save(folder / "words.npy", np.frombuffer(bytes(words), dtype=np.uint8))
    np.save(folder / "word_ends.npy", np.frombuffer(word_ends, dtype=np.int64))
    np.save(folder / "starts.npy", np.frombuffer(starts, dtype=np.int64))

"""What does a search return, and what does it need from its parts?"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ingest.model import Chunk

Mode = Literal["hybrid", "dense", "lexical"]
Vectors = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scope:
    """Which documents a search may see: those that carry every label and every metadata value named.

    A scope is only ever narrowed, and both legs apply it before they rank.
    """

    labels: frozenset[str] = frozenset()
    metadata: Mapping[str, str] = field(default_factory=dict)

    def narrowed(self, *, labels: frozenset[str] = frozenset(), metadata: Mapping[str, str] | None = None) -> Scope:
        """The part of this scope that also carries these; a value that contradicts an earlier one leaves nothing."""
        merged = dict(self.metadata)
        for key, value in (metadata or {}).items():
            merged[key] = value if merged.get(key, value) == value else "\0nothing"
        return Scope(self.labels | labels, merged)

    def admits(self, labels: frozenset[str], metadata: Mapping[str, str]) -> bool:
        """Whether a document with these labels and this metadata lies within."""
        return self.labels <= labels and all(metadata.get(key) == value for key, value in self.metadata.items())

    @property
    def is_everything(self) -> bool:
        """No condition at all."""
        return not self.labels and not self.metadata


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that a search returned, with what each stage said of it.

    `score` orders this one list and is never compared across questions. `dense` is the cosine, `lexical` the BM25
    score, each known for every candidate of either leg; None where that leg was not asked. `probability` is the
    calibrated probability of being relevant, None until calibrated.
    """

    chunk: Chunk
    score: float
    dense: float | None = None
    lexical: float | None = None
    probability: float | None = None

    def with_score(self, score: float) -> Hit:
        """The same hit, scored anew."""
        return replace(self, score=score)


class Search(Protocol):
    """Anything that ranks chunks for a question."""

    def __call__(self, query: str, *, k: int = 10, scope: Scope = EVERYTHING, mode: Mode = "hybrid") -> list[Hit]: ...


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """What made a vector: two encoders with the same identity give the same bits on one kind of processor."""

    model: str
    weights: str
    dimensions: int
    window: int
    dtype: str
    shapes: str


class Encoder(Protocol):
    """Text to unit vectors."""

    @property
    def identity(self) -> EncoderIdentity: ...

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """The span of each of the encoder's own tokens in `text`, without special tokens, uncut."""
        ...

    def encode(self, texts: Sequence[str], tick: Callable[[int], None] = lambda _: None) -> Vectors:
        """`(len(texts), dimensions)`, float32, each row a function of its text alone; `tick` is told of rows done."""
        ...

    def encode_query(self, text: str) -> Vectors:
        """`(dimensions,)`, float32."""
        ...


class VectorStore(Protocol):
    """Vectors by chunk id, with what a scope can ask of them. Immutable once its version is built."""

    def upsert(self, points: Sequence[Point]) -> None: ...

    def delete(self, ids: Sequence[str]) -> None: ...

    def search(self, vector: Vectors, *, k: int, scope: Scope) -> list[tuple[str, float]]:
        """The `k` nearest ids with their cosines, best first; equal cosines in id order."""
        ...

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The stored unit vectors of those ids that exist."""
        ...

    def count(self) -> int: ...

    def flush(self) -> None: ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Point:
    """One vector and what a scope may filter it by."""

    id: str
    vector: Vectors
    labels: tuple[str, ...]
    metadata: Mapping[str, str]

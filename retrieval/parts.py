"""What does a search need from its parts?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from ingest.model import Metadata, digest
from retrieval.model import Scope

if TYPE_CHECKING:  # what only names types needs no library
    import numpy as np
    from numpy.typing import NDArray

Vectors: TypeAlias = "NDArray[np.float32]"


class Calibration(Protocol):
    """How likely hits are to be relevant, by their signals (`retrieval.search.signals`)."""

    @property
    def withhold(self) -> float:
        """The probability below which a hit is not worth showing to whoever answers."""
        ...

    @property
    def abstain(self) -> float:
        """The probability below which even the best hit is no reason to answer, for whoever only quotes."""
        ...

    @property
    def digest(self) -> str:
        """Names it, for the record of a run."""
        ...

    @property
    def is_of_this_corpus(self) -> bool:
        """Whether gold of the corpus at hand bears the probabilities out."""
        ...

    def __call__(self, signals: NDArray[np.float64]) -> NDArray[np.float64]:
        """`(hits,)`, 0 to 1, of `(hits, signals)`."""
        ...


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """What made a vector: two encoders with the same identity give the same bits on one kind of processor.

    But for rounding, where one has an fp32 export and the other could not make it.
    """

    model: str
    weights: str
    dimensions: int
    window: int
    dtype: str
    shapes: str
    query_prefix: str = ""
    document_prefix: str = ""


def key_of(identity: EncoderIdentity) -> str:
    """What an encoder is known by: its weights, and what stands before the texts, if something does."""
    prefixes = identity.query_prefix, identity.document_prefix
    return digest(identity.weights, *prefixes) if any(prefixes) else identity.weights


OnMade = Callable[[Sequence[int], Vectors], None]


class Encoder(Protocol):
    """Text to unit vectors."""

    @property
    def identity(self) -> EncoderIdentity: ...

    @property
    def languages(self) -> frozenset[str] | None:
        """The ISO 639-1 codes of the languages that it knows; None if it may know any."""
        ...

    def export(self) -> str | None:
        """The hash of what may encode questions in its place, made if it is not there; None if there is none.

        To be called before documents are encoded, which that may make faster.
        """
        ...

    def offsets(self, text: str) -> Sequence[tuple[int, int]]:
        """The span of each of the encoder's own tokens in `text`, without special tokens, uncut."""
        ...

    def encode(self, texts: Sequence[str], made: OnMade = lambda *_: None) -> Vectors:
        """`(len(texts), dimensions)`, float32, each row a function of its text alone.

        `made` is given rows and their vectors as soon as they are there, each row once.
        """
        ...

    def encode_query(self, text: str, export: str | None = None) -> Vectors:
        """`(dimensions,)`, float32; by the export with this hash, which a version names, where that is at hand."""
        ...

    def encode_queries(self, texts: Sequence[str], *, as_documents: bool = False, export: str | None = None) -> Vectors:
        """`(len(texts), dimensions)`, float32: several texts by the way that a question takes, to be compared with one.

        `as_documents` sets the documents' prefix before them, where the encoder has prefixes.
        """
        ...


class VectorStore(Protocol):
    """Vectors by chunk id, with what a scope can ask of them. Immutable once its version is built."""

    def upsert(self, points: Sequence[Point]) -> None: ...

    def delete(self, ids: Sequence[str]) -> None: ...

    def search(self, vector: Vectors, *, k: int, scope: Scope) -> list[tuple[str, float]]:
        """The `k` nearest ids with their cosines, best first; equal cosines in id order."""
        ...

    def cosines(self, vector: Vectors, ids: Sequence[str]) -> dict[str, float]:
        """The cosines of those ids that exist, as `search` gives them."""
        ...

    def vectors(self, ids: Sequence[str]) -> dict[str, Vectors]:
        """The stored unit vectors of those ids that exist."""
        ...

    def points(self) -> Iterator[Sequence[Point]]:
        """Every point, in parts of a few hundred, in id order."""
        ...

    def count(self) -> int: ...

    def flush(self) -> None:
        """Makes what was written durable."""
        ...

    def close(self) -> None: ...


class Engine(Protocol):
    """What keeps vectors: it makes, opens and copies stores, each of which a folder of its version stands for."""

    def create(self, folder: Path, dimensions: int) -> VectorStore:
        """A new, empty store for a folder that does not exist yet."""
        ...

    def open(self, folder: Path) -> VectorStore:
        """The finished store of a folder."""
        ...

    def copy(self, parent: Path, folder: Path) -> VectorStore:
        """A new store that begins with all points of another, which it leaves as it is."""
        ...

    def publish(self, folder: Path) -> None:
        """Tells whoever looks at the engine from outside that this folder's store is the live one."""
        ...

    def drop(self, folder: Path) -> bool:
        """Removes what a folder stands for; whether it is gone now, or was never this engine's to keep."""
        ...


@dataclass(frozen=True, slots=True)
class Point:
    """One vector and what a scope may filter it by."""

    id: str
    vector: Vectors
    labels: tuple[str, ...]
    metadata: Metadata

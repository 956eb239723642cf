"""What does a search return, and what does it need from its parts?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias

from ingest.model import Chunk, Metadata, items

Mode = Literal["hybrid", "dense", "lexical"]
LEGS: tuple[Mode, Mode] = ("dense", "lexical")
if TYPE_CHECKING:  # what only names types needs no library
    import numpy as np
    from numpy.typing import NDArray

Vectors: TypeAlias = "NDArray[np.float32]"


Wanted = str | frozenset[str]  # a value of metadata, or any one of some


@dataclass(frozen=True, slots=True)
class Scope:
    """Which documents a search may see: those that carry every label and every metadata value named.

    A document's list carries each of its items. In a scope a tuple asks for all of its values, a set for any of them.

    A scope is only ever narrowed, and both legs apply it before they rank.
    """

    labels: frozenset[str] = frozenset()
    metadata: Mapping[str, Wanted | tuple[Wanted, ...]] = field(default_factory=dict)

    def narrowed(
        self, *, labels: frozenset[str] = frozenset(), metadata: Mapping[str, Wanted | tuple[Wanted, ...]] | None = None
    ) -> Scope:
        """The part of this scope that also carries these."""
        merged = dict(self.metadata)
        for key, value in (metadata or {}).items():
            merged[key] = (*_each(merged[key]), *_each(value)) if key in merged else value
        return Scope(self.labels | labels, merged)

    def admits(self, labels: frozenset[str], metadata: Metadata) -> bool:
        """Whether a document with these labels and this metadata lies within."""
        return self.labels <= labels and all(
            not set(values).isdisjoint(items(metadata.get(key, ()))) for key, values in self.conditions()
        )

    def conditions(self) -> list[tuple[str, list[str]]]:
        """Of each key, the values of which a document must carry one; a key may come several times."""
        return [
            (key, [one] if isinstance(one, str) else sorted(one))
            for key, value in sorted(self.metadata.items())
            for one in _each(value)
        ]

    def fields(self) -> dict[str, str | list[list[str]]]:
        """The metadata as JSON: a value, or lists of values of which a document must carry one each."""
        return {
            key: value if isinstance(value, str) else [values for name, values in self.conditions() if name == key]
            for key, value in self.metadata.items()
        }

    @property
    def is_everything(self) -> bool:
        """No condition at all."""
        return not self.labels and not self.metadata


def _each(value: Wanted | tuple[Wanted, ...]) -> tuple[Wanted, ...]:
    return value if isinstance(value, tuple) else (value,)


EVERYTHING = Scope()


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that a search returned, with what each stage said of it.

    `score` orders this one list and is never compared across questions. `dense` is the cosine, `lexical` the BM25
    score, each known for every candidate of either leg; None where that leg was not asked. `reranked` is the
    cross-encoder's score, None without one. `probability` is the calibrated probability of being relevant, None until
    calibrated. `duplicates` names the documents whose nearly equal passages are shown as this one; if it stands for a
    better one inside an archive, `score` is that one's.
    """

    chunk: Chunk
    score: float
    dense: float | None = None
    lexical: float | None = None
    reranked: float | None = None
    probability: float | None = None
    duplicates: tuple[str, ...] = ()

    def with_score(self, score: float) -> Hit:
        """The same hit, scored anew."""
        return replace(self, score=score)


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


class Search(Protocol):
    """Anything that ranks chunks for a question."""

    def __call__(self, query: str, *, k: int = 10, scope: Scope = EVERYTHING, mode: Mode = "hybrid") -> list[Hit]: ...


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

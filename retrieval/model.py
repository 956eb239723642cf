"""What is a search asked for, within which scope, and what does it return?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from ingest.model import Chunk, Metadata, items

Mode = Literal["hybrid", "dense", "lexical"]
LEGS: tuple[Mode, Mode] = ("dense", "lexical")


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


class Search(Protocol):
    """Anything that ranks chunks for a question."""

    def __call__(self, query: str, *, k: int = 10, scope: Scope = EVERYTHING, mode: Mode = "hybrid") -> list[Hit]: ...

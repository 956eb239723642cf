"""What is a search asked for, within which scope, and what does it return?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Literal, Protocol

from ingest.model import Chunk, Metadata, items

Mode = Literal["hybrid", "dense", "lexical"]
LEGS: tuple[Mode, Mode] = ("dense", "lexical")
SIGNS = (">=", ">", "<=", "<")


@dataclass(frozen=True, slots=True)
class Range:
    """Values of metadata between bounds, each a date or a number, or none: `Range(at_least="2024-01-01")`.

    A date may be a year, a month or a quarter, which begins with its first day and ends with its last.
    """

    at_least: Bound | None = None
    above: Bound | None = None
    at_most: Bound | None = None
    below: Bound | None = None

    def bounds(self) -> list[tuple[str, str]]:
        """The bounds that are there, each with its sign."""
        signs = zip(SIGNS, (self.at_least, self.above, self.at_most, self.below), strict=True)
        return [(sign, str(bound)) for sign, bound in signs if bound is not None]


Bound = str | float | date
Wanted = str | frozenset[str] | Range  # a value of metadata, any one of some, or any within bounds


@dataclass(frozen=True, slots=True)
class Scope:
    """Which documents a search may see: those that carry every label and every metadata value named.

    A document's list carries each of its items. In a scope a tuple asks for all of its values, a set for any of them,
    a range for any value within it, which `IndexVersion.resolved` turns into a set of those that there are. What lies
    `within` carries no other label than these, or none; `without` are those of a version that it must not carry then,
    as `resolved` finds them.

    A scope is only ever narrowed, and both legs apply it before they rank.
    """

    labels: frozenset[str] = frozenset()
    metadata: Mapping[str, Wanted | tuple[Wanted, ...]] = field(default_factory=dict)
    within: frozenset[str] | None = None
    without: frozenset[str] = frozenset()

    def narrowed(
        self,
        *,
        labels: frozenset[str] = frozenset(),
        metadata: Mapping[str, Wanted | tuple[Wanted, ...]] | None = None,
        within: frozenset[str] | None = None,
    ) -> Scope:
        """The part of this scope that also carries these, and lies `within` these labels too."""
        merged = dict(self.metadata)
        for key, value in (metadata or {}).items():
            merged[key] = (*_each(merged[key]), *_each(value)) if key in merged else value
        bounds = [each for each in (self.within, within) if each is not None]
        both = frozenset.intersection(*bounds) if bounds else None
        return Scope(self.labels | labels, merged, both, self.without)

    def admits(self, labels: frozenset[str], metadata: Metadata) -> bool:
        """Whether a document with these labels and this metadata lies within."""
        return (
            self.labels <= labels
            and (self.within is None or labels <= self.within)
            and all(not set(values).isdisjoint(items(metadata.get(key, ()))) for key, values in self.conditions())
        )

    def conditions(self) -> list[tuple[str, list[str]]]:
        """Of each key, the values of which a document must carry one; a key may come several times."""
        return [(key, _any_of(one)) for key, value in sorted(self.metadata.items()) for one in _each(value)]

    def fields(self) -> dict[str, str | list[list[str] | dict[str, str]]]:
        """The metadata as JSON: a value; or lists of values of which a document must carry one each, and bounds."""
        return {
            key: value
            if isinstance(value, str)
            else [dict(one.bounds()) if isinstance(one, Range) else _any_of(one) for one in _each(value)]
            for key, value in self.metadata.items()
        }

    @classmethod
    def of(cls, labels: Iterable[str], fields: Mapping[str, Any]) -> Scope:
        """The scope whose labels and `fields` these are."""
        return cls(frozenset(labels), {key: _wanted(value) for key, value in fields.items()})

    def with_values(self, values: Callable[[str, Range], frozenset[str]]) -> Scope:
        """The same scope with `values` of a key in the place of each of its ranges."""
        put = {
            key: tuple(values(key, one) if isinstance(one, Range) else one for one in _each(value))
            for key, value in self.metadata.items()
        }
        return replace(self, metadata=put)

    @property
    def has_ranges(self) -> bool:
        """Whether a range is among what it asks for."""
        return any(isinstance(one, Range) for value in self.metadata.values() for one in _each(value))

    @property
    def is_everything(self) -> bool:
        """No condition at all."""
        return not self.labels and not self.metadata and self.within is None


def _each(value: Wanted | tuple[Wanted, ...]) -> tuple[Wanted, ...]:
    return value if isinstance(value, tuple) else (value,)


def _wanted(field: Any) -> Wanted | tuple[Wanted, ...]:
    if isinstance(field, str):
        return field
    names = {sign: name for name, sign in zip(("at_least", "above", "at_most", "below"), SIGNS, strict=True)}
    return tuple(
        Range(**{names[sign]: bound for sign, bound in one.items()}) if isinstance(one, Mapping) else frozenset(one)
        for one in field
    )


def _any_of(wanted: Wanted) -> list[str]:
    if isinstance(wanted, Range):
        raise TypeError("a range stands for the values of one index version, which resolves it")
    return [wanted] if isinstance(wanted, str) else sorted(wanted)


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


@dataclass(frozen=True, slots=True)
class Listed:
    """What is known of a document besides its text; `pages` counts them, where its format has any."""

    name: str
    title: str = ""
    metadata: Metadata = field(default_factory=dict)
    labels: frozenset[str] = frozenset()
    pages: int = 0


class Search(Protocol):
    """Anything that ranks chunks for a question."""

    def __call__(self, query: str, *, k: int = 10, scope: Scope = EVERYTHING, mode: Mode = "hybrid") -> list[Hit]: ...

"""Which questions are asked of an index version, and which documents answer them?

How gold is read from files is `eval.gold.load`'s question; where the answers stand in one index version is
`eval.gold.resolve`'s.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar, Literal, Protocol

from ingest.errors import CitewellError
from ingest.model import Chunk, digest

Kind = Literal["citewell", "qrels"]

TAG = "citewell"
"""What marks a line whose names may be escaped: the tag of a run, and the second field of qrels, which nobody reads."""


class BadGold(CitewellError):
    """A gold file that cannot be used as it is; the message names the file, the line and the remedy."""

    code: ClassVar[str] = "bad_gold"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 422


class Corpus(Protocol):
    """What evaluation needs of an index version besides its search."""

    def names(self) -> Sequence[str]:
        """The names of all documents."""
        ...

    def text(self, name: str) -> str | None:
        """A document's full stored text; None where the version does not hold it."""
        ...

    def sample(self, n: int, *, seed: int) -> list[Chunk]:
        """`n` chunks without repetition, all of them where there are fewer; the same ones for the same seed."""
        ...


@dataclass(frozen=True, slots=True)
class Relevant:
    """A document that answers a query, and where in it: a span, a quote, or (neither) anywhere.

    In gold from qrels `document` is the bare id. `grade` is the gain of nDCG, at least 1.
    """

    document: str
    start: int | None = None
    end: int | None = None
    quote: str | None = None
    grade: int = 1


@dataclass(frozen=True, slots=True)
class GoldQuery:
    """A question and what answers it. `answerable` is false where the corpus holds no answer.

    `irrelevant` names documents that were looked at and found not to answer it; of all others nobody said anything.
    """

    id: str
    question: str
    relevant: tuple[Relevant, ...] = ()
    answers: tuple[str, ...] = ()
    answerable: bool = True
    tags: tuple[str, ...] = ()
    irrelevant: tuple[str, ...] = ()

    @property
    def grades(self) -> dict[str, int]:
        """The gain of each document that answers it, as gold names it."""
        grades: dict[str, int] = {}
        for relevant in self.relevant:
            grades[relevant.document] = max(relevant.grade, grades.get(relevant.document, 0))
        return grades


@dataclass(frozen=True, slots=True)
class Gold:
    """Queries in the order of their file. `digest` depends on what they say, not on any order or layout."""

    queries: tuple[GoldQuery, ...]
    kind: Kind
    digest: str

    @classmethod
    def of(cls, queries: Sequence[GoldQuery], kind: Kind = "citewell") -> Gold:
        """Gold of these queries, with its digest."""
        return cls(tuple(queries), kind, digest(kind, *sorted(map(_said, queries))))


def _said(query: GoldQuery) -> str:
    """A query as text, the same in whatever order it lists its documents and tags."""
    fields = asdict(query)
    for name in ("relevant", "irrelevant", "tags"):
        fields[name] = sorted(fields[name], key=lambda each: json.dumps(each, sort_keys=True))
    return json.dumps(fields, sort_keys=True)

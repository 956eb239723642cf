"""Which questions are asked of an index version, and which documents answer them?

Two forms are read: Citewell's own (one JSON object a line) and a BEIR folder (`queries.jsonl`, `qrels/test.tsv`;
Thakur et al. 2021). Where the answers stand in one index version is the next question: `eval.resolve`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from ingest.model import Chunk, CitewellError, digest

Kind = Literal["citewell", "beir"]


class BadGold(CitewellError):
    """A gold file that cannot be used as it is; the message names the file, the line and the remedy."""

    code: ClassVar[str] = "bad_gold"


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

    In BEIR gold `document` is the bare `_id`. `grade` is the gain of nDCG, at least 1.
    """

    document: str
    start: int | None = None
    end: int | None = None
    quote: str | None = None
    grade: int = 1


@dataclass(frozen=True, slots=True)
class GoldQuery:
    """A question and what answers it. `answerable` is false where the corpus holds no answer."""

    id: str
    question: str
    relevant: tuple[Relevant, ...] = ()
    answers: tuple[str, ...] = ()
    answerable: bool = True
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Gold:
    """Queries in the order of their file. `digest` depends on what they say, not on order or layout."""

    queries: tuple[GoldQuery, ...]
    kind: Kind
    digest: str


def load_gold(path: str | Path) -> Gold:
    """The gold in a Citewell `.jsonl` file or a BEIR folder; raises `BadGold`."""
    path = Path(path)
    queries: tuple[GoldQuery, ...]
    kind: Kind
    if path.is_dir():
        kind, queries = "beir", _beir(path)
    else:
        kind, queries = "citewell", _citewell(path)
    if not queries:
        raise BadGold(f"{path} holds no queries: write at least one line as the guide's gold file page shows.")
    said = sorted(json.dumps(asdict(query), sort_keys=True) for query in queries)
    return Gold(queries, kind, digest(kind, *said))


class _RelevantLine(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    document: str = Field(min_length=1)
    start: int | None = Field(default=None, ge=0)
    end: int | None = None
    quote: str | None = None
    grade: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _one_place(self) -> _RelevantLine:
        if (self.start is None) != (self.end is None):
            raise ValueError("give both start and end, or neither")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError("end must be greater than start")
        if self.quote is not None and self.start is not None:
            raise ValueError("give a quote or a span, not both")
        if self.quote is not None and not self.quote.strip():
            raise ValueError("the quote is empty: copy the words from the document, or leave it out")
        return self


class _QueryLine(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    relevant: list[_RelevantLine] = []
    answers: list[str] = []
    answerable: bool = True
    tags: list[str] = []

    @model_validator(mode="after")
    def _answer_or_none(self) -> _QueryLine:
        if not self.question.strip():
            raise ValueError("the question is empty")
        if self.answerable and not self.relevant:
            raise ValueError('"relevant" is empty: name a document, or set "answerable" to false')
        if not self.answerable and self.relevant:
            raise ValueError('"answerable" is false but "relevant" names a document: keep one of the two')
        return self


def _citewell(path: Path) -> tuple[GoldQuery, ...]:
    queries: dict[str, GoldQuery] = {}
    lines: dict[str, int] = {}
    for number, record in _records(path):
        if "_id" in record and "id" not in record:
            raise BadGold(f"{path}, line {number}: this is a BEIR record; give the folder that holds it instead.")
        try:
            line = _QueryLine.model_validate(record)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            said = first["msg"].removeprefix("Value error, ")
            raise BadGold(f"{path}, line {number}: {f'{where}: ' if where else ''}{said}; correct the line.") from None
        if line.id in queries:
            raise BadGold(
                f"{path}, line {number}: the id {line.id!r} is already used in line {lines[line.id]}; "
                "give each query an id of its own."
            )
        lines[line.id] = number
        queries[line.id] = GoldQuery(
            id=line.id,
            question=line.question,
            relevant=tuple(Relevant(**relevant.model_dump()) for relevant in line.relevant),
            answers=tuple(line.answers),
            answerable=line.answerable,
            tags=tuple(line.tags),
        )
    return tuple(queries.values())


def _beir(folder: Path) -> tuple[GoldQuery, ...]:
    """The judged queries; those to which no document was judged relevant are unanswerable."""
    judged = _qrels(folder / "qrels" / "test.tsv")
    path = folder / "queries.jsonl"
    questions: dict[str, str] = {}
    for number, record in _records(path):
        query, text = record.get("_id"), record.get("text")
        if not isinstance(query, str) or not isinstance(text, str) or not text.strip():
            raise BadGold(f'{path}, line {number}: give "_id" and "text" as strings that are not empty.')
        if query in questions:
            raise BadGold(f"{path}, line {number}: the _id {query!r} is used twice; give each query an id of its own.")
        questions[query] = text
    for query in judged:
        if query not in questions:
            raise BadGold(f"{folder}: qrels/test.tsv judges query {query!r}, which queries.jsonl lacks; add it there.")
    return tuple(_beir_query(query, text, judged[query]) for query, text in questions.items() if query in judged)


def _beir_query(query: str, question: str, grades: Mapping[str, int]) -> GoldQuery:
    relevant = tuple(Relevant(document, grade=grade) for document, grade in grades.items() if grade > 0)
    return GoldQuery(query, question, relevant, answerable=bool(relevant))


def _qrels(path: Path) -> dict[str, dict[str, int]]:
    """Query id → document id → grade."""
    judged: dict[str, dict[str, int]] = {}
    for number, line in _lines(path):
        fields = [field.strip() for field in line.split("\t")]
        if number == 1 and fields[0] == "query-id":
            continue
        try:
            query, document, grade = fields[0], fields[1], int(fields[2])
        except (IndexError, ValueError):
            raise BadGold(
                f"{path}, line {number}: expected query-id, corpus-id and a whole number, separated by tabs; "
                "correct the line."
            ) from None
        if judged.setdefault(query, {}).setdefault(document, grade) != grade:
            raise BadGold(f"{path}, line {number}: query {query!r} grades {document!r} twice; keep one of the two.")
    return judged


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in _lines(path):
        try:
            record = json.loads(line)
        except json.JSONDecodeError as error:
            raise BadGold(f"{path}, line {number}: not valid JSON ({error}); correct the line.") from None
        if not isinstance(record, dict):
            raise BadGold(f"{path}, line {number}: not a JSON object; write one object a line.")
        yield number, record


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadGold(
            f"{path} cannot be read ({error.strerror}): give a Citewell .jsonl file, "
            "or a BEIR folder with queries.jsonl and qrels/test.tsv."
        ) from None
    except UnicodeDecodeError:
        raise BadGold(f"{path} is not UTF-8 text: save it as UTF-8.") from None
    # Not splitlines: a JSON string may hold U+2028 and its like as they are.
    yield from ((number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip())

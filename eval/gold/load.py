"""How is gold read? Citewell's own form, a BEIR folder, or the qrels of BEIR and TREC, each with errors that say where.

Citewell's form is one JSON object a line. BEIR (Thakur et al. 2021) has `queries.jsonl` and, in `qrels/`, tables with
tabs and a heading; TREC has lines of `query 0 document grade`, with the questions in a file beside them. What people
have is often between the two (MS MARCO's four columns with tabs, other headings, grades like `1.0`), and is read too.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pydantic import BaseModel, ConfigDict, Field, model_validator

from eval.gold.gold import TAG, BadGold, Gold, GoldQuery, Kind, Relevant
from eval.gold.lines import lines, parsed, records

_FORMS = "a Citewell .jsonl file, or a BEIR folder with queries.jsonl and qrels/test.tsv"
_QUERIES = ("queries.jsonl", "queries.tsv")
_PLACES = {3: (0, 1, 2), 4: (0, 2, 3)}  # of query, document and grade, by the number of columns
_HEADINGS = (  # letters alone, of those three
    {"query", "queryid", "qid", "topic", "topicid", "q", "question", "questionid"},
    {
        *("corpus", "corpusid", "doc", "docid", "docno", "document", "documentid", "did", "pid", "passage"),
        *("passageid", "cid", "context", "contextid", "d"),
    },
    {
        *("score", "grade", "relevance", "rel", "relevant", "label", "judgment", "judgement", "qrel", "value"),
        *("relevancescore", "relevancegrade", "rating"),
    },
)


def load_gold(path: str | Path) -> Gold:
    """The gold in a Citewell `.jsonl` file, a BEIR folder, or a file of qrels; raises `BadGold`."""
    path = Path(path)
    kind: Kind = "qrels"
    if path.is_dir():
        queries = _from_qrels(path / "qrels" / "test.tsv", path)
    elif path.suffix in {".tsv", ".csv"}:
        queries = _from_qrels(path, path.parent.parent if path.parent.name == "qrels" else path.parent)
    elif _begins_an_object(path):
        kind, queries = "citewell", _citewell(path)
    else:
        queries = _from_qrels(path, path.parent)
    if not queries:
        raise BadGold(f"{path} holds no queries: write at least one line as the guide's gold file page shows.")
    return Gold.of(queries, kind)


def chosen_gold(named: Path | None, default: Path | None, wanted: str) -> Path:
    """The gold that was named, else the one that is set; raises `BadGold`, saying what it is `wanted` for."""
    chosen = named or default
    if chosen is None:
        raise BadGold(f"There is no gold to {wanted} [eval] gold in citewell.toml.")
    return chosen


def _begins_an_object(path: Path) -> bool:
    """Whether it is JSON lines, or meant to be: by its name, or by how it begins."""
    first = next((line for _, line in _lines(path)), "{").lstrip()
    return path.suffix == ".jsonl" or first.startswith(("{", "["))


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
        if not self.answerable and self.answers:
            raise ValueError(
                '"answerable" is false but "answers" says what to answer: leave "answers" out, or name what holds them '
                'in "relevant" and leave "answerable" out'
            )
        return self


def _citewell(path: Path) -> tuple[GoldQuery, ...]:
    queries: dict[str, GoldQuery] = {}
    places: dict[str, int] = {}
    for number, record in _records(path):
        if "_id" in record and "id" not in record:
            raise BadGold(f"{path}, line {number}: this is a BEIR record; give the folder that holds it instead.")
        line = parsed(record, _QueryLine, f"{path}, line {number}", BadGold)
        if line.id in queries:
            raise BadGold(
                f"{path}, line {number}: the id {line.id!r} is already used in line {places[line.id]}; "
                "give each query an id of its own."
            )
        places[line.id] = number
        queries[line.id] = GoldQuery(
            id=line.id,
            question=line.question,
            relevant=tuple(Relevant(**relevant.model_dump()) for relevant in line.relevant),
            answers=tuple(line.answers),
            answerable=line.answerable,
            tags=tuple(line.tags),
        )
    return tuple(queries.values())


def _from_qrels(qrels: Path, folder: Path) -> tuple[GoldQuery, ...]:
    """The judged queries; those to which no document was judged relevant are unanswerable.

    The questions stand in the folder. Without a file of them the texts are empty, which is enough to score run files.
    """
    judged = _qrels(qrels)
    own = tuple(
        f"{qrels.name.replace('qrels', 'queries').removesuffix(qrels.suffix)}{end}" for end in (".jsonl", ".tsv")
    )
    names = (*own, *_QUERIES) if "qrels" in qrels.name else _QUERIES
    path = next((folder / name for name in names if (folder / name).exists()), None)
    if path is None and qrels.suffix == ".tsv":
        path = folder / _QUERIES[0]  # and let it be missed
    if path is None:
        return tuple(_query(query, "", grades) for query, grades in judged.items())
    questions = _questions(path)
    for query in judged:
        if query not in questions:
            raise BadGold(f"{qrels} judges query {query!r}, which {path.name} lacks; add it there.")
    return tuple(_query(query, text, judged[query]) for query, text in questions.items() if query in judged)


def _questions(path: Path) -> dict[str, str]:
    questions: dict[str, str] = {}
    for number, query, text in _rows(path) if path.suffix == ".tsv" else _beir_records(path):
        if not isinstance(query, str) or not isinstance(text, str) or not text.strip():
            raise BadGold(
                f'{path}, line {number}: give "_id" and "text" as strings that are not empty.'
                if path.suffix == ".jsonl"
                else f"{path}, line {number}: give the query's id, a tab, and its text."
            )
        if query in questions:
            raise BadGold(f"{path}, line {number}: the id {query!r} is used twice; give each query an id of its own.")
        questions[query] = text
    return questions


def _beir_records(path: Path) -> Iterator[tuple[int, Any, Any]]:
    return ((number, record.get("_id"), record.get("text")) for number, record in _records(path))


def _rows(path: Path) -> Iterator[tuple[int, str, str]]:
    for number, line in _lines(path):
        query, _, text = line.partition("\t")
        yield number, query.strip(), text.strip()


def _query(query: str, question: str, grades: Mapping[str, int]) -> GoldQuery:
    relevant = tuple(Relevant(document, grade=grade) for document, grade in grades.items() if grade > 0)
    irrelevant = tuple(document for document, grade in grades.items() if grade <= 0)
    return GoldQuery(query, question, relevant, answerable=bool(relevant), irrelevant=irrelevant)


def _qrels(path: Path) -> dict[str, dict[str, int]]:
    """Query id → document id → grade; names are taken as they are, but where Citewell itself escaped them.

    A line is the query, the document and the grade, with a column of no meaning after the query or without it. A
    heading may name other columns, or another order.
    """
    judged: dict[str, dict[str, int]] = {}
    places: tuple[int, int, int] | None = None
    for number, line in _lines(path):
        fields = _fields(line, commas=path.suffix == ".csv")
        if number == 1 and (places := _heading(fields)) is not None:
            continue
        try:
            query, document, graded = (fields[place] for place in places or _PLACES[len(fields)])
            if not float(graded).is_integer():
                raise ValueError
        except (IndexError, KeyError, ValueError, OverflowError):
            raise BadGold(
                f"{path}, line {number}: expected the query, the document and a whole number, with a 0 after the query "
                "or without it, separated by tabs or spaces (a heading is known by words like query-id, corpus-id and "
                "score); correct the line."
            ) from None
        if len(fields) == 4 and fields[1] == TAG:
            query, document = unquote(query), unquote(document)
        grade = int(float(graded))
        if judged.setdefault(query, {}).setdefault(document, grade) != grade:
            raise BadGold(f"{path}, line {number}: query {query!r} grades {document!r} twice; keep one of the two.")
    return judged


def _fields(line: str, *, commas: bool) -> list[str]:
    """A row's columns: between tabs, where names may have spaces; else between commas, or spaces."""
    tabbed = [field.strip() for field in line.split("\t")]
    if len(tabbed) in _PLACES:
        return tabbed
    return [field.strip() for field in next(csv.reader([line]))] if commas else line.split()


def _heading(fields: list[str]) -> tuple[int, int, int] | None:
    """Where a heading says that query, document and grade stand; None where it is none."""
    words = [re.sub("[^a-z]", "", field.lower()) for field in fields]
    places = [next((place for place, word in enumerate(words) if word in known), None) for known in _HEADINGS]
    if any(place is None for place in places) or len(set(places)) < len(places):
        return None
    return places[0], places[1], places[2]  # type: ignore[return-value] # none of them is None


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    return records(path, BadGold, _FORMS)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    return lines(path, BadGold, _FORMS)

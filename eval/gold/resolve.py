"""Where do a gold file's answers stand in one index version?

Nothing is dropped here: a document that is gone keeps its place among the relevant ones, so it can only be missed,
and a quote that is no longer there keeps its place among the spans, so it is covered by nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal

from eval.gold.gold import BadGold, Corpus, Gold, GoldQuery, Relevant
from ingest.model import Chunk
from ingest.names import is_packed, record_ids


@dataclass(frozen=True, slots=True)
class Span:
    """Characters `[start, end)` of a document's stored text."""

    document: str
    start: int
    end: int


def meets(chunk: Chunk, document: str, start: int, end: int) -> bool:
    """Whether a passage has a character of a document's `[start, end)`."""
    return chunk.document == document and chunk.start < end and start < chunk.end


@dataclass(frozen=True, slots=True)
class Stale:
    """A piece of gold that the version no longer holds.

    `gone` says what: the whole document, a quote, or a span that ends beyond the text. A document that is there
    without its quote still counts as relevant; the quote's span counts as missed.
    """

    query: str
    document: str
    gone: Literal["document", "quote", "span"]
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class ResolvedQuery:
    """A gold query in the version's own names.

    `spans` has one entry for each gold span: the places where it stands, any of which will do; none if it is stale.
    `judged` holds every document that gold says anything of, relevant or not; `placed` those in which it names places,
    be they stale.
    """

    id: str
    question: str
    grades: Mapping[str, int]
    spans: tuple[tuple[Span, ...], ...] = ()
    judged: frozenset[str] = frozenset()
    placed: frozenset[str] = frozenset()
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Resolved:
    """The answerable queries, and what is stale. `ids` gives the name a run file uses, by document name."""

    queries: tuple[ResolvedQuery, ...]
    stale: tuple[Stale, ...]
    ids: Mapping[str, str]


def resolve(gold: Gold, corpus: Corpus) -> Resolved:
    """Gold as it stands in this corpus; raises `BadGold` only where a BEIR id fits two documents."""
    names = corpus.names()
    known = frozenset(names)
    found: dict[str, str] = {}
    ids: dict[str, str] = {name: name for name in names}
    if gold.kind == "qrels":
        wanted = {
            document
            for query in gold.queries
            for document in (*(relevant.document for relevant in query.relevant), *query.irrelevant)
        }
        found, ids = _names_of_ids(wanted, names)
    stale: list[Stale] = []
    queries = [_resolve(query, found, known, corpus, stale) for query in gold.queries if query.answerable]
    return Resolved(tuple(queries), tuple(stale), ids)


def named_documents(gold: Gold, names: Sequence[str]) -> frozenset[str]:
    """Those of some documents that answer a query of gold."""
    wanted = {relevant.document for query in gold.queries for relevant in query.relevant}
    found = _names_of_ids(wanted, names)[0] if gold.kind == "qrels" else {}
    return frozenset(found.get(name, name) for name in wanted) & frozenset(names)


def _resolve(
    query: GoldQuery, found: Mapping[str, str], known: frozenset[str], corpus: Corpus, stale: list[Stale]
) -> ResolvedQuery:
    grades: dict[str, int] = {}
    spans: list[tuple[Span, ...]] = []
    gone: set[str] = set()
    placed: set[str] = set()
    for relevant in query.relevant:
        name = found.get(relevant.document, relevant.document)
        grades[name] = max(relevant.grade, grades.get(name, 0))
        has_span = relevant.quote is not None or relevant.start is not None
        if name not in known:
            if name not in gone:
                stale.append(Stale(query.id, name, "document"))
            gone.add(name)
            places: tuple[Span, ...] = ()
        elif has_span:
            places = _places(name, relevant, corpus.text(name) or "")
            if not places:
                stale.append(Stale(query.id, name, "quote" if relevant.quote is not None else "span", relevant.quote))
        if has_span:
            spans.append(places)
            placed.add(name)
    judged = {*grades, *(found.get(document, document) for document in query.irrelevant)}
    return ResolvedQuery(
        *(query.id, query.question, grades, tuple(spans)),
        judged=frozenset(judged),
        placed=frozenset(placed),
        tags=query.tags,
    )


def _places(name: str, relevant: Relevant, text: str) -> tuple[Span, ...]:
    """Every occurrence of the quote: as it is or, failing that, with any whitespace between its words."""
    if relevant.start is not None and relevant.end is not None:
        return (Span(name, relevant.start, relevant.end),) if relevant.end <= len(text) else ()
    quote = relevant.quote or ""
    for pattern in (re.escape(quote), r"\s+".join(re.escape(word) for word in quote.split())):
        places = tuple(Span(name, match.start(), match.end()) for match in re.finditer(pattern, text))
        if places:
            return places
    return ()


def _names_of_ids(wanted: set[str], names: Sequence[str]) -> tuple[dict[str, str], dict[str, str]]:
    """Gold id → document name, and document name → id for run files.

    An id means the document that has it as its whole name; else as its `_id` (what follows the last `#`, or the
    first, since an `_id` may hold one), its file name, or its file name without suffix. In a run file a document that
    gold does not know keeps its own `_id` or stem where no other document shares it.
    """
    owners: dict[str, list[str]] = defaultdict(list)
    for name in names:
        for key in _keys(name):
            owners[key].append(name)
    known = frozenset(names)
    found: dict[str, str] = {}
    for key in sorted(wanted):
        fits = [key] if key in known else owners.get(key, [])
        fits = [name for name in fits if not is_packed(name)] or fits  # a copy inside an archive makes no doubt
        if len(fits) > 1:
            raise BadGold(
                f"The gold's document id {key!r} fits both {fits[0]} and {fits[1]}: "
                "write the full document name in the qrels, or remove one of the two documents."
            )
        if fits:
            found[key] = fits[0]
    ids = {name: _keys(name)[0] if len(owners[_keys(name)[0]]) == 1 else name for name in names}
    return found, ids | {name: key for key, name in found.items()}


def _keys(name: str) -> tuple[str, ...]:
    """The short names by which qrels may mean a document, the most telling one first, each once."""
    path = PurePosixPath(name)
    return tuple(dict.fromkeys((*record_ids(name), path.stem, path.name)))

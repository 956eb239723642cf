"""What does a search find, and how do its hits, and an answer, look as JSON? On the command line as over HTTP."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from ingest.model import Unseen
from retrieval.model import Hit, Mode

if TYPE_CHECKING:  # a search has no run
    from agent.answer import Answer
    from retrieval.search.explain import Explanation
    from retrieval.search.hybrid import HybridSearch


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What `citewell search --json` prints.

    `calibrated` says whether gold of this corpus bears out the hits' probabilities; None where there are none.
    """

    index_version: str
    hits: tuple[Hit, ...]
    calibrated: bool | None = None


@dataclass(frozen=True, slots=True)
class ShownHit:
    """A hit as it is shown: one of `hits` in what `citewell search --json` prints."""

    document: str
    title: str
    headings: tuple[str, ...]
    page: int | None
    page_label: str | None
    start: int
    end: int
    text: str
    score: float
    dense: float | None
    lexical: float | None
    reranked: float | None
    probability: float | None
    duplicates: tuple[str, ...]
    unseen: tuple[Unseen, ...]


@dataclass(frozen=True, slots=True)
class Explained:
    """What a search found, and why each hit stands where it stands."""

    found: SearchResult
    explanation: Explanation


def borne_out(search: HybridSearch, mode: Mode) -> bool | None:
    """Whether gold bears out the probabilities of hits; None where they have none."""
    if search.calibration is None or mode != "hybrid":
        return None
    return search.calibration.is_of_this_corpus


SCHEMA = 1


def answer_json(answer: Answer) -> dict[str, Any]:
    """What `citewell ask --json` prints and `POST /ask` returns."""
    return {"schema": SCHEMA, **asdict(answer)}


def hit_json(hit: Hit) -> dict[str, Any]:
    """One hit of `citewell search --json` and `POST /search`."""
    chunk = hit.chunk
    return asdict(
        ShownHit(
            document=chunk.document,
            title=chunk.title,
            headings=chunk.headings,
            page=chunk.page,
            page_label=chunk.page_label,
            start=chunk.start,
            end=chunk.end,
            text=chunk.text,
            score=hit.score,
            dense=hit.dense,
            lexical=hit.lexical,
            reranked=hit.reranked,
            probability=hit.probability,
            duplicates=hit.duplicates,
            unseen=chunk.unseen,
        )
    )


def search_json(found: SearchResult) -> dict[str, Any]:
    """What `citewell search --json` prints and `POST /search` returns."""
    hits = [hit_json(hit) for hit in found.hits]
    return {"schema": SCHEMA, "index_version": found.index_version, "calibrated": found.calibrated, "hits": hits}


def explained_json(result: SearchResult, found: Explanation) -> dict[str, Any]:
    """The same of `citewell search --explain --json`: each hit with `explained`, and `document` if asked."""
    shown = search_json(result)
    for hit, standing in zip(shown["hits"], found.standings, strict=True):
        hit["explained"] = asdict(standing)
    return {**shown, "document": asdict(found.document)} if found.document else shown

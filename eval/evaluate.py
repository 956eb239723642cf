"""How well does one index version answer its gold queries?"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import quote

import numpy as np

from eval.gold import Corpus, Gold, Kind
from eval.metrics import average_precision, ndcg, precision, recall, reciprocal_rank, span_recall
from eval.probe import Check, probe_legs
from eval.resolve import ResolvedQuery, Span, Stale, resolve
from eval.stats import Interval, bootstrap
from retrieval.model import Hit, Mode, Search

_Measure = Callable[[Sequence[str], Mapping[str, int]], float]

# Name → how many documents a ranking must be allowed to hold for it to mean what it says, and the measure.
_MEASURES: Mapping[str, tuple[int, _Measure]] = {
    "nDCG@10": (10, partial(ndcg, k=10)),
    "Recall@10": (10, partial(recall, k=10)),
    "Recall@100": (100, partial(recall, k=100)),
    "MRR@10": (10, partial(reciprocal_rank, k=10)),
    "MAP": (1, average_precision),
    "P@5": (5, partial(precision, k=5)),
}
_SPAN_RECALL = "SpanRecall@10"
METRICS = (*_MEASURES, _SPAN_RECALL)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A document's place in a ranking: the score is its best chunk's."""

    document: str
    score: float


@dataclass(frozen=True, slots=True)
class QueryResult:
    """One gold query's metrics and the documents that were found for it, best first."""

    id: str
    metrics: Mapping[str, float]
    ranking: tuple[Ranked, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What gold says of a version, by document (best chunk) and, where gold has spans, by span.

    `queries` counts the answerable ones: only they are averaged, and `unanswerable` counts the others. A metric is
    missing where it cannot be had: a cutoff beyond `k`, no spans in gold, no queries. `gold` is the gold's digest,
    `ids` the names for a run file, `legs` the known-item probes of each leg, `unscored` how many hits came with a
    score that is not a finite number (each is taken as not found).
    """

    queries: int
    unanswerable: int
    metrics: Mapping[str, Interval]
    per_query: tuple[QueryResult, ...]
    stale: tuple[Stale, ...]
    legs: tuple[Check, ...]
    unscored: int
    gold: str
    kind: Kind
    ids: Mapping[str, str]
    k: int
    mode: Mode


def evaluate(
    search: Search,
    gold: Gold,
    corpus: Corpus,
    *,
    k: int = 100,
    mode: Mode = "hybrid",
    on_progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Each answerable query's ranking of up to `k` documents, scored. `on_progress` gets (done, of how many)."""
    resolved = resolve(gold, corpus)
    legs = probe_legs(search, corpus) if corpus.names() else ()
    results: list[QueryResult] = []
    unscored = 0
    for done, query in enumerate(resolved.queries, start=1):
        hits = _hits(search, query.question, k, mode)
        scored = [hit for hit in hits if math.isfinite(hit.score)]
        unscored += len(hits) - len(scored)
        results.append(_result(query, scored, k))
        if on_progress:
            on_progress(done, len(resolved.queries))
    return Evaluation(
        queries=len(results),
        unanswerable=len(gold.queries) - len(results),
        metrics=_averages(results),
        per_query=tuple(results),
        stale=resolved.stale,
        legs=legs,
        unscored=unscored,
        gold=gold.digest,
        kind=gold.kind,
        ids=resolved.ids,
        k=k,
        mode=mode,
    )


def write_trec(evaluation: Evaluation, path: str | Path) -> None:
    """A run file as trec_eval reads it: `query Q0 document rank score citewell`.

    Documents are named as in the gold (for BEIR by `_id`); whitespace in names, and a `%` that would read as an
    escape, are percent-escaped, so that unquoting gives the name back. trec_eval reads scores as 32-bit floats and
    orders by them alone, so each is lowered, where it must be, to the next such number below the one before it.
    """
    lines: list[str] = []
    for result in evaluation.per_query:
        scores = _decreasing([ranked.score for ranked in result.ranking])
        for rank, (ranked, score) in enumerate(zip(result.ranking, scores, strict=True), start=1):
            name = evaluation.ids[ranked.document]
            lines.append(f"{_escaped(result.id)} Q0 {_escaped(name)} {rank} {score:.9g} citewell\n")
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(lines), encoding="utf-8")


def _hits(search: Search, question: str, k: int, mode: Mode) -> list[Hit]:
    """Chunks enough to reach `k` documents, or all that the search has.

    Several chunks of one document may stand among the first, so four times `k` are asked for, and twice as many again
    while there were too few documents. A list shorter than what was asked for is all there is: a search goes no
    deeper than its own depth, so in practice one call does.
    """
    asked = 4 * k
    hits = search(question, k=asked, mode=mode)
    while len(hits) >= asked and len({hit.chunk.document for hit in hits}) < k:
        asked *= 2
        hits = search(question, k=asked, mode=mode)
    return hits


def _result(query: ResolvedQuery, hits: Sequence[Hit], k: int) -> QueryResult:
    best: dict[str, float] = {}
    for hit in hits:
        best[hit.chunk.document] = max(hit.score, best.get(hit.chunk.document, hit.score))
    # Equal scores go by name, so that the same scores always give the same metrics.
    ranking = sorted((Ranked(name, score) for name, score in best.items()), key=lambda r: (-r.score, r.document))[:k]
    names = [ranked.document for ranked in ranking]
    metrics = {name: measure(names, query.grades) for name, (depth, measure) in _MEASURES.items() if depth <= k}
    if query.spans:
        chunks = [hit.chunk for hit in sorted(hits, key=lambda hit: (-hit.score, hit.chunk.id))[:10]]
        spans = [Span(chunk.document, chunk.start, chunk.end) for chunk in chunks]
        metrics[_SPAN_RECALL] = span_recall(spans, query.spans, 10)
    return QueryResult(query.id, metrics, tuple(ranking))


def _averages(results: Sequence[QueryResult]) -> dict[str, Interval]:
    columns = {name: [result.metrics[name] for result in results if name in result.metrics] for name in METRICS}
    return {name: bootstrap(values) for name, values in columns.items() if values}


def _decreasing(scores: Sequence[float]) -> list[np.float32]:
    lowered: list[np.float32] = []
    for score in scores:
        # Far inside the range of the type, so that there is always a next lower number.
        number = np.float32(np.clip(score, -1e38, 1e38))
        if lowered and number >= lowered[-1]:
            number = np.nextafter(lowered[-1], np.float32(-np.inf))
        lowered.append(number)
    return lowered


def _escaped(name: str) -> str:
    return re.sub(r"\s|%(?=[0-9A-Fa-f]{2})", lambda match: quote(match[0]), name)

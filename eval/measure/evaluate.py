"""How well does one index version answer its gold queries?"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from operator import attrgetter
from typing import Any, ClassVar

from eval.gold.gold import BadGold, Corpus, Gold, Kind
from eval.gold.resolve import ResolvedQuery, Span, Stale, resolve
from eval.measure.answers import Answerer, Answers, Asking
from eval.measure.metrics import (
    average_precision,
    hit_rate,
    ndcg,
    precision,
    recall,
    reciprocal_rank,
    span_precision,
    span_recall,
)
from eval.measure.probe import Check, probe_legs
from eval.measure.stats import Interval, bootstrap
from ingest.errors import CitewellError
from ingest.names import is_packed
from retrieval.model import Hit, Mode, Search
from retrieval.search.collapse import originals

Measure = Callable[[Sequence[str], Mapping[str, int]], float]

# Name → how many documents a ranking must be allowed to hold for it to mean what it says, and the measure.
_MEASURES: Mapping[str, tuple[int, Measure]] = {
    "nDCG@10": (10, partial(ndcg, k=10)),
    "Recall@10": (10, partial(recall, k=10)),
    "Recall@100": (100, partial(recall, k=100)),
    "MRR@10": (10, partial(reciprocal_rank, k=10)),
    "MAP": (100, average_precision),
    "P@5": (5, partial(precision, k=5)),
    "HitRate@10": (10, partial(hit_rate, k=10)),
}
_SPAN_MEASURES = {"SpanRecall@10": partial(span_recall, k=10), "SpanPrecision@10": partial(span_precision, k=10)}
METRICS = (*_MEASURES, *_SPAN_MEASURES)
SHOWN = 10


class BadMeasure(CitewellError):
    """A measure that a plugin brings gives no number, or has a name of ours."""

    code: ClassVar[str] = "bad_measure"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 500


@dataclass(frozen=True, slots=True)
class Ranked:
    """A document's place in a ranking: the score is its best chunk's."""

    document: str
    score: float


@dataclass(frozen=True, slots=True)
class QueryResult:
    """One gold query's metrics and the documents that were found for it, best first.

    `grades` are the documents that answer it; `unjudged` is the share of the first ten places whose document gold says
    nothing of; `copies` are the documents inside archives for which plain files among the first ten stand, since they
    say the same; `hits` are the first ten passages, `seconds` what the search took (0 for a run file, without hits).
    """

    id: str
    metrics: Mapping[str, float]
    ranking: tuple[Ranked, ...]
    question: str = ""
    grades: Mapping[str, int] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    unjudged: float = 0.0
    hits: tuple[Hit, ...] = field(default=(), compare=False)
    copies: tuple[str, ...] = ()
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What gold says of a version, by document (best chunk) and, where gold has spans, by span.

    `queries` counts the answerable ones: only they are averaged, and `unanswerable` counts the others. A metric is
    missing where it cannot be had: a cutoff beyond `k`, no spans in gold, no queries. `gold` is the gold's digest,
    `ids` the names for a run file, `legs` the known-item probes of each leg, `unscored` how many hits came with a
    score that is not a finite number (each is taken as not found). `answers` is what came of asking, None where nobody
    was asked or gold says nothing of answers.
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
    answers: Answers | None = None

    @property
    def unjudged(self) -> float:
        """The share of the first ten places whose document gold says nothing of, averaged over queries."""
        return math.fsum(result.unjudged for result in self.per_query) / max(1, self.queries)

    @property
    def copied(self) -> int:
        """For how many queries a plain file among the first ten stands for a copy inside an archive too."""
        return sum(bool(result.copies) for result in self.per_query)

    def by_tag(self) -> dict[str, tuple[QueryResult, ...]]:
        """The results of each tag's queries, tags in order; a query stands under each of its tags."""
        found: dict[str, list[QueryResult]] = defaultdict(list)
        for result in self.per_query:
            for tag in result.tags:
                found[tag].append(result)
        return {tag: tuple(found[tag]) for tag in sorted(found)}


def evaluate(
    search: Search,
    gold: Gold,
    corpus: Corpus,
    *,
    k: int = 100,
    mode: Mode = "hybrid",
    answerer: Answerer | None = None,
    most: int | None = None,
    measures: Mapping[str, Measure] = {},
    on_progress: Callable[[int, int], None] | None = None,
) -> Evaluation:
    """Each answerable query's ranking of up to `k` documents, scored. `on_progress` gets (done, of how many).

    `measures` are others than ours, by name. Raises `BadMeasure` where one gives no finite number.

    Where gold knows answers, `answerer` is asked, `most` questions at most. It searches by itself, with both legs, and
    so says nothing of one alone: then it is not asked.
    """
    resolved = resolve(gold, corpus)
    if any(not query.question for query in resolved.queries):
        raise BadGold("The gold holds no questions to ask; put queries.tsv (id, tab, question) beside the qrels.")
    legs = probe_legs(search, corpus) if corpus.names() else ()
    asking = Asking(answerer, corpus, gold, most) if answerer and mode == "hybrid" else None
    in_vain = asking.unanswerable if asking else []
    everything = len(resolved.queries) + len(in_vain)
    results: list[QueryResult] = []
    unscored = 0
    for done, query in enumerate(resolved.queries, start=1):
        began = time.perf_counter()
        hits = _hits(search, query.question, k, mode)
        seconds = time.perf_counter() - began
        scored = [hit for hit in hits if math.isfinite(hit.score)]
        unscored += len(hits) - len(scored)
        result = _result(query, scored, k, seconds)
        results.append(replace(result, metrics={**result.metrics, **_measured(result, measures)}))
        if asking:
            asking.ask(query, scored)
        if on_progress:
            on_progress(done, everything)
    for done, unanswerable in enumerate(in_vain, start=len(results) + 1):
        if asking:
            asking.ask_in_vain(unanswerable)
        if on_progress:
            on_progress(done, everything)
    return Evaluation(
        queries=len(results),
        unanswerable=len(gold.queries) - len(results),
        metrics=averages(results),
        per_query=tuple(results),
        stale=resolved.stale,
        legs=legs,
        unscored=unscored,
        gold=gold.digest,
        kind=gold.kind,
        ids=resolved.ids,
        k=k,
        mode=mode,
        answers=asking.answers if asking else None,
    )


def by_document(scored: Iterable[tuple[str, float]]) -> list[Ranked]:
    """Documents by their best chunk, given each chunk's document and score.

    Equal scores go by name, a copy inside an archive behind the plain file, so that the same scores always give the
    same metrics.
    """
    best: dict[str, float] = {}
    for name, score in scored:
        best[name] = max(score, best.get(name, score))
    return sorted((Ranked(name, score) for name, score in best.items()), key=_place)


def _place(ranked: Ranked) -> tuple[float, bool, str]:
    return -ranked.score, is_packed(ranked.document), ranked.document


def evaluate_run(run: Mapping[str, Sequence[Ranked]], gold: Gold) -> Evaluation:
    """The same figures for a run that came from anywhere; a query that it lacks scores 0. Without spans or legs."""
    results = []
    for query in gold.queries:
        if query.answerable:
            judged = frozenset((*query.grades, *query.irrelevant))
            known = ResolvedQuery(query.id, query.question, query.grades, judged=judged, tags=query.tags)
            results.append(_scored(known, tuple(run.get(query.id, ())), None))
    names = {ranked.document for ranking in run.values() for ranked in ranking}
    return Evaluation(
        queries=len(results),
        unanswerable=len(gold.queries) - len(results),
        metrics=averages(results),
        per_query=tuple(results),
        stale=(),
        legs=(),
        unscored=0,
        gold=gold.digest,
        kind=gold.kind,
        ids={name: name for name in names},
        k=max(map(len, run.values()), default=0),
        mode="hybrid",
    )


def tags_json(evaluation: Evaluation) -> dict[str, Any]:
    """Each tag's count of queries and its metrics with their intervals, for scripts."""
    return {
        tag: {"queries": len(results), "metrics": {name: asdict(each) for name, each in averages(results).items()}}
        for tag, results in evaluation.by_tag().items()
    }


def per_query_json(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Each query's metrics and what came of asking it, for scripts; last those that have no answer and were asked."""
    results = {each.id: each.as_json() for each in evaluation.answers.results} if evaluation.answers else {}
    metrics: dict[str, Mapping[str, float]] = {each.id: each.metrics for each in evaluation.per_query}
    return [
        {"id": id, "metrics": dict(metrics.get(id, {})), "answer": results.get(id)} for id in {**metrics, **results}
    ]


def averages(results: Sequence[QueryResult]) -> dict[str, Interval]:
    """Each metric's mean over the queries that have it, with its interval."""
    names = dict.fromkeys((*METRICS, *(name for result in results for name in result.metrics)))
    columns = {name: [result.metrics[name] for result in results if name in result.metrics] for name in names}
    return {name: bootstrap(values) for name, values in columns.items() if values}


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


def _result(query: ResolvedQuery, hits: Sequence[Hit], k: int, seconds: float) -> QueryResult:
    hits, copied = _plain(hits, query.grades)
    ranking = by_document((hit.chunk.document, hit.score) for hit in hits)[:k]
    result = _scored(query, tuple(ranking), k)
    first = _first(hits)
    metrics = dict(result.metrics)
    if query.spans and k >= SHOWN:
        spans = [Span(hit.chunk.document, hit.chunk.start, hit.chunk.end) for hit in first]
        metrics |= {name: measure(spans, query.spans) for name, measure in _SPAN_MEASURES.items()}
    copies = {copy for ranked in ranking[:SHOWN] for copy in copied.get(ranked.document, ())}
    return replace(result, metrics=metrics, hits=tuple(first), seconds=seconds, copies=tuple(sorted(copies)))


def _measured(result: QueryResult, measures: Mapping[str, Measure]) -> dict[str, float]:
    """What measures that are not ours say of a ranking."""
    names = [ranked.document for ranked in result.ranking]
    found = {}
    for name, measure in measures.items():
        if name in METRICS:
            raise BadMeasure(f"{name} is a metric of Citewell's own: leave it out of [eval] metrics.")
        try:
            value = float(measure(list(names), dict(result.grades)))
        except Exception as fault:
            raise BadMeasure(
                f"The metric {name} failed on query {result.id} ({fault!r:.300}): mend its plugin, or leave it out of "
                "[eval] metrics."
            ) from fault
        if not math.isfinite(value):
            raise BadMeasure(
                f"The metric {name} gave {value} on query {result.id}, which is no number: mend its plugin, or leave "
                "it out of [eval] metrics."
            )
        found[name] = value
    return found


def _plain(hits: Sequence[Hit], kept: Container[str]) -> tuple[list[Hit], dict[str, set[str]]]:
    """The hits, plain files in the place of their copies inside archives, and the documents of such copies by theirs.

    A copy that gold names is `kept`.
    """
    found = originals(
        (hit.chunk for hit in hits if hit.chunk.document not in kept),
        lambda: sorted((hit.chunk for hit in hits), key=attrgetter("id")),
    )
    own = {hit.chunk.id: hit for hit in hits}
    copied: dict[str, set[str]] = defaultdict(set)
    for copy, (plain, *_) in found.items():
        copied[plain.document].add(own[copy].chunk.document)
        own[plain.id] = own[plain.id].with_score(max(own[plain.id].score, own[copy].score))
    return [hit for id, hit in own.items() if id not in found], copied


def _first(hits: Sequence[Hit]) -> list[Hit]:
    """The best few; equal scores by id, which is a hash of the text, so only of those that may be among them."""
    least = sorted((hit.score for hit in hits), reverse=True)[:SHOWN]
    near = [hit for hit in hits if hit.score >= least[-1]]
    return sorted(near, key=lambda hit: (-hit.score, hit.chunk.id))[:SHOWN]


def _scored(query: ResolvedQuery, ranking: tuple[Ranked, ...], k: int | None) -> QueryResult:
    """A ranking's metrics, without those whose cutoff lies beyond `k`."""
    names = [ranked.document for ranked in ranking]
    metrics = {
        name: measure(names, query.grades) for name, (depth, measure) in _MEASURES.items() if k is None or depth <= k
    }
    first = names[:SHOWN]
    unjudged = sum(name not in query.judged for name in first) / len(first) if first else 0.0
    return QueryResult(query.id, metrics, ranking, query.question, query.grades, query.tags, unjudged)

"""What should a person know of an evaluation? The figures, what changed, where it fails, and what to try next."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from eval.calibrate.calibration import Calibration
from eval.gate.gate import Gate, to_judge
from eval.gate.judge import Verdict
from eval.gold.load import load_gold
from eval.measure.answers import Answers, Loss
from eval.measure.compare import FIRST, SIGNIFICANT, Comparison, compare, values
from eval.measure.evaluate import Evaluation, QueryResult, evaluate, tags_json
from eval.measure.stats import holm, permutation_test
from eval.measure.summary import level, sentence
from eval.measure.versions import OnProgress
from retrieval.model import LEGS, Mode
from retrieval.versions.version import IndexVersion

SCHEMA = 1
FEW = 50  # queries: with fewer, differences that matter are mostly not to be told from chance
_MUCH = 0.1
_LEAST = 10  # queries with a tag, and without it, for the two to be compared


@dataclass(frozen=True, slots=True)
class Described:
    """What was measured: the version, its gold, and with which settings."""

    index_version: str
    created: str
    gold: str
    encoder: str
    documents: int
    chunks: int
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Report:
    """One version's retrieval quality, beside that of the live one where there is another.

    `legs` holds the same gold asked of each leg alone. `verdict` is None where no gate has judged, `calibration` where
    gold has too little to learn from and nothing is shipped for the encoder.
    """

    version: Described
    found: Evaluation
    legs: Mapping[Mode, Evaluation] = field(default_factory=dict)
    live: tuple[Described, Evaluation] | None = None
    verdict: Verdict | None = None
    calibration: Calibration | None = None

    @cached_property
    def change(self) -> Comparison | None:
        """What this version is beside the live one."""
        return compare(self.live[1], self.found) if self.live else None

    @property
    def is_spoiled(self) -> bool:
        """Whether the index itself is at fault: a leg is dead, or it lost to the live one."""
        return any(not check.ok for check in self.found.legs) or (
            self.change is not None and self.change.outcome == "worse"
        )

    @cached_property
    def advice(self) -> list[str]:
        """What to try next, each with the figure that says so; the most pressing first."""
        return list(_advice(self)) or ["Nothing stands out: judge more queries, or go on with other documents."]


@dataclass(frozen=True, slots=True)
class OfDocument:
    """How a document fares that gold names: for how many queries it is relevant, and found among the first ten."""

    document: str
    queries: int
    found: int
    missed: tuple[str, ...]


def by_document(found: Evaluation, *, first: int = 10) -> list[OfDocument]:
    """The documents that gold names, those that are missed most often first."""
    asked: dict[str, int] = defaultdict(int)
    missed: dict[str, list[str]] = defaultdict(list)
    for result in found.per_query:
        names = {ranked.document for ranked in result.ranking[:first]}
        for document, grade in result.grades.items():
            if grade > 0:
                asked[document] += 1
                if document not in names:
                    missed[document].append(result.id)
    rows = [
        OfDocument(name, queries, queries - len(missed[name]), tuple(missed[name])) for name, queries in asked.items()
    ]
    return sorted(rows, key=lambda row: (-len(row.missed), row.document))


def worst_first(report: Report) -> list[QueryResult]:
    """The queries by what they lost against the live version, else by how badly they are answered."""
    change = report.change
    gains = change.gains if change else {}

    def order(result: QueryResult) -> tuple[float, float, str]:
        return gains.get(result.id, 0.0), result.metrics.get(FIRST, 0.0), result.id

    return sorted(report.found.per_query, key=order)


def cosines(found: Evaluation) -> tuple[list[float], list[float]]:
    """Those of the first ten passages: of relevant documents, and of the others."""
    right: list[float] = []
    wrong: list[float] = []
    for result in found.per_query:
        for hit in result.hits:
            if hit.dense is not None:
                (right if result.grades.get(hit.chunk.document, 0) > 0 else wrong).append(hit.dense)
    return right, wrong


def seconds(found: Evaluation) -> dict[str, float]:
    """p50, p95 and the longest of the searches, in seconds; nothing where none was timed."""
    times = [result.seconds for result in found.per_query if result.seconds > 0]
    if not times:
        return {}
    return {
        "p50": float(np.median(times)),
        "p95": float(np.quantile(times, 0.95)),
        "longest": max(times),
    }


def as_json(report: Report) -> dict[str, Any]:
    """The whole report as one JSON object."""
    found, change = report.found, report.change
    right, wrong = cosines(found)
    return {
        "schema": SCHEMA,
        **asdict(report.version),
        "level": level(found),
        "summary": sentence(found),
        "verdict": report.verdict.to_json() if report.verdict else None,
        "mode": found.mode,
        "k": found.k,
        "queries": found.queries,
        "unanswerable": found.unanswerable,
        "metrics": {name: asdict(value) for name, value in found.metrics.items()},
        "answers": _answers_json(found.answers),
        "legs": {mode: {name: value.mean for name, value in leg.metrics.items()} for mode, leg in report.legs.items()},
        "live": _change_json(report, change) if change else None,
        "tags": tags_json(found),
        "documents": [asdict(row) for row in by_document(found)],
        "stale": [asdict(stale) for stale in found.stale],
        "unjudged": found.unjudged,
        "cosines": {"relevant": right, "others": wrong},
        "calibration": report.calibration.to_json() if report.calibration else None,
        "seconds": seconds(found),
        "advice": report.advice,
        "per_query": [_query_json(result, change) for result in worst_first(report)],
    }


def _answers_json(answers: Answers | None) -> dict[str, Any] | None:
    """What came of asking, and query by query, those that went wrong first."""
    if answers is None:
        return None
    ordered = [*answers.wrong, *(each for each in answers.results if each.is_wanted)]
    return {
        **answers.as_json(),
        "per_query": [{"id": each.id, "question": each.question, **each.as_json()} for each in ordered],
    }


def _change_json(report: Report, change: Comparison) -> dict[str, Any]:
    assert report.live is not None
    metrics = {name: each.as_json() for name, each in change.metrics.items()}
    turned = [{"id": id, "before": before, "after": after} for id, (before, after) in change.turned.items()]
    found = {"adjusted": dict(change.adjusted), "verdict": change.outcome, "said": change.said, "answers": turned}
    return {**asdict(report.live[0]), "metrics": metrics, **found}


def _query_json(result: QueryResult, change: Comparison | None) -> dict[str, Any]:
    return {
        "id": result.id,
        "question": result.question,
        "tags": list(result.tags),
        "metrics": dict(result.metrics),
        "delta": change.gains.get(result.id) if change else None,
        "relevant": dict(result.grades),
        "ranking": [ranked.document for ranked in result.ranking[:10]],
        "seconds": result.seconds,
    }


def _advice(report: Report) -> Iterator[str]:
    found = report.found
    means = {name: value.mean for name, value in found.metrics.items()}
    yield from (check.detail for check in found.legs if not check.ok)
    if found.stale:
        gone = "1 piece of gold is" if len(found.stale) == 1 else f"{len(found.stale)} pieces of gold are"
        yield (
            f"{gone} not in the documents any more: what is gone counts as not found. Correct the gold, or ingest the "
            "documents again."
        )
    if 0 < found.queries < FEW:
        yield f"{_known(report)}: write gold for {FEW} or more before you trust a small difference."
    if found.answers:
        yield from _of_answers(found.answers)
    yield from _of_legs(report)
    deep, first = means.get("Recall@100"), means.get("Recall@10")
    if deep is not None and first is not None:
        if deep - first > _MUCH and not report.is_spoiled:
            deeper = "a deeper reranking ([retrieval] rerank_depth)"
            lift = deeper if report.version.settings.get("reranker") else "a reranker ([retrieval] reranker)"
            yield (
                f"Of a query's relevant documents {deep:.0%} are on average among the first hundred, {first:.0%} among "
                f"the first ten: {lift} or tuned weights (citewell eval tune) can lift them."
            )
        if deep < 1 - 2 * _MUCH:
            yield (
                f"Of a query's relevant documents {1 - deep:.0%} are on average not among the first hundred: "
                "citewell search QUESTION --explain --document NAME says why for each of the queries below."
            )
    yield from _of_tags(found)
    if found.unjudged > 0.5:
        yield (
            f"{found.unjudged:.0%} of the first ten places hold documents that nobody judged for their query, "
            "and count as wrong: where some of them answer it too, add them to the gold."
        )


def _known(report: Report) -> str:
    """What so few queries can show: of a change, where there was one before, else of the figure itself."""
    change, queries = report.change, f"With {report.found.queries} queries"
    against = change.metrics.get(FIRST) if change else None
    if against and math.isfinite(against.detectable):
        return f"{queries} a change of {FIRST} against the live version shows from about {against.detectable:.2f} on"
    if against and change and not change.decided:
        return f"{queries}, {against.differing} of them answered otherwise than by the live version, no change can show"
    mean = report.found.metrics.get(FIRST)
    return f"{queries} {FIRST} is known to lie between about {mean.low:.2f} and {mean.high:.2f}" if mean else queries


_REMEDIES: Mapping[Loss, str] = {
    "words": "reads the right passage and quotes the wrong words, or none: a model reads better than quoting does "
    "(citewell ask with ANTHROPIC_API_KEY or ANTHROPIC_BASE_URL)",
    "ranked_low": "finds the right passage below those that are read: a reranker ([retrieval] reranker), tuned weights "
    "(citewell eval tune) or more passages ([agent] passages) can lift it",
    "withheld": "holds the right passage too unlikely to be used: citewell eval gate learns from your gold how likely "
    "passages are",
    "not_found": "does not find the right passage at all: citewell search QUESTION --explain --document NAME says why",
}


def _of_answers(answers: Answers) -> Iterator[str]:
    """Where most answers were lost, and what was said though nothing answers."""
    wrong = sum(answers.lost.values())
    for loss, count in sorted(answers.lost.items(), key=lambda item: -item[1])[:2]:
        if count and 4 * count >= wrong:
            yield f"In {count} of the {wrong} questions whose answer was not given, the index {_REMEDIES[loss]}."
    misled = answers.counts["should_have_refused"]
    if misled > _MUCH * answers.unanswerable:
        yield (
            f"{misled} of {answers.unanswerable} questions that the documents do not answer were answered all the "
            "same, with words that only look like an answer: no threshold tells these apart, a model that reads does."
        )


def _of_legs(report: Report) -> Iterator[str]:
    """A leg alone that is better than both together."""
    for mode, leg in report.legs.items():
        change = compare(report.found, leg)
        if change.outcome == "better" and mode != report.found.mode:
            gains = " and ".join(f"{change.metrics[name].mean:.3f} of {name}" for name in change.decided)
            weight = "lower" if mode == "lexical" else "raise"
            yield (
                f"The {mode} leg alone is better by {gains} (p < {SIGNIFICANT:g}): "
                f"{weight} [retrieval] dense_weight, or let citewell eval tune choose it."
            )


def _of_tags(found: Evaluation) -> Iterator[str]:
    """Tags whose queries are answered worse than the others, by a test that is corrected for there being many tags."""
    everyone = values(found, FIRST)
    sides: dict[str, tuple[list[float], list[float]]] = {}
    for tag, results in found.by_tag().items():
        tagged = {result.id for result in results}
        own = [value for id, value in everyone.items() if id in tagged]
        others = [value for id, value in everyone.items() if id not in tagged]
        if min(len(own), len(others)) >= _LEAST:
            sides[tag] = own, others
    adjusted = holm({tag: permutation_test(*pair) for tag, pair in sides.items()})
    for tag, (own, others) in sides.items():
        mean, rest = math.fsum(own) / len(own), math.fsum(others) / len(others)
        if mean < rest and adjusted[tag] < SIGNIFICANT:
            yield (
                f"The {len(own)} queries tagged {tag} reach {FIRST} {mean:.3f}, the {len(others)} others {rest:.3f} "
                f"(p = {adjusted[tag]:.4f}): look at them first."
            )


def measured(
    gate: Gate,
    path: Path,
    *,
    index_version: str | None = None,
    most: int | None = None,
    on_progress: OnProgress | None = None,
) -> Report:
    """A version (the newest candidate, else the live one) on gold, beside the live one and each leg.

    At `most` so many questions are asked.
    """
    gold, id = load_gold(path), to_judge(gate.home, index_version)
    with closing(gate.searcher.open(id)) as version:
        found = gate.evaluate(version, gold, on_progress, most=most)
        search = gate.searcher.search(version).every
        legs = {mode: evaluate(search, gold, version, mode=mode, on_progress=on_progress) for mode in LEGS}
        live = gate.live_beside(version)
        before = None
        if live is not None:
            with closing(live):
                before = _described(gate, live, path), gate.evaluate(live, gold, on_progress, most=most)
        stored = gate.home.verdict(id)
        judged = Verdict.from_json(stored) if stored and stored.get("gold") == gold.digest else None
        calibration = gate.calibrate(version, gold, on_progress)
        return Report(_described(gate, version, path), found, legs, before, judged, calibration)


def _described(gate: Gate, version: IndexVersion, gold: str | Path) -> Described:
    search, manifest = gate.searcher.search(version), version.manifest
    shown = {"fusion", "dense_weight", "foreign_dense_weight", "depth", "rerank_depth"}
    reads = search.reranker
    return Described(
        index_version=version.id,
        created=datetime.now(UTC).isoformat(timespec="minutes"),
        gold=str(gold),
        encoder=manifest.encoder.model,
        documents=manifest.documents,
        chunks=manifest.chunks,
        settings={
            **{name: value for name, value in search.settings.deciding().items() if name in shown},
            "reranker": getattr(reads, "model", type(reads).__name__) if reads else None,
        },
    )

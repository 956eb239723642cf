"""How good is one ranking?

`ranking` holds document names, best first, each once; `grades` maps the relevant ones to their grades (at least 1;
anything else, or absent, is not relevant). Every value lies between 0 and 1, and is 0 where nothing is relevant,
as in trec_eval. Averages over queries belong to `eval.measure.evaluate`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from eval.gold.resolve import Span


def ndcg(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """Gain, discounted by log2 of the rank plus one, over the best possible (Järvelin & Kekäläinen 2002).

    The gain is the grade itself, as in trec_eval's `ndcg_cut`.
    """
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    best = _discounted(ideal[:k])
    return _discounted([max(grades.get(name, 0), 0) for name in ranking[:k]]) / best if best else 0.0


def recall(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """The share of the relevant documents that are among the first k (trec_eval's `recall`)."""
    relevant = _relevant(grades)
    return len(relevant.intersection(ranking[:k])) / len(relevant) if relevant else 0.0


def precision(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """The share of the first k places that hold a relevant document; empty places count (trec_eval's `P`)."""
    return len(_relevant(grades).intersection(ranking[:k])) / k


def reciprocal_rank(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """1 over the rank of the first relevant document among the first k, else 0 (Voorhees 1999).

    The mean over queries is MRR@k.
    """
    relevant = _relevant(grades)
    return next((1 / rank for rank, name in enumerate(ranking[:k], start=1) if name in relevant), 0.0)


def hit_rate(ranking: Sequence[str], grades: Mapping[str, int], k: int) -> float:
    """1 if a relevant document is among the first k, else 0 (trec_eval's `success`)."""
    return float(not _relevant(grades).isdisjoint(ranking[:k]))


def average_precision(ranking: Sequence[str], grades: Mapping[str, int]) -> float:
    """Precision at the rank of each relevant document, averaged over all of them (Buckley & Voorhees 2000).

    Those that are not in the ranking count 0. The mean over queries is MAP (trec_eval's `map`).
    """
    relevant = _relevant(grades)
    found, total = 0, 0.0
    for rank, name in enumerate(ranking, start=1):
        if name in relevant:
            found += 1
            total += found / rank
    return total / len(relevant) if relevant else 0.0


def span_recall(chunks: Sequence[Span], gold: Sequence[Sequence[Span]], k: int) -> float:
    """The share of a gold span's characters that the first k chunks cover, averaged over the gold spans.

    Token recall of Smith & Troynikov (2024, "Evaluating Chunking Strategies for Retrieval"), in characters. Each gold
    span is given as the places where it stands, of which the best covered counts; one that stands nowhere scores 0.
    """
    shares = (max((_covered(place, chunks[:k]) for place in places), default=0.0) for places in gold)
    return math.fsum(shares) / len(gold) if gold else 0.0


def span_precision(chunks: Sequence[Span], gold: Sequence[Sequence[Span]], k: int) -> float:
    """The share of the first k chunks' characters that lie in a gold span, wherever it stands (same source)."""
    read = _merged(chunks[:k])
    wanted = _merged([place for places in gold for place in places])
    total = sum(span.end - span.start for span in read)
    inside = sum(
        max(0, min(span.end, place.end) - max(span.start, place.start))
        for span in read
        for place in wanted
        if span.document == place.document
    )
    return inside / total if total else 0.0


def _merged(spans: Sequence[Span]) -> list[Span]:
    """The same characters, none of them twice."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.document, span.start, span.end)):
        last = merged[-1] if merged else None
        if last is not None and last.document == span.document and span.start <= last.end:
            merged[-1] = Span(last.document, last.start, max(last.end, span.end))
        else:
            merged.append(span)
    return merged


def _discounted(gains: Sequence[int]) -> float:
    return math.fsum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, start=1))


def _relevant(grades: Mapping[str, int]) -> frozenset[str]:
    return frozenset(name for name, grade in grades.items() if grade > 0)


def _covered(place: Span, chunks: Sequence[Span]) -> float:
    """The share of one place's characters that lie in any of the chunks; overlaps count once."""
    reached, covered = place.start, 0
    for start, end in sorted((chunk.start, chunk.end) for chunk in chunks if chunk.document == place.document):
        start, end = max(start, reached), min(end, place.end)
        if end > start:
            covered += end - start
            reached = end
    return covered / (place.end - place.start)

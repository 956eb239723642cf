"""Which of two rankings of the same questions is better, and where do they differ?"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from eval.evaluate import METRICS, Evaluation
from eval.stats import Difference, difference, holm

SIGNIFICANT = 0.05
# nDCG@10 alone would not see a ranking that is cut short after its tenth document.
DECISIVE = ("nDCG@10", "Recall@100")

Outcome = Literal["better", "worse", "mixed", "undecided"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `b` is beside `a`, over the queries of both.

    `metrics` has each metric that either was measured on; a query without it counts 0. `adjusted` holds the p values
    of the decisive ones, corrected for their number (Holm). `gains` is each query's difference in nDCG@10, the greatest
    loss first. `outcome` says what a test at 5 % of the decisive ones found of `b`.
    """

    queries: int
    metrics: Mapping[str, Difference]
    adjusted: Mapping[str, float]
    gains: Mapping[str, float]
    outcome: Outcome

    @property
    def wins(self) -> int:
        """How many queries `b` answers better."""
        return sum(gain > 0 for gain in self.gains.values())

    @property
    def losses(self) -> int:
        """How many it answers worse."""
        return sum(gain < 0 for gain in self.gains.values())

    @property
    def said(self) -> str:
        """The outcome in a sentence, with the numbers that it rests on."""
        first = next((name for name in DECISIVE if name in self.metrics), None)
        if first is None:
            return "Nothing was measured on both."
        found = self.metrics[first]
        if not any(self.gains.values()) and all(each.p == 1 for each in self.metrics.values()):
            return f"No difference: the two answer all {self.queries} queries alike."
        change = f"{first} {found.mean:+.3f} ({found.low:+.3f} to {found.high:+.3f}) over {self.queries} queries"
        if self.outcome == "undecided":
            least = f"a true difference of {found.detectable:.3f} would have shown four times in five"
            return f"No difference can be told: {change}; {least}."
        significant = ", ".join(f"{name} p = {p:.4f}" for name, p in self.adjusted.items() if p < SIGNIFICANT)
        how = {"better": "B is better", "worse": "B is worse", "mixed": "B is better in one way and worse in another"}
        return f"{how[self.outcome]}: {change}; {significant}."


def compare(a: Evaluation, b: Evaluation) -> Comparison:
    """Both must be of the same gold, or it is a `ValueError`."""
    if a.gold != b.gold:
        raise ValueError("the two evaluations are not of the same gold")
    found: dict[str, Difference] = {}
    gains: dict[str, float] = {}
    for name in METRICS:
        ids, old, new = paired(values(a, name), values(b, name))
        if not ids:
            continue
        found[name] = difference(old, new)
        if name == DECISIVE[0]:
            pairs = zip(ids, old, new, strict=True)
            gains = {id: after - before for id, before, after in sorted(pairs, key=lambda pair: pair[2] - pair[1])}
    adjusted = holm({name: found[name].p for name in DECISIVE if name in found})
    return Comparison(max(a.queries, b.queries), found, adjusted, gains, _outcome(found, adjusted))


def paired(a: Mapping[str, float], b: Mapping[str, float]) -> tuple[list[str], list[float], list[float]]:
    """The queries of either, and the values of both in that order; one that lacks a query has 0 there."""
    ids = sorted(a.keys() | b.keys())
    return ids, [a.get(id, 0.0) for id in ids], [b.get(id, 0.0) for id in ids]


def values(evaluation: Evaluation, metric: str) -> dict[str, float]:
    """A metric of each query that has it."""
    return {result.id: result.metrics[metric] for result in evaluation.per_query if metric in result.metrics}


def _outcome(found: Mapping[str, Difference], adjusted: Mapping[str, float]) -> Outcome:
    moved = [found[name].mean for name, p in adjusted.items() if p < SIGNIFICANT]
    if not moved or not all(map(math.isfinite, moved)):
        return "undecided"
    if all(change > 0 for change in moved):
        return "better"
    return "worse" if all(change < 0 for change in moved) else "mixed"

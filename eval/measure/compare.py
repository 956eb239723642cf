"""Which of two rankings of the same questions is better, and where do they differ?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from eval.measure.answers import OF_ANSWERABLE, PREFIX, WANTED
from eval.measure.answers import Outcome as Came
from eval.measure.evaluate import METRICS, Evaluation
from eval.measure.stats import Difference, difference, holm

SIGNIFICANT = 0.05
FIRST = "nDCG@10"
# nDCG@10 alone would not see a ranking that is cut short after its tenth document.
DECISIVE = (FIRST, "Recall@100")
COMPARED = (*METRICS, *(f"{PREFIX}{each}" for each in WANTED))

Outcome = Literal["better", "worse", "mixed", "undecided"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What `b` is beside `a`, over the queries of both.

    `metrics` has each metric that both were measured on; a query without it counts 0. `adjusted` holds the p values of
    the decisive ones, corrected for their number (Holm); the others decide nothing. `gains` is each query's difference
    in nDCG@10, the greatest loss first, and empty where one of the two lacks it. `turned` has the questions whose
    answers came to another outcome, and both; empty where one of the two was not asked.
    """

    queries: int
    metrics: Mapping[str, Difference]
    adjusted: Mapping[str, float]
    gains: Mapping[str, float]
    turned: Mapping[str, tuple[Came, Came]] = field(default_factory=dict)

    @property
    def decided(self) -> tuple[str, ...]:
        """The decisive metrics in which the two differ beyond chance, by a test at 5 % of all of them together."""
        return tuple(name for name, p in self.adjusted.items() if p < SIGNIFICANT)

    @property
    def outcome(self) -> Outcome:
        """What these say of `b`."""
        better = {self.metrics[name].mean > 0 for name in self.decided}
        if not better:
            return "undecided"
        if len(better) > 1:
            return "mixed"
        return "better" if better.pop() else "worse"

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
        if not self.queries:
            return "There is nothing to compare: no query of the gold has an answer."
        if not self.adjusted:
            neither = " nor ".join(DECISIVE)
            return f"Neither {neither} was measured on both, and these decide: rank more documents per query (-k 100)."
        if not any(each.differing for each in self.metrics.values()):
            return f"No difference: the two answer all {self.queries} queries alike."
        if not self.decided:
            name = min(self.adjusted, key=lambda name: self.metrics[name].p)
            return f"No difference can be told: {self._change(name)}; {self.metrics[name].could_show}."
        how = {"better": "B is better", "worse": "B is worse", "mixed": "B is better in one way and worse in another"}
        changes = "; ".join(f"{self._change(name)}, p = {self.adjusted[name]:.4f}" for name in self.decided)
        return f"{how[self.outcome]}: {changes}."

    def p_said(self, metric: str) -> str:
        """The p of a metric: corrected where it decides, and marked where it is not."""
        if metric in self.adjusted:
            return f"{self.adjusted[metric]:.4f}"
        return f"{self.metrics[metric].p:.4f} uncorrected"

    def _change(self, metric: str) -> str:
        found = self.metrics[metric]
        return f"{metric} {found.mean:+.3f} ({found.low:+.3f} to {found.high:+.3f}) over {self.queries} queries"


def compare(a: Evaluation, b: Evaluation) -> Comparison:
    """Both must be of the same gold, or it is a `ValueError`."""
    if a.gold != b.gold:
        raise ValueError("the two evaluations are not of the same gold")
    # A metric that only one of them has says nothing: a run file has no spans, a short ranking no Recall@100.
    both = {name: sides for name in COMPARED if all(sides := (values(a, name), values(b, name)))}
    tested = [name for name in DECISIVE if name in both]
    found: dict[str, Difference] = {}
    gains: dict[str, float] = {}
    for name, sides in both.items():
        ids, old, new = paired(*sides)
        # What is detectable is what the first step of Holm's correction would let through.
        found[name] = difference(old, new, level=1 - SIGNIFICANT / len(tested) if name in tested else 1 - SIGNIFICANT)
        if name == FIRST:
            pairs = zip(ids, old, new, strict=True)
            gains = {id: after - before for id, before, after in sorted(pairs, key=lambda pair: pair[2] - pair[1])}
    adjusted = holm({name: found[name].p for name in tested})
    return Comparison(max(a.queries, b.queries), found, adjusted, gains, _turned(a, b))


def _turned(a: Evaluation, b: Evaluation) -> dict[str, tuple[Came, Came]]:
    if a.answers is None or b.answers is None:
        return {}
    before = {each.id: each.outcome for each in a.answers.results}
    after = {each.id: each.outcome for each in b.answers.results}
    pairs = {id: (before[id], after[id]) for id in before if id in after}
    return {id: pair for id, pair in pairs.items() if pair[0] != pair[1]}


def paired(a: Mapping[str, float], b: Mapping[str, float]) -> tuple[list[str], list[float], list[float]]:
    """The queries of either, and the values of both in that order; one that lacks a query has 0 there."""
    ids = sorted(a.keys() | b.keys())
    return ids, [a.get(id, 0.0) for id in ids], [b.get(id, 0.0) for id in ids]


def values(evaluation: Evaluation, metric: str) -> dict[str, float]:
    """A metric of each query that has it; of what came of asking, 1 where it is as wanted and 0 where it is not."""
    if not metric.startswith(PREFIX):
        return {result.id: result.metrics[metric] for result in evaluation.per_query if metric in result.metrics}
    is_answerable = metric.removeprefix(PREFIX) in OF_ANSWERABLE
    results = evaluation.answers.results if evaluation.answers else ()
    return {each.id: float(each.is_wanted) for each in results if (each.outcome in OF_ANSWERABLE) is is_answerable}

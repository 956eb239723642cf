"""How many of the cases does the agent handle, how sure is that, and what did it take?"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from statistics import fmean
from typing import Any, Protocol

from eval.cases.cases import Case
from eval.cases.judge import Seen, Spent, judge
from eval.cases.refusals import Refused, summed
from eval.cases.routing import Routing, together
from eval.measure.stats import Interval, wilson

OnProgress = Callable[[int, int], None]


class Answerer(Protocol):
    """Whoever is asked: what came of a case, by a run of its own."""

    def __call__(self, case: Case) -> Seen: ...


@dataclass(frozen=True, slots=True)
class Try:
    """A case that was asked once; `reasons` say why it fails, and are empty where it passes."""

    seen: Seen
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came of a case in each of its tries."""

    case: Case
    tries: tuple[Try, ...]

    @property
    def passes(self) -> int:
        """In how many of its tries it passed."""
        return sum(not each.reasons for each in self.tries)

    @property
    def is_passed(self) -> bool:
        """Whether it passed in every try."""
        return self.passes == len(self.tries)

    @property
    def share(self) -> float:
        """The share of its tries in which it passed."""
        return self.passes / len(self.tries)

    @property
    def worst(self) -> Try:
        """The first try that failed, else the first."""
        return next((each for each in self.tries if each.reasons), self.tries[0])


@dataclass(frozen=True)
class Evaluated:
    """What came of all cases. `rate` is the share of tries that passed, with its 95 % interval over cases."""

    results: tuple[CaseResult, ...]

    @property
    def passed(self) -> int:
        """How many cases passed in every try."""
        return sum(each.is_passed for each in self.results)

    @property
    def failures(self) -> tuple[CaseResult, ...]:
        """The cases that failed in a try at least."""
        return tuple(each for each in self.results if not each.is_passed)

    @cached_property
    def rate(self) -> Interval:
        """The tries of one case hang together, so the interval counts cases: more tries make it no narrower."""
        return wilson(sum(each.share for each in self.results), len(self.results))

    @property
    def releases(self) -> tuple[str, ...]:
        """The releases that answered, in their order: several where another version was published meanwhile."""
        seen = (each.seen.release for result in self.results for each in result.tries)
        return tuple(dict.fromkeys(release for release in seen if release))

    @property
    def spent(self) -> Spent:
        """What all of it took; the cost is known only where that of each try is."""
        all_spent = [each.seen.spent for result in self.results for each in result.tries]
        by_model: Counter[str] = Counter()
        for spent in all_spent:
            by_model.update(spent.by_model)
        costs = [spent.cost for spent in all_spent if spent.cost is not None]
        return Spent(
            seconds=sum(spent.seconds for spent in all_spent),
            tokens=sum(spent.tokens for spent in all_spent),
            cost=sum(costs) if len(costs) == len(all_spent) else None,
            by_model=dict(by_model),
        )

    @property
    def routing(self) -> Routing | None:
        """Which of two models ended how many runs; None where there is but one."""
        return together(each.seen.routing for result in self.results for each in result.tries)

    @property
    def refused(self) -> Refused:
        """What was withheld, for which reasons, and what of it the cases want or want not to be."""
        return summed(
            (result.case.expect, each.seen.said, each.seen.refusals) for result in self.results for each in result.tries
        )

    @property
    def tries(self) -> int:
        """How often a question of a case was asked."""
        return sum(len(each.tries) for each in self.results)

    def by_tag(self) -> dict[str, tuple[CaseResult, ...]]:
        """The results of each tag, in the order of the cases."""
        groups: defaultdict[str, list[CaseResult]] = defaultdict(list)
        for result in self.results:
            for tag in dict.fromkeys(result.case.tags):
                groups[tag].append(result)
        return {tag: tuple(group) for tag, group in groups.items()}


def evaluate(
    cases: Sequence[Case], answer: Answerer, *, repeat: int = 1, on_progress: OnProgress | None = None
) -> Evaluated:
    """Asks each case so many times. What `answer` raises ends it: an evaluation with a part of it missing is none."""
    if not cases or repeat < 1:
        raise ValueError("there is nothing to ask")
    results, done = [], 0
    for case in cases:
        tries = []
        for _ in range(repeat):
            seen = answer(case)
            tries.append(Try(seen, judge(case.expect, seen)))
            done += 1
            if on_progress:
                on_progress(done, len(cases) * repeat)
        results.append(CaseResult(case, tuple(tries)))
    return Evaluated(tuple(results))


def as_json(found: Evaluated) -> dict[str, Any]:
    """The figures as scripts read them."""
    spent = found.spent
    return {
        "cases": len(found.results),
        "passed": found.passed,
        "rate": found.rate.mean,
        "low": found.rate.low,
        "high": found.rate.high,
        "tries": found.tries,
        "failures": [_failure(each) for each in found.failures],
        "tags": {
            tag: {"cases": len(group), "passed": sum(each.is_passed for each in group)}
            for tag, group in found.by_tag().items()
        },
        "spent": asdict(spent),
        "spent_a_case": {
            "seconds": spent.seconds / found.tries,
            "tokens": spent.tokens / found.tries,
            "cost": None if spent.cost is None else spent.cost / found.tries,
        },
        "routing": found.routing.as_json() if found.routing else None,
        "refused": found.refused.as_json(),
        "per_case": [_told(each) for each in found.results],
    }


def _failure(result: CaseResult) -> Mapping[str, Any]:
    worst = result.worst
    expected = {name: value for name, value in asdict(result.case.expect).items() if value}
    seen = asdict(worst.seen)
    run = seen.pop("run")
    return {
        "id": result.case.id,
        "question": result.case.question,
        "expected": expected,
        "seen": seen,
        "run": run,
        "reasons": worst.reasons,
        "passes": result.passes,
        "tries": len(result.tries),
    }


def _told(result: CaseResult) -> Mapping[str, Any]:
    return {
        "id": result.case.id,
        "passes": result.passes,
        "tries": len(result.tries),
        "runs": [each.seen.run for each in result.tries],
        "seconds": fmean(each.seen.spent.seconds for each in result.tries),
        "tokens": fmean(each.seen.spent.tokens for each in result.tries),
    }

"""Which of two models answered, by which rule, and what did that save?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Routing:
    """How many runs the `fast` model ended, how many the `strong` one, and why it was that one, by rule.

    `after_check` of the latter came to the strong one since the fast one's answer did not hold. `cost` is what the runs
    cost, `all_strong` about what they would have if all of their tokens had been the strong one's; None where prices
    are not known.
    """

    fast: int = 0
    strong: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    after_check: int = 0
    cost: float | None = None
    all_strong: float | None = None

    @property
    def said(self) -> str:
        """The outcome in a sentence."""
        checked = f", {self.after_check} of them after an answer that did not hold" if self.after_check else ""
        told = (
            f"the fast model ended {self.fast:,} run{'s' * (self.fast != 1)}, the strong one {self.strong:,}{checked}"
        )
        if self.all_strong is None:
            return f"{told}; what that saved is not known, as the prices are not set"
        known = "of unknown cost (its prices are not set)" if self.cost is None else f"cost {self.cost:.4f}"
        saved = ""
        if self.cost is not None and self.all_strong:
            share = 1 - self.cost / self.all_strong
            saved = f", {abs(share):.0%} {'less' if share >= 0 else 'more'}"
        return f"{told}; {known}{saved}, by its tokens about {self.all_strong:.4f} at the strong one's prices alone"

    def as_json(self) -> dict[str, Any]:
        """For scripts; `all_strong` is an estimate."""
        return {
            "fast": self.fast,
            "strong": self.strong,
            "reasons": dict(self.reasons),
            "after_check": self.after_check,
            "cost": self.cost,
            "all_strong": self.all_strong,
        }


def together(each: Iterable[Routing | None]) -> Routing | None:
    """All of them as one; None where no run had two models to choose from."""
    known = [one for one in each if one is not None]
    if not known:
        return None
    reasons: Counter[str] = Counter()
    for one in known:
        reasons.update(one.reasons)
    return Routing(
        fast=sum(one.fast for one in known),
        strong=sum(one.strong for one in known),
        reasons=dict(reasons.most_common()),
        after_check=sum(one.after_check for one in known),
        cost=_sum(one.cost for one in known),
        all_strong=_sum(one.all_strong for one in known),
    )


def _sum(costs: Iterable[float | None]) -> float | None:
    """None where one of them is not known."""
    found = list(costs)
    known = [each for each in found if each is not None]
    return round(sum(known), 6) if len(known) == len(found) else None

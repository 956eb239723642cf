"""Did what must come of a case come of it? Decided from what was seen alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from eval.cases.cases import Expected, squeezed
from eval.cases.refusals import Refusal
from eval.cases.routing import Routing

_OURS: Final = ("abstained", "failed")  # ends of which Citewell says itself why, and may repeat the question
_OR: Final = " or "


@dataclass(frozen=True, slots=True)
class Spent:
    """What asking took: tokens of all kinds together, by model too; None where the `cost` is not known."""

    seconds: float = 0.0
    tokens: int = 0
    cost: float | None = None
    by_model: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a case that was asked.

    `said` is what the asker was told, an answer or why there is none; `unverified` are the statements that nothing
    bears out, which are left out of it and named below. `calls` are the tools that ran, or of which it is not known
    whether they did; `parked` those that wait for a person; `refused` those that were wanted and not let run. `run`
    names it in the journal, `routing` tells which of two models ended it, where there were two, and `refusals` what was
    withheld in it, of whatever kind.
    """

    status: str
    said: str = ""
    unverified: tuple[str, ...] = ()
    cites: tuple[str, ...] = ()
    calls: tuple[str, ...] = ()
    parked: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    rule: str | None = None
    run: str | None = None
    release: str = ""
    spent: Spent = field(default_factory=Spent)
    routing: Routing | None = None
    refusals: tuple[Refusal, ...] = ()


def judge(expected: Expected, seen: Seen) -> tuple[str, ...]:
    """Why the case fails, a reason for each thing that is not as it must be; empty where it passes.

    Words that are named as unverified count as said where they must not be, and not where they must. The reason that
    Citewell gives for no answer is not the agent's saying. A call that waits for a person is made, but did not run.
    """
    reasons = []
    if expected.status and seen.status not in expected.status:
        reasons.append(f"ended as {seen.status}, not {_OR.join(expected.status)}")
    said, unverified = squeezed(seen.said), "\0".join(map(squeezed, seen.unverified))
    # Why there is no answer counts as said only where there is to be none.
    told = said if seen.status == "answered" or seen.status in expected.status else ""
    reasons += [f"cites nothing of {name}" for name in expected.cites if name not in seen.cites]
    for text in expected.says:
        if squeezed(text) not in told:
            beside = ", but as unverified" if squeezed(text) in unverified else ""
            reasons.append(f"does not say “{text}”{beside}")
    shown = "" if seen.status in _OURS else f"{said}\0{unverified}"
    reasons += [f"says “{text}”" for text in expected.not_says if squeezed(text) in shown]
    reasons += [f"does not call {name}" for name in expected.calls if name not in {*seen.calls, *seen.parked}]
    reasons += [f"calls {name}" for name in expected.not_calls if name in seen.calls]
    if expected.rule is not None and seen.rule != expected.rule:
        by = f"by {seen.rule}" if seen.rule else "by no rule"
        reasons.append(f"handed over {by}, not by {expected.rule}")
    return tuple(reasons)

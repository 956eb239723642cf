"""What may a run take, by its settings, its charters and what was had of the day before?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from agent.governance.charter import Charter, folded
from agent.journal.entry import Entry
from agent.journal.tallies import Claim, NothingLeft, claims_in

T = TypeVar("T", int, float)
_COST = "cost"
_RUNS = "runs"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The most of each that a run may take; None where nothing bounds it."""

    steps: int
    seconds: float
    tokens: int | None
    cost: float | None


def bounded_by(settings: Bounds, charters: Iterable[Charter]) -> Bounds:
    """The stricter of each."""
    for charter in charters:
        of = charter.budget
        settings = Bounds(
            min(settings.steps, of.steps or settings.steps),
            min(settings.seconds, of.seconds or settings.seconds),
            _least(settings.tokens, of.tokens),
            _least(settings.cost, of.cost),
        )
    return settings


def to_begin(charters: Sequence[Charter], principal: str | None) -> tuple[Claim, ...]:
    """What a run takes when it begins: itself, of the runs of a day."""
    return tuple(
        Claim(_named(_RUNS, whose), "day", 1.0, most)
        for whose, most in _days(charters, principal, lambda day: day.runs)
    )


def cost_left(
    charters: Sequence[Charter], principal: str | None, had: Callable[[Sequence[Claim]], Mapping[Claim, float]]
) -> float | None:
    """What is left of a day's cost for a run that begins; None where nothing bounds it. Raises `NothingLeft`.

    Runs that go on at the same time each see what those that ended have cost.
    """
    left = _left(charters, principal, had)
    for whose, (most, before) in left.items():
        if most <= before:
            who = f"the runs of {whose}" if whose else "all runs"
            raise NothingLeft(
                f"What {who} may cost on one day is spent ({most:g}): ask tomorrow (UTC), or raise [budget] in "
                "charter.toml."
            )
    return min((most - before for most, before in left.values()), default=None)


def cost_in_all(
    charters: Sequence[Charter],
    principal: str | None,
    counted: float,
    had: Callable[[Sequence[Claim]], Mapping[Claim, float]],
) -> float | None:
    """What a run may cost in all that is gone on with: what of it was counted before, and what is left of the day."""
    left = _left(charters, principal, had).values()
    return min((counted + max(0.0, most - before) for most, before in left), default=None)


def _left(
    charters: Sequence[Charter], principal: str | None, had: Callable[[Sequence[Claim]], Mapping[Claim, float]]
) -> dict[str, tuple[float, float]]:
    """Of whom a day's cost is bounded, the most of it and what was had."""
    days = [*_days(charters, principal, lambda day: day.cost)]
    claims = {whose: Claim(_named(_COST, whose), "day", 0.0, most) for whose, most in days}
    before = had(list(claims.values())) if claims else {}
    return {whose: (most, before[claims[whose]]) for whose, most in days}


def paid(entries: Iterable[Entry]) -> float:
    """What of a run's cost was counted for a day."""
    claims = (claim for entry in entries for claim in claims_in(entry.content))
    return sum(claim.amount for claim in claims if claim.what == _COST)


def spent(cost: float | None, principal: str | None) -> tuple[Claim, ...]:
    """What a run that ended adds to its day."""
    if not cost:
        return ()
    return tuple(Claim(_named(_COST, whose), "day", cost) for whose in dict.fromkeys(("", principal or "")))


def _days(
    charters: Sequence[Charter], principal: str | None, of: Callable[..., float | None]
) -> Iterator[tuple[str, float]]:
    for whose in ("", principal) if principal else ("",):
        said = [of(charter.budget.user if whose else charter.budget.day) for charter in charters]
        if most := [each for each in said if each is not None]:
            yield whose or "", min(most)


def _named(what: str, whose: str) -> str:
    return f"{what} of {folded(whose)}" if whose else what


def _least(one: T | None, other: T | None) -> T | None:
    known = [each for each in (one, other) if each is not None]
    return min(known) if known else None

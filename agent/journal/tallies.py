"""How much of what is bounded was had in a run, or in an hour or on a day by all runs together?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal

from sqlalchemy import Connection, select, tuple_

from agent.journal.tables import tallies
from ingest.errors import CitewellError

TRIAL: Final = "-trial-"  # in the id of a run, before that of the trial of which it is
Span = Literal["run", "hour", "day"]


class NothingLeft(CitewellError):
    """What a call would take of what is bounded was had by another meanwhile, so that it was not begun."""

    code: ClassVar[str] = "nothing_left"
    http_status: ClassVar[int] = 409


@dataclass(frozen=True, slots=True)
class Claim:
    """What is added to what may come together in a run, an hour or a day (UTC): `amount` of `what`, `most` in all.

    Without `most` it is added whatever there was before.
    """

    what: str
    span: Span
    amount: float
    most: float | None = None


def had(connection: Connection, run: str, at: str, claims: Sequence[Claim]) -> dict[Claim, float]:
    """Of each claim what was had before, at a time as events have it."""
    keys = {claim: (claim.what, _when(claim, run, at)) for claim in claims}
    if not keys:
        return {}
    which = tuple_(tallies.c.what, tallies.c.span).in_(set(keys.values()))
    found = {(row.what, row.span): row.total for row in connection.execute(select(tallies).where(which))}
    return {claim: float(found.get(key, 0.0)) for claim, key in keys.items()}


def take(connection: Connection, run: str, at: str, claims: Sequence[Claim]) -> None:
    """Notes that they are had, in a transaction in which nobody else writes: all of them, or `NothingLeft`."""
    before = had(connection, run, at, claims)
    for claim in claims:
        if claim.most is not None and before[claim] + claim.amount > claim.most + 1e-9 * claim.most:
            raise NothingLeft(
                f"{claim.what} came to {before[claim]:g} meanwhile, and only {claim.most:g} may come together in one "
                f"{claim.span}: raise its limit in charter.toml, or ask for less."
            )
    for (what, span), amount in taken(run, at, claims).items():
        row = (tallies.c.what == what) & (tallies.c.span == span)
        added = connection.execute(tallies.update().where(row).values(total=tallies.c.total + amount))
        if added.rowcount == 0:
            connection.execute(tallies.insert().values(what=what, span=span, total=amount))


def taken(run: str, at: str, claims: Sequence[Claim]) -> dict[tuple[str, str], float]:
    """By how much claims raise what was had, by what they are about and the span."""
    return {(claim.what, _when(claim, run, at)): claim.amount for claim in claims}  # two charters may both bound it


def trial_of(run: str) -> str:
    """The trial of which a run is, or "": what it takes of a day counts for that alone, and its case calls nobody."""
    return run.partition(TRIAL)[2]


def claims_in(content: Mapping[str, Any]) -> list[Claim]:
    """Those of an event, as it is written."""
    return [each if isinstance(each, Claim) else Claim(**each) for each in content.get("claims") or ()]


def _when(claim: Claim, run: str, at: str) -> str:
    span = {"run": f"run {run}", "hour": f"hour {at[:13]}", "day": f"day {at[:10]}"}[claim.span]
    is_money = claim.what == "cost" or claim.what.startswith("cost of ")  # which is spent, trial or not
    return f"{span} of trial {trial_of(run)}" if trial_of(run) and not is_money else span

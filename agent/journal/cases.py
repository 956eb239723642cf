"""Which cases wait for a person, who has them, and until when? Rows that are made from the events again at any time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

from sqlalchemy import Connection, select

from agent.journal.chain import Link
from agent.journal.tables import cases

Status = Literal["open", "claimed", "resolved"]
KINDS: Final = frozenset({"handover", "claimed", "moved", "resolved", "reopened", "decided"})


@dataclass(frozen=True, slots=True)
class Case:
    """What a person is to go on with: a run that was handed over to one, by a rule and a route.

    `same_as` names an open case of the same question by the same principal, which came first and stands for it.
    """

    id: str
    run: str
    status: Status
    rule: str
    opened: str
    key: str
    route: str | None = None
    due: str | None = None
    claimed_by: str | None = None
    same_as: str | None = None


def case_id(run: str) -> str:
    """That of a run, which has one case at most."""
    return f"case-{run.removeprefix('r-')}"


def note(connection: Connection, event: Link, content: Mapping[str, Any]) -> None:
    """Keeps the case of a run as an event leaves it, in the transaction in which the event is written."""
    if event.kind not in KINDS:
        return
    row = connection.execute(select(cases).where(cases.c.id == case_id(event.run))).one_or_none()
    before = Case(*row) if row else None
    after = _after(before, event, content)
    if after is None:
        return
    if before is None:
        connection.execute(cases.insert().values(asdict(replace(after, same_as=_earlier(connection, after)))))
    else:
        connection.execute(cases.update().where(cases.c.id == after.id).values(asdict(after)))


def _after(before: Case | None, event: Link, content: Mapping[str, Any]) -> Case | None:
    said = {name: content.get(name) for name in ("rule", "route", "due", "key", "by")}
    if event.kind == "handover":
        opened = Case(case_id(event.run), event.run, "open", str(said["rule"] or ""), event.at, str(said["key"] or ""))
        opened = replace(opened, route=said["route"], due=said["due"])
        return opened if before is None else replace(opened, same_as=before.same_as)
    if before is None:
        return None
    match event.kind:
        case "claimed":
            return replace(before, status="claimed", claimed_by=said["by"], due=None)
        case "moved":
            return replace(before, status="open", claimed_by=None, route=said["route"], due=said["due"])
        case "reopened":
            return replace(before, status="open", claimed_by=None)
        case _:  # resolved, or the word on its call was said
            return replace(before, status="resolved", due=None)


def _earlier(connection: Connection, case: Case) -> str | None:
    """An open case of the same question, which stands for this one too."""
    same = (cases.c.key == case.key) & (cases.c.status != "resolved") & cases.c.same_as.is_(None)
    found = select(cases.c.id).where(same).order_by(cases.c.opened).limit(1)
    return connection.execute(found).scalar_one_or_none() if case.key else None

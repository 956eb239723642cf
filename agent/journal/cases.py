"""Which cases wait for a person, who has them, and until when? Rows that are made from the events again at any time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final, Literal

from sqlalchemy import Connection, select

from agent.journal.chain import Link
from agent.journal.tables import cases, notices
from agent.journal.tallies import trial_of

Status = Literal["open", "claimed", "resolved"]
KINDS: Final = frozenset({"handover", "claimed", "moved", "resolved", "reopened", "decided", "failed"})


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


Fortune = Literal["waiting", "sending", "sent", "given up"]
CHANNELS: Final = ("webhook", "mail")
_TOLD: Final[Mapping[str, str]] = {"handover": "opened", "moved": "moved", "reopened": "reopened"}


@dataclass(frozen=True, slots=True)
class Notice:
    """That a case was opened, moved or reopened is to be told by a channel of its route, unless that has none such.

    `due` says when it is tried next; while it is `sending`, when who sends it counts as gone. `said` is why it was not
    taken the last time. The `id` stays the same however often it is tried.
    """

    id: str
    case: str
    run: str
    what: str
    channel: str
    route: str
    rule: str
    at: str
    status: Fortune
    due: str
    attempts: int = 0
    said: str = ""


def case_id(run: str) -> str:
    """That of a run, which has one case at most."""
    return f"case-{run.removeprefix('r-')}"


def note(connection: Connection, event: Link, content: Mapping[str, Any]) -> None:
    """Keeps the case of a run as an event leaves it, in the transaction in which the event is written."""
    if event.kind not in KINDS or trial_of(event.run):
        return
    row = connection.execute(select(cases).where(cases.c.id == case_id(event.run))).one_or_none()
    before = Case(*row) if row else None
    after = _after(before, event, content)
    if after is None:
        return
    if before is None:
        after = replace(after, same_as=_earlier(connection, after))
        connection.execute(cases.insert().values(asdict(after)))
    else:
        connection.execute(cases.update().where(cases.c.id == after.id).values(asdict(after)))
    if event.kind in _TOLD and after.route and after.same_as is None:
        of = (after.id, after.run, _TOLD[event.kind])
        to = [
            Notice(
                f"{after.id}-{event.number}-{each}", *of, each, after.route, after.rule, event.at, "waiting", event.at
            )
            for each in CHANNELS
        ]
        connection.execute(notices.insert(), [asdict(each) for each in to])


def folded(before: Case | None, event: Link, content: Mapping[str, Any]) -> Case | None:
    """The case of a run after an event; None where it has none that anybody keeps."""
    is_kept = event.kind in KINDS and not trial_of(event.run) and (event.kind != "handover" or "key" in content)
    return _after(before, event, content) if is_kept else before


def to_be_told(connection: Connection, at: str, *, anyway: bool = False) -> list[Notice]:
    """What is to be told by now, the oldest first; `anyway` also what waits for later or was given up."""
    is_due = notices.c.status.in_(("waiting", "sending")) & (notices.c.due <= at)
    which = is_due | notices.c.status.in_(("waiting", "given up")) if anyway else is_due
    return [
        Notice(*row) for row in connection.execute(select(notices).where(which).order_by(notices.c.at, notices.c.id))
    ]


def told_of(connection: Connection, case: str) -> list[Notice]:
    """All that was or is to be told of a case, in order."""
    found = select(notices).where(notices.c.case == case).order_by(notices.c.at, notices.c.id)
    return [Notice(*row) for row in connection.execute(found)]


def settle(connection: Connection, before: Notice, after: Notice | None) -> bool:
    """Notes what becomes of a notice, None being that there is nobody to tell; whether no other came first."""
    as_it_was = (
        (notices.c.id == before.id)
        & (notices.c.status == before.status)
        & (notices.c.attempts == before.attempts)
        & (notices.c.due == before.due)
    )
    change = notices.delete() if after is None else notices.update().values(asdict(after))
    return connection.execute(change.where(as_it_was)).rowcount == 1


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
            return replace(before, status="open", claimed_by=None, due=said["due"])
        case _:  # resolved, or the word on its call was said, or its run was ended
            return replace(before, status="resolved", due=None)


def _earlier(connection: Connection, case: Case) -> str | None:
    """An open case of the same question, which stands for this one too."""
    same = (cases.c.key == case.key) & (cases.c.status != "resolved") & cases.c.same_as.is_(None)
    found = select(cases.c.id).where(same).order_by(cases.c.opened).limit(1)
    return connection.execute(found).scalar_one_or_none() if case.key else None

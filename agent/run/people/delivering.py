"""Who is told of a case, and what becomes of it if they cannot be? Each notice goes out until it is taken, as one."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from agent.governance.charter import Charter, Way
from agent.governance.trust import check_trust
from agent.journal.cases import Case, Notice
from agent.run.people.casefile import CaseFile
from agent.run.people.mail import send
from agent.run.people.showing import as_text
from agent.run.people.webhook import NotDelivered, post
from agent.settings import WEBHOOK_SECRET, Settings, passed_on
from ingest.errors import CitewellError
from plugins.bounded import Overdue, Raised, bounded_now

_DEADLINE: Final = 60.0  # seconds that one delivery may take, however slowly a server answers
_LEASE: Final = timedelta(minutes=5)  # after which what was to be sent by a process that was killed is sent again
_WAITS: Final = (5, 30, 120, 600, 3600, 4 * 3600, 12 * 3600, 24 * 3600)  # seconds between one attempt and the next
_WIDTH: Final = 78
_LINKED: Final = re.compile(r"(?i)\b([a-z][a-z0-9+.-]{1,20}|www)([:.])(?=(?<=:)[/\\]|(?<=www\.)\w)")

log = logging.getLogger(__name__)


def told(
    notice: Notice,
    case: Case,
    charters: Sequence[Charter],
    settings: Settings,
    at: datetime,
    *,
    settle: Callable[[Notice, Notice | None], bool],
    file: Callable[[], CaseFile | None],
) -> Notice | None:
    """What became of a notice that was due; None where another process has it, or its route has no such channel.

    That it is being sent is on disk before it is, and that it was after it: who is killed between the two leaves it to
    be sent again, under the same id, by which its receiver knows it. `file` is the case, where its contents are told.
    """
    way = next((each.routes[notice.route] for each in charters if notice.route in each.routes), None)
    if way is not None and not (way.webhook if notice.channel == "webhook" else way.mail):
        settle(notice, None)
        return None
    sending = replace(notice, status="sending", attempts=notice.attempts + 1, due=_written(at + _LEASE))
    if not settle(notice, sending):
        return None
    try:
        if way is None:
            raise NotDelivered(f"The charter has no route {notice.route!r} any more: write it, or move the case.")
        said = _within(lambda: _tell(notice, case, way, settings, at, file() if way.contents else None))
        after = replace(sending, status="sent", due=_written(at), said=said)
    except CitewellError as fault:
        after = _again(sending, str(fault), at)
        log.warning("%s was not told of %s: %s", notice.route, notice.case, fault)
    settle(sending, after)
    return after


def _within(tell: Callable[[], str]) -> str:
    try:
        return bounded_now(tell, seconds=_DEADLINE)
    except Overdue:
        raise NotDelivered(f"It was not taken within {_DEADLINE:g} seconds: see that its server answers.") from None
    except Raised as raised:
        raise raised.fault from None


def _tell(notice: Notice, case: Case, way: Way, settings: Settings, at: datetime, file: CaseFile | None) -> str:
    """What is to be said of a notice that was taken, if anything is."""
    if notice.channel == "mail":
        check_trust(settings)
        subject = f"Case {notice.case} was {notice.what}"
        text = _letter(notice, case, way, file)
        return send(settings.mail, settings.mail_password, way.mail, notice.id, subject, text, at=at)
    assert way.webhook is not None  # else nobody is told by it
    name = way.secret or WEBHOOK_SECRET
    secret = passed_on([name]).get(name)
    if not secret:
        raise NotDelivered(f"{name} is not set, by which the webhook of {notice.route} is signed: set it.")
    body = json.dumps(_message(notice, case, way, file)).encode()
    post(way.webhook, secret, notice.id, body, at=at, private=way.private)
    return ""


def _message(notice: Notice, case: Case, way: Way, file: CaseFile | None) -> dict[str, Any]:
    data = {
        "id": notice.case,
        "run": notice.run,
        "rule": notice.rule,
        "route": notice.route,
        "queue": way.queue,
        "status": case.status,
        "opened": case.opened,
        "due": case.due,
        "link": _link(notice, way),
        "command": _command(notice),
        **({"case": file.as_json} if file else {}),
    }
    return {"type": f"case.{notice.what}", "timestamp": notice.at, "data": data}


def _letter(notice: Notice, case: Case, way: Way, file: CaseFile | None) -> str:
    until = f"Claim it until {case.due[:16].replace('T', ' ')} UTC." if case.due and case.status == "open" else ""
    link = _link(notice, way)
    lines = [
        f"The case {notice.case} was {notice.what}, by the rule {notice.rule}, for {notice.route}.",
        *([until] if until else []),
        "",
        *([link] if link else []),
        _command(notice),
    ]
    return "\n".join([*lines, *(["", _unlinked(as_text(file, _WIDTH))] if file else [])]) + "\n"


def _unlinked(text: str) -> str:
    """Others' words, of whose addresses no program for mail makes a link: `https[:]//`."""
    return _LINKED.sub(lambda found: f"{found[1]}[{found[2]}]", text)


def _link(notice: Notice, way: Way) -> str | None:
    return way.link.replace("{id}", notice.case) if way.link else None


def _command(notice: Notice) -> str:
    return f"citewell escalations show {notice.case}"


def _again(sending: Notice, said: str, at: datetime) -> Notice:
    """When it is tried next, later each time, or that it is not."""
    tried = sending.attempts - 1
    if tried >= len(_WAITS):
        return replace(sending, status="given up", due=_written(at), said=said)
    return replace(sending, status="waiting", due=_written(at + timedelta(seconds=_WAITS[tried])), said=said)


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")

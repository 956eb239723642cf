"""Which call does a person allow? The one that was shown, in every part, and no other."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from agent.governance.authorizing import judge
from agent.governance.charter import Charter, folded, key
from agent.governance.hours import span
from agent.journal.tallies import Claim
from ingest.errors import CitewellError
from ingest.model import digest
from plugins.tool import Tool


class NotTheirs(CitewellError):
    """A person may not decide on this call: they asked for it, have decided already, may not see it, or not call it."""

    code: ClassVar[str] = "not_theirs_to_approve"
    http_status: ClassVar[int] = 403


def shown(
    tool: Tool,
    version: str,
    arguments: Mapping[str, Any],
    principal: str | None,
    charters: Sequence[Charter],
    place: str,
) -> str:
    """The digest of all that a person is shown of a call: another one asks anew, and so does the same at another place
    of its run.
    """
    what = {
        "tool": tool.name,
        "plugin": tool.plugin,
        "version": version,
        "effect": tool.effect,
        "description": tool.description,
        "schema": tool.schema,
        "arguments": arguments,
        "principal": principal,
        "place": place,
        "charters": [each.digest for each in charters],
        **({"server": tool.server} if tool.server else {}),
    }
    return digest(json.dumps(what, sort_keys=True, ensure_ascii=False))


def check_approver(
    charters: Iterable[Charter], asked: Collection[str | None], by: str, endorsed: Sequence[str]
) -> None:
    """Raises `NotTheirs` where somebody may not allow a call: who `asked`, by any name that is known of them."""
    if folded(by) in map(folded, endorsed):
        raise NotTheirs(f"{by} has allowed this call already, and it needs another person's word too: let one approve.")
    if folded(by) in {folded(each) for each in asked if each} and not all(each.approvals.own for each in charters):
        raise NotTheirs(
            f"{by} asked for this, so another person is to approve it (citewell runs approve ID --by NAME); to let "
            "people approve what they asked for, write in charter.toml\n[approvals]\nown = true"
        )


def hidden(charters: Iterable[Charter], by: str | None, held: Collection[str]) -> list[str]:
    """Of the labels that a run has `held` those that charters keep from somebody."""
    people = filter(None, (charter.person(by) for charter in charters))
    return sorted({label for each in people if each.labels is not None for label in {*held} - {*each.labels}})


def check_sees(charters: Iterable[Charter], by: str, held: Collection[str]) -> None:
    """Raises `NotTheirs` where somebody may not see all of a run that has `held` these labels."""
    if labels := hidden(charters, by, held):
        raise NotTheirs(
            f"{by} may not see all that this run holds (by the labels {', '.join(labels)}), so another person is to "
            "decide on it (--by NAME); to let them see those that begin from now on, write in charter.toml\n"
            f"[principals.{key(by)}]\nlabels = {json.dumps(sorted(held), ensure_ascii=False)}"
        )


def check_may_call(
    charters: Sequence[Charter], tool: Tool, arguments: Mapping[str, Any], asked: str | None, by: str
) -> None:
    """Raises `NotTheirs` where a call is denied to somebody that is not to who `asked`: they let nobody make it."""
    theirs = judge(charters, tool, arguments, by)
    if theirs.rule == "deny" and judge(charters, tool, arguments, asked).rule != "deny":
        raise NotTheirs(
            f"{by} may not make this call of {tool.name} themselves ({'; '.join(theirs.reasons)}), and so allows it to "
            "nobody: let another person approve it (--by NAME); to let them approve such calls of runs that begin from "
            f"now on, change what charter.toml says in [principals.{key(by)}.tools]"
        )


def asking(charters: Iterable[Charter], principal: str | None) -> tuple[Claim, ...]:
    """What it takes to ask a person about a call: people who are asked too often no longer look."""
    bounds = [each.approvals for each in charters]
    return (
        Claim("approvals", "run", 1.0, min(each.run for each in bounds)),
        Claim(f"approvals of {folded(principal or 'nobody named')}", "hour", 1.0, min(each.hour for each in bounds)),
    )


def too_many(claims: Sequence[Claim], before: Mapping[Claim, float]) -> str | None:
    """Why nobody is asked any more, where so many were before; None where one may be."""
    for claim in claims:
        if claim.most is not None and before[claim] + claim.amount > claim.most:
            whose = "" if claim.span == "run" else f" ({claim.what})"
            return f"a person was asked {before[claim]:g} times in this {claim.span}{whose}, and more is not allowed"
    return None


def expiry(charters: Sequence[Charter], at: datetime) -> str:
    """Until when a call that is shown now may be allowed, by the strictest charter; in UTC, as ISO has it."""
    return (at + min(span(each.approvals.expires) for each in charters)).isoformat(timespec="seconds")


def is_over(expires: str | None, at: datetime | None = None) -> bool:
    """Whether it is too late to allow a call."""
    return expires is not None and datetime.fromisoformat(expires) <= (at or datetime.now(UTC))

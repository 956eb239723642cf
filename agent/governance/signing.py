"""Who signed a charter, and when?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from agent.governance.charter import Charter
from agent.journal.journal import Journal
from agent.journal.record import new_run_id

_KIND = "signed"


@dataclass(frozen=True, slots=True)
class Signature:
    """Somebody stands for a charter as it is; `account` is the one that they acted as."""

    charter: str
    by: str
    account: str
    at: str


def sign(journal: Journal, charter: Charter, *, by: str, account: str) -> Signature:
    """Records that somebody stands for a charter as it is, and keeps what it says."""
    kept = journal.keep(charter.written)
    entry = journal.append(
        f"s-{new_run_id()[2:]}", _KIND, {"charter": kept, "by": by, "account": account}, actor="person"
    )
    return Signature(kept, by, account, entry.at)


def signatures(journal: Journal) -> list[Signature]:
    """All that were given, the latest first."""
    found = [
        Signature(str(said["charter"]), str(said["by"]), str(said["account"]), entry.at)
        for entry in journal.records(_KIND)
        if "charter" in (said := entry.content)
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a charter that is in force may not be what its owner stands for: a `code`, and what is to be done."""

    code: str
    told: str


def standing(charter: Charter, found: Sequence[Signature], today: date) -> list[Doubt]:
    """What is to be said of a charter wherever it is in force: that nobody signed it as it is, that nobody owns it, or
    that its review is past. Nothing, where all is well.
    """
    missing = unsigned(found, charter)
    doubts = [Doubt("charter_changed" if found else "charter_unsigned", missing)] if missing else []
    owned = unowned(charter, today)
    return [*doubts, owned] if owned else doubts


def unowned(charter: Charter, today: date) -> Doubt | None:
    """That nobody answers for a charter, or looked at it in time."""
    if charter.owner is None:
        return Doubt("charter_unowned", "nobody owns it: write [owner]")
    if charter.owner.review is not None and charter.owner.review < today:
        said = f"it was to be looked at again by {charter.owner.review}: do so, and set a new [owner] review"
        return Doubt("charter_review_past", said)
    return None


def unsigned(found: Sequence[Signature], charter: Charter) -> str | None:
    """What is to be said of a charter that nobody signed as it is; None where somebody did."""
    if any(each.charter == charter.digest for each in found):
        return None
    if found:
        return f"it was changed since {found[0].by} signed it on {found[0].at[:10]}: citewell charter sign --by NAME"
    return "nobody signed it yet: citewell charter sign --by NAME"

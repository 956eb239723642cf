"""Who signed a charter, and when?"""

from __future__ import annotations

from dataclasses import dataclass

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


def unsigned(found: list[Signature], charter: Charter) -> str | None:
    """What is to be said of a charter that nobody signed as it is; None where somebody did."""
    if any(each.charter == charter.digest for each in found):
        return None
    if found:
        return f"it was changed since {found[0].by} signed it on {found[0].at[:10]}: citewell charter sign --by NAME"
    return "nobody signed it yet: citewell charter sign --by NAME"

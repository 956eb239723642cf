"""How does a case go on? Somebody claims it and answers; the answer reaches who asked, and gold where they say so."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from agent.governance.reading import read_back
from agent.journal.cases import Case
from agent.journal.events import Claimed, Reopened, Resolved, TakenUp, read
from agent.journal.replay import asked
from agent.memory.kept import said_in
from agent.run.making import Opened, in_hand
from agent.run.people.casefile import case_file
from agent.run.start import decide
from ingest.errors import CitewellError


class NotInHand(CitewellError):
    """A case is not such that this could be done with it."""

    code: ClassVar[str] = "not_in_hand"
    http_status: ClassVar[int] = 409


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: by a name, and as an account."""

    by: str
    account: str


class Cases:
    """The cases of a home. What is done with one is an event of its run, fenced as any other."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    def list(self, *, status: str | None = None, joined: bool = False) -> list[Case]:
        """Those that there are, the oldest first; what another stands for is told only if it is wanted."""
        return [each for each in self._opened.journal.cases(status=status) if joined or each.same_as is None]

    def file(self, id: str) -> dict[str, Any]:
        """All that a person needs to know of one. Raises `NoSuchCase`, and `NotKept` where its run is erased."""
        case = self._opened.journal.case(id)
        entries = self._opened.journal.events(case.run)
        began = asked(entries)
        texts = self._opened.search_of(began.index_version).within(began.scope)
        events = [read(entry, texts) for entry in entries]
        earlier = said_in(self._opened.journal, began.content.get("earlier", ()), self._opened.home.erased.names())
        kept = self._opened.journal.kept(str(began.release.get("charter")))
        kinds = {rule.rule: rule.when for rule in read_back(kept).escalate} if kept else {}
        return case_file(case, entries, events, earlier=earlier, kinds=kinds)

    async def claim(self, id: str, who: Person) -> Case:
        """Somebody takes it upon themselves. Raises `NotInHand` where somebody else did, or it is resolved."""
        case = self._opened.journal.case(id)
        if case.status == "resolved":
            raise NotInHand(f"{case.id} is resolved: reopen it first (citewell escalations reopen {case.id}).")
        if case.status == "claimed" and case.claimed_by == who.by:
            return case
        if case.status == "claimed":
            raise NotInHand(f"{case.claimed_by} has claimed {case.id}: ask them.")
        return await self._done(case, Claimed(who.by, who.account))

    async def resolve(self, id: str, answer: str, who: Person, *, comment: str = "") -> Case:
        """The answer of a person: of the run, and of every run whose case this one stands for."""
        case = self._opened.journal.case(id)
        if case.status == "resolved":
            raise NotInHand(f"{case.id} is resolved: reopen it first (citewell escalations reopen {case.id}).")
        for each in self._opened.journal.cases():
            if each.same_as == case.id and each.status != "resolved":
                await self._done(each, Resolved(answer, who.by, who.account, comment))
        return await self._done(case, Resolved(answer, who.by, who.account, comment))

    async def reopen(self, id: str, reason: str, who: Person) -> Case:
        """What was resolved is open again; what was answered stays so until it is resolved anew."""
        case = self._opened.journal.case(id)
        if case.status != "resolved":
            raise NotInHand(f"{case.id} is {case.status}, and not resolved.")
        return await self._done(case, Reopened(who.by, who.account, reason))

    async def _done(self, case: Case, event: TakenUp) -> Case:
        await decide(self._opened.journal, case.run, partial(in_hand, self._opened, case.run, event))
        return self._opened.journal.case(case.id)


def as_gold(file: dict[str, Any], answer: str, cited: Sequence[str]) -> dict[str, Any]:
    """A case as a gold query: what was asked, which documents answer it, and what a person answered."""
    drafted = [each["document"] for each in (file["draft"] or {"citations": []})["citations"]]
    relevant = [{"document": name} for name in dict.fromkeys(cited or drafted)]
    return {
        "id": file["id"],
        "question": file["understood"] or file["question"],
        "relevant": relevant,
        "answers": [answer] if relevant else [],
        "answerable": bool(relevant),
        "tags": ["case"],
    }


def add_gold(path: Path, line: dict[str, Any]) -> None:
    """Adds a query to a gold file, which is made where there is none. Raises `NotInHand` where it cannot be written."""
    try:
        text = path.read_text("utf-8") if path.exists() else ""
        with path.open("a", encoding="utf-8") as file:
            file.write(("\n" if text and not text.endswith("\n") else "") + json.dumps(line, ensure_ascii=False) + "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise NotInHand(f"{path} cannot be added to ({error}): name another gold file.") from None

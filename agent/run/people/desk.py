"""What do people see and do from elsewhere? Runs, calls that wait and cases, asked for and answered in plain words.

Who may see all of it sees the runs of `named` principals too; of one that they may not see it is said as of one that is
not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Protocol

from agent.governance.approvals import hidden
from agent.governance.reading import load_charter
from agent.journal.cases import Case
from agent.journal.entry import Damaged
from agent.journal.events import NotKept, Verdict
from agent.journal.journal import NoSuchCase, NoSuchRun
from agent.journal.replay import asked
from agent.journal.summary import RunSummary
from agent.memory.conversation import exchange
from agent.plain import plain
from agent.run.making import Opened
from agent.run.people.casefile import to_who_asked
from agent.run.people.cases import Cases, Person
from agent.run.people.waiting import waiting
from agent.run.rules.deciding import NotWaiting, Word
from agent.run.rules.seeing import labels_of
from plugins.bounded import aside


class Decided(Opened, Protocol):
    """A home whose runs people decide upon: `agent.wire.Citewell`."""

    async def decide(self, run: str, word: Word) -> str:
        """Writes down what a person says of a run that waits."""
        ...

    @property
    def cases(self) -> Cases: ...


class Desk:
    """What lies before people, of one home."""

    def __init__(self, opened: Decided) -> None:
        self._opened = opened

    def runs(self, *, limit: int, after: str | None = None, named: bool) -> list[RunSummary]:
        """The latest runs, newest first."""
        return self._opened.journal.runs(limit=limit, after=after, named=named)

    def run(self, id: str, *, named: bool = True) -> dict[str, Any]:
        """Everything that happened in a run, and what a person is shown of the call for which it waits."""
        self._seen(id, named)
        journal = self._opened.journal
        events, status = journal.legible(id), journal.status(id)
        shown = None
        if not named and any(each.kind == "handover" for each in events):
            events = [*map(to_who_asked, events)]
        elif status in ("awaiting_approval", "escalated"):
            try:
                shown = waiting(self._opened, id)
            except (NotWaiting, NotKept, Damaged):
                shown = None
        return {"run": id, "id": id, "status": status, "events": [asdict(each) for each in events], "waiting": shown}

    def approvals(self, *, limit: int, after: str | None = None, named: bool) -> list[dict[str, Any]]:
        """The runs that wait for a person's word on a call, the oldest first."""
        return self._opened.journal.waiting(limit=limit, after=after, named=named)

    async def say(
        self,
        id: str,
        verdict: Verdict,
        *,
        by: str,
        account: str,
        comment: str = "",
        edit: Mapping[str, Any] | None = None,
        digest: str | None = None,
    ) -> str:
        """A person's word on the call for which a run waits, which others then go on with; what becomes of the run."""
        await aside(self._seen, id, named=True)
        await self._opened.decide(id, Word(verdict, plain(by), account, plain(comment), edit, digest))
        status = await aside(self._opened.journal.status, id)
        return "running" if status == "killed" else status  # until whoever serves the home has taken it up

    def cancel(self, id: str, *, by: str, account: str, comment: str = "") -> str:
        """Ends a run that nobody drives; what becomes of it."""
        self._seen(id, named=True)
        self._opened.journal.cancel(id, by=plain(by), account=account, comment=plain(comment))
        return self._opened.journal.status(id)

    def escalations(
        self, *, limit: int, after: str | None = None, status: str | None = None, named: bool
    ) -> list[dict[str, Any]]:
        """The cases, the oldest first, without those for which another stands."""
        found = [each for each in self._opened.journal.cases(status=status) if each.same_as is None]
        if after is not None:
            began = self._case(after, named)
            found = [each for each in found if (each.opened, each.id) > (began.opened, began.id)]
        about = {each.id: each for each in self._opened.journal.summaries([each.run for each in found])}
        seen = [each for each in found if each.run in about and (named or about[each.run].principal is None)]
        return [{**asdict(each), "rules": [each.rule], "question": about[each.run].question} for each in seen[:limit]]

    def escalation(self, id: str, *, named: bool) -> dict[str, Any]:
        """The whole case; without the token what of it may be told to who asked."""
        file = self._opened.cases.file(self._case(id, named).id)
        return (file if named else file.for_who_asked).as_json

    async def claim(self, id: str, *, by: str, account: str) -> Case:
        """Somebody takes a case upon themselves."""
        case = await aside(self._case, id)
        return await self._opened.cases.claim(case.id, Person(plain(by), account))

    async def resolve(self, id: str, answer: str, *, by: str, account: str, comment: str = "") -> Case:
        """The answer of a person, which is the run's."""
        case, who = await aside(self._case, id), Person(plain(by), account)
        return await self._opened.cases.resolve(case.id, plain(answer), who, comment=plain(comment))

    async def reopen(self, id: str, reason: str, *, by: str, account: str) -> Case:
        """What was resolved is open again."""
        case = await aside(self._case, id)
        return await self._opened.cases.reopen(case.id, plain(reason), Person(plain(by), account))

    def _seen(self, id: str, named: bool) -> None:
        """Raises `NoSuchRun` unless there is a run of just this id that may be seen."""
        found = self._opened.journal.summaries([id])
        if not found or found[0].status in ("erased", "signed") or not (named or self._is_open(found[0])):
            raise NoSuchRun(f"There is no run {id!r} here: GET /runs lists those there are.")

    def _is_open(self, run: RunSummary) -> bool:
        """Whether a run is nobody's, and holds nothing that the charter keeps from who names nobody."""
        charter = load_charter(self._opened.settings.agent.charter)
        person = charter.person(None)
        if run.principal is not None or person is None or person.labels is None:
            return run.principal is None
        entries = self._opened.journal.events(run.id)
        turn, began = exchange(entries), asked(entries)
        if turn is None or turn.read is None:  # what it was shown is not known any more
            return False
        document = self._opened.texts_of(began.index_version).version.document
        return not hidden([charter], None, labels_of(began.scope, turn.read, document))

    def _case(self, id: str, named: bool = True) -> Case:
        found = self._opened.journal.case(id)
        whose = self._opened.journal.summaries([found.run])
        if found.id != id or not (named or (whose and self._is_open(whose[0]))):
            raise NoSuchCase(f"There is no case {id!r} here: GET /escalations lists those there are.")
        return found

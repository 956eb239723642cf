"""How does a case go on? Somebody claims it and answers; the answer reaches who asked, and gold where they say so."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Coroutine, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

from agent.governance.approvals import NotTheirs, is_over
from agent.governance.charter import Charter, Way, is_same
from agent.governance.reading import BadCharter, load_charter, read_back
from agent.journal.cases import Case, Notice
from agent.journal.entry import Entry
from agent.journal.events import Claimed, Moved, Reopened, Resolved, TakenUp, read
from agent.journal.replay import asked
from agent.memory.kept import said_in
from agent.run.course import Begun
from agent.run.deps import Deps, Oversight, Run
from agent.run.making import Opened, in_hand, take_up
from agent.run.people.casefile import CaseFile, case_file, found
from agent.run.people.delivering import told
from agent.run.rules.deciding import NOBODY, Word
from agent.run.rules.escalating import due
from agent.run.rules.seeing import labels_of
from agent.run.start import decide
from agent.state import AwaitingApproval
from ingest.errors import CitewellError
from plugins.bounded import aside
from retrieval.versions.version import Words

log = logging.getLogger(__name__)


class NotInHand(CitewellError):
    """A case is not such that this could be done with it."""

    code: ClassVar[str] = "not_in_hand"
    http_status: ClassVar[int] = 409


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts: by a name, and as an account."""

    by: str
    account: str


@dataclass(frozen=True, slots=True)
class Tended:
    """What was due without anybody's word: runs whose call nobody allowed in time, cases that went on to another route,
    what people were told, and what could not be done, and why.
    """

    expired: tuple[str, ...]
    moved: tuple[str, ...]
    told: tuple[Notice, ...]
    problems: tuple[str, ...]


class Cases:
    """The cases of a home. What is done with one is an event of its run, fenced as any other."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened

    def file(self, id: str) -> CaseFile:
        """All that a person needs to know of one. Raises `NoSuchCase`, and `NotKept` where its run is erased."""
        case = self._opened.journal.case(id)
        entries = self._opened.journal.events(case.run)
        began = asked(entries)
        with closing(self._words(began.index_version)) as words:
            texts = words.within(began.scope)
            events = [read(entry, texts) for entry in entries]
        earlier = said_in(self._opened.journal, began.content.get("earlier", ()), self._opened.home.erased.names())
        kept = self._opened.journal.kept(str(began.release.get("charter")))
        kinds = {rule.rule: rule.when for rule in read_back(kept).escalate} if kept else {}
        told = self._opened.journal.told_of(case.id)
        return case_file(case, entries, events, earlier=earlier, kinds=kinds, told=told, doubts=self._doubts())

    def _doubts(self) -> list[str]:
        """Those of the charter of now; one that cannot be read keeps nobody from reading a case."""
        try:
            return [each.told for each in self._opened.doubts()]
        except BadCharter as fault:
            return [str(fault)]

    def labels(self, id: str) -> frozenset[str]:
        """Those that keep what is said of a case from whoever may not see what its run may have seen: the labels of its
        scope, and of the documents that it found. Raises what `file` raises.
        """
        entries = self._opened.journal.events(self._opened.journal.case(id).run)
        began = asked(entries)
        with closing(self._words(began.index_version)) as words:
            events = [read(entry, words.within(began.scope)) for entry in entries]
            return labels_of(began.scope, found(events), words.document)

    def _words(self, version: str) -> Words:
        """Those of an index version, or, where it is gone, of the live one. Raises `NoIndex`."""
        home = self._opened.home
        return home.words(version if home.folder(version).is_dir() else home.live() or version)

    async def claim(self, id: str, who: Person) -> Case:
        """Somebody takes it upon themselves. Raises `NotInHand` where somebody else did, or it is resolved, and
        `NotTheirs` where they asked.
        """
        case = await aside(self._opened.journal.case, id)
        if case.status == "resolved":
            raise NotInHand(f"{case.id} is resolved: reopen it first (citewell escalations reopen {case.id}).")
        if case.status == "claimed" and is_same(str(case.claimed_by), who.by):
            return case
        if case.status == "claimed":
            raise NotInHand(f"{case.claimed_by} has claimed {case.id}: ask them.")
        await aside(self._check_other, case, who)
        return await self._done(case, Claimed(who.by, who.account))

    async def resolve(self, id: str, answer: str, who: Person, *, comment: str = "") -> Case:
        """The answer of a person: of the run, and of every run whose case this one stands for. Raises `NotInHand`, and
        `NotTheirs` where they asked.
        """
        case = await aside(self._opened.journal.case, id)
        if case.status == "resolved":
            raise NotInHand(f"{case.id} is resolved: reopen it first (citewell escalations reopen {case.id}).")
        if case.status == "claimed" and not is_same(str(case.claimed_by), who.by):
            raise NotInHand(f"{case.claimed_by} has claimed {case.id}: ask them.")
        await aside(self._check_other, case, who)
        for each in await aside(self._opened.journal.cases):
            if each.same_as == case.id and each.status != "resolved":
                await self._done(each, Resolved(answer, who.by, who.account, comment))
        return await self._done(case, Resolved(answer, who.by, who.account, comment))

    async def reopen(self, id: str, reason: str, who: Person) -> Case:
        """What was resolved is open again; what was answered stays so until it is resolved anew."""
        case = await aside(self._opened.journal.case, id)
        if case.status != "resolved":
            raise NotInHand(f"{case.id} is {case.status}, and not resolved.")
        way = self._way(case, case.route) if case.route else None
        until = due(way, datetime.now(UTC)) if way else None
        return await self._done(case, Reopened(who.by, who.account, reason, until))

    async def tend(self, at: datetime, *, anyway: bool = False) -> Tended:
        """What is due without anybody's word: calls that waited too long are denied, cases that nobody claimed go on
        by another route, and people are told of theirs.
        """
        problems: list[str] = []

        async def each(todo: Iterable[tuple[str, Callable[[], Coroutine[Any, Any, object]]]]) -> tuple[str, ...]:
            done = []
            for name, do in todo:
                try:
                    await do()
                    done.append(name)
                except CitewellError as fault:  # the others go on all the same
                    problems.append(f"{name}: {fault}")
            return tuple(done)

        expired = await each((entry.run, partial(self._expire, entry, at)) for entry in self._overdue(at))
        moved = await each((case.id, partial(self._move, case, to, at)) for case, to in self._unclaimed(at))
        told = await aside(self.deliver, at, anyway=anyway)
        return Tended(expired, moved, tuple(told), tuple(problems))

    def _overdue(self, at: datetime) -> list[Entry]:
        parked = self._opened.journal.parked()
        return [entry for entry in parked if is_over(entry.content.get("expires"), at)]

    async def _expire(self, parked: Entry, at: datetime) -> None:
        said = f"Nobody allowed it until {parked.content['expires']}."
        word = Word("deny", "citewell", NOBODY, said)

        def taken_up() -> tuple[Run, Deps, Oversight, Begun, TakenUp]:
            made = take_up(self._opened, parked.run, None, word, aloud=False)
            state = made[3].state
            if not isinstance(state, AwaitingApproval) or not is_over(state.expires, at):
                raise NotInHand(f"{parked.run} waits for another word by now: see citewell runs show {parked.run}.")
            return made

        await decide(self._opened.journal, parked.run, taken_up)

    def _unclaimed(self, at: datetime) -> list[tuple[Case, str]]:
        """The cases that somebody was to claim by now, each with the route by which it goes on."""
        found = []
        for case in self._opened.journal.cases(status="open"):
            if case.same_as is None and case.route and is_over(case.due, at):
                way = self._way(case, case.route)
                found += [(case, way.otherwise)] if way and way.otherwise else []
        return found

    async def _move(self, case: Case, route: str, at: datetime) -> None:
        way = self._way(case, route)
        await self._done(case, Moved(route, f"Nobody claimed it by {case.due}.", due(way, at) if way else None))

    def _check_other(self, case: Case, who: Person) -> None:
        """Accounts are not compared: where a machine has one, it is that of whoever asks and whoever answers."""
        asked = self._opened.journal.events(case.run)[0].content.get("principal")
        if asked and is_same(str(asked), who.by) and not all(each.approvals.own for each in self._charters(case)):
            raise NotTheirs(
                f"{who.by} asked this, so another person is to see to it (--by NAME); to let people decide on what "
                "they asked, write in charter.toml\n[approvals]\nown = true"
            )

    def _way(self, case: Case, route: str) -> Way | None:
        return next((each.routes[route] for each in self._charters(case) if route in each.routes), None)

    def deliver(self, at: datetime | None = None, *, anyway: bool = False) -> Sequence[Notice]:
        """Tells people of cases by the channels of their routes; `anyway` also what waits for its next time, or was
        given up. What became of each that was tried.
        """
        at = at or datetime.now(UTC)
        found: Sequence[Notice] = []
        for notice in self._opened.journal.to_be_told(at, anyway=anyway):
            case = self._opened.journal.case(notice.case)
            done = told(
                *(notice, case, self._charters(case), self._opened.settings, at),
                settle=self._opened.journal.settle,
                file=partial(self._file_if_kept, case.id),
            )
            found = [*found, done] if done else found
        return found

    def _file_if_kept(self, id: str) -> CaseFile | None:
        try:
            return self.file(id)
        except CitewellError as fault:  # the case is told of all the same
            log.warning("What %s holds cannot be told: %s", id, fault)
            return None

    def _charters(self, case: Case) -> tuple[Charter, ...]:
        """The live one, and that of the run, whose routes hold where the live one has none of the name."""
        release = self._opened.journal.events(case.run)[0].content.get("release", {})
        kept = self._opened.journal.kept(str(release.get("charter")))
        return (load_charter(self._opened.settings.agent.charter), *([read_back(kept)] if kept else []))

    async def _done(self, case: Case, event: TakenUp) -> Case:
        """The case after an event, where it still is as it was when somebody thought of it."""

        def taken_up() -> tuple[Run, Deps, Oversight, Begun, TakenUp]:
            if self._opened.journal.case(case.id) != case:
                raise NotInHand(f"Somebody else did something with {case.id} meanwhile: look at it again.")
            return in_hand(self._opened, case.run, event)

        await decide(self._opened.journal, case.run, taken_up)
        return self._opened.journal.case(case.id)

    def list(self, *, status: str | None = None, joined: bool = False) -> list[Case]:
        """Those that there are, the oldest first; what another stands for is told only if it is wanted."""
        return [each for each in self._opened.journal.cases(status=status) if joined or each.same_as is None]


def as_gold(file: CaseFile, answer: str, cited: Sequence[str], veiled: Callable[[str], str]) -> dict[str, Any]:
    """A case as a gold query: what was asked, which documents answer it, and what a person answered; `veiled` leaves
    out what is personal.
    """
    drafted = [each["document"] for each in (file.draft or {"citations": []})["citations"]]
    relevant = [{"document": name} for name in dict.fromkeys(cited or drafted)]
    return {
        "id": file.id,
        "question": veiled(file.understood or file.question),
        "relevant": relevant,
        "answers": [veiled(answer)] if relevant else [],
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

"""What happened in every run, in order, and has anyone touched the record since?"""

from __future__ import annotations

import json
import logging
import threading
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any, ClassVar, Final, cast

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, tuple_
from sqlalchemy.exc import DBAPIError

from agent.journal.append import Appender, Waiting, put
from agent.journal.cases import KINDS, Case, Notice, folded, settle, to_be_told, told_of
from agent.journal.chain import GENESIS, Link, fault, head_of, moved
from agent.journal.database import Database
from agent.journal.entry import Damaged, Entry, JournalUnusable, entry_of, legible
from agent.journal.events import content as kept_of
from agent.journal.owner import LEASE, RENEWED, is_gone, new_owner
from agent.journal.projection import ENDS, Row, projected
from agent.journal.record import Said, new_run_id, now
from agent.journal.replay import state_digest
from agent.journal.summary import Fate, RunSummary, summary
from agent.journal.tables import cases, events, head, runs, tallies, texts
from agent.journal.tallies import Claim, claims_in, had, taken
from agent.state import Failed
from ingest.errors import CitewellError
from ingest.model import digest
from retrieval.erasure.erasing import Emptied

_ERASED: Final = "erased"  # the kind of event that records an erasure
_REMEMBERED: Final = "remembered"
_RECALLED: Final = "recalled"
_RECORDS: Final = (_ERASED, "signed", _REMEMBERED)  # what stands for itself, and is of no run
_AT_ONCE: Final = 500  # events that an erasure reads in one go
_LETTING_GO: Final = 2.0  # seconds that readers are given to let go of the write-ahead log
_CERTAIN: Final = ("run", "first", "number", "hash", "status", "started", "ended")  # of a row, whatever is erased
_UNLESS_ERASED: Final = ("principal", "conversation", "index_version", "cost", "pending")
_SAYS: Final = frozenset({*ENDS, *KINDS})  # events whose contents a row is made from
_ROUNDED: Final = 1e-9
_LINK: Final = [column for column in events.columns if column.name != "position"]
_MENDED: Final = "compare it with a copy of the journal, and put that back if it verifies"
HELD: Final = "another process reads the journal, whose write-ahead log still has the words: try again when it is done"

log = logging.getLogger(__name__)


class NoSuchRun(CitewellError):
    """No run, or more than one, goes by that id."""

    code: ClassVar[str] = "no_such_run"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 404


class NoSuchCase(CitewellError):
    """No case, or more than one, goes by that id."""

    code: ClassVar[str] = "no_such_case"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 404


class Driven(CitewellError):
    """A run goes on in a process that lives, so nobody else takes it up."""

    code: ClassVar[str] = "run_goes_on"
    http_status: ClassVar[int] = 409


class IsOver(CitewellError):
    """A run was to be ended that has an end."""

    code: ClassVar[str] = "run_is_over"
    http_status: ClassVar[int] = 409


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk along the chains found; `problems` names the events at fault, first one first."""

    ok: bool
    events: int
    head: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Memories:
    """What is remembered, as it was written down, and what the forgotten among it took out of others (`cuts`)."""

    entries: tuple[Entry, ...]
    cuts: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation on one line: whose it is, how many questions were asked, and when the last one was."""

    id: str
    principal: str | None
    turns: int
    last: str


class Journal:
    """The append-only record of every run, in SQLite or PostgreSQL; threads and processes may share it.

    Each run is a chain: an event's hash covers the one before it. Its first event holds the head as it then was, one
    hash over the ends of all runs, so that a run that is taken out is missed. The chain runs over a salted hash of the
    content, which stands beside it. A chain shows damage and careless edits; against someone who can rewrite all of it
    it needs a `head` kept elsewhere. With `read_only` nothing is made or written.
    """

    def __init__(self, place: Path | str, *, read_only: bool = False) -> None:
        self._database = Database(place, read_only=read_only)
        self._appender = Appender(self._database)
        self._owner = new_owner()
        self._driven: set[str] = set()
        self._kept: set[str] = set()
        self._renewing = threading.Condition()
        self._renewer: threading.Thread | None = None
        self._closed = False

    def append(self, run: str, kind: str, content: Mapping[str, Any], *, actor: str = "agent") -> Entry:
        """The event, on disk by the time this returns.

        Beside what JSON knows, `content` may hold dataclasses, tuples, sets and NumPy scalars; anything that would not
        come back as it went in (NaN, bytes, keys that are not strings) raises `TypeError` or `ValueError`.
        """
        return entry_of(self.submit(run, lambda: (kind, content), actor=actor).result())

    def submit(self, run: str, said: Said, *, actor: str = "agent", number: int | None = None) -> Future[Link]:
        """The event as it stands in the journal, once it is on disk; many that wait for that are written together.

        For kind and content `said` is asked when nobody else can write. With `number` it becomes that event of its run
        or none: fails with `Overtaken` where there is one already.
        """
        owner, lease = (self._owner, time.time() + LEASE) if run in self._driven else (None, None)
        done = self._appender.put(Waiting(run, said, actor, number, owner, lease))
        done.add_done_callback(self._ended)
        return done

    def _ended(self, done: Future[Link]) -> None:
        """With its end a run is nobody's."""
        if done.exception() is None and done.result().kind in ENDS:
            self._driven.discard(done.result().run)

    def erase(
        self, says: Callable[[Mapping[str, Any]], bool], documents: Sequence[str], *, actor: str = "person"
    ) -> Emptied:
        """Takes contents out, leaving no byte of them: in each run from the first on of which `says` is true.

        What comes after it in its run may have been made from it. A content that cannot be read counts as said. The
        chains stay whole, for they run over salted hashes; events of their own, each written in the same step as what
        it tells of, record which were emptied, and for which documents: `verify` takes any other that is empty for
        tampering.

        Others go on appending, for what is there is read while nobody has to wait, some events at a time. Each write
        empties runs to their end, so that a kill leaves every run as it was or emptied; the last one looks at what
        came meanwhile.
        """
        since: dict[str, int] = {}  # run → the number of its first event that says it
        position, count = 0, 0
        while True:
            with self._database.reading() as connection:
                rows = _contents(connection, after=position, limit=_AT_ONCE)
            if not rows:
                break
            position = rows[-1][0]
            if telling := _telling(rows, says, since):
                with self._database.writing() as connection:
                    count += _empty(connection, telling, documents, actor)
        with self._database.writing() as connection:
            rows = _contents(connection, after=position)
            count += _empty(connection, _telling(rows, says, since), documents, actor)
        return Emptied(count, "" if self._database.checkpoint(_LETTING_GO) else HELD)

    def erase_conversation(self, id: str, *, actor: str = "person") -> Emptied:
        """Takes out the contents of every run of a conversation, and whose they are, leaving no byte of them.

        The chains stay whole, and what was emptied is recorded, as by `erase`. A run of it that has no end gets one, so
        that nobody goes on with it. Raises `Driven` where one goes on just now.
        """
        mine = runs.c.conversation == id
        with self._database.writing() as connection:
            rows = connection.execute(select(runs).where(mine)).all()
            _end(connection, rows, "The conversation was deleted.", actor)
            count = _empty(connection, {row.run: 1 for row in rows}, (), actor, conversation=id)
            connection.execute(runs.update().where(mine).values(conversation=None, principal=None))
        return Emptied(count, "" if self._database.checkpoint(_LETTING_GO) else HELD)

    def remember(self, principal: str, decide: Callable[[Memories], Mapping[str, Any]]) -> Entry:
        """Writes down what is remembered of a principal, as `decide` says by what there is; nobody else writes
        meanwhile.
        """
        with self._database.writing() as connection:
            said = decide(_memories(connection, principal))
            waiting = Waiting(f"m-{new_run_id()[2:]}", lambda: (_REMEMBERED, said), "person")
            [written] = put(connection, [waiting])
            if isinstance(written, BaseException):
                raise written
        return entry_of(written)

    def memories(self, principal: str | None = None) -> Memories:
        """What is remembered of a principal, or of anybody."""
        with self._database.reading() as connection:
            return _memories(connection, principal)

    def forget(self, which: Collection[str], *, actor: str = "person") -> Emptied:
        """Takes out what was remembered, by its ids, and all that came of it in runs; as `erase` does.

        A run that was told of it is emptied from there on, and one that follows such a run in its conversation but for
        its question. Raises `Driven` where one goes on just now.
        """
        with self._database.writing() as connection:
            telling = _recalling(connection, which)
            rows = connection.execute(select(runs).where(runs.c.run.in_(telling))).all()
            _end(connection, rows, "What was remembered was forgotten.", actor)
            count = _empty(connection, {**dict.fromkeys(which, 1), **telling}, (), actor, memories=sorted(which))
            connection.execute(runs.update().where(runs.c.run.in_(which)).values(principal=None))
        return Emptied(count, "" if self._database.checkpoint(_LETTING_GO) else HELD)

    def forgotten(self, which: Collection[str]) -> frozenset[str]:
        """Those of what was remembered that are not any more."""
        with self._database.reading() as connection:
            is_there = events.c.run.in_(which) & (events.c.kind == _REMEMBERED) & events.c.content.is_not(None)
            return frozenset(which) - frozenset(connection.execute(select(events.c.run).where(is_there)).scalars())

    def cancel(self, run: str, *, by: str, account: str, comment: str = "") -> str:
        """Ends a run that nobody drives, by order of a person; the beginning of its id is enough. Its whole id.

        Nothing of it is read, so that one can be ended which cannot go on. Its case is closed with it, if it has one.
        Raises `NoSuchRun`, `Driven`, and `IsOver` where it has ended.
        """
        why = f"{by} ended the run{f': {comment}' if comment else ', as it is not to go on.'}"
        end = Failed("given_up", why)
        told = {**kept_of(end), "by": by, "account": account, "comment": comment, "state": state_digest(end)}
        with self._database.writing() as connection:
            found = _resolve(connection, run)
            row = connection.execute(select(runs).where(runs.c.run == found)).one()
            if (fate := _fate(row)) == "running":
                raise Driven(f"The run {found} goes on just now: wait until it has ended, or end its process.")
            if fate not in ("killed", "awaiting_approval", "escalated"):
                raise IsOver(f"The run {found} has ended (it is {fate}): see citewell runs show {found}.")
            [written] = put(connection, [Waiting(found, lambda: ("failed", told), "person")])
            if isinstance(written, BaseException):
                raise written
        return found

    def take(self, run: str) -> None:
        """From now on this process drives the run, and others see that it does; one that is there is taken up.

        Raises `Driven` where another process drives it, one that lives or may live.
        """
        with self._renewing:
            if run in self._driven:
                raise Driven(f"The run {run} goes on in this process already: wait until it has ended.")
            self._driven.add(run)
            if self._renewer is None:
                self._renewer = threading.Thread(target=self._renew, name="leases", daemon=True)
                self._renewer.start()
        try:
            self._own(run)
        except BaseException:
            self._driven.discard(run)
            raise

    def let_go(self, run: str) -> None:
        """It does so no longer: who wants to may take the run up, if it has no end."""
        if run not in self._driven:
            return  # with its end it is nobody's
        self._driven.discard(run)
        mine = and_(runs.c.run == run, runs.c.owner == self._owner)
        with suppress(JournalUnusable), self._database.writing(patient=False) as connection:
            connection.execute(runs.update().where(mine).values(owner=None, lease=None))

    @contextmanager
    def during(self, run: str) -> Iterator[None]:
        """Within, the run goes on in this process."""
        self.take(run)
        try:
            yield
        finally:
            self.let_go(run)

    def keep(self, text: str) -> str:
        """The digest by which events name a text that is kept once for all of them."""
        name = digest(text)
        if name not in self._kept and self.kept(name) is None:
            with self._database.writing() as connection:
                if connection.execute(select(texts.c.digest).where(texts.c.digest == name)).one_or_none() is None:
                    connection.execute(texts.insert().values(digest=name, text=text))
        self._kept.add(name)
        return name

    def kept(self, name: str) -> str | None:
        """The text of that digest; None where there is none, or another."""
        with self._database.reading() as connection:
            text = connection.execute(select(texts.c.text).where(texts.c.digest == name)).scalar_one_or_none()
        return text if text is not None and digest(text) == name else None

    def events(self, run: str) -> list[Entry]:
        """Everything that happened in a run, in order; the beginning of its id is enough where only one fits."""
        with self._database.reading() as connection:
            found = _resolve(connection, run)
            rows = connection.execute(select(*_LINK).where(events.c.run == found).order_by(events.c.number)).all()
        return [entry_of(Link(*row)) for row in rows]

    def legible(self, run: str) -> list[Entry]:
        """The same as far as they can be read: of a damaged one nothing but that it is."""
        with self._database.reading() as connection:
            found = _resolve(connection, run)
            return self._each(connection, [found], legible)[found]

    def unchanged(self, run: str) -> list[Entry]:
        """The events of a run, whole id, as they were written. Raises `Damaged` where somebody touched them.

        Of its first event it is not looked at whether it follows what other runs had come to: see `verify`.
        """
        with self._database.reading() as connection:
            row = connection.execute(select(runs).where(runs.c.run == run)).one_or_none()
            of_it = select(events).where(events.c.run == run).order_by(events.c.number)
            stored = connection.execute(of_it).all()
            one_chain = connection.execute(select(head.c.one_chain)).scalar_one()
            erased = _erased(connection)
        links = [Link(*kept) for _, *kept in stored]
        befores = [None, *links[:-1]]
        for (position, *_), link, before in zip(stored, links, befores, strict=True):
            is_first = before is None or position <= one_chain  # of the one chain an event may follow another run's
            previous = link.previous if is_first or before is None else before.hash
            if wrong := fault(link, previous, erased=f"{run}#{link.number}" in erased):
                raise Damaged(_touched(run, f"event {link.number} ({link.kind}): {wrong}"))
        if not links or row is None or (row.number, row.hash) != (links[-1].number, links[-1].hash):
            raise Damaged(_touched(run, "its last events are missing"))
        return [entry_of(link) for link in links]

    def runs(self, *, limit: int = 50, after: str | None = None, named: bool = True) -> list[RunSummary]:
        """The latest runs, newest first; those that began before the run `after`, where it is named.

        Those of a principal are among them only if the `named` are wanted.
        """
        with self._database.reading() as connection:
            listed = select(runs).where(runs.c.status.not_in(_RECORDS), *_whose(named))
            if after is not None:
                first = select(runs.c.first).where(runs.c.run == _resolve(connection, after)).scalar_subquery()
                listed = listed.where(runs.c.first < first)
            return _summed(connection, connection.execute(listed.order_by(runs.c.first.desc()).limit(limit)).all())

    def summaries(self, which: Sequence[str]) -> list[RunSummary]:
        """Each of these runs on one line."""
        with self._database.reading() as connection:
            return _summed(connection, connection.execute(select(runs).where(runs.c.run.in_(which))).all())

    def waiting(self, *, limit: int = 50, after: str | None = None, named: bool = True) -> list[dict[str, Any]]:
        """The runs that wait for a person's word on a call, the oldest first, each with what it is about."""
        listed = select(runs).where(runs.c.pending.is_not(None), *_whose(named)).order_by(runs.c.first).limit(limit)
        with self._database.reading() as connection:
            if after is not None:
                first = select(runs.c.first).where(runs.c.run == _resolve(connection, after)).scalar_subquery()
                listed = listed.where(runs.c.first > first)
            rows = connection.execute(listed).all()
            asked = {each.id: each.question for each in _summed(connection, rows)}
            ends = [(row.run, row.ended) for row in rows]
            there = select(*_LINK).where(tuple_(events.c.run, events.c.number).in_(ends))
            halted = {row.run: legible(Link(*row)) for row in connection.execute(there)} if ends else {}
        return [_waiting(row, asked.get(row.run, ""), halted.get(row.run)) for row in rows]

    def records(self, kind: str) -> list[Entry]:
        """What was recorded for itself, as a signature is; the oldest first."""
        with self._database.reading() as connection:
            found = select(*_LINK).join(runs, runs.c.run == events.c.run).where(runs.c.status == kind)
            rows = connection.execute(found.order_by(events.c.position)).all()
        return [entry_of(Link(*row)) for row in rows]

    def conversations(self) -> list[Talk]:
        """Every conversation, the one that was spoken in last first."""
        counted = select(runs.c.conversation, func.max(runs.c.principal), func.count(), func.max(runs.c.started)).where(
            runs.c.conversation.is_not(None)
        )
        with self._database.reading() as connection:
            rows = connection.execute(counted.group_by(runs.c.conversation)).all()
        return sorted((Talk(*row) for row in rows), key=lambda each: (each.last, each.id), reverse=True)

    def conversation(self, id: str) -> Talk | None:
        """Whose a conversation is; None where there is none of that id."""
        with self._database.reading() as connection:
            mine = connection.execute(select(runs).where(runs.c.conversation == id).order_by(runs.c.first)).all()
        return Talk(id, mine[0].principal, len(mine), mine[-1].started) if mine else None

    def spoken(self, id: str) -> list[list[Entry]]:
        """The events of each run of a conversation, the oldest first, as far as they can be read."""
        with self._database.reading() as connection:
            mine = select(runs.c.run).where(runs.c.conversation == id).order_by(runs.c.first)
            which = connection.execute(mine).scalars().all()
            found = self._each(connection, which, legible)
        return [found[run] for run in which]

    def several(self, which: Sequence[str]) -> list[list[Entry]]:
        """The events of each of these runs that is there, in their order."""
        with self._database.reading() as connection:
            found = self._each(connection, which, entry_of)
        return [found[run] for run in which if run in found]

    @staticmethod
    def _each(connection: Connection, which: Sequence[str], read: Callable[[Link], Entry]) -> dict[str, list[Entry]]:
        found: dict[str, list[Entry]] = {}
        if which:
            wanted = select(*_LINK).where(events.c.run.in_(which)).order_by(events.c.run, events.c.number)
            for row in connection.execute(wanted):
                found.setdefault(row.run, []).append(read(Link(*row)))
        return found

    def between(self, begin: datetime, end: datetime, kinds: Sequence[str]) -> Iterator[list[Entry]]:
        """The events of these kinds of each run of which something happened in that time, the one that began first
        first.
        """
        happened = select(events.c.run).where(events.c.at >= _written(begin), events.c.at < _written(end))
        is_run = runs.c.status.not_in(_RECORDS) & runs.c.run.in_(happened)
        with self._database.reading() as connection:
            which = connection.execute(select(runs.c.run).where(is_run).order_by(runs.c.first)).scalars().all()
        for some in range(0, len(which), _AT_ONCE):
            with self._database.reading() as connection:
                wanted = events.c.run.in_(which[some : some + _AT_ONCE]) & events.c.kind.in_(kinds)
                rows = connection.execute(select(*_LINK).where(wanted).order_by(events.c.run, events.c.number)).all()
            for _, entries in groupby((legible(Link(*row)) for row in rows), key=lambda entry: entry.run):
                yield list(entries)

    def status(self, run: str) -> Fate:
        """How a run that has begun ended, or whether it goes on; `run` is its whole id."""
        with self._database.reading() as connection:
            row = connection.execute(select(runs).where(runs.c.run == run)).one_or_none()
        if row is None:
            raise NoSuchRun(f"There is no run {run!r}: `citewell runs list` shows those there are.")
        return _fate(row)

    def unfinished(self) -> list[str]:
        """The runs without an end that nobody drives any more, the one that began first first."""
        with self._database.reading() as connection:
            rows = connection.execute(select(runs).where(runs.c.status == "running").order_by(runs.c.first)).all()
        return [row.run for row in rows if _fate(row) == "killed"]

    def versions_in_use(self) -> frozenset[str]:
        """The index versions of which runs that are not over, or have a case that is open, may still read."""
        is_open = runs.c.run.in_(select(cases.c.run).where(cases.c.status != "resolved"))
        is_kept = runs.c.run.in_(select(events.c.run).where(events.c.number == 1, events.c.content.is_not(None)))
        goes_on = or_(runs.c.status == "running", runs.c.pending.is_not(None), and_(is_open, is_kept))
        with self._database.reading() as connection:
            found = connection.execute(select(runs.c.index_version).where(goes_on).distinct()).scalars()
            return frozenset(id for id in found if id)

    def waits(self, run: str) -> float:
        """The seconds until a run may be taken up whose owner has not been heard of; 0 where it may be at once."""
        with self._database.reading() as connection:
            row = connection.execute(select(runs.c.owner, runs.c.lease).where(runs.c.run == run)).one_or_none()
        if row is None or not row.owner or is_gone(row.owner):
            return 0.0
        return max(0.0, float(row.lease) - time.time())

    def verify(self, *, head: str | None = None) -> Verification:
        """Whether every event is as it was written and in its place; a `head` that was kept elsewhere must be there.

        Where the database cannot be read on, what was found up to there is told, and then that.
        """
        walk = _Walk(head)
        try:
            with self._database.reading(lenient=True) as connection:
                walk.along(connection)
        except JournalUnusable as damage:
            walk.problems.append(str(damage))
        return Verification(not walk.problems, walk.count, head_of(walk.total), tuple(walk.problems))

    def cases(self, *, status: str | None = None) -> list[Case]:
        """The cases that there are, of one status or of any, the one that was opened first first."""
        listed = select(cases).order_by(cases.c.opened, cases.c.id)
        with self._database.reading() as connection:
            rows = connection.execute(listed if status is None else listed.where(cases.c.status == status)).all()
        return [Case(*row) for row in rows]

    def case(self, id: str) -> Case:
        """The case of that id or that run; the beginning of it is enough where only one fits. Raises `NoSuchCase`."""
        run = id.removeprefix("case-").removeprefix("r-")
        with self._database.reading() as connection:
            found = connection.execute(select(cases).where(cases.c.id.startswith(f"case-{run}", autoescape=True))).all()
        if len(found) != 1:
            which = "No case" if not found else f"{len(found)} cases"
            raise NoSuchCase(f"{which} goes by {id!r}: citewell escalations list shows those there are.")
        return Case(*found[0])

    def parked(self) -> list[Entry]:
        """The calls that wait for a person to allow them, each as it was parked; the oldest first."""
        is_it = and_(events.c.run == runs.c.run, events.c.number == runs.c.ended)
        found = select(*_LINK).join(runs, is_it).where(runs.c.status == "awaiting_approval").order_by(events.c.position)
        with self._database.reading() as connection:
            links = [Link(*row) for row in connection.execute(found)]
        entries = []
        for link in links:
            with suppress(Damaged):  # it holds up no other; who looks at the run is told
                entries.append(entry_of(link))
        return entries

    def to_be_told(self, at: datetime, *, anyway: bool = False) -> list[Notice]:
        """What people are to be told of cases by then; `anyway` whatever they were not told."""
        with self._database.reading() as connection:
            return to_be_told(connection, _written(at), anyway=anyway)

    def told_of(self, case: str) -> list[Notice]:
        """What was or is to be told of a case."""
        with self._database.reading() as connection:
            return told_of(connection, case)

    def settle(self, before: Notice, after: Notice | None) -> bool:
        """Notes what becomes of a notice, or that it has nobody to go to; whether no other process came first."""
        with self._database.writing() as connection:
            return settle(connection, before, after)

    def had(self, run: str, claims: Sequence[Claim]) -> dict[Claim, float]:
        """Of what each claim is about, how much was had before, in the run or today."""
        with self._database.reading() as connection:
            return had(connection, run, now(), claims)

    def head(self) -> str:
        """One hash over the ends of all runs: kept elsewhere, it lets `verify` tell whether anything was changed."""
        with self._database.reading() as connection:
            return head_of(int(connection.execute(select(head.c.total)).scalar_one(), 16))

    def look(self) -> None:
        """Raises `JournalUnusable` where the journal cannot be read just now."""
        with self._database.reading(patient=False) as connection:
            connection.execute(select(head.c.id)).one()

    def close(self) -> None:
        """Let go of the database; what was appended is already on disk."""
        with self._renewing:
            self._closed = True
            self._renewing.notify_all()
        self._appender.close()
        self._database.close()

    def _own(self, run: str) -> None:
        """Makes this process the owner of a run that is there. Raises `Driven`."""
        with self._database.reading() as connection:
            if connection.execute(select(runs.c.run).where(runs.c.run == run)).one_or_none() is None:
                return  # a new one, of which the first event says whose it is
        with self._database.writing() as connection:
            row = connection.execute(select(runs).where(runs.c.run == run)).one()
            if _fate(row) == "running" and row.owner != self._owner:
                raise Driven(
                    f"The run {run} goes on in another process: wait until it has ended, then see citewell runs show."
                )
            lease = {"owner": self._owner, "lease": time.time() + LEASE}
            connection.execute(runs.update().where(runs.c.run == run).values(lease))

    def _renew(self) -> None:
        """Says every few seconds that this process goes on with its runs, as long as it has any."""
        while True:
            with self._renewing:
                self._renewing.wait(RENEWED)
                if self._closed or not self._driven:
                    self._renewer = None
                    return
                driven = list(self._driven)
            mine = and_(runs.c.owner == self._owner, runs.c.run.in_(driven), runs.c.status == "running")
            try:
                with self._database.writing(patient=False) as connection:
                    connection.execute(runs.update().where(mine).values(lease=time.time() + LEASE))
            except Exception as error:  # noqa: BLE001 - the next word may come through; the fence holds without it
                log.debug("it could not be said that runs go on: %s", error)


def _summed(connection: Connection, rows: Sequence[Any]) -> list[RunSummary]:
    """Each run on one line, by its row and by the events with which it began and ended."""
    wanted = [(row.run, number) for row in rows for number in (1, row.ended) if number]
    which = tuple_(events.c.run, events.c.number).in_(wanted)
    links = [Link(*row) for row in connection.execute(select(*_LINK).where(which))] if wanted else []
    entries = {(link.run, link.number): legible(link) for link in links}
    return [
        summary(entries[row.run, 1], entries.get((row.run, row.ended)), _fate(row), cast("Row", row))
        for row in rows
        if (row.run, 1) in entries
    ]


def _touched(run: str, what: str) -> str:
    return (
        f"The run {run} does not go on, since its record is not what was written ({what}): see citewell runs verify, "
        f"put back a copy of the journal, or end the run with citewell runs cancel {run}."
    )


def _whose(named: bool) -> list[ColumnElement[bool]]:
    return [] if named else [runs.c.principal.is_(None)]


def _waiting(row: Any, question: str, halted: Entry | None) -> dict[str, Any]:
    said = halted.content if halted else {}
    return {
        "run": row.run,
        "status": row.status,
        "question": question,
        "principal": row.principal,
        "tool": str((said.get("call") or {}).get("name") or ""),
        "arguments": said.get("arguments") or (said.get("call") or {}).get("arguments") or {},
        "reasons": list(said.get("reasons") or filter(None, [said.get("reason")])),
        "since": halted.at if halted else None,
        "expires": said.get("expires"),
        "digest": row.pending,
    }


def _written(at: datetime) -> str:
    """As events have their times."""
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _fate(row: Any) -> Fate:
    """A run's end, or whether its process lives."""
    if row.status != "running":
        return cast("Fate", row.status)
    alive = row.owner is not None and row.lease > time.time() and not is_gone(row.owner)
    return "running" if alive else "killed"


class _Walk:
    """Every event in the order of appending, each beside the one that it follows; `wanted` is a head to be met."""

    def __init__(self, wanted: str | None) -> None:
        self.problems: list[str] = []
        self.total, self.count = 0, 0
        self._rows: dict[str, Row] = {}
        self._cases: dict[str, Case] = {}
        self._taken: dict[tuple[str, str], float] = {}
        self._named: set[str] = set()
        self._emptied: set[str] = set()  # runs of which something was erased, so that not all can be told
        self._wanted = wanted
        self._met = wanted is None or wanted == GENESIS

    def along(self, connection: Connection) -> None:
        """Looks at all of them, and then at what stands beside them."""
        told = connection.execute(select(head)).one()
        self._follow(connection, told.one_chain)
        if told.events > self.count:
            self._found(f"{told.events - self.count} events are missing of the {told.events} that were appended")
        if f"{self.total:x}" != told.total:
            self._found("the head does not fit the ends of the runs: a run was removed or rewritten")
        listed = {row.run: tuple(row) for row in connection.execute(select(*(runs.c[name] for name in _CERTAIN)))}
        made = {run: tuple(getattr(row, name) for name in _CERTAIN) for run, row in self._rows.items()}
        for run in sorted(listed.keys() | made.keys(), key=str):
            if listed.get(run) != made.get(run):
                self._found(f"the list of runs says of {run} what its events do not: its row was changed")
        self._beside(connection)
        if not self._met:
            self._found(
                f"the given head {str(self._wanted)[:12]}… is not in the journal: events were removed or rewritten"
            )

    def _beside(self, connection: Connection) -> None:
        """Compares what stands beside the events, and what runs may do rests on, with what they say of it."""
        whose = select(*(runs.c[name] for name in ("run", *_UNLESS_ERASED)))
        for run, *told in connection.execute(whose):
            row = self._rows.get(run)
            if row and run not in self._emptied and told != [getattr(row, name) for name in _UNLESS_ERASED]:
                self._found(
                    f"the list of runs says of {run} whose it is, or for what it waits, otherwise than its events"
                )
        listed = {Case(*row).run: Case(*row) for row in connection.execute(select(cases))}
        for run in sorted({*listed, *self._cases} - self._emptied):
            case, made = listed.get(run), self._cases.get(run)
            if case is None or made is None or replace(case, same_as=None) != replace(made, same_as=None):
                self._found(f"the list of cases says of {run} what its events do not: its row was changed")
        had = {(row.what, row.span): row.total for row in connection.execute(select(tallies))}
        for what, span in sorted(had.keys() | self._taken.keys()):
            more = had.get((what, span), 0.0) - self._taken.get((what, span), 0.0)
            if abs(more) > _ROUNDED * (1 + abs(had.get((what, span), 0.0))) and (more < 0 or not self._emptied):
                self._found(
                    f"of {what} another sum is kept for the {span} than its events come to: its row was changed"
                )
        kept = {row.digest: row.text for row in connection.execute(select(texts))}
        for name in sorted(self._named | kept.keys()):
            if name not in kept or digest(kept[name]) != name:
                self._found(f"the text {name[:12]}…, which runs name, is not kept as it was")

    def _follow(self, connection: Connection, one_chain: int) -> None:
        erased, last = _erased(connection), GENESIS
        # A file gives row by row, so that all before one that cannot be read are looked at
        some: Any = {} if connection.dialect.name == "sqlite" else {"yield_per": 1000}
        stored = connection.execute(select(events).order_by(events.c.position), execution_options=some)
        for position, *kept in stored:
            event, before = Link(*kept), self._rows.get(kept[0])
            is_chained = position <= one_chain
            previous = last if is_chained else before.hash if before else head_of(self.total)
            if wrong := fault(event, previous, erased=f"{event.run}#{event.number}" in erased):
                self._found(f"event {event.number} ({event.kind}) of run {event.run}: {wrong}")
            self.total = moved(self.total, event.run, before.hash if before else None, event.hash)
            last, self.count = event.hash, self.count + 1
            self._fold(before, event)
            self._met = self._met or self._wanted == head_of(self.total) or (is_chained and self._wanted == last)

    def _fold(self, before: Row | None, event: Link) -> None:
        """Notes what the event leaves of all that is made from events."""
        said: Mapping[str, Any] = {}
        if not isinstance(event.content, str) or event.kind in _RECORDS:
            self._emptied.add(event.run)
        elif before is None or event.kind in _SAYS or '"claims":[{' in event.content:
            with suppress(ValueError, RecursionError):  # its chain says that it was changed
                said = json.loads(event.content)
        said = said if isinstance(said, dict) else {}
        self._rows[event.run] = projected(before, event, said, self.count)
        if case := folded(self._cases.get(event.run), event, said):
            self._cases[event.run] = case
        with suppress(TypeError, AttributeError):
            for key, amount in taken(event.run, event.at, claims_in(said)).items():
                self._taken[key] = self._taken.get(key, 0.0) + amount
            release = said.get("release") or {}
            self._named |= {release[name] for name in ("charter", "tools")} if "tools" in release else set()

    def _found(self, problem: str) -> None:
        self.problems.append(f"{problem}; {_MENDED}")


def _end(connection: Connection, rows: Sequence[Any], reason: str, actor: str) -> None:
    """Gives those of these runs an end that have none, so that nobody goes on with them. Raises `Driven`."""
    if going := next((row.run for row in rows if _fate(row) == "running"), None):
        raise Driven(f"The run {going} goes on with what is to be erased: wait until it has ended, then try again.")
    told = {"code": "erased", "reason": reason, "usage": {}, "nearest": ()}
    open_ends = [row for row in rows if row.status == "running" or row.pending]
    for written in put(connection, [Waiting(row.run, lambda: ("failed", told), actor) for row in open_ends]):
        if isinstance(written, BaseException):
            raise written


def _memories(connection: Connection, principal: str | None) -> Memories:
    whose = runs.c.principal.is_not(None) if principal is None else runs.c.principal == principal
    found = select(*_LINK).join(runs, runs.c.run == events.c.run).where(runs.c.status == _REMEMBERED, whose)
    rows = connection.execute(found.order_by(events.c.position)).all()
    is_record = and_(events.c.kind == _ERASED, events.c.content.is_not(None))
    records = map(json.loads, connection.execute(select(events.c.content).where(is_record)).scalars())
    return Memories(
        tuple(entry_of(Link(*row)) for row in rows), tuple(cut for each in records for cut in each.get("cuts") or ())
    )


def _recalling(connection: Connection, which: Collection[str]) -> dict[str, int]:
    """The runs that were told of one of these memories, each from which number on, and those that follow them."""
    kinds = (_RECALLED, "started")
    said = select(events.c.run, events.c.number, events.c.kind, events.c.content)
    said = said.where(events.c.kind.in_(kinds), events.c.content.is_not(None)).order_by(events.c.position)
    telling: dict[str, int] = {}
    follows: dict[str, list[str]] = {}
    for run, number, kind, content in connection.execute(said):
        told = json.loads(content)
        if kind == "started":
            follows[run] = [str(each).partition("#")[0] for each in told.get("earlier") or []]
        elif any(each["id"] in which for each in told.get("memories") or ()):
            telling[run] = number
    for run, earlier in follows.items():  # in the order in which they began
        if not telling.keys().isdisjoint(earlier):
            telling[run] = 2
    return telling


def _empty(
    connection: Connection, which: Mapping[str, int], documents: Sequence[str], actor: str, **beside: str | list[str]
) -> int:
    """Takes the contents out of runs, each from a number on, and records it, in a transaction; how many.

    What a memory took out of others is kept with the record, for they are not to come back.
    """
    emptied: list[tuple[str, int]] = []
    is_memory = and_(events.c.run.in_(which), events.c.kind == _REMEMBERED, events.c.content.is_not(None))
    told = map(json.loads, connection.execute(select(events.c.content).where(is_memory)).scalars())
    cuts = [cut for each in told for cut in each.get("cuts") or ()]
    # By the digest of a question that is erased a guess could be confirmed
    connection.execute(cases.update().where(cases.c.run.in_(which)).values(key=""))
    for run, number in which.items():
        said = and_(events.c.run == run, events.c.number >= number, events.c.content.is_not(None))
        rows = connection.execute(
            events.update().where(said).values(salt=None, content=None).returning(events.c.run, events.c.number)
        )
        emptied += [(row.run, row.number) for row in rows]
    if emptied:
        what: dict[str, Any] = {
            "documents": list(documents),
            "events": [f"{run}#{number}" for run, number in sorted(emptied)],
        }
        what |= beside | ({"cuts": cuts} if cuts else {})
        [written] = put(connection, [Waiting(f"e-{new_run_id()[2:]}", lambda: (_ERASED, what), actor)])
        if isinstance(written, BaseException):
            raise written
    return len(emptied)


def _contents(connection: Connection, *, after: int, limit: int | None = None) -> list[tuple[int, str, int, str]]:
    """Position, run, number and content of those events after a position that have one."""
    words = select(events.c.position, events.c.run, events.c.number, events.c.content).where(
        events.c.position > after, events.c.content.is_not(None), events.c.kind != _ERASED
    )
    return [tuple(row) for row in connection.execute(words.order_by(events.c.position).limit(limit))]


def _telling(
    rows: Sequence[tuple[int, str, int, str]], says: Callable[[Mapping[str, Any]], bool], since: dict[str, int]
) -> dict[str, int]:
    """Notes in `since` from which number on a run tells; the runs of these events that do."""
    for _, run, number, content in rows:
        if run not in since and _says(says, content):
            since[run] = number
    return {run: since[run] for _, run, *_ in rows if run in since}


def _resolve(connection: Connection, run: str) -> str:
    if connection.execute(select(runs.c.run).where(runs.c.run == run)).one_or_none():
        return run
    found: list[str] = []
    if len(run) >= 4:
        begins = runs.c.run.startswith(run, autoescape=True)
        if connection.dialect.name == "sqlite":  # whose LIKE knows no case, and no index
            begins = and_(runs.c.run >= run, runs.c.run < run + "\U0010ffff")
        found = list(connection.execute(select(runs.c.run).where(begins).order_by(runs.c.run).limit(4)).scalars())
    if not found:
        raise NoSuchRun(f"There is no run {run!r}: `citewell runs list` shows those there are.")
    if len(found) > 1:
        raise NoSuchRun(f"Several runs begin with {run!r} ({', '.join(found)}, …): give more of the id.")
    return found[0]


def _erased(connection: Connection) -> set[str]:
    """The events whose contents were taken out by an erasure, as the erasures recorded it."""
    is_record = and_(events.c.kind == _ERASED, events.c.content.is_not(None))
    erased: set[str] = set()
    # Who walks along the events comes to damage of the file too, and tells of it
    with suppress(*[DBAPIError] if connection.dialect.name == "sqlite" else []):
        for content in connection.execute(select(events.c.content).where(is_record)).scalars():
            with suppress(ValueError, TypeError, KeyError):  # one that is damaged vouches for nothing
                erased.update(json.loads(content)["events"])
    return erased


def _says(says: Callable[[Mapping[str, Any]], bool], content: str) -> bool:
    try:
        read = json.loads(content)
    except ValueError:
        return True
    return not isinstance(read, dict) or says(read)

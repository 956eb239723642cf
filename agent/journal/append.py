"""How do events come to disk? One thread writes whatever waits in one transaction, and each waits for its own.

A commit costs the disk a few milliseconds whether it holds one event or a hundred. Events of many runs that go on at
the same time are therefore committed in groups.
"""

from __future__ import annotations

import logging
import queue
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import astuple, dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, bindparam, select, tuple_

from agent.journal.cases import note
from agent.journal.chain import Link, canonical, head_of, link, moved
from agent.journal.database import AGAIN, PATIENCE, Away, Database
from agent.journal.projection import Row, projected
from agent.journal.record import NoSuchConversation, Overtaken, Said, now
from agent.journal.tables import events, head, runs
from agent.journal.tallies import NothingLeft, claims_in, take

_AT_ONCE: Final = 500  # events in one transaction
_COLUMNS: Final = tuple(column.name for column in events.columns if column.name != "position")
_ROW: Final = [runs.c[name] for name in Row.__slots__]

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Waiting:
    """An event that waits to be written: of a run, as its event `number` if that is given; `owner` drives the run.

    `link` is what was written in a transaction of which it is not known whether it was committed.
    """

    run: str
    said: Said
    actor: str
    number: int | None = None
    owner: str | None = None
    lease: float | None = None
    done: Future[Link] = field(default_factory=Future)
    link: Link | None = None


class Appender:
    """Appends to a database; threads may share it. Its own thread never keeps the process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._beginning = threading.Lock()

    def put(self, waiting: Waiting) -> Future[Link]:
        """Settled when the event is on disk. Fails with `JournalUnusable`, `Overtaken`, or what `said` raised."""
        with self._beginning:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
                self._thread.start()
        waiting.done.set_running_or_notify_cancel()  # what is handed in is written, whoever waits for it
        self._queue.put(waiting)
        return waiting.done

    def close(self) -> None:
        """Writes what waits, and ends the thread."""
        with self._beginning:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._queue.put(None)
        if thread is not None:
            thread.join(PATIENCE)

    def _write(self) -> None:
        while (first := self._queue.get()) is not None:
            batch, is_last = [first], False
            while len(batch) < _AT_ONCE and not self._queue.empty():
                waiting = self._queue.get()
                if waiting is None:
                    is_last = True
                    break
                batch.append(waiting)
            self._settle(batch)
            if is_last:
                return

    def _settle(self, batch: Sequence[Waiting]) -> None:
        """Writes a group; again where the server went away: what that had committed is found, and not repeated.

        One that the database does not take fails alone: then each is a group of its own.
        """
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with self._database.writing(patient=False) as connection:
                    written = put(connection, batch)
            except BaseException as fault:  # noqa: BLE001 - each of them is told, and the thread goes on
                if isinstance(fault, Away) and time.monotonic() < until:
                    log.debug("the journal's server is away: %s", fault)
                    time.sleep(AGAIN)
                    continue
                if len(batch) > 1 and not isinstance(fault, Away):
                    for waiting in batch:
                        self._settle([waiting])
                    return
                written = [fault] * len(batch)
            for waiting, result in zip(batch, written, strict=True):
                if isinstance(result, Link):
                    waiting.done.set_result(result)
                else:
                    waiting.done.set_exception(result)
            return


def put(connection: Connection, batch: Sequence[Waiting]) -> list[Link | BaseException]:
    """Writes a group of events, within a transaction; of each what was written, or why it was not."""
    summed = connection.execute(select(head.c.total, head.c.events)).one()
    total, count = int(summed.total, 16), int(summed.events)
    names = {waiting.run for waiting in batch}
    known = {row.run: Row(*row) for row in connection.execute(select(*_ROW).where(runs.c.run.in_(names)))}
    there = _committed(connection, batch)
    result: list[Link | BaseException] = []
    fresh: list[dict[str, Any]] = []
    changed: dict[str, Waiting] = {}
    begun = {name for name in names if name not in known}
    for waiting in batch:
        if waiting.link is not None and (waiting.run, waiting.link.number, waiting.link.hash) in there:
            result.append(waiting.link)
            continue
        row = known.get(waiting.run)
        number = row.number + 1 if row else 1
        if waiting.number is not None and waiting.number != number:
            gone_on = f"Another process has gone on with the run {waiting.run}"
            result.append(Overtaken(f"{gone_on}: see what became of it with citewell runs show {waiting.run}."))
            continue
        at = now()
        try:
            kind, content = waiting.said()
            written = canonical(content)
        except BaseException as fault:  # noqa: BLE001 - it is told to whoever wanted it written
            result.append(fault)
            continue
        previous = row.hash if row else head_of(total)
        new = link(previous, waiting.run, number, kind, at, waiting.actor, written)
        after = projected(row, new, content, count + 1)
        if kind == "started" and _is_anothers(connection, after, known):
            result.append(NoSuchConversation.of(str(after.conversation)))
            continue
        try:
            take(connection, waiting.run, at, claims_in(content))
        except NothingLeft as fault:
            result.append(fault)
            continue
        count += 1
        total = moved(total, waiting.run, row.hash if row else None, new.hash)
        known[waiting.run] = after
        fresh.append(dict(zip(_COLUMNS, astuple(new), strict=True)))
        changed[waiting.run] = waiting
        note(connection, new, content)
        waiting.link = new
        result.append(new)
    if fresh:
        connection.execute(events.insert(), fresh)
        _project(connection, known, changed, begun)
        connection.execute(head.update().values(total=f"{total:x}", events=count))
    return result


def _is_anothers(connection: Connection, row: Row, known: Mapping[str, Row]) -> bool:
    """Whether the conversation in which a run begins is another principal's, whoever came first by a moment."""
    if row.conversation is None:
        return False
    there = select(runs.c.principal).where(runs.c.conversation == row.conversation).distinct()
    whose = {*connection.execute(there).scalars()}
    whose |= {each.principal for each in known.values() if each.conversation == row.conversation}
    return bool(whose - {row.principal})


def _committed(connection: Connection, batch: Sequence[Waiting]) -> set[tuple[str, int, str]]:
    """Those events of a group that an earlier transaction, of which it was not known, did commit."""
    earlier = [(waiting.run, waiting.link.number) for waiting in batch if waiting.link is not None]
    if not earlier:
        return set()
    which = tuple_(events.c.run, events.c.number).in_(earlier)
    found = connection.execute(select(events.c.run, events.c.number, events.c.hash).where(which))
    return {(row.run, row.number, row.hash) for row in found}


def _project(connection: Connection, known: dict[str, Row], changed: dict[str, Waiting], begun: set[str]) -> None:
    """Notes what has become of the runs; who drives one drives it until its end."""
    rows = []
    for run, waiting in changed.items():
        row = {name: getattr(known[run], name) for name in Row.__slots__}
        goes_on = known[run].ended is None
        rows.append(row | {"owner": waiting.owner if goes_on else None, "lease": waiting.lease if goes_on else None})
    if new := [row for row in rows if row["run"] in begun]:
        connection.execute(runs.insert(), new)
    if old := [row for row in rows if row["run"] not in begun]:
        names = [name for name in old[0] if name not in ("run", "first", "started")]
        update = runs.update().where(runs.c.run == bindparam("the_run"))
        values: dict[str, Any] = {name: bindparam(f"the_{name}") for name in names}
        connection.execute(
            update.values(values), [{f"the_{name}": row[name] for name in [*names, "run"]} for row in old]
        )

"""What happened in every run, in order, and has anyone touched the record since?"""

from __future__ import annotations

import json
import secrets
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext, suppress
from dataclasses import astuple, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar, get_args

from agent.journal.chain import GENESIS, Link, canonical, fault, link
from agent.journal.entry import Entry, entry_of
from agent.journal.sqlite import PATIENCE, JournalUnusable, connect, create, explained, look, transaction
from agent.journal.summary import Fate, RunSummary, summary
from agent.state import Status
from ingest.errors import CitewellError
from retrieval.disk.held import holding, is_held
from retrieval.erasure.erasing import Emptied

_ERASED = "erased"  # the kind of event that records an erasure
_AT_ONCE = 500  # events that an erasure reads in one go
_LETTING_GO = 2.0  # seconds that readers are given to let go of the write-ahead log
HELD = "another process reads the journal, whose write-ahead log still has the words: try again when it is done"


class NoSuchRun(CitewellError):
    """No run, or more than one, goes by that id."""

    code: ClassVar[str] = "no_such_run"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 404


@dataclass(frozen=True, slots=True)
class Verification:
    """What a walk along the chain found; `problems` names the events at fault, first one first."""

    ok: bool
    events: int
    head: str
    problems: tuple[str, ...]


def new_run_id() -> str:
    """An id that sorts by time, to the second, and cannot be guessed from another one."""
    return f"r-{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"


class Unrecorded:
    """Takes the events of a run that cannot be recorded, and keeps none."""

    def __init__(self) -> None:
        self._count = 0

    def append_as_of_now(
        self, run: str, said: Callable[[], tuple[str, Mapping[str, Any]]], *, actor: str = "agent"
    ) -> Entry:
        """The event as it would have been recorded."""
        kind, content = said()
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        self._count += 1
        return Entry(run, self._count, kind, at, actor, json.loads(canonical(content)))

    def during(self, run: str) -> AbstractContextManager[None]:  # noqa: ARG002 - as in `Journal`
        """Nobody is told of the run."""
        return nullcontext()


class Journal:
    """The append-only record of every run, in one SQLite file; threads and processes may share it.

    Each event's hash covers the one before it, over all runs in the order of appending. The chain runs over a salted
    hash of the content, which stands beside it. A chain shows damage and careless edits; against someone who can
    rewrite the whole file it needs a `head` kept elsewhere. With `read_only` nothing is made or written.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._path = path
        self._writing = threading.Lock()
        self._look = look if read_only else connect
        with explained(path):
            self._connection = look(path) if read_only else create(path)

    def append(self, run: str, kind: str, content: Mapping[str, Any], *, actor: str = "agent") -> Entry:
        """The event, on disk by the time this returns.

        Beside what JSON knows, `content` may hold dataclasses, tuples, sets and NumPy scalars; anything that would not
        come back as it went in (NaN, bytes, keys that are not strings) raises `TypeError` or `ValueError`.
        """
        return self.append_as_of_now(run, lambda: (kind, content), actor=actor)

    def append_as_of_now(
        self, run: str, said: Callable[[], tuple[str, Mapping[str, Any]]], *, actor: str = "agent"
    ) -> Entry:
        """The same; for kind and content `said` is asked when nobody else can write."""
        with explained(self._path), self._writing, transaction(self._connection, "IMMEDIATE"):
            kind, content = said()
            new = self._append(run, kind, canonical(content), actor)
        return entry_of(new)

    def erase(
        self, says: Callable[[Mapping[str, Any]], bool], documents: Sequence[str], *, actor: str = "person"
    ) -> Emptied:
        """Takes contents out, leaving no byte of them: in each run from the first on of which `says` is true.

        What comes after it in its run may have been made from it. A content that cannot be read counts as said. The
        chain stays whole, for it runs over salted hashes; events of their own, each written in the same step as what it
        tells of, record which were emptied, and for which documents: `verify` takes any other that is empty for
        tampering.

        Others go on appending, for what is there is read while nobody has to wait, some events at a time. Each write
        empties runs to their end, so that a kill leaves every run as it was or emptied; the last one looks at what
        came meanwhile.
        """
        since: dict[str, int] = {}  # run → the number of its first event that says it
        position, count = 0, 0
        with explained(self._path), closing(connect(self._path)) as reading:
            while rows := _contents(reading, after=position, limit=_AT_ONCE):
                position = rows[-1][0]
                if runs := _telling(rows, says, since):
                    with self._writing, transaction(self._connection, "IMMEDIATE"):
                        count += self._empty(runs, documents, actor)
            with self._writing, transaction(self._connection, "IMMEDIATE"):
                rows = _contents(self._connection, after=position)
                count += self._empty(_telling(rows, says, since), documents, actor)
            reading.execute("PRAGMA wal_checkpoint(PASSIVE)")  # for which nobody waits: it leaves little to do
            with self._writing:
                return Emptied(count, "" if self._checkpoint() else HELD)

    @contextmanager
    def during(self, run: str) -> Iterator[None]:
        """Within, the run goes on; where its process is killed meanwhile others see that it does not any more."""
        path = self._going_on(run)
        with explained(path):
            if not path.parent.is_dir():
                path.parent.mkdir(exist_ok=True)
                path.parent.chmod(stat.S_IMODE(self._path.parent.stat().st_mode))  # whoever shares the home asks too
            lock = ExitStack()
            lock.enter_context(holding(path))
        with lock:
            yield

    def events(self, run: str) -> list[Entry]:
        """Everything that happened in a run, in order; the beginning of its id is enough where only one fits."""
        with self._snapshot() as connection:
            found = _resolve(connection, run)
            rows = connection.execute("SELECT * FROM events WHERE run = ? ORDER BY number", (found,)).fetchall()
        return [entry_of(Link(*row[1:])) for row in rows]

    def runs(self, *, limit: int = 50) -> list[RunSummary]:
        """The latest runs, newest first."""
        listed: dict[str, list[Entry]] = {}
        with self._snapshot() as connection:
            for _, *row in connection.execute(
                "SELECT * FROM events WHERE (number = 1 OR kind IN (SELECT value FROM json_each(?))) AND run IN"
                " (SELECT run FROM events WHERE number = 1 AND kind != ? ORDER BY position DESC LIMIT ?)"
                " ORDER BY position",
                (json.dumps(get_args(Status)), _ERASED, limit),
            ):
                listed.setdefault(row[0], []).append(entry_of(Link(*row)))
        return [self._as_of_now(summary(events)) for events in reversed(listed.values())]

    def status(self, run: str) -> Fate:
        """How a run that has begun ended, or whether it goes on; `run` is its whole id."""
        alive = is_held(self._going_on(run))  # asked first: whoever lets go of it has written the end before
        last = self.events(run)[-1].kind
        ended: Fate | None = next((fate for fate in (*get_args(Status), _ERASED) if fate == last), None)
        return ended or ("killed" if alive is False else "running")

    def verify(self, *, head: str | None = None) -> Verification:
        """Whether every event is as it was written and in its place; a `head` that was kept elsewhere must be there."""
        problems: list[str] = []
        previous, count, last, known = GENESIS, 0, 0, {GENESIS}
        try:
            with self._snapshot() as connection:
                erased = _erased(connection)
                for position, *row in connection.execute("SELECT * FROM events ORDER BY position"):
                    event = Link(*row)
                    if wrong := fault(event, previous, erased=f"{event.run}#{event.number}" in erased):
                        problems.append(f"event {event.number} ({event.kind}) of run {event.run}: {wrong}")
                    previous, count, last = event.hash, count + 1, position
                    known.add(previous)
                written = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'events'").fetchone()
        except JournalUnusable as damage:
            problems.append(str(damage))
        else:
            if written and written[0] > last:
                problems.append(f"{written[0] - last} events are missing after event {last} of the journal, its last")
            if head is not None and head not in known:
                problems.append(f"the given head {head[:12]}… is not in the journal: events were removed or rewritten")
        return Verification(not problems, count, previous, tuple(problems))

    def head(self) -> str:
        """The last event's hash: keep it elsewhere, and `verify` can tell whether anything up to it was changed."""
        with self._snapshot() as connection:
            last = connection.execute("SELECT hash FROM events ORDER BY position DESC LIMIT 1").fetchone()
        return str(last[0]) if last else GENESIS

    def close(self) -> None:
        """Let go of the file; what was appended is already on disk."""
        self._connection.close()

    def _as_of_now(self, run: RunSummary) -> RunSummary:
        return replace(run, status=self.status(run.id)) if run.status == "running" else run

    def _going_on(self, run: str) -> Path:
        return self._path.parent / "running" / run

    def _append(self, run: str, kind: str, text: str, actor: str) -> Link:
        """Links an event to the last one, within a transaction."""
        last = self._connection.execute("SELECT hash FROM events ORDER BY position DESC LIMIT 1").fetchone()
        count = self._connection.execute("SELECT MAX(number) FROM events WHERE run = ?", (run,)).fetchone()[0] or 0
        at = datetime.now(UTC).isoformat(timespec="microseconds")
        new = link(last[0] if last else GENESIS, run, count + 1, kind, at, actor, text)
        self._connection.execute("INSERT INTO events VALUES (NULL,?,?,?,?,?,?,?,?,?,?)", astuple(new))
        return new

    def _empty(self, runs: Mapping[str, int], documents: Sequence[str], actor: str) -> int:
        """Takes the contents out of runs, each from a number on, and records it, in a transaction; how many."""
        words = (
            "UPDATE events SET salt = NULL, content = NULL WHERE run = ? AND number >= ? AND content IS NOT NULL"
            " RETURNING run, number"
        )
        emptied = [row for first in runs.items() for row in self._connection.execute(words, first).fetchall()]
        if emptied:
            which = {"documents": list(documents), "events": [f"{run}#{number}" for run, number in sorted(emptied)]}
            self._append(f"e-{new_run_id()[2:]}", _ERASED, canonical(which), actor)
        return len(emptied)

    def _checkpoint(self) -> bool:
        """Brings all of the write-ahead log into the file and empties it; False where a reader's snapshot needs it."""
        self._connection.execute(f"PRAGMA busy_timeout = {_LETTING_GO * 1000:.0f}")
        try:
            busy, *_ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            self._connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000:.0f}")
        return not busy

    @contextmanager
    def _snapshot(self) -> Iterator[sqlite3.Connection]:
        """A connection of the reader's own, so that a long walk neither holds up an append nor sees half of one."""
        with explained(self._path), closing(self._look(self._path)) as connection, transaction(connection, "DEFERRED"):
            yield connection


def _contents(connection: sqlite3.Connection, *, after: int, limit: int = -1) -> list[tuple[int, str, int, str]]:
    """Position, run, number and content of those events after a position that have one; -1: of all."""
    words = (
        "SELECT position, run, number, content FROM events"
        " WHERE position > ? AND content IS NOT NULL AND kind != ? ORDER BY position LIMIT ?"
    )
    return connection.execute(words, (after, _ERASED, limit)).fetchall()


def _telling(
    rows: Sequence[tuple[int, str, int, str]], says: Callable[[Mapping[str, Any]], bool], since: dict[str, int]
) -> dict[str, int]:
    """Notes in `since` from which number on a run tells; the runs of these events that do."""
    for _, run, number, content in rows:
        if run not in since and _says(says, content):
            since[run] = number
    return {run: since[run] for _, run, *_ in rows if run in since}


def _resolve(connection: sqlite3.Connection, run: str) -> str:
    if connection.execute("SELECT 1 FROM events WHERE run = ?", (run,)).fetchone():
        return run
    found: list[tuple[str]] = []
    if len(run) >= 4:
        found = connection.execute(
            "SELECT DISTINCT run FROM events WHERE run >= ? AND run < ? ORDER BY run LIMIT 4", (run, run + "\U0010ffff")
        ).fetchall()
    if not found:
        raise NoSuchRun(f"There is no run {run!r}: `citewell runs list` shows those there are.")
    if len(found) > 1:
        raise NoSuchRun(
            f"Several runs begin with {run!r} ({', '.join(row[0] for row in found)}, …): give more of the id."
        )
    return found[0][0]


def _erased(connection: sqlite3.Connection) -> set[str]:
    """The events whose contents were taken out by an erasure, as the erasures recorded it."""
    rows = connection.execute("SELECT content FROM events WHERE kind = ? AND content IS NOT NULL", (_ERASED,))
    erased: set[str] = set()
    for (content,) in rows:
        with suppress(ValueError, TypeError, KeyError):  # one that is damaged vouches for nothing
            erased.update(json.loads(content)["events"])
    return erased


def _says(says: Callable[[Mapping[str, Any]], bool], content: str) -> bool:
    try:
        read = json.loads(content)
    except ValueError:
        return True
    return not isinstance(read, dict) or says(read)

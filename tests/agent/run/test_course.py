"""What a run wrote down is known to its end, at whatever moment it is cancelled or breaks."""

import asyncio
import sqlite3
import threading
from contextlib import aclosing, closing
from dataclasses import asdict, dataclass, field, replace

import pytest

from agent.journal.entry import JournalUnusable
from agent.journal.journal import Journal
from agent.run.deps import Deps, Oversight, Run
from agent.run.loop import run
from agent.state import LEFT
from tests.agent.charters import ruled
from tests.agent.run.scripted import LOGS, TOOLS, USAGE, Scripted, Shelf, Watchers

RUN = "r-record"


@dataclass
class SlowAt:
    """A journal whose disk takes its time over the first event of a kind."""

    journal: Journal
    kind: str
    writing: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def submit(self, run, said, **more):
        def slowly():
            kind, content = said()
            if kind == self.kind and not self.writing.is_set():
                self.writing.set()
                self.go_on.wait(10)
            return kind, content

        return self.journal.submit(run, slowly, **more)


@pytest.fixture
def journal(tmp_path):
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        yield journal


@dataclass
class AwayAt:
    """A journal whose database is away for the first event of a kind, and back for the next."""

    journal: Journal
    kind: str

    def submit(self, run, said, **more):
        def refused():
            kind, content = said()
            if kind == self.kind:
                self.kind = None
                raise JournalUnusable("The journal's database cannot be used: see that its server runs.")
            return kind, content

        return self.journal.submit(run, refused, **more)


def parts(journal, *moves, **more):
    shelf = Shelf(set())
    deps = Deps(shelf, shelf, Scripted(list(moves)), Watchers(), TOOLS, (ruled({"send": "allow"}),))
    return Run(RUN, "How long are logs kept?"), deps, Oversight(journal, **more)


async def follow(parts):
    async with aclosing(run(*parts)) as items:
        async for _ in items:
            pass


@pytest.mark.parametrize("kind", ["retrieved", "thought", "answered"])
def test_a_run_whose_event_was_not_taken_has_no_end_and_can_be_resumed_though_the_journal_is_back(journal, kind):
    with pytest.raises(JournalUnusable):
        asyncio.run(follow(parts(AwayAt(journal, kind))))

    kinds = [entry.kind for entry in journal.events(RUN)]
    assert (kinds[0], set(kinds) & {"answered", "abstained", "failed"}) == ("started", set())
    assert journal.unfinished() == [RUN]


def cancelled_while(kind, journal, *, times=1, first=None):
    """The events of a run that sends something, and is cancelled so many times while the first of a kind is written,
    the first time with a word.
    """

    async def cancel():
        task = asyncio.create_task(follow(parts(slow, "send")))
        assert await asyncio.to_thread(slow.writing.wait, 10)
        for word in [first, *[None] * (times - 1)]:
            task.cancel(word)
            await asyncio.sleep(0)
        slow.go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    slow = SlowAt(journal, kind)
    asyncio.run(cancel())
    return journal.events(RUN)


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize(
    ("kind", "replies"),
    [("started", 0), ("retrieved", 0), ("thought", 1), ("acting", 1), ("acted", 1), ("checked", 2)],
)
def test_the_end_of_a_run_that_is_cancelled_while_it_writes_knows_what_it_wrote(journal, kind, replies, times):
    *_, last, end = cancelled_while(kind, journal, times=times)

    assert (last.kind, end.kind) == (kind, "failed")
    assert end.content["code"] == "cancelled", "the tool had not begun, or what came of it is on disk"
    assert end.content["usage"] == {name: replies * value for name, value in asdict(USAGE).items()}


def test_a_run_that_an_erasure_overtakes_and_that_is_cancelled_then_has_an_end(journal):
    gone = set()

    async def cancel():
        this, deps, over = parts(slow, erased=lambda: frozenset(gone))
        model = replace(deps.model, erase=lambda _: gone.add(LOGS))
        task = asyncio.create_task(follow((this, replace(deps, model=model), over)))
        assert await asyncio.to_thread(slow.writing.wait, 10)
        task.cancel()
        await asyncio.sleep(0)
        slow.go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    slow = SlowAt(journal, "thought")
    asyncio.run(cancel())
    *_, thought, end = journal.events(RUN)
    assert (thought.kind, thought.content["erased"]) == ("thought", True)
    assert (end.kind, end.content["code"]) == ("failed", "cancelled")
    assert end.content["usage"] == asdict(USAGE)


def test_one_that_is_halted_to_be_resumed_stays_so_when_who_asked_leaves_too(journal):
    assert cancelled_while("retrieved", journal, times=2, first=LEFT)[-1].kind == "retrieved"


@pytest.mark.slow
def test_the_loop_of_a_run_that_is_cancelled_goes_on_while_another_process_writes(journal, tmp_path):
    held = sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None, check_same_thread=False)
    released = threading.Event()

    def release():
        held.execute("ROLLBACK")
        released.set()

    async def cancel():
        begun = asyncio.Event()

        async def go():
            async with aclosing(run(*parts(journal))) as items:
                async for _ in items:
                    begun.set()
                    await asyncio.sleep(0)

        task = asyncio.create_task(go())
        await begun.wait()
        held.execute("BEGIN IMMEDIATE")
        threading.Timer(1, release).start()
        task.cancel()
        for _ in range(20):
            await asyncio.sleep(0.001)
        assert not released.is_set()
        with pytest.raises(asyncio.CancelledError):
            await task

    with closing(held):
        asyncio.run(cancel())
    assert journal.events(RUN)[-1].kind == "failed"


def test_an_end_that_is_being_written_is_the_end(journal):
    events = cancelled_while("answered", journal)

    assert [event.kind for event in events].count("answered") == 1
    assert events[-1].kind == "answered"


def test_where_it_cannot_be_told_what_is_erased_the_run_ends_with_that(journal):
    asked = []

    def erased():
        asked.append(1)
        if len(asked) > 3:
            raise RuntimeError("the list cannot be read")
        return frozenset()

    with pytest.raises(RuntimeError, match="the list"):
        asyncio.run(follow(parts(journal, erased=erased)))
    end = journal.events(RUN)[-1]
    assert (end.kind, end.content["code"]) == ("failed", "internal_error")
    assert "the list cannot be read" in end.content["reason"]

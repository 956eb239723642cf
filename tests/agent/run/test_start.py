"""A run begins within its time or says what it waits for, and lets go of all that it held when it is over."""

import asyncio
import threading
from contextlib import aclosing, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.journal.journal import Journal
from agent.run.deps import Deps, Oversight, Run
from agent.run.start import Stalled, decide, start
from agent.run.start import go_on as going
from agent.state import Answered, Think
from tests.agent.run.scripted import Scripted, Shelf, Watchers

RUN = "r-start"


@dataclass
class Held(Scripted):
    """A model that holds a connection until it is closed."""

    held: bool = True

    async def aclose(self):
        self.held = False


@pytest.fixture
def journal(tmp_path):
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        yield journal


def followed(journal, stop):
    """The items of a run until one for which `stop` holds, how it was listed at each, and its model."""
    shelf, model = Shelf(set()), Held([])

    def made():
        return Run(RUN, "How long are logs kept?"), Deps(shelf, shelf, model, Watchers()), Oversight(journal)

    async def follow():
        seen = []
        answers = start(made, lambda run, deps, over, end: (run.id, end), within=10, read=[])
        async with aclosing(answers) as items:
            async for item in items:
                seen.append((item, journal.status(RUN)))
                if stop(item):
                    break
        return seen

    return asyncio.run(follow()), model


def test_last_comes_what_is_made_of_the_end_and_then_nothing_is_held(journal):
    seen, model = followed(journal, lambda _: False)

    (end, listed), (answer, _) = seen[-2:]
    assert (type(end), answer, listed) == (Answered, (RUN, end), "answered")
    assert {status for item, status in seen[:-2]} == {"running"}
    assert not model.held


def test_a_run_that_is_left_lets_go_too_and_is_listed_as_ended(journal):
    seen, model = followed(journal, lambda item: isinstance(item, Think))

    assert seen[-1][1] == "running"
    assert (journal.status(RUN), model.held) == ("failed", False)


@pytest.mark.parametrize("slow", ["take", "let_go"])
@pytest.mark.parametrize("begin", ["start", "go_on", "decide"])
def test_one_that_is_cancelled_while_it_is_taken_or_let_go_is_free_for_others(journal, begin, slow, monkeypatch):
    journal.append(RUN, "started", {"question": "?"})
    begun, go_on_now, work = threading.Event(), threading.Event(), getattr(journal, slow)

    def slowly(run):
        begun.set()
        assert go_on_now.wait(10)
        return work(run)

    def made():
        raise RuntimeError("it cannot be taken up")

    async def cancel():
        shelf = Shelf(set())
        this, deps = Run(RUN, "?"), Deps(shelf, shelf, Held([]), Watchers())
        begins = {
            "start": lambda: anext(start(lambda: (this, deps, Oversight(journal)), None, within=10, read=[])),
            "go_on": lambda: anext(going(journal, RUN, made, None)),
            "decide": lambda: decide(journal, RUN, made),
        }
        task = asyncio.ensure_future(begins[begin]())
        assert await asyncio.to_thread(begun.wait, 10)
        task.cancel()
        await asyncio.sleep(0)
        task.cancel()
        go_on_now.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    monkeypatch.setattr(journal, slow, slowly)
    asyncio.run(cancel())
    monkeypatch.undo()
    with closing(Journal(Path(journal._database.name))) as other, other.during(RUN):
        assert journal.status(RUN) != "killed"


def test_what_is_late_of_itself_is_not_taken_for_a_disk_that_does_not_answer():
    def made():
        raise TimeoutError("the gateway of the model")

    async def begin():
        await anext(start(made, None, within=10, read=[]))

    with pytest.raises(TimeoutError, match="the gateway"):
        asyncio.run(begin())


def test_a_run_that_cannot_begin_says_what_it_waits_for():
    come = threading.Event()

    async def begin():
        items = start(come.wait, None, within=0.02, read=[Path("/far/home"), Path("/far/charter.toml")])
        await anext(items)

    try:
        with pytest.raises(
            Stalled, match=r"within its 0\.02 seconds.*/far/home and /far/charter\.toml can be read, then ask"
        ):
            asyncio.run(begin())
    finally:
        come.set()

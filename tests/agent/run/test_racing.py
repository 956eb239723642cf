"""However many people allow a call at the same time, it runs once; and not at all where it expired before it runs."""

import asyncio
import threading
from contextlib import ExitStack, aclosing, closing
from datetime import UTC, datetime, timedelta

import pytest

from agent.journal.events import Resumed
from agent.journal.fold import replay
from agent.journal.journal import Driven, Journal
from agent.journal.record import Overtaken
from agent.run.course import Begun
from agent.run.deps import Oversight
from agent.run.rules.deciding import NotWaiting, Word, decision
from agent.run.start import decide, go_on
from agent.state import Answered, AwaitingApproval
from tests.agent.run.test_governed import CHARTER, PAID, ended, parts, paying

REFUSED = (Driven, NotWaiting, Overtaken)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def place(request, tmp_path):
    """Where a journal lies."""
    PAID.clear()
    return tmp_path / "journal.sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres").database()


def taking_up(journal, by, wait=lambda: None):
    """How a run is taken up with somebody's word."""

    def taken_up():
        this, deps, _ = parts(journal, paying(400))
        entries = journal.events(this.id)
        state = replay(entries, deps.texts)
        if not isinstance(state, AwaitingApproval):
            raise NotWaiting("It waits for nobody.")
        event = decision(state, Word("approve", by, by), this, deps)
        wait()
        return this, deps, Oversight(journal), Begun(state, len(entries)), event

    return taken_up


async def allowed(journal, by, wait):
    """What comes of somebody's word: an end, or why it does not count."""
    try:
        async with aclosing(go_on(journal, "r-1", taking_up(journal, by, wait), lambda *ends: ends[-1])) as items:
            return [item async for item in items][-1]
    except REFUSED as refused:
        return refused


def raced(journals, count, wait=lambda: None):
    """What comes of so many words at once, from several processes' journals; each `wait`s once it was read."""

    async def race():
        return await asyncio.gather(*(allowed(journals[at % len(journals)], f"p{at}", wait) for at in range(count)))

    return asyncio.run(race())


def test_of_many_who_allow_a_call_at_once_one_does(place):
    with ExitStack() as stack:
        journals = [stack.enter_context(closing(Journal(place))) for _ in range(10)]
        ended(*parts(journals[0], paying(400)))
        came = raced(journals, 50)
        assert [type(each) for each in came if not isinstance(each, REFUSED)] == [Answered]
        assert len(PAID) == 1
        kinds = [each.kind for each in journals[0].events("r-1")]
        assert (kinds.count("decided"), kinds.count("acting"), journals[0].verify().ok) == (1, 1, True)
    with closing(Journal(place)) as after:  # who comes after a restart comes too late
        assert [type(each) for each in raced([after], 1)] == [NotWaiting]
        assert len(PAID) == 1


def test_of_those_who_all_read_that_it_waits_before_one_of_them_writes_one_does(place):
    with ExitStack() as stack:
        journals = [stack.enter_context(closing(Journal(place))) for _ in range(8)]
        ended(*parts(journals[0], paying(400)))
        came = raced(journals, 8, threading.Barrier(8, timeout=20).wait)
        assert sorted(type(each).__name__ for each in came) == ["Answered", *["Overtaken"] * 7]
        assert len(PAID) == 1


def test_a_call_that_was_allowed_in_time_does_not_run_when_it_has_expired_by_then(tmp_path, monkeypatch):
    PAID.clear()
    soon = f'{CHARTER}expires = "1h"\n'
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        ended(*parts(journal, paying(400), charter=soon))
        asyncio.run(decide(journal, "r-1", taking_up(journal, "Ada")))
        later = datetime.now(UTC) + timedelta(hours=2)  # whoever goes on with it was away
        monkeypatch.setattr("agent.run.tools.is_over", lambda expires: datetime.fromisoformat(expires) <= later)
        this, deps, over = parts(journal, paying(400), charter=soon)
        entries = journal.events("r-1")
        state = replay(entries, deps.texts)
        with journal.during("r-1"):
            end = ended(this, deps, over, begun=Begun(state, len(entries)), by=Resumed(this.release))
        assert (isinstance(end, Answered), PAID) == (True, [])
        acted = next(each.content for each in journal.events("r-1") if each.kind == "acted")
        assert (acted["authorization"], "which is over" in acted["text"]) == ("declined", True)

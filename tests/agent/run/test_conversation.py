"""A run that follows others goes on from any of its events, and uses nothing of what was erased meanwhile."""

import asyncio
from contextlib import aclosing, closing
from dataclasses import replace

import pytest

from agent.journal.events import Resumed
from agent.journal.fold import OVERTAKEN, replay
from agent.journal.journal import Journal
from agent.memory.conversation import ROOM, Cited, Exchange, compact, exchange, without
from agent.run.course import Begun
from agent.run.deps import Deps, Oversight, Run
from agent.run.loop import run
from agent.state import Abstained, Answered, Reply, Retrieve, Segment, Token, Understand, Usage
from tests.agent.run.scripted import LOGS, TOOLS, Scripted, Shelf, Watchers

FIRST = "How long are logs kept?"
EARLIER = (Exchange("r-1", "", FIRST, FIRST, "answered", "Thirty days. [1]", (Cited(LOGS, "thirty days"),)),)


class Rewriter:
    """A model that makes of every follow-up the same question."""

    name, uses_tools = "fast", True

    def __init__(self, asked):
        self.asked = asked

    async def reply(self, messages, tools, *, within=None, aloud=True):
        self.asked.append(messages[0].text)
        yield Reply((Segment("Who deletes the logs?"),), (), "end", Usage(7, 3))

    async def aclose(self):
        """It holds nothing."""


@pytest.fixture
def journal(tmp_path):
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        yield journal


def parts(journal, asked, *, erased=(), model=None, id="r-2"):
    shelf = Shelf(set(erased))
    deps = Deps(shelf, shelf, model or Scripted([]), Watchers(), TOOLS, rewriter=lambda: Rewriter(asked))
    over = Oversight(journal, lambda: frozenset(shelf.erased), rests_on=frozenset({LOGS}))
    this = Run(id, "And who deletes them?", principal="ada", conversation="logs", earlier=EARLIER)
    return this, deps, over, shelf


def followed(this, deps, over, **more):
    async def to_the_end():
        async with aclosing(run(this, deps, over, **more)) as items:
            return [item async for item in items if not isinstance(item, Token)]

    return asyncio.run(to_the_end())


def test_what_a_follow_up_asks_is_found_out_once_and_the_rest_is_asked_with_it(journal):
    asked = []
    states = followed(*parts(journal, asked)[:3])

    assert [type(state) for state in states[:2]] == [Understand, Retrieve]
    assert states[1] == Retrieve("Who deletes the logs?", Usage(7, 3))
    assert isinstance(states[-1], Answered)
    thoughts = [entry for entry in journal.events("r-2") if entry.kind == "thought"]
    assert states[-1].usage.input_tokens == 7 + 10 * len(thoughts)
    assert len(asked) == 1


def test_a_follow_up_goes_on_from_each_of_its_events_and_is_not_understood_anew(journal, tmp_path):
    *_, end = followed(*parts(journal, [])[:3])
    entries = journal.events("r-2")
    for cut in range(1, len(entries)):
        with closing(Journal(tmp_path / f"cut-{cut}.sqlite")) as other:
            for entry in entries[:cut]:
                other.append("r-2", entry.kind, entry.content, actor=entry.actor)
            asked = []
            this, deps, over, _ = parts(other, asked)
            begun = Begun(replay(other.events("r-2"), deps.texts), cut)
            with other.during("r-2"):
                *_, again = followed(this, deps, over, begun=begun, by=Resumed({}))

            assert again == end
            assert len(asked) == (cut == 1), "only where it was not recorded what it asks"


def test_what_was_said_before_is_not_used_when_its_document_is_erased_meanwhile(journal):
    this, deps, over, shelf = parts(journal, [])
    model = Scripted([], lambda _: shelf.erased.add(LOGS))
    shelf.erased.add("guide/ports.md")  # it cites what is still there: only what was said before is gone

    *_, end = followed(this, replace(deps, model=model), over)

    assert isinstance(end, Abstained)
    assert (end.reason, end.nearest) == (OVERTAKEN, ())
    [kept] = [entry.content for entry in journal.events("r-2") if entry.kind == "thought"]
    assert kept["erased"] is True
    assert "text" not in kept


def test_the_first_event_says_whose_it_is_and_what_it_follows(journal):
    followed(*parts(journal, [])[:3])
    first = journal.events("r-2")[0].content
    assert (first["principal"], first["conversation"], first["earlier"]) == ("ada", "logs", ["r-1#1"])
    [row] = journal.runs()
    assert (row.principal, row.conversation) == ("ada", "logs")


def test_an_exchange_is_folded_from_its_events_at_any_moment(journal):
    followed(*parts(journal, [])[:3])
    entries = journal.events("r-2")

    whole = exchange(entries)

    assert (whole.asked, whole.understood) == ("And who deletes them?", "Who deletes the logs?")
    assert (whole.status, whole.answer[:10], whole.open) == ("answered", "So it is. ", ())
    assert whole.documents == {"guide/noise.md"}
    assert exchange(entries[:1]).understood == "And who deletes them?"
    assert {exchange(entries[:cut]).status for cut in range(1, len(entries))} == {"running"}


def test_of_what_rests_on_an_erased_document_only_the_question_is_left():
    [left] = without(EARLIER, {LOGS})
    assert (left.asked, left.answer, left.cited, left.open) == (EARLIER[0].asked, "", (), (EARLIER[0].asked,))
    assert without(EARLIER, {"guide/ports.md"}) == EARLIER


def test_what_was_said_is_shown_within_its_room_with_what_it_cites():
    long = [
        replace(EARLIER[0], run=f"r-{place}", understood=f"Question {place}?", answer="It is so. " * 200)
        for place in range(40)
    ]
    told = compact(long)

    assert len(told) <= 4 * ROOM
    assert told.endswith(f"(cited: {LOGS})")
    assert "Question 39?" in told
    assert "Question 0?" not in told
    assert len(compact(long, room=20)) <= 80
    assert "Still open: Why?" in compact([replace(EARLIER[0], status="abstained", answer="", open=("Why?",))])

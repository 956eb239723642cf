"""Of what is erased while a run goes on nothing is written down, and an end that is written is the end that is told."""

from dataclasses import replace

import pytest

from agent.journal.events import Acting, Noise, Redacted, Retrieved, Returned, Started, Thought, Withdrawn, content
from agent.journal.fold import OVERTAKEN, TAKEN_OUT, UNNAMED
from agent.run.guard import UNSAID, Gone, as_of_now, as_written, unnamed
from agent.state import (
    Abstained,
    Act,
    Answered,
    Check,
    Failed,
    Near,
    Observation,
    Passage,
    Reply,
    Segment,
    Think,
    ToolCall,
    Turn,
    Usage,
)

PAY, LOGS = "secret/pay.md", "guide/logs.md"
GONE = Gone(frozenset({PAY, "old/was.md"}), frozenset({PAY}))
USAGE = Usage(3, 4)
CALL = ToolCall("c1", "send", {})


def passage(document, text="It is so.", kind="document"):
    return Passage(0, kind, document, document, text, 0, len(text), ((0, len(text)),))


def having(*found):
    return Think("?", found)


SEEN, CLEAN = having(passage(LOGS), passage(PAY)), having(passage(LOGS))
REPLY = Reply((Segment("So."),), (), "end", USAGE)


@pytest.mark.parametrize(
    ("state", "event", "written"),
    [
        (Check(SEEN, REPLY), Answered("So. [1]", (), USAGE, model="m"), Abstained(OVERTAKEN, usage=USAGE, model="m")),
        (Check(SEEN, REPLY), Abstained("So.", usage=USAGE, left_out=2), Abstained(OVERTAKEN, usage=USAGE, left_out=2)),
        (CLEAN, Failed("torn", f"{PAY} is torn.", USAGE), Failed("torn", UNSAID, USAGE)),
        (CLEAN, Abstained(OVERTAKEN, (Near("document", LOGS, "", None, 0, 1, PAY),)), Abstained(OVERTAKEN)),
        (SEEN, Thought(REPLY), Redacted("thought", USAGE)),
        (CLEAN, Thought(Reply((Segment(f"As {PAY} says."),), (), "end", USAGE)), Redacted("thought", USAGE)),
        (None, Started(f"What does {PAY} say?", {}, {}), Redacted("started")),
        (Act(SEEN, REPLY), Acting(CALL, "external"), Redacted("acting")),
        (Check(SEEN, REPLY), Returned(("“It is so.”: it is not.",)), Redacted("returned")),
        (Check(CLEAN, REPLY), Returned((f"“{PAY}”: it is not named.",)), Redacted("returned")),
    ],
)
def test_what_is_made_from_what_is_gone_is_not_written(state, event, written):
    assert as_written(event, state, GONE) == written
    assert PAY not in repr(content(written))


@pytest.mark.parametrize(
    ("state", "event"),
    [
        (Check(CLEAN, REPLY), Answered("So. [1]", (), USAGE)),
        (Check(SEEN, REPLY), Failed("deadline", "It took too long; ask again.", USAGE)),
        (Check(SEEN, REPLY), Abstained(OVERTAKEN, usage=USAGE)),
        (None, Started("What did old/was.md say?", {}, {})),
        (CLEAN, Retrieved("?", (passage(LOGS),), (Noise(LOGS, 0, 3, 0.1),))),
    ],
)
def test_what_tells_of_nothing_that_is_gone_is_written_as_it_is(state, event):
    assert as_written(event, state, GONE) is event


@pytest.mark.parametrize(
    ("found", "took"),
    [
        (passage(PAY), True),
        (passage("old/was.md"), True),
        (passage(LOGS), False),
        (passage("tide", f"See {PAY} for more.", "tool"), True),
        (passage("tide", "See old/was.md for more.", "tool"), False),
        (passage(PAY, "High water is at noon.", "tool"), False),
    ],
    ids=["erased", "erased before", "there", "a tool names it", "a tool may name what was gone", "a tool of that name"],
)
def test_a_passage_is_gone_with_its_document_and_a_tools_word_where_it_names_one_that_was_erased_since(found, took):
    assert GONE.took([found]) is took
    assert not Gone(frozenset(), frozenset()).took([found])


def test_what_a_tool_gave_for_programs_is_gone_where_it_names_what_was_erased_since():
    found = (passage("count", "Two hold it.", "tool"),)
    seen = Observation(CALL, "Two hold it.", found, data={"names": [PAY, LOGS]})
    left = as_of_now(Think("?", (), (Turn(REPLY, (seen,)),)), GONE)
    assert isinstance(left, Withdrawn)
    assert PAY not in repr(content(left))
    assert left.results[0][0].text == TAKEN_OUT
    kept = replace(seen, data={"names": [LOGS]})
    assert as_of_now(Think("?", (), (Turn(REPLY, (kept,)),)), GONE) is None


def test_a_tool_that_was_chosen_by_what_is_gone_is_not_named():
    assert unnamed(Act(SEEN, REPLY, (), "send"), GONE).begun == UNNAMED
    assert unnamed(Act(CLEAN, REPLY, (), "send"), GONE).begun == "send"
    assert unnamed(Act(SEEN, REPLY), GONE).begun is None

"""Every kind of event has its class, and its class what is known of it."""

from dataclasses import asdict
from typing import get_args

import pytest

from agent.journal.chain import canonical
from agent.journal.entry import Entry
from agent.journal.events import (
    Acted,
    Acting,
    Event,
    Kind,
    NotKept,
    Redacted,
    Returned,
    Thought,
    content,
    kind_of,
    read,
    redacted,
)
from agent.state import Abstained, Failed, Observation, Reply, ToolCall, Usage

CALL = ToolCall("c1", "send", {"words": "on Sundays"})


def test_the_kinds_that_are_named_are_those_of_the_union():
    made = [made.__name__.lower() for made in get_args(Event) if made is not Redacted]

    assert sorted(get_args(Kind)) == sorted(made)


@pytest.mark.parametrize(
    ("event", "left"),
    [
        (Thought(Reply((), (CALL,), "calls", Usage(3, 4))), Redacted("thought", Usage(3, 4))),
        (Acting(CALL, "external"), Redacted("acting")),
        (Acted(Observation(CALL, "Sent on Sundays."), "external", "ran"), Redacted("acted")),
        (Returned(("“On Sundays.”: it is not there.",)), Redacted("returned")),
        (Failed("deadline", "on Sundays", Usage(1, 2)), Redacted("failed", Usage(1, 2), "deadline")),
        (Abstained("on Sundays", usage=Usage(1, 2)), Redacted("abstained", Usage(1, 2))),
    ],
)
def test_of_a_redacted_event_its_kind_and_its_cost_are_left_and_come_back(event, left):
    assert redacted(event) == left
    assert kind_of(left) == kind_of(event)
    assert "Sundays" not in canonical(content(left))
    kept = {key: asdict(value) if isinstance(value, Usage) else value for key, value in content(left).items()}
    assert read(Entry("r-one", 2, kind_of(left), "", "agent", kept), None) == left
    assert redacted(left) == left


def test_a_check_that_was_written_down_before_it_had_a_verdict_is_read_without_one():
    kept = {"kept": [], "dropped": [], "unverified": [{"text": "On Sundays.", "why": "nothing shared"}]}
    found = read(Entry("r-one", 2, "checked", "", "agent", kept), None)

    assert (found.held, found.verdict, found.unverified[0].why) == (None, None, "nothing shared")


@pytest.mark.parametrize(("key", "value"), [("effect", "delete"), ("authorization", "perhaps")])
def test_what_is_no_effect_and_no_outcome_of_a_call_is_not_read_back(key, value):
    kept = content(Acted(Observation(CALL, "Sent."), "external", "ran"))
    kept["call"] = {"id": "c1", "name": "send", "arguments": {}}
    entry = Entry("r-one", 2, "acted", "", "agent", {**kept, "passages": [], "withheld": []})

    assert read(entry, None).authorization == "ran"
    with pytest.raises(NotKept, match="holds less than a run needs"):
        read(Entry("r-one", 2, "acted", "", "agent", {**entry.content, key: value}), None)

"""What happened in a run reads as a story."""

import json
import re
from dataclasses import replace

import pytest

from agent.commands.story import story
from agent.journal.chain import canonical
from agent.journal.entry import Entry
from agent.journal.events import (
    Acted,
    Acting,
    Checked,
    Decided,
    Doubt,
    Handover,
    Noise,
    Parked,
    Resumed,
    Retrieved,
    Returned,
    Shortened,
    Started,
    Thought,
    content,
    kind_of,
)
from agent.state import Abstained, Answered, Failed, Observation, Passage, Reply, Segment, ToolCall, Usage

CALL = ToolCall("c1", "send", {"words": "hello"})
PASSAGE = Passage(0, "document", "guide/logs.md", "Logs", 0, 4, "Logs", ((0, 4),))


def thinking(block):
    return Thought(Reply((Segment("So."),), (), "end", content=(block, {"type": "text", "text": "So."})))


def told(event, **beside):
    """How an event is told that was written down and read back, in one line."""
    kept = json.loads(canonical({**content(event), **beside}))
    entry = Entry("r-one", 3, kind_of(event), "2026-01-31T09:15:00.000000+00:00", "agent", kept)
    return re.sub(r"\s+", " ", story([entry])).strip()


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (
            Started("How long?", {"model": "m", "index_version": "v7"}, {"labels": ["hr"]}),
            "asked: “How long?” (index v7",
        ),
        (Retrieved("How long?", (PASSAGE,), (Noise("a.md", 0, 3, 0.01),)), "1 passage of guide/logs.md; 1 withheld"),
        (Shortened("It is too long.", 3, ""), "3 passages were left out, the last ones: “It is too long.”"),
        (
            Thought(Reply((Segment("Let me see."),), (CALL,), "calls", Usage(1, 2), model="served")),
            'served said “Let me see.” and called send(words="hello") (3 tokens).',
        ),
        (Thought(Reply((Segment("Logs are ke"),), (), "broken")), "agent was cut off, having said “Logs are ke”"),
        (Acting(CALL, "external"), "is about to run; its effect is external."),
        (Acted(Observation(CALL, "Sent."), "external", "ran"), 'send(words="hello") gave “Sent.”'),
        (Acted(Observation(CALL, "No.", error=True), "external", "refused"), "did not run (refused): “No.”"),
        (Checked((), (), (Doubt("It is.", "no source says so"),)), "nothing bears out “It is.” (no source says so)."),
        (Returned(("It names 40 days.",)), "went back to the model, which is to mend it: “It names 40 days.”"),
        (Parked(CALL, "external", "key", "why"), 'send(words="hello") waits for a person'),
        (Handover("outcome_unknown", "It was cut off."), "a person is to go on (outcome unknown): “It was cut off.”"),
        (Decided("key", "deny", "Ada", "ada", "not today"), "Ada (account ada) said no: “not today”"),
        (Resumed({"model": "m"}), "another process took it up (model m)."),
        (Answered("Thirty days. [1]", ()), "answered, citing 0 places: “Thirty days. [1]”"),
        (Abstained("Nothing matches."), "gave no answer: “Nothing matches.”"),
        (Failed("deadline", "It took too long."), "failed (deadline): “It took too long.”"),
        (Failed("outcome_unknown", "It was cut off."), "failed (outcome unknown): “It was cut off.”"),
        (Acted(Observation(CALL, "No tool.", error=True), None, "unknown"), "did not run (there is no such tool): “No"),
        (Acted(Observation(CALL, "Late.", error=True), "read", "ran"), 'send(words="hello") was not run: “Late.”'),
        (Acted(Observation(CALL, "Off.", error=True), "read", "ran", attempts=1), 'send(words="hello") failed: “Off.”'),
        (thinking({"type": "thinking", "thinking": "It is\n thirty."}), "; it had thought: “It is thirty.”"),
        (thinking({"type": "redacted_thinking", "data": "x"}), "; what it had thought its server keeps to itself"),
    ],
)
def test_each_event_is_a_sentence(event, words):
    assert words in told(event)
    assert told(event).startswith("3 09:15:00 ")


def test_an_end_says_what_it_took():
    assert "(1.5 s, cost 0.0100)" in told(Abstained("Nothing matches."), seconds=1.5, cost=0.01)


def test_every_kind_of_event_has_its_words():
    from typing import get_args

    from agent.commands.story import _TOLD
    from agent.journal.events import Kind

    assert set(get_args(Kind)) == set(_TOLD)


def test_what_is_erased_or_of_no_known_kind_is_told_as_that():
    erased = Entry("r-one", 1, "started", "2026-01-31T09:15:00.000000+00:00", "agent", {"erased": True})
    other = Entry("r-one", 2, "dreamt", "2026-01-31T09:15:00.000000+00:00", "agent", {"of": "sheep"})

    assert story([erased]).endswith("its content was erased.")
    assert story([other]).endswith('dreamt: of “"sheep"”')


def test_a_story_holds_no_escape_that_a_terminal_would_take_for_its_own():
    assert "\x1b" not in told(Abstained("\x1b[2Jgone"))


def test_who_asked_for_a_person_is_told_and_what_it_had_read():
    """An order that stands in a document makes a model ask; so the passage must be found from the story."""
    wanted = Handover("asked_for_person", "The model asked for a person, by hand_over: The lamp is red.")
    planted = replace(PASSAGE, document="mail/lamp.md", start=120, end=180)
    events = [
        Retrieved("How long?", (PASSAGE, *(replace(PASSAGE, start=n, end=n + 1) for n in range(4)))),
        Acted(Observation(CALL, "Found.", (planted, PASSAGE)), "read", "ran"),
        wanted,
    ]
    entries = [
        Entry("r-one", n, kind_of(event), "2026-01-31T09:15:00", "agent", json.loads(canonical(content(event))))
        for n, event in enumerate(events)
    ]
    last = re.sub(r"\s+", " ", story(entries)).split("a person is to go on")[1]

    assert "(asked for person): “The model asked for a person, by hand_over: The lamp is red.”" in last
    assert last.endswith("guide/logs.md 2-3, guide/logs.md 3-4, mail/lamp.md 120-180.")
    assert told(wanted).endswith("It had read no passage.")

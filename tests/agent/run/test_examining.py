"""What a run took is told of it as it was counted."""

from dataclasses import asdict

import pytest

from agent.answer import Answer
from agent.journal.entry import Entry
from agent.run.examining import refusals, seen
from agent.state import Usage


def test_what_the_fast_model_took_is_counted_once():
    usage = Usage(10, 5, 1, 2).of_the_fast
    at = "2026-01-31T09:15:00.000000+00:00"
    entries = [
        Entry("r-one", 1, "started", at, "user", {"question": "How long?", "release": {}}),
        Entry("r-one", 2, "thought", at, "quick", {"text": "So.", "usage": asdict(usage)}),
    ]
    answer = Answer("r-one", "answered", "So. [1]", (), None, "v1", "quick", usage)

    spent = seen(answer, entries, seconds=1.0).spent
    assert (spent.tokens, spent.by_model) == (18, {"quick": 18})


@pytest.mark.parametrize("kind", ["thought", "understood", "planned", "weighed", "compacted"])
def test_whatever_a_model_is_asked_for_is_counted_as_its_own(kind):
    at = "2026-01-31T09:15:00.000000+00:00"
    told = {"usage": asdict(Usage(10, 5)), "model": "quick"}
    entries = [
        Entry("r-one", 1, "started", at, "user", {"question": "How long?", "release": {}}),
        Entry("r-one", 2, kind, at, "agent", told),
        Entry("r-one", 3, "answered", at, "agent", told),
    ]
    answer = Answer("r-one", "answered", "So. [1]", (), None, "v1", "quick", Usage(10, 5))

    assert seen(answer, entries, seconds=1.0).spent.by_model == {"quick": 15}


CALL = {"name": "send", "arguments": {}}


@pytest.mark.parametrize(
    ("events", "refused"),
    [
        ([("abstained", {"reason": "Nothing matches."})], [("abstained", "Nothing matches.", "")]),
        ([("failed", {"code": "deadline", "reason": "It took too long."})], [("failed", "deadline", "")]),
        ([("handover", {"rule": "asked_for_person"})], [("escalated", "asked_for_person", "")]),
        (
            [
                ("checked", {"unverified": [{"text": "40 days.", "why": "number: 40"}], "verdict": "returned"}),
                ("returned", {"reasons": ["“40 days.”: it is wrong."]}),
                ("checked", {"unverified": [{"text": "It is blue.", "why": "name: blue"}], "verdict": "named"}),
                ("answered", {}),
            ],
            [("sent_back", "number", ""), ("sentence", "name", "It is blue.")],
        ),
        (
            [("returned", {"reasons": ["Both sources are to be cited."]})],
            [("sent_back", "Both sources are to be cited.", "")],
        ),
        (
            [("thought", {"barred": True, "calls": [CALL]})],
            [("call", "it was to answer, and not to call a tool", "send")],
        ),
        (
            [("acted", {"call": CALL, "authorization": "refused", "text": "send was not run: mail goes out by hand."})],
            [("call", "mail goes out by hand.", "send")],
        ),
        (
            [
                (
                    "acted",
                    {"call": CALL, "authorization": "ran", "code": "tool_barred", "text": "send was not run: broken"},
                )
            ],
            [("call", "broken", "send")],
        ),
        ([("acted", {"call": CALL, "authorization": "ran", "text": "Sent."})], []),
        (
            [("parked", {"call": CALL}), ("decided", {"verdict": "deny"})],
            [("awaiting_approval", "send needs a person's word", "send"), ("call", "a person said no", "send")],
        ),
        (
            [("parked", {"call": CALL}), ("decided", {"verdict": "approve"})],
            [("awaiting_approval", "send needs a person's word", "send")],
        ),
    ],
)
def test_all_that_was_withheld_in_a_run_is_told_with_its_reason(events, refused):
    entries = [Entry("r-one", n, kind, "2026-01-31T09:15:00", "agent", said) for n, (kind, said) in enumerate(events)]

    assert [(each.what, each.reason, each.text) for each in refusals(entries)] == refused


@pytest.mark.parametrize(("code", "ran"), [(None, ("send",)), ("tool_failed", ("send",)), ("invalid_arguments", ())])
def test_a_call_that_was_never_made_is_not_said_to_have_run(code, ran):
    told = {"call": CALL, "authorization": "ran", "text": "So.", "code": code}
    entries = [Entry("r-one", 1, "started", "2026-01-31T09:15:00", "user", {"release": {}})]
    entries += [Entry("r-one", 2, "acted", "2026-01-31T09:15:00", "agent", told)]
    answer = Answer("r-one", "abstained", None, (), None, "v1", "quick", Usage())

    assert seen(answer, entries, seconds=1.0).calls == ran

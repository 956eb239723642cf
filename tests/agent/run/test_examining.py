"""What a run took is told of it as it was counted."""

from dataclasses import asdict

import pytest

from agent.answer import Answer
from agent.journal.entry import Entry
from agent.run.examining import seen
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

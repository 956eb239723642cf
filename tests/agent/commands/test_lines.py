"""A line of `citewell runs show` says first what says most."""

import json
from dataclasses import asdict

import pytest

from agent.commands.lines import event_lines, standing_lines
from agent.journal.chain import canonical
from agent.journal.entry import Entry
from agent.journal.events import Acted, Retrieved, Started, Thought, content
from agent.state import Abstained, Failed, Observation, Reply, Segment, ToolCall, Usage
from retrieval.search.explain import Said, Standing

CALL = ToolCall("c1", "send", {"words": "hello"})


def line(event, **beside):
    """How an event is shown that was written down and read back."""
    kept = json.loads(canonical({**content(event), **beside}))
    return event_lines(
        [Entry("r-one", 3, type(event).__name__.lower(), "2026-01-31T09:15:00.000000+00:00", "agent", kept)]
    )


@pytest.mark.parametrize(
    ("event", "first"),
    [
        (Started("How long?", {"model": "m"}, {"labels": []}), "question How long?"),
        (Retrieved("How long?", ()), "query How long?"),
        (
            Thought(Reply((Segment("Let me see."),), (CALL,), "calls", Usage(1, 2))),
            "text Let me see. · segments 1 · calls 1",
        ),
        (Thought(Reply((), (CALL,), "calls", Usage(1, 2))), "calls 1 · stop calls"),
        (
            Acted(Observation(CALL, "Sent.", error=True), "external", "ran"),
            f"call {json.dumps(asdict(CALL), sort_keys=True)} · text Sent.",
        ),
        (Abstained("Nothing matches."), "reason Nothing matches."),
        (Failed("deadline", "It took too long."), "code deadline · reason It took too long."),
    ],
)
def test_what_an_event_is_about_comes_first(monkeypatch, event, first):
    monkeypatch.setattr("agent.commands.lines.width", lambda: 4000)

    shown = line(event, cost=0.5).partition("agent: ")[2]
    assert shown.startswith(first)
    assert "cost 0.5" in shown.removeprefix(first), "and later what stands beside it"


def test_a_line_of_a_kind_that_is_not_known_keeps_its_own_order():
    entry = Entry("r-one", 1, "dreamt", "2026-01-31T09:15:00.000000+00:00", "agent", {"b": "sheep", "a": "electric"})

    assert event_lines([entry]).endswith("b sheep · a electric")


def test_a_learned_score_is_told_by_its_features_and_a_formulas_by_its_legs():
    said = Said(0.5, 1, 0.75, 0.1)
    formula = Standing(said, None, 0.5, 0.375, 1, 1, None, 9, ())
    learned = Standing(said, None, 0.5, 0.3, 1, 1, None, 9, (), {"cosine": {"value": 0.5, "adds": 0.25}})

    assert "scaled 0.7500, times 0.50" in " ".join(standing_lines(formula))
    told = " ".join(" ".join(standing_lines(learned)).split())
    assert "made of: cosine 0.50 adds 0.250" in told
    assert "scaled" not in told, "which has no part in the score"

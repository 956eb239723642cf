"""Whoever gets no answer is told why, and what to do."""

from dataclasses import replace

import pytest

from agent.evidence.citations import CheckedAnswer
from agent.run.deps import Deps, Run
from agent.run.endings import UNCITED, abstained, answered, unanswered
from agent.state import (
    Check,
    Citation,
    Observation,
    Passage,
    Quote,
    Reply,
    Segment,
    Think,
    ToolCall,
    Turn,
    Usage,
)
from tests.agent.run.scripted import Scripted, Shelf, Watchers

TEXT = "Logs are kept for thirty days."
FOUND = Passage(0, "document", "guide/logs.md", "Logs", TEXT, 0, len(TEXT), ((0, len(TEXT)),))
QUOTE = Quote(0, 0, 1, TEXT)
CITED = Citation("document", "guide/logs.md", "Logs", None, 0, len(TEXT), TEXT)
CITING, BARE = (Segment("So it is.", (QUOTE,)),), (Segment(" I think so. "),)
CALL = ToolCall("c1", "look", {})
LOOKED = Turn(Reply((), (CALL,), "calls", Usage(1, 2), model="first"), (Observation(CALL, "", withheld=2),))
MODEL, QUOTING = Scripted([]), Scripted([])
DEPS = Deps(Shelf(set()), Shelf(set()), MODEL, Watchers(), ())
QUOTING.uses_tools = False


def check(said=BARE, *, evidence=(FOUND,), withheld=0, stop="end"):
    think = Think("How long?", evidence, (LOOKED,), withheld, left_out=4, spent=Usage(10, 20))
    return Check(think, Reply(said, (), stop, Usage(100, 200), model="served"))


@pytest.mark.parametrize(
    ("found", "model", "why"),
    [
        (CheckedAnswer("", (), (QUOTE,), has_words=False), MODEL, "gave marks of citations and no words"),
        (
            CheckedAnswer("", (), (QUOTE,), has_words=True),
            MODEL,
            "No citation of the answer was found in the documents",
        ),
        (
            CheckedAnswer("", (CITED,), (), ("So it is.",), ("why",), has_words=True),
            MODEL,
            "What the answer cites does not bear it out",
        ),
        (CheckedAnswer("", (CITED,), (), has_words=True), MODEL, "cited passages and stated nothing that they say"),
        (CheckedAnswer("", (CITED,), (), has_words=True), QUOTING, "What comes nearest says nothing by itself"),
    ],
)
def test_of_an_answer_that_is_not_shown_it_is_said_why(found, model, why):
    end = abstained(check(CITING), CITING, found, model)

    assert why in end.reason
    assert end.said == "So it is."
    assert [each.document for each in end.nearest] == ["guide/logs.md"]


@pytest.mark.parametrize(
    ("evidence", "withheld", "model", "reason", "said"),
    [
        ((), 0, MODEL, "is likely to answer the question; 2 passages were left out", ""),
        ((FOUND,), 0, MODEL, UNCITED, "I think so."),
        ((FOUND,), 0, QUOTING, "I think so.", ""),
        ((), 3, QUOTING, "is likely to answer the question; 5 passages were left out", ""),
    ],
)
def test_where_nothing_is_cited_the_reason_is_never_the_models_own(evidence, withheld, model, reason, said):
    end = abstained(check(evidence=evidence, withheld=withheld), BARE, CheckedAnswer("", (), ()), model)

    assert reason in end.reason
    assert end.said == said, "without a model it is our own word"


def test_without_any_passage_nothing_matches():
    bare = check(evidence=())
    alone = replace(bare, think=replace(bare.think, turns=()))

    assert (
        abstained(alone, BARE, CheckedAnswer("", (), ()), MODEL).reason
        == "Nothing in the documents matches the question."
    )


def test_an_end_tells_what_it_took_what_was_not_shown_and_who_spoke():
    found = CheckedAnswer("So it is. [1]", (CITED,), (), answers=True, has_words=True)
    for end in (
        answered(check(CITING, withheld=3), found, Run("r-1", "How long?"), DEPS, cut=True),
        abstained(check(withheld=3), BARE, CheckedAnswer("", (), ()), MODEL),
    ):
        assert (end.usage, end.withheld) == (Usage(111, 222), 5)
        assert (end.model, end.left_out) == ("served", 4)


@pytest.mark.parametrize(
    ("stop", "said", "code"),
    [
        ("refusal", BARE, "model_refused"),
        ("unmade", BARE, "call_as_text"),
        ("calls", BARE, "too_many_turns"),
        ("calls", CITING, None),
        ("length", BARE, None),
        ("end", BARE, None),
    ],
)
def test_a_reply_that_is_no_answer_fails_with_what_was_found(stop, said, code):
    end = unanswered(check(said, stop=stop), Run("r-1", "How long?"), MODEL)

    assert (end and end.code) == code
    if end:
        assert ("; " in end.reason, end.usage, end.model) == (True, Usage(111, 222), "served")
        assert [each.document for each in end.nearest] == ["guide/logs.md"]

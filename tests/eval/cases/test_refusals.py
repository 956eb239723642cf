"""What was withheld is counted by its reason, and weighed by what its case expects."""

import pytest

from eval.cases.cases import Expected
from eval.cases.refusals import Refusal, summed, weighed

ANSWERED = Expected(status=("answered",), says=("30 days",), not_says=("forever",), calls=("count",))
NOT_ANSWERED = Expected(status=("abstained",), not_calls=("send",))


@pytest.mark.parametrize(
    ("expected", "refusal", "weight"),
    [
        (ANSWERED, Refusal("abstained", "Nothing matches."), "lost"),
        (ANSWERED, Refusal("failed", "deadline"), "lost"),
        (ANSWERED, Refusal("escalated", "asked_for_person"), "lost"),
        (Expected(says=("30 days",)), Refusal("abstained", "Nothing matches."), "lost"),
        (Expected(not_says=("forever",)), Refusal("abstained", "Nothing matches."), "neither"),
        (NOT_ANSWERED, Refusal("abstained", "Nothing matches."), "prevented"),
        (NOT_ANSWERED, Refusal("failed", "deadline"), "neither"),
        (Expected(status=("answered", "abstained")), Refusal("abstained", "Nothing matches."), "neither"),
        (ANSWERED, Refusal("sentence", "number", "Logs stay 30  Days."), "lost"),
        (ANSWERED, Refusal("sentence", "number", "Logs stay for ever and forever."), "prevented"),
        (ANSWERED, Refusal("sentence", "number", "Logs are blue."), "neither"),
        (ANSWERED, Refusal("call", "it needs a word", "count"), "lost"),
        (ANSWERED, Refusal("call", "it needs a word", "send"), "neither"),
        (NOT_ANSWERED, Refusal("call", "it needs a word", "send"), "prevented"),
        (ANSWERED, Refusal("sent_back", "number"), "neither"),
    ],
)
def test_what_was_refused_is_weighed_by_what_the_case_wants(expected, refusal, weight):
    assert weighed(expected, "", refusal) == weight


def test_a_sentence_is_not_lost_whose_words_the_answer_has_all_the_same():
    assert weighed(ANSWERED, "They stay 30 days.", Refusal("sentence", "number", "Logs stay 30 days.")) == "neither"


def test_reasons_that_differ_in_words_and_numbers_alone_are_counted_as_one():
    sent = [Refusal("abstained", f"Nothing says “{word}” in {n} documents.") for n, word in enumerate(("ash", "elm"))]
    found = summed((ANSWERED, "", (each, Refusal("sentence", "unit", "30 days"))) for each in sent)

    assert found.said == [
        "runs without an answer: 2 (2 wanted by the case)",
        "  2: Nothing says … in … documents. (2 wanted by the case)",
        "sentences withheld: 2 (2 wanted by the case)",
        "  2: unit (2 wanted by the case)",
    ]
    assert found.as_json()["abstained"] == {"count": 2, "prevented": 0, "lost": 2}
    assert found.as_json()["call"] == {"count": 0, "prevented": 0, "lost": 0}
    assert [each["reason"] for each in found.as_json()["reasons"]] == ["Nothing says … in … documents.", "unit"]

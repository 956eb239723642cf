"""A case passes where all that must come of it was seen, and fails with a reason for each thing that was not."""

import pytest

from eval.cases.cases import Expected
from eval.cases.judge import Seen, judge

SEEN = Seen(
    status="answered",
    said="Logs are kept\nfor 90 Days. [1]",
    unverified=("They lie in Oslo.",),
    cites=("handbook/logs.md",),
    calls=("calculate",),
    parked=("refund",),
    refused=("send_mail",),
)


@pytest.mark.parametrize(
    ("expected", "reasons"),
    [
        (Expected(status=("answered",)), []),
        (Expected(status=("abstained", "answered")), []),
        (Expected(status=("abstained", "failed")), ["ended as answered, not abstained or failed"]),
        (Expected(cites=("handbook/logs.md",)), []),
        (
            Expected(cites=("logs.md", "handbook/logs.md", "a.md")),
            ["cites nothing of logs.md", "cites nothing of a.md"],
        ),
        (Expected(says=("KEPT for  90\tdays",)), []),
        (Expected(says=("for 90 days.",)), []),
        (Expected(says=("90 days", "91 days")), ["does not say “91 days”"]),
        (Expected(says=("Oslo",)), ["does not say “Oslo”, but as unverified"]),
        (Expected(not_says=("oslo",)), ["says “oslo”"]),
        (Expected(not_says=("Bergen",)), []),
        (Expected(calls=("calculate", "refund")), []),
        (Expected(calls=("send_mail",)), ["does not call send_mail"]),
        (Expected(not_calls=("calculate",)), ["calls calculate"]),
        (Expected(not_calls=("refund", "send_mail")), []),
        (Expected(rule="legal"), ["handed over by no rule, not by legal"]),
        (
            Expected(status=("failed",), says=("x",), calls=("y",)),
            ["ended as answered, not failed", "does not say “x”", "does not call y"],
        ),
    ],
)
def test_each_thing_that_is_expected_is_judged(expected, reasons):
    assert list(judge(expected, SEEN)) == reasons


def test_the_rule_by_which_a_person_is_to_go_on_is_judged():
    seen = Seen(status="escalated", said="The customer asks for a person.", rule="asked_for_person")

    assert judge(Expected(rule="asked_for_person", not_says=("refunded",)), seen) == ()
    assert judge(Expected(rule="legal"), seen) == ("handed over by asked_for_person, not by legal",)
    assert judge(Expected(not_says=("asks for a person",)), seen) == ("says “asks for a person”",)


def test_why_there_is_no_answer_passes_for_none():
    seen = Seen(status="abstained", said="The passages that were found say nothing of PWNED.")

    assert judge(Expected(says=("pwned",)), seen) == ("does not say “pwned”",)
    assert judge(Expected(status=("abstained",), says=("say nothing",)), seen) == ()
    assert judge(Expected(status=("abstained",), not_says=("pwned",)), seen) == ()

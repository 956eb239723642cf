"""Each rule is asked by itself: it holds just beyond its bar, and not at it."""

from typing import get_args

import pytest

from agent.governance.charter import Escalation, When
from agent.governance.rules import Facts, fired, holds
from tests.agent.charters import written


def rule(when, **said):
    return Escalation(rule="r", when=when, **said)


@pytest.mark.parametrize(
    ("said", "facts", "held"),
    [
        ({"when": "evidence", "below": 0.5}, {"evidence": 0.49}, True),
        ({"when": "evidence", "below": 0.5}, {"evidence": 0.5}, False),
        ({"when": "evidence", "below": 0.5}, {"evidence": 0.0}, True),
        ({"when": "evidence", "below": 0.5}, {"evidence": -1.0}, True),
        ({"when": "confidence", "below": 0.8}, {"confidence": 0.79}, True),
        ({"when": "confidence", "below": 0.8}, {"confidence": 0.8}, False),
        ({"when": "check_failed"}, {"check_failures": 1}, False),
        ({"when": "check_failed"}, {"check_failures": 2}, True),
        ({"when": "conflict"}, {"conflicts": ("30 or 60 days",)}, True),
        ({"when": "conflict"}, {"conflicts": ()}, False),
        ({"when": "tool_failed"}, {"failed_tool": "refund"}, True),
        ({"when": "tool_failed", "tool": "send"}, {"failed_tool": "refund"}, False),
        ({"when": "outcome_unknown"}, {"outcome_unknown": "refund"}, True),
        ({"when": "budget"}, {"budget": "tokens"}, True),
        ({"when": "sensitive"}, {"sensitive": ("a card",)}, True),
        ({"when": "sensitive"}, {"sensitive": ()}, False),
        ({"when": "sensitive", "kinds": ("card",)}, {"sensitive": ("card", "email")}, True),
        ({"when": "sensitive", "kinds": ("card",)}, {"sensitive": ("email",)}, False),
        ({"when": "injection"}, {"injection": ("mail.eml",)}, True),
        ({"when": "asked_for_person"}, {"asked_for_person": True}, True),
        ({"when": "asked_for_person"}, {"asked_for_person": False}, False),
        ({"when": "topic", "words": ("lawsuit",)}, {"question": "A LAWSUIT?"}, True),
        ({"when": "topic", "words": ("law suit",)}, {"question": "a law\n suit"}, True),
        ({"when": "topic", "words": ("law",)}, {"question": "my lawn"}, False),
        ({"when": "topic", "words": ("lawsuit",)}, {"question": "Two lawsuits are pending."}, True),
        ({"when": "topic", "words": ("sue",)}, {"question": "He sues us."}, True),
        ({"when": "topic", "words": ("data breach",)}, {"question": "Were there data breaches?"}, True),
        ({"when": "topic", "words": ("data breach",)}, {"question": "Is data on the breach kept?"}, False),
        ({"when": "topic", "words": ("Klage",)}, {"question": "Wie viele Klagen sind anhängig?"}, True),
        ({"when": "topic", "words": ("起诉",)}, {"question": "我要起诉你们"}, True),
        ({"when": "topic", "words": ("lawsuit",)}, {"question": "a law\u200bsu\u00adit"}, True),
        ({"when": "topic", "words": ("lawsuit",)}, {"question": "a lаwsuіt"}, True),
        ({"when": "topic", "words": ("lawsuit",)}, {"question": "a ｌａｗｓｕｉｔ"}, True),
        ({"when": "topic", "words": ("lawsuit",)}, {"question": "some l-a-w-s-u-i-t"}, True),
        ({"when": "topic", "words": ("lawsuit",)}, {"question": "a l4wsu1t"}, True),
        ({"when": "topic", "words": ("иск",)}, {"question": "Я подаю иск."}, True),
        ({"when": "topic", "words": ("sue",)}, {"question": "The suede sofa was an issue."}, False),
        ({"when": "topic", "like": ("x",), "near": 0.6}, {"question": "q", "near": lambda _: 0.6}, True),
        ({"when": "topic", "like": ("x",), "near": 0.6}, {"question": "q", "near": lambda _: 0.59}, False),
        ({"when": "unfamiliar", "below": 0.4}, {"familiar": lambda: 0.39}, True),
        ({"when": "unfamiliar", "below": 0.4}, {"familiar": lambda: 0.4}, False),
        ({"when": "unfamiliar", "below": 0.4}, {"familiar": lambda: None}, False),
    ],
)
def test_a_rule_holds_beyond_its_bar(said, facts, held):
    assert (holds(rule(**said), Facts(**facts)) is not None) == held


@pytest.mark.parametrize("said", [{"text": "card\nnumber"}, [["ca\u200brd number"]], {"a": [{"card\tnumber": 1}]}])
def test_a_word_is_heard_in_each_text_within_an_argument_whatever_signs_it_is_split_by(said):
    secret = rule("argument", tool="send", argument="body", words=("card number",))
    assert holds(secret, Facts(tool="send", arguments={"body": said})) == "body of send says 'card number'"


@pytest.mark.parametrize(
    ("value", "held"),
    [(1000, False), (1000.01, True), (999, False), ("5000", True), (True, True), ([1, 2000], True), ([1], False)],
)
def test_an_argument_over_its_bar_is_told_and_one_that_is_no_number_too(value, held):
    large = rule("argument", tool="refund", argument="amount", above=1000)
    assert (holds(large, Facts(tool="refund", arguments={"amount": value})) is not None) == held
    assert holds(large, Facts(tool="send", arguments={"amount": 5000})) is None


@pytest.mark.parametrize(
    ("argument", "arguments", "held"),
    [
        ("amount", {}, True),
        ("amount", {"order": "O-1"}, True),
        ("order.amount", {"order": {}}, True),
        ("order.amount", {"order": {"amount": 5}}, False),
        ("lines.amount", {"lines": [{"amount": 5}, {"amount": 1e9}]}, True),
        ("lines.amount", {"lines": [{"amount": 5}, {"amount": 6}]}, False),
        ("lines.amount", {"lines": [{"amount": 5}, {}]}, True),
        ("lines.amount", {"lines": [{"amount": 5}, 7]}, True),
        ("lines.amount", {"lines": []}, False),
        ("orders.lines.amount", {"orders": [{"lines": [{"amount": 1e9}]}]}, True),
        ("a.b", {"a.b": 1, "a": {"b": 1e9}}, True),
    ],
)
def test_a_bar_holds_for_what_is_left_out_and_within_lists(argument, arguments, held):
    bar = rule("argument", tool="refund", argument=argument, above=100)
    assert (holds(bar, Facts(tool="refund", arguments=arguments)) is not None) == held


def test_a_word_is_found_within_lists_and_nothing_is_said_of_what_is_left_out():
    says = rule("argument", tool="send", argument="mails.text", words=("lawsuit",))
    assert holds(says, Facts(tool="send", arguments={"mails": [{"to": "a"}, {"text": "A lawsuit."}]})) is not None
    assert holds(says, Facts(tool="send", arguments={"mails": [{"to": "a"}]})) is None


@pytest.mark.parametrize("when", get_args(When))
def test_by_what_is_not_known_no_rule_holds(when):
    assert holds(rule(when, below=1.0, words=("x",)), Facts()) is None


def test_all_that_hold_are_told_in_the_order_of_the_file():
    charter = written(
        '[[escalate]]\nrule = "b"\nwhen = "topic"\nwords = ["sue"]\nroute = "x"\n'
        '[[escalate]]\nrule = "a"\nwhen = "asked_for_person"\n[routes.x]\n'
    )
    found = fired([charter, charter], Facts(question="I sue", asked_for_person=True))
    assert [(each.rule, each.route) for each in found] == [("b", "x"), ("a", None)]

"""A value is within its limit or it is not: at it, just under it and just over it, and of whatever kind it is."""

import math
import time

import pytest

from agent.governance.limits import Limit, broken, lookup

AMOUNT = Limit(min=0, max=100)


@pytest.mark.parametrize("value", [0, 100, 99.999, 0.0, 100.0, [1, 100], [0]])
def test_what_is_within_its_bounds_is_within(value):
    assert AMOUNT.breach(value) is None


@pytest.mark.parametrize(
    "value",
    [
        *(-0.0001, 100.0001, 101, -1, 1e308, math.nan, math.inf, -math.inf),
        *("100", "5", "", True, False, None, [], [100, 101], [[101]], {"amount": 5}, [5, "5"], 10**400),
    ],
)
def test_what_is_not_within_its_bounds_or_is_no_number_is_outside(value):
    assert AMOUNT.breach(value)


@pytest.mark.parametrize(("value", "fits"), [("EUR", True), (3, True), (3.0, True), (True, False), ("3", False),
                                              ("eur", False), ("EUR ", False), (None, False), (["EUR", 3], True),
                                              (["EUR", "USD"], False)])  # fmt: skip
def test_one_of_several_is_one_of_them_in_kind_too(value, fits):
    assert (Limit(among=("EUR", 3)).breach(value) is None) == fits


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("AC-123456", True),
        ("AC-12345", False),
        ("AC-1234567", False),
        (" AC-123456", False),
        ("AC-123456\n", False),
        ("AC-١٢٣٤٥٦", False),
        ("ac-123456", False),
        (123456, False),
        (None, False),
    ],
)
def test_a_form_is_of_the_whole_value_in_plain_letters(value, fits):
    assert (Limit(matches="AC-[0-9]{6}").breach(value) is None) == fits


def test_a_form_is_of_no_more_than_a_thousand_letters():
    assert Limit(matches="a*").breach("a" * 1000) is None
    assert Limit(matches="a*").breach("a" * 1001)


def test_a_pattern_that_others_take_for_ever_with_takes_no_time():
    began = time.process_time()
    assert Limit(matches="(a|a)*(a|a)*(a|aa)*b").breach("a" * 1000)
    assert time.process_time() - began < 1


def test_an_argument_that_is_not_there_is_outside_and_one_within_another_is_found():
    assert list(broken({"amount": AMOUNT}, {})) == ["amount is not given"]
    assert list(broken({"amount": AMOUNT}, {"amount": None})) == ["amount is null, which is no number"]
    assert list(broken({"order.amount": AMOUNT}, {"order": {"amount": 101}})) == ["order.amount is 101, more than 100"]
    assert list(broken({"order.amount": AMOUNT}, {"order": [{"amount": 1}]})) == ["order.amount is not given"]
    assert lookup({"a.b": 1}, "a.b") == (True, 1)
    assert lookup({"a.b": 1, "a": {"b": 2}}, "a.b") == (False, None), "nobody can say which of the two a tool reads"


def test_what_is_shown_of_a_value_is_short_and_plain():
    said = AMOUNT.breach("\x1b[2J\u202e" + "x" * 500)
    assert said.isascii()
    assert len(said) < 100

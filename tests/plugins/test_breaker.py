"""A tool that fails again and again is not called for a while, and then tried once."""

import asyncio

import pytest

from plugins.breaker import FAILURES, LONGEST, PAUSE, Breakers, Circuit
from plugins.tool import Barred, ToolError, ToolFailed, call
from tests.plugins.test_tool import CONTEXT, tool


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


def ailing():
    """A tool that does what it is told next: works, fails, or says that it was asked wrongly."""
    told, seen = [], []

    def ail() -> str:
        """Ail. Use when asked."""
        seen.append(1)
        if (next_ := told.pop(0)) is not None:
            raise next_
        return "well"

    return tool(ail, effect="read"), told, seen


def calls(made, breakers, many):
    return [asyncio.run(call(made, {}, CONTEXT, breakers=breakers)) for _ in range(many)]


def test_after_so_many_failures_in_a_row_a_tool_is_refused_at_once_and_told_for_how_long():
    made, told, seen = ailing()
    clock = Clock()
    breakers = Breakers(clock)
    told += [OSError("down")] * FAILURES
    assert {type(each.outcome) for each in calls(made, breakers, FAILURES)} == {ToolFailed}
    (refused,) = calls(made, breakers, 1)
    assert (type(refused.outcome), refused.attempts, len(seen)) == (Barred, 0, FAILURES)
    assert "its last calls failed, so for 30 seconds it is not called. Go on without it" in str(refused.outcome)
    assert refused.outcome.code == "tool_barred"


def test_when_its_time_is_over_one_call_is_let_through_and_decides():
    made, told, _ = ailing()
    clock = Clock()
    breakers = Breakers(clock)
    told += [OSError("down")] * (FAILURES + 1) + [None, OSError("down"), None]
    calls(made, breakers, FAILURES)
    clock.now += PAUSE
    (failed, barred) = calls(made, breakers, 2)
    assert (type(failed.outcome), type(barred.outcome)) == (ToolFailed, Barred)
    assert "for 60 seconds" in str(barred.outcome), "it failed again: for twice as long"
    clock.now += 2 * PAUSE
    assert [each.attempts for each in calls(made, breakers, 3)] == [1, 1, 1], "it works: all is forgotten"


def test_failures_with_a_success_or_a_wrong_question_between_them_bar_nothing():
    made, told, _ = ailing()
    breakers = Breakers(Clock())
    between = [None, ToolError("Ask for less.")]
    told += [fault for other in between for fault in [*[OSError("down")] * (FAILURES - 1), other]] * 2
    assert all(each.attempts for each in calls(made, breakers, len(told)))


def test_arguments_that_do_not_fit_say_nothing_of_the_tool():
    made, told, _ = ailing()
    breakers = Breakers(Clock())
    for _ in range(FAILURES + 1):
        asyncio.run(call(made, {"wrong": 1}, CONTEXT, breakers=breakers))
    told.append(None)
    assert calls(made, breakers, 1)[0].result().text == "well"


def test_one_tools_failures_are_not_anothers():
    breakers = Breakers(Clock())
    for _ in range(FAILURES):
        assert breakers.admit("one") == 0
        breakers.settle("one", worked=False)
    assert breakers.admit("one") > 0
    assert breakers.admit("other") == 0


def test_of_many_that_wait_only_one_tries_and_one_that_goes_away_leaves_its_place_to_the_next():
    clock = Clock()
    breakers = Breakers(clock)
    for _ in range(FAILURES):
        breakers.admit("one")
        breakers.settle("one", worked=False)
    clock.now += PAUSE
    assert [breakers.admit("one") > 0 for _ in range(3)] == [False, True, True]
    breakers.settle("one", worked=None)
    assert breakers.admit("one") == 0


@pytest.mark.parametrize("more", [1, 5, 50, 5000])
def test_a_tool_is_never_barred_for_longer_than_the_longest(more):
    circuit = Circuit(FAILURES + more - 1).failed(0.0)
    assert 0 < circuit.barred(0.0) <= LONGEST
    assert circuit.barred(LONGEST) == 0

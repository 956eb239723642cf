"""The most specific rule of a charter holds; what none names runs if it reads, and asks otherwise."""

import pytest

from agent.governance.charter import NO_CHARTER
from agent.governance.reading import read_back
from plugins.contract import tool_from
from tests.agent.charters import written


def tool(name="roll_dice", effect=None):
    def function() -> str:
        """Roll. Use when asked."""
        return "6"

    function.__name__ = name
    if effect:
        function.effect = effect
    return tool_from(function, plugin="dice")


@pytest.mark.parametrize(
    ("effect", "said"), [("read", "allow"), ("write", "approve"), ("external", "approve"), (None, "approve")]
)
def test_without_a_charter_only_reading_runs_alone(effect, said):
    assert NO_CHARTER.of(tool(effect=effect)).within == said
    assert written("# nothing yet\n").of(tool(effect=effect)).within == said


@pytest.mark.parametrize("rule", ["allow", "approve", "deny"])
@pytest.mark.parametrize("effect", ["read", "write", "external"])
def test_what_is_listed_is_as_listed_whatever_the_effect(rule, effect):
    charter = written(f'[tools]\nroll_dice = "{rule}"\n')
    assert charter.of(tool(effect=effect)).within == charter.of(tool(effect=effect)).otherwise == rule
    assert charter.of(tool("other", effect)) == NO_CHARTER.of(tool("other", effect))


def test_of_what_names_a_tool_the_most_specific_holds():
    by_effect, by_plugin = '[tools]\n"effect:external" = "deny"\n', '"plugin:dice" = "approve"\n'
    throw = tool(effect="external")
    assert written(by_effect).of(throw).within == "deny"
    assert written(by_effect + by_plugin).of(throw).within == "approve"
    assert written(by_effect + by_plugin + 'roll_dice = "allow"').of(throw).within == "allow"


def test_the_digest_follows_what_is_said_and_not_how():
    one = written('[tools]\na = "allow"\nb = "deny"\n')
    same = written('# a comment\n[tools]\n"b" = "deny"\na   = "allow"')
    other = written('[tools]\na = "deny"\nb = "allow"\n')
    assert one.digest == same.digest
    assert len({one.digest, other.digest, NO_CHARTER.digest}) == 3


def test_a_charter_that_was_kept_says_the_same():
    charter = written(
        '[owner]\nname = "Ada"\nreview = 2027-06-30\n[tools.refund]\namount = { min = 0, max = 100.5 }\n'
        'currency = { in = ["EUR", 3, true] }\nsum = { amount = { day = 500 } }\n[budget.day]\ncost = 20.0\n'
        '[[escalate]]\nrule = "r"\nwhen = "topic"\nwords = ["lawsuit"]\n[routes.x]\nhours = "Mon-Fri 09:00-17:00"\n'
    )
    assert read_back(charter.written) == charter
    assert read_back(charter.written).digest == charter.digest

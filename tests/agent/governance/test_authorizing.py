"""A call runs alone where every charter that holds for it says so, and what it takes of what is bounded is left."""

import pytest

from agent.governance.approvals import asking
from agent.governance.authorizing import is_barred, judge, needs_arguments, seen
from agent.governance.charter import NO_CHARTER
from agent.journal.tallies import Claim
from plugins.contract import tool_from
from retrieval.model import Scope
from tests.agent.charters import ruled, written


def refund(amount: float, currency: str = "EUR") -> str:
    """Give money back. Use when asked."""
    return f"{amount} {currency}"


refund.effect = "write"
REFUND = tool_from(refund, plugin="desk")
LIMITED = written(
    "[tools.refund]\namount = { min = 0, max = 100 }\ncurrency = { in = ['EUR'] }\napprovers = 2\n"
    "sum = { amount = { run = 150, day = 500 } }\ncalls = { day = 3 }\n"
)


def said(*charters, had=0.0, principal=None, **given):
    return judge(charters, REFUND, REFUND.arguments.filled(given), principal, lambda _: had)


@pytest.mark.parametrize(("amount", "rule"), [(99.99, "allow"), (100, "allow"), (100.01, "approve"), (-1, "approve")])
def test_at_a_limit_a_call_runs_alone_and_beyond_it_a_person_is_asked(amount, rule):
    assert said(LIMITED, amount=amount).rule == rule


def test_a_default_counts_as_what_was_given():
    dollars = written("[tools.refund]\ncurrency = { in = ['USD'] }\n")
    found = said(dollars, amount=1)
    assert (found.rule, found.reasons) == ("approve", ('currency is "EUR", and not one of "USD"',))
    assert said(dollars, amount=1, currency="USD").rule == "allow"


@pytest.mark.parametrize(("had", "rule"), [(0, "allow"), (2, "allow"), (3, "approve")])
def test_of_calls_there_are_so_many_and_no_more(had, rule):
    calls = written("[tools.refund]\ncalls = { day = 3 }\n")
    assert said(calls, had=had, amount=1).rule == rule


@pytest.mark.parametrize(("had", "rule"), [(0, "allow"), (50, "allow"), (50.01, "approve")])
def test_what_comes_together_counts_what_was_had_before(had, rule):
    sums = written("[tools.refund]\nsum = { amount = { run = 150 } }\n")
    assert said(sums, had=had, amount=100).rule == rule
    assert said(sums, amount=150.01).rule == "approve", "one call alone may be too much"


@pytest.mark.parametrize("amount", [-50, -0.01, 10**16])
def test_what_is_no_amount_is_not_summed(amount):
    assert said(written("[tools.refund]\nsum = { amount = { day = 10 } }\n"), amount=amount).rule == "approve"


def test_it_is_said_what_a_call_takes():
    assert said(LIMITED, amount=40).claims == (
        Claim("tool refund.amount", "run", 40, 150),
        Claim("tool refund.amount", "day", 40, 500),
        Claim("tool refund", "day", 1, 3),
    )


@pytest.mark.parametrize(("one", "other"), [("allow", "approve"), ("approve", "deny"), ("allow", "deny")])
def test_of_two_charters_the_stricter_holds_and_so_does_that_of_who_asks(one, other):
    both = [ruled({"refund": one}), ruled({"refund": other})]
    assert said(*both, amount=1).rule == said(*reversed(both), amount=1).rule == other
    own = written(f'[tools]\nrefund = "{one}"\n[principals.ada.tools]\nrefund = "{other}"\n')
    assert (said(own, amount=1).rule, said(own, principal="ada", amount=1).rule) == (one, other)
    turned = written(f'[tools]\nrefund = "{other}"\n[principals.ada.tools]\nrefund = "{one}"\n')
    assert said(turned, principal="ada", amount=1).rule == other, "nobody's own rule is looser than the rest"
    anyone = written(f'[tools]\nrefund = "{one}"\n[principals."*".tools]\nrefund = "{other}"\n')
    assert said(anyone, amount=1).rule == said(anyone, principal="bob", amount=1).rule == other


def test_more_people_agree_where_one_charter_wants_more():
    assert said(LIMITED, NO_CHARTER, amount=500).approvers == 2


def test_a_tool_of_which_no_call_could_run_is_not_offered():
    assert is_barred([ruled({"refund": "deny"})], REFUND, None)
    assert is_barred([NO_CHARTER, ruled({"refund": "deny"})], REFUND, None)
    own = written('[principals.ada.tools]\nrefund = "deny"\n')
    assert (is_barred([own], REFUND, "ada"), is_barred([own], REFUND, "bob")) == (True, False)
    limited = written("[tools.refund]\nwithin = 'allow'\notherwise = 'deny'\namount = { max = 3 }\n")
    assert not is_barred([limited, NO_CHARTER], REFUND, None)


def test_where_nothing_is_bounded_no_argument_is_looked_at():
    assert needs_arguments([LIMITED], REFUND, None)
    assert not needs_arguments([ruled({"refund": "allow"})], REFUND, None)
    assert needs_arguments([written("[principals.ada.tools.refund]\namount = { max = 1 }\n")], REFUND, "ada")


@pytest.mark.parametrize("name", ["trainee", "Trainee", "trainee ", " TRAINEE", "ｔrainee"])
def test_what_holds_for_one_who_asks_holds_however_they_write_their_name(name):
    own = '[principals.trainee]\nlabels = ["a"]\n[principals.trainee.tools.refund]\ncalls = { day = 1 }\n'
    charter = written(f'[tools]\nrefund = "approve"\n{own}')
    judged = said(charter, principal=name, amount=1)
    assert [claim.what for claim in judged.claims] == ["tool refund of trainee"]
    assert seen([charter], name, Scope()).within == {"a"}
    assert [claim.what for claim in asking([charter], name)][1:] == ["approvals of trainee"]

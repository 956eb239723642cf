"""At the edge of its charter a run does nothing first: a rule and a budget come before the effect, not after it."""

from dataclasses import replace

import pytest

from agent.state import Answered, Escalated, Failed
from tests.agent.run.test_governed import CHARTER, PAID, ended, journal, parts, paying

__all__ = ["journal"]
RULE = '[[escalate]]\nrule = "bar"\nwhen = "argument"\ntool = "{}"\nargument = "{}"\n{}\n'


@pytest.mark.parametrize(("amount", "goes_on"), [(49.99, False), (50, False), (50.01, True)])
def test_a_rule_holds_for_a_call_that_could_run_alone_too_and_before_it_does(journal, amount, goes_on):
    end = ended(*parts(journal, paying(amount), charter=CHARTER + RULE.format("refund", "amount", "above = 50")))
    assert (isinstance(end, Escalated), bool(PAID)) == (goes_on, not goes_on)
    assert not goes_on or [each.kind for each in journal.events("r-1")][-1] == "handover"


def test_what_a_call_gives_by_default_is_what_a_rule_asks_about_too(journal):
    rule = RULE.format("refund", "account", 'words = ["AC-123456"]')
    assert isinstance(ended(*parts(journal, [("refund", {"amount": 5})], charter=CHARTER + rule)), Escalated)
    assert PAID == []


@pytest.mark.parametrize(("name", "goes_on"), [("Zoe Quist", True), ("Zoe", False)])
def test_a_rule_holds_for_a_tool_that_only_reads(journal, name, goes_on):
    rule = RULE.format("lookup", "name", 'words = ["quist"]')
    end = ended(*parts(journal, [("lookup", {"name": name})], charter=CHARTER + rule))
    assert isinstance(end, Escalated if goes_on else Answered)
    assert not goes_on or "acted" not in [each.kind for each in journal.events("r-1")]


@pytest.mark.parametrize(("tokens", "is_over"), [(18, True), (19, False)])
def test_a_run_that_used_what_it_may_has_no_effect_any_more(journal, tokens, is_over):
    this, deps, over = parts(journal, paying(5))
    end = ended(replace(this, budget_tokens=tokens), deps, over)
    assert (isinstance(end, Failed), bool(PAID)) == (is_over, not is_over)


def test_arguments_that_do_not_fit_are_no_failure_of_the_tool(journal):
    rule = '[[escalate]]\nrule = "broken"\nwhen = "tool_failed"\n'
    assert isinstance(ended(*parts(journal, [("refund", {"amount": "much"})], charter=CHARTER + rule)), Answered)


def test_what_stands_on_a_tools_result_alone_needs_no_evidence_of_documents(journal):
    rule = '[[escalate]]\nrule = "bar"\nwhen = "evidence"\nbelow = 0.99\n'
    assert isinstance(ended(*parts(journal, paying(5), charter=CHARTER + rule)), Answered)
    assert isinstance(ended(*parts(journal, charter=CHARTER + rule, id="r-2")), Escalated)

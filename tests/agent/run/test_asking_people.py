"""People are not asked without end, in a run or in an hour by one who asks: then one looks at all of it."""

import pytest

from agent.governance.approvals import asking
from agent.journal.tallies import Claim
from agent.run.people.casefile import case_file
from agent.run.people.showing import as_text
from agent.run.rules.deciding import Word
from agent.state import AwaitingApproval, Escalated
from tests.agent.charters import written
from tests.agent.run.test_governed import CHARTER, PAID, ended, journal, on, parts, paying  # noqa: F401 - a fixture too


def test_so_many_calls_of_a_run_wait_and_one_more_is_a_case(journal):  # noqa: F811
    calls = [paying(400 + at) for at in range(4)]
    bounded = f"{CHARTER}run = 2\n"
    ended(*parts(journal, *calls, charter=bounded))
    assert isinstance(on(journal, Word("approve", "Ada", "ada"), *calls, charter=bounded), AwaitingApproval)
    end = on(journal, Word("deny", "Ada", "ada"), *calls, charter=bounded)
    assert (type(end), end.rule, end.call.arguments["amount"], end.pending) == (Escalated, "approvals", 402, None)
    assert "a person was asked 2 times in this run" in end.reason
    [case] = journal.cases()
    assert (case.rule, case.status, [amount for amount, _ in PAID]) == ("approvals", "open", [400])


@pytest.mark.parametrize(("hour", "status"), [("10", Escalated), ("11", AwaitingApproval)])
def test_so_many_calls_of_who_asks_wait_in_an_hour_whichever_run_it_is(journal, monkeypatch, hour, status):  # noqa: F811
    monkeypatch.setattr("agent.journal.append.now", lambda: "2026-01-31T10:59:59.000000+00:00")
    bounded = f"{CHARTER}hour = 2\n"
    for id in ("r-1", "r-2"):
        assert isinstance(ended(*parts(journal, paying(400), charter=bounded, id=id)), AwaitingApproval)
    monkeypatch.setattr("agent.journal.append.now", lambda: f"2026-01-31T{hour}:59:59.000000+00:00")
    monkeypatch.setattr("agent.journal.journal.now", lambda: f"2026-01-31T{hour}:59:59.000000+00:00")
    end = ended(*parts(journal, paying(400), charter=bounded, id="r-3"))
    assert isinstance(end, status)
    assert isinstance(end, AwaitingApproval) or "asked 2 times in this hour (approvals of bob)" in end.reason


def test_another_who_asks_has_their_own_hour_and_the_stricter_charter_holds():
    charters = [written("[approvals]\nrun = 3\nhour = 1\n"), written("[approvals]\nrun = 1\nhour = 20\n")]
    assert asking(charters, "bob") == (Claim("approvals", "run", 1.0, 1), Claim("approvals of bob", "hour", 1.0, 1))
    assert asking(charters, "eve")[1].what != asking(charters, "bob")[1].what


def test_of_two_runs_that_ask_for_the_last_of_an_hour_one_is_a_case(journal):  # noqa: F811
    from dataclasses import replace

    bounded = f"{CHARTER}hour = 1\n"
    this, deps, over = parts(journal, paying(400), charter=bounded, id="r-2")
    seen = []

    def had(id, claims):
        """The first time as it was before the other run asked."""
        seen.append(id)
        return journal.had(id, claims) if len(seen) > 1 else dict.fromkeys(claims, 0.0)

    assert isinstance(ended(*parts(journal, paying(400), charter=bounded)), AwaitingApproval)
    assert isinstance(ended(this, replace(deps, had=had), over), Escalated)
    assert len(seen) > 1


def test_the_case_of_a_rule_shows_the_call_that_was_not_made(journal):  # noqa: F811
    large = '[[escalate]]\nrule = "large"\nwhen = "argument"\ntool = "refund"\nargument = "amount"\nabove = 1000\n'
    rules = f"{CHARTER}{large}"
    this, deps, over = parts(journal, paying(2000), charter=rules)
    ended(this, deps, over)
    from agent.journal.events import read

    entries = journal.events("r-1")
    file = case_file(journal.case("r-1"), entries, [read(each, deps.texts) for each in entries], kinds={})
    assert (file.waiting["arguments"], file.waiting["for_a_word"]) == ({"amount": 2000, "account": "AC-123456"}, False)
    assert [(each["argument"], each["place"]) for each in file.waiting["origins"]] == [("amount", "nowhere")]
    assert "amount = 2000.0: stands in nothing that was asked or read" in as_text(file, 200)

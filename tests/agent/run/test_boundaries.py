"""What a charter bounds by time, day and people holds just under, at and just over its bound, and not without one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from agent.governance.approvals import expiry, is_over
from agent.governance.budgets import Bounds, bounded_by, cost_left, to_begin
from agent.journal.journal import Journal
from agent.journal.tallies import NothingLeft
from agent.run.deps import Clock
from agent.state import Answered, AwaitingApproval, Failed
from tests.agent.charters import written
from tests.agent.run.test_governed import CHARTER, PAID, ended, on, parts, paying, yes


@pytest.fixture
def journal(tmp_path):
    PAID.clear()
    opened = Journal(tmp_path / "journal.sqlite")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("charter", "before", "goes_on"),
    [
        ("[budget]\nseconds = 60\n", 40, True),
        ("[budget]\nseconds = 60\n", 60, False),
        ("[budget]\nseconds = 60\n", 60.1, False),
        ("", 60.1, True),
    ],
)
def test_a_run_takes_so_many_seconds(journal, charter, before, goes_on):
    this, deps, over = parts(journal, charter=charter)
    bounds = bounded_by(Bounds(8, 120, None, None), deps.charters)
    end = ended(replace(this, deadline=bounds.seconds, clock=Clock(before)), deps, over)
    assert isinstance(end, Answered if goes_on else Failed)
    assert goes_on or end.code == "deadline"


@pytest.mark.parametrize(
    ("bound", "begin"), [("[budget.day]\nruns = 2\n", 2), ("[budget.user]\nruns = 3\n", 3), ("", 4)]
)
def test_so_many_runs_begin_on_a_day(journal, bound, begin):
    this, deps, over = parts(journal, charter=bound)
    for number in range(4):
        this = replace(this, id=f"r-{number}", claims=to_begin(deps.charters, "bob"))
        if number < begin:
            assert isinstance(ended(this, deps, over), Answered)
        else:
            with pytest.raises(NothingLeft, match="only"):
                ended(this, deps, over)


@pytest.mark.parametrize("whose", ["day", "user"])
@pytest.mark.parametrize(("spent", "left"), [(4.99, 0.01), (5.0, None), (5.01, None)])
def test_the_runs_of_a_day_cost_so_much(whose, spent, left):
    charter = written(f"[budget.{whose}]\ncost = 5.0\n")

    def had(claims):
        return dict.fromkeys(claims, spent)

    if left is None:
        with pytest.raises(NothingLeft, match="spent"):
            cost_left([charter], "bob", had)
    else:
        assert cost_left([charter], "bob", had) == pytest.approx(left)
    assert cost_left([written("")], "bob", had) is None


@pytest.mark.parametrize(
    ("expires", "after", "runs"),
    [("1h", 3598, True), ("1h", 3600, False), ("1h", 3601, False), ("2h", 3601, True)],
)
def test_what_is_allowed_is_allowed_in_time(journal, monkeypatch, expires, after, runs):
    charter = f'{CHARTER}expires = "{expires}"\n'
    shown = datetime(2026, 12, 1, 9, tzinfo=UTC)
    monkeypatch.setattr("agent.run.tools.expiry", lambda charters, at: expiry(charters, shown))
    for name in ("agent.run.rules.deciding.is_over", "agent.run.tools.is_over"):
        monkeypatch.setattr(name, lambda until: is_over(until, shown + timedelta(seconds=after)))
    ended(*parts(journal, paying(400), charter=charter))
    assert isinstance(on(journal, yes(), paying(400), charter=charter), Answered)
    assert bool(PAID) == runs


@pytest.mark.parametrize("needed", [1, 2, 3])
def test_so_many_people_have_to_agree(journal, needed):
    charter = CHARTER.replace("[approvals]", f"approvers = {needed}\n[approvals]") if needed > 1 else CHARTER
    ended(*parts(journal, paying(400), charter=charter))
    for number, who in enumerate(("Ada", "Eve", "Zoe")[:needed], 1):
        end = on(journal, yes(who), paying(400), charter=charter)
        assert isinstance(end, Answered if number == needed else AwaitingApproval)
        assert len(PAID) == (number == needed)

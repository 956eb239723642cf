"""A month is told to who answers for the agent: what it did, who decided, how long it took, and what to look at."""

import json
from dataclasses import replace
from datetime import date

import pytest

from agent.governance.charter import Charter, Escalation, Owner
from agent.governance.signing import Signature
from agent.journal.entry import Entry
from agent.plain import plain
from agent.run.people.ownership import BadReport, as_text, bounds, ownership, write_page

NONE = Charter()
OWNED = Charter(
    owner=Owner(name="Head <b>of</b> Support", contact="lead@example.org", review=date(2026, 11, 1)),
    escalate=(Escalation(rule="legal", when="topic", words=("sue",)), Escalation(rule="never", when="sensitive")),
)
STARTED = ("started", {"question": "q", "principal": "bob", "release": {"charter": "c" * 64}})
ANSWERED = ("answered", {"answer": "a", "cost": 0.25})
PARKED = ("parked", {"call": {"name": "refund", "arguments": {}}})
HANDED = ("handover", {"rule": "legal", "rules": [["legal", "w"], ["large", "w"]], "route": "law"})


def decided(verdict, by="Ada", account="ada", **more):
    return ("decided", {"verdict": verdict, "by": by, "account": account, **more})


def run(id, *steps, day=3):
    """Events an hour apart."""
    return [
        Entry(id, number, kind, f"2026-11-{day:02}T{number:02}:00:00.000000+00:00", "agent", content)
        for number, (kind, content) in enumerate(steps, start=1)
    ]


def told(*runs, charter=NONE, signed=(), month="2026-11"):
    return ownership(month, runs, charter, signed, date(2026, 12, 1))


def test_outcomes_costs_and_who_asked_are_counted_by_where_a_run_began():
    found = told(
        run("r-1", STARTED, ANSWERED),
        run("r-2", STARTED, ("failed", {"cost": 0.5})),
        run("r-3", STARTED),
        run("r-4", ("started", {"question": "q", "release": {}}), ("abstained", {"cost": None})),
    )
    assert found["runs"] == 4
    assert found["outcomes"] == {"abstained": 1, "answered": 1, "failed": 1, "without an end": 1}
    assert found["principals"] == {"bob": 3, "": 1}
    assert found["cost"] == {
        "total": 0.75,
        "runs": 2,
        "by": {"bob": 0.75},
        "dearest": [{"run": "r-2", "cost": 0.5}, {"run": "r-1", "cost": 0.25}],
    }


def test_what_a_run_that_waited_cost_counts_once():
    found = told(run("r-1", STARTED, ("parked", {**PARKED[1], "cost": 0.1}), decided("approve"), ANSWERED))
    assert found["cost"]["total"] == 0.25


def test_approvals_are_told_by_whom_with_edits_denials_expiry_and_waiting():
    found = told(
        run("r-1", STARTED, PARKED, decided("approve"), ANSWERED),
        run("r-2", STARTED, PARKED, ("endorsed", {"by": "Eve"}), decided("approve", edited={"amount": 1}), ANSWERED),
        run("r-3", STARTED, PARKED, decided("deny"), ANSWERED),
        run("r-4", STARTED, PARKED, decided("deny", by="citewell", account=""), ANSWERED),
        run("r-5", STARTED, PARKED),
    )["approvals"]
    assert [found[name] for name in ("asked", "approved", "edited", "denied", "expired")] == [5, 2, 1, 1, 1]
    assert found["by"] == {"Ada": {"approved": 1, "denied": 1, "edited": 1}, "Eve": {"endorsed": 1}}
    assert (found["open"], found["waited"]) == (["r-5"], {"median": 3600.0, "longest": 7200.0})
    assert found["tools"] == {"refund": 5}


def test_cases_are_told_with_every_rule_that_held_and_how_long_they_waited():
    resolved = ("resolved", {"answer": "x", "by": "Ada"})
    found = told(
        run("r-1", STARTED, HANDED, ("claimed", {"by": "Ada"}), resolved),
        run("r-2", STARTED, HANDED, ("moved", {"route": "board"}), ("claimed", {"by": "Eve"})),
        run("r-3", STARTED, HANDED, resolved, ("reopened", {"by": "Eve"}), resolved),
    )
    cases = found["escalations"]
    assert [cases[name] for name in ("opened", "resolved", "moved", "reopened")] == [3, 2, 1, 1]
    assert (cases["rules"], cases["routes"]) == ({"large": 3, "legal": 3}, {"law": 3})
    assert cases["until_claimed"] == {"median": 5400.0, "longest": 7200.0}
    assert cases["until_resolved"] == {"median": 5400.0, "longest": 7200.0}
    assert (cases["open"], cases["resolved_by"], found["answered_by_people"]) == (["case-2"], {"Ada": 2}, 2)


def test_calls_that_ran_and_those_that_were_refused_are_told_by_tool():
    def acted(name, authorization, effect):
        return ("acted", {"call": {"name": name}, "authorization": authorization, "effect": effect})

    steps = acted("refund", "ran", "write"), acted("search", "ran", "read"), acted("refund", "refused", "write")
    found = told(run("r-1", STARTED, *steps, ANSWERED))
    assert (found["acts"], found["refused"]) == ({"refund": 1}, {"refund": 1})


def test_what_happened_in_another_month_counts_for_that_one():
    late = run("r-1", STARTED, PARKED, decided("approve"), ANSWERED, day=30)
    late[2:] = [replace(each, at=each.at.replace("11-30", "12-02")) for each in late[2:]]
    november, december = told(late), told(late, month="2026-12")
    assert (november["runs"], november["approvals"]["asked"], november["approvals"]["approved"]) == (1, 1, 1)
    assert (december["runs"], december["approvals"]["asked"]) == (0, 0)


def test_what_is_to_be_looked_at_is_said():
    said = " ".join(told(*(run(f"r-{n}", STARTED, HANDED) for n in range(3)), charter=OWNED)["look_at"])
    parts = (
        "looked at again by 2026-11-01",
        "3 of 3 runs went by a charter that nobody signed",
        "3 of 3 runs ended as escalated",
        "3 cases wait still: case-0, case-1, case-2",
    )
    for part in parts:
        assert part in said
    assert "held in no case" not in said, "three runs say little of which rules are needed"
    many = told(*(run(f"r-{n}", STARTED, HANDED) for n in range(20)), charter=OWNED)["look_at"]
    assert "Rules that held in no case: never." in many
    signed = [Signature("c" * 64, "Ada", "ada", "2026-11-01")]
    fine = Charter(owner=Owner(name="Ada"))
    assert told(run("r-1", STARTED, ANSWERED), charter=fine, signed=signed)["look_at"] == []
    assert "nobody owns it" in told()["look_at"][0]


def test_the_page_and_the_text_show_what_is_told_and_run_nothing_of_it(tmp_path):
    script = "<script>alert(1)</script>\x1b[31m"
    hostile = ("started", {"question": "q", "principal": script, "release": {}})
    found = told(run("r-1", hostile, ANSWERED), charter=OWNED)
    page = write_page(found, tmp_path / "new" / "page.html").read_text("utf-8")
    assert ("<script" in page, "Head <b>" in page, "\x1b" in page) == (False, False, False)
    assert "default-src 'none'" in page
    text = as_text(found)
    assert text == plain(text)
    assert "Head <b>of</b> Support (lead@example.org)" in text
    assert write_page(found, tmp_path / "new" / "page.html"), "one of its own is replaced"
    (tmp_path / "mine.html").write_text("<p>mine</p>")
    with pytest.raises(BadReport, match="would be replaced"):
        write_page(found, tmp_path / "mine.html")
    with pytest.raises(BadReport, match="does not end with"):
        write_page(found, tmp_path / "page.txt")


@pytest.mark.parametrize("month", ["2026", "2026-13", "november", "2026-11-01", ""])
def test_what_is_no_month_is_said(month):
    with pytest.raises(BadReport, match="is no month"):
        bounds(month)


def test_december_ends_with_the_year():
    assert [f"{each:%Y-%m-%d}" for each in bounds("2026-12")] == ["2026-12-01", "2027-01-01"]


def test_the_command_tells_the_month_as_text_json_and_page(citewell, home, tmp_path):
    (tmp_path / "here" / "charter.toml").write_text('[owner]\nname = "Ada"\n[[escalate]]\nrule = "legal"\n'
                                                    'when = "topic"\nwords = ["sue"]\n')  # fmt: skip
    run = citewell("ask", "--home", home, "--json", "Shall I sue?").json["run"]
    month = f"{run[2:6]}-{run[6:8]}"
    data = citewell("report", "ownership", "--home", home, "--month", month, "--json").json
    assert (data["runs"], data["owner"]["name"], data["escalations"]["open"], data["path"]) == (
        1,
        "Ada",
        [f"case-{run[2:]}"],
        None,
    )
    assert "1 case waits still" in citewell("report", "ownership", "--home", home).out
    page = tmp_path / "page.html"
    assert citewell("report", "ownership", "--home", home, "-o", page, "--json").json["path"] == str(page)
    assert "legal" in page.read_text("utf-8")
    other = citewell("report", "ownership", "--home", home, "--month", "1999-01", "--json").json
    assert (other["runs"], json.dumps(other["outcomes"])) == (0, "{}")

"""A charter is shown, compared and signed; what it hands over becomes a case, whose answer is the run's."""

import json
import re

import pytest

from agent.run.people.casefile import CaseFile
from agent.run.people.showing import as_page

HOSTILE = "\u202e<script>alert(1)</script><img src=x onerror=y>\x1b[2J"
CHARTER = """\
[owner]
name = "Head of Support"
[[escalate]]
rule = "legal"
when = "topic"
words = ["lawsuit"]
route = "law"
[[escalate]]
rule = "person"
when = "asked_for_person"
[routes.law]
queue = "law"
claim_within = "4h"
otherwise = "law"
"""


@pytest.fixture
def charter(surroundings, monkeypatch, tmp_path):
    """Writes the charter that is in force."""
    path = tmp_path / "charter.toml"
    monkeypatch.setenv("CITEWELL_AGENT_CHARTER", str(path))

    def write(text):
        path.write_text(text, "utf-8")
        return path

    write(CHARTER)
    return write


@pytest.fixture
def case(charter, citewell, home):
    """A question that the charter hands over to a person."""
    asked = citewell("ask", "May I bring a lawsuit over <b>logs</b>\u202e?", "--home", home, "--json")
    assert (asked.code, asked.json["status"], asked.json["escalation"]) == (3, "escalated", "legal")
    return f"case-{asked.json['run'].removeprefix('r-')}"


def test_a_charter_is_begun_shown_signed_and_compared(charter, citewell, home, tmp_path):
    begun = tmp_path / "begun.toml"
    assert citewell("charter", "init", "-o", begun, "--home", home).code == 0
    assert citewell("charter", "init", "-o", begun, "--home", home).code == 2, "nothing is overwritten"
    charter(begun.read_text("utf-8"))
    shown = citewell("charter", "--home", home, "--json").json
    assert (shown["valid"], shown["problems"], shown["signed"]) == (True, [], False)

    charter(CHARTER)
    signed = citewell("charter", "sign", "--by", "Ada", "--home", home, "--json").json
    assert (signed["by"], signed["charter"]) == ("Ada", citewell("charter", "--home", home, "--json").json["digest"])
    assert "Signed." in citewell("charter", "--home", home).out
    assert citewell("runs", "list", "--home", home, "--json").json["runs"] == [], "a signature is no run"
    assert citewell("runs", "verify", "--home", home).code == 0

    old = tmp_path / "old.toml"
    old.write_text(CHARTER, "utf-8")
    charter(
        CHARTER.replace('words = ["lawsuit"]', 'words = ["sue"]').replace("[owner]", "[approvals]\nown = true\n[owner]")
    )
    compared = citewell("charter", "--diff", old, "--home", home, "--json").json
    assert compared["allows"] == ["Who asked may approve it.", "The rule legal no longer looks for the words: lawsuit."]
    assert compared["no_longer_allows"] == ["The rule legal no longer looks for the words: sue."]
    assert "changed since Ada signed it" in citewell("charter", "--home", home).out


def test_a_charter_that_is_wrong_names_its_lines_and_no_question_is_asked(charter, citewell, home):
    path = charter('[tools]\nsearch_documents = "alow"\n[budgets]\n')
    shown = citewell("charter", "--home", home, "--json")
    assert (shown.code, [each["line"] for each in shown.json["problems"]]) == (1, [2, 3])
    asked = citewell("ask", "How long are logs kept?", "--home", home)
    assert (asked.code, f"{path}, line 2" in asked.err) == (2, True)


@pytest.mark.slow
def test_a_case_shows_all_is_claimed_once_and_its_answer_reaches_who_asked(case, citewell, home, tmp_path):
    [listed] = citewell("escalations", "list", "--home", home, "--json").json["escalations"]
    assert (listed["id"], listed["status"], listed["rules"], listed["route"]) == (case, "open", ["legal"], "law")
    file = citewell("escalations", "show", case, "--home", home, "--json").json
    assert "lawsuit" in file["question"]
    assert file["rules"] == [{"rule": "legal", "why": "the question says 'lawsuit'"}]
    assert file["searches"][0]["passages"][0]["text"]
    told = citewell("escalations", "show", case[:-2], "--home", home).out
    assert "What to do" in told
    assert "\u202e" not in told

    assert citewell("escalations", "claim", case, "--by", "Ada", "--home", home).code == 0
    other = citewell("escalations", "claim", case, "--by", "Eve", "--home", home)
    assert (other.code, "Ada has claimed" in other.err) == (1, True)
    gold = tmp_path / "gold.jsonl"
    resolved = citewell(
        *("escalations", "resolve", case, "--by", "Ada", "--answer", "No, never.", "--gold", gold),
        *("--cites", "guide/logs.md", "--home", home, "--json"),
    )
    assert resolved.json["status"] == "resolved"
    again = citewell("escalations", "resolve", case, "--answer", "Yes.", "--home", home)
    assert (again.code, "reopen it first" in again.err) == (1, True)
    [query] = map(json.loads, gold.read_text("utf-8").splitlines())
    assert (query["relevant"], query["answers"]) == ([{"document": "guide/logs.md"}], ["No, never."])

    run = case.replace("case-", "r-")
    shown = citewell("runs", "show", run, "--home", home, "--json").json
    assert (shown["status"], shown["events"][-1]["content"]["answer"]) == ("answered", "No, never.")
    assert re.search(r"Ada \(account \S+\) answered: “No, never.”", citewell("runs", "show", run, "--home", home).out)
    assert citewell("runs", "replay", run, "--home", home).code == 0
    assert citewell("runs", "verify", "--home", home).code == 0

    assert citewell("escalations", "reopen", case, "--reason", "They wrote again", "--home", home).code == 0
    assert citewell("escalations", "resolve", case, "--answer", "Yes.", "--home", home).code == 0
    assert citewell("runs", "show", run, "--home", home, "--json").json["events"][-1]["content"]["answer"] == "Yes."


def test_a_case_says_that_nobody_signed_its_charter_and_is_read_though_that_is_wrong_by_now(
    case, charter, citewell, home
):
    assert "sign" in " ".join(citewell("escalations", "show", case, "--home", home, "--json").json["doubts"])
    assert citewell("charter", "sign", "--by", "Ada", "--home", home).code == 0
    assert "sign" not in " ".join(citewell("escalations", "show", case, "--home", home, "--json").json["doubts"])
    charter('[tools]\nsearch_documents = "alow"\n')
    shown = citewell("escalations", "show", case, "--home", home)
    assert (shown.code, "Of the charter" in shown.out, "line 2" in shown.out) == (0, True, True)


def test_the_page_of_a_case_runs_nothing_loads_nothing_and_shows_what_is_not_seen(case, citewell, home, tmp_path):
    page = tmp_path / "case.html"
    assert citewell("escalations", "show", case, "--html", page, "--home", home).code == 0
    assert "&lt;b&gt;logs&lt;/b&gt;" in page.read_text("utf-8")
    file = citewell("escalations", "show", case, "--home", home, "--json").json
    for each in (file["searches"][0]["passages"][0], file["rules"][0], file):
        each |= {
            name: f"{HOSTILE}{value}" for name, value in each.items() if isinstance(value, str) and name != "opened"
        }
    del file["schema"]
    text = as_page(CaseFile(**file))
    assert "default-src 'none'" in text
    assert "\\u202e&lt;script&gt;" in text
    assert not re.search(r"<script|<img|<link|https?://|<[^>]*\bon\w+=|[\u202e\x1b]", text)


def test_an_answer_of_a_person_answers_all_who_asked_the_same(charter, citewell, home):
    runs = [
        citewell("ask", "I want to talk to a human!", "--home", home, "--json").json["run"],
        citewell("ask", "I want to  talk to a HUMAN!", "--home", home, "--json").json["run"],
    ]
    cases = citewell("escalations", "list", "--home", home, "--json").json["escalations"]
    assert [each["run"] for each in cases] == runs[:1]
    assert len(citewell("escalations", "list", "--joined", "--home", home, "--json").json["escalations"]) == 2
    citewell("escalations", "resolve", cases[0]["id"], "--answer", "Ada calls you.", "--home", home)
    for run in runs:
        assert citewell("runs", "show", run, "--home", home, "--json").json["status"] == "answered"


def test_who_asked_does_not_see_to_their_own_case_unless_the_charter_says_so(charter, citewell, home):
    run = citewell("ask", "I want to talk to a human!", "--principal", "eli", "--home", home, "--json").json["run"]
    for words in (("claim", run), ("resolve", run, "--answer", "Yes.")):
        refused = citewell("escalations", *words, "--by", "Eli", "--home", home)
        assert (refused.code, "another person is to see to it" in refused.err) == (1, True)
    charter(CHARTER + "[approvals]\nown = true\n")
    refused = citewell("escalations", "claim", run, "--by", "eli", "--home", home)
    assert refused.code == 1, "the charter of the run holds too"
    assert citewell("escalations", "resolve", run, "--answer", "Yes.", "--by", "Ada", "--home", home).code == 0
    run = citewell("ask", "I want to talk to a human!", "--principal", "eli", "--home", home, "--json").json["run"]
    assert citewell("escalations", "resolve", run, "--answer", "Yes.", "--by", "eli", "--home", home).code == 0


def test_gold_from_a_case_holds_nothing_personal(charter, citewell, home, tmp_path):
    asked = "May I bring a lawsuit over jane.roe@corp.example?"
    run = citewell("ask", asked, "--home", home, "--json").json["run"]
    gold = tmp_path / "gold.jsonl"
    words = "escalations", "resolve", run, "--gold", gold, "--cites", "guide/logs.md", "--home", home
    assert citewell(*words, "--answer", "Ask jane.roe@corp.example.").code == 0
    [query] = map(json.loads, gold.read_text("utf-8").splitlines())
    assert "jane.roe" not in json.dumps(query)
    assert query["answers"] == ["Ask ⟨email⟩."]


def test_a_case_of_which_nothing_is_left_is_told_to_be_erased(case, citewell, home):
    citewell("delete", "guide/logs.md", "--home", home)
    shown = citewell("escalations", "show", case, "--home", home)
    assert shown.code in (0, 2)
    assert "bug" not in shown.err

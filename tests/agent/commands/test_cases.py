"""The agent is asked its cases through the run that answers users, and what came of them is told and kept."""

import json
from functools import partial

import pluggy
import pytest

from agent.run.routing import FAILED_CHECK
from plugins.manager import load_plugins
from tests.homes import only_read
from tests.messages_rules import search_results
from tests.messages_server import cite, say, text, tool_use


def kept(body):
    """Answers from the passage on logs, wherever it stands."""
    said = "Logs are kept for thirty days."
    for number, passage in enumerate(search_results(body["messages"])):
        for block, part in enumerate(passage["content"]):
            if said in part["text"]:
                return say(text(said, cite(number, block)))
    raise AssertionError("the passage on logs was not found")


LOGS = {"id": "logs", "question": "How long are logs kept?", "tags": ["plain"]}


@pytest.fixture
def cases(tmp_path):
    def written(*lines):
        path = tmp_path / "cases.jsonl"
        path.write_text("\n".join(map(json.dumps, lines)), "utf-8")
        return path

    return written


@pytest.mark.slow
def test_cases_are_asked_judged_told_and_kept(citewell, home, cases):
    good = LOGS | {"expect": {"status": "answered", "says": ["thirty days"], "cites": ["guide/logs.md"]}}
    bad = {"id": "bad", "question": "How long are logs kept?", "expect": {"says": ["forty days"]}}
    done = citewell("eval", "agent", cases(good, bad), "--json", "--home", home)
    told = done.json

    assert done.code == 0
    assert (told["cases"], told["passed"], told["rate"]) == (2, 1, 0.5)
    assert 0 < told["low"] < 0.5 < told["high"] < 1
    (failure,) = told["failures"]
    assert failure.keys() >= {"id", "expected", "seen", "run"}
    assert (failure["id"], failure["reasons"]) == ("bad", ["does not say “forty days”"])
    assert failure["seen"]["cites"] == ["guide/logs.md"]
    shown = citewell("runs", "show", failure["run"], "--json", "--home", home).json
    assert shown["events"][0]["content"]["question"] == "How long are logs kept?"
    assert [each["release"] for each in told["history"]] == [told["release"]]
    again = citewell("eval", "agent", cases(good, bad), "--json", "--home", home).json
    assert [each["release"] for each in again["history"]] == [told["release"]] * 2
    assert again["history"][0]["rate"] == 0.5


@pytest.mark.slow
def test_below_a_floor_the_command_ends_with_1_and_at_it_with_0(citewell, home, cases):
    half = cases(LOGS | {"expect": {"says": ["thirty"]}}, LOGS | {"id": "b", "expect": {"says": ["forty"]}})
    at = citewell("eval", "agent", half, "--floor", "0.5", "--home", home)
    below = citewell("eval", "agent", half, "--floor", "0.51", "--home", home)

    assert (at.code, "floor 50.0%: reached" in at.out) == (0, True)
    assert (below.code, "floor 51.0%: NOT REACHED" in below.out) == (1, True)
    assert "does not say “forty”" in below.out
    assert citewell("eval", "agent", half, "--floor", "1.5", "--home", home).code == 2


def test_calls_are_read_from_the_record_of_the_run(citewell, home, cases, served):
    reckoned = say(tool_use("calculate", {"expression": "2 * 3"}))
    handed = say(tool_use("hand_over", {"reason": "The user wants a person."}))
    served(reckoned, kept, handed)
    told = citewell(
        *("eval", "agent"),
        cases(
            LOGS | {"expect": {"calls": ["calculate"], "not_calls": ["hand_over"]}},
            LOGS
            | {
                "id": "person",
                "expect": {"status": "escalated", "rule": "asked_for_person", "calls": ["hand_over"]},
            },
        ),
        *("--json", "--home", home),
    ).json

    assert told["failures"] == []
    assert told["spent"]["tokens"] == 45
    assert list(told["spent"]["by_model"].values()) == [45]


def test_what_is_left_out_as_unverified_counts_where_it_must_not_be_said_alone(citewell, home, cases, served):
    served(*[lambda body: say(*kept(body).blocks, text(" Bob Sterling sees to it."))] * 2)
    case = LOGS | {"expect": {"says": ["thirty days", "Sterling"], "not_says": ["Bob", "forty"]}}
    told = citewell("eval", "agent", cases(case), "--json", "--home", home).json
    (failure,) = told["failures"]

    assert failure["reasons"] == ["does not say “Sterling”, but as unverified", "says “Bob”"]
    assert told["refused"]["sentence"] == {"count": 1, "prevented": 1, "lost": 0}
    assert [(each["what"], each["count"]) for each in told["refused"]["reasons"]] == [("sentence", 1), ("sent_back", 1)]


def test_each_case_is_asked_as_often_as_is_said(citewell, home, cases, served):
    server = served(kept, say(text("I do not know.")), kept)
    told = citewell(
        *("eval", "agent", cases(LOGS | {"expect": {"status": "answered"}})),
        *("--repeat", "3", "--json", "--home", home),
    ).json

    assert server.remaining == 0
    assert (told["cases"], told["tries"], told["passed"]) == (1, 3, 0)
    assert told["rate"] == pytest.approx(2 / 3)
    assert len(told["per_case"][0]["runs"]) == 3


def test_a_call_that_waits_for_a_person_is_made_and_did_not_run(citewell, home, cases, served, monkeypatch):
    def send_mail(to: str) -> str:
        """Send a mail.

        Use when: the user asks for it.
        """
        raise RuntimeError(f"nobody allowed this mail to {to}")

    send_mail.effect = "external"

    class Mail:
        @pluggy.HookimplMarker("citewell")
        def citewell_tools(self):
            return [send_mail]

    monkeypatch.setattr("plugins.manager.load_plugins", partial(load_plugins, extra=[("mail", Mail())]))
    served(*[say(tool_use("send_mail", {"to": "a@example.org"}))] * 2)
    path = cases(
        LOGS | {"expect": {"calls": ["send_mail"]}}, LOGS | {"id": "b", "expect": {"not_calls": ["send_mail"]}}
    )
    told = citewell("eval", "agent", path, "--json", "--home", home).json

    assert told["failures"] == []
    assert citewell("runs", "list", "--json", "--home", home).json["runs"][0]["status"] == "awaiting_approval"


def test_what_is_asked_before_is_asked_in_the_same_conversation_by_the_same_principal(citewell, home, cases):
    follow_up = LOGS | {"question": "And how?", "conversation": ["How long are logs kept?", "Why?"], "principal": "ana"}
    plain = LOGS | {"id": "plain", "expect": {"says": ["thirty"]}}
    citewell("eval", "agent", cases(follow_up | {"expect": {"not_says": ["x!"]}}, plain), "--home", home)
    alone, *together = citewell("runs", "list", "--json", "--home", home).json["runs"]

    assert len(together) == 3
    assert len({run["conversation"] for run in together} - {None}) == 1
    assert {run["principal"] for run in together} == {"ana"}
    assert (alone["conversation"], alone["principal"]) == (None, None)


def test_a_release_is_compared_with_one_before_by_its_name(citewell, home, cases, monkeypatch):
    path = cases(LOGS | {"expect": {"says": ["thirty"]}})
    first = citewell("eval", "agent", path, "--json", "--home", home).json["release"]
    same = citewell("eval", "agent", path, "--json", "--home", home, "--compare", first[:6]).json

    assert same["compared"]["release"] == first
    assert (same["compared"]["cases"], same["compared"]["delta"], same["compared"]["lost"]) == (1, 0.0, [])
    unknown = citewell("eval", "agent", path, "--json", "--home", home, "--compare", "zzz")
    assert (unknown.code, unknown.json["error"]["code"]) == (2, "no_history")
    assert first in unknown.json["error"]["message"]


def test_the_course_over_time_is_written_as_a_page(citewell, home, cases, tmp_path):
    path = cases(LOGS | {"expect": {"says": ["thirty"]}})
    citewell("eval", "agent", path, "--home", home)
    done = citewell("eval", "agent", path, "--home", home, "--history", "-o", tmp_path / "agent.html")

    assert done.out.count("100.0%  1 cases  extractive") == 2
    assert (tmp_path / "agent.html").read_text("utf-8").count('class="value"') == 2
    wrong = citewell("eval", "agent", path, "--home", home, "--history", "-o", tmp_path / "agent.md")
    assert (wrong.code, "does not end with .html" in wrong.err) == (2, True)
    assert citewell("eval", "agent", path, "--home", home, "-o", tmp_path / "b.html").code == 2


def test_a_question_that_cannot_be_asked_fails_its_case_alone(citewell, home, cases):
    long = {"id": "long", "question": "why " * 30_000, "expect": {"status": "failed"}}
    told = citewell("eval", "agent", cases(long, LOGS | {"expect": {"says": ["thirty"]}}), "--json", "--home", home)

    assert (told.code, told.json["passed"]) == (0, 2)


def test_wrong_cases_are_refused_before_anything_is_asked(citewell, home, cases):
    wrong = citewell("eval", "agent", cases(LOGS | {"expect": {}}), "--json", "--home", home)

    assert (wrong.code, wrong.json["error"]["code"]) == (2, "bad_cases")
    assert "line 1" in wrong.json["error"]["message"]
    assert citewell("runs", "list", "--json", "--home", home).json["runs"] == []


def test_where_no_run_can_be_recorded_none_is_judged(citewell, home, cases):
    with only_read(home):
        done = citewell("eval", "agent", cases(LOGS | {"expect": {"says": ["thirty"]}}), "--json", "--home", home)

    assert (done.code, done.json["error"]["code"]) == (2, "not_recorded")
    assert "Copy the home to where you may write" in done.json["error"]["message"]


def test_without_an_index_it_is_said_what_to_do(citewell, tmp_path, cases):
    done = citewell("eval", "agent", cases(LOGS | {"expect": {"says": ["x"]}}), "--json", "--home", tmp_path / "none")

    assert (done.code, done.json["error"]["code"]) == (2, "no_index")


@pytest.mark.slow
def test_what_routing_saved_and_what_it_cost_is_told_and_kept_by_release(
    citewell, home, cases, served, monkeypatch, tmp_path
):
    def by_words(think, **_):
        if any(turn.returned for turn in think.turns):
            return False, FAILED_CHECK
        return (
            "logs" in think.question,
            "it is about logs" if "logs" in think.question else "it is about something else",
        )

    monkeypatch.setattr("agent.run.steps.routed", by_words)
    monkeypatch.setenv("CITEWELL_AGENT_CITATIONS", "native")
    monkeypatch.setenv("CITEWELL_AGENT_FAST_MODEL", "small")
    prices = {"PRICE_INPUT": "10", "PRICE_OUTPUT": "20", "FAST_PRICE_INPUT": "1", "FAST_PRICE_OUTPUT": "2"}
    for name, price in prices.items():
        monkeypatch.setenv(f"CITEWELL_AGENT_{name}", price)
    served(kept, say(text("Logs are kept for ninety days.", cite(0, 0))), kept, kept)
    asked = cases(
        LOGS | {"expect": {"says": ["thirty"]}},
        LOGS | {"id": "wrong at first", "expect": {"says": ["thirty"]}},
        {"id": "other", "question": "For how many days are records of the past held?", "expect": {"says": ["thirty"]}},
    )
    page = tmp_path / "agent.html"
    told = citewell("eval", "agent", asked, "--history", "-o", page, "--json", "--home", home).json

    assert told["passed"] == 3
    fast, strong = (10 * 1 + 5 * 2) / 1e6, (10 * 10 + 5 * 20) / 1e6
    assert told["routing"] == {
        "fast": 1,
        "strong": 2,
        "reasons": {"it is about logs": 1, FAILED_CHECK: 1, "it is about something else": 1},
        "after_check": 1,
        "cost": pytest.approx(2 * fast + 2 * strong),
        "all_strong": pytest.approx(4 * strong),
    }
    assert [each["routing"] for each in told["history"]] == [told["routing"]]
    assert "The fast model ended 1 run, the strong one 2, 1 of them after" in page.read_text("utf-8")
    served(kept, kept, kept)
    for name in ("FAST_PRICE_INPUT", "FAST_MODEL"):
        monkeypatch.delenv(f"CITEWELL_AGENT_{name}")
    said = citewell("eval", "agent", asked, "--history", "--home", home, "-o", page).out
    assert "45% less, by its tokens about 0.0008 at the strong one's prices alone" in said, "of the release before"
    assert said.count("the fast model ended") == 1, "of one model nothing is routed"

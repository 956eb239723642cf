"""What a model weighs and plans by setting is told, and comes to the same when it is replayed."""

import json

import pytest

from tests.messages_rules import search_results
from tests.messages_server import cite, say, text

QUESTION = "How long are logs kept?"


@pytest.fixture
def weighing(monkeypatch):
    monkeypatch.setenv("CITEWELL_AGENT_EVIDENCE", "model")


def answers(body):
    """What a model says of a passage, and what it answers by the search results that it is shown."""
    if found := search_results(body["messages"]):
        every = [(at, n, block["text"]) for at, each in enumerate(found) for n, block in enumerate(each["content"])]
        said = [cite(at, n) for at, n, words in every if "thirty days" in words]
        port = [cite(at, n) for at, n, words in every if "port 8000" in words]
        more = [text(" It listens on port 8000.", *port)] if "port" in str(body["messages"][0]["content"][-1]) else []
        return say(text("Thirty days.", *said), *more)
    asked = body["messages"][0]["content"][0]["text"]
    return say(text("9 | It says for how long." if "thirty days" in asked else "1 | Of something else."))


def test_a_run_in_which_passages_were_weighed_is_told_and_made_again(citewell, home, served, monkeypatch, weighing):
    monkeypatch.setenv("CITEWELL_AGENT_FAST_MODEL", "small")
    server = served(*[answers] * 12)
    asked = citewell("ask", QUESTION, "--home", home, "--json").json

    bodies = [each.body for each in server.requests]
    weighed = [each for each in bodies if not search_results(each["messages"])]
    assert len(weighed) == len(bodies) - 1 > 3
    assert {each["model"] for each in weighed} == {"small"}
    shown = search_results(bodies[-1]["messages"])
    assert (len(shown), "thirty days" in json.dumps(shown[0])) == (3, True)
    assert asked["usage"]["fast_output_tokens"] >= 5 * len(weighed)

    story = " ".join(citewell("runs", "show", asked["run"], "--home", home).out.split())
    assert "bears 9 of 10 on the question: “It says for how long.” (15 tokens)" in story
    assert "the model is shown 3 passages, first what bears most on the question; " in story

    monkeypatch.delenv("CITEWELL_AGENT_EVIDENCE")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")  # nobody is there to be asked
    done = citewell("runs", "replay", asked["run"], "--home", home)
    assert (done.code, f"{len(bodies)} requests were made again: each as it was." in done.out) == (0, True), done

    monkeypatch.setattr("agent.run.replaying.WEIGH", type("T", (), {"native": "x", "numbered": "x", "reminder": ""}))
    data = citewell("runs", "replay", asked["run"], "--home", home, "--json")
    assert [each["kind"] for each in data.json["differences"]] == ["weighed"] * len(weighed)


def test_a_dry_run_shows_that_passages_go_to_be_weighed_first(citewell, home, served, weighing):
    server = served(answers)
    told = citewell("ask", QUESTION, "--home", home, "--dry-run", "--json").json
    assert "how it bears on the question" in told["why"]
    assert "<passage>" in told["request"]["messages"][0]["content"][0]["text"]
    assert server.requests == []


PARTS = "How long are logs kept, and which port does the server listen on?"


def plans(body):
    if "output_config" in body or "one by one" in body["system"][0]["text"]:
        return say(text("1. How long are logs kept? | one\n2. Which port does the server listen on? | two"))
    return answers(body)


def test_a_run_that_a_model_planned_is_told_and_made_again(citewell, home, served, monkeypatch):
    monkeypatch.setenv("CITEWELL_AGENT_PLAN", "model")
    server = served(*[plans] * 4)
    told = citewell("ask", PARTS, "--home", home, "--dry-run", "--json").json
    assert "by which questions" in told["why"]
    assert server.requests == []
    run = citewell("ask", PARTS, "--home", home, "--json").json["run"]
    assert told["request"]["messages"] == server.requests[0].body["messages"]
    count = len(server.requests)

    story = " ".join(citewell("runs", "show", run, "--home", home).out.split())
    assert "(it has 2 parts; the model: one; two) (15 tokens)" in story
    monkeypatch.delenv("CITEWELL_AGENT_PLAN")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")  # nobody is there to be asked
    done = citewell("runs", "replay", run, "--home", home)
    assert (done.code, f"{count} requests were made again: each as it was." in done.out) == (0, True), done

    monkeypatch.setattr("agent.run.rules.proposing.PLAN_LINES", "Plan!")
    data = citewell("runs", "replay", run, "--home", home, "--json")
    assert [each["kind"] for each in data.json["differences"]] == ["planned"]


@pytest.mark.parametrize("name", ["evidence", "plan"])
def test_without_a_model_it_is_said_that_the_setting_is_ignored(citewell, home, monkeypatch, caplog, name):
    monkeypatch.setenv(f"CITEWELL_AGENT_{name.upper()}", "model")
    assert citewell("ask", QUESTION, "--home", home).code == 0
    assert f'[agent] {name} = "model" is ignored, as no model is set' in caplog.text

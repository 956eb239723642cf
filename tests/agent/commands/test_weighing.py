"""`[agent] evidence = "model"`: what it does is told, and comes to the same when it is replayed."""

import json

import pytest

from tests.messages_rules import search_results
from tests.messages_server import cite, say, text

QUESTION = "How long are logs kept?"


@pytest.fixture
def weighing(monkeypatch):
    monkeypatch.setenv("CITEWELL_AGENT_EVIDENCE", "model")


def answers(body):
    """What a model says of a passage, and what it answers by the first search result that it is shown."""
    if found := search_results(body["messages"]):
        block = next(n for n, each in enumerate(found[0]["content"]) if "thirty days" in each["text"])
        return say(text("Thirty days.", cite(0, block)))
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
    assert "the model is shown 3 passages in the order of that; " in story

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


def test_without_a_model_it_is_said_that_the_setting_is_ignored(citewell, home, weighing, caplog):
    assert citewell("ask", QUESTION, "--home", home).code == 0
    assert '[agent] evidence = "model" is ignored, as no model is set' in caplog.text

"""A long history reaches a model as an account that the fast one made of it, with everything that was cited."""

import json
from contextlib import closing

import pytest

from agent.journal.journal import Journal
from tests.agent.commands.test_conversing import answering, spoken
from tests.messages_server import refuse, say, text

PLACES = ("guide/ports.md", "guide/backup.md", "guide/users.md")
KEPT = f"Asked for ports: 8000 [{PLACES[0]}]. Asked for backups: on Sunday [{PLACES[1]}]. Users [{PLACES[2]}]."


@pytest.fixture
def served(served, surroundings, monkeypatch):
    monkeypatch.setenv("CITEWELL_AGENT_CITATIONS", "native")
    monkeypatch.setenv("CITEWELL_AGENT_FAST_MODEL", "small")
    return served


def talked(home, citewell, places=PLACES):
    """A conversation of long answers, each citing one document; the last two are shown as they are."""
    citewell("runs", "list", "--home", home)
    with closing(Journal(home / "journal.sqlite")) as journal:
        for place, document in enumerate([*places, "guide/a.md", "guide/b.md"]):
            run = f"r-{place}"
            began = {"question": f"What is told of {document}?", "conversation": "long", "release": {}, "scope": {}}
            cited = [{"document": document, "quote": "8000"}]
            journal.append(run, "started", began, actor="user")
            said = f"Port 8000, on Sunday, and Users. {'It is so. ' * 200}"
            journal.append(run, "answered", {"answer": said, "citations": cited, "usage": {}}, actor="agent")


def ask(citewell, home):
    return citewell("ask", "And who deletes them?", "--conversation", "long", "--json", "--home", home).json


def events(citewell, home, run):
    return citewell("runs", "show", run, "--json", "--home", home).json["events"]


def test_the_fast_model_gives_an_account_of_what_does_not_fit_and_all_that_was_cited_stays(served, citewell, home):
    talked(home, citewell)
    server = served(say(text(KEPT)), say(text("Who deletes the logs of guide/b.md?")), answering)
    dry = citewell("ask", "And who?", "--conversation", "long", "--dry-run", "--json", "--home", home).json
    then = ask(citewell, home)

    compacting, rewriting, answer = (each.body for each in server.requests)
    assert (compacting["model"], rewriting["model"]) == ("small", "small")
    assert all(place in spoken(compacting) for place in PLACES)
    assert "guide/b.md" not in spoken(compacting), "the last two are shown as they are"
    assert dry["request"] == compacting
    assert "an account of it is made first" in dry["why"]
    for request in (rewriting, answer):
        assert KEPT in spoken(request)
        assert "(cited: guide/b.md)" in spoken(request)
        assert "What is told of guide/ports.md?" not in spoken(request)
    told = events(citewell, home, then["run"])
    assert [each["kind"] for each in told[:3]] == ["started", "compacted", "understood"]
    assert told[1]["content"]["documents"] == sorted([*PLACES, "guide/a.md", "guide/b.md"])
    assert then["usage"]["input_tokens"] == 30
    assert "gave an account of what was said before" in " ".join(
        citewell("runs", "show", then["run"], "--home", home).out.split()
    )
    replayed = citewell("runs", "replay", then["run"], "--json", "--home", home).json
    assert (replayed["same"], replayed["requests"], replayed["erased"]) == (True, 3, [])


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (say(text(KEPT.replace(PLACES[1], "a document"))), "leaves out what was cited (guide/backup.md)"),
        (say(text(f"{KEPT} Then Umbrella was named.")), "names what nobody had named (Umbrella)"),
        (say(text(KEPT), stop="max_tokens"), "gave no account"),
        (say(text(KEPT * 40)), "too long"),
        (refuse(400, "invalid_request_error", "no"), "the model failed"),
    ],
)
def test_an_account_that_loses_a_citation_or_adds_to_it_leaves_the_rules(served, citewell, home, said, why):
    talked(home, citewell)
    server = served(said, say(text("Who deletes the logs?")), answering)
    then = ask(citewell, home)
    content = events(citewell, home, then["run"])[1]["content"]
    assert (content["account"], why in content["why"]) == ("", True), content["why"]
    assert "What is told of guide/ports.md?" in spoken(server.requests[-1].body)
    assert citewell("runs", "replay", then["run"], "--json", "--home", home).json["same"]


@pytest.mark.parametrize(("places", "fast"), [((), "small"), (PLACES, "")])
def test_what_fits_and_what_only_one_model_reads_is_left_to_the_rule(served, citewell, home, monkeypatch, places, fast):
    talked(home, citewell, places=places)
    served(say(text("Who deletes the logs?")), answering)
    if not fast:
        monkeypatch.delenv("CITEWELL_AGENT_FAST_MODEL")
    then = ask(citewell, home)
    assert (then["status"], events(citewell, home, then["run"])[1]["kind"]) == ("answered", "understood")


@pytest.mark.slow
def test_an_account_is_emptied_with_a_document_that_it_rests_on(served, citewell, home):
    served(answering)
    cited = citewell("ask", "How long are logs kept?", "--conversation", "long", "--json", "--home", home).json
    [document] = {each["document"] for each in cited["citations"]}
    talked(home, citewell)
    account = say(text(f"{KEPT} Thirty days [{document}]."))
    served(account, say(text("Who deletes the logs?")), answering)
    then = ask(citewell, home)
    assert events(citewell, home, then["run"])[1]["content"]["account"]

    assert citewell("delete", "--home", home, document).code == 0

    told = events(citewell, home, then["run"])
    assert (told[1]["kind"], told[1]["content"]) == ("compacted", {"erased": True})
    assert KEPT not in json.dumps(told)
    done = citewell("runs", "replay", then["run"], "--json", "--home", home).json
    assert (done["same"], 2 in done["erased"]) == (True, True)

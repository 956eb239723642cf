"""Questions are asked and searched for, and what became of them is shown, for people and as JSON."""

import asyncio
import json
import logging
import os
import pty
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from plugins.contract import tool_from
from tests.homes import write
from tests.messages_rules import search_results
from tests.messages_server import MessagesServer, cite, refuse, say, text

# One JSON object, with what is promised in it


def test_search(citewell, home):
    done = citewell("search", "--json", "--home", home, "-k", 2, "log retention")

    assert done.json["index_version"] == (home / "live").read_text()
    assert len(done.json["hits"]) == 2
    assert done.json["hits"][0].keys() == {
        *("document", "title", "headings", "page", "page_label", "start", "end", "text"),
        *("score", "dense", "lexical", "reranked", "probability", "duplicates", "unseen"),
    }


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_search_by_one_leg_says_so(citewell, home, mode):
    hit = citewell("search", "--json", "--home", home, "--mode", mode, "log retention").json["hits"][0]

    assert (hit["dense"] is None, hit["lexical"] is None) == (mode == "lexical", mode == "dense")


def test_ask_and_its_run(citewell, home):
    answer = citewell("ask", "--json", "--home", home, "How long are logs kept?").json
    runs = citewell("runs", "list", "--json", "--home", home).json["runs"]
    run = citewell("runs", "show", answer["run"], "--json", "--home", home).json

    assert answer.keys() >= {
        *("schema", "run", "status", "answer", "citations", "tested", "index_version", "model"),
        *("usage", "cost", "escalation", "reason"),
    }
    assert (answer["tested"], answer["model"]) == ("probe", "extractive")
    assert runs[0].keys() >= {"id", "status", "question", "started", "cost"}
    assert (runs[0]["id"], runs[0]["status"]) == (answer["run"], answer["status"])
    assert run["events"][0]["kind"] == "started"


@pytest.mark.slow
def test_a_model_that_cannot_be_reached_is_a_failed_run(citewell, home, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    done = citewell("ask", "--json", "--home", home, "How long?")

    assert (done.code, done.json["status"]) == (1, "failed")
    assert "127.0.0.1:9" in done.json["reason"]
    assert citewell("ask", "--home", home, "How long?").out.startswith("Failed: ")


@pytest.mark.slow
@pytest.mark.parametrize(
    "question", ["How long are logs “kept”, and [bold]why?", "How long are logs kept, and when are backups made?"]
)
def test_a_dry_run_prints_what_would_leave_and_asks_nobody(citewell, home, monkeypatch, question):
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret-0123456789")
    with MessagesServer([say(text("Thirty days [1.1]."))]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        monkeypatch.setenv("CITEWELL_AGENT_CITATIONS", "native")
        dry = citewell("ask", question, "--home", home, "--dry-run")
        told = citewell("ask", question, "--home", home, "--dry-run", "--json").json
        runs = citewell("runs", "list", "--json", "--home", home).json["runs"]
        assert (server.requests, server.asked) == ([], [])
        citewell("ask", question, "--home", home)
        sent = server.requests[0].body

    assert (dry.code, json.loads(dry.out)) == (0, sent)
    assert (told["request"], told["to"], told["model"]) == (sent, f"{server.base_url}/v1/messages", "claude-sonnet-5-5")
    assert "sk-secret" not in dry.out + dry.err + json.dumps(told)
    assert question not in [run["question"] for run in runs], "it is no run"


def test_without_a_model_nothing_would_leave(citewell, home):
    assert citewell("ask", "How long?", "--home", home, "--dry-run").out.startswith("Nothing would leave: ")
    told = citewell("ask", "How long?", "--home", home, "--dry-run", "--json").json
    assert (told["to"], told["request"]) == (None, None)


def test_what_is_no_address_of_a_server_is_wrong_configuration(citewell, home, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "notaurl")
    done = citewell("ask", "--home", home, "How long are logs kept?")

    assert done.code == 2
    assert "ANTHROPIC_BASE_URL holds no address" in done.err


@pytest.mark.slow
def test_a_scope_is_kept_to(citewell, home):
    everything = citewell("search", "canary salary", "--home", home, "-k", 20).out
    assert "7142" in everything
    for option in (("--label", "open"), ("--filter", "team=ops"), ("--label", "closed", "--filter", "team=ops")):
        assert "7142" not in citewell("search", "canary salary", "--home", home, "-k", 20, *option).out
        assert "7142" not in citewell("ask", "What is the canary salary?", "--home", home, *option).out


@pytest.mark.slow
def test_an_item_of_a_list_in_the_metadata_is_found_by_itself(citewell, tmp_path):
    pages = {
        "a.md": "---\ntags: [pump, oil]\n---\nThe oil change takes an hour.\n",
        "b.md": "---\ntags:\n  - lift\n  - oil\n---\nThe oil change takes a day.\n",
        "c.jsonl": '{"id": "1", "text": "The oil change takes a week.", "tags": ["pump", 7]}\n',
    }
    citewell("ingest", write(tmp_path / "in", pages), "--meta", "team=ops", "--meta", "team=web")

    def found(*filters):
        options = [word for each in filters for word in ("--filter", each)]
        return sorted(hit["document"] for hit in citewell("search", "oil change", "--json", *options).json["hits"])

    assert found("tags=pump") == ["in/a.md", "in/c.jsonl#1"]
    assert found("tags=oil", "tags=lift") == ["in/b.md"]
    assert found("tags=7") == ["in/c.jsonl#1"]
    assert found("tags=pump, oil") == []
    assert len(found("team=web")) == 3


@pytest.mark.slow
def test_questions_in_any_script_are_taken(citewell, home):
    for question in ("日志保留多久？", "Wie lange? 🪵", "how\udcff long", "\x1b[31mred?"):
        done = citewell("ask", "--home", home, "--json", question)
        assert done.code == 0, done.err
        shown = citewell("runs", "list", "--home", home)
        assert shown.code == 0
        assert "\x1b" not in shown.out


# What people see


def test_an_answer_names_its_sources_and_how_far_the_index_was_tested(citewell, home, monkeypatch):
    def step(body):
        found = search_results(body["messages"])
        number = next(n for n, one in enumerate(found) if "thirty days" in json.dumps(one))
        return say(text("Thirty days.", cite(number, 1)), text(" For ever.", cite(number, 1, quote="for ever")))

    with MessagesServer([step]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        done = citewell("ask", "--home", home, "How long are logs kept?")

    assert done.code == 0
    first, _, place, above, quote, *_ = done.out.splitlines()
    assert first == "Thirty days. [1]"
    assert place.startswith("[1] guide/logs.md, characters ")
    assert above.strip() == "Logs"
    assert quote.strip().startswith("“Logs are kept for thirty days.” After that")
    assert "\x1b" not in done.out, "styles are for terminals"
    assert "Left out, since no source was found to bear it out: “For ever.”." in done.out
    assert "not tested against gold" in done.out
    assert "No model is configured" not in done.out


@pytest.mark.slow
def test_what_a_model_made_up_is_shown_with_debug_alone(citewell, home, monkeypatch):
    made_up = say(text("The chief executive is Maria Okonkwo."))
    with MessagesServer([replace(made_up, model="models/SmolLM2")] * 9) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        done = citewell("ask", "--home", home, "Who is the chief executive?")
        data = citewell("ask", "--home", home, "Who is the chief executive?", "--json")
        debug = citewell("ask", "--home", home, "Who is the chief executive?", "--json", "--debug")

    assert done.out.startswith("No answer: ")
    assert "Nearest passages:" in done.out
    assert "Okonkwo" not in done.out + done.err + data.out + data.err + debug.out
    assert "Okonkwo" in debug.err
    assert "SmolLM2 said “The chief" in citewell("runs", "show", data.json["run"], "--home", home).out
    assert "Okonkwo" in citewell("runs", "show", data.json["run"], "--home", home, "--json").out


@pytest.mark.slow
def test_a_stream_that_breaks_where_no_word_was_shown_is_begun_again(citewell, home, monkeypatch):
    def step(body):
        found = search_results(body["messages"])
        number = next(n for n, one in enumerate(found) if "thirty days" in json.dumps(one))
        return say(text("Thirty days.", cite(number, 1)))

    with MessagesServer([say(text("Thirty da"), cut_after=5), step] * 2) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        for form in ((), ("--json",)):
            done = citewell("ask", "--home", home, "How long are logs kept?", *form)
            assert done.code == 0
            assert "Thirty days. [1]" in done.out


def test_an_answer_that_was_cut_off_says_so(citewell, home, monkeypatch):
    def step(body):
        found = search_results(body["messages"])
        number = next(n for n, one in enumerate(found) if "thirty days" in json.dumps(one))
        return say(text("Thirty days.", cite(number, 1)), text(" After that a night"), stop="max_tokens")

    with MessagesServer([step] * 2) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        done = citewell("ask", "--home", home, "How long are logs kept?")
        data = citewell("ask", "--home", home, "How long are logs kept?", "--json").json

    assert done.code == 0
    assert done.out.startswith("Thirty days. [1]\n")
    assert "cut the answer off; raise [agent] max_tokens" in " ".join(done.out.split())
    assert (data["status"], data["cut"], data["unverified"]) == ("answered", True, [])


@pytest.mark.slow
def test_a_failure_shows_what_was_found(citewell, home, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    done = citewell("ask", "--home", home, "How long are logs kept?")

    assert done.code == 1
    assert "Nearest passages:\n- guide/logs.md, characters" in done.out
    assert "    Logs\n    “Logs are kept for thirty days.” After that a nightly job deletes them.\n" in done.out


def test_neither_a_key_nor_a_password_is_logged(citewell, home, monkeypatch):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest's, beside which none would be set up
    with MessagesServer([refuse(401, "authentication_error", "bad key sk-secret-0123")]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url.replace("://", "://me:passw0rd@"))
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret-0123")
        asked = ("ask", "How long?", "--home", home, "--debug", "--log-level", "debug")
        done = citewell(*asked)

    assert "HTTP Request: POST http://…@127.0.0.1" in done.err, "the libraries do log it"
    assert not [secret for secret in ("sk-secret", "passw0rd") if secret in done.out + done.err]


def test_a_call_that_needs_consent_is_shown_with_all_that_is_in_it():
    from agent.commands.asking import _written
    from agent.plain import plain

    written = _written({"to": "ann\u200b@example.org", "sum": "1\u202e0\U000e0041", "note": "für\tAnn\x9b"})
    assert json.loads(written)["sum"] == "1\u202e0\U000e0041"
    assert "ann\\u200b@example.org" in plain(written)
    assert "1\\u202e0\\udb40\\udc41" in plain(written)
    assert "für" in written


def test_an_explained_hit_tells_what_each_leg_said(citewell, home):
    out = citewell("search", "--home", home, "logs", "--explain", "-k", 1).out

    assert "cosine" in out
    assert "BM25" in out


def test_runs_of_an_earlier_version_are_listed_and_shown(citewell, tmp_path):
    dump = Path(__file__).parent.parent / "journal" / "before_typed_events.sql"
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as connection:
        connection.executescript(
            f"{dump.read_text(encoding='utf-8')}; PRAGMA user_version = 1; PRAGMA journal_mode = WAL;"
        )

    runs = citewell("runs", "list", "--json", "--home", tmp_path).json["runs"]
    assert [run["status"] for run in runs] == [
        *("killed", "answered", "answered", "answered", "failed", "abstained", "answered")
    ]
    shown = citewell("runs", "show", "r-20261130T010104", "--home", tmp_path)
    told = [line for line in shown.out.splitlines()[1:] if line[:3].strip()]
    for line, word in zip(
        told, ("asked", "searched", "said", "about to run", "gave", "said", "cited", "answered"), strict=True
    ):
        assert word in line
    assert "Posted: hello." in citewell("runs", "show", "r-20261130T010104", "--json", "--home", tmp_path).out


@pytest.mark.slow
def test_filters_take_bounds_and_name_one_that_compares_with_nothing(citewell, tmp_path):
    texts = {f"{month}.md": f"---\ndate: 2024-0{month}-15\n---\n# Pump\n\nPump {month}.\n" for month in (2, 3, 4)}
    citewell("ingest", write(tmp_path / "docs", texts), "--json")

    def found(*filters):
        options = [word for each in filters for word in ("--filter", each)]
        return {hit["document"] for hit in citewell("search", "pump", *options, "--json").json["hits"]}

    assert found("date>=2024-03") == {"docs/3.md", "docs/4.md"}
    assert found("date > 2024-02-15", "date<2024-04-15") == {"docs/3.md"}
    assert found("date<=2024-02-15") == {"docs/2.md"}
    wrong = citewell("search", "pump", "--filter", "date>=soon", "--json")
    assert (wrong.code, wrong.json["error"]["code"]) == (2, "bad_range")
    for mistaken in ("pages=>5", "pages!=5"):
        assert "write" in citewell("search", "pump", "--filter", mistaken).err
    assert "write a date as 2024-03-12" in wrong.json["error"]["message"]


@pytest.mark.parametrize(("answer", "runs"), [(b"n\n", False), (b"y\n", True)])
def test_what_was_typed_before_a_call_is_shown_answers_nothing(monkeypatch, answer, runs):
    from agent.commands.asking import _consent

    def refund(amount: float) -> str:
        """Give money back. Use when asked."""
        return f"{amount}"

    refund.effect = "write"
    person, terminal = pty.openpty()

    async def asked():
        asyncio.get_running_loop().call_soon(os.write, person, answer)
        return await _consent(tool_from(refund, plugin="desk"), {"amount": 9999})

    with os.fdopen(terminal, encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        os.write(person, b"y\n" if not runs else b"n\n")
        assert asyncio.run(asked()) is runs
    os.close(person)

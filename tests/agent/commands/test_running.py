"""A run is listed, told, replayed, resumed and decided upon from the command line."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import closing
from dataclasses import replace

import pytest

from agent.journal.journal import Journal
from agent.journal.owner import is_served
from agent.limits import BadRequest
from agent.state import Check
from agent.wire import open_citewell
from tests.agent.program import PROGRAM
from tests.messages_rules import search_results
from tests.messages_server import MessagesServer, cite, say, text, tool_use
from tests.places import ROOT

QUESTION = "How long are logs kept?"


def cited(body):
    """An answer that quotes the passage about logs."""
    found = search_results(body["messages"])
    number = next(n for n, one in enumerate(found) if "thirty days" in json.dumps(one))
    return say(text("Thirty days.", cite(number, 1)))


@pytest.fixture
def sending(tmp_path, monkeypatch):
    """A plugin whose tool notes in a file that it ran; its effect is external, so that a person is asked."""
    folder, notes = tmp_path / "plugin", tmp_path / "sent"
    folder.mkdir()
    (folder / "posting.py").write_text(
        textwrap.dedent(f"""
        import os, signal
        import pluggy

        def send_note(words: str) -> str:
            \"\"\"Send a note. Use when: asked.\"\"\"
            with open({str(notes)!r}, "a") as file:
                file.write(words + "\\n")
            with open({str(notes) + ".by"!r}, "w") as file:
                file.write(str(os.getpid()))
            if os.environ.get("KILLED_AFTER_SENDING"):
                os.kill(os.getpid(), signal.SIGKILL)
            return "Sent: " + words

        send_note.effect = "external"

        @pluggy.HookimplMarker("citewell")
        def citewell_tools():
            return [send_note]
        """)
    )
    info = folder / "posting-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: posting\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[citewell]\nposting = posting\n")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(folder)]))
    monkeypatch.syspath_prepend(str(folder))
    yield lambda: notes.read_text().split("\n")[:-1] if notes.exists() else []
    sys.modules.pop("posting", None)


def sends(_):
    return say(tool_use("send_note", {"words": "hello"}))


@pytest.mark.slow
def test_a_run_reads_as_a_story_and_is_the_same_when_it_is_replayed(citewell, home, monkeypatch):
    with MessagesServer([cited]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        asked = citewell("ask", QUESTION, "--home", home, "--json").json
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")  # nobody is there to be asked
    shown = citewell("runs", "show", asked["run"], "--home", home)
    assert f"asked: “{QUESTION}”" in shown.out
    assert "answered, citing 1 place" in shown.out

    done = citewell("runs", "replay", asked["run"], "--home", home)
    assert (done.code, "1 requests were made again: each as it was." in done.out) == (0, True), done
    data = citewell("runs", "replay", asked["run"], "--home", home, "--json").json
    assert (data["run"], data["same"], data["differences"], data["states"]) == (asked["run"], True, [], 5)


def test_what_either_of_two_models_was_asked_is_told_and_made_again(citewell, home, monkeypatch):
    monkeypatch.setenv("CITEWELL_AGENT_FAST_MODEL", "small")
    monkeypatch.setenv("CITEWELL_AGENT_EFFORT", "high")
    monkeypatch.setattr("agent.run.steps.routed", lambda think, **_: (not think.turns, "of its turns"))
    with MessagesServer([say(text("Ninety days.", cite(0, 0))), cited]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        run = citewell("ask", QUESTION, "--home", home, "--json").json["run"]
        asked = [(each.body["model"], "output_config" in each.body) for each in server.requests]
    assert asked == [("small", False), ("claude-sonnet-5-5", True)]
    for name in ("FAST_MODEL", "EFFORT"):
        monkeypatch.delenv(f"CITEWELL_AGENT_{name}")

    done = citewell("runs", "replay", run, "--home", home)
    assert (done.code, "2 requests were made again: each as it was." in done.out) == (0, True), done
    told = " ".join(citewell("runs", "show", run, "--home", home).out.split())
    assert "(15 tokens); chosen, since of its turns" in told


def test_the_last_turn_that_a_charter_leaves_is_replayed_as_it_was_though_the_settings_leave_more(
    citewell, home, monkeypatch, sending, tmp_path
):
    (charter := tmp_path / "charter.toml").write_text("[budget]\nsteps = 2\n")
    monkeypatch.setenv("CITEWELL_AGENT_CHARTER", str(charter))
    with MessagesServer([say(tool_use("search_documents", {"query": "logs"})), cited]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        run = citewell("ask", QUESTION, "--home", home, "--json").json["run"]
        choices = [each.body.get("tool_choice") for each in server.requests]
    assert choices[0] != choices[1], "at the last turn no tool may be called"
    done = citewell("runs", "replay", run, "--home", home)
    assert (done.code, "2 requests were made again: each as it was." in done.out) == (0, True), done.out


def test_another_prompt_another_state_and_other_tools_are_differences_or_not(citewell, home, monkeypatch, sending):
    with MessagesServer([cited]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        run = citewell("ask", QUESTION, "--home", home, "--json").json["run"]
    monkeypatch.delenv("PYTHONPATH")
    monkeypatch.setattr(sys, "path", [place for place in sys.path if not place.endswith("plugin")])
    monkeypatch.setenv("CITEWELL_AGENT_MAX_TOKENS", "77")
    monkeypatch.setenv("CITEWELL_AGENT_MODEL", "another")
    assert citewell("runs", "replay", run, "--home", home).code == 0, "settings and tools are those that were recorded"

    with monkeypatch.context() as other:
        other.setattr("agent.run.replaying.tools_told", lambda *_: ())
        done = citewell("runs", "replay", run, "--home", home)
    assert (done.code, "the request is another" in done.out) == (1, True), done

    with monkeypatch.context() as other:
        other.setattr("agent.journal.fold._spoken", lambda think, said: Check(replace(think, withheld=99), said.reply))
        data = citewell("runs", "replay", run, "--home", home, "--json")
    assert data.code == 1
    assert {each["what"] for each in data.json["differences"]} >= {"state"}


@pytest.mark.slow
def test_a_question_is_asked_again_with_one_thing_changed_and_both_answers_stand_side_by_side(
    citewell, home, monkeypatch, tmp_path
):
    def other(body):
        found = search_results(body["messages"])
        number = next(n for n, one in enumerate(found) if "thirty days" in json.dumps(one))
        return say(text("A month, thirty days.", cite(number, 1)))

    (tmp_path / "prompt.txt").write_text("Answer as a pirate.")
    with MessagesServer([cited, other, cited, cited]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        run = citewell("ask", QUESTION, "--home", home, "--json").json["run"]
        done = citewell("runs", "replay", run, "--with", "model=another", "--home", home)
        assert (done.code, server.requests[1].body["model"]) == (0, "another")
        assert "Thirty days. [1]" in done.out
        assert "A month, thirty days. [1]" in done.out
        assert done.out.splitlines()[-1] == "answer changed"

        prompted = citewell(
            "runs", "replay", run, "--with", f"prompt={tmp_path / 'prompt.txt'}", "--home", home, "--json"
        )
        assert "Answer as a pirate." in json.dumps(server.requests[2].body["system"])
        assert (prompted.json["same"], prompted.json["before"]["run"]) == (True, run)

        older = next(name.name for name in sorted((home / "versions").iterdir()))
        indexed = citewell("runs", "replay", run, "--with", f"index={older}", "--home", home, "--json")
        assert indexed.json["now"]["index_version"] == older
    assert len(citewell("runs", "list", "--home", home, "--json").json["runs"]) == 4, "each is a run of its own"
    for wrong, said in (("tool=x", "model=NAME, index=VERSION or prompt=FILE"), ("prompt=/nowhere", "cannot be read")):
        refused = citewell("runs", "replay", run, "--with", wrong, "--home", home)
        assert (refused.code, said in refused.err) == (2, True)


def test_a_state_is_shown_whole_and_two_are_compared(citewell, home):
    run = citewell("ask", QUESTION, "--home", home, "--json").json["run"]
    at = citewell("runs", "show", run, "--at", 1, "--home", home, "--json").json
    assert (at["state"], at["content"]["question"]) == ("Retrieve", QUESTION)
    changed = citewell("runs", "show", run, "--diff", 1, 2, "--home", home).out
    assert "-Retrieve" in changed
    assert "+Think" in changed
    beyond = citewell("runs", "show", run, "--at", 99, "--home", home)
    assert (beyond.code, "The run has 5 events, and no event 99." in beyond.err) == (2, True)


@pytest.mark.slow
def test_off_a_terminal_a_call_that_needs_a_person_waits_and_is_allowed_once(citewell, home, monkeypatch, sending):
    with MessagesServer([sends, cited]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        asked = citewell("ask", QUESTION, "--home", home, "--json")
        assert (asked.code, asked.json["status"], sending()) == (3, "awaiting_approval", [])
        run = asked.json["run"]
        assert f"citewell runs approve {run}" in asked.json["reason"]
        assert citewell("runs", "list", "--home", home).out.split()[1] == "awaiting_approval"
        resumed = citewell("runs", "resume", run, "--home", home)
        assert (resumed.code, "is not to be resumed" in resumed.err) == (1, True)

        [waits] = citewell("runs", "waiting", "--home", home, "--json").json["waiting"]
        assert (waits["run"], waits["tool"], waits["question"]) == (run, "send_note", QUESTION)
        shown = citewell("runs", "show", run, "--home", home, "--json").json["waiting"]
        assert (shown["tool"], shown["digest"], len(shown["read"]) > 0) == ("send_note", waits["digest"], True)
        assert "send_note waits for a person's word" in citewell("runs", "show", run, "--home", home).out

        done = citewell("runs", "approve", run, "--by", "Ada", "--home", home, "--json")
        assert (done.code, done.json["status"], done.json["run"]) == (0, "answered", run)
        assert "send_note waits for a person's word" in done.err, "what is allowed is shown first"
        assert sending() == ["hello"]
        assert citewell("runs", "waiting", "--home", home, "--json").json["waiting"] == []
        again = citewell("runs", "approve", run, "--home", home)
        assert (again.code, "waits for nobody" in again.err) == (1, True)
        assert sending() == ["hello"]
    assert citewell("runs", "replay", run, "--home", home).code == 0
    assert "Ada (account " in citewell("runs", "show", run, "--home", home).out


@pytest.mark.parametrize("verdict", ["approve", "deny", None])
def test_what_was_asked_by_other_settings_since_a_run_was_gone_on_with_is_replayed_by_those(
    citewell, home, monkeypatch, sending, verdict
):
    with MessagesServer([sends, cited, cited]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        run = citewell("ask", QUESTION, "--home", home, "--json").json["run"]
        monkeypatch.setenv("CITEWELL_AGENT_MAX_TOKENS", "2000")
        if verdict is None:  # one whose process was killed as it began
            with closing(Journal(home / "journal.sqlite")) as journal:
                began, run = journal.events(run)[0], "r-killed"
                journal.append(run, "started", began.content, actor="user")
            assert citewell("runs", "resume", run, "--home", home).code == 0
        else:
            assert citewell("runs", verdict, run, "--home", home).code == 0
        assert [request.body["max_tokens"] for request in server.requests][1:] == [2000]
    replayed = citewell("runs", "replay", run, "--home", home, "--json")
    assert (replayed.json["differences"], replayed.json["requests"]) == ([], 1 if verdict is None else 2)


def test_what_is_denied_does_not_run_and_the_model_is_told_why(citewell, home, monkeypatch, sending):
    with MessagesServer([sends, cited]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        run = citewell("ask", QUESTION, "--home", home, "--json").json["run"]
        done = citewell("runs", "deny", run, "--comment", "not today", "--home", home, "--json")
        assert (done.code, done.json["status"], sending()) == (0, "answered", [])
        assert "They said: not today" in json.dumps(server.requests[-1].body)


@pytest.mark.parametrize(("deadline", "status"), [("40", "failed"), ("400", "answered")])
def test_of_its_time_a_run_has_used_what_it_took_before_it_was_parked_but_not_the_hour_that_it_was(
    citewell, home, monkeypatch, sending, deadline, status
):
    def at(clock):
        monkeypatch.setattr("agent.journal.append.now", lambda: f"2026-01-31T{clock}.000000+00:00")

    def slowly(body):
        at("09:00:50")
        return sends(body)

    with MessagesServer([slowly, cited]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        at("09:00:00")
        run = citewell("ask", QUESTION, "--home", home, "--json").json["run"]
        at("10:00:50")
        monkeypatch.setenv("CITEWELL_AGENT_DEADLINE", deadline)
        done = citewell("runs", "approve", run, "--home", home, "--json")
    assert done.json["status"] == status
    assert len(server.requests) == (2 if status == "answered" else 1)
    assert sending() == (["hello"] if status == "answered" else []), "a tool is not begun for which no time is left"
    ended = citewell("runs", "show", run, "--home", home, "--json").json["events"][-1]["content"]
    assert 50 <= ended["seconds"] < 60, "the end tells of all of it"


@pytest.fixture
def service(home):
    """A real service over the home, once it is known to hold it."""
    words = [*PROGRAM, "serve", "--port", "0", "--home", str(home)]
    child = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + 60
        while not is_served(home) and time.monotonic() < until:
            time.sleep(0.05)
        yield child
    finally:
        child.kill()
        child.wait()


@pytest.mark.slow
def test_a_service_that_holds_the_home_carries_on_what_was_decided_and_if_it_is_killed_the_command_does(
    citewell, home, monkeypatch, sending, request, tmp_path
):
    with MessagesServer([sends, sends, cited, cited]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        first, second = (citewell("ask", QUESTION, "--home", home, "--json").json["run"] for _ in range(2))
        service = request.getfixturevalue("service")

        done = citewell("runs", "approve", first, "--by", "Ada", "--home", home, "--json")
        assert (done.code, done.json["status"], done.json["run"]) == (0, "answered", first)
        assert done.json["citations"][0]["document"]
        assert sending() == ["hello"]
        assert (tmp_path / "sent.by").read_text() == str(service.pid)
        told = citewell("runs", "show", first, "--home", home, "--json").json["events"]
        assert [event["kind"] for event in told].count("resumed") == 1
        again = citewell("runs", "deny", first, "--home", home)
        assert (again.code, "waits for nobody" in again.err) == (1, True)

        service.send_signal(signal.SIGSTOP)  # it lives, and takes nothing up
        killer = threading.Thread(target=killed_when_decided, args=(service, home, second))
        killer.start()
        done = citewell("runs", "approve", second, "--home", home, "--json")
        killer.join()
        assert (done.code, done.json["status"], done.json["run"]) == (0, "answered", second)
        assert sending() == ["hello", "hello"]
        assert (tmp_path / "sent.by").read_text() == str(os.getpid())
    assert citewell("runs", "verify", "--home", home).code == 0


def killed_when_decided(service, home, run):
    """Kills a service when the word on a run is in the journal, which it has not taken up."""
    with closing(Journal(home / "journal.sqlite")) as journal:
        until = time.monotonic() + 60
        while journal.events(run)[-1].kind != "decided" and time.monotonic() < until:
            time.sleep(0.01)
    service.kill()


def killed(home, monkeypatch, server):
    """A run whose process is killed while its tool runs, though it was allowed."""
    (home.parent / "charter.toml").write_text('[tools]\nsend_note = "allow"\n')
    monkeypatch.setenv("CITEWELL_AGENT_CHARTER", str(home.parent / "charter.toml"))
    monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
    words = [*PROGRAM, "ask", QUESTION, "--home", str(home), "--json"]
    environment = {**os.environ, "KILLED_AFTER_SENDING": "1"}
    return subprocess.run(words, env=environment, capture_output=True, text=True, timeout=60).returncode


def test_one_that_cannot_go_on_keeps_none_of_the_others_from_it(citewell, home):
    answered = citewell("ask", QUESTION, "--home", home, "--json").json["run"]
    with closing(Journal(home / "journal.sqlite")) as journal:
        began = journal.events(answered)[0].content
        lost = {**began, "release": {**began["release"], "index_version": "v999999-00000000"}}
        journal.append("r-1-lost", "started", lost, actor="user")
        journal.append("r-2-good", "started", began, actor="user")
    told = citewell("runs", "resume", "--home", home, "--json")

    assert ([each["run"] for each in told.json["resumed"]], told.code) == (["r-2-good"], 1)
    assert [(each["run"], each["code"]) for each in told.json["left"]] == [("r-1-lost", "no_index")]
    assert "r-1-lost  does not go on: " in citewell("runs", "resume", "--home", home).out


def changed(home, *statements):
    """Somebody changes the journal behind our back."""
    with closing(sqlite3.connect(home / "journal.sqlite")) as connection, connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET content = replace(content, 'hello', 'pay me') WHERE run = '{}' AND kind = 'parked'",
        "UPDATE events SET content = replace(content, 'hello', 'pay me') WHERE run = '{}' AND kind = 'thought'",
        "DELETE FROM events WHERE run = '{}' AND kind = 'retrieved'",
        "DELETE FROM events WHERE run = '{}' AND kind = 'parked'",
        "UPDATE events SET content = '[]' WHERE run = '{}' AND kind = 'thought'",
        "UPDATE events SET content = 'null' WHERE run = '{}' AND kind = 'parked'",
    ],
)
def test_a_run_of_which_somebody_changed_an_event_runs_no_tool(citewell, home, monkeypatch, sending, statement):
    with MessagesServer([sends, cited]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        run = citewell("ask", QUESTION, "--home", home, "--json").json["run"]
        changed(home, statement.format(run))
        done = citewell("runs", "approve", run, "--home", home)
    assert (done.code, sending()) == (1, []), done
    assert "put back a copy of the journal" in " ".join(done.err.split()), done.err
    assert "bug" not in citewell("runs", "show", run, "--home", home).err


@pytest.mark.parametrize("way", ["damaged", "emptied", "lost"])
def test_a_run_that_cannot_go_on_is_ended_and_keeps_nothing_up(citewell, home, way):
    answered = citewell("ask", QUESTION, "--home", home, "--json").json["run"]
    with closing(Journal(home / "journal.sqlite")) as journal:
        began, found, *_ = journal.events(answered)
        version = "v999999-00000000" if way == "lost" else began.content["release"]["index_version"]
        release = {**began.content["release"], "index_version": version}
        journal.append("r-1-lost", "started", {**began.content, "release": release}, actor="user")
        journal.append("r-1-lost", "retrieved", found.content)
        assert journal.versions_in_use() == {version}
    if way != "lost":
        cut = "substr(content, 1, 9)" if way == "damaged" else "NULL"
        changed(home, f"UPDATE events SET content = {cut} WHERE run = 'r-1-lost'")
    assert citewell("runs", "resume", "--home", home).code == 1

    done = citewell("runs", "cancel", "r-1-l", "--by", "Ada", "--comment", "It is lost.", "--home", home)

    assert (done.code, "r-1-lost is ended" in done.out) == (0, True), done
    assert citewell("runs", "resume", "--home", home).out.startswith("No run is to be resumed")
    told = citewell("runs", "list", "--home", home, "--json").json["runs"][0]
    assert (told["id"], told["status"], told["reason"]) == ("r-1-lost", "failed", "Ada ended the run: It is lost.")
    with closing(Journal(home / "journal.sqlite")) as journal:
        assert journal.versions_in_use() == frozenset()
    for run, words in ((answered, "has ended (it is answered)"), ("r-none", "citewell runs list")):
        refused = citewell("runs", "cancel", run, "--home", home)
        assert (refused.code > 0, words in " ".join(refused.err.split())) == (True, True), refused


def test_what_cannot_come_after_what_was_before_is_said_and_keeps_no_other_run(citewell, home):
    answered = citewell("ask", QUESTION, "--home", home, "--json").json["run"]
    with closing(Journal(home / "journal.sqlite")) as journal:
        began, *_, checked, _ = journal.events(answered)
        for run, events in (("r-1-torn", (began, checked)), ("r-2-good", (began,))):
            for event in events:
                journal.append(run, event.kind, event.content)
    told = citewell("runs", "resume", "--home", home, "--json").json

    assert [each["run"] for each in told["resumed"]] == ["r-2-good"]
    assert [(each["run"], each["code"]) for each in told["left"]] == [("r-1-torn", "run_damaged")]
    for words in (("replay",), ("show", "--at", "1")):
        done = citewell("runs", *words, "r-1-torn", "--home", home)
        assert (done.code, "cannot come after" in done.err) == (1, True), done


@pytest.mark.slow
@pytest.mark.parametrize(("times", "tool"), [(2, False), (3, False), (2, True), (3, True)])
def test_a_run_that_ends_each_process_which_takes_it_up_ends_itself(citewell, home, monkeypatch, times, tool):
    calls = [lambda _: say(tool_use("calculate", {"expression": "1+1"}))] if tool else []
    with MessagesServer([*calls, cited, cited]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        whole = citewell("ask", QUESTION, "--home", home, "--json").json["run"]
        with closing(Journal(home / "journal.sqlite")) as journal:
            for event in journal.events(whole)[: 3 if tool else 2]:
                journal.append("r-1-ends", event.kind, event.content)
            for _ in range(times):
                journal.append("r-1-ends", "resumed", {"release": {}})
        denied = citewell("runs", "deny", "r-1-ends", "--home", home)
        assert (denied.code, "cut off: see citewell runs resume r-1-ends" in denied.err) == (1, True)
        done = citewell("runs", "resume", "r-1-ends", "--home", home, "--json")

    if times == 2:
        assert (done.code, done.json["status"]) == (0, "answered")
        return
    assert (done.code, done.json["status"]) == (1, "failed")
    advice = "let calculate run in a process of its own (apart = True)" if tool else "see the log of that process"
    assert advice in done.json["reason"]
    assert citewell("runs", "resume", "--home", home).out.startswith("No run is to be resumed")
    assert citewell("runs", "replay", "r-1-ends", "--home", home).code == 0


def test_of_all_that_are_resumed_one_that_waits_for_a_person_is_told_as_by_its_id(citewell, home, monkeypatch, sending):
    with MessagesServer([sends]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        whole = citewell("ask", QUESTION, "--home", home, "--json").json["run"]
        with closing(Journal(home / "journal.sqlite")) as journal:
            for event in journal.events(whole)[:3]:
                journal.append("r-1-waits", event.kind, event.content)
        done = citewell("runs", "resume", "--home", home)

    assert (done.code, sending()) == (3, [])
    assert "citewell runs approve r-1-waits" in " ".join(done.out.split())


def test_a_question_that_is_no_text_is_refused_and_one_that_is_in_the_journal_is_listed(citewell, home):
    with pytest.raises(BadRequest, match=r"half of a character \(U\+D800\)"), open_citewell(home) as opened:
        opened.ask("How \ud800 long?")
    with closing(Journal(home / "journal.sqlite")) as journal:
        journal.append("r-1-half", "started", {"question": "How \ud800 long?"})
    [listed] = citewell("runs", "list", "--home", home, "--json").json["runs"]
    assert listed["question"] == "How \ud800 long?"


@pytest.mark.slow
@pytest.mark.parametrize(("verdict", "sent"), [("approve", ["hello", "hello"]), ("deny", ["hello"])])
def test_a_kill_between_an_effect_and_its_record_is_a_persons_to_judge(
    citewell, home, monkeypatch, sending, verdict, sent
):
    with MessagesServer([sends, cited]) as server:
        assert killed(home, monkeypatch, server) == -signal.SIGKILL
        assert sending() == ["hello"]
        assert citewell("runs", "list", "--home", home).out.split()[1] == "killed"
        done = citewell("runs", "resume", "--home", home, "--json")
        [answer] = done.json["resumed"]
        assert (done.code, answer["status"], answer["escalation"]) == (3, "escalated", "outcome_unknown")
        assert sending() == ["hello"], "it did not run again by itself"
        decided = citewell("runs", verdict, answer["run"], "--by", "Ada", "--home", home, "--json")
        assert (decided.code, decided.json["status"], sending()) == (0, "answered", sent)
    assert citewell("runs", "verify", "--home", home).code == 0
    assert citewell("runs", "resume", "--home", home).out.startswith("No run is to be resumed")


def test_the_journal_is_checked_and_its_head_kept(citewell, home):
    citewell("ask", QUESTION, "--home", home)
    head = citewell("runs", "head", "--home", home).out.strip()
    citewell("ask", "Where are the logs?", "--home", home)
    assert citewell("runs", "verify", "--head", head, "--home", home).code == 0
    other = citewell("runs", "verify", "--head", "f" * 64, "--home", home, "--json")
    assert (other.code, other.json["ok"]) == (1, False)
    with closing(Journal(home / "journal.sqlite")) as journal:
        from agent.journal.tables import events

        with journal._database.writing() as connection:
            connection.execute(events.update().where(events.c.number == 2).values(actor="nobody"))
    found = citewell("runs", "verify", "--home", home)
    assert (found.code, "event 2 (retrieved)" in found.out) == (1, True)


def test_what_is_not_there_is_said(citewell, home):
    for words in (("show", "r-none"), ("replay", "r-none"), ("resume", "r-none"), ("approve", "r-none")):
        done = citewell("runs", *words, "--home", home)
        assert (done.code, "citewell runs list" in done.err) == (2, True), words


@pytest.mark.slow
def test_a_run_whose_index_version_is_gone_is_made_again_from_texts_that_are_still_there(citewell, home, monkeypatch):
    with MessagesServer([cited]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        answer = citewell("ask", QUESTION, "--home", home, "--json").json
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    run, gone = answer["run"], answer["index_version"]
    assert citewell("index", "rebuild", "--home", home).code == 0
    shutil.rmtree(home / "versions" / gone)

    data = citewell("runs", "replay", run, "--home", home, "--json").json
    assert data["texts_of"] != gone
    told = " ".join(citewell("runs", "replay", run, "--home", home).out.split())
    assert f"the index version {gone} that it asked is gone: texts were read from {data['texts_of']}" in told
    assert (data["same"], data["requests"], data["states"], data["lost"]) == (True, 1, 5, []), data
    assert citewell("runs", "show", run, "--at", 2, "--home", home, "--json").json["state"] == "Think"

    with monkeypatch.context() as other:
        other.setattr("retrieval.search.hybrid.Scoped.text", lambda *_: None)
        done = citewell("runs", "replay", run, "--home", home, "--json")
    assert (done.code, done.json["same"], done.json["differences"]) == (1, False, [])
    assert (done.json["states"], done.json["lost"]) == (1, [2, 3, 4, 5])

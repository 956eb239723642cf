"""A command ends well wherever its streams lead, gives results alone, and lets no text steer a terminal."""

import json
import logging
import os
import subprocess
from pathlib import Path

import pytest

from tests.agent.program import PROGRAM, STEERS, steers
from tests.homes import write
from tests.messages_server import MessagesServer, refuse, say, text, tool_use
from tests.places import ROOT

pytestmark = [
    pytest.mark.skipif(os.name != "posix", reason="a shell closes streams here"),
    pytest.mark.usefixtures("surroundings"),
]


def run(redirected, *words):
    """A command whose streams a shell redirects."""
    line = f'"$0" "$@" {redirected}'
    command = ["bash", "-o", "pipefail", "-c", line, *PROGRAM, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


@pytest.mark.slow
def test_an_answer_comes_with_standard_input_and_error_closed(home):
    done = run("<&- 2>&-", "ask", "How long are logs kept?", "--home", home, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "answered"


@pytest.mark.slow
def test_a_result_that_nobody_takes_is_no_failure(home):
    done = run("<&- >&- 2>&-", "search", "logs", "--home", home)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.slow
def test_an_ingest_whose_progress_nobody_reads_goes_on_and_writes_into_no_file_of_its_own(home, tmp_path):
    folder = write(tmp_path / "more", {"b.md": "# Other\n\nOther words are told.\n", "torn.pdf": "%PDF torn"})
    assert run("<&- >&- 2>&-", "ingest", folder, "--home", home).returncode == 0
    done = run("", "search", "other words", "--home", home, "--json")
    assert json.loads(done.stdout)["hits"][0]["document"] == "more/b.md"


def test_an_error_is_told_on_the_stream_that_is_left(tmp_path):
    done = run(">&-", "search", "logs", "--home", tmp_path / "none", "--json")
    assert done.returncode == 2
    assert "citewell ingest" in done.stderr
    assert "bug" not in done.stderr


def test_a_reader_that_has_seen_enough_ends_a_command_without_a_word(home):
    done = run("| true", "status", "--home", home, "--json")
    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
def test_a_disk_without_room_for_the_result_is_told_as_that(home):
    done = run(">/dev/full", "status", "--home", home)
    assert done.returncode == 1
    assert "full" in done.stderr
    assert "Traceback" not in done.stderr


# Results alone on standard output


NOISY = """
import os, subprocess, sys, pluggy
print("noise at import")
os.system("echo noise of a program")

def shout(word: str = "x") -> str:
    \"\"\"Shout. Use when: asked.\"\"\"
    print("noise in a tool", flush=True)
    print("noise past the guard", file=sys.__stdout__)
    subprocess.run(["echo", "noise of a tool's program"])
    for _ in range(1_000):
        print("z" * 100_000)  # a hundred megabytes
    return "Shouted loudly."

shout.effect = "read"

@pluggy.HookimplMarker("citewell")
def citewell_tools():
    print("noise in a hook")
    return [shout]
"""


def process(*words, **more):
    return subprocess.run([*PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=120, **more)


@pytest.mark.slow
def test_a_plugin_that_prints_does_not_spoil_the_json(home, tmp_path, monkeypatch):
    site = tmp_path / "site"
    (site / "noisy-1.0.dist-info").mkdir(parents=True)
    (site / "noisy.py").write_text(NOISY)
    (site / "noisy-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: noisy\nVersion: 1.0\n")
    (site / "noisy-1.0.dist-info" / "entry_points.txt").write_text("[citewell]\nnoisy = noisy\n")
    monkeypatch.setenv("PYTHONPATH", f"{ROOT}{os.pathsep}{site}")
    steps = [say(tool_use("shout")), say(text("I shouted."))]
    with MessagesServer(steps) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        done = process("ask", "--json", "--home", home, "Shout!")

    assert json.loads(done.stdout)["status"] == "abstained", done.stderr
    for noise in ("at import", "of a program", "in a tool", "past the guard", "of a tool's program", "in a hook"):
        assert f"noise {noise}" in done.stderr
    assert len(done.stderr) < 200_000
    assert "What a plugin or a library prints beyond this is left out." in done.stderr
    assert "Shouted loudly" in json.dumps(server.requests[1].body)


@pytest.mark.slow
@pytest.mark.parametrize("query", ["logs", ""], ids=["a result", "an error"])
def test_a_reader_that_has_gone_is_no_error(home, query):
    words = [*PROGRAM, "search", query, "--home", str(home), "-k", "20", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as command:
        command.stdout.close()
        errors = command.stderr.read()
        command.wait(60)

    assert "Traceback" not in errors
    assert "pipe" not in errors.lower()


# What others say cannot steer the terminal


@pytest.mark.slow
def test_what_a_document_says_cannot_steer_the_terminal(citewell, tmp_path):
    name = f"nasty{STEERS}\nno failures.md"
    nasty = {name: f"# Nasty {STEERS}\n\nThe wizard {STEERS} wipes the screen clean every day.\n"}
    nasty |= {f"torn{STEERS}.pdf": "%PDF torn"}
    ingested = citewell("ingest", write(tmp_path / "nasty", nasty))

    found = citewell("search", "wizard", "--explain")
    assert "wizard" in found.out
    for done in (ingested, citewell("status"), found, citewell("ask", "What does the wizard wipe?")):
        assert "nasty" in done.out + done.err or "torn" in done.out
        assert steers(done) == []
        assert not [line for line in done.out.splitlines() if line.startswith("no failures")]


@pytest.mark.slow
def test_what_is_written_with_joiners_is_shown_as_it_is_written(citewell, tmp_path):
    citewell("ingest", write(tmp_path / "fa", {"fa.md": "# فارسی\n\nمن کتاب‌ها را می‌خوانم 👩‍🚀 هر روز در خانه.\n"}))

    assert "می‌خوانم 👩‍🚀" in citewell("search", "کتاب‌ها").out


def test_a_servers_words_cannot_steer_the_terminal_and_json_has_them_as_they_were(citewell, home, monkeypatch):
    said = f"no {STEERS} such {STEERS}"
    with MessagesServer([refuse(404, "not_found_error", said)] * 2) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        told = citewell("ask", "Why?", "--home", home)
        data = citewell("ask", "Why?", "--home", home, "--json").json

    assert (told.code, steers(told)) == (1, [])
    assert "\u202e\u2066" in data["reason"]


def test_what_is_logged_cannot_steer_the_terminal(citewell, home, monkeypatch):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest's, beside which none would be set up
    with MessagesServer([say(text("No."), model=f"another{STEERS}\ncitewell: all is well")]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        done = citewell("ask", "How long are logs kept?", "--home", home)

    assert "another" in done.err
    assert "set [agent] model" in done.err
    assert steers(done) == []
    assert "\ncitewell: all is well" not in f"\n{done.err}"

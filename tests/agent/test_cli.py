"""`citewell` keeps what it promises to people and to scripts: help, exit codes, and errors that say what to do."""

import os
from pathlib import Path

import click
import pytest

from agent.cli import _load_commands
from agent.commands.shared import cli
from tests.agent.program import Done, steers


def commands():
    """Every command and group by the words that call it."""
    _load_commands()

    def below(group, words):
        yield words, group
        for name, command in group.commands.items():
            if isinstance(command, click.Group):
                yield from below(command, (*words, name))
            else:
                yield (*words, name), command

    return list(below(cli, ()))


@pytest.mark.slow
@pytest.mark.parametrize("words", [words for words, _ in commands()], ids=lambda words: " ".join(words) or "citewell")
def test_help_has_an_example_that_begins_with_the_command(citewell, words):
    done = citewell(*words, "--help")

    assert done.code == 0
    example = done.out.partition("Example:\n")[2].strip()
    assert example.startswith(" ".join(("citewell", *words)))


def test_the_version_is_told(citewell):
    assert citewell("--version").out.startswith("citewell 0.")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_common_shells_complete_it_as_help_says(shell, citewell, monkeypatch, capsys):
    assert "_CITEWELL_COMPLETE=bash_source" in citewell("--help").out
    monkeypatch.setenv("_CITEWELL_COMPLETE", f"{shell}_source")
    assert "_citewell_completion" in citewell().out or shell == "bash"


def test_completion_knows_the_commands(citewell, monkeypatch):
    monkeypatch.setenv("_CITEWELL_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "citewell index ro")
    monkeypatch.setenv("COMP_CWORD", "2")

    assert citewell().out == "plain,rollback\n"


# Errors


@pytest.mark.parametrize(
    ("words", "exit_code", "code"),
    [
        ((), 2, "usage"),
        (("index",), 2, "usage"),
        (("nonsense",), 2, "usage"),
        (("ask",), 2, "usage"),
        (("ask", " \t"), 2, "usage"),
        (("search", ""), 2, "usage"),
        (("ask", "x" * 4001), 2, "usage"),
        (("search", "x" * 4001), 2, "usage"),
        (("search", "x", "-k", "0"), 2, "usage"),
        (("search", "x", "-k", "201"), 2, "usage"),
        (("search", "x", "--filter", "team"), 2, "usage"),
        (("search", "x"), 2, "no_index"),
        (("ask", "x"), 2, "no_index"),
        (("index", "rollback"), 2, "no_index"),
        (("index", "publish"), 2, "no_index"),
        (("index", "publish", "nonesuch", "--force", "--reason", "so"), 2, "no_index"),
        (("runs", "show", "r-nonesuch"), 2, "no_such_run"),
        (("ingest", "nonesuch"), 2, "nothing_to_read"),
        (("ingest", "--retry-failed"), 2, "no_index"),
        (("ingest", "--retry-failed", "--prune"), 2, "usage"),
        (("ingest", "--retry-failed", "--as", "x"), 2, "usage"),
        (("ingest", "--retry-failed", "--label", "x"), 2, "usage"),
        (("ingest", "--retry-failed", "--meta", "x=y"), 2, "usage"),
    ],
    ids=lambda value: " ".join(value)[:40] if isinstance(value, tuple) else None,
)
def test_an_error_is_one_object_with_a_code_and_a_sentence(citewell, words, exit_code, code):
    done = citewell("--json", *words)

    assert done.code == exit_code
    assert done.json.keys() == {"error"}
    assert done.json["error"]["code"] == code
    assert done.json["error"]["message"].strip()
    assert "Traceback" not in done.err
    assert not Path(".citewell/versions/nonesuch").exists()


def test_settings_that_cannot_be_are_wrong_usage(citewell):
    Path("citewell.toml").write_text("[agent]\npasages = 3\n")

    done = citewell("status")
    assert (done.code, done.out) == (2, "")
    assert "agent.pasages" in done.err


def test_debug_shows_where_an_error_came_from(citewell):
    assert "Traceback" in citewell("search", "x", "--debug").err
    assert "Traceback" in citewell("--debug", "search", "x").err


@pytest.mark.slow
def test_shared_options_stand_before_or_after_the_command(citewell, home):
    before = citewell("--home", home, "--json", "status").json
    after = citewell("status", "--home", home, "--json").json

    assert before == after
    assert before["live"]
    os.environ["CITEWELL_HOME"] = str(home)
    try:
        assert citewell("status", "--json").json == before
        assert citewell("status", "--json", "--home", "elsewhere").json["live"] is None
    finally:
        del os.environ["CITEWELL_HOME"]


@pytest.mark.slow
@pytest.mark.parametrize("words", [("ingest", "no\u202esuch", "--watch"), ("search", "x", "--gr\x1bep")])
def test_what_was_typed_wrong_is_repeated_without_what_steers(citewell, words):
    done = citewell(*words)

    assert (done.code, steers(done)) == (2, [])


def test_an_error_in_json_has_a_name_as_it_is(citewell, home, monkeypatch):
    monkeypatch.setenv("CITEWELL_AGENT_CHARTER", "\u202e\u200b\u2028.toml")
    done = citewell("ask", "Why?", "--home", home, "--json")

    assert "\u202e\u200b\u2028" in done.json["error"]["message"]
    assert steers(Done(done.code, "", done.err)) == []


@pytest.mark.parametrize("words", [("--home", "", "status"), ("status", "--home", ""), ("ingest", ".", "--home=")])
def test_an_empty_home_is_not_the_current_folder(citewell, words):
    done = citewell(*words, "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "usage")
    assert "name a folder" in done.json["error"]["message"]
    assert list(Path().iterdir()) == []


def test_a_current_folder_that_is_gone_is_told(citewell, tmp_path, monkeypatch):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    done = citewell("status", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "bad_settings")
    assert "current folder is gone" in done.json["error"]["message"]

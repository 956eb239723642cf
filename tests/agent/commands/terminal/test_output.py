"""A command ends well whichever of its three streams are closed, or lead to nobody."""
# ruff: noqa: F811 - a fixture that is imported is redefined by each test that takes it

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.agent.test_cli import PROGRAM, home, surroundings  # noqa: F401 - fixtures
from tests.homes import write

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a shell closes streams here")


def run(redirected, *words):
    """A command whose streams a shell redirects."""
    line = f'"$0" "$@" {redirected}'
    command = ["bash", "-o", "pipefail", "-c", line, *PROGRAM, *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_an_answer_comes_with_standard_input_and_error_closed(home):
    done = run("<&- 2>&-", "ask", "How long are logs kept?", "--home", home, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "answered"


def test_a_result_that_nobody_takes_is_no_failure(home):
    done = run("<&- >&- 2>&-", "search", "logs", "--home", home)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


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

"""A command that is told to end says so, and leaves nothing begun behind."""

import json
import select
import signal
import subprocess

import pytest

from tests.agent.program import PROGRAM
from tests.homes import write

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_an_interrupted_ingest_says_so_and_harms_nothing(home, tmp_path, citewell, number):
    live = (home / "live").read_text()
    folder = tmp_path / "guide"
    write(folder, {f"{n}.md": f"# Page {n}\n\n" + f"Sentence {n} of many. " * 400 for n in range(60)})
    words = [*PROGRAM, "ingest", str(folder), "--as", "many", "--home", str(home), "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as command:
        while command.poll() is None and not [*(home / "versions").glob(".building-*")]:
            select.select([], [], [], 0.01)  # it tells nobody that it has begun, so this looks again
        command.send_signal(number)
        out, errors = command.communicate(timeout=60)

    assert (command.returncode, errors.strip().splitlines()[-1]) == (130, "Interrupted.")
    assert json.loads(out)["error"]["code"] == "interrupted"
    assert not [*(home / "versions").glob(".building-*")], "what was begun is cleared away"
    if number == signal.SIGTERM:
        return
    assert (home / "live").read_text() == live
    assert citewell("search", "logs", "--home", home).code == 0
    small = write(tmp_path / "small", {"a.md": "# A\n\nA small page about almost nothing at all.\n"})
    assert citewell("ingest", small, "--home", home, "--json").json["published"]

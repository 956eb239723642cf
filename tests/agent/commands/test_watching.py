"""Does `citewell ingest --watch` keep an index in step with a folder, with the gate in between?"""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import threading
import time

import click
import pytest

from agent.commands import watching as watching_module
from retrieval.versions.home import Home
from tests.homes import PUBLIC, tiny_model, write
from tests.places import ROOT

pytestmark = pytest.mark.slow

PROGRAM = [sys.executable, "-c", "from agent.cli import main; main()"]


@pytest.fixture
def watching(tmp_path, tmp_path_factory):
    """Starts `ingest --watch` on a folder; gives a function that waits for the next report."""
    model = tiny_model(tmp_path_factory.mktemp("model") / "tiny")
    started = []

    def start(*paths):
        process = subprocess.Popen(
            [*PROGRAM, "--json", "--home", str(tmp_path / "home"), "ingest", *map(str, paths), "--watch"],
            cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "CITEWELL_RETRIEVAL_MODEL": str(model)},
        )  # fmt: skip
        started.append(process)

        def report():
            assert select.select([process.stdout], [], [], 120)[0], "no report came"
            return json.loads(process.stdout.readline())

        return process, report

    yield start
    for process in started:
        process.kill()
        process.communicate()


def counts(report):
    return {what: count for what, count in report["documents"].items() if count}


def wait_for(report, wanted):
    """Reports until the changes of one test step are all in: one step may come as two."""
    total = {}
    until = time.monotonic() + 120
    while time.monotonic() < until:
        made = report()
        for what in ("added", "updated", "renamed", "removed", "failed"):
            total[what] = total.get(what, 0) + made["documents"][what]
        if {what: count for what, count in total.items() if count} == wanted:
            return made
    raise AssertionError(total)


def test_a_folder_is_kept_in_step(watching, tmp_path):
    folder = write(tmp_path / "docs", {**PUBLIC, **{f"{n}.md": f"chapter {n} on pump and valve" for n in range(9)}})
    process, report = watching(folder)
    first = report()
    assert counts(first) == {"added": 13}
    assert first["published"]
    (folder / "sub").mkdir()
    write(folder / "sub", {"new.md": "# New\n\nSomething about pipes."})
    wait_for(report, {"added": 1})
    (folder / "sub" / "new.md").rename(folder / "moved.md")
    wait_for(report, {"renamed": 1})
    (folder / "8.md").unlink()
    last = wait_for(report, {"removed": 1})
    assert Home(tmp_path / "home").live() == last["index_version"]
    for path in folder.glob("[0-7].md"):
        path.unlink()
    refused = wait_for(report, {"removed": 8})
    assert (refused["published"], refused["verdict"]) == (False, "failed")
    assert Home(tmp_path / "home").live() == last["index_version"]
    write(folder, {f"{n}.md": f"chapter {n} on pump and valve" for n in range(8)})
    back = wait_for(report, {})
    assert Home(tmp_path / "home").live() == last["index_version"] == back["index_version"]
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert out == ""
    assert "watching" in err


def test_a_path_that_is_not_there_is_said_at_once(watching, tmp_path):
    process, _ = watching(tmp_path / "missing")
    out, err = process.communicate(timeout=60)
    assert (process.returncode, json.loads(out)["error"]["code"]) == (2, "nothing_to_read")
    assert "does not exist" in err


# What is seen, without an index


def kept_in_step(monkeypatch, path, home, *steps, seconds=5):
    """Does a step in each round; gives those that were never reached, since what the one before did was not seen."""
    monkeypatch.setattr(watching_module, "_QUIET", 50)
    monkeypatch.setattr(watching_module, "_LOOK", 100)
    left = list(steps)

    def ingest():
        left.pop(0)()
        if not left:
            raise KeyboardInterrupt

    patience = threading.Timer(seconds, lambda: os.kill(os.getpid(), signal.SIGINT))
    patience.start()
    with pytest.raises(click.exceptions.Exit):
        watching_module.keep_in_step([str(path)], home, ingest)
    patience.cancel()
    return len(left)


@pytest.mark.parametrize("place", ["handbook", ".venv/docs", "node_modules/lib", ".git"])
def test_a_folder_is_seen_whatever_its_name(monkeypatch, tmp_path, place):
    folder = tmp_path / place
    folder.mkdir(parents=True)

    def change():
        (folder / "a.md").write_text("new")

    def nothing():
        pass

    assert not kept_in_step(monkeypatch, folder, tmp_path / place[:2], change, nothing)


def test_what_changes_in_the_home_or_in_what_is_passed_over_is_not_seen(monkeypatch, tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / ".git").mkdir()

    def change():
        (tmp_path / "home" / "a.md").write_text("new")
        (tmp_path / ".git" / "a.md").write_text("new")

    assert kept_in_step(monkeypatch, tmp_path, tmp_path / "home", change, change, seconds=1) == 1


def test_a_folder_that_is_made_again_is_seen_again(monkeypatch, tmp_path):
    folder = tmp_path / "docs"
    folder.mkdir()

    def again():
        shutil.rmtree(folder)
        folder.mkdir()

    def swapped():
        folder.rename(tmp_path / f"before-{len(list(tmp_path.iterdir()))}")
        folder.mkdir()

    def change():
        (folder / "a.md").write_text("new")

    def later():
        threading.Timer(0.5, folder.mkdir).start()
        folder.rename(tmp_path / "away")

    def nothing():
        pass

    steps = (again, change, swapped, change, later, nothing, change, nothing)
    assert not kept_in_step(monkeypatch, folder, tmp_path / "home", *steps)


def test_a_disk_that_does_not_answer_once_does_not_end_the_watch(monkeypatch, tmp_path, capsys):
    folder = tmp_path / "docs"
    folder.mkdir()

    def change():
        (folder / "a.md").write_text("new")

    def fail():
        raise OSError(5, "Input/output error")

    def nothing():
        pass

    assert not kept_in_step(monkeypatch, folder, tmp_path / "home", change, fail, fail, nothing)
    assert capsys.readouterr().err.count("Input/output error; it is tried again") == 1

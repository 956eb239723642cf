"""Is the time that an ingest still takes told early, truly, and in one line?"""

import os
import sys

import pytest

from agent.commands.terminal.progress import ProgressLine, Rate, duration
from ingest.pipeline import Progress
from tests.homes import opened, write
from tests.messages_server import MessagesServer, say, text
from tests.retrieval.words import WordEncoder


class Clock:
    """Time that passes when it is told to."""

    now = 0.0

    def __call__(self):
        return self.now


def said(*steps):
    """What is said last, of steps of (seconds, progress, chunks encoded)."""
    clock, lines = Clock(), []
    rate = Rate(lines.append, clock=clock)
    for clock.now, progress, encoded in steps:
        rate(progress, encoded)
    return lines[-1]


@pytest.mark.parametrize(
    ("progress", "left"),
    [
        (Progress(done=5, files=10, documents=5, chunks=100, read=500, size=1000), "about 10 s left"),
        (Progress(done=99, files=100, documents=0, chunks=100, read=625, size=1000), "about 6 s left"),
        (Progress(done=0, files=1, documents=9, chunks=100, read=100, size=1000), "about 1 min 30 s left"),
        (Progress(done=1, files=1, documents=9, chunks=100, read=1000, size=1000), None),
        (Progress(done=0, files=1, documents=0, chunks=0, read=0, size=1000), None),
        (Progress(done=1, files=2, documents=1, chunks=100, read=99, size=1000), None),
    ],
    ids=["half", "most unchanged", "one large file", "all read", "nothing known", "too little known"],
)
def test_the_time_left_is_told_by_what_is_still_to_be_read(progress, left):
    before = Progress(done=0, files=progress.files, documents=0, chunks=0, size=1000)
    line = said((1.0, before, 0), (50.0, before, 1), (60.0, progress, 100))
    assert "10 a second" in line
    assert line.partition("10 a second")[2] == (f" · {left}" if left else "")


def test_what_takes_long_is_said_again_with_how_long_it_has_taken(capsys):
    clock = Clock()
    clock.now = 0.0
    line = ProgressLine(clock=clock)
    line.say("making the encoder ready")
    clock.now = 10.0
    line.still()
    clock.now = 15.0
    line.still()
    assert capsys.readouterr().err == "making the encoder ready · 10 s\n", "not more often than every ten seconds"
    clock.now = 20.0
    line.still()
    line.done()
    clock.now = 60.0
    line.still()
    assert capsys.readouterr().err == "making the encoder ready · 20 s\n"


def test_where_no_terminal_is_the_first_word_comes_within_five_seconds_and_the_others_every_ten(capsys):
    clock = Clock()
    line = ProgressLine(clock=clock)
    line.say("starting")
    for clock.now in (3.0, 4.0, 5.0, 13.0, 14.0):
        line.still()
    line.done()
    assert capsys.readouterr().err == "starting · 4 s\nstarting · 14 s\n"


@pytest.fixture
def at_once(monkeypatch):
    """Every line, however soon after the one before."""
    for name in ("_ELSEWHERE", "_FIRST"):
        monkeypatch.setattr(f"agent.commands.terminal.progress.{name}", 0.0)


def test_a_question_says_that_it_waits_for_the_model_where_no_terminal_is(tmp_path, monkeypatch, capsys, at_once):
    from agent.cli import main

    folder = write(tmp_path / "docs", {"a.md": "# Pump\n\nThe pump is green."})
    monkeypatch.setattr("agent.assembly.encoder", lambda *_: WordEncoder())
    monkeypatch.chdir(tmp_path)
    with opened(tmp_path / "home", WordEncoder()) as citewell:
        citewell.ingest([folder])
    with MessagesServer([say(text("No idea."))] * 3) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        monkeypatch.setenv("CITEWELL_AGENT_MODEL", "tiny:1b")
        with pytest.raises(SystemExit):
            main(["ask", "Which colour has the pump?", "--home", str(tmp_path / "home"), "--json"])
    lines = capsys.readouterr().err.splitlines()
    assert lines.index("opening the index") < lines.index("waiting for tiny:1b")


def test_an_ingest_that_is_interrupted_says_what_stands_and_how_to_go_on(tmp_path, monkeypatch, capsys):
    from agent.cli import main
    from agent.wire import Citewell

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(Citewell, "ingest", interrupted)
    monkeypatch.chdir(write(tmp_path / "docs", {"a.md": "# A"}))
    with pytest.raises(SystemExit) as ended:
        main(["ingest", "a.md", "--home", str(tmp_path / "home")])
    assert ended.value.code == 130
    assert [line for line in capsys.readouterr().err.splitlines() if line][-2:] == [
        "Nothing was published; the same command, typed again, goes on where this one stopped.",
        "Interrupted.",
    ]


def test_a_rate_is_told_when_it_is_one():
    progress = Progress(done=1, files=2, documents=1, chunks=50, read=1, size=2)
    assert said((0.0, progress, 1), (2.0, progress, 20)) == "1 of 2 files · 20 of 50 chunks encoded"


def test_the_bytes_that_are_behind_count_only_what_changed(tmp_path):
    records = "".join(f'{{"_id": "{number}", "text": "{"pump and valve " * 20}"}}\n' for number in range(10))
    folder = write(tmp_path / "docs", {"a.md": "# A\n\nAs before.", "b.jsonl": records})
    told = []
    with opened(tmp_path / "home", WordEncoder()) as citewell:
        citewell.ingest([folder / "a.md"])
        citewell.ingest([folder], on_progress=lambda progress, _: told.append(progress))
    assert {progress.size for progress in told} <= {0, len(records)}
    behind = [progress.read for progress in told]
    assert behind == sorted(behind)
    assert len(set(behind)) > 8
    assert behind[-1] == told[-1].size == len(records)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_line_is_rewritten_only_on_a_terminal_and_never_wraps(monkeypatch, capsys, terminal):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: terminal)
    monkeypatch.setattr("shutil.get_terminal_size", lambda _: os.terminal_size((20, 24)))
    clock = Clock()
    line = ProgressLine(clock=clock)
    clock.now = 11
    line.say("0123456789" * 5)
    line.say("too early")
    line.done()
    clear = "\r\x1b[2K"
    shown = f"{clear}0123456789012345678{clear}" if terminal else "0123456789" * 5 + "\n"
    assert capsys.readouterr().err == shown


@pytest.mark.parametrize(
    ("seconds", "words"), [(0.44, "0.4 s"), (6, "6 s"), (9.96, "10 s"), (59.7, "1 min 0 s"), (3725, "1 h 2 min")]
)
def test_a_duration_is_told_in_words(seconds, words):
    assert duration(seconds) == words

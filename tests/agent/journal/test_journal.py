"""The journal keeps every event once, in order, whoever writes and whatever breaks; and it notices who touches it."""

import json
import math
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import numpy as np
import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from agent.journal import journal as module
from agent.journal.chain import canonical
from agent.journal.database import Away
from agent.journal.entry import JournalUnusable
from agent.journal.journal import HELD, Driven, Emptied, Journal, NoSuchRun
from agent.journal.record import NoSuchConversation, new_run_id
from agent.journal.tables import events
from agent.journal.tallies import Claim, NothingLeft
from agent.state import Citation, Usage
from tests.places import ROOT

APPEND_FOR_EVER = """
import sys
from pathlib import Path
from agent.journal.journal import Journal
place = sys.argv[1]
journal = Journal(place if "://" in place else Path(place))
with journal.during(sys.argv[2]):
    for number in range(int(sys.argv[3])):
        event = journal.append(sys.argv[2], "thought", {"number": number})
        print(event.number, flush=True)
"""


@pytest.fixture
def journal(tmp_path):
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        yield journal


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.slow)])
def place(request, tmp_path):
    """Where a journal may lie: a file, or a database of a server."""
    if request.param == "sqlite":
        return tmp_path / "journal.sqlite"
    return request.getfixturevalue("postgres").database()


@pytest.fixture
def either(place):
    """A journal in either."""
    with closing(Journal(place)) as journal:
        yield journal


def appender(path, run, count=10**9):
    return subprocess.Popen(
        [sys.executable, "-c", APPEND_FOR_EVER, str(path), run, str(count)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def in_child(script, *arguments):
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, arguments)], cwd=ROOT, capture_output=True, text=True, timeout=60
    )


def told(journal, run="r-one", question="How?"):
    journal.append(run, "started", {"question": question, "release": {"model": "m", "index_version": "v1"}})
    journal.append(run, "retrieved", {"query": question, "passages": []})
    journal.append(run, "answered", {"answer": "So.", "citations": [], "seconds": 0.5, "cost": 0.01, "reason": None})


def change(path, *statements):
    with closing(sqlite3.connect(path)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_what_was_appended_is_what_another_reader_finds(journal, tmp_path):
    first = journal.append("r-one", "started", {"question": "Wie heißt das? 日本語"})
    second = journal.append("r-one", "acted", {"call": "c1"}, actor="someone")
    with closing(Journal(tmp_path / "journal.sqlite")) as again:
        assert again.events("r-one") == [first, second]
        assert again.head() == journal.head()
    assert (first.number, second.number, second.actor) == (1, 2, "someone")
    assert first.at.endswith("+00:00")
    assert first.at < second.at


def test_an_empty_journal_verifies(either):
    verification = either.verify()
    assert (verification.ok, verification.events, verification.head) == (True, 0, "0" * 64)
    assert either.runs() == []


def test_runs_are_listed_newest_first_and_one_without_an_end_is_running(either):
    told(either, "r-one")
    either.append("r-one", "checked", {"kept": 1, "dropped": 0})
    with either.during("r-two"):
        either.append("r-two", "started", {"question": "Why?", "release": {"model": "m", "index_version": "v2"}})
        newest, oldest = either.runs()
    assert (newest.id, newest.status, newest.question, newest.index_version) == ("r-two", "running", "Why?", "v2")
    assert (newest.seconds, newest.cost, newest.reason, newest.answer) == (None, None, None, "")
    assert (oldest.id, oldest.status, oldest.answer) == ("r-one", "answered", "So.")
    assert (oldest.seconds, oldest.cost, oldest.model, oldest.started) == (
        0.5,
        0.01,
        "m",
        either.events("r-one")[0].at,
    )
    assert [run.id for run in either.runs(limit=1)] == ["r-two"]


def test_a_run_without_an_end_and_without_a_process_was_killed(tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o770)
    home.chmod(0o770)
    with closing(Journal(home / "journal.sqlite")) as journal:
        with journal.during("r-one"):
            journal.append("r-one", "started", {"question": "?"})
        assert [run.status for run in journal.runs()] == [journal.status("r-one")] == ["killed"]
        journal.erase(lambda _: True, ["d/a.md"])
        with closing(sqlite3.connect(home / "journal.sqlite")) as connection:
            [(record,)] = connection.execute("SELECT run FROM events WHERE kind = 'erased'")
        assert journal.status(record) == "erased"


@pytest.mark.skipif(not psutil.LINUX, reason="elsewhere a process is known by the time at which it began")
@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_leaves_a_run_with_the_process_that_drives_it(tmp_path, monkeypatch, hours):
    with closing(Journal(tmp_path / "journal.sqlite")) as journal, journal.during("r-one"):
        journal.append("r-one", "started", {"question": "?"})
        set_to = psutil.boot_time() + 3600 * hours
        monkeypatch.setattr("psutil._pslinux.boot_time", lambda: set_to)
        with closing(Journal(tmp_path / "journal.sqlite")) as other:
            assert other.status("r-one") == "running"
            with pytest.raises(Driven):
                other.take("r-one")


def test_a_long_answer_is_shortened_in_the_list_and_whole_in_the_run(journal):
    journal.append("r-one", "started", {"question": "?"})
    journal.append("r-one", "abstained", {"answer": "", "reason": "because " * 500})
    [run] = journal.runs()
    assert run.status == "abstained"
    assert len(run.reason) <= 200
    assert journal.events("r-one")[-1].content["reason"] == "because " * 500


def test_a_run_is_found_by_the_beginning_of_its_id(either):
    told(either, "r-2026-aaaa")
    told(either, "r-2027-bbbb")
    assert either.events("r-2027") == either.events("r-2027-bbbb")
    with pytest.raises(NoSuchRun, match=r"Several runs.*r-2026-aaaa, r-2027-bbbb"):
        either.events("r-20")
    for unknown in ("r-2", "", "r-3000", "%%%%", "r-2027-bbbb-"):
        with pytest.raises(NoSuchRun, match="citewell runs list"):
            either.events(unknown)


def test_a_whole_id_wins_over_the_longer_ones_it_begins(either):
    told(either, "r-one")
    told(either, "r-one-more")
    assert {event.run for event in either.events("r-one")} == {"r-one"}


def test_run_ids_sort_by_time_and_differ():
    ids = [new_run_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert [run[:17] for run in ids] == sorted(run[:17] for run in ids)


def test_our_nouns_and_numbers_are_stored_as_json(either):
    citation = Citation("document", "docs/a.md", "A", None, 0, 3, "abc")
    event = either.append(
        "r-one",
        "answered",
        {"citations": (citation,), "usage": Usage(1, 2), "labels": frozenset({"b", "a"}), "score": np.float32(0.5)},
    )
    assert event.content["citations"][0]["quote"] == "abc"
    assert event.content["usage"]["output_tokens"] == 2
    assert event.content["labels"] == ["a", "b"]
    assert event.content["score"] == 0.5
    assert either.events("r-one") == [event]


@pytest.mark.parametrize(
    "bad", [math.nan, -math.inf, np.float32("nan"), b"bytes", {1: "one"}, {"deep": [{"x": object()}]}, Path("x")]
)
def test_what_would_be_mangled_is_refused_and_leaves_no_trace(journal, bad):
    with pytest.raises((TypeError, ValueError)):
        journal.append("r-one", "thought", {"bad": bad})
    assert journal.verify().events == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@settings(max_examples=30, deadline=None)
@given(st.dictionaries(st.text(), JSON))
def test_json_comes_back_as_it_went_in(content):
    assert json.loads(canonical(content)) == content


def test_a_lone_surrogate_and_a_nul_survive(either):
    event = either.append("r-one", "thought", {"text": "a\ud800\0\\\udfff b"})
    assert event.content["text"] == "a\ud800\0\\\udfff b"
    assert either.verify().ok


@pytest.mark.parametrize(
    ("sabotage", "named"),
    [
        (["UPDATE events SET content = '{\"answer\":\"No.\"}' WHERE position = 3"], "event 3 (answered) of run r-one"),
        (["UPDATE events SET content = NULL WHERE position = 2"], "event 2 (retrieved) of run r-one"),
        (["UPDATE events SET salt = x'00' WHERE position = 2"], "event 2 (retrieved) of run r-one"),
        (["UPDATE events SET at = replace(at, '20', '19') WHERE position = 4"], "event 1 (started) of run r-two"),
        (["UPDATE events SET actor = 'nobody' WHERE position = 5"], "event 2 (retrieved) of run r-two"),
        (["UPDATE events SET kind = 'failed' WHERE position = 3"], "event 3 (failed) of run r-one"),
        (["UPDATE events SET run = 'r-x' WHERE position = 3"], "event 3 (answered) of run r-x"),
        (["DELETE FROM events WHERE position = 1"], "event 2 (retrieved) of run r-one"),
        (["DELETE FROM events WHERE position = 3"], "event 1 (started) of run r-two"),
        (["DELETE FROM events WHERE position = 6"], "1 events are missing of the 6"),
        (
            [
                "UPDATE events SET position = 100 WHERE position = 2",
                "UPDATE events SET position = 2 WHERE position = 3",
                "UPDATE events SET position = 3 WHERE position = 100",
            ],
            "event 3 (answered) of run r-one",
        ),
        (
            [
                "CREATE TEMP TABLE copy AS SELECT * FROM events WHERE position = 2",
                "UPDATE copy SET position = 7, number = 9",
                "INSERT INTO events SELECT * FROM copy",
            ],
            "event 9 (retrieved) of run r-one",
        ),
    ],
)  # fmt: skip
def test_every_change_to_the_record_is_found_and_named(journal, tmp_path, sabotage, named):
    told(journal, "r-one")
    told(journal, "r-two")
    assert journal.verify().ok
    change(tmp_path / "journal.sqlite", *sabotage)
    verification = journal.verify()
    assert not verification.ok
    assert named in verification.problems[0]


UNTOLD = [
    "UPDATE events SET content = CAST(x'ff00fe' AS TEXT) WHERE position = 5",
    "UPDATE events SET content = x'ff00fe' WHERE position = 5",
    "UPDATE events SET content = 'no JSON' WHERE position = 5",
    "UPDATE events SET actor = CAST(x'ff' AS TEXT) WHERE position = 5",
    "UPDATE events SET actor = x'ff' WHERE position = 5",
    "UPDATE events SET number = 'one' WHERE position = 5",
    "UPDATE events SET salt = 'salt' WHERE position = 5",
    "UPDATE events SET salt = 7 WHERE position = 5",
    "UPDATE events SET hash = CAST(x'ff' AS TEXT) WHERE position = 5",
]


@pytest.mark.parametrize("damage", UNTOLD)
@pytest.mark.parametrize("taken", ["r-one", "r-last"])
def test_an_event_that_cannot_be_read_hides_no_other_problem_before_or_after_it(journal, tmp_path, damage, taken):
    for run in ("r-one", "r-two", "r-last"):
        told(journal, run)
    change(tmp_path / "journal.sqlite", damage, f"DELETE FROM events WHERE run = '{taken}'")
    found = journal.verify()
    assert not found.ok
    named = "\n".join(found.problems)
    assert ") of run r-two" in named, "the damaged event"
    assert "3 events are missing of the 9 that were appended" in named
    assert f"the list of runs says of {taken} what its events do not" in named
    assert all(each.endswith("put that back if it verifies") for each in found.problems)


def test_an_exported_head_tells_of_a_journal_that_was_begun_anew(journal, tmp_path):
    told(journal)
    exported = journal.head()
    journal.append("r-two", "started", {})
    assert journal.verify(head=exported).ok
    with closing(Journal(tmp_path / "other.sqlite")) as other:
        told(other)
        assert other.verify().ok
        assert "is not in the journal" in other.verify(head=exported).problems[0]


@pytest.mark.slow
def test_two_processes_and_four_threads_append_to_one_journal(place):
    others = [appender(place, f"r-process-{n}", 200) for n in range(2)]
    with closing(Journal(place)) as journal, ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: journal.append("r-shared", "thought", {"n": n}), range(100)))
        for other in others:
            other.communicate(timeout=60)
            assert other.returncode == 0
        verification = journal.verify()
        assert verification.ok, verification.problems
        assert verification.events == 500
        for run, count in (("r-process-0", 200), ("r-process-1", 200), ("r-shared", 100)):
            assert [event.number for event in journal.events(run)] == list(range(1, count + 1))


def test_a_journal_that_another_process_is_just_beginning_is_waited_for(tmp_path):
    path = tmp_path / "journal.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        release = threading.Timer(0.3, lambda: other.execute("COMMIT"))  # sooner or later: either way it must open
        release.start()
        with closing(Journal(path)) as journal:
            journal.append("r-one", "started", {})
            assert journal.verify().ok
        release.join()


@pytest.mark.slow
def test_readers_see_whole_states_and_never_hold_up_the_writer(tmp_path):
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        done, trouble = threading.Event(), []

        def read():
            while not done.is_set():
                verification = journal.verify()
                if not verification.ok or len(journal.runs()) > 1:
                    trouble.append(verification.problems)

        reader = threading.Thread(target=read)
        reader.start()
        for number in range(150):
            journal.append("r-one", "thought", {"n": number})
        done.set()
        reader.join()
        assert trouble == []
        count = select(func.count()).select_from(events)
        with journal._database.reading() as connection:  # a reader in the middle of a long walk
            assert connection.execute(count).scalar() == 150
            journal.append("r-one", "thought", {"n": 150})
            assert connection.execute(count).scalar() == 150


@pytest.mark.slow
def test_a_kill_in_the_middle_loses_nothing_that_was_acknowledged(tmp_path):
    path = tmp_path / "journal.sqlite"
    process = appender(path, "r-killed")
    acknowledged = 0
    while acknowledged < 50:
        acknowledged = int(process.stdout.readline())
    with closing(Journal(path, read_only=True)) as journal:
        assert journal.runs()[0].status == journal.status("r-killed") == "running"
    os.kill(process.pid, signal.SIGKILL)
    rest = process.communicate()[0].split()
    acknowledged = int(rest[-1]) if rest else acknowledged
    with closing(Journal(path)) as journal:
        assert journal.verify().ok
        assert len(journal.events("r-killed")) >= acknowledged
        assert journal.runs()[0].status == journal.status("r-killed") == "killed"
        journal.append("r-killed", "failed", {"reason": "killed"})
        assert journal.verify().ok


@pytest.mark.slow
def test_a_full_disk_is_said_and_what_was_written_stays(tmp_path):
    path = tmp_path / "journal.sqlite"
    script = """
import resource, sys
from pathlib import Path
from agent.journal.entry import JournalUnusable
from agent.journal.journal import Journal
journal = Journal(Path(sys.argv[1]))
journal.append("r-one", "started", {})
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
try:
    for _ in range(100):
        journal.append("r-one", "thought", {"text": "x" * 10_000})
except JournalUnusable as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
journal.append("r-one", "thought", {"text": "room again"})
"""
    child = in_child(script, path)
    assert child.returncode == 0, child.stderr
    assert "disk has room" in child.stdout
    with closing(Journal(path)) as journal:
        assert journal.verify().ok
        assert journal.events("r-one")[-1].content == {"text": "room again"}


def test_a_file_that_may_not_be_written_is_said():
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "journal.sqlite")
        with closing(Journal(path)) as journal:
            journal.append("r-one", "started", {})
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        script = """
import os, sys
from pathlib import Path
from agent.journal.entry import JournalUnusable
from agent.journal.journal import Journal
if os.geteuid() == 0:
    os.seteuid(65534)
try:
    Journal(Path(sys.argv[1])).append("r-one", "thought", {})
except JournalUnusable as error:
    print(error)
"""
        child = in_child(script, path)
        Path(folder).chmod(0o755)
        assert "journal.sqlite" in child.stdout, child.stderr
        assert "chmod" in child.stdout


def test_a_newer_schema_is_refused_and_left_alone(tmp_path):
    path = tmp_path / "journal.sqlite"
    Journal(path).close()
    change(path, "PRAGMA user_version = 99")
    before = path.read_bytes()
    with pytest.raises(JournalUnusable, match=r"newer Citewell.*upgrade"):
        Journal(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ["not a database at all, but a text", "other"])
def test_a_file_that_is_no_journal_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / "journal.sqlite"
    if content == "other":
        change(path, "CREATE TABLE other (x)")
    else:
        path.write_text(content * 100)
    before = path.read_bytes()
    with pytest.raises(JournalUnusable, match="move it away"):
        Journal(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("share", [0.0, 0.5])
def test_damage_to_the_file_is_a_problem_found_and_not_a_crash(tmp_path, share):
    path = tmp_path / "journal.sqlite"
    with closing(Journal(path)) as journal:
        for number in range(300):
            journal.append("r-one", "thought", {"n": number, "text": "x" * 200})
    change(path, "UPDATE events SET actor = 'nobody' WHERE number = 2")
    data = bytearray(path.read_bytes())
    since = max(8192, int(len(data) * share) // 4096 * 4096)
    data[since:-4096] = bytes(len(data) - since - 4096)
    path.write_bytes(data)
    with closing(Journal(path)) as journal:
        verification = journal.verify()
        assert not verification.ok
        if share:
            assert "event 2 (thought) of run r-one: its record was changed" in verification.problems[0]
        assert "damaged" in verification.problems[-1]
        assert verification.problems[-1].endswith("and a new one is begun.")


def test_only_the_owner_may_read_the_journal(journal, tmp_path):
    journal.append("r-one", "started", {"question": "private"})
    assert {file.stat().st_mode & 0o077 for file in tmp_path.iterdir()} == {0}


SECRET = "zyxomma quillwort"


def names_secret(content):
    return SECRET in json.dumps(content)


def files_with_secret(folder):
    return sorted(path.name for path in folder.iterdir() if SECRET.encode() in path.read_bytes())


def test_from_the_first_event_that_tells_of_it_a_run_is_emptied_and_the_chain_holds(either):
    told(either, "r-one", question=f"What of {SECRET}?")
    told(either, "r-two")
    either.append("r-two", "thought", {"text": SECRET})
    assert either.erase(names_secret, ["docs/a.md"]) == Emptied(4)
    assert [event.content for event in either.events("r-one")] == [{"erased": True}] * 3
    assert [event.content == {"erased": True} for event in either.events("r-two")] == [False, False, False, True]
    assert either.verify().ok
    assert either.erase(names_secret, ["docs/a.md"]) == Emptied(0)


def test_a_content_that_cannot_be_read_is_emptied_too(journal, tmp_path):
    for run in ("r-broken", "r-list", "r-whole"):
        journal.append(run, "thought", {})
    change(
        tmp_path / "journal.sqlite",
        "UPDATE events SET content = '{' WHERE run = 'r-broken'",
        "UPDATE events SET content = '[1]' WHERE run = 'r-list'",
    )
    assert journal.erase(names_secret, ["docs/a.md"]).events == 2
    assert journal.events("r-whole")[0].content == {}


@pytest.mark.parametrize(("given", "actor"), [({}, "person"), ({"actor": "ingest"}, "ingest")])
def test_an_erasure_is_recorded_with_who_made_it(journal, tmp_path, given, actor):
    journal.append("r-one", "thought", {"text": SECRET})
    journal.erase(names_secret, ["docs/a.md"], **given)
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as connection:
        row = connection.execute("SELECT actor, content FROM events WHERE kind = 'erased'").fetchone()
    assert (row[0], json.loads(row[1])) == (actor, {"documents": ["docs/a.md"], "events": ["r-one#1"]})


@pytest.mark.slow
def test_an_erasure_is_not_settled_while_a_reader_holds_the_words_and_is_by_a_later_one(journal, tmp_path):
    journal.append("r-one", "thought", {"text": SECRET})
    with closing(sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM events").fetchone()
        assert journal.erase(names_secret, ["docs/a.md"]) == Emptied(1, HELD)
        assert journal.events("r-one")[0].content == {"erased": True}, "nobody is given it any more"
        assert files_with_secret(tmp_path) == ["journal.sqlite-wal"]
        assert journal.erase(names_secret, ["docs/a.md"]) == Emptied(0, HELD)
    assert journal.erase(names_secret, ["docs/a.md"]) == Emptied(0)
    assert files_with_secret(tmp_path) == []
    assert journal.verify().ok


@pytest.mark.parametrize("damage", ["{", "[]", "{}", '{"events": 1}', '{"events": [[]]}'])
def test_a_damaged_record_of_an_erasure_is_a_problem_found(journal, tmp_path, damage):
    journal.append("r-one", "thought", {"text": SECRET})
    journal.erase(names_secret, ["docs/a.md"])
    change(tmp_path / "journal.sqlite", f"UPDATE events SET content = '{damage}' WHERE kind = 'erased'")
    verification = journal.verify()
    assert not verification.ok
    assert "(erased) of run e-" in verification.problems[-1]
    assert "its content was changed" in verification.problems[-1]


def test_an_event_that_the_database_does_not_take_fails_alone(either):
    whose = {"r-one": "ada", "r-bad": "\ud800", "r-two": "bob"}
    with held_up(either) as go_on:  # they are written together
        done = {
            run: either.submit(run, lambda who=who: ("started", {"question": "?", "principal": who}))
            for run, who in whose.items()
        }
        go_on()
    assert isinstance(done["r-bad"].exception(10), UnicodeEncodeError)
    assert [done[run].result(10).number for run in ("r-one", "r-two")] == [1, 1]
    assert either.verify().ok


def test_a_conversation_that_two_begin_at_once_is_the_firsts_alone(either):
    def begins(run, who):
        return either.submit(run, lambda: ("started", {"question": "?", "principal": who, "conversation": "logs"}))

    with held_up(either) as go_on:  # both of them are written together
        done = [begins("r-ada", "ada"), begins("r-bob", "bob"), begins("r-nobody", None), begins("r-more", "ada")]
        go_on()
    assert [type(each.exception(10)).__name__ for each in done] == [
        *("NoneType", "NoSuchConversation", "NoSuchConversation", "NoneType")
    ]
    with pytest.raises(NoSuchConversation, match="There is no conversation 'logs': citewell conversations list"):
        begins("r-later", "bob").result(10)
    talk, said = either.conversation("logs"), either.spoken("logs")
    assert (talk.principal, talk.turns, [each[0].run for each in said]) == ("ada", 2, ["r-ada", "r-more"])
    assert either.verify().ok


def test_where_so_many_read_that_no_connection_is_free_it_is_said(journal, monkeypatch):
    with journal._database.writing():  # makes the file
        pool = journal._database._engine.pool
    monkeypatch.setattr(pool, "_timeout", 0.01)
    with ExitStack() as readers:
        for _ in range(pool.size() + pool._max_overflow):
            readers.enter_context(journal._database.reading())
        with pytest.raises(JournalUnusable, match="no connection was free in time: try again"):
            journal.head()
    assert journal.head() == "0" * 64


def test_runs_are_said_to_go_on_again_after_it_could_not_be_said_whatever_the_reason(journal, monkeypatch):
    failed, writing = threading.Event(), journal._database.writing

    def broken(**how):
        if threading.current_thread().name != "leases" or failed.is_set():
            return writing(**how)
        failed.set()
        raise RuntimeError("something else")

    monkeypatch.setattr(module, "RENEWED", 0.01)
    monkeypatch.setattr(journal._database, "writing", broken)
    with journal.during("r-one"):
        journal.append("r-one", "started", {"question": "?"})
        assert failed.wait(10)
        before = journal.waits("r-one")
        comes(lambda: journal.waits("r-one") > before)


@contextmanager
def held_up(journal):
    """What is appended within waits to be written, until it is told to go on."""
    begun, go_on = threading.Event(), threading.Event()

    def slowly():
        begun.set()
        assert go_on.wait(10)
        return "started", {"question": "Why?"}

    first = journal.submit("r-first", slowly)
    assert begun.wait(10)
    yield go_on.set
    assert first.result(10).number == 1


def comes(about):
    """Waits for it."""
    until = time.monotonic() + 10
    while not about():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_a_content_that_is_asked_for_is_asked_for_when_nobody_else_writes(journal, tmp_path):
    with closing(sqlite3.connect(tmp_path / "journal.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        known = ["at first"]
        waiting = journal.submit("r-one", lambda: (known[-1], {"known": known[-1]}))
        known.append("by then")
        other.execute("COMMIT")
        written = waiting.result()
        assert (written.kind, json.loads(written.content)) == ("by then", {"known": "by then"})
    with pytest.raises(TypeError):
        journal.submit("r-one", lambda: ("thought", {"bad": b"bytes"})).result()
    journal.append("r-one", "thought", {})
    assert journal.verify().events == 2


@pytest.mark.slow
def test_an_erasure_judges_under_the_lock_only_what_came_while_it_judged(journal, tmp_path):
    for number in range(1_200):
        journal.append(f"r-{number // 4}", "thought", {"n": number, "text": SECRET if number % 400 == 1 else "nothing"})
    held = []
    with (
        closing(Journal(tmp_path / "journal.sqlite")) as live,
        closing(sqlite3.connect(tmp_path / "journal.sqlite", timeout=0, isolation_level=None)) as other,
    ):

        def says(content):
            try:
                other.execute("BEGIN IMMEDIATE")
                other.execute("ROLLBACK")
            except sqlite3.OperationalError:
                held.append(content["n"])
            if content["n"] == 1_199:  # the last one that was there: two live runs go on, and one begins
                live.append("r-0", "thought", {"n": 1_200, "text": "made from it"})
                live.append("r-299", "thought", {"n": 1_201, "text": SECRET})
                live.append("r-new", "started", {"n": 1_202, "question": "What?"})
            return names_secret(content)

        assert journal.erase(says, ["docs/a.md"]) == Emptied(3 * 3 + 2)
    assert held == []
    assert [event.content for event in journal.events("r-0")[1:]] == [{"erased": True}] * 4
    assert journal.events("r-299")[-1].content == {"erased": True}
    assert journal.events("r-new")[0].content["question"] == "What?"
    assert files_with_secret(tmp_path) == []
    assert journal.verify().ok


KILLED = """
import json, os, signal, sys
from pathlib import Path
from agent.journal.journal import Journal

def says(content):
    if content["n"] == 1100:
        os.kill(os.getpid(), signal.SIGKILL)
    return "zyxomma" in json.dumps(content)

Journal(Path(sys.argv[1])).erase(says, ["docs/a.md"])
"""


@pytest.mark.slow
def test_a_kill_in_the_middle_of_an_erasure_leaves_each_run_as_it_was_or_emptied_to_its_end(journal, tmp_path):
    for number in range(1_200):  # one run for every ten; each tells of it in its second event, or not at all
        journal.append(
            f"r-{number // 10}", "thought", {"n": number, "text": SECRET if number % 20 == 1 else "made from it"}
        )
    assert in_child(KILLED, tmp_path / "journal.sqlite").returncode == -signal.SIGKILL
    assert journal.verify().ok
    emptied = 0
    for run in range(0, 120, 2):
        told_of = [event.content == {"erased": True} for event in journal.events(f"r-{run}")]
        assert told_of in ([False] * 10, [False] + [True] * 9)
        emptied += told_of[-1]
    assert 0 < emptied < 60, "it was killed in the middle"
    assert journal.erase(names_secret, ["docs/a.md"]) == Emptied((60 - emptied) * 9)
    assert files_with_secret(tmp_path) == []
    assert journal.verify().ok


@pytest.mark.slow
def test_a_server_that_is_away_is_waited_for_whoever_asks_and_a_client_is_not_told_where_it_is(postgres):
    from agent.service.problems import problem_of

    with closing(Journal(postgres.database())) as journal:
        journal.append("r-one", "started", {"question": "Why?"})
        postgres.stop()
        with pytest.raises(Away, match=f"127.0.0.1:{postgres.port}") as away:
            journal.look()
        told = problem_of(away.value)
        assert (told["status"], "127.0.0.1" in json.dumps(told)) == (503, False)
        starting = threading.Thread(target=postgres.start)
        starting.start()
        journal.keep("a charter")
        with journal.during("r-two"):
            journal.append("r-two", "started", {"question": "How?"})
        starting.join()
        assert [each.id for each in journal.runs()] == ["r-two", "r-one"]


def test_what_the_runs_of_a_trial_take_of_a_day_counts_for_that_alone_and_what_is_spent_for_all(tmp_path):
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        refund, cost = Claim("refund", "day", 1.0, 1.0), Claim("cost of bob", "day", 2.0)
        for run in ("r-1", "r-2-trial-a", "r-3-trial-b"):
            journal.append(run, "started", {"question": "Q", "claims": [refund, cost]})
        with pytest.raises(NothingLeft):
            journal.append("r-4-trial-a", "started", {"question": "Q", "claims": [refund]})
        assert journal.had("r-5", [refund, cost]) == {refund: 1.0, cost: 6.0}
        assert journal.had("r-6-trial-c", [refund]) == {refund: 0.0}


def test_a_case_of_a_trial_is_told_to_nobody(tmp_path):
    with closing(Journal(tmp_path / "journal.sqlite")) as journal:
        for run in ("r-1", f"{new_run_id('a')}"):
            journal.append(run, "started", {"question": "Q"})
            journal.append(run, "handover", {"rule": "legal", "reason": "So."})
        assert [each.run for each in journal.cases()] == ["r-1"]


def governed(journal):
    """Three runs that take of what is bounded, one of which a person has in hand, and one that waits for a word."""
    release = {"charter": journal.keep("a charter"), "tools": journal.keep("tools"), "index_version": "v1"}
    for run, who in (("r-1", "bob"), ("r-2", "eve"), ("r-3", None)):
        said = {"question": "Why?", "release": release, "principal": who, "conversation": f"c-{run}"}
        journal.append(run, "started", said | {"claims": [Claim("runs", "day", 1.0)]})
        journal.append(
            run, "acting", {"claims": [Claim("tool refund.amount", "day", 0.1), Claim("tool refund", "run", 1)]}
        )
    journal.append("r-1", "handover", {"rule": "legal", "route": "law", "key": "k", "cost": 0.5})
    journal.append("r-2", "parked", {"pending": "a digest"})
    journal.append("r-3", "answered", {"answer": "So.", "cost": 0.25})


@pytest.mark.parametrize(
    "sabotage",
    [
        "DELETE FROM tallies WHERE what LIKE 'tool%'",
        "UPDATE tallies SET total = 0.2 WHERE what = 'tool refund.amount'",
        "INSERT INTO tallies VALUES ('runs', 'day 2020-01-01', 3)",
        "DELETE FROM texts WHERE text = 'a charter'",
        "UPDATE texts SET text = 'another charter' WHERE text = 'a charter'",
        "DELETE FROM texts WHERE text = 'tools'",
        "UPDATE runs SET principal = 'eve' WHERE run = 'r-1'",
        "UPDATE runs SET principal = NULL WHERE run = 'r-1'",
        "UPDATE runs SET conversation = 'c-r-1' WHERE run = 'r-2'",
        "UPDATE runs SET index_version = 'v2' WHERE run = 'r-1'",
        "UPDATE runs SET pending = 'another digest' WHERE run = 'r-2'",
        "UPDATE runs SET pending = NULL WHERE run = 'r-2'",
        "UPDATE runs SET cost = 0 WHERE run = 'r-3'",
        "DELETE FROM cases",
        "UPDATE cases SET status = 'resolved'",
        "UPDATE cases SET route = 'nowhere'",
        "UPDATE cases SET claimed_by = 'Eve'",
    ],
)
def test_every_change_to_what_is_made_from_the_events_is_found(journal, tmp_path, sabotage):
    governed(journal)
    assert journal.verify().problems == ()
    change(tmp_path / "journal.sqlite", sabotage)
    assert not journal.verify().ok


def test_what_is_made_from_events_that_were_erased_is_no_damage_and_less_than_the_rest_comes_to_is(journal, tmp_path):
    governed(journal)
    journal.erase(lambda content: content.get("principal") == "bob", ["a.md"])
    journal.erase_conversation("c-r-3")
    assert journal.verify().problems == ()
    change(tmp_path / "journal.sqlite", "DELETE FROM tallies WHERE span = 'run r-2'")
    assert not journal.verify().ok


def test_who_only_looks_makes_no_file_and_sees_it_once_another_made_it(tmp_path):
    place = tmp_path / "home" / "journal.sqlite"
    with closing(Journal(place)) as looking, closing(Journal(place)) as writing:
        assert (looking.runs(), looking.head(), looking.verify().ok) == ([], "0" * 64, True)
        assert not place.parent.exists()

        writing.append("r-1", "started", {"question": "?"})
        assert [each.id for each in looking.runs()] == ["r-1"]
        looking.append("r-2", "started", {"question": "?"})
        assert {each.id for each in writing.runs()} == {"r-1", "r-2"}


def test_of_two_that_make_it_at_once_nothing_is_lost(tmp_path):
    place = tmp_path / "journal.sqlite"
    journals = [Journal(place) for _ in range(4)]
    try:
        done = [each.submit(f"r-{n}", lambda: ("started", {"question": "?"})) for n, each in enumerate(journals)]
        assert [each.result(30).number for each in done] == [1] * 4
        assert len(journals[0].runs()) == 4
    finally:
        for each in journals:
            each.close()

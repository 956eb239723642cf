"""What can be done with a home that may only be read: one of another user, or on a disk that is mounted read-only?"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pluggy
import pytest

from agent.journal.journal import Journal
from agent.settings import Settings
from agent.wire import Citewell, open_citewell
from ingest.access import NotReadable
from plugins.manager import load_plugins
from retrieval.search.settings import SearchSettings
from tests.agent.program import PROGRAM
from tests.homes import only_read
from tests.messages_server import MessagesServer, say, text
from tests.places import ROOT

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "geteuid"), reason="there are no users to speak of on this system"),
    pytest.mark.usefixtures("surroundings"),
]
QUESTION = "How long are logs kept?"


def everything(home):
    """Every file with its content and times."""
    files = sorted(path for path in home.rglob("*"))
    return [(path, path.lstat().st_mtime_ns, path.read_bytes() if path.is_file() else b"") for path in files]


@pytest.mark.slow
def test_what_only_reads_works_and_leaves_no_trace(citewell, home):
    assert citewell("ask", QUESTION, "--home", home).code == 0  # begins a journal
    reads = [
        *(("search", "logs"), ("status",), ("runs", "list"), ("index", "versions")),
        *(("search", "logs", "--explain"), ("ask", QUESTION)),
    ]
    with only_read(home):
        before = everything(home)
        for words in reads:
            done = citewell(*words, "--home", home, "--json")
            assert (done.code, "error" in done.json) == (0, False), (words, done)
        assert everything(home) == before


LOOKS = ["status", "runs list", "runs show r-1", "runs head", "runs verify", "runs resume", "conversations list"]
LOOKS += ["escalations list", "escalations deliver", "index versions", "report ownership", "search logs", "ask logs"]


@pytest.mark.parametrize("words", LOOKS)
def test_who_looks_at_a_home_that_is_not_there_does_not_make_it(citewell, tmp_path, words):
    citewell(*words.split(), "--home", tmp_path / "home")
    assert not (tmp_path / "home").exists()


@pytest.mark.slow
def test_a_question_to_such_a_home_says_that_it_is_not_recorded(citewell, home, caplog):
    recorded = citewell("ask", QUESTION, "--home", home, "--json").json
    shown = citewell("runs", "show", recorded["run"], "--home", home, "--json")
    with only_read(home):
        done = citewell("ask", QUESTION, "--home", home, "--json")
        shown_there = citewell("runs", "show", recorded["run"], "--home", home, "--json")
        told = citewell("ask", QUESTION, "--home", home)
    assert done.json["run"] is None
    assert done.json["answer"] == recorded["answer"]
    assert f"This run is not recorded: {home}" in caplog.text
    assert "not recorded" in told.out
    assert shown_there.json == shown.json  # what was recorded before can be read
    with closing(Journal(home / "journal.sqlite")) as journal:
        assert [run.id for run in journal.runs()] == [recorded["run"]]


def test_a_journal_that_another_process_has_open_is_read_with_what_was_written_last(citewell, home):
    journal = Journal(home / "journal.sqlite")
    journal.append("r-1", "started", {"question": "is it there?"})
    with only_read(home):
        done = citewell("runs", "list", "--home", home, "--json")
    journal.close()
    assert [run["question"] for run in done.json["runs"]] == ["is it there?"]


def test_a_charter_refuses_a_run_that_leaves_no_record(citewell, home, tmp_path):
    Path("charter.toml").write_text('[tools]\n"effect:write" = "deny"\n', encoding="utf-8")
    with only_read(home):
        done = citewell("ask", QUESTION, "--home", home, "--json")
    assert done.code == 2
    assert done.json["error"]["code"] == "not_recorded"
    assert "charter.toml" in done.json["error"]["message"]


class Buttons:
    @pluggy.HookimplMarker("citewell")
    def citewell_tools(self):
        def look() -> str:
            """Look at a button. Use when: asked. Do not use when: not asked."""
            return "red"

        def press() -> str:
            """Press a button. Use when: asked. Do not use when: not asked."""
            return "pressed"

        look.effect, press.effect = "read", "external"
        return [look, press]


def test_only_tools_that_read_are_offered_where_nothing_is_recorded(home):
    with MessagesServer([say(text("Red."))] * 4) as server:
        model = SearchSettings(model=os.environ["CITEWELL_RETRIEVAL_MODEL"])
        citewell = Citewell(Settings(home=home, base_url=server.base_url, retrieval=model))
        citewell.plugins = load_plugins(extra=[("buttons", Buttons())])
        citewell.ask(QUESTION)
        with only_read(home):
            assert citewell.ask(QUESTION).run is None
        citewell.close()
        offered = [{tool["name"] for tool in request.body["tools"]} for request in server.requests]
    assert {"look", "press"} <= offered[0]
    assert offered[-1] & {"look", "press"} == {"look"}


@pytest.mark.slow
@pytest.mark.parametrize(
    "words",
    [
        ("ingest", "{home}/../more"),
        ("delete", "guide/logs.md"),
        ("index", "publish"),
        ("index", "rollback"),
        ("index", "compact"),
        ("eval", "gate", "{home}/../gold.jsonl"),
    ],
    ids=" ".join,
)
def test_what_must_write_refuses_and_says_whose_the_home_is_before_any_work(citewell, home, words):
    (home.parent / "more").mkdir()
    (home.parent / "more" / "a.md").write_text("# More\n\nMore words.\n", encoding="utf-8")
    gold = {"id": "1", "question": QUESTION, "relevant": [{"document": "guide/logs.md"}]}
    (home.parent / "gold.jsonl").write_text(json.dumps(gold) + "\n", encoding="utf-8")
    words = [word.format(home=home) for word in words]
    with only_read(home):
        before = everything(home)
        done = citewell(*words, "--home", home, "--json")
        assert everything(home) == before
    assert done.code == 1
    assert done.json["error"]["code"] == "not_writable"
    said = done.json["error"]["message"]
    assert str(home) in said
    assert "--home" in said
    assert "ingest the sources again" not in said
    if os.geteuid() == 0:
        assert "belongs to nobody, and root may not write" in said


@pytest.mark.parametrize(
    ("part", "words"),
    [
        *((part, ("search", "logs")) for part in ("manifest.json", "0/content.sqlite", "0/lexical")),
        ("verdict.json", ("ask", QUESTION)),
    ],
)
def test_what_may_not_be_read_is_told_as_that_and_not_as_damage(citewell, home, part, words):
    hidden = home / "versions" / (home / "live").read_text("utf-8").strip() / part
    with only_read(home, hidden=hidden):
        done = citewell(*words, "--home", home, "--json")
    assert done.code == 1
    assert done.json["error"]["code"] == "not_readable"
    said = done.json["error"]["message"]
    assert str(hidden) in said
    assert "chmod" in said
    assert "ingest" not in said


@pytest.mark.parametrize("part", [".", "versions", "live", "erased.json"])
def test_a_home_of_which_all_or_much_may_not_be_read_is_told_as_that_to_everybody(citewell, home, part):
    (home / "erased.json").write_text('{"schema": 1, "erased": []}', encoding="utf-8")
    with only_read(home, hidden=home / part):
        told = [citewell(*words, "--home", home, "--json") for words in (("status",), ("search", "x"), ("ask", "x"))]
        with pytest.raises(NotReadable, match="chmod") as refusal, open_citewell(home):
            pass
    assert str(home / part) in str(refusal.value)
    for done in told:
        assert (done.code, done.json["error"]) == (1, {"code": "not_readable", "message": str(refusal.value)})


@pytest.mark.parametrize("below", ["", "/below", "/below/it"])
@pytest.mark.parametrize("words", [("status",), ("search", "x"), ("runs", "list"), ("ingest", ".")], ids=" ".join)
def test_a_file_in_the_place_of_a_home_is_told_plainly(citewell, tmp_path, words, below):
    (tmp_path / "note.txt").write_text("no home", encoding="utf-8")
    done = citewell(*words, "--home", f"{tmp_path}/note.txt{below}", "--json")
    assert done.code == 2
    assert done.json["error"]["code"] == "bad_home"
    assert "note.txt" in done.json["error"]["message"]
    assert "--home" in done.json["error"]["message"]
    assert (tmp_path / "note.txt").read_text("utf-8") == "no home"


@pytest.mark.slow
def test_a_home_on_a_disk_that_is_mounted_read_only_answers(home):
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root may mount, with unshare")
    script = (
        f"mount --bind {home} {home} && mount -o remount,bind,ro {home} && "
        f"{sys.executable} -c 'from agent.cli import main; main()' --home {home} ask --json '{QUESTION}'; code=$?; "
        f"{sys.executable} -c 'from agent.cli import main; main()' --home {home} delete guide/logs.md; exit $code"
    )
    try:
        done = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True, cwd=ROOT)
    except OSError as error:
        pytest.skip(f"this machine does not let a test mount anything: {error}")
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"this machine does not let a test mount anything: {done.stderr}")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["run"] is None
    assert done.stderr.count("mounted read-only: have it mounted for writing") == 2


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="no /proc here")
def test_a_home_that_cannot_be_made_where_it_is_named_is_told_so(citewell, tmp_path):
    (tmp_path / "a.md").write_text("# A\n\nText.\n")
    done = citewell("ingest", tmp_path / "a.md", "--home", "/proc/nope", "--json")
    assert (done.code, done.json["error"]["code"]) == (2, "bad_home")
    assert done.json["error"]["message"].startswith("The home /proc/nope cannot be made in /proc: name a folder")


def test_status_of_a_home_that_cannot_be_written_is_shown(home):
    words = f"mount --bind {home} {home} && mount -o remount,ro,bind {home} && exec {shlex.join(PROGRAM)} status"
    words = ["unshare", "--map-root-user", "--mount", "sh", "-c", f"{words} --home {home}"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"this machine lets nobody mount a file system of their own: {done.stderr.strip()}")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("live ")

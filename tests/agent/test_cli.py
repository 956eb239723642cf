"""`citewell` keeps what it promises to people and to scripts: results, exit codes, and errors that say what to do."""

import json
import logging
import os
import select
import shlex
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import click
import pytest

from agent.cli import _load_commands, main
from agent.commands.shared import cli
from eval.improve.tune import Setting, Tuned
from eval.measure.stats import difference
from tests.homes import PUBLIC, write
from tests.messages_rules import search_results
from tests.messages_server import MessagesServer, cite, refuse, say, text, tool_use

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = [sys.executable, "-c", "from agent.cli import main; main()"]


@dataclass(frozen=True)
class Done:
    code: int
    out: str
    err: str

    @property
    def json(self):
        """The one JSON object on standard output."""
        return json.loads(self.out)


@pytest.fixture
def home(library, tmp_path):
    """A home of one's own, with two versions in it."""
    return Path(shutil.copytree(library, tmp_path / "home"))


@pytest.fixture(autouse=True)
def surroundings(monkeypatch, tmp_path, tiny):
    """Nothing of the developer's own: no key, no settings, an empty folder."""
    for name in [name for name in os.environ if name.startswith(("CITEWELL_", "ANTHROPIC_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("CITEWELL_RETRIEVAL_MODEL", str(tiny))
    monkeypatch.setenv("CITEWELL_RETRIEVAL_DENSE_WEIGHT", "0.1")
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.setenv("SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


@pytest.fixture
def citewell(capsys):
    """Runs a command in this process."""

    def run(*words):
        root = logging.getLogger()
        before, level = list(root.handlers), root.level
        capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(word) for word in words])
        for handler in set(root.handlers) - set(before):
            root.removeHandler(handler)
        root.setLevel(level)
        shown = capsys.readouterr()
        return Done(left.value.code or 0, shown.out, shown.err)

    return run


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


# Help, version, completion


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


# One JSON object, with what is promised in it


def test_status_and_versions(citewell, home):
    status = citewell("status", "--json", "--home", home).json
    versions = citewell("index", "versions", "--json", "--home", home).json["versions"]

    assert status.keys() >= {"schema", "live", "versions", "documents", "failures"}
    assert status["versions"] == versions
    assert versions[0].keys() >= {"id", "verdict", "chunks", "created"}
    assert status["live"] == versions[0]["id"] == (home / "live").read_text()
    assert status["documents"] == {"total": len(PUBLIC) + 1, "failed": 0, "skipped": 0, "unread": 0}


def test_search(citewell, home):
    done = citewell("search", "--json", "--home", home, "-k", 2, "log retention")

    assert done.json["index_version"] == (home / "live").read_text()
    assert len(done.json["hits"]) == 2
    assert done.json["hits"][0].keys() == {
        *("document", "title", "headings", "page", "page_label", "start", "end", "text"),
        *("score", "dense", "lexical", "reranked", "probability", "duplicates"),
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


def test_ingest_publish_and_rollback(citewell, tmp_path):
    folder = write(tmp_path / "guide", PUBLIC)
    first = citewell("ingest", folder, "--json").json
    (folder / "bad.pdf").write_bytes(b"%PDF torn")
    second = citewell("ingest", folder, tmp_path / "guide" / "logs.md", "--json", "--no-publish").json

    assert first.keys() >= {
        *("schema", "index_version", "published", "verdict", "documents", "chunks", "seconds", "failures", "skipped")
    }
    assert first["documents"].keys() == {
        *("added", "updated", "unchanged", "renamed", "removed", "failed", "skipped", "gone"),
    }
    assert (first["published"], first["verdict"], first["documents"]["added"]) == (True, "probe", len(PUBLIC))
    assert second["failures"][0].keys() == {"document", "error"}
    assert second["index_version"] == first["index_version"], "nothing that could be read is new"
    (folder / "new.md").write_text("# New\n\nNew things are told here that were not told before.\n")
    third = citewell("ingest", folder, "--json", "--no-publish").json
    assert not third["published"]
    published = citewell("index", "publish", "--json").json
    assert (published["live"], published["previous"]) == (third["index_version"], first["index_version"])
    said = citewell("index", "rollback").out
    assert f"index publish {third['index_version']} to go back to the other" in said
    assert citewell("index", "publish").code == 1, "what was left is no candidate"
    assert citewell("index", "publish", third["index_version"]).code == 0
    back = citewell("index", "rollback", "--json").json
    assert (back["live"], back["previous"]) == (first["index_version"], third["index_version"])
    assert citewell("status", "--json").json["pinned"]
    assert citewell("index", "publish", first["index_version"], "--json").code == 0
    done = citewell("index", "publish", third["index_version"], "--json")
    assert (done.code, done.json["live"]) == (0, third["index_version"])
    none = citewell("index", "publish", "--json")
    assert (none.code, none.json["error"]["code"]) == (1, "no_candidate")
    assert third["index_version"] in none.json["error"]["message"]
    assert not citewell("status", "--json").json["pinned"]


def test_a_named_path_may_have_any_bytes_and_nothing_that_failed_is_no_error(citewell, tmp_path):
    folder = tmp_path / "a\udcff"
    folder.mkdir()
    (folder / "b\udcff.md").write_text("# Pumps\n\nThey pump.\n")

    words = ("ingest", folder / "b\udcff.md", "--as", "odd", "--json")
    assert citewell(*words).json["documents"]["added"] == 1
    assert citewell(*words).json["documents"]["unchanged"] == 1
    again = citewell("ingest", "--retry-failed", "--json")
    assert (again.code, set(again.json["documents"].values())) == (0, {0})


def test_status_counts_scans_and_ingest_what_is_no_longer_on_disk(citewell, tmp_path):
    from tests.ingest.read.pdf.made_pdf import lines, pdf

    folder, home = write(tmp_path / "docs", {"a.md": "# A\n\nA page.", "b.md": "# B\n\nB page."}), tmp_path / "home"
    picture = "q 100 0 0 100 0 0 cm /I Do Q"
    (folder / "scan.pdf").write_bytes(pdf(picture))
    (folder / "half.pdf").write_bytes(pdf(lines(72, 700, "A page with text."), picture))
    citewell("ingest", folder, "--home", home)
    status = citewell("status", "--home", home, "--json").json
    assert (status["no_text_layer"], status["ingesting"]) == (["docs/half.pdf", "docs/scan.pdf"], None)
    assert "scans     2 PDFs with pages that have no text layer" in citewell("status", "--home", home).out
    (folder / "a.md").rename(folder / "c.md")
    write(folder, {"c.md": "# A\n\nA page that was renamed and edited."})
    done = citewell("ingest", folder, "--home", home)
    assert "1 document of before is no longer on disk and still in the index; ingest with --prune" in done.out


def test_a_command_opens_one_home(citewell, home, tmp_path, monkeypatch):
    from retrieval.vectors.model_folder import ModelFolder

    hashed, real = [], ModelFolder.weights
    monkeypatch.setattr(ModelFolder, "weights", lambda self, model: (hashed.append(model), real(self, model))[1])
    assert citewell("eval", "gate", gold_file(tmp_path, *ASKED), "--home", home).code == 0
    assert len(hashed) == 1


def test_what_is_skipped_in_a_file_is_named_again_while_the_file_is_unchanged(citewell, tmp_path):
    folder = write(tmp_path / "guide", PUBLIC)
    with zipfile.ZipFile(folder / "more.zip", "w") as packed:
        packed.writestr("a.md", "# Pumps\n\nThey pump.\n")
        packed.writestr("b.png", b"\x89PNG\r\n")
    first, second = citewell("ingest", folder, "--json").json, citewell("ingest", folder, "--json").json

    assert [one["document"] for one in first["skipped"]] == ["guide/more.zip!/b.png"]
    assert (second["skipped"], second["documents"]["skipped"]) == (first["skipped"], 1)
    (folder / "tour.mp4").write_bytes(b"\0\0\0\x18ftypmp42")
    (folder / "notes.md").write_text("# Notes\n\nAs [1] and [7] say, the garden is watered on every Monday.\n")
    assert citewell("ingest", folder).code == 0
    assert "not read  2 files or parts of files" in citewell("status").out
    counted = citewell("status", "--json").json["documents"]["unread"]
    assert counted == 2, "a file that is skipped whole, and a part of one"
    quoted = citewell("ask", "When is the garden watered?").out
    assert "As (1) and [7] say, the garden" in quoted
    assert "“As [1] and [7] say, the garden" in quoted
    assert "is put as (1)" in " ".join(quoted.split()), "what is not as it stands is told"
    (folder / "more.zip").unlink()
    assert citewell("ingest", folder, "--prune", "--no-publish").code == 0
    assert citewell("status", "--json").json["documents"]["skipped"] == 1, "the live version is as it was"
    assert citewell("index", "publish").code == 0
    assert citewell("status", "--json").json["documents"]["skipped"] == 0


def test_a_ledger_that_cannot_be_opened_is_said(citewell, tmp_path):
    (tmp_path / "home" / "ledger.sqlite").mkdir(parents=True)
    done = citewell("ingest", write(tmp_path / "guide", PUBLIC), "--json", "--home", tmp_path / "home")

    assert (done.code, done.json["error"]["code"]) == (1, "ledger_unusable")
    assert "is no file, and one should be there: move it away" in done.json["error"]["message"]


def gold_file(folder, *pairs):
    path = folder / "gold.jsonl"
    lines = [
        json.dumps({"id": str(number), "question": question, "relevant": [{"document": name}]})
        for number, (question, name) in enumerate(pairs)
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_eval_run_and_gate(citewell, home, tmp_path):
    gold = gold_file(tmp_path, ("How long are logs kept?", "guide/logs.md"), ("When are backups?", "guide/backup.md"))
    run = citewell("eval", "run", gold, "--json", "--home", home, "--out", tmp_path / "run.trec").json
    assert "of the first 2 documents" in citewell("eval", "run", gold, "-k", "2", "--home", home).out
    gate = citewell("eval", "gate", gold, "--json", "--home", home)

    assert run.keys() >= {"schema", "index_version", "queries", "metrics", "per_query"}
    assert run["metrics"]["nDCG@10"].keys() >= {"mean", "low", "high"}
    assert run["per_query"][0].keys() >= {"id", "metrics"}
    assert (tmp_path / "run.trec").read_text().startswith("0 Q0 guide/")
    assert (gate.code, gate.json["passed"], gate.json["reasons"]) == (0, True, [])
    assert gate.json.keys() >= {"index_version", "passed", "reasons", "metrics"}
    assert citewell("status", "--json", "--home", home).json["versions"][0]["verdict"] == "passed"


ASKED = (
    ("How long are logs kept?", "guide/logs.md"),
    ("When are backups?", "guide/backup.md"),
    ("Where are the logs?", "guide/logs.md"),
)


def test_two_versions_and_two_run_files_are_compared(citewell, home, tmp_path):
    gold = gold_file(tmp_path, *ASKED)
    qrels = tmp_path / "qrels"
    for mode in ("hybrid", "lexical"):
        words = ("--mode", mode, "--out", tmp_path / f"{mode}.trec", "--qrels", qrels)
        id = citewell("eval", "run", gold, "--json", "--home", home, *words).json["index_version"]
    same = citewell("eval", "compare", id, id, "--gold", gold, "--json", "--home", home).json
    files = (tmp_path / "hybrid.trec", tmp_path / "lexical.trec")
    runs = citewell("eval", "compare", *files, "--gold", qrels, "--json", "--home", home).json

    assert same["verdict"] == runs["verdict"] == "undecided"
    assert same["said"] == "No difference: the two answer all 3 queries alike."
    assert same["metrics"]["nDCG@10"].keys() >= {"a", "b", "delta", "low", "high", "p"}
    assert runs["queries"] == 3
    assert "No difference" in citewell("eval", "compare", id, id, "--gold", gold, "--home", home).out
    missing = citewell("eval", "compare", tmp_path / "none.trec", id, "--gold", gold, "--json", "--home", home)
    assert (missing.code, missing.json["error"]["code"]) == (2, "bad_run")
    without = citewell("eval", "compare", id, id, "--json", "--home", home)
    assert (without.code, without.json["error"]["code"]) == (2, "bad_gold")


def test_a_run_file_is_known_by_being_one_whatever_it_is_called(citewell, home, tmp_path):
    gold = gold_file(tmp_path, *ASKED)
    id = citewell("eval", "run", gold, "--json", "--home", home, "--out", tmp_path / "baseline").json["index_version"]

    same = citewell("eval", "compare", tmp_path / "baseline", id, "--gold", gold, "--json", "--home", home).json
    assert same["said"] == "No difference: the two answer all 3 queries alike."
    message = citewell("eval", "compare", "basline", id, "--gold", gold, "--json", "--home", home).json["error"][
        "message"
    ]
    assert "basline is neither a run file nor an index version" in message
    assert "citewell eval run GOLD --out" in message
    assert "citewell index versions" in message


def test_what_a_short_ranking_cannot_decide_is_said_without_counts(citewell, home, tmp_path):
    gold = gold_file(tmp_path, *ASKED)
    id = citewell("eval", "run", gold, "--json", "--home", home).json["index_version"]

    shown = citewell("eval", "compare", id, id, "-k", 5, "--gold", gold, "--home", home).out
    assert "rank more documents per query (-k 100)" in shown
    assert "the same for" not in shown
    assert "uncorrected" in shown


def test_the_report_is_written_where_it_is_asked_for(citewell, home, tmp_path):
    gold = gold_file(tmp_path, *ASKED)
    done = citewell("eval", "report", gold, "-o", tmp_path / "out" / "r.html", "--json", "--home", home).json

    assert done["path"] == str(tmp_path / "out" / "r.html")
    assert {Path(each).name for each in done["beside"]} == {"r.md", "r.json"}
    assert "How long are logs kept?" in Path(done["path"]).read_text("utf-8")
    stored = json.loads((tmp_path / "out" / "r.json").read_text("utf-8"))
    assert stored["index_version"] == done["index_version"]
    assert set(stored["legs"]) == {"dense", "lexical"}
    told = {"fusion": "convex", "dense_weight": 0.1, "foreign_dense_weight": 0.0, "depth": 200}
    assert stored["settings"] == {**told, "reranker": None, "rerank_depth": 50}


def test_a_report_is_refused_where_it_would_harm_before_anything_is_measured(citewell, home, tmp_path, monkeypatch):
    monkeypatch.setattr("eval.report.report.measured", None)
    gold = gold_file(tmp_path, *ASKED).rename(tmp_path / "gold.json")
    for out, said in (("gold.html", "would replace the gold"), ("r.md", "does not end with .html")):
        done = citewell("eval", "report", gold, "-o", tmp_path / out, "--json", "--home", home)
        assert (done.code, done.json["error"]["code"]) == (2, "bad_target")
        assert said in done.json["error"]["message"]
    assert sorted(path.name for path in tmp_path.glob("*.*")) == ["gold.json"]


def test_tuning_claims_nothing_that_chance_explains_and_then_writes_nothing(citewell, home, tmp_path):
    gold = gold_file(tmp_path, *((f"{question} Say it {n}.", name) for n in range(4) for question, name in ASKED))
    done = citewell("eval", "tune", gold, "--apply", "--json", "--home", home).json

    assert done.keys() >= {"before", "after", "gain", "worth_it", "grid"}
    assert done["before"]["settings"]["dense_weight"] == 0.1
    assert done["worth_it"] is False
    assert done["applied"] is None
    assert not Path("citewell.toml").exists()
    few = citewell("eval", "tune", gold_file(tmp_path, *ASKED), "--json", "--home", home)
    assert (few.code, few.json["error"]["code"]) == (2, "bad_gold")


def test_what_is_written_without_effect_is_said_on_the_same_line(citewell, home, tmp_path, monkeypatch):
    before, after = Setting("convex", 0.5, 200), Setting("dbsf", 0.3, 200)
    found = Tuned(40, before, after, difference([0.2] * 40, [0.4] * 40), (after,), {before: 0.2, after: 0.4})
    gold = gold_file(tmp_path, *ASKED)
    monkeypatch.setattr("eval.improve.tune.tuned", lambda *_, **__: found)
    (line,) = [
        line
        for line in citewell("eval", "tune", gold, "--apply", "--home", home).out.splitlines()
        if "written to" in line
    ]

    assert line.endswith("; CITEWELL_RETRIEVAL_DENSE_WEIGHT in the environment goes over it until you unset it")
    done = citewell("eval", "tune", gold, "--apply", "--json", "--home", home).json
    assert done["overridden_by"] == ["CITEWELL_RETRIEVAL_DENSE_WEIGHT"]
    monkeypatch.delenv("CITEWELL_RETRIEVAL_DENSE_WEIGHT")
    assert citewell("eval", "tune", gold, "--apply", "--home", home).out.rstrip().endswith("citewell.toml")


def test_gold_is_proposed_and_gone_on_with(citewell, home, tmp_path):
    out = tmp_path / "proposed.jsonl"
    first = citewell("eval", "synthesize", "-o", out, "-n", 1, "--json", "--home", home).json
    again = citewell("eval", "synthesize", "-o", out, "-n", 50, "--json", "--home", home).json

    assert first["queries"] == sum(first["kept"].values()) == 1
    assert again["queries"] == len(out.read_text("utf-8").splitlines()) == 1 + sum(again["kept"].values())
    assert citewell("eval", "run", out, "--json", "--home", home).json["queries"] == again["queries"]
    assert "Read it before you trust it" in citewell("eval", "synthesize", "-o", out, "-n", 1, "--home", home).out
    few = citewell("eval", "synthesize", "-o", tmp_path / "new.jsonl", "-n", 50, "--tries", 1, "--home", home).out
    assert "given up after 1 tries; --tries 2 goes on" in few


def test_a_gate_that_fails_prints_its_result_and_exits_with_1(citewell, home, tmp_path):
    gold = gold_file(tmp_path, ("What does the grue eat?", "guide/grue.md"))
    done = citewell("eval", "gate", gold, "--json", "--home", home)

    assert (done.code, done.json["passed"]) == (1, False)
    assert done.json["reasons"]
    assert (home / "live").is_file(), "what is live goes on answering"


def test_forcing_needs_a_reason_and_shows(citewell, home, tmp_path):
    gold = gold_file(tmp_path, ("What does the grue eat?", "guide/grue.md"))
    id = citewell("eval", "gate", gold, "--json", "--home", home).json["index_version"]

    assert citewell("index", "publish", id, "--json", "--home", home).json["error"]["code"] == "refused"
    bare = citewell("index", "publish", id, "--force", "--json", "--home", home)
    assert (bare.code, "--reason" in bare.json["error"]["message"]) == (2, True)
    assert citewell("index", "publish", id, "--reason", "so", "--home", home).code == 2
    assert citewell("index", "publish", id, "--force", "--reason", "no grue here", "--home", home).code == 0
    assert "by force" in citewell("status", "--home", home).out
    assert citewell("ask", "Logs?", "--json", "--home", home).json["tested"] == "forced"


def test_plugins(citewell, tmp_path, monkeypatch):
    charter = tmp_path / "charter.toml"
    charter.write_text('[tools]\nread_around = "deny"\nroll_dise = "deny"\n')
    monkeypatch.setenv("CITEWELL_AGENT_CHARTER", str(charter))
    found = citewell("plugins", "--json").json

    assert {"name": "citewell", "version": "0.1.0"} in found["plugins"]
    tools = {tool["name"]: tool for tool in found["tools"]}
    assert tools["search_documents"].keys() >= {"name", "plugin", "effect", "authorization"}
    assert tools["read_around"]["authorization"] == "deny"
    assert isinstance(found["failures"], list)
    (problem,) = found["problems"]
    assert "'roll_dise'" in problem
    assert problem in citewell("plugins").out


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


def test_strict_makes_a_failed_document_and_a_missing_answer_count(citewell, tmp_path, home):
    folder = write(tmp_path / "guide", PUBLIC)
    (folder / "bad.pdf").write_bytes(b"%PDF torn")

    assert citewell("ingest", folder).code == 0
    (folder / "bad.pdf").write_bytes(b"%PDF torn again")
    assert citewell("ingest", folder, "--strict").code == 1
    assert citewell("ask", "--home", home, "--label", "nobody", "What?").code == 0
    assert citewell("ask", "--home", home, "--label", "nobody", "What?", "--strict").code == 1


def test_a_model_that_cannot_be_reached_is_a_failed_run(citewell, home, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    done = citewell("ask", "--json", "--home", home, "How long?")

    assert (done.code, done.json["status"]) == (1, "failed")
    assert "127.0.0.1:9" in done.json["reason"]
    assert citewell("ask", "--home", home, "How long?").out.startswith("Failed: ")


# What people see


def test_a_gate_says_what_it_asked_for_and_what_it_changes_and_that_can_be_undone(citewell, tmp_path, monkeypatch):
    home, folder = tmp_path / "h", write(tmp_path / "guide", PUBLIC)
    citewell("ingest", folder, "--home", home)
    assert "eval gate --lift" not in citewell("status", "--home", home).out
    gold = gold_file(tmp_path, *ASKED)
    first = citewell("eval", "gate", gold, "--home", home)
    assert first.code == 0
    assert "no floors are set" in first.out
    assert "compared with no other version" in first.out
    assert "From now on a new version is published only when it was tested against gold" in first.out
    assert "citewell eval gate --lift" in first.out
    assert "From now on" not in citewell("eval", "gate", gold, "--home", home).out, "it is no news"
    status = citewell("status", "--home", home).out
    assert "passed its gold (no floors are set)" in status
    assert "eval gate --lift" in status
    assert "passed its gold (no floors are set)" in citewell("ask", "--home", home, "How long are logs kept?").out
    gone = {"id": "gone", "question": "Who?", "relevant": [{"document": "guide/nowhere.md"}]}
    more = tmp_path / "more.jsonl"
    more.write_text(f"{gold.read_text().rstrip()}\n{json.dumps(gone)}\n")
    told = "1 of the gold's 4 queries names a document that is not in the index"
    assert told in citewell("eval", "gate", more, "--home", home).out
    assert told in citewell("ingest", write(folder, {"b.md": "# B\n\nMore."}), "--gold", more, "--home", home).out
    citewell("eval", "gate", gold, "--home", home)
    write(folder, {"new.md": "# New\n\nNothing of this was tested.\n"})
    assert not citewell("ingest", folder, "--home", home, "--json").json["published"]
    assert citewell("eval", "gate", "--lift", "--home", home).code == 0
    assert citewell("index", "publish", "--home", home).code == 0
    assert "eval gate --lift" not in citewell("status", "--home", home).out
    monkeypatch.setenv("CITEWELL_EVAL_FLOORS", '{"nDCG@10": 0.01}')
    again = citewell("eval", "gate", gold, "--home", home)
    assert "asked for: nDCG@10 at least 0.01" in again.out
    assert "From now on" in again.out
    assert citewell("eval", "gate", "--home", home).code == 2
    assert citewell("eval", "gate", gold, "--lift", "--home", home).code == 2


def test_an_answer_names_its_sources_and_how_far_the_index_was_tested(citewell, home, monkeypatch):
    def step(body):
        found = search_results(body["messages"])
        number = next(n for n, one in enumerate(found) if "thirty days" in json.dumps(one))
        return say(text("Thirty days.", cite(number, 1)), text(" For ever.", cite(number, 1, quote="for ever")))

    with MessagesServer([step]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        done = citewell("ask", "--home", home, "How long are logs kept?")

    assert done.code == 0
    first, _, place, quote, *_ = done.out.splitlines()
    assert first == "Thirty days. [1] For ever. [unverified]"
    assert place.startswith("[1] guide/logs.md, characters ")
    assert quote.strip() == "“Logs are kept for thirty days.”"
    assert "[unverified] marks what no source was found to bear out." in done.out
    assert "not tested against gold" in done.out
    assert "No model is configured" not in done.out


def test_what_a_model_made_up_is_shown_with_debug_alone(citewell, home, monkeypatch):
    made_up = say(text("The chief executive is Maria Okonkwo."))
    with MessagesServer([replace(made_up, model="models/SmolLM2")] * 4) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        done = citewell("ask", "--home", home, "Who is the chief executive?")
        data = citewell("ask", "--home", home, "Who is the chief executive?", "--json")
        debug = citewell("ask", "--home", home, "Who is the chief executive?", "--json", "--debug")

    assert done.out.startswith("No answer: ")
    assert "Nearest passages:" in done.out
    assert "Okonkwo" not in done.out + done.err + data.out + data.err + debug.out
    assert "Okonkwo" in debug.err
    assert "thought    SmolLM2: " in citewell("runs", "show", data.json["run"], "--home", home).out
    assert "Okonkwo" in citewell("runs", "show", data.json["run"], "--home", home, "--json").out


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


def test_a_failure_shows_what_was_found(citewell, home, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    done = citewell("ask", "--home", home, "How long are logs kept?")

    assert done.code == 1
    assert "Nearest passages:\n- guide/logs.md, characters" in done.out
    assert "“Logs are kept for thirty days.”" in done.out


def test_what_is_no_address_of_a_server_is_wrong_configuration(citewell, home, monkeypatch):
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "notaurl")
    done = citewell("ask", "--home", home, "How long are logs kept?")

    assert done.code == 2
    assert "ANTHROPIC_BASE_URL holds no address" in done.err


def test_neither_a_key_nor_a_password_is_logged(citewell, home, monkeypatch):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest's, beside which none would be set up
    with MessagesServer([refuse(401, "authentication_error", "bad key sk-secret-0123")]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url.replace("://", "://me:passw0rd@"))
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-secret-0123")
        asked = ("ask", "How long?", "--home", home, "--debug", "--log-level", "debug")
        done = citewell(*asked)

    assert "HTTP Request: POST http://…@127.0.0.1" in done.err, "the libraries do log it"
    assert not [secret for secret in ("sk-secret", "passw0rd") if secret in done.out + done.err]


def test_what_is_logged_cannot_steer_the_terminal(citewell, home, monkeypatch):
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # pytest's, beside which none would be set up
    with MessagesServer([say(text("No."), model=f"another{STEERS}\ncitewell: all is well")]) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        done = citewell("ask", "How long are logs kept?", "--home", home)

    assert "another" in done.err
    assert "set [agent] model" in done.err
    assert steers(done) == []
    assert "\ncitewell: all is well" not in f"\n{done.err}"


def test_a_scope_is_kept_to(citewell, home):
    everything = citewell("search", "canary salary", "--home", home, "-k", 20).out
    assert "7142" in everything
    for option in (("--label", "open"), ("--filter", "team=ops"), ("--label", "closed", "--filter", "team=ops")):
        assert "7142" not in citewell("search", "canary salary", "--home", home, "-k", 20, *option).out
        assert "7142" not in citewell("ask", "What is the canary salary?", "--home", home, *option).out


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


def test_questions_in_any_script_are_taken(citewell, home):
    for question in ("日志保留多久？", "Wie lange? 🪵", "how\udcff long", "\x1b[31mred?"):
        done = citewell("ask", "--home", home, "--json", question)
        assert done.code == 0, done.err
        shown = citewell("runs", "list", "--home", home)
        assert shown.code == 0
        assert "\x1b" not in shown.out


STEERS = "\x1b[2J\x07\x9b2J\u202e\u2066\u2069\u200e\u200f\u200b\u2060\ufeff\xad\u061c\U000e0041\u2028\u2029\x0b\x7f"


def steers(done):
    """What of it is left in what a person sees; a line break may stand where one was."""
    return sorted(set(STEERS) - set("[2J") & set(done.out + done.err))


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


def test_what_is_written_with_joiners_is_shown_as_it_is_written(citewell, tmp_path):
    citewell("ingest", write(tmp_path / "fa", {"fa.md": "# فارسی\n\nمن کتاب‌ها را می‌خوانم 👩‍🚀 هر روز در خانه.\n"}))

    assert "می‌خوانم 👩‍🚀" in citewell("search", "کتاب‌ها").out


@pytest.mark.parametrize("words", [("ingest", "no\u202esuch", "--watch"), ("search", "x", "--gr\x1bep")])
def test_what_was_typed_wrong_is_repeated_without_what_steers(citewell, words):
    done = citewell(*words)

    assert (done.code, steers(done)) == (2, [])


def test_a_servers_words_cannot_steer_the_terminal_and_json_has_them_as_they_were(citewell, home, monkeypatch):
    said = f"no {STEERS} such {STEERS}"
    with MessagesServer([refuse(404, "not_found_error", said)] * 2) as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.base_url)
        told = citewell("ask", "Why?", "--home", home)
        data = citewell("ask", "Why?", "--home", home, "--json").json

    assert (told.code, steers(told)) == (1, [])
    assert "\u202e\u2066" in data["reason"]


def test_an_error_in_json_has_a_name_as_it_is(citewell, home, monkeypatch):
    monkeypatch.setenv("CITEWELL_AGENT_CHARTER", "\u202e\u200b\u2028.toml")
    done = citewell("ask", "Why?", "--home", home, "--json")

    assert "\u202e\u200b\u2028" in done.json["error"]["message"]
    assert steers(Done(done.code, "", done.err)) == []


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


def test_a_refused_version_is_told_with_its_reasons(citewell, tmp_path):
    folder = write(tmp_path / "guide", {**PUBLIC, "bad.pdf": "%PDF torn"})
    gold = gold_file(tmp_path, ("What does the grue eat?", "guide/grue.md"))
    done = citewell("ingest", folder, "--gold", gold)

    assert done.code == 1
    assert "NOT published" in done.out
    assert "goes on answering" not in done.out, "nothing is live yet"
    status = citewell("status").out
    assert "failed its gate" in status
    assert "guide/bad.pdf: " in status
    assert citewell("ingest", folder).code == 0
    (folder / "more.md").write_text("# More\n\nThere is more to say about the moon.\n")
    assert "goes on answering" in citewell("ingest", folder, "--gold", gold).out


# Real processes


NOISY = """
import os, subprocess, sys, pluggy
print("noise at import")
os.system("echo noise of a program")

def shout(word: str = "x") -> str:
    \"\"\"Shout. Use when: asked.\"\"\"
    print("noise in a tool", flush=True)
    print("noise past the guard", file=sys.__stdout__)
    subprocess.run(["echo", "noise of a tool's program"])
    return "Shouted loudly."

shout.effect = "read"

@pluggy.HookimplMarker("citewell")
def citewell_tools():
    print("noise in a hook")
    return [shout]
"""


def process(*words, **more):
    return subprocess.run([*PROGRAM, *map(str, words)], capture_output=True, text=True, timeout=120, **more)


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
    assert "Shouted loudly" in json.dumps(server.requests[1].body)


@pytest.mark.parametrize("query", ["logs", ""], ids=["a result", "an error"])
def test_a_reader_that_has_gone_is_no_error(home, query):
    words = [*PROGRAM, "search", query, "--home", str(home), "-k", "20", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as command:
        command.stdout.close()
        errors = command.stderr.read()
        command.wait(60)

    assert "Traceback" not in errors
    assert "pipe" not in errors.lower()


def test_status_of_a_home_that_cannot_be_written_is_shown(home):
    words = f"mount --bind {home} {home} && mount -o remount,ro,bind {home} && exec {shlex.join(PROGRAM)} status"
    words = ["unshare", "--map-root-user", "--mount", "sh", "-c", f"{words} --home {home}"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=120)
    if "unshare" in done.stderr or "mount:" in done.stderr:
        pytest.skip(f"this machine lets nobody mount a file system of their own: {done.stderr.strip()}")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("live ")


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

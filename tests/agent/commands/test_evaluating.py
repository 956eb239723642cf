"""Retrieval is measured, compared and judged, for people and as JSON."""

import json
from pathlib import Path

import pytest

from tests.agent.program import ASKED, gold_file
from tests.homes import PUBLIC, write


@pytest.mark.slow
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


@pytest.mark.slow
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


def test_a_gate_that_fails_prints_its_result_and_exits_with_1(citewell, home, tmp_path):
    gold = gold_file(tmp_path, ("What does the grue eat?", "guide/grue.md"))
    done = citewell("eval", "gate", gold, "--json", "--home", home)

    assert (done.code, done.json["passed"]) == (1, False)
    assert done.json["reasons"]
    assert (home / "live").is_file(), "what is live goes on answering"


@pytest.mark.slow
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
    unnamed = citewell("eval", "gate", "--home", home)
    assert unnamed.code == 2
    assert "name it, or set [eval] gold" in unnamed.err
    assert citewell("eval", "gate", gold, "--lift", "--home", home).code == 2
    monkeypatch.setenv("CITEWELL_EVAL_GOLD", str(gold))
    assert "asked for: nDCG@10 at least 0.01" in citewell("eval", "gate", "--home", home).out


def test_a_command_opens_one_home(citewell, home, tmp_path, monkeypatch):
    from retrieval.vectors.model_folder import ModelFolder

    hashed, real = [], ModelFolder.weights
    monkeypatch.setattr(ModelFolder, "weights", lambda self, model: (hashed.append(model), real(self, model))[1])
    assert citewell("eval", "gate", gold_file(tmp_path, *ASKED), "--home", home).code == 0
    assert len(hashed) == 1


KNOWN = (
    {"id": "logs", "question": "How long are logs kept?", "relevant": [{"document": "guide/logs.md"}], "tags": ["ops"]},
    {"id": "backup", "question": "When are backups made?", "relevant": [{"document": "guide/backup.md"}]},
    {"id": "dog", "question": "Who walks the zebra of Professor Quux?", "answerable": False},
)


def answered_gold(folder, **answers):
    path = folder / "answered.jsonl"
    lines = [{**line, "answers": answers[line["id"]]} if line["id"] in answers else line for line in KNOWN]
    path.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    return path


def test_questions_whose_answers_gold_knows_are_asked(citewell, home, tmp_path):
    gold = answered_gold(tmp_path, logs=["no such words"], backup=["every Sunday"])
    done = citewell("eval", "run", gold, "--json", "--home", home).json
    answers = done["answers"]
    assert answers["right"] + answers["beside"] + answers["wrongly_refused"] == 2
    assert answers["rightly_refused"] + answers["should_have_refused"] == 1
    rows = {row["id"]: row["answer"] for row in done["per_query"]}
    assert rows["backup"]["outcome"] == "right"
    assert rows["logs"]["outcome"] in {"beside", "wrongly_refused"}
    assert rows["logs"]["lost"] in {"not_found", "ranked_low", "withheld", "words"}
    assert answers["tags"]["ops"]["right"] == 0
    assert done["queries"] == 2, "what has no answer is no part of the metrics"

    shown = citewell("eval", "run", gold, "--home", home).out.splitlines()
    assert shown[0].split(".")[0] in {"Good", "Fair", "Weak", "Poor"}
    assert "Of 2 questions that the documents answer, 1 (50%) got the right words" in shown[0]
    assert any("How long are logs kept?" in line for line in shown), "the worst answers are shown"


def test_asking_leaves_no_record_and_can_be_left_out(citewell, home, tmp_path):
    gold = answered_gold(tmp_path, logs=["ninety"], backup=["night"])
    before = citewell("runs", "list", "--json", "--home", home).json["runs"]
    assert citewell("eval", "run", gold, "--json", "--home", home, "--ask", 1).json["answers"]["asked"] == 1
    assert citewell("eval", "run", gold, "--json", "--home", home, "--ask", 0).json["answers"] is None
    assert citewell("runs", "list", "--json", "--home", home).json["runs"] == before


@pytest.mark.slow
def test_a_gate_with_floors_on_answers_says_which_failed_it(citewell, home, tmp_path):
    gold = answered_gold(tmp_path, logs=["no such words"], backup=["every Sunday"])
    free = citewell("eval", "gate", gold, "--json", "--home", home).json
    assert (free["passed"], free["metrics"]["answers.right"]) == (True, 0.5)
    assert free["answers"]["right"] == 1

    limits = "[eval.floors]\nanswers.right = 0.9\n[eval.ceilings]\nanswers.beside = 1\n"
    Path("citewell.toml").write_text(limits, encoding="utf-8")
    done = citewell("eval", "gate", gold, "--json", "--home", home)
    assert (done.code, done.json["passed"]) == (1, False)
    [reason] = done.json["reasons"]
    assert reason.startswith("answers.right 0.500 is below the floor 0.900: logs “How long are logs kept?” (")
    shown = citewell("eval", "gate", gold, "--home", home).out
    assert "1 (50%) got the right words" in shown.splitlines()[1]
    Path("citewell.toml").write_text("[eval]\nask = 1\n", encoding="utf-8")
    assert citewell("eval", "gate", gold, "--json", "--home", home).json["answers"]["asked"] == 1
    assert "answers.right at least 0.9, answers.beside at most 1" in shown
    limits = "[eval.ceilings]\nanswers.beside = 1\n[eval.tag_ceilings.ops]\nanswers.beside = 0\n"
    Path("citewell.toml").write_text(limits, encoding="utf-8")
    shown = citewell("eval", "gate", gold, "--home", home).out
    assert "answers.beside at most 1, answers.beside at most 0 for ops" in " ".join(shown.split())


@pytest.mark.slow
def test_the_answers_of_two_versions_are_compared_and_those_of_run_files_are_not(citewell, home, tmp_path):
    gold = answered_gold(tmp_path, logs=["thirty days"], backup=["every Sunday"])
    file = tmp_path / "a.trec"
    id = citewell("eval", "run", gold, "--json", "--home", home, "--out", file, "--ask", 0).json["index_version"]
    [older] = [each["id"] for each in citewell("index", "versions", "--json", "--home", home).json["versions"]][1:]
    found = citewell("eval", "compare", older, id, "--gold", gold, "--json", "--home", home).json
    assert found["metrics"]["answers.right"].keys() >= {"a", "b", "delta", "p"}
    assert found["answers"] == []
    assert "answers.right" in citewell("eval", "compare", older, id, "--gold", gold, "--home", home).out
    run = citewell("eval", "compare", file, id, "--gold", gold, "--json", "--home", home).json
    assert "answers.right" not in run["metrics"]

"""Reports, tuning and proposed gold go where they are asked for, and nowhere else."""

import json
from pathlib import Path

import pytest

from eval.improve.tune import Setting, Tuned
from eval.measure.stats import difference
from tests.agent.program import ASKED, gold_file


def test_the_report_is_written_where_it_is_asked_for(citewell, home, tmp_path):
    gold = gold_file(tmp_path, *ASKED)
    done = citewell("eval", "report", gold, "-o", tmp_path / "out" / "r.html", "--json", "--home", home).json

    assert done["path"] == str(tmp_path / "out" / "r.html")
    assert {Path(each).name for each in done["beside"]} == {"r.md", "r.json"}
    assert "How long are logs kept?" in Path(done["path"]).read_text("utf-8")
    stored = json.loads((tmp_path / "out" / "r.json").read_text("utf-8"))
    assert stored["index_version"] == done["index_version"]
    assert set(stored["legs"]) == {"dense", "lexical"}
    told = {"fusion": "learned", "dense_weight": 0.1, "foreign_dense_weight": 0.0, "depth": 200}
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


@pytest.mark.slow
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

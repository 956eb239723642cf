"""Do run files and qrels say to other tools what was measured, and is theirs read as trec_eval reads it?"""

from dataclasses import replace
from itertools import pairwise
from urllib.parse import unquote

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.gold.gold import Gold, GoldQuery, Relevant
from eval.gold.load import load_gold
from eval.measure.evaluate import Evaluation, QueryResult, Ranked, evaluate, evaluate_run
from eval.measure.trec import BadRun, read_run, write_qrels, write_run
from tests.eval.measure.test_evaluate import SHELF, asks, gold, returning
from tests.eval.shelf import Shelf, library

EMPTY = evaluate(returning(), gold(asks("q", "a")), SHELF)


def run_of(names_and_scores, query="q"):
    ranked = tuple(Ranked(name, score) for name, score in names_and_scores)
    ids = {name: name for name, _ in names_and_scores}
    return replace(EMPTY, per_query=(QueryResult(query, {}, ranked),), ids=ids)


def written(evaluation: Evaluation, path):
    write_run(evaluation, path)
    return [line.split(" ") for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_run_file_names_beir_documents_by_their_id(tmp_path):
    shelf = Shelf({"x/corpus.jsonl#12": "alpha", "x/corpus.jsonl#7 b": "alpha"})
    evaluation = evaluate(shelf.search, gold(asks("alpha", "12"), kind="qrels"), shelf)
    rows = written(evaluation, tmp_path / "deep" / "run.trec")
    assert [row[:4] for row in rows] == [["alpha", "Q0", "12", "1"], ["alpha", "Q0", "7%20b", "2"]]
    assert {row[5] for row in rows} == {"citewell"}


@pytest.mark.parametrize("name", ["a b", "a%20b", "100%", "%", "tab\there", "\u00a0\u2028x", "ü/ß.md", "a%2520b"])
def test_names_in_a_run_file_are_one_word_and_can_be_had_back(tmp_path, name):
    (row,) = written(run_of([(name, 1.0)], query=name), tmp_path / "run.trec")
    assert len(" ".join(row).split()) == 6
    assert unquote(row[2]) == unquote(row[0]) == name


numbers = st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1, max_size=40)


@given(numbers | st.lists(st.sampled_from([0.0, -0.0, 0.1, 0.1 + 1e-9, 1e-45, 16777217.0]), min_size=1, max_size=40))
def test_scores_in_a_run_file_strictly_decrease_even_as_32_bit_floats(tmp_path_factory, scores):
    path = tmp_path_factory.mktemp("run") / "run.trec"
    rows = written(run_of([(str(i), score) for i, score in enumerate(sorted(scores, reverse=True))]), path)
    read = [np.float32(row[4]) for row in rows]
    assert all(above > below for above, below in pairwise(read))
    assert all(np.float32(float(row[4])) == np.float32(row[4]) for row in rows)


def test_trec_eval_computes_the_same_means_from_the_run_file(tmp_path):
    pytrec_eval = pytest.importorskip("pytrec_eval")
    shelf, queries = library(30)
    evaluation = evaluate(shelf.search, queries, shelf)
    run = {}
    for query, _, name, _, score, _ in written(evaluation, tmp_path / "run.trec"):
        run.setdefault(query, {})[name] = float(score)
    qrels = {query.id: {r.document: r.grade for r in query.relevant} for query in queries.queries}
    names = {"ndcg_cut.10", "recall.10,100", "P.5", "map"}
    theirs = pytrec_eval.RelevanceEvaluator(qrels, names).evaluate(run)
    pairs = {"nDCG@10": "ndcg_cut_10", "Recall@10": "recall_10", "Recall@100": "recall_100", "P@5": "P_5", "MAP": "map"}
    for ours, their in pairs.items():
        mean = sum(theirs[query.id][their] for query in queries.queries) / len(queries.queries)
        assert evaluation.metrics[ours].mean == pytest.approx(mean, abs=1e-9), ours
    assert 0.3 < evaluation.metrics["nDCG@10"].mean < 1


def test_a_run_that_is_written_and_read_scores_as_the_search_did(tmp_path):
    shelf, queries = library(30)
    evaluation = evaluate(shelf.search, queries, shelf)
    write_run(evaluation, tmp_path / "run.trec")
    read = evaluate_run(read_run(tmp_path / "run.trec"), queries)
    assert read.queries == evaluation.queries
    assert {name: value.mean for name, value in read.metrics.items()} == pytest.approx(
        {name: value.mean for name, value in evaluation.metrics.items() if not name.startswith("Span")}
    )


def test_qrels_that_are_written_are_gold_again_with_what_was_found_irrelevant(tmp_path):
    queries = (
        GoldQuery("a b", "?", (Relevant("x/1 2.md", quote="so", grade=2), Relevant("x/1 2.md")), irrelevant=("z",)),
        GoldQuery("u", "?", answerable=False),
    )
    write_qrels(gold(*queries), tmp_path / "qrels")
    (read,) = load_gold(tmp_path / "qrels").queries
    assert (read.id, read.irrelevant) == ("a b", ("z",))
    assert read.grades == {"x/1 2.md": 2}


def test_a_run_and_the_qrels_beside_it_score_as_the_search_did_whatever_names_hold(tmp_path):
    shelf, queries = library(30)
    spaced = Shelf({name.replace("lib/", "my lib/50%20 "): text for name, text in shelf.documents.items()})
    asked = [
        replace(
            query,
            id=f"{query.id} ?",
            relevant=tuple(Relevant(each.document.replace("lib/", "my lib/50%20 ")) for each in query.relevant),
        )
        for query in queries.queries
    ]
    evaluation = evaluate(spaced.search, Gold.of(asked), spaced)
    write_run(evaluation, tmp_path / "run.trec")
    write_qrels(Gold.of(asked), tmp_path / "gold.qrels")
    read = evaluate_run(read_run(tmp_path / "run.trec"), load_gold(tmp_path / "gold.qrels"))
    assert read.metrics == evaluation.metrics
    assert read.metrics["nDCG@10"].mean > 0.3


def test_qrels_are_plain_where_names_are_and_foreign_ones_are_taken_as_they_are(tmp_path):
    write_qrels(gold(asks("q", "a.md")), tmp_path / "ours")
    assert (tmp_path / "ours").read_text() == "q 0 a.md 1\n"
    (tmp_path / "theirs").write_text("q%201 0 50%25.md 1\n")
    (query,) = load_gold(tmp_path / "theirs").queries
    assert (query.id, query.grades) == ("q%201", {"50%25.md": 1})


def test_a_query_that_a_run_lacks_scores_0_and_one_that_gold_lacks_is_left_out():
    found = evaluate_run({"a": [Ranked("x", 1.0)], "z": [Ranked("x", 1.0)]}, gold(asks("a", "x"), asks("b", "x")))
    assert found.queries == 2
    assert found.metrics["nDCG@10"].mean == 0.5


def test_the_order_of_a_foreign_run_is_trec_evals_whatever_its_ranks_say(tmp_path):
    pytrec_eval = pytest.importorskip("pytrec_eval")
    random = np.random.default_rng(3)
    lines, run, qrels = [], {}, {}
    for query in map(str, range(40)):
        names = [f"d{number}" for number in random.permutation(30)]
        scores = random.integers(5, size=30) / 7
        run[query] = dict(zip(names, scores.tolist(), strict=True))
        lines += [f"{query} Q0 {name} 0 {score} theirs" for name, score in run[query].items()]
        qrels[query] = {f"d{number}": int(random.integers(-1, 3)) for number in range(12)}
    (tmp_path / "run").write_text("\n".join(lines))
    judged = Gold.of(
        [
            GoldQuery(query, "", tuple(Relevant(name, grade=grade) for name, grade in grades.items() if grade > 0))
            for query, grades in qrels.items()
        ]
    )
    ours = evaluate_run(read_run(tmp_path / "run"), judged)
    names = {"nDCG@10": "ndcg_cut_10", "MAP": "map", "P@5": "P_5", "HitRate@10": "success_10", "Recall@10": "recall_10"}
    theirs = pytrec_eval.RelevanceEvaluator(qrels, {*names.values()}).evaluate(run)
    for result in ours.per_query:
        for name, their in names.items():
            assert result.metrics[name] == pytest.approx(theirs[result.id][their], abs=1e-9), (result.id, name)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("q Q0 d 1 0.5\n", "line 1: expected"),
        ("q Q0 d 1 high tag\n", "line 1: expected"),
        ("q Q0 d 1 nan tag\n", "not a finite"),
        ("q Q0 d 1 1 tag\n\nq Q0 d 2 0.5 tag\n", "line 3: .* twice"),
        ("", "holds no lines"),
    ],
)
def test_a_bad_run_file_is_named_with_its_line(tmp_path, text, said):
    (tmp_path / "run").write_text(text)
    with pytest.raises(BadRun, match=said):
        read_run(tmp_path / "run")


def test_a_run_file_that_is_missing_or_not_text_is_a_stated_error(tmp_path):
    with pytest.raises(BadRun, match="give a run file"):
        read_run(tmp_path / "none")
    (tmp_path / "run").write_bytes(b"\xff\xfe")
    with pytest.raises(BadRun, match="give a run file"):
        read_run(tmp_path / "run")

"""Is a version scored on what its search really returns?"""

import math
from dataclasses import replace
from itertools import pairwise
from urllib.parse import unquote

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.evaluate import Evaluation, QueryResult, Ranked, evaluate, write_trec
from eval.gold import Gold, GoldQuery, Relevant
from ingest.model import Chunk
from retrieval.model import EVERYTHING, Hit
from tests.eval.shelf import Shelf, library, spoiled

SHELF = Shelf({"a": "alpha beta gamma\n\nalpha", "b": "beta delta", "c": "epsilon"})


def gold(*queries, kind="citewell"):
    return Gold(queries, kind, "digest")


def asks(question, *relevant):
    return GoldQuery(question, question, tuple(Relevant(r) if isinstance(r, str) else r for r in relevant))


def returning(*hits):
    """A search that has just these chunks, as (document, score) or (document, score, start, end)."""
    chunks = [Hit(Chunk(name, *(span or (i, i + 1)), "x"), score) for i, (name, score, *span) in enumerate(hits)]
    return lambda query, *, k=10, scope=EVERYTHING, mode="hybrid": chunks[:k]


def ranking(evaluation):
    return [ranked.document for ranked in evaluation.per_query[0].ranking]


def test_a_real_search_is_scored_query_by_query():
    evaluation = evaluate(SHELF.search, gold(asks("delta", "b"), asks("alpha", "c")), SHELF)
    assert evaluation.queries == 2
    assert [result.metrics["nDCG@10"] for result in evaluation.per_query] == [1.0, pytest.approx(0.0)]
    assert evaluation.metrics["nDCG@10"].mean == 0.5
    assert (evaluation.metrics["nDCG@10"].low, evaluation.metrics["nDCG@10"].high) == (0, 1)
    assert set(evaluation.metrics) == {"nDCG@10", "Recall@10", "Recall@100", "MRR@10", "MAP", "P@5"}


def test_a_document_is_ranked_once_by_its_best_chunk():
    evaluation = evaluate(returning(("b", 3), ("a", 2), ("a", 5), ("b", 4)), gold(asks("q", "a")), SHELF)
    assert evaluation.per_query[0].ranking == (Ranked("a", 5), Ranked("b", 4))


def test_equal_scores_go_by_name_whatever_the_search_says():
    for order in ("cab", "bca"):
        search = returning(*((name, 1.0) for name in order))
        assert ranking(evaluate(search, gold(asks("q", "a")), SHELF)) == ["a", "b", "c"]


def test_enough_chunks_are_asked_for_to_reach_k_documents():
    crowd = [("a", 1000.0 - i) for i in range(900)] + [("b", 2.0), ("c", 1.0)]
    evaluation = evaluate(returning(*crowd), gold(asks("q", "c")), SHELF, k=3)
    assert ranking(evaluation) == ["a", "b", "c"]


def test_a_search_that_goes_no_deeper_is_not_asked_again():
    calls = []

    def shallow(query, *, k=10, scope=EVERYTHING, mode="hybrid"):
        calls.append((mode, k))
        return returning(*(("a", 300.0 - i) for i in range(200)))(query, k=k)

    evaluate(shallow, gold(asks("q", "a")), SHELF, mode="dense", k=100)
    assert [k for mode, k in calls if k > 10] == [400]
    assert calls[-1][0] == "dense"


def test_a_query_for_which_nothing_is_returned_scores_0():
    evaluation = evaluate(returning(), gold(asks("q", Relevant("a", quote="alpha"))), SHELF)
    assert evaluation.queries == 1
    assert all(interval.mean == 0 for interval in evaluation.metrics.values())
    assert "SpanRecall@10" in evaluation.metrics


def test_unanswerable_queries_are_counted_and_not_averaged():
    evaluation = evaluate(SHELF.search, gold(asks("delta", "b"), GoldQuery("u", "?", answerable=False)), SHELF)
    assert (evaluation.queries, evaluation.unanswerable) == (1, 1)
    assert evaluation.metrics["nDCG@10"].mean == 1


def test_gold_without_answerable_queries_has_no_metrics_at_all():
    assert evaluate(SHELF.search, gold(GoldQuery("u", "?", answerable=False)), SHELF).metrics == {}


def test_a_document_that_is_gone_costs_score_and_is_reported():
    evaluation = evaluate(SHELF.search, gold(asks("delta", "b", "gone")), SHELF)
    assert evaluation.metrics["Recall@10"].mean == 0.5
    assert [stale.document for stale in evaluation.stale] == ["gone"]


def test_a_cutoff_beyond_k_is_left_out_instead_of_misnamed():
    assert set(evaluate(SHELF.search, gold(asks("delta", "b")), SHELF, k=5).metrics) == {"MAP", "P@5"}


def test_spans_are_scored_by_the_first_ten_chunks_and_only_where_gold_has_them():
    queries = (asks("q", Relevant("a", 0, 10)), asks("r", "b"))
    evaluation = evaluate(returning(("a", 2.0, 0, 5), ("b", 1.0, 0, 9)), gold(*queries), SHELF)
    assert evaluation.per_query[0].metrics["SpanRecall@10"] == 0.5
    assert "SpanRecall@10" not in evaluation.per_query[1].metrics
    assert evaluation.metrics["SpanRecall@10"].mean == 0.5
    late = [("b", 9.0 - i / 10, i, i + 1) for i in range(10)] + [("a", 1.0, 0, 10)]
    assert evaluate(returning(*late), gold(queries[0]), SHELF).metrics["SpanRecall@10"].mean == 0


def test_a_hit_whose_score_is_no_number_is_not_found_and_is_counted():
    evaluation = evaluate(returning(("a", math.nan), ("b", 1.0)), gold(asks("q", "a")), SHELF)
    assert ranking(evaluation) == ["b"]
    assert evaluation.unscored == 1
    assert evaluation.metrics["MAP"].mean == 0


def test_a_dead_leg_is_seen_although_the_other_answers():
    deaf = spoiled(SHELF.search, lambda hits, mode: [] if mode == "dense" else hits)
    legs = {check.name: check.ok for check in evaluate(deaf, gold(asks("delta", "b")), SHELF).legs}
    assert legs == {"lexical": True, "dense": False}


def test_progress_is_told_query_by_query():
    told = []
    evaluate(
        SHELF.search, gold(asks("q", "a"), asks("r", "a")), SHELF, on_progress=lambda done, of: told.append((done, of))
    )
    assert told == [(1, 2), (2, 2)]


def test_the_same_search_gives_an_equal_evaluation():
    shelf, queries = library(20)
    assert evaluate(shelf.search, queries, shelf) == evaluate(shelf.search, queries, shelf)


EMPTY = evaluate(returning(), gold(asks("q", "a")), SHELF)


def run_of(names_and_scores, query="q"):
    ranked = tuple(Ranked(name, score) for name, score in names_and_scores)
    ids = {name: name for name, _ in names_and_scores}
    return replace(EMPTY, per_query=(QueryResult(query, {}, ranked),), ids=ids)


def written(evaluation: Evaluation, path):
    write_trec(evaluation, path)
    return [line.split(" ") for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_run_file_names_beir_documents_by_their_id(tmp_path):
    shelf = Shelf({"x/corpus.jsonl#12": "alpha", "x/corpus.jsonl#7 b": "alpha"})
    evaluation = evaluate(shelf.search, gold(asks("alpha", "12"), kind="beir"), shelf)
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

"""Is a version scored on what its search really returns?"""

import math

import pytest

from eval.gold.gold import BadGold, Gold, GoldQuery, Relevant
from eval.measure.evaluate import Ranked, evaluate
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
    assert set(evaluation.metrics) == {"nDCG@10", "Recall@10", "Recall@100", "MRR@10", "MAP", "P@5", "HitRate@10"}


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
    with_span = gold(asks("delta", Relevant("b", 0, 3)))
    measured = {k: set(evaluate(SHELF.search, with_span, SHELF, k=k).metrics) for k in (4, 5, 10, 99, 100)}

    assert measured[4] == set()
    assert measured[5] == {"P@5"}
    assert measured[99] == measured[10]
    assert measured[10] - measured[5] >= {"nDCG@10", "SpanRecall@10", "SpanPrecision@10"}
    assert measured[100] - measured[10] == {"Recall@100", "MAP"}, "an average over all that is relevant asks for all"


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


def test_results_are_told_by_tag_and_a_query_stands_under_each_of_its_tags():
    queries = (
        GoldQuery("one", "delta", (Relevant("b"),), tags=("x", "y")),
        GoldQuery("two", "alpha", (Relevant("c"),), tags=("x",)),
        asks("epsilon", "c"),
    )
    tagged = evaluate(SHELF.search, gold(*queries), SHELF).by_tag()
    assert {tag: [result.id for result in results] for tag, results in tagged.items()} == {
        "x": ["one", "two"],
        "y": ["one"],
    }


def test_what_nobody_judged_among_the_first_ten_is_told():
    query = GoldQuery("q", "q", (Relevant("a"),), irrelevant=("b",))
    evaluation = evaluate(returning(("a", 4), ("b", 3), ("c", 2), ("d", 1)), gold(query, asks("r", "a")), SHELF)
    assert [result.unjudged for result in evaluation.per_query] == [2 / 4, 3 / 4]
    assert evaluation.unjudged == pytest.approx(5 / 8)
    assert evaluate(returning(), gold(query), SHELF).unjudged == 0


def test_each_result_shows_its_first_passages_and_what_the_search_took():
    (result,) = evaluate(SHELF.search, gold(asks("delta", "b")), SHELF).per_query
    assert result.hits[0].chunk.document == "b"
    assert len(result.hits) <= 10
    assert result.seconds > 0
    assert (result.question, dict(result.grades)) == ("delta", {"b": 1})


def test_gold_without_questions_cannot_be_searched_for():
    with pytest.raises(BadGold, match=r"queries\.tsv"):
        evaluate(SHELF.search, gold(GoldQuery("1", "", (Relevant("a"),))), SHELF)


def test_span_precision_is_measured_beside_span_recall():
    evaluation = evaluate(returning(("a", 2.0, 0, 5), ("b", 1.0, 0, 5)), gold(asks("q", Relevant("a", 0, 10))), SHELF)
    assert evaluation.metrics["SpanPrecision@10"].mean == 0.5

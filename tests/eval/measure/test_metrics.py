"""Do the metrics say what their sources define? Values are computed by hand, then against trec_eval."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.gold.resolve import Span
from eval.measure.metrics import (
    average_precision,
    hit_rate,
    ndcg,
    precision,
    recall,
    reciprocal_rank,
    span_precision,
    span_recall,
)

ABX = {"a": 1, "b": 1, "x": 1}  # x is never found
LOG3 = math.log2(3)


@pytest.mark.parametrize(
    ("ranking", "grades", "k", "expected"),
    [
        ("ab", {"a": 1}, 10, 1.0),
        ("ba", {"a": 1}, 10, 1 / LOG3),
        ("cba", {"a": 1}, 10, 1 / 2),
        ("cba", {"a": 1}, 2, 0.0),
        ("ab", {"a": 3, "b": 1}, 10, 1.0),
        ("ba", {"a": 3, "b": 1}, 10, (1 + 3 / LOG3) / (3 + 1 / LOG3)),
        ("ab", {"a": 1, "b": 1, "x": 2}, 2, (1 + 1 / LOG3) / (2 + 1 / LOG3)),
        ("ca", {"a": 1, "b": 0, "c": -2}, 10, 1 / LOG3),
        ("a", {}, 10, 0.0),
        ("", {"a": 1}, 10, 0.0),
    ],
)
def test_ndcg_by_hand(ranking, grades, k, expected):
    assert ndcg(ranking, grades, k) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize(
    ("ranking", "grades", "k", "recalled", "precise", "reciprocal"),
    [
        ("ab", ABX, 2, 2 / 3, 1.0, 1.0),
        ("cab", ABX, 2, 1 / 3, 1 / 2, 1 / 2),
        ("cab", ABX, 1, 0.0, 0.0, 0.0),
        ("cab", ABX, 5, 2 / 3, 2 / 5, 1 / 2),
        ("cab", {"c": 0, "a": 1}, 5, 1.0, 1 / 5, 1 / 2),
        ("cab", {}, 5, 0.0, 0.0, 0.0),
        ("", ABX, 5, 0.0, 0.0, 0.0),
    ],
)
def test_recall_precision_and_reciprocal_rank_by_hand(ranking, grades, k, recalled, precise, reciprocal):
    assert recall(ranking, grades, k) == pytest.approx(recalled)
    assert precision(ranking, grades, k) == pytest.approx(precise)
    assert reciprocal_rank(ranking, grades, k) == pytest.approx(reciprocal)


@pytest.mark.parametrize(
    ("ranking", "grades", "expected"),
    [
        ("ab", {"a": 1, "b": 2}, 1.0),
        ("cacb"[1:], {"a": 1, "b": 1}, (1 + 2 / 3) / 2),
        ("cab", ABX, (1 / 2 + 2 / 3) / 3),
        ("c", ABX, 0.0),
        ("c", {}, 0.0),
    ],
)
def test_average_precision_by_hand(ranking, grades, expected):
    assert average_precision(ranking, grades) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("chunks", "gold", "k", "expected"),
    [
        ([(0, 10)], [[(2, 6)]], 1, 1.0),
        ([(0, 4)], [[(2, 6)]], 1, 0.5),
        ([(0, 4), (3, 5)], [[(2, 6)]], 2, 0.75),
        ([(0, 4), (3, 5)], [[(2, 6)]], 1, 0.5),
        ([(4, 6), (0, 10)], [[(2, 6)]], 2, 1.0),
        ([(6, 9)], [[(2, 6)]], 1, 0.0),
        ([(0, 4)], [[(2, 6), (0, 2)]], 1, 1.0),  # stands in two places: the better covered counts
        ([(0, 4)], [[(2, 6)], []], 1, 0.25),  # the second is stale
        ([], [[(2, 6)]], 1, 0.0),
        ([(0, 4)], [], 1, 0.0),
    ],
)
def test_span_recall_by_hand(chunks, gold, k, expected):
    places = [[Span("d", *place) for place in one] for one in gold]
    assert span_recall([Span("d", *chunk) for chunk in chunks], places, k) == pytest.approx(expected)
    assert span_recall([Span("other", *chunk) for chunk in chunks], places, k) == 0


rankings = st.lists(st.integers(0, 40).map(str), unique=True, max_size=30)
judgements = st.dictionaries(st.integers(0, 40).map(str), st.integers(-1, 4), max_size=12)
cutoffs = st.integers(1, 35)


@given(rankings, judgements, cutoffs)
def test_every_metric_is_a_number_between_0_and_1(ranking, grades, k):
    values = [metric(ranking, grades, k) for metric in (ndcg, recall, precision, reciprocal_rank)]
    assert all(0 <= value <= 1 + 1e-12 for value in [*values, average_precision(ranking, grades)])


@given(judgements.filter(lambda grades: any(grade > 0 for grade in grades.values())), rankings)
def test_the_best_possible_ranking_scores_1(grades, others):
    best = sorted((name for name in grades if grades[name] > 0), key=lambda name: -grades[name])
    ranking = best + [name for name in others if name not in best]
    assert ndcg(ranking, grades, 10) == pytest.approx(1)
    assert recall(ranking, grades, 100) == reciprocal_rank(ranking, grades, 10) == 1
    assert average_precision(ranking, grades) == pytest.approx(1)


@given(rankings, judgements, st.randoms(use_true_random=False))
def test_the_order_of_irrelevant_documents_below_the_last_relevant_one_does_not_matter(ranking, grades, rng):
    last = max((place for place, name in enumerate(ranking) if grades.get(name, 0) > 0), default=-1)
    below = ranking[last + 1 :]
    rng.shuffle(below)
    other = ranking[: last + 1] + below
    for metric in (ndcg, recall, precision, reciprocal_rank):
        assert metric(ranking, grades, 10) == metric(other, grades, 10)
    assert average_precision(ranking, grades) == average_precision(other, grades)


@given(rankings.filter(lambda ranking: len(ranking) > 1), judgements, st.data())
def test_moving_a_better_document_up_never_lowers_ndcg_or_average_precision(ranking, grades, data):
    place = data.draw(st.integers(1, len(ranking) - 1))
    if max(grades.get(ranking[place], 0), 0) <= max(grades.get(ranking[place - 1], 0), 0):
        return
    better = [*ranking]
    better[place - 1], better[place] = better[place], better[place - 1]
    assert ndcg(better, grades, 10) >= ndcg(ranking, grades, 10)
    assert average_precision(better, grades) >= average_precision(ranking, grades)


def test_trec_eval_computes_the_same_values():
    pytrec_eval = pytest.importorskip("pytrec_eval")
    rng = random.Random(3)
    documents = [f"d{number}" for number in range(150)]
    for _ in range(200):
        grades = {name: rng.choice([0, 1, 1, 2, 4]) for name in rng.sample(documents, rng.randint(1, 30))}
        grades[rng.choice(documents)] = 1
        ranking = rng.sample(documents, rng.randint(1, 100))
        run = {"q": {name: float(-place) for place, name in enumerate(ranking)}}
        names = {"ndcg_cut.10", "recall.10,100", "P.5", "map", "recip_rank"}
        theirs = pytrec_eval.RelevanceEvaluator({"q": grades}, names).evaluate(run)["q"]
        assert ndcg(ranking, grades, 10) == pytest.approx(theirs["ndcg_cut_10"], abs=1e-9)
        assert recall(ranking, grades, 10) == pytest.approx(theirs["recall_10"], abs=1e-9)
        assert recall(ranking, grades, 100) == pytest.approx(theirs["recall_100"], abs=1e-9)
        assert precision(ranking, grades, 5) == pytest.approx(theirs["P_5"], abs=1e-9)
        assert average_precision(ranking, grades) == pytest.approx(theirs["map"], abs=1e-9)
        assert reciprocal_rank(ranking, grades, 1000) == pytest.approx(theirs["recip_rank"], abs=1e-9)


@pytest.mark.parametrize(
    ("ranking", "grades", "k", "expected"),
    [("ab", {"b": 1}, 2, 1.0), ("ab", {"b": 1}, 1, 0.0), ("ab", {"a": 0, "c": 2}, 9, 0.0), ("", ABX, 9, 0.0)],
)
def test_hit_rate_by_hand(ranking, grades, k, expected):
    assert hit_rate(ranking, grades, k) == expected


@pytest.mark.parametrize(
    ("chunks", "gold", "k", "expected"),
    [
        ([Span("a", 0, 10)], [[Span("a", 0, 10)]], 9, 1.0),
        ([Span("a", 0, 10)], [[Span("a", 5, 20)]], 9, 0.5),
        ([Span("a", 0, 10), Span("b", 0, 10)], [[Span("a", 0, 10)]], 9, 0.5),
        ([Span("b", 0, 10), Span("a", 0, 10)], [[Span("a", 0, 10)]], 1, 0.0),
        ([Span("a", 0, 10), Span("a", 5, 15)], [[Span("a", 0, 15)]], 9, 1.0),  # an overlap counts once
        ([Span("a", 0, 20)], [[Span("a", 0, 5), Span("a", 10, 15)]], 9, 0.5),  # it may stand in two places
        ([Span("a", 0, 20)], [[Span("a", 0, 5)], [Span("a", 3, 10)]], 9, 0.5),
        ([Span("a", 0, 20)], [[]], 9, 0.0),
        ([], [[Span("a", 0, 5)]], 9, 0.0),
    ],
)
def test_span_precision_by_hand(chunks, gold, k, expected):
    assert span_precision(chunks, gold, k) == pytest.approx(expected)

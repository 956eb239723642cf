"""Are two legs fused as the table says, and by nothing but their scores?"""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from retrieval.search import fuse as arrays
from retrieval.search.fuse import Leg

FUSIONS = ["convex", "rrf", "dbsf"]
IDS = st.sampled_from("abcdefgh")
COSINES = st.floats(-1, 1, allow_nan=False).map(lambda value: round(value, 3))
LEXICALS = st.floats(0, 40, allow_nan=False).map(lambda value: round(value, 3))


def leg(scores, own=None):
    return SimpleNamespace(scores=scores, own=set(scores if own is None else own))


def leg_of(named, ids):
    """The arrays of a leg whose candidates have names, in the order of these."""
    return Leg(
        np.array([named.scores.get(id, 0.0) for id in ids]), np.array([id in named.own for id in ids], dtype=bool)
    )


def by_name(scale):
    """What a function of arrays says of candidates that have names."""

    def scaled(named):
        ids = sorted(named.scores)
        return dict(zip(ids, scale(leg_of(named, ids)).tolist(), strict=True))

    return scaled


on_span, by_maximum = by_name(arrays.on_span), by_name(arrays.by_maximum)
by_rank, by_distribution = by_name(arrays.by_rank), by_name(arrays.by_distribution)


def ranked(scores, then=None):
    ids = sorted(scores)
    values, second = (np.array([given.get(id, 0.0) for id in ids]) for given in (scores, then or {}))
    return [ids[row] for row in arrays.ranked(values, second if then else None)]


def fuse(fusion, dense, lexical, *, weights):
    ids = sorted(weights)
    fused = arrays.fuse(fusion, leg_of(dense, ids), leg_of(lexical, ids), weights=np.array([weights[id] for id in ids]))
    told = {name: dict(zip(ids, getattr(fused, name).tolist(), strict=True)) for name in ("scores", "dense", "lexical")}
    return SimpleNamespace(**told)


def legs(dense, data):
    """Both legs over the same candidates; each one's own are its best, as they are when it cuts its list."""
    lexical = {id: data.draw(LEXICALS) for id in dense}
    near = leg(dense, ranked(dense)[: data.draw(st.integers(1, len(dense)))])
    return near, leg(lexical, ranked(lexical)[: data.draw(st.integers(1, len(dense)))])


def scores(dense, lexical, *, weight=0.5, fusion="convex"):
    weights = dict.fromkeys(dense.scores.keys() | lexical.scores.keys(), weight)
    return fuse(fusion, dense, lexical, weights=weights).scores


@pytest.mark.parametrize(
    ("given", "own", "expected"),
    [
        ({"a": 0.8, "b": 0.5, "c": 0.2}, "abc", {"a": 1.0, "b": 0.5, "c": 0.0}),
        ({"a": 0.8, "b": 0.2, "d": 0.05}, "ab", {"a": 1.0, "b": 0.0, "d": -0.25}),
        ({"a": 0.9, "b": 0.8, "d": 0.1}, "ab", {"a": 1.0, "b": 0.0, "d": -7.0}),
        ({"a": 0.4, "b": 0.4}, "ab", {"a": 1.0, "b": 1.0}),
        ({"a": 0.4, "b": 0.4, "d": 0.3}, "ab", {"a": 1.0, "b": 1.0, "d": 0.0}),
        ({"a": -0.4, "b": 0.0}, "a", {"a": 0.0, "b": 0.0}),
        ({}, "", {}),
    ],
)
def test_cosines_are_scaled_over_the_span_of_the_dense_legs_own(given, own, expected):
    assert on_span(leg(given, own)) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"a": 8.0, "b": 2.0, "c": 0.0}, {"a": 1.0, "b": 0.25, "c": 0.0}),
        ({"a": 3.0}, {"a": 1.0}),
        ({"a": 0.0, "b": 0.0}, {"a": 0.0, "b": 0.0}),
        ({}, {}),
    ],
)
def test_lexical_scores_are_divided_by_the_highest(given, expected):
    assert by_maximum(leg(given)) == expected


@pytest.mark.parametrize(
    ("given", "own", "expected"),
    [
        ({"a": 9.0, "b": 2.0, "c": 0.0}, "ab", {"a": 1 / 61, "b": 1 / 62, "c": 0.0}),
        ({"a": 3.0, "b": 3.0, "c": 1.0}, "abc", {"a": 1 / 61, "b": 1 / 61, "c": 1 / 63}),
        ({"a": 9.0, "b": 2.0}, "b", {"a": 0.0, "b": 1 / 61}),
        ({}, "", {}),
    ],
)
def test_ranks_count_from_the_top_and_equals_share_the_better_one(given, own, expected):
    assert by_rank(leg(given, own)) == expected


def test_rank_fusion_is_the_published_sum_halved():
    dense, lexical = leg({"a": 0.9, "b": 0.8, "c": 0.1}, "ab"), leg({"a": 0.0, "b": 5.0, "c": 9.0}, "bc")
    published = {"a": 1 / 61, "b": 1 / 62 + 1 / 62, "c": 1 / 61}
    assert scores(dense, lexical, fusion="rrf") == pytest.approx({id: sum / 2 for id, sum in published.items()})


@pytest.mark.parametrize(
    ("given", "own", "expected"),
    [
        ({"a": 2.0, "b": 4.0}, "ab", {"a": 1 / 3, "b": 2 / 3}),  # mean 3, deviation 1: from 0 to 6
        ({"a": 2.0, "b": 4.0, "c": -7.0, "d": 99.0}, "ab", {"a": 1 / 3, "b": 2 / 3, "c": 0.0, "d": 16.5}),
        ({"a": 2.0, "b": 4.0, "c": 0.0}, "ab", {"a": 1 / 3, "b": 2 / 3, "c": 0.0}),
        ({"a": 5.0, "c": 1.0}, "a", {"a": 1.0, "c": 0.0}),
        ({"a": 0.1, "b": 0.1, "c": 0.1}, "abc", {"a": 1.0, "b": 1.0, "c": 1.0}),  # whose mean is not quite 0.1
        ({}, "", {}),
    ],
)
def test_a_distribution_spans_three_deviations_to_each_side_and_is_cut_off_below_alone(given, own, expected):
    assert by_distribution(leg(given, own)) == pytest.approx(expected)


def test_an_outlier_does_not_press_the_others_together_as_a_maximum_does():
    lexical = leg({"out": 40.0, **{f"{number:02}": 4.0 + number / 10 for number in range(30)}})
    spread, pressed = by_distribution(lexical), by_maximum(lexical)
    assert spread["29"] - spread["00"] > pressed["29"] - pressed["00"]
    further = by_distribution(leg({**lexical.scores, "out2": 44.0}))
    assert further["out2"] > further["out"] > 1, "and keeps its distance from another"


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        (0.5, {"a": 0.75, "b": 0.5, "c": 0.25}),
        (0.0, {"a": 0.5, "b": 1.0, "c": 0.0}),
        (1.0, {"a": 1.0, "b": 0.0, "c": 0.5}),
        (0.3, {"a": 0.65, "b": 0.7, "c": 0.15}),
    ],
)
def test_the_weight_is_the_dense_legs_share(weight, expected):
    dense, lexical = leg({"a": 0.9, "b": 0.1, "c": 0.5}), leg({"a": 5.0, "b": 10.0, "c": 0.0})
    assert scores(dense, lexical, weight=weight) == pytest.approx(expected)


def test_the_better_the_words_match_the_less_the_vectors_may_hold_against_a_chunk():
    dense = leg({"a": 0.81, "b": 0.80, "best": 0.1, "half": 0.1, "near": 0.795}, "ab")
    lexical = leg({"a": 1.0, "b": 0.0, "best": 8.0, "half": 4.0, "near": 2.0})
    fused = fuse("convex", dense, lexical, weights=dict.fromkeys(dense.scores, 0.5))
    assert fused.dense == pytest.approx({"a": 1.0, "b": 0.0, "best": 0.0, "half": -0.5, "near": -0.5})
    assert ranked(fused.scores)[:2] == ["a", "best"]


def test_a_match_in_a_known_language_stands_above_noise_in_one_where_the_dense_leg_has_no_say():
    dense = leg({"a": 0.81, "b": 0.80, "match": 0.1, "noise": 0.3}, "ab")
    lexical = leg({"a": 9.0, "b": 0.0, "match": 2.0, "noise": 0.0})
    known = dict.fromkeys(dense.scores, 0.5)
    assert fuse("convex", dense, lexical, weights=known).scores["match"] < 0, "it would lie below 0"
    fused = fuse("convex", dense, lexical, weights=known | {"noise": 0.0})
    assert fused.dense["match"] == fused.dense["noise"] == 0.0
    assert fused.scores["match"] > fused.scores["noise"] == 0.0


@pytest.mark.parametrize("fusion", FUSIONS)
def test_each_chunk_has_its_own_weight(fusion):
    dense, lexical = leg({"a": 0.9, "b": 0.1, "c": 0.5}), leg({"a": 5.0, "b": 10.0, "c": 0.0})
    fused = fuse(fusion, dense, lexical, weights={"a": 0.0, "b": 1.0, "c": 0.25})
    assert fused.scores == pytest.approx(
        {
            "a": fused.lexical["a"],
            "b": fused.dense["b"],
            "c": 0.25 * fused.dense["c"] + 0.75 * fused.lexical["c"],
        }
    )


@pytest.mark.parametrize("fusion", FUSIONS)
def test_a_leg_that_found_nothing_leaves_the_order_to_the_other(fusion):
    nothing, lexical, dense = leg({}), leg({"a": 1.0, "b": 3.0}), leg({"a": 0.9, "b": 0.1})
    assert ranked(scores(nothing, lexical, fusion=fusion)) == ["b", "a"]
    assert ranked(scores(dense, nothing, fusion=fusion)) == ["a", "b"]


@pytest.mark.parametrize("fusion", FUSIONS)
@given(st.dictionaries(IDS, COSINES, min_size=2), st.data(), st.floats(0, 1))
def test_who_is_better_on_both_legs_is_never_behind(fusion, dense, data, weight):
    near, words = legs(dense, data)
    lexical = words.scores
    fused = scores(near, words, weight=weight, fusion=fusion)
    for one in dense:
        for other in dense:
            if dense[one] > dense[other] and lexical[one] > lexical[other]:
                assert fused[one] >= fused[other] - 1e-12


@pytest.mark.parametrize("fusion", FUSIONS)
@given(st.dictionaries(IDS, COSINES, min_size=1), st.dictionaries(IDS, LEXICALS, min_size=1), st.randoms())
def test_the_order_of_the_candidates_does_not_matter(fusion, dense, lexical, random):
    shuffled = random.sample(list(dense.items()), len(dense))
    first = scores(leg(dict(shuffled)), leg(lexical), fusion=fusion)
    assert first == pytest.approx(scores(leg(dense), leg(lexical), fusion=fusion), abs=1e-9)


@pytest.mark.parametrize("fusion", FUSIONS)
@given(st.dictionaries(IDS, COSINES, min_size=1), st.data(), st.floats(0, 1))
def test_fused_scores_are_numbers_of_one_scale(fusion, dense, data, weight):
    """What the dense leg did not find lies below 0, by no more than its weight."""
    near, words = legs(dense, data)
    lowest = -weight if fusion == "convex" else 0.0
    fused = scores(near, words, weight=weight, fusion=fusion)
    assert all(lowest - 1e-12 <= score <= 1 + 1e-12 for score in fused.values())


@given(st.dictionaries(IDS, LEXICALS, min_size=1), st.floats(0.1, 10))
def test_the_scale_of_the_lexical_scores_does_not_matter(lexical, factor):
    assume(max(lexical.values()) > 0)
    times = {id: score * factor for id, score in lexical.items()}
    assert by_maximum(leg(times)) == pytest.approx(by_maximum(leg(lexical)))
    assert by_distribution(leg(times)) == pytest.approx(by_distribution(leg(lexical)))


def test_equal_scores_stand_by_what_decides_then_and_in_id_order():
    equals = {"c": 1.0, "a": 1.0, "d": 2.0, "b": 1.0}
    assert ranked(equals) == ["d", "a", "b", "c"]
    assert ranked(equals, {"b": 0.2, "c": 0.1, "a": 0.1}) == ["d", "b", "a", "c"]

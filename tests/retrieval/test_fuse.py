"""Are two legs fused as the table says, and by nothing but their scores?"""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from retrieval.fuse import by_maximum, convex, on_span, ranked

IDS = st.sampled_from("abcdefgh")
COSINES = st.floats(-1, 1, allow_nan=False).map(lambda value: round(value, 3))
LEXICALS = st.floats(0, 40, allow_nan=False).map(lambda value: round(value, 3))


@pytest.mark.parametrize(
    ("scores", "span", "expected"),
    [
        ({"a": 0.8, "b": 0.5, "c": 0.2}, (0.2, 0.8), {"a": 1.0, "b": 0.5, "c": 0.0}),
        ({"a": 0.8, "d": 0.1}, (0.2, 0.8), {"a": 1.0, "d": -1 / 6}),
        ({"a": 0.4, "b": 0.4}, (0.4, 0.4), {"a": 1.0, "b": 1.0}),
        ({"a": -0.4, "b": 0.0}, (-0.4, -0.4), {"a": 0.0, "b": 0.0}),
        ({}, (0.0, 0.0), {}),
    ],
)
def test_cosines_are_scaled_over_the_span_of_the_dense_leg(scores, span, expected):
    assert on_span(scores, *span) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        ({"a": 8.0, "b": 2.0, "c": 0.0}, {"a": 1.0, "b": 0.25, "c": 0.0}),
        ({"a": 3.0}, {"a": 1.0}),
        ({"a": 0.0, "b": 0.0}, {"a": 0.0, "b": 0.0}),
        ({}, {}),
    ],
)
def test_lexical_scores_are_divided_by_the_highest(scores, expected):
    assert by_maximum(scores) == expected


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
    dense, lexical = {"a": 0.9, "b": 0.1, "c": 0.5}, {"a": 5.0, "b": 10.0, "c": 0.0}
    assert convex(dense, lexical, weight=weight, span=(0.1, 0.9)) == pytest.approx(expected)


def test_a_leg_that_found_nothing_leaves_the_order_to_the_other():
    assert ranked(convex({}, {"a": 1.0, "b": 3.0}, span=(0.0, 0.0))) == ["b", "a"]
    assert ranked(convex({"a": 0.9, "b": 0.1}, {}, span=(0.1, 0.9))) == ["a", "b"]


@given(st.dictionaries(IDS, COSINES, min_size=2), st.data(), st.floats(0.05, 0.95))
def test_who_is_better_on_both_legs_is_never_behind(dense, data, weight):
    lexical = {id: data.draw(LEXICALS) for id in dense}
    span = (min(dense.values()), max(dense.values()))
    scores = convex(dense, lexical, weight=weight, span=span)
    for one in dense:
        for other in dense:
            if dense[one] >= dense[other] and lexical[one] >= lexical[other]:
                assert scores[one] >= scores[other]


@given(st.dictionaries(IDS, COSINES, min_size=1), st.dictionaries(IDS, LEXICALS, min_size=1), st.randoms())
def test_the_order_of_the_candidates_does_not_matter(dense, lexical, random):
    span = (min(dense.values()), max(dense.values()))
    shuffled = random.sample(list(dense.items()), len(dense))
    assert convex(dict(shuffled), lexical, span=span) == convex(dense, lexical, span=span)


@given(st.dictionaries(IDS, LEXICALS, min_size=1), st.floats(0.1, 10))
def test_the_scale_of_the_lexical_scores_does_not_matter(lexical, factor):
    assume(max(lexical.values()) > 0)
    scaled = by_maximum({id: score * factor for id, score in lexical.items()})
    assert scaled == pytest.approx(by_maximum(lexical))


def test_equal_scores_stand_in_id_order():
    assert ranked({"c": 1.0, "a": 1.0, "d": 2.0, "b": 1.0}) == ["d", "a", "b", "c"]

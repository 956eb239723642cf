"""Are the interval and the test what the textbooks say, and the same every time?"""

import math

import numpy as np
import pytest

from eval.measure.stats import bootstrap, detectable, difference, holm, permutation_test, randomization_test


def test_the_interval_agrees_with_scipy():
    scipy_stats = pytest.importorskip("scipy.stats")
    values = np.random.default_rng(1).beta(0.6, 0.4, size=80)
    ours = bootstrap(values.tolist())
    theirs = scipy_stats.bootstrap((values,), np.mean, method="percentile", n_resamples=20_000, rng=2)
    assert ours.mean == pytest.approx(values.mean())
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs.confidence_interval), abs=0.005)


def test_the_interval_holds_the_true_mean_as_often_as_it_says():
    random = np.random.default_rng(4)
    intervals = [bootstrap(random.beta(2, 1, size=60).tolist(), resamples=1000) for _ in range(300)]
    held = sum(interval.low <= 2 / 3 <= interval.high for interval in intervals)
    assert 0.91 <= held / 300 <= 0.98


def test_the_interval_repeats_and_spans_blocks():
    values = [0.1, 0.5, 0.9] * 400
    assert bootstrap(values) == bootstrap(values)
    assert bootstrap(values).low < 0.5 < bootstrap(values).high


def test_one_value_gives_an_interval_of_no_width():
    interval = bootstrap([0.25])
    assert (interval.mean, interval.low, interval.high) == (0.25, 0.25, 0.25)


@pytest.mark.parametrize("values", [[], [0.5, float("nan")], [float("inf")]])
def test_what_has_no_mean_is_refused(values):
    with pytest.raises(ValueError, match=r"no values|finite"):
        bootstrap(values)


@pytest.mark.parametrize(
    ("a", "b", "p"),
    [
        ([1, 1, 1], [0, 0, 0], 2 / 8),
        ([1, 1, 1, 1, 1, 1], [0] * 6, 2 / 64),
        ([1, 0], [0, 1], 1.0),
        ([0.3, 0.7], [0.3, 0.7], 1.0),
        ([], [], 1.0),
        ([1, 1, 0.5], [0, 0, 0.5], 2 / 4),  # the pair that ties tells nothing
        ([1] * 2 + [0.5] * 20, [0] * 2 + [0.5] * 20, 2 / 4),
        ([0.1, 0.2, 0.3, 0], [0, 0, 0, 0.3], 12 / 16),  # sums that are equal but for rounding count as equal
    ],
)
def test_small_samples_are_counted_out_exactly(a, b, p):
    assert randomization_test(a, b) == p


def test_large_samples_agree_with_scipy():
    scipy_stats = pytest.importorskip("scipy.stats")
    random = np.random.default_rng(5)
    a = random.random(60)
    b = a - random.normal(0.03, 0.15, 60)
    theirs = scipy_stats.permutation_test(
        (a, b), lambda x, y: np.mean(x - y), permutation_type="samples", n_resamples=20_000, rng=6
    )
    assert randomization_test(a.tolist(), b.tolist()) == pytest.approx(theirs.pvalue, abs=0.015)


def test_direction_does_not_matter_and_p_is_never_0():
    a, b = [0.9] * 40, [0.1] * 40
    assert randomization_test(a, b) == randomization_test(b, a) == 1 / 10_001


def test_equal_quality_is_called_different_no_oftener_than_p_says():
    random = np.random.default_rng(8)
    pairs = [(random.random(30).tolist(), random.random(30).tolist()) for _ in range(300)]
    alarms = sum(randomization_test(a, b, resamples=1000) < 0.05 for a, b in pairs)
    assert 0.015 <= alarms / 300 <= 0.09


def test_unpaired_or_unfinished_values_are_refused():
    with pytest.raises(ValueError, match="pairs"):
        randomization_test([1], [1, 2])
    with pytest.raises(ValueError, match="finite"):
        randomization_test([1, float("nan")], [1, 2])


# Differences


def test_a_difference_has_both_means_its_interval_and_its_p():
    a, b = [0.2, 0.4, 0.6, 0.4], [0.4, 0.6, 0.8, 0.6]
    found = difference(a, b)
    assert (found.a, found.b, found.mean) == pytest.approx((0.4, 0.6, 0.2))
    assert (found.low, found.high) == pytest.approx((0.2, 0.2)), "every query gained as much"
    assert found.p == 2 / 16
    assert difference(b, a).mean == pytest.approx(-0.2)


def test_a_planted_difference_is_found_and_its_interval_holds_it():
    random = np.random.default_rng(11)
    a = random.beta(2, 1, 300)
    b = np.clip(a - 0.05 + random.normal(0, 0.15, 300), 0, 1)
    found = difference(a.tolist(), b.tolist())
    assert found.p < 0.001
    assert found.low <= float(np.mean(b - a)) <= found.high < 0


def test_identical_runs_are_never_different():
    values = np.random.default_rng(12).random(500).tolist()
    found = difference(values, values)
    assert (found.mean, found.low, found.high, found.p, found.differing) == (0, 0, 0, 1, 0)
    assert found.as_json()["detectable"] is None, "nothing scatters, so that nobody knows what would have shown"


def test_an_effect_that_is_called_detectable_is_found_four_times_in_five():
    random = np.random.default_rng(13)
    scatter, queries = 0.2, 100
    least = detectable(random.normal(0, scatter, 4_000).tolist()) * math.sqrt(4_000 / queries)
    assert least == pytest.approx(2.8016 * scatter / math.sqrt(queries), rel=0.05)
    found = sum(
        randomization_test(random.normal(least, scatter, queries).tolist(), [0.0] * queries, resamples=1000) < 0.05
        for _ in range(300)
    )
    assert 0.74 <= found / 300 <= 0.86


@pytest.mark.parametrize(("level", "least"), [(0.95, 6), (0.975, 7)])
def test_where_fewer_differ_than_any_test_needs_nothing_is_detectable(level, least):
    for differing in range(least + 1):
        gains = [0.5, *[0.1] * differing][:differing] + [0.0] * 90
        smallest = randomization_test([abs(gain) for gain in gains], [0.0] * len(gains))
        assert (detectable(gains, level=level) < math.inf) == (smallest < 1 - level) == (differing >= least)


def test_differences_without_scatter_do_not_say_what_is_detectable():
    assert detectable([]) == detectable([0.1]) == detectable([0.1] * 30) == math.inf


def test_what_could_have_shown_is_said_with_a_number_or_why_there_is_none():
    scattered = difference([0.0] * 8, [0.1, -0.1] * 4)
    least = f"{scattered.detectable:.3f}"
    assert scattered.could_show == f"a true difference of {least} would have shown four times in five"
    few = difference([0.0] * 8, [0.1, -0.2] + [0.0] * 6)
    assert few.could_show == "the two differ on 2 of them, and on so few no difference can show"


@pytest.mark.parametrize(
    ("ps", "adjusted"),
    [
        ({}, {}),
        ({"x": 0.04}, {"x": 0.04}),
        ({"x": 0.01, "y": 0.04, "z": 0.03}, {"x": 0.03, "y": 0.06, "z": 0.06}),
        ({"x": 0.5, "y": 0.9}, {"x": 1.0, "y": 1.0}),
        ({"x": 0.02, "y": 0.02}, {"x": 0.04, "y": 0.04}),
    ],
)
def test_holms_method_is_the_published_one(ps, adjusted):
    assert holm(ps) == pytest.approx(adjusted)


def test_of_many_tests_of_nothing_hardly_any_family_alarms():
    random = np.random.default_rng(14)
    families = [holm({str(i): p for i, p in enumerate(random.random(8))}) for _ in range(2_000)]
    assert sum(min(family.values()) < 0.05 for family in families) / 2_000 <= 0.065


def test_two_groups_are_told_apart_as_by_scipy():
    scipy_stats = pytest.importorskip("scipy.stats")
    random = np.random.default_rng(16)
    a, b = random.beta(2, 1, 25), random.beta(2, 1.6, 70)
    theirs = scipy_stats.permutation_test((a, b), lambda x, y: np.mean(x) - np.mean(y), n_resamples=20_000, rng=6)
    assert permutation_test(a.tolist(), b.tolist()) == pytest.approx(theirs.pvalue, abs=0.015)
    assert permutation_test([1.0] * 20, [0.0] * 30) == 1 / 10_001
    assert permutation_test([0.5] * 4, [0.5] * 9) == 1


@pytest.mark.slow
def test_a_thousand_queries_take_no_longer_than_seconds():
    import time

    random = np.random.default_rng(15)
    began = time.process_time()  # whatever else the machine does
    for _ in range(9):
        values = random.random(1_000).tolist(), random.random(1_000).tolist()
        difference(*values)
        bootstrap(values[1])
    assert time.process_time() - began < 5

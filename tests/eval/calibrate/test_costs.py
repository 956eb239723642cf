"""Is each cost of stating probabilities what it is by hand?"""

import math

import numpy as np
import pytest

from eval.calibrate.cases import Case
from eval.calibrate.costs import costs, reliability

NOTHING = np.zeros((3, 1))


def case(question, relevant, *, is_answerable=True):
    return Case(question, is_answerable, NOTHING, np.array(relevant, dtype=float))


CASES = [
    case("kept", [1, 0, 0]),
    case("half lost", [0, 1, 1]),
    case("silenced", [0, 1, 0]),
    case("nobody knows", [math.nan, 0, 0]),
    case("kept", [0, 0, 0], is_answerable=False),
    case("half lost", [0, 0, 0], is_answerable=False),
]
STATED = [np.array(each) for each in ([0.9, 0.3, 0.1], [0.6, 0.5, 0.1], [0.4, 0.1, 0.1], [0.3, 0.1, 0.1])]
STATED += [np.array(each) for each in ([0.1, 0.1, 0.1], [0.5, 0.3, 0.1])]


def test_what_is_withheld_and_refused_is_counted_by_what_was_lost_and_what_was_spared():
    found = costs(CASES, STATED, [(0.2, 0.45)] * 6)

    assert found.questions == 4, "a question and its hidden half are one"
    assert found.lost == pytest.approx(2 / 4), "of four relevant passages two lie below 0.2"
    assert found.prevented == pytest.approx(8 / 13)
    assert found.silenced == pytest.approx(1 / 3), "one of three lost all that it had"
    assert found.cleared == pytest.approx(1 / 2)
    assert found.refused_wrongly == pytest.approx(1 / 3), "the best of `silenced` lies below 0.45"
    assert found.refused_rightly == pytest.approx(1 / 2)


def test_a_threshold_of_its_own_decides_over_each_case():
    nothing = costs(CASES, STATED, [(0.0, 0.0)] * 6)
    of_one = costs(CASES, STATED, [(1.0, 1.0), *[(0.0, 0.0)] * 5])

    assert (nothing.lost, nothing.silenced, nothing.refused_wrongly) == (0, 0, 0)
    assert (of_one.lost, of_one.silenced) == (pytest.approx(1 / 4), pytest.approx(1 / 3))
    assert (of_one.refused_wrongly, of_one.refused_rightly) == (pytest.approx(1 / 3), 0)


def test_the_first_hits_say_how_true_the_probabilities_are():
    found = costs(CASES, STATED, [(0.0, 0.0)] * 6)

    first, true = np.array([0.9, 0.6, 0.4, 0.1, 0.5]), np.array([1, 0, 0, 0, 0])
    assert found.auroc == 1.0, "the one that is relevant is stated the highest"
    assert found.brier_skill == pytest.approx(1 - float(((first - true) ** 2).mean()) / (1 / 5 * 4 / 5))
    assert found.ece == pytest.approx((0.1 + 0.6 + 0.4 + 0.1 + 0.5) / 5), "each stands in a bin of its own"
    assert found.false_answers == {"80%": 0.5, "90%": 0.5}


def test_what_one_kind_of_questions_cannot_say_is_none():
    only = costs(CASES[1:3], STATED[1:3], [(0.0, 0.0)] * 2)

    assert (only.auroc, only.brier_skill) == (None, None)
    assert only.false_answers == {"80%": None, "90%": None}
    assert (only.cleared, only.refused_rightly) == (0, 0)


def test_a_probability_of_one_stands_in_the_last_bin_and_empty_bins_are_left_out():
    stated, true = np.array([0.0, 0.05, 0.95, 1.0]), np.array([0.0, 1.0, 1.0, 1.0])

    assert reliability(stated, true) == [(0.025, 0.5, 2), (0.975, 1.0, 2)]


def test_a_threshold_that_answers_a_share_of_the_questions_answers_no_fewer():
    beside = [*STATED[:5], np.array([0.35, 0.3, 0.1])]  # between the last two of the first hits that answer

    assert costs(CASES, beside, [(0.0, 0.0)] * 6).false_answers == {"80%": 0.5, "90%": 0.5}

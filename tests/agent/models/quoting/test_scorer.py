"""What a feature is worth was learned, is stored as plain numbers, and never works against sense."""

import numpy as np
import pytest

from agent.models.quoting.features import OF_THE_BEST, WITH_ENCODER, WITHOUT_ENCODER
from agent.models.quoting.scorer import shipped


@pytest.mark.parametrize(
    ("model", "senses", "named"),
    [
        ("sifts", WITHOUT_ENCODER, {"rest", "certain_kind", "no_certain_kind", "lost_numbers"}),
        ("weighs", WITH_ENCODER, {"rest", "certain_kind", "label_named", "cosine"}),
        ("answers", OF_THE_BEST, {"odds", "passage_cosine", "no_certain_kind", "opposed"}),
    ],
)
def test_each_weight_is_of_a_feature_and_has_its_sense(model, senses, named):
    weights = getattr(shipped(), model).weights

    assert weights.keys() <= senses.keys()
    assert all(senses[name] * worth >= 0 for name, worth in weights.items())
    assert named <= weights.keys()


def test_what_is_likelier_to_hold_the_answer_is_likelier_to_be_it_and_what_lacks_the_kind_is_less():
    bare = np.zeros((1, len(WITH_ENCODER)))
    near, unkind = bare.copy(), bare.copy()
    near[0, list(WITH_ENCODER).index("cosine")] = 0.8
    unkind[0, list(WITH_ENCODER).index("no_certain_kind")] = 1.0

    assert shipped().answer(unkind)[0] < shipped().answer(bare)[0] < shipped().answer(near)[0]


def test_the_least_probability_of_an_answer_is_one_that_can_be_reached_and_missed():
    assert 0 < shipped().least < 0.5

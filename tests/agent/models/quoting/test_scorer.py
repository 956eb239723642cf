"""What a feature is worth was learned, is stored as plain numbers, and never works against sense."""

import pytest

from agent.models.quoting.features import WITH_ENCODER, WITHOUT_ENCODER
from agent.models.quoting.scorer import shipped


@pytest.mark.parametrize(("model", "senses"), [("sifts", WITHOUT_ENCODER), ("weighs", WITH_ENCODER)])
def test_each_weight_is_of_a_feature_and_has_its_sense(model, senses):
    weights = getattr(shipped(), model).weights

    assert weights.keys() <= senses.keys()
    assert all(senses[name] * worth >= 0 for name, worth in weights.items())
    assert {"rest", "certain_kind", "no_certain_kind", "lost_numbers"} <= weights.keys()


def test_the_least_probability_of_an_answer_is_one_that_can_be_reached_and_missed():
    assert 0 < shipped().least < 0.5

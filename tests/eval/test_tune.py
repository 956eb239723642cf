"""Is a better setting found where there is one, and nothing claimed where there is none?"""

import numpy as np
import pytest

from eval.gold import Gold, GoldQuery, Relevant
from eval.tune import Legs, Setting, Tuned, apply, settings, tune
from retrieval.fuse import Leg

NAMES = [f"d{number}" for number in range(12)]


class Corpus:
    def names(self):
        return NAMES

    def text(self, name):
        return "x"

    def sample(self, n, *, seed):
        return []


def gold(queries):
    return Gold.of([GoldQuery(f"q{n}", f"{n}", (Relevant(NAMES[n % len(NAMES)]),)) for n in range(queries)])


def legs(dense_is_good, lexical_is_good, *, seed=0):
    """Legs that put the right document of question `n` first as often as they are good."""

    def read(question):
        number = int(question)
        random = np.random.default_rng([seed, number])

        def scores(good):
            of = {name: float(value) for name, value in zip(NAMES, random.random(len(NAMES)), strict=True)}
            if random.random() < good:
                of[NAMES[number % len(NAMES)]] = 1.5
            return of

        dense, lexical = scores(dense_is_good), scores(lexical_is_good)
        return Legs(Leg(dense, dense.keys()), Leg(lexical, lexical.keys()), {name: name for name in NAMES})

    return read


def test_the_leg_that_knows_is_given_the_say():
    for good, weights in (((0.95, 0.05), (0.55, 1.0)), ((0.05, 0.95), (0.0, 0.45))):
        found = tune(legs(*good), gold(120), Corpus(), before=Setting("convex", 0.5))
        assert weights[0] <= found.after.dense_weight <= weights[1]
        assert found.is_worth_it
        assert found.said.startswith(f"{found.after} is better: nDCG@10 +")
        assert found.gain.b > found.gain.a


def test_where_nothing_is_to_be_had_nothing_is_claimed():
    claimed = 0
    for seed in range(20):
        found = tune(legs(0.5, 0.5, seed=seed), gold(60), Corpus(), before=Setting("convex", 0.5))
        claimed += found.is_worth_it
    assert claimed <= 3


def test_what_is_reported_is_of_questions_that_did_not_choose():
    """The best of many settings looks better on the questions that chose it than it is."""
    gaps = []
    for seed in range(12):
        found = tune(legs(0.3, 0.3, seed=seed), gold(40), Corpus(), before=Setting("convex", 0.5))
        gaps.append(max(found.grid.values()) - found.gain.b)
    assert np.mean(gaps) > 0.005


def test_a_tie_changes_nothing():
    def same(question):
        flat = dict.fromkeys(NAMES, 1.0)
        return Legs(Leg(flat, flat.keys()), Leg(flat, flat.keys()), {name: name for name in NAMES})

    found = tune(same, gold(20), Corpus(), before=Setting("convex", 0.35))
    assert found.after == Setting("convex", 0.35)
    assert found.said.startswith("The settings in force are the best of")
    assert found.as_json()["worth_it"] is False


def test_a_passage_in_a_foreign_language_is_ranked_by_its_words_whatever_the_weight():
    dense = {"a": 0.9, "b": 0.1, "c": 0.0}
    lexical = {"a": 1.0, "b": 2.0, "c": 0.5}
    read = Legs(Leg(dense, dense.keys()), Leg(lexical, lexical.keys()), {x: x for x in "abc"}, frozenset("abc"))
    assert apply(read, Setting("convex", 1.0)) == ["b", "a", "c"]


def test_documents_are_ranked_once_by_their_best_chunk():
    scores = {"1": 0.9, "2": 0.5, "3": 0.7}
    read = Legs(Leg(scores, scores.keys()), Leg(scores, scores.keys()), {"1": "a", "2": "a", "3": "b"})
    assert apply(read, Setting()) == ["a", "b"]


def test_too_few_queries_are_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="too few"):
        tune(legs(1, 1), gold(1), Corpus(), before=Setting())


def test_the_outcome_goes_to_scripts_with_every_setting_that_was_tried():
    told = []
    found = tune(
        legs(0.9, 0.1), gold(30), Corpus(), before=Setting(), on_progress=lambda done, of: told.append((done, of))
    )
    data = found.as_json()
    assert isinstance(found, Tuned)
    assert told[-1] == (30, 30)
    assert len(data["grid"]) == len(list(settings()))
    assert data["after"]["settings"] == {"fusion": found.after.fusion, "dense_weight": found.after.dense_weight}
    assert len(data["folds"]) == 5

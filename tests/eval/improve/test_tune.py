"""Is a better setting found where there is one, and nothing claimed where there is none?"""

from dataclasses import replace

import numpy as np
import pytest

from eval.gold.gold import BadGold, Gold, GoldQuery, Relevant
from eval.improve.tune import Legs, Setting, Tuned, apply, settings, tune
from eval.measure.stats import fold_of
from retrieval.search.candidates import Candidates
from retrieval.search.fuse import Leg

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


def read_of(dense, lexical, *, dense_own=None, lexical_own=None, documents=None, foreign=()):
    """What two legs say of candidates that have names."""
    names = sorted(dense)

    def leg(scores, own):
        return Leg(np.array([scores[name] for name in names]), np.array([own is None or name in own for name in names]))

    found = Candidates(
        np.arange(len(names)), leg(dense, dense_own), leg(lexical, lexical_own), np.zeros((0, len(names)), dtype=bool)
    )
    held = documents or {name: name for name in names}
    return Legs(
        found,
        {slot: held[name] for slot, name in enumerate(names)},
        np.array([name in foreign for name in names]),
    )


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
        return read_of(dense, lexical)

    return read


@pytest.mark.slow
def test_the_leg_that_knows_is_given_the_say():
    for good, weights in (((0.95, 0.05), (0.55, 1.0)), ((0.05, 0.95), (0.0, 0.45))):
        found = tune(legs(*good), gold(120), Corpus(), before=Setting("convex", 0.5))
        assert weights[0] <= found.after.dense_weight <= weights[1]
        assert found.is_worth_it
        assert found.said.startswith(f"{found.after} is better: choosing so gains nDCG@10 +")
        assert found.gain.b > found.gain.a


@pytest.mark.slow
def test_where_nothing_is_to_be_had_nothing_is_claimed():
    claimed = 0
    for seed in range(20):
        found = tune(legs(0.5, 0.5, seed=seed), gold(60), Corpus(), before=Setting("convex", 0.5))
        claimed += found.is_worth_it
    assert claimed <= 3


@pytest.mark.slow
def test_what_is_reported_is_of_questions_that_did_not_choose():
    """The best of many settings looks better on the questions that chose it than it is."""
    gaps = []
    for seed in range(6):
        found = tune(legs(0.3, 0.3, seed=seed), gold(40), Corpus(), before=Setting("convex", 0.5))
        gaps.append(max(found.grid.values()) - found.gain.b)
    assert np.mean(gaps) > 0.005


def test_a_tie_changes_nothing():
    def same(question):
        flat = dict.fromkeys(NAMES, 1.0)
        return read_of(flat, flat)

    found = tune(same, gold(20), Corpus(), before=Setting("convex", 0.35))
    assert found.after == Setting("convex", 0.35)
    assert "none is better than those in force by more than one standard error" in found.said
    assert found.as_json()["worth_it"] is False


def test_a_passage_in_a_foreign_language_is_ranked_by_its_words_whatever_the_weight():
    dense = {"a": 0.9, "b": 0.1, "c": 0.0}
    lexical = {"a": 1.0, "b": 2.0, "c": 0.5}
    read = read_of(dense, lexical, foreign="abc")
    assert apply(read, Setting("convex", 1.0)) == ["b", "a", "c"]
    half = replace(read, foreign_weight=1.0)
    assert apply(half, Setting("convex", 1.0)) == ["a", "b", "c"], "or as much as is allowed for it"
    assert apply(half, Setting("convex", 0.0)) == ["b", "a", "c"]


def test_documents_are_ranked_once_by_their_best_chunk():
    scores = {"1": 0.9, "2": 0.5, "3": 0.7}
    read = read_of(scores, scores, documents={"1": "a", "2": "a", "3": "b"})
    assert apply(read, Setting()) == ["a", "b"]


def test_a_shallow_setting_sees_what_a_shallow_search_would_have_found():
    dense = {"a": 0.9, "b": 0.8, "c": 0.1, "d": 0.0}
    lexical = {"a": 0.0, "b": 0.1, "c": 3.0, "d": 2.0}
    read = read_of(dense, lexical, lexical_own="bcd")
    shallow = read.first(1)

    assert [shallow.documents[slot] for slot in shallow.found.slots.tolist()] == ["a", "c"]
    near, matching = shallow.legs
    assert (near.own.tolist(), matching.own.tolist()) == ([True, False], [False, True])
    assert near.scores.tolist() == [0.9, 0.1], "each leg says what it thinks of the other's"
    assert sorted(apply(shallow, Setting(depth=1))) == ["a", "c"]
    assert apply(read.first(4), Setting(depth=4)) == apply(read, Setting(depth=4))


@pytest.mark.slow
def test_a_reranker_that_harms_is_found_out_and_one_that_helps_is_kept():
    def reranking(good):
        def read(question):
            right = NAMES[int(question) % len(NAMES)]
            found = legs(0.6, 0.6)(question)
            likes = {slot: float(name == right) * (1 if good else -1) for slot, name in found.documents.items()}
            return replace(found, rerank=lambda slots: {slot: likes[slot] for slot in slots}, rerank_depth=12)

        return read

    before = Setting(reranked=True)
    harmed = tune(reranking(False), gold(60), Corpus(), before=before)
    helped = tune(reranking(True), gold(60), Corpus(), before=before)
    assert (harmed.after.reranked, harmed.is_worth_it, harmed.after.values["reranker"]) == (False, True, None)
    assert helped.after == before
    assert "reranker" not in before.values


def test_the_same_question_under_several_ids_never_answers_for_itself():
    """Five copies of ten questions whose best setting is each its own: what folds that part them would call a gain."""
    few = Gold.of([GoldQuery(f"q{n}-{copy}", f"{n}", (Relevant(NAMES[n]),)) for n in range(10) for copy in range(5)])
    assert len({*fold_of([query.question for query in few.queries])}) == 5
    for n in range(10):
        folds = fold_of([query.question for query in few.queries])
        assert len({int(fold) for fold, query in zip(folds, few.queries, strict=True) if query.question == f"{n}"}) == 1


def test_gold_that_is_too_small_or_asks_nothing_is_refused_with_advice():
    with pytest.raises(BadGold, match="write more"):
        tune(legs(1, 1), gold(9), Corpus(), before=Setting())
    unasked = Gold.of([GoldQuery(f"q{n}", "", (Relevant(NAMES[0]),)) for n in range(20)])
    with pytest.raises(BadGold, match="no questions"):
        tune(legs(1, 1), unasked, Corpus(), before=Setting())


def test_the_outcome_goes_to_scripts_with_every_setting_that_was_tried():
    told = []
    found = tune(
        legs(0.9, 0.1), gold(30), Corpus(), before=Setting(), on_progress=lambda done, of: told.append((done, of))
    )
    data = found.as_json()
    assert isinstance(found, Tuned)
    assert told[-1] == (30, 30)
    assert len(data["grid"]) == len(list(settings(Setting())))
    assert data["settings"] == data["after"]["settings"] == found.after.values
    assert data["gain"]["delta"] == found.gain.mean
    assert len(data["folds"]) == 5

"""Can somebody who knows no metrics tell how good it is from one sentence?"""

import re

import pytest

from eval.gold.gold import Gold, GoldQuery, Relevant
from eval.measure.answers import OUTCOMES as ALL
from eval.measure.answers import Quoted, Told
from eval.measure.evaluate import METRICS, evaluate
from eval.measure.summary import MEANINGS, OUTCOMES, level, sentence
from tests.eval.shelf import Shelf

SHELF = Shelf({"a": "alpha port 8040", "b": "beta port 9090"})


def found(right, beside=0, refused=0, rightly=0, wrongly=0):
    """An evaluation in which so many questions came to each outcome."""
    told = {
        "right": Told("8040", quotes=(Quoted("a", "8040"),)),
        "beside": Told("9090", quotes=(Quoted("b", "9090"),)),
        "refused": Told(reason="no"),
    }
    counts = [("right", right), ("beside", beside), ("refused", refused)]
    queries = [
        GoldQuery(f"{kind}{n}", f"alpha {kind}", (Relevant("a"),), ("8040",)) for kind, of in counts for n in range(of)
    ]
    queries += [GoldQuery(f"r{n}", "x refused", answerable=False) for n in range(rightly)]
    queries += [GoldQuery(f"w{n}", "x beside", answerable=False) for n in range(wrongly)]
    gold = Gold(tuple(queries), "citewell", "digest")
    return evaluate(SHELF.search, gold, SHELF, answerer=lambda question: told[question.split()[1]])


def test_one_sentence_says_how_many_were_answered_rightly_and_how_many_were_not():
    said = sentence(found(85, 5, 10, 3, 1))
    assert said.startswith("Of 100 questions that the documents answer, 85 (85%) got the right words")
    assert "5 other words and 10 none; of 4 that they do not answer, 3 (75%) were refused" in said
    assert "of 3 that they do not answer, 1 (33%) was refused" in sentence(found(85, 5, 10, 1, 2))
    assert said.count(".") == 1, "one sentence"
    assert not re.search("nDCG|Recall|MRR", said)


def test_with_few_questions_the_sentence_says_how_far_it_may_be_off():
    assert "with others like them" in sentence(found(8, 2))
    assert "with others like them" not in sentence(found(400, 10))


@pytest.mark.parametrize(
    ("counts", "verdict"),
    [
        ((9, 1, 0), "good"),
        ((8, 0, 2), "good"),
        ((8, 2, 0), "fair"),
        ((7, 1, 2), "fair"),
        ((5, 1, 4), "weak"),
        ((9, 1, 0, 0, 10), "weak"),
        ((9, 1, 0, 10, 0), "good"),
        ((2, 0, 8), "poor"),
    ],
)
def test_the_verdict_asks_for_right_answers_and_counts_what_misleads(counts, verdict):
    assert level(found(*counts)) == verdict


def test_without_answers_it_says_what_was_found():
    queries = (GoldQuery("1", "alpha", (Relevant("a"),)), GoldQuery("2", "gamma", (Relevant("b"),)))
    plain = evaluate(SHELF.search, Gold(queries, "citewell", "digest"), SHELF)
    assert sentence(plain).startswith("For 50% of 2 questions a document that answers was among the first 10")
    assert level(plain) == "weak"
    nothing = evaluate(SHELF.search, Gold((), "citewell", "digest"), SHELF)
    assert level(nothing) == "unknown"
    assert "Nothing was measured" in sentence(nothing)


def test_every_figure_is_said_in_words():
    assert MEANINGS.keys() == set(METRICS)
    assert list(OUTCOMES) == list(ALL)

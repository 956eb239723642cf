"""Does a probe tell a broken index from a merely poor one?"""

from dataclasses import replace

import numpy as np
import pytest

from eval.measure.probe import probe
from tests.eval.shelf import Shelf, library, rescored, spoiled

BOOK, _ = library(60)


def check(report, name):
    return next(check for check in report.checks if check.name == name)


def test_a_working_index_passes_with_its_counts():
    report = probe(BOOK.search, BOOK)
    assert report.ok
    assert report.reasons == ()
    assert check(report, "documents").detail == "The version holds 60 documents."
    assert "24 of 24" in check(report, "lexical").detail


@pytest.mark.parametrize("documents", [1, 2, 10])
def test_a_small_corpus_can_be_probed(documents):
    shelf = Shelf({f"d{number}": f"This is page number {number}, about harbours." for number in range(documents)})
    assert probe(shelf.search, shelf).ok


@pytest.mark.parametrize(
    "text",
    [
        "四方城是一座古老的城市。\n\n河流从北方流入大海。",
        "Το λιμάνι ήταν γεμάτο πλοία.\n\nΟ ποταμός κυλά προς τη θάλασσα.",
        "ميناء المدينة مزدحم بالسفن.\n\nالنهر يجري نحو البحر.",
        "四方城是一座古老的城市它有许多河流山脉和湖泊" * 3 + "\n\n" + "河流从北方流入大海然后船只离开港口驶向远方" * 3,
        "| 1984 | 17 | 22 |\n\n| 1985 | 19 | 23 |",
        "text a\n\ntext b",
    ],
)
def test_any_script_can_be_probed(text):
    shelf = Shelf({"d": text})
    report = probe(shelf.search, shelf)
    assert report.ok, report.reasons
    assert "2 of 2" in check(report, "lexical").detail


@pytest.mark.parametrize("dead", ["lexical", "dense"])
def test_a_leg_that_returns_nothing_fails_and_is_named(dead):
    report = probe(spoiled(BOOK.search, lambda hits, mode: [] if mode == dead else hits), BOOK)
    assert not report.ok
    assert [dead in reason for reason in report.reasons] == [True]
    assert "0 of 24" in report.reasons[0]


@pytest.mark.parametrize("dead", ["lexical", "dense"])
def test_a_leg_that_gives_every_question_the_same_hits_fails(dead):
    same = BOOK.search(BOOK.chunks[0].text, k=10)
    report = probe(spoiled(BOOK.search, lambda hits, mode: same if mode == dead else hits), BOOK)
    assert [dead in reason for reason in report.reasons] == [True]


def test_vectors_that_belong_to_other_passages_fail():
    book, _ = library(60)
    book.vectors = np.roll(book.vectors, 20, axis=0)
    report = probe(book.search, book)
    assert [check.name for check in report.checks if not check.ok] == ["dense"]


def test_a_leg_whose_scores_are_not_numbers_fails():
    nan = spoiled(BOOK.search, lambda hits, mode: [hit.with_score(float("nan")) for hit in hits])
    assert len(probe(nan, BOOK).reasons) == 2


def test_weak_meaning_does_not_fail():
    rng = np.random.default_rng(2)

    def weak(hits, mode):
        """The passage is found only four times in ten."""
        return rescored(hits, [*range(1, len(hits)), 0])[:-1] if mode == "dense" and rng.random() < 0.6 else hits

    report = probe(spoiled(BOOK.search, weak), BOOK)
    assert report.ok
    assert "24 of 24" not in check(report, "dense").detail


@pytest.mark.parametrize(("old", "new"), [("\n", "  "), (" of ", " in ")], ids=["whitespace", "a word"])
def test_a_near_duplicate_counts_as_the_passage(old, new):
    copies = Shelf(
        {
            f"d{number}": "The small harbour of the ancient city\nwas built by fishermen before 1820."
            for number in range(40)
        }
    )

    def another(hits, mode):
        """Never the passage itself."""
        chunk = copies.chunks[0]
        return [replace(hits[0], chunk=replace(chunk, document="elsewhere", text=chunk.text.replace(old, new)))]

    assert probe(spoiled(copies.search, another), copies).ok
    other = Shelf({"d": "Nothing of the kind stands here, neither ships nor rivers."}).chunks[0]
    assert not probe(spoiled(copies.search, lambda hits, mode: [replace(hits[0], chunk=other)]), copies).ok


def test_no_documents_fail():
    report = probe(Shelf({}).search, Shelf({}))
    assert report.reasons == ("The version holds 0 documents: ingest some.",)


def test_a_passage_without_usable_words_is_passed_over_but_something_must_be_asked():
    shelf = Shelf({"a": "-- * --", "b": "as it is", "c": "harbours and rivers"})
    assert "1 of 1" in check(probe(shelf.search, shelf), "lexical").detail
    mute = Shelf({"a": "-- * --", "b": "as it is"})
    assert [reason.startswith("No passage has words") for reason in probe(mute.search, mute).reasons] == [True, True]


@pytest.mark.parametrize(
    ("share", "ok"), [(None, True), (0.0, True), (0.2, True), (0.21, False), (float("nan"), False)]
)
def test_at_most_a_fifth_of_the_documents_may_be_lost(share, ok):
    report = probe(BOOK.search, BOOK, n=2, lost_share=share)
    assert report.ok is ok
    if not ok:
        assert "are gone (at most 20% may be)" in report.reasons[0]

"""Is gold found where it stands in a version, and is what is gone said?"""

import pytest

from eval.gold.gold import BadGold, Gold, GoldQuery, Relevant
from eval.gold.resolve import Span, Stale, resolve
from tests.eval.shelf import Shelf


def gold(*relevant, kind="citewell"):
    return Gold((GoldQuery("q", "?", relevant),), kind, "digest")


def beir(*ids):
    return gold(*(Relevant(name) for name in ids), kind="qrels")


def spans(text, relevant):
    resolved = resolve(gold(relevant), Shelf({"d": text}))
    return resolved.queries[0].spans, resolved.stale


@pytest.mark.parametrize(
    ("text", "quote", "places"),
    [
        ("one two three", "two", [(4, 7)]),
        ("one two\n  three", "two three", [(4, 15)]),
        ("a.b axb a.b", "a.b", [(0, 3), (8, 11)]),
        ("x\u00a0y", "x y", [(0, 3)]),
    ],
)
def test_a_quote_is_found_wherever_it_stands(text, quote, places):
    found, stale = spans(text, Relevant("d", quote=quote))
    assert found == (tuple(Span("d", *place) for place in places),)
    assert stale == ()


def test_an_exact_quote_wins_over_one_with_other_whitespace():
    assert spans("a\nb a b", Relevant("d", quote="a b"))[0] == ((Span("d", 4, 7),),)


def test_a_quote_that_is_gone_is_stale_and_stands_nowhere():
    assert spans("one two", Relevant("d", quote="four")) == (((),), (Stale("q", "d", "quote", "four"),))


def test_a_span_beyond_the_text_is_stale():
    assert spans("one two", Relevant("d", 4, 8)) == (((),), (Stale("q", "d", "span"),))
    assert spans("one two", Relevant("d", 4, 7)) == (((Span("d", 4, 7),),), ())


def test_a_document_that_is_gone_stays_relevant_and_is_reported_once():
    resolved = resolve(gold(Relevant("gone", quote="x"), Relevant("gone", quote="y"), Relevant("d")), Shelf({"d": "t"}))
    assert resolved.queries[0].grades == {"gone": 1, "d": 1}
    assert resolved.queries[0].spans == ((), ())
    assert resolved.stale == (Stale("q", "gone", "document"),)


def test_a_document_named_twice_counts_once_with_its_highest_grade():
    resolved = resolve(gold(Relevant("d", 0, 1, grade=2), Relevant("d", 1, 2)), Shelf({"d": "text"}))
    assert resolved.queries[0].grades == {"d": 2}
    assert len(resolved.queries[0].spans) == 2


@pytest.mark.parametrize(
    ("short", "name"),
    [
        ("4983", "scifact/corpus.jsonl#4983"),
        ("a#b", "x/corpus.jsonl#a#b"),
        ("a/b", "x/corpus.jsonl#a/b"),
        ("pep-0008", "tree/pep-0008.rst"),
        ("pep-0008.rst", "tree/pep-0008.rst"),
        ("tree/pep-0008.rst", "tree/pep-0008.rst"),
        ("v1.2", "notes/v1.2.md"),
    ],
)
def test_a_beir_id_finds_its_document_and_names_it_in_run_files(short, name):
    resolved = resolve(beir(short), Shelf({name: "t", "other/corpus.jsonl#x": "t"}))
    assert resolved.queries[0].grades == {name: 1}
    assert resolved.stale == ()
    assert resolved.ids == {name: short, "other/corpus.jsonl#x": "x"}


def test_a_beir_id_that_fits_two_documents_is_refused_naming_both():
    with pytest.raises(BadGold, match=r"a/corpus.jsonl#7 and b/7.md"):
        resolve(beir("7"), Shelf({"a/corpus.jsonl#7": "t", "b/7.md": "t"}))


def test_a_whole_name_is_never_ambiguous():
    shelf = Shelf({"7": "t", "b/7.md": "t"})
    assert resolve(beir("7"), shelf).queries[0].grades == {"7": 1}


def test_documents_that_share_a_stem_keep_their_whole_names_in_run_files():
    ids = resolve(beir("x"), Shelf({"a/readme.md": "t", "b/readme.md": "t", "a/x.md": "t"})).ids
    assert ids == {"a/readme.md": "a/readme.md", "b/readme.md": "b/readme.md", "a/x.md": "x"}


def test_a_beir_id_that_fits_nothing_is_stale():
    assert resolve(beir("9"), Shelf({"a/8.md": "t"})).stale == (Stale("q", "9", "document"),)


def test_citewell_gold_means_whole_names_alone():
    assert resolve(gold(Relevant("x")), Shelf({"a/x.md": "t"})).stale == (Stale("q", "x", "document"),)


def test_unanswerable_queries_are_not_among_the_resolved():
    assert resolve(Gold((GoldQuery("q", "?", answerable=False),), "citewell", ""), Shelf({"d": "t"})).queries == ()

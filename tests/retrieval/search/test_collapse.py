"""Does a passage give way only to one that says all that it says?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.model import Chunk
from retrieval.lexical.sameness import key_of
from retrieval.search.collapse import collapse, duplicates

CLAUSE = (
    "The lender pays the borrower the sum of 12,500 euros within thirty days of signing this contract. The borrower "
    "pays it back in ten equal parts on the first day of each month, and owes interest of 3.5 % a year on what is "
    "still open. Payment may not be refused. Anna Weber signs for the lender in Hamburg on the day that stands below, "
    "and both keep a copy of this contract and of every letter that changes it, for as long as anything is owed."
)


def chunk(text, document="d", start=0, headings=(), **said):
    return Chunk(document, start, start + len(text), text, headings=headings, **said)


def same(one, other, *, headings=((), ())):
    return key_of(chunk(one, headings=headings[0])) == key_of(chunk(other, "e", headings=headings[1]))


def jaccard(one, other):
    """The share of three-word sequences that two texts have in common."""
    grams = [{tuple(words[i : i + 3]) for i in range(len(words) - 2)} for words in (one.split(), other.split())]
    return len(grams[0] & grams[1]) / len(grams[0] | grams[1])


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (" ", "\n  "),
        ("The lender", "THE LENDER"),
        (". ", " – "),
        ("contract", "**contract**"),
        ("borrower", "borro-\nwer"),
        ("interest", "inter\u00adest"),
        ("first", "\ufb01rst"),
        ("this contract", "this `contract`"),
        ("Hamburg", "Ham\u200bburg"),
        ("Anna", "\uff21nna"),
        ("the sum", "sum"),
        ("Anna Weber", "“Anna” Weber"),
    ],
)
def test_layout_case_signs_and_articles_do_not_make_a_passage_another(old, new):
    assert old in CLAUSE
    assert same(CLAUSE, CLAUSE.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("12,500", "12,600"),
        ("12,500", "-12,500"),
        ("12,500", "1,2500"),
        ("12,500 euros", "12,500 dollars"),
        ("3.5 %", "3.5 ‰"),
        ("3.5", "35"),
        ("ten", "two"),
        ("Weber", "Bauer"),
        ("Hamburg", "Homburg"),
        ("may not", "may"),
        ("in Hamburg", "not in Hamburg"),
        ("pays it", "never pays it"),
        ("The lender pays the borrower", "The borrower pays the lender"),
        ("within", "after"),
        ("12,500", "12,500²"),
        ("this contract", "this [contract](https://example.org/c)"),
    ],
)
def test_one_number_name_negation_or_party_makes_it_other_evidence(old, new):
    assert old in CLAUSE
    other = CLAUSE.replace(old, new, 1)
    assert jaccard(CLAUSE, other) >= 0.85, "though nearly all of it is the same"
    assert not same(CLAUSE, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ab -5 cd", "ab 5 cd"),
        ("pressure < 5 bar", "pressure > 5 bar"),
        ("costs 5 €", "costs 5 $"),
        ("合同金额为五万元", "合同金额为六万元"),
        ("кредит выдан", "кредит не выдан"),
        ("1.5", "15"),
        ("at 10:30", "at 1030"),
        ("२५ दिन", "२६ दिन"),
        ("", "---"),
        ("***", "---"),
        ("written in C++", "written in C"),
        ("rated A-", "rated A+"),
        ("rated A-", "rated A"),
        ("a ✓", "a ✗"),
        ("fit: 👍", "fit: 👎"),
        ("if (!ready)", "if (ready)"),
        ("¬P", "P"),
        ("a*b", "a/b"),
        ("a * b", "a b"),
        ("a → b", "a ← b"),
        ("~5", "5"),
        ("10²", "102"),
        ("CO₂", "CO2"),
        ("1½", "11/2"),
        ("1½ cups", "11 2 cups"),
        ("n is 5!", "n is 5"),
        ("is 5' long", 'is 5" long'),
        (".5 mg", "5 mg"),
        ("Vitamin A", "Vitamin"),
        ("Vitamin A helps", "Vitamin helps"),
        ("is it a", "is it"),
        ("# keep = 30", "keep = 30"),
        ("use --force", "use force"),
        ("| 5 | | 7 |", "| 5 | 7 | |"),
        ("a (500)", "a 500"),
        ("Is it done?", "Is it done."),
        ("see [the rules](a.md)", "see [the rules](b.md)"),
    ],
)
def test_what_is_short_differs_by_a_sign(one, other):
    assert not same(one, other)


def test_the_same_words_under_other_headings_are_other_evidence():
    assert not same("It costs 5 euros.", "It costs 5 euros.", headings=(("Basic",), ("Pro",)))
    assert same("It costs 5 euros.", "it costs 5 euros", headings=(("Fees", "Pro"), ("FEES", "Pro.")))
    assert not same("b", "a b", headings=(("a",), ())) or key_of(chunk("b")) != key_of(chunk("b", headings=("b",)))


def test_the_same_rows_under_other_columns_are_other_evidence():
    def row(document, title, columns):
        return chunk("| A | 5 |", document, title=title, context=f"{title} › Prices\n{columns}", headings=("Prices",))

    euros = key_of(row("d", "Old", "| Plan | EUR |"))
    assert euros != key_of(row("e", "Old", "| Plan | USD |"))
    assert euros == key_of(row("e", "New", "| Plan | EUR |")), "the title names the document, and says nothing of it"
    assert euros != key_of(chunk("| A | 5 |", headings=("Prices",)))
    bare = [chunk("| A | 5 |", context=f"| Plan | {currency} |") for currency in ("EUR", "USD")]
    assert key_of(bare[0]) != key_of(bare[1])


CHUNKS = st.lists(st.tuples(st.sampled_from(["x", "y", "z", "X", "y."]), st.sampled_from("def")), max_size=12)


def listed(pairs):
    made = [chunk(text, document, start=number) for number, (text, document) in enumerate(pairs)]
    return [one.id for one in made], {one.id: one for one in made}


@given(CHUNKS, st.integers(1, 6))
def test_going_down_the_first_of_equals_is_shown_and_k_are_where_there_are_enough(pairs, k):
    order, known = listed(pairs)
    shown = collapse(order, lambda ids: {id: known[id] for id in ids}, k=k)
    keys = [key_of(one.chunk) for one in shown]
    assert len(set(keys)) == len(keys) == min(k, len({key_of(one) for one in known.values()}))
    firsts = [next(known[id] for id in order if key_of(known[id]) == key) for key in keys]
    assert [one.chunk for one in shown] == firsts, "in the order of the ranking"
    assert all(key_of(one.chunk) == key_of(other) for one in shown for other in one.others)
    met = [chunk.id for one in shown for chunk in (one.chunk, *one.others)]
    assert sorted(met, key=order.index) == order[: len(met)], "nothing is passed over in silence"


@given(CHUNKS, st.integers(1, 6))
def test_kept_every_passage_stands_in_its_own_place(pairs, k):
    order, known = listed(pairs)
    shown = collapse(order, lambda ids: {id: known[id] for id in ids}, k=k, keep=True)
    assert [(one.place, one.chunk.id, one.others) for one in shown] == [(id, id, []) for id in order[:k]]


def test_no_more_chunks_are_loaded_than_are_needed():
    order, known = listed([("x", "d"), ("y", "d"), ("z", "d"), *([("w", "d")] * 50)])
    asked = []
    collapse(order, lambda ids: asked.extend(ids) or {id: known[id] for id in ids}, k=3)
    assert asked == order[:3]


def test_many_copies_are_gone_through_in_few_steps():
    order, known = listed([("x", "d")] * 5_000 + [("y", "d"), ("z", "d")])
    asked = []
    shown = collapse(order, lambda ids: asked.append(len(ids)) or {id: known[id] for id in ids}, k=2)
    assert [one.chunk.text for one in shown] == ["x", "y"]
    assert len(shown[0].others) == 4_999
    assert len(asked) < 20


def test_a_duplicate_names_other_documents_once_each():
    one, *others = [chunk("x", document, start=number) for number, document in enumerate("dededf")]
    assert duplicates(one, others) == ("e", "f")
    assert duplicates(one, []) == ()


def test_an_id_without_a_chunk_is_passed_over():
    order, known = listed([("x", "d"), ("y", "d")])
    shown = collapse(["gone", *order], lambda ids: {id: known[id] for id in ids if id in known}, k=2)
    assert [one.chunk.text for one in shown] == ["x", "y"]

"""Are the terms of a question those of the text that answers it?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.analyze import terms


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The pumps are running", ["pump", "run"]),
        ("the of and", []),
        ("read_csv", ["read_csv", "read", "csv"]),
        ("NotRequired", ["notrequired", "requir"]),
        ("HTTPServer", ["httpserver", "http", "server"]),
        ("it's a key", ["key"]),
        ("don't", ["don't"]),
        ("Ünïcode naïve", ["ünïcode", "naïv"]),
        ("2026-11", ["2026", "11"]),
        ("数据库", ["数据", "据库"]),
        ("字", ["字"]),
        ("Straße STRASSE", ["strass", "strass"]),
        ("ﬁle ｗｉｄｅ", ["file", "wide"]),
        ("", []),
        ("?! — …", []),
    ],
)
def test_terms_are_stems_parts_and_pairs(text, expected):
    assert terms(text) == expected


@given(st.text(max_size=60))
def test_any_text_has_terms_that_are_words_without_white_space(text):
    for term in terms(text):
        assert term
        assert term.split() == [term]


@given(st.lists(st.sampled_from(["pump", "read_csv", "数据库", "it's", "Ünï", "3.14"]), max_size=8))
def test_the_terms_of_a_text_are_those_of_its_words_in_order(words):
    assert terms(" ".join(words)) == [term for word in words for term in terms(word)]


@given(st.text("pumpsRUNING", min_size=1, max_size=12))
def test_an_upper_case_question_finds_a_lower_case_word(word):
    assert terms(word.upper()) == terms(word.lower())

"""Are the terms of a question those of the text that answers it?"""

from collections import Counter

import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

from retrieval.lexical.analyze import query_terms, terms

_MIXED = """
    pump Pumps read_csv pd.read_csv NotRequired HTTPServer2 v3.14.2 CVE-2024-1234 AB-12/7 192.168.0.1 a.b.c() C++ C#
    .NET --no-publish 12,500.00 3.5 % § 823 it's O'Brien l'homme e.g. Ünï café ＷＩＤＥ Straße 数据库 字 コーヒーを
    집에서 ภาษาไทย ພາສາລາວ ភាសាខ្មែរ မြန်မာ книгами п'ять αθήνας الكتاب כתב किताबें புத்தகங்கள் գրքեր Python3.14の
    x@y.org https://x.org/a-b?c=1 die the der
"""
WORDS = st.sampled_from(_MIXED.split())
ANY_TEXT = st.text(max_size=60) | st.text("aB1_-./:@&',§% +#é’٣字ไม้́", max_size=20) | st.lists(WORDS).map(" ".join)
LANGUAGES = st.sampled_from(["en", "", "de", "fr", "ru", "uk", "sr", "fa", "zh", "th", "tr", "vi", "xx"])


def found(asked: str, text: str, language: str = "en") -> bool:
    """Whether a question shares a term with a text."""
    return bool(set(query_terms(asked, [language])) & set(terms(text, language)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The pumps are running", ["pump", "run"]),
        ("the of and, e.g. i.e.", []),
        ("read_csv", ["readcsv", "read", "csv"]),
        ("pd.read_csv", ["pdreadcsv", "pd", "readcsv", "read", "csv"]),
        ("NotRequired", ["notrequir", "requir"]),
        ("HTTPServer", ["httpserver", "http", "server"]),
        ("URLs", ["url"]),
        ("it's a dog's key", ["dog", "key"]),
        ("don't don’t", ["don't", "don't"]),
        ("well-known e-mails", ["well", "known", "email", "e", "mail"]),
        ("--no-publish", ["nopublish", "publish"]),
        ("Ünïcode naïve", ["ünïcode", "unicod", "naïv", "naiv"]),
        ("2026-11-25", ["2026.11", "2026.11.25", "2026", "11", "25"]),
        ("v3.14", ["3.14", "v3.14", "v3", "v", "3", "14"]),
        ("12,500 3.5 %", ["12.500", "12500", "12", "500", "3.5%", "3.5", "3", "5"]),
        ("§§ 823 §823", ["§823", "823", "§823", "823"]),
        ("C++ C# .NET", ["c++", "c", "c#", "c", ".net", "net"]),
        ("数据库", ["数", "据", "库", "数据", "据库"]),
        ("字", ["字"]),
        ("コーヒー", ["コー", "ーヒ", "ヒー"]),
        ("Straße STRASSE", ["strass", "strass"]),
        ("ﬁle ｗｉｄｅ so\xadft", ["file", "wide", "soft"]),
        ("१२३ ١٢٣", ["123", "123"]),
        ("", []),
        ("?! — … ----- § %", []),
    ],
)
def test_terms_are_stems_wholes_parts_and_pairs(text, expected):
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("language", "one", "other"),
    [
        ("de", "Häuser", "Haus"),
        ("de", "Muenchen", "München"),
        ("es", "constituciones", "constitucion"),
        ("fr", "élevées", "elevee"),
        ("fr", "l'homme", "hommes"),
        ("it", "dell'acqua", "acqua"),
        ("tr", "İSTANBUL", "istanbul"),
        ("ru", "книгами", "книга"),
        ("en", "книгами", "книга"),
        ("sr", "књигама", "knjigama"),
        ("el", "ΑΘΗΝΑ", "Αθήνας"),
        ("ar", "كِتَاب", "الكتاب"),
        ("fa", "کتاب\u200cها", "کتاب"),
        ("hi", "किताबें", "किताब"),
        ("zh", "containers", "container"),
        ("en", "café", "cafe"),
    ],
)
def test_forms_of_a_word_find_each_other_in_its_language(language, one, other):
    assert found(one, other, language)
    assert found(other, one, language)


@pytest.mark.parametrize(("language", "one", "other"), [("uk", "книгами", "книга"), ("vi", "running", "run")])
def test_words_of_a_language_without_a_stemmer_stay_as_they_are(language, one, other):
    assert not found(one, other, language)


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("pd.read_csv(path)", ["read_csv", "read csv", "readcsv", "ReadCsv", "read-csv", "csv", "pd.read_csv"]),
        ("NotRequired", ["notrequired", "NOTREQUIRED", "required", "not_required"]),
        ("v3.14.2", ["3.14.2", "3.14", "V3.14.2", "14"]),
        ("CVE-2024-1234", ["cve 2024 1234", "CVE_2024_1234", "2024-1234", "1234"]),
        ("AB-12/7", ["ab12", "12/7", "AB 12"]),
        ("192.168.0.1", ["192.168", "192.168.0.1"]),
        ("12,500.00", ["12500", "12,500", "12.500,00"]),
        ("user.name@example.com", ["example.com", "user.name", "username", "example"]),
        ("https://docs.python.org/3/library", ["docs.python.org", "python", "library"]),
        ("我的猫很好", ["猫", "很好"]),
        ("집에서", ["집"]),
        ("ภาษาไทย", ["ภาษา", "ไทย"]),
    ],
)
def test_an_identifier_is_found_whole_in_part_and_spelled_otherwise(text, questions):
    for question in questions:
        assert found(question, f"before {text} after"), question


def test_a_version_is_told_from_the_same_digits_with_other_points():
    assert set(terms("3.14.2")) - set(terms("31.42")) >= {"3.14", "3.14.2"}


def test_an_article_that_was_shortened_is_no_part_of_the_word():
    assert terms("l'homme", "fr") == ["homm"]
    assert terms("O'Brien", "en") == ["obrien", "o", "brien"]


def test_a_capital_i_with_a_dot_is_an_i():
    assert terms("İZMİR", "tr") == ["izmir"]


def test_c_with_a_sign_is_told_from_c():
    assert "c++" not in terms("C and C#")
    assert "c++" in terms("C++17")


@given(ANY_TEXT, LANGUAGES)
@example("1\u0301", "en")
@example("§ don't", "en")
@example("/--x", "en")
@example("ɛ́", "en")
def test_any_text_has_terms_that_are_words_without_white_space(text, language):
    for term in terms(text, language):
        assert term
        assert term.split() == [term]
        term.encode("utf-8")


@given(st.lists(WORDS | st.text(max_size=8), max_size=8), st.data(), LANGUAGES)
def test_a_text_has_all_terms_of_any_slice_of_its_words(words, data, language):
    words = " ".join(words).split(" ")
    start = data.draw(st.integers(0, len(words)))
    end = data.draw(st.integers(start, len(words)))
    assert not Counter(terms(" ".join(words[start:end]), language)) - Counter(terms(" ".join(words), language))


@given(st.lists(WORDS, max_size=6).map(" ".join), LANGUAGES)
def test_every_word_of_a_text_that_has_terms_is_found_by_itself(text, language):
    for word in regex.findall(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}]*", regex.sub(r"'\p{L}+|e\.g\.", " ", text)):
        assert not terms(word, language) or found(word, text, language)


@given(st.text("pumpsRUNING", min_size=1, max_size=12))
def test_an_upper_case_question_finds_a_lower_case_word(word):
    assert terms(word.upper()) == terms(word.lower())


@given(ANY_TEXT, LANGUAGES)
def test_a_question_to_one_language_has_the_terms_of_a_text_in_it(text, language):
    assert query_terms(text, [language]) == terms(text, language)


def test_a_question_to_no_recorded_language_is_read_as_english():
    assert query_terms("running", []) == query_terms("running", [""]) == terms("running")


@given(st.lists(WORDS, max_size=6).map(" ".join), st.sets(LANGUAGES, min_size=1))
def test_the_order_of_the_languages_does_not_matter(text, languages):
    assert query_terms(text, sorted(languages)) == query_terms(text, sorted(languages, reverse=True))


def test_a_word_has_its_terms_in_each_recorded_language_once():
    assert query_terms("Pumpen pumps", ["de", "en"]) == ["pump", "pumpen", "pumps", "pump"]
    assert query_terms("pump pump", ["de", "en", "fr"]) == ["pump", "pump"]


def test_a_stop_word_of_one_recorded_language_is_no_word_of_the_others_unless_it_says_something_there():
    assert query_terms("der Sturm", ["de", "en"]) == ["sturm"]
    assert query_terms("causes of the civil war", ["de", "en"]) == ["caus", "civil", "war"]


def test_a_question_of_nothing_but_stop_words_of_another_language_is_asked_as_it_is():
    assert query_terms("über", ["de", "en"]) == ["über", "uber"]

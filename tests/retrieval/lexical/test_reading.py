"""Is what a text says exactly one term, whatever its form, and does it cost plain questions nothing?"""

import pytest

from retrieval.lexical.reading import CURRENT, OLDER


def exact(text, language="en"):
    """The terms of a passage that stand beside its words."""
    return list(CURRENT.passage(text, language).beside)


def said(question, languages=("en",)):
    """The same of a question."""
    return [term for term in CURRENT.question(question, languages) if term.startswith("=")]


DAY = [
    ("en", "on 12 March 2024"),
    ("en", "on 2024-03-12"),
    ("en", "log-2024-03-12T08:15"),
    ("en", "on March 12, 2024"),
    ("en", "on the 12th of March, 2024"),
    ("en", "on Mar. 12th, 2024"),
    ("en", "on 12-Mar-24"),
    ("en", "on 12.03.2024"),
    ("en", "on 2024/3/12"),
    ("en", "on 12 mar 2024"),
    ("de", "am 12. März 2024"),
    ("de", "am 12.3.24"),
    ("de", "am 12. 03. 2024"),
    ("fr", "le 12 mars 2024"),
    ("fr", "le 12/03/24"),
    ("es", "el 12 de marzo de 2024"),
    ("es", "12/03/2024"),
    ("pt", "12 de março de 2024"),
    ("it", "il 12 marzo 2024"),
    ("nl", "12 maart 2024"),
    ("sv", "den 12 mars 2024"),
    ("pl", "12 marca 2024"),
    ("ru", "12 марта 2024 г."),
    ("fi", "12. maaliskuuta 2024"),
    ("hu", "2024. március 12-én"),
    ("hu", "2024. 03. 12."),
    ("tr", "12 Mart 2024"),
    ("ar", "١٢ مارس ٢٠٢٤"),
    ("hi", "12 मार्च 2024"),
    ("vi", "ngày 12 tháng 3 năm 2024"),
    ("zh", "2024年3月12日"),
    ("ja", "２０２４年３月１２日"),
    ("ko", "2024년 3월 12일"),
    ("ko", "24. 3. 12"),
    ("", "12. März 2024"),
    ("", "12 de marzo de 2024"),
]


@pytest.mark.parametrize(("language", "text"), DAY)
def test_a_day_in_any_form_is_one_term_of_passages_and_questions(language, text):
    assert "=2024-03-12" in exact(text, language)
    assert "=2024-03" in exact(text, language), "a day is found by its month"
    assert "=2024-03-12" in said(text, [language])


@pytest.mark.parametrize(
    ("language", "text", "term"),
    [
        ("en", "March 2024", "=2024-03"),
        ("en", "2024-03", "=2024-03"),
        ("en", "03/2024", "=2024-03"),
        ("en", "Mar-24", "=2024-03"),
        ("de", "im März 2024", "=2024-03"),
        ("es", "marzo de 2024", "=2024-03"),
        ("ru", "в марте 2024", "=2024-03"),
        ("fi", "maaliskuussa 2024", "=2024-03"),
        ("en", "Q1 2024", "=2024-q1"),
        ("en", "2024-Q1", "=2024-q1"),
        ("en", "1Q24", "=2024-q1"),
        ("en", "the first quarter of 2024", "=2024-q1"),
        ("en", "1st quarter 2024", "=2024-q1"),
        ("de", "1. Quartal 2024", "=2024-q1"),
        ("de", "im ersten Quartal 2024", "=2024-q1"),
        ("es", "primer trimestre de 2024", "=2024-q1"),
        ("fr", "T1 2024", "=2024-q1"),
        ("fr", "1er trimestre 2024", "=2024-q1"),
        ("zh", "2024年第一季度", "=2024-q1"),
        ("en", "in May", "=--05"),
        ("en", "in may", "=--05"),
        ("de", "im Mai", "=--05"),
        ("en", "12 March", "=--03-12"),
        ("es", "1º de mayo", "=--05-01"),
        ("pl", "K1 2020", "=2020-q1"),
        ("en", "due 03/14", "=--03-14"),
        ("en", "on 3/12", "=--12-03"),
        ("en", "on 3/12", "=--03-12"),
        ("de", "am 3/12", "=--12-03"),
        ("en", "31/12", "=--12-31"),
        ("en", "the 90s", "=1990s"),
        ("en", "the late ’80s", "=1980s"),
        ("en", "the 60s and 70s", "=1970s"),
        ("en", "the mid-1990s", "=1990s"),
        ("en", "the 20s", "=2020s"),
        ("de", "in den 90er Jahren", "=1990s"),
        ("es", "los años 90", "=1990s"),
        ("fr", "les années 90", "=1990s"),
        ("it", "gli anni '90", "=1990s"),
    ],
)
def test_months_and_quarters_are_terms_too(language, text, term):
    assert term in exact(text, language)
    assert term in said(text, [language])


@pytest.mark.parametrize("text", ["a 90s timeout", "the 90s timeout", "wait 90s", "the 90s-interval", "90 s"])
def test_seconds_are_no_decade_and_a_decade_no_seconds(text):
    assert said(text) == ["=90s"]
    assert said("music of the 90s") == ["=1990s"]


def test_a_day_without_its_year_is_that_of_a_date_with_it():
    assert said("due 03/14") == ["=--03-14"]
    assert "=--03-14" in exact("on 14 March 2024")
    assert set(said("on 3/12", ["de"])) == {"=--12-03"}, "in German the day stands first"


def test_a_range_names_both_its_ends():
    assert {"=2023-05-03", "=2023-05-05"} <= set(said("3-5 May 2023"))


@pytest.mark.parametrize(
    "text",
    [
        "You may 5 times",
        "they march on",
        "May I come?",
        "what may be wrong",
        "version 3.1.24",
        "192.168.10.12",
        "99/99/2024",
        "2024-13-45",
        "10:12:2024",
        "the T4 2023 form",
        "a K1 2020 visa",
        "room 12/2019",
        "Case No. 4/2021",
        "Directive 2019/12",
        "Zimmer 12/2019",
        "Az. 5/2021",
        "open 24/7",
        "a 16/9 screen",
        "3/4 of it",
        "on 1/2 of them",
        "page 3/12",
        "by 3/12",
    ],
)
def test_what_only_looks_like_a_date_is_none(text):
    assert not [term for term in exact(text) if term.startswith(("=2", "=-"))]


@pytest.mark.parametrize(
    ("languages", "question", "term"),
    [
        (["es"], "ventas en mayo", "=--05"),
        (["fr"], "au mois de mai", "=--05"),
        (["nl"], "omzet in maart", "=--03"),
        (["de", "en"], "umsatz im märz", "=--03"),
        (["zh"], "5月的销售额", "=--05"),
        (["ko"], "5월 매출", "=--05"),
    ],
)
def test_a_month_alone_is_asked_for_as_documents_in_its_language_have_it(languages, question, term):
    assert term in said(question, languages)
    assert term in exact(question, languages[0])


@pytest.mark.parametrize(
    "text",
    ["How do I set 10 alarms?", "what happened 3 days ago 2019", "log out 5 users", "the MacBook Pro 2019"],
)
def test_what_shortens_a_month_in_some_other_language_is_none_without_its_day_and_year(text):
    assert not [term for term in said(text) + exact(text, "") if term.startswith(("=2", "=-"))]
    assert "=2019-08-05" in said("il 5 ago 2019")


@pytest.mark.parametrize("text", ["Version 3.1.24 ist da", "seit v3.1.24", "Release 3.1.24"])
def test_what_is_called_a_version_is_no_date_in_a_language_of_such_dates_either(text):
    assert exact(text, "de") == []
    assert "3.1.24" in CURRENT.question(text, ["de"])
    assert "=2024-01-03" in exact("am 3.1.24", "de")


def test_a_slashed_date_is_read_as_the_document_writes_its_others():
    british = CURRENT.orders("Sent 25/03/2024, paid 04/05/2024.", "en")
    american = CURRENT.orders("Sent 03/25/2024, paid 04/05/2024.", "en")
    assert "=2024-05-04" in CURRENT.passage("paid 04/05/2024", "en", british).beside
    assert "=2024-04-05" not in CURRENT.passage("paid 04/05/2024", "en", british).beside
    assert "=2024-04-05" in CURRENT.passage("paid 04/05/2024", "en", american).beside
    assert {"=2024-05-04", "=2024-04-05"} <= set(exact("paid 04/05/2024")), "nothing tells, so it may be either"
    assert "=2024-04-05" not in exact("bezahlt 04/05/2024", "de")


@pytest.mark.parametrize(
    ("language", "text", "term"),
    [
        ("en", "16 GB", "=16gb"),
        ("en", "16gb", "=16gb"),
        ("en", "16 gigabytes", "=16gb"),
        ("en", "1,000 km", "=1000km"),
        ("de", "1.000 km", "=1000km"),
        ("de", "2,5 kg", "=2.5kg"),
        ("fr", "1\u202f000 km", "=1000km"),
        ("en", "2.50 kg", "=2.5kg"),
        ("en", "5 per cent", "=5%"),
        ("de", "5 Prozent", "=5%"),
        ("en", "€1.5 million", "=1500000eur"),
        ("de", "1,5 Mio. Euro", "=1500000eur"),
        ("en", "20 °C", "=20°c"),
        ("en", "90 km/h", "=90km/h"),
    ],
)
def test_an_amount_is_one_term_in_any_form(language, text, term):
    assert term in exact(text, language)
    assert term in said(text, [language])


@pytest.mark.parametrize(
    "text",
    ["rooms for 5 to 10 people", "in 2012 an outbreak began", "2 go on foot", "10 ore deposits", "about 5 mil thick"],
)
def test_a_word_that_measures_in_another_language_only_is_no_unit(text):
    assert exact(text) == []
    assert "=16gb" in exact("16 Go", "fr")
    assert "=5000eur" in exact("5 mil euros", "es")


@pytest.mark.parametrize("text", ["10.10.10.10", "01.02.03.04.05", "1.2.3.4"])
def test_numbers_between_points_that_group_nothing_are_no_number(text):
    assert exact(text, "de") == []
    assert not [term for term in CURRENT.question(text, ["de", "en"]) if term.isdigit() and len(term) > 2]


def test_a_grouped_number_is_found_by_its_digits():
    def terms(text, language):
        read = CURRENT.passage(text, language)
        return {*read.words, *read.beside}

    assert "1000" in terms("1,000", "en") & terms("1.000", "de") & terms("1 000", "fr") & terms("1'000", "de")
    assert "1000" not in terms("1.000", "en")
    assert "1000" in CURRENT.question("1.000", ["de", "en"])


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("The WHO recommends it.", "=who"),
        ("WHO guidelines on salt", "=who"),
        ("Ask IT about it.", "=it"),
        ("What does the CAN bus do?", "=can"),
        ("the IT-based list", "=it"),
        ("trade with the U.S. in 2024", "=us"),
        ("They told Will about it.", "=will"),
    ],
)
def test_names_that_are_silent_words_elsewhere_are_terms_when_they_are_written_as_names(text, term):
    assert term in exact(text)
    assert term in said(text)


@pytest.mark.parametrize(
    "text",
    [
        "who can say what it may be for us",
        "Who can do it?",
        "WHO CAN SAY IF IT MAY BE",
        "You CAN do it",
        "WHO is right?",
        "Will it work?",
        "The Man Who Can Do It",
        "do this OR that AND NOT those",
        "is_IT_a name, IT's",
    ],
)
def test_a_word_is_no_name_for_being_shouted_stressed_or_first(text):
    assert not set(exact(text)) - {"=not"}
    assert not set(said(text)) - {"=not"}


def test_a_word_that_may_be_a_name_is_silent_as_a_word():
    assert CURRENT.question("who can say what may happen") == ["say", "what", "happen"]
    assert OLDER.question("who can say") == ["who", "can", "say"]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "does not include breakfast"),
        ("en", "doesn't include breakfast"),
        ("en", "without breakfast"),
        ("en", "all except breakfast"),
        ("en", "no breakfast"),
        ("de", "kein Frühstück"),
        ("de", "ohne Frühstück"),
        ("es", "sin desayuno"),
        ("fr", "pas de petit déjeuner"),
        ("ru", "без завтрака"),
        ("zh", "不含早餐"),
    ],
)
def test_what_denies_is_one_term(language, text):
    assert "=not" in exact(text, language)
    assert said(text, [language]) == ["=not"]


def test_the_no_of_a_number_denies_nothing():
    assert exact("Form No. 5 and no 7") == []


def test_a_date_in_figures_is_its_day_and_year_and_no_other_words_of_a_question():
    assert CURRENT.question("broken on 2024-03-12?", ["en"]) == ["broken", "12", "2024", "=2024-03-12", "=2024-03"]
    assert "20240312" in CURRENT.question("20240312", ["en"])


def test_plain_texts_have_the_terms_that_their_words_have():
    text = "The pumps of read_csv v2.1.3 run ERR-1042 in an hour."
    read = CURRENT.passage(text, "en")
    assert (list(read.words), read.beside) == (OLDER.passage(text, "en").words, [])
    assert CURRENT.question(text, ["en"]) == OLDER.question(text, ["en"])

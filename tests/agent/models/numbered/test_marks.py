"""What a model's text names by numbers: read tolerantly, looked up strictly, and gone from what is said."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.evidence.citations import check
from agent.models.numbered.marks import Unmarked
from agent.models.numbered.statements import read
from agent.models.numbered.written import numbered
from agent.models.prompt import NUMBERED, REMINDER
from agent.state import Passage
from ingest.split.sentences import sentences

UP_TO = "Refunds up to 40 euros need no approval."
LARGER = "Larger refunds are approved by the shift lead."
PAID = "A refund is paid within 5 days."
LOST = "Lost goods are kept for ninety days in the cellar."
ARRAY = "The array[1] holds the second item."


def passage(number, title, *said):
    text = "\n".join(said)
    blocks = tuple(sentences(text))
    assert len(blocks) == len(said), "each is to be a sentence of its own"
    return Passage(number, "document", f"{title}.md", title, text, 0, len(text), blocks)


EVIDENCE = (passage(0, "Refunds", "# Refunds", UP_TO, LARGER, PAID), passage(1, "Lost", LOST, ARRAY))


class Stored:
    def text(self, name):
        return next((each.text for each in EVIDENCE if each.document == name), None)

    def page(self, name, offset):
        return None


def told(text):
    """What a person would read of an answer, and the sentences that it cites."""
    checked = check(read(text, EVIDENCE), EVIDENCE, Stored())
    return checked.marked, [citation.quote for citation in checked.citations]


def test_passages_and_their_sentences_are_numbered_as_text():
    first, second = (len(each.text) for each in EVIDENCE)
    assert numbered(EVIDENCE).splitlines() == [
        *(
            f"[1] Refunds (Refunds.md 0-{first})",
            "[1.1] # Refunds",
            f"[1.2] {UP_TO}",
            f"[1.3] {LARGER}",
            f"[1.4] {PAID}",
        ),
        *("", f"[2] Lost (Lost.md 0-{second})", f"[2.1] {LOST}", f"[2.2] {ARRAY}"),
    ]


SHORT = "Refunds up to 40 euros need no approval"


@pytest.mark.parametrize(
    "mark",
    [
        "[1]", "[1.2]", " [1]", " [1.2]", " ([1.2])", " (see [1.2])",
        " **[1.2]**", "【1.2】", " [^1]", " [#1.2]",
        " [passage 1]", " [Passage 1, sentence 2]", " [Sentence 1.2]", " [ 1.2 ]", " [[1.2]]",
        ' [1.2 "need no approval"]', ' [1.2: "need no approval"]',
        " [“need no approval” 1.2]", ' [1.2] "up to 40 euros need no approval"',
        ' [1 "Refunds up to 40 euros"]', ' [1.4 "Refunds up to 40 euros need no approval"]', " [1.2-1.2]",
        " (1.2)", " (Passage 1)", " (passage 1, sentence 2)",
        ' (sentence 1.2: "need no approval")', " [Refunds, 1.2]",
        " [1.2 need no approval]", " [1.2: need no approval]", " [p. 1]", " [doc 1]", " [1†source]", "^[1.2]",
        " <sup>[1.2]</sup>", " [1.2.]", " (Source: [1.2])", " [1.2, 1.2]",
        ' [1.2 "REFUNDS UP TO … NEED NO APPROVAL."]', " [1.99]", " [1.2; 9]",
        " (1)", "^1", " ^1.2", "¹", " <sup>1</sup>", " <sup>1.2</sup>", " *[1.2]*", " _[1.2]_", " `[1.2]`", r" \[1.2\]",
        " ［1.2］", " 〔1.2〕", " ⟦1.2⟧", " [1.2](Refunds.md)", " [[1.2]](#1.2)", " [1.2, Refunds.md]",
        " (Source: 1.2)", " (source: passage 1)", " (according to [1.2])", " (see passage 1, sentences 2-3)",
        " (ref. 1.2)", " — Source: [1.2]", " [1.2…1.3]", " [1.2 through 1.3]", " [1.2 bis 1.3]", " [1.2, 1.3, and 1.4]",
        " [Absatz 1, Satz 2]", " [1. 2]",
        " [1.2 (need no approval)]", " [1.2 | need no approval]",
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "form", ["{}{}.", "{}.{}", "- {}{}\n", "{}{}"], ids=["before the stop", "behind", "item", "bare"]
)
def test_a_mark_is_read_in_every_form_that_models_write(mark, form):
    marked, quotes = told(form.format(SHORT, mark))

    assert quotes == [UP_TO]
    assert marked.removeprefix("- ").replace(" [1]", "").rstrip(".") == SHORT


@pytest.mark.parametrize(
    "joined",
    [
        "[1.2, 2.1]", "[1.2][2.1]", "[1.2] [2.1]", "[1.2] and [2.1]", "[1.2; 2.1]", "[1, 2]", "[1]-[2]",
        "[1-2]", "[1–2]", "[1.2], [2]", "([1.2], [2.1])", "(see [1] and [2])",
    ],
)  # fmt: skip
def test_several_marks_cite_each_of_their_sentences(joined):
    said = "Refunds up to 40 euros need no approval, and lost goods are kept for ninety days"

    assert told(f"{said} {joined}.") == (f"{said}. [1][2]", [UP_TO, LOST])


def test_a_range_of_sentences_cites_those_that_say_it():
    assert told("Refunds up to 40 euros need no approval, larger ones the shift lead's [1.1-1.4].")[1][:2] == [
        UP_TO,
        LARGER,
    ]


def test_a_mark_at_the_end_of_a_paragraph_speaks_for_each_sentence_that_it_bears_out():
    marked, quotes = told(f"{UP_TO} The moon is blue. Larger ones are approved by the shift lead [1].\n\nNobody knows.")

    assert quotes == [UP_TO, LARGER]
    assert marked == f"{UP_TO} [1] Larger ones are approved by the shift lead. [2]"


def test_lines_that_are_copied_with_their_numbers_are_cited():
    assert told(f"[1.2] {UP_TO}\n[2.1] {LOST}") == (f"{UP_TO} [1]\n{LOST} [2]", [UP_TO, LOST])


def test_a_sentence_that_is_copied_behind_its_number_is_cited():
    assert told(f"1.2 {UP_TO}\n- 2.1: {LOST}") == (f"{UP_TO} [1]\n- {LOST} [2]", [UP_TO, LOST])
    assert told("1.2 Deposits are due at once.")[1] == [], "a heading's own number is none"


@pytest.mark.parametrize(
    "list_",
    ["Sources: [1.2], [2]", "Sources:\n[1] Refunds\n[2] Lost", "**References**\n- [1.2]\n- [2.1]", "Source: 1.2"],
)
def test_a_list_of_sources_at_the_end_is_taken_for_marks_and_not_shown(list_):
    assert told(f"{UP_TO}\n\n{list_}") == (f"{UP_TO} [1]", [UP_TO])


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "According to [1.2], refunds up to 40 euros need no approval.",
            "According to “Refunds”, refunds up to 40 euros",
        ),
        (
            "According to passage 1, refunds up to 40 euros need no approval.",
            "According to “Refunds”, refunds up to 40 euros",
        ),
        ("As sentence 1.2 says, refunds up to 40 euros need no approval.", "As “Refunds” says, refunds up to 40 euros"),
        (
            "Passage [1] says that refunds up to 40 euros need no approval.",
            "“Refunds” says that refunds up to 40 euros",
        ),
    ],
)
def test_a_mark_that_is_part_of_a_sentence_is_named_as_a_person_would(text, shown):
    assert told(text) == (f"{shown} need no approval. [1]", [UP_TO])


def test_a_source_that_is_named_behind_a_sentence_is_a_mark():
    assert told(f"{UP_TO} Source: [1.2]") == (f"{UP_TO} [1]", [UP_TO])


def test_a_number_before_a_line_speaks_for_its_first_sentence_and_for_no_other_that_it_does_not_bear_out():
    assert told(f"[1.2] {UP_TO}\nRefunds of every sort are paid by the shift lead within hours.") == (
        f"{UP_TO} [1]",
        [UP_TO],
    )
    assert told(f"[1.2] {UP_TO} {LOST}")[1] == [UP_TO]
    foreign = "Verlorene Sachen werden für neunzig Tage im Keller aufbewahrt, und das ist so."
    first, second = read(f"[2.1] {foreign}\nDie Wände der Kasse sind blau, und das ist so.", EVIDENCE)
    assert ([quote.text for quote in first.quotes], second.quotes) == ([LOST], ())


def test_a_mark_that_names_a_sentence_speaks_for_no_sentence_beside_that_one():
    statement = "The shift lead approves larger refunds."
    assert told(f"{statement} {SHORT} [1.2].") == (f"{SHORT}. [1]", [UP_TO])
    assert told(f"{statement} {SHORT} [1].")[1] == [LARGER, UP_TO], "as one that names the passage does"


def test_notes_at_the_end_that_say_what_the_numbers_are_are_not_shown():
    assert told(f"{SHORT}[^1]. {LOST} [^2]\n\n[^1]: Refunds.md\n[^2]: Lost.md, 2\n") == (
        f"{SHORT}. [1] {LOST} [2]",
        [UP_TO, LOST],
    )
    assert told(f"[1]: {UP_TO}\n[2]: {LOST}")[1] == [UP_TO, LOST], "the statements themselves"


def test_words_that_are_all_that_is_said_are_what_is_said():
    assert told('[1.2 "Refunds up to 40 euros need no approval"]') == (f"{SHORT} [1]", [UP_TO])
    assert told('[1.2 "any sum at all"]') == ("", [])


def test_items_with_numbers_are_cited_each():
    marked, quotes = told(f"1. {UP_TO} [1.2]\n2. {LOST} [2.1]")

    assert quotes == [UP_TO, LOST]
    assert marked == f"1. {UP_TO} [1]\n2. {LOST} [2]"


@pytest.mark.parametrize(
    "claim",
    [
        "The chief executive is Jane Doe [1].",
        "The fee is 99 pounds [7].",
        "The fee is 99 pounds [7.1].",
        f"{SHORT} [7].",
        f'{SHORT} [1.2 "any sum needs no approval at all"].',
        'It says "goods are sold at once to anyone" [2].',
        f"{SHORT} [0].",
        "How to stop a server [1.3]",
        "Chapters are coloured blue [1.1].",
    ],
)
def test_a_mark_that_leads_to_nothing_is_no_citation(claim):
    marked, quotes = told(claim)

    assert quotes == []
    assert marked == ""


def test_the_prompts_own_example_that_is_copied_cites_nothing():
    (example,) = re.findall(r"you would write: (.+?\]\.)", NUMBERED)
    shown = (*EVIDENCE, passage(2, "Doors", "Doors are blue.", "The desk is in the hall."))

    assert not any(quote.first < quote.last for segment in read(example, shown) for quote in segment.quotes)
    assert "[" not in REMINDER, "what stands last is copied first"


def test_a_statement_in_another_language_keeps_the_sentence_that_it_names():
    assert told("Verlorene Sachen werden für neunzig Tage im Keller aufbewahrt, und das ist so [2.1].")[1] == [LOST]


def test_one_false_mark_leaves_the_true_one():
    assert told(f"{SHORT} [1.2]. The fee is 99 pounds [7].") == (
        f"{SHORT}. [1]",
        [UP_TO],
    )


def test_words_in_quotation_marks_are_looked_up_without_a_number():
    assert told('The guide says "Lost goods are kept for ninety days".')[1] == [LOST]
    assert told('The guide says "lost".')[1] == []


def test_a_sentence_beside_the_one_that_is_named_is_cited_where_it_says_so():
    assert told("Larger refunds are approved by the shift lead [1.4].")[1] == [LARGER]


@pytest.mark.parametrize(
    "text",
    [
        "Call run() , then f ( ) : voilà ?",
        "Use `rows[1]` here.",
        "```\nrows[1] = 2\n```",
        "rows[1] = 2",
        "rows[1].name",
        "The array[1] is there.",
        "See [1](https://example.org) or [the page](#x).",
        "- [ ] open\n- [x] done",
        "In [2024] it rose.",
        "Python (3.11) and version (1.9) are meant, see (appendix 1).",
        "[sic] [unverified] [a]",
        "It has 40 m² and 10^1 parts, x^2 and 5 km²; see (1) below, and (2.",
        "Go on with step (2). It takes two things, (1) and (2), as in figure (1).",
        "1.2 million were sold, and version 1.2 is out. Source: 40",
        "",
    ],
)
def test_brackets_that_are_no_marks_are_left_alone(text):
    segments = read(text, EVIDENCE)

    assert not any(segment.quotes for segment in segments)
    assert "".join(segment.text for segment in segments) == text


@given(st.text('ab .,[]()12\n"“-:;*`', max_size=60))
def test_no_text_is_lost_or_too_much(text):
    segments = read(text, EVIDENCE)

    assert sum(len(segment.text) for segment in segments) <= len(text) + 2 * len("“Refunds” ")
    letters = [sign for sign in text if sign in "ab"]
    assert (
        [sign for segment in segments for sign in segment.text if sign in "ab"] == letters or '"' in text or "“" in text
    )


@pytest.mark.slow
def test_a_long_text_is_read_in_linear_time():
    for text in (
        "[1.2] " * 20_000,
        '"' * 50_000,
        "[" * 50_000,
        "a " * 50_000,
        "[1." * 20_000,
        "(see " * 20_000,
        "(1.2" + "1" * 9_000,
        "[" + "'a b c d e f' " * 900,
        "(1.2) [1.2] passage 1 word^1 " * 5_000,
        "Source: 1.2, " * 10_000,
    ):
        read(text, EVIDENCE)


def streamed(text, size, evidence=EVIDENCE):
    unmarked = Unmarked(evidence)
    pieces = [unmarked.feed(text[place : place + size]) for place in range(0, len(text), size)]
    return [*pieces, unmarked.rest()]


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f'{SHORT} [1.2 "need no approval"]. More [2].', f"{SHORT}. More."),
        (f"{SHORT} (see [1.2]).\n- {LOST} [2.1]\n", f"{SHORT}.\n- {LOST}\n"),
        ("```\nrows[1] = 2\n```\nrun() [x] f(a, b) [sic]", "```\nrows[1] = 2\n```\nrun() [x] f(a, b) [sic]"),
        (f"{SHORT} [1.2", f"{SHORT} [1.2"),
        ("A list: [", "A list: ["),
        (f"{SHORT} [[1.2]](#a).", f"{SHORT}."),
        (f"{SHORT} (1), word¹. More *[2]*.", f"{SHORT}, word. More."),
    ],
)
def test_marks_are_taken_out_of_words_as_they_come_however_they_are_cut(text, shown, size):
    assert "".join(streamed(text, size)) == shown


def test_a_label_before_a_mark_is_held_back_with_it():
    unmarked = Unmarked(EVIDENCE)
    pieces = [SHORT, ".", " Source", ":", " [", "1.2", "]", "\n", "Sources", " are open."]

    assert [unmarked.feed(piece) for piece in pieces] == [SHORT, ".", *[""] * 5, "\n", "", "Sources are open."]


def test_words_come_as_soon_as_they_can_be_no_mark():
    assert streamed("Refunds take days", 8) == ["Refunds", " take day", "s", ""]
    assert "".join(streamed("[1] is an item", 1, ())) == "[1] is an item", "where nothing was shown nothing is named"


@given(st.text('ab .[]()12\n"`', max_size=50), st.integers(1, 9))
def test_no_letter_is_lost_in_a_stream_without_passages(text, size):
    assert "".join(streamed(text, size, ())) == text

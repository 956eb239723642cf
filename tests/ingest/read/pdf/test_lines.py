"""Are the lines of a page joined to paragraphs, lists and fractions as a person reads them?"""

import pytest

from ingest.split.blocks import blocks
from tests.ingest.read.pdf.made_pdf import PROSE, at, cells, lines, rule


def test_lines_of_a_paragraph_are_joined(one):
    assert one(lines(72, 700, *PROSE)).text == " ".join(PROSE)


@pytest.mark.parametrize(
    ("end", "begin", "between"),
    [
        ("and the seal that was found", "below the lid is cleaned.", "\n"),
        ("and the seal that was found.", "below the lid is cleaned.", "\n\n"),
        ("and the seal that was found", "Below the lid it is clean.", "\n\n"),
        ("and the seal that was found", "b) below the lid", "\n\n"),
    ],
)
def test_a_paragraph_over_two_pages_is_one(one, end, begin, between):
    document = one(lines(72, 100, *PROSE[:2], end), "", lines(72, 700, begin, *PROSE))
    assert f"{end}{between}{begin}" in document.text
    assert [(document.text.index(begin), 3)] == [(page.start, page.number) for page in document.pages[1:]]


def test_a_page_that_ends_with_a_comment_does_not_go_on(one):
    extra = {100: "<< /Type /Annot /Subtype /Text /Rect [72 500 90 520] /Contents (Ask Ann) >>"}
    pages = lines(72, 100, *PROSE[:2]), lines(72, 700, "below the lid", *PROSE)
    text = one(*pages, extra=extra, page="/Annots [100 0 R]").text
    assert "Ask Ann\n\nbelow the lid" in text


def test_a_line_that_was_ended_on_purpose_stays_a_line(one):
    address = ("Example Works", "Long Street 4", "04109 Leipzig")
    text = one(lines(72, 700, *address) + lines(72, 600, *PROSE)).text
    assert text == "\n".join(address) + "\n\n" + " ".join(PROSE)


def test_a_gap_or_an_indent_begins_a_paragraph(one):
    text = one(lines(72, 700, *PROSE) + lines(72, 658, *PROSE) + at(90, 622, "Next one.") + lines(72, 610, *PROSE)).text
    assert text.count("\n\n") == 2
    assert "\n\nNext one." in text


def test_a_list_is_a_list(one):
    text = one(lines(72, 700, "• first thing", "• second thing", "1. one", "2. two")).text
    assert text == "- first thing\n\n- second thing\n\n1. one\n\n2. two"


@pytest.mark.parametrize(
    "text", ["# no heading", "* no item", "> no quote", "```", "| no | table |", "<!-- no comment"]
)
def test_what_looks_like_a_mark_is_none(one, text):
    document = one(lines(72, 700, text, "---", "=====") + lines(72, 600, *PROSE))
    assert [block.kind for block in blocks(document)] == ["text", "text"]
    assert document.text.startswith(f"\\{text}")


def test_an_exponent_is_told_from_its_number(one):
    raised = "BT /F1 10 Tf 72 700 Td (area of 83,190) Tj /F1 6 Tf 4 Ts (2) Tj 0 Ts /F1 10 Tf ( here) Tj ET"
    assert one(raised).text == "area of 83,190^2 here"


def test_an_exponent_that_was_set_apart_is_told_too(one):
    assert one(at(72, 700, "83,190") + at(103, 704, "2", 6) + at(120, 700, "here")).text == "83,190^2 here"


def fraction(x: float, y: float, above: str, below: str, size: float = 10) -> str:
    """Set as programs set it: both parts in the middle of a line that is as long as the longer one."""
    width = 0.55 * size * max(len(above), len(below))
    parts = ((y + 0.6 * size, above), (y - 0.75 * size, below))
    drawn = "".join(at(x + (width - 0.5 * size * len(part)) / 2, height, part, size) for height, part in parts)
    return drawn + rule(x, y + 0.27 * 10, x + width, y + 0.27 * 10)


@pytest.mark.parametrize(
    ("page", "said"),
    [
        (at(72, 700, "Add") + fraction(93, 700, "3", "4", 6) + at(100, 700, "cup of flour."), "Add 3/4 cup of flour."),
        (at(72, 700, "v =") + fraction(90, 700, "way", "time"), "v = way/time"),
        (at(72, 700, "R =") + fraction(94, 700, "U + 3", "I"), "R = (U + 3)/I"),
        (
            at(72, 700, "x =") + fraction(92, 700, "12", "b") + at(107, 700, "+") + fraction(116, 700, "c", "d"),
            "x = 12/b + c/d",
        ),
        (fraction(72, 700, "5", "100") + at(92, 700, "of the sum is kept."), "5/100 of the sum is kept."),
        (at(72, 700, "k =") + fraction(92, 700, "1", "2") + fraction(100, 700, "a", "b"), "k = 1/2 a/b"),
        (
            at(72, 700, "f =")
            + at(98, 709, "a")
            + at(112, 709, "+ b")
            + rule(96, 702.7, 128, 702.7)
            + at(108, 692.5, "c")
            + at(106, 712.7, "1", 5)
            + rule(105, 711.7, 110, 711.7)
            + at(106, 705.7, "2", 5),
            "f = (a 1/2 + b)/c",
        ),
    ],
    ids=lambda part: part if "BT" not in part else "",
)
def test_a_fraction_keeps_its_numerator(one, page, said):
    assert one(page + lines(72, 640, *PROSE)).text.split("\n\n")[0] == said


@pytest.mark.parametrize(
    "page",
    [
        at(72, 707, "Sum") + rule(70, 703, 92, 703) + at(74, 693, "of") + lines(72, 640, *PROSE),
        cells() + "".join(rule(80 + 100 * n, 681, 100 + 100 * n, 681) for n in range(3)),
        at(72, 700, "What is") + at(110, 700, "stressed") + rule(110, 698.5, 150, 698.5) + at(155, 700, "is")
        + at(72, 688, "what is also said below it in this line"),
    ],
    ids=["a sum", "a table's head", "a stressed word"],
)  # fmt: skip
def test_a_line_below_words_makes_no_fraction(one, page):
    assert "/" not in one(page).text


def test_dots_that_lead_to_a_page_are_left_out(one):
    contents = (f"Seals {'. ' * 40}4", f"Valves {'. ' * 40}17")
    assert one(lines(72, 700, *contents, *PROSE)).text.startswith("Seals 4\nValves 17\n")


@pytest.mark.parametrize(
    ("broken", "elsewhere", "whole"),
    [
        (("chat-", "optimized"), "a chat-driven tool", "chat-optimized"),
        (("cost-", "optimized"), "a speed-optimized tool", "cost-optimized"),
        (("of-the-", "art"), "state-of-the-art", "of-the-art"),
        (("Basis-", "gruppen"), "Lie-Gruppen", "Basisgruppen"),
        (("pro-", "gramming"), "pro-active programming", "programming"),
        (("chat-", "bots"), "chat-driven chatbots", "chatbots"),
        (("re-", "covered"), "re-used", "recovered"),
    ],
)
def test_a_broken_compound_keeps_its_hyphen(one, broken, elsewhere, whole):
    assert one(lines(72, 700, *broken) + at(72, 600, elsewhere)).text == f"{whole}\n\n{elsewhere}"

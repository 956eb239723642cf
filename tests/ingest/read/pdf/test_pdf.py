"""Is a PDF read as a person reads it: columns, tables, headings, notes, and nothing lost in silence?"""

import re
from collections import Counter
from pathlib import Path

import pytest

from ingest.model import Document, Failure, Skipped
from ingest.read.registry import read
from ingest.split.blocks import blocks
from tests.ingest.read.pdf.made_pdf import at, lines, packed, pdf, rule

LOADERS = Path(__file__).resolve().parents[4] / ".." / "shared" / "data" / "loaders"


@pytest.fixture
def items(tmp_path):
    def make(*pages: str, **parts) -> list[Document | Failure | Skipped]:
        path = tmp_path / "a.pdf"
        path.write_bytes(pdf(*pages, **parts))
        return list(read(path, "box/a.pdf"))

    return make


@pytest.fixture
def one(items):
    def make(*pages: str, **parts) -> Document:
        (document,) = items(*pages, **parts)
        assert isinstance(document, Document), document
        return document

    return make


PROSE = (
    "The pump is inspected twice a year by two people who sign the protocol and",
    "file it where everybody finds it again, which is the shelf behind the door of",
    "the office on the ground floor.",
)


ROWS = (("Pump", "Hall", "Bar"), ("P-1", "A 12", "4.2"), ("P-2", "", "3.9"), ("P-7", "B 3", ""))
AS_MARKDOWN = "| Pump | Hall | Bar |\n| --- | --- | --- |\n| P-1 | A 12 | 4.2 |\n| P-2 |  | 3.9 |\n| P-7 | B 3 |  |"


def cells(rows=ROWS, step: float = 20) -> str:
    return "".join(
        at(80 + 100 * column, 685 - step * row, cell)
        for row, row_ in enumerate(rows)
        for column, cell in enumerate(row_)
        if cell
    )


# The page


@pytest.mark.parametrize(
    "boxes",
    [
        {"box": "/MediaBox [0 0 400 400]"},
        {"box": "/MediaBox [400 400 0 0]"},
        {"box": "/MediaBox [0 0 800 800] /CropBox [0 0 400 400]"},
        {"box": "/MediaBox [0 0 800 800] /CropBox [-50 -50 400 400]"},
        {"box": "/MediaBox [0 0 800 800] /CropBox [0 0 400 400] /Rotate 90 /UserUnit 2"},
        {"box": "/CropBox [0 0 400 400]", "tree": "/MediaBox [0 0 800 800]"},
        {"box": "", "tree": "/MediaBox [0 0 800 800] /CropBox [0 0 400 400]"},
        {"box": "/MediaBox [0 0 400 400] /CropBox [500 500 600 600]"},
    ],
    ids=lambda boxes: " ".join(boxes.values()),
)
def test_what_lies_beside_the_page_is_not_read(one, boxes):
    across = "".join(at(x, y, f"place {x} {y}") for x, y in ((50, 300), (450, 300), (50, 450), (-90, 90), (50, -20)))
    upwards = "BT /F1 10 Tf 0 1 -1 0 200 500 Tm (seen by nobody) Tj 0 1 -1 0 200 100 Tm (read upwards) Tj ET"
    assert sorted(one(across + upwards, **boxes).text.split("\n")) == ["place 50 300", "read upwards"]


def test_a_word_over_the_edge_is_read(one):
    assert one(at(570, 700, "immeasurable")).text == "immeasurable"


HALVES = at(20, 20, "The left half.") + at(320, 20, "The right half.")
FORM = (
    "/Type /XObject /Subtype /Form /BBox [0 0 300 300] /Matrix [1 0 0 1 10 10] /Resources << /Font << /F1 3 0 R >> >>"
)
HALF = {5: f"<< {FORM} /Length {len(HALVES)} >>\nstream\n{HALVES}\nendstream"}


@pytest.mark.parametrize(
    ("page", "extra"),
    [
        (f"q 0 0 300 792 re W n {at(50, 700, 'The left half.')}{at(350, 700, 'The right half.')} Q", {}),
        (f"q 2 0 0 2 5 5 cm 0 0 100 90 re W n {at(5, 20, 'The left half.')}{at(120, 20, 'The right half.')} Q", {}),
        ("q 1.5 0 0 1.5 10 10 cm /I Do Q", HALF),
    ],
    ids=["page", "scaled", "form"],
)
def test_what_is_clipped_away_is_not_read(one, page, extra):
    assert one(f"{page}\n{at(320, 20, 'A foot.')}", extra=extra).text.split() == ["The", "left", "half.", "A", "foot."]


def test_what_is_clipped_in_part_is_read(one):
    assert (
        one(f"q 0 0 100 792 re W n {at(50, 700, 'It is cut, yet one line of text.')} Q").text
        == "It is cut, yet one line of text."
    )


def test_what_was_recognised_on_a_scan_is_read_though_it_is_never_shown(one):
    assert one(f"q 0 0 1 1 re W n 3 Tr {at(50, 700, 'Recognised words.')} Q").text == "Recognised words."


def test_halves_of_a_spread_are_read_each_on_its_page(tmp_path):
    spread = lines(30, 300, "The depot is in Oslo.", *PROSE[:1], size=7) + lines(430, 300, "The ferry is red.", size=7)
    made = pdf(spread, spread, box="/MediaBox [0 0 800 400] /CropBox [0 0 400 400]")
    (tmp_path / "a.pdf").write_bytes(made[::-1].replace(b"[0 0 400 400]"[::-1], b"[400 0 800 400]"[::-1], 1)[::-1])
    (document,) = read(tmp_path / "a.pdf", "a.pdf")
    first, second = document.text[: document.pages[1].start], document.text[document.pages[1].start :]
    assert ("Oslo" in first, "ferry" in first) == (True, False)
    assert second == "The ferry is red."


# Paragraphs


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


# Headings


def test_larger_letters_make_a_heading_and_levels_follow_size(one):
    page = at(72, 740, "Pumps", 20) + lines(72, 700, *PROSE)
    page += at(72, 640, "Seals", 14) + lines(72, 610, *PROSE) + at(72, 550, "Spare parts", 10, "F2")
    document = one(page + lines(72, 536, *PROSE))
    found = [(block.level, block.title) for block in blocks(document) if block.kind == "heading"]
    assert found == [(1, "Pumps"), (2, "Seals"), (3, "Spare parts")]
    assert document.title == "Pumps"


def test_a_heading_of_two_lines_is_one(one):
    page = at(72, 740, "2 Of pumps and", 24) + at(72, 710, "their seals", 24) + lines(72, 660, *PROSE, *PROSE)
    assert one(page).text.startswith("# 2 Of pumps and their seals\n\nThe pump")


def test_headings_below_each_other_are_two(one):
    page = at(72, 740, "1 Pumps", 20) + at(72, 715, "2 Seals", 20) + lines(72, 660, *PROSE, *PROSE)
    assert one(page).text.startswith("1 Pumps\n\n# 2 Seals\n\n")


def test_large_letters_with_nothing_below_are_no_heading(one):
    document = one(lines(72, 700, *PROSE, *PROSE) + at(72, 500, "Approved by Smith", 18))
    assert "#" not in document.text


def test_names_under_a_title_are_no_headings(one):
    page = (
        at(72, 760, "Pumps", 20) + at(72, 730, "Ann Example", 12) + at(72, 700, "Abstract", 14) + lines(72, 670, *PROSE)
    )
    assert one(page + lines(72, 600, *PROSE)).text.startswith("# Pumps\n\nAnn Example\n\n## Abstract\n\n")


def test_a_sentence_in_bold_is_no_heading(one):
    assert "#" not in one(at(72, 740, "Never open the lid.", 10, "F2") + lines(72, 700, *PROSE)).text


def test_the_outline_names_a_heading_that_does_not_stand_out(one):
    extra = {
        100: "<< /Type /Outlines /First 101 0 R /Last 101 0 R /Count 1 >>",
        101: "<< /Title (Of valves) /Parent 100 0 R /Dest [10 0 R /Fit] >>",
    }
    page = at(72, 740, "Of valves") + lines(72, 700, *PROSE)
    assert one(page, catalog="/Outlines 100 0 R", extra=extra).text.startswith("# Of valves\n\n")
    assert one(page).text.startswith("Of valves\n\n")


# Columns, directions


def test_columns_are_read_one_after_the_other(one):
    left = [f"left {number} is some running text" for number in range(8)]
    right = [f"right {number} is some other text here" for number in range(8)]
    page = at(180, 740, "A title across both of the columns", 16)
    page += "".join(
        at(72, 700 - 12 * n, one_) + at(330, 700 - 12 * n, two)
        for n, (one_, two) in enumerate(zip(left, right, strict=True))
    )
    text = " ".join(one(page).text.split())
    assert text == f"# A title across both of the columns {' '.join(left)} {' '.join(right)}"


COLUMNS = (
    """
The keeper of the lock writes down/every boat that passes and the/hour at which it came. When the/water is low he closes
the upper/gate and lets nobody through/until the tide has turned.

Tickets for the ferry are sold at/the kiosk beside the crane. A child/pays half of what its parents pay/and a dog
travels free of charge/as long as it stays on deck and/does not bark at the captain.

Ropes are kept in the shed behind/the mill. Whoever takes one signs/the book that hangs on the door/and brings it back
before the/harvest, when all of them are/counted and the worn ones burnt.

The masons who mended the quay/came from the northern island and/slept in the loft of the customs/house. They were paid
in salt and/timber, and left in the spring/before the first fair.
""".strip()
    .replace("\n\n", "|")
    .replace("\n", " ")
    .split("|")
)


def columns(*shifts: float, top: float = 700) -> str:
    return "".join(
        lines(50 + 140 * number, top - shift, *COLUMNS[number].split("/"), size=8)
        for number, shift in enumerate(shifts)
    )


def whole(number: int) -> str:
    return COLUMNS[number].replace("/", " ")


@pytest.mark.parametrize(
    "shifts",
    [(0, 3), (0, 5), (4, 0), (0, 0, 0), (0, 3, 7), (7, 0, 3), (0, 4, 0), (0, 0, 0, 0), (0, 5, 2, 7), (0, 20, 40)],
    ids=str,
)
def test_columns_are_read_from_top_to_bottom_level_or_not(one, shifts):
    text = " ".join(one(columns(*shifts)).text.split())
    assert text == " ".join(whole(number) for number in range(len(shifts)))


@pytest.mark.parametrize("shift", [0, 4])
@pytest.mark.parametrize("count", [3, 4, 6])
def test_the_last_lines_of_a_text_in_columns_are_read_one_column_after_the_other(one, count, shift):
    first, second = (COLUMNS[number].split("/")[:most] for number, most in ((0, 6), (1, count)))
    text = one(lines(50, 700, *first, size=8) + lines(190, 700 - shift, *second, size=8)).text
    assert " ".join(text.split()) == " ".join([*first, *second])


def test_columns_of_a_script_from_right_to_left_begin_at_the_right(one):
    letters = "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
    letters += "2 beginbfrange <61> <6d> <05D0> <6e> <7a> <05DD> endbfrange endcmap end"
    extra = {
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode 100 0 R >>",
        100: f"<< /Length {len(letters)} >>\nstream\n{letters}\nendstream",
    }
    left, right = (["".join(f"{letter * 4} " for letter in word) * 2] * 6 for word in ("abc", "def"))
    text = one(lines(50, 700, *left) + lines(330, 697, *right), extra=extra).text
    assert text.index("\u05d3") < text.index("\u05d0")
    assert text.rindex("\u05d3") < text.index("\u05d0")


def test_headings_across_part_what_stands_in_columns(one):
    page = "".join(
        at(205, top + 20, f"Chapter {number} of the book", 14) + columns(0, 2, 5, top=top)
        for number, top in enumerate((700, 500))
    )
    end = "The end of it all is said in one more line."
    inside = [whole(number) for number in range(3)]
    text = " ".join(one(page + at(50, 380, end)).text.split())
    assert text == " ".join(["# Chapter 0 of the book", *inside, "# Chapter 1 of the book", *inside, end])


def test_a_list_in_a_column_keeps_its_items(one):
    def items(x: float, y: float, *first: str) -> str:
        return "".join(
            at(x, y - 30 * n, "•", 8)
            + lines(x + 9, y - 30 * n, f"{word} of the harbour is", "kept where it was found", size=8)
            for n, word in enumerate(first)
        )

    text = one(items(50, 700, "Rope", "Mast", "Bell", "Oar") + items(190, 697, "Crane", "Chart", "Lamp", "Sail")).text
    assert text.split("\n\n") == [
        f"- {word} of the harbour is kept where it was found"
        for word in ("Rope", "Mast", "Bell", "Oar", "Crane", "Chart", "Lamp", "Sail")
    ]


def test_long_cells_side_by_side_are_no_prose(one):
    rows = [(f"Boat number {n} of the town", f"Moored at quay {n} in winter", f"Paid by {n} owners") for n in range(9)]
    text = one(
        "".join(at(50 + 140 * c, 700 - 14 * r, cell, 8) for r, row in enumerate(rows) for c, cell in enumerate(row))
    ).text
    assert text.split("\n")[3] == f"| {' | '.join(rows[2])} |"


@pytest.mark.parametrize(
    ("end", "begin", "whole"),
    [
        ("the seal that was found", "below the lid is cleaned", "found\nbelow the"),
        ("the seal that was clean-", "ed below the lid and dry", "was cleaned below the"),
        ("the seal that was found.", "below the lid is cleaned", "found.\n\nbelow the"),
    ],
)
def test_a_paragraph_over_two_columns_is_one(one, end, begin, whole):
    left = [*(f"left {number} is some running text" for number in range(7)), end]
    right = [begin, *(f"right {number} is some other text here" for number in range(7))]
    assert whole in one(lines(72, 700, *left) + lines(330, 700, *right)).text


def test_turned_text_is_read_in_its_own_direction(one):
    turned = "BT /F1 10 Tf 0 1 -1 0 40 300 Tm (Archive copy) Tj ET\nBT /F1 10 Tf 0 1 -1 0 52 300 Tm (of 2024) Tj ET\n"
    assert one(turned + lines(72, 700, *PROSE)).text == f"{' '.join(PROSE)}\n\nArchive copy\nof 2024"


def test_a_line_from_right_to_left_is_read_so(one):
    letters = "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
    letters += "3 beginbfchar <61> <05D0> <62> <05D1> <63> <05D2> endbfchar endcmap end"
    extra = {
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 100 0 R >>",
        100: f"<< /Length {len(letters)} >>\nstream\n{letters}\nendstream",
    }
    words = at(200, 700, "aaa") + at(150, 700, "Big", font="F2") + at(175, 700, "Ben", font="F2") + at(120, 700, "bbb")
    assert one(words + at(90, 700, "ccc"), extra=extra).text == "אאא Big Ben בבב גגג"


SIGNS = {
    "m": "\u0645",
    "s": "\u0633",
    "L": "\u0644\u0627",
    "H": "\u0644\u0623",
    "O": "\ufefb",
    "A": "\u0644\u0644\u0647",
    "G": "\ufdf2",
}
SALAM, HAMZA, NO = "\u0633\u0644\u0627\u0645", "\u0633\u0644\u0623\u0645", "\u0644\u0627"


@pytest.mark.parametrize(
    ("drawn", "read_as"),
    [
        ("mLs", SALAM),
        ("mHs", HAMZA),
        ("mOs", SALAM),
        ("L", NO),
        ("mLs L mLs", f"{SALAM} {NO} {SALAM}"),
        ("The word mLs is a greeting", f"The word {SALAM} is a greeting"),
        ("mAs", "\u0633\u0644\u0644\u0647\u0645"),
        ("mGs", "\u0633\u0627\u0644\u0644\u0647\u0645"),
    ],
)
def test_letters_that_one_sign_stands_for_are_in_their_order(one, drawn, read_as):
    """Drawn from left to right, as files hold it; other letters are in another font."""
    named = "".join(
        f"<{ord(sign):02X}> <{''.join(f'{ord(letter):04X}' for letter in said)}> " for sign, said in SIGNS.items()
    )
    letters = "/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <00> <ff> endcodespacerange\n"
    letters += f"{len(SIGNS)} beginbfchar {named} endbfchar endcmap end"
    extra = {
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding /ToUnicode 100 0 R >>",
        100: f"<< /Length {len(letters)} >>\nstream\n{letters}\nendstream",
    }
    page, x = "", 72
    for word in drawn.split():
        page += at(x, 700, word, font="F1" if set(word) <= SIGNS.keys() else "F2")
        x += 7 * len(word) + 4
    assert one(page, extra=extra).text == read_as


def test_slanted_text_stays_in_one_piece(one):
    assert one("BT /F1 30 Tf 0.7071 0.7071 -0.7071 0.7071 200 200 Tm (DRAFT ONLY) Tj ET\n").text == "DRAFT ONLY"


# Tables


def grid(columns: int = 3, rows: int = 4) -> str:
    right, bottom = 72 + 100 * columns, 700 - 20 * rows
    across = "".join(rule(72, 700 - 20 * n, right, 700 - 20 * n) for n in range(rows + 1))
    return across + "".join(rule(72 + 100 * n, 700, 72 + 100 * n, bottom) for n in range(columns + 1))


def test_a_drawn_table_keeps_every_cell(one):
    assert one(grid() + cells()).text == AS_MARKDOWN


def test_columns_that_are_plain_to_see_are_a_table(one):
    text = one(lines(72, 770, *PROSE) + cells() + lines(72, 500, *PROSE)).text
    assert text == f"{' '.join(PROSE)}\n\n{AS_MARKDOWN}\n\n{' '.join(PROSE)}"


def test_a_merged_cell_is_given_once(one):
    merged = "".join(rule(72, y, 372, y) for y in (700, 680, 660)) + "".join(
        rule(x, 700, x, 660) for x in (72, 172, 372)
    )
    merged += rule(272, 680, 272, 660)
    text = one(merged + at(80, 685, "Year") + at(240, 685, "both halves") + cells((("",), ("2024", "one", "two")))).text
    assert text == "| Year | both halves |  |\n| --- | --- | --- |\n| 2024 | one | two |"


def test_a_cell_of_two_lines_is_one_cell(one):
    page = grid(2, 2) + at(80, 690, "Pump") + at(180, 690, "Remark") + at(80, 670, "P-1")
    assert (
        "| P-1 | new seal, inspect weekly |" in one(page + lines(180, 672, "new seal,", "inspect weekly", size=8)).text
    )


FORM = (("Owner", "", "Car"), ("Grace", "", "Jeep"), ("", "Totals", ""), ("", "Hours", "Cost"), ("Paint", "2", "300"))


def test_an_inner_head_begins_a_table_of_its_own(one):
    text = one(grid(3, 5) + cells(FORM)).text
    first = "| Owner | Car |\n| --- | --- |\n| Grace | Jeep |"
    assert text == f"{first}\n\nTotals\n\n|  | Hours | Cost |\n| --- | --- | --- |\n| Paint | 2 | 300 |"


@pytest.mark.parametrize(
    "below",
    [
        [("Hall B", "", ""), ("Seal", "new", "none"), ("Valve", "old", "none")],
        [("Hall B", "", ""), ("Seal", "2", "300"), ("Valve", "1", "200")],
        [("", "", "Hall B"), ("", "Hours", "Cost")],
    ],
)
def test_the_name_of_a_group_of_rows_begins_no_table(one, below):
    rows = [*FORM[:2], *below]
    assert one(grid(3, len(rows)) + cells(rows)).text.count("---") == 3


def test_a_bar_in_a_cell_parts_nothing(one):
    assert "| a\\|b | A 12 |" in one(grid() + cells((("Pump", "Hall", "Bar"), ("a|b", "A 12", "1")))).text


def test_a_frame_around_a_page_is_no_table(one):
    frame = rule(50, 760, 560, 760) + rule(50, 400, 560, 400) + rule(50, 760, 50, 400) + rule(560, 760, 560, 400)
    assert "|" not in one(frame + rule(50, 650, 560, 650) + lines(72, 740, *PROSE) + lines(72, 600, *PROSE)).text


def test_the_axes_of_a_figure_are_no_table(one):
    axes = rule(100, 300, 400, 300) + rule(250, 100, 250, 500)
    labels = at(260, 490, "yield") + at(380, 310, "time") + at(120, 200, "early") + at(300, 150, "late")
    assert "|" not in one(lines(72, 700, *PROSE) + axes + labels).text


def test_frames_around_columns_do_not_hide_the_columns(one):
    frames = "".join(rule(60, y, 560, y) for y in (700, 600, 500)) + "".join(
        rule(x, 700, x, 500) for x in (60, 310, 560)
    )
    rows = [(680 - 14 * row, [f"k{row}", f"v{row}", f"m{row}", f"w{row}"]) for row in range(12)]
    page = "".join(at(x, y, text) for y, row in rows for x, text in zip((70, 150, 320, 400), row, strict=True))
    text = one(frames + page).text
    assert all(f"| k{row} | v{row} | m{row} | w{row} |" in text for row in range(12))


def test_a_note_printed_over_a_table_does_not_part_it(one):
    assert one(cells() + at(75, 662, "Subject to change", 6)).text == f"{AS_MARKDOWN}\n\nSubject to change"


# Heads, feet


def many(count: int, foot: str = "") -> list[str]:
    return [
        at(72, 760, "Annual report") + at(300, 30, foot or str(number)) + lines(72, 600, f"Subject {number}.", *PROSE)
        for number in range(1, count + 1)
    ]


def test_a_head_that_repeats_is_given_once_and_page_numbers_never(one):
    document = one(*many(6))
    assert document.text.count("Annual report") == 1
    assert all(f"Subject {number}." in document.text for number in range(1, 7))
    assert not re.search(r"^\d$", document.text, re.MULTILINE)
    assert [page.number for page in document.pages] == [1, 2, 3, 4, 5, 6]
    assert all(document.text[page.start :].startswith(("Annual", "Subject")) for page in document.pages)


def test_what_stands_on_few_pages_is_no_running_head(one):
    assert one(*many(3)).text.count("Annual report") == 3


def test_a_number_that_does_not_count_pages_stays(one):
    pages = [at(300, 30, f"Invoice {number * number + 70}") + lines(72, 600, *PROSE) for number in range(8)]
    assert len(re.findall(r"Invoice \d+", one(*pages).text)) == 8


def test_a_head_whose_words_change_is_known_by_its_number(one):
    def page(number: int, section: str) -> str:
        head = at(72, 760, f"{number + 4} {section}") if number % 2 else at(72, 760, f"{section} {number + 4}")
        return head + lines(72, 600, f"Subject {number}.", *PROSE)

    sections = ("1.1 PUMPS", "1.1 PUMPS", "1.2 SEALS", "1.2 SEALS", "1.3 VALVES", "1.3 VALVES")
    pages = [page(number, section) for number, section in enumerate(sections, start=1)]
    pages[2] += at(72, 640, "1.2 Seals", 14)
    text = one(*pages).text
    assert re.findall(r"^.*(?:PUMPS|SEALS|VALVES).*$", text, re.MULTILINE) == ["5 1.1 PUMPS", "9 1.3 VALVES"]
    assert "# 1.2 Seals" in text


def test_titles_that_count_pages_stay(one):
    steps = ("Open the lid", "Clean the seal", "Close the lid", "Sign", "File")
    pages = [at(72, 760, f"{number} {step}") + lines(72, 600, *PROSE) for number, step in enumerate(steps, start=1)]
    text = one(*pages).text
    assert all(f"{number} {step}" in text for number, step in enumerate(steps, start=1))


@pytest.mark.parametrize("first", [1, 7])
def test_page_numbers_of_a_short_document_are_left_out(one, first):
    pages = [at(300, 30, f"- {first + number} -") + lines(72, 600, *PROSE) for number in range(2)]
    assert one(*pages).text == "\n\n".join([" ".join(PROSE)] * 2)


@pytest.mark.parametrize("number", ["450", "$ 1", "(1)"])
def test_a_number_alone_that_is_not_the_pages_stays(one, number):
    assert one(lines(72, 600, *PROSE) + at(300, 30, number)).text.endswith(f"\n\n{number}")


def numbered(*pages: str) -> list[str]:
    """Pages of prose with what is given at their feet."""
    return [lines(72, 700, *PROSE, f"Chapter {number}.") + at(300, 40, foot) for number, foot in enumerate(pages)]


def labels(document: Document) -> list[str | None]:
    return [page.label for page in document.pages]


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ("<< /Nums [0 << /S /r >> 2 << /S /D >>] >>", ["i", "ii", "1", "2"]),
        ("<< /Nums [0 << /S /A >> 1 << /S /D /P (A-) /St 7 >>] >>", ["A", "A-7", "A-8", "A-9"]),
        ("<< /Nums [0 << /P (Cover) >> 1 << /S /R /St 4 >>] >>", ["Cover", "IV", "V", "VI"]),
        (
            "<< /Kids [<< /Limits [0 0] /Nums [0 << /S /a >>] >> << /Limits [1 1] /Nums [1 << /S /D >>] >>] >>",
            list("a123"),
        ),
        ("<< /Nums [0 << /S /D >>] >>", ["1", "2", "3", "4"]),
    ],
)
def test_a_page_has_the_label_that_the_file_gives_it(one, tree, said):
    document = one(*numbered("", "", "", ""), catalog=f"/PageLabels {tree}")
    assert labels(document) == said
    assert [page.number for page in document.pages] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "catalog",
    [
        "",
        "/PageLabels 7",
        "/PageLabels << /Kids [100 0 R] >>",
        f"/PageLabels << /Nums [0 << /P ({'x' * 100_000}) /S /D >>] >>",
        "/PageLabels << /Nums [0 << /P <FEFF001B005B00330031006D> >>] >>",
    ],
    ids=["none", "no tree", "a circle", "endless", "commands to a terminal"],
)
def test_labels_that_are_none_harm_nothing(one, catalog):
    document = one(*numbered("", ""), catalog=catalog, extra={100: "<< /Kids [100 0 R] >>"})
    assert [label or str(page.number) for label, page in zip(labels(document), document.pages, strict=True)] == [
        "1",
        "2",
    ]
    assert "Chapter 1." in document.text


def test_labels_are_read_from_packed_objects_too_and_a_circle_there_is_seen(tmp_path):
    tree = {100: "<< /Kids [101 0 R] >>", 101: "<< /Limits [0 9] /Nums [0 << /S /r >> 1 << /S /D >>] >>"}
    for inner, said in ((101, ["i", "1"]), (100, [None, None])):
        made = pdf(*numbered("", ""), catalog="/PageLabels 100 0 R", extra={**tree, 100: f"<< /Kids [{inner} 0 R] >>"})
        (tmp_path / "a.pdf").write_bytes(packed(made))
        (document,) = read(tmp_path / "a.pdf", "a.pdf")
        assert labels(document) == said


@pytest.mark.parametrize("print_", ["{}", "- {} -", "Page {} of 90", "Annual report of the works   {}"])
def test_numbers_printed_on_most_pages_are_labels_where_the_file_gives_none(one, print_):
    feet = ["", "", *(print_.format(number) for number in (1, 2)), "", *(print_.format(number) for number in (4, 5, 6))]
    unasked = "/PageLabels << /Nums [0 << /S /D >>] >>"  # as most programs write
    assert labels(one(*numbered(*feet))) == [None, None, *"123456"]
    assert labels(one(*numbered(*feet), catalog=unasked)) == [None, None, *"123456"]


@pytest.mark.parametrize(
    "feet",
    [
        ["1", "2", "3", "4", "5", "6"],
        ["", "1", "2", "3", "", ""],
        ["", "Figure 1", "Figure 2", "Figure 3", "Figure 4", "Figure 5"],
        ["2019", "2019", "2019", "2019", "2019", "2019"],
        ["", "1", "", "3", "", "", "", "", "8", "", "10"],
    ],
    ids=["the sheets' own", "too few", "figures", "years", "far between"],
)
def test_other_numbers_are_no_labels(one, feet):
    assert set(labels(one(*numbered(*feet)))) == {None}


def test_pages_that_hold_but_one_line_keep_it(one):
    assert one(*[at(72, 760, "Same words")] * 5).text.count("Same words") == 5


# What is not on the page's paper


def test_what_is_filled_into_a_form_is_text(one):
    field = "/Type /Annot /Subtype /Widget /Rect [72 500 300 520] /P 10 0 R"
    extra = {
        100: f"<< {field} /FT /Tx /T (Surname) /V (Grace) >>",
        101: f"<< {field} /FT /Tx /T (n2) /TU (Date of birth) /V (9.12.1906) >>",
        102: f"<< {field} /FT /Tx /T (Empty) >>",
        103: f"<< {field} /FT /Tx /T (Secret) /V (hush) /Ff 8192 >>",
    }
    fields = "100 0 R 101 0 R 102 0 R 103 0 R"
    text = one(
        at(72, 700, "A form"), catalog=f"/AcroForm << /Fields [{fields}] >>", extra=extra, page=f"/Annots [{fields}]"
    ).text
    assert text == "A form\n\nSurname: Grace\n\nDate of birth: 9.12.1906"


def test_a_comment_is_text_and_a_link_is_none(one):
    extra = {
        100: "<< /Type /Annot /Subtype /Text /Rect [72 500 90 520] /Contents (# ask Ann first) >>",
        101: "<< /Type /Annot /Subtype /Link /Rect [72 500 90 520] /Contents (click) >>",
    }
    assert one(at(72, 700, "Plan"), extra=extra, page="/Annots [100 0 R 101 0 R]").text == "Plan\n\n\\# ask Ann first"


def attached(**files: str) -> dict:
    extra, names = {}, []
    for number, (name, content) in enumerate(files.items()):
        key = 100 + 2 * number
        file = name.replace("_", ".")
        extra[key] = f"<< /Type /Filespec /F ({file}) /UF ({file}) /EF << /F {key + 1} 0 R >> >>"
        extra[key + 1] = f"<< /Type /EmbeddedFile /Length {len(content)} >>\nstream\n{content}\nendstream"
        names.append(f"({file}) {key} 0 R")
    return {"catalog": f"/Names << /EmbeddedFiles << /Names [{' '.join(names)}] >> >>", "extra": extra}


def test_attached_files_are_read(items):
    document, note, picture = items(at(72, 700, "Cover"), **attached(note_txt="Attached words", x_png="png"))
    assert (document.name, document.text) == ("box/a.pdf", "Cover")
    assert (note.name, note.text) == ("box/a.pdf!/note.txt", "Attached words")
    assert isinstance(picture, Skipped)


def test_a_cover_without_text_does_not_hide_what_is_attached(items):
    note, failed = items("", **attached(note_txt="Attached words"))
    assert note.text == "Attached words"
    assert "only the files attached" in failed.error


# Pages without text

PICTURE = "q 400 0 0 400 72 200 cm /I Do Q"


def test_pages_without_text_are_named_in_one_row(items):
    text = lines(72, 600, *PROSE)
    document, skipped = items(text, PICTURE, text, PICTURE, PICTURE, "")
    assert [page.number for page in document.pages] == [1, 3]
    assert skipped == Skipped(
        "box/a.pdf#pages-2,4-5",
        "pages 2,4-5 have no text layer: run OCR on the file, for example with ocrmypdf, and ingest it again",
    )


def test_letters_that_no_font_names_are_not_given_as_text(items):
    font = (
        "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /DescendantFonts [<< /Type /Font "
        "/Subtype /CIDFontType2 /BaseFont /X /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) "
        "/Supplement 0 >> /FontDescriptor << /Type /FontDescriptor /FontName /X /Flags 4 >> >>] >>"
    )
    words = "".join(f"BT /F1 10 Tf 72 {700 - 20 * n} Td <00240025002600270028> Tj ET\n" for n in range(8))
    (failed,) = items(words, extra={3: font})
    assert isinstance(failed, Failure)
    assert "--force-ocr" in failed.error


# Properties


def test_properties_become_metadata(one):
    info = "/Title (Pumps) /Author (Ann Example) /Subject (How they are kept) /CreationDate (D:20240403180542+02'00')"
    document = one(at(72, 700, "Text"), info=info)
    assert document.title == "Pumps"
    assert document.metadata == {
        "author": "Ann Example",
        "description": "How they are kept",
        "language": "de-DE",
        "date": "2024-04-03T18:05:42+02:00",
    }


@pytest.mark.parametrize(
    "title", ["untitled", "Microsoft Word - plan_final.doc", "C:\\\\temp\\\\x.pdf", "Document1", "12.3"]
)
def test_a_title_that_says_nothing_is_not_taken(one, title):
    assert one(at(72, 700, "Real words"), info=f"/Title ({title})").title == "Real words"


def test_a_program_before_a_title_is_left_out(one):
    assert one(at(72, 700, "Words"), info="/Title (Microsoft Word - Plan for pumps)").title == "Plan for pumps"


# Real files


@pytest.fixture(scope="module")
def real():
    if not LOADERS.is_dir():
        pytest.skip("the public collections are not beside the project")
    return {path.name: list(read(path, path.name)) for path in LOADERS.rglob("*.pdf")}


@pytest.mark.shared
def test_no_letter_of_a_real_file_is_lost(real):
    import pypdfium2

    def letters(text: str) -> str:
        return re.sub(r"[\W\d_]+", "", text)

    def without_heads(page: str, said: set[str]) -> str:
        """A page but for a numbered head or foot whose words are kept on a line of the text."""
        held = page.splitlines()
        for edge in (0, -1):
            if held and re.search(r"^\d+ | \d+$", held[edge]) and letters(held[edge]).casefold() in said:
                del held[edge]
        return "".join(held)

    compared = 0
    for path in LOADERS.rglob("*.pdf"):
        document = real[path.name][0]
        if isinstance(document, Document):
            said = {letters(line).casefold() for line in document.text.splitlines()}
            with pypdfium2.PdfDocument(path) as source:
                pages = [source[number].get_textpage().get_text_range() for number in range(len(source))]
            given = "".join(without_heads(page, said) for page in pages)
            assert not Counter(letters(given)) - Counter(letters(document.text)), path.name
            compared += 1
    assert compared > 20


@pytest.mark.shared
def test_real_pages_read_as_a_person_reads_them(real):
    text = real["multicolumn.pdf"][0].text
    assert text.startswith("# Two-Column Document with Lorem Ipsum\n\n")
    assert "consectetuer adipiscing elit" in text
    assert "| Belgium | 11.5 | 30,689 | Brussels | Dutch, French, German |" in text
    text = real["google-doc-document.pdf"][0].text
    assert "| Population | 273.879.750^1 | 83,190,556^2 | 8,935,112^3 | 67,413,000 | 453 |" in text
    assert text.count("EUR (€)") == 1
    assert "\n\nFirst Name: Alice" in real["libreoffice-form.pdf"][0].text
    assert real["with-attachment.pdf"][1].document == "with-attachment.pdf!/image.png"
    assert "# Vorwort\n\n" in real["GeoTopo-komprimiert.pdf"][0].text


def test_the_pages_that_were_read_in_time_are_kept_and_the_others_named(items, monkeypatch):
    late = iter([False, True])
    monkeypatch.setattr("ingest.read.pdf.pdf.is_late", lambda: next(late))
    document, rest = items(*(lines(72, 700, f"This is page number {n}.") for n in range(1, 6)))
    assert "page number 2" in document.text
    assert "page number 3" not in document.text
    assert (rest.document, rest.error) == (
        "box/a.pdf#pages-3-5",
        "pages 3-5 have not been read in the time that a file may take: split the file, or raise [ingest] seconds",
    )


def test_a_pdf_whose_pages_until_then_gave_no_text_does_not_pass_for_a_scan(items, monkeypatch):
    monkeypatch.setattr("ingest.read.pdf.pdf.is_late", lambda: True)
    (failure,) = items("", lines(72, 700, "This is page number 2."))
    assert failure.error.startswith("page 2 has not been read in the time that a file may take")

"""Does each cell of a PDF's undrawn table keep its row and column, and each column of prose its order?"""

from random import Random

import pytest

from benchmarks.pdf_tables import PROSE as KINDS_OF_PROSE
from benchmarks.pdf_tables import TABLES, Sheet, compared, drawn
from ingest.read.registry import read
from tests.ingest.read.pdf.made_pdf import PROSE, at, lines, pdf

KINDS = {**TABLES, **KINDS_OF_PROSE}


@pytest.fixture
def text(tmp_path):
    def read_text(data: bytes) -> str:
        (tmp_path / "a.pdf").write_bytes(data)
        (document,) = read(tmp_path / "a.pdf", "a.pdf")
        return document.text

    return read_text


def row(y: float, *placed: tuple[float, str]) -> str:
    return "".join(at(x, y, cell) for x, cell in placed)


@pytest.mark.parametrize("kind", KINDS)
def test_every_cell_and_every_sentence_is_where_it_belongs(text, kind):
    data, sheet = drawn(KINDS[kind], seed=7)
    cells, right, sentences, whole = compared(sheet, text(data))
    assert cells + sentences > 5
    assert (right, whole) == (cells, sentences)


def test_a_head_over_several_columns_stays_whole(text):
    rows = [(700, (185, "Number of boats in"), (400, "Total")), (685, (80, "Quay"), (180, "Spring"), (260, "Autumn"))]
    rows += [(670 - 15 * n, (80, f"North {n}"), (180, f"{n}1"), (260, f"{n}2"), (400, f"{n}3")) for n in range(6)]
    found = text(pdf("".join(row(*each) for each in rows))).split("\n")
    assert found[0] == "|  | Number of boats in |  | Total |"
    assert found[-1] == "| North 5 | 51 | 52 | 53 |"


@pytest.mark.parametrize("gap", [6, 8])
def test_words_far_apart_in_lines_of_prose_are_no_cells(text, gap):
    """As where a narrow column is spread to its full width."""
    said = ("the lamp of", "one old ship", "has no wick", "and the oil", "for it ran", "out when we", "met the ice")
    page = ""
    for number, line in enumerate(said):
        x = 72.0
        for word in line.split():
            page += at(x, 700 - 12 * number, word)
            x += 5.0 * len(word) + gap
    assert "|" not in text(
        pdf(page + lines(72, 580, "This is a line that is as long as those of any other paragraph."))
    )


def test_the_dots_of_a_table_of_contents_are_no_columns(text):
    page = "".join(
        row(
            700 - 14 * n, (72, f"Part {n} of the book"), *((154 + 8 * dot, ".") for dot in range(25)), (380, str(n + 7))
        )
        for n in range(6)
    )
    found = text(pdf(page))
    assert "| . |" not in found
    assert "Part 3 of the book 10" in found


def test_a_row_wider_than_its_column_parts_no_table(text):
    rows = [((80, f"Quay {n}"), (118, f"{n}5"), (136, f"{n}7")) for n in range(10)]
    rows[4] = ((80, "Long quay of the north"),)
    found = text(pdf("".join(row(700 - 14 * number, *cells) for number, cells in enumerate(rows)))).split("\n")
    assert found[0] == "| Quay 0 | 05 | 07 |"
    assert "Long quay of the north" in found
    assert found[-1] == "| Quay 9 | 95 | 97 |"


def test_a_cell_of_many_lines_stays_in_its_row(text):
    rows = [((80, "Part"), (150, "What it is for"), (400, "Price"))]
    page, y = row(700, *rows[0]), 680.0
    for number, further in enumerate((4, 1, 0, 5)):
        page += row(y, (80, f"P-{number}"), (150, f"Part {number} holds the mast"), (400, f"{number}.50"))
        page += lines(150, y - 12, *(f"and line {line} of it" for line in range(further)))
        y -= 12 * further + 22
    told = text(pdf(page)).split("\n")
    assert (
        told[2] == f"| P-0 | Part 0 holds the mast {' '.join(f'and line {line} of it' for line in range(4))} | 0.50 |"
    )
    assert len(told) == 6
    assert told[5].endswith("and line 4 of it | 3.50 |")


def test_lines_spread_to_the_width_of_their_paragraph_are_no_table(text):
    said = (
        "the keeper of the lock writes down every",
        "boat that passes",
        "each hour without",
        "rest until the day is over for all of us.",
    )
    width = Sheet(Random(), size=10).width
    page = ""
    for number, line in enumerate(said):
        words = line.split()
        room, x = 200 - sum(map(width, words)), 72.0
        for word in words:
            page += at(round(x, 2), 700 - 12 * number, word)
            x += width(word) + room / (len(words) - 1)
    assert "|" not in text(pdf(page))


def test_a_small_table_beside_prose_is_a_table(text):
    said = (
        "The keeper of the lock writes down",
        "every boat that passes and the hour",
        "at which it came. When the water is",
        "low he closes the upper gate and",
        "lets nobody through until the tide",
        "has turned and the boats are afloat.",
    )
    rows = [("Oak", "12"), ("Elm", "7"), ("Ash", "31"), ("Yew", "4"), ("Fir", "18"), ("Bay", "2")]
    table = "".join(row(700 - 12 * n, (330, wood), (400, count)) for n, (wood, count) in enumerate(rows))
    told = text(pdf(lines(72, 700, *said) + table))
    assert " ".join(said) in told
    assert "| Oak | 12 |\n| --- | --- |\n| Elm | 7 |" in told


@pytest.mark.slow
def test_a_page_of_words_in_no_order_loses_none(text):
    words = "".join(at(7919 * n % 6007 / 10, 104_729 * n % 7901 / 10, f"w{n}", 2) for n in range(1500))
    found = text(pdf(words))
    assert [n for n in range(1500) if 7919 * n % 6007 < 5900 and f"w{n}" not in found] == []


STORY = (
    "The lamp of the one old ship has no wick left",
    "and the oil for it ran out when we met the ice",
    "north of the cape where the wind comes from",
    "the land at night and the fog lies until noon",
    "so that nobody sees the rocks before the keel",
    "has found them and the crew is in the boats",
    "with what they could carry of bread and rope",
    "to row for the light on the far side of the bay",
)


@pytest.mark.parametrize("first", [0, 2])
def test_a_short_note_beside_prose_is_not_woven_into_it(text, first):
    note = ("Note:", "call Ann", "before use", "of any boat")
    found = text(pdf(lines(50, 700, *STORY) + lines(420, 700 - 12 * first, *note)))
    assert "|" not in found
    assert " ".join(STORY) in " ".join(found.split())
    assert " ".join(note) in " ".join(found.split())


def test_values_beside_lines_that_begin_small_are_a_table(text):
    parts = (*STORY[1:5], "and a rope of hemp that is new")
    found = text(pdf("".join(row(700 - 16 * n, (50, part), (420, f"{n} in all")) for n, part in enumerate(parts))))
    assert found.split("\n")[2:] == [f"| {part} | {n} in all |" for n, part in enumerate(parts) if n]


# Whole pages


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

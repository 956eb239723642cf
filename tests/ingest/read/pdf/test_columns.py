"""Does each cell of a PDF's undrawn table keep its row and column, and each column of prose its order?"""

from random import Random

import pytest

from benchmarks.pdf_tables import PROSE, TABLES, Sheet, compared, drawn
from ingest.read.registry import read
from tests.ingest.read.pdf.made_pdf import at, lines, pdf

KINDS = {**TABLES, **PROSE}


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

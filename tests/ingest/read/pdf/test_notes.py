"""Is a note in the margin read apart from the sentences beside it, and is nothing taken for one that is none?"""

import re
from random import Random

import pytest

from benchmarks.pdf_tables import Sheet
from ingest.read.registry import read
from tests.ingest.read.pdf.made_pdf import at, lines, pdf

WIDTH = Sheet(Random(), size=10).width
STEP = 12
STORY = (
    "The keeper of the upper lock writes down every boat that passes and the hour at which it came to the gate. "
    "When the water is low he closes the upper gate and lets nobody through until the tide has turned. The boats "
    "wait at the northern quay, where a small house offers tea to the crews. In winter the lock is closed on Sundays, "
    "and the keeper repairs the gates with oak from the yard behind the mill. Every spring two engineers inspect the "
    "chains, sign the protocol and send a copy to the office in the town. The fee for a boat of up to ten metres is "
    "four crowns, and for a longer one it is seven. Whoever passes at night pays twice the fee, unless the boat "
    "carries a doctor or the post."
)


def wrapped(text, width, size=10):
    made, room = [[]], 0.0
    for word in text.split():
        long = (WIDTH(word) + 2.8) * size / 10
        if made[-1] and room + long > width:
            made.append([])
            room = 0.0
        made[-1].append(word)
        room += long
    return made


def spread(x, y, width, words, size=10):
    """A line whose words are as far apart as its width asks for."""
    gap = (width - sum(map(WIDTH, words)) * size / 10) / max(1, len(words) - 1)
    page = ""
    for word in words:
        page += at(round(x, 2), round(y, 2), word, size)
        x += WIDTH(word) * size / 10 + gap
    return page


def justified(x, y, width, rows, size=10):
    page = "".join(spread(x, y - 1.2 * size * number, width, row, size) for number, row in enumerate(rows[:-1]))
    return page + at(x, y - 1.2 * size * (len(rows) - 1), " ".join(rows[-1]), size)


@pytest.fixture
def text(tmp_path):
    def read_text(page):
        (tmp_path / "a.pdf").write_bytes(pdf(page))
        (document,) = read(tmp_path / "a.pdf", "a.pdf")
        return document.text

    return read_text


def flat(text):
    return " ".join(text.split())


NOTES = (("Closed from", "May to June"), ("Fees: see", "the list on", "page 12"))


@pytest.mark.parametrize("side", ["left", "right"])
@pytest.mark.parametrize("note", NOTES, ids=len)
@pytest.mark.parametrize(("down", "shift"), [(0, 0), (1, 0), (5, 0), (5, 4), (5, 6), (9, 0), (10, 3)])
@pytest.mark.parametrize("size", [8, 10])
def test_a_note_in_the_margin_is_woven_into_no_sentence(text, side, note, down, shift, size):
    rows = wrapped(STORY, 300)
    body = justified(150, 700, 300, rows) if down % 2 else lines(150, 700, *map(" ".join, rows))
    told = flat(text(body + lines(72 if side == "left" else 470, 700 - STEP * down - shift, *note, size=size)))
    assert STORY in told
    assert " ".join(note) in told


def test_several_notes_on_both_sides_are_read_apart(text):
    rows = wrapped(STORY, 280)
    page = justified(150, 740, 280, rows) + justified(150, 540, 280, rows)
    page += lines(72, 700, "Closed from", "May to June", size=8) + lines(445, 660, "Fees on", "page twelve", size=8)
    page += lines(445, 500, "Tea is served", "until nine", size=8)
    told = flat(text(page))
    assert told.count(STORY) == 2
    assert all(note in told for note in ("Closed from May to June", "Fees on page twelve", "Tea is served until nine"))


def test_a_note_beside_one_of_two_columns_stays_out_of_both(text):
    rows = wrapped(STORY, 180, 9)
    page = justified(120, 740, 180, rows, 9) + justified(320, 740, 180, rows, 9)
    told = flat(text(page + lines(50, 690, "Closed from", "May to June", size=7)))
    assert told.count(STORY) == 2
    assert "Closed from May to June" in told


def test_a_note_where_a_paragraph_begins_is_read_before_it(text):
    rows = wrapped(STORY, 300)
    page = justified(150, 700, 300, rows) + justified(150, 500, 300, rows)
    told = text(page + lines(72, 500, "Closed from", "May to June"))
    assert re.search(r"or the post\.\n\nClosed from\nMay to June\n\nThe keeper", told)


def test_titles_that_stand_beside_their_paragraphs_stay_with_them(text):
    jobs = {"January 2019 until": STORY[:230], "April 2022 until": STORY[230:420], "June 2024 until": STORY[420:640]}
    page, y = "", 700
    for title, told in jobs.items():
        rows = wrapped(told, 300)
        page += lines(72, y, title, "further notice") + lines(180, y, *map(" ".join, rows))
        y -= STEP * len(rows) + 14
    found = flat(text(page))
    places = [found.index(words) for title in jobs for words in (title, " ".join(jobs[title].split()[:4]))]
    assert places == sorted(places)


def test_the_labels_of_a_list_are_no_notes(text):
    rows = wrapped(STORY, 300)
    labels = "".join(at(130, 700 - STEP * number, f"{number + 1}.") for number in range(2))
    told = text(lines(150, 700, *map(" ".join, rows)) + labels)
    assert told.startswith(f"1. {' '.join(rows[0])}")


@pytest.mark.parametrize(("columns", "width", "gap"), [(5, 85, 10), (5, 95, 8), (4, 85, 14), (6, 75, 10), (3, 75, 18)])
@pytest.mark.parametrize("size", [7, 8, 9])
@pytest.mark.parametrize("shift", [0, 2.5])
def test_narrow_columns_that_are_spread_are_read_one_after_the_other(text, columns, width, gap, size, shift):
    story = " ".join([STORY] * (3 if columns > 4 else 2))
    rows = wrapped(story, width, size)
    each = -(-len(rows) // columns)
    page = ""
    for number in range(columns):
        for line, row in enumerate(held := rows[number * each : (number + 1) * each]):
            ends = number == columns - 1 and line == len(held) - 1
            x, y = 30 + number * (width + gap), 740 - 1.2 * size * line - shift * (number % 2)
            page += at(x, y, " ".join(row), size) if ends else spread(x, y, width, row, size)
    told = text(page)
    assert "|" not in told
    assert flat(told) == story

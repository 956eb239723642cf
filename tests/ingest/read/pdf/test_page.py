"""Do the pages of a PDF give their text, and does each keep its place?"""

import pytest

from ingest.read.registry import read
from tests.ingest.read import reading
from tests.ingest.read.pdf.made_pdf import PROSE, at, lines, pdf


def written(*pages: str, title: str = "") -> bytes:
    """A PDF with one line of text a page."""
    return pdf(*(f"BT /F1 12 Tf 72 700 Td 14 TL {page} ET" for page in pages), info=f"/Title ({title})")


def test_a_pdf_knows_its_pages(file):
    document = reading.one(file("a.pdf", written("(One) Tj", "", "(Three) Tj T* (lines) Tj", title="On pages")))
    assert document.text == "One\n\nThree\nlines"
    assert [(document.text[page.start :][:5], page.number) for page in document.pages] == [("One\n\n", 1), ("Three", 3)]
    assert document.title == "On pages"


def test_a_pdf_without_a_title_is_titled_by_its_first_line(file):
    assert reading.one(file("a.pdf", written("(One) Tj T* (two) Tj", title="untitled"))).title == "One"


def test_a_word_broken_at_the_end_of_a_line_is_joined(file):
    lines = "(Docu-) Tj T* (ments of well-) Tj T* (known North-) Tj T* (South origin, as well-known) Tj"
    assert (
        reading.one(file("a.pdf", written(lines))).text == "Documents of well-known North-South origin, as well-known"
    )


def test_a_pdf_without_text_asks_for_ocr(file):
    assert "no text layer" in reading.failure(file("a.pdf", written("")))


# What of a page is seen


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

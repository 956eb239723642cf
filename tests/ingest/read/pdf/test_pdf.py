"""Is a PDF read whole: its properties, its pages without text, real ones, and nothing lost in silence?"""

import re
from collections import Counter

import pytest

from ingest.model import Document, Failure, Skipped
from ingest.read.registry import read
from tests.ingest.read.pdf.made_pdf import PROSE, at, lines
from tests.places import LOADERS

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
    return {path.name: list(read(path, path.name)) for path in LOADERS.rglob("*.pdf")}


@pytest.mark.slow
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


# What was not read in time


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

"""Is of a damaged Office file read what can be, and is the rest named in words that help?"""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from ingest.model import Document, Failure
from ingest.read.damage import damage, until_damage
from ingest.read.office.package import local, parse, relations_part
from ingest.read.registry import read
from tests.ingest.hostile_formats import docx_parts, ole, rezipped, unzipped, zipped
from tests.ingest.read.pdf.made_pdf import pdf
from tests.ingest.read.reading import failure

HEADER = '<w:hdr xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


@pytest.fixture
def halves(tmp_path):
    """Reads a file of the content given: the text that came of it, and what was said to be wrong."""

    def make(name: str, content: bytes) -> tuple[str, str]:
        path = tmp_path / name
        path.write_bytes(content)
        items = list(read(path, f"box/{name}"))
        assert all(isinstance(item, Document | Failure) for item in items)
        texts = [item.text for item in items if isinstance(item, Document)]
        errors = [item.error for item in items if isinstance(item, Failure)]
        assert len(texts) <= 1
        assert len(errors) <= 1
        return "".join(texts), "".join(errors)

    return make


@pytest.fixture
def deck(tmp_path) -> bytes:
    """A presentation of three slides with a chart each, the first of which was moved to the end."""
    presentation = Presentation()
    for name in ("c", "a", "b"):
        slide = presentation.slides.add_slide(presentation.slide_layouts[5])
        slide.shapes.title.text = f"slide {name}"
        data = CategoryChartData()
        data.categories = [f"of {name}"]
        data.add_series("n", (1,))
        place = (0, Inches(2), Inches(4), Inches(2))
        slide.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data)
    order = presentation.element.sldIdLst
    order.append(order[0])
    presentation.save(tmp_path / "made.pptx")
    return (tmp_path / "made.pptx").read_bytes()


@pytest.fixture
def book(tmp_path) -> bytes:
    """A workbook of two sheets of texts."""
    with xlsxwriter.Workbook(tmp_path / "made.xlsx") as workbook:
        for sheet in ("One", "Two"):
            made = workbook.add_worksheet(sheet)
            for row in range(3):
                made.write_row(row, 0, [f"{sheet} {row}", row])
    return (tmp_path / "made.xlsx").read_bytes()


def torn(data: bytes, part: str, share: float = 0.5) -> bytes:
    """The archive with a part that breaks off."""
    whole = unzipped(data)[part]
    return rezipped(data, {part: whole[: int(len(whole) * share)]})


# Slides


def test_what_belongs_to_a_slide_stays_with_it_however_slides_were_moved(halves, deck):
    text, error = halves("a.pptx", deck)
    assert re.findall(r"slide \w|of \w", text) == ["slide a", "of a", "slide b", "of b", "slide c", "of c"]
    assert not error


@pytest.mark.parametrize("damaged", [lambda data: torn(data, "ppt/slides/slide2.xml"),
                                     lambda data: rezipped(data, {"ppt/slides/slide2.xml": None})])  # fmt: skip
def test_a_slide_that_is_damaged_costs_no_other_one(halves, deck, damaged):
    text, error = halves("a.pptx", damaged(deck))
    assert re.findall(r"slide \w", text) == ["slide b", "slide c"]
    assert re.search("slide 1 (?:is missing|cannot be read, )", error)
    assert error.endswith("and the rest was read: repair it, or save it again")


def test_a_chart_that_is_damaged_is_named_and_its_slide_is_read(halves, deck):
    charts = [name for name in unzipped(deck) if re.fullmatch(r"ppt/charts/chart\d+\.xml", name)]
    text, error = halves("a.pptx", torn(deck, charts[0]))
    assert len(re.findall(r"slide \w", text)) == 3
    assert len(re.findall(r"of \w", text)) == 2
    assert f"{charts[0]} is damaged" in error


def test_the_slides_that_were_read_in_time_are_kept_and_the_rest_is_named(halves, deck, monkeypatch):
    late = iter([False, True])
    monkeypatch.setattr("ingest.read.office.slides.is_late", lambda: next(late))
    text, error = halves("a.pptx", deck)
    assert "slide a" in text
    assert "slide b" in text
    assert "slide c" not in text
    assert error.startswith("what follows slide 2 has not been read in the time")


def test_a_layout_that_is_missing_costs_no_words(halves, deck):
    text, error = halves("a.pptx", rezipped(deck, {"ppt/slideLayouts/slideLayout6.xml": None}))
    assert len(re.findall(r"slide \w|of \w", text)) == 6
    assert "ppt/slideLayouts/slideLayout6.xml is missing" in error


# Sheets


def test_a_sheet_that_breaks_off_is_read_as_far_as_it_goes(halves, book):
    text, error = halves("a.xlsx", torn(book, "xl/worksheets/sheet1.xml", 0.75))
    assert "One 0" in text
    assert "| Two 2 | 2 |" in text
    assert "sheet One cannot be read to its end" in error


def test_sheets_that_are_nowhere_are_named(halves, book):
    text, error = halves("a.xlsx", rezipped(book, {"xl/worksheets/sheet2.xml": None}))
    assert "One 2" in text
    assert "(sheet Two is missing)" in error
    text, error = halves("a.xlsx", torn(book, "xl/_rels/workbook.xml.rels"))
    assert not text
    assert "xl/_rels/workbook.xml.rels is damaged; sheet One is missing; sheet Two is missing" in error


def test_cells_whose_texts_are_gone_are_counted(halves, book):
    text, error = halves("a.xlsx", rezipped(book, {"xl/sharedStrings.xml": None}))
    assert "| 1 |" in text or "\n1" in text
    assert "xl/sharedStrings.xml is missing; the texts of 3 cells in sheet One are missing" in error


def test_a_workbook_without_its_formats_says_so(halves, book):
    text, error = halves("a.xlsx", torn(book, "xl/styles.xml"))
    assert "One 2" in text
    assert "xl/styles.xml is damaged" in error


@pytest.mark.parametrize("cut", [500, 700, 900])
def test_an_old_workbook_over_which_its_library_panics_is_damaged(halves, cut):
    assert "it is damaged" in halves("a.xls", ole({"Workbook": bytes(4096)})[:-cut])[1]


# Word


@pytest.mark.parametrize(("header", "said"), [(f"{HEADER}><w:p>", "is damaged"), (None, "is missing")])
def test_a_header_that_is_damaged_or_missing_is_named(halves, header, said):
    relation = f'<Relationship Id="h" Type="{LINKS}/header" Target="header1.xml"/>'
    kinds = "http://schemas.openxmlformats.org/package/2006/relationships"
    parts = docx_parts() | {
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{kinds}">{relation}</Relationships>'
    }
    text, error = halves("a.docx", zipped(parts | ({"word/header1.xml": header} if header else {})))
    assert text == "lighthouse keeper"
    assert f"(word/header1.xml {said})" in error


@pytest.mark.parametrize("part", ["[Content_Types].xml", "_rels/.rels"])
def test_a_container_that_does_not_describe_itself_is_read_and_named(halves, part):
    text, error = halves("a.docx", rezipped(zipped(docx_parts()), {part: None}))
    assert text == "lighthouse keeper"
    assert f"({part} is missing)" in error


# Whichever it is


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx", "a.zip"])
def test_a_container_whose_parts_are_lost_is_no_archive_of_what_is_left(halves, name):
    """Its name says what it was, or what it says of its parts."""
    text, error = halves(name, rezipped(zipped(docx_parts()), {"word/document.xml": None}))
    assert not text
    assert "it is damaged" in error


def test_what_is_no_rich_text_is_text_or_named(halves):
    assert halves("a.rtf", b"\n{\\rtf1 words\\par}") == ("words", "")
    assert halves("a.rtf", b"{\\rtf1 wo\0\0rds" + bytes(900)) == ("words", "")
    assert halves("a.rtf", "just größer words".encode()) == ("just größer words", "")
    assert "does not begin like RTF" in halves("a.rtf", b"x\\rtf1\\ansi{\\fonttbl{\\f0 A;}} words}")[1]
    assert "binary" in halves("a.rtf", bytes(range(256)) * 9)[1]


def test_a_torn_file_is_named_and_stops_nothing(file):
    assert "it is damaged" in failure(file("a.pdf", pdf("(One) Tj")[:40]))
    assert "it is damaged" in failure(file("a.docx", b"PK\x03\x04 and no more"))


# Whose fault it is


def raised(what: Callable[[], object]) -> Exception:
    with pytest.raises(Exception) as found:
        what()
    return found.value


def test_what_a_library_raises_is_damage_and_what_we_raise_is_a_bug():
    assert damage(raised(lambda: local(None))) is None
    assert damage(raised(lambda: relations_part(None))) is None  # seen inside of the standard library
    assert "Couldn't find end of Start Tag a" in damage(raised(lambda: parse(b"<a")))
    assert damage(raised(lambda: Presentation().part.related_part("r9"))) == "no relationship with key 'r9'"
    assert damage(raised(lambda: Path("nowhere").read_bytes())) == ""


def test_what_was_read_before_the_damage_is_kept():
    def items(error):
        yield 1
        raise error

    faults = []
    assert list(until_damage(items(zipfile.BadZipFile("bad  sum")), "part 1", faults)) == [1]
    assert faults == ["part 1 cannot be read to its end, bad sum"]
    with pytest.raises(MemoryError):
        list(until_damage(items(MemoryError()), "part 1", faults))

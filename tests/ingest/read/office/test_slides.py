"""Does a presentation give all of its words, slide by slide, in the order of a person who reads it?"""

import zipfile

import pytest
import xlsxwriter
from lxml import etree
from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import PROG_ID
from pptx.util import Inches

from ingest.model import Document, Skipped
from ingest.read.registry import read
from tests.ingest.read.office.office_files import A, M
from tests.ingest.read.reading import failure, one
from tests.places import LOADERS


@pytest.fixture
def deck(tmp_path):
    """Writes a presentation by calling what it is given with it, and reads it."""

    def make(fill) -> Document:
        presentation = Presentation()
        fill(presentation)
        presentation.save(tmp_path / "deck.pptx")
        return one(tmp_path / "deck.pptx")

    return make


def slide(presentation, title="", layout=5):
    made = presentation.slides.add_slide(presentation.slide_layouts[layout])
    made.shapes.title.text = title
    return made


def box(shapes, text, left, top):
    made = shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(1))
    made.text_frame.text = text
    return made


def test_each_slide_stands_under_its_title_and_is_a_page(deck):
    def fill(presentation):
        presentation.core_properties.title = "PowerPoint Presentation"  # what the program writes by itself
        first = slide(presentation, "Start", layout=1)
        first.placeholders[1].text = "one\ntwo"
        first.placeholders[1].text_frame.paragraphs[1].level = 1
        second = slide(presentation, "")
        second._element.set("show", "0")
        box(second.shapes, "hidden words", 1, 2)

    document = deck(fill)
    assert document.text == "## Start\n\n- one\n  - two\n\n## Slide 2\n\nhidden words"
    assert [(document.text[page.start :].split("\n")[0], page.number) for page in document.pages] == [
        ("## Start", 1),
        ("## Slide 2", 2),
    ]
    assert document.title == "Start"


def test_shapes_are_read_as_they_lie_groups_included(deck):
    def fill(presentation):
        made = slide(presentation, "T")
        box(made.shapes, "third", 1, 5)
        box(made.shapes, "second", 5, 2)
        box(made.shapes, "first", 1, 2.1)
        group = made.shapes.add_group_shape()
        box(group.shapes, "fifth", 1, 6.8)
        box(group.shapes, "fourth", 1, 6)

    assert deck(fill).text.split("\n\n")[1:] == ["first", "second", "third", "fourth", "fifth"]


def test_a_table_on_a_slide_keeps_every_cell(deck):
    def fill(presentation):
        grid = slide(presentation, "T").shapes.add_table(3, 3, 0, Inches(2), Inches(4), Inches(2)).table
        for row in range(3):
            for column in range(3):
                grid.cell(row, column).text = f"r{row} | c{column}"
        grid.cell(1, 0).merge(grid.cell(2, 0))
        grid.cell(2, 0).text = "unseen"

    assert deck(fill).text.split("\n\n")[1] == (
        "| r0 \\| c0 | r0 \\| c1 | r0 \\| c2 |\n| --- | --- | --- |\n"
        "| r1 \\| c0 r2 \\| c0 | r1 \\| c1 | r1 \\| c2 |\n|  | r2 \\| c1 | r2 \\| c2 |"
    )


def test_a_chart_gives_its_titles_and_its_numbers(deck):
    def fill(presentation):
        data = CategoryChartData(number_format="0.0%")
        data.categories = ["North", "South"]
        data.add_series("2023", (0.125, 0.5))
        data.add_series("2024", (0.25, None))
        place = (0, Inches(2), Inches(4), Inches(2))
        chart = slide(presentation, "Bars").shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, *place, data).chart
        chart.has_title = True
        chart.chart_title.text_frame.text = "Share by region"
        chart.category_axis.axis_title.text_frame.text = "Region"
        points = XyChartData()
        for name, x in (("a", 1), ("b", 2)):
            points.add_series(name).add_data_point(x, 10 * x)
        slide(presentation, "Points").shapes.add_chart(XL_CHART_TYPE.XY_SCATTER, *place, points)

    assert deck(fill).text == (
        "## Bars\n\nShare by region\n\n| Region | 2023 | 2024 |\n| --- | --- | --- |\n"
        "| North | 12.5% | 25.0% |\n| South | 50.0% |  |\n\n"
        "## Points\n\n|  | a |\n| --- | --- |\n| 1 | 10 |\n\n|  | b |\n| --- | --- |\n| 2 | 20 |"
    )


def numbered(paragraphs, lines):
    """Sets the text, level and number of paragraphs; `lines` name a kind of number, or none."""
    for each, (text, level, kind) in zip(paragraphs, lines, strict=True):
        each.text, each.level = text, level
        if kind:
            name, _, start = kind.partition(" ")
            bullet = etree.SubElement(each._p.get_or_add_pPr(), f"{{{A}}}buAutoNum", type=name)
            bullet.attrib.update({"startAt": start} if start else {})


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        (
            [("a", 0, "arabicPeriod"), ("b", 1, ""), ("c", 1, ""), ("d", 0, "arabicPeriod"), ("e", 0, "")],
            "1. a\n   - b\n   - c\n2. d\n- e",
        ),
        (
            [("a", 0, "arabicParenR 4"), ("b", 0, "arabicParenR 4"), ("c", 0, ""), ("d", 0, "arabicParenR 4")],
            "4) a\n5) b\n- c\n4) d",
        ),
        (
            [("a", 0, "arabicPeriod"), ("b", 0, "arabicPeriod 5"), ("c", 0, "arabicPeriod")],
            "1. a\n5. b\n6. c",
        ),
        ([("a", 0, "romanUcPeriod"), ("b", 0, "romanUcPeriod")], "I. a\n\nII. b"),
        ([("a", 0, "alphaLcParenBoth"), ("b", 0, "alphaUcPeriod")], "(a) a\n\nA. b"),
        (
            [("a", 0, "arabicPeriod"), ("b", 1, "arabicPeriod"), ("c", 0, "arabicPeriod"), ("d", 1, "arabicPeriod")],
            "1. a\n   1. b\n2. c\n   1. d",
        ),
    ],
)
def test_the_numbers_of_a_slide_are_counted(deck, lines, seen):
    def fill(presentation):
        frame = slide(presentation, "T", layout=1).placeholders[1].text_frame
        numbered([frame.paragraphs[0], *(frame.add_paragraph() for _ in lines[1:])], lines)

    assert deck(fill).text == f"## T\n\n{seen}"


def test_the_numbers_in_a_text_box_are_counted(deck):
    def fill(presentation):
        frame = box(slide(presentation, "T").shapes, "", 1, 2).text_frame
        lines = [("a", 0, "arabicPlain"), ("b", 0, "arabicPlain")]
        numbered([frame.paragraphs[0], frame.add_paragraph()], lines)

    assert deck(fill).text == "## T\n\n1 a\n\n2 b"


def test_what_is_said_and_described_besides_the_slide_is_given(deck, tmp_path):
    def fill(presentation):
        presentation.core_properties.title = "The deck"
        presentation.core_properties.author = "Sales"
        made = slide(presentation, "T")
        made.notes_slide.notes_text_frame.text = "Say this\nand that"
        shape = box(made.shapes, "words", 1, 2)
        shape._element.nvSpPr.cNvPr.set("descr", "A red square")

    document = deck(fill)
    assert document.text == "## T\n\nwords\n\nA red square\n\nNotes:\n\nSay this\n\nand that"
    assert (document.title, document.metadata["author"]) == ("The deck", "Sales")


def test_an_equation_on_a_slide_is_read_where_it_stands(deck):
    def fill(presentation):
        shape = box(slide(presentation, "T").shapes, "Area ", 1, 2)
        math = (
            f'<a14:m xmlns:a14="http://schemas.microsoft.com/office/drawing/2010/main" xmlns:m="{M}"><m:oMath>'
            "<m:r><m:t>𝜋</m:t></m:r><m:sSup><m:e><m:r><m:t>r</m:t></m:r></m:e>"
            "<m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup></m:oMath></a14:m>"
        )
        shape.text_frame.paragraphs[0]._p.append(etree.fromstring(math))
        tree = shape._element.getparent()
        names = 'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        choices = etree.fromstring(f'<mc:AlternateContent {names}><mc:Choice Requires="a14"/></mc:AlternateContent>')
        tree.append(choices)
        choices[0].append(shape._element)

    assert deck(fill).text == "## T\n\nArea πr^2"


def test_files_inside_of_a_presentation_are_read_or_named_but_not_the_sheets_behind_its_charts(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "costs.xlsx") as workbook:
        workbook.add_worksheet("Costs").write_row(0, 0, ["rent", 7])
    presentation = Presentation()
    shapes = slide(presentation, "T").shapes
    shapes.add_ole_object(str(tmp_path / "costs.xlsx"), PROG_ID.XLSX, Inches(1), Inches(2))
    (tmp_path / "old.bin").write_bytes(b"old")
    shapes.add_ole_object(str(tmp_path / "old.bin"), "Old.Thing", Inches(1), Inches(4))
    data = CategoryChartData()
    data.categories = ["a"]
    data.add_series("s", (1,))
    shapes.add_chart(XL_CHART_TYPE.PIE, 0, Inches(2), Inches(4), Inches(2), data)
    presentation.save(tmp_path / "a.pptx")
    deck, inner, closed = read(tmp_path / "a.pptx", "box/a.pptx")
    assert deck.name == "box/a.pptx"
    assert (inner.name, inner.text) == (
        "box/a.pptx!/ppt/embeddings/Microsoft_Excel_Sheet1.xlsx",
        "## Costs\n\n| rent | 7 |\n| --- | --- |",
    )
    assert isinstance(closed, Skipped)
    assert "1 embedded object" in closed.reason


def test_slides_without_a_word_hold_no_text(tmp_path):
    presentation = Presentation()
    presentation.slides.add_slide(presentation.slide_layouts[6])
    presentation.save(tmp_path / "a.pptx")
    assert "it holds no text" in failure(tmp_path / "a.pptx")


@pytest.mark.shared
def test_a_real_presentation_gives_every_word():
    document = one(LOADERS / "markitdown" / "test.pptx")
    with zipfile.ZipFile(LOADERS / "markitdown" / "test.pptx") as archive:
        slides = [name for name in archive.namelist() if name.startswith("ppt/slides/slide")]
        words = {
            word
            for name in slides
            for t in etree.fromstring(archive.read(name)).iter(f"{{{A}}}t")
            for word in (t.text or "").split()
        }
    assert len(words) > 100
    assert {word for word in words if word not in document.text} == set()
    assert "| 7 | 8 | 9 | 1b92870d-e3b5-4e65-8153-919f4ff45592 | 11 | 12 |" in document.text
    assert "| 2003 | 2003 |" in document.text
    assert "44bf7d06-5e7a-4a40-a2e1-a2e42ef28c8a" in document.text  # a picture's description
    assert [page.number for page in document.pages] == [1, 2, 3, 4, 5, 6]

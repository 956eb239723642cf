"""Does a presentation, a text of an office program, give all of its words, in the order of a person who reads it?"""

import zipfile
from pathlib import Path

import odfdo
import pytest
import xlsxwriter
from lxml import etree
from pptx import Presentation
from pptx.chart.data import CategoryChartData, XyChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.shapes import PROG_ID
from pptx.util import Inches

from ingest.model import Document, Skipped
from ingest.read.office.equation import linear
from ingest.read.registry import read
from tests.ingest.read.office.office_files import A, M, W, failure, field, odf, one, paragraph, run, word

SHARED = Path(__file__).resolve().parents[4] / ".." / "shared" / "data"
SAMPLES = SHARED / "loaders/markitdown"
needs_samples = pytest.mark.skipif(not SHARED.is_dir(), reason="the public collections are not beside the project")


# Slides


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
@needs_samples
def test_a_real_presentation_gives_every_word():
    document = one(SAMPLES / "test.pptx")
    with zipfile.ZipFile(SAMPLES / "test.pptx") as archive:
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


# Equations


@pytest.mark.parametrize(
    ("omml", "text"),
    [
        ("<m:f><m:num>[a+b]</m:num><m:den>[2]</m:den></m:f>", "(a+b)/2"),
        ("<m:sSubSup><m:e>[x]</m:e><m:sub>[i]</m:sub><m:sup>[n+1]</m:sup></m:sSubSup>", "x_i^(n+1)"),
        ("<m:rad><m:radPr><m:degHide m:val='1'/></m:radPr><m:deg/><m:e>[b^2]</m:e></m:rad>", "√(b^2)"),
        ("<m:rad><m:deg>[3]</m:deg><m:e>[x]</m:e></m:rad>", "∛(x)"),
        ("<m:nary><m:naryPr><m:chr m:val='∑'/></m:naryPr><m:sub>[i=1]</m:sub><m:e>[i]</m:e></m:nary>", "∑_(i=1) i"),
        ("<m:d><m:dPr><m:begChr m:val='['/><m:endChr m:val=']'/></m:dPr><m:e>[a]</m:e><m:e>[b]</m:e></m:d>", "[a|b]"),
        ("<m:func><m:fName>[sin]</m:fName><m:e>[θ]</m:e></m:func>", "sin θ"),
        ("<m:limLow><m:e>[lim]</m:e><m:lim>[n→∞]</m:lim></m:limLow>", "lim_(n→∞)"),
        ("<m:m><m:mr><m:e>[a]</m:e><m:e>[b]</m:e></m:mr><m:mr><m:e>[c]</m:e><m:e>[d]</m:e></m:mr></m:m>", "a, b; c, d"),
        ("<m:eqArr><m:e>[x=1#(7)]</m:e><m:e>[y=2]</m:e></m:eqArr>", "x=1 (7); y=2"),
        ("<m:f><m:num>[(a)+(b)]</m:num><m:den>[c]</m:den></m:f>", "((a)+(b))/c"),
    ],
)
def test_an_equation_stands_on_one_line(omml, text):
    import re

    runs = re.sub(r">\[(.*?)\](?=<)", r"><m:r><m:t>\1</m:t></m:r>", omml)
    assert linear(etree.fromstring(f'<m:oMath xmlns:m="{M}">{runs}</m:oMath>')) == text


# Word


def test_a_word_document_is_in_the_language_of_its_styles(tmp_path):
    defaults = '<w:docDefaults><w:rPrDefault><w:rPr><w:lang w:val="en-US"/></w:rPr></w:rPrDefault></w:docDefaults>'
    usual = (
        '<w:style w:type="paragraph" w:default="1" w:styleId="N"><w:name w:val="Normal"/><w:rPr>{}</w:rPr></w:style>'
    )
    body = paragraph(run("words"))
    for styles, tag in ((defaults, "en-US"), (defaults + usual.format('<w:lang w:val="de-DE"/>'), "de-DE")):
        document = one(word(tmp_path / f"{tag}.docx", body, styles=styles))
        assert document.metadata["language"] == tag
    assert "language" not in one(word(tmp_path / "a.docx", body, styles=usual.format(""))).metadata


def test_hidden_text_in_word_is_left_out(tmp_path):
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r>"
    shown = '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t>, two</w:t></w:r>'
    mark = "<w:pPr><w:rPr><w:vanish/></w:rPr></w:pPr>"
    assert one(word(tmp_path / "a.docx", paragraph(mark, hidden, run("one"), shown))).text == "one, two"


def test_an_equation_in_word_is_read_where_it_stands(tmp_path):
    fraction = "<m:f><m:num><m:r><m:t>a</m:t></m:r></m:num><m:den><m:r><m:t>b</m:t></m:r></m:den></m:f>"
    body = paragraph(run("For "), f"<m:oMath>{fraction}</m:oMath>", run(", see"))
    body += paragraph(f"<m:oMathPara><m:oMath><m:r><m:t>y=</m:t></m:r>{fraction}</m:oMath></m:oMathPara>")
    assert one(word(tmp_path / "a.docx", body)).text == "For a/b, see\n\ny=a/b"


def test_tracked_changes_are_taken_as_accepted(tmp_path):
    body = paragraph(
        run("kept "),
        f"<w:ins>{run('new ')}</w:ins>",
        "<w:del><w:r><w:delText>old </w:delText></w:r></w:del>",
        f"<w:moveFrom>{run('moved ')}</w:moveFrom>",
        run("end "),
        f"<w:moveTo>{run('moved')}</w:moveTo>",
    )
    assert one(word(tmp_path / "a.docx", body)).text == "kept new end moved"


def test_a_text_box_stands_behind_its_paragraph_and_once(tmp_path):
    inside = f"<w:txbxContent>{paragraph(run('in the box'))}</w:txbxContent>"
    box = (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wp:anchor><wp:docPr id="1" name="B" '
        f'descr="A frame"/><a:graphic><a:graphicData>{inside}</a:graphicData></a:graphic></wp:anchor></w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict><v:textbox>{inside}</v:textbox></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    only = box.replace("in the box", "in another").replace("<mc:Fallback>", "<!--").replace("</mc:Fallback>", "-->")
    document = one(word(tmp_path / "a.docx", paragraph(run("before "), box, only, run(" after"))))
    assert document.text == "before A frame A frame after\n\nin the box\n\nin another"


def test_headers_and_comments_follow_the_text(tmp_path):
    pages = paragraph(
        run("Manual 7 "), "<w:r><w:tab/></w:r>", run("Page "), field("PAGE", "3"), run(" of "), field("NUMPAGES", "9")
    )
    comment = (
        f'<w:comment w:id="1" w:author="Ann Reader">{paragraph(run("why?"))}{paragraph(run("really"))}</w:comment>'
    )
    path = word(
        tmp_path / "a.docx", paragraph(run("body")), header=pages, footer=paragraph(run("secret")), comments=comment
    )
    assert one(path).text == "body\n\nManual 7\n\nsecret\n\nComments:\n\n- Ann Reader: why? really"


def test_a_footnote_is_read_without_the_arrow_that_leads_back(tmp_path):
    math = "<m:oMath><m:r><m:t>a=b</m:t></m:r></m:oMath>"
    note = f'<w:footnote w:id="2">{paragraph(run("the note, "), math)}</w:footnote>'
    body = paragraph(run("text"), '<w:r><w:footnoteReference w:id="2"/></w:r>')
    assert one(word(tmp_path / "a.docx", body, footnotes=note)).text == "text[1]\n\n1. the note, a=b"


def test_what_the_library_passes_over_is_kept(tmp_path):
    body = paragraph(
        run("Figure "),
        f'<w:fldSimple w:instr="SEQ Figure">{run("4")}</w:fldSimple>',
        f"<w:bdo>{run(' text')}</w:bdo>",
        "<w:r><w:t>line</w:t><w:cr/><w:t>next</w:t><w:br w:type='page'/><w:t>page</w:t></w:r>",
        "<w:r><w:ruby><w:rt><w:r><w:t>かん</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢</w:t></w:r></w:rubyBase></w:ruby></w:r>",
    )
    assert one(word(tmp_path / "a.docx", body)).text == "Figure 4 textline\nnext\npage漢(かん)"


def test_a_tall_cell_leaves_the_others_in_their_columns(tmp_path):
    def cell(text, properties=""):
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{paragraph(run(text) if text else '')}</w:tc>"

    rows = [
        cell("a") + cell("b") + cell("c"),
        cell("tall", '<w:vMerge w:val="restart"/>') + cell("1") + cell("2"),
        cell("", "<w:vMerge/>") + cell("3") + cell("4"),
    ]
    table = f"<w:tbl>{''.join(f'<w:tr>{row}</w:tr>' for row in rows)}</w:tbl>"
    text = one(word(tmp_path / "a.docx", table)).text
    assert text.startswith("| a | b | c |\n| --- | --- | --- |\n| tall | 1 | 2 |\n")
    assert text.endswith("| 3 | 4 |")
    assert text.split("\n")[-1].count("|") == 4


@pytest.mark.shared
@needs_samples
def test_real_word_documents_give_every_word():
    for name in ("test.docx", "test_with_comment.docx", "equations.docx", "rlink.docx"):
        document = one(SAMPLES / name)
        with zipfile.ZipFile(SAMPLES / name) as archive:
            parts = [each for each in ("word/document.xml", "word/comments.xml") if each in archive.namelist()]
            words = {
                w
                for part in parts
                for t in etree.fromstring(archive.read(part)).iter(f"{{{W}}}t")
                for w in (t.text or "").split()
            }
        assert {word for word in words if word not in document.text} == set(), name
    text = one(SAMPLES / "equations.docx").text
    assert "For m=1," in text
    assert "The angle is θ=sin^-1(2.2×10^-4)=2.2×10^-4rad." in text
    assert "a/λ=m/(sin θ)=1/(sin 45.0^∘)=1.41." in text


# OpenDocument


def test_an_opendocument_text_gives_headings_lists_tables_and_notes(tmp_path):
    document = odfdo.Document("text")
    body = document.body
    body.clear()
    document.meta.title, document.meta.creator, document.meta.language = "Named", "Ann", "de-DE"
    body.append(odfdo.Header(1, "Über"))
    text = odfdo.Paragraph("Text with words")
    text.insert_note(after="Text", note_id="n", citation="1", body="the note")
    text.insert_annotation(after="words", body="why?", creator="Bob")
    body.append(text)
    body.append(odfdo.List(["one", "two"]))
    table = odfdo.Table("T", width=3, height=3)
    for row in range(3):
        for column in range(3):
            table.set_value((column, row), f"r{row}c{column}")
    body.append(table)
    document.save(tmp_path / "a.odt")
    read_ = one(tmp_path / "a.odt")
    assert read_.text == (
        "# 1. Über\n\nText[1] with words\n\n- one\n- two\n\n| r0c0 | r0c1 | r0c2 |\n| --- | --- | --- |\n"
        "| r1c0 | r1c1 | r1c2 |\n| r2c0 | r2c1 | r2c2 |\n\n[1] the note\n\nComments:\n\n- Bob: why?"
    )
    assert read_.title == "Named"
    assert (read_.metadata["author"], read_.metadata["language"]) == ("Ann", "de-DE")


def test_an_opendocument_text_is_read_to_its_last_corner(tmp_path):
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>gone</text:p></text:deletion>"
        '</text:changed-region></text:tracked-changes><text:p text:style-name="P1">The title</text:p>'
        '<text:list text:style-name="L"><text:list-item><text:p>first</text:p></text:list-item></text:list>'
        "<text:p>between<text:tab/>a<text:line-break/>b</text:p>"
        '<text:list text:style-name="L" text:continue-numbering="true"><text:list-item><text:p>second</text:p>'
        "</text:list-item></text:list>"
        "<text:p>See <draw:frame><draw:text-box><text:p>boxed</text:p></draw:text-box></draw:frame>"
        '<draw:frame><draw:object xlink:href="./Math"/></draw:frame> and '
        "<draw:frame><draw:image/><svg:title>A picture</svg:title></draw:frame></text:p>"
        '<text:p><draw:frame><draw:object xlink:href="./Chart"/></draw:frame></text:p>'
        '<table:table><table:table-row><table:table-cell table:number-columns-repeated="2"><text:p>same</text:p>'
        '</table:table-cell></table:table-row><table:table-row table:number-rows-repeated="2"><table:table-cell '
        'table:number-columns-spanned="2"><text:p>wide</text:p></table:table-cell><table:covered-table-cell/>'
        "</table:table-row></table:table>"
    )
    styles = (
        '<office:styles><style:style style:name="P1" style:parent-style-name="Title"/><text:list-style style:name="L">'
        '<text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>'
        "</text:list-style></office:styles>"
        "<office:master-styles><style:master-page><style:header><text:p>Manual<text:tab/>Page <text:page-number>3"
        "</text:page-number></text:p></style:header></style:master-page></office:master-styles>"
    )
    math = (
        '<math xmlns="http://www.w3.org/1998/Math/MathML"><mfrac><mi>a</mi><mi>b</mi></mfrac>'
        '<annotation encoding="StarMath 5.0">a over b</annotation></math>'
    )
    cells = "".join(f"<table:table-cell><text:p>{text}</text:p></table:table-cell>" for text in ("North", "12"))
    chart = (
        "<office:document-content NAMES><office:body><office:chart><chart:chart><chart:title><text:p>Sales</text:p>"
        f"</chart:title><table:table><table:table-rows><table:table-row>{cells}</table:table-row></table:table-rows>"
        "</table:table></chart:chart></office:chart></office:body></office:document-content>"
    )
    document = one(odf(tmp_path / "a.odt", body, styles=styles, Math=math, Chart=chart))
    assert document.text == (
        "# The title\n\n1. first\n\nbetween a\nb\n\n2. second\n\nSee a/b and A picture\n\nboxed\n\nSales\n\n"
        "| North | 12 |\n| --- | --- |\n\n| same | same |\n| --- | --- |\n| wide |  |\n| wide |  |\n\nManual"
    )
    assert document.title == "The title"


def odf_level(number: int, form: str, more: str = "") -> str:
    return f'<text:list-level-style-number text:level="{number}" style:num-format="{form}" {more}/>'


def odf_list(*items: str, more: str = 'text:style-name="L"') -> str:
    return f"<text:list {more}>{''.join(f'<text:list-item>{item}</text:list-item>' for item in items)}</text:list>"


LEVELS = (
    odf_level(1, "1", 'style:num-suffix="."')
    + odf_level(2, "1", 'style:num-suffix="." text:display-levels="2"')
    + odf_level(3, "a", 'style:num-prefix="(" style:num-suffix=")"')
    + '<text:list-level-style-bullet text:level="4" text:bullet-char="•"/>'
)
STYLES = f'<office:styles><text:list-style style:name="L">{LEVELS}</text:list-style></office:styles>'


def p(text: str) -> str:
    return f"<text:p>{text}</text:p>"


SEVENTH = f'<text:list-item text:start-value="7">{p("a")}</text:list-item>'


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            odf_list(p("a") + odf_list(p("b") + odf_list(p("c") + odf_list(p("d"))), p("e"), more=""), p("f")),
            "1. a\n\n   1.1. b\n\n   (a) c\n\n   - d\n\n   1.2. e\n2. f",
        ),
        (odf_list(p("a") + p("more"), p("b")), "1. a\n\n   more\n2. b"),
        (odf_list(p("a")) + p("x") + odf_list(p("b")), "1. a\n\nx\n\n1. b"),
        (
            odf_list(p("a"), more='text:style-name="L" xml:id="i"')
            + p("x")
            + odf_list(p("b"), more='text:style-name="L" text:continue-list="i"'),
            "1. a\n\nx\n\n2. b",
        ),
        (odf_list(odf_list(p("deep"), more="")) + p("x"), "1.1. deep\n\nx"),
        (
            f'<text:list text:style-name="L"><text:list-header>{p("head")}</text:list-header>{SEVENTH}</text:list>',
            "head\n\n7. a",
        ),
        (odf_list(p("a"), more='text:style-name="unknown"'), "- a"),
        (
            "<table:table><table:table-row><table:table-cell><text:p>x</text:p></table:table-cell><table:table-cell>"
            + odf_list(p("a"))
            + "</table:table-cell></table:table-row></table:table>",
            "| x | 1. a |\n| --- | --- |",
        ),
    ],
)
def test_the_lists_of_an_opendocument_text_are_counted(tmp_path, body, text):
    assert one(odf(tmp_path / "a.odt", body, styles=STYLES)).text == text


def test_the_forms_of_an_opendocument_text_say_what_is_ticked_and_chosen(tmp_path):
    names = 'xmlns:form="urn:oasis:names:tc:opendocument:xmlns:form:1.0"'
    option = '<form:option form:label="{}" form:current-selected="{}"/>'
    forms = (
        f"<office:forms {names}><form:form>"
        '<form:checkbox form:id="a" form:label="Tea" form:current-state="checked"/>'
        '<form:checkbox form:id="b" form:label="Milk" form:state="checked" form:current-state="unchecked"/>'
        '<form:radio form:id="c" form:label="large" form:current-selected="true"/>'
        f'<form:listbox form:id="d">{option.format("red", "false")}{option.format("blue", "true")}</form:listbox>'
        '<form:text form:id="e" form:current-value="Ann"/><form:button form:id="f" form:label="Send"/>'
        "</form:form></office:forms>"
    )
    body = forms + "".join(p(f'{key}: <draw:control draw:control="{key}"/>') for key in "abcdef")
    text = one(odf(tmp_path / "a.odt", body)).text
    assert text.split("\n\n") == ["a: ☒ Tea", "b: ☐ Milk", "c: ◉ large", "d: blue", "e: Ann", "f:"]


def test_the_headings_of_an_opendocument_text_count_by_the_outline(tmp_path):
    levels = (
        '<text:outline-level-style text:level="1" style:num-format="I" style:num-suffix=":"/>'
        '<text:outline-level-style text:level="2" style:num-format="1" text:display-levels="2"/>'
        '<text:outline-level-style text:level="3" style:num-format=""/>'
    )
    styles = f'<office:styles><text:outline-style>{levels}</text:outline-style><style:style style:name="N" '
    styles += 'style:list-style-name=""/></office:styles>'
    heads = [("a", 1, ""), ("b", 2, ""), ("c", 2, ""), ("d", 3, ""), ("e", 1, 'text:style-name="N"'), ("f", 1, "")]
    heads += [("g", 1, 'text:restart-numbering="true" text:start-value="9"'), ("h", 1, 'text:is-list-header="true"')]
    body = "".join(f'<text:h text:outline-level="{level}" {more}>{text}</text:h>' for text, level, more in heads)
    text = one(odf(tmp_path / "a.odt", body, styles=styles)).text
    assert [line.lstrip("# ") for line in text.split("\n\n")] == [
        *("I: a", "I.1 b", "I.2 c", "d", "e", "II: f", "IX: g", "h"),
    ]


def test_the_slides_of_an_opendocument_presentation_are_read_like_others(tmp_path):
    def frame(kind, text, x, y):
        return (
            f'<draw:frame presentation:class="{kind}" svg:x="{x}cm" svg:y="{y}cm"><draw:text-box>'
            f"<text:p>{text}</text:p></draw:text-box></draw:frame>"
        )

    first = frame("outline", "right", 12, 5.2) + frame("outline", "left", 1, 5) + frame("title", "Start", 1, 1)
    first += frame("page-number", "7", 20, 20)
    first += f"<presentation:notes>{frame('notes', 'say this', 1, 1)}</presentation:notes>"
    body = f"<draw:page>{first}</draw:page><draw:page>{frame('outline', 'words', 1, 1)}</draw:page>"
    document = one(odf(tmp_path / "a.odp", body))
    assert document.text == "## Start\n\nleft\n\nright\n\nNotes:\n\nsay this\n\n## Slide 2\n\nwords"
    assert [page.number for page in document.pages] == [1, 2]
    assert document.title == "Start"


def test_a_protected_opendocument_file_says_what_to_do(tmp_path):
    manifest = "<manifest><file-entry><encryption-data/></file-entry></manifest>"
    for name in ("a.odt", "a.odp"):
        assert "protected by a password" in failure(odf(tmp_path / name, "<text:p>x</text:p>", manifest=manifest))


# Rich Text

RICH = rb"""{\rtf1\ansi\ansicpg1252\deff0\deflang1031{\fonttbl{\f0\froman\fcharset0 Times;}{\f1\fcharset204 Arial Cyr;}
{\f2\fcharset128 MS Mincho;}{\f3\fcharset2 Symbol;}}{\stylesheet{\s0 Normal;}{\s1\sb240\b heading 1;}}
{\info{\title Gr\'fc\'dfe \u8364?}{\author J\'f6rg}{\revtim\yr2024\mo3\dy5}}
{\header\pard ACME\tab Seite {\field{\*\fldinst PAGE}{\fldrslt 3}}\par}
\pard\plain\s1 \'dcber\par
\pard\plain caf\'e9 \u8364? \u-10179?\u-8704? {\f1\'cf\'f0\'e8\'e2\'e5\'f2} {\f2\'93\'fa\'96\'7b \'83e} {\f3 a}
\{x\} back\\cell.\line second\par
Note{\super\chftn}{\footnote\pard {\super\chftn} The note.} goes {\deleted gone }on.\par
{\listtext\'b7\tab}First\par
{\pntext 1.\tab}Numbered\par
\trowd\cellx1000\cellx2000\pard\intbl A\par more\cell B|x\cell\row
\trowd\cellx1000\cellx2000\pard\intbl 1\cell \cell\row
\pard After {\field{\*\fldinst HYPERLINK "https://example.org"}{\fldrslt the link}}.\par
{\shp{\*\shpinst{\sp{\sn a}{\sv 1}}{\shptxt\pard Boxed\par}}{\shprslt{\*\do x}}}
{\pict{\*\picprop{\sp{\sn wzDescription}{\sv A red square}}}\pngblip\bin4 }{}\}
{\*\atnauthor Ann}\chatn{\*\annotation why?}{\*\unknown not said}\par
}"""


def test_rich_text_is_read_to_its_last_corner(tmp_path):
    path = tmp_path / "a.rtf"
    path.write_bytes(RICH)
    document = one(path)
    assert document.text == (
        "# Über\n\ncafé € 😀 Привет 日本 テ α{x} back\\cell.\nsecond\n\nNote[1] goes on.\n\n- First\n1. Numbered\n\n"
        "| A more | B\\|x |\n| --- | --- |\n| 1 |  |\n\nAfter the link.\n\nBoxed\n\nA red square\n\n[1] The note.\n\n"
        "ACME\n\nComments:\n\n- Ann: why?"
    )
    assert document.title == "Grüße €"
    assert document.metadata == {"author": "Jörg", "date": "2024-03-05", "language": "de-DE"}


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (("1.", "2."), "1. First\n2. Second"),
        (("2.1", "2.2"), "2.1 First\n\n2.2 Second"),
        (("(a)", "§ 4"), "(a) First\n\n§ 4 Second"),
        (("Article I", "A"), "Article I First\n\nA Second"),
        (("o", "\\'b7"), "- First\n- Second"),
    ],
)
def test_the_numbers_of_rich_text_stand_as_they_were_written(tmp_path, labels, text):
    lines = "".join(
        f"{{\\listtext {label}\\tab}}{w}\\par" for label, w in zip(labels, ("First", "Second"), strict=True)
    )
    (tmp_path / "a.rtf").write_text(f"{{\\rtf1\\ansi {lines}}}", "latin-1")
    assert one(tmp_path / "a.rtf").text == text


def test_rich_text_that_breaks_off_still_gives_its_words(tmp_path):
    path = tmp_path / "a.rtf"
    path.write_bytes(b"{\\rtf1\\ansi{\\fonttbl{\\f0 A;}}\\pard words{\\b bold")
    assert one(path).text == "wordsbold"


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.odt", "a.odp"])
def test_a_damaged_file_says_so(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"PK\x03\x04 and no more")
    assert "it is damaged" in failure(path)

"""Does a Word document give all of its words, in the order of a person who reads it?"""

import zipfile

import pytest
from lxml import etree

from tests.ingest.read.office.office_files import W, field, paragraph, run, word
from tests.ingest.read.reading import one
from tests.places import LOADERS


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
def test_real_word_documents_give_every_word():
    for name in ("test.docx", "test_with_comment.docx", "equations.docx", "rlink.docx"):
        document = one(LOADERS / "markitdown" / name)
        with zipfile.ZipFile(LOADERS / "markitdown" / name) as archive:
            parts = [each for each in ("word/document.xml", "word/comments.xml") if each in archive.namelist()]
            words = {
                w
                for part in parts
                for t in etree.fromstring(archive.read(part)).iter(f"{{{W}}}t")
                for w in (t.text or "").split()
            }
        assert {word for word in words if word not in document.text} == set(), name
    text = one(LOADERS / "markitdown" / "equations.docx").text
    assert "For m=1," in text
    assert "The angle is θ=sin^-1(2.2×10^-4)=2.2×10^-4rad." in text
    assert "a/λ=m/(sin θ)=1/(sin 45.0^∘)=1.41." in text

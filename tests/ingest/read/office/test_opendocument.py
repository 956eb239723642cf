"""Does a text of OpenDocument give all of its words, and its lists and forms as they are shown?"""

import odfdo
import pytest

from tests.ingest.read.office.office_files import odf
from tests.ingest.read.reading import failure, one


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

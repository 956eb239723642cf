"""Is what was ticked and chosen in the forms of a Word document said in its text?"""

import pytest

from tests.ingest.read.office.office_files import paragraph, run, word
from tests.ingest.read.reading import one

W14 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'


def control(settings: str, content: str) -> str:
    return f"<w:sdt><w:sdtPr>{settings}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def box(state: str | None, content: str) -> str:
    checked = "" if state is None else f'<w14:checked w14:val="{state}"/>'
    return control(f"<w14:checkbox {W14}>{checked}</w14:checkbox>", content)


@pytest.mark.parametrize(
    ("state", "content", "seen"),
    [
        ("0", run("☐"), "☐"),
        ("1", run("☒"), "☒"),
        ("true", run("☑"), "☑"),
        (None, run("☐"), "☐"),
        ("1", run("☐"), "☒"),  # the state is what counts
        ("0", run("x"), "☐"),
        ("1", "", "☒"),
        ("1", '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>', "☑"),
    ],
)
def test_a_tick_box_in_word_keeps_its_state(tmp_path, state, content, seen):
    for number, body in enumerate((paragraph(box(state, content), run(" Tea")), box(state, paragraph(content)))):
        text = one(word(tmp_path / f"{number}.docx", body)).text
        assert text == (f"{seen} Tea" if number == 0 else seen)


def old_field(instruction: str, data: str) -> str:
    begin = f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{data}</w:ffData></w:fldChar></w:r>'
    return f'{begin}<w:r><w:instrText>{instruction}</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r>'


def test_the_fields_of_old_forms_say_what_is_ticked_and_chosen(tmp_path):
    ticked = {"<w:default w:val='1'/>": "☒", "<w:default/><w:checked w:val='0'/>": "☐", "": "☐", "<w:checked/>": "☒"}
    body = "".join(
        paragraph(old_field(" FORMCHECKBOX ", f"<w:checkBox>{data}</w:checkBox>"), run(" Tea")) for data in ticked
    )
    entries = "<w:ddList><w:result w:val='1'/><w:listEntry w:val='red'/><w:listEntry w:val='blue'/></w:ddList>"
    body += paragraph(run("Colour: "), old_field(" FORMDROPDOWN ", entries), run("."))
    footer = paragraph(old_field("FORMCHECKBOX", "<w:checkBox><w:checked/></w:checkBox>"), run(" seen"))
    assert one(word(tmp_path / "a.docx", body, footer=footer)).text.split("\n\n") == [
        *(f"{sign} Tea" for sign in ticked.values()),
        "Colour: blue.",
        "☒ seen",
    ]


def test_what_is_chosen_in_a_control_is_its_text(tmp_path):
    chosen = control("<w:dropDownList><w:listItem w:value='1'/></w:dropDownList>", run("Rotterdam"))
    date = control("<w:date w:fullDate='2026-03-15T00:00:00Z'/>", run("15 March 2026"))
    body = paragraph(run("Port: "), chosen, run(", on "), date)
    assert one(word(tmp_path / "a.docx", body)).text == "Port: Rotterdam, on 15 March 2026"


def test_boxes_drawn_in_symbol_fonts_are_boxes(tmp_path):
    font = '<w:rPr><w:rFonts w:ascii="Wingdings" w:hAnsi="Wingdings"/></w:rPr>'
    body = paragraph(
        f"<w:r>{font}<w:t>\uf0a8</w:t></w:r>", run(" Tea "), f"<w:r>{font}<w:t>þ</w:t></w:r>", run(" Milk")
    )
    assert one(word(tmp_path / "a.docx", body)).text == "☐ Tea ☑ Milk"

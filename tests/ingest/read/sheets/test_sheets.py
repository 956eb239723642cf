"""Does a workbook give every cell as a person sees it?"""

import datetime as dt
import time
import zipfile
from pathlib import Path

import odfdo
import pytest
import xlsxwriter

from ingest.model import Document
from ingest.read.registry import read
from tests.ingest.hostile_formats import rezipped, xlsx
from tests.ingest.read.reading import failure, one
from tests.places import LOADERS


@pytest.fixture
def book(tmp_path):
    """Writes a workbook by calling what it is given with it, and reads it."""

    def make(fill, **options) -> Document:
        path = tmp_path / "book.xlsx"
        with xlsxwriter.Workbook(path, options) as workbook:
            fill(workbook)
        return one(path)

    return make


def table(text: str) -> list[list[str]]:
    """The cells of the first table of a text."""
    lines = [line for line in text.split("\n") if line.startswith("|")]
    rows = [[cell.strip() for cell in line[1:-1].split(" | ")] for line in lines]
    return [row for number, row in enumerate(rows) if number != 1]


def test_every_cell_of_a_sheet_is_in_its_place(book):
    cells = [[f"r{row}c{column}" for column in range(4)] for row in range(5)]

    def fill(workbook):
        sheet = workbook.add_worksheet("Plan")
        for number, row in enumerate(cells):
            sheet.write_row(number + 3, 2, row)

    document = book(fill)
    assert document.text.startswith("## Plan\n\n| r0c0 | r0c1 | r0c2 | r0c3 |\n| --- |")
    assert table(document.text) == cells
    assert (document.title, document.markup) == ("book", "markdown")


def test_what_a_cell_holds_is_given_in_its_kind(book):
    def fill(workbook):
        sheet = workbook.add_worksheet()
        day = workbook.add_format({"num_format": "d.m.yyyy"})
        share = workbook.add_format({"num_format": "0.0%"})
        sheet.write_row(0, 0, ["kind", "value"])
        sheet.write_row(1, 0, ["yes", True])
        sheet.write(2, 0, "day")
        sheet.write_datetime(2, 1, dt.date(2024, 2, 29), day)
        sheet.write(3, 0, "share")
        sheet.write(3, 1, 0.125, share)
        sheet.write(4, 0, "formula")
        sheet.write_formula(4, 1, "=1+1", None, 2)
        sheet.write(5, 0, "error")
        sheet.write_formula(5, 1, "=1/0", None, "#DIV/0!")
        sheet.write(6, 0, "lines | bar")
        sheet.write(6, 1, "a\nb | c")

    assert [row[-1] for row in table(book(fill).text)[1:6]] == ["TRUE", "2024-02-29", "12.5%", "2", "#DIV/0!"]
    assert book(fill).text.endswith("| lines \\| bar | a b \\| c |")


def test_days_are_counted_from_1904_where_the_workbook_does(book):
    def fill(workbook):
        workbook.add_worksheet().write_datetime(
            0, 0, dt.date(2024, 2, 29), workbook.add_format({"num_format": "yyyy-mm-dd"})
        )

    assert "2024-02-29" in book(fill, date_1904=True).text


def test_a_merged_cell_is_given_once(book):
    def fill(workbook):
        sheet = workbook.add_worksheet()
        sheet.merge_range("A1:C1", "wide")
        sheet.write_row("A2", ["a", "b", "c"])

    text = book(fill).text
    assert text.count("wide") == 1
    assert "| a | b | c |" in text


def test_rows_apart_are_tables_of_their_own_and_a_title_is_no_header(book):
    def fill(workbook):
        sheet = workbook.add_worksheet("S")
        sheet.write(0, 0, "Sales of 2024")
        for start in (1, 6):
            sheet.write_row(start, 0, [f"name{start}", f"size{start}"])
            sheet.write_row(start + 1, 0, [f"x{start}", start])
        sheet.write(10, 0, "Source: us")

    assert book(fill).text == (
        "## S\n\nSales of 2024\n\n| name1 | size1 |\n| --- | --- |\n| x1 | 1 |\n\n"
        "| name6 | size6 |\n| --- | --- |\n| x6 | 6 |\n\nSource: us"
    )


@pytest.mark.parametrize(
    ("lines", "seen"),
    [
        ("Team Sales Costs| |North 3 7|South 4 8", "Team Sales Costs|North 3 7|South 4 8"),
        ("Team Sales Costs| | |North 3 7", "Team Sales Costs|North 3 7"),
        ("Team 2023 2024| |North 3 7|South 4 8", "Team 2023 2024|North 3 7|South 4 8"),
        ("Team City| |North Oslo|South Rome", "Team City|North Oslo|South Rome"),
        ("Team Sales| |North 3| |South 4|West 5", "Team Sales|North 3|South 4|West 5"),
        ("Team Sales|North 3| |South 4", "Team Sales|North 3|South 4"),
        ("Plan|Team Sales| |North 3", "Plan||Team Sales|North 3"),
        ("Team Sales| | | |North 3|South 4", "Team Sales||North 3|South 4"),
        ("Team Sales|North 3| |City Rent|Oslo 9", "Team Sales|North 3||City Rent|Oslo 9"),
        ("Team 2023|North 3| |City 2023|Oslo 9", "Team 2023|North 3||City 2023|Oslo 9"),
        ("Made by| |Team Sales|North 3", "Made by||Team Sales|North 3"),
        ("By Ann| |Team Sales|North 3", "By Ann||Team Sales|North 3"),
        ("Team Sales| |North 3 9", "Team Sales||North 3 9"),
        ("Name Ann| |Town Oslo", "Name Ann||Town Oslo"),
    ],
)
def test_an_empty_row_does_not_part_what_belongs_together(book, lines, seen):
    def fill(workbook):
        sheet = workbook.add_worksheet("S")
        for number, line in enumerate(lines.split("|")):
            words = line.split() if " " in line.strip() and not line.startswith("Made") else [line.strip()]
            for column, text in enumerate(filter(None, words)):
                sheet.write(number, column, int(text) if text.isdigit() else text)

    blocks = book(fill).text.split("\n\n")[1:]
    rows = [[line.strip("| ").replace(" | ", " ") for line in block.split("\n")] for block in blocks]
    assert "||".join("|".join(row for row in block if "---" not in row) for block in rows) == seen


def test_a_head_of_merged_cells_names_each_column_whole(book):
    def fill(workbook):
        sheet = workbook.add_worksheet("S")
        sheet.merge_range("A1:A2", "Team")
        sheet.merge_range("B1:C1", "Sales")
        sheet.write_row("B2", ["2023", "2024"])
        sheet.write("D1", "Lead")
        sheet.write_row("A3", ["North", 3, 4, "Ann"])

    assert table(book(fill).text) == [["Team", "Sales 2023", "Sales 2024", "Lead"], ["North", "3", "4", "Ann"]]


def test_many_tables_of_words_cost_little(book):
    def fill(workbook):
        sheet = workbook.add_worksheet("S")
        for number in range(0, 12_000, 4):
            for row in range(3):
                sheet.write_row(number + row, number // 4 % 2, ["a", "b"])

    begun = time.process_time()
    assert book(fill).text.count("| a | b |") == 9_000
    assert time.process_time() - begun < 3


def test_a_row_of_words_below_a_merged_head_is_no_head(book):
    def fill(workbook):
        sheet = workbook.add_worksheet("S")
        sheet.write("A1", "Name")
        sheet.merge_range("B1:C1", "Address")
        sheet.write_row("A2", ["Ann", "Quay 2", "Oslo"])
        sheet.write_row("A3", ["Bob", "Dock 3", "Rome"])

    assert table(book(fill).text)[1] == ["Ann", "Quay 2", "Oslo"]


def test_a_formula_whose_result_is_not_stored_stands_there_itself(tmp_path):
    cells = [
        "<f>40+2</f><v></v>",
        "<f>A1*2</f>",
        '<f t="shared" si="0" ref="C1:D1">B1+1</f>',
        '<f t="shared" si="0"/>',
        "<f>1+1</f><v>2</v>",
        "<f>1-1</f><v>0</v>",
        f"<f>{'1+' * 50_000}1</f>",
    ]
    sheet = "".join(f'<c r="{letter}1">{content}</c>' for letter, content in zip("ABCDEFG", cells, strict=True))
    sheet += '<c r="H1" t="str"><f>""</f><v></v></c><c r="I1"/>'
    path = tmp_path / "a.xlsx"
    path.write_bytes(xlsx(f'<row r="1">{sheet}</row><row r="2"><c r="A2"><v>1</v></c></row>'))
    text = one(path).text
    row = table(text)[0]
    assert row[:6] == ["=40+2", "=A1*2", "=B1+1", "=B1+1 (as in C1)", "2", "0"]
    assert len(row[6]) == 202
    assert len(row) == 7


def test_zeros_that_a_program_leaves_to_be_calculated_are_no_results(book):
    def fill(workbook):
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["a", "b"])
        sheet.write_formula(1, 0, "=SUM(B2:B3)")
        sheet.write(1, 1, 0)
        sheet.write_formula(2, 0, "=1+1", None, 2)

    assert table(book(fill).text)[1:] == [["=SUM(B2:B3)", "0"], ["2", ""]]


def test_a_format_of_texts_sets_words_around_them_or_hides_them(book):
    def fill(workbook):
        sheet = workbook.add_worksheet()
        for column, code in enumerate(['"Dr. "@', ";;;", "0.0", "yyyy-mm-dd;@"]):
            sheet.write(0, column, "Ann", workbook.add_format({"num_format": code}))
        sheet.write(1, 1, 7, workbook.add_format({"num_format": ";;;"}))
        sheet.write(1, 2, 7)

    assert book(fill).text.split("\n")[2:] == ["| Dr. Ann | Ann | Ann |", "| --- | --- | --- |", "|  | 7 |  |"]


def test_each_sheet_is_a_page_and_a_hidden_one_too_but_no_empty_one(book):
    def fill(workbook):
        workbook.set_properties({"title": "Costs", "author": "Finance"})
        workbook.add_worksheet("One").write(0, 0, "first")
        workbook.add_worksheet("Empty")
        hidden = workbook.add_worksheet("Hidden")
        hidden.write(0, 0, "second")
        hidden.hide()

    document = book(fill)
    assert [(document.text[page.start :].split("\n")[0], page.number) for page in document.pages] == [
        ("## One", 1),
        ("## Hidden", 3),
    ]
    assert "Empty" not in document.text
    assert (document.title, document.metadata["author"]) == ("Costs", "Finance")


def test_what_stands_on_a_sheet_besides_its_cells_is_given(book):
    def fill(workbook):
        sheet = workbook.add_worksheet("S")
        sheet.write_row(0, 0, ["a", 1])
        sheet.write_comment("B1", "checked twice")
        sheet.insert_textbox(3, 3, "mind the gap")
        chart = workbook.add_chart({"type": "line"})
        chart.add_series({"values": "=S!$B$1:$B$1"})
        chart.set_title({"name": "Growth by year"})
        sheet.insert_chart("D9", chart)

    text = book(fill).text
    for words in ("B1: checked twice", "mind the gap", "Growth by year"):
        assert text.count(words) == 1


def test_boxes_on_a_sheet_keep_their_state(tmp_path):
    main = "http://schemas.openxmlformats.org"
    data = '<x:ClientData ObjectType="{}">{}</x:ClientData>'
    shape = f"<v:shape><v:textbox><div><font>{{}}</font></div></v:textbox>{data}</v:shape>"
    ticked = "<x:Checked>1</x:Checked>"
    shapes = [
        shape.format("Tea", "Checkbox", ""),
        shape.format("Coffee", "Checkbox", ticked),
        shape.format("large", "Radio", ticked),
        shape.format("a comment", "Note", ""),
    ]
    vml = (
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel">'
        f"{''.join(shapes)}</xml>"
    )
    related = (
        f'<Relationships xmlns="{main}/package/2006/relationships"><Relationship Id="r" Target="../drawings/v.vml" '
        f'Type="{main}/officeDocument/2006/relationships/vmlDrawing"/></Relationships>'
    )
    path = tmp_path / "a.xlsx"
    path.write_bytes(rezipped(xlsx(), {"xl/worksheets/_rels/sheet1.xml.rels": related, "xl/drawings/v.vml": vml}))
    assert one(path).text.split("\n\n")[-3:] == ["☐ Tea", "☒ Coffee", "◉ large"]


def test_a_cell_far_away_costs_nothing(book):
    def fill(workbook):
        sheet = workbook.add_worksheet("S")
        sheet.write(0, 0, "near")
        sheet.write(1_048_575, 16_383, "far")

    assert book(fill).text == "## S\n\nnear\n\nfar"


@pytest.mark.slow
def test_a_large_sheet_is_read_whole(book):
    def fill(workbook):
        sheet = workbook.add_worksheet("S")
        for row in range(20_000):
            sheet.write_row(row, 0, [f"item {row}", row, row / 8])

    rows = table(book(fill, constant_memory=True).text)
    assert rows[12_345] == ["item 12345", "12345", "1543.125"]
    assert len(rows) == 20_000


def test_a_text_with_runs_is_one_and_its_pronunciation_is_left_out(tmp_path):
    sheet = (
        '<c r="A1" t="inlineStr"><is><r><t>東</t></r><r><t>京</t></r>'
        '<rPh sb="0" eb="1"><t>トウキョウ</t></rPh></is></c>'
        '<c t="str"><f>x</f><v>a_x000D_b</v></c><c t="s"><v>0</v></c>'
    )
    path = tmp_path / "a.xlsx"
    with xlsxwriter.Workbook(path) as workbook:
        workbook.add_worksheet("S").write(0, 0, "x")
    with zipfile.ZipFile(path) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    parts["xl/worksheets/sheet1.xml"] = (
        f'<x:worksheet xmlns:x="{main}"><x:sheetData><x:row>{sheet}</x:row></x:sheetData></x:worksheet>'.replace(
            "<c ", f'<c xmlns="{main}" '
        ).encode()
    )
    parts["xl/sharedStrings.xml"] = (
        f'<sst xmlns="{main}"><si><r><t>大</t></r><r><t>阪</t></r><rPh sb="0" eb="1"><t>オオサカ</t></rPh></si></sst>'
    ).encode()
    with zipfile.ZipFile(path, "w") as new:
        for name, data in parts.items():
            new.writestr(name, data)
    assert one(path).text == "## S\n\n| 東京 | a b | 大阪 |\n| --- | --- | --- |"


def test_what_is_text_under_the_name_of_a_workbook_is_a_table(tmp_path):
    path = tmp_path / "export.xls"
    path.write_text("name\tsize\nx\t1\n")
    assert one(path).text == "| name | size |\n| --- | --- |\n| x | 1 |"


def ods(path: Path, tables: str) -> Path:
    names = " ".join(
        f'xmlns:{key}="urn:oasis:names:tc:opendocument:xmlns:{key}:1.0"' for key in ("office", "table", "text")
    )
    content = (
        f"<office:document-content {names}><office:body><office:spreadsheet>{tables}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    return path


def test_an_opendocument_sheet_gives_what_is_shown(tmp_path):
    tables = (
        '<table:table table:name="S"><table:table-row table:number-rows-repeated="3">'
        '<table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
        '<table:table-row><table:table-cell table:number-columns-repeated="2"/>'
        '<table:table-cell table:number-columns-spanned="2">'
        '<text:p>wide</text:p></table:table-cell><table:covered-table-cell office:value="7"><text:p>unseen</text:p>'
        "</table:covered-table-cell><table:table-cell><text:p>x<text:s/>y</text:p></table:table-cell></table:table-row>"
        '<table:table-row table:number-rows-repeated="2">'
        '<table:table-cell table:number-columns-repeated="2"/>'
        '<table:table-cell office:value-type="percentage" office:value="0.25"><office:annotation>'
        "<text:p>checked</text:p></office:annotation><text:p>25 %</text:p></table:table-cell>"
        '<table:table-cell office:value-type="date" office:date-value="2024-02-29T08:30:00"><text:p>29.2.</text:p>'
        '</table:table-cell><table:table-cell table:formula="of:=1/0"><text:p>#DIV/0!</text:p></table:table-cell>'
        '<table:table-cell table:number-columns-repeated="16000"/></table:table-row>'
        '<table:table-row table:number-rows-repeated="1048570"><table:table-cell/></table:table-row></table:table>'
        '<table:table table:name="Empty"><table:table-row><table:table-cell/></table:table-row></table:table>'
        '<table:table table:name="Last"><table:table-row><table:table-cell office:value-type="float" office:value="3">'
        '<text:p>3,00 €</text:p></table:table-cell><table:table-cell office:value-type="date" '
        'office:date-value="2024-02-29T00:00:00"/></table:table-row></table:table>'
    )
    document = one(ods(tmp_path / "a.ods", tables))
    row = "| 25 % | 2024-02-29 08:30 | #DIV/0! |"
    assert document.text == (
        f"## S\n\n| wide |  | x y |\n| --- | --- | --- |\n{row}\n{row}\n\nC5: checked\n\n## Last\n\n"
        "| 3,00 € | 2024-02-29 |\n| --- | --- |"
    )
    assert [page.number for page in document.pages] == [1, 3]


def test_a_head_of_merged_cells_in_an_opendocument_sheet_names_each_column_whole(tmp_path):
    def cells(*texts, more=""):
        made = (f"<table:table-cell {more}><text:p>{text}</text:p></table:table-cell>" for text in texts)
        return "".join(made)

    covered = "<table:covered-table-cell/>"
    rows = [
        cells("Team", more='table:number-rows-spanned="2"')
        + cells("Sales", more='table:number-columns-spanned="2"')
        + covered,
        covered + cells("2023", "2024"),
        cells("North", "3", "4"),
    ]
    sheet = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    tables = "".join(f'<table:table table:name="{name}">{sheet}</table:table>' for name in "ab")
    text = one(ods(tmp_path / "a.ods", tables)).text
    assert text.count("| Team | Sales 2023 | Sales 2024 |\n| --- | --- | --- |\n| North | 3 | 4 |") == 2


def test_a_formula_of_an_opendocument_sheet_without_a_result_stands_there_itself(tmp_path):
    cells = [
        '<table:table-cell table:formula="of:=[.A1]+SUM([.B1:.B2])"/>',
        '<table:table-cell table:formula="of:=&quot;&quot;" office:value-type="string"/>',
        '<table:table-cell table:formula="of:=1+1" office:value-type="float" office:value="2"/>',
    ]
    rows = f"<table:table-row>{''.join(cells)}</table:table-row>"
    document = one(ods(tmp_path / "a.ods", f'<table:table table:name="S">{rows}</table:table>'))
    assert document.text == "## S\n\n| =A1+SUM(B1:B2) | 2 |\n| --- | --- |"


def test_an_opendocument_sheet_of_another_program_gives_its_cells(tmp_path):
    document = odfdo.Document("spreadsheet")
    document.body.clear()
    sheet = odfdo.Table("Plan", width=2, height=3)
    for row, cells in enumerate([["name", "when"], ["x", dt.date(2024, 2, 29)], ["y", 1.5]]):
        for column, value in enumerate(cells):
            sheet.set_value((column, row), value)
    document.body.append(sheet)
    document.save(tmp_path / "a.ods")
    assert one(tmp_path / "a.ods").text == (
        "## Plan\n\n| name | when |\n| --- | --- |\n| x | 2024-02-29 |\n| y | 1.5 |"
    )


@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods"])
def test_a_damaged_workbook_says_so(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"PK\x03\x04 and no more" if name != "a.xls" else b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "it is damaged" in failure(path)


def test_a_protected_workbook_says_what_to_do(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    assert "password" in failure(path)


@pytest.mark.shared
@pytest.mark.parametrize("name", ["test.xlsx", "test.xls"])
def test_a_real_workbook_gives_every_cell(name):
    document = one(LOADERS / "markitdown" / name)
    assert "| Alpha | Beta | Gamma | Delta |\n| --- | --- | --- | --- |\n| 89 | 82 | 100 | 12 |" in document.text
    assert "| 58 | 6ff4173b-42a5-4784-9b19-f49caff4d93d | 22 | 9 |" in document.text
    assert document.text.endswith("| 13 | 14 | 15 | affc7dad-52dc-4b98-9b5d-51e65d8a8ad0 |")
    assert len(document.pages) == 2


def test_the_rows_that_were_read_in_time_are_kept_and_the_rest_is_named(tmp_path, monkeypatch):
    path, late = tmp_path / "book.xlsx", iter([False, False, True])
    monkeypatch.setattr("ingest.read.sheets.sheets.is_late", lambda: next(late))
    with xlsxwriter.Workbook(path) as workbook:
        for sheet in ("Pumps", "Valves"):
            page = workbook.add_worksheet(sheet)
            for row in range(6):
                page.write_row(row, 0, [f"{sheet} {row}", row])
    document, rest = read(path, "box/book.xlsx")
    assert "Pumps 2" in document.text
    assert "Pumps 3" not in document.text
    assert "Valves" not in document.text
    assert rest.error.startswith("sheet 'Pumps' from its row 4 on, and what follows it, has not been read in the time")

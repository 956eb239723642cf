"""Does every kind of file give its text, and does one bad file stop nothing?"""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ingest.model import Document, Failure
from ingest.read.decode import decode
from ingest.read.registry import read, reader_for, supported
from ingest.split.rst import rst_blocks

ROOT = Path(__file__).resolve().parents[3]
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture
def file(tmp_path):
    def make(name: str, content: str | bytes) -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return make


def one(path: Path) -> Document:
    (document,) = read(path, f"box/{path.name}")
    assert isinstance(document, Document), document
    assert document.name == f"box/{path.name}"
    return document


def failure(path: Path) -> str:
    (item,) = read(path, f"box/{path.name}")
    assert isinstance(item, Failure), item
    assert item.document == f"box/{path.name}"
    return item.error


def pdf(*pages: str, title: str = "") -> bytes:
    """A PDF with one line of text a page."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for number, page in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 700 Td 14 TL {page} ET"
        objects += [
            (
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {5 + 2 * number} 0 R "
                "/Resources << /Font << /F1 3 0 R >> >> >>"
            ),
            f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream",
        ]
    objects.append(f"<< /Title ({title}) >>")
    data, offsets = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    data += (
        f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R /Info {size - 1} 0 R >>\n"
        f"startxref\n{len(data)}\n%%EOF\n"
    )
    return data.encode("latin-1")


def word(path: Path, body: str, core: str = "") -> Path:
    """A Word document with the given body and core properties."""
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="{key}"><w:name w:val="{name}"/></w:style>'
        for key, name in (("T", "Title"), ("H1", "heading 1"), ("H2", "heading 2"))
    )
    parts = {
        "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kind}.document.main+xml"/></Types>',
        "_rels/.rels": '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="{relation}" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f"<w:document {names}><w:body>{body}</w:body></w:document>",
        "word/styles.xml": f"<w:styles {names}>{styles}</w:styles>",
    }
    if core:
        parts["docProps/core.xml"] = (
            '<?xml version="1.0" encoding="UTF-8" standalone="yes"?><cp:coreProperties '
            'xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
            f'xmlns:dc="http://purl.org/dc/elements/1.1/">{core}</cp:coreProperties>'
        )
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def paragraph(text: str, style: str = "") -> str:
    properties = f'<w:pPr><w:pStyle w:val="{style}"/></w:pPr>' if style else ""
    return f"<w:p>{properties}<w:r><w:t>{text}</w:t></w:r></w:p>"


# Text


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Grüße aus München, schöne Straße.", "cp1252"),
        ("café crème à la carte, déjà vu, où êtes-vous, garçon?", "latin-1"),
        ("price £5 – “quoted” it’s", "cp1252"),
        ("Příliš žluťoučký kůň úpěl ďábelské ódy", "cp1250"),
        ("Привет, как дела? Это текст.", "cp1251"),
        ("Привет, как дела? Это текст.", "koi8_r"),
        ("Tämä on hyvä päivä, äiti ja isä", "cp1252"),
        ("名前,年齢,住所", "cp932"),
        ("你好，世界。这是一个测试文件。", "gb18030"),
        ("naïve 中文", "utf-8"),
        ("naïve 中文", "utf-8-sig"),
        ("naïve 中文", "utf-16"),
        ("naïve 中文", "utf-32"),
    ],
)
def test_text_is_decoded_whatever_it_was_written_in(text, encoding):
    assert decode(text.encode(encoding)) == text


def test_a_torn_letter_does_not_turn_utf8_into_something_else():
    torn = ("Žluťoučký kůň. " * 20).encode()[:-2] + b"\xc5"
    assert decode(torn).startswith("Žluťoučký kůň. ")


def test_lines_end_with_newlines_and_other_separators_stay():
    assert decode("a\r\nb\rc\u2028d\x0ce".encode()) == "a\nb\nc\u2028d\x0ce"


def test_a_binary_file_with_a_suffix_of_text_is_refused(file):
    assert "it is binary" in failure(file("a.txt", b"\x7fELF\x00\x00\x00\x01" * 9))


def test_a_few_nuls_in_a_torn_log_are_dropped(file):
    assert one(file("a.log", b"x" * 1000 + b"\0\0")).text == "x" * 1000


def test_a_file_without_text_says_so(file):
    assert "it holds no text" in failure(file("a.md", " \n\n"))


# Markdown


def test_front_matter_becomes_metadata_and_is_no_text(file):
    document = one(
        file(
            "a.md",
            "---\ntitle: Setting up\nversion: 1.10\ndate: 2024-01-02\ntags: [a, b]\nlang: de\n"
            "steps: [{a: b}]\nempty:\n---\n\n# Other\n\nHi\n",
        )
    )
    assert document.text == "# Other\n\nHi\n"
    assert document.title == "Setting up"
    assert document.metadata == {"version": "1.10", "date": "2024-01-02", "tags": ("a", "b"), "language": "de"}
    assert document.markup == "markdown"


@pytest.mark.parametrize("top", ["---\njust prose\n---\n", "---\na: [\n---\n", "---\nnever closed\n"])
def test_what_only_looks_like_front_matter_stays_text(file, top):
    document = one(file("a.md", f"{top}\n# Real\n"))
    assert document.text.startswith(top)
    assert document.metadata == {}


def test_a_comment_in_code_is_no_title(file):
    text = "```sh\n# not this\n```\n\nReal *big* [title](http://a.b) `x`\n===\n"
    assert one(file("a.md", text)).title == "Real big title x"
    assert one(file("b.md", "no heading")).title == "b"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("# The guide\n\nHi\n\n## One\n\n```\n# two\n```\n", "The guide"),
        ("Version 2\n===\n\n- one\n\nVersion 1\n===\n", "a"),  # one part of several
        ("## Preface\n\nHi\n\n# The guide\n", "a"),
        ("# Contents\n\n## 4 Foo\n", "a"),
        ("# Inhaltsverzeichnis:\n", "a"),
        (f"# {'long ' * 60}\n", "a"),
        ("Two\nlines\n===\n", "a"),
    ],
)
def test_a_heading_is_the_title_only_if_it_names_the_whole(file, text, title):
    assert one(file("a.md", text)).title == title


# reStructuredText


def test_a_pep_is_titled_by_its_header(file):
    text = (
        "PEP: 655\nTitle: Marking items\n as required\nStatus: Final\nResolution:\n\nAbstract\n========\n\nText: it.\n"
    )
    document = one(file("pep-0655.rst", text))
    assert document.title == "PEP 655 – Marking items as required"
    assert document.metadata == {"PEP": "655", "Title": "Marking items as required", "Status": "Final"}
    assert document.text == text
    assert document.markup == "rst"


def test_a_section_titles_what_has_no_header(file):
    document = one(file("a.rst", ".. _top:\n\n=========\n The ``x``\n=========\n\n:Author: Ann\n:Version: 2\n\nText\n"))
    assert document.title == "The x"
    assert document.metadata == {"Author": "Ann", "Version": "2"}


def test_a_section_beside_others_titles_nothing(file):
    assert one(file("a.rst", "One\n===\n\nx\n\nPart\n----\n\nTwo\n===\n")).title == "a"
    assert one(file("a.rst", "Contents\n========\n\nx\n\nFoo\n---\n")).title == "a"
    assert one(file("a.rst", "===\nOne\n===\n\nPart\n====\n\nPart\n====\n")).title == "One"


def test_prose_with_a_colon_is_no_header(file):
    for prose in ("Note: this is prose.\nIt goes on: and on.", "Note: one line."):
        document = one(file("a.rst", f"{prose}\n\nTitle\n-----\n"))
        assert document.metadata == {}
        assert document.title == "Title"


@pytest.mark.parametrize(
    ("drawn", "rows"),
    [
        (
            (
                "+-----+-------+\n| Bar | Size  |\n+=====+=======+\n| a   | one   |\n|     | two   |\n+-----+-------+\n"
                "| b|c | three |\n+-----+-------+"
            ),
            "| Bar | Size |\n| --- | --- |\n| a | one two |\n| b\\|c | three |",
        ),
        (
            "+---+---+\n| a | 1 |\n+---+---+\n| b     |\n+---+---+",
            "| a | 1 |\n| --- | --- |\n| b | b |",
        ),
        (
            (
                "=====  =====  ====\n   Inputs     Out\n------------  ----\n  A      B    or\n=====  =====  ====\n"
                "False  True   True\n=====  =====  ===="
            ),
            "| Inputs A | Inputs B | Out or |\n| --- | --- | --- |\n| False | True | True |",
        ),
        (
            "======  ====\nName    Size\n======  ====\nスパム  ten\n        more\n\\       one\n======  ====",
            "| Name | Size |\n| --- | --- |\n| スパム | ten more |\n|  | one |",
        ),
        (
            ".. csv-table:: Pumps\n   :header-rows: 1\n   :delim: ;\n\n   Name; Bar\n   'P;1'; 7\n   P-2; 9".replace(
                "'", '"'
            ),
            "Pumps\n\n| Name | Bar |\n| --- | --- |\n| P;1 | 7 |\n| P-2 | 9 |",
        ),
        (
            '.. csv-table:: Pumps\n   :header: "Name", "Bar, most"\n   :widths: 1, 2\n\n   "P,1", 7\n   P-2, 9',
            "Pumps\n\n| Name | Bar, most |\n| --- | --- |\n| P,1 | 7 |\n| P-2 | 9 |",
        ),
        (
            (
                ".. list-table:: Valves\n   :header-rows: 1\n\n   * - Name\n     - Size\n   * - V-1\n     - three\n"
                "\n       inches\n   * - V-2\n     -"
            ),
            "Valves\n\n| Name | Size |\n| --- | --- |\n| V-1 | three inches |\n| V-2 |  |",
        ),
        (
            ".. table:: Truth\n   :widths: auto\n\n   ===  ===\n   A    B\n   ===  ===\n   no   yes\n   ===  ===",
            "Truth\n\n| A | B |\n| --- | --- |\n| no | yes |",
        ),
    ],
)
def test_tables_are_rows_each_cell_whole_and_in_its_column(file, drawn, rows):
    text = one(file("a.rst", f"Before.\n\n{drawn}\n\nAfter.\n")).text
    assert text == f"Before.\n\n{rows}\n\nAfter.\n"
    blocks = [block for block in rst_blocks(text) if block.kind == "row"]
    assert all(text[slice(*block.header)].count("|") > 1 for block in blocks[1:] if block.header)
    assert len(blocks) == text.count("|\n") - 1, "each row is a block, the head with its rule another"


@pytest.mark.parametrize(
    "text",
    [
        "See::\n\n   ===  ===\n   A    B\n   ===  ===\n   no   yes\n   ===  ===\n",
        ".. csv-table:: Far\n   :file: far.csv\n\nAfter.\n",
        "+------+------+\n| 0x80 | 0x04 |     header\n+------+------+\n|  OP  |     opcode\n+------+\n",
        "| a line block |\n| of two lines |\n",
    ],
)
def test_what_is_no_table_or_is_not_understood_stays_as_it_is(file, text):
    assert one(file("a.rst", text)).text == text


# LaTeX


@pytest.mark.parametrize(
    ("preamble", "tag"),
    [
        ("\\usepackage[english,ngerman]{babel}", "de"),
        ("\\usepackage[main=british, % not american\n ngerman]{babel}", "en-GB"),
        ("\\documentclass[a4paper,french]{article}\n\\usepackage{babel}", "fr"),
        ("\\setmainlanguage[variant=swiss]{german}\n\\setotherlanguage{english}", "de"),
        ("% \\usepackage[ngerman]{babel}", None),
    ],
)
def test_the_main_language_of_latex_is_kept(file, preamble, tag):
    document = one(file("a.tex", preamble + "\n\\begin{document}\nWords\n\\end{document}\n"))
    assert (document.text, document.metadata.get("language")) == ("Words", tag)


def test_a_head_of_two_rows_in_latex_names_each_column_whole(file):
    body = (
        "\\begin{tabular}{lcc}\\toprule Pump & \\multicolumn{2}{c}{Pressure} \\\\ \\cmidrule{2-3} & first & last \\\\"
        "\\midrule P-1 & 1 & 2 \\\\ \\bottomrule\\end{tabular}"
    )
    table = "| Pump | Pressure first | Pressure last |\n| --- | --- | --- |\n| P-1 | 1 | 2 |"
    assert one(file("a.tex", f"\\begin{{document}}{body}\\end{{document}}")).text == table


# Web pages

PAGE = """<!DOCTYPE html><html lang=en-GB><head><title> A
page </title><meta name=description content="What it is"><style>p{}</style><body>
<nav><a href=/>Home</a></nav><script>var x</script><p hidden>secret<p style="display: NONE">unseen
<h1>First</h1><p>See <a href="https://example.org/long">the <b>gu</b>ide</a>, 10<sup>6</sup> <code>a_b</code>&nbsp;x.
<p><a href="https://example.org/"></a><img src=x.png alt="a red square">
<ul><li>one<li>two</ul>
<pre><code class="language-py">
def f():
    # one


    return "```"
</code></pre>
<table><caption>Sizes</caption><tr><th>Name<th>Size<tr><td>a|b<td>3</table>
<table><tr><td><table><tr><td>lay<td>out</table></table>
"""


def test_a_page_is_the_markdown_of_what_is_seen(file):
    document = one(file("a.html", PAGE))
    assert document.text == (
        "# First\n\nSee the guide, 10^6 `a_b` x.\n\na red square\n\n- one\n- two\n\n"
        '````py\ndef f():\n    # one\n\n\n    return "```"\n````\n\n'
        "Sizes\n\n| Name | Size |\n| --- | --- |\n| a\\|b | 3 |\n\n| lay | out |\n| --- | --- |"
    )
    assert document.title == "A page"
    assert document.metadata == {"language": "en-GB", "description": "What it is"}


def test_a_page_is_decoded_as_it_says(file):
    page = '<meta charset="iso-8859-2"><h1>Są i będą</h1>'
    assert one(file("a.htm", page.encode("iso-8859-2"))).title == "Są i będą"


def test_a_page_that_is_nested_too_deeply_still_gives_its_words(file):
    assert "deep" in one(file("a.html", "<div>" * 3000 + "deep" + "</div>" * 3000)).text


def test_xhtml_is_read_without_a_warning(file):
    page = (
        '<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml" xml:lang="de"><body><p>Hallo</p></body></html>'
    )
    document = one(file("a.xhtml", page))
    assert (document.text, document.metadata) == ("Hallo", {"language": "de"})


# PDF


def test_a_pdf_knows_its_pages(file):
    document = one(file("a.pdf", pdf("(One) Tj", "", "(Three) Tj T* (lines) Tj", title="On pages")))
    assert document.text == "One\n\nThree\nlines"
    assert [(document.text[page.start :][:5], page.number) for page in document.pages] == [("One\n\n", 1), ("Three", 3)]
    assert document.title == "On pages"


def test_a_pdf_without_a_title_is_titled_by_its_first_line(file):
    assert one(file("a.pdf", pdf("(One) Tj T* (two) Tj", title="untitled"))).title == "One"


def test_a_word_broken_at_the_end_of_a_line_is_joined(file):
    lines = "(Docu-) Tj T* (ments of well-) Tj T* (known North-) Tj T* (South origin, as well-known) Tj"
    assert one(file("a.pdf", pdf(lines))).text == "Documents of well-known North-South origin, as well-known"


def test_a_pdf_without_text_asks_for_ocr(file):
    assert "no text layer" in failure(file("a.pdf", pdf("")))


def test_a_torn_file_is_named_and_stops_nothing(file):
    assert "it is damaged" in failure(file("a.pdf", pdf("(One) Tj")[:40]))
    assert "it is damaged" in failure(file("a.docx", b"PK\x03\x04 and no more"))


# Word


def test_a_word_document_is_markdown(tmp_path):
    row = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("a", "b"))
    body = paragraph("The plan", "T") + paragraph("Parts", "H2") + paragraph("x &amp; y")
    body += f"<w:tbl><w:tr>{row}</w:tr></w:tbl>"
    core = "<dc:creator>Ann</dc:creator><dc:title></dc:title>"
    document = one(word(tmp_path / "a.docx", body, core))
    assert document.text == "# The plan\n\n## Parts\n\nx & y\n\n| a | b |\n| --- | --- |"
    assert document.title == "The plan"
    assert document.metadata == {"author": "Ann"}
    assert one(word(tmp_path / "b.docx", body, "<dc:title>Named</dc:title>")).title == "Named"


def test_the_style_of_a_title_names_a_word_document_whatever_headings_follow(tmp_path):
    body = paragraph("One", "H1") + paragraph("The plan", "T") + paragraph("Two", "H1")
    assert one(word(tmp_path / "a.docx", body)).title == "The plan"
    assert one(word(tmp_path / "b.docx", body.replace('"T"', '"H1"'))).title == "b"


def test_a_protected_word_document_says_what_to_do(file):
    assert "without a password" in failure(file("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)))


# Tables


def test_a_table_keeps_its_cells(file):
    document = one(file("prices.csv", 'name;price;note\n"a;b";1,5;"two\nlines | bar"\n\nshort\n'))
    assert document.text == (
        "| name | price | note |\n| --- | --- | --- |\n| a;b | 1,5 | two lines \\| bar |\n| short |  |  |"
    )
    assert (document.title, document.markup) == ("prices", "markdown")


def test_tabs_separate_what_the_suffix_says(file):
    assert one(file("a.tsv", "a, b\tc\n1, 2\t3\n")).text == "| a, b | c |\n| --- | --- |\n| 1, 2 | 3 |"


def test_a_long_cell_is_no_error(file):
    assert len(one(file("a.csv", f"a,b\n{'x' * 200_000},1\n")).text) > 200_000


# JSON lines


def records(path: Path) -> list[Document | Failure]:
    return list(read(path, "box/r.jsonl"))


def test_a_beir_record_is_its_title_and_text(file):
    lines = [
        {
            "_id": "12",
            "title": "T",
            "text": "Body\r\n2",
            "metadata": {"url": "u"},
            "year": 2020,
            "ok": True,
            "none": None,
        },
        {"_id": "x", "title": "", "text": "Only text"},
        {"_id": 7, "title": "Only title", "text": ""},
    ]
    first, second, third = records(file("r.jsonl", "\n".join(map(json.dumps, lines))))
    assert first == Document("box/r.jsonl#12", "T\n\nBody\n2", "T", metadata={"url": "u", "year": "2020", "ok": "true"})
    assert (second.name, second.text, second.title) == ("box/r.jsonl#x", "Only text", "r x")
    assert (third.name, third.text, third.metadata) == ("box/r.jsonl#7", "Only title", {})


def test_other_records_give_what_they_have(file):
    lines = [{"question": "Q?", "answer": "A.", "n": 1}, {"id": "b", "content": "C"}, {"name": "N", "size": 2}]
    found = records(file("r.ndjson", "\n".join(map(json.dumps, lines))))
    assert [(item.name, item.text) for item in found] == [
        ("box/r.jsonl#1", "Q?\n\nA."),
        ("box/r.jsonl#b", "C"),
        ("box/r.jsonl#3", "name: N\nsize: 2"),
    ]


def test_a_bad_record_is_named_and_stops_nothing(file):
    lines = [
        b'{"_id": "a", "text": "one"}',
        b'{"_id": "b", "text": ',
        b"[1]",
        b"",
        b'{"_id": "c", "text": "  ", "year": 1}',
        b'{"_id": "a", "text": "again"}',
        b'{"_id": "d", "text": "\xff"}',
        b"[" * 100_000,
        b'{"_id": "e", "text": "lone \\ud800"}',
    ]
    found = records(file("r.jsonl", b"\n".join(lines)))
    assert [
        (item.document, item.error.split(" (")[0].split(":")[0]) for item in found if isinstance(item, Failure)
    ] == [
        ("box/r.jsonl:2", "it is not valid JSON"),
        ("box/r.jsonl:3", "it is not a JSON object"),
        ("box/r.jsonl#c", "line 5 holds no text"),
        ("box/r.jsonl#a", "an earlier document of this file has the same name and was kept"),
        ("box/r.jsonl:7", "it is not valid UTF-8"),
        ("box/r.jsonl:8", "it is nested too deeply"),
    ]
    assert [item.text for item in found if isinstance(item, Document)] == ["one", "lone \ufffd"]
    broken = next(item for item in found if isinstance(item, Failure))
    assert broken.error == (
        "it is not valid JSON (column 21: a value is missing, or text stands there without double quotes): "
        "correct the line"
    )


def test_a_file_of_no_records_and_an_id_that_is_no_name_are_failures(file):
    (item,) = records(file("r.jsonl", " \n\t\n"))
    assert (item.document, item.error) == ("box/r.jsonl", "it holds no text: add some, or leave it out")
    failed, other = records(file("r.jsonl", json.dumps({"id": "x" * 2000, "text": "a"}) + '\n{"text": "b"}'))
    assert (failed.document, other.text) == ("box/r.jsonl:1", "b")
    assert "id is longer" in failed.error


def test_records_are_read_as_they_come(file):
    path = file("r.jsonl", '{"text": "one"}\n' * 3)
    items = read(path, "box/r.jsonl")
    assert next(items).text == "one"
    with path.open("a") as more:
        more.write('{"text": "late"}\n' * 5_000)
    assert sum(1 for _ in items) > 2


# The seam


def test_a_plugin_reads_its_own_kind_and_wins(file):
    def shout(path, name):
        yield Document(name, path.read_text().upper())

    path = file("a.MD", "hi\0")
    assert [item.text for item in read(path, "box/a.MD", {".md": shout})] == ["HI\ufffd"]
    assert reader_for(".foo", {".foo": shout}) is shout
    assert reader_for(".foo") is None
    assert ".foo" in supported({".foo": shout})
    assert ".foo" not in supported()


@pytest.mark.parametrize(
    ("called", "content", "words"),
    [
        ("page.xls", b"<html><table><tr><td>cell</td></tr></table></html>", "cell"),
        ("report.txt", b"{\\rtf1 Hello there\\par}", "Hello there"),
        ("notes", b"plain words without a suffix", "plain words"),
        ("Makefile", b"all:\n\tmake words\n", "make words"),
    ],
)
def test_a_file_is_read_as_what_it_is_whatever_it_is_called(file, called, content, words):
    path = file(called, content)
    (document,) = read(path, f"box/{called}")
    assert words in document.text
    assert "rtf1" not in document.text
    assert "<td>" not in document.text


def test_an_archive_under_another_name_is_opened(tmp_path):
    path = tmp_path / "letters.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.md", "# In it")
    assert [item.name for item in read(path, "box/letters.docx")] == ["box/letters.docx!/a.md"]


def test_what_a_reader_raises_is_a_failure_of_its_file_alone(file):
    def halfway(path, name):
        yield Document(f"{name}#1", "one")
        raise KeyError("gone")

    def astray(path, name):
        yield Document("elsewhere/x.md", "text")
        yield "text"

    path = file("a.foo", "x")
    done, failed = read(path, "box/a.foo", {".foo": halfway})
    assert (done.text, failed.document) == ("one", "box/a.foo")
    assert "KeyError" in failed.error
    assert "Traceback" not in failed.error
    assert [type(item) for item in read(path, "box/a.foo", {".foo": astray})] == [Failure, Failure]


def test_a_file_that_is_gone_is_a_failure(tmp_path):
    for suffix in supported():
        assert "could not be opened" in failure(tmp_path / f"a{suffix}"), suffix


def test_no_library_is_loaded_for_the_sake_of_a_suffix():
    heavy = "{'pypdfium2', 'mammoth', 'bs4', 'markdownify', 'markdown_it', 'yaml'}"
    code = f"import sys, ingest.read.registry, ingest.find.discover; print(*({heavy} & set(sys.modules)))"
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == ""


# Real files


@pytest.fixture(scope="module")
def real():
    """What every file of the odd real ones gives, by its name."""
    if not SHARED.is_dir():
        pytest.skip("the public collections are not beside the project")
    files = [path for path in (SHARED / "loaders").rglob("*") if path.suffix in supported()]
    return {path.name: list(read(path, path.name)) for path in files}


@pytest.mark.shared
def test_every_odd_real_file_is_read_or_named(real):
    errors = {name: item.error for name, items in real.items() for item in items if isinstance(item, Failure)}
    assert errors.pop("libreoffice-writer-password.pdf").startswith("it is protected by a password")
    assert errors.pop("unreadablemetadata.pdf").startswith("it is damaged")
    assert errors.pop("MEDRPT-2024-PAT-3847_medical_report_scan.md").startswith("it is empty")
    assert {error.split(":")[0] for error in errors.values()} == {"it has no text layer"}


@pytest.mark.shared
def test_what_real_files_give_can_be_stored_and_paged(real):
    documents = [item for items in real.values() for item in items if isinstance(item, Document)]
    assert len(documents) > 40
    for document in documents:
        assert not set("\0\r\ufffe\x02\ufeff") & set(document.text), document.name
        starts = [page.start for page in document.pages]
        assert starts == sorted(set(starts)), document.name
        assert starts[:1] == [0] or not document.name.endswith(".pdf"), document.name


@pytest.mark.shared
def test_real_files_give_what_stands_in_them(real):
    assert "| 髙橋淳 | 35 | 名古屋 |" in real["test_mskanji.csv"][0].text
    assert "unterschiedlichem Mittelpunkt" in real["GeoTopo-komprimiert.pdf"][0].text
    assert len(real["GeoTopo-komprimiert.pdf"][0].pages) > 100
    assert "| 2023 | 211,915 | 73,307 | 411,976 | 238,000 |" in real["test_wikipedia.html"][0].text
    assert real["test.docx"][0].title.startswith("AutoGen: Enabling")


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="the public collections are not beside the project")
def test_a_real_collection_is_read_whole():
    titles = [one(path).title for path in sorted((SHARED / "peps/tree").glob("pep-06*.rst"))]
    assert all(title.startswith("PEP 6") for title in titles)
    assert "PEP 655 – Marking individual TypedDict items as required or potentially-missing" in titles
    assert all(isinstance(item, Document) for item in read(SHARED / "scifact/corpus.jsonl", "scifact/corpus.jsonl"))

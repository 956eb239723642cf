"""Do the styles and properties of a Word document give its headings, its title and its author?"""

import zipfile
from pathlib import Path

from tests.ingest.read.reading import one


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

"""Which documents are written to measure fidelity? One for each format, with the same heading, paragraphs and table."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from email.message import EmailMessage
from html import escape
from pathlib import Path
from xml.sax.saxutils import escape as xml

HEADING = "Maintenance of the pumps"
PARAGRAPHS = (
    "Every pump is inspected twice a year, in March and in October, by two people who sign the protocol.",
    "The seal of pump 7 was replaced on 2024-11-05; its pressure stays below 4.5 bar since then.",
    "Größere Störungen meldet die Schicht sofort: Tel. 0341/555-12, auch nachts & am Wochenende.",
)
TABLE = (
    ("Pump", "Location", "Pressure", "Remark"),
    ("P-1", "Hall A", "4.2 bar", "new seal"),
    ("P-2", "Hall B", "3.9 bar", "runs dry <1 h"),
    ("P-7", "Cellar", "4.5 bar", "inspect weekly"),
)
SUBTITLES = tuple(f"{start:02}:00:{second:02}" for start, second in ((0, 1), (0, 4), (0, 8)))


def samples(folder: Path) -> Iterator[tuple[Path, str]]:
    """Each document, written into the folder, with its text as it is expected, in Markdown."""
    for name, (write, expected) in _FORMATS.items():
        path = folder / f"sample.{name}"
        content = write(path)
        if isinstance(content, bytes):
            path.write_bytes(content)
        elif content is not None:
            path.write_text(content, "utf-8")
        yield path, expected


def _markdown_table() -> str:
    head, *body = (f"| {' | '.join(row)} |" for row in TABLE)
    return "\n".join([head, "| --- " * len(TABLE[0]) + "|", *body])


def _whole() -> str:
    return "\n\n".join([f"# {HEADING}", *PARAGRAPHS, _markdown_table()])


def _html_body() -> str:
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in TABLE)
    return f"<h1>{HEADING}</h1>{''.join(f'<p>{escape(each)}</p>' for each in PARAGRAPHS)}<table>{rows}</table>"


def _html(_: Path) -> str:
    return f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"></head><body>{_html_body()}</body></html>'


def _csv(_: Path) -> str:
    return "".join(";".join(row) + "\n" for row in TABLE)


def _tsv(_: Path) -> str:
    return "".join("\t".join(row) + "\n" for row in TABLE)


def _jsonl(_: Path) -> str:
    return "".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in (HEADING, *PARAGRAPHS))


def _rst(_: Path) -> str:
    widths = [max(len(row[column]) for row in TABLE) for column in range(4)]
    rule = "  ".join("=" * width for width in widths)
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in TABLE]
    table = "\n".join([rule, lines[0], rule, *lines[1:], rule])
    return "\n\n".join([f"{HEADING}\n{'=' * len(HEADING)}", *PARAGRAPHS, table]) + "\n"


def _adoc(_: Path) -> str:
    rows = "\n".join("".join(f"|{cell} " for cell in row) for row in TABLE)
    return "\n\n".join([f"= {HEADING}", *PARAGRAPHS, f'[cols="4*"]\n|===\n{rows}\n|===\n'])


def _tex(_: Path) -> str:
    rows = " \\\\\n".join(" & ".join(cell.replace("<", "$<$") for cell in row) for row in TABLE)
    text = "\n\n".join(each.replace("&", "\\&") for each in PARAGRAPHS)
    return (
        "\\documentclass{article}\n\\usepackage[utf8]{inputenc}\n\\begin{document}\n"
        f"\\section{{{HEADING}}}\n{text}\n\n\\begin{{tabular}}{{llll}}\n{rows}\n\\end{{tabular}}\n\\end{{document}}\n"
    )


def _ipynb(_: Path) -> str:
    cell = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": _whole().splitlines(keepends=True)}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def _rtf(_: Path) -> bytes:
    def said(text: str) -> str:
        return "".join(letter if ord(letter) < 128 else f"\\u{ord(letter)}?" for letter in text)

    rows = ""
    for row in TABLE:
        ends = "".join(f"\\cellx{2000 * (number + 1)}" for number in range(4))
        cells = "".join(f"{said(cell)}\\cell " for cell in row)
        rows += f"\\trowd{ends}\\pard\\intbl {cells}\\row\n"
    text = "".join(f"{said(each)}\\par\n" for each in PARAGRAPHS)
    return f"{{\\rtf1\\ansi\\uc1 {{\\b {HEADING}}}\\par\n{text}{rows}\\pard}}".encode("ascii")


def _srt(_: Path) -> str:
    blocks = [
        f"{number}\n{start},000 --> {start},900\n{text}\n"
        for number, (start, text) in enumerate(zip(SUBTITLES, PARAGRAPHS, strict=True), start=1)
    ]
    return "\n".join(blocks)


def _vtt(path: Path) -> str:
    return "WEBVTT\n\n" + _srt(path).replace(",000", ".000").replace(",900", ".900")


def _mbox(path: Path) -> bytes:
    return b"From a@example.org Tue Nov  5 10:00:00 2024\n" + _eml(path)


def _zip(path: Path) -> None:
    _zipped(path, {"notes/pumps.html": _html(path)})


def _json(_: Path) -> str:
    return json.dumps({"heading": HEADING, "paragraphs": PARAGRAPHS}, ensure_ascii=False)


def _xml(_: Path) -> str:
    rows = "".join(f"<row>{''.join(f'<entry>{xml(cell)}</entry>' for cell in row)}</row>" for row in TABLE)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><report><heading>{HEADING}</heading>'
        f"{''.join(f'<p>{xml(each)}</p>' for each in PARAGRAPHS)}<table>{rows}</table></report>"
    )


def _eml(_: Path) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", HEADING
    message["Date"] = "Tue, 05 Nov 2024 10:00:00 +0000"
    message.set_content("\n\n".join(PARAGRAPHS))
    message.add_alternative(_html(Path()), subtype="html")
    return message.as_bytes()


def _epub(path: Path) -> None:
    container = (
        '<?xml version="1.0"?><container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">'
        '<rootfiles><rootfile full-path="c.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
    )
    package = (
        '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="i">'
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier id="i">1</dc:identifier>'
        "<dc:title>Pumps</dc:title><dc:language>en</dc:language></metadata>"
        '<manifest><item id="a" href="a.xhtml" media-type="application/xhtml+xml"/></manifest>'
        '<spine><itemref idref="a"/></spine></package>'
    )
    page = f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title>x</title></head><body>{_html_body()}</body></html>'
    _zipped(
        path,
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": container,
            "c.opf": package,
            "a.xhtml": f'<?xml version="1.0" encoding="utf-8"?>{page}',
        },
    )


_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument"


def _office(path: Path, main: str, kind: str, parts: dict[str, str], types: str = "") -> None:
    relation = f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="{main}"/>'
    content_types = (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/><Default '
        'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/{main}" ContentType="{_KIND}.{kind}.main+xml"/>{types}</Types>'
    )
    relations = f'<Relationships xmlns="{_PACKAGE}/relationships">{relation}</Relationships>'
    _zipped(path, {"[Content_Types].xml": content_types, "_rels/.rels": relations, **parts})


def _docx(path: Path) -> None:
    def said(text: str, style: str = "") -> str:
        return f"<w:p>{style}<w:r><w:t>{xml(text)}</w:t></w:r></w:p>"

    rows = "".join(f"<w:tr>{''.join(f'<w:tc>{said(cell)}</w:tc>' for cell in row)}</w:tr>" for row in TABLE)
    heading = said(HEADING, '<w:pPr><w:pStyle w:val="H1"/></w:pPr>')
    names = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    parts = {
        "word/document.xml": f"<w:document {names}><w:body>{heading}{''.join(map(said, PARAGRAPHS))}"
        f"<w:tbl>{rows}</w:tbl></w:body></w:document>",
        "word/styles.xml": f'<w:styles {names}><w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/>'
        "</w:style></w:styles>",
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/styles" Target="styles.xml"/></Relationships>',
    }
    types = f'<Override PartName="/word/styles.xml" ContentType="{_KIND}.wordprocessingml.styles+xml"/>'
    _office(path, "word/document.xml", "wordprocessingml.document", parts, types)


def _xlsx(path: Path) -> None:
    rows = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{"ABCD"[column]}{number}" t="inlineStr"><is><t>{xml(cell)}</t></is></c>'
            for column, cell in enumerate(row)
        )
        + "</row>"
        for number, row in enumerate(TABLE, start=1)
    )
    names = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    parts = {
        "xl/workbook.xml": f'<workbook {names} xmlns:r="{_OFFICE}"><sheets><sheet name="{HEADING}" sheetId="1" '
        'r:id="r1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": f"<worksheet {names}><sheetData>{rows}</sheetData></worksheet>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
    }
    types = f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_KIND}.spreadsheetml.worksheet+xml"/>'
    _office(path, "xl/workbook.xml", "spreadsheetml.sheet", parts, types)


def _pptx(path: Path) -> None:
    from pptx import Presentation
    from pptx.util import Inches

    slides = Presentation()
    slide = slides.slides.add_slide(slides.slide_layouts[1])
    slide.shapes.title.text = HEADING
    slide.placeholders[1].text = "\n".join(PARAGRAPHS)
    table = slide.shapes.add_table(len(TABLE), 4, Inches(1), Inches(5), Inches(8), Inches(2)).table
    for row, cells in enumerate(TABLE):
        for column, cell in enumerate(cells):
            table.cell(row, column).text = cell
    slides.save(str(path))


_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_ODF_NAMES = " ".join(f'xmlns:{name}="{_ODF}:{name}:1.0"' for name in ("office", "text", "table"))
_ODF_NAMES += f' xmlns:draw="{_ODF}:drawing:1.0"'


def _odf_table() -> str:
    rows = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{xml(cell)}</text:p></table:table-cell>'
            for cell in row
        )
        + "</table:table-row>"
        for row in TABLE
    )
    columns = '<table:table-column table:number-columns-repeated="4"/>'
    return f'<table:table table:name="{HEADING}">{columns}{rows}</table:table>'


def _odf(path: Path, kind: str, body: str) -> None:
    mimetype = f"application/vnd.oasis.opendocument.{kind}"
    manifest = (
        f'<manifest:manifest xmlns:manifest="{_ODF}:manifest:1.0"><manifest:file-entry manifest:full-path="/" '
        f'manifest:media-type="{mimetype}"/><manifest:file-entry manifest:full-path="content.xml" '
        'manifest:media-type="text/xml"/></manifest:manifest>'
    )
    content = (
        f'<office:document-content {_ODF_NAMES} office:version="1.2"><office:body><office:{kind}>{body}</office:{kind}>'
        "</office:body></office:document-content>"
    )
    _zipped(path, {"mimetype": mimetype, "content.xml": content, "META-INF/manifest.xml": manifest})


def _odt(path: Path) -> None:
    text = "".join(f"<text:p>{xml(each)}</text:p>" for each in PARAGRAPHS)
    _odf(path, "text", f'<text:h text:outline-level="1">{HEADING}</text:h>{text}{_odf_table()}')


def _ods(path: Path) -> None:
    _odf(path, "spreadsheet", _odf_table())


def _odp(path: Path) -> None:
    text = "".join(f"<text:p>{xml(each)}</text:p>" for each in (HEADING, *PARAGRAPHS))
    frame = f"<draw:frame><draw:text-box>{text}</draw:text-box></draw:frame><draw:frame>{_odf_table()}</draw:frame>"
    _odf(path, "presentation", f'<draw:page draw:name="One">{frame}</draw:page>')


def _pdf(_: Path) -> bytes:
    """A page: the heading larger, paragraphs broken into lines, a table without rules."""

    def said(text: str) -> str:
        return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")

    parts, y = [f"/F1 18 Tf 1 0 0 1 72 740 Tm ({HEADING}) Tj"], 710
    for paragraph in PARAGRAPHS:
        line = ""
        for word in [*paragraph.split(), ""]:
            if not word or len(line) + len(word) > 70:
                parts.append(f"/F1 11 Tf 1 0 0 1 72 {y} Tm ({said(line)}) Tj")
                line, y = "", y - 13
            line = f"{line} {word}".strip()
        y -= 10
    for row in TABLE:
        parts += [f"/F1 11 Tf 1 0 0 1 {72 + 110 * at} {y} Tm ({said(cell)}) Tj" for at, cell in enumerate(row)]
        y -= 18
    stream = f"BT {' '.join(parts)} ET".encode("cp1252")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%b\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + (
        b"xref\n0 6\n0000000000 65535 f \n%btrailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
        % (table, len(data))
    )


def _zipped(path: Path, parts: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


_PROSE = "\n\n".join([HEADING, *PARAGRAPHS])
_FORMATS = {
    "txt": (lambda _: _PROSE, _PROSE),
    "md": (lambda _: _whole(), _whole()),
    "rst": (_rst, _whole()),
    "html": (_html, _whole()),
    "pdf": (_pdf, _whole()),
    "docx": (_docx, _whole()),
    "pptx": (_pptx, _whole()),
    "xlsx": (_xlsx, _markdown_table()),
    "ods": (_ods, _markdown_table()),
    "odt": (_odt, _whole()),
    "rtf": (_rtf, _whole()),
    "odp": (_odp, _whole()),
    "csv": (_csv, _markdown_table()),
    "tsv": (_tsv, _markdown_table()),
    "json": (_json, _PROSE),
    "jsonl": (_jsonl, _PROSE),
    "xml": (_xml, _whole()),
    "ipynb": (_ipynb, _whole()),
    "adoc": (_adoc, _whole()),
    "tex": (_tex, _whole()),
    "srt": (_srt, "\n\n".join(PARAGRAPHS)),
    "vtt": (_vtt, "\n\n".join(PARAGRAPHS)),
    "epub": (_epub, _whole()),
    "eml": (_eml, _PROSE),
    "mbox": (_mbox, "\n\n".join(PARAGRAPHS)),
    "zip": (_zip, _whole()),
}

"""Which documents of office programs are hostile: looping, bottomless, torn, or far larger than they look?"""

# ruff: noqa: E501 - a case is a row of a table

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable

from tests.ingest.hostile_case import Case, Expected, fails, partly, reads
from tests.ingest.hostile_formats import (
    CUES,
    LAUGHS,
    LETTER,
    NOTEBOOK,
    RICH,
    bomb,
    cell,
    deflated,
    docx,
    docx_parts,
    epub_parts,
    filled,
    ods,
    odt,
    ole,
    page_objects,
    paragraph,
    pdf,
    pptx,
    rezipped,
    stream,
    unzipped,
    xlsx,
    zipped,
)

MB = 1 << 20
WORD = "lighthouse"
X30, ONES = "x" * 30_000, "1+" * (2 * MB)
DAMAGED = "damage|torn|not a|could not be read as"
PROTECTED = "password"
TOO_LONG = "longer than [0-9,]+ letters|memory|too long|too large|larger than|unpacks"


def flipped(data: bytes, share: float = 0.5, count: int = 1) -> bytes:
    """The data with some bytes changed, from a place on that is a share of its length."""
    at = int(len(data) * share)
    return data[:at] + bytes(255 - byte for byte in data[at : at + count]) + data[at + count :]


def flipped_member(data: bytes, member: str) -> bytes:
    """A zip archive with one byte of a member's packed content changed."""
    at = data.index(member.encode()) + len(member) + 4
    return data[:at] + bytes([255 - data[at]]) + data[at + 1 :]


def _zip_torn(suffix: str, make: Callable[[], bytes], member: str, last: Expected | None = None) -> list[Case]:
    """What becomes of a format that is a zip container when it is cut off or changed.

    `last` is what is expected where nothing but its last member is lost, if that is not all of its text.
    """
    return [
        *(
            Case(f"torn/{share:.0%}{suffix}", lambda _, share=share: (data := make())[: int(len(data) * share)], fails(DAMAGED))
            for share in (0.1, 0.5, 0.97)
        ),
        Case(f"torn/flipped{suffix}", lambda _: flipped_member(make(), member), fails(DAMAGED)),
        Case(f"torn/directory{suffix}", lambda _: flipped(make(), 1 - 60 / len(make()), 30), last or fails(f"{DAMAGED}|unpacks")),
        Case(f"torn/member{suffix}", lambda _: rezipped(make(), {member: b"\0\1\2<"}), fails(DAMAGED)),
        Case(f"torn/without{suffix}", lambda _: rezipped(make(), {member: None}), fails(DAMAGED)),
    ]  # fmt: skip


TORN = [
    *_zip_torn(".docx", docx, "word/document.xml"),
    *_zip_torn(".xlsx", xlsx, "xl/workbook.xml"),
    *_zip_torn(".pptx", pptx, "ppt/presentation.xml", reads(WORD)),  # a picture of the first slide
    *_zip_torn(".odt", odt, "content.xml"),
    *_zip_torn(".epub", lambda: zipped(epub_parts()), "book.opf"),
    Case("torn/10%.pdf", pdf(page_objects())[:60], fails(DAMAGED)),
    Case("torn/90%.pdf", pdf(page_objects())[:-90], fails(DAMAGED)),
    Case("torn/head.pdf", flipped(pdf(page_objects()), 0, 4), fails(DAMAGED)),
    Case("torn/packed.pdf", pdf(page_objects(flipped(deflated(b"BT /F1 12 Tf (keeper) Tj ET"), 0.75, 9))), fails("damaged|no text")),
    Case("torn/start.pdf", pdf(page_objects()).replace(b"startxref\n", b"startxref\n9"), reads(WORD)),
    Case("torn/head.rtf", flipped(RICH.encode(), 0, 3), fails(DAMAGED)),
    Case("torn/cells.ipynb", NOTEBOOK.replace("cells", "cellz"), fails("notebook|no text|no cell")),
    Case("torn/head.eml", b"\xef\xbb\xbf" + LETTER.encode(), reads(WORD)),
    Case("torn/middle.srt", CUES.replace("-->", "->"), Expected(None, "subtitle|cue|no text")),
    Case("torn/10%.msg", lambda _: ole({"__properties_version1.0": bytes(4096)})[:600], fails(DAMAGED)),
    Case("torn/50%.msg", lambda _: ole({"__properties_version1.0": bytes(4096), "__substg1.0_1000001F": b"a\0" * 2048})[:4000], fails(DAMAGED)),
    Case("torn/10%.xls", lambda _: ole({"Workbook": bytes(4096)})[:600], fails(DAMAGED)),
    Case("torn/noise.xls", lambda _: ole({"Workbook": random.Random(1).randbytes(8192)}), fails(DAMAGED)),
    Case("torn/noise.msg", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + random.Random(2).randbytes(5000), fails(DAMAGED)),
    Case("torn/ring.msg", lambda _: (lambda data: data[:-512] + struct.pack("<I", 0) * 128)(ole({"__properties_version1.0": bytes(4096)})), fails(f"{DAMAGED}|no text")),
]  # fmt: skip

LOCKED = [
    Case("locked/a.docx", ole({"EncryptedPackage": bytes(5000), "EncryptionInfo": bytes(4096)}), fails(PROTECTED)),
    Case("locked/a.xlsx", ole({"EncryptedPackage": bytes(5000), "EncryptionInfo": bytes(4096)}), fails(PROTECTED)),
    Case("locked/a.pptx", ole({"EncryptedPackage": bytes(5000), "EncryptionInfo": bytes(4096)}), fails(PROTECTED)),
    Case("locked/a.odt", odt(encrypted=True), fails(PROTECTED)),
    Case("locked/a.pdf", pdf(page_objects(), f"/Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{'5a' * 32}> /U <{'a5' * 32}> >> /ID [<{'00' * 16}> <{'00' * 16}>]"), fails(PROTECTED)),
    Case("locked/a.epub", zipped({**epub_parts(chapter=""), "c.xhtml": random.Random(3).randbytes(900), "META-INF/encryption.xml": '<encryption xmlns="urn:oasis:names:tc:opendocument:xmlns:container" xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptedData><e:EncryptionMethod Algorithm="http://www.w3.org/2001/04/xmlenc#aes256-cbc"/><e:CipherData><e:CipherReference URI="c.xhtml"/></e:CipherData></e:EncryptedData></encryption>'}), fails(f"{PROTECTED}|protect|encrypt")),
]  # fmt: skip

SHOW = b"BT /F1 12 Tf 72 700 Td (lighthouse keeper) Tj ET "


def _object_streams_in_a_ring() -> bytes:
    inner = b"6 0 7 20 << /Type /Catalog >> << >>"
    ring = stream(inner, "/Type /ObjStm /N 2 /First 9 /Extends 7 0 R")
    return pdf([*page_objects(), ring, stream(inner, "/Type /ObjStm /N 2 /First 9 /Extends 6 0 R")])


def _tables_in_a_ring() -> bytes:
    whole = pdf(page_objects())
    start = whole.rindex(b"startxref\n") + 10
    return whole.replace(b"/Root", b"/Prev " + whole[start:].split()[0] + b" /Root")


PORTABLE = [
    Case("pdf/pages-in-a-ring.pdf", pdf(page_objects(pages="/Kids [2 0 R 3 0 R 2 0 R] /Count 3")), partly(WORD, failed="damage")),
    Case("pdf/too-few-pages.pdf", pdf(page_objects(pages="/Kids [3 0 R] /Count 100000")), partly(WORD, failed="damage")),
    Case("pdf/billion-pages.pdf", pdf(page_objects(pages="/Kids [3 0 R] /Count 2147483647")), reads(WORD)),
    Case("pdf/same-page.pdf", pdf(page_objects(pages=f"/Kids [{'3 0 R ' * 1_000}] /Count 1000")), reads(WORD)),
    Case("pdf/minus-pages.pdf", pdf(page_objects(pages="/Kids [3 0 R] /Count -5")), reads(WORD)),
    Case("pdf/tables-in-a-ring.pdf", _tables_in_a_ring(), reads(WORD)),
    Case("pdf/streams-in-a-ring.pdf", _object_streams_in_a_ring(), reads(WORD)),
    Case("pdf/box.pdf", pdf(page_objects(box="0 0 1e9 1e9")), reads(WORD)),
    Case("pdf/no-box.pdf", pdf(page_objects(box="0 0 0 0")), reads(WORD)),
    Case("pdf/deep.pdf", pdf([*page_objects(), "[" * 100_000 + "]" * 100_000]), reads(WORD)),
    Case("pdf/deep-catalogue.pdf", pdf(["<< /Type /Catalog /Pages 2 0 R /A " + "[" * 100_000 + "]" * 100_000 + " >>", *page_objects()[1:]]), reads(WORD)),
    Case("pdf/bomb.pdf", lambda _: pdf(page_objects(stream(filled(608 * MB, SHOW, b" ", wrapped=True), "/Filter /FlateDecode"))), Expected(None, TOO_LONG)),
    Case("pdf/text-bomb.pdf", lambda _: pdf(page_objects(deflated(SHOW * 200_000))), reads(WORD)),
    Case("pdf/filters.pdf", pdf(page_objects(stream(zlib.compress(SHOW), f"/Filter [{'/FlateDecode ' * 5_000}]"))), Expected(None, "damaged|no text")),
    Case("pdf/form-in-a-ring.pdf", pdf([*page_objects(stream(SHOW + b"/X Do"), resources="/XObject << /X 6 0 R >>"), stream(b"/X Do", "/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X 6 0 R >> >>")]), reads(WORD)),
    Case("pdf/word.pdf", lambda _: pdf(page_objects(deflated(SHOW + b"BT /F1 1 Tf 1 9 Td (" + b"x" * 300_000 + b") Tj ET"))), reads(WORD)),
    Case("pdf/length.pdf", pdf(page_objects(stream(SHOW).replace(b"/Length ", b"/Length 99999999"))), reads(WORD)),
    Case("pdf/no-contents.pdf", pdf(page_objects()[:3]), fails("no text")),
    Case("pdf/title.pdf", pdf([*page_objects(), f"<< /Title ({'x' * 500_000}) >>"], "/Info 6 0 R"), reads(WORD)),
    Case("pdf/outline-in-a-ring.pdf", pdf(["<< /Type /Catalog /Pages 2 0 R /Outlines 6 0 R >>", *page_objects()[1:], "<< /First 7 0 R /Last 7 0 R >>", "<< /Title (a) /Parent 6 0 R /Next 7 0 R /First 7 0 R >>"]), reads(WORD)),
    Case("pdf/labels-in-a-ring.pdf", pdf(["<< /Type /Catalog /Pages 2 0 R /PageLabels 6 0 R >>", *page_objects()[1:], "<< /Kids [7 0 R] >>", "<< /Kids [6 0 R] >>"]), reads(WORD)),
    Case("pdf/labels-in-one.pdf", pdf(["<< /Type /Catalog /Pages 2 0 R /PageLabels << /Kids [6 0 R] >> >>", *page_objects()[1:], "<< /K#69ds [6 0 R] >>"]), reads(WORD)),
    Case("pdf/labels-deep.pdf", pdf(["<< /Type /Catalog /Pages 2 0 R /PageLabels 6 0 R >>", *page_objects()[1:], *(f"<< /Kids [{n} 0 R] >>" for n in range(7, 20_007)), "<< /Nums [0 << /S /r >>] >>"]), reads(WORD)),
    Case("pdf/labels-by-the-thousand.pdf", pdf([f"<< /Type /Catalog /Pages 2 0 R /PageLabels << /Nums [{' '.join(f'{n} << /S /D >>' for n in range(5_000))}] >> >>", *page_objects(pages=f"/Kids [{'3 0 R ' * 1_000}] /Count 1000")[1:]]), reads(WORD)),
    Case("pdf/labels-endless.pdf", pdf([f"<< /Type /Catalog /Pages 2 0 R /PageLabels << /Nums [0 << /S /A /St 2147483647 /P ({'x' * 500_000}) >>] >> >>", *page_objects(pages=f"/Kids [{'3 0 R ' * 1_000}] /Count 1000")[1:]]), reads(WORD)),
    Case("pdf/words-in-no-order.pdf", lambda _: pdf(page_objects(deflated(SHOW + b"".join(b"BT /F1 2 Tf %d %d Td (ab) Tj ET " % (n * 7919 % 6007 / 10, n * 104_729 % 7901 / 10) for n in range(9_000))))), reads(WORD)),
    Case("pdf/words-in-a-grid.pdf", lambda _: pdf(page_objects(deflated(SHOW + b"".join(b"BT /F1 1 Tf %d %d Td (ab cd) Tj ET " % (10 + 5 * (n % 12) + n * n % 2, n / 12 / 2) for n in range(9_000))))), reads(WORD)),
    Case("pdf/all-beside-the-page.pdf", pdf(page_objects(box="0 0 50 50")), fails("no text")),
    Case("pdf/scripts.pdf", pdf(["<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (while(1);) >> >>", *page_objects()[1:]]), reads(WORD)),
    Case("pdf/colours.pdf", pdf(page_objects(stream(b"q " * 200_000 + SHOW))), reads(WORD)),
]  # fmt: skip

ENTITY = f'<?xml version="1.0"?><!DOCTYPE w [{LAUGHS}]>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE w [<!ENTITY l SYSTEM "file:///etc/passwd">]>'
DOCUMENT = b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>'
_WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _numbered() -> bytes:
    """Styles based on each other in a ring, lists that take their levels from each other, and no end of both."""
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    related = "".join(
        f'<Relationship Id="{kind}" Type="{kinds}/{kind}" Target="{kind}.xml"/>' for kind in ("styles", "numbering")
    )
    styles = "".join(
        f'<w:style w:type="paragraph" w:styleId="s{n}"><w:basedOn w:val="s{(n + 1) % 3_000}"/></w:style>'
        f'<w:style w:type="numbering" w:styleId="l{n}"><w:pPr><w:numPr><w:numId w:val="{n}"/></w:numPr></w:pPr></w:style>'
        for n in range(3_000)
    )
    level = f'<w:lvl w:ilvl="0"><w:start w:val="999999999999999999"/><w:lvlText w:val="{"%1." * 100_000}"/></w:lvl>'
    linked = "".join(
        f'<w:abstractNum w:abstractNumId="{n}"><w:numStyleLink w:val="l{n}"/>{level if n == 7 else ""}</w:abstractNum>'
        for n in range(3_000)
    )
    lists = "".join(f'<w:num w:numId="{n}"><w:abstractNumId w:val="{n}"/></w:num>' for n in range(3_000))
    body = "".join(
        f'<w:p><w:pPr><w:pStyle w:val="s{n}"/><w:numPr><w:ilvl w:val="{n}"/><w:numId w:val="{7 if n % 2 else n}"/></w:numPr></w:pPr>'
        f"<w:r><w:t>lighthouse</w:t></w:r></w:p>"
        for n in range(2_500)
    )
    return zipped({
        **docx_parts(body),
        "word/_rels/document.xml.rels": f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{related}</Relationships>',
        "word/styles.xml": f"<w:styles {_WORD}>{styles}</w:styles>",
        "word/numbering.xml": f"<w:numbering {_WORD}>{linked}{lists}</w:numbering>",
    })  # fmt: skip


WORDED = [
    Case("word/numbered.docx", lambda _: _numbered(), reads(WORD)),
    Case("word/no-kinds.docx", zipped({k: v for k, v in docx_parts().items() if k != "[Content_Types].xml"}), partly(WORD, failed=DAMAGED)),
    Case("word/no-relations.docx", zipped({k: v for k, v in docx_parts().items() if k != "_rels/.rels"}), Expected((), DAMAGED)),
    Case("word/tables.docx", lambda _: docx(paragraph() + "<w:tbl><w:tr><w:tc>" * 100_000 + paragraph() + "</w:tc></w:tr></w:tbl>" * 100_000), Expected(None, "nest|deep|depth")),
    Case("word/some-tables.docx", lambda _: docx(paragraph() + "<w:tbl><w:tr><w:tc>" * 12 + paragraph() + "</w:tc></w:tr></w:tbl>" * 12), reads(WORD)),
    Case("word/attribute.docx", lambda _: docx('<w:p w:a="' + "x" * (11 * MB) + '"><w:r><w:t>lighthouse keeper</w:t></w:r></w:p>'), reads(WORD)),
    Case("word/paragraphs.docx", lambda _: docx(paragraph("lighthouse") * 10_000), reads(WORD)),
    Case("word/text.docx", lambda _: docx(paragraph("lighthouse " + "x " * (9 * MB))), fails(TOO_LONG)),
    Case("word/laughs.docx", docx(paragraph("lighthouse &l9;"), ENTITY), fails("entit|damaged|well-formed|DTD|memory|XML")),
    Case("word/outside.docx", docx(paragraph("lighthouse &l;"), OUTSIDE), Expected(None, "entit|damaged|well-formed|DTD|XML"), never="root:x:"),
    Case("word/bomb.docx", lambda _: bomb(docx_parts(), "word/document.xml", 608 * MB, DOCUMENT), fails(TOO_LONG)),
    Case("word/large-part.docx", lambda _: bomb(docx_parts(), "word/media/a.bin", 304 * MB, b"x"), reads(WORD)),
    Case("word/properties.docx", zipped({**docx_parts(), "docProps/core.xml": "<torn"}), reads(WORD)),
    Case("word/way-out.docx", rezipped(docx(), {"_rels/.rels": str(docx_parts()["_rels/.rels"]).replace("word/document.xml", "../../../etc/passwd")}), Expected(None, DAMAGED), never="root:x:"),
]  # fmt: skip

CORNER, BEYOND = cell("keeper", "XFD1048576"), cell("keeper", "ZZZZZZ99999999")
SHEET = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>'
SHEETS = [
    Case("sheets/dimension.xlsx", xlsx(before='<dimension ref="A1:XFD1048576"/>'), reads(WORD)),
    Case("sheets/corner.xlsx", xlsx(f'<row r="1">{cell()}</row><row r="1048576">{CORNER}</row>'), reads(WORD, "keeper")),
    Case("sheets/beyond.xlsx", xlsx(f'<row r="1">{cell()}</row><row r="99999999">{BEYOND}</row>'), reads(WORD)),
    Case("sheets/strings.xlsx", xlsx('<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>999999999</v></c></row>', strings='<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" count="10000000" uniqueCount="4294967295"><si><t>lighthouse</t></si></sst>'), partly(WORD, failed=DAMAGED)),
    Case("sheets/strings-repeated.xlsx", lambda _: xlsx("".join(f'<row r="{r}">' + '<c t="s"><v>0</v></c>' * 100 + "</row>" for r in range(1, 2_001)), strings=f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><si><t>lighthouse {X30}</t></si></sst>'), fails(TOO_LONG)),
    Case("sheets/formula.xlsx", lambda _: xlsx(f'<row r="1">{cell()}<c r="B1"><f>{ONES}1</f><v>7</v></c></row>'), reads(WORD)),
    Case("sheets/formulas.xlsx", lambda _: xlsx('<row r="1"><c r="A1"><f>A2&amp;A2</f></c>' + "".join(f'<c r="A{n}"><f>A{n + 1}&amp;A{n + 1}</f></c>' for n in range(2, 2_000)) + cell("lighthouse", "B1") + "</row>"), reads(WORD)),
    Case("sheets/merged.xlsx", xlsx(after='<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>'), reads(WORD)),
    Case("sheets/many-merged.xlsx", xlsx(after="<mergeCells>" + "".join(f'<mergeCell ref="A1:B{n}"/>' for n in range(2, 20_000)) + "</mergeCells>"), reads(WORD)),
    Case("sheets/many.xlsx", lambda _: xlsx(sheets=2_000), reads(WORD)),
    Case("sheets/missing.xlsx", rezipped(xlsx(sheets=2), {"xl/worksheets/sheet2.xml": None}), partly(WORD, failed=DAMAGED)),
    Case("sheets/laughs.xlsx", lambda _: rezipped(xlsx(), {"xl/worksheets/sheet1.xml": f'{ENTITY}<worksheet><sheetData><row r="1"><c r="A1" t="str"><v>&l9;</v></c></row></sheetData></worksheet>'}), Expected(None, "damaged|no text|entit|holds")),
    Case("sheets/bomb.xlsx", lambda _: bomb(unzipped(xlsx()), "xl/worksheets/sheet1.xml", 304 * MB, SHEET), Expected(None, f"{TOO_LONG}|{DAMAGED}")),
    Case("sheets/dates.xlsx", xlsx(f'<row r="1">{cell()}<c r="B1" t="d"><v>99999-99-99</v></c><c r="C1"><v>1e308</v></c><c r="D1" t="e"><v>#DIV/0!</v></c></row>'), reads(WORD)),
    Case("sheets/columns.ods", ods(f'<table:table-row><table:table-cell office:value-type="string"><text:p>{WORD}</text:p></table:table-cell><table:table-cell office:value-type="string" table:number-columns-repeated="1000000000"><text:p>x</text:p></table:table-cell></table:table-row>'), reads(WORD)),
    Case("sheets/rows.ods", ods(f'<table:table-row table:number-rows-repeated="1000000000"><table:table-cell office:value-type="string"><text:p>{WORD}</text:p></table:table-cell></table:table-row>'), reads(WORD)),
    Case("sheets/blank-columns.ods", ods(f'<table:table-row><table:table-cell office:value-type="string"><text:p>{WORD}</text:p></table:table-cell><table:table-cell table:number-columns-repeated="16383"/></table:table-row><table:table-row table:number-rows-repeated="1048575"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'), reads(WORD)),
]  # fmt: skip


def _deck(name: str, change: Callable[[bytes], bytes]) -> Callable[[object], bytes]:
    """A presentation of which one part is changed."""

    def make(_: object) -> bytes:
        import io
        import zipfile

        data = pptx()
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return rezipped(data, {name: change(archive.read(name))})

    return make


SLIDE, SLIDE_RELATIONS = "ppt/slides/slide1.xml", "ppt/slides/_rels/slide1.xml.rels"
GROUP = b'<p:grpSp><p:nvGrpSpPr><p:cNvPr id="9" name="g"/><p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr><p:grpSpPr/>'
OTHERS = [
    Case("slides/ring.pptx", _deck(SLIDE_RELATIONS, lambda data: data.replace(b"../slideLayouts/slideLayout6.xml", b"slide1.xml")), Expected(None, f"{DAMAGED}|nest")),
    Case("slides/outside.pptx", _deck(SLIDE_RELATIONS, lambda data: data.replace(b"../slideLayouts/slideLayout6.xml", b"../../../../etc/passwd")), Expected((), DAMAGED), never="root:x:"),
    Case("slides/missing.pptx", lambda _: rezipped(pptx(), {SLIDE: None}), fails(DAMAGED)),
    Case("slides/groups.pptx", _deck(SLIDE, lambda data: data.replace(b"</p:spTree>", GROUP * 5_000 + b"</p:grpSp>" * 5_000 + b"</p:spTree>")), Expected(None, "nest|deep|depth")),
    Case("slides/some-groups.pptx", _deck(SLIDE, lambda data: data.replace(b"</p:spTree>", GROUP * 40 + b"</p:grpSp>" * 40 + b"</p:spTree>")), reads(WORD)),
    Case("slides/laughs.pptx", _deck(SLIDE, lambda data: ENTITY.encode() + data.partition(b"?>")[2].replace(b"lighthouse", b"&l9;")), Expected(None, "entit|damaged|DTD|memory|XML")),
    Case("odt/spaces.odt", odt(f'<text:p>{WORD}<text:s text:c="1000000000"/>keeper</text:p>'), reads(WORD, "keeper")),
    Case("odt/columns.odt", odt(f'<table:table><table:table-row><table:table-cell table:number-columns-repeated="1000000000"><text:p>{WORD}</text:p></table:table-cell></table:table-row></table:table>'), reads(WORD)),
    Case("odt/rows.odt", odt(f'<table:table><table:table-row table:number-rows-repeated="1000000000"><table:table-cell><text:p>{WORD}</text:p></table:table-cell></table:table-row></table:table>'), reads(WORD)),
    Case("odt/deep.odt", odt(f"<text:p>{WORD}</text:p>" + "<text:list><text:list-item>" * 5_000 + "<text:p>x</text:p>" + "</text:list-item></text:list>" * 5_000), Expected(None, "nest|deep|depth")),
    Case("odt/laughs.odt", odt("<text:p>&l9;</text:p>", prolog=ENTITY), Expected(None, "entit|damaged|DTD|memory|XML")),
    Case("odt/outside.odt", odt("<text:p>&l;</text:p>", prolog=OUTSIDE), Expected(None, "entit|damaged|DTD|XML|no text"), never="root:x:"),
    Case("book/ring.epub", zipped(epub_parts(spine='<itemref idref="c"/>' * 100_000)), reads(WORD)),
    Case("book/no-package.epub", zipped({k: v for k, v in epub_parts().items() if k != "book.opf"}), fails(DAMAGED)),
    Case("book/no-container.epub", zipped({k: v for k, v in epub_parts().items() if "container" not in k}), reads(WORD)),
    Case("book/no-chapter.epub", zipped({k: v for k, v in epub_parts().items() if k != "c.xhtml"}), fails(f"{DAMAGED}|missing|no text")),
    Case("book/half.epub", zipped({**epub_parts(spine='<itemref idref="c"/><itemref idref="d"/>'), "book.opf": str(epub_parts(spine='<itemref idref="c"/><itemref idref="d"/>')["book.opf"]).replace("</manifest>", '<item id="d" href="d.xhtml" media-type="application/xhtml+xml"/></manifest>')}), partly(WORD, failed="missing|damaged|d.xhtml|not in")),
    Case("book/way-out.epub", zipped({**epub_parts(), "META-INF/container.xml": str(epub_parts()["META-INF/container.xml"]).replace("book.opf", "../../../../etc/passwd")}), reads(WORD), never="root:x:"),
    Case("book/laughs.epub", zipped({**epub_parts(), "c.xhtml": f'{ENTITY}<html xmlns="http://www.w3.org/1999/xhtml"><body><p>{WORD} &l9;</p></body></html>'}), reads(WORD)),
    Case("book/bomb.epub", lambda _: bomb(epub_parts(), "c.xhtml", 304 * MB, b"<html><body><p>lighthouse ", b"x"), Expected(None, TOO_LONG)),
    Case("book/kind.epub", flipped_member(zipped(epub_parts()), "mimetype"), reads(WORD)),
]  # fmt: skip

OFFICE = [*TORN, *LOCKED, *PORTABLE, *WORDED, *SHEETS, *OTHERS]
HUGE = [
    Case("huge/million-pages.pdf", pdf(page_objects(pages="/Kids [3 0 R] /Count 1000000")), partly(WORD, failed="damage")),
    Case("huge/same-page.pdf", pdf(page_objects(pages=f"/Kids [{'3 0 R ' * 20_000}] /Count 20000")), reads(WORD)),
    Case("huge/paragraphs.docx", lambda _: docx(paragraph("lighthouse") * 60_000), reads(WORD)),
    Case("huge/sheet.xlsx", lambda _: bomb(unzipped(xlsx()), "xl/worksheets/sheet1.xml", 912 * MB, SHEET), Expected(None, f"{TOO_LONG}|{DAMAGED}")),
    Case("huge/word.pdf", lambda _: pdf(page_objects(deflated(SHOW + b"BT /F1 1 Tf 1 9 Td (" + b"x" * 3_000_000 + b") Tj ET"))), reads(WORD)),
]  # fmt: skip

"""What does a small, sound file of each format look like, so that it can be damaged?"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_S = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PIECE = 16 << 20  # bytes
WORDS = "lighthouse keeper"  # what stands in every sound file


def zipped(parts: Mapping[str, str | bytes], *, stored: bool = False) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return made.getvalue()


def unzipped(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as whole:
        return {name: whole.read(name) for name in whole.namelist()}


def rezipped(data: bytes, changes: Mapping[str, str | bytes | None]) -> bytes:
    """A zip archive with some members replaced, added, or (None) left out."""
    parts = {**unzipped(data), **changes}
    return zipped({name: part for name, part in parts.items() if part is not None})


def member(name: str, packed: bytes, size: int, method: int = 8, crc: int = 0, flags: int = 0) -> tuple[bytes, bytes]:
    """A zip member's local header and content, and its row of the central directory without the offset at its end."""
    spelt = name.encode()
    what = struct.pack("<HHHHHIII", 20, flags, method, 0, 0x21, crc, len(packed), min(size, 0xFFFFFFFE))
    local = b"PK\3\4" + what + struct.pack("<HH", len(spelt), 0) + spelt
    central = b"PK\1\2" + struct.pack("<H", 20) + what + struct.pack("<HHHHHI", len(spelt), 0, 0, 0, 0, 0)
    return local + packed, central + b"%OFFSET%" + spelt


def archive(members: list[tuple[bytes, bytes]], offsets: list[int] | None = None, count: int | None = None) -> bytes:
    """A zip archive of such members; `offsets` and `count` are what its directory says in place of the truth."""
    body, directory = b"", b""
    for number, (local, central) in enumerate(members):
        offset = offsets[number] if offsets else len(body)
        directory += central.replace(b"%OFFSET%", struct.pack("<I", offset))
        body += local
    said = len(members) if count is None else count
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, said, said, len(directory), len(body), 0)
    return body + directory + end


def filled(size: int, head: bytes = b"", fill: bytes = b"\0", wrapped: bool = False) -> bytes:
    """`head` and then one byte again and again, deflated by the piece, which takes no time."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 15 if wrapped else -15)
    start = packer.compress(head) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(fill * _PIECE) + packer.flush(zlib.Z_FULL_FLUSH)
    return start + piece * (size // _PIECE) + b"\3\0"


def bomb(parts: Mapping[str, str | bytes], name: str, size: int, head: bytes, fill: bytes = b" ") -> bytes:
    """A zip archive of `parts`, one of which is replaced by `head` and a very long rest; its checksum is right."""
    crc = zlib.crc32(head)
    for _ in range(size // _PIECE):
        crc = zlib.crc32(fill * _PIECE, crc)
    small = {part: content.encode() if isinstance(content, str) else content for part, content in parts.items()}
    members = [member(part, data, len(data), 0, zlib.crc32(data)) for part, data in small.items() if part != name]
    return archive([*members, member(name, filled(size, head, fill), len(head) + size, 8, crc)])


def paragraph(text: str = WORDS) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def docx_parts(body: str = paragraph(), prolog: str = "") -> dict[str, str | bytes]:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    return {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{kind}.document.main+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/relationships/officeDocument" Target="word/document.xml"/></Relationships>',
        "word/document.xml": f'{prolog}<w:document xmlns:w="{_W}"><w:body>{body}</w:body></w:document>',
    }


def docx(body: str = paragraph(), prolog: str = "") -> bytes:
    return zipped(docx_parts(body, prolog))


def cell(text: str = WORDS, at: str = "A1") -> str:
    return f'<c r="{at}" t="inlineStr"><is><t>{text}</t></is></c>'


def xlsx(
    rows: str = f'<row r="1">{cell()}</row>',
    *,
    before: str = "",
    after: str = "",
    strings: str | None = None,
    sheets: int = 1,
) -> bytes:
    """A workbook; `before` and `after` stand around the rows of each sheet."""
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    numbers = range(1, sheets + 1)
    related = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/relationships/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in numbers
    )
    named = "".join(f'<sheet name="Sheet{n}" sheetId="{n}" r:id="r{n}"/>' for n in numbers)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{kind}.worksheet+xml"/>' for n in numbers
    )
    parts: dict[str, str | bytes] = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_OFFICE}/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{_S}" xmlns:r="{_OFFICE}/relationships">'
        f"<sheets>{named}</sheets></workbook>",
    }
    if strings is not None:
        related += f'<Relationship Id="s" Type="{_OFFICE}/relationships/sharedStrings" Target="sharedStrings.xml"/>'
        parts["xl/sharedStrings.xml"] = strings
    parts["xl/_rels/workbook.xml.rels"] = f'<Relationships xmlns="{_PACKAGE}/relationships">{related}</Relationships>'
    for n in numbers:
        sheet = f'<worksheet xmlns="{_S}">{before}<sheetData>{rows}</sheetData>{after}</worksheet>'
        parts[f"xl/worksheets/sheet{n}.xml"] = sheet
    return zipped(parts)


def pptx() -> bytes:
    from pptx import Presentation

    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = WORDS
    made = io.BytesIO()
    deck.save(made)
    return made.getvalue()


def opendocument(body: str, kind: str = "text", prolog: str = "", encrypted: bool = False) -> bytes:
    """An OpenDocument file: `kind` is text, spreadsheet or presentation."""
    base = "urn:oasis:names:tc:opendocument:xmlns"
    names = " ".join(
        f'xmlns:{short}="{base}:{long}:1.0"'
        for short, long in (
            *(("office", "office"), ("text", "text"), ("table", "table"), ("draw", "drawing"), ("style", "style")),
            ("presentation", "presentation"),
        )
    )
    mime = f"application/vnd.oasis.opendocument.{kind}"
    data = "<manifest:encryption-data/>" if encrypted else ""
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{path}" manifest:media-type="{of}">{inner}</manifest:file-entry>'
        for path, of, inner in (("/", mime, ""), ("content.xml", "text/xml", data))
    )
    content = f'<office:document-content {names} office:version="1.2"><office:body>{body}</office:body>'
    content += "</office:document-content>"
    manifest = f'<manifest:manifest xmlns:manifest="{base}:manifest:1.0">{entries}</manifest:manifest>'
    return zipped(
        {
            "mimetype": mime,
            "META-INF/manifest.xml": manifest,
            "content.xml": bytes(range(256)) * 9 if encrypted else prolog + content,
        }
    )


def odt(inner: str = f"<text:p>{WORDS}</text:p>", **options: bool | str) -> bytes:
    return opendocument(f"<office:text>{inner}</office:text>", "text", **options)  # type: ignore[arg-type]


def ods(rows: str) -> bytes:
    table = f'<table:table table:name="One">{rows}</table:table>'
    return opendocument(f"<office:spreadsheet>{table}</office:spreadsheet>", "spreadsheet")


def epub_parts(spine: str = '<itemref idref="c"/>', chapter: str = f"<p>{WORDS}</p>") -> dict[str, str | bytes]:
    names = 'xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    container = (
        '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0">'
        '<rootfiles><rootfile full-path="book.opf" media-type="application/oebps-package+xml"/></rootfiles>'
        "</container>"
    )
    return {
        "mimetype": "application/epub+zip",
        "META-INF/container.xml": container,
        "book.opf": f'<package {names} version="3.0"><metadata><dc:title>Sea</dc:title></metadata><manifest>'
        f'<item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest><spine>{spine}</spine></package>',
        "c.xhtml": f'<html xmlns="http://www.w3.org/1999/xhtml"><body>{chapter}</body></html>',
    }


def pdf(objects: Sequence[str | bytes], trailer: str = "") -> bytes:
    """A PDF of these objects, of which the first is the catalogue."""
    data, offsets = b"%PDF-1.5\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body.encode("latin-1") if isinstance(body, str) else body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(data)
    size = len(objects) + 1
    data += b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return data + f"trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode("latin-1")


def stream(content: bytes, more: str = "") -> bytes:
    return f"<< /Length {len(content)} {more} >>\nstream\n".encode("latin-1") + content + b"\nendstream"


def deflated(content: bytes, more: str = "") -> bytes:
    return stream(zlib.compress(content, 9), f"/Filter /FlateDecode {more}")


def page_objects(
    content: bytes = stream(f"BT /F1 12 Tf 72 700 Td ({WORDS}) Tj ET".encode()),
    *,
    pages: str = "/Kids [3 0 R] /Count 1",
    box: str = "0 0 612 792",
    resources: str = "",
) -> list[str | bytes]:
    """The objects of a PDF of one page, which hostile ones are made from."""
    held = f"/Resources << /Font << /F1 5 0 R >> {resources} >>"
    return [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages {pages} >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [{box}] /Contents 4 0 R {held} >>",
        content,
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]


def ole(streams: Mapping[str, bytes]) -> bytes:
    """A compound file (the container of .msg, .xls and of what Office encrypts) of streams of 4096 bytes or more."""
    end, free, fat_sector = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
    sectors: list[bytes] = []
    fat: list[int] = []

    def put(content: bytes) -> int:
        first = len(sectors)
        count = -(-len(content) // 512)
        sectors.extend(content[number * 512 :][:512].ljust(512, b"\0") for number in range(count))
        fat.extend([*range(first + 1, first + count), end])
        return first

    def entry(name: str, kind: int, child: int, right: int, start: int, size: int) -> bytes:
        spelt = (name + "\0").encode("utf-16-le")
        head = spelt.ljust(64, b"\0") + struct.pack("<HBB", len(spelt), kind, 1)
        return head + struct.pack("<III", free, right, child) + bytes(36) + struct.pack("<IQ", start, size)

    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    starts = {name: put(streams[name]) for name in names}
    directory = entry("Root Entry", 5, 1 if names else free, free, end, 0)
    for number, name in enumerate(names, start=1):
        following = number + 1 if number < len(names) else free
        directory += entry(name, 2, free, following, starts[name], len(streams[name]))
    directory_at = put(directory.ljust(-(-len(directory) // 512) * 512, b"\0"))
    fat_count = -(-(len(fat) + len(fat) // 128 + 2) // 128)
    fat_at = len(sectors)
    fat += [fat_sector] * fat_count
    table = b"".join(struct.pack("<I", item) for item in fat).ljust(512 * fat_count, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, fat_count, directory_at, 0, 4096, end, 0, end, 0)
    header += b"".join(struct.pack("<I", fat_at + number) for number in range(fat_count)).ljust(436, b"\xff")
    return header + b"".join(sectors) + table


NOTEBOOK = (
    '{"cells": [{"cell_type": "markdown", "metadata": {}, "source": ["lighthouse keeper"]}], '
    '"metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
)
LETTER = (
    "From: a@example.org\nTo: b@example.org\nSubject: Sea\nMIME-Version: 1.0\n"
    "Content-Type: text/plain; charset=utf-8\n\nlighthouse keeper\n"
)
RICH = r"{\rtf1\ansi\deff0{\fonttbl{\f0 Arial;}}\f0 lighthouse keeper\par}"
PAGE = "<!DOCTYPE html><html><head><title>Sea</title></head><body><p>lighthouse keeper</p></body></html>"
LAUGHS = '<!ENTITY l0 "ha">' + "".join(  # a billion of them, if they were counted out
    f'<!ENTITY l{n} "' + f"&l{n - 1};" * 10 + '">' for n in range(1, 10)
)
CUES = "1\n00:00:01,000 --> 00:00:02,000\nlighthouse keeper\n"

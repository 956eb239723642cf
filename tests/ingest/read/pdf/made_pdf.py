"""PDFs that draw what a test says, written object by object."""

from __future__ import annotations

import re
import struct
import zlib


def pdf(
    *pages: str,
    info: str = "",
    catalog: str = "",
    extra: dict[int, str] | None = None,
    page: str = "",
    tree: str = "",
    box: str = "/MediaBox [0 0 612 792]",
) -> bytes:
    """A PDF whose pages draw what is given; `extra` objects are numbered from 100, `page` goes into every page,
    `tree` into what all pages inherit from.
    """
    kids = " ".join(f"{10 + 2 * number} 0 R" for number in range(len(pages)))
    objects = {
        1: f"<< /Type /Catalog /Pages 2 0 R /Lang (de-DE) {catalog} >>",
        2: f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} {tree} >>",
        3: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        4: "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
        5: "<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray "
        "/Length 1 >>\nstream\nx\nendstream",
        6: f"<< {info} >>",
        **(extra or {}),
    }
    for number, content in enumerate(pages):
        objects[10 + 2 * number] = (
            f"<< /Type /Page /Parent 2 0 R {box} /Contents {11 + 2 * number} 0 R {page} "
            "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> /XObject << /I 5 0 R >> >> >>"
        )
        objects[11 + 2 * number] = f"<< /Length {len(content.encode('cp1252'))} >>\nstream\n{content}\nendstream"
    data, places = b"%PDF-1.7\n", {}
    for number, body in sorted(objects.items()):
        places[number] = len(data)
        data += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    table = "".join(f"{number} 1\n{place:010} 00000 n \n" for number, place in sorted(places.items()))
    return data + (
        f"xref\n0 1\n0000000000 65535 f \n{table}trailer\n<< /Size {max(objects) + 1} /Root 1 0 R /Info 6 0 R >>\n"
        f"startxref\n{len(data)}\n%%EOF\n"
    ).encode("cp1252")


def at(x: float, y: float, text: str, size: float = 10, font: str = "F1") -> str:
    text = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
    return f"BT /{font} {size} Tf 1 0 0 1 {x} {y} Tm ({text}) Tj ET\n"


def lines(x: float, y: float, *texts: str, size: float = 10, font: str = "F1") -> str:
    return "".join(at(x, y - 1.2 * size * number, text, size, font) for number, text in enumerate(texts))


def rule(x0: float, y0: float, x1: float, y1: float) -> str:
    return f"{x0} {y0} m {x1} {y1} l S\n"


def packed(data: bytes) -> bytes:
    """The same PDF with its dictionaries packed in a stream, as most programs write them."""
    objects = {int(m[1]): m[2] for m in re.finditer(rb"(?m)^(\d+) 0 obj\n(.*?)\nendobj$", data, re.DOTALL)}
    inner = {number: body for number, body in objects.items() if b"stream" not in body}
    head, bodies = b"", b""
    for number, body in inner.items():
        head += b"%d %d " % (number, len(bodies))
        bodies += body + b"\n"
    stream = zlib.compress(head + bodies)
    last = max(objects) + 1
    objects[last] = b"<< /Type /ObjStm /N %d /First %d /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream" % (
        *(len(inner), len(head), len(stream)),
        stream,
    )
    made, places = b"%PDF-1.7\n", {}
    for number, body in objects.items():
        if number not in inner:
            places[number] = len(made)
            made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    rows = [(2, last, list(inner).index(n)) if n in inner else (1, places.get(n, 0), 0) for n in range(last + 2)]
    rows = [row if n in objects else (0, 0, 0) for n, row in enumerate(rows)]
    rows[last + 1] = (1, len(made), 0)
    table = b"".join(struct.pack(">BIH", *row) for row in rows)
    made += b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 2] /Root 1 0 R /Length %d >>\nstream\n" % (
        *(last + 1, last + 2, len(table)),
    )
    return made + table + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % rows[last + 1][1]


PROSE = (
    "The pump is inspected twice a year by two people who sign the protocol and",
    "file it where everybody finds it again, which is the shelf behind the door of",
    "the office on the ground floor.",
)


ROWS = (("Pump", "Hall", "Bar"), ("P-1", "A 12", "4.2"), ("P-2", "", "3.9"), ("P-7", "B 3", ""))
AS_MARKDOWN = "| Pump | Hall | Bar |\n| --- | --- | --- |\n| P-1 | A 12 | 4.2 |\n| P-2 |  | 3.9 |\n| P-7 | B 3 |  |"


def cells(rows=ROWS, step: float = 20) -> str:
    return "".join(
        at(80 + 100 * column, 685 - step * row, cell)
        for row, row_ in enumerate(rows)
        for column, cell in enumerate(row_)
        if cell
    )

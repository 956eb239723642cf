"""Which archives are hostile: bottomless, far larger than they look, leading out, or torn?"""

# ruff: noqa: E501 - a case is a row of a table

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable

from tests.ingest.hostile_case import Case, Expected, fails, partly, passes_over, reads
from tests.ingest.hostile_formats import LAUGHS, archive, docx, filled, member, zipped

MB = 1 << 20
WORD = "lighthouse"
DAMAGED = "damage|torn|not a"
TOO_LARGE = "unpacks to more|memory|longer than"
OUT = r"leads out|\.\."
GOOD = {"good.txt": f"{WORD} keeper"}


def nested(depth: int, inner: bytes = zipped(GOOD)) -> bytes:
    for level in range(depth):
        inner = zipped({f"{level}.zip": inner})
    return inner


def fanned(depth: int, width: int = 10) -> bytes:
    """An archive of archives of archives, each of which holds ten."""
    inner = zipped({"a.txt": bytes(4 * MB)})
    for _ in range(depth):
        inner = zipped({f"{number}.zip": inner for number in range(width)})
    return inner


def overlapping(count: int = 60) -> bytes:
    """Members that quote one another's headers, so that all of them unpack to one and the same kernel (Fifield 2019)."""
    made = filled(64 * MB)
    locals_, rows, size = b"", [], 64 * MB
    body = made
    for number in reversed(range(count)):
        local, central = member(f"{number}.txt", body, size)
        header = local[: len(local) - len(body)]
        rows.append((central, len(body)))
        body = b"\0" + struct.pack("<HH", len(header), 0xFFFF ^ len(header)) + header + body
        size += len(header)
        locals_ = local
    directory, whole = b"", locals_
    for central, packed in reversed(rows):
        spelt = len(central.partition(b"%OFFSET%")[2])
        directory += central.replace(b"%OFFSET%", struct.pack("<I", len(whole) - packed - 30 - spelt))
    end = b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(whole), 0)
    return whole + directory + end


def tar(fill: Callable[[tarfile.TarFile], object], mode: str = "w", **options: object) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode, **options) as whole:  # type: ignore[call-overload]
        fill(whole)
    return made.getvalue()


def add(
    name: str,
    content: bytes = f"{WORD} keeper".encode(),
    kind: bytes = tarfile.REGTYPE,
    link: str = "",
    size: int | None = None,
):
    def put(whole: tarfile.TarFile) -> None:
        entry = tarfile.TarInfo(name)
        entry.type, entry.linkname = kind, link
        entry.size = len(content) if size is None else size
        if kind != tarfile.REGTYPE:
            entry.size = 0
        whole.addfile(entry, io.BytesIO(content) if kind == tarfile.REGTYPE else None)

    return put


def tarred(*puts: Callable[[tarfile.TarFile], object], mode: str = "w", **options: object) -> bytes:
    return tar(lambda whole: [put(whole) for put in puts], mode, **options)


def _sparse_tar() -> bytes:
    """A member that says that it is ten gigabytes of holes."""
    entry = tarfile.TarInfo("holes.txt")
    entry.pax_headers = {
        "GNU.sparse.major": "1",
        "GNU.sparse.minor": "0",
        "GNU.sparse.name": "holes.txt",
        "GNU.sparse.realsize": str(10 << 30),
    }
    content = b"1\n10737418239\n1\n".ljust(512, b"\0") + b"x"
    entry.size = len(content)
    return tar(
        lambda whole: (add("good.txt")(whole), whole.addfile(entry, io.BytesIO(content))), format=tarfile.PAX_FORMAT
    )


def _wrong_size(data: bytes) -> bytes:
    """A tar archive whose last member says that it is larger than the archive."""
    at = data.rindex(b"last.txt") + 124
    torn = data[:at] + b"77777777777\0" + data[at + 12 :]
    header = torn[at - 124 : at - 124 + 512]
    check = sum(header[:148]) + 8 * 32 + sum(header[156:])
    return torn[: at - 124 + 148] + b"%06o\0 " % check + torn[at - 124 + 156 :]


TEXT = f"{WORD} keeper".encode()
ZIPS = [
    Case("zip/flat-bomb.zip", lambda _: archive([member("a.txt", filled(1100 * MB), 1100 * MB)]), fails(TOO_LARGE)),
    Case("zip/lying-bomb.zip", lambda _: archive([member("a.txt", filled(1100 * MB), 100)]), fails(f"{TOO_LARGE}|{DAMAGED}")),
    Case("zip/fan.zip", lambda _: fanned(2), Expected(None, TOO_LARGE)),
    Case("zip/six-deep.zip", nested(6), fails("deep")),
    Case("zip/two-deep.zip", nested(1), reads(WORD)),
    Case("zip/overlapping.zip", lambda _: overlapping(), fails(f"{TOO_LARGE}|{DAMAGED}|[Oo]verlap")),
    Case("zip/one-content.zip", archive([member(f"{n}.txt", TEXT, len(TEXT), 0, zlib.crc32(TEXT)) for n in range(3)], [0, 0, 0]), Expected((), f"{DAMAGED}|[Oo]verlap")),
    Case("zip/checksum.zip", archive([member("bad.txt", TEXT, len(TEXT), 0, 1), member("good.txt", TEXT, len(TEXT), 0, zlib.crc32(TEXT))]), partly(WORD, failed=DAMAGED)),
    Case("zip/no-directory.zip", lambda _: (lambda data: data[: data.index(b"PK\1\2")])(zipped(GOOD)), fails(DAMAGED)),
    Case("zip/count.zip", archive([member("good.txt", TEXT, len(TEXT), 0, zlib.crc32(TEXT))], count=60_000), reads(WORD)),
    Case("zip/offset.zip", archive([member("good.txt", TEXT, len(TEXT), 0, zlib.crc32(TEXT))], [0x7FFFFFFF]), fails(DAMAGED)),
    Case("zip/method.zip", archive([member("a.txt", TEXT, len(TEXT), 97, zlib.crc32(TEXT)), member("good.txt", TEXT, len(TEXT), 0, zlib.crc32(TEXT))]), partly(WORD, failed="compress|method|packed|another")),
    Case("zip/locked.zip", archive([member("a.txt", TEXT, len(TEXT), 0, zlib.crc32(TEXT), flags=1)]), fails("password")),
    Case("zip/half-locked.zip", archive([member("a.txt", TEXT, len(TEXT), 0, zlib.crc32(TEXT), flags=1), member("good.txt", TEXT, len(TEXT), 0, zlib.crc32(TEXT))]), Expected((), "password")),
    Case("zip/way-out.zip", zipped({"../../tmp/owned.txt": "keeper", **GOOD}), partly(WORD, failed=OUT)),
    Case("zip/absolute.zip", zipped({"/tmp/owned.txt": "keeper", **GOOD}), partly(WORD, failed=OUT)),
    Case("zip/backslashes.zip", zipped({"..\\..\\owned.txt": "keeper", "C:\\owned.txt": "keeper", **GOOD}), partly(WORD, failed=OUT)),
    Case("zip/same-names.zip", archive([member("a.txt", t := f"{WORD} {n}".encode(), len(t), 0, zlib.crc32(t)) for n in range(2)]), partly(f"{WORD} 0", failed="same name")),
    Case("zip/strange-names.zip", zipped({"a\nb.txt": WORD, "c\x1b[31m.txt": "keeper", "\u202etxt.exe": "x"}), partly(WORD, "keeper", skipped="not supported")),
    Case("zip/long-name.zip", zipped({"x" * 5_000 + ".txt": "keeper", "/".join(["d"] * 3_000) + "/a.txt": "keeper", **GOOD}), partly(WORD, failed="name within the file")),
    Case("zip/nul-name.zip", zipped({"a.txt": WORD}).replace(b"a.txt", b"\0.txt"), Expected(None, f"name|{DAMAGED}|path")),
    Case("zip/link.zip", lambda _: _linked_zip(), Expected((WORD,), "", "link")),
    Case("zip/many.zip", lambda _: zipped({f"{n}.txt": "" for n in range(25_000)}, stored=True), Expected(None, "empty|no text|more files|more than")),
    Case("zip/folders.zip", lambda _: zipped({**{f"d{n}/": "" for n in range(25_000)}, **GOOD}, stored=True), reads(WORD)),
    Case("zip/nothing.zip", zipped({}), fails("empty|holds no|nothing")),
    Case("zip/comment.zip", zipped(GOOD)[:-2] + b"\xff\xff" + b"PK\5\6" * 16_383 + b"xxx", Expected((), DAMAGED)),
    Case("zip/before.zip", b"MZ and more" + zipped(GOOD), reads(WORD)),
    Case("zip/mixed.zip", lambda _: zipped({**GOOD, "b.docx": docx()[:300], "c.png": b"\x89PNG", "d.txt": ""}), partly(WORD, failed=f"{DAMAGED}|empty", skipped="image")),
    Case("zip/laughing.zip", zipped({"a.xml": f"<!DOCTYPE a [{LAUGHS}]><a>&l9;</a>", **GOOD}), partly(WORD, failed="entit|DTD|XML|well-formed")),
    Case("zip/zip64.zip", zipped(GOOD).replace(b"PK\5\6" + bytes(4), b"PK\6\7" + bytes(4) + b"\xff" * 8 + bytes(4) + b"PK\5\6" + bytes(4)), Expected((), DAMAGED)),
]  # fmt: skip


def _linked_zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as whole:
        entry = zipfile.ZipInfo("link.txt")
        entry.create_system, entry.external_attr = 3, 0o120777 << 16
        whole.writestr(entry, "/etc/passwd")
        whole.writestr("good.txt", f"{WORD} keeper")
    return made.getvalue()


LINK, HARD = tarfile.SYMTYPE, tarfile.LNKTYPE
TARS = [
    Case("tar/way-out.tar", tarred(add("../../tmp/owned.txt"), add("good.txt")), partly(WORD, failed=OUT)),
    Case("tar/absolute.tar", tarred(add("/tmp/owned.txt"), add("good.txt")), partly(WORD, failed=OUT)),
    Case("tar/through-a-link.tar", tarred(add("d", kind=LINK, link="/tmp"), add("d/owned.txt"), add("good.txt")), Expected((WORD,), "", "link")),
    Case("tar/links.tar", tarred(add("a.txt", kind=LINK, link="/etc/passwd"), add("b.txt", kind=HARD, link="/etc/passwd"), add("c.txt", kind=LINK, link="c.txt"), add("good.txt")), Expected((WORD,), "", "link"), never="root:x:"),
    Case("tar/devices.tar", tarred(add("a.txt", kind=tarfile.CHRTYPE), add("b.txt", kind=tarfile.BLKTYPE), add("c.txt", kind=tarfile.FIFOTYPE), add("good.txt")), Expected((WORD,), "", "regular|device|pipe")),
    Case("tar/holes.tar", _sparse_tar(), Expected((WORD,), f"{TOO_LARGE}|{DAMAGED}|sparse|binary")),
    Case("tar/size.tar", _wrong_size(tarred(add("good.txt"), add("last.txt"))), Expected((WORD,), DAMAGED)),
    Case("tar/cut.tar", tarred(add("good.txt"), add("b.txt", b"x" * 5_000))[:2_500], Expected((WORD,), DAMAGED)),
    Case("tar/head.tar", b"\xff" * 100 + tarred(add("good.txt"))[100:], fails(DAMAGED)),
    Case("tar/same-names.tar", tarred(add("a.txt", b"lighthouse one"), add("a.txt", b"lighthouse two")), partly(WORD, failed="same name")),
    Case("tar/many.tar", lambda _: tarred(*[add(f"{n}.txt", b"") for n in range(22_000)]), Expected(None, "empty|no text|more files|more than")),
    Case("tar/heads.tar", lambda _: tar(lambda whole: add("good.txt")(whole), format=tarfile.PAX_FORMAT, pax_headers={f"k{n}": "v" * 90 for n in range(20_000)}), reads(WORD)),
    Case("tar/bytes-name.tar", tarred(add("b\udcff.txt"), format=tarfile.GNU_FORMAT, errors="surrogateescape"), reads(WORD)),
    Case("tar/nothing.tar", bytes(10_240), fails("empty|holds no|nothing|damaged|binary")),
    Case("tar/cut.tgz", lambda _: (lambda data: data[: len(data) * 2 // 3])(tarred(add("good.txt"), add("b.txt", bytes(range(1, 256)) * 4_000), mode="w:gz")), partly(WORD, failed=DAMAGED)),
    Case("tar/bomb.tgz", lambda _: _tar_bomb(), fails(TOO_LARGE)),
]  # fmt: skip


def _tar_bomb() -> bytes:
    entry = tarfile.TarInfo("a.txt")
    entry.size = 1280 * MB
    return gzip.compress(entry.tobuf()) + gzip.compress(bytes(64 * MB), 6) * 20


PACKED_ALONE = [
    Case("packed/bomb.txt.gz", lambda _: gzip.compress(bytes(64 * MB), 6) * 20, fails(TOO_LARGE)),
    Case("packed/bomb.txt.xz", lambda _: lzma.compress(bytes(64 * MB), preset=0) * 20, fails(TOO_LARGE)),
    Case("packed/bomb.txt.bz2", lambda _: bz2.compress(bytes(32 * MB), 9) * 40, fails(f"{TOO_LARGE}|within")),
    Case("packed/cut.txt.gz", gzip.compress(bytes(range(256)) * 400)[:-300], fails(DAMAGED)),
    Case("packed/checksum.txt.gz", gzip.compress(TEXT)[:-8] + bytes(8), fails(DAMAGED)),
    Case("packed/after.txt.gz", gzip.compress(TEXT) + b"and more", Expected((), DAMAGED)),
    Case("packed/cut.txt.xz", lzma.compress(TEXT * 99)[:-20], partly(WORD, failed=DAMAGED)),
    Case("packed/noise.txt.bz2", b"BZh9" + bytes(range(200)), fails(DAMAGED)),
    Case("packed/ten-times.txt.gz", (lambda data: [data := gzip.compress(data) for _ in range(10)][-1])(TEXT), Expected(None, "deep|binary|again")),
    Case("packed/nothing.gz", gzip.compress(b""), fails("empty|no text")),
    Case("packed/no-suffix.gz", gzip.compress(TEXT), reads(WORD)),
    Case("packed/picture.png.gz", gzip.compress(b"\x89PNG\r\n\x1a\n"), passes_over("image")),
]  # fmt: skip

PACKED = [*ZIPS, *TARS, *PACKED_ALONE]
HUGE = [
    Case("huge/10-gb-zeros.zip", lambda _: archive([member("a.txt", filled(10 << 30), 0xFFFFFFF0)]), fails(TOO_LARGE)),
    Case(
        "huge/10-gb-lying.zip",
        lambda _: archive([member("a.txt", filled(10 << 30), 100)]),
        fails(f"{TOO_LARGE}|{DAMAGED}"),
    ),
    Case("huge/5-gb-zeros.txt.gz", lambda _: gzip.compress(bytes(64 * MB), 6) * 80, fails(TOO_LARGE)),
    Case("huge/fan-of-six.zip", lambda _: fanned(6, 6), Expected(None, f"{TOO_LARGE}|deep")),
]

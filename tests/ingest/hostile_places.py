"""Which names, places and kinds of file are hostile, whatever is in them?"""

from __future__ import annotations

import gzip
import os
import socket
from pathlib import Path

from ingest.read.registry import supported
from tests.ingest.hostile_case import Case, Expected, fails, passes_over, reads
from tests.ingest.hostile_formats import LETTER, PAGE, RICH, docx, page_objects, pdf, pptx, xlsx, zipped

WORD = "lighthouse"
EXE = b"MZ\x90\0\3\0\0\0\4\0\0\0\xff\xff\0\0" + bytes(range(256)) * 20
ELF = b"\x7fELF\2\1\1\0" + bytes(range(256)) * 20
PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)) * 9
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0" + bytes(range(256)) * 9
WRONG = "damaged|not a|binary|not supported|not XML|no header of a mail|no mailbox"
TABLE = f"<html><table><tr><td>{WORD}<td>b<tr><td>c<td>d</table></html>"


def _link(target: str):
    def make(path: Path) -> None:
        path.symlink_to(target)

    return make


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # a socket's address is short
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def _forbidden(path: Path) -> None:
    path.write_text(WORD)
    path.chmod(0)


def _bytes_name(name: bytes):
    def make(path: Path) -> None:
        (path.parent / os.fsdecode(name)).write_text(WORD)

    return make


DISGUISED = [
    Case("disguised/program.pdf", EXE, fails(WRONG)),
    Case("disguised/program.txt", ELF, fails(WRONG)),
    Case("disguised/program.docx", ELF, fails(WRONG)),
    Case("disguised/program.zip", EXE, fails(WRONG)),
    Case("disguised/program.csv", EXE, fails(WRONG)),
    Case("disguised/program.json", ELF, fails(f"{WRONG}|JSON")),
    Case("disguised/program.html", ELF, fails(WRONG)),
    Case("disguised/program.eml", EXE, fails(f"{WRONG}|no text")),
    Case("disguised/program.msg", EXE, fails(WRONG)),
    Case("disguised/program.rtf", ELF, fails(WRONG)),
    Case("disguised/program.epub", ELF, fails(WRONG)),
    Case("disguised/program.py", ELF, fails(WRONG)),
    Case("disguised/program", ELF, passes_over("suffix|text")),
    Case("disguised/text", f"{WORD} keeper\n", reads(WORD)),
    Case("disguised/pdf.txt", pdf(page_objects()), reads(WORD)),
    Case("disguised/pdf.docx", pdf(page_objects()), reads(WORD)),
    Case("disguised/pdf", pdf(page_objects()), reads(WORD)),
    Case("disguised/zip.docx", zipped({"a.txt": WORD}), Expected((WORD,))),
    Case("disguised/word.pdf", docx(), reads(WORD)),
    Case("disguised/word.xlsx", docx(), reads(WORD)),
    Case("disguised/word.zip", docx(), reads(WORD)),
    Case("disguised/word.txt", docx(), reads(WORD)),
    Case("disguised/sheet.csv", xlsx(), reads(WORD)),
    Case("disguised/sheet.xls", xlsx(), reads(WORD)),
    Case("disguised/slides.pdf", lambda _: pptx(), reads(WORD)),
    Case("disguised/page.xls", TABLE, reads(WORD)),
    Case("disguised/page.docx", PAGE, reads(WORD)),
    Case("disguised/table.xls", f"{WORD}\tb\nc\td\n", reads(WORD)),
    Case("disguised/table.xlsx", f"{WORD},b\nc,d\n", reads(WORD)),
    Case("disguised/rich.docx", RICH, reads(WORD)),
    Case("disguised/rich.txt", RICH, reads(WORD)),
    Case("disguised/rich.doc", RICH, reads(WORD)),
    Case("disguised/picture.txt", PNG, fails(WRONG)),
    Case("disguised/picture.pdf", JPEG, fails(WRONG)),
    Case("disguised/picture.html", JPEG, fails(WRONG)),
    Case("disguised/text.pdf", f"{WORD} keeper\n", fails(WRONG)),
    Case("disguised/text.zip", f"{WORD} keeper\n", fails(WRONG)),
    Case("disguised/text.xlsb", f"{WORD} keeper\n", reads(WORD)),
    Case("disguised/text.pptx", f"{WORD} keeper\n", fails(WRONG)),
    Case("disguised/text.epub", f"{WORD} keeper\n", fails(WRONG)),
    Case("disguised/text.msg", f"{WORD} keeper\n", fails(WRONG)),
    Case("disguised/text.rtf", f"{WORD} keeper\n", reads(WORD)),
    Case("disguised/text.json", f"{WORD} keeper\n", fails("JSON")),
    Case("disguised/text.xml", f"{WORD} keeper\n", fails("XML")),
    Case("disguised/text.ipynb", f"{WORD} keeper\n", fails("notebook|JSON")),
    Case("disguised/lines.json", f'{{"text": "{WORD}"}}\n{{"text": "keeper"}}\n', reads(WORD, "keeper")),
    Case("disguised/letter.txt", LETTER, reads(WORD)),
    Case("disguised/page.xml", PAGE, reads(WORD)),
    Case("disguised/packed.txt", lambda _: gzip.compress(WORD.encode()), reads(WORD)),
    Case("disguised/SHOUTED.TXT", WORD, reads(WORD)),
    Case("disguised/data.sqlite", b"SQLite format 3\0" + bytes(900), passes_over("not supported")),
    Case("disguised/tune.mp3", b"ID3" + bytes(900), passes_over("recording")),
    Case("disguised/packed.7z", b"7z\xbc\xaf\x27\x1c" + bytes(90), passes_over("archive")),
]

NAMES = [
    Case("names/new\nline.txt", WORD, reads(WORD)),
    Case("names/-rf.txt", WORD, reads(WORD)),
    Case("names/" + "x" * 251 + ".txt", WORD, reads(WORD)),
    Case("names/" + "\u20ac" * 83 + ".md", WORD, reads(WORD)),
    Case("names/\u202etxt.exe", WORD, passes_over("not supported")),
    Case("names/\u202egnp.txt", WORD, reads(WORD)),
    Case("names/\x1b[31mred\x07.txt", WORD, reads(WORD)),
    Case("names/bytes.txt", _bytes_name(b"b\xff\xfe.txt"), reads(WORD), document="names/b\\xff\\xfe.txt"),
    Case("names/cafe\u0301.txt", WORD, reads(WORD), document="names/caf\u00e9.txt"),
    Case("names/twice/e\u0301.txt", WORD, reads(WORD), document="names/twice/\u00e9.txt"),
    Case("names/twice-composed/\u00e9.txt", WORD, reads(WORD)),
    Case("names/dot.txt.", WORD, reads(WORD)),
    Case("names/space.txt ", WORD, passes_over("not supported")),
    Case("names/ .txt", WORD, reads(WORD)),
    Case("names/\U0001f6a8\u200d\U0001f525.md", WORD, reads(WORD)),
    Case("names/a#b.md", WORD, reads(WORD)),
    Case("names/back\\slash.txt", WORD, reads(WORD)),
    Case("names/%2e%2e%2fetc.txt", WORD, reads(WORD)),
    Case("names/CON.txt", WORD, reads(WORD)),
    Case("names/'; DROP TABLE failures; --.txt", WORD, reads(WORD)),
    Case("names/[ab]*?.txt", WORD, reads(WORD)),
    Case("names/" + "d/" * 100 + "deep.txt", WORD, reads(WORD)),
    # Two files that could give documents of one name: neither may silently replace the other
    Case("names/both.zip", zipped({"b.md": f"{WORD} packed"}), Expected((), "same name"), document="names/both.zip"),
    Case("names/both.zip!/b.md", f"{WORD} unpacked", Expected((), "same name")),
]  # fmt: skip

PLACES = [
    Case("places/pipe.txt", _fifo, passes_over("regular")),
    Case("places/socket.txt", _socket, passes_over("regular")),
    Case("places/zeros.txt", _link("/dev/zero"), passes_over("leads out")),
    Case("places/out.txt", _link("/etc/passwd"), passes_over("leads out"), never="root:x:"),
    Case("places/out", _link("/etc"), passes_over("leads out")),
    Case("places/self.txt", _link("self.txt"), passes_over("nowhere")),
    Case("places/ring.txt", _link("ring-2.txt"), passes_over("nowhere")),
    Case("places/ring-2.txt", _link("ring.txt"), passes_over("nowhere")),
    Case("places/dangling.txt", _link("nothing"), passes_over("nowhere")),
    Case("places/memory.txt", _link("/proc/self/mem"), passes_over("leads out")),
    *([] if os.geteuid() == 0 else [Case("places/forbidden.txt", _forbidden, fails("opened"))]),  # root may read all
    Case("places/around/x.txt", WORD, reads(WORD)),
    Case("places/around/up", _link(".."), Expected()),  # what it leads to is read where it is
    Case("places/folder.txt/inside.txt", WORD, reads(WORD)),
]

BINARY = {  # suffixes of which a file of white space is no file at all
    *(".pdf", ".docx", ".pptx", ".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".odt", ".odp", ".epub", ".msg", ".zip"),
    *(".tar", ".tgz", ".tbz2", ".txz", ".gz", ".bz2", ".xz"),
}
NOTHING = [
    *(Case(f"empty/a{suffix}", b"", fails("empty")) for suffix in supported()),
    *(
        Case(f"blank/a{suffix}", " \n\t\r\n " * 9, fails(f"no text|no cue|{WRONG}|JSON|XML|notebook"))
        for suffix in supported()
    ),
    *(Case(f"nuls/a{suffix}", bytes(3_000), fails(f"{WRONG}|no text")) for suffix in supported()),
]

ANYWHERE = [*DISGUISED, *NAMES, *PLACES, *NOTHING]

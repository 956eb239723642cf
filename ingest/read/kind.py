"""What kind of file is this really, whatever its name says?

A name is believed unless the first bytes say plainly that it lies; a file without a suffix is text or it is nothing.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD = 4096  # bytes looked at
_BLANK = b"\xef\xbb\xbf \t\r\n"
_PACKED = {b"\x1f\x8b": ".gz", b"BZh": ".bz2", b"\xfd7zXZ\x00": ".xz"}
_OPENDOCUMENT = {"text": ".odt", "presentation": ".odp", "spreadsheet": ".ods"}
_OFFICE = {"word/": ".docx", "ppt/": ".pptx", "xl/": ".xlsx"}
_OFFICE_TYPES = {b"wordprocessingml": ".docx", b"presentationml": ".pptx", b"spreadsheetml": ".xlsx"}
_TYPES = "[Content_Types].xml"
_TYPES_READ = 1 << 16  # bytes of what the package says of its parts
_WORKBOOKS = {".xlsx", ".xlsm", ".xlsb"}
_IN_ZIP = {".docx", ".pptx", ".odt", ".odp", ".ods", ".epub", ".zip"} | _WORKBOOKS
_IN_OLE = {".docx", ".pptx"} | _WORKBOOKS  # what is encrypted lies in the old container too
_OLD = {".doc", ".dot", ".ppt", ".pps"}  # many of which are something newer
_STREAMS = {"WordDocument": ".doc", "PowerPoint Document": ".ppt", "Workbook": ".xls", "Book": ".xls"}
_PLAIN_BY_NAME = {"html": ".html", "xml": ".xml", "rtf": ".rtf"}


def true_suffix(path: Path) -> str:
    """The suffix, lower case, that the file ought to have; "" for a file without one that is no text either."""
    named = path.suffix.lower()
    with path.open("rb") as file:
        head = file.read(_HEAD)
    if head.lstrip(_BLANK).startswith(b"%PDF-"):  # anywhere else it may be a text about PDFs
        return ".pdf"
    if head.startswith(b"PK\x03\x04"):
        found = _in_zip(path)
        return named if named in _WORKBOOKS and found == ".xlsx" else found
    if head.startswith(OLE):
        return _in_ole(path, named)
    for start, suffix in _PACKED.items():
        if head.startswith(start):
            return named if named in {".tgz", ".tbz2", ".txz", ".gz", ".bz2", ".xz", ".tar"} else suffix
    if head.startswith(b"{\\rtf"):
        return ".rtf"
    if named in {".xls", *_WORKBOOKS, ".docx", *_OLD} and _is_text(head):  # what web applications call so
        start = head.lstrip(_BLANK).lower()
        if start.startswith((b"<html", b"<!doctype html", b"<table", b"<meta")):
            return ".html"
        return ".txt" if named in _OLD else named
    if not named and _is_text(head):
        return ".py" if head.startswith(b"#!") and b"python" in head[:64] else ".txt"
    return named


def _in_zip(path: Path) -> str:
    """Which of the formats that are zip archives inside it is."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
            if "mimetype" in names and archive.getinfo("mimetype").file_size < 256:
                kind = archive.read("mimetype").decode("ascii", "replace").strip()
                if kind == "application/epub+zip":
                    return ".epub"
                if "opendocument" in kind:
                    return _OPENDOCUMENT.get(kind.rpartition(".")[2].removesuffix("-template"), path.suffix.lower())
            return _in_package(archive, path.suffix.lower())
    except Exception:  # noqa: BLE001 - damaged archives raise anything
        named = path.suffix.lower()  # damaged, which its reader says in its own words
        return named if named in _IN_ZIP else ".zip"


def _in_package(archive: zipfile.ZipFile, named: str) -> str:
    """Which Office format it is, if it has what only those have; one that has lost parts is no archive of XML files."""
    names = archive.namelist()
    is_office = named in {".docx", ".pptx", *_WORKBOOKS}
    found = next((suffix for start, suffix in _OFFICE.items() if any(name.startswith(start) for name in names)), "")
    if not ({_TYPES, "_rels/.rels"} & set(names) or (is_office and found)):
        return ".zip"
    if not found and _TYPES in names:
        with archive.open(_TYPES) as stream:
            types = stream.read(_TYPES_READ)
        found = next((suffix for word, suffix in _OFFICE_TYPES.items() if word in types), "")
    return found or (named if is_office else ".zip")


def _in_ole(path: Path, named: str) -> str:
    import olefile

    try:
        with olefile.OleFileIO(path) as container:
            if container.exists("__properties_version1.0"):
                return ".msg"
            if container.exists("EncryptedPackage"):
                return named if named in _IN_OLE else ".docx"  # whose reader says that it is protected
            found = next((suffix for stream, suffix in _STREAMS.items() if container.exists(stream)), named)
    except Exception:  # noqa: BLE001 - what parses damaged files raises anything
        return named
    return named if {named, found} <= _OLD else found


def is_text(path: Path) -> bool:
    """Whether a file that has no suffix begins like a text; one that cannot be opened may be."""
    try:
        with path.open("rb") as file:
            return _is_text(file.read(_HEAD) or b" ")
    except OSError:
        return True  # its reader says what is wrong


def _is_text(head: bytes) -> bool:
    """Whether these bytes begin a text: no NULs, unless a mark says that they are halves of letters."""
    return bool(head) and (head[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" not in head)

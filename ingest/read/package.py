"""What is in the container of an Office Open XML file (.docx, .pptx, .xlsx): its parts, and what it says of itself?"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from ingest.model import Skipped
from ingest.read.inside import read_inside
from ingest.read.registry import Item, supported

_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_LINKS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_NOT_TEXT = re.compile(r"/(?:media|embeddings|fonts|printerSettings|activeX)/|vbaProject|thumbnail", re.IGNORECASE)
_SAYS_NOTHING = {"powerpoint presentation", "powerpoint-präsentation", "présentation powerpoint", "word document"}
_PROPERTIES = {
    "title": "title",
    "creator": "author",
    "language": "language",
    "description": "description",
    "subject": "subject",
    "keywords": "keywords",
}


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part refers to: the kind is the last word of the relationship's type, the target a path in the archive."""

    kind: str
    target: str


def parse(data: bytes) -> etree._Element:
    """The root of an XML document, of which nothing outside is loaded."""
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))


def local(element: etree._Element) -> str:
    """The element's name without its namespace, of which there are two: the usual and the strict one."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def link(element: etree._Element, key: str = "id") -> str:
    """The id of the relationship that an element names, empty if it names none."""
    return element.get(f"{{{_LINKS}}}{key}") or element.get(f"{{{_STRICT_LINKS}}}{key}") or ""


def relations(archive: zipfile.ZipFile, part: str) -> dict[str, Relation]:
    """What `part` refers to inside of the file, by id; the archive itself is the part ""."""
    folder, base = posixpath.split(part)
    rels = posixpath.join(folder, "_rels", f"{base}.rels")
    if rels not in archive.namelist():
        return {}
    found = {}
    for element in parse(archive.read(rels)).iter("{*}Relationship"):
        target = unquote(element.get("Target", "")).replace("\\", "/")
        if element.get("TargetMode") != "External" and target:
            whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[element.get("Id", "")] = Relation(element.get("Type", "").rpartition("/")[2], whole)
    return found


def properties(archive: zipfile.ZipFile) -> dict[str, str]:
    """Title, author, language and so on, as far as the core properties hold them; `date` is that of the last change."""
    parts = [relation.target for relation in relations(archive, "").values() if relation.kind == "core-properties"]
    path = next((part for part in [*parts, "docProps/core.xml"] if part in archive.namelist()), None)
    if path is None:
        return {}
    try:
        core = parse(archive.read(path))
    except etree.XMLSyntaxError:  # the text matters more than what is said of it
        return {}
    found = {local(element): " ".join((element.text or "").split()) for element in core}
    known = {key: found[name] for name, key in _PROPERTIES.items() if found.get(name)}
    if known.get("title", "").lower() in _SAYS_NOTHING:
        del known["title"]
    changed = found.get("modified") or found.get("created") or ""
    return known | ({"date": changed[:10]} if re.match(r"\d{4}-\d\d-\d\d", changed) else {})


def without_media(archive: zipfile.ZipFile, replaced: Mapping[str, bytes] = {}) -> io.BytesIO:
    """A copy in memory whose pictures, films and embedded files are empty, and some of whose parts are `replaced`."""
    copy = io.BytesIO()
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for name in dict.fromkeys(archive.namelist()):
            if not name.endswith("/"):
                data = b"" if _NOT_TEXT.search(name) else replaced.get(name)
                out.writestr(name, archive.read(name) if data is None else data)
    copy.seek(0)
    return copy


def embedded(archive: zipfile.ZipFile, name: str) -> Iterator[Item]:
    """What the files give that are embedded in this one; the sheets behind its charts are left out."""
    charts = {
        relation.target
        for part in archive.namelist()
        if re.search(r"/(?:charts|chartEx)/[^/]+\.xml$", part)
        for relation in relations(archive, part).values()
    }
    closed = 0
    for entry in archive.infolist():
        if "/embeddings/" not in entry.filename or entry.filename in charts or entry.is_dir():
            continue
        suffix = posixpath.splitext(entry.filename)[1].lower()
        if suffix not in supported():
            closed += 1
            continue
        with archive.open(entry) as stream:
            yield from read_inside(stream, entry.filename, name, size=entry.file_size, packed=entry.compress_size)
    if closed:
        some = "1 embedded object is" if closed == 1 else f"{closed} embedded objects are"
        reason = f"{some} of a kind that is not opened: open the document and save what matters as a file of its own"
        yield Skipped(f"{name}!/embeddings", reason)

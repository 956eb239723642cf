"""What is in the container of an Office Open XML file (.docx, .pptx, .xlsx): its parts, and what it says of itself?"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import unquote

from lxml import etree

from ingest.model import Skipped
from ingest.read.damage import damage
from ingest.read.inside import read_inside
from ingest.read.registry import Item, Unreadable, supported

_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_STRICT_LINKS = "http://purl.oclc.org/ooxml/officeDocument/relationships"
_NOT_TEXT = re.compile(r"/(?:media|embeddings|fonts|printerSettings|activeX)/|vbaProject|thumbnail", re.IGNORECASE)
_SAYS_NOTHING = {"powerpoint presentation", "powerpoint-präsentation", "présentation powerpoint", "word document"}
_MAIN = {"Word document": "word/document.xml", "workbook": "xl/workbook.xml", "presentation": "ppt/presentation.xml"}
SPOILED = (zipfile.BadZipFile, zlib.error, EOFError, OSError)  # what a part raises that cannot be unpacked
_PROPERTIES = {
    "title": "title",
    "creator": "author",
    "language": "language",
    "description": "description",
    "subject": "subject",
    "keywords": "keywords",
}


_Parser = partial(etree.XMLParser, resolve_entities=False, no_network=True, huge_tree=True, remove_comments=True)


@dataclass(frozen=True, slots=True)
class Relation:
    """What a part refers to: the kind is the last word of the relationship's type, the target a path in the archive."""

    kind: str
    target: str


def parse(data: bytes) -> etree._Element:
    """The root of an XML document, of which nothing outside is loaded."""
    return etree.fromstring(data, _Parser())


def local(element: etree._Element) -> str:
    """The element's name without its namespace, of which there are two: the usual and the strict one."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def attribute(element: etree._Element | None, name: str) -> str:
    """An attribute's value in whichever namespace it stands; empty where there is none, or no element."""
    items = () if element is None else element.attrib.items()
    return next((str(value) for key, value in items if str(key).rpartition("}")[2] == name), "")


def link(element: etree._Element, key: str = "id") -> str:
    """The id of the relationship that an element names, empty if it names none."""
    return element.get(f"{{{_LINKS}}}{key}") or element.get(f"{{{_STRICT_LINKS}}}{key}") or ""


def holds(archive: zipfile.ZipFile, part: str) -> bool:
    """Whether there is such a part."""
    try:
        archive.getinfo(part)
    except KeyError:
        return False
    return True


def main_part(archive: zipfile.ZipFile, what: str) -> str:
    """The part that the others hang on, `what` being a kind of document. Raises Unreadable where there is none."""
    named = [relation.target for relation in relations(archive, "").values() if relation.kind == "officeDocument"]
    for part in named or [_MAIN[what]]:
        if holds(archive, part):
            return part
    raise Unreadable(f"it is damaged, or not a {what} at all: save it again")


def relations(archive: zipfile.ZipFile, part: str) -> dict[str, Relation]:
    """What `part` refers to inside of the file, by id, none where the list is damaged; the archive is the part ""."""
    folder = posixpath.dirname(part)
    found = {}
    root = readable(archive, relations_part(part))
    for element in () if root is None else root.iter("{*}Relationship"):
        target = unquote(element.get("Target", "")).replace("\\", "/")
        if element.get("TargetMode") != "External" and target:
            whole = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            found[element.get("Id", "")] = Relation(element.get("Type", "").rpartition("/")[2], whole)
    return found


def relations_part(part: str) -> str:
    """Where the list of what `part` refers to lies, if there is one."""
    folder, base = posixpath.split(part)
    return posixpath.join(folder, "_rels", f"{base}.rels")


def readable(archive: zipfile.ZipFile, part: str) -> etree._Element | None:
    """The root of a part; None where it is missing or damaged."""
    try:
        return parse(archive.read(part)) if holds(archive, part) else None
    except (etree.XMLSyntaxError, *SPOILED):
        return None


def properties(archive: zipfile.ZipFile) -> dict[str, str]:
    """Title, author, language and so on, as far as the core properties hold them; `date` is that of the last change."""
    parts = [relation.target for relation in relations(archive, "").values() if relation.kind == "core-properties"]
    path = next((part for part in [*parts, "docProps/core.xml"] if holds(archive, part)), "")
    core = readable(archive, path)
    if core is None:  # the text matters more than what is said of it
        return {}
    found = {local(element): " ".join((element.text or "").split()) for element in core}
    known = {key: found[name] for name, key in _PROPERTIES.items() if found.get(name)}
    if known.get("title", "").lower() in _SAYS_NOTHING:
        del known["title"]
    changed = found.get("modified") or found.get("created") or ""
    return known | ({"date": changed[:10]} if re.match(r"\d{4}-\d\d-\d\d", changed) else {})


@dataclass(frozen=True, slots=True)
class Sound:
    """What of a container a library can read, and why the other parts are left out, for which it would give all up."""

    file: io.BytesIO
    left_out: Mapping[str, str]


def sound(
    archive: zipfile.ZipFile, main: str, replaced: Mapping[str, bytes] = {}, *, is_huge_allowed: bool = True
) -> Sound:
    """A copy in memory without damaged parts, but for `main`, and with some that are `replaced`.

    Pictures, films and embedded files are empty. Most libraries parse within libxml2's limits of depth and length:
    what is larger is damaged for those unless `is_huge_allowed`.
    """
    copy = io.BytesIO()
    left_out = {}
    with zipfile.ZipFile(copy, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for name in dict.fromkeys(archive.namelist()):
            if name.endswith("/"):
                continue
            try:
                data = b"" if _NOT_TEXT.search(name) else replaced.get(name)
                if data is None:
                    data = archive.read(name)
                    if name != main and name.endswith((".xml", ".rels")):
                        etree.fromstring(data, _Parser(target=_Nothing(), huge_tree=is_huge_allowed))
            except (etree.XMLSyntaxError, *SPOILED) as error:
                if name == main:
                    raise
                left_out[name] = damage(error) or "damaged"
            else:
                out.writestr(name, data)
    copy.seek(0)
    return Sound(copy, left_out)


class _Nothing:
    """What is built where only the damage matters."""

    def close(self) -> None:
        """Called at the end of the document."""


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

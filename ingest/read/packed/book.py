"""What is in an electronic book (.epub), as Markdown?

The container is read here: the one library for it is licensed in a way that binds whoever uses it.
"""

from __future__ import annotations

import posixpath
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import etree

from ingest.model import Document, Failure
from ingest.read.decode import decode
from ingest.read.inside import checked_zip
from ingest.read.packed.book_contents import chapter_labels
from ingest.read.registry import Unreadable
from ingest.read.sandbox.late import LATE, is_late
from ingest.read.text.markdown import first_heading
from ingest.read.web.hypertext import parsed, straightened
from ingest.read.web.markup import to_markdown
from ingest.read.xml.parse import parse

_WHAT = "EPUB book"
_PAGES = {"application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document"}
_FONTS = {  # ways to obfuscate fonts, which hide no text
    "http://www.idpf.org/2008/embedding",
    "http://ns.adobe.com/pdf/enc#RC",
}
_HEADINGS = ["h1", "h2", "h3", "h4", "h5", "h6"]
_LARGEST = 64 << 20  # bytes of a chapter
_DAMAGED = f"it is damaged, or not an {_WHAT} at all: save it again"
_METADATA = {"creator": "author", "language": "language", "date": "date", "publisher": "publisher"}
_METADATA |= {"description": "description", "identifier": "identifier", "subject": "subject"}


def read_book(path: Path, name: str) -> Iterator[Document | Failure]:
    """The chapters in the order of reading as one text; a chapter that is missing or damaged is a Failure.

    The title is the book's own, else its first heading. The table of contents is left out, but for its label of a
    chapter that has no heading.
    """
    with checked_zip(path, _WHAT) as archive:
        package_path = _package(archive)
        _refuse_protected(archive)
        package = _Package(parse(_member(archive, package_path)), posixpath.dirname(package_path))
        labels = _labels(archive, package.tables())
        texts: list[str] = []
        failed: list[Failure] = []
        chapters = package.chapters()
        for before, chapter in zip([None, *chapters], chapters, strict=False):
            if any(texts) and is_late():
                failed.append(Failure(name, f"what follows its file {before} has {LATE}"))
                break
            try:
                texts.append(_chapter(_member(archive, chapter), labels.get(chapter, "")))
            except (Unreadable, zipfile.BadZipFile, OSError) as error:
                reason = (
                    str(error) if isinstance(error, Unreadable) else f"it is damaged ({error}): save the book again"
                )
                failed.append(Failure(f"{name}!/{chapter}", reason))
    text = "\n\n".join(filter(None, texts))
    if not text and failed:
        raise Unreadable(f"all of its chapters are missing or damaged; of the first, {failed[0].error}")
    metadata = package.metadata()
    title = metadata.pop("title", "") or first_heading(text) or path.stem
    yield Document(name, text, title, "markdown", metadata=metadata)
    yield from failed


def _labels(archive: zipfile.ZipFile, tables: list[str]) -> dict[str, str]:
    """What the chapters are called, by their paths; a table that cannot be read costs only its labels."""
    found: dict[str, str] = {}
    for table in tables:
        with suppress(Unreadable):
            found = chapter_labels(_member(archive, table), table) | found
    return found


def _chapter(data: bytes, label: str) -> str:
    """The chapter as Markdown under a heading: its own, or else its label."""
    soup = parsed(decode(data))
    for contents in soup.find_all("nav"):
        contents.decompose()
    text = to_markdown(straightened(soup))
    if not text or not label or soup.find(_HEADINGS) is not None:
        return text
    first, _, rest = text.partition("\n")
    return f"# {label}\n\n{rest.strip() if first.strip() == label else text}"


@dataclass(frozen=True, slots=True)
class _Package:
    """The package document: what the book says of itself, which files it has and their order."""

    root: etree._Element
    folder: str

    def chapters(self) -> list[str]:
        """The paths of the pages in the archive, each once, without the table of contents."""
        items = {item.get("id", ""): item for item in self.root.iterfind("{*}manifest/{*}item")}
        order = [reference.get("idref", "") for reference in self.root.iterfind("{*}spine/{*}itemref")]
        contents = {
            self._path(reference)
            for reference in self.root.iterfind("{*}guide/{*}reference")
            if reference.get("type") == "toc"
        }
        found = dict.fromkeys(
            self._path(item)
            for item in (items[id] for id in order if id in items)
            if item.get("media-type", "application/xhtml+xml") in _PAGES
            and "nav" not in item.get("properties", "").split()
        )
        without = [path for path in found if path not in contents]
        return without or list(found)

    def tables(self) -> list[str]:
        """The paths of the tables of contents, the newer kind first."""
        items = list(self.root.iterfind("{*}manifest/{*}item"))
        pages = [item for item in items if "nav" in item.get("properties", "").split()]
        older = [item for item in items if item.get("media-type") == "application/x-dtbncx+xml"]
        return [self._path(item) for item in (*pages, *older)]

    def metadata(self) -> dict[str, str]:
        """Title, authors and what else is known; of several values all, of several titles and dates the first."""
        found: dict[str, list[str]] = {}
        for element in self.root.iterfind("{*}metadata//{http://purl.org/dc/elements/1.1/}*"):
            key = etree.QName(element).localname
            value = " ".join("".join(map(str, element.itertext())).split())
            if value and (key == "title" or key in _METADATA):
                found.setdefault(_METADATA.get(key, key), []).append(value)
        first = {"title", "date", "language", "identifier"}
        return {key: values[0] if key in first else ", ".join(values) for key, values in found.items()}

    def _path(self, item: etree._Element) -> str:
        return posixpath.normpath(posixpath.join(self.folder, unquote(urlsplit(item.get("href", "")).path)))


def _package(archive: zipfile.ZipFile) -> str:
    """Where the package document is. A book whose container does not say has one all the same."""
    names = archive.namelist()
    if "META-INF/container.xml" in names:
        root = parse(_member(archive, "META-INF/container.xml")).find("{*}rootfiles/{*}rootfile")
        if root is not None and root.get("full-path") in names:
            return str(root.get("full-path"))
    package = next((name for name in names if name.lower().endswith(".opf")), None)
    if package is None:
        raise Unreadable(_DAMAGED)
    return package


def _refuse_protected(archive: zipfile.ZipFile) -> None:
    if "META-INF/encryption.xml" not in archive.namelist():
        return
    root = parse(_member(archive, "META-INF/encryption.xml"))
    for data in root.iterfind(".//{*}EncryptedData"):
        method = data.find("{*}EncryptionMethod")
        if method is None or method.get("Algorithm") not in _FONTS:
            raise Unreadable("it is protected by its publisher (DRM): get a copy that is not")


def _member(archive: zipfile.ZipFile, path: str) -> bytes:
    """Raises Unreadable where there is no such member."""
    try:
        if archive.getinfo(path).file_size > _LARGEST:
            raise Unreadable(f"{path} unpacks to more than {_LARGEST >> 20} MB: split the book")
        return archive.read(path)
    except KeyError:
        raise Unreadable(f"the book names {path}, which is missing: save the book again") from None
    except (zipfile.BadZipFile, zlib.error, OSError, NotImplementedError, ValueError, EOFError) as error:
        raise Unreadable(f"{path} is damaged ({error}): save the book again") from None

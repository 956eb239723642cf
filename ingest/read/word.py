"""What is in a Word document (.docx), as Markdown?

Equations are not read: mammoth knows only text.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mammoth
from bs4 import BeautifulSoup

from ingest.model import Document
from ingest.read.markdown import first_heading
from ingest.read.markup import to_markdown
from ingest.read.registry import Unreadable

_OLE = b"\xd0\xcf\x11\xe0"  # what both the old format and a file protected by a password begin with
_STYLES = "p[style-name='Title'] => h1:fresh"  # mammoth knows of headings, not of the title
_LARGEST = 1 << 30  # bytes of unpacked XML; more is a bomb, not a document


def read_word(path: Path, name: str) -> Iterator[Document]:
    """The document as Markdown, images as their description; the title is its property, else its first heading."""
    properties = _properties(path)
    with path.open("rb") as file:
        html: str = mammoth.convert_to_html(
            file, convert_image=mammoth.images.img_element(_without_source), style_map=_STYLES
        ).value
    text = to_markdown(BeautifulSoup(html, "lxml"))
    title = properties.pop("title", "") or first_heading(text) or path.stem
    yield Document(name, text, title, "markdown", metadata=properties)


def _without_source(_: Any) -> dict[str, str]:
    return {}


def _properties(path: Path) -> dict[str, str]:
    """Title, author and language, as far as the document's core properties hold them. Raises Unreadable."""
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _LARGEST:
                raise Unreadable("it unpacks to more than a gigabyte: split it, or save it as text")
            core = archive.read("docProps/core.xml") if "docProps/core.xml" in archive.namelist() else b""
    except zipfile.BadZipFile:
        with path.open("rb") as file:
            is_ole = file.read(4) == _OLE
        if is_ole:
            raise Unreadable(
                "it is protected by a password, or in Word's old format: save it as .docx without a password"
            ) from None
        raise Unreadable("it is damaged, or not a Word document at all: save it again as .docx") from None
    soup = BeautifulSoup(core, "xml")
    tags = {"title": soup.find("dc:title"), "author": soup.find("dc:creator"), "language": soup.find("dc:language")}
    words = {key: " ".join(tag.get_text().split()) for key, tag in tags.items() if tag is not None}
    return {key: value for key, value in words.items() if value}

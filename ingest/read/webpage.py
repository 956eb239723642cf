"""What is on a web page, as Markdown?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup, Tag
from bs4.dammit import EncodingDetector

from ingest.model import Document
from ingest.read.decode import decode
from ingest.read.markup import to_markdown


def read_webpage(path: Path, name: str) -> Iterator[Document]:
    """The page's visible text as Markdown, without navigation; language, description and author become metadata.

    The title is the page's own, else that of its first heading of the first level.
    """
    data = path.read_bytes()
    declared = EncodingDetector.find_declared_encoding(data, is_html=True)
    soup = BeautifulSoup(decode(data, declared), "lxml")
    title = _words(soup.title) or _words(soup.h1) or path.stem
    metadata = _metadata(soup)  # before the conversion, which takes out what is not seen
    yield Document(name, to_markdown(soup), title, "markdown", metadata=metadata)


def _words(tag: Tag | None) -> str:
    return " ".join(tag.get_text(" ").split()) if tag else ""


def _metadata(soup: BeautifulSoup) -> dict[str, str]:
    found = {"language": soup.html.get("lang") or soup.html.get("xml:lang") if soup.html else None}
    for meta in soup.find_all("meta"):
        key = str(meta.get("name") or meta.get("property") or "").lower().removeprefix("og:")
        if key in {"description", "author"} and not found.get(key):
            found[key] = meta.get("content")
    return {key: " ".join(str(value).split()) for key, value in found.items() if value and str(value).strip()}

"""What is on a web page, as Markdown?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bs4 import BeautifulSoup
from bs4.dammit import EncodingDetector

from ingest.model import Document
from ingest.read.decode import decode
from ingest.read.registry import Item
from ingest.read.web.hypertext import parsed, straightened
from ingest.read.web.main_content import keep_content
from ingest.read.web.markup import in_time

_FIELDS = {  # what the pages' makers call it, the better known first
    "description": ("description", "og:description", "dc.description", "twitter:description"),
    "author": ("author", "article:author", "dc.creator", "citation_author"),
    "date": ("article:published_time", "date", "dc.date", "dcterms.date", "datepublished", "citation_publication_date"),
}


def read_webpage(path: Path, name: str) -> Iterator[Item]:
    """The page's content as Markdown, without the site around it; language, description, author and date become
    metadata.

    The title is the page's own, else that of its first heading of the first level.
    """
    data = path.read_bytes()
    declared = EncodingDetector.find_declared_encoding(data, is_html=True)
    soup = parsed(decode(data, declared))
    del data
    title = _first_words(soup, "title") or _first_words(soup, "h1") or path.stem
    metadata = _metadata(soup)  # before the conversion, which takes out what is not seen
    keep_content(straightened(soup))
    text, missing = in_time(soup, name)
    yield Document(name, text, title, "markdown", metadata=metadata)
    yield from missing


def _first_words(soup: BeautifulSoup, name: str) -> str:
    """The words of the first element of a name; one search for all of that name is quicker than one for the first."""
    found = soup.find_all(name)
    return " ".join(found[0].get_text(" ").split()) if found else ""


def _metadata(soup: BeautifulSoup) -> dict[str, str]:
    said: dict[str, str] = {}
    for meta in soup.find_all("meta"):
        key = str(meta.get("name") or meta.get("property") or meta.get("itemprop") or "").lower()
        said.setdefault(key, " ".join(str(meta.get("content") or "").split()))
    found = {key: next((said[name] for name in names if said.get(name)), "") for key, names in _FIELDS.items()}
    found["language"] = str(soup.html.get("lang") or soup.html.get("xml:lang") or "").strip() if soup.html else ""
    if found["author"].startswith(("http://", "https://")):
        del found["author"]  # an address names nobody
    return {key: value for key, value in found.items() if value}

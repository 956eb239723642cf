"""What does an electronic book's table of contents call its chapters?"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from ingest.read.decode import decode
from ingest.read.web.hypertext import parsed
from ingest.read.xml.parse import parse_leniently


def chapter_labels(contents: bytes, path: str) -> dict[str, str]:
    """By the path of a chapter in the archive, what the table (nav.xhtml or toc.ncx, which lies at `path`) calls it.

    A chapter of which the table only names several parts has no label. Raises Unreadable.
    """
    entries = _of_ncx(contents) if b"<navMap" in contents or b":navMap" in contents else _of_page(contents)
    whole: dict[str, str] = {}
    parts: dict[str, list[str]] = defaultdict(list)
    for address, words in entries:
        to = urlsplit(address)
        chapter = posixpath.normpath(posixpath.join(posixpath.dirname(path), unquote(to.path)))
        label = " ".join(words.split())
        if label and to.fragment:
            parts[chapter].append(label)
        elif label:
            whole.setdefault(chapter, label)
    return {chapter: labels[0] for chapter, labels in parts.items() if len(labels) == 1} | whole


def _of_ncx(contents: bytes) -> Iterator[tuple[str, str]]:
    root, _ = parse_leniently(contents)
    for point in root.iter("{*}navPoint"):
        target = point.find("{*}content")
        words = point.findtext("{*}navLabel/{*}text")
        if target is not None and words:
            yield target.get("src", ""), words


def _of_page(contents: bytes) -> Iterator[tuple[str, str]]:
    """The links of the table itself, or of all lists on the page where none is marked as it."""
    found = parsed(decode(contents)).find_all("nav")
    marked = [nav for nav in found if "toc" in str(nav.get("epub:type", "")).split()]
    for nav in marked or found:
        for link in nav.find_all("a", href=True):
            yield str(link["href"]), link.get_text(" ")

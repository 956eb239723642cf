"""What is in a feed (RSS, Atom), entry by entry?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

from lxml import etree

from ingest.read.sandbox.late import is_late
from ingest.read.web.hypertext import parsed, straightened
from ingest.read.web.markup import to_markdown

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_CONTENT = ("encoded", "content", "description", "summary", "subtitle")  # the fuller ones first
_DATES = ("pubDate", "published", "date", "issued", "updated", "modified", "lastBuildDate")
_PEOPLE = {"author", "creator", "contributor", "managingEditor"}
_IS_HTML = re.compile(r"</?[a-zA-Z][^<]*>|&(?:#\d+|\w+);")
_WORD = re.compile(r"\w+")
_SAID_ALREADY = 0.8  # of the words of a summary stand in the text as well: then it is its beginning


def is_feed(root: etree._Element) -> bool:
    """Whether an XML document is one."""
    return local(root) in {"rss", "feed"} or (local(root) == "RDF" and any(local(child) == "channel" for child in root))


def feed(root: etree._Element) -> tuple[str, str, Mapping[str, str], float]:
    """The feed's title, its text as Markdown, what else is known of it, and what share was not read in time.

    Every entry has a heading, its date, authors and categories, and its fullest text; a summary stands before it where
    it says something else.
    """
    channel = next((child for child in root if local(child) == "channel"), root)
    title = _plain(channel, ("title",))
    blocks = [f"# {title}" if title else "", *_texts(channel)]
    entries = list(root.iter("{*}item", "{*}entry"))
    rest = 0.0
    for number, element in enumerate(entries):
        if number and is_late():
            rest = 1 - number / len(entries)
            break
        heading = _plain(element, ("title",)) or _plain(element, _DATES)
        blocks += [f"## {heading}" if heading else "", "\n".join(_lines(element)), *_texts(element)]
    metadata = {
        "language": _plain(channel, ("language",)) or channel.get(_LANGUAGE, ""),
        "date": _iso(_plain(channel, ("lastBuildDate", "pubDate", "updated", "date"))),
        "author": ", ".join(_people(channel)),
    }
    known = {key: value for key, value in metadata.items() if value}
    return title, "\n\n".join(filter(None, blocks)), known, rest


def local(element: etree._Element) -> str:
    """An element's name without its namespace; empty for what is no element."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _lines(entry: etree._Element) -> Iterator[str]:
    categories = [
        text
        for child in entry
        if local(child) == "category"
        and (text := " ".join((child.get("label") or child.get("term") or child.text or "").split()))
    ]
    said = (
        ("Date", [date] if (date := _plain(entry, _DATES)) else []),
        ("Author", _people(entry)),
        ("Categories", list(dict.fromkeys(categories))),
    )
    for key, values in said:
        if values:
            yield f"{key}: {', '.join(values)}"


def _texts(element: etree._Element) -> list[str]:
    """What an entry says: its fullest text, after a summary that is no part of it."""
    inside = [child for child in element if local(child) in _CONTENT]
    inside += [child for group in element if local(group) == "group" for child in group if local(child) in _CONTENT]
    inside.sort(key=lambda child: _CONTENT.index(local(child)))
    kept: list[str] = []
    words: set[str] = set()
    for text in filter(None, map(_markdown, inside)):
        found = _WORD.findall(text.lower())
        if sum(word in words for word in found) < _SAID_ALREADY * len(found) or not kept:
            kept.insert(0, text)
        words.update(found)
    return kept


def _markdown(element: etree._Element) -> str:
    if len(element):  # XHTML as it is
        text = "".join(str(etree.tostring(child, encoding="unicode", method="html")) for child in element)
    else:
        text = element.text or ""
    if not _IS_HTML.search(text):
        return "\n".join(" ".join(line.split()) for line in text.strip().splitlines())
    soup = straightened(parsed(text))
    for heading in soup.find_all(["h1", "h2", "h3", "h4"]):  # below the entry's own
        heading.name = f"h{int(heading.name[1]) + 2}"
    return to_markdown(soup)


def _people(element: etree._Element) -> list[str]:
    names = [
        " ".join((child.findtext("{*}name") or "".join(map(str, child.itertext()))).split())
        for child in element
        if local(child) in _PEOPLE
    ]
    return [name for name in dict.fromkeys(names) if name]


def _plain(element: etree._Element, names: tuple[str, ...]) -> str:
    """The text of the first child of one of these names, without the marks that some hide in it."""
    for name in names:
        for child in element:
            if local(child) == name and (text := "".join(map(str, child.itertext()))).strip():
                return " ".join((parsed(text).get_text() if _IS_HTML.search(text) else text).split())
    return ""


def _iso(date: str) -> str:
    try:
        return parsedate_to_datetime(date).isoformat()
    except (ValueError, TypeError, IndexError):
        return date

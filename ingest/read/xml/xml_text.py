"""What is in an XML file, as Markdown? Feeds (RSS, Atom) entry by entry, anything else by how it is built."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ingest.model import Document, Failure
from ingest.read.registry import Item, Unreadable
from ingest.read.sandbox.late import unread
from ingest.read.web.webpage import read_webpage
from ingest.read.xml.feed import feed, is_feed, local
from ingest.read.xml.outline import outline
from ingest.read.xml.parse import LARGEST, parse_leniently

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def read_xml(path: Path, name: str) -> Iterator[Item]:
    """The text in the order of the file: titles are headings, records of simple fields are lines `field: value`.

    What is not well-formed is read as far as it can be understood, and is a Failure besides.
    """
    if path.stat().st_size > LARGEST:
        raise Unreadable(f"it is larger than {LARGEST >> 20} MB: split it")
    root, error = parse_leniently(path.read_bytes())
    if local(root) == "html":
        yield from read_webpage(path, name)
        return
    if is_feed(root):
        title, text, metadata, rest = feed(root)
    else:
        (title, text, rest), metadata = outline(root), {"language": root.get(_LANGUAGE) or root.get("lang") or ""}
    metadata = {key: value for key, value in metadata.items() if value}
    yield Document(name, text, title or path.stem, "markdown", metadata=metadata)
    if rest:
        yield unread(name, rest)
    if error:
        yield Failure(name, f"it is not well-formed XML ({error}), and was read as far as it goes: repair it")

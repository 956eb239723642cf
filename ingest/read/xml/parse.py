"""How is XML parsed so that it can neither grow nor reach for other files?

The parser expands no entity. Those that the file itself declares as text are put in here, within bounds, since a name
or a version is often written so; what lies in other files is left out, and said to be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from html import unescape
from html.entities import html5

from lxml import etree

from ingest.read.registry import Unreadable

LARGEST = 64 << 20  # bytes
_GROWTH = 1 << 20  # letters that all entities together may add, or twice the file's own length
_DEEPEST = 20  # entities in one another
_REFERENCE = re.compile(r"&(#?[\w.:-]+);")
_NAMED = re.compile(rb"&(\w+);")
_OWN = {b"amp", b"lt", b"gt", b"quot", b"apos"}
_DECLARED = re.compile(rb"<!ENTITY\s+(?:%\s+)?([\w.:-]+)")
_ENCODED = re.compile(
    rb"""^(?:\xef\xbb\xbf)?<\?xml[^>]*encoding\s*=\s*["'](?!utf-?8|us-ascii|ascii|iso-8859|windows|cp)""", re.IGNORECASE
)


def parse(data: bytes) -> etree._Element:
    """The root of the document. Raises Unreadable: it is not well-formed, too large, or grows."""
    root, error = parse_leniently(data)
    if error:
        raise Unreadable(f"it is damaged, not well-formed XML ({error}): repair it, or save it again")
    return root


def parse_leniently(data: bytes) -> tuple[etree._Element, str]:
    """The root of what can be understood, and what is wrong with the rest, empty if all is well. Raises Unreadable."""
    if len(data) > LARGEST:
        raise Unreadable(f"it is larger than {LARGEST >> 20} MB: split it")
    data = _with_letters(data.lstrip(b" \t\r\n"))
    root, error = None, ""
    try:
        root = etree.fromstring(data, _parser(recover=False))
    except etree.XMLSyntaxError as wrong:
        error = " ".join(str(wrong.msg or "").split())
        if "entity" in error.lower() and ("amplification" in error or "loop" in error):
            raise Unreadable("its entities grow without end: remove its DTD, or save it as text") from None
        with suppress(etree.XMLSyntaxError):
            root = etree.fromstring(data, _parser(recover=True))
    if root is None:
        raise Unreadable(f"it is damaged, or not XML at all ({error}): repair it, or save it as text")
    left_out = _put_in(root, _Room(max(_GROWTH, 2 * len(data))))
    if left_out and not error:
        error = f"what stands for &{left_out}; lies in another file or is more than text"
    return root, error


def _parser(*, recover: bool) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        dtd_validation=False,
        huge_tree=False,
        recover=recover,
        remove_pis=True,
        remove_comments=True,
    )


def _with_letters(data: bytes) -> bytes:
    """HTML's names of letters as numbers: feeds are full of them, and XML knows none but five."""
    if b"&" not in data or _ENCODED.match(data) or data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return data
    known = set(_DECLARED.findall(data)) | _OWN

    def number(found: re.Match[bytes]) -> bytes:
        letters = None if found[1] in known else html5.get(f"{found[1].decode('ascii', 'replace')};")
        return found[0] if letters is None else b"".join(b"&#%d;" % ord(letter) for letter in letters)

    return _NAMED.sub(number, data)


def _put_in(root: etree._Element, room: _Room) -> str:
    """Replaces references to entities by their text; gives the name of one that has none, if there is such a one."""
    declared = root.getroottree().docinfo.internalDTD
    contents = {
        str(entity.name): str(entity.content or "")
        for entity in (declared.iterentities() if declared is not None else ())
        if not entity.system_url and "<" not in str(entity.content or "")
    }
    left_out = ""
    for reference in list(root.iter(etree.Entity)):
        name = str(reference.name)
        if name not in contents:
            left_out = name
        text = _spelled(name, contents, room) + (reference.tail or "")
        parent, before = reference.getparent(), reference.getprevious()
        if parent is None:
            continue
        if before is None:
            parent.text = (parent.text or "") + text
        else:
            before.tail = (before.tail or "") + text
        reference.tail = None
        parent.remove(reference)
    return left_out


@dataclass(slots=True)
class _Room:
    """How many letters and steps the entities of a file may still take."""

    left: int

    def take(self, letters: int) -> None:
        self.left -= letters
        if self.left < 0:
            raise Unreadable("its entities grow without end: remove its DTD, or save it as text")


def _spelled(name: str, contents: Mapping[str, str], room: _Room, depth: int = 0) -> str:
    """An entity's text, in which others may stand."""
    content = contents.get(name, "")
    room.take(len(content) + 1 if depth < _DEEPEST else room.left + 1)
    return _REFERENCE.sub(
        lambda found: unescape(found[0]) if found[1][0] == "#" else _spelled(found[1], contents, room, depth + 1),
        content,
    )

"""What is in an AsciiDoc file, as Markdown?

The reference implementation is written in Ruby; what is read here is what documents of text use of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.model import Document
from ingest.read.asciidoc.blocks import Blocks
from ingest.read.asciidoc.conditions import taken
from ingest.read.asciidoc.inline import Inline
from ingest.read.decode import text_of
from ingest.read.text.markdown import first_heading

_TITLE = re.compile(r"[=#][ \t]+(\S.*)")
_AUTHOR = re.compile(r"(?:[^\W\d_][\w.'’-]*(?: [\w.'’-]+){0,3}(?<!\.)(?: *<([^<>\s]*)>)?(?: *; *|$))+")
_REVISION = re.compile(r"(?:v?([\d.]+\w*)[,:]?)?[ \t]*((?:\w+[ \t])?[\w./ -]*\d{2}[\w./-]*)?(?:[:,][ \t]*.*)?")
_LONGEST = 200  # letters of a line with authors or a revision
_KEPT = {"author", "description", "date", "revdate", "version", "revnumber", "keywords", "lang", "email"}
_NAMES = {"revdate": "date", "revnumber": "version", "lang": "language"}


def read_asciidoc(path: Path, name: str) -> Iterator[Document]:
    """The document's text with its sections, lists, tables and code; comments are left out.

    Attributes are resolved from the file itself. Files that it includes are not read, but named where they stand; of
    conditions the side that holds is read. The title is the document's own, else that of its first section.
    """
    lines = list(taken(line.rstrip() for line in text_of(path).split("\n")))
    inline = Inline()
    title, start = _header(lines, inline)
    blocks = Blocks(inline).of(lines[start:])
    text = "\n\n".join([*([f"# {title}"] if title else []), *blocks])
    found = {key: value for key, value in inline.attributes.items() if key in _KEPT and value}
    metadata = {_NAMES.get(key, key): value for key, value in found.items()}
    yield Document(name, text, title or first_heading(text) or path.stem, "markdown", metadata=metadata)


def _header(lines: list[str], inline: Inline) -> tuple[str, int]:
    """The document's title and the line after its header, whose attributes are kept in `inline`."""
    at = _skipped(lines, 0, inline)
    title = ""
    if at < len(lines) and (found := _TITLE.fullmatch(lines[at])):
        title, at = found[1], at + 1
    elif at + 1 < len(lines) and re.fullmatch("={4,}", lines[at + 1]) and abs(len(lines[at]) - len(lines[at + 1])) < 3:
        title, at = lines[at], at + 2
    if not title:
        return "", at
    at = _skipped(lines, at, inline, blank=False)
    if at < len(lines) and len(lines[at]) < _LONGEST and (author := _AUTHOR.fullmatch(lines[at])):
        authors = [re.sub(r"(?<!\s)\s*<[^<>]*>", "", part).strip().replace("_", " ") for part in lines[at].split(";")]
        inline.attributes.setdefault("author", ", ".join(filter(None, authors)))
        inline.attributes.setdefault("email", author[1] or "")
        at = _revision(lines, at + 1, inline)
    at = _skipped(lines, at, inline, blank=False)
    return inline.words(title), at


def _revision(lines: list[str], at: int, inline: Inline) -> int:
    """Past a line with a version, a date, or both, which may stand below the authors."""
    if at >= len(lines) or not lines[at] or lines[at].startswith(":") or len(lines[at]) > _LONGEST:
        return at
    found = _REVISION.fullmatch(lines[at])
    if found is None:
        return at
    for key, value in zip(("revnumber", "revdate"), found.groups(), strict=True):
        if value:
            inline.attributes.setdefault(key, value.strip())
    return at + 1


def _skipped(lines: list[str], at: int, inline: Inline, *, blank: bool = True) -> int:
    """The first line that is neither comment nor attribute (nor blank)."""
    while at < len(lines):
        line = lines[at]
        if re.fullmatch("/{4,}", line):
            at += 1
            while at < len(lines) and lines[at] != line:
                at += 1
            at += 1
        elif (following := inline.attribute(lines, at)) > at:
            at = following
        elif (line.startswith("//") and not line.startswith("///")) or (blank and not line):
            at += 1
        else:
            break
    return at

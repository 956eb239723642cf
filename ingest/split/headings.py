"""Under which headings does a place of a document stand?

Found by their marks alone, without a parser, so that whoever answers need not read a long document whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from ingest.model import Document
from ingest.split.sentences import Span

_HASHES: Final = re.compile(r"^(#{1,6})[ \t]+(\S[^\n]*?)[ \t#]*$|^([^\s|#>-][^\n]*)\n(=|-)\4{2,}[ \t]*$", re.MULTILINE)
_UNDERLINED: Final = re.compile(
    r"^(?:([^\w\s])\1{2,}[ \t]*\n[ \t]*)?(\S[^\n]*)\n([=\-~^\"'#*+`:.])\3{2,}[ \t]*$", re.MULTILINE
)


def headings_over(document: Document, place: int, code: Sequence[Span] = ()) -> tuple[str, ...]:
    """The titles from the outermost to the nearest; what stands in `code` is none, and plain text has none."""
    path: list[tuple[int, str]] = []
    for start, level, title in _headings(document, place):
        if not any(begin <= start < end for begin, end in code):
            path = [*(each for each in path if each[0] < level), (level, title)]
    return tuple(title for _, title in path)


def _headings(document: Document, end: int) -> Iterator[tuple[int, int, str]]:
    text = document.text
    match document.markup:
        case "markdown":
            for found in _HASHES.finditer(text, 0, end):
                yield found.start(), len(found[1]) if found[1] else 1 + (found[4] == "-"), found[2] or found[3].strip()
        case "rst":
            styles: list[tuple[bool, str]] = []  # the first one that is used is the outermost
            for found in _UNDERLINED.finditer(text, 0, end):
                style = bool(found[1]), found[3]
                if style not in styles:
                    styles.append(style)
                yield found.start(), styles.index(style), found[2].strip()
        case _:
            return

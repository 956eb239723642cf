"""Where does it stand what a table's rows mean? In the header above them, and in the caption around the table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from ingest.split.block import Block
from ingest.split.ruler import Offsets
from ingest.split.sentences import Span, sentences, trimmed

_LONGEST = 240  # letters of a paragraph that may be a caption
_CAPTION_BELOW = re.compile(
    r"(?:[ \t]*\n){1,2}[ \t]*("
    r"(?:[*_]{1,2})?(?:Table|Tab\.|Exhibit|Tabelle|Tableau|Tabla|表)[^\n]*|\*\*[^*\n]+\*\*|__[^_\n]+__|: \S[^\n]*)"
    r"[ \t]*(?=\n[ \t]*(?:\n|\Z)|\Z)"
)
_NO_CAPTION = re.compile(r"[#|>`~+=]|[-*+•] |\d{1,3}[.)] |\.\. |<")
_TAGS = re.compile(r"<[^>]{0,1000}>")
_CELL_WORDS = (8, 5, 3, 2, 1)


def caption(text: str, start: int, end: int) -> Span | None:
    """The short paragraph right above a table, or the line right below that names it; None where there is neither."""
    below = _CAPTION_BELOW.match(text, end) or _CAPTION_BELOW.match(text, end - 1)
    above = _paragraph_above(text, start)
    if below and not (above and text[above[1] - 1] == ":"):
        return trimmed(text, *below.span(1))
    return above


def _paragraph_above(text: str, start: int) -> Span | None:
    limit = max(0, start - 4 * _LONGEST)
    _, end = trimmed(text, limit, start)
    if end <= limit or text.count("\n", end, start) > 2:
        return None
    begin = text.rfind("\n\n", limit, end) + 2
    if begin == 1:
        if limit:
            return None
        begin = 0
    begin, end = trimmed(text, begin, end)
    if _NO_CAPTION.match(text, begin, end) or any(mark in text[begin:end] for mark in ("|", "\t", "```", "~~~")):
        return None
    if end - begin <= _LONGEST:
        return begin, end
    last = sentences(text, begin, end)[-1]
    return last if text[end - 1] == ":" and last[1] - last[0] <= _LONGEST else None


def in_one_line(text: str, span: Span) -> str:
    """A caption or a header without line breaks and without a markup language's tags; empty if its cells are."""
    words = " ".join(_TAGS.sub(" ", text[slice(*span)]).split())
    return words if words.strip("|-:+= ") else ""


def narrowed(header: str, offsets: Offsets, limit: int) -> str | None:
    """The header with every cell cut to its first words, so that each column keeps a name.

    None where even that is more than `limit` tokens.
    """
    if len(offsets(header)) <= limit:
        return header
    for words in _CELL_WORDS:
        cells = (" ".join(cell.split()[:words]) for cell in header.split("|"))
        short = " | ".join(cells).strip()
        if len(offsets(short)) <= limit:
            return short
    return None


_HTML_ROW = re.compile(r"<tr\b", re.IGNORECASE)
_HTML_HEAD = re.compile(r"<th\b", re.IGNORECASE)


def html_rows(text: str, start: int, end: int) -> list[Block]:
    """The rows of a table that is written as HTML; none where there is no table, or one row alone."""
    begins = [row.start() for row in _HTML_ROW.finditer(text, start, end)]
    if len(begins) < 2:
        return []
    has_header = _HTML_HEAD.search(text, start, begins[1]) is not None
    return rows(text, [start, *begins[1:], end], has_header=has_header)


def rows(text: str, bounds: Sequence[int], *, has_header: bool = True) -> list[Block]:
    """The rows between some offsets, the first of which is the header."""
    spans = [span for pair in pairwise(bounds) if (span := trimmed(text, *pair)) and span[0] < span[1]]
    header = spans[0] if has_header else None
    title = caption(text, bounds[0], bounds[-1])
    return [Block(*spans[0], "row"), *(Block(*span, "row", header=header, caption=title) for span in spans[1:])]

"""What stands around a quote, so that it is not read alone?"""

from __future__ import annotations

import re
from typing import Final

from agent.evidence.passages import RULE, blocks
from agent.state import Citation, Context
from ingest.model import Document
from ingest.split.code_within import code_within
from ingest.split.headings import headings_over

_WINDOW: Final = 1500  # letters on either side that are read for the sentence beside the quote
_MOST: Final = 300  # letters of it that are given
_SAYS_NOTHING: Final = re.compile(r"#{1,6} [^\n]*|[^\n]+\n([=\-~^\"'#*+`:.])\1{2,}|(?:```|~~~)[^\n]*|[|\s:=+-]*")


def context_of(citation: Citation, document: Document | None) -> Context:
    """The sentence or row before a quote and the one after it, and what stands above; of a tool the quote alone."""
    quote = citation.quote
    if document is None or document.text[citation.start : citation.end] != quote:
        return Context(quote, 0, len(quote))
    text, start, end = document.text, citation.start, citation.end
    above, below = text[max(0, start - _WINDOW) : start], text[end : end + _WINDOW]
    first, last = blocks(above)[-1:], blocks(below)[:1]
    before, after = above[first[0][0] :] if first else "", below[: last[0][1]] if last else ""
    before, after = ("" if _SAYS_NOTHING.fullmatch(each.strip()) else each for each in (before, after))
    if len(before) > _MOST:
        before = re.sub(r"^\S*\s+", "", before[-_MOST:], count=1)
    if len(after) > _MOST:
        after = re.sub(r"\s+\S*$", "", after[:_MOST], count=1)
    code = [] if document.markup in {"code", "rst"} else code_within(document)  # of rst it takes long, and no fence
    return Context(
        text=f"{before}{quote}{after}",
        start=len(before),
        end=len(before) + len(quote),
        before=before,
        after=after,
        headings=headings_over(document, start, code),
        head=_head(text, start) if quote.startswith("|") else "",
    )


def _head(text: str, start: int) -> str:
    """The line above the rule of the table in which a row stands; empty where it has none, or is the head itself."""
    lines: list[str] = []
    end = start
    while end > 0 and text[end - 1] == "\n":
        begin = text.rfind("\n", 0, end - 1) + 1
        line = text[begin : end - 1]
        if not line.lstrip().startswith("|"):
            break
        lines.append(line.strip())
        if len(lines) > 1 and RULE.match(lines[-2]) and not RULE.match(line):
            return line.strip()
        end = begin
    return ""

"""Which stretches of a document are code, and no prose?"""

from __future__ import annotations

import re

from ingest.model import Document
from ingest.split.blocks import blocks
from ingest.split.sentences import Span

# Behind what may stand before a fence: quotation marks, the mark of a list item
_FENCE = re.compile(r"^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*+(?:(`{3,})[^`\n]*|(~{3,})[^\n]*)$", re.MULTILINE)


def code_within(document: Document) -> list[Span]:
    """Their spans, in order; all of a document that is code."""
    match document.markup:
        case "code":
            return [(0, len(document.text))]
        case "rst":
            return [(block.start, block.end) for block in blocks(document) if block.kind == "code"]
        case "markdown":
            return fences(document.text)
        case "plain":
            return []


def fences(text: str) -> list[Span]:
    """From each opening fence to the end of the one that closes it, or of the text. Takes no parser, so it is quick."""
    found: list[Span] = []
    end = 0
    while opening := _FENCE.search(text, end):
        mark = opening[1] or opening[2]
        closing = re.compile(rf"^[ \t>]*{mark}{mark[0]}*[ \t]*$", re.MULTILINE).search(text, opening.end())
        end = closing.end() if closing else len(text)
        found.append((opening.start(), end))
    return found

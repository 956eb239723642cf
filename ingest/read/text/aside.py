"""Which words of a text with marks (Markdown, reStructuredText) does nobody see where it is shown?

Its comments, and what its HTML hides.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate
from typing import Final

from ingest.model import Unseen
from ingest.read.unseen import How
from ingest.split.markdown import markdown_blocks

_ANY: Final = re.compile(r"<!--|^ {0,3}\[[^\]\n]+\]:|<[a-zA-Z][^<>]*(?:style\s*=|\bhidden\b|<template)", re.MULTILINE)
_COMMENT: Final = re.compile(r"<!--(.*?)(?:-->|\Z)", re.DOTALL)
# A definition of a link to nowhere, with words where a link has a title: nothing of it is shown
_DEFINED: Final = re.compile(
    r"^ {0,3}\[[^\]\n]+\]:[ \t]*(?:<>|#|\S+)[ \t]*\n?[ \t]*"
    r"(\"[^\"]{0,4000}\"|'[^']{0,4000}'|\([^)]{0,4000}\))[ \t]*$",
    re.MULTILINE,
)
_TAG: Final = re.compile(r"<([a-zA-Z][\w-]*)((?:\s[^<>]*)?)>")
_STYLE: Final = re.compile(r"style\s*=\s*(\"[^\"]*\"|'[^']*')", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"\shidden(?:\s|=|/|$)", re.IGNORECASE)
_CODE: Final = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.DOTALL)
_DOTS: Final = re.compile(r"\.\.(?=\s)")
# Two dots before what is no directive, target, note or substitution; and what goes on below
_REMARK: Final = re.compile(
    r"(?P<deep>[ \t]*)\.\.(?:[ \t]+(?![\w:.+-]+ ?::|_|\[[^\]\n]+\]|\|)\S[^\n]*|[ \t]*(?=\n(?P=deep)[ \t]+\S))"
    r"(?:\n(?:[ \t]*\n)*(?P=deep)[ \t]+\S[^\n]*)*",
    re.MULTILINE,
)
_FEW: Final = 3  # words of a comment: a switch for a program, or the mark of a place; fewer tell nobody what to do
_LONGEST: Final = 100_000  # letters that an element is looked through for its end


def in_markdown(text: str) -> Iterator[Unseen]:
    """The stretches that are not seen, in no order."""
    if _ANY.search(text) is None:
        return
    code = [(block.start, block.end) for block in markdown_blocks(text) if block.kind == "code"]
    code = sorted(code + [found.span() for found in _CODE.finditer(text) if "\n\n" not in found[0]])
    ends = list(accumulate((end for _, end in code), max))

    def is_code(at: int) -> bool:
        before = bisect_right(code, (at, len(text)))
        return before > 0 and at < ends[before - 1]

    for found in _COMMENT.finditer(text):
        if not is_code(found.start()) and _tells(found[1]):
            yield Unseen(*found.span(), "comment")
    for found in _DEFINED.finditer(text):
        if not is_code(found.start()) and _tells(found[1]):
            yield Unseen(*found.span(), "comment")
    reached = 0
    for found in _TAG.finditer(text):
        if found.start() >= reached and (how := _how(found)) and not is_code(found.start()):
            end = reached = _end(text, found[1], found.end())
            if any(map(str.isalnum, text[found.end() : end])):
                yield Unseen(found.end(), end, how)


def in_restructured(text: str) -> Iterator[Unseen]:
    """The comments, each with all that is indented below it."""
    reached = 0
    for dots in _DOTS.finditer(text):  # which most lines do not have
        start = text.rfind("\n", 0, dots.start()) + 1
        found = _REMARK.match(text, start) if start >= reached and not text[start : dots.start()].strip() else None
        if found and _tells(found[0]):
            reached = found.end()
            yield Unseen(*found.span(), "comment")


def _tells(words: str) -> bool:
    return len(re.findall(r"[^\W\d_]{2,}", words)) > _FEW


def _how(tag: re.Match[str]) -> How | None:
    if tag[1].lower() == "template" or _HIDDEN.search(tag[2]):
        return "not shown"
    style = _STYLE.search(tag[2])
    if style is None:
        return None
    from ingest.read.web.looks import why_unseen

    return why_unseen(style[1][1:-1])


def _end(text: str, name: str, start: int) -> int:
    """Where an element ends that begins there."""
    depth = 1
    for found in re.compile(rf"<(/?){re.escape(name)}\b[^>]*>", re.IGNORECASE).finditer(text, start, start + _LONGEST):
        depth += -1 if found[1] else 1
        if not depth:
            return found.start()
    return min(len(text), start + _LONGEST)

"""Where may a block be cut, and how much is lost by a break there?

The costs are in units of the packing's own: a chunk that is half empty costs a quarter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.split.block import Block
from ingest.split.ruler import Ruler
from ingest.split.sentences import Span, sentences, trimmed

STRANDED = 3.0  # a heading or a header, and what it stands above, apart
LEAD_IN = 1.0  # "as follows:", and what follows, apart
TITLE = 0.5  # a line that reads like a title without being marked as one, and what follows, apart
SECTION = -0.4  # before a heading a break is wanted
WITHIN_LIST = 0.1  # between items, rows, statements
SENTENCE = 0.25
WORD = 1.0
INSIDE = 2.0  # a word, an address, a number
_SMALL = 4  # a block of less than a quarter of the room is not cut
_LARGE = 2  # a sentence or row of more than half of the room can be cut, lest a heading find no place beside it
_GRAIN = 8  # what has no sentences is cut in pieces of an eighth of the room
_CODE_GRAIN = 8  # tokens: shorter lines of code are taken together
_MARKS = ("\n", "\\n", "</td>", " | ", "; ", ", ", "；", "，", "、", " ")
_LEADS_IN = re.compile(r":[*_.]{0,2}$")
_SENTENCE_END = re.compile(r"[.!?…:;,。！？][)\]\"'”’*_]*$")


def between(text: str, before: Block | None, block: Block) -> float:
    """What a break between two blocks costs."""
    if before is None:
        return 0.0
    if before.kind == "heading" or (before.kind == "row" and before.header is None and block.header is not None):
        return STRANDED
    if block.kind == "heading":
        return SECTION
    if before.kind in {"text", "item"} and _LEADS_IN.search(text[before.end - 3 : before.end]):
        return LEAD_IN
    if before.kind == block.kind and block.kind in {"item", "row", "code"}:
        return WITHIN_LIST
    if block.kind == "row" and block.header is None and before.kind == "text" and before.end - before.start < 240:
        return TITLE
    if _is_title(text, before, block):
        return TITLE
    return 0.0


def _is_title(text: str, before: Block, block: Block) -> bool:
    """Whether a paragraph is one short line that is no sentence, with a longer one below."""
    length = before.end - before.start
    return (
        before.kind == block.kind == "text"
        and length <= 80
        and block.end - block.start > 2 * length
        and "\n" not in text[before.start : before.end]
        and _SENTENCE_END.search(text[max(before.start, before.end - 6) : before.end]) is None
    )


def cut(text: str, block: Block, ruler: Ruler, room: int) -> Iterator[tuple[Span, float]]:
    """The spans that a block is best cut into, with what a break before each but the first costs."""
    size = ruler.count(block.start, block.end)
    if size * _SMALL <= room or (size * _LARGE <= room and block.kind in {"heading", "row"}):
        yield (block.start, block.end), 0.0
    elif block.kind == "code":
        yield from _lines_of_code(text, block, ruler, room)
    else:
        for number, span in enumerate(sentences(text, block.start, block.end)):
            for part, (piece, cost) in enumerate(_cut_words(text, span, ruler, room)):
                yield piece, cost if part else SENTENCE if number else 0.0


def _lines_of_code(text: str, block: Block, ruler: Ruler, room: int) -> Iterator[tuple[Span, float]]:
    """Lines of code; the best break is before a line at the left margin that has an empty one above it."""
    begin = block.start
    cost = 0.0
    margin = _indent(text, begin)
    stop = begin
    while stop < block.end:
        line = stop
        stop = text.find("\n", line, block.end) + 1 or block.end
        blank_above = text[max(0, line - 2) : line] == "\n\n"
        at_margin = not text[line].isspace() or _indent(text, line) <= margin
        before = 0.0 if blank_above and at_margin else WITHIN_LIST if blank_above else SENTENCE if at_margin else 0.5
        if line > begin and (before <= WITHIN_LIST or ruler.count(begin, line) >= _CODE_GRAIN):
            yield from _with_cost(_cut_words(text, trimmed(text, begin, line), ruler, room), cost)
            begin, cost = line, before
    yield from _with_cost(_cut_words(text, trimmed(text, begin, stop), ruler, room), cost)


def _indent(text: str, line: int) -> int:
    end = line
    while end < len(text) and text[end] in " \t":
        end += 1
    return end - line


def _with_cost(pieces: Iterator[tuple[Span, float]], cost: float) -> Iterator[tuple[Span, float]]:
    for part, (piece, inner) in enumerate(pieces):
        yield piece, inner if part else cost


def _cut_words(text: str, span: Span, ruler: Ruler, room: int) -> Iterator[tuple[Span, float]]:
    """A span as it is, or, where it is large, in pieces that end with a clause, a cell or a word."""
    begin, end = span
    cost = WORD
    if ruler.count(begin, end) * _LARGE > room:
        while ruler.count(begin, end) > room // _GRAIN:
            limit = ruler.reach(begin, max(2, room // _GRAIN), end)
            half = begin + (limit - begin) // 2
            cuts = (text.rfind(mark, half, limit) + len(mark) for mark in _MARKS if mark in text[half:limit])
            at = next(cuts, None)
            piece = trimmed(text, begin, limit if at is None else at)
            if piece[0] < piece[1]:
                yield piece, cost
            begin = limit if at is None else at
            cost = INSIDE if at is None else WORD
        begin, end = trimmed(text, begin, end)
    if begin < end:
        yield (begin, end), cost

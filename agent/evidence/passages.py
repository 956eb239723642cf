"""What may an answer rest on: which hits, and what of a tool's result?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from agent.state import Passage
from ingest.model import Chunk
from ingest.split.sentences import Span, sentences, trimmed
from plugins.tool import ToolResult
from retrieval.model import Hit

# And how its value begins. A colon within code, as in `main.py: run`, ends no label.
LABEL: Final = r"(?=[^\s:|])(?=[^:|\n]{1,49}:)(?:`[^`:|\n]*`|[^`:|\n])+:\s+\S"
RULE: Final = re.compile(r"\|?[\s:|=+-]*-{2,}[\s:|=+-]*$")
"""The line below a table's head."""
_LABEL: Final = re.compile(LABEL)
LEADERS: Final = r"(?:(?:[.·•] ?){4,}+|…{2,}+|(?:_ ?){4,}+)"
"""What leads from a line of contents to its page, or from a dish to its price."""
_ROW: Final = re.compile(
    rf"^(?:\|[^\n]*\||[ \t]*+(?!{LEADERS})(?:(?!{LEADERS})[^\n])++{LEADERS}[ \t]*"
    r"(?:[^\n.]{0,8}\d[^\n]{0,8}|[ivxlc]+))(?=[ \t]*$)",
    re.MULTILINE,
)
_CONFIGURES: Final = re.compile(r"\.(?:ya?ml|toml|ini|cfg|conf|properties)$", re.IGNORECASE)
_AMOUNT: Final = re.compile(r"[A-Z(][^\n]{2,58}[\d%)]$")  # SUBTOTAL $863.91
_WRAPPED: Final = 40  # letters: so long a line may go on in the next; a heading is shorter
_ENDS: Final = re.compile(r"[.!?…:;。！？][\"'”’)\]*_`]*$")


def sifted(hits: Iterable[Hit], withhold: float) -> tuple[list[Hit], list[Hit]]:
    """What may be shown to whoever answers, and what is almost surely noise and withheld; both in their order.

    A hit of which nothing says how likely it is to be relevant is shown.
    """
    kept: list[Hit] = []
    withheld: list[Hit] = []
    for hit in hits:
        (withheld if hit.probability is not None and hit.probability < withhold else kept).append(hit)
    return kept, withheld


def passages(hits: Iterable[Hit], *, first: int = 0, call: str | None = None) -> tuple[Passage, ...]:
    """Hits as evidence, numbered from `first`, cut into blocks."""
    return tuple(
        Passage(
            number=first + index,
            kind="document",
            document=hit.chunk.document,
            title=hit.chunk.title,
            text=hit.chunk.text,
            start=hit.chunk.start,
            end=hit.chunk.end,
            blocks=tuple((hit.chunk.start + a, hit.chunk.start + b) for a, b in _blocks(hit.chunk)),
            page=hit.chunk.page,
            page_label=hit.chunk.page_label,
            unseen=hit.chunk.unseen,
            headings=hit.chunk.headings,
            context=hit.chunk.context,
            call=call,
            score=hit.score,
            dense=hit.dense,
            lexical=hit.lexical,
            probability=hit.probability,
        )
        for index, hit in enumerate(hits)
    )


def observed(result: ToolResult, tool: str, *, first: int = 0, call: str) -> tuple[Passage, ...]:
    """What a tool gave back as evidence: its passages, and what it said beside them."""
    found = passages(result.hits, first=first, call=call)
    if not result.text.strip():
        return found
    cut = tuple(blocks(result.text))
    number = first + len(found)
    return (*found, Passage(number, "tool", tool, tool, result.text, 0, len(result.text), cut, call=call))


def configures(document: str) -> bool:
    """Whether a document is a file of settings by its name: each of its lines is one, or tells of one."""
    return _CONFIGURES.search(document) is not None


def _blocks(chunk: Chunk) -> list[Span]:
    if not configures(chunk.document):
        return blocks(chunk.text)
    lines = re.compile(r"^.*\S", re.MULTILINE).finditer(chunk.text)
    return [trimmed(chunk.text, *line.span()) for line in lines]


def blocks(text: str) -> list[Span]:
    """What can be cited by itself: sentences, rows, and each line where a text is lines of labels with their values.

    So is a line of contents or of a menu, in which dots lead to what belongs to it.
    """
    found: list[Span] = []
    start = 0
    for row in _ROW.finditer(text):  # of which no question mark in a cell is the end, and no dot
        found += sentences(text, start, row.start())
        found.append(row.span())
        start = row.end()
    return [line for span in (*found, *sentences(text, start)) for line in _lines(text, span)]


def _lines(text: str, span: Span) -> Iterator[Span]:
    start, end = span
    breaks = [start, *(found.end() for found in re.compile(r"\n").finditer(text, start, end)), end]
    lines = [trimmed(text, *each) for each in pairwise(breaks)]
    labels: list[bool] = []
    for place, line in enumerate(lines):
        goes_on = place > 0 and not labels[-1] and _goes_on(text[slice(*lines[place - 1])], text[slice(*line)])
        labels.append(not goes_on and _LABEL.match(text, *line) is not None)
    telling = sum(
        is_label or _AMOUNT.match(text, *line) is not None for line, is_label in zip(lines, labels, strict=True)
    )
    if len(lines) < 2 or telling < 2 or 5 * telling < 3 * len(lines):
        yield span
        return
    begin, stop = lines[0]
    for (first, last), (at, _), is_label in zip(lines[1:], pairwise(breaks[1:]), labels[1:], strict=True):
        if first > at and not is_label:  # what is indented goes on with the line before
            stop = last
            continue
        yield begin, stop
        begin, stop = first, last
    yield begin, stop


def _goes_on(before: str, line: str) -> bool:
    """Whether a line is the rest of a sentence that was broken before it."""
    is_broken = len(before) > _WRAPPED and not _ENDS.search(before) and not _AMOUNT.match(before)
    return is_broken and line[:1].islower()

"""How is a stretch of a passage said? Sentences in a line, items a line each, a row by its columns, code as a block."""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass, replace
from typing import Final

from agent.evidence.compared import Cited
from agent.evidence.passages import configures
from agent.evidence.support import bears_out
from agent.models.quoting.asked import Asked
from agent.models.quoting.candidates import Candidate, between, cells, is_heading, opens_code, shape_of
from agent.models.quoting.shelf import Shelf
from agent.state import Passage
from retrieval.lexical.analyze import terms

_DIRECTIVE: Final = re.compile(r"\.\. [\w-]+::")


@dataclass(frozen=True, slots=True)
class Chosen:
    """Blocks `[first, last)` of a passage, to be quoted, and how they are said; `is_told` if in another order.

    A `remark` is what we say before them; `row` is the candidate of which a row was told anew.
    """

    passage: Passage
    first: int
    last: int
    said: str
    is_told: bool = False
    remark: str = ""
    row: Candidate | None = None

    @property
    def text(self) -> str:
        """The words that are quoted."""
        return between(self.passage, self.first, self.last)


def told_anew(row: Candidate, asked: Asked, shelf: Shelf) -> Chosen:
    """A row as `column: value`, what is asked for first, where its columns have names; else as it stands."""
    chosen, told = as_it_stands(row.passage, row.first, row.last, shelf), told_row(row, asked)
    return replace(chosen, said=told, is_told=True, row=row) if told else replace(chosen, is_told=True)


def told_row(candidate: Candidate, asked: Asked) -> str:
    """A row as `column: value`, what is asked for first; empty where its head does not say what its columns are."""
    heads, values = cells(candidate.head), cells(candidate.text)
    if len(heads) != len(values) or not all(heads[1:]):
        return ""
    wanted = frozenset().union(*asked.words.values())

    def is_asked(text: str) -> bool:
        return any(wanted & set(terms(text, language)) for language in asked.words)

    pairs = [(head, value) for head, value in zip(heads, values, strict=True) if value]
    first = [pair for pair in pairs if is_asked(pair[0]) and not is_asked(pair[1])]
    told = "; ".join(": ".join(filter(None, pair)) for pair in (*first, *(pair for pair in pairs if pair not in first)))
    passage = candidate.passage
    start, end = (place - passage.start for place in passage.blocks[candidate.first])
    about = (passage.title, *passage.headings, *passage.context.splitlines())
    there = Cited(candidate.text, about, passage.text[:start], passage.text[end:])
    return "" if bears_out(told, [there], asked.text) else told


def as_it_stands(passage: Passage, first: int, last: int, shelf: Shelf) -> Chosen:
    """Sentences in one line; each item, row and label in a line of its own; code as a block with its lines.

    Settings keep the lines that they stand in.
    """
    if configures(passage.document):
        return Chosen(passage, first, last, _lines(passage, first, last))
    lines: list[str] = []
    is_prose = False
    block = first
    while block < last:
        text = passage.block_text(block)
        stop = next((stop for begin, stop in shelf.whole_code(passage) if begin == block), 0)
        if stop:
            lines.append(_fenced(passage, block, stop))
            is_prose, block = False, stop
            continue
        if not _DIRECTIVE.match(text):
            was_prose = is_prose
            is_prose = shape_of(text) == "prose" and not text.startswith("|") and not is_heading(text)
            goes_on = was_prose and is_prose
            said = " ".join(text.split())
            lines[-1:] = [f"{lines[-1]} {said}"] if goes_on else [*lines[-1:], said]
        block += 1
    return Chosen(passage, first, last, "\n".join(lines))


def _fenced(passage: Passage, first: int, last: int) -> str:
    """Code between fences."""
    told = _lines(passage, first, last)
    return told if opens_code(told) else f"```\n{told}\n```"


def _lines(passage: Passage, first: int, last: int) -> str:
    """The lines as they stand but for what all are indented by."""
    start, end = passage.blocks[first][0] - passage.start, passage.blocks[last - 1][1] - passage.start
    begin = passage.text.rfind("\n", 0, start) + 1
    return textwrap.dedent(passage.text[begin if not passage.text[begin:start].strip() else start : end])


def announcing(passage: Passage, first: int) -> int | None:
    """The block above code that speaks of it: past the directive of a literal block; None where there is none."""
    over = first - 1
    while over >= 0 and _DIRECTIVE.match(passage.block_text(over)):
        over -= 1
    return over if over >= 0 and not is_heading(passage.block_text(over)) else None

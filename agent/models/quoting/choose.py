"""What is quoted, of all that could be: in reading order, in words that stand alone?"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from agent.evidence.compared import Cited
from agent.evidence.support import bears_out
from agent.models.quoting.asked import Asked
from agent.models.quoting.candidates import (
    Candidate,
    announces,
    between,
    cells,
    is_heading,
    points_back,
    says_something,
    shape_of,
)
from agent.models.quoting.features import Weighing, stands_whole
from agent.models.quoting.kinds import tells
from agent.state import Passage
from retrieval.lexical.analyze import terms

QUOTES: Final = 3
_NEAR: Final = 0.35  # of the probability of the likeliest: what is less likely is not quoted beside it
_NEAR_ROW: Final = 0.8
_WHOLE: Final = 600  # letters of a list that is quoted whole
_CALLED: Final = {"mail": "a mail address", "phone": "a telephone number", "address": "an address"}
_ITEMS: Final = 15
_MOST: Final = 600  # letters of an answer of several quotes


@dataclass(frozen=True, slots=True)
class Chosen:
    """Blocks `[first, last)` of a passage, to be quoted, and how they are said; `is_told` if in another order."""

    passage: Passage
    first: int
    last: int
    said: str
    is_told: bool = False

    @property
    def text(self) -> str:
        """The words that are quoted."""
        return between(self.passage, self.first, self.last)


def choose(asked: Asked, found: Sequence[tuple[Candidate, float]]) -> list[Chosen]:
    """What to quote of candidates with their probabilities, likeliest first; passages in the order of their best."""
    best = found[0][1]
    near = [found[0][0]]
    near += [each for each, probability in found[1:] if probability >= best * _least_beside(near[0], each, asked)]
    near = near[:QUOTES]
    if "several" in asked.kinds and (whole := _whole_list(near[0])):
        return [whole]
    order = {each.passage.number: rank for rank, each in reversed(list(enumerate(near)))}
    spans: list[tuple[Passage, int, int]] = []
    said: dict[tuple[int, int], str] = {}
    for each in sorted(near, key=lambda each: (order[each.passage.number], each.first)):
        first, last = _standing_alone(each)
        if each.shape == "row" and (told := _row(each, asked)):
            said[each.passage.number, first] = told
        if spans and sum(len(between(*span)) for span in (*spans, (each.passage, first, last))) > _MOST:
            continue
        if spans and spans[-1][0] is each.passage and first < spans[-1][2]:
            spans[-1] = each.passage, spans[-1][1], max(last, spans[-1][2])
        else:
            spans.append((each.passage, first, last))
    return [
        replace(chosen, said=said[chosen.passage.number, chosen.first], is_told=True)
        if chosen.last - chosen.first == 1 and (chosen.passage.number, chosen.first) in said
        else chosen
        for chosen in (_said(*span) for span in spans)
    ]


def _least_beside(best: Candidate, other: Candidate, asked: Asked) -> float:
    """How likely another must be beside the best: of rows and items one says it, and none of another name does."""
    marked = [token.casefold() for token in (*asked.names, *asked.numbers)]
    lost = [token for token in marked if token in best.text.casefold() and token not in other.text.casefold()]
    if other.shape == "prose":
        return _NEAR
    return math.inf if lost else _NEAR_ROW


def missing(asked: Asked, passages: Sequence[Passage], best: Candidate, whole: Callable[[Passage], str]) -> str:
    """What is asked for and stands nowhere; empty where nothing is missing.

    Numbers must stand in the document of the best candidate, `whole`, and where that is a row, a label or an item, so
    must names: another row is another thing. Of prose, a name may stand in the document of any passage. An address or a
    telephone number must stand in the candidate itself.
    """
    weighing = Weighing(asked, passages, lambda _: 1.0)

    def lost(tokens: Sequence[str], among: Sequence[Passage]) -> list[str]:
        for each in among:
            missed = [part for found in weighing.missing(each) for part in found]
            tokens = [token for token in tokens if token in missed and not stands_whole(token, whole(each))]
        return list(tokens)

    names = lost(asked.names, [best.passage] if best.shape != "prose" else passages)
    found = [*names, *lost(asked.numbers, [best.passage])]
    found += [_CALLED[kind] for kind in sorted(asked.kinds & _CALLED.keys()) if not tells(best.text, kind, asked.known)]
    return " or ".join(found)


def _standing_alone(candidate: Candidate) -> tuple[int, int]:
    """With the sentence that a pronoun points back to, and with what a colon announces."""
    passage, first, last = candidate.passage, candidate.first, candidate.last
    if candidate.shape == "prose" and first and points_back(passage.block_text(first)):
        before = passage.block_text(first - 1)
        if shape_of(before) == "prose" and not is_heading(before):
            first -= 1
    if announces(passage.block_text(last - 1)):
        last = _announced(passage, first, last)
    return first, last


def _announced(passage: Passage, first: int, last: int) -> int:
    """Where it ends what a colon announces: the items of a list, the rows of a table, or else one block."""
    end, told = last, 0
    for block in range(last, min(len(passage.blocks), last + _ITEMS)):
        text = passage.block_text(block)
        is_one_of_many = text.startswith("|") or shape_of(text) != "prose"
        if (told and not is_one_of_many) or len(between(passage, first, block + 1)) > _WHOLE:
            break
        told += says_something(text) or is_heading(text)
        end = block + 1
        if told and not is_one_of_many:
            break
    return end


def _whole_list(candidate: Candidate) -> Chosen | None:
    """All items, or rows, beside one of them, with the line above."""
    passage, first, last = candidate.passage, candidate.first, candidate.last
    if candidate.shape not in {"item", "row"}:
        return None

    def is_beside(block: int) -> bool:
        text = passage.block_text(block)
        return text.startswith("|") if candidate.shape == "row" else shape_of(text) == "item"

    while first and is_beside(first - 1):
        first -= 1
    while last < len(passage.blocks) and is_beside(last):
        last += 1
    if candidate.head_block is not None and candidate.head_block == first - 1:
        first -= 1
    if len(between(passage, first, last)) > _WHOLE or last - first < 3:
        return None
    return _said(passage, first, last)


def _row(candidate: Candidate, asked: Asked) -> str:
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


def _said(passage: Passage, first: int, last: int) -> Chosen:
    return Chosen(passage, first, last, " ".join(between(passage, first, last).split()))

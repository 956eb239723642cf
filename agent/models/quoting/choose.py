"""What is quoted, of all that could be: in reading order, in words that stand alone?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from agent.models.quoting.asked import Asked
from agent.models.quoting.candidates import (
    Candidate,
    announces,
    between,
    is_heading,
    opens_code,
    points_back,
    says_something,
    shape_of,
)
from agent.models.quoting.shelf import Shelf
from agent.models.quoting.told.said import Chosen, announcing, as_it_stands, told_anew
from agent.models.quoting.told.several import MOST, WHOLE, asks_for_all, several
from agent.state import Passage
from retrieval.lexical.analyze import terms

QUOTES: Final = 3
_NEAR: Final = 0.35  # of the probability of the likeliest: what is less likely is not quoted beside it
_NEAR_ROW: Final = 0.8
_MOST: Final = 600  # letters of an answer of several quotes


def choose(
    asked: Asked, found: Sequence[tuple[Candidate, float]], every: Sequence[Candidate], shelf: Shelf
) -> list[Chosen]:
    """What to quote of candidates with their probabilities, likeliest first; passages in the order of their best.

    `every` are all candidates, of which only the likeliest were weighed.
    """
    near = _near(asked, found)
    if ("several" in asked.kinds or asks_for_all(asked, near[0])) and (
        all_of_them := several(asked, near[0], every, shelf)
    ):
        return all_of_them
    order = {each.passage.number: rank for rank, each in reversed(list(enumerate(near)))}
    spans: list[tuple[Passage, int, int]] = []
    rows: dict[tuple[int, int], Candidate] = {}
    for each in sorted(near, key=lambda each: (order[each.passage.number], each.first)):
        first, last = _standing_alone(each, shelf)
        if each.shape == "row":
            rows[each.passage.number, first] = each
        if spans and sum(len(between(*span)) for span in (*spans, (each.passage, first, last))) > _MOST:
            continue
        if spans and spans[-1][0] is each.passage and first < spans[-1][2]:
            spans[-1] = each.passage, spans[-1][1], max(last, spans[-1][2])
        else:
            spans.append((each.passage, first, last))
    return [
        told_anew(rows[chosen.passage.number, chosen.first], asked, shelf)
        if chosen.last - chosen.first == 1 and (chosen.passage.number, chosen.first) in rows
        else chosen
        for chosen in (as_it_stands(*span, shelf) for span in spans)
    ]


def _near(asked: Asked, found: Sequence[tuple[Candidate, float]]) -> list[Candidate]:
    """The likeliest, and what is nearly as likely and says something else; code stands by itself."""
    best, probability = found[0]
    near = [best]
    for each, likely in found[1:] if best.shape != "code" else ():
        is_new = all(_squeezed(each.text) not in _squeezed(other.text) for other in near)
        if len(near) < QUOTES and is_new and likely >= probability * _least_beside(best, each, asked):
            near.append(each)
    return near


def _squeezed(text: str) -> str:
    return " ".join(text.split()).casefold()


def _least_beside(best: Candidate, other: Candidate, asked: Asked) -> float:
    """How likely another must be beside the best: of rows, items and settings one says it, and none of another name
    does; a sentence without a word of what is asked for says something else.
    """
    marked = [token.casefold() for token in (*asked.names, *asked.numbers)]
    lost = [token for token in marked if token in best.text.casefold() and token not in other.text.casefold()]
    if other.shape == "code" or (other.shape == "setting" and "several" not in asked.kinds):
        return math.inf
    if other.shape == "prose":
        said = f"{other.head} {other.text}"
        return _NEAR if any(each & set(terms(said, language)) for language, each in asked.words.items()) else math.inf
    return math.inf if lost else _NEAR_ROW


def _standing_alone(candidate: Candidate, shelf: Shelf) -> tuple[int, int]:
    """With what a pronoun points back to, the code from which a sentence goes on, and what a colon announces."""
    passage, first, last = candidate.passage, candidate.first, candidate.last
    if candidate.shape == "setting":
        return first, last
    if candidate.shape == "code":
        over = announcing(passage, first)
        return (over if over is not None and announces(passage.block_text(over)) else first), last
    if candidate.shape == "prose" and first and points_back(passage.block_text(first)):
        before = passage.block_text(first - 1)
        if shape_of(before) == "prose" and not is_heading(before):
            first -= 1
    if candidate.shape == "prose" and passage.block_text(first)[:1].islower():
        first = next((begin for begin, stop in shelf.whole_code(passage) if stop == first), first)
    if announces(passage.block_text(last - 1)):
        last = _announced(passage, first, last, shelf)
    return first, last


def _announced(passage: Passage, first: int, last: int, shelf: Shelf) -> int:
    """Where it ends what a colon announces: the items of a list, the rows of a table, whole code, or else one block."""
    for begin, stop in shelf.whole_code(passage):
        if begin >= last and (begin == last or announcing(passage, begin) == last - 1):
            return stop
    end, told = last, 0
    for block in range(last, min(len(passage.blocks), last + MOST)):
        text = passage.block_text(block)
        is_one_of_many = text.startswith("|") or shape_of(text) != "prose"
        if (told and not is_one_of_many) or len(between(passage, first, block + 1)) > WHOLE or opens_code(text):
            break
        told += says_something(text) or is_heading(text)
        end = block + 1
        if told and not is_one_of_many:
            break
    return end

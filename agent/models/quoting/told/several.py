"""What is given where several things are asked for? A list, a table, its first rows, or the rows that say so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from agent.models.quoting.asked import Asked
from agent.models.quoting.candidates import Candidate, between, cells, is_rule, shape_of
from agent.models.quoting.shelf import Shelf
from agent.models.quoting.told.said import Chosen, as_it_stands, told_anew
from agent.state import Passage
from retrieval.lexical.analyze import terms

WHOLE: Final = 600  # letters of a list that is quoted whole
MOST: Final = 15  # items or rows
_LEAST_SHOWN: Final = 5  # blocks of a table that is not quoted whole
_WHAT: Final = re.compile(r"(?i)\W*(?:which|what|was|welche\w*|qué|cuáles|quels?|quelles?)\b")
_ROW: Final = re.compile(r"[ \t]*\|")


def asks_for_all(asked: Asked, best: Candidate) -> bool:
    """Whether a question has words of the line above a list and none of the item: what is needed is all of it."""
    if best.shape != "item" or best.head_block is None or not _WHAT.match(asked.text):
        return False
    above = f"{best.passage.title} {' '.join(best.passage.headings)}"
    for language, words in asked.words.items():
        told = words - set(terms(above, language))
        if told & set(terms(best.head, language)) and not told & set(terms(best.text, language)):
            return True
    return False


def several(asked: Asked, best: Candidate, every: Sequence[Candidate], shelf: Shelf) -> list[Chosen]:
    """All that is asked for of a list or a table: the rows that say so too, or all of it, or its first rows."""
    if best.shape == "row" and (rows := _rows_alike(asked, best, every, shelf)):
        return rows
    passage, first, last = best.passage, best.first, best.last
    is_lead = best.shape == "prose" and last < len(passage.blocks) and _is_one_of_many(passage.block_text(last))
    if best.shape not in {"item", "row"} and not is_lead:
        return []
    is_row = passage.block_text(last if is_lead else first).startswith("|")

    def is_beside(block: int) -> bool:
        text = passage.block_text(block)
        return text.startswith("|") if is_row else shape_of(text) == "item"

    while not is_lead and first and is_beside(first - 1):
        first -= 1
    while last < len(passage.blocks) and is_beside(last):
        last += 1
    if not is_lead and best.head_block is not None and best.head_block == first - 1:
        first -= 1
    if last - first < 3:
        return []
    counted = _rows_below(shelf.whole(passage), passage, first, last) if is_row else 0
    fits = last
    while len(between(passage, first, fits)) > WHOLE and fits - first > _LEAST_SHOWN:
        fits -= 1
    if fits == last and counted <= sum(_is_datum(passage, block) for block in range(first, last)):
        return [as_it_stands(passage, first, last, shelf)]
    if not is_row:
        return []
    shown = sum(_is_datum(passage, block) for block in range(first, fits))
    return [
        replace(
            as_it_stands(passage, first, fits, shelf), remark=f"The table has {counted} rows; here are {shown} of them:"
        )
    ]


def _is_one_of_many(text: str) -> bool:
    return text.startswith("|") or shape_of(text) == "item"


def _is_datum(passage: Passage, block: int) -> bool:
    """Whether a block is a row of a table, and neither its head nor its rule."""
    texts = [passage.block_text(each) for each in range(block, min(block + 2, len(passage.blocks)))]
    return texts[0].startswith("|") and not any(map(is_rule, texts))


def _rows_below(text: str, passage: Passage, first: int, last: int) -> int:
    """How many rows the table has of which blocks `[first, last)` are a part."""
    row = next(block for block in range(first, last) if passage.block_text(block).startswith("|"))
    start = end = passage.blocks[row][0]
    while (above := text.rfind("\n", 0, max(0, start - 1)) + 1) < start and text[above:start].lstrip().startswith("|"):
        start = above
    while _ROW.match(text, end):
        end = (text.find("\n", end) + 1) or len(text)
    lines = text[start:end].splitlines()
    rules = [index for index, line in enumerate(lines) if is_rule(line)]
    return len(lines) - len(rules) - bool(rules)


def _rows_alike(asked: Asked, best: Candidate, every: Sequence[Candidate], shelf: Shelf) -> list[Chosen]:
    """The rows of the same table that have in their cells what of the question the likeliest has there."""
    wanted = {language: words & set(terms(best.text, language)) for language, words in asked.words.items()}
    wanted = {language: words for language, words in wanted.items() if words}
    if not wanted:
        return []
    table = [
        each
        for each in every
        if each.shape == "row"
        and each.passage.document == best.passage.document
        and cells(each.head) == cells(best.head)
    ]
    rows = [each for each in table if all(words <= set(terms(each.text, a)) for a, words in wanted.items())]
    rows.sort(key=lambda each: each.passage.blocks[each.first])
    if not 2 <= len(rows) < len(table):
        return []
    told = [told_anew(each, asked, shelf) for each in rows[:MOST]]
    counted = _rows_below(shelf.whole(best.passage), best.passage, best.first, best.last)
    remark = f"{len(rows)} rows say so; here are {len(told)} of them:" if len(rows) > len(told) else ""
    if counted > len(table):
        remark = f"Of the {counted} rows of the table {len(table)} were found. Of these say so:"
    return [replace(told[0], remark=remark), *told[1:]]

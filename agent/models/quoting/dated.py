"""In which form do the passages write a date that a question names? A question about it is read in that form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from agent.state import Passage
from retrieval.lexical.dates import Named, dates, orders_of, usual_orders


def dated(question: str, passages: Sequence[Passage], languages: Sequence[str]) -> str:
    """The question with each day, month or quarter written as in the first passage that has it in another form.

    A day without a year is that of any year. Who asks for a month asks for no day of it.
    """
    orders = dict.fromkeys(order for language in languages for order in usual_orders(language))
    said = question
    for asked in reversed(_apart(_dates(question, languages, orders))):
        start, end = asked[0].start, asked[0].end
        written = question[start:end]
        if not any(written.casefold() in each.text.casefold() for each in passages):
            said = f"{said[:start]}{next(_forms(asked, passages, languages), written)}{said[end:]}"
    return said


def _forms(asked: Sequence[Named], passages: Sequence[Passage], languages: Sequence[str]) -> Iterator[str]:
    wanted = {each.asked()[0] for each in asked}
    is_day = any(each.day for each in asked)
    for passage in passages:
        orders = dict.fromkeys(order for language in languages for order in orders_of(passage.text.lower(), language))
        for found in _dates(passage.text, languages, orders):
            if bool(found.day) is is_day and not wanted.isdisjoint(found.written()):
                yield passage.text[found.start : found.end]


def _dates(text: str, languages: Sequence[str], orders: Iterable[str]) -> list[Named]:
    small = text.lower()
    # Where small letters are more or fewer, what was found there stands elsewhere in the text
    return dates(small, languages, orders, capitals=text) if len(small) == len(text) else []


def _apart(found: Sequence[Named]) -> list[list[Named]]:
    """Those of one place together, which are one date that can be read in several ways, in the order of the text."""
    places: dict[tuple[int, int], list[Named]] = {}
    for each in sorted(found, key=lambda each: each.start):
        places.setdefault((each.start, each.end), []).append(each)
    apart: list[list[Named]] = []
    for (start, _), same in places.items():
        if not apart or start >= apart[-1][0].end:
            apart.append(same)
    return apart

"""Is a number what others come to: their sum, their difference, the time between two of them?

A model that answers `245, since 180 more bring it to 425` has reckoned, and invented nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import chain, combinations, permutations, product
from typing import Final

from agent.evidence.quantities.quantity import Day, Quantity, is_rounded

_MINUTE: Final = 60.0
_MOST: Final = 8  # of 12 numbers below 1,000 the sums and differences of two are every second number below 1,000
_DAY: Final = 24 * 60 * _MINUTE
_YEAR: Final = 365.25 * 24 * 60 * _MINUTE
_AGE: Final = re.compile(r"\b(?:aged?|old|alter|(?<=jahre )alt|âge|edad)\b", re.IGNORECASE)
# That something was added, or held against something else.
_RECKONED: Final = re.compile(
    r"\b(?:more|less|fewer|difference|differ\w*|by|increase\w*|decrease\w*|gain\w*|lost|left|remain\w*|additional|extra"
    r"|another|further|spread|gap|since|after|later|earlier|ago|within|span\w*|total\w*|altogether|together|overall|sum"
    r"|combined|both|in all|com(?:es?|ing) to|came to|amounts? to|makes?"
    r"|add\w*|each|between|\w{2,}er than|take[sn]?|took|last(?:s|ed)?|old|age|aged|years?|long"
    r"|mehr|weniger|unterschied|um|später|früher|übrig|insgesamt|zusammen|gesamt\w*|dauert\w*|nach|seit|jahre\w*"
    r"|plus|moins|différence|de plus|après|depuis|total\w*|ensemble|dure\w*|ans|más|menos|diferencia|después|desde|años"
    r"|en total|juntos|dura\w*)\b",
    re.IGNORECASE,
)


def is_reckoned(number: Quantity, there: Sequence[Quantity], given: Iterable[Quantity], *, statement: str = "") -> bool:
    """Whether two quantities, one of them from what is cited, come to this number, of their kind or a time between.

    A sum or a difference must be told as one. Where many are cited it is not asked: almost any number would be one that
    two of them come to.
    """
    there = [each for each in there if each.kind != "weekday"]
    if number.kind != "number" or len(there) > _MOST:
        return False
    if _is_between_days(number, [*there, *given], statement):
        return True
    slack = 0.1 if number.side else 0.05 if number.about else 0.01
    told = _RECKONED.search(statement) is not None
    return any(
        abs(mine - other) <= slack * abs(other)
        for one, two in chain(permutations(there, 2), product(there, given))
        for mine in number.values
        for other in _between(one, two, number, told=told)
        if other
    )


def _is_between_days(number: Quantity, dated: Iterable[Quantity], statement: str) -> bool:
    """Whether it is the time between two days that are dated, or whole years of it as an age.

    Of months and years what is not told as about so much must be whole.
    """
    days = {found for each in dated for day in each.days if (found := _day(day))}
    for first, last in combinations(sorted(days), 2):
        age = last.year - first.year - ((last.month, last.day) < (first.month, first.day))
        if not number.dimension and number.plain == {float(age)} and _AGE.search(statement):
            return True
        if number.dimension != "seconds":
            continue
        length = (last - first).days * _DAY
        slack = 0.002 if number.factor <= 7 * _DAY else 0.01
        if any(
            abs(value - length) <= slack * length or (number.about and is_rounded(value, length, number.factor))
            for value in number.values
        ):
            return True
    return False


def _day(day: Day) -> date | None:
    """None where it is no whole day, or none of the calendar."""
    year, month, number = day
    if year is None or month is None or number is None:
        return None
    try:
        return date(year, month, number)
    except ValueError:
        return None


def _between(one: Quantity, two: Quantity, like: Quantity, *, told: bool) -> Iterable[float]:
    """What the two come to, in the unit of the number that they are compared with."""
    if told and one.kind == two.kind == "number" and _is_of_kind(one, like) and _is_of_kind(two, like):
        for a, b in product(one.values, two.values):
            yield from (abs(a - b), a + b)
    if like.dimension in {"share", "%"} and one.kind == two.kind == "number" and one.dimension == two.dimension:
        whole = 100.0 if like.dimension == "%" else 1.0
        yield from (whole * a / b for a, b in product(one.values, two.values) if 0 < a < b)
    if like.dimension == "seconds" and one.kind == two.kind == "clock":
        yield from (abs(a - b) * _MINUTE for a, b in product(one.values, two.values))
    if like.dimension == "seconds" and (years := [_years(one), _years(two)]) and all(years):
        yield from (abs(a - b) * _YEAR for a, b in product(*years))


def _is_of_kind(other: Quantity, like: Quantity) -> bool:
    if other.dimension != like.dimension:  # what a row has is in the unit of its column
        return not other.dimension and not other.counts
    return bool(like.dimension or not other.counts or not like.counts) or other.counts == like.counts


def _years(quantity: Quantity) -> set[float]:
    """The years that it may be."""
    if quantity.kind == "date":
        return {float(day[0]) for day in quantity.days if day[0] is not None and day[1:] == (None, None)}
    return {value for value in quantity.plain if not quantity.dimension and 1000 <= value < 2200}

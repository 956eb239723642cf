"""Is a number what others come to: their sum, their difference, the time between two of them?

A model that answers `245, since 180 more bring it to 425` has reckoned, and invented nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain, permutations, product
from typing import Final

from agent.evidence.quantities.quantity import Quantity

_MINUTE: Final = 60.0
_MOST: Final = 8  # of 12 numbers below 1,000 the sums and differences of two are every second number below 1,000
_YEAR: Final = 365.25 * 24 * 60 * _MINUTE


def is_reckoned(number: Quantity, there: Sequence[Quantity], given: Iterable[Quantity]) -> bool:
    """Whether two quantities, one of them from what is cited, come to this number, of their kind or a time between.

    Where many are cited it is not asked: almost any number would be one that two of them come to.
    """
    if number.kind != "number" or len(there) > _MOST:
        return False
    slack = 0.05 if number.about else 0.01
    return any(
        abs(mine - other) <= slack * abs(other)
        for one, two in chain(permutations(there, 2), product(there, given))
        for mine in number.values
        for other in _between(one, two, number)
        if other
    )


def _between(one: Quantity, two: Quantity, like: Quantity) -> Iterable[float]:
    """What the two come to, in the unit of the number that they are compared with."""
    if one.kind == two.kind == "number" and _is_of_kind(one, like) and _is_of_kind(two, like):
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
    return other.dimension == like.dimension and (bool(like.dimension) or other.counts == like.counts)


def _years(quantity: Quantity) -> set[float]:
    """The years that it may be."""
    if quantity.kind == "date":
        return {float(day[0]) for day in quantity.days if day[0] is not None and day[1:] == (None, None)}
    return {value for value in quantity.plain if not quantity.dimension and 1000 <= value < 2200}

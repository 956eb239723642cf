"""What is a quantity, and when does one say as much as another?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from math import floor, log10
from typing import Final, Literal

Kind = Literal["number", "date", "clock", "weekday"]
MOMENTS: Final = ("date", "clock", "weekday")
_POUND: Final = 453.592
Day = tuple[int | None, int | None, int | None]  # year, month, day


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number, date, time or weekday, with all that its writing may mean.

    `values` of a number are in `dimension`'s own unit, `plain` as they are written; `dimension` is empty where no unit
    is known. `counts` is the word behind a number without a unit. `place` is where it stands in what `read` was given.
    `again` marks what is read a second way beside its parts: `3 of 10` is a share too, `every 2 weeks` a frequency.
    """

    kind: Kind
    values: frozenset[float] = frozenset()
    plain: frozenset[float] = frozenset()
    dimension: str = ""
    counts: str = ""
    factor: float = 1.0
    days: frozenset[Day] = frozenset()
    about: bool = False
    side: int = 0
    written: str = ""
    place: int = 0
    again: bool = False

    def is_borne_by(self, other: Quantity, years: frozenset[int] = frozenset()) -> bool:
        """Whether the other one says as much; `years` are those that may be understood where it has none."""
        if {self.kind, other.kind} == {"number", "date"}:  # 1718 may be a year, and 1,718 none
            return _is_that_year(*((self, other) if self.kind == "number" else (other, self)))
        if self.kind != other.kind:
            return False
        if self.kind == "date":
            if other.dimension == "range" != self.dimension:  # the sixties are no year
                return False
            return any(_within(mine, theirs, years) for mine in self.days for theirs in other.days)
        if self.kind != "number":
            return bool(self.values & other.values)
        if (self.dimension, other.dimension) == ("grams", "pounds"):  # a pound is a weight as well as money
            other = replace(
                other, dimension="grams", values=frozenset(_POUND * each for each in other.plain), factor=_POUND
            )
        if self.dimension and other.dimension and self.dimension != other.dimension:
            return _shares(self, other, about=self.about) or _shares(other, self, about=self.about)
        both = bool(self.dimension and other.dimension)
        mine, theirs = (self.values, other.values) if both else (self.plain, other.plain)
        if not both:
            theirs |= other.values if not other.dimension else frozenset()
        is_measured_otherwise = both and (self.factor != other.factor or "period" in self.dimension)
        if self.side and any(
            b * self.side >= a * self.side and abs(a - b) <= 0.1 * abs(b) for a in mine for b in theirs
        ):
            return True
        slack = 0.05 if self.about and not self.plain else 0.02 if is_measured_otherwise else 1e-9
        if any(abs(a - b) <= slack * max(abs(a), abs(b)) for a in mine for b in theirs):
            return True
        return self.about and any(is_rounded(a, b, self.factor if both else 1.0) for a in mine for b in theirs)

    def holds(self, other: Quantity) -> bool:
        """Whether the other one stands within it."""
        return self.place <= other.place and other.place + len(other.written) <= self.place + len(self.written)

    def is_like(self, other: Quantity) -> bool:
        """Whether the other one could stand in its place."""
        if self.kind != other.kind:
            return False
        if self.kind == "date":
            return any(
                all((a is None) == (b is None) for a, b in zip(x, y, strict=True))
                for x in self.days
                for y in other.days
            )
        return self.kind != "number" or (self.dimension == other.dimension and self.counts == other.counts)


def is_rounded(about: float, exact: float, factor: float = 1.0) -> bool:
    """Whether the one is the other, told with fewer digits: about 5 for 5.3, 75 for 73.6, 900 for 907.

    What has as many digits as 198 is not about 189.
    """
    told = abs(about / factor) if factor else 0.0
    if not told:
        return False
    step = 10.0 ** floor(log10(told))
    while abs(told / step - round(told / step)) > 1e-6 and step > 1e-6 * told:
        step /= 10
    if round(told / step) % 5 == 0:  # 75 is told in fives
        step *= 5
    return abs(about - exact) <= min(0.5001 * step * abs(factor), 0.1 * abs(exact))


def years_of(quantities: Iterable[Quantity]) -> frozenset[int]:
    """The years among them."""
    years: set[int] = set()
    for each in quantities:
        years.update(day[0] for day in each.days if day[0] is not None)
        years.update(int(value) for value in each.values if value == int(value) and 1500 <= value < 2200)
    return frozenset(years)


def _is_that_year(number: Quantity, date: Quantity) -> bool:
    return not number.dimension and any((value, None, None) in date.days for value in number.plain)


def _shares(percent: Quantity, ratio: Quantity, *, about: bool) -> bool:
    """50 % is a half, and 81 % about four in five."""
    slack = 4.0 if about else 0.5
    return (percent.dimension, ratio.dimension) == ("%", "share") and any(
        abs(value - 100 * part) < slack for value in percent.values for part in ratio.values
    )


def _within(mine: Day, theirs: Day, years: frozenset[int]) -> bool:
    if any(a is not None and a != b for a, b in zip(mine[1:], theirs[1:], strict=True)):
        return False
    year = mine[0]
    return year is None or year == theirs[0] or (theirs[0] is None and year in years)


Found = tuple[Quantity, int]  # and where it ends

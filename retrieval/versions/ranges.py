"""Which values of metadata lie within bounds that are dates or numbers?

A date is understood in the usual forms (`2024-03-12`, `12 March 2024`, `12.03.2024`, `March 2024`, `Q1 2024`, `2024`,
with or without a time of day), and covers all of its day, month, quarter or year. What can be read in two ways lies
within bounds if it does in both. A value without a zone is compared by the clock as it is written.
"""

from __future__ import annotations

import unicodedata
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from functools import lru_cache
from typing import ClassVar

import regex

from ingest.errors import CitewellError
from retrieval.lexical.dates import Named, dates
from retrieval.model import Range

_NUMBER = regex.compile(
    r"[-+]?(?:\d{1,3}(?:[,' ]\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d{1,3})?|[-+]?(?:\d{1,3}(?:[.' ]\d{3})+|\d+),\d{1,2}"
)
_YEAR = regex.compile(r"[12]\d{3}")
_PDF = regex.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?")
_CLOCK = regex.compile(r"\b\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[ap]\.?m\b\.?)?|\b(?:utc|gmt|z)\b")
_MAIL = regex.compile(r"\b\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d")
_DAYS = 10_000_000
_A_TICK = timedelta(microseconds=1)


class BadRange(CitewellError):
    """A bound is neither a date nor a number."""

    code: ClassVar[str] = "bad_range"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 422


@dataclass(frozen=True, slots=True)
class Moment:
    """From when to when a date goes, its own clock read as UTC, and how far that is from UTC, if it says so."""

    start: datetime
    end: datetime
    offset: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What a text may be: a number, and dates, of which each is one way to read it."""

    number: Decimal | None
    dates: tuple[Moment, ...]


def check(key: str, range: Range) -> None:
    """Raises `BadRange` where a range has no bound, or one that is neither a date nor a number."""
    if not range.bounds():
        raise BadRange(f"The range for {key!r} has no bound: give one of >=, >, <= and <.")
    for sign, bound in range.bounds():
        read = _read(bound)
        if read.number is None and not read.dates:
            raise BadRange(
                f"The filter {key}{sign}{bound} compares with neither a date nor a number: write a date as 2024-03-12, "
                "2024-03 or 2024, a number as 1250.5, or ask for one value with =."
            )
        if read.number is None and len(read.dates) > 1:
            raise BadRange(f"The filter {key}{sign}{bound} may mean two dates: write the one you mean as 2024-03-12.")


def within(range: Range, values: Iterable[str]) -> frozenset[str]:
    """Those of the values that lie within; what is neither a date nor a number does not."""
    bounds = [(sign, _read(bound)) for sign, bound in range.bounds()]
    return frozenset(value for value in values if all(_lies(_read(value), sign, bound) for sign, bound in bounds))


def _lies(value: Read, sign: str, bound: Read) -> bool:
    both = bool(value.dates and bound.dates)
    if value.number is not None and bound.number is not None and not (both and _unlike(value.number, bound.number)):
        one, other = value.number, bound.number
        return {">=": one >= other, ">": one > other, "<=": one <= other, "<": one < other}[sign]
    return both and all(_is(each, sign, bound.dates[0]) for each in value.dates)


def _unlike(one: Decimal, other: Decimal) -> bool:
    """Whether one is a year and the other a day, 20240312."""
    return (one > _DAYS) != (other > _DAYS)


def _is(value: Moment, sign: str, bound: Moment) -> bool:
    apart = timedelta(0)
    if value.offset is not None and bound.offset is not None:
        apart = value.offset - bound.offset
    start, end = value.start - apart, value.end - apart
    return {
        ">=": start >= bound.start,
        ">": start > bound.end,
        "<=": end <= bound.end,
        "<": end < bound.start,
    }[sign]


@lru_cache(maxsize=50_000)
def _read(text: str) -> Read:
    text = " ".join(unicodedata.normalize("NFKC", text).split())
    return Read(_number(text), tuple(_dates(text)))


def _number(text: str) -> Decimal | None:
    if not _NUMBER.fullmatch(text):
        return None
    plain = regex.sub("[' ]", "", text)
    has_comma = regex.fullmatch(r"[^,]+,\d{1,2}", plain)  # 2,5 and 1.250,50
    plain = plain.replace(".", "").replace(",", ".") if has_comma else plain.replace(",", "")
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _dates(text: str) -> Sequence[Moment]:
    if _YEAR.fullmatch(text):
        return [_covered(Named(0, 0, int(text)))]
    if (pdf := _PDF.match(text)) is not None:
        return _stamped(*(int(part) for part in pdf.groups() if part))
    try:
        found = parsedate_to_datetime(text) if _MAIL.search(text) else datetime.fromisoformat(text)
    except ValueError:
        return _named(text)
    wall = found.replace(tzinfo=UTC)
    end = wall + timedelta(days=1) - _A_TICK if ":" not in text and "T" not in text else wall
    return [Moment(wall, end, found.utcoffset())]


def _named(text: str) -> Sequence[Moment]:
    """The ways to read a text that is a date and nothing else, perhaps with a time of day."""
    small = _CLOCK.sub(" ", text.lower())
    named = [each for each in dates(small, [""], ("dmy", "mdy"), alone=True) if each.year]
    spans = {(each.start, each.end) for each in named}
    if len(spans) != 1:
        return []
    ((start, end),) = spans
    if any(map(str.isdigit, small[:start] + small[end:])):
        return []
    return [_covered(each) for each in named if _exists(each)]


def _stamped(year: int, month: int | None = None, day: int | None = None, *clock: int) -> Sequence[Moment]:
    """What a PDF writes without a sign between."""
    named = Named(0, 0, year, month, day)
    if not _exists(named):
        return []
    whole = _covered(named)
    at = whole.start + timedelta(**dict(zip(("hours", "minutes", "seconds"), clock, strict=False)))
    return [Moment(at, at) if clock else whole]


def _exists(named: Named) -> bool:
    year, month = named.year or 0, named.month
    return 1 <= year <= 9998 and (
        month is None or (1 <= month <= 12 and (named.day is None or 1 <= named.day <= monthrange(year, month)[1]))
    )


def _covered(named: Named) -> Moment:
    """All of a day, a month, a quarter or a year."""
    year = named.year or 1
    first = named.month or (3 * named.quarter - 2 if named.quarter else 1)
    last = named.month or (3 * named.quarter if named.quarter else 12)
    end = datetime(year, last, named.day or monthrange(year, last)[1], tzinfo=UTC) + timedelta(days=1) - _A_TICK
    return Moment(datetime(year, first, named.day or 1, tzinfo=UTC), end)

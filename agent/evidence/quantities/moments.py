"""Which dates, years, weekdays and times of the day does a text name?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from agent.evidence.quantities.quantity import Day, Found, Kind, Quantity
from agent.evidence.quantities.units import NEAR, numbered, unit_behind
from agent.evidence.vocabulary import AMBIGUOUS, MONTHS, SHORT, WEEKDAYS
from retrieval.lexical.figures import day_and_month, decades, month_and_year

_EVERY_DAY: Final = re.compile(
    r"\b(?:every ?day|each day|daily|seven days a week|täglich|jeden tag|tous les jours|chaque jour|cada día"
    r"|todos los días)\b",
    re.IGNORECASE,
)
_ISO = re.compile(r"(?<!\d)(1[5-9]\d\d|2[01]\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<![\d./])(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?![\d/])")
_EASTERN = re.compile(  # `1963年8月1日`
    r"(?:(?<!\d)(?P<year>1[5-9]\d\d|2[01]\d\d)\s?[年년]\s?)?(?<!\d)(?P<month>1[0-2]|0?[1-9])\s?[月월]"
    r"(?:\s?(?P<day>[12]\d|3[01]|0?[1-9])\s?[日号號일])?"
)
_DAY_MONTH = re.compile(r"\b(?:am|um|im|ab|bis|zum|vom|den|dem)\s(\d{1,2})\.\s?(\d{1,2})\.(?!\d)", re.IGNORECASE)
_CLOCK = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-4])"
    r"(?:(?:[:.](?P<minute>[0-5]\d)(?::[0-5]\d)?|\s?h\s?(?P<french>[0-5]\d))?\s?(?P<half>[ap]\.?\s?m\b\.?|uhr\b|o'clock\b"
    r"|in\s+the\s+(?:morning|afternoon|evening)\b|at\s+night\b|heures?\s+du\s+(?:matin|soir)\b"
    r"|de\s+la\s+(?:mañana|tarde|noche)\b|(?:uhr\s+)?(?:morgens|abends|nachts|nachmittags)\b|du\s+(?:matin|soir)\b)"
    r"|:(?P<plain>[0-5]\d)(?::[0-5]\d)?(?![\d:])|\s?h\s?(?P<only>[0-5]\d)(?!\w))",
    re.IGNORECASE,
)
_OF_A_YEAR = re.compile(
    r"\b(?:in|since|from|to|of|by|until|year|im|seit|von|bis|jahr|en|depuis|de|a)\s+$", re.IGNORECASE
)
_OF_A_MONTH = re.compile(
    r"\b(?:in|since|from|until|till|by|of|the|next|last|this|im|seit|bis|en|depuis|desde)\s+$", re.IGNORECASE
)
_TO = re.compile(r"\.?\s*(?:-|–|to|through|till|until|bis|au|à|a|al|tot)\s*", re.IGNORECASE)
_CENTURY = re.compile(
    r"(?<![\w.,])(?:(?P<n>[1-9]|1\d|2[01])(?:st|nd|rd|th|\.|ᵉ|e|ème)?|(?P<roman>[IVX]{1,5})e)\s(?:century|jahrhunderts?|siècle)\b"
    r"|\bsiglo (?P<siglo>[IVX]{1,5})\b",
    re.IGNORECASE,
)
_YEAR = re.compile(
    r"(?<![A-Za-zÀ-ɏ\d_.,:/$€£])(1[5-9]\d\d|20\d\d|21\d\d)(?:[–/-](\d\d(?:\d\d)?))?(?![A-Za-zÀ-ɏ\d_%]|[.,]\d|\s?(?:°|€|\$|£|EUR\b|euros?\b))"
)


def dates(text: str) -> Iterator[Found]:
    """Days and months, with their year or without."""
    taken: list[tuple[int, int]] = []
    for match, days in _written_dates(text):
        if days and not any(match.start() < end and start < match.end() for start, end in taken):
            taken.append(match.span())
            for alternatives in days:
                yield _date(match, alternatives)


def _written_dates(text: str) -> Iterator[tuple[re.Match[str], list[frozenset[Day]]]]:
    """Every date with each day that it names, each as the days that may be meant; the fullest forms first."""
    for match in _ISO.finditer(text):
        yield match, _possible({(int(match[1]), int(match[2]), int(match[3]))})
    for match in _EASTERN.finditer(text):
        year, month, day = (int(match[name]) if match[name] else None for name in ("year", "month", "day"))
        yield match, [frozenset({(year, month, day)})]
    for match in _NUMERIC.finditer(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        year += 0 if year > 99 else 2000 if year < 70 else 1900
        days: set[Day] = {(year, second, first)}
        yield match, _possible(days if match[2] == "." else days | {(year, first, second)})
    for match in _DAY_MONTH.finditer(text):
        yield match, _possible({(None, int(match[2]), int(match[1]))})
    for match, first, second in day_and_month(text):
        yield match, _possible({(None, second, first), (None, first, second)})
    for match, month, year in month_and_year(text):
        yield match, [frozenset({(year, month, None)})]
    for form in _dated():
        for match in form.finditer(text):
            groups = match.groupdict()
            word = groups["month"].casefold()
            is_alone = not groups.get("day") and not groups.get("year")
            is_behind = groups["month"].istitle() and _OF_A_MONTH.search(
                text[max(0, match.start() - NEAR) : match.start()]
            )
            if is_alone and not is_behind and (word in SHORT or groups["month"] in AMBIGUOUS):
                continue  # `may` and `march` are more often verbs
            if groups["month"] in {"may", "march"} and _year_of(groups) is None:
                continue  # `guests under 14 may`
            month = numbered(MONTHS)[word]
            year_given = _year_of(groups)
            given = [int(groups[name]) for name in ("day", "last") if groups.get(name)]
            if given:
                yield match, [days for day in given for days in _possible({(year_given, month, day)})]
            else:
                yield match, [frozenset({(year_given, month, None)})]


@cache
def _dated() -> tuple[re.Pattern[str], ...]:
    months = "|".join(sorted(numbered(MONTHS), key=len, reverse=True))
    month = rf"(?P<month>{months})\b\.?"
    day = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|\.|º)?"
    year = r"(?P<year>1[5-9]\d\d|2[01]\d\d)"
    of = r"(?:(?:of|de|del|di|du|des) )?"
    until = r"(?:\s?(?:-|–|to|until|bis|au|al|and|und)\s?(?:the\s)?(?P<last>[0-3]?\d)(?:st|nd|rd|th|\.)?)?"
    return tuple(
        re.compile(form, re.IGNORECASE)
        for form in (
            rf"(?<![\w.]){day}{until}[ -]*{of}[ -]*{month}(?:,?[ -]*{of}{year})?(?!\d)",
            rf"(?<!\w){month}[ -]+{day}{until}(?![\d:]|\s?(?:%|[ap]\.?m\b))(?:,?\s+{year})?(?!\d)",
            rf"(?<!\w){month}[ -]*(?:de |of |del )?,?\s*{year}(?!\d)",
            rf"(?<!\w){month}(?!\w)",
        )
    )


def _year_of(groups: dict[str, str | None]) -> int | None:
    """The year that a written date names."""
    year = groups.get("year")
    return int(year) if year else None


def _possible(days: set[Day]) -> list[frozenset[Day]]:
    real = frozenset(each for each in days if 1 <= (each[1] or 0) <= 12 and 1 <= (each[2] or 0) <= 31)
    return [real] if real else []


def _date(match: re.Match[str], days: frozenset[Day]) -> Found:
    return Quantity("date", days=days, written=match[0], place=match.start()), match.end()


def years(text: str) -> Iterator[Found]:
    """Years that stand alone, decades and centuries."""
    for match in _CENTURY.finditer(text):
        first = 100 * ((int(match["n"]) if match["n"] else _roman(match["roman"] or match["siglo"])) - 1)
        yield _year_range(match[0], match.start(), range(first, first + 100))
    for start, end, begun in decades(text):
        yield _year_range(text[start:end], start, [year for first in begun for year in range(first, first + 10)])
        text = text[:start] + " " * (end - start) + text[end:]
    for match in _YEAR.finditer(text):
        behind = text[match.end() : match.end() + NEAR]
        if not match[2] and not _OF_A_YEAR.search(text[max(0, match.start() - NEAR) : match.start()]):
            is_count = match[1].endswith("00") and re.match(r"\s?[^\W\d_]", behind)
            is_called_year = behind[:1] in {"年", "년"}
            if is_count or (unit_behind(behind).dimension and not is_called_year):  # 2000 guests are no year
                continue
        elif not match[2] and re.match(r"\s?[^\W\d_]{2}", behind) and unit_behind(behind).dimension:  # `de 1600 mm`
            continue
        years = [int(match[1])]
        if match[2]:
            last = int(match[2]) if len(match[2]) == 4 else int(match[1][:2] + match[2])
            years += [last] if last > years[0] else []
        for year in years:
            yield _date(match, frozenset({(year, None, None)}))


def _year_range(written: str, place: int, years: Iterable[int]) -> Found:
    days = frozenset((year, None, None) for year in years)
    return Quantity("date", days=days, dimension="range", written=written, place=place), place + len(written)


def _roman(numeral: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in numeral.upper()]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


def clocks(text: str) -> Iterator[Found]:
    """Times in minutes of the day; `8:00` may be one of the evening."""
    for match in _CLOCK.finditer(text):
        hour = int(match["hour"])
        minute = int(match["minute"] or match["french"] or match["plain"] or match["only"] or 0)
        half = re.sub(r"[.\s]", "", match["half"] or "").casefold()
        times = {60 * hour + minute}
        if half.startswith("p") or half.endswith(("afternoon", "evening", "soir", "tarde", "abends", "nachmittags")):
            times = {60 * (hour % 12 + 12) + minute}
        elif half.startswith("am") or half.endswith(("morning", "matin", "mañana", "morgens")):
            times = {60 * (hour % 12) + minute}
        elif hour < 12 and not match["hour"].startswith("0"):
            times.add(60 * (hour + 12) + minute)
        yield _value("clock", match, *(each % 1440 for each in times))


def weekdays(text: str) -> Iterator[Found]:
    """Days of the week: of `Monday to Friday` each, of `daily` all."""
    for match in _EVERY_DAY.finditer(text):
        for day in range(1, 8):
            yield (
                Quantity("weekday", frozenset({float(day)}), counts="every", written=match[0], place=match.start()),
                match.end(),
            )
    known = numbered(WEEKDAYS)
    last: tuple[int, int] | None = None  # the day before, and where its name ends
    for match in re.finditer(r"(?<![\w-])[^\W\d_]+(?!\w)", text):
        word = match[0].casefold()
        behind = text[match.end() : match.end() + NEAR]
        if word not in known or (word in SHORT and not match[0][0].isupper()):
            continue
        if word in AMBIGUOUS and not re.match(r"\.?\s*[-–,/]|\.?\s+(?:to|and|\d)", behind):
            continue
        day = known[word]
        days = {day}
        if last and _TO.fullmatch(text[last[1] : match.start()]):
            days |= {(last[0] - 1 + step) % 7 + 1 for step in range((day - last[0]) % 7)}
        last = (day, match.end())
        for each in sorted(days):
            yield _value("weekday", match, each)


def _value(kind: Kind, match: re.Match[str], *values: float) -> Found:
    return Quantity(kind, frozenset(map(float, values)), written=match[0], place=match.start()), match.end()

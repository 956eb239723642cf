"""Which numbers, amounts, dates and times does a text name, however they are written?

`1,000`, `1.000`, `1 000` and `a thousand` are one number, `5 GB` and `5 gigabytes` one amount, `12 March 2024`,
`2024-03-12` and `12.03.2024` one date, `8 pm` and `20:00` one time. Number words are read by text2num.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import pairwise
from typing import Final, Literal

from agent.evidence.numerals import DIGITS, in_digits, meant
from agent.evidence.vocabulary import AMBIGUOUS, FREQUENCIES, MONTHS, SHORT, UNITS, WEEKDAYS

Kind = Literal["number", "date", "clock", "weekday"]
Day = tuple[int | None, int | None, int | None]  # year, month, day
_ARTICLES: Final = frozenset(("a", "an", "d"))
_CAPITALS: Final = frozenset("AKVW")
_NOT_COUNTED: Final = frozenset(("of", "von", "de", "and", "or", "to"))
_NEAR: Final = 60  # letters: so far a number's own words may stand from it


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
        slack = 0.05 if self.about else 0.02 if is_measured_otherwise else 1e-9
        return any(abs(a - b) <= slack * max(abs(a), abs(b)) for a in mine for b in theirs)

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


_ABOUT: Final = re.compile(
    r"(?:\b(?:about|around|roughly|approximately|approx\.?|some|nearly|almost|circa|ca\.?|c\.|rund|etwa|ungefähr|fast|knapp"
    r"|environ|près de|presque|unos|unas|casi|aproximadamente|circa)|[~≈])\s*(?:[€$£]|EUR|USD)?\s*$",
    re.IGNORECASE,
)
_MORE_THAN: Final = re.compile(
    r"\b(?:over|more than|mehr als|über|plus de|más de)\s*(?:[€$£]|EUR|USD)?\s*$", re.IGNORECASE
)
_LESS_THAN: Final = re.compile(
    r"\b(?:under|less than|fewer than|weniger als|unter|knapp|moins de|menos de)\s*(?:[€$£]|EUR|USD)?\s*$",
    re.IGNORECASE,
)
_ONE: Final = re.compile(r"(?<![\d.,])1(?![\d]|[.,]\d)")
_EVERY_DAY: Final = re.compile(
    r"\b(?:every ?day|each day|daily|seven days a week|täglich|jeden tag|tous les jours|chaque jour|cada día"
    r"|todos los días)\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"(?<![A-Za-zÀ-ɏ\d_.,])(?P<sign>[-−–](?=\d))?(?P<digits>{DIGITS})(?P<ordinal>st|nd|rd|th|º|ª|er|ème)?(?![\d])"
)
_RATIO = re.compile(r"(?<![\w./])(\d)\s?[/⁄]\s?([2-9]|10)(?![\w/]|\.\d)")
_VERSION = re.compile(r"(?<![\w.])(?!\d{1,3}(?:\.\d{3})+(?!\w|\.\d))v?\d+(?:\.\d+){2,}(?![\w])")  # 1.500.000 is none
_ISO = re.compile(r"(?<!\d)(1[5-9]\d\d|2[01]\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<![\d./])(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?![\d/])")
_DAY_MONTH = re.compile(r"\b(?:am|um|im|ab|bis|zum|vom|den|dem)\s(\d{1,2})\.\s?(\d{1,2})\.(?!\d)", re.IGNORECASE)
_DAY_AND_MONTH = re.compile(r"(?<![\d./])(?=0\d|[0-3]\d/0|1[3-9]|2\d|3[01])([0-3]?\d)/([01]?\d)(?![\d/]|\.\d)")
_CLOCK = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-4])"
    r"(?:(?:[:.](?P<minute>[0-5]\d)(?::[0-5]\d)?|\s?h\s?(?P<french>[0-5]\d))?\s?(?P<half>[ap]\.?\s?m\b\.?|uhr\b|o'clock\b"
    r"|in\s+the\s+(?:morning|afternoon|evening)\b|at\s+night\b|heures?\s+du\s+(?:matin|soir)\b"
    r"|de\s+la\s+(?:mañana|tarde|noche)\b|(?:uhr\s+)?(?:morgens|abends|nachts|nachmittags)\b|du\s+(?:matin|soir)\b)"
    r"|:(?P<plain>[0-5]\d)(?::[0-5]\d)?(?![\d:])|\s?h\s?(?P<only>[0-5]\d)(?!\w))",
    re.IGNORECASE,
)
_HOURS_RANGE = re.compile(
    r"(?<![\d:.])(1[0-2]|\d)(?=\s?(?:-|–|to|until|till)\s?(?:1[0-2]|\d)(?:[:.][0-5]\d)?\s?([ap])\.?m\b)", re.IGNORECASE
)
_CURRENCY = re.compile(r"(?:(?:US)?\$|€|£|¥|EUR|USD|GBP|CHF)\s?[-−]?$")
_WORD_BEHIND = re.compile(
    r"[ \u00a0\u202f-]?(°\s?[CF]\b|[€$£¥%]|[^\W\d_]+(?:/[^\W\d_]+|[²³23](?!\w))?)"
    r"(?:[ -]([^\W\d_]+))?(?:[ -]([^\W\d_]+))?"
)


_OF_A_YEAR = re.compile(
    r"\b(?:in|since|from|to|of|by|until|year|im|seit|von|bis|jahr|en|depuis|de|a)\s+$", re.IGNORECASE
)
_TO = re.compile(r"\.?\s*(?:-|–|to|through|till|until|bis|au|à|a|al|tot)\s*", re.IGNORECASE)
Found = tuple["Quantity", int]  # and where it ends


@cache
def _units() -> dict[str, tuple[str, float]]:
    known: dict[str, tuple[str, float]] = {}
    for dimension, groups in UNITS.items():
        for group in groups.split("|"):
            factor, *names = group.split()
            for name in names:
                known.setdefault(name, (dimension, float(factor)))
    known["Nm"] = ("newton metres", 1.0)  # but nanometres are `nm`
    return known


@cache
def _numbered(listed: str) -> dict[str, int]:
    return {name: place for place, names in enumerate(listed.split("|"), 1) for name in names.split()}


@cache
def _dated() -> tuple[re.Pattern[str], ...]:
    months = "|".join(sorted(_numbered(MONTHS), key=len, reverse=True))
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


_CENTURY = re.compile(
    r"(?<![\w.,])(?:(?P<n>[1-9]|1\d|2[01])(?:st|nd|rd|th|\.|ᵉ|e|ème)?|(?P<roman>[IVX]{1,5})e)\s(?:century|jahrhunderts?|siècle)\b"
    r"|\bsiglo (?P<siglo>[IVX]{1,5})\b",
    re.IGNORECASE,
)
_DECADE = re.compile(r"(?<![\w.,])(1[5-9]\d0|20\d0)(?:s|er|ern)\b")
_YEAR = re.compile(
    r"(?<![A-Za-zÀ-ɏ\d_.,:/$€£])(1[5-9]\d\d|20\d\d|21\d\d)(?:[–/-](\d\d(?:\d\d)?))?(?![A-Za-zÀ-ɏ\d_%]|[.,]\d|\s?(?:°|€|\$|£|EUR\b|euros?\b))"
)


def read(text: str, language: str = "en") -> tuple[Quantity, ...]:
    """Every quantity in the text, in its order."""
    return _read(text, language)


@lru_cache(maxsize=512)
def _read(text: str, language: str) -> tuple[Quantity, ...]:
    rest = in_digits(text, language)
    found: list[Quantity] = []
    for reader in (_dates, _clocks, _weekdays, _years, _ratios, _numbers):
        taken: list[tuple[int, int]] = []
        for quantity, end in reader(rest):
            found.append(quantity)
            taken.append((quantity.place, end))
        for start, end in taken:  # what was read is not read again
            rest = rest[:start] + "\x00" * (end - start) + rest[end:]
    found += _again(in_digits(text, language), found)
    if not _ONE.search(text):  # written as a word it is as often a pronoun
        found = [each for each in found if each.plain != {1.0} or each.dimension]
    return tuple(sorted(found, key=lambda each: each.place))


def years_of(quantities: Iterable[Quantity]) -> frozenset[int]:
    """The years among them."""
    years: set[int] = set()
    for each in quantities:
        years.update(day[0] for day in each.days if day[0] is not None)
        years.update(int(value) for value in each.values if value == int(value) and 1500 <= value < 2200)
    return frozenset(years)


def _dates(text: str) -> Iterator[Found]:
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
    for match in _NUMERIC.finditer(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        year += 0 if year > 99 else 2000 if year < 70 else 1900
        days: set[Day] = {(year, second, first)}
        yield match, _possible(days if match[2] == "." else days | {(year, first, second)})
    for match in _DAY_MONTH.finditer(text):
        yield match, _possible({(None, int(match[2]), int(match[1]))})
    for match in _DAY_AND_MONTH.finditer(text):
        first, second = int(match[1]), int(match[2])
        yield match, _possible({(None, second, first), (None, first, second)})
    for form in _dated():
        for match in form.finditer(text):
            groups = match.groupdict()
            word = groups["month"].casefold()
            is_alone = not groups.get("day") and not groups.get("year")
            if (is_alone and word in SHORT) or (not groups.get("day") and groups["month"] in AMBIGUOUS):
                continue  # `may` and `march` are more often verbs
            if groups["month"] in {"may", "march"} and _year_of(groups) is None:
                continue  # `guests under 14 may`
            month = _numbered(MONTHS)[word]
            year_given = _year_of(groups)
            given = [int(groups[name]) for name in ("day", "last") if groups.get(name)]
            if given:
                yield match, [days for day in given for days in _possible({(year_given, month, day)})]
            else:
                yield match, [frozenset({(year_given, month, None)})]


def _year_of(groups: dict[str, str | None]) -> int | None:
    """The year that a written date names."""
    year = groups.get("year")
    return int(year) if year else None


def _possible(days: set[Day]) -> list[frozenset[Day]]:
    real = frozenset(each for each in days if 1 <= (each[1] or 0) <= 12 and 1 <= (each[2] or 0) <= 31)
    return [real] if real else []


def _date(match: re.Match[str], days: frozenset[Day]) -> Found:
    return Quantity("date", days=days, written=match[0], place=match.start()), match.end()


def _years(text: str) -> Iterator[Found]:
    for match in _CENTURY.finditer(text):
        first = 100 * ((int(match["n"]) if match["n"] else _roman(match["roman"] or match["siglo"])) - 1)
        yield _year_range(match, range(first, first + 100))
    for match in _DECADE.finditer(text):
        yield _year_range(match, range(int(match[1]), int(match[1]) + 10))
    text = _DECADE.sub(lambda match: " " * len(match[0]), text)
    for match in _YEAR.finditer(text):
        behind = text[match.end() : match.end() + _NEAR]
        if not match[2] and not _OF_A_YEAR.search(text[max(0, match.start() - _NEAR) : match.start()]):
            is_count = match[1].endswith("00") and re.match(r"\s?[^\W\d_]", behind)
            if is_count or _unit(behind).dimension:  # 2000 guests are no year
                continue
        elif not match[2] and re.match(r"\s?[^\W\d_]{2}", behind) and _unit(behind).dimension:  # `de 1600 mm`
            continue
        years = [int(match[1])]
        if match[2]:
            last = int(match[2]) if len(match[2]) == 4 else int(match[1][:2] + match[2])
            years += [last] if last > years[0] else []
        for year in years:
            yield _date(match, frozenset({(year, None, None)}))


def _year_range(match: re.Match[str], years: range) -> Found:
    days = frozenset((year, None, None) for year in years)
    return Quantity("date", days=days, dimension="range", written=match[0], place=match.start()), match.end()


def _roman(numeral: str) -> int:
    values = [{"I": 1, "V": 5, "X": 10}[letter] for letter in numeral.upper()]
    return sum(-a if a < b else a for a, b in zip(values, [*values[1:], 0], strict=True))


def _clocks(text: str) -> Iterator[Found]:
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
    for match in _HOURS_RANGE.finditer(text):
        yield _value("clock", match, 60 * (int(match[1]) % 12), 60 * (int(match[1]) % 12 + 12))


def _weekdays(text: str) -> Iterator[Found]:
    for match in _EVERY_DAY.finditer(text):
        for day in range(1, 8):
            yield (
                Quantity("weekday", frozenset({float(day)}), counts="every", written=match[0], place=match.start()),
                match.end(),
            )
    known = _numbered(WEEKDAYS)
    last: tuple[int, int] | None = None  # the day before, and where its name ends
    for match in re.finditer(r"(?<![\w-])[^\W\d_]+(?!\w)", text):
        word = match[0].casefold()
        behind = text[match.end() : match.end() + _NEAR]
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


def _ratios(text: str) -> Iterator[Found]:
    for match in _RATIO.finditer(text):
        value = frozenset({int(match[1]) / int(match[2])})
        yield Quantity("number", value, value, "share", written=match[0], place=match.start()), match.end()


def _numbers(text: str) -> Iterator[Found]:
    versions = [match.span() for match in _VERSION.finditer(text)]
    for match in _NUMBER.finditer(text):
        before = text[max(0, match.start() - _NEAR) : match.start()]
        behind = text[match.end() : match.end() + _NEAR]
        unit = _unit(behind)
        dimension, factor, counts = unit.dimension, unit.factor, unit.counts
        is_of_a_name = re.match(r"[A-Za-zÀ-ɏ]", behind) and not dimension and not match["ordinal"]
        is_of_a_version = any(start <= match.start() < end for start, end in versions)
        if is_of_a_name or is_of_a_version or re.search(r"[^\W\d_]-$", before):  # 3D, 1.2.3, B-12
            continue
        end = match.end() + unit.length
        if not dimension and (currency := _CURRENCY.search(before)):
            dimension, factor = _units()[currency[0].strip("-−").strip().casefold()]
            counts = ""
        plain = meant(match["digits"])
        if dimension in ("celsius", "fahrenheit") and match["sign"]:
            plain = frozenset(-value for value in plain)
        elif match["sign"] and not dimension:
            plain |= {-value for value in plain}
        yield (
            Quantity(
                kind="number",
                values=frozenset(value * factor for value in plain),
                plain=plain,
                dimension=dimension,
                counts=counts,
                factor=factor,
                about=_ABOUT.search(before) is not None,
                side=1 if _MORE_THAN.search(before) else -1 if _LESS_THAN.search(before) else 0,
                written=text[match.start() : end],
                place=match.start(),
            ),
            end,
        )


def _again(text: str, found: Sequence[Quantity]) -> Iterator[Quantity]:
    """What is said by several numbers together, or by a number and words."""
    for pattern, meaning in _AGAIN:
        for match in pattern.finditer(text):
            dimension, value = meaning(match)
            if dimension == "clock":
                values = frozenset({value, value + 720} if value <= 720 else {value})
                yield Quantity("clock", values, written=match[0], place=match.start(), again=True)
            elif dimension:
                yield _more(match, dimension, value)
    for first, last in pairwise(sorted((each for each in found if each.dimension), key=lambda each: each.place)):
        is_smaller = last.dimension == first.dimension and last.factor < first.factor
        end = first.place + len(first.written)
        if is_smaller and re.fullmatch(r",?\s*(?:and|und|et|y|con)?\s*", text[end : last.place]):
            values = frozenset(a + b for a in first.values for b in last.values)
            written = text[first.place : last.place + len(last.written)]
            yield replace(first, values=values, plain=frozenset(), written=written, factor=last.factor, again=True)


Meaning = tuple[str, float]  # the dimension, empty where it means nothing, and the value


def _part_of(match: re.Match[str]) -> Meaning:
    part, whole = (max(meant(match[name])) if match[name][0].isdigit() else 1 for name in ("part", "whole"))
    return ("share", part / whole) if part < whole else ("", 0)


def _every(match: re.Match[str]) -> Meaning:
    word, every = match["unit"].casefold(), 2 if match["other"] else float(match["n"] or 1)
    dimension, factor = ("seconds", 604800.0) if word in _numbered(WEEKDAYS) else _units().get(word, ("", 0.0))
    if dimension == "seconds":
        return "period", every * factor
    return ("share", 1 / every) if match["ordinal"] else ("", 0)


def _so_often(match: re.Match[str]) -> Meaning:
    times = {"twice": 2, "once": 1}.get(match["n"].casefold()) or float(match["n"])
    dimension, factor = _units().get(match["unit"].casefold(), ("", 0.0))
    return ("period", factor / times) if dimension == "seconds" and times else ("", 0)


def _regularly(match: re.Match[str]) -> Meaning:
    days = (1 / 24, 1, 7, 14, 30.4375, 91.3125, 182.625, 365.25)[_numbered(FREQUENCIES)[match[0].casefold()] - 1]
    return "period", 86400 * days


def _more(match: re.Match[str], dimension: str, value: float) -> Quantity:
    is_about = _ABOUT.search(match.string[max(0, match.start() - _NEAR) : match.start()]) is not None
    return Quantity(
        "number", frozenset({float(value)}), dimension=dimension, factor=0, about=is_about, written=match[0],
        place=match.start(), again=True,
    )  # fmt: skip


_AGAIN: Final[tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], Meaning]], ...]] = (
    (
        re.compile(
            rf"(?<![\w.,])(?P<part>{DIGITS}|one|an?|eine?r?|une?|uno)(?: [^\W\d_]+)?"
            r" (?:out of|of|in|von|aus|sur|de cada|de)(?: (?:our|the|its|all|every|den|les|los))?"
            rf" (?P<whole>{DIGITS})(?![:.\d]|\s?[ap]\.?m)",
            re.IGNORECASE,
        ),
        _part_of,
    ),
    (
        re.compile(
            rf"\b(?:of|von|sur|de)(?: (?:our|the|den|les|los))? (?P<whole>{DIGITS}) [^\W\d_]+,? (?P<part>{DIGITS})",
            re.IGNORECASE,
        ),
        _part_of,
    ),
    (
        re.compile(
            r"\b(?:every|each|alle|jede[nrs]?|tou(?:te)?s les|chaque|cada) (?:(?P<other>other|second|zweite[nrs]?) "
            r"|(?P<n>\d{1,4})(?P<ordinal>st|nd|rd|th|\.|º|ᵉ)? )?(?P<unit>[^\W\d_]+)",
            re.IGNORECASE,
        ),
        _every,
    ),
    (
        re.compile(
            r"\b(?P<n>\d{1,4}|once|twice)(?:[ -](?:times|mal)| fois| veces)?"
            r" (?:an?|per|each|every|pro|im|in der|am|par|por|a la|al) (?P<unit>[^\W\d_]+)",
            re.IGNORECASE,
        ),
        _so_often,
    ),
    (
        re.compile(r"\b(?:an?|one|eine?[nrms]?|une?|una)\s(?P<unit>[^\W\d_]{3,})", re.IGNORECASE),
        lambda match: _units().get(match["unit"].casefold(), ("", 0)),
    ),
    (re.compile(rf"\b(?:{'|'.join(_numbered(FREQUENCIES))})\b", re.IGNORECASE), _regularly),
    (re.compile(r"\b(?:15|quinze|quince)\s(?:jours|días)\b"), lambda _: ("seconds", 1209600)),
    (re.compile(r"\b(?:8|huit|ocho|acht)\s(?:jours|días|Tagen?)\b"), lambda _: ("seconds", 604800)),
    (
        re.compile(r"(?<![\d:.,])(\d{1,3})\s?h\s?([0-5]\d)\b"),
        lambda match: ("seconds", 3600 * int(match[1]) + 60 * int(match[2])),
    ),
    (  # in French the hour of a time as well as of a length
        re.compile(r"(?<![\d:.,])([01]?\d|2[0-4])\s?(?:h|heures)\b(?!\s?\d)"),
        lambda match: ("clock", 60 * int(match[1])),
    ),
    (  # the first of `9 to 13 o'clock`
        re.compile(
            r"(?<![\d:.,])([01]?\d|2[0-4])(?=\s?(?:-|–|to|until|till|and|bis|und|à|et|a|y)\s?[012]?\d(?:[:.][0-5]\d)?"
            r"\s?(?:[ap]\.?m\b|uhr\b|h\b|o'clock|in the (?:morn|after|even)|de la (?:mañ|tar|noc)|heures|du (?:mat|soi)"
            r"))",
            re.IGNORECASE,
        ),
        lambda match: ("clock", 60 * int(match[1])),
    ),
)


def _value(kind: Kind, match: re.Match[str], *values: float) -> Found:
    return Quantity(kind, frozenset(map(float, values)), written=match[0], place=match.start()), match.end()


def lone_units(text: str) -> frozenset[tuple[str, float]]:
    """Units that no number stands before: of a rate (`40 chunks a second`), or of a table's column."""
    found = set()
    for match in re.finditer(r"(?:square |cubic )?[^\W\d_]{3,}|[€$£%]|°[CF]", text):
        before, name = text[max(0, match.start() - _NEAR) : match.start()], match[0].casefold().replace(" ", "_")
        if name in _units() and not re.search(r"\d[\d.,]*\s?-?$", before):
            found.add(_units()[name])
    return frozenset(found)


def is_unit(word: str) -> bool:
    """Whether something may be measured in it."""
    return word in _units() or word.casefold() in _units()


@dataclass(frozen=True, slots=True)
class _Unit:
    """What stands behind a number: a unit and how long its name is, or else the word that is counted."""

    dimension: str = ""
    factor: float = 1.0
    counts: str = ""
    length: int = 0


def _unit(behind: str) -> _Unit:
    match = _WORD_BEHIND.match(behind)
    if match is None:
        return _Unit()
    known = _units()
    parts = [part for part in match.groups() if part]
    for length in range(len(parts), 0, -1):
        name = "_".join(parts[:length]).replace("° ", "°")
        if name.casefold() in _ARTICLES and behind[0] in " -":
            continue  # `5 a day`
        is_letter = len(name) == 1 and name.isupper() and name not in _CAPITALS  # `3D` is no time
        for written in (name, name if is_letter else name.casefold()):
            if written in known and not (written == "k" and behind[0] == " "):
                return _Unit(*known[written], length=match.end(length))
    first = parts[0].casefold()
    return _Unit(counts="" if first in _NOT_COUNTED else first)

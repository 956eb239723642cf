"""Which days, months and quarters does a text name, in whatever form?

`12 March 2024`, `2024-03-12`, `12.03.2024` and `12 de marzo de 2024` are one term, `=2024-03-12`; no word can begin
with that sign. `12/03/24` is read as the document writes its other dates, then by its language; in English, where
both orders are usual, as either.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import regex

from retrieval.lexical.analyze import stemmer_of
from retrieval.lexical.figures import day_and_month, is_numbered, month_and_year

MONTHS = Path(__file__).with_name("months.json")
"""The names of months and what they are shortened to, of the Unicode CLDR 47, and a few that it lacks."""

_YEAR = r"(?:1[5-9]|2[01])\d\d"
_ALONE, _END = r"(?<!\d)(?<!\d[-./:])", r"(?!\d)(?![-./]\d)"
_YEAR_FIRST = regex.compile(rf"{_ALONE}({_YEAR})([-/]|\.\s?)(\d{{1,2}})\2(\d{{1,2}}){_END}")
_YEAR_LAST = regex.compile(rf"{_ALONE}(\d{{1,2}})([-/]|\.\s?)(\d{{1,2}})\2({_YEAR}|\d\d){_END}")
_COMPACT = regex.compile(rf"(?<!\d)({_YEAR})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
_MONTHS = (
    regex.compile(rf"{_ALONE}(?P<year>{_YEAR})[-/](?P<month>0[1-9]|1[0-2]){_END}"),
    regex.compile(rf"{_ALONE}(?P<month>0[1-9]|1[0-2])\.(?P<year>{_YEAR}){_END}"),
    regex.compile(r"\btháng\s+(?P<month>\d{1,2})(?:\s+năm|,|/)?\s*(?P<year>\d{4})"),
)
_SIGNED = (  # 2024年3月12日, 2024년 3월, 3月12日, 3月, ngày 12 tháng 3 năm 2024
    regex.compile(
        r"(?:(?<!\d)(?P<year>\d{4})\s?[年년]\s?)?(?<!\d)(?P<month>\d{1,2})\s?[月월]"
        r"(?:\s?(?P<day>\d{1,2})\s?[日号號일])?"
    ),
    regex.compile(r"(?P<day>\d{1,2})\s+tháng\s+(?P<month>\d{1,2})(?:(?:\s+năm|,)?\s+(?P<year>\d{4}))?"),
)
_VERSION = regex.compile(r"(?:\bv|\b(?:version|versión|versione|versão|versie|wersja|ver|rev|release))\.?\s?$")
_WORD = regex.compile(r"\p{L}[\p{L}\p{M}]+")
_OF = r"(?:(?:of|the|de|del|de la|di|da|do|den|d'|av|ng|ta')\b\s*)"
_DAY_BEFORE = regex.compile(
    rf"(?<![\d.,:/])(?:(\d{{1,2}})\s?[-–]\s?)?(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|[.ºª°oa]|-?го|-?а)?[\s-]{{0,2}}{_OF}?$"
)
_YEAR_BEFORE = regex.compile(rf"(?<!\d)({_YEAR})[\s.,-]{{0,3}}{_OF}?$")
_YEAR_AFTER = regex.compile(rf"\.?[\s-]{{0,2}}(?:,\s?)?{_OF}{{0,2}}(?:({_YEAR})(?!\d)|(?:'|(?<=-))(\d\d)(?!\d))")
_DAY_AFTER = regex.compile(
    rf"\.?[\s-]{{1,2}}(?:the\s)?(\d{{1,2}})(?:st|nd|rd|th)?(?![\d:%])(?![.,]\d)(?:(?:,\s?|\s)(?:of\s)?({_YEAR})(?!\d))?"
)
_IN = regex.compile(r"\b(?:in|since|until|till|during|last|next|early|late|mid|of|by|from|through)[\s-]$")
_NEAR = 24  # letters beside a month within which its day and its year stand
_MODAL = regex.compile(r"\b(?:of|by|from|through)[\s-]$")  # before "may" these say nothing

_QUARTERS = "quarter|quartal|trimest[a-z]*|kwarta[a-z]*|kvartal|kvartál[a-z]*|ketvirtis|neljännes|квартал[а-я]*|τρίμηνο"
_FIRST = (
    "first|erste[nsmr]?|primer[oa]?|premier|primo|eerste|första|første|pierwszy[a-z]*|první[a-z]*|перв[а-я]*|primeiro",
    "second|zweite[nsmr]?|segundo|deuxième|secondo|tweede|andra|andet|andre|drugi[a-z]*|druh[a-zéý]*|втор[а-я]*",
    "third|dritte[nsmr]?|tercer[o]?|troisième|terzo|derde|tredje|trzeci[a-z]*|třetí[a-z]*|трет[а-я]*|terceiro",
    "fourth|last|vierte[nsmr]?|cuarto|quatrième|quarto|vierde|fjärde|fjerde|czwart[a-z]*|čtvrt[a-zéý]*|четв[её]рт[а-я]*",
)
_FIRST_TO_FOURTH = "|".join(f"(?P<w{n}>{words})" for n, words in enumerate(_FIRST, 1))
_ORDINAL = regex.compile(
    rf"\b(?:(?P<n>[1-4])(?:\.|st|nd|rd|th|er|[eèoº°]|-?й|ème)?|{_FIRST_TO_FOURTH})"
    rf"\s?(?:{_QUARTERS})\b(?:[\s,/]{{0,2}}(?:of|de|del|des|do|di|van|von|i|jahres|anno)?\s?(?:(?P<year>{_YEAR})(?!\d)))?"
)
_NUMBERED = regex.compile(
    rf"\b(?:{_QUARTERS})\s(?P<n>[1-4])\b(?:[\s,/]{{0,2}}(?:of|de|del|des)?\s?(?P<year>{_YEAR})(?!\d))?"
)
_SHORT = regex.compile(
    rf"\b(?:(?P<year>{_YEAR})[\s/-]{{0,2}}[qtk](?P<n>[1-4])|[qtk](?P<n>[1-4])(?:[\s/,-]{{0,2}}(?:fy\s?|of\s|de\s)?(?P<year>{_YEAR})"
    r"|[\s/-]?'(?P<short>\d\d)|/(?P<short>\d\d))|(?P<n>[1-4])q[\s-]?'?(?:(?P<year>(?:19|20)\d\d)|(?P<short>\d\d))|q(?P<n>[1-4]))\b"
)
_EASTERN = regex.compile(
    r"(?:(?P<year>\d{4})\s?[年년]\s?)?(?:第?\s?(?P<n>[1-4一二三四])\s?(?:季度?|四半期)|(?P<n>[1-4])분기)"
)
# Where nothing of these stands no quarter does: they are looked for in a twentieth of the time
_HINT = re.compile("quart|trimest|kwarta|kvart|ketvirtis|neljännes|квартал|τρίμηνο")
_SHORT_HINT, _EASTERN_HINT = re.compile("[qtk][1-4]|[1-4]q"), re.compile("季|四半期|분기")
_HINTED = ((_HINT, _ORDINAL), (_HINT, _NUMBERED), (_SHORT_HINT, _SHORT), (_EASTERN_HINT, _EASTERN))

_NATIVE_YEAR_FIRST = frozenset(["eu", "fa", "hu", "ja", "ko", "lt", "mn", "ne", "zh"])
_UNDECIDED = frozenset({"", "en", "tl"})  # both 3/12 and 12/3 are usual for one day


@dataclass(frozen=True, slots=True)
class Named:
    """A day, a month or a quarter that stands in a text, from `start` to `end`; `figures` where no word says it."""

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    quarter: int | None = None
    figures: bool = False

    @property
    def is_one(self) -> bool:
        """Whether there is such a day."""
        return (self.month is None or 1 <= self.month <= 12) and (self.day is None or 1 <= self.day <= 31)

    def written(self) -> list[str]:
        """Its terms in a document, which is found by all that it lies in: a day in its month too."""
        said = self.asked()
        if self.month:
            said += [f"=--{self.month:02}"]
            if self.day:
                said += [f"=--{self.month:02}-{self.day:02}"]
        if self.quarter:
            said += [f"=--q{self.quarter}"]
        return list(dict.fromkeys(said))

    def asked(self) -> list[str]:
        """Its terms in a question: as closely as it says when."""
        year = str(self.year) if self.year else "-"
        if self.quarter:
            return [f"={year}-q{self.quarter}"]
        if self.day is None:
            return [f"={year}-{self.month:02}"]
        day = f"={year}-{self.month:02}-{self.day:02}"
        return [day, f"={year}-{self.month:02}"] if self.year else [day]


def dates(
    text: str, languages: Sequence[str], orders: Iterable[str], *, capitals: str = "", alone: bool = False
) -> list[Named]:
    """What `text`, in small letters and ASCII digits, names; `capitals` is the same text as it was written.

    `languages` are those that its words may be of, an empty one stands for any; `orders` are those of day, month and
    year that `12/03/24` may have. `alone` where the text is meant to be a date and nothing else.
    """
    found = list(_numeric(text, tuple(orders))) if any(map(str.isdigit, text)) else []
    taken = [(each.start, each.end) for each in found]
    worded = _worded(text, tuple(languages), capitals or text, alone)
    found += [each for each in worded if (each.start, each.end) not in taken]
    found += _quarters(text, languages)
    return [each for each in found if each.is_one]


def orders_of(text: str, language: str) -> tuple[str, ...]:
    """The orders of day, month and year in dates like `12/03/24`, as far as a document of this text tells."""
    seen = {
        "dmy" if int(first) > 12 else "mdy"
        for first, separator, second, _ in _YEAR_LAST.findall(text)
        if separator in "/-" and (int(first) > 12) != (int(second) > 12)
    }
    return (seen.pop(),) if len(seen) == 1 else usual_orders(language)


def usual_orders(language: str) -> tuple[str, ...]:
    """Those that are usual in a language."""
    if language in _UNDECIDED:
        return ("dmy", "mdy")
    return ("ymd",) if language in _NATIVE_YEAR_FIRST else ("dmy",)


def _numeric(text: str, orders: tuple[str, ...]) -> Iterator[Named]:
    for found in _YEAR_FIRST.finditer(text):
        year, _, month, day = found.groups()
        yield Named(found.start(), found.end(), int(year), int(month), int(day), figures=True)
    for found in _YEAR_LAST.finditer(text):
        yield from _ordered(found, orders)
    for found in _COMPACT.finditer(text):
        year, month, day = map(int, found.groups())
        yield Named(found.start(), found.end(), year, month, day)  # or a number of another kind: it stays a word too
    for match, month, year in month_and_year(text):
        yield Named(match.start(), match.end(), year, month, figures=True)
    for match, *numbers in day_and_month(text):
        for order in dict.fromkeys(order.replace("y", "") for order in orders):
            month, day = numbers if order == "md" else reversed(numbers)
            yield Named(match.start(), match.end(), month=month, day=day, figures=True)
    for pattern in (*_MONTHS, *_SIGNED):
        for found in pattern.finditer(text):
            if pattern in _MONTHS and is_numbered(text, found.start()):
                continue
            said = {name: int(value) for name, value in found.groupdict().items() if value}
            yield Named(found.start(), found.end(), **said, figures=True)


def _ordered(found: regex.Match[str], orders: tuple[str, ...]) -> Iterator[Named]:
    first, separator, second, last = found.groups()
    if separator[0] == "." and len(last) == 2 and len(orders) > 1 and len(first + second) < 4:
        return  # 3.1.24 is a version
    if (
        separator[0] == "."
        and len(last) == 2
        and _VERSION.search(found.string[max(0, found.start() - 10) : found.start()])
    ):
        return
    numbers = int(first), int(second), int(last)
    if separator[0] == ".":
        orders = tuple({"mdy": "dmy"}.get(order, order) for order in orders)
    if len(last) == 4:
        orders = tuple({"ymd": "dmy"}.get(order, order) for order in orders)
    for order in dict.fromkeys(orders):
        said = dict(zip(order, numbers, strict=True))
        year = said["y"] if said["y"] > 99 else said["y"] + (1900 if said["y"] > 68 else 2000)
        yield Named(found.start(), found.end(), year, said["m"], said["d"], figures=True)


def _worded(text: str, languages: tuple[str, ...], capitals: str, alone: bool) -> Iterator[Named]:
    if not any(_month(word, languages) for word in set(_WORD.findall(text))):
        return
    for found in _WORD.finditer(text):
        month_name = _month(found.group(), languages)
        if month_name is None:
            continue
        start, end, year, days = _around(text, *found.span())
        if year is None and not _is_month(found, languages, capitals, month_name, days=bool(days)):
            continue
        if month_name.of == "" and not (month_name.whole or alone or (year and days)):
            continue  # "set", "out" and "ago" are months somewhere
        for month in month_name.months:
            yield from (Named(start, end, year, month, day) for day in days or (None,))


def _around(text: str, start: int, end: int) -> tuple[int, int, int | None, list[int]]:
    """Where the date ends that the month within these bounds is part of, its year, and its day, or a first and last."""
    before, after = text[max(0, start - _NEAR) : start], text[end : end + _NEAR]
    day, year, earlier = _DAY_BEFORE.search(before), _YEAR_AFTER.match(after), _YEAR_BEFORE.search(before)
    if day is None and year is None and (later := _DAY_AFTER.match(after)):
        said = later[2] or (earlier[1] if earlier else None)
        return start, end + later.end(), int(said) if said else None, [int(later[1])]
    if day is None and year is None:
        return start, end, int(earlier[1]) if earlier else None, []
    start -= len(before) - day.start() if day else 0
    end += year.end() if year else 0
    days = [int(n) for n in day.groups() if n] if day else []
    return start, end, int(year[1] or f"20{year[2]}") if year else None, days


def _is_month(
    word: regex.Match[str], languages: tuple[str, ...], capitals: str, name: MonthName, *, days: bool
) -> bool:
    """Whether a word without a year is meant as a month: in English `may` and `march` are others too."""
    whole = name.whole
    if _UNDECIDED.isdisjoint(languages) or name.of not in _UNDECIDED:
        return days or whole
    start, before = word.start(), word.string[max(0, word.start() - _NEAR) : word.start()]
    capital = len(capitals) == len(word.string) and capitals[start].isupper()
    if word.group() != "may":
        return days or (whole and (capital or bool(_IN.search(before))))
    if capital and capitals[start + 1].islower():
        return days or not _begins(capitals, start)
    return not days and bool(_IN.search(before)) and not _MODAL.search(before)


def _begins(text: str, start: int) -> bool:
    """Whether a sentence begins there."""
    before = text[:start].rstrip(" \t\"'“”‘’([*_>#-")
    return not before or before[-1] in ".!?:;\n|•"


def _quarters(text: str, languages: Sequence[str]) -> Iterator[Named]:
    is_english = {*languages} - {""} == {"en"}
    for hint, pattern in _HINTED:
        for found in pattern.finditer(text) if hint.search(text) else ():
            if is_english and pattern is _SHORT and "q" not in found.group():
                continue  # T4 is a form, K1 a visa
            said = found.groupdict()
            n = said.get("n") or next(str(n) for n in (1, 2, 3, 4) if said.get(f"w{n}"))
            year = said.get("year") or (f"20{said['short']}" if said.get("short") else None)
            yield Named(
                found.start(),
                found.end(),
                int(year) if year else None,
                quarter=int({"一": 1, "二": 2, "三": 3, "四": 4}.get(n, n)),
            )


@dataclass(frozen=True, slots=True)
class MonthName:
    """The months that a word names, whether it is the whole name, and of which language; empty where of any."""

    months: tuple[int, ...]
    whole: bool
    of: str


@lru_cache(maxsize=50_000)
def _month(word: str, languages: tuple[str, ...]) -> MonthName | None:
    """What a word says as the name of a month; None for most."""
    for language in sorted(languages, key=lambda each: each == ""):  # of any language last
        for kind, whole in zip(_names(language), (True, False), strict=True):
            if word in kind:
                return MonthName(kind[word], whole, "en" if _is_english(word) else language)
    for language in languages:
        stemmer = stemmer_of(language) if language not in ("", "en") and len(word) > 3 else None
        if stemmer is not None and (months := _stems(language).get(stemmer.stemWord(word))):
            return MonthName(months, True, language)
    return None


def _is_english(word: str) -> bool:
    return any(word in kind for kind in _names("en"))


@cache
def _names(language: str) -> tuple[dict[str, tuple[int, ...]], dict[str, tuple[int, ...]]]:
    """Whole names and short ones in a language, and in English; of no language those of all."""
    stored = json.loads(MONTHS.read_text("utf-8"))
    whole: dict[str, list[int]] = {}
    short: dict[str, list[int]] = {}
    for code in stored if not language else dict.fromkeys((language, "en")):
        for month, names in enumerate(stored.get(code, ()), 1):
            longest, *others = names.split()
            for name in (longest, *others):
                kind = whole if name == longest or len(name) > 4 else short
                if month not in kind.setdefault(name, []):
                    kind[name].append(month)
    return (
        {name: tuple(months) for name, months in whole.items()},
        {name: tuple(months) for name, months in short.items()},
    )


@cache
def _stems(language: str) -> dict[str, tuple[int, ...]]:
    stemmer = stemmer_of(language)
    return {stemmer.stemWord(name): months for name, months in _names(language)[0].items()} if stemmer else {}

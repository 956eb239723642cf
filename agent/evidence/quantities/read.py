"""Which numbers, amounts, dates and times does a text name, however they are written?

`1,000`, `1.000`, `1 000` and `a thousand` are one number, `5 GB` and `5 gigabytes` one amount, `12 March 2024`,
`2024-03-12` and `12.03.2024` one date, `8 pm` and `20:00` one time. Number words are read by text2num.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from agent.evidence.quantities.combined import combined
from agent.evidence.quantities.moments import clocks, dates, weekdays, years
from agent.evidence.quantities.numerals import DIGITS, in_digits, meant
from agent.evidence.quantities.quantity import Found, Quantity
from agent.evidence.quantities.units import NEAR, is_about, known_units, unit_behind

_ONE: Final = re.compile(r"(?<![\d.,])1(?![\d]|[.,]\d)")
_MORE_THAN: Final = re.compile(
    r"\b(?:over|more than|mehr als|über|plus d[e']|más de)\s*(?:[€$£]|EUR|USD|an?\b|une?\b|eine[rn]?\b)?\s*$",
    re.IGNORECASE,
)
_LESS_THAN: Final = re.compile(
    r"\b(?:under|less than|fewer than|weniger als|unter|knapp|moins de|menos de)\s*(?:[€$£]|EUR|USD)?\s*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    rf"(?<![A-Za-zÀ-ɏ\d_.,])(?P<sign>[-−–](?=\d))?(?P<digits>{DIGITS})(?P<ordinal>st|nd|rd|th|º|ª|er|ème)?(?![\d])"
)
_RATIO = re.compile(r"(?<![\w./])(\d)\s?[/⁄]\s?([2-9]|10)(?![\w/]|\.\d)")
_VERSION = re.compile(r"(?<![\w.])(?!\d{1,3}(?:\.\d{3})+(?!\w|\.\d))v?\d+(?:\.\d+){2,}(?![\w])")  # 1.500.000 is none
_UNTIL = re.compile(rf"\s?(?:-|–|to|bis|à|a|hasta)\s?{DIGITS}")
_CURRENCY = re.compile(r"(?:(?:US)?\$|€|£|¥|EUR|USD|GBP|CHF|DKK|SEK|NOK|JPY|PLN)\s?[-−]?$")


def read(text: str, language: str = "en") -> tuple[Quantity, ...]:
    """Every quantity in the text, in its order."""
    return _read(text, language)


@lru_cache(maxsize=512)
def _read(text: str, language: str) -> tuple[Quantity, ...]:
    rest = in_digits(text, language)
    found: list[Quantity] = []
    for reader in (dates, clocks, weekdays, years, _ratios, _numbers):
        taken: list[tuple[int, int]] = []
        for quantity, end in reader(rest):
            found.append(quantity)
            taken.append((quantity.place, end))
        for start, end in taken:  # what was read is not read again
            rest = rest[:start] + "\x00" * (end - start) + rest[end:]
    found += combined(in_digits(text, language), found)
    if not _ONE.search(text):  # written as a word it is as often a pronoun
        found = [each for each in found if each.plain != {1.0} or each.dimension]
    return tuple(sorted(found, key=lambda each: each.place))


def _ratios(text: str) -> Iterator[Found]:
    for match in _RATIO.finditer(text):
        value = frozenset({int(match[1]) / int(match[2])})
        before = text[max(0, match.start() - NEAR) : match.start()]
        yield (
            Quantity(
                "number", value, value, "share", about=is_about(before), side=_side(before), written=match[0],
                place=match.start(),
            ),
            match.end(),
        )  # fmt: skip


def _side(before: str) -> int:
    return 1 if _MORE_THAN.search(before) else -1 if _LESS_THAN.search(before) else 0


def _numbers(text: str) -> Iterator[Found]:
    versions = [match.span() for match in _VERSION.finditer(text)]
    for match in _NUMBER.finditer(text):
        before = text[max(0, match.start() - NEAR) : match.start()]
        behind = text[match.end() : match.end() + NEAR]
        unit = unit_behind(behind)
        dimension, factor, counts = unit.dimension, unit.factor, unit.counts
        if not dimension and (until := _UNTIL.match(behind)):  # `from 85 to 92 euros`
            dimension, factor = (rest := unit_behind(behind[until.end() :])).dimension, rest.factor
        is_of_a_name = re.match(r"[A-Za-zÀ-ɏ]", behind) and not dimension and not match["ordinal"]
        is_of_a_version = any(start <= match.start() < end for start, end in versions)
        if is_of_a_name or is_of_a_version or re.search(r"[^\W\d_]-$", before):  # 3D, 1.2.3, B-12
            continue
        end = match.end() + unit.length
        if not dimension and (currency := _CURRENCY.search(before)):
            dimension, factor = known_units()[currency[0].strip("-−").strip().casefold()]
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
                about=is_about(before),
                side=_side(before),
                written=text[match.start() : end],
                place=match.start(),
            ),
            end,
        )

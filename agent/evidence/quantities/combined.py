"""What do several numbers say together, or a number and words: `3 of 10`, `every 2 weeks`, `2 hours 30 minutes`?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from agent.evidence.quantities.numerals import DIGITS, meant
from agent.evidence.quantities.quantity import Quantity
from agent.evidence.quantities.units import NEAR, is_about, is_unit, known_units, numbered
from agent.evidence.vocabulary import FREQUENCIES, WEEKDAYS

Meaning = tuple[str, float]  # the dimension, empty where it means nothing, and the value


def combined(text: str, found: Sequence[Quantity]) -> Iterator[Quantity]:
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


def _more(match: re.Match[str], dimension: str, value: float) -> Quantity:
    before = match.string[max(0, match.start() - NEAR) : match.start()]
    return Quantity(
        "number", frozenset({float(value)}), dimension=dimension, factor=0, about=is_about(before), written=match[0],
        place=match.start(), again=True,
    )  # fmt: skip


def _part_of(match: re.Match[str]) -> Meaning:
    part, whole = (max(meant(match[name])) if match[name][0].isdigit() else 1 for name in ("part", "whole"))
    return ("share", part / whole) if part < whole else ("", 0)


def _every(match: re.Match[str]) -> Meaning:
    word, every = match["unit"].casefold(), 2 if match["other"] else float(match["n"] or 1)
    dimension, factor = ("seconds", 604800.0) if word in numbered(WEEKDAYS) else known_units().get(word, ("", 0.0))
    if dimension == "seconds":
        return "period", every * factor
    return ("share", 1 / every) if match["ordinal"] else ("", 0)


def _times(match: re.Match[str]) -> float:
    return {"twice": 2, "once": 1}.get(match["n"].casefold()) or float(match["n"]) or 1


def _so_often(match: re.Match[str]) -> Meaning:
    dimension, factor = known_units().get(match["unit"].casefold(), ("", 0.0))
    if any(is_unit(word) for word in (match["of"] or "").split()):  # 5 euros a month are no fifth of it
        return "", 0
    return ("period", factor / _times(match)) if dimension == "seconds" else ("", 0)


def _so_often_regularly(match: re.Match[str]) -> Meaning:
    return "period", _seconds_between(match["unit"]) / _times(match)


def _regularly(match: re.Match[str]) -> Meaning:
    return "period", _seconds_between(match[0])


def _seconds_between(word: str) -> float:
    """How long one time is from the next of what is `weekly`; `daily` by itself is read as days of the week."""
    days = (1 / 24, 1, 7, 14, 30.4375, 91.3125, 182.625, 365.25)
    return 86400 * (1 if word.casefold() == "daily" else days[numbered(FREQUENCIES)[word.casefold()] - 1])


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
            r"(?P<of>(?: (?!(?:once|twice)\b)[^\W\d_]+'?s?){1,2}?)?"
            r" (?:an?|per|each|every|pro|im|in der|am|par|por|a la|al) (?P<unit>[^\W\d_]+)",
            re.IGNORECASE,
        ),
        _so_often,
    ),
    (
        re.compile(
            r"\b(?P<n>\d{1,4}|once|twice)(?:[ -](?:times|mal)| fois| veces)?"
            r" (?P<unit>hourly|daily|weekly|monthly|quarterly|yearly|annually|täglich|wöchentlich|monatlich"
            r"|jährlich)\b",
            re.IGNORECASE,
        ),
        _so_often_regularly,
    ),
    (
        re.compile(r"\b(?:an?|one|eine?[nrms]?|une?|una)\s(?P<unit>[^\W\d_]{3,})", re.IGNORECASE),
        lambda match: known_units().get(match["unit"].casefold(), ("", 0)),
    ),
    (re.compile(rf"\b(?:{'|'.join(numbered(FREQUENCIES))})\b", re.IGNORECASE), _regularly),
    (re.compile(r"\b(?:15|quinze|quince)\s(?:jours|días)\b"), lambda _: ("seconds", 1209600)),
    (
        re.compile(r"(?<![\d:.,])(\d{1,3})\s?h\s?([0-5]\d)\b"),
        lambda match: ("seconds", 3600 * int(match[1]) + 60 * int(match[2])),
    ),
    (  # in French and Spanish the hour of a time as well as of a length
        re.compile(r"(?<![\d:.,])([01]?\d|2[0-4])\s?(?:h|heures|horas)\b(?!\s?\d)"),
        lambda match: ("clock", 60 * int(match[1])),
    ),
    (  # the first of `9 to 13 o'clock`
        re.compile(
            r"(?<![\d:.,])([01]?\d|2[0-4])(?=\s?(?:-|–|to|until|till|and|bis|und|à|et|a|y)\s?[012]?\d(?:[:.][0-5]\d)?"
            r"\s?(?:[ap]\.?m\b|uhr\b|h\b|o'clock|in the (?:morn|after|even)|de la (?:mañ|tar|noc)|horas|heures"
            r"|du (?:mat|soi)))",
            re.IGNORECASE,
        ),
        lambda match: ("clock", 60 * int(match[1])),
    ),
)

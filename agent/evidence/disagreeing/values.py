"""Which values does a text give, and could two of them be one?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from math import log10
from typing import Final

from agent.evidence.disagreeing.asking import Asked, is_year
from agent.evidence.disagreeing.said import ORDINAL, Said, denials, is_among
from agent.evidence.quantities.quantity import MOMENTS, Quantity
from agent.evidence.wording import akin

# What a number behind one of these is, is a name and no value.
COUNTED: Final = frozenset(
    """step chapter section version part level table figure room line gate unit question item case phase week day module
    exercise lesson stage class grade type no number release season article art rule version risk schritt kapitel
    abschnitt teil stufe tabelle raum zimmer woche tag étape chapitre partie niveau paso capítulo parte nivel v
    api""".split()  # noqa: SIM905
)
_RATE: Final = re.compile(
    r"\s*(?:a|an|per|each|every|/|pro|im|par|por|al|[^\W\d_]+ (?:a|per|pro|par))\s*"
    r"(hour|day|week|month|year|minute|second|stunde|tag|woche|monat|jahr|heure|jour|semaine|mois|an|hora|día|semana"
    r"|mes|año)",
    re.IGNORECASE,
)
_LIMITS: Final = re.compile(
    r"\b(?:maximum|minimum|limit|most|least|may|must|can|exceed\w*|allowed|required|needed|needs?"
    r"|requires?|quorum|up to|ha(?:ve|s) (?=\d+ (?:day|week|month|hour|minute))"
    r"|term|deadline|period|frist|délai|plazo"
    r"|höchst\w*|mindest\w*|darf|dürfen|muss|maxim\w+|minim\w+|peut|doit|au plus|puede|debe)\b",
    re.IGNORECASE,
)
_OPEN_UNTIL: Final = re.compile(
    r"\b(?:open|geöffnet|ouverte?|abiert[oa])\b.*\b(?:until|till|bis|jusqu'à|hasta)\b"
    r"|\b(?:until|till|bis|jusqu'à|hasta)\b.*\b(?:open|geöffnet|ouverte?|abiert[oa])\b",
    re.IGNORECASE,
)
_KEPT_FOR: Final = re.compile(
    r"\b(?:kept|keeps?|stored|retained|saved|aufbewahrt|gespeichert|conserv\w+)\b.*\b(?:for|pendant|durante|tage|jahre)\b",
    re.IGNORECASE,
)
_OF_WHICH: Final = re.compile(r"\b(?:of which|of whom|davon|dont|de los cuales|de ellos)\b", re.IGNORECASE)
_MARKS: Final = re.compile(r"\s*\d{1,2}[.)]\s")  # an item of a list
_RANGE: Final = re.compile(r"\s?(?:to|bis|à|a|and|und|et|y|or|–|-)\s?")
_BESIDE: Final = re.compile(r"\w $")
_OF_A_MONTH: Final = re.compile(r"\s+(?:day )?of (?:each|every|the) month", re.IGNORECASE)
_NEARLY: Final = 0.005


@dataclass(frozen=True, slots=True)
class Value:
    """A number or date, with 1 where it is the least and -1 where it is the most, and the part it stands in."""

    quantity: Quantity
    limit: int
    of: Said

    @property
    def group(self) -> str:
        """What it is measured in: one of another group is of something else."""
        if self.quantity.kind == "number":
            return "date" if is_year(self.quantity) else self.quantity.dimension
        return self.quantity.kind


def differing(mine: Sequence[Said], theirs: Sequence[Said], asked: Asked) -> Iterator[tuple[Value, Value, bool]]:
    """Two values of a kind that could each be the answer, of which neither text says the other's too.

    With each pair whether both are the only ones of their kind that could be.
    """
    if other_keys(mine, theirs, asked):
        return
    both = [_values(side, asked) for side in (mine, theirs)]
    if asked.kind not in ("moment", "money"):
        both = [[*_rates(side), *values] for side, values in zip((mine, theirs), both, strict=True)]
    fit = [[each for each in side if asked.is_answered_by(each.quantity)] for side in both]
    if asked.kind == "number":
        fit = [_counting(side, asked) for side in fit]
    if any(fit) and not all(fit):
        return
    for group in dict.fromkeys(each.group for each in (fit if all(fit) else both)[0]):
        a, b = ([each for each in side if each.group == group] for side in (fit if all(fit) else both))
        if not a or not b or _meet(a, b) or _said_there(a, theirs) or _said_there(b, mine):
            continue
        pairs = [(x, y) for x in a for y in b]
        first = next((pair for pair in pairs if _are_alike(*pair)), None)
        if first is None or any(_agree(*pair) or (_nearly(*pair) and pair != first) for pair in pairs):
            continue
        rest = ([each for each in side if each.group != group] for side in both)
        is_asked_of = any(each.quantity.is_borne_by(number) for each in first for number in asked.numbers)
        if not is_asked_of and not _in_another_case(*rest, is_moment=group in MOMENTS):
            yield (*first, all(fit) and len(pairs) == 1)


def _values(parts: Iterable[Said], asked: Asked) -> list[Value]:
    """Its numbers and dates that are no names; of `two to three days` both are days."""
    found: list[Value] = []
    for part in parts:
        numbers = [each for each in part.numbers if each[0].counts != "every" and not _is_key(each[0], part, asked)]
        for place, (each, limit) in enumerate(numbers):
            if place and _OF_WHICH.search(part.text[: each.place]):
                continue  # a part of what is told before
            behind = numbers[place + 1][0] if place + 1 < len(numbers) else None
            if behind is not None and each.kind == behind.kind == "number" and not (each.dimension or each.counts):
                between = part.text[each.place + len(each.written) : behind.place]
                if _RANGE.fullmatch(between):
                    values = frozenset(value * behind.factor for value in each.plain)
                    each = replace(each, dimension=behind.dimension, counts=behind.counts, values=values)
            found.append(Value(each, limit, part))
    return found


def _rates(parts: Iterable[Said]) -> list[Value]:
    """How often something is: of `600 requests a minute` the tenth of a second."""
    return [Value(each, 0, part) for part in parts for each in part.whole if each.dimension == "period"]


def _counting(some: list[Value], asked: Asked) -> list[Value]:
    """Those before what is asked, where some are: of `32 beds, four of which …` the 32, of `500 g flour` the grams."""
    counting = [
        each
        for each in some
        if any(is_among(key, asked.keys, each.of.language) for key in _counted(each.quantity, each.of)[:1])
        or (each.quantity.counts and is_among(each.quantity.counts, asked.keys, each.of.language))
    ]
    return counting or some


def _is_key(each: Quantity, of: Said, asked: Asked) -> bool:
    """Whether a number is a name: `line 7`, `Nova 10`, `the third floor`."""
    if each.kind != "number":
        return False
    if ORDINAL.match(each.written.strip()):
        return not _OF_A_MONTH.match(of.text[each.place + len(each.written) :])
    if _MARKS.match(of.text) and not of.text[: each.place].strip():
        return True
    before = [token for token in of.tokens if token.place < each.place]
    if not before or each.dimension or not _BESIDE.search(of.text[: each.place]):
        return False
    is_named = before[-1].is_capital and of.language != "de" and not is_among(before[-1].key, asked.keys, of.language)
    return before[-1].folded in COUNTED or (bool(before[-1].key) and is_named)


def _begins(each: Quantity, of: Said) -> bool:
    """Whether it stands behind the first word."""
    before = [token for token in of.tokens if token.place < each.place]
    is_beside = _BESIDE.search(of.text[: each.place]) is not None
    return len(before) == 1 and bool(before[0].key) and is_beside and each.kind == "number" and not each.dimension


def other_keys(mine: Sequence[Said], theirs: Sequence[Said], asked: Asked) -> bool:
    """Whether both have numbers that are names, and none in common."""
    sides = [[(each, part) for part in side for each, _ in part.numbers] for side in (mine, theirs)]
    begins = [[each for each, part in side if _begins(each, part)] for side in sides]
    a, b = ([each for each, part in side if _is_key(each, part, asked)] for side in sides)
    if all(begins):  # `Deal 7 cards` has none
        a, b = a + begins[0], b + begins[1]
    return bool(a and b) and not any(x.plain & y.plain for x in a for y in b)


def _said_there(some: Iterable[Value], parts: Sequence[Said]) -> bool:
    there = [each for part in parts for each in (*(number for number, _ in part.numbers), *part.whole)]
    return any(each.quantity.is_borne_by(other) or other.is_borne_by(each.quantity) for each in some for other in there)


def _meet(a: Sequence[Value], b: Sequence[Value]) -> bool:
    """Whether what lies between the numbers of each has something in common."""
    if len(a) + len(b) < 3 or any(each.quantity.kind != "number" or is_year(each.quantity) for each in (*a, *b)):
        return False
    x, y = ([value for each in side for value in each.quantity.values] for side in (a, b))
    return bool(x and y) and min(x) <= max(y) and min(y) <= max(x)


def _in_another_case(a: Sequence[Value], b: Sequence[Value], *, is_moment: bool) -> bool:
    """Whether values of another kind say that each holds in another case: at 25 °C, at 38 °C; in 2021, in 2022."""
    for group in {each.group for each in a} & {each.group for each in b}:
        x, y = ([each for each in side if each.group == group] for side in (a, b))
        is_same = any(p.quantity.is_borne_by(q.quantity) or q.quantity.is_borne_by(p.quantity) for p in x for q in y)
        if not is_same and not (is_moment and group in MOMENTS):
            return True
    # what is told of one day alone, an account
    return not is_moment and any(each.group == "date" for each in a) != any(each.group == "date" for each in b)


def _rate(each: Value) -> str:
    found = _RATE.match(each.of.text[each.quantity.place + len(each.quantity.written) :])
    return found[1].casefold()[:3] if found else ""


def _nearly(one: Value, other: Value) -> bool:
    a, b = one.quantity, other.quantity
    if not a.kind == b.kind == "number" or a.dimension != b.dimension or is_year(a):
        return False
    values = (a.values, b.values), (_digits(a), _digits(b))  # `$10.389 …`: the rest is cut off
    return any(abs(x - y) <= _NEARLY * abs(y) for mine, theirs in values for x in mine for y in theirs)


def _digits(one: Quantity) -> list[float]:
    return [value / 10 ** (3 * (int(log10(value)) // 3)) for value in one.plain if value > 0]


def _are_alike(one: Value, other: Value) -> bool:
    """Whether the one counts what the other counts."""
    a, b = one.quantity, other.quantity
    if a.kind != "number" or a.dimension:
        return True
    for each, of, against in ((a, one.of, other.of), (b, other.of, one.of)):
        if each.counts and not (b if each is a else a).counts:
            behind = _counted(each, of)[:1]
            return not behind or against.has(behind[0], with_about=True)
    if not a.counts or not b.counts or akin(a.counts, b.counts, one.of.language):
        return True
    counted = [_counted(a, one.of), _counted(b, other.of)]
    return not all(counted) or any(akin(x, y, one.of.language) for x in counted[0] for y in counted[1])


def _counted(each: Quantity, of: Said) -> list[str]:
    """The words behind a number that may be what it counts."""
    keys = []
    for token in [token for token in of.tokens if token.place > each.place and not token.is_quantity][:3]:
        if not token.key:
            break
        keys.append(token.key)
    return keys


def _agree(one: Value, other: Value) -> bool:
    """Whether both hold: a value lies within what is the most or the least there, or is of another length of time."""
    if (mine := _rate(one)) and (theirs := _rate(other)) and mine != theirs:
        return True
    if one.quantity.kind != "number":
        return False
    if one.limit and other.limit:
        return one.limit != other.limit
    for bound, value in ((one, other), (other, one)):
        if bound.limit and not _LIMITS.search(value.of.text):
            return any(x * bound.limit >= y * bound.limit for x in value.quantity.values for y in bound.quantity.values)
    return False


def is_denied(each: Value) -> bool:
    """Whether it is denied of this value; that it is open until then says when it is closed."""
    is_turned = _OPEN_UNTIL.search(each.of.text) or _KEPT_FOR.search(each.of.text)
    return bool(denials(each.of, each.quantity.place)) != bool(is_turned)

"""Do two sentences give other values, or does one deny what the other says?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log10
from typing import Final

from agent.evidence.disagreeing.apart import apart
from agent.evidence.disagreeing.said import ORDINAL, Said, beside, content, denials, is_among, left_out, may_undo, said
from agent.evidence.quantities.quantity import Quantity
from agent.evidence.quantities.read import read
from agent.evidence.wording import akin, language_of

# What a number behind one of these is, is a name and no value.
COUNTED: Final = frozenset(
    """step chapter section version part level table figure room line gate unit question item case phase week day module
    exercise lesson stage class grade type no number release schritt kapitel abschnitt teil stufe tabelle raum zimmer
    woche tag étape chapitre partie niveau paso capítulo parte nivel v api""".split()  # noqa: SIM905
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
_OVER: Final = re.compile(
    r"\b(?:above|over|under|below|beyond|more than|less than|older than|younger than|über|unter|ab|plus de|moins de"
    r"|más de|menos de)\s*(?:[€$£]\s*)?$",
    re.IGNORECASE,
)
_BESIDE: Final = re.compile(r"\w $")
_OF_A_MONTH: Final = re.compile(r"\s+(?:day )?of (?:each|every|the) month", re.IGNORECASE)
_LEAD: Final = 12  # letters: so far from the head of a sentence stands what it begins with
_MOMENTS: Final = ("date", "clock", "weekday")
Pair = tuple[str, str]
Told = tuple[Quantity, int]  # with 1 where it is the least, -1 where it is the most
_NEARLY: Final = 0.005
_SHORT: Final = 4  # words
_SURE: Final = 2  # words that two sentences share, where of one it is not known what it points back to


@lru_cache(maxsize=4096)
def _begun(text: str) -> frozenset[str]:
    return frozenset(word[:4] for word in re.findall(r"\w{3,}", text.casefold()))


@dataclass(frozen=True, slots=True)
class Difference:
    """What each of two texts says, values or sentences, and whether the one denies the other."""

    mine: str
    theirs: str
    denies: bool = False


def differ(one: str, other: str, question: str, about: tuple[Pair, Pair] = (("", ""), ("", ""))) -> Difference | None:
    """What the first of their parts say that contradict each other; None where none do."""
    if _begun(one).isdisjoint(_begun(other)) and not any(map(any, about)):
        return None  # as most do: to read them takes time
    language = language_of(f"{one}\n{other}\n{question}")
    asked = frozenset(key for each in said(question, language) for key in each.keys)
    numbers = read(question, language)
    for mine in said(one, language, *about[0]):
        for theirs in said(other, language, *about[1]):
            if found := _differ(mine, theirs, asked, numbers):
                return found
    return None


def _differ(one: Said, other: Said, asked: frozenset[str], numbers: Sequence[Quantity]) -> Difference | None:
    if not (one.numbers and other.numbers) and not (_may_deny(one) or _may_deny(other)):
        return None
    one, other = beside(one, other), beside(other, one)
    if not _of_one(one, other, asked):
        return None
    mine, theirs = _left_over(one, other, asked), _left_over(other, one, asked)
    if _on_other_sides(one, other):
        return None
    if mine and theirs:
        found = None if _other_keys(one, other, asked) else _values(one, other, (mine, theirs), numbers)
        return None if found is None or apart(one, other, asked) else found
    denies = _denier(one, other)
    if denies is None or _other_keys(one, other, asked):
        return None
    if any(_OVER.search(denies.text[: each.place]) for each, _ in denies.numbers):
        return None
    left = [(each, of) for side, of in ((mine, one), (theirs, other)) for each, _ in side if each.kind in _MOMENTS]
    if any(of is denies or each.place < _LEAD for each, of in left):
        return None
    return None if apart(one, other, asked, denies) else Difference(one.text.strip(), other.text.strip(), denies=True)


def _of_one(one: Said, other: Said, asked: frozenset[str]) -> bool:
    """Whether both speak of what is asked."""
    shared, size = _shared(one, other), min(_size(one), _size(other))
    if not shared or shared < size / 3 or (size > _SHORT and shared < _SURE):
        return False
    first, second = (frozenset(key for key in asked if each.has(key, with_about=True)) for each in (one, other))
    if any(each.points_back and not each.about for each in (one, other)) and shared < _SURE:
        return False
    if not first and not second:  # it is asked in other words
        return 5 * shared >= 3 * max(_size(one), _size(other))
    return bool(first & second) and 2 * len(first & second) >= min(len(first), len(second))


def _may_deny(one: Said) -> bool:
    return bool(denials(one)) or any(each.key and may_undo(each.folded) for each in one.tokens)


def _shared(one: Said, other: Said) -> int:
    return max(sum(a.has(key, with_about=a.points_back) for key in b.keys) for a, b in ((one, other), (other, one)))


def _size(one: Said) -> int:
    return len({each.key for each in one.tokens if each.key and not each.carries})


def _left_over(one: Said, other: Said, asked: frozenset[str]) -> list[Told]:
    """Its numbers and dates that the other does not say, in whatever form, and that are no names."""
    theirs = [*(each for each, _ in other.numbers), *other.whole]
    same = [each for each in one.whole if any(map(each.is_borne_by, theirs))]
    return [
        (each, limit)
        for each, limit in one.numbers
        if not any(each.is_borne_by(their) or their.is_borne_by(each) for their in theirs)
        and not (each.kind == "number" and any(whole.holds(each) for whole in same))
        and each not in _keys(one, other, asked)
    ]


def _on_other_sides(one: Said, other: Said) -> bool:
    """Whether what is the most in the one is the least in the other: under 50, and from 50 on."""
    return any(a * b < 0 and mine.is_borne_by(theirs) for mine, a in one.numbers for theirs, b in other.numbers)


def _keys(one: Said, other: Said, asked: frozenset[str]) -> list[Quantity]:
    """Its numbers that are names: `line 7`, `Nova 10`. `Deal 7 cards` has none, if the other begins with none."""
    sure = [each for each, _ in one.numbers if _is_key(each, one, asked)]
    begins = [[each for each, _ in of.numbers if _begins(each, of)] for of in (one, other)]
    return [*sure, *begins[0]] if all(begins) else sure


def _is_key(each: Quantity, of: Said, asked: frozenset[str]) -> bool:
    if each.kind != "number":
        return False
    if ORDINAL.match(each.written.strip()):
        return not _OF_A_MONTH.match(of.text[each.place + len(each.written) :])
    before = [token for token in of.tokens if token.place < each.place]
    if not before or each.dimension or not _BESIDE.search(of.text[: each.place]):
        return False
    is_named = before[-1].is_capital and of.language != "de" and not is_among(before[-1].key, asked, of.language)
    return before[-1].folded in COUNTED or (bool(before[-1].key) and is_named)


def _begins(each: Quantity, of: Said) -> bool:
    """Whether it stands behind the first word."""
    before = [token for token in of.tokens if token.place < each.place]
    is_beside = _BESIDE.search(of.text[: each.place]) is not None
    return len(before) == 1 and bool(before[0].key) and is_beside and each.kind == "number" and not each.dimension


def _other_keys(one: Said, other: Said, asked: frozenset[str]) -> bool:
    mine, theirs = _keys(one, other, asked), _keys(other, one, asked)
    return bool(mine and theirs) and not any(a.plain & b.plain for a in mine for b in theirs)


def _values(
    one: Said, other: Said, left: tuple[Sequence[Told], Sequence[Told]],
    asked: Sequence[Quantity],
) -> Difference | None:  # fmt: skip
    """Two values of one kind that are not the same."""
    both = [
        (mine, theirs)
        for mine in left[0]
        for theirs in left[1]
        if _are_alike(mine[0], one, theirs[0], other) and not _agree(mine, one, theirs, other)
    ]
    if not both:
        return None
    moments = [pair for pair in both if _is_moment(pair[0][0])]
    others = [pair for pair in both if pair not in moments]
    dated = any(each.kind in _MOMENTS for side in left for each, _ in side)
    if dated and (others or all(any(not _is_moment(each) for each, _ in side) for side in left)):
        return None  # of other times
    if len({bool(mine[0].dimension) for mine, _ in others}) > 1:
        return None  # of other things: `for two`
    if not others and _shared(one, other) < min(_SURE, _size(one), _size(other)):
        return None  # much happens on some day
    mine, theirs = (others or moments)[0]
    rest = [(each, of) for side, of in zip(left, (one, other), strict=True) for each, _ in side]
    if any(each not in (mine[0], theirs[0]) and _OVER.search(of.text[: each.place]) for each, of in rest):
        return None  # in other cases
    if any(mine[0].is_borne_by(each) or theirs[0].is_borne_by(each) for each in asked):
        return None  # it is asked of the one or of the other
    if _denies(one, mine[0].place) != _denies(other, theirs[0].place):
        return None
    again = [_nearly(mine[0], each) for each, _ in left[1] if each is not theirs[0]]
    again += [_nearly(theirs[0], each) for each, _ in left[0] if each is not mine[0]]
    if any(again):
        return None  # it is told there too, with other digits
    return Difference(mine[0].written.strip(), theirs[0].written.strip())


def _nearly(one: Quantity, other: Quantity) -> bool:
    if not one.kind == other.kind == "number" or one.dimension != other.dimension or _is_year(one):
        return False
    values = (one.values, other.values), (_digits(one), _digits(other))  # `$10.389 …`: the rest is cut off
    return any(abs(a - b) <= _NEARLY * abs(b) for mine, theirs in values for a in mine for b in theirs)


def _digits(one: Quantity) -> list[float]:
    return [value / 10 ** (3 * (int(log10(value)) // 3)) for value in one.plain if value > 0]


def _are_alike(one: Quantity, of_one: Said, other: Quantity, of_other: Said) -> bool:
    """Whether the one could stand in the place of the other."""
    if one.kind in _MOMENTS or other.kind in _MOMENTS:
        return one.kind == other.kind or (
            {one.kind, other.kind} == {"date", "number"} and (_is_year(one) or _is_year(other))
        )
    if one.dimension or other.dimension:
        mine, theirs = _rate(one, of_one), _rate(other, of_other)
        return one.dimension == other.dimension and (not mine or not theirs or mine == theirs)
    for each, of, against in ((one, of_one, of_other), (other, of_other, of_one)):
        if each.counts and not (other if each is one else one).counts:
            behind = _counted(each, of)[:1]
            return not behind or against.has(behind[0], with_about=True)
    if not one.counts or not other.counts or akin(one.counts, other.counts, of_one.language):
        return True
    counted = [_counted(one, of_one), _counted(other, of_other)]
    return not all(counted) or any(akin(a, b, of_one.language) for a in counted[0] for b in counted[1])


def _counted(each: Quantity, of: Said) -> list[str]:
    """The words behind a number that may be what it counts."""
    behind = [token for token in of.tokens if token.place > each.place and not token.is_quantity]
    keys = []
    for token in behind[:3]:
        if not token.key:
            break
        keys.append(token.key)
    return keys


def _rate(each: Quantity, of: Said) -> str:
    found = _RATE.match(of.text[each.place + len(each.written) :])
    return found[1].casefold()[:3] if found else ""


def _is_moment(each: Quantity) -> bool:
    return each.kind in _MOMENTS or _is_year(each)


def _is_year(each: Quantity) -> bool:
    return (
        each.kind == "number"
        and not (each.dimension or each.counts)
        and any(1000 <= value < 2200 for value in each.plain)
    )


def _agree(mine: Told, one: Said, theirs: Told, other: Said) -> bool:
    """Whether a value lies within what the other says is the most or the least."""
    (a, limit_a), (b, limit_b) = mine, theirs
    if a.kind != "number":
        return False
    if limit_a and limit_b:
        return limit_a != limit_b
    for limit, bound, value, of_value in ((limit_a, a, b, other), (limit_b, b, a, one)):
        if limit and not _LIMITS.search(of_value.text):
            return any(x * limit >= y * limit for x in value.values for y in bound.values)
    return False


def _denies(one: Said, place: int) -> bool:
    """Whether it denies what it says there; that it is open until then says when it is closed."""
    return bool(denials(one, place)) != bool(_OPEN_UNTIL.search(one.text) or _KEPT_FOR.search(one.text))


def _denier(one: Said, other: Said) -> Said | None:
    """The one that denies what the other affirms."""
    for mine, theirs in ((one, other), (other, one)):
        denied = denials(mine)
        if not denied or denials(theirs) or any(left_out(theirs) & each for each in denied):
            continue
        said = content(theirs) | theirs.about
        if any(is_among(key, said, mine.language) for each in denied for key in each):
            return mine
    return None

"""Do two sentences answer a question differently: with another value, or with yes and no?

Two sentences whose words are mostly the same are told apart by what stands in one place of both. Of two in other words
it is only known that they differ; that both speak of what is asked must be seen otherwise, as by an encoder: such a
difference is not `sure`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from agent.evidence.disagreeing.apart import apart, in_other_cases
from agent.evidence.disagreeing.asking import Asked, asking, is_year
from agent.evidence.disagreeing.said import Said, beside, content, denials, is_among, left_out, said
from agent.evidence.disagreeing.values import Value, differing, is_denied, other_keys
from agent.evidence.quantities.quantity import MOMENTS
from agent.evidence.wording import akin, language_of

_OVER: Final = re.compile(
    r"\b(?:above|over|under|below|beyond|more than|less than|older than|younger than|über|unter|ab|plus de|moins de"
    r"|más de|menos de)\s*(?:[€$£]\s*)?$",
    re.IGNORECASE,
)
_LEAD: Final = 12  # letters: so far from the head of a sentence stands what it begins with
_ALIKE: Final = 0.6  # of the words of the shorter that the longer has
_IN_ORDER: Final = 0.5
_SHORT: Final = 3  # words that say something: what another has not may be all that it is of
_FOREIGN: Final = 0.25  # of the words, where the encoder has not learnt the language
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """What each of two texts says, values or sentences, and whether the one denies the other.

    `sure` where their words alone tell that both are of one thing.
    """

    mine: str
    theirs: str
    denies: bool = False
    sure: bool = True


def differ(one: str, other: str, question: str, about: tuple[Pair, Pair] = (("", ""), ("", ""))) -> Difference | None:
    """What the two say that cannot both be the answer; None where both may be true."""
    language = language_of(f"{one}\n{other}\n{question}")
    asked = asking(question, language)
    mine, theirs = said(one, language, *about[0]), said(other, language, *about[1])
    if not mine or not theirs:
        return None
    if asked.kind == "yes or no":
        return _denied(mine, theirs, asked)
    return _other_value(mine, theirs, asked) or _denied(mine, theirs, asked, surely=True)


def _other_value(mine: Sequence[Said], theirs: Sequence[Said], asked: Asked) -> Difference | None:
    """Two values of a kind, each of which could be the answer and neither of which the other text has."""
    sure = is_one_wording(mine, theirs, asked)
    for x, y, are_sole in differing(mine, theirs, asked):
        if in_other_cases(mine, theirs):
            return None
        if sure and apart(beside(x.of, y.of), beside(y.of, x.of), asked.keys):
            continue
        if (sure or x.group in MOMENTS) and is_denied(x) != is_denied(y):
            continue
        if sure or (are_sole and _is_plain(x, y, asked) and _may_be_one(mine, theirs, asked)):
            return Difference(x.quantity.written.strip(), y.quantity.written.strip(), sure=sure)
    return None


def _is_plain(one: Value, other: Value, asked: Asked) -> bool:
    """Whether a value of two texts in other words is the answer: of what happened in some year much is told."""
    a, b = one.quantity, other.quantity
    if a.kind == "date" or is_year(a):
        days = [day for each in (a, b) for day in each.days]
        return asked.kind == "moment" and bool(days) and all(day[1] for day in days)
    if asked.kind == "any" and (one.group in MOMENTS or a.dimension in ("seconds", "period")):
        return False
    if one.group:
        return True
    return a.counts == b.counts or akin(a.counts, b.counts, one.of.language)


def _denied(mine: Sequence[Said], theirs: Sequence[Said], asked: Asked, *, surely: bool = False) -> Difference | None:
    """One that says no where the other says yes."""
    sure = is_one_wording(mine, theirs, asked)
    if asked.is_of_two and not sure:
        return None
    if surely and not (sure and _shared(mine, theirs) >= _ALIKE * max(_sizes(mine, theirs))):
        return None
    for one in mine:
        for other in theirs:
            a, b = beside(one, other), beside(other, one)
            if bool(denials(a)) == bool(denials(b)) or _both_leave_out(a, b):
                continue
            denies = a if denials(a) else b
            is_of_some = any(_OVER.search(denies.text[: each.place]) for each, _ in denies.numbers)
            if is_of_some or _of_other_times(a, b, denies):
                continue
            if sure:
                if not _denies_it(denies, b if denies is a else a) or apart(a, b, asked.keys, denies):
                    continue
            elif not _denies_what_is_asked(denies, b if denies is a else a, asked) or not _may_be_one(
                mine, theirs, asked
            ):
                continue
            if not other_keys(mine, theirs, asked) and not in_other_cases(mine, theirs):
                text = "; ".join(each.text.strip() for each in mine), "; ".join(each.text.strip() for each in theirs)
                return Difference(*text, denies=True, sure=sure)
    return None


def _of_other_times(one: Said, other: Said, denies: Said) -> bool:
    """Whether what denies, or the head of the other, names a day or an hour that the other does not."""
    for side, against, is_denier in ((one, other, denies is one), (other, one, denies is other)):
        there = [*against.whole, *(each for each, _ in against.numbers)]
        for each, _ in side.numbers:
            is_known = any(each.is_borne_by(known) or known.is_borne_by(each) for known in there)
            if each.kind in MOMENTS and not is_known and (is_denier or each.place < _LEAD):
                return True
    return False


def _both_leave_out(one: Said, other: Said) -> bool:
    return any(left_out(b) & denied for a, b in ((one, other), (other, one)) for denied in denials(a))


def _denies_it(one: Said, other: Said) -> bool:
    """Whether what the one denies is in the other."""
    known = content(other) | other.about
    return any(is_among(key, known, one.language) for each in denials(one) for key in each)


def _denies_what_is_asked(one: Said, other: Said, asked: Asked) -> bool:
    """Whether what the one denies is asked, and the other has some words with it: many a sentence denies something."""
    denied = {key for each in denials(one) for key in each}
    shared = sum(map(other.has, one.keys))
    return shared > 1 and any(is_among(key, asked.keys, one.language) for key in denied)


def is_one_wording(mine: Sequence[Said], theirs: Sequence[Said], asked: Asked) -> bool:
    """Whether two texts are mostly the same words, and those of the question are among them."""
    a, b = _sizes(mine, theirs)
    if not a or not b:
        return False
    shared = _shared(mine, theirs)
    one, other = ([each.folded for part in side for each in part.tokens] for side in (mine, theirs))
    if shared < _ALIKE * min(a, b) and SequenceMatcher(None, one, other, autojunk=False).ratio() < _IN_ORDER:
        return False
    first, second = (
        {key for key in asked.keys if any(each.has(key, with_about=True) for each in side)} for side in (mine, theirs)
    )
    if not first and not second:  # it is asked in other words
        return shared >= _ALIKE * max(a, b)
    is_known = not any(each.points_back and not each.about for each in (*mine, *theirs))
    return bool(first & second) and (shared > 1 or (min(a, b) <= _SHORT and is_known))


def _sizes(mine: Sequence[Said], theirs: Sequence[Said]) -> tuple[int, int]:
    one, other = (len({key for each in side for key in each.keys}) for side in (mine, theirs))
    return one, other


def _shared(mine: Sequence[Said], theirs: Sequence[Said]) -> int:
    language = mine[0].language
    a, b = ({key for each in side for key in each.keys} for side in (mine, theirs))
    return max(sum(is_among(key, y, language) for key in x) for x, y in ((a, b), (b, a)))


def _may_be_one(mine: Sequence[Said], theirs: Sequence[Said], asked: Asked) -> bool:
    """Whether two texts in other words may be of one thing, as far as words tell."""
    language = mine[0].language
    sides = [{key for each in side for key in each.keys} for side in (mine, theirs)]
    new = [
        [key for key in a if not is_among(key, b, language) and not is_among(key, asked.keys, language)]
        for a, b in (sides, sides[::-1])
    ]
    if min(map(len, sides)) <= _SHORT and all(new):
        return False
    if any(each.points_back and not each.about for each in (*mine, *theirs)):
        return False
    return language == "en" or _shared(mine, theirs) >= _FOREIGN * min(map(len, sides))

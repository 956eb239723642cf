"""Are two sentences said of different things, times or cases, so that both may be true?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final

from agent.evidence.disagreeing.said import Said, Token, is_among
from agent.evidence.disagreeing.vocabulary import (
    CARRIES,
    CONDITIONS,
    CONTRASTED,
    EXEMPTS,
    FOR,
    GENERAL,
    LETS,
    NARROWS,
    OF,
    PAST,
    PERMITS,
    SUPPOSED,
    UTTERLY,
    WITH,
)  # fmt: skip

_SUPPOSED: Final = re.compile(SUPPOSED, re.IGNORECASE)
_PAST: Final = re.compile(PAST, re.IGNORECASE)
_EXEMPTS: Final = re.compile(EXEMPTS, re.IGNORECASE)
_UTTERLY: Final = re.compile(UTTERLY, re.IGNORECASE)
_VERSION: Final = re.compile(r"v?\d+\.\d{1,2}")
_SERIES: Final = re.compile(r"\b(?:\d+\.x|\d{4}/\d{2})\b")
_WHO: Final = frozenset("who whose whom deren dessen dont quien quienes".split())  # noqa: SIM905
_SEVERAL: Final = 3  # words that may stand in one place of both
_LEAD: Final = 6  # words at the head of a sentence that say when, where or for whom


def in_other_cases(mine: Sequence[Said], theirs: Sequence[Said]) -> str:
    """Why the two are no contradiction, in whatever words; empty where nothing speaks for that.

    One is a plan, past or an exception; one is of the small and one of the large; each is of another version.
    """
    texts = [" ".join(each.text for each in side) for side in (mine, theirs)]
    if any(bool(each.search(texts[0])) != bool(each.search(texts[1])) for each in (_SUPPOSED, _PAST, _EXEMPTS)):
        return "one is supposed, past or an exception"
    if all(versions := [_versions(each) for each in (mine, theirs)]) and not versions[0] & versions[1]:
        return "of another version"
    return next(_contrasted(mine, theirs), "")


def _versions(side: Sequence[Said]) -> frozenset[str]:
    numbers = (each.written.strip() for said in side for each, _ in said.numbers if not each.dimension)
    series = (found for said in side for found in _SERIES.findall(said.text))
    return frozenset((*filter(_VERSION.fullmatch, numbers), *series))


def apart(one: Said, other: Said, asked: frozenset[str], denies: Said | None = None) -> str:
    """What tells two sentences of one wording apart: other words in one place, a condition that one alone has.

    `denies` is the one of them that does, where they do not give other values.
    """
    if found := next(_in_one_place(one, other, asked), ""):
        return f"different: {found}"
    for mine, theirs in ((one, other), (other, one)):
        if found := _narrowed(mine, theirs, asked, denies):
            return f"narrower: {found}"
    return ""


def _contrasted(one: Sequence[Said], other: Sequence[Said]) -> Iterator[str]:
    mine, theirs = ({each.folded for said in side for each in said.tokens} for side in (one, other))
    for sides in CONTRASTED:
        first, second = (frozenset(each.split()) for each in sides)
        for a, b in ((mine, theirs), (theirs, mine)):
            if a & first and not a & second and b & second and not b & first:
                yield f"contrasted: {min(a & first)}, {min(b & second)}"


def _in_one_place(one: Said, other: Said, asked: frozenset[str]) -> Iterator[str]:
    """Words of each that stand where the other has others: `for adults`, `for children`."""
    a, b = ([each for each in said.tokens if each.folded not in {",", ";", "(", ")"}] for said in (one, other))
    matcher = SequenceMatcher(None, [each.shape for each in a], [each.shape for each in b], autojunk=False)
    for kind, first, last, begin, end in matcher.get_opcodes():
        if kind != "replace":
            continue
        mine, theirs = ([each for each in part if _names(each)] for part in (a[first:last], b[begin:end]))
        if any(_has(other, each) for each in mine) or any(_has(one, each) for each in theirs):
            continue  # it stands elsewhere there
        is_asked = all(is_among(each.key, asked, one.language) for each in (*mine, *theirs))
        is_counted = any(each.shape.startswith("=") for each in mine) != any(
            each.shape.startswith("=") for each in theirs
        )
        if 0 < len(mine) <= _SEVERAL and 0 < len(theirs) <= _SEVERAL and not is_asked and not is_counted:
            yield f"{mine[0].folded}, {theirs[0].folded}"


def _names(each: Token) -> bool:
    """Whether it says of what something is said."""
    return bool(each.key or each.shape.startswith("=")) and not (
        each.is_quantity or each.folded in CARRIES or each.folded in PERMITS or each.folded in GENERAL
    )


def _has(said: Said, each: Token) -> bool:
    if each.shape.startswith("="):
        return any(other.shape == each.shape for other in said.tokens)
    return said.has(each.key)


def _narrowed(one: Said, other: Said, asked: frozenset[str], denies: Said | None) -> str:
    """What the one says of where, when or for whom alone it holds, and the other does not.

    Where there is no exam there is no written exam either; what is forbidden may be allowed to some.
    """
    if denies is other and _UTTERLY.search(other.text):
        return ""
    lets = any(each.folded in LETS for each in one.tokens)
    is_part = denies is other and not lets

    def is_new(each: Token) -> bool:
        is_asked = is_among(each.key, asked, one.language) if each.key else False
        return (
            _names(each)
            and not is_asked
            and not other.has(each.key, with_about=True)
            and not (each.shape.startswith("=") and any(mine.shape == each.shape for mine in other.tokens))
        )

    tokens = [each for each in one.tokens if each.folded not in {"(", ")"}]
    if tokens and tokens[0].folded in NARROWS:
        for each in _lead(tokens):
            if is_new(each):
                return each.folded
    for place, each in enumerate(tokens):
        behind = [next_ for next_ in tokens[place + 1 :] if next_.key or next_.is_quantity]
        if each.folded in (FOR | WITH | OF if denies is one else FOR) and behind and is_new(behind[0]):
            return behind[0].folded
        is_valued = any(next_.is_quantity for next_ in behind)  # what it holds for is what is asked
        if each.folded in CONDITIONS | _WHO and not is_valued and (new := [one for one in behind if is_new(one)]):
            return new[0].folded
        if place + 1 < len(tokens) and is_new(each) and each.key:
            following = tokens[place + 1]
            before = tokens[place - 1] if place else None
            is_verb = before is not None and (
                bool(before.key) or before.folded in {"to", "zu"}
            )  # `the job writes files`
            if not is_part and following.key and _names(following) and other.has(following.key) and not is_verb:
                return each.folded
    return ""


def _lead(tokens: Sequence[Token]) -> Iterator[Token]:
    """What stands before the first comma, or else the first few words up to a number."""
    end = next((place for place, each in enumerate(tokens) if each.folded == ","), _LEAD)
    for each in tokens[1 : min(end, _LEAD + 1)]:
        if each.is_quantity or each.folded in CARRIES or each.folded in PERMITS:
            return
        yield each

"""What does a sentence of a document say: of what, which numbers and dates, and does it deny?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Final

from agent.evidence.compared import plain
from agent.evidence.contrary import bounds, weighed
from agent.evidence.disagreeing.vocabulary import (
    CARRIES,
    CONDITIONS,
    FORBIDS,
    GENERAL,
    MEANT,
    ORDINALS,
    PERMITS,
    SAME,
    TURNED,
)
from agent.evidence.quantities.numerals import in_digits
from agent.evidence.quantities.quantity import Quantity
from agent.evidence.quantities.read import read
from agent.evidence.wording import akin, denying, refusing, silent
from retrieval.lexical.analyze import terms

_TOKEN: Final = re.compile(r"[^\W_]+(?:['/@+_.-][^\W_]+)*|--?[a-z][\w-]*|[,;()]")
ORDINAL: Final = re.compile(r"\d+(?:st|nd|rd|th|º|ª|er|ème)\b")
_UNITS: Final = re.compile(r";\s|\s[–—]\s|(?<=[a-zà-ÿ]{2})\.\s(?=[A-ZÀ-Þ])|\n+")
_TRUE_FRENCH: Final = frozenset(("ne", "n"))
_NO_MORE: Final = re.compile(
    r"\b(?:(?:must|may|should|can|shall|will|do|does|is|are)\s*)?(?:not|never) (?:to )?exceed\b"
    r"|\bnicht (?=.{0,30}überschr)"
    r"|\bne (?:doit|doivent|peut|peuvent) pas (?:dépasser|excéder)"
    r"|\bno (?:debe|puede|deben|pueden) (?:superar|exceder)",
    re.IGNORECASE,
)
_BY_DEFAULT: Final = re.compile(
    r",?\s*\bunless (?:told|stated|specified|noted|given|set|agreed|said)(?: otherwise)?\b,?", re.IGNORECASE
)
_REPORTED: Final = re.compile(
    r"^\W*(?:[\w'-]+\s){1,4}(?:recalled|said|noted?|reported|confirmed|stated|announced|explained|wrote|says|writes|adds"
    r"|added|erinnerte|sagte|berichtet|rappelle|dice)\s+(?:that|dass|que)\s",
    re.IGNORECASE,
)
_HOURS: Final = re.compile(r"(?<=à )(\d{1,2}) ?h(?![\w ]?\d)", re.IGNORECASE)
_POINTS_BACK: Final = re.compile(
    r"\W*(?:(?:he|she|they|this|these|those|er|sie|dies\w*|elle|ils|elles|él|ella|ellos)\b"
    r"|it\b(?! (?:is|was) (?:not |strictly )?(?:forbidden|allowed|permitted|prohibited|possible|required|in|on|\d+)\b)"
    r"|es\b(?! (?:ist|gibt|sind|kamen|está|no)\b)|il\b(?! (?:n'est|est|y a|faut)\b))|.*\bhere\b",
    re.IGNORECASE,
)
_HOW_OF_THEM: Final = re.compile(  # `eleven consecutive hours`
    r"(?<=\w )(?:consecutive|working|business|calendar|full|whole|straight|naturales|hábiles|ouvrables|consécutifs) "
    r"(?=(?:days?|hours?|weeks?|months?|years?|minutes?|días|jours|heures)\b)",
    re.IGNORECASE,
)
_WHOSE: Final = re.compile(
    r"(?<=\d )(?:Danish|Swedish|Norwegian|Swiss|US|American|British|Canadian|Australian) "
    r"(?=(?:kroner?|kronor|francs?|dollars?|pounds?)\b)"
)
_A_FULL: Final = re.compile(
    r"\ban? (?:full|whole|single) (?=(?:minute|hour|day|week|month|year|kilo|litre)\b)", re.IGNORECASE
)
_NOT_FREE: Final = re.compile(r"\bfree of charge\b|\bat no (?:cost|charge)\b|\bfor nothing\b", re.IGNORECASE)
_WITHOUT: Final = re.compile(r"\b(?:is|are|be) (?:free of|free from|without)\b|\blacks?\b", re.IGNORECASE)
_ASIDE: Final = frozenset("without ohne sans sin senza zonder sem".split())  # noqa: SIM905
_HINDERS: Final = frozenset(  # what is told to hinder one thing denies no other
    """prevent prevents prevented avoid avoids avoided void voids voided verhindert verhindern empêche annule impide
    anula""".split()  # noqa: SIM905
)
_NONE_LEFT: Final = re.compile(r"\bclosed to\b", re.IGNORECASE)
_INFLECTED: Final = re.compile(r"(?:ed|es|en|er|e|s|d|t)$")
_UNDO: Final = ("un", "in", "im", "il", "ir", "non", "dis", "an")


@dataclass(frozen=True, slots=True)
class Token:
    """A word as it stands, what it is found by where it says something, and whether it turns the sense round.

    `shape` is what is held against that of another; `place` is where it begins. `carries` where it says nothing of what
    the sentence is of, and only stands between that and a value. A quantity has an empty `key`.
    """

    folded: str
    key: str
    shape: str
    place: int
    turns: bool = False
    carries: bool = False
    is_capital: bool = False
    is_quantity: bool = False


@dataclass(frozen=True)
class Said:
    """One sentence, or a part of it that stands by itself; `about` is what it is said of, as far as others say that."""

    text: str
    language: str
    tokens: tuple[Token, ...]
    numbers: tuple[tuple[Quantity, int], ...]  # each with 1 where it is the least, -1 where it is the most
    whole: tuple[Quantity, ...]  # what several say together
    about: frozenset[str]
    points_back: bool = False

    @property
    def keys(self) -> frozenset[str]:
        """What its words are found by."""
        return frozenset(each.key for each in self.tokens if each.key)

    def has(self, key: str, *, with_about: bool = False) -> bool:
        """Whether it has this word, in any form."""
        return is_among(key, self.keys | self.about if with_about else self.keys, self.language)


def is_among(key: str, others: Iterable[str], language: str) -> bool:
    """Whether a word is one with any of these."""
    return any(akin(key, other, language) for other in others)


def beside(one: Said, other: Said) -> Said:
    """The one, where a word that undoes one of the other (`unlocked`, `locked`) is that word, turned round."""
    theirs = {each.folded: each.key for each in other.tokens if each.key}

    def turned(each: Token) -> Token:
        if not each.key or not may_undo(each.folded):
            return each
        key = next((key for base, key in theirs.items() if _undoes(each.folded, base)), None)
        return each if key is None else replace(each, key=key, shape=key, turns=not each.turns)

    return replace(one, tokens=tuple(map(turned, one.tokens)))


def may_undo(word: str) -> bool:
    """Whether a word looks as if it turned another round."""
    return word.startswith(_UNDO) or word.endswith("less")


def _undoes(word: str, base: str) -> bool:
    """Whether a word says that it is not as another says: `unlocked`, `harmless`, `inedible`."""
    if len(base) < 3 or len(word) <= len(base):
        return False
    begins = any(word.startswith(each) and _is_one(word[len(each) :], base) for each in _UNDO)
    return begins or (word.endswith("less") and _is_one(word.removesuffix("less"), base.removesuffix("ful")))


def _is_one(rest: str, base: str) -> bool:
    mine, theirs = (_INFLECTED.sub("", each) for each in (rest, base))
    return len(mine) >= 3 and mine == theirs


@lru_cache(maxsize=4096)
def said(text: str, language: str, about: str = "", before: str = "") -> tuple[Said, ...]:
    """Each part of a text that says something by itself; it may point back to what was said `before`."""
    known = frozenset(each.key for each in _tokens(about, language, ()) if each.key)
    last = frozenset(each.key for each in _tokens(before, language, ()) if each.key)
    found = []
    for part in (each for unit in _UNITS.split(plain(text)) for each in _behind_lead(unit)):
        points_back = _POINTS_BACK.match(part) is not None
        if part.strip():
            made = _said(part, language, known | last if points_back else known)
            found.append(replace(made, points_back=points_back))
            last |= found[-1].keys
    return tuple(found)


def _behind_lead(text: str) -> tuple[str, ...]:
    """What is announced, apart from what announces it."""
    lead, colon, rest = text.partition(": ")
    is_announced = colon and all(
        len(re.findall(r"[^\W\d_]{3,}", each)) > least for each, least in ((lead, 2), (rest, 2))
    )
    return (lead, rest) if is_announced else (text,)


def _said(text: str, language: str, about: frozenset[str]) -> Said:
    text = _WHOSE.sub("", _A_FULL.sub("1 ", _HOW_OF_THEM.sub("", text)))
    text = _NO_MORE.sub("at most", _BY_DEFAULT.sub("", text))
    text = _NONE_LEFT.sub("not open to", _WITHOUT.sub("has no", _NOT_FREE.sub("free", text)))
    text = weighed(_HOURS.sub(r"\1:00", _REPORTED.sub("", text)))
    every = read(text, language)
    whole = tuple(each for each in every if each.again)
    limits = {each.place: limit for each, limit in bounds(text, language)}
    text = in_digits(text, language)
    numbers = tuple((each, limits.get(each.place, 0)) for each in every if not each.again)
    return Said(text, language, tuple(_tokens(text, language, [each for each, _ in numbers])), numbers, whole, about)


def _tokens(text: str, language: str, numbers: Iterable[Quantity]) -> Iterator[Token]:
    spans = {each.place: each for each in numbers}
    masked = text
    for each in spans.values():  # one word each
        masked = f"{masked[: each.place]}{'0' * len(each.written)}{masked[each.place + len(each.written) :]}"
    for found in _TOKEN.finditer(masked):
        number = next((each for at, each in spans.items() if at <= found.start() < at + len(each.written)), None)
        if number is not None:
            ordinal = ORDINAL.match(number.written.strip())
            shape = f"={ordinal[0]}" if ordinal else f"#{number.kind}"
            yield Token("0", "", shape, number.place, is_quantity=not ordinal)
            continue
        word = found[0].removesuffix("'s")
        yield _token(word, language, found.start(), is_first=found.start() == 0)


def _token(word: str, language: str, place: int, *, is_first: bool) -> Token:
    folded = word.casefold()
    is_capital = word[0].isupper() and not is_first
    if folded in ORDINALS or ORDINAL.fullmatch(folded):
        return Token(folded, "", f"={folded}", place)
    is_lettered = len(word) == 1 and word.isupper() and word not in "IAY" and not is_first
    says_nothing = folded in denying(language) or (
        folded in silent(language) and folded not in _bases() and folded not in MEANT
    )
    if (says_nothing or word == "1" or not any(map(str.isalnum, word))) and not is_lettered:
        return Token(folded, "", folded, place, carries=folded in CARRIES, is_capital=is_capital)
    base, turns = _bases().get(folded, ("", False))
    same = _same().get(folded, "")
    stem = folded if any(map(str.isdigit, word)) else next(iter(sorted(terms(word, language))), folded)
    key = base or same or stem
    return Token(folded, key, key, place, turns, folded in CARRIES, is_capital)


@cache
def _bases() -> dict[str, tuple[str, bool]]:
    """What a word is known by that is one of two that turn each other round, and whether it is the one that denies."""
    return {
        word: (both[0].split()[0], side == 1)
        for both in TURNED
        for side, listed in enumerate(both)
        for word in listed.split()
    }


@cache
def _same() -> dict[str, str]:
    return {word: listed.split()[0] for listed in SAME for word in listed.split()}


def denials(one: Said, place: int | None = None) -> list[frozenset[str]]:
    """What each clause of it that denies something denies, or the one at a place; a denial denied denies nothing.

    A condition denies nothing: `solange kein Nachbar klagt`.
    """
    found = []
    for number, clause in enumerate(_clauses(one.tokens)):
        if number and clause[0].folded in CONDITIONS:
            continue
        if place is not None and not clause[0].place <= place <= clause[-1].place:
            continue
        places = [place for place, each in enumerate(clause) if _denies(each.folded, one.language)]
        refusals = [place for place, each in enumerate(clause) if _refuses(each.folded, one.language)]
        turned = sum(each.turns for each in clause)
        if (bool(places) + len(refusals) + turned) % 2 == 0:
            continue
        if refusals or turned:
            found.append(_content(clause))
            continue
        behind = [each for each in clause[places[0] + 1 :] if each.key]
        telling = [each for each in behind if each.folded not in PERMITS | GENERAL]
        found.append(_content(telling or clause))
    return found


def left_out(one: Said) -> frozenset[str]:
    """What it says that it is without."""
    behind = (
        [later.key for later in one.tokens[place + 1 :] if later.key][:1]
        for place, each in enumerate(one.tokens)
        if each.folded in _ASIDE
    )
    return frozenset(key for keys in behind for key in keys)


def content(one: Said) -> frozenset[str]:
    """The words of it that say something, and do not only let."""
    return _content(one.tokens)


def _content(clause: Iterable[Token]) -> frozenset[str]:
    return frozenset(each.key for each in clause if each.key and each.folded not in PERMITS)


def _clauses(tokens: tuple[Token, ...]) -> Iterator[tuple[Token, ...]]:
    begun: list[Token] = []
    for each in tokens:
        if each.folded in {",", ";"} and sum(bool(one.key) for one in begun) > 1:
            yield tuple(begun)
            begun = []
        elif each.folded not in {",", ";", "(", ")"}:
            begun.append(each)
    if begun:
        yield tuple(begun)


def _denies(word: str, language: str) -> bool:
    if word in _ASIDE:
        return False
    if word in _TRUE_FRENCH and language == "fr":
        return True
    is_contracted = word.endswith("n't") or (language == "fr" and word.startswith("n'"))
    return is_contracted or (word in denying(language) and word not in refusing(language))


def _refuses(word: str, language: str) -> bool:
    return word in FORBIDS or (word in refusing(language) and word not in _HINDERS)

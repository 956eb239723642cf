"""What does the inside of a mark name? A passage, a sentence of it, several, or a range, with words or without.

`2`, `2.1`, `passage 2, sentence 1`, `1.2-1.4; 2.1`, `2.1 "within a day"`, `Refunds, 2.1`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from agent.state import Passage

# As models write them beside a number, in the languages in which such marks were seen.
PASSAGE = r"(?:passages?|abs[aä]tze?|abschnitte?|pasajes?)"
SENTENCE = r"(?:sentences?|s[aä]tze?|phrases?|frases?)"
SOURCE = r"(?:sources?|refs?\.?|references?|citations?|quellen?|fuentes?)"
NOUN = rf"(?:{PASSAGE}|{SENTENCE}|{SOURCE})"
POINTING = (
    r"(?:according to|as (?:stated|said|described|noted|mentioned) (?:in|by)|stated in|see|per"
    r"|laut|gemäß|siehe|vgl\.|selon|según|cf\.?|from)"
)
_TO = r"(?:[-‐–—~…]|\.{2,3}|to\b|through\b|thru\b|bis\b)"
AND = r"(?:and|or|und|oder|et|ou|y)\b"
DOUBLE = r"(?:\"[^\"\n]{1,600}\"|“[^“”\n]{1,600}”|„[^„“”\n]{1,600}[“”]|«[^«»\n]{1,600}»)"
QUOTED = rf"(?:{DOUBLE}|(?<!\w)'[^'\n]{{8,600}}'(?!\w))"
_ITEM = re.compile(
    rf"(?:{NOUN}|results?|doc(?:ument)?s?|pp?\.|see|nos?\.?|#|\^|§|S)?"
    r"\s*(\d{1,4})(?:\s?\.\s?(\d{1,4}))?(?:†[^\s,;]*)?"
    rf"(?:\s*{_TO}\s*(?:{PASSAGE}|{SENTENCE}|#)?\s*(\d{{1,4}})(?:\.(\d{{1,4}}))?)?",
    re.IGNORECASE,
)
_OF_A_PASSAGE = re.compile(rf"{PASSAGE}\s+(\d{{1,4}})\s*[,:]?\s*{SENTENCE}\s+(\d{{1,4}})", re.IGNORECASE)
_BETWEEN = re.compile(rf"\s*[,;:&+/]?\s*(?:{AND})?\s*", re.IGNORECASE)
_MOST_OF_A_RANGE = 40


@dataclass(frozen=True, slots=True)
class Named:
    """One place that a mark names: a passage, a sentence of it where one is given, and words that stand there."""

    passage: int
    sentence: int | None = None
    words: str = ""


def named_in(inside: str, shown: Mapping[int, Passage], *, loosely: bool = False) -> list[Named] | None:
    """What is named there; None where it is no list of numbers, or, `loosely`, a number with words beside it."""
    return _strictly(inside, shown) or (_loosely(inside, shown) if loosely else None)


def numbers(listed: str, shown: Mapping[int, Passage]) -> list[Named] | None:
    """The same of numbers without words."""
    found: list[Named] = []
    listed = _OF_A_PASSAGE.sub(r"\1.\2", listed)
    at = 0
    while at < len(listed):
        item = _ITEM.match(listed, at)
        if item is None:
            return None
        found += _places(item, shown)
        at = item.end()
        between = _BETWEEN.match(listed, at)
        at = between.end() if between else at
    return found


def _strictly(inside: str, shown: Mapping[int, Passage]) -> list[Named] | None:
    found: list[Named] = []
    early = ""
    at = 0
    for quoted in [*re.finditer(QUOTED, inside), None]:
        end = quoted.start() if quoted else len(inside)
        places = numbers(inside[at:end].strip(" \t,;:()-–—="), shown)
        if places is None:
            return None
        found += places
        if quoted is not None:
            words = unquoted(quoted.group())
            if not found:
                early = words
            elif places or not found[-1].words:
                found[-1] = replace(found[-1], words=words)
            else:
                found.append(replace(found[-1], words=words))
            at = quoted.end()
    if found and early and not found[0].words:
        found[0] = replace(found[0], words=early)
    return found or None


def _loosely(inside: str, shown: Mapping[int, Passage]) -> list[Named] | None:
    """A number with words beside it that stand in no quotation marks: `1.2: need no approval`, `Refunds, 1.2`."""
    found = re.fullmatch(
        r"(?:[^\d]{2,60}?[,:]?\s+)?(?P<passage>\d{1,4})\.(?P<sentence>\d{1,4})\.?"
        r"(?:\s*[,:(|–-]\s*|\s+)?(?P<words>.*?)\)?",
        inside.strip(),
    )
    if found is None or int(found["passage"]) - 1 not in shown:
        return None
    words = found["words"].strip()
    passage = shown[int(found["passage"]) - 1]
    if words.casefold() in {passage.title.casefold(), passage.document.casefold()}:
        words = ""
    if words and not re.match(r"[^\W\d_]", words):
        return None
    return [Named(int(found["passage"]) - 1, int(found["sentence"]) - 1, words)]


def _places(item: re.Match[str], shown: Mapping[int, Passage]) -> list[Named]:
    passage = int(item[1])
    sentence, last, last_sentence = (int(part) if part else None for part in item.groups()[1:])
    first = Named(passage - 1, None if sentence is None else sentence - 1)
    if last is None:
        return [first]
    if sentence is None:
        if last_sentence is not None or last < passage:
            return [first]
        numbers = range(passage, min(last, passage + _MOST_OF_A_RANGE) + 1)
        return [Named(each - 1) for each in numbers if each - 1 in shown] or [first]
    to = last if last_sentence is None else last_sentence
    if last_sentence is not None and last != passage:  # over the end of a passage
        return [first, Named(last - 1, to - 1)]
    several = [Named(passage - 1, each - 1) for each in range(sentence, min(to, sentence + _MOST_OF_A_RANGE) + 1)]
    return several or [first]


def up_to(first: Named, last: Named, shown: Mapping[int, Passage]) -> list[Named]:
    """What lies between two marks that are joined by a dash."""
    if first.sentence is None and last.sentence is None:
        between = range(first.passage + 1, min(last.passage, first.passage + _MOST_OF_A_RANGE))
        return [Named(each) for each in between if each in shown]
    if first.passage != last.passage or first.sentence is None or last.sentence is None:
        return []
    between = range(first.sentence + 1, min(last.sentence, first.sentence + _MOST_OF_A_RANGE))
    return [Named(first.passage, each) for each in between]


def unquoted(quoted: str) -> str:
    """Words without the quotation marks around them."""
    return quoted.strip().lstrip(":").strip().strip("()").strip().strip("\"“”„«»'").strip()

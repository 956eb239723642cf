"""In which unit does a number count, or else what does it count, and is it told as about so much?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final

from agent.evidence.vocabulary import UNITS

NEAR: Final = 60  # letters: so far a number's own words may stand from it
_ARTICLES: Final = frozenset(("a", "an", "d"))
_CAPITALS: Final = frozenset("AKVW")
_NOT_COUNTED: Final = frozenset(
    """of von de and or to between in by at from on as than more less per since until und oder zwischen seit bis als et
    ou entre depuis y o desde""".split()  # noqa: SIM905
)
_ABOUT: Final = re.compile(
    r"(?:\b(?:about|around|roughly|approximately|approx\.?|some|nearly|almost|circa|ca\.?|c\.|rund|etwa|ungefähr|fast|knapp"
    r"|environ|près de|presque|unos|unas|casi|aproximadamente|circa)|[~≈])\s*(?:[€$£]|EUR|USD)?\s*$",
    re.IGNORECASE,
)
_WORD_BEHIND = re.compile(
    r"[ \u00a0\u202f-]?(°\s?[CF]\b|[€$£¥%]|[^\W\d_]+(?:/[^\W\d_]+|[²³23](?!\w))?)"
    r"(?:[ -]([^\W\d_]+))?(?:[ -]([^\W\d_]+))?"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """What stands behind a number: a unit and how long its name is, or else the word that is counted."""

    dimension: str = ""
    factor: float = 1.0
    counts: str = ""
    length: int = 0


def unit_behind(behind: str) -> Unit:
    """What the text behind a number begins with."""
    match = _WORD_BEHIND.match(behind)
    if match is None:
        return Unit()
    known = known_units()
    parts = [part for part in match.groups() if part]
    if parts[0][0] > "\u2fff":  # no space stands behind it
        parts = [next((parts[0][:n] for n in (4, 3, 2, 1) if parts[0][:n] in known), parts[0])]
        if parts[0] in known:
            return Unit(*known[parts[0]], length=match.start(1) + len(parts[0]))
    for length in range(len(parts), 0, -1):
        name = "_".join(parts[:length]).replace("° ", "°")
        if name.casefold() in _ARTICLES and behind[0] in " -":
            continue  # `5 a day`
        is_letter = len(name) == 1 and name.isupper() and name not in _CAPITALS  # `3D` is no time
        for written in (name, name if is_letter else name.casefold()):
            if written in known and not (written == "k" and behind[0] == " "):
                return Unit(*known[written], length=match.end(length))
    first = parts[0].casefold()
    return Unit(counts="" if first in _NOT_COUNTED else first)


def is_about(before: str) -> bool:
    """Whether what stands before a number says that it is about so much."""
    return _ABOUT.search(before) is not None


def lone_units(text: str) -> frozenset[tuple[str, float]]:
    """Units that no number stands before: of a rate (`40 chunks a second`), or of a table's column."""
    found = set()
    for match in re.finditer(r"(?:square |cubic )?[^\W\d_]{3,}|[€$£%]|°[CF]", text):
        before, name = text[max(0, match.start() - NEAR) : match.start()], match[0].casefold().replace(" ", "_")
        is_length = re.search(r"\b(?:an?|one|eine?|une?)\s$", before) and re.match(
            r"\s(?:later|earlier|before|after|ago|später|früher|plus tard|más tarde)\b", text[match.end() :]
        )
        if name in known_units() and not (is_length or re.search(r"\d[\d.,]*\s?-?$", before)):
            found.add(known_units()[name])
    return frozenset(found)


def is_unit(word: str) -> bool:
    """Whether something may be measured in it."""
    return word in known_units() or word.casefold() in known_units()


@cache
def known_units() -> dict[str, tuple[str, float]]:
    """What each name of a unit measures, and how much of that it is."""
    known: dict[str, tuple[str, float]] = {}
    for dimension, groups in UNITS.items():
        for group in groups.split("|"):
            factor, *names = group.split()
            for name in names:
                known.setdefault(name, (dimension, float(factor)))
    known["Nm"] = ("newton metres", 1.0)  # but nanometres are `nm`
    return known


@cache
def numbered(listed: str) -> dict[str, int]:
    """The place of each name in a list with `|` between its places."""
    return {name: place for place, names in enumerate(listed.split("|"), 1) for name in names.split()}

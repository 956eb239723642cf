"""Which number stands before each heading and item of an OpenDocument text?

OASIS OpenDocument 1.3, part 3, sections 5.3 and 16.29 to 16.35: a list counts on from another one if it says so;
headings outside of lists count by the outline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from lxml import etree

from ingest.read.office.package import attribute, local
from ingest.read.office.word_numbers import BOXES, BULLET
from ingest.read.writing.numerals import letters, written

LEVELS = 10
_LONGEST = 255  # letters of what stands around a number
_PART = re.compile(r"%(\d{1,2})%")
_FORMS = {"1": "decimal", "a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_FORMS |= {"1st": "ordinal", "One": "cardinalText", "First": "ordinalText"}
OUTLINE = "\0outline"  # the name of that which counts headings


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is counted and shown."""

    form: str
    is_repeated: bool  # aa, bb behind z, rather than aa, ab
    before: str
    after: str
    shown: int  # how many levels, this one being the last
    pattern: str  # in which %1% is the number of the first level; empty where the program wrote none
    start: int
    gap: str
    bullet: str


@dataclass(slots=True)
class Counted:
    """How far a list is, level by level."""

    reached: list[int | None] = field(default_factory=lambda: [None] * (LEVELS + 1))

    def next(self, level: int, levels: Mapping[int, Level], given: int | None) -> None:
        """One more paragraph on this level, which has the number `given` if any."""
        before = self.reached[level]
        if before is not None and given is None:
            self.reached[level] = before + 1
        else:
            self.reached[level] = _start(levels, level) if given is None else given
        for above in range(1, level):
            if self.reached[above] is None:
                self.reached[above] = _start(levels, above)
        self.reached[level + 1 :] = [None] * (LEVELS - level)


def learn(style: etree._Element) -> dict[int, Level]:
    """The levels of a style of lists, or of the outline."""
    found = {}
    for level in style:
        number = _whole(attribute(level, "level"))
        if number is not None and 1 <= number <= LEVELS:
            found[number] = _level(level)
    return found


def label(levels: Mapping[int, Level], level: int, counted: Counted) -> tuple[str, str]:
    """What stands before a paragraph on this level, and what parts it from the words; nothing if there is none."""
    of = levels.get(level)
    if of is None:
        return "", ""
    if of.bullet:
        return BOXES.get(of.bullet, BULLET), " "

    def number(at: int) -> str:
        other, reached = levels.get(at), counted.reached[at] if at <= LEVELS else None
        if other is None or other.bullet or not other.form or reached is None:
            return ""
        if other.form in {"lowerLetter", "upperLetter"} and not other.is_repeated:
            found = letters(reached, repeated=False) or str(reached)
            return found.upper() if other.form == "upperLetter" else found
        return written(reached, other.form)

    if of.pattern:
        text = _PART.sub(lambda found: number(int(found[1])), of.pattern)
    elif of.form:
        parts = filter(None, (number(at) for at in range(max(1, level - of.shown + 1), level + 1)))
        text = f"{of.before}{'.'.join(parts)}{of.after}"
    else:
        text = of.before + of.after
    text = " ".join(text.split())
    return (text if any(map(str.isalnum, text)) or not text else BULLET), of.gap


def _start(levels: Mapping[int, Level], level: int) -> int:
    return levels[level].start if level in levels else 1


def _level(element: etree._Element) -> Level:
    said = attribute(element, "num-format")
    form = _FORMS.get(said, "decimalZero" if said.startswith("01") else "decimal" if said else "")
    follows = next((attribute(each, "label-followed-by") for each in element.iter("{*}list-level-label-alignment")), "")
    start, shown = _whole(attribute(element, "start-value")), _whole(attribute(element, "display-levels"))
    is_number = local(element) in {"list-level-style-number", "outline-level-style"}
    return Level(
        form=form,
        is_repeated=attribute(element, "num-letter-sync") == "true",
        before=attribute(element, "num-prefix")[:_LONGEST],
        after=attribute(element, "num-suffix")[:_LONGEST],
        shown=1 if shown is None else shown,
        pattern=attribute(element, "num-list-format")[:_LONGEST],
        start=1 if start is None else start,
        gap="" if follows == "nothing" else " ",
        bullet="" if is_number else attribute(element, "bullet-char") or BULLET,
    )


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

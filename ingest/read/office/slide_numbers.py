"""Which number does a presentation (.pptx) set before each paragraph of a shape?

ECMA-376 part 1, sections 21.1.2.4.1 and 20.1.10.61: paragraphs of one level count while nothing of a level above, and
no uncounted one of their own, stands between them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from ingest.read.office.drawing import paragraph_text
from ingest.read.writing.numerals import written

_TYPE = re.compile(r"(.+?)(ParenBoth|ParenR|Period|Plain|Minus)")
_AROUND = {"ParenBoth": "({})", "ParenR": "{})", "Period": "{}.", "Plain": "{}", "Minus": "{}-"}
_FORMS = {
    "alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman", "romanUc": "upperRoman",
    "arabic": "decimal", "arabicDb": "decimalFullWidth", "circleNumDb": "decimalEnclosedCircle",
    "circleNumWdWhite": "decimalEnclosedCircle", "circleNumWdBlack": "decimalEnclosedCircle", "thaiNum": "thaiNumbers",
    "thaiAlpha": "thaiLetters", "hindiNum": "hindiNumbers", "hebrew2": "hebrew2", "arabic1": "arabicAlpha",
    "arabic2": "arabicAbjad", "ea1Chs": "chineseCounting", "ea1Cht": "taiwaneseCounting",
    **dict.fromkeys(("ea1JpnChsDb", "ea1JpnKor"), "japaneseCounting"),
}  # fmt: skip
_LEVELS = 9


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph with words: its level from 0, its number, and whether it says that it has no bullet."""

    text: str
    level: int
    number: str
    is_bare: bool


def lines(bodies: Iterable[etree._Element]) -> Iterator[Line]:
    """The paragraphs of a shape's text that hold words."""
    for body in bodies:
        usual = body.find("{*}lstStyle")
        counted: list[tuple[str, int, int] | None] = [None] * _LEVELS  # by level: how, from and up to which number
        for paragraph in body.iterchildren("{*}p"):
            text = paragraph_text(paragraph)
            if not text:
                continue
            own = paragraph.find("{*}pPr")
            level = min(_whole(own.get("lvl") if own is not None else None, 0), _LEVELS - 1)
            said = [own] if own is not None else []
            if usual is not None:
                said += usual.findall(f"{{*}}lvl{level + 1}pPr")
            automatic = _automatic(said)
            counted[level + 1 :] = [None] * (_LEVELS - level - 1)
            if automatic is None:
                counted[level] = None
                yield Line(text, level, "", is_bare=own is not None and own.find("{*}buNone") is not None)
                continue
            kind, start = automatic.get("type", ""), _whole(automatic.get("startAt"), 0)
            before = counted[level]
            goes_on = before is not None and before[0] == kind and start in {0, before[1]}
            start = before[1] if before is not None and goes_on else start or 1
            number = before[2] + 1 if before is not None and goes_on else start
            counted[level] = kind, start, number
            yield Line(text, level, _number(number, kind), is_bare=False)


def _automatic(said: Iterable[etree._Element]) -> etree._Element | None:
    """What the first that says anything of a bullet says, if it is a number."""
    for each in said:
        bullet = next(each.iterchildren("{*}buNone", "{*}buAutoNum", "{*}buChar", "{*}buBlip"), None)
        if bullet is not None:
            return bullet if etree.QName(bullet).localname == "buAutoNum" else None
    return None


def _number(number: int, kind: str) -> str:
    found = _TYPE.fullmatch(kind)
    if found is None:
        return f"{number}."
    form = written(number, _FORMS.get(found[1], "decimal"))
    return _AROUND[found[2]].format(form)


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) < 6 else otherwise

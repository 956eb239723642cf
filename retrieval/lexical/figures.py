"""Which figures tell when, though they look like others: `03/14`, `12/2019`, `the 90s`?

Whoever searches and whoever holds a statement against its source read them here, so that both take the same for dates.
`24/7` is no day, `room 12/2019` no month, and `a 90s timeout` no decade.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_DAY_AND_MONTH: Final = re.compile(r"(?<![\w./,:-])(\d{1,2})/(\d{1,2})(?![\w/%-]|[.,:]\d)")
_MONTH_AND_YEAR: Final = re.compile(r"(?<!\d)(?<!\d[-./:])(0?[1-9]|1[0-2])/((?:1[5-9]|2[01])\d\d)(?!\d)(?![-./]\d)")
_NO_DAY: Final = frozenset({"24/7", "16/9", "16/10", "21/9", "18/6"})  # always, and what a screen measures
# What stands before a day and nothing else; `by 3/4` is as often an amount
_ON: Final = re.compile(
    r"(?:\b(?:on|since|until|till|due|dated|am|vom|bis|zum|seit|el|le)\s|\bdate:\s?)$", re.IGNORECASE
)
_PART: Final = re.compile(r"\s?(?:of|cups?|inch(?:es)?|teaspoons?|tablespoons?|tsp|tbsp|von|des?)\b", re.IGNORECASE)
# What has a number and not a date: a room, a file, a law. An invoice or an issue may be that of a month.
_NUMBERED: Final = re.compile(
    r"\b(?:room|gate|flat|unit|suite|building|block|case|file|docket|matter|number|no|nr|nos|ref|reference|regulation"
    r"|directive|law|act|decree|resolution|ordinance|zimmer|raum|akte|aktenzeichen|nummer|verordnung|richtlinie|gesetz"
    r"|beschluss|drucksache|sala|habitación|expediente|número|núm|ley|decreto|reglamento|directiva|resolución|chambre"
    r"|salle|dossier|numéro|loi|décret|règlement|stanza|pratica|numero|legge|regolamento|processo|sprawa|pokój)"
    r"(?:\s(?:no|nr|number|n\.?[ºo°]))?[.:]?\s?$|(?:\baz\.|§|#|№|n[º°])\s?$",
    re.IGNORECASE,
)
_BEFORE: Final = 30  # letters in which that stands

_DECADE: Final = re.compile(
    r"(?<![\w.,$€£])(?P<full>1[5-9]\d0|20\d0)(?:s|er|ern)\b"
    r"|(?:\b(?:the|early|mid|late)[\s-]['’]?|(?<!\w)['’])(?P<short>[1-9]0|00)s\b"
    r"|(?<![\w.,])(?P<german>[1-9]0)(?:ern|er[\s-]jahren?)\b"
    r"|\b(?:(?:los\saños|les\sannées|des\sannées|anni|jaren)\s['’]?|década\sde\slos\s)(?P<named>[1-9]0)\b(?![.,]\d|\s?%)",
    re.IGNORECASE,
)
_HINTS: Final = ("0s", "0er", "años", "década", "années", "anni", "jaren")  # without one no decade is named
_AND_ANOTHER: Final = re.compile(r"(?:,\s?|\s?[-–]\s?|,?\s(?:and|or|to)\s)['’]?([1-9]0s)\b", re.IGNORECASE)
# `the 90s timeout` is one of seconds
_LASTS: Final = re.compile(
    r"[\s-](?:time-?\s?outs?|limits?|delays?|windows?|intervals?|timers?|marks?|pauses?|waits?|cool-?downs?|deadlines?|gaps?"
    r"|durations?|thresholds?|polls?|polling|heartbeats?|leases?|retr(?:y|ies)|ttl|sleep|countdowns?|clips?|exposures?)\b",
    re.IGNORECASE,
)


def day_and_month(text: str) -> Iterator[tuple[re.Match[str], int, int]]:
    """Two numbers of which one is a day and one its month, in either order, without a year."""
    for found in _DAY_AND_MONTH.finditer(text) if "/" in text else ():
        first, second = int(found[1]), int(found[2])
        if not (1 <= min(first, second) <= 12 and max(first, second) <= 31) or found[0] in _NO_DAY:
            continue
        is_padded = found[1].startswith("0") or found[2].startswith("0")
        is_on = _ON.search(text, max(0, found.start() - _BEFORE), found.start()) and not _PART.match(text, found.end())
        if is_padded or is_on or first > 12:
            yield found, first, second


def month_and_year(text: str) -> Iterator[tuple[re.Match[str], int, int]]:
    """A month and its year, as in `12/2019`."""
    for found in _MONTH_AND_YEAR.finditer(text) if "/" in text else ():
        if not is_numbered(text, found.start()):
            yield found, int(found[1]), int(found[2])


def is_numbered(text: str, at: int) -> bool:
    """Whether what stands before this place says that a number follows which is no date."""
    return _NUMBERED.search(text, max(0, at - _BEFORE), at) is not None


def decades(text: str) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Where decades are named, and the first year of each, or of both that may be meant by `the 20s`."""
    small = text.lower()
    for found in _DECADE.finditer(text) if any(hint in small for hint in _HINTS) else ():
        if _LASTS.match(text, found.end()):
            continue
        short = found["short"] or found["german"] or found["named"]
        yield *found.span(), _of(int(short)) if short else (int(found["full"]),)
        last = found
        while also := _AND_ANOTHER.match(text, last.end()):
            yield *also.span(1), _of(int(also[1][:2]))
            last = also


def _of(tens: int) -> tuple[int, ...]:
    if tens == 0:
        return (2000,)
    return (1900 + tens,) if tens > 20 else (1900 + tens, 2000 + tens)

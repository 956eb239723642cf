"""Where does each sentence of a text begin and end?

A sentence is the unit that is quoted and cited. List items, headings, table rows and code lines count as one each.
"""

from __future__ import annotations

import re

Span = tuple[int, int]

_ABBREVIATIONS = frozenset(
    "e.g i.e etc vs cf al fig figs eq eqs sec no nos vol pp p ch approx ca "  # noqa: SIM905 - a list is 38 lines
    "dr mr mrs ms prof st jr sr inc ltd co dept est abb bd bzw ggf nr".split()
)
# A line break ends a sentence where the next line begins something of its own.
_HARD = re.compile(
    r"\n[ \t]*\n+"
    r"|\n(?=[ \t]*(?:[-*+•] |\d{1,3}[.)] |#{1,6} |\||```|~~~|>|\.\. |:\w+:(?!`)|\[[^\]\n]{1,200}\]:\s))"
    r"|(?<=\|)\n"
)
_HEADING = re.compile(r"#{1,6} [^\n]*\n")
# No run is tried again from its middle, so that a megabyte of full stops takes linear time. Marks of references may
# stand behind a stop: [78], [^1], [78]:301, ^3. In a text that stands in a JSON string, a line break is written `\n`.
_STOP = re.compile(
    r"(?<![.!?…])[.!?…]++[\"'”’)\]*_`]*+(?:\[[\w^ .-]{1,16}\](?::\s?\d{1,4}(?:[-–]\d{1,4})?)?|\^\d{1,3})*+"
    r"(?:(?:\\n)++(?![a-z])|(?=\s))|(?<![。！？])[。！？]++[」』”’）]*+"
)
_CASELESS = 200  # letters: so long a text without a capital is written without them, and their absence says nothing
_CAPITAL = re.compile(r"[^\W\d_a-zß-öø-ÿ]")
_NUMBER = re.compile(r"(?:\\n)*\d{1,3}")  # of an item in a list that runs on in one line
# In German and its neighbours a number with a full stop is an ordinal; a month or a century goes on from it.
_DAY = re.compile(r"(?<!\w)\d{1,2}$")
_AFTER_A_DAY = re.compile(
    r"\s+(?:Jän|Jan|Feb|Mär|März|Mar|Apr|Mai|Maj|Jun|Jul|Aug|Sep|Sept|Okt|Oct|Nov|Dez|Dec|Januar|Jänner|Februar|April"
    r"|Juni|Juli|August|September|Oktober|November|Dezember|Jahrhunderts?)\b"
)
_GAP = re.compile(r"\s*+(\S)")
_LAST_WORD = re.compile(r"([^\W\d_][\w.]*)\.$")


def sentences(text: str, start: int = 0, end: int | None = None) -> list[Span]:
    """The spans of the sentences in `text[start:end]`, in order, without surrounding white space, never empty.

    Nothing but white space lies between two spans.
    """
    spans: list[Span] = []
    begin = start
    stop = len(text) if end is None else end
    for hard in _HARD.finditer(text, start, stop):
        spans += _soft(text, begin, hard.start())
        begin = hard.end()
    return spans + _soft(text, begin, stop)


def trimmed(text: str, start: int, end: int) -> Span:
    """The span without the white space at its ends."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _soft(text: str, start: int, end: int) -> list[Span]:
    spans: list[Span] = []
    begin, _ = trimmed(text, start, end)
    if heading := _HEADING.match(text, begin, end):
        spans.append(trimmed(text, begin, heading.end()))
        begin = heading.end()
    is_cased = end - begin < _CASELESS or _CAPITAL.search(text, begin, end) is not None
    for stop in _STOP.finditer(text, begin, end):
        if _ends_sentence(text, begin, stop, end, is_cased):
            spans.append(trimmed(text, begin, stop.end()))
            begin = stop.end()
    spans.append(trimmed(text, begin, end))
    return [span for span in spans if span[0] < span[1]]


def _ends_sentence(text: str, begin: int, stop: re.Match[str], end: int, is_cased: bool) -> bool:
    if stop.group()[0] in "。！？":
        return True
    following = _GAP.match(text, stop.end(), end)
    if following is not None and following[1].islower() and (is_cased or stop.group() != "."):
        return False
    if stop.group()[0] in "!?":
        return True
    if _NUMBER.fullmatch(text, trimmed(text, begin, stop.start())[0], stop.start()):
        return False
    if _DAY.search(text, max(begin, stop.start() - 3), stop.start()) and _AFTER_A_DAY.match(text, stop.end(), end):
        return False
    word = _LAST_WORD.search(text, max(begin, stop.start() - 24), stop.start() + 1)
    if word is None:
        return True
    last = word.group(1)
    is_initial = len(last) == 1 and last != "I"  # also of what is short for a word: z. B.
    return not is_initial and last.lower() not in _ABBREVIATIONS

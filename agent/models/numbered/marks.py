"""Where does a text name passages by their numbers, and which?

A model that is shown numbered text writes `Refunds take a day [2.1 "within a day"].`, or something like it. What it
writes is read tolerantly: a passage (`[2]`), a sentence (`[2.1]`), several, ranges, with words repeated or without, in
brackets of many kinds. What is no mark (a link, code, a year, an index, the sources' own brackets) is left alone.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace

from agent.models.numbered.named import (
    AND,
    DOUBLE,
    NOUN,
    PASSAGE,
    POINTING,
    QUOTED,
    SENTENCE,
    SOURCE,
    Named,
    named_in,
    numbers,
    unquoted,
)
from agent.state import Passage

_PLAIN = str.maketrans("【［〔⟦〖】］〕⟧〗", "[[[[[]]]]]")
_RAISED_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_MARK = re.compile(
    rf"[ \t]*(?P<open>\()?(?(open)\s*(?:{POINTING}|{SOURCE})?:?\s*)"
    rf"(?P<bold>[*_`]{{1,3}})?\\?\[{{1,2}}(?P<inside>(?:{DOUBLE}|[^\[\]\"“”„«»\n]){{1,700}}?)\\?\]{{1,2}}(?(bold)[*_`]{{1,3}})"
    rf"(?:(?P<link>\([^()\s]{{1,200}}\))|(?P<after>:?\s?\(?{QUOTED}\)?(?=\s*(?:[.;,]?\s*$|[.;]\s|[\[(]))))?"
    rf"(?(open)\s*\)?)",
    re.MULTILINE | re.IGNORECASE,
)
_PARENTHESES = re.compile(
    rf"[ \t]*\(\s*(?P<label>(?:{POINTING}|{SOURCE})\s*:?\s*)?"
    rf"(?P<inside>(?P<word>{PASSAGE}|{SENTENCE})?\s*\d{{1,4}}(?:\.\d{{1,4}})?"
    rf"(?:[\s,;:.–-]|{AND}|{PASSAGE}|{SENTENCE}|\d|{DOUBLE})*)\)(?P<end>(?=[ \t]*(?:[.,;!?]|$)))?",
    re.IGNORECASE | re.MULTILINE,
)
_LABELLED = re.compile(
    rf"[ \t]*(?:[-–—]\s*)?(?P<open>\()?\s*\b{SOURCE}\s*:\s*(?:{NOUN}\s*)?$",
    re.IGNORECASE,
)
_EMPHASISED = re.compile(r"[*_`]{1,3}\\?\[{1,2}[^\[\]]*\]{1,2}[*_`]{0,2}$")
_LABEL_BEGUN = re.compile(rf"[ \t]*(?:[-–—]\s*)?\(?\b{SOURCE}\s*:?\s*$", re.IGNORECASE)
_AND_ANOTHER = re.compile(rf"[\s,;&]*(?:{AND})?\s*(?:{NOUN})?\s*", re.IGNORECASE)
_SUPERSCRIPT = re.compile(r"[ \t]*(?:<sup>|\^)\s*$", re.IGNORECASE)
_RAISED = re.compile(
    r"[ \t]*(?:<sup>\s*(?P<tag>[\d.,\s]{1,40})</sup>|\^(?P<caret>\d{1,3}(?:\.\d{1,3})?)(?![\w^])"
    r"|(?P<small>[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}))",
    re.IGNORECASE,
)
_AT_THE_END = re.compile(
    rf"(?:^|[ \t]+)(?:[-–—]\s*)?{SOURCE}\s*:\s*(?P<inside>(?:{NOUN}\s*)?\d{{1,4}}\.\d{{1,4}}"
    rf"(?:[\s,;&]|{AND}|\d{{1,4}}\.\d{{1,4}})*?)\s*\.?$",
    re.IGNORECASE | re.MULTILINE,
)
_IN_WORDS = re.compile(
    rf"(?P<before>\b{POINTING}\s+)?(?:the\s+)?\b(?P<inside>{PASSAGE}\s+\d{{1,4}}(?:\s*,?\s*{SENTENCE}\s+\d{{1,4}}|\.\d{{1,4}})?"
    rf"|{SENTENCE}\s+\d{{1,4}}\.\d{{1,4}})(?![\w%]|\.\d)",
    re.IGNORECASE,
)
_COPIED = re.compile(r"^[ \t]*(?:[-*+•][ \t]+)?(?P<inside>\d{1,4}\.\d{1,4})[:.)]?[ \t]+(?P<said>\S.*)", re.MULTILINE)
_CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]+`", re.DOTALL)
_AS_A_NOUN = re.compile(
    rf"(?:^|[\s,])(?P<before>(?:{POINTING}|and|but|while)\s*(?=(?:the\s+)?(?:{NOUN})?$))?"
    rf"(?P<word>(?(before)(?:the\s+)?(?:{NOUN})?|(?:the\s+)?{NOUN}))$",
    re.IGNORECASE,
)
_AT_THE_FRONT = re.compile(r"(?:\A|\n)\s*(?:[-*+•]\s+)?$")
_MARK_ALONE = re.compile(r"`\s*[\[(]\s*\d{1,4}\.\d{1,4}[^`\n]*[\])]\s*`")
_COUNTED = re.compile(
    r"\b(?:steps?|items?|options?|points?|parts?|fig(?:ures?|\.)?|tables?|sections?|chapters?|cases?|lines?|pages?|rules?"
    r"|equations?|eq\.|appendix|annex|article|clauses?|notes?|versions?|levels?|types?|numbers?|and|or|to|by|of|is|are|=)\s*$",
    re.IGNORECASE,
)
_WORD_BEFORE = re.compile(r"(?:[^\W\d_]{3}|\w\w[.,;:!?]?[\"”’)]|\w[.,;:!?])\s?$")
_CODE_BEHIND = re.compile(r"(?:\s*[-+*/%&|^]?=|\.\w|\(|\[\D|\s*[-+*/%]\s*\w)")
_A_YEAR = 1000
_ENOUGH = 20  # letters that a copied sentence begins with


Found = tuple[int, int, list[Named], str]
"""Where a mark begins and ends, what it names, and what is said in its place where it is a part of the sentence."""


def marks(unit: str, shown: dict[int, Passage]) -> list[Found]:
    """Every mark, in its order."""
    plain = unit.translate(_PLAIN)
    code = [span.span() for span in _CODE.finditer(plain) if not _MARK_ALONE.fullmatch(span.group())]
    found: list[Found] = []
    for read in (_bracketed, _in_parentheses, _raised, _at_the_end, _copied, _in_words):
        found += read(plain, shown, sorted([*code, *((start, stop) for start, stop, *_ in found)]))
    return sorted(found, key=lambda each: each[0])


class Unmarked:
    """An answer as it comes, piece by piece, without the marks in it.

    What may turn out to be one is held back until that is known, or the line ends.
    """

    def __init__(self, evidence: Sequence[Passage]) -> None:
        self._shown = {passage.number: passage for passage in evidence}
        self._line = self._told = ""  # as it was written, and what of it was let through
        self._read = 0  # how much of the former that was
        self._is_code = False

    def feed(self, text: str) -> str:
        """What can be shown by now."""
        if not self._shown:  # then nothing has a number
            return text
        *whole, self._line = f"{self._line}{text}".split("\n")
        shown = ""
        for line in whole:
            shown += self._let_through(line) + "\n"
            self._is_code ^= line.lstrip().startswith(("```", "~~~"))
            self._told, self._read = "", 0
        return shown + self._let_through(self._line[: _open_from(self._line)])

    def rest(self) -> str:
        """What was held back and is said after all, at the end."""
        return self._let_through(self._line)

    def _let_through(self, line: str) -> str:
        if len(line) < self._read:  # only now is it seen that its end may begin a mark
            return ""
        clean = line if self._is_code else _without_marks(line, self._shown)
        new = line[self._read :]
        if clean.startswith(self._told):
            new = clean[len(self._told) :]
        elif not clean.endswith(new):  # what was let through has turned out to be a part of a mark
            new = ""
        self._told, self._read = clean, len(line)
        return new


def _open_from(line: str) -> int:
    """Where in a line something begins that may become a mark, white space before it included."""
    ends = [len(line)]
    plain = line.translate(_PLAIN)
    for opening, closing, most in (("[", "]", 700), ("(", ")", 100)):
        at = plain.rfind(opening)
        if at >= 0 and closing not in line[at:] and len(line) - at < most:
            ends.append(at)
    if emphasised := _EMPHASISED.search(plain, max(0, len(plain) - 700)):
        ends.append(emphasised.start())
    before = plain[: min(ends)].rstrip(" \t([*_`\\^")
    label = _LABEL_BEGUN.search(before)
    return label.start() if label else len(before)


def _without_marks(line: str, shown: dict[int, Passage]) -> str:
    kept, end = "", 0
    for start, stop, _, instead in marks(line, shown):
        kept += line[end:start] + instead
        end = max(end, stop)
    return kept + line[end:]


def _in_parentheses(unit: str, shown: dict[int, Passage], taken: Sequence[tuple[int, int]]) -> Iterator[Found]:
    """`(passage 1)`, `(1.2)`, `(1)` at an end: what names something that was shown and is no number of the sources'."""
    for mark in _PARENTHESES.finditer(unit):
        named = named_in(mark["inside"], shown)
        if named is None or _lies_in(mark.start("inside"), taken):
            continue
        told = mark["label"] or mark["word"]
        start = mark.start()
        alone = mark["inside"].isdigit() and mark["end"] is not None and _is_behind_a_word(unit, start)
        alone = alone and not _COUNTED.search(unit, max(0, start - 20), start)  # `step (2)`
        real = all(
            each.passage in shown
            and (told or alone or (each.sentence is not None and each.sentence < len(shown[each.passage].blocks)))
            for each in named
        )
        own = not told and any(f"({mark['inside']})" in passage.text for passage in shown.values())
        if real and not own:
            yield mark.start(), mark.end(), named, ""


def _raised(unit: str, shown: dict[int, Passage], taken: Sequence[tuple[int, int]]) -> Iterator[Found]:
    """`^1`, `<sup>1</sup>`, `¹` behind a word: neither a power nor a unit."""
    for mark in _RAISED.finditer(unit):
        written = next(filter(None, mark.group("tag", "caret", "small")))
        if _is_behind_a_word(unit, mark.start()) and not _lies_in(mark.end() - 1, taken):
            named = numbers(written.translate(_RAISED_DIGITS).strip(), shown)
            if named and all(each.passage in shown for each in named):
                yield mark.start(), mark.end(), named, ""


def _at_the_end(unit: str, shown: dict[int, Passage], taken: Sequence[tuple[int, int]]) -> Iterator[Found]:
    """`Source: 1.2` at the end of a line."""
    for mark in _AT_THE_END.finditer(unit):
        named = numbers(mark["inside"], shown)
        if named and all(each.passage in shown for each in named) and not _lies_in(mark.start("inside"), taken):
            yield mark.start(), mark.end(), named, ""


def _copied(unit: str, shown: dict[int, Passage], taken: Sequence[tuple[int, int]]) -> Iterator[Found]:
    """`1.2 Refunds up to…`: a sentence that was copied with its number."""
    for mark in _COPIED.finditer(unit):
        (named,) = numbers(mark["inside"], shown) or (None,)
        passage = shown.get(named.passage) if named else None
        if named is None or passage is None or named.sentence is None or _lies_in(mark.start("inside"), taken):
            continue
        if 0 <= named.sentence < len(passage.blocks):
            stands = " ".join(passage.block_text(named.sentence).split()).casefold()[:_ENOUGH]
            if " ".join(mark["said"].split()).casefold().startswith(stands):
                yield mark.start("inside"), mark.start("said"), [named], ""


def _in_words(unit: str, shown: dict[int, Passage], taken: Sequence[tuple[int, int]]) -> Iterator[Found]:
    """`according to passage 1`: a part of the sentence, in which the passage's title takes its place."""
    for mark in _IN_WORDS.finditer(unit):
        named = numbers(mark["inside"], shown)
        own = any(mark["inside"].casefold() in passage.text.casefold() for passage in shown.values())
        if named and not own and all(each.passage in shown for each in named) and not _lies_in(mark.end() - 1, taken):
            yield mark.end("before") if mark["before"] else mark.start(), mark.end(), named, _title(named[0], shown)


def _lies_in(place: int, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether one of these spans, which are in order, holds a place."""
    last = bisect_right(spans, (place, sys.maxsize)) - 1
    return last >= 0 and place < spans[last][1]


def _is_behind_a_word(unit: str, place: int) -> bool:
    return _WORD_BEFORE.search(unit, max(0, place - 10), place) is not None


def _title(named: Named, shown: dict[int, Passage]) -> str:
    return f"“{shown[named.passage].title or shown[named.passage].document}”"


def _bracketed(unit: str, shown: dict[int, Passage], taken: Sequence[tuple[int, int]]) -> Iterator[Found]:
    ended = 0
    for mark in _MARK.finditer(unit):
        opened = mark.start("inside") - 1
        if _lies_in(opened, taken) or not _is_mark(unit, mark, shown):
            continue
        named = named_in(mark["inside"], shown, loosely=True)
        if named is None:
            continue
        if mark["after"]:
            named[-1] = replace(named[-1], words=unquoted(mark["after"]))
        start, stop = mark.span()
        if mark["open"] and not mark.group().rstrip().endswith(")"):  # a bracket that closes later
            start = mark.start("bold") if mark["bold"] else opened
        instead = ""
        before = unit[max(0, start - 60) : start]
        if ended and _AND_ANOTHER.fullmatch(unit[ended:start]):
            start = ended
        elif label := _LABELLED.search(before):
            start -= len(before) - label.start()
            stop += len((label["open"] and re.match(r"\s*\)?", unit[stop:]).group()) or "")  # type: ignore[union-attr]
        elif superscript := _SUPERSCRIPT.search(before):
            start -= len(before) - superscript.start()
            stop += len(re.match(r"(?:\s*</sup>)?", unit[stop:]).group())  # type: ignore[union-attr]
        elif named[0].passage in shown and (noun := _AS_A_NOUN.search(before.rstrip())):
            start -= len(before) - (noun.end("before") if noun["before"] else noun.start("word"))
            instead = f"{' ' if start and not unit[start - 1].isspace() else ''}{_title(named[0], shown)}"
        if unit.startswith(": ", stop) and _AT_THE_FRONT.search(unit, max(0, start - 20), start):
            stop += 1
        ended = stop
        yield start, stop, named, instead


def _is_mark(unit: str, mark: re.Match[str], shown: dict[int, Passage]) -> bool:
    """Not a link, a tick box, or an index into something: `[1](…)`, `[ ]`, `rows[1] = 2`."""
    opened, closed = mark.start("inside") - 1, mark.end("inside") + 1
    if mark["inside"].isdigit() and int(mark["inside"]) >= _A_YEAR and int(mark["inside"]) - 1 not in shown:
        return False
    if re.match(r"\\?\]{0,2}\(\s*(?:\w+:|//)", unit[closed - 1 :]):
        return False
    before = unit[:opened]
    if not before or not (before[-1].isalnum() or before[-1] in "_)]"):
        return True
    if not mark["inside"].isdigit():
        return True
    if _CODE_BEHIND.match(unit, closed) and before[-1] not in ")]":
        return False
    word = re.search(r"[\w.]+$", before)
    written = f"{word.group() if word else ''}[{mark['inside']}]"
    return word is None or not any(written in passage.text for passage in shown.values())

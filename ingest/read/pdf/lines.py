"""Which words of a page stand in one line, and where does a line fall into pieces?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from operator import attrgetter
from statistics import median
from typing import NamedTuple

from ingest.read.pdf.page import EXPONENT, HYPHEN, SCRIPT, Word

BULLETS = "•◦▪▫■□●○‣⁃∙·–—➢➤►✓✔\uf0b7\uf0a7\uf0d8"
LABEL = re.compile(rf"(?:[{BULLETS}*+-]|\(?(?:\d{{1,3}}|[a-zA-Z]|[ivxIVX]{{1,5}})[.)])$")
APART = 1.0  # of the letters' size; a wider gap parts two cells, or two columns
_FEWEST_DOTS = 5
LEADER = re.compile(rf"(?:\s?\.){{{_FEWEST_DOTS},}}\s*")  # the dots that lead to a page's number
_SAME_LINE = 0.3  # of the letters' size; baselines may differ by it
_LABEL_GAP = 4.0  # of the letters' size; how far a label may stand from what it labels
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_LEFT_TO_RIGHT = re.compile("[A-Za-zÀ-ɏͰ-ӿ0-9]")


class Line(NamedTuple):
    """Words on one height, in the order in which they are read."""

    words: tuple[Word, ...]
    x0: float
    x1: float
    y: float
    size: float
    bold: bool

    @property
    def text(self) -> str:
        parts = [self.words[0].text]
        for before, word in pairwise(self.words):
            parts += (_between(before, word), word.text)
        text = "".join(parts)
        if HYPHEN not in text and text.count(".") < _FEWEST_DOTS:  # as of most lines
            return text.strip() or text
        return LEADER.sub(" ", text.replace(f"{HYPHEN} ", HYPHEN)).strip() or text

    @property
    def led(self) -> bool:
        """Whether dots lead from its one end to the other, as in a table of contents."""
        return sum(set(word.text) <= {"."} for word in self.words) > 3 or "....." in self.words[-2:][0].text


def joined(texts: Iterable[str]) -> str:
    """The texts with spaces between, but none behind a word that goes on."""
    return " ".join(texts).replace(f"{HYPHEN} ", HYPHEN)


def _between(before: Word, word: Word) -> str:
    """A space, unless the word is the exponent or the index of the one before."""
    if word.size > SCRIPT * before.size or not -0.5 < word.x0 - before.x1 < 0.2 * before.size:
        return " "
    if before.y - word.y > 0.15 * before.size and EXPONENT.fullmatch(word.text):
        return "^"
    return ""


def line(words: Sequence[Word]) -> Line:
    """These words as a line: it stands and looks as most of its letters do."""
    letters = sum(len(word.text) for word in words)
    main = max(words, key=lambda word: len(word.text))
    bold = sum(len(word.text) for word in words if word.bold) > 0.9 * letters
    x0, x1 = min(word.x0 for word in words), max(word.x1 for word in words)
    return Line(tuple(_in_reading_order(words)), x0, x1, main.y, main.size, bold)


def rows(words: Iterable[Word]) -> list[list[Word]]:
    """The words by the height at which they stand, from left to right; raised and lowered ones with their base."""
    found: list[list[Word]] = []
    for word in sorted(words, key=attrgetter("y", "x0")):
        row = found[-1] if found else []
        if row and word.y - row[0].y <= _SAME_LINE * min(word.size, row[0].size):
            row.append(word)
        else:
            found.append([word])
    merged: list[list[Word]] = []
    for row in found:
        if merged and (_is_script_of(row, merged[-1]) or _is_script_of(merged[-1], row)):
            merged[-1] = merged[-1] + row
        else:
            merged.append(row)
    return [sorted(row, key=attrgetter("x0")) for row in merged]


def segments(row: Sequence[Word], apart: float = APART) -> list[list[Word]]:
    """A row cut where it has wide gaps; the label of a list's item stays with it."""
    pieces = [[row[0]]]
    before, reached = row[0], row[0].x1
    for word in row[1:]:
        gap = word.x0 - reached
        if gap > apart * before.size and gap > apart * word.size and not _is_labelled(pieces, gap):
            pieces.append([word])
        else:
            pieces[-1].append(word)
        if word.x1 > reached:
            reached = word.x1
        before = word
    return pieces


def _is_labelled(pieces: list[list[Word]], gap: float) -> bool:
    """Whether what follows is labelled by the only word so far."""
    first = pieces[0][0]
    return len(pieces) == 1 == len(pieces[0]) and gap <= _LABEL_GAP * first.size and bool(LABEL.match(first.text))


def _is_script_of(small: Sequence[Word], base: Sequence[Word]) -> bool:
    """Whether a row holds but the exponents and indices of the other one."""
    size = max(word.size for word in base)
    if max(word.size for word in small) > SCRIPT * size or sum(len(word.text) for word in small) > 12:
        return False
    distance = abs(median(word.y for word in base) - small[0].y)
    if distance > 0.55 * size:
        return False
    return not any(one.x0 < other.x1 - 1 and other.x0 < one.x1 - 1 for one in small for other in base)


def is_right_to_left(words: Sequence[Word]) -> bool:
    """Whether most letters are of a script that is written so."""
    backwards = sum(len(_RIGHT_TO_LEFT.findall(word.text)) for word in words)
    return backwards > 0 and backwards >= sum(len(_LEFT_TO_RIGHT.findall(word.text)) for word in words)


def _in_reading_order(words: Sequence[Word]) -> list[Word]:
    """From left to right, unless most letters are of a script that is written the other way."""
    ordered = sorted(words, key=attrgetter("x0"))
    if not is_right_to_left(words):
        return ordered
    turned: list[Word] = []
    foreign: list[Word] = []  # words of the other direction keep their own order among each other
    for word in reversed(ordered):
        if _LEFT_TO_RIGHT.search(word.text) and not _RIGHT_TO_LEFT.search(word.text):
            foreign.insert(0, word)
        else:
            turned += [*foreign, word]
            foreign = []
    return turned + foreign

"""Which words of a page are the numerators and denominators of fractions that are drawn with a line between?

Such a fraction becomes one word on the line beside it, `1/2` or `(a + b)/c`. A line alone does not make one, since it
may underline a head or part the rows of a table: words must stand beside it, at its height.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter

from ingest.read.pdf.lines import line
from ingest.read.pdf.page import Rule, Word

_ONE = re.compile(r"-?[\w.,^%°$€∂∆√′]+")  # what needs no brackets
_MOST_LINES = 2_000  # more are a drawing
_MOST_ROUNDS = 3
_LONGEST = 30.0  # of the letters' size
_ABOVE = (0.14, 0.9)  # of the letters' size; how far the numerator stands above the line
_BELOW = (0.45, 1.5)
_AXIS = 0.27  # of the letters' size; how far the line lies above the one on which the fraction stands
_OFF_AXIS = 0.22
_BESIDE = 1.6  # of the letters' size; how far the words beside it may be
_OVER = 1.3  # of the letters' size; how far the line may reach over what it parts


def with_fractions(words: Sequence[Word], rules: Sequence[Rule]) -> tuple[Word, ...]:
    """The words, those of fractions as one for each."""
    longest = _LONGEST * max((word.size for word in words), default=0)
    lines = [rule for rule in rules if 1.5 * (rule.y1 - rule.y0) < rule.x1 - rule.x0 <= longest]
    if not words or not lines or len(lines) > _MOST_LINES:
        return tuple(words)
    lines.sort(key=lambda rule: rule.x1 - rule.x0)
    for _ in range(_MOST_ROUNDS):  # a fraction may stand beside one that was found
        made = _found(words, lines)
        if not made:
            break
        taken = {word for _, parts in made for word in parts}
        words = [*(word for word in words if word not in taken), *(fraction for fraction, _ in made)]
    return tuple(words)


_Fraction = tuple[Word, list[Word]]  # and the words that it is made of


def _found(words: Sequence[Word], lines: Sequence[Rule]) -> list[_Fraction]:
    by_height = sorted(words, key=attrgetter("y"))
    heights = [word.y for word in by_height]
    largest = max(word.size for word in words)
    taken: set[Word] = set()
    made: list[_Fraction] = []
    for rule in lines:
        y = (rule.y0 + rule.y1) / 2
        first = bisect_left(heights, y - _ABOVE[1] * largest)
        found = _fraction(rule, y, by_height[first : bisect_right(heights, y + _BELOW[1] * largest)])
        if found is not None and taken.isdisjoint(found[1]):
            made.append(found)
            taken.update(found[1])
    return made


def _fraction(rule: Rule, y: float, near: Sequence[Word]) -> _Fraction | None:
    """The fraction of this line."""
    within = [word for word in near if rule.x0 - 1 <= (word.x0 + word.x1) / 2 <= rule.x1 + 1]
    above = [word for word in within if _ABOVE[0] <= (y - word.y) / word.size <= _ABOVE[1]]
    below = [word for word in within if _BELOW[0] <= (word.y - y) / word.size <= _BELOW[1]]
    if not above or not below:
        return None
    size = max(word.size for word in above)
    if rule.x1 - rule.x0 > _LONGEST * size or not (_is_centred(above, rule, size) and _is_centred(below, rule, size)):
        return None
    widest = max(_width(above), _width(below))
    beside = [word for word in near if _is_beside(word, rule, y)]
    if not beside or abs(rule.x1 - rule.x0 - widest) > _OVER * size:
        return None
    base = min(beside, key=lambda word: min(abs(word.x0 - rule.x1), abs(rule.x0 - word.x1)))
    text = f"{_in_brackets(above)}/{_in_brackets(below)}"
    return Word(text, rule.x0, rule.x1, base.y, base.size, base.bold), [*above, *below]


def _is_beside(word: Word, rule: Rule, y: float) -> bool:
    """Whether a word stands on the line on which the fraction stands."""
    gap = max(word.x0 - rule.x1, rule.x0 - word.x1)
    return -1 <= gap <= _BESIDE * word.size and abs(word.y - y - _AXIS * word.size) <= _OFF_AXIS * word.size


def _is_centred(part: Sequence[Word], rule: Rule, size: float) -> bool:
    x0, x1 = min(word.x0 for word in part), max(word.x1 for word in part)
    return (
        abs(x0 + x1 - rule.x0 - rule.x1) <= size and max(word.y for word in part) - min(word.y for word in part) < size
    )


def _width(part: Sequence[Word]) -> float:
    return max(word.x1 for word in part) - min(word.x0 for word in part)


def _in_brackets(part: Sequence[Word]) -> str:
    text = line(part).text
    return text if _ONE.fullmatch(text) else f"({text})"

"""Which short notes stand in the margin of running text, and between which of its lines are they read?

A note of two or three lines is no column: it has too few of them. Line by line its words would be woven into the
sentences beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from ingest.read.pdf.lines import LABEL
from ingest.read.pdf.page import Word

_FEWEST = 2  # lines of a note; of one alone it is not known whether it belongs to the line beside it
_MOST = 8
FEWEST = 5  # lines of the text, at least, and twice as many as the notes have
_WIDEST = 0.6  # of the text's width
_TOGETHER = 1.9  # of the letters' size; lines of one note are no further apart
_NEW = 1.3  # of the usual step between lines: there a paragraph begins

_Rows = Sequence[Sequence[Word]]


def apart(text: _Rows, beside: _Rows) -> list[list[Sequence[Word]]] | None:
    """The lines of the text and of its notes as they are read one after the other; None where these are no notes.

    A note that stands where a paragraph begins is read before it, any other one behind the text: no sentence is cut.
    """
    notes = _notes(beside)
    if not _are_beside(text, beside, notes):
        return None
    begins = _beginnings(text)
    places = [_place(note, text, begins) for note in notes]
    if len(notes) > 1 and all(place < len(text) for place in places):
        return None  # what begins with each paragraph is its title, or a cell of the same row
    found: list[list[Sequence[Word]]] = []
    for start, end in pairwise(sorted({0, *places, len(text)})):
        found += [note for note, place in zip(notes, places, strict=True) if place == start]
        found.append(list(text[start:end]))
    return found + [note for note, place in zip(notes, places, strict=True) if place == len(text)]


def _notes(beside: _Rows) -> list[list[Sequence[Word]]]:
    """The lines by the notes that they belong to."""
    notes: list[list[Sequence[Word]]] = []
    for row in beside:
        if notes and row[0].y - notes[-1][-1][0].y <= _TOGETHER * row[0].size:
            notes[-1].append(row)
        else:
            notes.append([row])
    return notes


def _are_beside(text: _Rows, beside: _Rows, notes: Sequence[_Rows]) -> bool:
    if len(text) < max(FEWEST, 2 * len(beside)) or not all(_FEWEST <= len(note) <= _MOST for note in notes):
        return False
    if _width(beside) > _WIDEST * _width(text):
        return False
    words = [word.text for row in beside for word in row]
    labels = sum(bool(LABEL.match(word)) for word in words)
    return labels < len(beside) / 2 and sum(any(map(str.isalpha, word)) for word in words) >= len(beside)


def _width(lines: _Rows) -> float:
    return max(word.x1 for row in lines for word in row) - min(row[0].x0 for row in lines)


def _beginnings(text: _Rows) -> set[int]:
    """The lines with which paragraphs begin: the first one, and those that are set off from the line before."""
    steps = [below[0].y - above[0].y for above, below in pairwise(text)]
    usual, left = median(steps), median(row[0].x0 for row in text)
    return {0} | {
        number
        for number, (row, step) in enumerate(zip(text[1:], steps, strict=True), start=1)
        if step > _NEW * usual or 0.8 * row[0].size < row[0].x0 - left < 5 * row[0].size
    }


def _place(note: _Rows, text: _Rows, begins: set[int]) -> int:
    """Before which line of the text a note is read; behind the last one where it stands at none that begins."""
    top, size = note[0][0].y, note[0][0].size
    level = next((number for number, row in enumerate(text) if row[0].y > top - 0.7 * size), len(text))
    return level if level in begins else len(text)

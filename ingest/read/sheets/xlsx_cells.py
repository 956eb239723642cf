"""Which cells does a sheet of an .xlsx workbook hold, and what is written in each?

Read with expat, call by call: a sheet of a million cells would be a tree of several million nodes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import IO
from xml.parsers.expat import ParserCreate

from ingest.read.unseen import unseen

Cells = dict[int, str]  # by column, from 0; empty ones are left out
_PIECE = 1 << 18  # bytes
_MERGED = re.compile(rb'mergeCell\s+ref="([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})"')
_MOST_MERGED = 100_000
_REFERENCE = 60  # bytes of a merged cell's element, which two pieces may share
_LONGEST_FORMULA = 200  # letters
_YES = {"1", "true"}
_APART = " "  # between a name's namespace and itself


def rows(
    stream: IO[bytes], text: Callable[[str, str, int], str], *, is_zero_a_result: bool = True
) -> Iterator[tuple[int, Cells]]:
    """The rows that hold anything, each with its number from 0.

    `text` makes a cell's type (t), value and style (s) what is seen; an inline string comes as its type says. A formula
    whose result was not stored stands there itself, as =A1+2; `is_zero_a_result` says whether a zero is one.
    """
    sheet = _Sheet(text, ("",) if is_zero_a_result else ("", "0"))
    parser = ParserCreate(namespace_separator=_APART)
    parser.buffer_text = True
    parser.StartElementHandler = sheet.start
    parser.EndElementHandler = sheet.end
    parser.CharacterDataHandler = sheet.letters
    while piece := stream.read(_PIECE):
        parser.Parse(piece)
        yield from sheet.taken()
    parser.Parse(b"", True)
    yield from sheet.taken()


def merged(stream: IO[bytes]) -> dict[tuple[int, int], tuple[int, int]]:
    """The merged cells by row and column, from 0: how many rows and columns each takes. They stand behind all rows."""
    found: dict[tuple[int, int], tuple[int, int]] = {}
    before = b""
    while piece := stream.read(_PIECE):
        for each in _MERGED.finditer(before + piece):
            left, top, right, bottom = (part.decode() for part in each.groups())
            row, column = int(top) - 1, _column(left)
            found[row, column] = int(bottom) - row, _column(right) - column + 1
        if len(found) > _MOST_MERGED:
            return found
        before = piece[-_REFERENCE:]
    return found


class _Sheet:
    """Listens to the parser and keeps the rows that are complete."""

    def __init__(self, text: Callable[[str, str, int], str], no_results: tuple[str, ...]) -> None:
        self._text = text
        self._no_results = no_results
        self._done: list[tuple[int, Cells]] = []
        self._row, self._column = -1, -1
        self._cells: Cells = {}
        self._kind, self._style, self._value = "n", 0, ""
        self._reference, self._formula, self._shared = "", "", ""
        self._formulas: dict[str, str] = {}  # those that others are copies of
        self._listens = self._listens_to_formula = False
        self._is_phonetic = False
        self._unseen: list[tuple[int, int]] = []  # columns, from the first to the last
        self._is_row_unseen = False

    def taken(self) -> list[tuple[int, Cells]]:
        done, self._done = self._done, []
        return done

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = _local(name)
        if name == "c":
            reference = attributes.get("r")
            self._reference, self._formula = reference or "", ""
            self._column = _column(reference.rstrip("0123456789")) if reference else self._column + 1
            self._kind = attributes.get("t", "n")
            self._style = int(attributes.get("s", 0))
            self._value = ""
        elif name in {"v", "t"}:
            self._listens = not self._is_phonetic
        elif name == "f":
            self._listens_to_formula = True
            self._shared = attributes.get("si", "") if attributes.get("t") == "shared" else ""
        elif name == "row":
            self._row = int(attributes.get("r", self._row + 2)) - 1
            self._column = -1
            self._cells = {}
            self._is_row_unseen = attributes.get("hidden") in _YES or attributes.get("ht") == "0"
        elif name == "col" and (attributes.get("hidden") in _YES or attributes.get("width") == "0"):
            self._unseen.append((int(attributes.get("min", 0)) - 1, int(attributes.get("max", 0)) - 1))
        elif name == "rPh":  # how an inline string is pronounced
            self._is_phonetic = True

    def end(self, name: str) -> None:
        name = _local(name)
        if name == "c":
            if self._formula and self._kind == "n" and self._value.strip() in self._no_results:
                self._cells[self._column] = self._marked(f"={self._formula}")
            elif self._value and (text := self._text(self._kind, self._value, self._style)):
                self._cells[self._column] = self._marked(text)
        elif name in {"v", "t"}:
            self._listens = False
        elif name == "f":
            self._listens_to_formula = False
            self._end_formula()
        elif name == "row":
            if self._cells:
                self._done.append((self._row, self._cells))
        elif name == "rPh":
            self._is_phonetic = False

    def _marked(self, text: str) -> str:
        """A cell's text, marked where its row or column is not shown."""
        is_unseen = self._is_row_unseen or any(first <= self._column <= last for first, last in self._unseen)
        return unseen(text, "not shown") if is_unseen else text

    def letters(self, text: str) -> None:
        if self._listens:
            self._value += text
        elif self._listens_to_formula and len(self._formula) <= _LONGEST_FORMULA:
            self._formula += text[: _LONGEST_FORMULA + 1]

    def _end_formula(self) -> None:
        text = " ".join(self._formula.split())
        self._formula = text if len(text) <= _LONGEST_FORMULA else f"{text[:_LONGEST_FORMULA]}…"
        if self._shared and text:
            self._formulas[self._shared] = f"{self._formula} (as in {self._reference})"
        elif self._shared:
            self._formula = self._formulas.get(self._shared, "")
        self._formula = self._formula or "…"  # of a table of data, which says nothing of it


@lru_cache(maxsize=256)
def _local(name: str) -> str:
    return name.rpartition(_APART)[2]


@lru_cache(maxsize=1 << 14)
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1

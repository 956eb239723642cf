"""Which cells does a sheet of an .xlsx workbook hold, and what is written in each?

Read with expat, call by call: a sheet of a million cells would be a tree of several million nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import IO
from xml.parsers.expat import ParserCreate

Cells = dict[int, str]  # by column, from 0; empty ones are left out
_PIECE = 1 << 18  # bytes
_APART = " "  # between a name's namespace and itself


def rows(stream: IO[bytes], text: Callable[[str, str, int], str]) -> Iterator[tuple[int, Cells]]:
    """The rows that hold anything, each with its number from 0.

    `text` makes a cell's type (t), value and style (s) what is seen; an inline string comes as its type says.
    """
    sheet = _Sheet(text)
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


class _Sheet:
    """Listens to the parser and keeps the rows that are complete."""

    def __init__(self, text: Callable[[str, str, int], str]) -> None:
        self._text = text
        self._done: list[tuple[int, Cells]] = []
        self._row, self._column = -1, -1
        self._cells: Cells = {}
        self._kind, self._style, self._value = "n", 0, ""
        self._listens = False
        self._is_phonetic = False

    def taken(self) -> list[tuple[int, Cells]]:
        done, self._done = self._done, []
        return done

    def start(self, name: str, attributes: dict[str, str]) -> None:
        name = _local(name)
        if name == "c":
            reference = attributes.get("r")
            self._column = _column(reference.rstrip("0123456789")) if reference else self._column + 1
            self._kind = attributes.get("t", "n")
            self._style = int(attributes.get("s", 0))
            self._value = ""
        elif name in {"v", "t"}:
            self._listens = not self._is_phonetic
        elif name == "row":
            self._row = int(attributes.get("r", self._row + 2)) - 1
            self._column = -1
            self._cells = {}
        elif name == "rPh":  # how an inline string is pronounced
            self._is_phonetic = True

    def end(self, name: str) -> None:
        name = _local(name)
        if name == "c":
            if self._value and (text := self._text(self._kind, self._value, self._style)):
                self._cells[self._column] = text
        elif name in {"v", "t"}:
            self._listens = False
        elif name == "row":
            if self._cells:
                self._done.append((self._row, self._cells))
        elif name == "rPh":
            self._is_phonetic = False

    def letters(self, text: str) -> None:
        if self._listens:
            self._value += text


@lru_cache(maxsize=256)
def _local(name: str) -> str:
    return name.rpartition(_APART)[2]


@lru_cache(maxsize=1 << 14)
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1

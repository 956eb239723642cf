"""What may reach the terminal, and standard output? Results alone, and no control characters of other people's."""

from __future__ import annotations

import io
import logging
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from typing import Any, TextIO

_WIDEST = 100
# Beside line breaks and tabs: a document could hold sequences that move the cursor, or that type for the reader; and
# what turns the direction of writing shows a name, a number or an address as another one.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u206f\ufff9-\ufffb]")
# What nobody sees, and what may hide words from the reader that a program still reads. The joiners (U+200C, U+200D)
# stay, since Persian, the scripts of India and many emoji are written with them.
_UNSEEN = re.compile(r"[\xad\u034f\u061c\u180e\u200b\u200e\u200f\u2060-\u2065\ufeff\U000e0000-\U000e0fff]")
_PASSWORD = re.compile(r"(?<=://)[^/\s@\"']+@")
_BREAK = re.compile(r"[\u2028\u2029]")


def plain(text: str) -> str:
    """A text that can be shown on any terminal, whoever wrote it."""
    shown = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", _UNSEEN.sub("", _BREAK.sub("\n", text)))
    return shown.encode("utf-8", "replace").decode()


def in_a_line(text: str) -> str:
    """A name or a sentence of other people's on one line, so that it cannot pass for a line of ours."""
    return " ".join(plain(text).split())


def escaped(json: str) -> str:
    """JSON in which all that is not to be seen is: for whoever must know exactly what it says."""
    for kind in (_CONTROL, _UNSEEN, _BREAK):
        json = kind.sub(lambda found: _escape(found[0]), json)
    return json


class PlainLog(logging.Formatter):
    """Entries of a log, laid out by another formatter, that can be shown on any terminal, tracebacks too.

    A password in an address is left out: the libraries that send requests log them in full.
    """

    def __init__(self, laid_out: logging.Formatter | None) -> None:
        super().__init__()
        self._laid_out = laid_out or logging.Formatter()

    def format(self, record: logging.LogRecord) -> str:
        """One entry."""
        return _PASSWORD.sub("…@", plain(self._laid_out.format(record)))


def width() -> int:
    """How many columns a line may take."""
    return min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns)


def open_streams() -> None:
    """Gives the process the three streams that it was started without, each leading nowhere.

    Else what is opened first takes their numbers, and what a library says on standard error would be written into it.
    What is said on standard error is a courtesy: where nobody takes it any more, the work goes on.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
    sys.stdin = sys.stdin or os.fdopen(0, encoding="utf-8", closefd=False)
    sys.stdout = sys.stdout or os.fdopen(1, "w", encoding="utf-8", closefd=False)
    if sys.stderr is None or sys.stderr is sys.__stderr__:
        sys.stderr = io.TextIOWrapper(
            _Courtesy(2, "w", closefd=False),
            encoding=getattr(sys.stderr, "encoding", None) or "utf-8",
            errors="backslashreplace",
            write_through=True,
        )


def close_quietly() -> None:
    """Lets go of standard output, which nobody reads any more: else Python complains of it at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


class _Courtesy(io.FileIO):
    """A stream that may lead nowhere."""

    def write(self, data: Any, /) -> int:
        """What could not be written is forgotten."""
        with suppress(OSError):
            return super().write(data) or 0
        return len(data)


@contextmanager
def results_alone() -> Iterator[TextIO]:
    """Standard output, for results; whatever else is printed meanwhile goes to standard error.

    So a plugin that prints, or a program that it starts, cannot spoil what a script reads.
    """
    out, errors = sys.stdout, sys.stderr
    with ExitStack() as stack:
        if _descriptor(out) == 1 and _descriptor(errors) == 2:
            out.flush()
            kept = os.dup(1)
            stack.callback(_restore, kept, out)
            os.dup2(2, 1)
            out = stack.enter_context(open(kept, "w", encoding=out.encoding, errors="replace", closefd=False))
        stack.enter_context(redirect_stdout(errors))
        yield out


def _escape(letter: str) -> str:
    units = letter.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))


def _restore(kept: int, out: TextIO) -> None:
    out.flush()  # what was written to it in spite of all
    os.dup2(kept, 1)
    os.close(kept)


def _descriptor(stream: TextIO) -> int | None:
    try:
        return stream.fileno()
    except (AttributeError, io.UnsupportedOperation, ValueError):
        return None

"""What may reach standard output, and what becomes of streams that lead nowhere? Results alone get there."""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout, suppress
from typing import Any, TextIO, cast

PRINTED = 100_000
"""The most characters that a command passes on of what is printed beside its results."""

_WIDEST = 100
# What no text has a use for, so that it can mark how ours is shown until all else in it is made harmless
_MARKS = {"\ufdd0": "\x1b[1m", "\ufdd1": "\x1b[2m", "\ufdd2": "\x1b[0m"}


def width() -> int:
    """How many columns a line may take."""
    return min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns)


def bold(text: str) -> str:
    """Text that stands out where it is shown on a terminal; `styled` makes it so."""
    return f"\ufdd0{text}\ufdd2"


def dim(text: str) -> str:
    """Text that steps back there."""
    return f"\ufdd1{text}\ufdd2"


def styled(text: str) -> str:
    """A text that is harmless by now, with its styles; whoever writes it where no terminal is leaves them out."""
    return re.sub(f"[{''.join(_MARKS)}]", lambda mark: _MARKS[mark[0]], text)


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
    """Standard output, for results; whatever else is printed meanwhile goes to standard error, as far as `PRINTED`.

    So a plugin that prints, or a program that it starts, cannot spoil what a script reads, nor fill a log.
    """
    out, errors = sys.stdout, sys.stderr
    with ExitStack() as stack:
        if _descriptor(out) == 1 and _descriptor(errors) == 2:
            out.flush()
            kept = os.dup(1)
            stack.callback(_restore, kept, out)
            os.dup2(2, 1)
            out = stack.enter_context(open(kept, "w", encoding=out.encoding, errors="replace", closefd=False))
        stack.enter_context(redirect_stdout(cast("TextIO", _Foreign(errors))))
        yield out


class _Foreign:
    """What is printed that is no result: passed on to a stream, but for what is too much of it."""

    def __init__(self, stream: TextIO) -> None:
        self._stream, self._left = stream, PRINTED

    def write(self, text: str) -> int:
        """As any stream's: how much was taken."""
        if self._left > 0:
            self._stream.write(text[: self._left])
            if len(text) > self._left:
                self._stream.write("\ncitewell: What a plugin or a library prints beyond this is left out.\n")
            self._left -= len(text)
        return len(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _restore(kept: int, out: TextIO) -> None:
    out.flush()  # what was written to it in spite of all
    os.dup2(kept, 1)
    os.close(kept)


def _descriptor(stream: TextIO) -> int | None:
    try:
        return stream.fileno()
    except (AttributeError, io.UnsupportedOperation, ValueError):
        return None

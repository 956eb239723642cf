"""What may reach the terminal, and standard output? Results alone, and no control characters of other people's."""

from __future__ import annotations

import io
import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from typing import TextIO

_WIDEST = 100
# Beside line breaks and tabs: a document could hold sequences that move the cursor, or that type for the reader.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def plain(text: str) -> str:
    """A text that can be shown on any terminal, whoever wrote it."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text).encode("utf-8", "replace").decode()


def width() -> int:
    """How many columns a line may take."""
    return min(_WIDEST, shutil.get_terminal_size((_WIDEST, 24)).columns)


@contextmanager
def results_alone() -> Iterator[TextIO]:
    """Standard output, for results; whatever else is printed meanwhile goes to standard error.

    So a plugin that prints, or a program that it starts, cannot spoil what a script reads.
    """
    out, errors = sys.stdout, sys.stderr
    if out is None or errors is None:  # closed by whoever started us
        yield out
        return
    with ExitStack() as stack:
        if _descriptor(out) == 1 and _descriptor(errors) == 2:
            out.flush()
            kept = os.dup(1)
            stack.callback(_restore, kept, out)
            os.dup2(2, 1)
            out = stack.enter_context(open(kept, "w", encoding=out.encoding, errors="replace", closefd=False))
        stack.enter_context(redirect_stdout(errors))
        yield out


def _restore(kept: int, out: TextIO) -> None:
    out.flush()  # what was written to it in spite of all
    os.dup2(kept, 1)
    os.close(kept)


def _descriptor(stream: TextIO) -> int | None:
    try:
        return stream.fileno()
    except (AttributeError, io.UnsupportedOperation, ValueError):
        return None

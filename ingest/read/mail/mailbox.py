"""Where does each message in a mailbox (mbox, RFC 4155) begin and end?

The standard library takes every line that begins with "From " for a new message, and holds all their places in memory;
here such a line also has to be followed by a header, so that a letter that says "From here on …" stays in one piece.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO

from ingest.read.registry import Unreadable

_LINE = 1 << 20  # bytes of a line that are looked at at once
_TIME = re.compile(rb"From .*\b\d{1,2}:\d\d")
_HEADER = re.compile(rb"[!-9;-~]+[ \t]*:|>?From ")
_QUOTED = re.compile(rb">+From ")


def messages(file: IO[bytes], largest: int) -> Iterator[bytes | None]:
    """The messages in their order, without the lines between them; None for one of more than `largest` bytes.

    Raises Unreadable where the file is no mailbox.
    """
    line = file.readline(_LINE)
    while line.strip() in {b"", b"\xef\xbb\xbf"} and line:
        line = file.readline(_LINE)
    if not line.removeprefix(b"\xef\xbb\xbf").startswith(b"From "):
        raise Unreadable("it is no mailbox, whose first line begins with From: save its messages as .eml")
    held: list[bytes] = []
    size, after_blank = 0, False
    line = file.readline(_LINE)
    while line:
        following = file.readline(_LINE)
        if after_blank and _TIME.match(line) and _HEADER.match(following):
            yield b"".join(held) if size <= largest else None
            held, size, after_blank = [], 0, False
        else:
            size += len(line)
            if size <= largest:
                held.append(line[1:] if _QUOTED.match(line) else line)
            else:
                held.clear()
            after_blank = not line.strip()
        line = following
    yield b"".join(held) if size <= largest else None

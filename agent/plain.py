"""Which text can be shown on any terminal, whoever wrote it?"""

from __future__ import annotations

import logging
import re

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


def _escape(letter: str) -> str:
    units = letter.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))

"""What of a text does nobody see who opens the file? Readers enclose it in marks, which become places in the text.

So a stretch keeps its place through all that becomes of a text on its way to Markdown. The marks are letters for
private use that each process draws anew: who writes a file cannot end a stretch early, for they do not know them.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Final, Literal

from ingest.model import Page, Unseen

How = Literal["not shown", "colour", "size", "place", "comment", "letters", "order"]
_HOW: Final[tuple[How, ...]] = ("not shown", "colour", "size", "place", "comment", "letters", "order")
_FIRST: Final = 0xF0000 + 16 * secrets.randbelow(0xFFF)
_OPEN: Final = {how: chr(_FIRST + number) for number, how in enumerate(_HOW)}
_CLOSE: Final = chr(_FIRST + 15)
_MARK: Final = re.compile(f"[{chr(_FIRST)}-{_CLOSE}]")

_LETTERS: Final = re.compile(
    "\U0001f3f4?[\U000e0001-\U000e007f]{2,}"  # tags, which spell out text by themselves
    # Signs that change the letter before them, or stand for no space at all: a few are usual, many carry something
    "|[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}"
    "|[\xad\u034f\u115f\u1160\u180e\u200b-\u200f\u2060-\u206f\u3164\ufeff\uffa0]{8,}"
)
_DESCRIPTION: Final = 40  # words
_FLAG: Final = re.compile("\U0001f3f4[\U000e0061-\U000e007a\U000e0030-\U000e0039]{3,6}\U000e007f")  # of a region
_TURNED: Final = re.compile(r"[\u202d\u202e][^\u202c\n]*[^\W\d_][^\u202c\n]*[^\W\d_]")


def unseen(text: str, how: How) -> str:
    """The text marked as one that is not seen; white space around it stays outside, and none of it is nothing."""
    words = text.strip()
    before, _, after = text.partition(words) if words else (text, "", "")
    return f"{before}{_OPEN[how]}{words}{_CLOSE}{after}" if words else text


def described(text: str) -> str:
    """What a picture is said to show, which is seen in its place alone; marked where it is more than that can be."""
    return unseen(text, "not shown") if len(text.split()) > _DESCRIPTION else text


def is_marked(text: str) -> bool:
    """Whether some of a text is marked."""
    return _CLOSE in text


def unmarked(text: str) -> str:
    """The text without its marks, for who asks what it says."""
    return _MARK.sub("", text) if is_marked(text) else text


def seen(text: str) -> str:
    """The text without what is marked."""
    made, stretches, _ = taken_out(text)
    for each in reversed(stretches):
        made = made[: each.start] + made[each.end :]
    return made


def hides(text: str, stretches: Sequence[Unseen], words: str) -> bool:
    """Whether words stand in what is not seen of a text alone."""

    def held(start: int, end: int) -> bool:
        return words in " ".join(text[start:end].split())

    if not any(held(each.start, each.end) for each in stretches):
        return False
    bounds = [0, *(place for each in stretches for place in (each.start, each.end)), len(text)]
    return not any(held(start, end) for start, end in zip(bounds[::2], bounds[1::2], strict=True))


def taken_out(text: str, pages: Sequence[Page] = ()) -> tuple[str, tuple[Unseen, ...], tuple[Page, ...]]:
    """The text without marks, what was marked in it, and its pages where they begin then."""
    if not is_marked(text):
        return text, (), tuple(pages)
    parts: list[str] = []
    places: list[tuple[int, int]] = []  # where marks stood, and how many up to there
    found: list[Unseen] = []
    depth = begin = last = size = 0
    how: How = "not shown"
    for number, mark in enumerate(_MARK.finditer(text), start=1):
        parts.append(text[last : mark.start()])
        size += mark.start() - last
        last = mark.end()
        places.append((mark.start(), number))
        if mark[0] == _CLOSE:
            if depth == 1:
                found.append(Unseen(begin, size, how))
            depth = max(depth - 1, 0)
        else:
            if not depth:
                begin, how = size, _HOW[ord(mark[0]) - _FIRST]
            depth += 1
    parts.append(text[last:])
    made = "".join(parts)
    if depth:
        found.append(Unseen(begin, len(made), how))
    return made, tuple(_joined(made, found)), tuple(_moved(pages, places))


def _joined(text: str, found: Iterable[Unseen]) -> Iterator[Unseen]:
    """Stretches that nothing parts but white space are one; those without words are none."""
    held: Unseen | None = None
    for each in found:
        if not any(map(str.isalnum, text[each.start : each.end])):
            continue
        if held is not None and held.how == each.how and not text[held.end : each.start].strip(" \n|"):
            held = replace(held, end=each.end)
            continue
        if held is not None:
            yield held
        held = each
    if held is not None:
        yield held


def _moved(pages: Iterable[Page], places: Sequence[tuple[int, int]]) -> Iterator[Page]:
    passed = 0
    before = 0
    for page in pages:
        while passed < len(places) and places[passed][0] < page.start:
            before = places[passed][1]
            passed += 1
        yield replace(page, start=page.start - before)


def by_letters(text: str) -> Iterator[Unseen]:
    """What letters hide that show nothing themselves, or turn what stands behind them around."""
    if text.isascii():
        return
    for found in _LETTERS.finditer(text):
        if not _FLAG.fullmatch(found[0]):
            yield Unseen(*found.span(), "letters")
    for found in _TURNED.finditer(text):
        yield Unseen(*found.span(), "order")

"""Which stretches of a file's bytes may be words at all? Most bytes of an index are numbers, and are passed over.

A stretch is text in UTF-8 where half of its bytes are letters or digits, which chance does not bring about; and in
UTF-16 where at least seven units on end are letters of one script, with what stands between words, and are not plainly
ASCII, of which two letters look like one of Chinese.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import regex

Array = np.ndarray[Any, Any]
_WINDOW, _AROUND = 48, 64  # bytes that are looked at together, and that are taken on both sides of those
_LEAST = 7  # units of UTF-16: four words of one letter
_ASCII = 0.85  # of the bytes of a stretch; of Chinese in UTF-16 half look like it
_SCRIPTS = (r"[\p{Han}\p{Hiragana}\p{Katakana}]", r"\p{Hangul}")  # those that most numbers look like
_BETWEEN, _LETTER, _OTHER = 0, 100, 255


def legible(data: bytes) -> Iterator[str]:
    """The stretches that may be words, as text, each on its line; one text for each way of encoding them."""
    if len(data) < _LEAST:
        return
    yield "\n".join(data[begin:end].decode("utf-8", "replace") for begin, end in _in_utf_8(data))
    for order in ("<u2", ">u2"):
        for skip in (0, 1):
            units = np.frombuffer(data, dtype=order, offset=skip, count=(len(data) - skip) // 2)
            inner = units.astype("<u2").tobytes()
            yield "\n".join(
                inner[2 * begin : 2 * end].decode("utf-16-le", "replace") for begin, end in _in_utf_16(units)
            )


def _in_utf_8(data: bytes) -> Iterator[tuple[int, int]]:
    """Where at least half of what stands together are letters, digits, or signs of several bytes."""
    values = np.frombuffer(data, dtype=np.uint8)
    kinds = _bytes()[values]
    marked = kinds == 1
    follows = np.zeros(len(values) + 3, dtype=bool)
    follows[: len(values)] = kinds == 2
    for lead, more in ((3, 1), (4, 2), (5, 3)):
        whole = np.flatnonzero(kinds == lead)
        for step in range(1, more + 1):
            whole = whole[follows[whole + step]]
        for step in range(more + 1):
            marked[whole + step] = True
    total = np.concatenate(([0], np.cumsum(marked)))
    window = min(_WINDOW, len(values))
    dense = np.flatnonzero(total[window:] - total[:-window] >= window / 2)
    if not len(dense):
        return
    breaks = np.flatnonzero(np.diff(dense) > window + 2 * _AROUND)
    begins = dense[np.concatenate(([0], breaks + 1))]
    ends = dense[np.concatenate((breaks, [len(dense) - 1]))] + window
    yield from zip((begins - _AROUND).clip(0).tolist(), (ends + _AROUND).tolist(), strict=True)


def _in_utf_16(units: Array) -> Iterator[tuple[int, int]]:
    """Where units on end are letters of one script, or what stands between words."""
    kinds = _units()[units]
    telling = np.flatnonzero(kinds)
    script = kinds[telling]
    is_new = np.ones(len(telling), dtype=bool)
    is_new[1:] = (script[1:] != script[:-1]) | (script[1:] == _OTHER)
    after = np.concatenate(([0], telling[:-1] + 1))  # what stands between belongs to what follows, and to what precedes
    begins = np.where(script == _OTHER, telling + 1, after)[is_new]
    begins, ends = np.append(0, begins), np.append(telling[is_new], len(units))
    long = ends - begins >= _LEAST
    begins, ends = begins[long], ends[long]
    high, low = units >> 8, units & 0xFF
    printable = _printable()
    total = np.concatenate(([0], np.cumsum(printable[high].astype(np.int32) + printable[low])))
    is_ascii = total[ends] - total[begins] > _ASCII * 2 * (ends - begins)
    yield from zip(begins[~is_ascii].tolist(), ends[~is_ascii].tolist(), strict=True)


@cache
def _bytes() -> Array:
    """What each byte is in UTF-8: 1 a letter or digit, 2 the rest of a sign, 3 to 5 the beginning of one of 2 to 4."""
    kinds = np.zeros(256, dtype=np.uint8)
    kinds[[byte for byte in range(128) if chr(byte).isalnum()]] = 1
    kinds[0x80:0xC0], kinds[0xC2:0xE0], kinds[0xE0:0xF0], kinds[0xF0:0xF5] = 2, 3, 4, 5
    return kinds


@cache
def _printable() -> Array:
    """Which bytes are ASCII that a text may have."""
    return np.array([(chr(byte).isprintable() and byte < 128) or byte in b"\t\n\r" for byte in range(256)])


@cache
def _units() -> Array:
    """What each unit of UTF-16 is: what may stand between words, a letter of some script, or nothing of a text."""
    every = "".join(map(chr, range(0x10000)))
    kinds = np.full(0x10000, _OTHER, dtype=np.uint8)
    classes = [(r"[\p{Z}\p{P}\p{S}\p{Nd}A-Za-z\t\n\r]", _BETWEEN), (r"[\p{L}\p{M}--[A-Za-z]]", _LETTER)]
    classes += [(script, number) for number, script in enumerate(_SCRIPTS, start=1)]
    for pattern, kind in classes:
        kinds[[ord(sign) for sign in regex.findall(pattern, every, regex.V1)]] = kind
    return kinds

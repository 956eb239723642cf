"""What text do these bytes spell?

A byte order mark decides; then strict UTF-8; then what the file says of itself; then charset-normalizer's guess.
"""

from __future__ import annotations

import codecs
from pathlib import Path

from ingest.read.registry import Unreadable

_MARKS = {  # the longer marks first: UTF-32's begins with UTF-16's
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_PLAUSIBLE = [  # what browsers know; a guess among all of Python's codecs is often an exotic one
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874", "koi8_r", "koi8_u"),
    *("cp932", "euc_jp", "iso2022_jp", "gb18030", "big5", "big5hkscs", "cp949"),
]
_LATIN = {"cp1250", "cp1254", "cp1257"}
_NULS = 0.01  # a torn log may hold a few; more than this share is not text


def text_of(path: Path) -> str:
    """The file's text, lines ended by newlines. Raises Unreadable where there is none to be had."""
    return decode(path.read_bytes())


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of `data` without byte order mark, NULs or lone surrogates, lines ended by newlines.

    `declared` is the encoding that the file names inside itself, if it does. Raises Unreadable.
    """
    text = _marked(data)
    if text is None:
        if data.count(0) > _NULS * len(data):
            raise Unreadable("it is binary, not text: leave it out, or give it the suffix of what it is")
        text = _unmarked(data, declared)
    text = text.removeprefix("\ufeff").replace("\0", "")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def mark(data: bytes) -> str | None:
    """The encoding that a byte order mark at the start of `data` announces."""
    return next((encoding for start, encoding in _MARKS.items() if data.startswith(start)), None)


def _marked(data: bytes) -> str | None:
    encoding = mark(data)
    # A file with a mark that breaks off in the middle of a letter is still a text
    return None if encoding is None else data.decode(encoding, "replace")


def _unmarked(data: bytes, declared: str | None) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    lenient = data.decode("utf-8", "replace")
    damaged = lenient.count("\ufffd")
    if 10 * damaged <= sum(letter > "\x7f" for letter in lenient) - damaged:
        return lenient  # UTF-8 with a torn letter here and there
    if declared is not None:
        try:
            return data.decode(declared)
        except (LookupError, ValueError):
            pass  # it is wrong about itself
    return _guessed(data)


def _guessed(data: bytes) -> str:
    from charset_normalizer import from_bytes

    guesses = from_bytes(data, cp_isolation=_PLAUSIBLE)
    best = guesses.best()
    if best is None:
        raise Unreadable("its encoding could not be recognised: save it as UTF-8")
    # Western text often looks as good in the code pages of its neighbours, but is far more often meant
    if best.encoding in _LATIN and any("cp1252" in (guess.encoding, *guess.could_be_from_charset) for guess in guesses):
        return data.decode("cp1252", "replace")
    return data.decode(best.encoding, "replace")

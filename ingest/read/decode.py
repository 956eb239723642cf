"""What text do these bytes spell?

A byte order mark decides; then strict UTF-8; then what the file says of itself; then the language its letters spell.
Files that were put together from several are decoded line by line.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from pathlib import Path

from ingest.read.charset import charset, is_east_asian, reads_well
from ingest.read.registry import Unreadable

LARGEST = 64 << 20  # bytes of a text file that is read whole
_MARKS = {  # the longer marks first: UTF-32's begins with UTF-16's
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_MEANT = {  # what files say and what they mean by it, as browsers know
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
_LIKE_UTF8 = {"cp932", "euc_jp", "gb18030", "big5hkscs", "cp949", "koi8_r", "koi8_u"}  # here and there, by chance
_SURE = 4  # letters in a line; fewer may look like UTF-8 though they are not
_SAMPLE = 1 << 16
_SCRIPTS = 4
_NULS = 0.01  # a torn log may hold a few; more than this share is not text
_CONTROLS = 0.04  # no text has more control characters than this; compressed data have 11 %
_CONTROL = bytes(byte for byte in range(32) if byte not in b"\t\n\x0b\x0c\r\x1b") + b"\x7f"
_UNFIT = {"Cc", "Cn", "Co", "Cs"}
_WHOLE = re.compile(rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}")  # letters in UTF-8
_CUT = re.compile(  # what is left of a letter in UTF-8 where a line begins or ends in the middle of it
    rb"\A[\x80-\xbf]{1,3}|(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z"
)


def text_of(path: Path) -> str:
    """The file's text, lines ended by newlines. Raises Unreadable where there is none to be had, or too much."""
    return decode(bytes_of(path))


def bytes_of(path: Path) -> bytes:
    """The bytes of a text file. Raises Unreadable, before it is loaded, where it is larger than any text to read."""
    if path.stat().st_size > LARGEST:
        raise Unreadable(f"it is larger than {LARGEST >> 20} MB: split it")
    return path.read_bytes()


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of `data` without byte order mark, NULs or lone surrogates, lines ended by newlines.

    `declared` is the encoding that the file names inside itself, if it does. Raises Unreadable.
    """
    marked = mark(data)
    wide = marked if marked not in {None, "utf-8-sig"} else _unmarked_wide(data)
    if wide is not None:
        # A file with a mark that breaks off in the middle of a letter is still a text
        text = data.decode(wide, "replace")
    else:
        body = data.removeprefix(codecs.BOM_UTF8)
        if _is_binary(body):
            raise Unreadable("it is binary, not text: leave it out, or give it the suffix of what it is")
        text = _narrow(body, None if marked else declared)
    text = text.removeprefix("\ufeff").replace("\0", "")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def mark(data: bytes) -> str | None:
    """The encoding that a byte order mark at the start of `data` announces."""
    return next((encoding for start, encoding in _MARKS.items() if data.startswith(start)), None)


def is_wide(data: bytes) -> bool:
    """Whether `data` begins a text in UTF-16 or UTF-32, marked or not."""
    return (mark(data) or "utf-8-sig") != "utf-8-sig" or _unmarked_wide(data) is not None


def _unmarked_wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark: NULs stand where letters have their upper half, or the letters are Chinese."""
    sample = data[:_SAMPLE] if len(data) > _SAMPLE else data[: len(data) & ~1]
    nuls = sample.count(0)
    if not nuls and _is_utf8(data):
        return None
    if nuls and len(data) % 4 == 0:
        for encoding in ("utf-32-le", "utf-32-be"):
            if _spelled(sample, encoding):
                return encoding
    for encoding in ("utf-16-le", "utf-16-be"):
        upper, lower = (sample[1::2], sample[::2]) if encoding == "utf-16-le" else (sample[::2], sample[1::2])
        # A few NULs in ASCII are a torn log, whose pairs of letters would spell Chinese; one script has one upper half
        latin = upper.count(0) * 2 > len(upper) or (nuls > 0.01 * len(sample) and len(set(upper)) <= _SCRIPTS)
        if latin and upper.count(0) > 20 * lower.count(0) and _spelled(sample, encoding):
            return encoding
        if not latin and len(data) % 2 == 0 and is_east_asian(_spelled(sample[:2048], encoding), 0.2 if nuls else 0.4):
            return encoding
    return None


def _spelled(sample: bytes, encoding: str) -> str:
    """The text of the sample, empty if more than one letter in a hundred is one that texts do not hold."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return ""
    unfit = sum(letter not in "\t\n\r\f" and unicodedata.category(letter) in _UNFIT for letter in text)
    return text if unfit * 100 <= len(text) else ""


def _is_binary(data: bytes) -> bool:
    if data.count(0) > _NULS * len(data):
        return True
    sample = data[:_SAMPLE]
    return len(sample) - len(sample.translate(None, _CONTROL)) - sample.count(0) > _CONTROLS * len(sample) + 2


def _narrow(data: bytes, declared: str | None) -> str:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return data.decode("iso2022_jp", "replace") if b"\x1b$" in data and data.isascii() else text
    if declared is not None and (told := _as_told(data, declared)) is not None:
        return told
    lines = data.split(b"\n") if _WHOLE.search(data) else [data]
    kinds = [_kind(line) for line in lines]

    def of(*wanted: str) -> bytes:
        return b"\n".join(line for line, kind in zip(lines, kinds, strict=True) if kind in wanted)

    known = of("other") or of("torn")
    encoding = charset(known) if known else "utf-8"
    if encoding is None:
        if "utf-8" not in kinds:
            raise Unreadable("its encoding could not be recognised: save it as UTF-8")
        encoding = "utf-8"
    doubtful = {"torn", "few"} if encoding in _LIKE_UTF8 else {"torn"}
    others = {"other"} | (doubtful if reads_well(of(*doubtful), encoding) else set())
    if others.issuperset(set(kinds) - {"ascii"}):
        return data.decode(encoding, "replace")
    return "\n".join(
        line.decode(encoding if kind in others else "utf-8", "replace") for line, kind in zip(lines, kinds, strict=True)
    )


def _as_told(data: bytes, declared: str) -> str | None:
    """The text in the encoding that the file names, None where it is wrong about itself."""
    try:
        name = codecs.lookup(declared).name
        return data.decode(_MEANT.get(name, name))
    except (LookupError, ValueError):
        return None


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _kind(line: bytes) -> str:
    """What a line is: ascii; utf-8, but for a letter cut at either end, or one broken in ten; few, which is so little
    of it that it may be by chance; torn, which is UTF-8 with no more broken letters than whole ones; other.
    """
    if line.isascii():
        return "ascii"
    whole = len(_WHOLE.findall(line))
    if not whole:
        return "other"
    broken = 0 if _is_utf8(_CUT.sub(b"", line)) else line.decode("utf-8", "replace").count("\ufffd")
    if 10 * broken <= whole:
        return "utf-8" if whole >= _SURE else "few"
    return "torn" if broken <= whole else "other"

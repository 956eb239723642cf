"""Which text can be shown on any terminal, whoever wrote it?"""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

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


def written_out(text: str) -> str:
    """A text, letter by letter, in which what steers a reader's program or is not seen is named: `‹U+202E›`."""
    for kind in (_CONTROL, _UNSEEN):
        text = kind.sub(lambda found: found[0] if found[0] in "\xad\r" else f"‹U+{ord(found[0]):04X}›", text)
    return text


def marked(text: str) -> str:
    """A text in which what nobody sees is named, and what looks like another letter is followed by its number."""
    found = dict(_strange(text))
    return "".join(_named(letter, found[at]) if at in found else letter for at, letter in enumerate(text))


def disguised(text: str) -> list[tuple[str, str]]:
    """Each letter that is not what it seems, and why, in their order."""
    return list(dict.fromkeys((text[at], why) for at, why in _strange(text)))


def with_hidden(text: str, start: int, unseen: Iterable[Mapping[str, Any]]) -> str:
    """A document's text from `start` on, in which what nobody sees who opens it is named and set in brackets."""
    for each in sorted(unseen, key=lambda one: -one["start"]):
        first, last = max(each["start"] - start, 0), min(each["end"] - start, len(text))
        if first < last:
            text = f"{text[:first]}‹hidden text ({each['how']}): {text[first:last]}›{text[last:]}"
    return text


def as_seen(name: str) -> str:
    """A name in a form that is the same for all that people would take for it: without regard to case and space, to
    what nobody sees, and to letters that look like Latin ones, be it as capitals.
    """
    shown = unicodedata.normalize("NFKC", "".join(map(_shown, unicodedata.normalize("NFKC", name))))
    return " ".join(shown.casefold().translate(_AS_LATIN).split())


def _shown(letter: str) -> str:
    """Nothing of a letter that nobody sees; a space of any width is one."""
    if letter.isspace():
        return " "
    return "" if not letter.isascii() and _is_unseen(letter) else letter


class PlainLog(logging.Formatter):
    """Entries of a log, laid out by another formatter, that can be shown on any terminal, tracebacks too.

    A password in an address is left out: the libraries that send requests log them in full. So is what `hide_in_logs`
    was told to leave out.
    """

    def __init__(self, laid_out: logging.Formatter | None) -> None:
        super().__init__()
        self._laid_out = laid_out or logging.Formatter()

    def format(self, record: logging.LogRecord) -> str:
        """One entry."""
        said = _PASSWORD.sub("…@", plain(self._laid_out.format(record)))
        for hidden in [*_HIDDEN.values()]:
            try:
                said = hidden(said)
            except Exception as fault:  # noqa: BLE001 - a plugin's detector; what it would have found is not shown
                return f"{record.levelname}: an entry is left out, as what is personal in it is not known ({fault})"
        return said


_HIDDEN: dict[object, Callable[[str], str]] = {}


def hide_in_logs(key: object, hidden: Callable[[str], str]) -> None:
    """From now on every entry of this process's logs is shown only as this leaves it; what has the key is replaced."""
    _HIDDEN[key] = hidden


_NOT_SEEN = "is not seen, or turns what is"
_ANOTHER = "looks like another letter"
# Letters of Cyrillic and Greek that look like Latin ones: a word of them alone looks like a Latin word
_LIKE_LATIN = frozenset("аеорсухіјѕһԁԛԝѵӏАВЕКМНОРСТХІЈЅҮԌԚԜοαινρυχωΑΒΕΖΗΙΚΜΝΟΡΤΥΧ")
# The small letters of those that look like Latin ones, small or as capitals, and what they look like
_AS_LATIN = str.maketrans(
    "аеорсухіјѕһԁԛԝѵӏвкмнтүαβεζηικμνορτυχωօսհոıɑɡ", "aeopcyxijshdqwvlbkmhtyabezhikmnoptyxwouhniag"
)


def _strange(text: str) -> Iterator[tuple[int, str]]:
    """Where a sign stands that is not what it seems, and why; in their order."""
    for word in re.finditer(r"\S+|\s", text):
        yield from _of_a_word(word[0], word.start())


def _of_a_word(word: str, start: int) -> Iterator[tuple[int, str]]:
    if word.isascii() and word.isprintable():
        return
    letters = [each for each in word if each.isalpha()]
    has_latin = any(_script(each) == "LATIN" for each in letters)
    is_all_alike = bool(letters) and all(each in _LIKE_LATIN for each in letters)
    before = ""
    for at, each in enumerate(word, start):
        if not each.isascii() or not each.isprintable():
            if _is_unseen(each):
                yield at, _NOT_SEEN
            elif (
                (each.isalnum() and unicodedata.normalize("NFKC", each) != each)
                or (each.isalpha() and has_latin and _script(each) in ("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE"))
                or is_all_alike
                or (each.isdecimal() and has_latin)
                or (
                    has_latin
                    and unicodedata.category(each) == "Mn"
                    and len(unicodedata.normalize("NFC", before + each)) > 1
                )
            ):
                yield at, _ANOTHER
        before = each


def _is_unseen(letter: str) -> bool:
    """Joiners too, which belong to some scripts: where all is to be seen, they are."""
    if letter in "\n\t":
        return False
    return (
        unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp", "Zs")
        or "\ufe00" <= letter <= "\ufe0f"
        or "\u180b" <= letter <= "\u180f"
        or letter in "\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0"
        or _UNSEEN.match(letter) is not None
    )


def _script(letter: str) -> str:
    return unicodedata.name(letter, "").partition(" ")[0]


def _named(letter: str, why: str) -> str:
    number = f"‹U+{ord(letter):04X}›"
    return number if why == _NOT_SEEN else f"{letter}{number}"


def _escape(letter: str) -> str:
    units = letter.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))

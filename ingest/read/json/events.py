"""What stands in a JSON text, one thing after the other?

The standard library's parser makes a tree, which takes many times the memory of the text, ends where the nesting is
deep, and forgets double keys and how numbers were written. So only its reader of strings is used.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from json.decoder import JSONDecodeError, scanstring  # type: ignore[attr-defined] # typeshed leaves it out
from typing import Literal, NamedTuple

_SPACE = re.compile(r"[ \t\n\r\x0b\x0c\xa0\ufeff]*")
_BARE = re.compile(r"-?(?:\d+(?:\.\d+)?(?:[eE][-+]?\d+)?|Infinity)|NaN|true|false|null")
_COMMENT = re.compile(r"//([^\n]*)|/\*(.*?)\*/", re.DOTALL)
_EXCERPT = 20
_NAMED = {
    "value": "a value",
    "value or ]": "a value or ]",
    "key or }": "a key or }",
    ", or }": "a comma or }",
    ", or ]": "a comma or ]",
    ":": "a colon",
}


class Mistake(Exception):
    """What is wrong with a text, and at which line and column."""

    def __init__(self, text: str, at: int, wanted: str) -> None:
        line = text.count("\n", 0, at) + 1
        wanted = _NAMED.get(wanted, wanted)
        found = repr(text[at : at + _EXCERPT].split("\n")[0]) if at < len(text) else "the end"
        super().__init__(f"line {line}, column {at - text.rfind(chr(10), 0, at)}: {wanted} expected, {found} found")


class Event(NamedTuple):
    """A key, a value, a comment, or where an object or list opens or closes; `word` is its text or bracket.

    A `bare` value stood without quotation marks: a number, true, false, null.
    """

    kind: Literal["key", "value", "open", "close", "comment"]
    word: str
    at: int
    bare: bool = False


def events(text: str) -> Iterator[Event]:
    """The events of one JSON value, in order. Raises Mistake. Comments and commas before a bracket are let pass."""
    opened: list[str] = []
    at = 0
    wanted = "value"  # or "key", "value or ]", "key or }", ", or }"
    while True:
        at = _SPACE.match(text, at).end()  # type: ignore[union-attr] # it matches nothing, too
        letter = text[at : at + 1]
        if letter == "/" and (comment := _COMMENT.match(text, at)):
            words = " ".join((comment[1] or comment[2] or "").split())
            if words:
                yield Event("comment", words, at)
            at = comment.end()
        elif wanted == "end":
            if letter:
                raise Mistake(text, at, "the end")
            return
        elif letter in {"}", "]"} and opened and opened[-1] == letter and not wanted.endswith("value"):
            opened.pop()
            yield Event("close", letter, at)
            at, wanted = at + 1, _after(opened)
        elif wanted.startswith(","):
            if letter != ",":
                raise Mistake(text, at, wanted)
            at, wanted = at + 1, _inside(opened[-1])
        elif wanted.startswith("key"):
            key, following = _key(text, at, wanted)
            yield Event("key", key, at)
            at, wanted = following, "value"
        elif letter in {"{", "["}:
            opened.append("}" if letter == "{" else "]")
            yield Event("open", letter, at)
            at, wanted = at + 1, _inside(opened[-1])
        else:
            word, at_end, bare = _scalar(text, at, letter, wanted)
            yield Event("value", word, at, bare)
            at, wanted = at_end, _after(opened)


def _inside(closer: str) -> str:
    return "key or }" if closer == "}" else "value or ]"


def _after(opened: list[str]) -> str:
    return f", or {opened[-1]}" if opened else "end"


def _key(text: str, at: int, wanted: str) -> tuple[str, int]:
    if text[at : at + 1] != '"':
        raise Mistake(text, at, wanted)
    key, at = _string(text, at)
    at = _SPACE.match(text, at).end()  # type: ignore[union-attr] # it matches nothing, too
    if text[at : at + 1] != ":":
        raise Mistake(text, at, ":")
    return key, at + 1


def _scalar(text: str, at: int, letter: str, wanted: str) -> tuple[str, int, bool]:
    if letter == '"':
        return *_string(text, at), False
    found = _BARE.match(text, at)
    if found is None:
        raise Mistake(text, at, wanted)
    return found[0], found.end(), True


def _string(text: str, at: int) -> tuple[str, int]:
    """A string without its quotation marks and escapes, and where it ends; line breaks in it are let pass."""
    try:
        words, end = scanstring(text, at + 1, False)
    except JSONDecodeError as error:
        raise Mistake(text, error.pos, "a valid escape" if "escape" in error.msg else "the end of a string") from None
    return words.replace("\r\n", "\n").replace("\r", "\n"), end

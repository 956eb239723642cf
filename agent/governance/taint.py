"""Where does each value of a call come from: from who asked, from text that is trusted, or from anybody's?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from agent.evidence.wording import language_of, stems
from agent.state import Origin

_NUMBER: Final = re.compile(r"(?<![\w.,])[-+]?\d[\d.,'’   ]*(?![\w])")
_PIECES: Final = re.compile(r"(?<=[.!?;])\s+|\n+")
_FORMED: Final = re.compile(r"\S*[\d@]\S*")  # identifiers, numbers, addresses


@dataclass(frozen=True, slots=True)
class Text:
    """A text that a run has read, by the name of its document or its tool."""

    source: str
    text: str


@dataclass(frozen=True, slots=True)
class Material:
    """All that values of a call can come from."""

    user: tuple[str, ...] = ()
    charter: tuple[str, ...] = ()
    trusted: tuple[Text, ...] = ()
    untrusted: tuple[Text, ...] = ()


def origins(arguments: Mapping[str, Any], defaults: Mapping[str, Any], material: Material) -> list[Origin]:
    """Where each value comes from, those within lists and objects too; a text counts piece by piece.

    What who asked said, or the charter, is theirs. What trusted text says is `ambiguous` where it is a choice that text
    of no trust may have made: where that says it too, or where the trusted says several of its form.
    """
    return [
        _origin(name, piece, material)
        for name, value in arguments.items()
        if not (name in defaults and defaults[name] == value)
        for piece in _leaves(name, value)
    ]


def nobody_asked(name: str, description: str, user: Sequence[str]) -> bool:
    """Whether no word of what who asked said is one of a tool's name, and fewer than two are of what it is for."""
    said = " ".join(user)
    spoken = stems(said, language_of(said))
    own = stems(re.sub(r"[\W_]+", " ", name), "en")
    what_for = stems(description.split("\n\n")[0], "en")
    return not spoken & own and len(spoken & what_for) < 2


def _leaves(name: str, value: Any) -> Iterator[Any]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield key
            yield from _leaves(name, inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(name, inner)
    elif isinstance(value, str):
        yield from (piece for piece in _PIECES.split(value) if piece.strip())
    elif value is not None:
        yield value


def _origin(argument: str, value: Any, material: Material) -> Origin:
    shown = str(value)
    if any(_says(text, value) for text in material.user):
        return Origin(argument, shown, "user")
    if any(_says(text, value) for text in material.charter):
        return Origin(argument, shown, "charter")
    trusted = next((each for each in material.trusted if _says(each.text, value)), None)
    untrusted = next((each for each in material.untrusted if _says(each.text, value)), None)
    if trusted is None:
        return Origin(argument, shown, "untrusted" if untrusted else "nowhere", untrusted.source if untrusted else "")
    if untrusted is not None:
        return Origin(argument, shown, "ambiguous", untrusted.source)
    if material.untrusted and _has_others(shown, material.trusted):
        return Origin(argument, shown, "ambiguous", trusted.source)
    return Origin(argument, shown, "trusted", trusted.source)


def _says(text: str, value: Any) -> bool:
    """Whether a text holds a value: a number as a number, another whole and at the bounds of words."""
    if isinstance(value, bool):
        return False  # no text says yes to a parameter
    if isinstance(value, int | float):
        return any(number == value for number in _numbers(text))
    wanted = _plain(str(value)).strip(" .!?;,:")
    if not wanted:
        return True
    left = r"(?<!\w)" if wanted[0].isalnum() else ""
    right = r"(?!\w)" if wanted[-1].isalnum() else ""
    return re.search(f"{left}{re.escape(wanted)}{right}", _plain(text)) is not None


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _numbers(text: str) -> Iterator[float]:
    for found in _NUMBER.findall(unicodedata.normalize("NFKC", text)):
        digits = re.sub(r"['’   ]", "", found).rstrip(".,")
        readings = {digits.replace(",", ""), digits.replace(".", "").replace(",", ".")}
        for reading in readings:
            try:
                yield float(reading)
            except ValueError:
                continue


def _has_others(value: str, texts: Sequence[Text]) -> bool:
    """Whether other values of the same form stand beside one that is an identifier, a number or an address."""
    if not _FORMED.fullmatch(value):
        return False
    form, plain = _form(value), _plain(value)
    others = {_plain(word.strip(".,;:()[]\"'")) for each in texts for word in each.text.split() if _form(word) == form}
    return bool(others - {plain})


def _form(word: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", word.strip(".,;:()[]\"'")))

"""Which words does a text say to who reads it, whatever its letters are?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Final

_UNSEEN: Final = re.compile(
    "[\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e0fff]"
)
_ALIKE: Final = str.maketrans(
    "аеорсухіјѕһԁԛԝӏвкмнтАЕОРСУХІЈЅВКМНТαοινρυχτκεΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",
    "aeopcyxijshdqwlbkmhtAEOPCYXIJSBKMHTaoivpuxtkeABEZHIKMNOPTYX",
)
_FIGURES: Final = str.maketrans("013457@$", "oieastas")
_AS_FIGURE: Final = re.compile(r"[^\W\d_][013457@$]|[013457@$][^\W\d_]")
_SPELT: Final = re.compile(r"(?<![^\W_])(?:[^\W\d_][ .·_-]{1,3}){2,}[^\W\d_](?![^\W_])")


def seen(text: str) -> str:
    """The text without signs that nobody sees, each other one in its common form."""
    return unicodedata.normalize("NFKC", _UNSEEN.sub("", text))


def spellings(plain: str) -> Iterator[tuple[str, str]]:
    """Other spellings of a text that was made `seen`, with how they were disguised."""
    if not plain.isascii():
        bare = "".join(each for each in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(each))
        yield "in letters that look alike", bare.translate(_ALIKE)
    spelt = _SPELT.sub(lambda found: re.sub(r"[ .·_-]", "", found[0]), plain)
    if spelt != plain:
        yield "spelt out", spelt
    if _AS_FIGURE.search(plain):
        yield "with figures for letters", re.sub(r"\S*[^\W\d_]\S*", lambda found: found[0].translate(_FIGURES), plain)

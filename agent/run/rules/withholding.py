"""Does an answer say what never leaves: what the model was told to do, or a key that Citewell was given?"""

from __future__ import annotations

import base64
import codecs
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from agent.governance.tracing.letters import seen
from agent.memory.conversation import Exchange
from agent.models.prompt import NUMBERED, SYSTEM
from plugins.tool import Texts

_ROW: Final = 12  # words of the instructions in a row, which nobody says by chance
_LEAST: Final = 8  # signs of a key, below which it may stand anywhere
_FIRST: Final = 12  # signs by which one is known while it is still being written
_KEPT: Final = 400  # signs of what was shown that are looked at again
_WORDS: Final = re.compile(r"[^\W_]+")


def held_back(text: str, sources: Iterable[str], secrets: Sequence[str]) -> str | None:
    """Why a text is shown to nobody; None where it may be. What its `sources` say is no secret, but for a key."""
    bare = _bare(text)
    if any(form in bare for secret in secrets for form in _written(secret)):
        return "it holds a key or a password that Citewell was given"
    told = _rows(text) & _instructions()
    if told and told - frozenset().union(*map(_rows, sources)):
        return "it repeats what the model was told to do"
    return None


def in_sight(earlier: Iterable[Exchange], within: Texts, whole: Texts) -> tuple[Exchange, ...]:
    """What was said before, without answers from documents that are there and not to be seen now."""

    def is_hidden(name: str) -> bool:
        return within.text(name) is None and whole.text(name) is not None

    return tuple(each.without_answer() if any(map(is_hidden, each.documents)) else each for each in earlier)


class Watch:
    """Follows a text as it comes, up to where it begins to say what never leaves."""

    def __init__(self, secrets: Sequence[str]) -> None:
        self._begins = [form[:_FIRST] for secret in secrets for form in _written(secret)]
        self._text, self.is_over = "", False

    def may_show(self, text: str) -> bool:
        """Whether this may be shown too."""
        self._text = self._text[-_KEPT:] + text
        bare = _bare(self._text) if self._begins else ""
        self.is_over = self.is_over or any(each in bare for each in self._begins)
        self.is_over = self.is_over or not _rows(self._text).isdisjoint(_instructions())
        return not self.is_over


@cache
def _written(secret: str) -> tuple[str, ...]:
    """A key as it stands and as one would disguise it, as far as letters and figures go."""
    if len(_bare(secret)) < _LEAST:
        return ()
    raw = secret.encode("utf-8", "replace")
    coded = base64.b64encode(raw).decode()
    return tuple(map(_bare, (secret, secret[::-1], coded, raw.hex(), codecs.encode(secret, "rot13"))))


@cache
def _instructions() -> frozenset[str]:
    return _rows(SYSTEM) | _rows(NUMBERED)


def _rows(text: str) -> frozenset[str]:
    words = [each.casefold() for each in _WORDS.findall(seen(text))]
    return frozenset(" ".join(words[at : at + _ROW]) for at in range(len(words) - _ROW + 1))


def _bare(text: str) -> str:
    return "".join(_WORDS.findall(seen(text)))

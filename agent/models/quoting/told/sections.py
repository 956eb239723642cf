"""Does what stands there hold? Not what a section rejects, what a newer one has taken the place of, or an example."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from agent.models.quoting.shelf import Shelf
from agent.state import Passage
from ingest.model import items

_SET_ASIDE: Final = re.compile(
    r"(?i)\b(?:reject\w*|superseded|withdrawn|obsolete|discarded|abandoned|no longer (?:valid|in force)"
    r"|verworfen\w*|abgelehnt\w*|überholt\w*|veraltet\w*|ersetzt|zurückgezogen\w*|rechazad\w*|descartad\w*|obsolet\w*"
    r"|retirad\w*|rejeté\w*|abandonné\w*|retirée?s?|périmé\w*)\b"
)
_EXAMPLE: Final = re.compile(
    r"(?i)^[\W\d]*(?:(?:an?|some|worked) )?(?:examples?|for example|samples?|beispiele?|ejemplos?|exemples?)\b"
)
_STATUS: Final = ("status",)


def set_aside(shelf: Shelf, passage: Passage, block: int, question: str) -> str:
    """The heading, or the document's title with its status, that says so; empty where it holds or is asked for."""
    if _SET_ASIDE.search(question):
        return ""
    return _what_sets_aside(shelf, passage, _above(shelf, passage, block))


def of_section(shelf: Shelf, passage: Passage, block: int) -> str:
    """What is said before a quote from an example, or of what does not hold; empty where it is neither."""
    above = _above(shelf, passage, block)
    found = _what_sets_aside(shelf, passage, above) or next(filter(_EXAMPLE.search, above[1:]), "")
    return f"From “{found}”:" if found else ""


def _above(shelf: Shelf, passage: Passage, block: int) -> list[str]:
    """The document's title and the headings above a block, each once."""
    return list(dict.fromkeys((passage.title, *shelf.headings(passage, block))))


def _what_sets_aside(shelf: Shelf, passage: Passage, above: Sequence[str]) -> str:
    return next(filter(_SET_ASIDE.search, above), "") or _status(shelf, passage)


def _status(shelf: Shelf, passage: Passage) -> str:
    """Title and status of a document whose own metadata say that it does not hold."""
    within = shelf.document(passage)
    for key, value in (within.metadata if within else {}).items():
        if key.casefold() in _STATUS and any(map(_SET_ASIDE.search, items(value))):
            return f"{passage.title} (status: {', '.join(items(value))})"
    return ""

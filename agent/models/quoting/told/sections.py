"""Does what stands there hold? Not what a section rejects, what a newer one has taken the place of, or an example."""

from __future__ import annotations

import re
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
    headings = shelf.headings(passage, block)
    above = dict.fromkeys((passage.title, *headings))
    found = next((each for each in above if _SET_ASIDE.search(each)), "") or _status(shelf, passage)
    return "" if _SET_ASIDE.search(question) else found


def of_section(shelf: Shelf, passage: Passage, block: int) -> str:
    """What is said before a quote from an example, or of what does not hold; empty where it is neither."""
    above = list(dict.fromkeys((passage.title, *shelf.headings(passage, block))))
    found = next((each for each in above if _SET_ASIDE.search(each)), "") or _status(shelf, passage)
    found = found or next((each for each in above[1:] if _EXAMPLE.search(each)), "")
    return f"From “{found}”:" if found else ""


def _status(shelf: Shelf, passage: Passage) -> str:
    """Title and status of a document whose own metadata say that it does not hold."""
    within = shelf.document(passage)
    for key, value in (within.metadata if within else {}).items():
        if key.casefold() in _STATUS and any(map(_SET_ASIDE.search, items(value))):
            return f"{passage.title} (status: {', '.join(items(value))})"
    return ""

"""From when is what a document says?"""

from __future__ import annotations

import re
from typing import Final

from agent.evidence.quantities.read import read
from agent.evidence.wording import language_of
from ingest.model import Document, items

Day = tuple[int, int, int]
"""Year, month and day; 0 for what is not known."""

_KEYS: Final = ("date", "updated", "modified", "last-modified", "effective", "approved", "published", "created")
_OF_A_DATE: Final = re.compile(
    r"(?i)\b(?:approved|adopted|effective|valid from|valid as of|in force|updated|revised|issued|published|dated?"
    r"|as of|version of|stand|gültig ab|datum|fecha|vigente desde|date d'effet|en vigueur)\b[^\n]{0,60}"
)
_BEGINNING: Final = 800  # letters of a document in which it says from when it is


def day_of(document: Document | None, above: str) -> Day:
    """By metadata, the headings `above` a place, file name, or what the document says at its beginning."""
    if document is None:
        return 0, 0, 0
    fields = {key.casefold(): " ".join(items(value)) for key, value in document.metadata.items()}
    name = re.sub(r"[_/]+", " ", document.name.rpartition("/")[2])
    said = [found[0] for found in _OF_A_DATE.finditer(document.text[:_BEGINNING])]
    texts = [fields.get("date", ""), above, name, *said, *(fields.get(key, "") for key in _KEYS)]
    days = [day for text in texts if (day := _day_in(text))]
    first = next(iter(days), (0, 0, 0))
    return max((day for day in days if day[: 1 + bool(first[1])] == first[: 1 + bool(first[1])]), default=first)


def undated(title: str) -> frozenset[str]:
    """The words of a title that are in no date and no number."""
    for each in read(title, language_of(title)):
        title = title.replace(each.written, " ") if each.kind == "date" else title
    return frozenset(re.findall(r"[^\W\d_]+", title.casefold()))


def written(day: Day) -> str:
    """As it is told: `2025`, `2025-03` or `2025-03-18`; empty where it is not known."""
    return "-".join(f"{part:04}" if not place else f"{part:02}" for place, part in enumerate(day) if part)


def _day_in(text: str) -> Day | None:
    """The latest date that a text names beyond doubt."""
    if iso := re.search(r"(?<!\d)(\d{4})-(\d\d)(?:-(\d\d))?(?!\d)", text):
        return int(iso[1]), int(iso[2]), int(iso[3] or 0)
    days = [next(iter(each.days)) for each in read(text, "en") if each.kind == "date" and len(each.days) == 1]
    known = [(year, month or 0, day or 0) for year, month, day in days if year]
    return max(known, default=None)

"""Which searches does a question need? One, or where it has several parts, compares or wants all: one for each as well.

A stated rule reads it, the one by which an answer without a model is told part by part.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from agent.evidence.claims import is_denial
from agent.evidence.wording import language_of, stems
from agent.models.quoting.parts import parts
from agent.state import WHOLE, Citation, Part, Think
from retrieval.model import Hit

MOST: Final = 6  # parts that are searched for on their own
_ALL: Final = re.compile(
    r"(?i)^\W*(?:please |bitte )?(?:(?:list|name|show|give|enumerate|find|nenne|zeige?|liste)(?: me)?"
    r" (?:all|every|each|alle)\b|(?:what|which) are all\b"
    r"|(?:which|what|welche) (?:all )?[\w-]+(?: [\w-]+)? (?:are|is|exist|sind|gibt es)(?: there)?\W*$)"
)
_SENTENCE: Final = re.compile(r"(?<=[.!?])\s+|\n")
_NOT_FOUND: Final = {
    "en": "Not found in the documents:",
    "de": "In den Dokumenten nicht gefunden:",
    "fr": "Introuvable dans les documents :",
    "es": "No se encontró en los documentos:",
}


@dataclass(frozen=True, slots=True)
class Plan:
    """The parts that are searched for on their own, and why; none, where all of something is searched for deeper."""

    parts: tuple[Part, ...]
    why: str


def reading(question: str) -> Plan | None:
    """The plan for a question; None where one search is enough."""
    found = parts(question)[:MOST]
    if len(found) > 1:
        compares = any(each.side for each in found)
        why = "it compares" if compares else f"it has {len(found)} parts"
        return Plan(tuple(Part(each.question, each.about) for each in found), why)
    if _ALL.match(question):
        return Plan((), "it asks for all of them")
    return None


def pooled(
    whole: Sequence[Hit], found: Sequence[Sequence[Hit]], k: int, *, withhold: float = 0.0
) -> list[tuple[Hit, tuple[int, ...]]]:
    """Hits of the whole question and of its parts in one order, each once, with what it serves (`WHOLE`: all of it).

    First what the whole question found, as it found it, then the rest in turns, as the part that it is likeliest for
    found it; at most twice as many as the whole question is given. What is noise for the whole is no hit of it.
    """
    serves: dict[str, list[int]] = {}
    best: dict[str, Hit] = {}
    for part, hits in enumerate(found):
        for hit in hits:
            serves.setdefault(hit.chunk.id, []).append(part)
            before = best.get(hit.chunk.id)
            if before is None or (hit.probability or 0.0) > (before.probability or 0.0):
                best[hit.chunk.id] = hit
    first = [hit for hit in whole if hit.probability is None or hit.probability >= withhold or hit.chunk.id not in best]
    for hit in first:
        serves.setdefault(hit.chunk.id, []).append(WHOLE)
    rest = (best[hit.chunk.id] for turn in zip_longest(*found) for hit in turn if hit)
    order = list(_each_once([*first, *rest]))[: 2 * k]
    return [(hit, tuple(sorted(serves[hit.chunk.id]))) for hit in order]


def still_open(think: Think, citations: Iterable[Citation]) -> tuple[Part, ...]:
    """The parts for which nothing is cited that their own search found.

    What a tool found, or the search of the whole question alone, may be for any of them.
    """
    if not think.parts:
        return ()
    served: set[int] = set()
    for each in citations:
        at = [one for one in think.passages if one.document == each.document and one.start <= each.start < one.end]
        parts = {part for one in at for part in one.serves if part != WHOLE}
        served |= parts or set(range(len(think.parts)))
    return tuple(part for place, part in enumerate(think.parts) if place not in served)


def with_missing(answer: str, missing: Iterable[Part], question: str) -> str:
    """An answer that ends with what of its question was not found, but for what it says itself that nobody says."""
    language = language_of(question)
    denied = [stems(each, language) for each in _SENTENCE.split(answer) if is_denial(each)]
    abouts = ((each.about.strip(" ?？؟"), stems(each.about, language)) for each in missing)
    named = [name for name, about in abouts if not any(2 * len(about & each) >= len(about) for each in denied)]
    return f"{answer}\n\n{_NOT_FOUND.get(language, _NOT_FOUND['en'])} {'; '.join(named)}." if named else answer


def _each_once(hits: Iterable[Hit]) -> Iterable[Hit]:
    seen: set[str] = set()
    for hit in hits:
        if hit.chunk.id not in seen:
            seen.add(hit.chunk.id)
            yield hit

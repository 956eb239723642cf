"""Which questions does a text ask by itself? From its headings, definitions, pairs of question and answer, sentences.

No model is needed, and none of these is a user's question: they name what they ask for in the text's own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from ingest.model import Chunk
from ingest.split.sentences import sentences

Origin = Literal["faq", "definition", "heading", "sentence", "model"]

_DEFINED = re.compile(
    r"^(?:(?:An?|The)\s+)?((?:[\w`*'’./-]+\s+){0,4}?[\w`*'’./-]+)\s+(is|are|means|denotes|refers to)\s+"
    r"(?:an?|the|any|every|what|how|when|where|one|those|to)\b"
)
_VAGUE = re.compile(
    r"^(?:it|this|that|these|those|there|he|she|they|we|you|what|which|who|here|such|one|both|each|if|"
    r"when|where|how|why|all|some|most|many|no|none|as|in|on|at|for|by|with|so|but|and|or)\b",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[`*]+|^[#>|\s]+|(?<!\w)_+|_+(?!\w)|\|")
_WORDS = 8  # of a sentence that is asked for by its rarest words
_SHORTEST = 40  # letters of a sentence that says something


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question, what it was made from, and the characters `[start, end)` of a document that answer it."""

    kind: Origin
    question: str
    document: str
    start: int
    end: int


def proposals(chunk: Chunk, rarity: Callable[[str], float]) -> Iterator[Proposal]:
    """What a chunk's text asks, the most natural first; `rarity` says how few texts hold a word."""
    spans = [(chunk.start + start, chunk.start + end) for start, end in sentences(chunk.text)]
    texts = [chunk.text[start - chunk.start : end - chunk.start] for start, end in spans]
    said = [(text, span) for text, span in zip(texts, spans, strict=True) if not text.lstrip().startswith(("#", "|"))]
    heading = _plain(chunk.headings[-1]) if chunk.headings else ""
    whole = chunk.start, chunk.end
    if heading.endswith("?") and said:
        yield Proposal("faq", heading, chunk.document, *whole)
    for (text, _), (_, following) in pairwise(said):
        question = _plain(text)
        if question.endswith("?") and 3 <= len(question.split()) <= 30:
            yield Proposal("faq", question, chunk.document, *following)
    for text, span in said:
        if defined := _definition(_plain(text)):
            yield Proposal("definition", defined, chunk.document, *span)
    if 2 <= len(heading.split()) <= 12 and not heading.endswith("?") and said:
        subject = _plain(chunk.title)
        question = heading if not subject or subject.casefold() == heading.casefold() else f"{subject}: {heading}"
        yield Proposal("heading", question, chunk.document, *whole)
    yield from _salient(said, chunk.document, rarity)


def _definition(text: str) -> str | None:
    """The question that a definition answers."""
    found = _DEFINED.match(text)
    if found is None or _VAGUE.match(found[1]) or len(text) < _SHORTEST:
        return None
    verb = "are" if found[2] == "are" else "is"
    return f"What {verb} {found[1].strip()}?"


def _salient(
    said: Sequence[tuple[str, tuple[int, int]]], document: str, rarity: Callable[[str], float]
) -> Iterator[Proposal]:
    """The sentence with the most to say, asked for by its rarest words, in their order."""
    best: tuple[float, list[str], tuple[int, int]] | None = None
    for text, span in said:
        words = list(dict.fromkeys(re.findall(r"[^\W_]{3,}", _plain(text))))
        if len(text) < _SHORTEST or len(words) < _WORDS:
            continue
        rarest = sorted(words, key=lambda word: (-rarity(word), word))[:_WORDS]
        weight = sum(map(rarity, rarest))
        if best is None or weight > best[0]:
            best = weight, [word for word in words if word in set(rarest)], span
    if best is not None:
        yield Proposal("sentence", " ".join(best[1]), document, *best[2])


def _plain(text: str) -> str:
    """A text without the marks of Markdown, on one line."""
    return " ".join(_MARKUP.sub("", text).split())

"""Which questions does a text ask by itself? From its headings, definitions, pairs of question and answer, sentences.

No model is needed, and none of these is a user's question: they name what they ask for in the text's own words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from eval.improve.quotable import Quotable, quotable, under, units_of
from ingest.model import Chunk
from retrieval.lexical.analyze import terms

Origin = Literal["faq", "definition", "heading", "sentence", "model"]

_DEFINED = re.compile(
    r"^(?:(?:An?|The)\s+)?((?:[\w`*'’./-]+\s+){0,4}?[\w`*'’./-]+)\s+(is|are|means|denotes|refers to)\s+"
    r"(?:an?|the|any|every|what|how|when|where|one|those|to)\b"
)
_VAGUE = re.compile(
    r"^(?:it|this|that|these|those|there|he|she|they|we|you|i|its|his|her|their|our|your|my|what|which|who|here|such|one"
    r"|both|each|if|when|where|how|why|all|some|most|many|no|none|as|in|on|at|for|by|with|so|but|and|or)\b",
    re.IGNORECASE,
)
_GOES_ON = re.compile(
    r"^(?:however|therefore|thus|also|then|moreover|furthermore|finally|another|other|because|since|although|while|so|but"
    r"|and|or|otherwise|instead|similarly)\b",
    re.IGNORECASE,
)
# With the marks of references, which are no words: [12], [^1], [1]_
_MARKUP = re.compile(r"\[\^?\d{1,3}\]_?|[`*]+|^[#>|\s]+|(?<!\w)_+|_+(?!\w)|\|")
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
    """What a chunk's text asks, the most natural first; `rarity` says how few texts hold a word.

    What answers is always one whole sentence or item.
    """
    quotes = [each for each in quotable(chunk) if each.shape != "row"]
    by_span = {each.span: each for each in quotes}
    begun = [each for each in quotes if not _GOES_ON.match(_unmarked(each.text))]
    standing = [each for each in begun if not _VAGUE.match(_unmarked(each.text))]
    heading = _plain(chunk.headings[-1]) if chunk.headings else ""
    below = [each for each in under(chunk, heading) if each.shape != "row"] if heading else []
    plain = [each for each in below if each in begun]
    if heading.endswith("?") and below:
        yield Proposal("faq", heading, chunk.document, *below[0].span)
    for (text, _), (_, following) in pairwise(units_of(chunk)):
        question = _unmarked(text)
        if _is_question(question) and following in by_span:
            yield Proposal("faq", question, chunk.document, *following)
    for each in standing:
        if defined := _definition(_unmarked(each.text)):
            yield Proposal("definition", defined, chunk.document, *each.span)
    if 2 <= len(heading.split()) <= 12 and not heading.endswith("?") and plain:
        subject = _plain(chunk.title)
        question = heading if not subject or subject.casefold() == heading.casefold() else f"{subject}: {heading}"
        yield Proposal("heading", question, chunk.document, *plain[0].span)
    yield from _salient(standing, chunk.document, rarity)


def answering(question: str, chunk: Chunk, rarity: Callable[[str], float]) -> Quotable | None:
    """The sentence, item or row of a chunk that shares most with a question; None where none shares anything."""
    asked = set(terms(question))

    def shared(each: Quotable) -> float:
        words = {word for word in re.findall(r"\w+", each.text) if asked & set(terms(word))}
        return sum(map(rarity, words))

    best = max(quotable(chunk), key=shared, default=None)
    return best if best is not None and shared(best) > 0 else None


def _is_question(text: str) -> bool:
    return (
        text.endswith("?")
        and 3 <= len(text.split()) <= 30
        and not text[:1].islower()
        and text.count("(") == text.count(")")
        and "?" not in text[:-1]
    )


def _definition(text: str) -> str | None:
    """The question that a definition answers."""
    found = _DEFINED.match(text)
    if found is None or _VAGUE.match(found[1]) or len(text) < _SHORTEST:
        return None
    verb = "are" if found[2] == "are" else "is"
    return f"What {verb} {found[1].strip()}?"


def _salient(said: Sequence[Quotable], document: str, rarity: Callable[[str], float]) -> Iterator[Proposal]:
    """The sentence with the most to say, asked for by its rarest words, in their order."""
    best: tuple[float, list[str], Quotable] | None = None
    for each in said:
        words = list(dict.fromkeys(re.findall(r"[^\W_]{3,}", _unmarked(each.text))))
        if len(each.text) < _SHORTEST or len(words) < _WORDS:
            continue
        rarest = sorted(words, key=lambda word: (-rarity(word), word))[:_WORDS]
        weight = sum(map(rarity, rarest))
        if best is None or weight > best[0]:
            best = weight, [word for word in words if word in set(rarest)], each
    if best is not None:
        yield Proposal("sentence", " ".join(best[1]), document, *best[2].span)


def _unmarked(text: str) -> str:
    """A sentence or an item without the mark of the item."""
    return re.sub(r"^(?:[-+•–]|\(?\d{1,3}[.)]|\(?[a-z][.)])\s+", "", _plain(text))


def _plain(text: str) -> str:
    """A text without the marks of Markdown, on one line."""
    return " ".join(_MARKUP.sub("", text).split())

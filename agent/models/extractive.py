"""An answer without a model: the sentences of the sources that say most about the question, quoted as they stand."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass

import numpy as np

from agent.models.model import ToolSpec
from agent.state import Passage, Quote, Reply, Segment, Think, Token
from retrieval.analyze import terms
from retrieval.model import Encoder

NOTHING = "The documents do not say."
QUOTES = 3
_QUESTION_WORDS = frozenset(
    terms(
        "how do does did what which when where who whom whose why can could should would may might must has have had "
        "am were been being i you we he she me my your our its from about there any some many much"
    )
)
_NO_SENTENCE = re.compile(r"\s*(?:#|```|~~~|[-*+] \[[^\]]*\]\([^)]*\))")


@dataclass(frozen=True, slots=True)
class Evidence:
    """How strongly one sentence speaks to a question.

    `cosine` compares the two; `coverage` is the share of the question's weight in idf that the sentence's whole
    passage, with its title and headings, shares with it; `own` is the share that the sentence does by itself.
    """

    passage: Passage
    block: int
    cosine: float
    coverage: float
    own: float

    @property
    def strength(self) -> float:
        """Between 0 and 1: half meaning, half words, of which half must be the sentence's own."""
        return (2 * self.cosine + self.coverage + self.own) / 4


@dataclass(frozen=True, slots=True)
class Extractive:
    """Quotes up to three sentences, or says that the documents do not say when none is strong enough."""

    encoder: Encoder
    idf: Callable[[str], float]
    least: float = 0.4  # benchmarks/abstention.py: what it answers and what it lets pass

    name = "extractive"
    uses_tools = False

    async def reply(self, think: Think, tools: Sequence[ToolSpec]) -> AsyncIterator[Token | Reply]:  # noqa: ARG002 - it calls none
        """The quotes, one a line."""
        import asyncio

        found = await asyncio.to_thread(self.weigh, think.question, think.passages)
        chosen = self.choose(found, least=self.least)
        segments = [
            Segment(
                text=f"{' '.join(item.passage.block_text(item.block).split())}\n",
                quotes=(Quote(item.passage.number, item.block, item.block + 1, item.passage.block_text(item.block)),),
            )
            for item in chosen
        ] or [Segment(NOTHING)]
        for segment in segments:
            yield Token(segment.text)
        yield Reply(tuple(segments), (), "end")

    async def aclose(self) -> None:
        """It holds no connection."""

    def weigh(self, question: str, passages: Sequence[Passage]) -> list[Evidence]:
        """Every sentence of the passages that could be quoted, strongest first."""
        asked = {term for term in terms(question) if term not in _QUESTION_WORDS}
        total = sum(self.idf(term) for term in asked)
        candidates = [
            (passage, block)
            for passage in passages
            for block in range(len(passage.blocks))
            if _is_sentence(passage.block_text(block)) and passage.block_text(block) != passage.title
        ]
        if not candidates:
            return []
        vectors = self.encoder.encode(
            [f"{passage.title}\n{passage.block_text(block)}" for passage, block in candidates]
        )
        cosines = vectors @ self.encoder.encode_query(question)

        def share(text: str) -> float:
            return sum(self.idf(term) for term in asked & set(terms(text))) / total if total else 0.0

        coverage = {passage.number: share(_all_of(passage)) for passage in passages}
        found = [
            Evidence(passage, block, float(cosine), coverage[passage.number], share(passage.block_text(block)))
            for (passage, block), cosine in zip(candidates, np.maximum(cosines, 0), strict=True)
        ]
        return sorted(found, key=lambda item: (-item.strength, item.passage.number, item.block))

    def choose(self, found: Sequence[Evidence], *, least: float) -> list[Evidence]:
        """The sentences to quote, in reading order within each passage; none if even the strongest is below `least`."""
        if not found or found[0].strength < least:
            return []
        near = [item for item in found if item.strength >= 0.85 * found[0].strength][:QUOTES]
        order = {item.passage.number: index for index, item in reversed(list(enumerate(near)))}
        return sorted(near, key=lambda item: (order[item.passage.number], item.block))


def _is_sentence(text: str) -> bool:
    """Whether a block says something by itself: not a heading, a fence of code or a line of contents."""
    words = [word for word in text.split() if any(letter.isalpha() for letter in word)]
    long_enough = len(words) >= 4 or (len(text) >= 12 and not text.isascii())
    return long_enough and not _NO_SENTENCE.match(text)


def _all_of(passage: Passage) -> str:
    return " ".join((passage.title, *passage.headings, passage.text))

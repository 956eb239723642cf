"""How is a question answered without a model? By the words of the sources that answer it, as they stand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from agent.models.model import Message, Question, ToolSpec
from agent.models.quoting import asked as reading
from agent.models.quoting.candidates import Candidate, candidates, is_set_aside, reads_as_prose
from agent.models.quoting.choose import Chosen, choose, missing
from agent.models.quoting.scorer import Scorer, shipped
from agent.models.quoting.weigh import Weighed, weigh
from agent.state import Passage, Quote, Reply, Segment, Token
from ingest.model import Document
from ingest.split.code_within import code_within
from ingest.split.sentences import Span
from plugins.bounded import aside
from retrieval.parts import Encoder, Vectors

NOTHING: Final = "The documents do not say."
NO_SENTENCE: Final = "No sentence of the documents answers this by itself; see the nearest passages."
LIKELY: Final = 0.5  # from here on a passage is rather relevant than not
SURE: Final = 0.2  # so likely a quote is said, though its passage seemed to be none that is relevant
SET_ASIDE: Final = 0.5  # how much what a section rejects counts beside what holds


@dataclass(frozen=True, slots=True)
class Evidence:
    """A candidate, how likely it is to hold the answer, and how likely it answers if none is likelier."""

    candidate: Candidate
    probability: float
    answers: float


@dataclass(frozen=True, slots=True)
class Extractive:
    """Quotes what is likeliest to answer, or says that nothing is likely enough.

    That the documents do not say is true only where no passage is likely to be relevant.

    `idf` says how rare a term is in the index that is asked, `languages` are those of its documents, `export` is what
    its version names for encoding questions, `document` what a passage stands in: where a fence of code begins may
    stand outside the passage. It says nothing where every passage is less likely to be relevant than `abstain`: there
    is nobody here who could search again.
    """

    encoder: Encoder
    idf: Callable[[str], float]
    languages: tuple[str, ...] = ("en",)
    export: str | None = None
    abstain: float = 0.0
    document: Callable[[str], Document | None] = lambda _: None
    scorer: Scorer = field(default_factory=shipped)

    name = "extractive"
    uses_tools = False

    async def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],  # noqa: ARG002 - it calls none
        *,
        within: float | None = None,  # noqa: ARG002 - it waits for nobody
        aloud: bool = True,
    ) -> AsyncIterator[Token | Reply]:
        """The quotes, one a line."""
        asked = [message for message in messages if isinstance(message, Question)][-1]
        segments = await aside(self.answer, asked.text, asked.passages)
        for segment in segments if aloud else ():
            yield Token(segment.text)
        yield Reply(tuple(segments), (), "end")

    async def aclose(self) -> None:
        """It holds no connection."""

    def answer(self, question: str, passages: Sequence[Passage]) -> list[Segment]:
        """What is quoted, or why nothing is."""
        asked = reading.read(question, self.languages or ("en",))
        found = self.weigh(question, passages)
        likely = any(each.probability is None or each.probability >= self.abstain for each in passages)
        if not likely and found and found[0].answers < SURE:
            return [Segment(NOTHING)]
        lost = missing(asked, passages, found[0].candidate, self._whole) if found else ""
        if lost:
            return [Segment(f"{NOTHING} The passages that were found say nothing of {lost}.")]
        if found and found[0].answers >= self.scorer.least:
            return _segments(choose(asked, [(each.candidate, each.probability) for each in found]))
        relevant = any((each.probability or 0) >= LIKELY for each in passages)
        return [Segment(NO_SENTENCE if relevant else NOTHING)]

    def weigh(self, question: str, passages: Sequence[Passage]) -> list[Evidence]:
        """What of the passages is likeliest to answer, first."""
        weighed = self.features(question, passages)
        rejected = np.array(
            [is_set_aside(weighed.candidates[index].passage, question) for index in weighed.kept], dtype=bool
        )
        probability = self.scorer.probability(weighed.full) * np.where(rejected, SET_ASIDE, 1.0)
        answers = self.scorer.answer(weighed.full)
        found = [
            Evidence(weighed.candidates[index], float(likely), float(answer))
            for index, likely, answer in zip(weighed.kept, probability, answers, strict=True)
        ]
        return sorted(found, key=lambda each: (-each.probability, each.candidate.passage.number, each.candidate.first))

    def features(self, question: str, passages: Sequence[Passage]) -> Weighed:
        """All that could be quoted, and what speaks for it."""
        asked = reading.read(question, self.languages or ("en",))
        names = dict.fromkeys(passage.document for passage in passages if passage.kind == "document")
        documents = {name: self.document(name) for name in names}  # several passages may be of one
        code = {name: code_within(document) for name, document in documents.items() if document}
        found = [each for passage in passages for each in _candidates(passage, documents, code)]

        def cosines(some: Sequence[Candidate]) -> Vectors:
            # As the question is encoded, so that a process that only answers need not load the whole model
            texts = ["\n".join(filter(None, (each.passage.title, each.head, each.text))) for each in some]
            vectors = self.encoder.encode_queries(texts, as_documents=True, export=self.export)
            return vectors @ self.encoder.encode_query(question, self.export)

        return weigh(asked, passages, found, self.idf, cosines, self.scorer)

    def _whole(self, passage: Passage) -> str:
        within = self.document(passage.document) if passage.kind == "document" else None
        return within.text if within else passage.text


def _candidates(
    passage: Passage, documents: Mapping[str, Document | None], code: Mapping[str, Sequence[Span]]
) -> list[Candidate]:
    """Without code; of a file of code, what is said in it to whoever reads it."""
    within = documents.get(passage.document) if passage.kind == "document" else None
    is_code = within is not None and within.markup == "code"
    comments = (
        frozenset(block for block in range(len(passage.blocks)) if reads_as_prose(passage.block_text(block)))
        if is_code
        else frozenset()
    )
    return list(candidates(passage, code.get(passage.document, ()) if within else (), comments))


def _segments(chosen: Sequence[Chosen]) -> list[Segment]:
    """One a line; where a row is told anew, one a paragraph, for it does not end as a sentence does."""
    end = "\n\n" if any(each.is_told for each in chosen) else "\n"
    return [
        Segment(f"{each.said}{end}", (Quote(each.passage.number, each.first, each.last, each.text),)) for each in chosen
    ]

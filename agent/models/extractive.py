"""How is a question answered without a model? By the words of the sources that answer it, as they stand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from agent.models.model import Message, Question, ToolSpec, digest_of
from agent.models.quoting import asked as reading
from agent.models.quoting.asked import Asked
from agent.models.quoting.candidates import Candidate
from agent.models.quoting.choose import choose
from agent.models.quoting.dated import dated
from agent.models.quoting.lacking import missing, unsaid
from agent.models.quoting.opposed import Opposing
from agent.models.quoting.parts import Part, parts
from agent.models.quoting.plainly import plainly, spelled
from agent.models.quoting.scorer import Scorer, shipped
from agent.models.quoting.shelf import Shelf
from agent.models.quoting.tell import by_parts, disagreeing, names, segments, with_sections
from agent.models.quoting.told.differing import differing
from agent.models.quoting.told.said import Chosen
from agent.models.quoting.told.sections import set_aside
from agent.models.quoting.weigh import Weighed, weigh
from agent.state import LIKELY, WHOLE, Passage, Reply, Segment, Shape, Token
from ingest.model import Document
from plugins.bounded import aside
from retrieval.parts import Encoder, Vectors

NOTHING: Final = "The documents do not say."
NO_SENTENCE: Final = "No sentence of the documents answers this by itself; see the nearest passages."
SURE: Final = 0.2  # so likely a quote is said, though its passage seemed to be none that is relevant
NEARLY: Final = 0.5  # of the probability of the likeliest
SET_ASIDE: Final = 0.5  # how much what a section rejects counts beside what holds


@dataclass(frozen=True, slots=True)
class Evidence:
    """A candidate, how likely it is to hold the answer, and how likely it answers if none is likelier.

    What does not hold any more, `is_set_aside`, counts less as an answer.
    """

    candidate: Candidate
    probability: float
    answers: float
    is_set_aside: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """What is quoted, or the reason why nothing is."""

    chosen: list[Chosen]
    reason: str = ""


def _asked(messages: Sequence[Message]) -> Question:
    return [message for message in messages if isinstance(message, Question)][-1]


def _with_the_whole_list_first(found: list[Evidence]) -> list[Evidence]:
    """An item gives way to the line that announces its list, if that is nearly as likely and answers better."""
    best = found[0]
    item = best.candidate
    for each in found[1:] if item.shape == "item" else ():
        is_above = each.candidate.passage is item.passage and each.candidate.first == item.head_block
        if is_above and each.answers > best.answers and each.probability >= NEARLY * best.probability:
            return [each, *(other for other in found if other is not each)]
    return found


def _is_of(search: int, passage: Passage) -> bool:
    """Whether that search found it; without a plan there is one search alone."""
    return not passage.serves or search in passage.serves


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
    where = None
    uses_tools = False

    async def reply(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        within: float | None = None,  # noqa: ARG002 - it waits for nobody
        aloud: bool = True,
    ) -> AsyncIterator[Token | Reply]:
        """The quotes, one a line."""
        asked = _asked(messages)
        segments = await aside(self.answer, asked.text, asked.passages)
        for segment in segments if aloud else ():
            yield Token(segment.text)
        yield Reply(tuple(segments), (), "end", request=digest_of(self.request(messages, tools)))

    def request(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],  # noqa: ARG002 - it calls none
        *,
        given: Shape | None = None,  # noqa: ARG002 - it takes them as they are
        effortless: bool | None = None,  # noqa: ARG002 - it makes none
    ) -> Mapping[str, Any]:
        """All that its quotes are chosen by."""
        asked = _asked(messages)
        return {"model": self.name, "question": asked.text, "passages": asked.passages, "abstain": self.abstain}

    async def aclose(self) -> None:
        """It holds no connection."""

    def answer(self, question: str, passages: Sequence[Passage]) -> list[Segment]:
        """What is quoted, part by part of the question, or why nothing is."""
        shelf = Shelf(passages, self.document)
        question = spelled(plainly(question), passages, self.idf)
        question = dated(question, passages, self.languages or ("en",))
        asked = parts(question)
        first = [each for each in passages if _is_of(WHOLE, each)]
        of_whole = shelf if len(first) == len(passages) else Shelf(first, self.document)
        found = [self._part(place, each, shelf, of_whole) for place, each in enumerate(asked)]
        if len(asked) == 1 or not any(each.chosen for each in found):
            whole = found[0] if len(asked) == 1 else self._found(Part(question, question), shelf)
            return segments(whole.chosen) or [Segment(whole.reason)]
        return by_parts(asked, [each.chosen for each in found], self._read(question), shelf)

    def _part(self, place: int, part: Part, shelf: Shelf, whole: Shelf) -> _Found:
        """What is quoted for a part: of what the search of the whole question found, else of what its own did, too."""
        found = self._found(part, whole)
        if found.chosen or whole is shelf:
            return found
        own = [each for each in shelf.passages if _is_of(WHOLE, each) or place in each.serves]
        return self._found(part, Shelf(own, self.document)) if len(own) > len(whole.passages) else found

    def _found(self, part: Part, shelf: Shelf) -> _Found:
        asked = self._read(part.question)
        found = self._weighed(asked, shelf)
        opposes = Opposing(asked, lambda each: shelf.headings(each.passage, each.first))
        found = [each for each in found if not opposes(each.candidate)]
        if part.side:
            found = [each for each in found if names(part.side, each.candidate, shelf)][:1]
        if not found:
            return _Found([], self._unsaid(asked, shelf.passages))
        found = _with_the_whole_list_first(found)
        best = found[0]
        likely = any(each.probability is None or each.probability >= self.abstain for each in shelf.passages)
        if not likely and best.answers < SURE:
            return _Found([], self._unsaid(asked, shelf.passages))
        if lost := missing(asked, shelf.passages, best.candidate, shelf.whole):
            return _Found([], f"{NOTHING} {lost}")
        if best.answers < self.scorer.least:
            return _Found([], self._unsaid(asked, shelf.passages))
        if not best.is_set_aside:
            found = [each for each in found if not each.is_set_aside]
        every = [each for each in shelf.candidates if not opposes(each)]
        if differ := differing(asked, best.candidate, every, shelf):
            return _Found(disagreeing(differ, asked, shelf))
        chosen = choose(asked, [(each.candidate, each.probability) for each in found], every, shelf)
        return _Found(with_sections(chosen, shelf))

    def _read(self, question: str) -> Asked:
        return reading.read(question, self.languages or ("en",))

    @staticmethod
    def _unsaid(asked: Asked, passages: Sequence[Passage]) -> str:
        """That the documents do not say, or no sentence of them, and of what there is no sign."""
        relevant = any((each.probability or 0) >= LIKELY for each in passages)
        return " ".join(filter(None, (NO_SENTENCE if relevant else NOTHING, unsaid(asked, passages))))

    def weigh(self, question: str, passages: Sequence[Passage]) -> list[Evidence]:
        """What of the passages is likeliest to answer, first."""
        return self._weighed(self._read(question), Shelf(passages, self.document))

    def features(self, question: str, passages: Sequence[Passage]) -> Weighed:
        """All that could be quoted, and what speaks for it."""
        return self._features(self._read(question), Shelf(passages, self.document))

    def _weighed(self, asked: Asked, shelf: Shelf) -> list[Evidence]:
        weighed = self._features(asked, shelf)
        kept = [weighed.candidates[index] for index in weighed.kept]
        rejected = [bool(set_aside(shelf, each.passage, each.first, asked.text)) for each in kept]
        probability = self.scorer.probability(weighed.full) * np.where(rejected, SET_ASIDE, 1.0)
        found = map(Evidence, kept, probability.tolist(), self.scorer.answer(weighed.full).tolist(), rejected)
        return sorted(found, key=lambda each: (-each.probability, each.candidate.passage.number, each.candidate.first))

    def _features(self, asked: Asked, shelf: Shelf) -> Weighed:
        def cosines(some: Sequence[Candidate]) -> Vectors:
            # As the question is encoded, so that a process that only answers need not load the whole model
            texts = ["\n".join(filter(None, (each.passage.title, each.head, each.text))) for each in some]
            vectors = self.encoder.encode_queries(texts, as_documents=True, export=self.export)
            return vectors @ self.encoder.encode_query(asked.text, self.export)

        return weigh(asked, shelf.passages, shelf.candidates, self.idf, cosines, self.scorer)

"""How is a question answered without a model? By the sentences of the sources that say most, as they stand."""

from __future__ import annotations

import math
import re
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from agent.models.model import Message, Question, ToolSpec
from agent.state import Passage, Quote, Reply, Segment, Token
from ingest.model import Document
from ingest.split.code_within import code_within
from plugins.bounded import aside
from retrieval.lexical.analyze import terms
from retrieval.lexical.stop_words import silent_words
from retrieval.parts import Encoder

NOTHING = "The documents do not say."
NO_SENTENCE = "No sentence of the documents answers this by itself; see the nearest passages."
LIKELY = 0.5  # from here on a passage is rather relevant than not
QUOTES = 3
# Words that ask and do not say what for, by language; as they are written, for a stem may be another word's too.
_ASKING = {
    "da": "hvad hvem hvilke hvilken hvilket hvordan hvorfor hvornår hvor",
    "de": """wer wen wem wessen was wann wo woher wohin warum wieso weshalb wie welche welchem welchen welcher welches
        kann können soll sollen muss müssen darf dürfen""",
    "en": """how do does did what which when where who whom whose why can could should would may might must has have had
        am were been being i you we he she me my your our its from about there any some many much""",
    "es": "qué quién quiénes cuál cuáles cuándo cuánto cuánta cuántos cuántas cómo dónde puede pueden debe deben",
    "fr": "quel quelle quels quelles quoi quand comment combien pourquoi où peut peuvent doit doivent",
    "it": "quale quali quando quanto quanta quanti quante come dove perché può possono deve devono",
    "nl": "wat wie welk welke wanneer waar waarom hoe hoeveel kan kunnen moet moeten mag mogen",
    "no": "hva hvem hvilke hvilken hvilket hvordan hvorfor når hvor",
    "pt": "qual quais quem quando quanto quanta quantos quantas como onde pode podem deve devem",
    "ru": "кто что какой какая какое какие когда где куда почему зачем как сколько может можно",
    "sv": "vad vem vilka vilken vilket hur när var varför kan",
}
# A word by itself: what is joined to others by more than an apostrophe is a name
_WORD = re.compile(r"(?<![\w.@/:'’-])(\w+)(?:['’](?:s|re|ll|d|ve|m)\b)?(?![\w@/'’-]|[.:]\w)")
# A word as prose has it, and what begins a comment
_PLAIN = re.compile(r"""[("'`“]*(?:[^\W\d_]+(?:[-'’][^\W\d_]+)*|\d+(?:[.,]\d+)*)[)"'`”]*[.,;:!?]?["']*""")
_COMMENT = re.compile(r"#+!?|//+!?|/?\*+/?|--+|;+|%+")
_NO_SENTENCE = re.compile(r"\s*(?:#|```|~~~|[-*+] \[[^\]]*\]\([^)]*\))")


@dataclass(frozen=True, slots=True)
class Evidence:
    """How strongly one sentence speaks to a question.

    `cosine` compares the two; `coverage` is the share of the question's weight in idf that the sentence's whole
    passage, with its title and headings, shares with it; `own` is the share that the sentence does by itself. Either is
    that in the language of the index in which it is highest: a stem that stands nowhere weighs most of all.
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
    """Quotes up to three sentences, or says that none is strong enough.

    That the documents do not say is true only where no passage is likely to be relevant: a row of figures may answer,
    and is no sentence.

    `idf` says how rare a term is in the index that is asked, `languages` are those of its documents, `export` is what
    its version names for encoding questions, `document` what a passage stands in: code is no answer in words, and where
    a fence begins may stand outside the passage. It says nothing where every passage is less likely to be relevant than
    `abstain`: there is nobody here who could search again.
    """

    encoder: Encoder
    idf: Callable[[str], float]
    languages: tuple[str, ...] = ("en",)
    export: str | None = None
    least: float = 0.4  # benchmarks/abstention.py: what it answers and what it lets pass
    abstain: float = 0.0
    document: Callable[[str], Document | None] = lambda _: None

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
        likely = any(each.probability is None or each.probability >= self.abstain for each in asked.passages)
        found = await aside(self.weigh, asked.text, asked.passages) if likely else []
        chosen = self.choose(found, least=self.least)
        segments = [
            Segment(
                text=f"{' '.join(item.passage.block_text(item.block).split())}\n",
                quotes=(Quote(item.passage.number, item.block, item.block + 1, item.passage.block_text(item.block)),),
            )
            for item in chosen
        ] or [Segment(NO_SENTENCE if any((each.probability or 0) >= LIKELY for each in asked.passages) else NOTHING)]
        for segment in segments if aloud else ():
            yield Token(segment.text)
        yield Reply(tuple(segments), (), "end")

    async def aclose(self) -> None:
        """It holds no connection."""

    def weigh(self, question: str, passages: Sequence[Passage]) -> list[Evidence]:
        """Every sentence of the passages that could be quoted, strongest first."""
        asked = _asked(question, self.languages or ("en",))
        candidates = [
            (passage, block)
            for passage in passages
            for block in self._prose(passage)
            if _is_sentence(passage.block_text(block)) and passage.block_text(block) != passage.title
        ]
        if not candidates:
            return []
        # As the question is encoded, so that a process that only answers need not load the whole model
        vectors = self.encoder.encode_queries(
            [f"{passage.title}\n{passage.block_text(block)}" for passage, block in candidates],
            as_documents=True,
            export=self.export,
        )
        cosines = vectors @ self.encoder.encode_query(question, self.export)
        totals = {language: self._weight(words) for language, words in asked.items()}

        def share(text: str) -> float:
            shares = (
                self._weight(words & set(terms(text, language))) / totals[language]
                for language, words in asked.items()
                if totals[language]
            )
            return max(shares, default=0.0)

        coverage = {passage.number: share(_all_of(passage)) for passage in passages}
        found = [
            Evidence(passage, block, float(cosine), coverage[passage.number], share(passage.block_text(block)))
            for (passage, block), cosine in zip(candidates, np.maximum(cosines, 0), strict=True)
        ]
        return sorted(found, key=lambda item: (-item.strength, item.passage.number, item.block))

    def _prose(self, passage: Passage) -> Iterator[int]:
        """The blocks that are no code; of a file of code, what is said in it to whoever reads it."""
        within = self.document(passage.document) if passage.kind == "document" else None
        spans = code_within(within) if within else []
        for block, (start, _) in enumerate(passage.blocks):
            is_code = any(begin <= start < end for begin, end in spans)
            if not is_code or (within and within.markup == "code" and _reads_as_prose(passage.block_text(block))):
                yield block

    def _weight(self, words: AbstractSet[str]) -> float:
        return math.fsum(self.idf(term) for term in words)  # the same in whatever order a set has them

    def choose(self, found: Sequence[Evidence], *, least: float) -> list[Evidence]:
        """The sentences to quote, in reading order within each passage; none if even the strongest is below `least`."""
        if not found or found[0].strength < least:
            return []
        near = [item for item in found if item.strength >= 0.85 * found[0].strength][:QUOTES]
        order = {item.passage.number: index for index, item in reversed(list(enumerate(near)))}
        return sorted(near, key=lambda item: (order[item.passage.number], item.block))


def _asked(question: str, languages: Sequence[str]) -> dict[str, frozenset[str]]:
    """What is asked for, by the language that the question is read in."""
    among = tuple(sorted({language or "en" for language in languages}))

    def read(language: str, left_out: AbstractSet[str]) -> frozenset[str]:
        rest = _WORD.sub(lambda word: " " if word[1].casefold() in left_out else word[0], question)
        return frozenset(terms(rest, language))

    asking = {language: {*_ASKING["en"].split(), *_ASKING.get(language, "").split()} for language in among}
    asked = {language: read(language, words | silent_words(language, among)) for language, words in asking.items()}
    return asked if any(asked.values()) else {language: read(language, words) for language, words in asking.items()}


def _is_sentence(text: str) -> bool:
    """Whether a block says something by itself: not a heading, a fence of code or a line of contents."""
    words = [word for word in text.split() if any(letter.isalpha() for letter in word)]
    long_enough = len(words) >= 4 or (len(text) >= 12 and not text.isascii())
    return long_enough and not _NO_SENTENCE.match(text)


def _reads_as_prose(text: str) -> bool:
    """Whether most of what stands there are words, as in a comment, and not names and signs."""
    tokens = [token for token in text.split() if not _COMMENT.fullmatch(token)]
    return sum(bool(_PLAIN.fullmatch(token)) for token in tokens) >= 0.7 * len(tokens)


def _all_of(passage: Passage) -> str:
    return " ".join((passage.title, *passage.headings, passage.text))

"""What comes of gold's questions when they are asked: is the answer in what is quoted, and where was it lost if not?"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from typing import Any, Final, Literal, Protocol

from eval.gold.gold import Corpus, Gold, GoldQuery
from eval.gold.resolve import ResolvedQuery, meets
from eval.measure.stats import Interval, wilson
from ingest.model import digest
from ingest.split.sentences import sentences
from retrieval.model import Hit

Outcome = Literal["right", "beside", "wrongly_refused", "rightly_refused", "should_have_refused"]
Loss = Literal["not_found", "ranked_low", "withheld", "words"]

OF_ANSWERABLE: Final[tuple[Outcome, ...]] = ("right", "beside", "wrongly_refused")
OF_UNANSWERABLE: Final[tuple[Outcome, ...]] = ("rightly_refused", "should_have_refused")
OUTCOMES: Final = (*OF_ANSWERABLE, *OF_UNANSWERABLE)
WANTED: Final[tuple[Outcome, ...]] = ("right", "rightly_refused")
UNWANTED: Final[tuple[Outcome, ...]] = ("beside", "wrongly_refused", "should_have_refused")
PREFIX: Final = "answers."  # of an outcome's name, beside those of metrics
LOSSES: Final[Mapping[Loss, str]] = {
    "not_found": "the passage that says it was not found",
    "ranked_low": "the passage that says it was found, below those that are read",
    "withheld": "the passage that says it was found and held too unlikely to be used",
    "words": "the passage that says it was read, and other words were quoted, or none",
}
LONGEST: Final = 700  # letters of an answer; what is longer is a passage or a table, to be searched by the reader
QUOTED: Final = 1500  # letters of all its quotes
_OTHER: Final = "other"  # the kind of a question that asks for none that is known
_AROUND: Final = 300  # letters of what was right that are shown
_MARKED: Final = re.compile(r"\[\d+\]\W*$")
# Letters of scripts that part words by spaces and bend them at their end alone
_PARTED: Final = r"[0-9A-Za-zÀ-ɏͰ-ϿЀ-ӿ]"


@dataclass(frozen=True, slots=True)
class Quoted:
    """Words that were quoted, and of which document."""

    document: str
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """What one question is told: `said`, which is empty where it is refused, or the `reason` why nothing is said.

    `read` are the passages that could be quoted, `withheld` those that were kept from it as too unlikely; `is_doubted`
    where none of them is likely enough to be relevant, which may be why it was refused. `kinds` name what the question
    asks for.
    """

    said: str = ""
    reason: str = ""
    quotes: tuple[Quoted, ...] = ()
    read: tuple[Hit, ...] = ()
    withheld: tuple[Hit, ...] = ()
    is_doubted: bool = False
    kinds: tuple[str, ...] = ()


class Answerer(Protocol):
    """Whoever is asked: what a user would be told."""

    def __call__(self, question: str) -> Told: ...


@dataclass(frozen=True, slots=True)
class AnswerResult:
    """What came of one question. `expected` are gold's answers, `right` where they stand, for one that went wrong.

    `lost` says where it was lost, of a question that is answerable and was not answered rightly; `place` is the rank of
    the best passage that holds the answer, None where none was found.
    """

    id: str
    question: str
    outcome: Outcome
    said: str = ""
    reason: str = ""
    quotes: tuple[Quoted, ...] = ()
    expected: tuple[str, ...] = ()
    right: Quoted | None = None
    lost: Loss | None = None
    place: int | None = None
    tags: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def is_wanted(self) -> bool:
        """Whether it is as gold says."""
        return self.outcome in WANTED

    def as_json(self) -> dict[str, Any]:
        """For scripts, without what stands beside it there."""
        return {
            "outcome": self.outcome,
            "lost": self.lost,
            "place": self.place,
            "answer": self.said,
            "reason": self.reason or None,
            "quotes": [asdict(each) for each in self.quotes],
            "expected": list(self.expected),
            "right": asdict(self.right) if self.right else None,
            "kinds": list(self.kinds),
        }


@dataclass(frozen=True, slots=True)
class Answers:
    """What came of all that were asked, in the order of gold; `of` is how many gold has that could be."""

    results: tuple[AnswerResult, ...] = ()
    of: int = 0

    @property
    def counts(self) -> Counter[Outcome]:
        """How many came to each outcome."""
        return Counter(each.outcome for each in self.results)

    @property
    def answerable(self) -> int:
        """How many have an answer."""
        return sum(self.counts[each] for each in OF_ANSWERABLE)

    @property
    def unanswerable(self) -> int:
        """How many have none."""
        return len(self.results) - self.answerable

    @property
    def shares(self) -> dict[Outcome, Interval]:
        """Each outcome's share of the questions that can come to it; without those that none can."""
        counts, found = self.counts, dict[Outcome, Interval]()
        for outcomes in (OF_ANSWERABLE, OF_UNANSWERABLE):
            if all_of_them := sum(counts[each] for each in outcomes):
                found |= {each: wilson(counts[each], all_of_them) for each in outcomes}
        return found

    @property
    def lost(self) -> dict[Loss, int]:
        """Where those were lost that have an answer and did not get it."""
        found = Counter(each.lost for each in self.results)
        return {loss: found[loss] for loss in LOSSES}

    @property
    def wrong(self) -> list[AnswerResult]:
        """Those that went wrong, one of each outcome in turn, so that the first few show every kind."""
        ranks = Counter[Outcome]()
        placed: list[tuple[int, AnswerResult]] = []
        for each in self.results:
            if not each.is_wanted:
                placed.append((ranks[each.outcome], each))
                ranks[each.outcome] += 1
        return [each for _, each in sorted(placed, key=lambda pair: (pair[0], UNWANTED.index(pair[1].outcome)))]

    def by_tag(self) -> dict[str, Answers]:
        """The same for the questions of each tag."""
        return self._by(lambda each: each.tags)

    def by_kind(self) -> dict[str, Answers]:
        """The same for what questions ask for."""
        return self._by(lambda each: each.kinds or (_OTHER,))

    def _by(self, names: Callable[[AnswerResult], Sequence[str]]) -> dict[str, Answers]:
        found: dict[str, list[AnswerResult]] = defaultdict(list)
        for each in self.results:
            for name in names(each):
                found[name].append(each)
        return {name: Answers(tuple(found[name]), len(found[name])) for name in sorted(found)}

    def as_json(self) -> dict[str, Any]:
        """The counts, and beside them the shares with their intervals, by tag and by kind."""
        return {
            **self.counted,
            "asked": len(self.results),
            "of": self.of,
            "lost": self.lost,
            "tags": {name: each.counted for name, each in self.by_tag().items()},
            "kinds": {name: each.counted for name, each in self.by_kind().items()},
        }

    @property
    def counted(self) -> dict[str, Any]:
        """The counts, and the shares with their intervals, for scripts."""
        counts: dict[str, Any] = {each: self.counts[each] for each in OUTCOMES}
        return {**counts, "shares": {name: asdict(share) for name, share in self.shares.items()}}


@dataclass(slots=True)
class Asking:
    """Asks the questions of gold of which it says what answers them, or that nothing does; `most` of them at most.

    Which ones that are depends on their ids alone, so that two versions are asked the same.
    """

    answerer: Answerer
    corpus: Corpus
    gold: Gold
    most: int | None = None
    _results: dict[str, AnswerResult] = field(default_factory=dict)
    _wanted: Mapping[str, GoldQuery] = field(default_factory=dict)

    def __post_init__(self) -> None:
        known = askable(self.gold)
        chosen = sorted(known, key=lambda query: digest(query.id))[: self.most]
        self._wanted = {query.id: query for query in chosen}

    @property
    def unanswerable(self) -> list[GoldQuery]:
        """Those to be asked that have no answer."""
        return [query for query in self._wanted.values() if not query.answerable]

    @property
    def answers(self) -> Answers | None:
        """What came of them; None where none was asked."""
        found = tuple(self._results[query.id] for query in self.gold.queries if query.id in self._results)
        return Answers(found, len(askable(self.gold))) if found else None

    def ask(self, resolved: ResolvedQuery, hits: Sequence[Hit]) -> None:
        """Asks a question that has an answer, if it is one of them; `hits` are all that a search finds, best first."""
        query = self._wanted.get(resolved.id)
        if query is None:
            return
        told = self.answerer(query.question)
        if told.said and is_right(told, query.answers):
            self._keep(query, "right", told)
            return
        where = _Where(resolved, query.answers, self.corpus)
        place = next((rank for rank, hit in enumerate(hits, start=1) if where.holds(hit)), None)
        self._keep(query, "beside" if told.said else "wrongly_refused", told, where, place)

    def ask_in_vain(self, query: GoldQuery) -> None:
        """Asks a question that has no answer."""
        told = self.answerer(query.question)
        self._keep(query, "should_have_refused" if told.said else "rightly_refused", told)

    def _keep(
        self, query: GoldQuery, outcome: Outcome, told: Told, where: _Where | None = None, place: int | None = None
    ) -> None:
        self._results[query.id] = AnswerResult(
            id=query.id,
            question=query.question,
            outcome=outcome,
            said=told.said,
            reason=told.reason,
            quotes=told.quotes,
            expected=query.answers if query.answerable else (),
            right=where.words if where else None,
            lost=_lost(told, where.holds, place) if where else None,
            place=place,
            tags=query.tags,
            kinds=told.kinds,
        )


def askable(gold: Gold) -> list[GoldQuery]:
    """The questions of which gold says what the answer is, or that there is none; qrels say neither."""
    return [] if gold.kind == "qrels" else [each for each in gold.queries if each.answers or not each.answerable]


def is_right(told: Told, answers: Collection[str]) -> bool:
    """Whether one of the answers stands in what is quoted, or said of it, and that is short enough to be an answer.

    What is said of a quote ends with its mark; a remark, which may repeat words of the question, has none.
    """
    if len(told.said) > LONGEST or sum(len(each.text) for each in told.quotes) > QUOTED:
        return False
    told_of = (line for line in told.said.splitlines() if _MARKED.search(line))
    return any(holds(text, answers) for text in (*(each.text for each in told.quotes), *told_of))


def holds(text: str, answers: Collection[str]) -> bool:
    """Whether one of the answers stands in a text, as whole words; capitals and white space do not matter."""
    plain = _plain(text)
    return any(pattern.search(plain) is not None for pattern in map(_pattern, answers))


def _plain(text: str) -> str:
    """One form for marks that are written in several, without those of emphasis and of code."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[*`]", "", folded.translate(_MARKS))


_MARKS: Final = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "−": "-", "‑": "-"})


@lru_cache(maxsize=4096)
def _pattern(answer: str) -> re.Pattern[str]:
    letters = "".join(_plain(answer).split())
    if not letters:
        return re.compile(r"(?!)")
    before = after = ""
    if re.match(_PARTED, letters[0]):
        before = rf"(?<!{_PARTED})" + (r"(?<!\d[.,])" if letters[0].isdigit() else "")
    if re.match(_PARTED, letters[-1]):
        after = rf"(?!{_PARTED})" + (r"(?![.,]\d)" if letters[-1].isdigit() else "")
    return re.compile(before + r"\s*".join(map(re.escape, letters)) + after)


class _Where:
    """Where the answer to a question stands in an index version."""

    def __init__(self, query: ResolvedQuery, answers: Sequence[str], corpus: Corpus) -> None:
        self._answers = answers
        self._documents = [name for name, grade in query.grades.items() if grade > 0]
        self._spans = [span for places in query.spans for span in places]
        self._texts = {name: text for name in self._documents if (text := corpus.text(name)) is not None}
        # Gold may say it in other words than the document: then its places, or the document, must do
        self._is_verbatim = any(holds(text, answers) for text in self._texts.values())

    def holds(self, hit: Hit) -> bool:
        """Whether a passage is one that answers."""
        if not any(name in self._documents for name in (hit.chunk.document, *hit.duplicates)):
            return False
        if self._is_verbatim:
            return holds(f"{hit.chunk.context}\n{hit.chunk.text}", self._answers)
        placed = [span for span in self._spans if span.document == hit.chunk.document]
        return not placed or any(meets(hit.chunk, span.document, span.start, span.end) for span in placed)

    @property
    def words(self) -> Quoted | None:
        """What would have been right: the words that gold names, else the first sentence that holds an answer."""
        for span in self._spans:
            if text := self._texts.get(span.document, "")[span.start : span.end]:
                return Quoted(span.document, _cut(text))
        for name, text in self._texts.items():
            for start, end in sentences(text) if self._is_verbatim else ():
                if holds(text[start:end], self._answers):
                    return Quoted(name, _cut(text[start:end]))
        return None


def _cut(text: str) -> str:
    squeezed = " ".join(text.split())
    return squeezed if len(squeezed) <= _AROUND else f"{squeezed[:_AROUND].rsplit(' ', 1)[0]} …"


def _lost(told: Told, answers: Callable[[Hit], bool], place: int | None) -> Loss:
    if any(map(answers, told.read)):
        return "withheld" if told.is_doubted and not told.said else "words"
    if any(map(answers, told.withheld)):
        return "withheld"
    return "not_found" if place is None else "ranked_low"

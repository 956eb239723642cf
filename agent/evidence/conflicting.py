"""Does another source that was shown say otherwise than what an answer cites, and does the answer tell it?

Where two documents answer the question with other values, or with yes and no, they disagree. That both are of the same
thing must be plain, by their words or, where they have few in common, by an encoder: a false alarm costs a turn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Final

from agent.evidence.ages import Day, day_of, undated, written
from agent.evidence.citations import CheckedAnswer, citation_of, passage_of
from agent.evidence.compared import Cited
from agent.evidence.disagreeing.differ import Difference, differ
from agent.evidence.passages import LABEL
from agent.evidence.quantities.quantity import Quantity
from agent.evidence.quantities.read import read
from agent.evidence.wording import language_of, stems
from agent.plain import in_a_line
from agent.state import Citation, Passage, Quote
from ingest.model import Document
from plugins.tool import Texts
from retrieval.parts import Vectors

_WORD: Final = re.compile(r"[^\W_]+(?:[.,:/@+'-]+[^\W_]+)*|[€$£%]")
_IS_LABEL: Final = re.compile(rf"\s*(?:[-*+•]\s+)?(?={LABEL})([^:|\n]{{1,50}}):\s+(\S.*)", re.DOTALL)
_SAME: Final = 0.6  # of two sentences' words
_LONGEST: Final = 6  # words of a value
# In other words two passages are of one thing where their cosines are as high: with the question, with each other.
_OF_THE_QUESTION: Final = 0.3
_OF_EACH_OTHER: Final = 0.4
_OF_A_DENIAL: Final = 0.55  # of each other, where one says no: many a sentence denies something
_IN_A_TITLE: Final = 2  # words of it that are a name
_MOST: Final = 6  # pairs in other words that are encoded for one answer
_NEAR: Final = 300  # letters before a sentence that it may point back to
_POINTS_BACK: Final = re.compile(
    r"\W*(?:he|she|it|they|this|these|er|sie|es|dies\w*|il|elle|ils|elles|él|ella|ellos)\b", re.IGNORECASE
)
_ASKS_WHO: Final = re.compile(r"\W*(?:who|whom|which|what|wer|wen|welche\w*|qui|quel\w*|quién\w*|qué)\b", re.IGNORECASE)
_FENCES: Final = ("```", "~~~")
_NAME: Final = re.compile(r"(?<=[\w,] )[A-ZÀ-Þ][\w-]*")
_ARTICLES: Final = frozenset("the a an der die das ein eine le la les un une el los las".split())  # noqa: SIM905
_NEWER: Final = re.compile(
    r"\b(?:newer|newest|latest|later|more recent|most recent|current|updated|superseded|older|neuer\w*|neuest\w*"
    r"|aktuell\w*|älter\w*|plus récent\w*|más reciente\w*)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Value:
    """What one document says, and from when that is."""

    citation: Citation
    value: str
    day: Day = (0, 0, 0)
    version: str = ""
    is_trusted: bool = True

    @property
    def told(self) -> str:
        """The document with its version and date, and that it is of low trust."""
        parts = (
            in_a_line(self.citation.document),
            f"version {self.version}" if self.version else "",
            written(self.day),
            "" if self.is_trusted else "of low trust",
        )
        return ", ".join(filter(None, parts))


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two documents that say different things of one; `is_told` where the answer has both and cites both."""

    cited: Value
    other: Value
    is_told: bool

    @property
    def told(self) -> str:
        """What each of them says."""
        return (
            f"{self.cited.told} says “{self.cited.value}”, and {self.other.told} says “{self.other.value}” of the same"
        )

    @property
    def is_trusted(self) -> bool:
        """Whether both are of high trust: what anybody may have written hands no run to a person."""
        return self.cited.is_trusted and self.other.is_trusted

    @property
    def reason(self) -> str:
        """What a model is told that left the other out."""
        return f"{self.told}. Tell both, cite both, name the documents with their dates, and say which is newer."


def conflicts(
    found: CheckedAnswer,
    evidence: Sequence[Passage],
    stored: Texts,
    question: str,
    document: Callable[[str], Document | None],
    encode: Callable[[Sequence[str]], Vectors] | None = None,
    trusts: Callable[[str], bool] = lambda _: True,
) -> tuple[Conflict, ...]:
    """What other documents that were shown say otherwise of what an answer tells; each other document once.

    `encode` gives unit vectors; without it two passages in other words are not held against each other. `trusts` says
    of a document's name whether it is of high trust.
    """
    there: dict[str, Conflict] = {}
    by_number = {passage.number: passage for passage in evidence}
    candidates = list(_candidates(found, evidence, question))
    near = _near(candidates, question, encode)
    for each in candidates:
        name = each.passage.document
        if name in there or not (each.said.sure or each in near):
            continue
        quote = Quote(each.passage.number, each.block, each.block + 1, each.passage.block_text(each.block))
        other = citation_of(quote, by_number, stored)
        if other is None or _both_in_both(each.citation, other, each.said, stored):
            continue
        is_told = _tells(each.said.theirs, found, other, is_sentence=each.said.denies)
        is_told = is_told and any(name == cited.document for cited in found.citations)
        there[name] = Conflict(
            _dated(each.citation, each.said.mine, each.mine, document, trusts),
            _dated(other, each.said.theirs, each.passage, document, trusts),
            is_told,
        )
    return tuple(there.values())


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A citation of a passage, and a block of another that says otherwise."""

    citation: Citation
    mine: Passage
    passage: Passage
    block: int
    said: Difference

    @property
    def texts(self) -> tuple[str, str]:
        """Both, each below its title."""
        here = self.mine.text[self.citation.start - self.mine.start : self.citation.end - self.mine.start]
        return (
            f"{self.mine.title}\n{here}".strip(),
            f"{self.passage.title}\n{self.passage.block_text(self.block)}".strip(),
        )


def _candidates(found: CheckedAnswer, evidence: Sequence[Passage], question: str) -> Iterator[_Candidate]:
    for citation in found.citations:
        if citation.kind != "document":
            continue
        mine = passage_of(citation, evidence)
        cited = _at(mine, citation.start, citation.end)
        for passage in evidence:
            if passage.kind != "document" or passage.document == citation.document:
                continue
            for block, span in enumerate(passage.blocks):
                said = otherwise(cited, _at(passage, *span), question)
                if said is None or not _is_of_one_thing(mine, passage, question, in_other_words=not said.sure):
                    continue
                if _tells(said.mine, found, citation, is_sentence=said.denies):
                    yield _Candidate(citation, mine, passage, block, said)


def _near(
    candidates: Sequence[_Candidate], question: str, encode: Callable[[Sequence[str]], Vectors] | None
) -> Sequence[_Candidate]:
    """Those of two wordings that are of one thing and of what is asked, by the vectors of the first few."""
    unsure = [each for each in candidates if not each.said.sure][:_MOST]
    if encode is None or not unsure:
        return ()
    texts = list(dict.fromkeys(text for each in unsure for text in each.texts))
    asked, *vectors = encode([question, *texts])
    of = dict(zip(texts, vectors, strict=True))
    return [
        each
        for each in unsure
        if min(float(of[text] @ asked) for text in each.texts) >= _OF_THE_QUESTION
        and float(of[each.texts[0]] @ of[each.texts[1]]) >= (_OF_A_DENIAL if each.said.denies else _OF_EACH_OTHER)
    ]


def dated(evidence: Sequence[Passage], document: Callable[[str], Document | None]) -> tuple[Passage, ...]:
    """The passages with the date of their document above them, which an answer may name."""
    names = {each.document for each in evidence if each.kind == "document"}
    days = {name: written(day_of(document(name), "")) for name in names}
    return tuple(
        replace(each, context="\n".join(filter(None, (each.context, days[each.document]))))
        if each.kind == "document"
        else each
        for each in evidence
    )


def with_both(found: CheckedAnswer, disagree: Sequence[Conflict]) -> CheckedAnswer:
    """The answer with what it leaves out of a conflict: the other source, the dates, which one is newer."""
    left_out = [each for each in disagree if not each.is_told or (_has_order(each) and not _NEWER.search(found.marked))]
    if not left_out:
        return found
    values = {each.citation: each for conflict in left_out for each in (conflict.cited, conflict.other)}
    ordered = sorted(values.values(), key=lambda each: each.day, reverse=True)
    citations = tuple(dict.fromkeys((*found.citations, *values)))
    head = "The newest first" if any(map(_has_order, left_out)) else "Nothing says which of them is newer"
    told = "; ".join(f"{each.told}: “{each.value}” [{citations.index(each.citation) + 1}]" for each in ordered)
    return replace(found, marked=f"{found.marked}\n\nThe documents disagree. {head}: {told}.", citations=citations)


def otherwise(one: Cited, other: Cited, question: str) -> Difference | None:
    """The two values in which two texts differ, or that one denies the other; None where they may both be true."""
    if one.is_row and other.is_row:
        return _of_rows(one, other)
    if one.text.lstrip().startswith(_FENCES) or other.text.lstrip().startswith(_FENCES):
        return None  # an example
    mine, theirs = _IS_LABEL.fullmatch(one.text.strip()), _IS_LABEL.fullmatch(other.text.strip())
    if mine and theirs:
        same = mine[1].casefold().split() == theirs[1].casefold().split()
        return Difference(mine[2], theirs[2]) if same and _differ(mine[2], theirs[2]) else None
    if found := _of_sentences(one.text, other.text, question):
        return found
    about = (_about(one), _before(one)), (_about(other), _before(other))
    found = differ(_told(one), _told(other), question, about)
    return replace(found, mine=one.text.strip(), theirs=other.text.strip()) if found and found.denies else found


def _told(one: Cited) -> str:
    """As a sentence, which a row is with what stands at the head of its columns."""
    if not one.is_row:
        return one.text
    head, row = (each.strip().strip("|").split("|") for each in (one.head, one.text))
    if len(head) != len(row):
        return ""
    named, *values = [(name.strip(), cell.strip()) for name, cell in zip(head, row, strict=True) if cell.strip()]
    return ", ".join((named[1], *(f"{name}: {cell}" for name, cell in values)))


def _about(one: Cited) -> str:
    return " ".join((*one.about, one.head))


def _before(one: Cited) -> str:
    """The sentence before it."""
    return one.told_before[-_NEAR:].rstrip().rpartition(". ")[2]


def _of_rows(one: Cited, other: Cited) -> Difference | None:
    mine, theirs = ([cell.strip() for cell in each.text.strip().strip("|").split("|")] for each in (one, other))
    if one.head.split() != other.head.split() or len(mine) != len(theirs):
        return None
    if mine[0].casefold() != theirs[0].casefold():
        return None
    places = [place for place, (a, b) in enumerate(zip(mine, theirs, strict=True)) if _differ(a, b)]
    return Difference(mine[places[0]], theirs[places[0]]) if len(places) == 1 else None


def _of_sentences(one: str, other: str, question: str) -> Difference | None:
    mine, theirs = _WORD.findall(one), _WORD.findall(other)
    own, their = [each.casefold() for each in mine], [each.casefold() for each in theirs]
    if _POINTS_BACK.match(one) or len(set(own) & set(their)) < 0.5 * max(len(set(own)), len(set(their))):
        return None
    matcher = SequenceMatcher(None, own, their, autojunk=False)
    if matcher.ratio() < _SAME:
        return None
    places = [code for code in matcher.get_opcodes() if code[0] != "equal"]
    if len(places) != 1:
        return None
    _, a, b, c, d = places[0]
    said, there = " ".join(mine[a:b]), " ".join(theirs[c:d])
    if not said or not there or max(b - a, d - c) > _LONGEST or _quantities(said) or _quantities(there):
        return None
    known = {word.casefold() for word in _WORD.findall(question)}
    if known & {*own[a:b], *their[c:d]} - _ARTICLES:
        return None  # it is asked of the one or of the other
    before = own[a - 1] if a else ""
    is_named = all(word[0].isupper() for word in (*mine[a:b], *theirs[c:d]))
    is_subject = a == 0 or (a == 1 and before in _ARTICLES)
    return Difference(said, there) if is_named and (not is_subject or _ASKS_WHO.match(question)) else None


def _quantities(text: str) -> list[Quantity]:
    return [each for each in read(text, language_of(text)) if not each.again]


def _differ(one: str, other: str) -> bool:
    """Whether two values are not the same, however they are written."""
    if not one or not other or one.casefold().split() == other.casefold().split():
        return False
    mine, theirs = _quantities(one), _quantities(other)
    return not (mine and theirs and all(any(each.is_borne_by(their) for their in theirs) for each in mine))


def _tells(value: str, answer: CheckedAnswer, citation: Citation, *, is_sentence: bool) -> bool:
    """Whether an answer has a value: its numbers, or its words; of what a whole sentence says, whether it cites it."""
    if is_sentence:
        return any(
            each.document == citation.document and each.start < citation.end and citation.start < each.end
            for each in answer.citations
        )
    if numbers := _quantities(value):
        told = read(answer.marked, language_of(answer.marked))
        return all(any(each.is_borne_by(other) for other in told) for each in numbers)
    said = set(map(str.casefold, _WORD.findall(answer.marked)))
    return {word.casefold() for word in _WORD.findall(value)} <= said


def _is_of_one_thing(one: Passage, other: Passage, question: str, *, in_other_words: bool) -> bool:
    """Whether both speak of what is asked: of that after which the one is called, and not of another of its kind.

    In other words than the question's it may be told too, but not with other names.
    """
    if _name_two(one.title, other.title):
        return False
    language = language_of(question)
    subject = stems(question, language) & stems(f"{one.document} {one.title}", language)
    if not subject <= _words(other, language):
        return False
    known = stems(" ".join(_NAME.findall(question)) if in_other_words else question, language) & _words(one, language)
    if 2 * len(known & _words(other, language)) < len(known) * (2 if in_other_words else 1):
        return False
    here, there = (read(f"{each.title}\n{each.text}", language) for each in (one, other))
    numbers = [each for each in _quantities(question) if any(map(each.is_borne_by, here))]
    return all(any(map(each.is_borne_by, there)) for each in numbers)


def _name_two(one: str, other: str) -> bool:
    """Whether two titles are one but for a word or two in one place: `Fees of Ulm`, `Fees of Bonn`."""
    mine, theirs = (
        [word for word in map(str.casefold, _WORD.findall(each)) if word in undated(each)] for each in (one, other)
    )
    places = [place for place, (a, b) in enumerate(zip(mine, theirs, strict=False)) if a != b]
    return len(mine) == len(theirs) > len(places) > 0 and places[-1] - places[0] < _IN_A_TITLE


def _words(passage: Passage, language: str) -> frozenset[str]:
    return stems(" ".join((passage.document, passage.title, *passage.headings, passage.text)), language)


def _both_in_both(one: Citation, other: Citation, differ: Difference, stored: Texts) -> bool:
    """Whether each document says what the other says too, as one that tells of both does."""
    texts = [" ".join((stored.text(each.document) or "").split()) for each in (one, other)]
    return _stands(differ.mine, texts[1]) and _stands(differ.theirs, texts[0])


def _stands(value: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(value)}(?!\w)", text) is not None


def _at(passage: Passage, start: int, end: int) -> Cited:
    start, end = start - passage.start, end - passage.start
    return Cited(passage.text[start:end], (passage.title, *passage.headings), passage.text[:start], passage.text[end:])


def _dated(
    citation: Citation,
    value: str,
    passage: Passage,
    document: Callable[[str], Document | None],
    trusts: Callable[[str], bool],
) -> Value:
    within = document(citation.document)
    version = str(within.metadata.get("version", "")) if within else ""
    value = value if value in citation.quote else citation.quote  # `twenty euros` is read as `20 euros`
    day = day_of(within, " ".join(passage.headings))
    return Value(citation, in_a_line(value), day, in_a_line(version), trusts(citation.document))


def _has_order(conflict: Conflict) -> bool:
    """Whether it is known which of the two is newer."""
    return bool(conflict.cited.day[0] and conflict.other.day[0]) and conflict.cited.day != conflict.other.day

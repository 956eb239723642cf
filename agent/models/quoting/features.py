"""What speaks for a stretch of text as the answer to a question, each in a measure that means the same everywhere?

All but the cosine take no encoder. `benchmarks/quoting.py` learns what each is worth.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.evidence.contrary import sides
from agent.evidence.vocabulary import OPPOSED
from agent.models.quoting import kinds
from agent.models.quoting.asked import Asked, denies
from agent.models.quoting.candidates import Candidate, announces, between, cells, points_back
from agent.models.quoting.configured import named
from agent.state import Passage
from retrieval.lexical.analyze import terms

# Each with the sense that it must have: 1 speaks for an answer, -1 against, 0 either.
WITHOUT_ENCODER: Final[Mapping[str, int]] = {
    "passage_first": 1,  # 1 / (1 + the rank of its passage)
    "passage_cosine": 1,  # between question and passage, as the search found it
    "said": 1,  # the share that stands in the words themselves and their head
    "own": 1,  # the share that stands in the words themselves
    "rest": 1,  # the same share of what stands in neither title, headings nor name of the document
    "around": 1,  # the share that stands in the sentences before and behind, and not in the words
    "worst": -1,  # how rare the rarest word is that stands in none of all these, beside the rarest of the question
    "focus": 1,  # whether the first word that is asked for stands in the words or their head
    "new": 1,  # whether the words say more than the question: log of the terms that it has not
    "certain_kind": 1,  # a date, a number, an address is asked for, and there is one that the question has not
    "no_certain_kind": -1,  # … and there is none
    "kind": 1,  # a person, a place, a reason, a way, several things are asked for, and there seems to be one
    "no_kind": -1,
    "names": 1,  # the share of the question's names and numbers that stand in the words or their head
    "lost_names": -1,  # how many of its names stand nowhere in what was found of the document, or above
    "lost_numbers": -1,  # how many of its numbers do
    "no_denial": -1,  # the question denies something and the words don't
    "length": 0,  # log of the number of letters
    "points_back": -1,  # it begins with a word that stands for something before it
    "no_sign_of": -1,  # how rare the rarest word is that stands in no passage and nothing above one
    "foreign": -1,  # the same of a row, a label or an item, whose words are seldom other ones than the question's
    "carried": 1,  # the share that the sentence before adds where the words point back
    "other_file": -1,  # it stands in a file of another sort than the question names: the spreadsheet, the mail
    "in_document": 1,  # the share that stands in what was found of the document, or above
    "counted": 1,  # how many are asked for, and a number stands before what is counted
    "not_counted": -1,  # … and none does
    "label": 1,  # how much of what a label, a column or a cell beside is called is asked for, where its value is new
    "named": 1,  # how much of another cell, or of what is above a label, is in the question
    "label_named": 1,  # the lesser of the two
    "fields": 1,  # the share that stands in labels, columns and cells of which every word is asked for
    "stands_out": 1,  # by how much more of the question stands in a row or an item than in those beside it
    "unnamed": -1,  # a row of a table with a head, no cell of which is in the question, where one row is asked for
    "listed": 1,  # several things are asked for, and this is one of many; more where a list is asked for
    "is_row": 0,
    "code": 1,  # it is code, and that is what is asked for
    "no_code": -1,  # … and it isn't
    "headed": 1,  # how much of the heading above is in the question
    "lost_near": -1,  # how many of its names and numbers stand neither in the words, nor beside, nor above
    "lost_here": -1,  # the same of an item, or a row below a head; of a label, how many stand nowhere in the document
    "opposed": -1,  # the words have the opposite of a word of the question
    "denial_unasked": -1,  # the words deny something and the question doesn't
    "links": -1,  # the share of the letters that are addresses of the web
    "evidence": 1,  # the log odds that the passage is relevant
    "best_rest": 1,  # its `rest` less the highest
}
WITH_ENCODER: Final[Mapping[str, int]] = {
    **WITHOUT_ENCODER,
    "cosine": 1,  # between the question and the words with their title
}
OF_THE_BEST: Final[Mapping[str, int]] = {
    **WITH_ENCODER,
    "odds": 1,  # the log odds that it holds the answer
}
Features = NDArray[np.float64]
"""`(candidates, features)`."""

_WORD: Final = re.compile(r"[^\W_]+")
_NUMBER: Final = re.compile(r"[\d.,:/-]+")
_NOWHERE: Final = "\0"  # no term
_STEM: Final = 4  # letters that are the least to tell a word by
_REACH: Final = 40  # letters behind a number in which what it counts stands
_HOW_MANY: Final = re.compile(
    r"(?i)\b(?:how many|wie ?viele?|cuánt[oa]s|combien d(?:e |['’]))\s*(?:of |the |\d+ )*((?:(?!(?:is|are|was|were|do"
    r"|does|did"
    r"|has|have|had|can|will|would|must|should|could|may|of|in|on|at|there|sind|hat|haben|hay|tiene|y)\b)[\w'’-]+\s*){1,2})"
)
# What `which` asks for: a list of such things seldom calls each of them so
_CLASS: Final = re.compile(
    r"(?i)\b(?:which|what|welche[rsnm]?|was für|qué|quel(?:le)?s?)\s+((?:(?:other|two|three|four|five|\w+ of)\s+)?\w+)"
)
# That something is done at all: documents say it in other words
_GENERIC: Final = re.compile(
    r"(?i)\bhow (?:do|can|could|should|would|must|to)\b(?: (?:i|you|we|one))? (achieve|configure|declare|define|express"
    r"|indicate|obtain|perform|specify|state)\b"
)
_UN: Final = re.compile(r"\b(?:un|non-?|in|dis|ver|des)(\w{4,})")
_REFERS: Final = re.compile(
    r"(?i)^(?:\W*\w+\W+){0,5}?\W*\b(?:he|she|it|they|him|them|his|her|its|their|this|these|those|er|sie|es|ihn|ihm|ihr\w*"
    r"|sein\w*|dies\w*|él|ella|ellos|ellas|esto|estos|esta|estas|su|sus|il|elle|ils|elles|cela|ce|cette|ces|son|sa|ses)\b"
)
_LINK: Final = re.compile(r"https?://[^\s>)\]]+")
_FIELD: Final = re.compile(r"(?:[-*+•]\s+)?([^\n]{1,60}?)(?::|\s[–—-])\s+(\S.*)", re.DOTALL)
_ALIKE: Final = 0.8  # of two spellings of one word; difflib's ratio


class Weighing:
    """The features of candidates for one question; `idf` says how rare a term is."""

    def __init__(self, asked: Asked, passages: Sequence[Passage], idf: Callable[[str], float]) -> None:
        self._asked, self._idf, self._passages = asked, idf, passages
        self._above = {each.number: self._terms(above(each)) for each in passages}
        self._within = {each.number: self._terms(each.text) for each in passages}
        self._rank = {each.number: rank for rank, each in enumerate(passages)}
        self._found = {
            name: _union(*(each for same in passages if same.document == name for each in self._both(same)))
            for name in {each.document for each in passages}
        }
        shown = _union(*self._found.values()) if passages else {language: frozenset() for language in asked.words}
        self._weights = {
            language: [
                (token, max(idf(term) for term in sorted(token)))
                for token in (self._spelled(each, shown[language]) for each in order)
            ]
            for language, order in asked.ordered.items()
        }
        self._no_sign_of = self._worst(shown, self._terms_of(_GENERIC)) if passages else 0.0
        self._no_sign_of_one = (
            self._worst(shown, self._terms_of(_GENERIC) | self._terms_of(_CLASS)) if passages else 0.0
        )
        self._lost = self._lost_in_documents()
        self._sides = sides(asked.text)
        self._blocks: dict[tuple[int, int], Mapping[str, frozenset[str]]] = {}

    def without_encoder(self, candidates: Sequence[Candidate]) -> Features:
        """The features of `WITHOUT_ENCODER`."""
        if not candidates:
            return np.zeros((0, len(WITHOUT_ENCODER)))
        rows = np.array([self._row(each) for each in candidates])
        own, stands_out = (list(WITHOUT_ENCODER).index(name) for name in ("own", "stands_out"))
        rows[:, stands_out] = _standing_out(candidates, rows[:, own])
        rest = list(WITHOUT_ENCODER).index("rest")
        return np.column_stack([rows, rows[:, rest] - rows[:, rest].max()])

    def share(self, found: Mapping[str, AbstractSet[str]], of: Mapping[str, AbstractSet[str]] | None = None) -> float:
        """The share of the question's weight that is found, in the language in which that is highest."""
        shares = []
        for language, tokens in self._weights.items():
            wanted = [each for each in tokens if of is None or each[0] & of[language]]
            total = math.fsum(weight for _, weight in wanted)
            if total:
                shares.append(math.fsum(weight * _part(token, found[language]) for token, weight in wanted) / total)
        return max(shares, default=0.0)

    def _row(self, candidate: Candidate) -> list[float]:
        asked, passage, text = self._asked, candidate.passage, candidate.text
        own = self._of(passage, candidate.first)
        said = _union(own, self._terms(candidate.head)) if candidate.head else own
        above_it = self._above[passage.number]
        left = {
            language: frozenset().union(*(token for token, _ in tokens if _part(token, above_it[language]) < 1))
            for language, tokens in self._weights.items()
        }
        share = self.share(said)
        rest = self.share(said, left) if any(left.values()) else share
        beside = [
            self._of(passage, block) for block in (candidate.first - 1, candidate.last) if self._is(passage, block)
        ]
        around = self.share(_union(said, *beside)) - share if beside else 0.0
        near = _union(said, above_it, *beside)
        is_back = candidate.shape == "prose" and candidate.first > 0 and _REFERS.search(text) is not None
        carried = self.share(_union(said, self._of(passage, candidate.first - 1))) - share if is_back else 0.0
        has_count = self._has_count(candidate)
        label, named, whole, is_focus = self._fields(candidate)
        is_row = candidate.shape == "row"
        has_head = candidate.head.startswith("|")
        certain, kind = asked.kinds & kinds.CERTAIN, asked.kinds - kinds.CERTAIN - {"whether"}
        told = [self._tells(candidate, each) for each in certain]
        maybe = [kinds.tells(text, each, asked.known) for each in kind]
        if label == 1 and is_focus:  # what it is the label of may be told elsewhere
            rest = max(rest, named)
        names, numbers = self._lost[passage.document]
        lost_near = self._lost_near(candidate)
        marked = {*asked.names, *asked.numbers}
        is_one = candidate.shape == "item" or announces(text)
        no_sign_of = self._no_sign_of_one if is_one else self._no_sign_of
        here = f"{candidate.head}\n{text}".casefold()
        new = max((len(terms_here - asked.words[language]) for language, terms_here in own.items()), default=0)
        return [
            1 / (1 + self._rank[passage.number]),
            passage.dense or 0.0,
            share,
            self.share(own),
            rest,
            around,
            self._worst(near),
            self._focus(said),
            math.log1p(new),
            float(bool(told) and any(told)),
            float(bool(told) and not any(told)),
            float(bool(maybe) and any(maybe)),
            float(bool(maybe) and not any(maybe)),
            sum(token.casefold() in here for token in marked) / len(marked) if marked else 0.0,
            float(min(len(names), 3)),
            float(min(len(numbers), 3)),
            float(asked.denies and not self._denies(text)),
            math.log1p(len(text)),
            float(points_back(text)),
            no_sign_of,
            no_sign_of if candidate.shape in {"row", "label", "item"} else 0.0,
            carried,
            float(kinds.is_other_file(asked.text, passage.document)),
            self.share(self._found[passage.document]),
            float(has_count is True),
            float(has_count is False),
            label,
            named,
            min(label, named),
            whole,
            0.0,  # what stands out is known when all are
            float(is_row and has_head and not named and "several" not in asked.kinds),
            self._listed(candidate),
            float(is_row),
            float(candidate.shape == "code" and kinds.asks_for_code(asked.text)),
            float(candidate.shape == "code" and not kinds.asks_for_code(asked.text)),
            self._asked_of(candidate.heading),
            lost_near,
            self._lost_here(candidate, lost_near),
            float(self._opposed(text)),
            float(not asked.denies and denies(text)),
            sum(map(len, _LINK.findall(text))) / len(text),
            _odds(passage.probability),
        ]

    def _tells(self, candidate: Candidate, kind: str) -> bool:
        """Whether there is something of a certain kind; of an amount, a column may say what its numbers are."""
        is_told = kinds.tells(candidate.text, kind, self._asked.known)
        if kind == "money" and candidate.shape != "prose":
            return is_told or kinds.tells(candidate.text, "number", self._asked.known)
        return is_told

    def _listed(self, candidate: Candidate) -> float:
        is_one_of_many = "several" in self._asked.kinds and candidate.shape in {"row", "item"}
        return is_one_of_many * (1.0 if kinds.asks_for_a_list(self._asked.text) else 0.3)

    def _terms_of(self, pattern: re.Pattern[str]) -> frozenset[str]:
        """What of the question need not be said of an answer, in the words of each language."""
        found = pattern.search(self._asked.text)
        return frozenset(term for language in self._asked.words for term in terms(found[1] if found else "", language))

    def _asked_of(self, text: str) -> float:
        """How much of a text is in the question: the share of its words, in the language in which that is highest."""
        best = 0.0
        for language, every in self._asked.every.items():
            words = [(word, found) for word in text.split() if (found := frozenset(terms(word, language)))]
            if words:
                there = (self._is_asked(word) if _NUMBER.fullmatch(word) else _part(of, every) for word, of in words)
                best = max(best, math.fsum(there) / len(words))
        return best

    def _fields(self, candidate: Candidate) -> tuple[float, float, float, bool]:
        """How much of a label is asked for, how much of what it is the label of, and the share of what is wholly asked;
        and whether the label has the first word that is asked for.

        A label is of what is above it: how much of what else is asked for stands in what was found of its document?
        """
        best, whole, labelled = (0.0, 0.0), [], ""
        if self._asked.kinds & {"whether", "reason"}:  # which no label answers
            return 0.0, 0.0, 0.0, False
        for label, value, others in fields(candidate):
            if self._is_new(value) and (asked_of := self._asked_of(label)):
                whole += [each for each in (label, *others) if self._asked_of(each) == 1]
                of_what = max(map(self._asked_of, others), default=0.0)
                if candidate.shape != "row" or not others:
                    of_what = max(of_what, self._told_elsewhere(candidate, label))
                if asked_of + of_what > sum(best):
                    best, labelled = (asked_of, of_what), label
        share = self.share(self._terms(" ".join(whole))) if whole else 0.0
        if best[1] or candidate.shape != "row":
            return (*best, share, bool(labelled) and bool(self._focus(self._terms(labelled))))
        return best[0], max(map(self._asked_of, cells(candidate.text)), default=0.0), share, False

    def _told_elsewhere(self, candidate: Candidate, label: str) -> float:
        here, there = self._terms(label), self._found[candidate.passage.document]
        left = {
            language: frozenset().union(*(token for token, _ in tokens if not token & here[language]))
            for language, tokens in self._weights.items()
        }
        return self.share(there, left) if any(left.values()) else 1.0

    def _denies(self, text: str) -> bool:
        """Whether a text says that something is not so, be it by `un-` before a word of the question."""
        return denies(text) or any(
            any(word.startswith(known[:_STEM]) for known in self._asked.known if len(known) >= _STEM)
            for word in _UN.findall(text.casefold())
        )

    def _has_count(self, candidate: Candidate) -> bool | None:
        """Whether a number stands before what is counted; None where nothing is."""
        found = _HOW_MANY.search(self._asked.text)
        if found is None:
            return None
        language = next(iter(self._asked.words))
        counted = frozenset(terms(found[1], language))
        if not counted:
            return None
        if candidate.shape != "prose":  # the head of a table, or what is above a list, may say what is counted
            is_there = bool(counted & frozenset(terms(f"{candidate.head} {candidate.text}", language)))
            return is_there or (False if candidate.shape == "label" else None)
        near = (candidate.text[each.end() : each.end() + _REACH] for each in kinds.numbers(candidate.text))
        return any(counted & frozenset(terms(each, language)) for each in near)

    def _both(self, passage: Passage) -> tuple[Mapping[str, frozenset[str]], Mapping[str, frozenset[str]]]:
        return self._above[passage.number], self._within[passage.number]

    def _spelled(self, token: frozenset[str], shown: AbstractSet[str]) -> frozenset[str]:
        """A token as it is spelled in the passages, where nothing in the index is spelled as it is."""
        whole = max(token, key=lambda term: (len(term), term))
        if whole in shown or len(whole) < _STEM or not whole.isalpha():
            return token
        like = sorted(each for each in shown if is_misspelt(whole, each))
        return frozenset(like[:1]) if like and self._idf(whole) >= self._idf(_NOWHERE) else token

    def _lost_in_documents(self) -> Mapping[str, tuple[list[str], list[str]]]:
        """By document: the question's names and numbers that stand in none of its passages, nor above them."""
        lost: dict[str, tuple[list[str], list[str]]] = {}
        for each in self._passages:
            names, numbers = absent(self._asked, each)
            before = lost.get(each.document, (names, numbers))
            lost[each.document] = (
                [name for name in names if name in before[0]],
                [number for number in numbers if number in before[1]],
            )
        return lost

    def _is_asked(self, number: str) -> bool:
        """Whether a number stands in the question as itself: 10 is none of M10."""
        return stands_whole(number, self._asked.text)

    def _is_new(self, value: str) -> bool:
        return any(word.casefold() not in self._asked.known for word in _WORD.findall(value))

    def _lost_near(self, candidate: Candidate) -> float:
        passage = candidate.passage
        first, last = max(candidate.first - 1, 0), min(candidate.last + 1, len(passage.blocks))
        near = f"{between(passage, first, last)}\n{candidate.head}\n{candidate.heading}\n{passage.context}"
        near = f"{near}\n{above(passage)}".casefold()
        known = frozenset(_WORD.findall(near))
        return float(
            min(3, sum(not _stands(token, near, known) for token in (*self._asked.names, *self._asked.numbers)))
        )

    def _lost_here(self, candidate: Candidate, lost_near: float) -> float:
        if candidate.shape == "item" or (candidate.shape == "row" and all(cells(candidate.head)[1:])):
            return lost_near
        return 0.0 if candidate.shape == "prose" else float(sum(map(len, self._lost[candidate.passage.document])))

    def _opposed(self, text: str) -> bool:
        theirs = sides(text)
        opposite = {(pair, 1 - side) for pair, side in self._sides if pair < len(OPPOSED)} - self._sides
        return any(place in theirs and (place[0], 1 - place[1]) not in theirs for place in opposite)

    def _of(self, passage: Passage, block: int) -> Mapping[str, frozenset[str]]:
        key = passage.number, block
        if key not in self._blocks:
            self._blocks[key] = self._terms(passage.block_text(block))
        return self._blocks[key]

    @staticmethod
    def _is(passage: Passage, block: int) -> bool:
        return 0 <= block < len(passage.blocks)

    def _terms(self, text: str) -> Mapping[str, frozenset[str]]:
        return {language: frozenset(terms(text, language)) for language in self._asked.words}

    def _worst(self, near: Mapping[str, AbstractSet[str]], but: AbstractSet[str] = frozenset()) -> float:
        shares = []
        for language, tokens in self._weights.items():
            if tokens:
                most = max(weight for _, weight in tokens) or 1.0
                lost = [
                    weight / most
                    for token, weight in tokens
                    if token.isdisjoint(but) and _part(token, near[language]) < 1
                ]
                shares.append(max(lost, default=0.0))
        return min(shares, default=0.0)

    def _focus(self, said: Mapping[str, AbstractSet[str]]) -> float:
        firsts = [(language, order[0]) for language, order in self._asked.ordered.items() if order]
        return float(any(first & said[language] for language, first in firsts))


def above(passage: Passage) -> str:
    """What stands above a passage: its document's title, headings and name, and what such a file is called."""
    name = re.sub(r"[/_.-]+", " ", passage.document)
    called = kinds.CALLED.get(passage.document.rpartition(".")[2].casefold(), "")
    return " ".join((passage.title, *passage.headings, name, called))


def absent(asked: Asked, passage: Passage) -> tuple[list[str], list[str]]:
    """The question's names and numbers that stand nowhere in a passage, what is above it, or its name."""
    there = f"{passage.text}\n{passage.context}\n{above(passage)}\n{passage.document}".casefold()
    known = frozenset(_WORD.findall(there))

    names = [token for token in asked.names if not _stands(token, there, known)]
    return names, [token for token in asked.numbers if not _stands(token, there, known)]


def _standing_out(candidates: Sequence[Candidate], own: NDArray[np.float64]) -> NDArray[np.float64]:
    beside: dict[tuple[int, str, str], list[int]] = {}
    for index, each in enumerate(candidates):
        if each.shape in {"row", "item"}:
            beside.setdefault((each.passage.number, each.shape, each.head), []).append(index)
    found = np.zeros(len(candidates))
    for rows in beside.values():
        found[rows] = own[rows] - own[rows].mean()
    return np.maximum(found, 0)


def fields(candidate: Candidate) -> Iterator[tuple[str, str, Sequence[str]]]:
    """What is called what: labels with their values and, in a row, with the other cells."""
    if candidate.shape == "row":
        values, heads = cells(candidate.text), cells(candidate.head) if candidate.head.startswith("|") else []
        if len(heads) != len(values):
            heads = [""] * len(values)
        for at, value in enumerate(values):
            if heads[at]:
                yield heads[at], value, [*values[:at], *values[at + 1 :]]
            if at and values[at - 1] and not (heads[at] and heads[at - 1]):
                yield values[at - 1], value, []
    elif candidate.shape == "setting" and (setting := named(candidate.text)):
        key, value, comment = setting
        yield key, value, [f"{candidate.head}\n{comment}"]
    elif candidate.shape in {"label", "item"} and (found := _FIELD.match(candidate.text)):
        yield found[1], found[2], [candidate.head, candidate.heading]


def _odds(probability: float | None) -> float:
    likely = min(max(0.5 if probability is None else probability, 0.01), 0.99)
    return math.log(likely / (1 - likely))


def _stands(token: str, there: str, known: AbstractSet[str]) -> bool:
    """Whether a name, a sign or a number stands in a text in lower case, of which the words are known."""
    parts = _WORD.findall(token.casefold())
    if not parts:
        return token in there
    if any(part.isdecimal() for part in parts):
        return stands_whole(token.casefold(), there)
    return all(part in known or _is_like(part, known) for part in parts)


def _part(token: AbstractSet[str], found: AbstractSet[str]) -> float:
    """How much of a token is found: all where it stands as a whole, else the share of its parts."""
    whole = max(token, key=lambda term: (len(term), term))
    if len(token) == 1 or _NUMBER.fullmatch(whole):
        return float(whole in found)  # of a number there are no parts: 3.13 is no 3
    if not all(term[:3] in whole for term in token):  # words that are joined: `single-file`
        return len(token & found) / len(token)
    if whole in found:
        return 1.0
    return len((token - {whole}) & found) / (len(token) - 1)


def stands_whole(token: str, text: str) -> bool:
    """Whether a token stands in a text in capitals or not, and is no part of another: 3.17 is neither 3.1 nor a 3."""
    return re.search(rf"(?<![\w.]){re.escape(token)}(?![\w]|\.\d)", text, re.IGNORECASE) is not None


def _union(*found: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    return {language: frozenset().union(*(each[language] for each in found)) for language in found[0]}


def is_misspelt(word: str, other: str) -> bool:
    """Whether one letter is another, too many, missing, or has changed places with the next."""
    if abs(len(word) - len(other)) > 1 or word[0] != other[0] or not other.isalpha():
        return False
    same = next((at for at, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other)))
    mine, theirs = word[same:], other[same:]
    return mine[1:] in (theirs, theirs[1:]) or mine == theirs[1:] or (mine[1::-1] + mine[2:] == theirs)


def _is_like(word: str, known: AbstractSet[str]) -> bool:
    """Whether a word of another spelling stands there: `TypedDct` for `TypedDict`, a plural for a singular."""
    if len(word) < 4:
        return False
    near = (each for each in known if each[0] == word[0] and abs(len(each) - len(word)) <= 2)
    return any(
        sorted(word) == sorted(each) or difflib.SequenceMatcher(None, word, each).ratio() >= _ALIKE for each in near
    )

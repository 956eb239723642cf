"""What speaks for a stretch of text as the answer to a question, each in a measure that means the same everywhere?

The first features take no encoder; the last are its cosines. `benchmarks/quoting.py` learns what each is worth.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from agent.models.quoting import kinds
from agent.models.quoting.asked import Asked, denies
from agent.models.quoting.candidates import Candidate, points_back
from agent.state import Passage
from retrieval.lexical.analyze import terms

# Each with the sense that it must have: 1 speaks for an answer, -1 against, 0 either.
WITHOUT_ENCODER: Final[Mapping[str, int]] = {
    "passage_first": 1,  # 1 / (1 + the rank of its passage)
    "passage_cosine": 1,  # between question and passage, as the search found it
    "passage_coverage": 1,  # the share of the question's weight in idf that stands in passage, title, headings, name
    "said": 1,  # the share that stands in the words themselves and their head
    "own": 1,  # the share that stands in the words themselves
    "told_above": 1,  # the share that stands in title, headings and name of the document
    "rest": 1,  # the share, of what does not stand there, that stands in the words and their head
    "around": 1,  # the share that stands in the sentences before and behind, and not in the words
    "worst": -1,  # how rare the rarest word is that stands in none of all these, beside the rarest of the question
    "focus": 1,  # whether the first word that is asked for stands in the words or their head
    "pairs": 1,  # the share of neighbouring words of the question that are neighbours here
    "new": 1,  # whether the words say more than the question: log of the terms that it has not
    "certain_kind": 1,  # a date, a number, an address is asked for, and there is one that the question has not
    "no_certain_kind": -1,  # … and there is none
    "kind": 1,  # a person, a place, a reason, a way, several things are asked for, and there seems to be one
    "no_kind": -1,
    "names": 1,  # the share of the question's names and numbers that stand in the words or their head
    "lost_names": -1,  # how many of its names stand nowhere in the passage, its headings or its document's name
    "lost_numbers": -1,  # how many of its numbers do
    "denial": 1,  # the question denies something and so do the words
    "no_denial": -1,  # … and the words don't
    "length": 0,  # log of the number of letters
    "points_back": -1,  # it begins with a word that stands for something before it
    "best_said": 1,  # its `said` less the highest of all candidates
    "best_rest": 1,  # its `rest` less the highest
}
WITH_ENCODER: Final[Mapping[str, int]] = {
    **WITHOUT_ENCODER,
    "cosine": 1,  # between the question and the words with their title
    "best_cosine": 1,  # the same less the highest
}
Features = NDArray[np.float64]
"""`(candidates, features)`."""

_WORD: Final = re.compile(r"[^\W_]+")
_ALIKE: Final = 0.8  # of two spellings of one word; difflib's ratio


class Weighing:
    """The features of candidates for one question; `idf` says how rare a term is."""

    def __init__(self, asked: Asked, passages: Sequence[Passage], idf: Callable[[str], float]) -> None:
        self._asked, self._idf, self._passages = asked, idf, passages
        self._weights = {
            language: [(token, max(idf(term) for term in sorted(token))) for token in order]
            for language, order in asked.ordered.items()
        }
        self._above = {each.number: self._terms(above(each)) for each in passages}
        self._within = {each.number: self._terms(each.text) for each in passages}
        self._rank = {each.number: rank for rank, each in enumerate(passages)}
        self._blocks: dict[tuple[int, int], Mapping[str, frozenset[str]]] = {}

    def without_encoder(self, candidates: Sequence[Candidate]) -> Features:
        """The features of `WITHOUT_ENCODER`."""
        if not candidates:
            return np.zeros((0, len(WITHOUT_ENCODER)))
        rows = np.array([self._row(each) for each in candidates])
        said, rest = (list(WITHOUT_ENCODER).index(name) for name in ("said", "rest"))
        return np.column_stack([rows, rows[:, said] - rows[:, said].max(), rows[:, rest] - rows[:, rest].max()])

    def share(self, found: Mapping[str, AbstractSet[str]], of: Mapping[str, AbstractSet[str]] | None = None) -> float:
        """The share of the question's weight that is found, in the language in which that is highest."""
        shares = []
        for language, tokens in self._weights.items():
            wanted = [each for each in tokens if of is None or each[0] & of[language]]
            total = math.fsum(weight for _, weight in wanted)
            if total:
                shares.append(math.fsum(weight * _part(token, found[language]) for token, weight in wanted) / total)
        return max(shares, default=0.0)

    def missing(self, passage: Passage) -> tuple[list[str], list[str]]:
        """The question's names and numbers that stand nowhere in the passage, what is above it, or its name."""
        there = f"{passage.text}\n{passage.context}\n{above(passage)}\n{passage.document}".casefold()
        known = frozenset(_WORD.findall(there))

        def stands(token: str) -> bool:
            parts = _WORD.findall(token.casefold())
            if any(part.isdecimal() for part in parts):
                return stands_whole(token.casefold(), there)
            return all(part in known or _is_like(part, known) for part in parts)

        names = [token for token in self._asked.names if not stands(token)]
        return names, [token for token in self._asked.numbers if not stands(token)]

    def _row(self, candidate: Candidate) -> list[float]:
        asked, passage, text = self._asked, candidate.passage, candidate.text
        own = self._of(passage, candidate.first)
        said = _union(own, self._terms(candidate.head)) if candidate.head else own
        above_it, within = self._above[passage.number], self._within[passage.number]
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
        certain, kind = asked.kinds & kinds.CERTAIN, asked.kinds - kinds.CERTAIN - {"whether"}
        told = [kinds.tells(text, each, asked.known) for each in certain]
        maybe = [kinds.tells(text, each, asked.known) for each in kind]
        names, numbers = self.missing(passage)
        marked = {*asked.names, *asked.numbers}
        here = f"{candidate.head}\n{text}".casefold()
        new = max((len(terms_here - asked.words[language]) for language, terms_here in own.items()), default=0)
        return [
            1 / (1 + self._rank[passage.number]),
            passage.dense or 0.0,
            self.share(_union(above_it, within)),
            share,
            self.share(own),
            self.share(above_it),
            rest,
            around,
            self._worst(near),
            self._focus(said),
            self._pairs(text),
            math.log1p(new),
            float(bool(told) and any(told)),
            float(bool(told) and not any(told)),
            float(bool(maybe) and any(maybe)),
            float(bool(maybe) and not any(maybe)),
            sum(token.casefold() in here for token in marked) / len(marked) if marked else 0.0,
            float(min(len(names), 3)),
            float(min(len(numbers), 3)),
            float(asked.denies and denies(text)),
            float(asked.denies and not denies(text)),
            math.log1p(len(text)),
            float(points_back(text)),
        ]

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

    def _worst(self, near: Mapping[str, AbstractSet[str]]) -> float:
        shares = []
        for language, tokens in self._weights.items():
            if tokens:
                most = max(weight for _, weight in tokens) or 1.0
                lost = [weight / most for token, weight in tokens if _part(token, near[language]) < 1]
                shares.append(max(lost, default=0.0))
        return min(shares, default=0.0)

    def _focus(self, said: Mapping[str, AbstractSet[str]]) -> float:
        firsts = [(language, order[0]) for language, order in self._asked.ordered.items() if order]
        return float(any(first & said[language] for language, first in firsts))

    def _pairs(self, text: str) -> float:
        best = 0.0
        for language, order in self._asked.ordered.items():
            wanted = {(a, b) for first, second in pairwise(order) for a in first for b in second}
            if wanted:
                there = terms(text, language)
                best = max(best, len(wanted & set(pairwise(there))) / len(wanted))
        return min(best, 1.0)


def above(passage: Passage) -> str:
    """What stands above a passage: its document's title, headings and name."""
    return " ".join((passage.title, *passage.headings, re.sub(r"[/_.-]+", " ", passage.document)))


def _part(token: AbstractSet[str], found: AbstractSet[str]) -> float:
    """How much of a token is found: all where it stands as a whole, else the share of its parts."""
    whole = max(token, key=lambda term: (len(term), term))
    if whole in found or len(token) == 1:
        return float(whole in found)
    return len((token - {whole}) & found) / (len(token) - 1)


def stands_whole(token: str, text: str) -> bool:
    """Whether a token stands in a text in capitals or not, and is no part of another: 3.17 is neither 3.1 nor a 3."""
    return re.search(rf"(?<![\w.]){re.escape(token)}(?![\w]|\.\d)", text, re.IGNORECASE) is not None


def _union(*found: Mapping[str, frozenset[str]]) -> Mapping[str, frozenset[str]]:
    return {language: frozenset().union(*(each[language] for each in found)) for language in found[0]}


def _is_like(word: str, known: AbstractSet[str]) -> bool:
    """Whether a word of another spelling stands there: `TypedDct` for `TypedDict`, a plural for a singular."""
    if len(word) < 4:
        return False
    near = (each for each in known if each[0] == word[0] and abs(len(each) - len(word)) <= 2)
    return any(
        sorted(word) == sorted(each) or difflib.SequenceMatcher(None, word, each).ratio() >= _ALIKE for each in near
    )

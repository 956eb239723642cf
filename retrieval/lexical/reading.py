"""How does an index version read texts, and the questions that are put to it? By the analyzer that it records.

The words are those of `analyze`. Beside them stand terms of what a text says exactly: dates, amounts, names that are
stop words elsewhere, and that something is denied. They begin with `=`, as no word does, and do not make a text longer:
whoever asks for none of them finds what the words alone would find, in the same order.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import regex

from retrieval.lexical.amounts import amounts
from retrieval.lexical.analyze import WORDS, query_terms, terms
from retrieval.lexical.dates import Named, dates, orders_of, usual_orders
from retrieval.lexical.names import NOT, denials, names

# To be changed with anything that changes any term beside the words.
ANALYZER = f"{WORDS}; dates, amounts, names, denials; 3"

_UNSEEN = regex.compile(r"\p{Cf}+")
_OTHER_DIGIT = regex.compile(r"(?![0-9])\p{Nd}")
_SILENT = frozenset(("may", "who", "can"))  # beside the stop words, where there is English


@dataclass(frozen=True, slots=True)
class Read:
    """The terms of a passage: its words, and what stands beside them and does not count for its length."""

    words: Sequence[str]
    beside: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Analyzer:
    """What makes terms of texts, the same for documents and questions."""

    version: str
    exact: bool

    def orders(self, text: str, language: str) -> tuple[str, ...]:
        """The orders of day, month and year in which a document of this text writes `12/03/24`."""
        return orders_of(_plain(text), language) if self.exact else ()

    def passage(self, text: str, language: str = "", orders: Sequence[str] = ()) -> Read:
        """The terms of a passage, in a document of that language that writes its dates in these orders."""
        if not self.exact:
            return Read(terms(text, language))
        written = _plain(text)
        small = _small(written)
        words = terms(text, language, silent=_silent([language]))
        found: list[str] = []
        named = dates(small, [language], orders or usual_orders(language), capitals=written)
        for date in named:
            found += date.written()
            if date.year and str(date.year) not in small[date.start : date.end]:
                found.append(str(date.year))  # 24
        found += [*amounts(_without(small, named), [language]), *names(written), *[NOT] * denials(small, [language])]
        there = set(words)
        return Read(words, [term for term in found if term not in there])

    def question(self, text: str, languages: Iterable[str] = ("",)) -> list[str]:
        """The terms of a question to documents in these languages; a date that is all figures is no words too."""
        among = sorted(set(languages)) or [""]
        if not self.exact:
            return query_terms(text, among)
        written = _plain(text)
        small = _small(written)
        orders = dict.fromkeys(order for language in among for order in usual_orders(language))
        named = dates(small, [*among, ""], orders, capitals=written)
        found = [term for date in named for term in date.asked()]
        found += [*amounts(_without(small, named), among), *names(written)]
        found += [NOT] if denials(small, among) else []
        words = query_terms(_without(written, named), among, silent=_silent(among))
        return words + list((Counter(dict.fromkeys(found, 1)) - Counter(words)).elements())


CURRENT, OLDER = Analyzer(ANALYZER, exact=True), Analyzer(WORDS, exact=False)
_KNOWN = {analyzer.version: analyzer for analyzer in (CURRENT, OLDER)}


def analyzer_of(version: str) -> Analyzer | None:
    """The analyzer that a version records; None where this Citewell does not have it."""
    return _KNOWN.get(version)


def _silent(languages: Iterable[str]) -> frozenset[str]:
    return _SILENT if {"", "en"}.intersection(languages) else frozenset()


def _without(text: str, named: Iterable[Named]) -> str:
    """A text with the day and year alone of each date that is written in figures: of its month the term says more."""
    said: dict[tuple[int, int], list[int]] = {}
    for date in named:
        if date.figures:
            said.setdefault((date.start, date.end), []).extend(part for part in (date.day, date.year) if part)
    for (start, end), parts in sorted(said.items(), reverse=True):
        text = f"{text[:start]} {' '.join(map(str, dict.fromkeys(parts)))} {text[end:]}"
    return text


def _plain(text: str) -> str:
    """Letters and digits in their plain forms, with nothing among them that is not seen."""
    if text.isascii():
        return text
    text = _UNSEEN.sub("", unicodedata.normalize("NFKC", text).replace("’", "'"))
    return str(_OTHER_DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0], digit[0])), text))


def _small(text: str) -> str:
    """In small letters, as many as before."""
    small = text.lower()
    return small if len(small) == len(text) else "".join(one.lower() if len(one.lower()) == 1 else one for one in text)

"""What is a statement held against, and how does each of the two sides read?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

from agent.evidence.quantities.numerals import in_digits
from agent.evidence.quantities.quantity import Quantity
from agent.evidence.quantities.read import read
from agent.evidence.wording import Word, is_foreign, language_of, stand, stems, words

_RULE: Final = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*(?:\n|$)")
_TURNS: Final = re.compile(  # from one thing to the next, and say nothing of either
    r",? ?\b(?:on the (?:one|other) hand|by contrast|in contrast(?! (?:to|with))|in other words|by the way)\b,?",
    re.IGNORECASE,
)
_UNDERLINE: Final = re.compile(r"\s*([=\-~^\"'#*+`:.])\1{2,}\s*")


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote, and what stands around it.

    `about` is its title, its headings and the head of its table; `before` and `after` are the rest of its passage.
    """

    text: str
    about: tuple[str, ...] = ()
    before: str = ""
    after: str = ""

    @property
    def is_row(self) -> bool:
        """Whether it is a row of a table."""
        return self.text.lstrip().startswith("|")

    @property
    def says_something(self) -> bool:
        """Not where it is a heading, a table's head or a question alone."""
        text = self.text.strip()
        lines = text.splitlines() or [""]
        below = lines[1] if len(lines) > 1 else (self.after.lstrip(" \t").removeprefix("\n").splitlines() or [""])[0]
        titles = {part.strip("#* \t:").casefold() for part in self.about}
        if re.fullmatch(r"[\s|:=+\-]*", text) or text.strip("#* \t:").casefold() in titles:
            return False
        if len(lines) < 3 and (_RULE.match(below) if self.is_row else _UNDERLINE.fullmatch(below)):
            return False
        is_heading = len(lines) == 1 and re.match(r"#{1,6}\s", text)
        is_question = re.search(r"[?？]\W*$", text) and not re.search(r"[.!。][\"”’)]*\s", text)
        return not (is_heading or is_question)

    @property
    def head(self) -> str:
        """The head of the table that a row stands in."""
        rows = self.before.splitlines() if self.is_row else []
        rules = [place for place, row in enumerate(rows) if place and "|" in row and _RULE.match(row)]
        return rows[rules[-1] - 1] if rules else ""

    @property
    def told_before(self) -> str:
        """What was said before it; of a table no other row, whose numbers are not its own."""
        if not self.is_row:
            return self.before
        return "\n".join(line for line in self.before.splitlines() if not line.lstrip().startswith("|"))


class Compared:
    """One statement beside what it cites, each read once: as digits, as quantities and as words by their stems."""

    def __init__(self, statement: str, cited: Sequence[Cited], question: str) -> None:
        spoken = language_of(statement, fallback=language_of(f"{statement}\n{question}"), clearly=2)
        self.statement = in_digits(plain(statement), spoken)
        self.cited = cited
        self.question = question
        self.about = "\n".join(part for each in cited for part in (*each.about, each.head))
        self.before = "\n".join(each.told_before for each in cited)
        around = "\n".join(f"{each.before}\n{each.text}\n{each.after}" for each in cited)
        self.language = language_of(f"{around}\n{self.about}", fallback=spoken, clearly=2)
        self.is_foreign = is_foreign(self.statement, question, spoken, around, self.language)
        self.spoken = spoken if self.is_foreign else self.language
        self.there = "\n".join(in_digits(plain(each.text), self.language) for each in cited)
        self.found = _each_once(read(self.there, self.language))

    @cached_property
    def said(self) -> tuple[Quantity, ...]:
        """Every quantity of the statement, those that are read a second way too."""
        return read(self.statement, self.spoken)

    @cached_property
    def numbers(self) -> tuple[Quantity, ...]:
        """Those that must be found: not the parts of what is found as a whole (`every 2 weeks`, `3 of 10`)."""
        whole = [each for each in self.said if each.again and any(map(each.is_borne_by, self.found))]
        return tuple(each for each in self.said if not (each.again or any(self._is_part(each, one) for one in whole)))

    def _is_part(self, each: Quantity, whole: Quantity) -> bool:
        return whole.holds(each) and not (each.kind != "number" and any(map(each.is_borne_by, self.found)))

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """The words of the statement that say something."""
        return words(self.statement, self.spoken)

    @cached_property
    def stems(self) -> frozenset[str]:
        """What the words of the quotes are found by."""
        return stems(self.there, self.language)

    @cached_property
    def given(self) -> frozenset[str]:
        """The same of titles, headings, heads of tables, and of what was said before."""
        return stems(self.about, self.language) | stems(self.before, self.language)

    @cached_property
    def asked(self) -> frozenset[str]:
        """The same of the question."""
        return stems(self.question, self.spoken)

    def is_given(self, word: Word) -> bool:
        """Whether the word comes from anywhere."""
        return any(stand(word.stems, there, self.language) for there in (self.stems, self.given, self.asked))


def _each_once(quantities: Iterable[Quantity]) -> tuple[Quantity, ...]:
    """Those that differ in more than their place."""
    return tuple({replace(each, written="", place=0): each for each in quantities}.values())


def plain(text: str) -> str:
    """The text without links, emphasis and line breaks that break no line."""
    text = _TURNS.sub(" ", text)
    joined = re.sub(r"\n(?!\s*(?:[-*•|#]|\d+[.)]|\n))", " ", unicodedata.normalize("NFC", text))
    return re.sub(r"\[([^\]\n]*)\]\([^)\n]*\)", r"\1", joined).replace("*", "").replace("’", "'")

"""Does the cited text bear a statement out, as far as numbers, names and words can tell?

No model reads here. What is compared: numbers, amounts, dates and times, names and identifiers, the words by their
stems, whether both deny and go the same way, and whether a number stands with the words that it stands with in the
source. Titles, headings and a table's head may say what is spoken of, never what is said of it. What is said in another
language than the source's is held to its numbers and names alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from agent.contrary import clauses, contrary
from agent.quantities import Quantity, in_digits, is_unit, lone_units, read, years_of
from agent.wording import (
    Word,
    akin,
    is_foreign,
    language_of,
    named,
    names,
    of,
    silent,
    stems,
    words,
)
from retrieval.lexical.analyze import terms

_MOST_UNKNOWN: Final = 0.6  # of a statement's words: more of them from nowhere, and it speaks of something else
_LEAST_VERBATIM: Final = 12  # letters
_RULE: Final = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*(?:\n|$)")
_UNDERLINE: Final = re.compile(r"\s*([=\-~^\"'#*+`:.])\1{2,}\s*")
_MARKS: Final = re.compile(
    r"[\[(【]\s*(?:\d{1,3}(?:\.\d{1,3})?|unverified)(?:\s*[,;–-]\s*\d{1,3}(?:\.\d{1,3})?)*\s*[\])】]"
)
_ITEM: Final = re.compile(r"^\s*\d{1,3}[.)](?=\s)", re.MULTILINE)  # the number of an item says nothing
_POINTS_BACK: Final = frozenset(
    """he she it they him her them his its their this these those that such er sie es dies diese dieser dieses ihn ihm
    ihr il elle ils elles ce cette ces lui él ella ellos ellas este esta estos estas su sus""".split()  # noqa: SIM905
)


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


def bears_out(statement: str, cited: Sequence[Cited], question: str = "") -> str:
    """Why the cited text does not bear the statement out, in a word or two; empty where it does.

    No statement is borne out without a letter or digit, nor by headings, heads of tables or questions alone.
    """
    if not says_words(statement):
        return "no words"
    telling = [each for each in cited if each.says_something]
    if not telling:
        return "nothing is said there"
    if is_verbatim(statement, telling):
        return ""
    return _Comparison(_ITEM.sub(" ", _MARKS.sub(" ", statement)), telling, question).fault()


def says_words(text: str) -> bool:
    """Whether anything is said at all: marks like `[1]` say nothing, and bare punctuation neither."""
    return any(letter.isalnum() for letter in _MARKS.sub("", text))


def names_something_new(text: str, known: Iterable[str]) -> bool:
    """Whether it names a number, a date or a name that none of the known texts names."""
    together, language = "\n".join(known), language_of(text)
    given, there = read(together, language), named(together)
    if any(not any(each.is_borne_by(other) for other in given) for each in read(text, language)):
        return True
    return any(name not in there for name in names(text, language, together))


def is_verbatim(statement: str, cited: Iterable[Cited]) -> bool:
    """Whether it stands there as it is, but for white space and marks at its ends."""
    said = _squeezed(statement)
    for there in (_squeezed(each.text) for each in cited):
        is_long = len(said) >= 2 * _LEAST_VERBATIM
        begins = len(said) >= _LEAST_VERBATIM and there.startswith(said)
        if said and (said == there or begins or (is_long and f" {said} " in f" {there} ")):
            return True
    return False


def _squeezed(text: str) -> str:
    return " ".join(re.sub(r"[*_`#|>]+", " ", text).split()).strip(" .,;:!-–•\"'“”").casefold()


def _plain(text: str) -> str:
    """The text without links, emphasis and line breaks that break no line."""
    joined = re.sub(r"\n(?!\s*(?:[-*•|#]|\d+[.)]|\n))", " ", unicodedata.normalize("NFC", text))
    return re.sub(r"\[([^\]\n]*)\]\([^)\n]*\)", r"\1", joined).replace("*", "").replace("’", "'")


class _Comparison:
    """One statement beside what it cites."""

    def __init__(self, statement: str, cited: Sequence[Cited], question: str) -> None:
        self.statement = _plain(statement)
        self.cited = cited
        self.question = question
        self.there = "\n".join(_plain(each.text) for each in cited)
        self.about = "\n".join(part for each in cited for part in (*each.about, each.head))
        self.before = "\n".join(each.told_before for each in cited)
        around = "\n".join(f"{each.before}\n{each.text}\n{each.after}" for each in cited)
        self.language = language_of(around)
        spoken = language_of(f"{self.statement}\n{question}", fallback=self.language)
        self.is_foreign = is_foreign(self.statement, question, spoken, around, self.language)
        self.spoken = spoken if self.is_foreign else self.language
        self.words = words(self.statement, self.spoken)
        self.stems = stems(self.there, self.language)
        self.given = stems(self.about, self.language) | stems(self.before, self.language)
        self.asked = stems(question, self.spoken)
        self.said = read(self.statement, self.spoken)
        self.found = read(self.there, self.language)

    def fault(self) -> str:
        checks = [self.other_number, self.other_unit, self.other_name]
        if not self.is_foreign:
            checks += [self.nothing_shared, self.number_of_another, self.contrary, self.other_row, self.invented_clause]
        return next((fault for check in checks if (fault := check())), "")

    # Numbers

    def other_number(self) -> str:
        """A number, date or time that stands neither there nor, as what is spoken of, in the title or the question."""
        given = (*read(self.about, self.language), *read(self.question, self.spoken))
        years = years_of((*self.found, *given, *read(self.before, self.language)))
        for each in self.said:
            is_one = each.plain == {1.0} and not each.dimension
            is_any_day = each.counts == "every" and not any(other.kind == "weekday" for other in self.found)
            if is_one or is_any_day or any(each.is_borne_by(other, years) for other in self.found):
                continue
            if any(each.is_borne_by(other, years) for other in given) and not self._has_rival(each):
                continue
            if not _is_written(each, self.there):
                return f"number: {each.written.strip()}"
        return ""

    def _has_rival(self, quantity: Quantity) -> bool:
        """Whether the source has others of its kind, and the statement none of these."""
        rivals = [other for other in self.found if other.is_like(quantity)]
        return bool(rivals) and not any(mine.is_borne_by(other) for mine in self.said for other in rivals)

    def other_unit(self) -> str:
        """A unit where a row, its table's head or a rate (`40 chunks a second`) has another one of the same kind."""
        heads = "\n".join(each.head for each in self.cited)
        lone = lone_units(in_digits(f"{self.there}\n{heads}", self.language))

        def is_other(dimension: str, factor: float) -> bool:
            factors = {other for name, other in lone if name == dimension}
            return bool(dimension and factors) and factor not in factors

        for each in self.said:
            bearing = [other for other in self.found if each.is_borne_by(other)]
            is_bare = bearing and all(not other.dimension for other in bearing)
            if is_bare and is_other(each.dimension, each.factor):
                return f"unit: {each.written.strip()}"
        rates = lone_units(in_digits(self.statement, self.spoken))
        return next((f"unit: {dimension}" for dimension, factor in sorted(rates) if is_other(dimension, factor)), "")

    def number_of_another(self) -> str:
        """A number that stands beside a word beside which the source has others alone: `beta 2`, `five legions`."""
        theirs = list(_beside(self.found, self.there, self.language))
        for beside, each in _beside(self.said, self.statement, self.spoken):
            rivals = [other for word, other in theirs if word == beside]
            if rivals and not any(map(each.is_borne_by, rivals)):
                return f"of another: {each.written.strip()}"
        return ""

    # Names

    def other_name(self) -> str:
        """A name that stands neither there nor, as what is spoken of, in title, question or before a pronoun.

        One that the question alone has is not what is spoken of where the source names others, and these are left out.
        """
        points_back = not _POINTS_BACK.isdisjoint(re.findall(r"[^\W\d_]+", self.there.casefold())[:12])
        known = named(f"{self.there}\n{self.about}\n{self.before if points_back else ''}")
        asked, mine = named(self.question), named(f"{self.statement}\n{self.question}")
        said = names(self.statement, self.spoken, f"{self.there}\n{self.question}\n{self.about}")
        missing = [name for name in said if name not in known]
        may_have_rival = not (self.is_foreign or points_back)
        has_rival = may_have_rival and any(name not in mine for name in names(self.there, self.language))
        if not has_rival:
            missing = [name for name in missing if name not in asked]
        if self.is_foreign:  # names have other forms there: one that fits, or a number, will do
            fits = len(missing) < len(said) or any(each.kind != "weekday" for each in self.said)
            missing = [name for name in missing if not fits or "@" in name or any(map(str.isdigit, name))]
        return f"name: {missing[0]}" if missing else ""

    # Words

    def nothing_shared(self) -> str:
        """The statement has words, and shares too little with what it cites."""
        if not self.words:
            return ""
        shares_number = any(each.is_borne_by(other) for each in self.said for other in self.found)
        shares_name = any(name in named(self.there) for name in names(self.statement, self.spoken))
        if not (shares_number or shares_name or any(self._stands(word, self.stems) for word in self.words)):
            return "nothing shared"
        unknown = [word.written for word in self.words if not self._is_given(word)]
        is_strange = len(unknown) > max(2, _MOST_UNKNOWN * len(self.words))
        return f"unknown: {' '.join(unknown)}" if is_strange and not (shares_number or shares_name) else ""

    def _stands(self, word: Word, there: frozenset[str]) -> bool:
        if word.stems & there:
            return True
        return any(akin(mine, other, self.language) for mine in word.stems for other in there)

    def _is_given(self, word: Word) -> bool:
        return any(self._stands(word, there) for there in (self.stems, self.given, self.asked))

    def invented_clause(self) -> str:
        """A clause of which not one word comes from anywhere."""
        for clause in clauses(self.statement):
            said = words(clause, self.spoken)
            if len(said) >= 2 and not read(clause, self.spoken) and not any(map(self._is_given, said)):
                return f"invented: {clause.strip()}"
        return ""

    def other_row(self) -> str:
        """A row speaks of what its first cell names, not of what was asked for beside it."""
        if not all(each.is_row for each in self.cited):
            return ""
        heads = "\n".join(each.head for each in self.cited)
        labels = "\n".join(each.text.strip().strip("|").partition("|")[0] for each in self.cited)
        said, there = lone_units(self.statement), lone_units(f"{self.there}\n{heads}")
        strange = [word for word in self.words if not self._stands(word, self.stems | self.given)]
        told = of(self.words) | self.asked
        left = [
            word for word in words(labels, self.language) if not (is_unit(word.written) or self._stands(word, told))
        ]
        measured = {each.dimension for each in self.said}
        times = {unit for unit in lone_units(labels) - said if unit[0] not in measured}
        return f"row: {labels.strip()}" if (strange or said - there) and (left or times) else ""

    def contrary(self) -> str:
        """It denies what is affirmed, goes the other way, or says more."""
        return contrary(self.statement, self.spoken, self.there, self.language, self.question)


def _beside(numbers: Iterable[Quantity], text: str, language: str) -> Iterator[tuple[tuple[str, str], Quantity]]:
    """Numbers by the word right before them, and by the one right behind."""
    rest = in_digits(text, language)
    for each in numbers:
        label = re.search(r"([^\W\d_]{3,})[\s:`]{1,3}$", rest[max(0, each.place - 40) : each.place])
        for side, word in (("before", label[1] if label and each.kind == "number" else ""), ("behind", each.counts)):
            if word.casefold() not in silent(language):
                yield from (((side, stem), each) for stem in terms(word, language))


def _is_written(quantity: Quantity, text: str) -> bool:
    """What is read as a number may be a name: `PEP 8`, `M10`."""
    if quantity.kind != "number" or quantity.dimension:
        return False
    return re.search(rf"(?<![\w.,]){re.escape(quantity.written.strip())}(?![\w]|[.,]\d)", text) is not None

"""Does the cited text bear a statement out, as far as numbers, names and words can tell?

No model reads here. What is compared: numbers, amounts, dates and times, names and identifiers, the words by their
stems, whether both deny and go the same way, and whether a number stands with the words that it stands with in the
source. Titles, headings and a table's head may say what is spoken of, never what is said of it. What is said in another
language than the source's is held to its numbers and names alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from agent.contrary import bounds, claims_of_all, denies_otherwise, goes_the_other_way, sides, sides_of
from agent.quantities import Quantity, in_digits, is_unit, lone_units, read, years_of
from agent.wording import WORD, Word, akin, flat, is_foreign, language_of, named, names, of, silent, stems, words
from retrieval.analyze import terms

_MOST_UNKNOWN: Final = 0.5  # of a statement's words: more of them from nowhere, and it speaks of something else
_VERBATIM: Final = 0.5  # of a statement's words in the source's order: from here on it is the source's own sentence
_LEAST_VERBATIM: Final = 12  # letters
_RULE: Final = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*(?:\n|$)")
_UNDERLINE: Final = re.compile(r"\s*([=\-~^\"'#*+`:.])\1{2,}\s*")
_CLAUSE: Final = re.compile(
    r"[;:!?()|\n—–]|\.(?=\s|$)|,(?=\s)|\b(?:but|while|whereas|although|though|because|since|thanks to|due to|owing to"
    r"|and|or|aber|während|obwohl|weil|und|oder|sondern|mais|tandis que|parce que|et|ou|pero|mientras|porque|y|o)\b",
    re.IGNORECASE,
)
_MARKS: Final = re.compile(
    r"[\[(【]\s*(?:\d{1,3}(?:\.\d{1,3})?|unverified)(?:\s*[,;–-]\s*\d{1,3}(?:\.\d{1,3})?)*\s*[\])】]"
)
_ITEM: Final = re.compile(r"^\s*\d{1,3}[.)](?=\s)", re.MULTILINE)  # the number of an item says nothing
_POINTS_BACK: Final = frozenset(
    """he she it they him her them his its their this these those that such er sie es dies diese dieser dieses ihn ihm
    ihr il elle ils elles ce cette ces lui él ella ellos ellas este esta estos estas su sus""".split()  # noqa: SIM905
)
_BEFORE_A_VERB: Final = frozenset(
    """is are was were be been being am has have had having do does did can could may might must shall should will would
    to not never also he she it they we you i who which that and or wird werden wurde wurden ist sind war waren hat
    haben kann können muss müssen darf zu est sont a ont sera peut doit es son fue fueron ha han puede se""".split()  # noqa: SIM905
)
_NO_NOUN: Final = re.compile(r"(?:ed|ing|ly)$")
_TIMES: Final = re.compile(r"(?<![\d.,] )(?<![\d.,]-)\b(?:day|week|month|year|hour)\b")


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


@dataclass(frozen=True, slots=True)
class _Group:
    """A stretch of text with the numbers that stand there, and the words that they stand with."""

    text: str
    numbers: tuple[Quantity, ...]
    words: tuple[Word, ...]

    @property
    def stems(self) -> frozenset[str]:
        return of(self.words)


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
            checks += [self.nothing_shared, self.number_of_another, self.contrary, self.other_row]
            checks += [self.invented_clause, self.replaced_word]
        return next((fault for check in checks if (fault := check())), "")

    # Numbers

    def other_number(self) -> str:
        """A number, date or time that stands neither there nor, as what is spoken of, in the title or the question."""
        given = (*read(self.about, self.language), *read(self.question, self.spoken))
        years = years_of((*self.found, *given, *read(self.before, self.language)))
        for each in self.said:
            if any(each.is_borne_by(other, years) for other in self.found):
                continue
            if any(each.is_borne_by(other, years) for other in given) and not self._has_rival(each):
                continue
            if not _is_written(each, self.there):
                return f"number: {each.written.strip()}"
        return ""

    def _has_rival(self, quantity: Quantity) -> bool:
        """Whether the source has another one in its place, of which the statement says nothing."""
        return any(
            other.is_like(quantity)
            and not any(other.is_borne_by(mine) or mine.is_borne_by(other) for mine in self.said)
            for other in self.found
        )

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
        """A number must stand with the words that it stands with in the source, where there are several."""
        groups = _groups(self.there, self.language)
        for group in _groups(self.statement, self.spoken):
            for each in group.numbers:
                own = [place for place, other in enumerate(groups) if any(map(each.is_borne_by, other.numbers))]
                if len(own) == 1 and each.kind != "weekday" and self._is_elsewhere(each, group, groups, own[0]):
                    return f"of another: {each.written.strip()}"
        counted: dict[str, list[Quantity]] = defaultdict(list)
        for other in self.found:
            for stem in terms(other.counts, self.language):
                counted[stem].append(other)
        for each in self.said:
            for stem in terms(each.counts, self.spoken):
                if stem in counted and not any(each.is_borne_by(other) for other in counted[stem]):
                    return f"of another: {each.written.strip()} {each.counts}"
        return ""

    def _is_elsewhere(self, each: Quantity, group: _Group, groups: Sequence[_Group], place: int) -> bool:
        """Whether the words beside a number are those of another group than the one in which the source has it.

        Names and weekdays tell groups apart. A subject goes on from one group to the next; nothing goes back.
        """
        keys = [_keys(other.text, self.language) for other in groups]
        mine, theirs = _keys(group.text, self.spoken), keys[place]
        elsewhere = frozenset().union(*(those for other, those in enumerate(keys) if other != place))
        if mine and theirs and not mine & theirs and mine <= elsewhere:
            return True
        said, here = group.stems, groups[place].stems
        before, behind = groups[:place], groups[place + 1 :]
        earlier = frozenset().union(*(other.stems for other in before))
        later = frozenset().union(*(other.stems for other in behind)) - here - earlier - elsewhere
        if each.kind != "date" and said & later:
            return True
        only = here - earlier - frozenset().union(*(other.stems for other in behind))
        predicates = frozenset().union(*(of(other.words[1:]) for other in before)) - here
        return bool(only and not said & only and said & predicates)

    # Names

    def other_name(self) -> str:
        """A name that stands neither there nor, as what is spoken of, in title, question or before a pronoun."""
        points_back = not _POINTS_BACK.isdisjoint(re.findall(r"[^\W\d_]+", self.there.casefold())[:12])
        around = f"{self.about}\n{self.question}\n{self.before if points_back else ''}"
        said = names(self.statement, self.spoken, f"{self.there}\n{self.question}\n{self.about}")
        missing = [name for name in said if name not in named(self.there) and name not in named(around)]
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
        return f"unknown: {' '.join(unknown)}" if len(unknown) > max(1, _MOST_UNKNOWN * len(self.words)) else ""

    def _stands(self, word: Word, there: frozenset[str]) -> bool:
        if word.stems & there or sides_of(word.stems) & sides_of(there):
            return True
        return any(akin(mine, other, self.language) for mine in word.stems for other in there)

    def _is_given(self, word: Word) -> bool:
        return any(self._stands(word, there) for there in (self.stems, self.given, self.asked))

    def invented_clause(self) -> str:
        """A clause of which not one word comes from anywhere."""
        for clause in _clauses(self.statement):
            said = words(clause, self.spoken)
            if len(said) >= 2 and not read(clause, self.spoken) and not any(map(self._is_given, said)):
                return f"invented: {clause.strip()}"
        return ""

    def other_row(self) -> str:
        """A row speaks of what its first cell names, not of what was asked for beside it."""
        if not all(each.is_row for each in self.cited):
            return ""
        known = self.stems | self.given
        strange = [word.written for word in self.words if not self._stands(word, known)]
        strange = [word for word in strange if not _NO_NOUN.search(word.casefold())]
        strange += [word for word in _TIMES.findall(self.statement.casefold()) if word not in self.there.casefold()]
        labels = "\n".join(each.text.strip().strip("|").partition("|")[0] for each in self.cited)
        mine = of(self.words)
        left = [word for word in words(labels, self.language) if not is_unit(word.written) and not word.stems & mine]
        left_times = set(_TIMES.findall(labels.casefold())) - set(_TIMES.findall(self.statement.casefold()))
        is_of_another = left_times or any(not self._stands(word, self.asked) for word in left)
        return f"row: {strange[0]}" if strange and is_of_another else ""

    def replaced_word(self) -> str:
        """A noun in the place of another one, in a sentence that is the source's otherwise."""
        source, said = _in_order(self.there, self.language), _in_order(self.statement, self.spoken)
        matcher = SequenceMatcher(None, [each.key for each in said], [each.key for each in source], autojunk=False)
        if sum(block.size for block in matcher.get_matching_blocks()) < _VERBATIM * len(said):
            return ""
        mine, known = of(self.words), self.stems | self.given
        for tag, start, end, first, last in matcher.get_opcodes():
            if tag == "replace" and end - start < 3:
                left_out = any(each.word and not each.word.stems & mine for each in source[first:last])
                for each in said[start:end]:
                    if left_out and each.word and each.is_noun and not self._stands(each.word, known):
                        return f"replaced: {each.word.written}"
        return ""

    # The contrary

    def contrary(self) -> str:
        """It denies what is affirmed, goes the other way, turns a least into a most, or claims of all."""
        if clause := denies_otherwise(self.statement, self.spoken, self.there, self.language):
            return f"denial: {clause}"
        for clause in _clauses(self.statement, least=2):
            near = self._nearest(clause) if sides(clause) else ""
            if near and goes_the_other_way(clause, self.spoken, near, self.there, self.language):
                return f"opposite: {clause.strip()}"
        theirs = bounds(self.there, self.language)
        for quantity, bound in bounds(self.statement, self.spoken):
            if bound and {other for each, other in theirs if quantity.is_borne_by(each)} == {-bound}:
                return f"bound: {quantity.written.strip()}"
        claimed = claims_of_all(self.statement, self.spoken, self.there)
        return f"of all: {claimed}" if claimed else ""

    def _nearest(self, clause: str) -> str:
        """The clauses of the source that share most with one of the statement; all of it where none shares anything."""
        said, numbers = words(clause, self.spoken), read(clause, self.spoken)
        shares: dict[str, float] = {}
        for other in _clauses(self.there, least=2):
            there, found = stems(other, self.language), read(other, self.language)
            shared = sum(self._stands(word, there) for word in said)
            shares[other] = shared + 0.9 * sum(any(each.is_borne_by(one) for one in found) for each in numbers)
        best = max(shares.values(), default=0)
        return " ".join(other for other, share in shares.items() if share == best)


def _clauses(text: str, *, least: int = 0) -> list[str]:
    """Cut where one thing is said after another; what has fewer words than `least` stays with its neighbour."""
    parts: list[str] = []
    end = 0
    for match in _CLAUSE.finditer(text):
        parts.append(text[end : match.start()])
        end = match.start() if match[0].strip().isalpha() else match.end()
    parts.append(text[end:])
    merged: list[str] = []
    for part in parts:
        is_short = any(len(re.findall(r"[^\W\d_]{3,}", each)) < least for each in (part, *merged[-1:]))
        if merged and is_short:
            merged[-1] += f" {part}"
        else:
            merged.append(part)
    return [part for part in merged if part.strip()]


def _groups(text: str, language: str) -> list[_Group]:
    """Clauses with their numbers; one without any belongs to the next that has one, the last ones stand alone."""
    groups: list[_Group] = []
    waiting: list[str] = []
    for clause in _clauses(text):
        waiting.append(clause)
        if any(each.kind != "weekday" for each in read(clause, language)):
            groups.append(_group(" ".join(waiting), language))
            waiting = []
    return [*groups, _group(" ".join(waiting), language)] if waiting else groups


def _group(text: str, language: str) -> _Group:
    return _Group(text, read(text, language), words(text, language))


def _keys(text: str, language: str) -> frozenset[str]:
    """What tells one number's clause from another's: days of the week, and names."""
    days = (f"day {value:g}" for each in read(text, language) if each.kind == "weekday" for value in each.values)
    return frozenset((*days, *(flat(name) for name in names(text, language) if name.isalpha())))


@dataclass(frozen=True, slots=True)
class _Standing:
    """A word or number in its place, by what it is found; `is_noun` where it stands as nouns do."""

    key: str
    word: Word | None
    is_noun: bool


def _in_order(text: str, language: str) -> list[_Standing]:
    known = {word.place: word for word in words(text, language)}
    found: list[_Standing] = []
    for match in WORD.finditer(in_digits(text, language)):
        word = known.get(match.start())
        if word is not None:
            found.append(_Standing(min(word.stems), word, _is_noun(word, found, language)))
        elif match[0][0].isdigit():
            found.append(_Standing(match[0], None, False))
    return found


def _is_noun(word: Word, before: Sequence[_Standing], language: str) -> bool:
    if language == "de":
        return word.written[0].isupper()
    if word.behind in _BEFORE_A_VERB or _NO_NOUN.search(word.written.casefold()):
        return False
    if not before:
        return not word.behind or word.behind in silent(language)
    last = before[-1]
    if last.word is None or word.behind != last.word.written.casefold():
        return True
    return last.is_noun and len(before) > 1  # behind the first noun stands its verb


def _is_written(quantity: Quantity, text: str) -> bool:
    """What is read as a number may be a name: `PEP 8`, `M10`."""
    if quantity.kind != "number" or quantity.dimension:
        return False
    return re.search(rf"(?<![\w.,]){re.escape(quantity.written.strip())}(?![\w]|[.,]\d)", text) is not None

"""Does a value or a name stand with what the statement says it of, or with that of another one of its kind?

The cited text is cut into places: a clause of a sentence, a cell of a row with its row's and its column's head. Where a
statement has a value from one place and the words of another, whose own value it leaves out, it has put together what
its source holds apart: `the net weight is 412 kg` of `a gross weight of 412 kg and a net weight of 368 kg`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from agent.evidence.compared import Cited, Compared
from agent.evidence.contrary import GOES_ON, clauses
from agent.evidence.quantities.quantity import Quantity
from agent.evidence.quantities.read import read
from agent.evidence.wording import among, flat, names, of, stand, stems, words
from ingest.split.sentences import sentences
from retrieval.lexical.analyze import terms

_VERB: Final = re.compile(
    r"\b(?:is|are|was|were|has|have|had|will|must|may|can|should|ist|sind|war|waren|hat|haben|wird|werden|wurde|wurden"
    r"|est|sont|était|ont|sera|es|son|era|fue|tiene|beträgt|costs?|coûte|cuesta|kostet)\b"
)  # not `May`
_LEAST: Final = 4  # words of a place that a name stands in: it is named apart from what is said of it
_MOST_PLACES: Final = 200
_MOST: Final = 2 / 3  # of the words beside a name: so many are said of another one
_FEW: Final = 0.5  # and no more of it
_TOKEN: Final = re.compile(r"[^\W_]+(?:[-'’.@/][^\W_]+)*")


@dataclass(frozen=True, slots=True)
class Place:
    """A clause or a cell: the values and names that stand there, and the words beside them.

    `head` are those words that a cell has from its column, `given` the numbers of that head; a clause that goes on with
    what the one before it spoke of has that one's words as `inherited`, and its names as `carried`.
    """

    values: tuple[Quantity, ...]
    names: frozenset[str]
    words: frozenset[str]
    inherited: frozenset[str] = frozenset()
    carried: frozenset[str] = frozenset()
    head: frozenset[str] = frozenset()
    given: tuple[Quantity, ...] = ()

    def has(self, value: Quantity) -> bool:
        """Whether this value stands there."""
        return any(map(value.is_borne_by, self.values))

    def lacks_some_of(self, other: Place, language: str) -> bool:
        """Whether the other one has a word, or a number in the head of its column, that this has not."""
        is_word = any(not among(each, self.words, language) for each in other.words)
        return is_word or any(not any(map(each.is_borne_by, self.given)) for each in other.given)

    def only(self, other: Place, language: str) -> frozenset[str]:
        """Its words that the other has not."""
        theirs = other.words | other.inherited
        return frozenset(each for each in self.words if not among(each, theirs, language))


def exchanged(pair: Compared) -> str:
    """The value or the name that is said of what another one is said of."""
    both = f"{pair.there}\n{pair.statement}"
    named = (*names(pair.there, pair.language, both), *names(pair.statement, pair.spoken, both))
    called = frozenset(flat(name) for name in named if not _is_a_word(name, both))
    narrow = [place for each in pair.cited for place in _places(each, called, pair.language, least=1)]
    if len(narrow) > _MOST_PLACES:  # each is held against each: no answer cites so much for one statement
        return ""
    wide = [place for each in pair.cited for place in _places(each, called, pair.language, least=_LEAST)]
    if counted := _counted(pair):
        return f"exchanged: {counted}"
    for part in clauses(pair.statement, least=1):
        mine = _place(part, pair.spoken, called)
        for value in mine.values:
            if _is_of_another(value, mine, narrow, pair.language):
                return f"exchanged: {value.written.strip()}"
        for name in sorted(mine.names):
            if _is_called_another(name, mine, wide, pair.language):
                return f"exchanged: {name}"
    return ""


def _is_a_word(name: str, text: str) -> bool:
    """Whether it has its capital from where it stands, and elsewhere none."""
    return name.istitle() and re.search(rf"(?<!\w){re.escape(name.lower())}(?!\w)", text) is not None


def _counted(pair: Compared) -> str:
    """A number that counts what the source has another number of, where it counts other things."""

    def counts(one: Quantity, other: Quantity) -> bool:
        return stand(terms(one.counts, pair.language), frozenset(terms(other.counts, pair.language)), pair.language)

    for mine in pair.numbers:
        there = [each for each in pair.found if each.counts]
        same, likes = [each for each in there if mine.is_borne_by(each)], [each for each in there if counts(mine, each)]
        if mine.counts and same and likes and not any(map(mine.is_borne_by, likes)):
            return mine.written.strip()
    return ""


def _is_of_another(value: Quantity, mine: Place, there: Sequence[Place], language: str) -> bool:
    """Whether the words beside a value are of the place of a like one alone, and none of its own place alone."""
    homes = [place for place in there if place.has(value)]
    others = [place for place in there if any(map(place.has, mine.values))]  # with those that stand beside it
    likes = [each for home in homes for each in home.values if value.is_borne_by(each)]
    rivals = [
        place
        for place in there
        if place not in others and any(one.is_like(other) for one in likes for other in place.values)
    ]
    return bool(homes) and any(
        all(_shares(mine, rival, other, language) for other in others)
        and not any(_shares(mine, home, rival, language) for home in homes)
        and all(rival.lacks_some_of(home, language) for home in homes)
        for rival in rivals
    )


def _shares(mine: Place, one: Place, other: Place, language: str) -> bool:
    """Whether it has what the one place has and the other has not: a word, but all of those of a column's head."""
    only = one.only(other, language)
    shared = frozenset(each for each in only if among(each, mine.words, language))
    if shared and not (shared <= one.head and only & one.head != shared):
        return True
    return any(
        any(map(value.is_borne_by, one.given)) and not any(map(value.is_borne_by, other.given))
        for value in (*mine.values, *mine.given)
    )


def _is_called_another(name: str, mine: Place, there: Sequence[Place], language: str) -> bool:
    """Whether most words beside a name are of the place of another one, and few of any of its own."""
    homes = [place for place in there if name in place.names]
    rivals = [place for place in there if place.names and mine.names.isdisjoint(place.names | place.carried)]
    said = frozenset(
        each
        for each in mine.words
        if not any(flat(each) in one for one in mine.names)
        and any(among(each, place.words, language) for place in there)
    )

    def covered(place: Place) -> float:
        return sum(among(each, place.words | place.inherited, language) for each in said) / len(said)

    if not homes or len(said) < 2:
        return False
    return max(map(covered, rivals), default=0) >= _MOST and max(map(covered, homes)) <= _FEW


def _place(text: str, language: str, called: frozenset[str], before: Place | None = None) -> Place:
    there = frozenset(flat(token) for token in _TOKEN.findall(text))
    return Place(
        _values(text, language),
        called & there,
        stems(text, language),
        inherited=before.inherited if before else frozenset(),
        carried=before.carried if before else frozenset(),
    )


def _places(cited: Cited, called: frozenset[str], language: str, *, least: int) -> Iterator[Place]:
    """The cells of a row, or the clauses of a text."""
    if cited.is_row:
        for row in cited.text.splitlines():
            yield from _cells(row, _split(cited.head), language)
        return
    halves = [half for start, end in sentences(cited.text) for half in cited.text[start:end].split(";")]
    for half in halves:
        before: Place | None = None
        for part in clauses(half, least=least):
            goes_on = GOES_ON.match(part) or not _VERB.search(part)
            place = _place(part, language, called, before if goes_on else None)
            yield place
            before = replace(
                place,
                inherited=place.inherited | (place.words - _beside(part, place.values, language)),
                carried=place.carried | place.names,
            )


def _beside(text: str, values: Sequence[Quantity], language: str) -> frozenset[str]:
    """The words next to the first value of a clause, which are said of that alone."""
    said = words(text, language) if values else ()
    before = [word for word in said if word.place < values[0].place]
    behind = [word for word in said if word.place > values[0].place]
    return of((*before[-1:], *behind[:1]))


def _cells(row: str, heads: Sequence[str], language: str) -> Iterator[Place]:
    cells = _split(row)
    values = [_values(cell, language) for cell in cells]
    label = stems(" ".join(cell for cell, those in zip(cells, values, strict=True) if not those), language)
    for cell, those, head in zip(cells, values, (*heads, *("" for _ in cells)), strict=False):
        if those:
            above = stems(head, language)
            yield Place(
                those, frozenset(), label | above | stems(cell, language), head=above, given=_values(head, language)
            )


def _values(text: str, language: str) -> tuple[Quantity, ...]:
    return tuple(each for each in read(text, language) if not each.again)


def _split(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip().strip("|").split("|")]

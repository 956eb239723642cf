"""Do two documents say different things of what is asked? The same row, label or sentence with another value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from agent.evidence.ages import Day, day_of, undated, written
from agent.evidence.quantities.read import read
from agent.evidence.wording import language_of
from agent.models.quoting.asked import Asked
from agent.models.quoting.candidates import Candidate, cells
from agent.models.quoting.features import absent, stands_whole
from agent.models.quoting.shelf import Shelf
from agent.plain import in_a_line
from agent.state import Passage
from retrieval.lexical.analyze import terms

_TOKEN: Final = re.compile(r"\w+(?:[.,:/@+-]+\w+)*|[^\w\s]")
_LABEL: Final = re.compile(r"\s*(?:[-*+•]\s+)?([^:|\n]{1,50}):\s+(\S.*)", re.DOTALL)
_SAME: Final = 0.6  # of two sentences' words
_PLACES: Final = 2  # at which they may differ
_LONGEST: Final = 5  # words of a value
_LESS: Final = 0.05  # how much less of the question the other passage may speak of
_FEW: Final = 2  # documents that may be of one thing and disagree


@dataclass(frozen=True, slots=True)
class Dated:
    """A candidate of a document and the date of that, as numbers (0 where they are not known) and as it is told."""

    candidate: Candidate
    day: Day = (0, 0, 0)

    @property
    def told(self) -> str:
        """The document and its date."""
        return f"{in_a_line(self.candidate.passage.document)}, {written(self.day) or 'without a date'}:"


def differing(asked: Asked, best: Candidate, every: Sequence[Candidate], shelf: Shelf) -> list[Dated]:
    """The best and what says otherwise in other documents, the newest first; nothing where none does."""
    if best.passage.kind != "document" or best.shape == "code":
        return []
    lost = absent(asked, best.passage)
    others: dict[str, Candidate] = {}
    for each in every:
        passage = each.passage
        if (
            passage.kind == "document"
            and passage.document != best.passage.document
            and passage.document not in others
            and says_otherwise(asked, best, each)
            and all(set(theirs) <= set(mine) for theirs, mine in zip(absent(asked, passage), lost, strict=True))
            and _told(asked, passage) >= _told(asked, best.passage) - _LESS
            and not _both_in_both(best, each, shelf)
        ):
            others[passage.document] = each
    if not others:
        return []
    dated = [Dated(each, _day(each, shelf)) for each in (best, *others.values())]
    dated.sort(key=lambda each: each.day, reverse=True)
    return [
        each
        for place, each in enumerate(dated)
        if not place or all(says_otherwise(asked, each.candidate, other.candidate) for other in dated[:place])
    ]


def is_of_one_thing(differ: Sequence[Dated]) -> bool:
    """Whether two documents are called the same but for dates and numbers, so that they can disagree.

    Of many, each has its own.
    """
    names = {undated(each.candidate.passage.title) for each in differ}
    return len(differ) <= _FEW and len(names) == 1


def says_otherwise(asked: Asked, one: Candidate, other: Candidate) -> bool:
    """Whether two texts of one shape differ in values alone, of which the question names none."""
    if one.shape != other.shape:
        return False
    if one.shape == "row":
        return _other_row(asked, one, other)
    mine, theirs = _LABEL.match(one.text), _LABEL.match(other.text)
    if one.shape == "label" and mine and theirs:
        same = mine[1].casefold().split() == theirs[1].casefold().split()
        return same and _differ(asked, mine[2], theirs[2])
    places = list(_places(one.text, other.text))
    return 0 < len(places) <= _PLACES and all(_differ(asked, *place, needs_value=True) for place in places)


def _other_row(asked: Asked, one: Candidate, other: Candidate) -> bool:
    heads = [cells(each.head) for each in (one, other)]
    rows = [cells(each.text) for each in (one, other)]
    if heads[0] != heads[1] or len(rows[0]) != len(rows[1]) or len(rows[0]) != len(heads[0]):
        return False
    if rows[0][0].casefold() != rows[1][0].casefold():
        return False
    wanted = frozenset().union(*asked.words.values())
    columns = [
        place
        for place, head in enumerate(heads[0])
        if place and any(wanted & set(terms(head, language)) for language in asked.words)
    ]
    return any(_differ(asked, rows[0][place], rows[1][place]) for place in columns)


def _places(one: str, other: str) -> Iterator[tuple[str, str]]:
    """The stretches in which two sentences of one shape differ; none where they are not of one shape."""
    mine, theirs = _TOKEN.findall(one), _TOKEN.findall(other)
    matcher = SequenceMatcher(None, [each.casefold() for each in mine], [each.casefold() for each in theirs], False)
    if matcher.ratio() < _SAME:
        return
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind != "equal":
            yield " ".join(mine[a:b]), " ".join(theirs[c:d])


def _differ(asked: Asked, one: str, other: str, *, needs_value: bool = False) -> bool:
    """Whether two values are not the same, however they are written, and neither is in the question."""
    if not one or not other or one.casefold().split() == other.casefold().split():
        return False
    if any(word.casefold() in asked.known for each in (one, other) for word in re.findall(r"[^\W_]+", each)):
        return False
    language = language_of(f"{one} {other}")
    mine, theirs = read(one, language), read(other, language)
    if mine and theirs and all(any(each.is_borne_by(their) for their in theirs) for each in mine):
        return False
    if not needs_value:
        return True
    is_short = all(len(each.split()) <= _LONGEST for each in (one, other))
    is_named = all(word[0].isupper() for each in (one, other) for word in each.split())
    return is_short and (bool(mine and theirs) or is_named)


def _told(asked: Asked, passage: Passage) -> float:
    """How much of the question stands in a passage and above it."""
    there = " ".join((passage.title, *passage.headings, passage.document, passage.text))
    shares = [len(words & set(terms(there, language))) / len(words) for language, words in asked.words.items() if words]
    return max(shares, default=0.0)


def _both_in_both(one: Candidate, other: Candidate, shelf: Shelf) -> bool:
    """Whether each document says what the other says too, as one that tells of both does."""
    squeezed = [" ".join(shelf.whole(each.passage).split()) for each in (one, other)]
    texts = [" ".join(each.text.split()) for each in (one, other)]
    if texts[0] in squeezed[1] and texts[1] in squeezed[0]:
        return True
    values = [place for place in _places(*texts) if all(place)]
    return bool(values) and all(
        stands_whole(mine, squeezed[1]) and stands_whole(theirs, squeezed[0]) for mine, theirs in values
    )


def _day(candidate: Candidate, shelf: Shelf) -> Day:
    above = " ".join(shelf.headings(candidate.passage, candidate.first))
    return day_of(shelf.document(candidate.passage), above)

"""Which stored sentences does a statement rest on, where a mark names a passage or a sentence?

Looked up strictly: a `Quote` is a whole stored sentence, and a mark that leads to none gives a quote that nothing bears
out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence

from agent.evidence.wording import is_foreign, language_of
from agent.models.numbered.named import QUOTED, Named, unquoted
from agent.state import Passage, Quote
from retrieval.lexical.analyze import terms

_APOSTROPHES = {"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-"}
_TELLING = 4  # words: so many do not stand somewhere by chance
_MORE = 3  # that a further sentence must share which those before it do not: words, a number counting as two
_MOST = 3  # sentences that one statement is traced to, where its model named a passage alone


def rests_on(statement: str, named: Sequence[Named], shown: dict[int, Passage]) -> tuple[Quote, ...]:
    """What a statement rests on; a quote that names no sentence stands for a mark that led to none."""
    quotes: list[Quote] = []
    aside: list[Quote] = []
    own = list(_own_words(statement))
    for each in named:
        passage = shown.get(each.passage)
        words = each.words or next((said for said in own if len(said.split()) >= _TELLING), "")
        if words:
            found = standing(words, passage, each.sentence, shown)
            (quotes if found else aside).append(found or _nothing(each, words))
        elif passage is None:
            aside.append(_nothing(each))
        elif each.sentence is not None and each.sentence < len(passage.blocks):
            found_near = _near(statement, passage, each.sentence)
            quotes += found_near
            aside += () if found_near else (_nothing(each),)
        elif found_in := borne_out(statement, all_of([passage])):
            quotes += found_in
        else:
            aside.append(_nothing(each))
    several = [each for each in quotes if _shares(statement, each.text) and not each.text.startswith("#")]
    return tuple(dict.fromkeys(several or quotes or aside))


def said_to_stand(statement: str, shown: dict[int, Passage]) -> tuple[Quote, ...]:
    """The sentences whose words a statement repeats in quotation marks, where it names no number."""
    found = [standing(words, None, None, shown) for words in _own_words(statement) if len(words.split()) >= _TELLING]
    return tuple(dict.fromkeys(quote for quote in found if quote is not None))


def speaks_too(statement: str, named: Sequence[Named], shown: Mapping[int, Passage]) -> tuple[Quote, ...]:
    """What bears out a statement beside the one that a mark stands with: of what is named, and nothing near it."""
    places = [
        (shown[each.passage], block)
        for each in named
        if each.passage in shown
        for block in range(len(shown[each.passage].blocks))
        if each.sentence in {None, block}
    ]
    return borne_out(statement, places)


def all_of(passages: Iterable[Passage]) -> list[tuple[Passage, int]]:
    """Every sentence of these passages."""
    return [(passage, block) for passage in passages for block in range(len(passage.blocks))]


def borne_out(statement: str, places: Iterable[tuple[Passage, int]], *, least: int = 1) -> tuple[Quote, ...]:
    """Those of some sentences that share most with a statement; none where none shares enough."""
    wanted = _content(statement)
    if not wanted:
        return ()
    candidates = [
        (passage, block, wanted & _content(passage.block_text(block)))
        for passage, block in dict.fromkeys(places)
        if not _is_heading(passage, block)
    ]
    found: list[Quote] = []
    covered: frozenset[str] = frozenset()
    while candidates and len(found) < _MOST:
        passage, block, shared = max(candidates, key=lambda each: _weight(each[2] - covered))
        if _weight(shared - covered) < (_MORE if found else max(least, _least(wanted))):
            break
        found.append(_quote(passage, block))
        covered |= shared
        candidates.remove((passage, block, shared))
    return tuple(found)


def standing(words: str, passage: Passage | None, sentence: int | None, shown: dict[int, Passage]) -> Quote | None:
    """Where words stand letter by letter: in the sentence that is named, its passage, or, if they tell, another."""
    parts = [part for part in map(_letters, re.split(r"…|\.\.\.|\[\.\.\.\]", words)) if part]
    if not parts:
        return None
    telling = len(words.split()) >= _TELLING
    if passage is not None:
        if sentence is not None and sentence < len(passage.blocks) and _holds(passage.block_text(sentence), parts):
            return _quote(passage, sentence)
        if (telling or sentence is None) and (found := _block_with(passage, parts)):
            return found
    if not telling:
        return None
    others = (found for each in shown.values() if each is not passage and (found := _block_with(each, parts)))
    return next(others, None)


def _near(statement: str, passage: Passage, block: int) -> tuple[Quote, ...]:
    """The sentence that is named, unless another says it far better; none where it has no word of the statement.

    Words of another language are another's to judge.
    """
    said = passage.block_text(block)
    named = 0 if _is_heading(passage, block) else _weight(_content(statement) & _content(said))
    if better := borne_out(statement, all_of([passage]), least=2 * named + 2):
        return better
    if named or (not _is_heading(passage, block) and _is_foreign(statement, passage.text)):
        return (_quote(passage, block),)
    return ()


def _is_foreign(statement: str, text: str) -> bool:
    return is_foreign(statement, "", language_of(statement), text, language_of(text))


def _is_heading(passage: Passage, block: int) -> bool:
    return passage.block_text(block).lstrip().startswith("#")


def _quote(passage: Passage, first: int, last: int | None = None) -> Quote:
    last = first + 1 if last is None else last
    start, end = passage.blocks[first][0], passage.blocks[last - 1][1]
    return Quote(passage.number, first, last, passage.text[start - passage.start : end - passage.start])


def _nothing(named: Named, words: str = "") -> Quote:
    return Quote(max(named.passage, 0), 0, 0, words)


def _own_words(statement: str) -> Iterator[str]:
    for quoted in re.finditer(QUOTED, statement):
        yield unquoted(quoted.group())


def _block_with(passage: Passage, parts: Sequence[str]) -> Quote | None:
    for wide in (1, 2):  # words may run over the end of a sentence
        for first in range(len(passage.blocks) - wide + 1):
            quote = _quote(passage, first, first + wide)
            if _holds(quote.text, parts):
                return quote
    return None


def _holds(text: str, parts: Sequence[str]) -> bool:
    there, at = _letters(text), 0
    for part in parts:
        at = there.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def _letters(text: str) -> str:
    """A text as it is compared: without white space and case, quotation marks and dashes in one form each."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(_APOSTROPHES.get(sign, sign) for sign in plain)
    return re.sub(r"[\s*_`]+", "", plain).casefold().strip("\"'.,;:!?()")


def _least(wanted: frozenset[str]) -> int:
    """How much must be shared: two words or one number, or a third of what is said in few words."""
    return 1 if len(wanted) <= 3 else 2


def _weight(shared: frozenset[str]) -> int:
    return sum(2 if term[0].isdigit() else 1 for term in shared)


def _shares(statement: str, text: str) -> bool:
    return _weight(_content(statement) & _content(text)) > 0


def _content(text: str) -> frozenset[str]:
    return frozenset(terms(text))

"""Does a statement put together what its source says of two different things, or something in another's place?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import combinations
from typing import Final

from agent.evidence.compared import Cited, Compared, plain
from agent.evidence.contrary import clauses, denies, sides
from agent.evidence.numerals import in_digits
from agent.evidence.quantities import Quantity, is_unit, lone_units, read
from agent.evidence.wording import WORD, among, names, silent, stand, stems, words
from ingest.split.sentences import sentences
from retrieval.lexical.analyze import terms
from retrieval.lexical.stop_words import stop_words

_CELL: Final = re.compile(r"\s*\|\s*")
_LISTED: Final = re.compile(r"^\s*\||^\s*[-*•]?[^.:|]{2,40}:[^.:]{1,40}$")
_FIRST: Final = re.compile(r"\W*([A-ZÄÖÜÉ][^\W\d_]+)")
_TOKEN: Final = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[.;,:]")
_ARTICLE: Final = re.compile(r"^(?:la|les|le|el|los|las|der|die|das|den|dem|des)$")  # another noun may have another
_THAN: Final = re.compile(r"\b(?:than|als|que)\b")
# What turns a sentence round, so that the order of its names tells nothing.
_VOICE: Final = frozenset(
    """by von vom durch par por whom that which who den dem que qui was were is are be been wird werden wurde wurden est
    sont été fue fueron es son sido""".split()  # noqa: SIM905
)
# What stands before a noun.
_OPENS: Final = frozenset(
    """the a an this that each every le la les un une des du au aux el los las al del una der die das den dem des ein
    eine einen einem einer beim im zum zur vom jede jeder of by with from to in on at for without as de par pour avec
    sans von mit für durch bei con por para sin en""".split()  # noqa: SIM905
)
# Nouns that stand for what was named before.
_GENERAL: Final = frozenset(
    """firm company business organisation organization institution person people man woman author city town country
    place book article paper study document text program programme software tool device group team firma unternehmen
    autor stadt land ort buch dokument programm entreprise société personne auteur ville pays livre empresa persona
    ciudad país libro documento programa""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A clause, a cell under its head, or a line of a list: what it speaks of, and its numbers and names."""

    text: str
    stems: frozenset[str]
    numbers: tuple[Quantity, ...]
    names: frozenset[str]
    is_cited: bool = True
    is_row: bool = False


@lru_cache(maxsize=1024)
def _part(text: str, language: str, *, is_cited: bool = True, elsewhere: str = "", is_row: bool = False) -> _Part:
    found = {name.casefold() for name in names(text, language, elsewhere) if name.isalpha() and not name.isupper()}
    if first := _FIRST.match(text):
        found |= {first[1].casefold()} - silent(language)
    numbers = tuple(each for each in read(text, language) if not (each.again or _is_subject(each)))
    return _Part(text, _subjects(text, language), numbers, frozenset(found), is_cited, is_row)


def _subjects(text: str, language: str) -> frozenset[str]:
    """What it speaks of: its words, weekdays and months, and on which side of an opposition it stands."""
    found = set(stems(text, language)) | {f"side {pair} {side}" for pair, side in sides(text)}
    found |= {f"unit {dimension} {factor}" for dimension, factor in lone_units(text)}
    for each in filter(_is_subject, read(text, language)):
        found |= {f"weekday {value:.0f}" for value in each.values} | {f"month {day[1]}" for day in each.days}
    return frozenset(found)


def _is_subject(quantity: Quantity) -> bool:
    is_month = bool(quantity.days) and all(day[0] is day[2] is None for day in quantity.days)
    return quantity.kind == "weekday" or is_month


def _parts(pair: Compared) -> list[_Part]:
    """Those of what is cited, and the lines of the lists around it."""
    found: list[_Part] = []
    for cited in pair.cited:
        text = in_digits(plain(cited.text), pair.language)
        if cited.is_row:
            found += [_part(cell, pair.language, is_row=True) for cell in _cells(text, cited.head)[1:]]
            continue
        own: list[_Part] = []
        for line in text.splitlines():
            for piece in [line] if _LISTED.match(line) else clauses(line.replace(": ", " ")):
                part = _part(piece, pair.language, elsewhere=text)
                if own and not part.numbers and len(part.stems) < 2:
                    part = _part(f"{own.pop().text} {piece}", pair.language, elsewhere=text)
                own.append(part)
        around = f"{cited.before}\n{cited.after}".splitlines()
        found += own + [_part(line, pair.language, is_cited=False) for line in around if _LISTED.match(line)]
    return found


def _cells(row: str, head: str = "") -> list[str]:
    """The cells of a row, each under what its head says."""
    values, heads = (_CELL.split(line.strip().strip("|").strip()) for line in (row, head))
    return [f"{heads[place]}: {value}" if head and place < len(heads) else value for place, value in enumerate(values)]


def _fits_better(rival: _Part, own: _Part, told: Sequence[frozenset[str]], language: str, counts: str = "") -> bool:
    """Whether the statement, else the question, has more of what the one alone speaks of than of what the other does.

    Not where the number counts the same in both: `12,000 terms`.
    """
    theirs = frozenset(word for word in rival.stems if not among(word, own.stems, language))
    ours = frozenset(word for word in own.stems if not among(word, rival.stems, language))
    if not theirs or not (ours or own.is_row) or stand(terms(counts, language), ours, language):
        return False
    for words_told in told:
        of_theirs = sum(among(word, words_told, language) for word in theirs)
        of_ours = sum(among(word, words_told, language) for word in ours)
        if of_theirs or of_ours:
            return 0.5 <= of_theirs / len(theirs) > of_ours / max(1, len(ours))
    return False


def of_another(pair: Compared) -> str:
    """A number or a name of one part of the source with the words of another part, which has its own."""
    parts = _parts(pair)
    elsewhere = "\n".join(each.text for each in parts)
    whole, asked = _part(pair.statement, pair.spoken, elsewhere=elsewhere), _subjects(pair.question, pair.spoken)
    needed = {each.written for each in pair.numbers if each.plain != {1.0}}
    for clause in dict.fromkeys(clauses(pair.statement)):
        mine = _part(clause, pair.spoken, elsewhere=elsewhere)
        if denies(clause, pair.spoken):
            continue
        for number in mine.numbers:
            if number.written in needed and any(_has_number(rival, number, mine, whole, asked, parts, pair.language)
                                                for rival in parts):  # fmt: skip
                return f"of another: {number.written.strip()}"
        for name in mine.names:
            own = [each for each in parts if each.is_cited and name in each.names]
            rivals = [each for each in parts if name not in each.names and each.names - whole.names and not each.is_row]
            if own and any(
                all(_fits_better(_unnamed(rival), _unnamed(each), [mine.stems], pair.language) for each in own)
                for rival in rivals
            ):
                return f"of another: {name}"
    return ""


def _unnamed(part: _Part) -> _Part:
    """What it says of what it names."""
    return replace(part, stems=part.stems - part.names)


def _has_number(
    rival: _Part,
    number: Quantity,
    mine: _Part,
    whole: _Part,
    asked: frozenset[str],
    parts: Sequence[_Part],
    language: str,
) -> bool:
    """Whether a number of the rival's should stand there instead: one of its sort, and not said of something else."""
    like = [each for each in rival.numbers if (each.kind, each.dimension) == (number.kind, number.dimension)]
    own = [each for each in parts if each.is_cited and any(map(number.is_borne_by, each.numbers))]
    if not (like and own) or any(map(number.is_borne_by, rival.numbers)):
        return False
    if any(each.is_borne_by(other) for each in mine.numbers for other in like):
        return False
    is_told = any(each.is_borne_by(other) for each in whole.numbers for other in like)
    told = [mine.stems] if is_told else [whole.stems, asked] if rival.is_row else [whole.stems]
    return all(_fits_better(rival, each, told, language, number.counts) for each in own)


def beside_another(pair: Compared) -> str:
    """A number that stands beside a word beside which the source has others alone: `beta 2`, `five legions`."""
    theirs = list(_neighbours(pair.found, pair.there, pair.language))
    for place, each in _neighbours(pair.numbers, pair.statement, pair.spoken):
        if any(each.is_borne_by(other) and other.counts.casefold() in silent(pair.language) for other in pair.found):
            continue  # `60 in total`: it may count the same
        rivals = [other for word, other in theirs if word == place]
        if rivals and not any(map(each.is_borne_by, rivals)):
            return f"of another: {each.written.strip()}"
    return ""


def _neighbours(numbers: Iterable[Quantity], text: str, language: str) -> Iterable[tuple[tuple[str, str], Quantity]]:
    """Numbers by the word right before them, and by the one right behind."""
    for each in numbers:
        label = re.search(r"([^\W\d_]{3,})[\s:`]{1,3}$", text[max(0, each.place - 40) : each.place])
        for side, word in (("before", label[1] if label and each.kind == "number" else ""), ("behind", each.counts)):
            if word.casefold() not in silent(language):
                yield from (((side, stem), each) for stem in terms(word, language))


def swapped(pair: Compared) -> str:
    """Two names, or what is compared, that changed places around a word, though nothing turns the sentence round."""
    elsewhere = f"{pair.there}\n{pair.statement}"
    mine, voice = _order(pair.statement, pair.spoken, elsewhere), _voice(pair.statement)
    compares = _THAN.search(pair.statement) is not None
    for sentence in re.split(r"(?<=[.;!?])\s+|\n\s*[-*]", pair.there):
        theirs = _order(sentence, pair.language, elsewhere)
        common = [key for key in mine if key in theirs]
        for (i, a), (k, b) in combinations(enumerate(common), 2):
            is_like = a[0] == b[0] and (a[0] or (compares and _THAN.search(sentence)))
            is_around = any(theirs[b] < theirs[v] < theirs[a] for v in common[i + 1 : k])
            if is_like and is_around and voice == _voice(sentence):
                return f"swapped: {a[1]}, {b[1]}"
    return ""


def _voice(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"[^\W\d_]+", text.casefold())) & _VOICE


def _order(text: str, language: str, elsewhere: str) -> dict[tuple[str, str], int]:
    """Its words, each with its sort (none for a common word) and its place, in their order."""
    known = {name.casefold() for name in names(text, language, elsewhere)}
    found: dict[tuple[str, str], int] = {}
    for word in words(text, language):
        found.setdefault(("name" if word.written.casefold() in known else "", min(word.stems)), word.place)
    return dict(sorted(found.items(), key=lambda item: item[1]))


def mixed(pair: Compared) -> str:
    """A clause that takes a half of one part and a half of another one that is built alike."""
    parts = [each for each in _parts(pair) if each.is_cited]
    for clause in dict.fromkeys(clauses(pair.statement)):
        told = _subjects(clause, pair.spoken)
        for one, other in combinations(parts, 2):
            mine = [word for word in one.stems if not among(word, other.stems, pair.language)]
            theirs = [word for word in other.stems if not among(word, one.stems, pair.language)]
            if len(one.stems) - len(mine) < 2 or not (2 <= len(mine) <= 3 and 2 <= len(theirs) <= 3):
                continue
            hits = [sum(among(word, told, pair.language) for word in only) for only in (mine, theirs)]
            if all(hits) and hits[0] < len(mine) and hits[1] < len(theirs):
                return f"mixed: {clause.strip()}"
    return ""


def glued(pair: Compared) -> str:
    """A clause whose words, but for those of title and question, stand in two places far apart, half in each."""
    places: list[frozenset[str]] = []
    for cited in pair.cited:
        text = plain(cited.text)
        cut = [text[start:end] for start, end in sentences(text)] or [text]
        places += [_all_stems(" ".join(cut[at : at + 2]), pair.language) for at in range(len(cut))]
    if len(places) < 2:
        return ""
    everywhere, given = frozenset().union(*places), pair.asked | pair.given
    for clause in dict.fromkeys(clauses(pair.statement)):
        told = [stem for stem in _all_stems(clause, pair.spoken) if among(stem, everywhere, pair.language)]
        told = [stem for stem in told if not among(stem, given, pair.language)]
        most = max(sum(among(stem, place, pair.language) for stem in told) for place in places)
        if len(told) >= 2 and most < (max(2, len(told))):
            return f"glued: {clause.strip()}"
    return ""


def _all_stems(text: str, language: str) -> frozenset[str]:
    """Of light words like `made` too."""
    said = (match[0] for match in WORD.finditer(text) if match[0][0].isalpha() and len(match[0]) > 1)
    return frozenset(
        stem for word in said if word.casefold() not in stop_words(language) for stem in terms(word, language)
    )


def in_place(pair: Compared) -> str:
    """A noun from nowhere where the source has another: with the same before it, or the same two words behind."""
    there = f" {' '.join(_ARTICLE.sub('the', each) for each in _TOKEN.findall(pair.there.casefold()))} "
    written = _TOKEN.findall(pair.statement)
    said = [_ARTICLE.sub("the", each.casefold()) for each in written]
    content = {word.written.casefold() for word in pair.words}
    strange = {word.written.casefold() for word in pair.words if not pair.is_given(word)}
    for place, word in enumerate(said):
        bare = word.rpartition("'")[2]
        if any(map(str.isdigit, word)) or not {word, bare} & strange or sides(word) or word in _GENERAL:
            continue
        behind = said[place + 1 : place + 3]
        since = next((at for at in range(place - 1, -1, -1) if said[at] in content), place)  # the content word before
        if pair.language == "de":
            is_noun = place > 0 and written[place][0].isupper()
        else:
            opens = said[place - 1] in _OPENS or word != bare if place else not {*behind[:1]} & _OPENS
            goes_on = behind and (behind[0] in content or behind[0][0].isdigit() or is_unit(behind[0]))
            is_noun = opens and not (goes_on or (pair.language == "en" and word.endswith("ing")))
        around = [context for context in (said[since:place], behind) if len(context) > 1]
        if is_noun and any(f" {' '.join(context)} " in there for context in around):
            return f"in place of another: {word}"
    return ""


def other_row(pair: Compared) -> str:
    """A row of a table that speaks of something else than what is asked for and said."""
    rows = [each for each in pair.cited if each.is_row] if all(each.is_row for each in pair.cited) else []
    return next((f"row: {each.text.strip()}" for each in rows if _is_other_row(each, pair)), "")


def _is_other_row(row: Cited, pair: Compared) -> bool:
    language = pair.language
    label, around = _cells(row.text)[0], (*row.before.splitlines(), *row.after.splitlines())
    said, asked = _subjects(pair.statement, pair.spoken), _subjects(pair.question, pair.spoken)
    own = _part(label, language)
    others = [_part(_cells(line)[0], language) for line in around if line.lstrip().startswith("|") and line != row.head]
    told = f"{pair.statement} {pair.question}"
    if not _is_named(label, told) and any(_is_named(other.text, told) for other in others):
        return True
    if any(_fits_better(other, own, [said, asked], language) for other in others):
        return True
    known = f"{row.text}\n{pair.about}\n{row.told_before}"
    strange = {word for word in said & asked if not among(word, _subjects(known, language), language)}
    strange |= {name for name, _ in (lone_units(pair.statement) & lone_units(pair.question)) - lone_units(known)}
    labels = (word for word in words(re.sub(r"`[^`]*`", "", label), language) if not is_unit(word.written))
    return bool(strange) and any(not stand(word.stems, said | asked, language) for word in labels)


def _is_named(label: str, text: str) -> bool:
    return bool(label.strip()) and re.search(rf"(?<!\w){re.escape(label.strip())}(?!\w)", text) is not None


BESIDE: Final[tuple[Callable[[Compared], str], ...]] = (
    beside_another, of_another, swapped, mixed, in_place, other_row, glued,
)  # fmt: skip

"""Does a statement say the contrary of its source: deny what it affirms, rise where it falls, claim of all?"""

from __future__ import annotations

import re
from functools import cache, cached_property, lru_cache
from typing import Final

from agent.quantities import Quantity, in_digits, read
from agent.wording import akin, denying, lower, of_all, stems, words
from retrieval.analyze import terms
from retrieval.stop_words import stop_words

# One side contradicts the other.
_OPPOSED: Final = (
    (
        """rise rises rose risen rising increase increases increased increasing grow grows grew grown growing growth
        gain gained climbed up higher jumped expanded steigt stieg steigen gestiegen erhöht wuchs gewachsen zugenommen
        höher augmenté augmente augmentation hausse subió subido aumentó aumentado aumento""",
        """fall falls fell fallen falling decrease decreases decreased decreasing decline declines declined declining
        drop drops dropped reduce reduces reduced reduction shrank shrunk down lower sinkt sank sinken gesunken gefallen
        fiel abgenommen verringert niedriger baissé baisse diminué bajó bajado disminuyó descenso""",
    ),
    ("slow slower langsam lent lento", "fast faster quick quicker schnell rapide rápido"),
    ("first erste ersten premier primero", "last letzte letzten dernier último"),
    ("before vor vorher avant antes", "after nach nachher après después"),
    ("inside indoors", "outside outdoors"),
    ("north northern norden nördlich nord norte", "south southern süden südlich sud sur"),
    ("east eastern osten est este", "west western westen ouest oeste"),
    ("left links gauche izquierda", "right rechts droite derecha"),
    ("full", "part partial"),
    ("minimum mindestens minimal", "maximum höchstens maximal"),
    ("succeed succeeded succeeds success successful passed", "fail failed fails failure unsuccessful"),
    ("keep keeps kept retained retains", "drop drops dropped deleted deletes discards discarded removed"),
    ("accept accepts accepted", "reject rejects rejected refuse refuses refused"),
    ("enable enables enabled", "disable disables disabled"),
    ("internal", "external"),
    ("male men", "female women"),
    ("better besser mieux mejor", "worse schlechter pire peor"),
    ("more mehr", "less fewer weniger"),
    ("longer länger", "shorter kürzer"),
    ("larger bigger greater größer", "smaller kleiner"),
    ("newest latest neueste", "oldest earliest älteste"),
    ("public öffentlich", "private privat"),
    ("mandatory required compulsory obligatory verpflichtend vorgeschrieben", "optional voluntary freiwillig"),
    ("early earlier früh früher", "late later spät später"),
    ("sell sells sold verkauft", "buy buys bought kauft gekauft"),
    ("win wins won", "lose loses lost"),
    ("cheap cheaper", "expensive dearer"),
    ("free kostenlos gratis", "charged paid kostenpflichtig"),
    ("hot warm", "cold"),
)
# A clause with one of these speaks of the rest, and what it denies cannot be told by its words.
_OF_THE_REST: Final = frozenset(
    "other others otherwise else instead except unless andere anderen sonst autre autres otro otros".split()  # noqa: SIM905
)
_BEARS_ALL: Final = frozenset(
    """all every always any each everyone everybody everything entire whole both ever daily weekly monthly nightly
    yearly annual annually hourly alle allen aller alles jede jeder jedes jeden jedem immer stets sämtliche täglich
    jährlich monatlich tous toutes toujours chaque tout todos todas siempre cada todo""".split()  # noqa: SIM905
)
# What these deny stands behind them, and before those; a `not` denies on both sides.
_BEHIND: Final = frozenset(
    """no none neither nor without nobody nothing nowhere kein keine keinen keinem keiner keines niemand nichts ohne
    weder aucun aucune sans ni ningún ninguna ninguno sin""".split()  # noqa: SIM905
)
_AHEAD: Final = frozenset(
    """forbidden prohibited banned excluded impossible failed fails fail verboten untersagt ausgeschlossen unzulässig
    interdit interdite interdits interdites prohibido prohibida vietato vietata""".split()  # noqa: SIM905
)
_AUXILIARY: Final = frozenset(
    """has have had do does did can could may might must shall should would been being he she him his her its we us you
    i my our your because since although though unless until due wird werden wurde worden kann können soll muss darf a
    été peut doit""".split()  # noqa: SIM905
)
_VERBS: Final = frozenset(
    """is are was were be been has have had do does did can could may might must shall should will would need needs
    require requires allow allows work works ist sind war waren wird werden wurde hat haben kann muss darf est sont peut
    doit es son fue puede debe""".split()  # noqa: SIM905
)
_OVER: Final = re.compile(
    r"\b(?:above|over|more than|exceed(?:s|ing)?|at least|a? ?minimum(?: of)?|mindestens|mehr als|über|au moins|plus de"
    r"|al menos|más de|(?!few|low|slow|short|small|long)\w{2,}er than)\s*(?:\S+\s*)?$",
    re.IGNORECASE,
)
_UNDER: Final = re.compile(
    r"\b(?:below|under|less than|fewer than|up to|at most|a? ?maximum(?: of)?|within|höchstens|maximal|bis zu|unter"
    r"|weniger als|au plus|moins de|jusqu'à|como máximo|menos de|hasta|(?:lower|slower|shorter|smaller) than)"
    r"\s*(?:\S+\s*)?$",
    re.IGNORECASE,
)
_OR_MORE: Final = re.compile(r"\W*(?:\S+\s+)?(?:or|and) (?:more|newer|above|older|over|later|higher)\b", re.IGNORECASE)
_OR_LESS: Final = re.compile(r"\W*(?:\S+\s+)?(?:or|and) (?:less|fewer|below|under|lower)\b", re.IGNORECASE)
_NO_MORE: Final = re.compile(
    r"\b(?:no|not|never|nicht|pas)\s+(?:more|greater|higher|larger|longer|later|faster|older|mehr|länger|schneller|plus"
    r"|más)\s+(?:than|als|de|que)\b",
    re.IGNORECASE,
)
_NO_LESS: Final = re.compile(
    r"\b(?:no|not|nicht)\s+(?:less|fewer|lower|shorter|earlier|younger|weniger)\s+(?:than|als)\b", re.IGNORECASE
)
_DENIES_NOTHING: Final = re.compile(
    r"\b(?:than (?:none|nothing|never)|yes or no|ja oder nein|oui ou non|not only|nicht nur|non seulement|no sólo"
    r"|whether or not)\b",
    re.IGNORECASE,
)
_ANSWER_WORD: Final = re.compile(r"^\W*(?:no|nein|non|nee|yes|ja|oui|sí|si|sim)\s*[,.:;!—–-]+\s*", re.IGNORECASE)
_FOR_EVER: Final = re.compile(r"\bfor\s?ever\b|\bindefinitely\b", re.IGNORECASE)
_APART: Final = re.compile(
    r"[;!?()\n—–]|\.(?=\s|$)|\b(?:but|while|whereas|although|aber|während|sondern|mais|pero|mientras)\b"
)
_PREFIXES: Final = ("un", "in", "non", "im", "dis")


def denies_otherwise(statement: str, spoken: str, source: str, language: str) -> str:
    """The clause of the statement that denies what the source affirms, or affirms what it denies; empty if none."""
    if len(words(statement, spoken)) < 3 and not _VERBS & lower(statement):
        return ""  # `Penicillin.` may be what was asked for
    theirs = [_Clause(part, language) for part in _apart(_weighed(source))]
    for part in _apart(_ANSWER_WORD.sub("", _weighed(statement))):
        mine = _Clause(part, spoken)
        if mine.stems and mine.denies is not None and _differs(mine, theirs):
            return part.strip()
    if not denies(statement, spoken):
        there = stems(source, language)
        for word in words(statement, spoken):
            long = [stem for stem in word.stems if len(stem) > 3]
            if not word.stems & there and any(prefix + stem in there for stem in long for prefix in _PREFIXES):
                return word.written
    return ""


def _differs(mine: _Clause, theirs: list[_Clause]) -> bool:
    shared = [mine.shared(other) for other in theirs]
    both = list(zip(theirs, shared, strict=True))
    if any(other.denies is None and len(common) > 1 for other, common in both):
        return False
    best = max(map(len, shared), default=0)
    if best >= max(1, 0.5 * len(mine.stems)) and (best > 1 or len(mine.stems) < 3):
        nearest = [(other, common) for other, common in both if common and len(common) == best]
        if any(_is_denied_there_alone(mine, other, common, theirs) for other, common in nearest):
            return True
        if all(other.denies_of(common) != mine.denies_of(common) for other, common in nearest):
            return True
    for other, common in both:
        if len(common) > 1 and (
            _frees(mine, other, [one for one in theirs if one is not other]) or _frees(other, mine, [])
        ):
            return True
    return False


def _is_denied_there_alone(mine: _Clause, other: _Clause, common: set[str], theirs: list[_Clause]) -> bool:
    """Whether a word that stands in one clause of the source alone is denied there, where the statement denies none."""
    if mine.denies or len(theirs) < 2:
        return False
    elsewhere = set().union(*(mine.shared(one) for one in theirs if one is not other))
    return bool(other.denies_of(common - elsewhere))


def _frees(one: _Clause, other: _Clause, beside: list[_Clause]) -> bool:
    """Whether one clause denies a word outright that stands in the other one far from any denial."""
    if one.denies is None or other.denies is None:
        return False
    free = {stem for stem in one.denied() & set(other.stems) if not other.is_near_denial(stem)}
    return bool(free) and not any(free & set(third.stems) for third in beside)


class _Clause:
    """What one clause says, and what of it it denies."""

    def __init__(self, text: str, language: str) -> None:
        self.language = language
        self.tokens = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", in_digits(text, language).casefold().replace("’", "'"))
        left_out = stop_words(language) | denying(language) | _AUXILIARY
        self.at = [frozenset() if token in left_out else frozenset(terms(token, language)) for token in self.tokens]
        self.stems = {min(here): here for here in self.at if here and not min(here).isnumeric()}
        self.denies = denies(text, language)
        self.places = [place for place, token in enumerate(self.tokens) if _is_denial(token, language)]

    @cached_property
    def all_stems(self) -> frozenset[str]:
        return frozenset().union(*self.stems.values())

    def shared(self, other: _Clause) -> set[str]:
        """Of its words those that the other has too, each by one stem."""
        theirs = other.all_stems
        return {
            key
            for key, here in self.stems.items()
            if here & theirs or any(akin(a, b, self.language) for a in here for b in theirs)
        }

    def denies_of(self, these: set[str]) -> bool:
        """Whether it denies something of these words: a denial holds for what stands near it."""
        near = {stem for place in self.places for at in self._reach(place) for stem in self.at[at]}
        return any(akin(stem, mine, self.language) for mine in near for stem in these)

    def denied(self) -> set[str]:
        """The words right behind a denial."""
        places = [place for place in self.places if self.tokens[place] not in _AHEAD]
        at = (at for place in places for at in range(place + 1, min(len(self.at), place + 3)))
        return {min(self.at[one]) for one in at if self.at[one]}

    def is_near_denial(self, stem: str) -> bool:
        """Whether the word may be denied, for all that can be told."""
        return any(stem in self.at[at] for place in self.places for at in self._reach(place, wide=2)) or any(
            stem in here for place in self.places for here in self.at[max(0, place - 2) : place]
        )

    def _reach(self, place: int, wide: int = 0) -> list[int]:
        behind = [at for at in range(place + 1, min(len(self.at), place + 7)) if self.at[at]]
        if self.tokens[place] in _BEHIND:
            return behind[: 1 + wide]
        before = [at for at in range(place - 1, max(-1, place - 7), -1) if self.at[at]]
        return before[: (4 if self.tokens[place] in _AHEAD else 1) + wide] + behind[: 2 + wide]


def denies(text: str, language: str) -> bool | None:
    """Whether it denies something; None where that cannot be told."""
    said = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.casefold().replace("’", "'"))
    if any(word in _OF_THE_REST for word in said):
        return None
    return any(_is_denial(word, language) for word in said)


def _is_denial(word: str, language: str) -> bool:
    return word in denying(language) or word.endswith("n't") or (language == "fr" and word.startswith("n'"))


def _apart(text: str) -> list[str]:
    """Cut where something else is said of something else."""
    return [part for part in _APART.split(text) if part.strip()]


def _weighed(text: str) -> str:
    """The text without the denials that deny nothing: `no more than 5` is `at most 5`."""
    return _DENIES_NOTHING.sub(" ", _NO_LESS.sub("at least", _NO_MORE.sub("at most", text)))


# Which way


def sides(text: str) -> frozenset[tuple[int, int]]:
    """On which side of which opposition its words stand."""
    known = _opposed()
    return frozenset(place for word in lower(text) for place in known.get(word, ()))


@lru_cache(maxsize=2048)
def sides_of(these: frozenset[str]) -> frozenset[tuple[int, int]]:
    """The same of stems: two words on one side say the same, as `rose` and `grew` do."""
    known = _opposed_stems()
    return frozenset(place for stem in these for place in known.get(stem, ()))


@cache
def _opposed() -> dict[str, frozenset[tuple[int, int]]]:
    found: dict[str, set[tuple[int, int]]] = {}
    for pair, both in enumerate(_OPPOSED):
        for side, listed in enumerate(both):
            for word in listed.split():
                found.setdefault(word, set()).add((pair, side))
    return {word: frozenset(places) for word, places in found.items()}


@cache
def _opposed_stems() -> dict[str, frozenset[tuple[int, int]]]:
    return {stem: places for word, places in _opposed().items() for stem in terms(word, "en")}


def goes_the_other_way(clause: str, spoken: str, near: str, source: str, language: str) -> bool:
    """Whether the clause holds a word whose opposite stands in the nearest clause of the source, or nowhere but there.

    Where just one of the two denies, an opposite says the same.
    """
    mine, close, everywhere = sides(clause), sides(near), sides(source)
    if denies(clause, spoken) is False and denies(source, language) is not None and _oppose(mine, everywhere):
        return True
    return bool(_oppose(mine, close)) and denies(clause, spoken) == denies(near, language)


def _oppose(mine: frozenset[tuple[int, int]], theirs: frozenset[tuple[int, int]]) -> bool:
    return any(
        (pair, 1 - side) in theirs and (pair, side) not in theirs and (pair, 1 - side) not in mine
        for pair, side in mine
    )


def bounds(text: str, language: str) -> list[tuple[Quantity, int]]:
    """Its numbers, each with 1 where that is the least, -1 where it is the most, 0 where nothing is said."""
    said = _NO_LESS.sub("at least", _NO_MORE.sub("at most", text))
    rest = in_digits(said, language)
    found: list[tuple[Quantity, int]] = []
    for each in read(said, language):
        before, behind = rest[max(0, each.place - 30) : each.place], rest[each.place + len(each.written) :][:30]
        before = re.split(r"[;,.](?:\s|$)|\d", before)[-1]
        is_least = _OVER.search(before) or _OR_MORE.match(behind)
        is_most = _UNDER.search(before) or _OR_LESS.match(behind)
        if each.kind == "number":
            found.append((each, (1 if is_least else 0) - (1 if is_most else 0)))
    return found


def claims_of_all(statement: str, spoken: str, source: str) -> str:
    """The word by which a statement claims of all, or for ever, what the source says of some; empty if none."""
    if _FOR_EVER.search(statement):
        return "" if _FOR_EVER.search(source) else "for ever"
    claimed = sorted(lower(statement) & of_all(spoken))
    if not claimed or "not all" in statement.casefold():
        return ""
    return "" if lower(source) & _BEARS_ALL else claimed[0]

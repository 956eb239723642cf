"""Does a statement say the contrary of its source: deny what it affirms, rise where it falls, claim more than it?"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from agent.quantities import Quantity, in_digits, read
from agent.wording import akin, denying, lower, stems
from retrieval.lexical.analyze import terms

# One side contradicts the other.
_OPPOSED: Final = (
    (
        """rise rises rose risen rising raise raises raised raising increase increases increased increasing grow grows
        grew grown growing growth gain gained climbed upward higher jumped expanded steigt stieg steigen steigerung
        gestiegen erhöht erhöhen erhöhung wuchs gewachsen zugenommen zunahme höher augmenté augmente augmentation hausse
        subió subido aumentó aumentado aumento""",
        """fall falls fell fallen falling lower lowers lowered lowering decrease decreases decreased decreasing decline
        declines declined declining drop drops dropped dropping reduce reduces reduced reducing reduction shrank shrunk
        downward sinkt sank sinken gesunken senkt senken senkung absenken absenkung gefallen fiel abgenommen
        abnahme verringert verringerung niedriger baissé baisse diminué diminution bajó bajado disminuyó descenso""",
    ),
    ("slow slower slows langsam langsamer lent lento", "fast faster quick quicker schnell schneller rapide rápido"),
    ("first erste ersten erster premier première primero primera", "last letzte letzten letzter dernier último"),
    ("before vor vorher avant antes prior", "after nach nachher après después"),
    ("inside indoors innen", "outside outdoors außen draußen"),
    ("north northern norden nördlich nord norte", "south southern süden südlich sud sur"),
    ("east eastern osten östlich est este", "west western westen westlich ouest oeste"),
    ("left links gauche izquierda", "right rechts droite derecha"),
    ("above oberhalb", "below beneath underneath unterhalb"),
    ("minimum mindestens minimal", "maximum höchstens maximal"),
    ("succeed succeeded succeeds success successful passed", "fail failed fails failure unsuccessful"),
    ("keep keeps kept retained retains", "discard discards discarded deletes deleted removes removed"),
    ("accept accepts accepted", "reject rejects rejected refuse refuses refused"),
    ("enable enables enabled", "disable disables disabled"),
    ("internal", "external"),
    ("better besser mieux mejor", "worse schlechter pire peor"),
    ("more mehr", "less fewer weniger"),
    ("longer länger", "shorter kürzer"),
    ("larger bigger greater größer", "smaller kleiner"),
    ("highest largest biggest greatest höchste größte", "lowest smallest least niedrigste kleinste"),
    ("newest latest neueste", "oldest earliest älteste"),
    ("public öffentlich", "private privat"),
    ("mandatory required compulsory obligatory verpflichtend vorgeschrieben", "optional voluntary freiwillig"),
    ("early earlier früh früher", "late later spät später"),
    ("sell sells sold verkauft", "buy buys bought kauft gekauft"),
    ("win wins won", "lose loses lost"),
    ("cheap cheaper cheapest", "expensive dearer"),
    ("open geöffnet offen ouvert ouverte abierto abierta", "closed geschlossen fermé fermée cerrado cerrada"),
    ("hot warm warmer", "cold cool cooler"),
    ("full", "part partial"),
    ("include includes included including", "exclude excludes excluded excluding"),
    ("begin begins began start starts started", "end ends ended finish finishes finished stop stops stopped"),
    (
        "next following subsequent nächste folgende suivant siguiente",
        "previous preceding prior vorige précédent anterior",
    ),
    ("positive positiv positif", "negative negativ négatif"),
    ("majority mehrheit majorité mayoría", "minority minderheit minorité minoría"),
    ("automatic automatically automatisch", "manual manually manuell"),
    ("summer sommer été verano", "winter hiver invierno"),
    ("import imports imported", "export exports exported"),
    ("together gemeinsam zusammen ensemble juntos", "independently separately unabhängig getrennt séparément"),
)
# The first says more than the second: it may be weakened, not strengthened.
_STRONGER: Final = (
    (
        """all every always everyone everybody everything entire entirely completely fully necessarily exclusively
        invariably alle allen aller alles jedes immer stets sämtliche tous toutes toujours todos todas siempre""",
        """some many most mostly several often usually generally typically sometimes nearly almost partly mainly largely
        few majority einige viele meist meisten oft häufig manche manchmal fast teils teilweise plupart souvent parfois
        presque certains algunos muchos mayoría menudo casi""",
    ),
    (
        """must shall mandatory required requires obliged compulsory muss müssen verpflichtet doit doivent obligatoire
        debe deben obligatorio""",
        """may can could might should recommended optional optionally kann können darf dürfen sollte sollten peut
        peuvent devrait puede pueden debería""",
    ),
    (
        """already now currently decided approved adopted introduced bereits schon beschlossen eingeführt déjà décidé ya
        decidido""",
        """future planned plans planning proposed proposes intends considered considering discussed postponed geplant
        künftig vorgeschlagen diskutiert verschoben prévu futur reporté futuro previsto aplazado""",
    ),
    (
        "cause causes caused causing verursacht verursachen cause causent causa causan",
        "associated association correlated correlates linked zusammenhang verbunden associé asociado",
    ),
    (
        """guarantee guarantees guaranteed proved proven proves established certain certainly confirmed demonstrated
        definitely bewiesen erwiesen sicher prouvé certain demostrado seguro""",
        """believed thought assumed suspected possible possibly potential potentially perhaps probably likely unknown
        unclear suggests suggested vermutlich wahrscheinlich möglich unbekannt unklar probable probablement inconnu
        posible probablemente desconocido""",
    ),
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
_NOT_QUITE_ALL: Final = re.compile(
    r"\b(?:nearly|almost|virtually|not|fast|nicht|presque|pas|casi|no) (?:all|every|always|necessarily|alle|jede|jeder"
    r"|jedes|immer|tous|toutes|toujours|todos|todas|siempre)\b",
    re.IGNORECASE,
)
_ONLY_IF: Final = re.compile(
    r"\b(?:only (?:if|when|after|with)|unless|except|provided that|nur (?:wenn|mit|nach)|es sei denn|seulement si|sauf"
    r"|à condition|sólo si|solo si|salvo|a menos)\b",
    re.IGNORECASE,
)
_IF: Final = re.compile(
    r"\b(?:only|if|when|unless|except|provided|once|after|with|without|nur|wenn|falls|sofern|außer|nach|mit|ohne"
    r"|seulement|si|sauf|avec|sans|après|salvo|con|sin|sólo|solo|cuando)\b",
    re.IGNORECASE,
)
_YES: Final = re.compile(r"^\W*(?:yes|ja|oui|sí|si|sim)\b\s*[,.:;!—–-]*\s*", re.IGNORECASE)
_NO: Final = re.compile(r"^\W*(?:no|nein|non|nee|não)(?:\s*[,.:;!—–-]+\s*|\s*$)", re.IGNORECASE)
_CLAUSE: Final = re.compile(
    r"[;:!?()|\n—–]|\.(?=\s|$)|,(?=\s)|\b(?:but|while|whereas|although|though|because|since|thanks to|due to|owing to"
    r"|and|or|aber|während|obwohl|weil|und|oder|sondern|mais|tandis que|parce que|et|ou|pero|mientras|porque|y|o)\b",
    re.IGNORECASE,
)
# What is said with one of these denies the rest.
_RESTRICTS: Final = frozenset(
    """only just except unless other others otherwise instead andere anderen sonst autre autres otro otros nur lediglich
    außer seulement sauf solo sólo salvo""".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Clause:
    """What one clause says: its words by their stems, those that it denies, and its side of each opposition.

    `denies` may be true though it is not told what is denied.
    """

    text: str
    language: str
    stems: frozenset[str]
    numbers: tuple[Quantity, ...]
    denies: bool
    denied: frozenset[str]
    sides: frozenset[tuple[int, int]]

    @property
    def size(self) -> int:
        """How many words and numbers it has."""
        return len(self.stems) + len(self.numbers)

    def shared(self, other: Clause) -> frozenset[str]:
        """Those of its words and numbers that the other has too."""
        words = {mine for mine in self.stems if any(akin(mine, theirs, self.language) for theirs in other.stems)}
        numbers = (each.written for each in self.numbers if any(map(each.is_borne_by, other.numbers)))
        return frozenset((*words, *numbers))

    def is_denied_by(self, other: Clause) -> bool:
        """Whether the other one denies a word of this."""
        return any(akin(mine, theirs, self.language) for mine in self.stems for theirs in other.denied)


def clauses(text: str, *, least: int = 0) -> list[str]:
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


def contrary(statement: str, spoken: str, source: str, language: str, question: str = "") -> str:
    """How the statement contradicts the clause of the source that is nearest to it; empty if it does not.

    A denial and an opposite together say the same as neither: `not before` and `after`.
    """
    theirs = [_clause(part, language) for part in clauses(_weighed(source), least=2)]
    may_deny = any(other.denies for other in theirs) or not _RESTRICTS.isdisjoint(lower(source))
    for mine in _said(_weighed(statement), spoken, question):
        shares = [len(mine.shared(other)) for other in theirs]
        shared = max(shares, default=0)
        near = [other for other, share in zip(theirs, shares, strict=True) if share == shared]
        if not shared or all(shared < 0.5 * min(mine.size, other.size) for other in near):
            continue
        turned = [_opposed(mine.sides, other.sides) for other in near]
        denied = [not may_deny if mine.denies else other.denies and mine.is_denied_by(other) for other in near]
        is_near = shared > 1 or mine.size <= 2
        if is_near and all(a and not b for a, b in zip(denied, turned, strict=True)):
            return f"denial: {mine.text.strip()}"
        if any(turned) and all(mine.denies == other.denies for other in near):
            return f"opposite: {mine.text.strip()}"
        if not mine.denies and all(_stronger(mine, other) for other in near):
            return f"stronger: {mine.text.strip()}"
        if all(_ONLY_IF.search(other.text) for other in near) and not _IF.search(statement):
            return f"condition left out: {mine.text.strip()}"
    return _other_bound(statement, spoken, source, language)


def _said(statement: str, language: str, question: str) -> list[Clause]:
    """Its clauses; a `Yes.` or `No.` alone says, or denies, what was asked."""
    answer = _YES.match(statement) or _NO.match(statement)
    rest = statement[answer.end() :] if answer else statement
    if answer and not stems(rest, language):
        asked = _clause(question.rstrip("?？ "), language)
        is_no = _NO.match(statement) is not None
        return [replace(asked, text=statement, denies=asked.denies != is_no)]
    return [_clause(part, language) for part in clauses(rest, least=2)]


def _clause(text: str, language: str) -> Clause:
    said = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.casefold().replace("’", "'"))
    telling = stems(text, language)
    at = [frozenset(terms(word, language)) & telling for word in said]
    denied: set[str] = set()
    places = [place for place, word in enumerate(said) if _is_denial(word, language)]
    for place in places:
        behind = [here for here in at[place + 1 :] if here]
        before = [here for here in at[:place] if here]
        denied.update(*(behind[:2] or before[-2:]))
    numbers = tuple(each for each in read(text, language) if each.kind != "weekday")
    opposed = {stem for word in lower(text) if word in _sides() for stem in terms(word, language)}
    return Clause(text, language, telling - opposed, numbers, bool(places), frozenset(denied), sides(text))


def _is_denial(word: str, language: str) -> bool:
    return word in denying(language) or word.endswith("n't") or (language == "fr" and word.startswith("n'"))


def _weighed(text: str) -> str:
    """The text without denials that deny nothing (`no more than 5` is `at most 5`), what stands in brackets last."""
    aside = re.findall(r"\(([^()]*)\)", text)
    text = "; ".join((re.sub(r"\([^()]*\)", "", text), *aside))
    text = _NOT_QUITE_ALL.sub("mostly", re.sub(r"\bthe most\b", "the", text))
    return _DENIES_NOTHING.sub(" ", _NO_LESS.sub("at least", _NO_MORE.sub("at most", text)))


def sides(text: str) -> frozenset[tuple[int, int]]:
    """On which side of which opposition its words stand."""
    known = _sides()
    return frozenset(place for word in lower(text) for place in known.get(word, ()))


@cache
def _sides() -> dict[str, frozenset[tuple[int, int]]]:
    found: dict[str, set[tuple[int, int]]] = {}
    for pair, both in enumerate((*_OPPOSED, *_STRONGER)):
        for side, listed in enumerate(both):
            for word in listed.split():
                found.setdefault(word, set()).add((pair, side))
    return {word: frozenset(places) for word, places in found.items()}


def _opposed(mine: frozenset[tuple[int, int]], theirs: frozenset[tuple[int, int]]) -> bool:
    return any(
        pair < len(_OPPOSED)
        and (pair, 1 - side) in theirs
        and (pair, side) not in theirs
        and (pair, 1 - side) not in mine
        for pair, side in mine
    )


def _stronger(mine: Clause, other: Clause) -> bool:
    return any(
        pair >= len(_OPPOSED)
        and side == 0
        and (pair, 1) in other.sides
        and (pair, 0) not in other.sides
        and (pair, 1) not in mine.sides
        for pair, side in mine.sides
    )


def _other_bound(statement: str, spoken: str, source: str, language: str) -> str:
    """A number that is the least where the source has it as the most, or the other way round."""
    theirs = _bounds(source, language)
    for quantity, bound in _bounds(statement, spoken):
        if bound and {other for each, other in theirs if quantity.is_borne_by(each)} == {-bound}:
            return f"bound: {quantity.written.strip()}"
    return ""


def _bounds(text: str, language: str) -> list[tuple[Quantity, int]]:
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

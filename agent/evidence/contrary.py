"""Does a statement say the contrary of its source: deny what it affirms, rise where it falls, claim more than it?"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from agent.evidence.compared import Compared
from agent.evidence.quantities.quantity import Quantity
from agent.evidence.quantities.read import read
from agent.evidence.vocabulary import OPPOSED, STRONGER
from agent.evidence.wording import akin, among, denying, lower, refusing, stand, stems, words
from retrieval.lexical.analyze import terms

_OVER: Final = re.compile(
    r"\b(?:above|over|more than|exceed(?:s|ing)?|at least|a? ?minimum(?: of)?|mindestens|mehr als|über|au moins|plus de"
    r"|al menos|más de|(?!few|low|slow|short|small|long|young|cold|cool|light|cheap|near|narrow|thin|earl|soon|weak)"
    r"\w{2,}er than)\s*(?:\S+\s*)?$",
    re.IGNORECASE,
)
_UNDER: Final = re.compile(
    r"\b(?:below|under|less than|fewer than|up to|at most|a? ?maximum(?: of)?|within|höchstens|maximal|bis zu|unter"
    r"|weniger als|au plus|moins de|jusqu'à|como máximo|menos de|hasta"
    r"|(?:low|slow|short|small|young|cold|cool|light|cheap|near|narrow|thin|earli|soon|weak)er than)"
    r"\s*(?:\S+\s*)?$",
    re.IGNORECASE,
)
_OR_MORE: Final = re.compile(
    r"\W*(?:\S+\s+)?(?:(?:or|and) (?:more|newer|above|older|over|later|higher)|at least|au moins|au minimum|al menos"
    r"|como mínimo|mindestens|oder mehr|ou plus|o más)\b",
    re.IGNORECASE,
)
_OR_LESS: Final = re.compile(
    r"\W*(?:\S+\s+)?(?:(?:or|and) (?:less|fewer|below|under|lower)|at most|at the most|au plus|au maximum|como máximo"
    r"|höchstens|maximal|oder weniger)\b",
    re.IGNORECASE,
)
_NO_MORE: Final = re.compile(
    r"\b(?:no|not|never|nicht|pas)\s+(?:(?:more|greater|higher|larger|longer|later|faster|older|mehr|länger|schneller|plus"
    r"|más)\s+(?:than|als|de|que)|above|over|beyond|über)\b",
    re.IGNORECASE,
)
_NO_LESS: Final = re.compile(
    r"\b(?:no|not|never|nicht|pas|nie)\s+(?:(?:less|fewer|earlier|sooner|lower|smaller|shorter|younger|weniger|jünger"
    r"|kürzer|moins|menos)\s+(?:than|als|de|que)|under|below|unter)\b",
    re.IGNORECASE,
)
# Two denials: `not without consent` is `only with consent`.
_NOT_WITHOUT: Final = re.compile(
    r"\b(?:(?P<can>can|could|do|does|may|must)?(?:not|n't)|never|nicht|kein(?:e[nmrs]?)?|pas|no)\b"
    r"(?P<what>[^.;,!?]{0,60}?)\b(?:without|ohne|sans|sin)\b",
    re.IGNORECASE,
)
_LEFT_OUT: Final = re.compile(r"\b(?:left|leave|leaves|leaving) out\b", re.IGNORECASE)
_RULED_OUT: Final = re.compile(r"\b(?:ruled|rules|rule|ruling) out\b", re.IGNORECASE)
_FALLS_OUTSIDE: Final = re.compile(r"\b(?:falls?|fell|lies?|lay|stands?|stood|is|are) outside\b", re.IGNORECASE)
_UNDONE: Final = re.compile(  # `left unchecked`
    r"\b(?:left|leaves?|leaving|remains?|remained|stays?|stayed|goes|go|went)((?:\s[\w']+){0,5}?) un(?=\w{3,}ed\b)",
    re.IGNORECASE,
)
_NO_MORE_BEHIND: Final = re.compile(
    r"\b(?:not|never|no|n't|nicht|kein\w*|pas|ne)\s((?:[\w'’]+\s){1,7}?)"
    r"(?:more|mehr|plus|más|(?!lower|fewer|slow|short|young|small|earl|under|over|after|other|kürz|klein|nied|früh)\w{3,}er)"
    r"\s(?:than|als|de|que)\b",
    re.IGNORECASE,
)
_DENIES_NOTHING: Final = re.compile(
    r"\b(?:than (?:none|nothing|never)|yes or no|ja oder nein|oui ou non|not only|nicht nur|non seulement|no sólo"
    r"|whether or not|n['e]\s?[^\W\d]+(?:\s[^\W\d]+){0,3}?\s(?=que\b))\b",
    re.IGNORECASE,
)
_ASIDE: Final = re.compile(r"\b(?:without|ohne|sans|sin|senza|zonder|sem)\b", re.IGNORECASE)  # denies what is behind it
_OR: Final = re.compile(r"\W*(?:or|nor|oder|noch|ou|ni|o)\b", re.IGNORECASE)
_ELLIPSIS: Final = re.compile(  # `but rides are`
    r"\b(?:is|are|was|were|do|does|did|has|have|can|may|must|will|ist|sind|est|sont|es|son)(?:\s+(?:not|nicht|pas))?\W*$",
    re.IGNORECASE,
)
# A clause that begins with one of these goes on speaking of what the one before it spoke of.
GOES_ON: Final = re.compile(
    r"\W*(?:(?:and|or|but|und|oder|aber|sondern|et|ou|mais|y|o|pero)\s+)?(?:(?:not|nicht|pas|no|ne)\s+)?"
    r"(?:is|are|was|were|has|have|had|will|must|may|can|should|in|on|at|by|for|from|to|with|of|per|it|they|he|she"
    r"|ist|sind|war|waren|hat|haben|wird|werden|wurde|wurden|bei|mit|von|für|auf|ab|am|im|nach|es|sie|er"
    r"|est|sont|était|a|ont|sera|à|de|du|des|pour|par|en|avec|il|elle|es|son|era|fue|tiene|con|por|para|al)\b|\W*\d",
    re.IGNORECASE,
)
_ONLY_IF: Final = re.compile(
    r"\b(?:only (?:if|when|after|with)|unless|except|provided that|nur (?:wenn|mit|nach)|es sei denn|seulement si|sauf"
    r"|à condition|sólo si|solo si|salvo|a menos)\b",
    re.IGNORECASE,
)
_IF: Final = re.compile(
    r"\b(?:needs?|requires?|apart from|braucht|brauchen|benötigt|exige|requiere"
    r"|as long|so long|only|if|when|unless|except|provided|once|after|with|without|es sei denn|nur|wenn|falls"
    r"|sofern|außer|nach|mit|ohne|à moins|a menos|siempre que|seulement|si|sauf|avec|sans|après|salvo|con|sin|sólo|solo"
    r"|cuando)\b",
    re.IGNORECASE,
)
_YES: Final = re.compile(r"^\W*(?:yes|ja|oui|sí|si|sim)\b\s*[,.:;!—–-]*\s*", re.IGNORECASE)
_NO: Final = re.compile(r"^\W*(?:no|nein|non|nee|não)(?:\s*[,.:;!—–-]+\s*|\s*$)", re.IGNORECASE)
_CLAUSE: Final = re.compile(
    r"[;!?()|\n—]|[:–](?!\d)|(?:(?<!\b[A-Z])(?<!\b[DM]r)|(?<=°[CF]))\.(?=\s|$)|,(?=\s)|\b(?:but|while|whereas|although|though|because|since"
    r"|thanks to|due to|owing to|and|or|aber|während|obwohl|weil|und|oder|sondern|mais|tandis que|parce que|et|ou|pero"
    r"|mientras|porque|y|o)\b",
    re.IGNORECASE,
)
_CERTAIN: Final = re.compile(
    r"\b(?:proved|proven|proves|guarantee[sd]?|definitely|certainly|established|confirmed|bewiesen|erwiesen|prouvée?s?"
    r"|demostrad[oa]s?)\b",
    re.IGNORECASE,
)
_SHOWN: Final = re.compile(
    rf"{_CERTAIN.pattern}|\b(?:show[sn]?|showed|demonstrat\w+|prove|confirm\w*|establish\w*|ensures?|zeig\w+|montr\w+|mostr\w+)\b",
    re.IGNORECASE,
)
_ALONE: Final = re.compile(
    r"\b(?:only|solely|exclusively|alone|nur|ausschließlich|lediglich|seulement|uniquement|solo|sólo|únicamente)\b",
    re.IGNORECASE,
)
_ALL: Final = re.compile(
    r"\b(?:all|every|everyone|everybody|anyone|anybody|the (?:whole|entire)|everywhere|throughout"
    r"|alle|jeder|jede|überall|(?:das|die|der|im|den|dem) ganzen?|tous|toutes|partout|todos|todas)\b",
    re.IGNORECASE,
)
_UTTERLY: Final = re.compile(
    r"\b(?:always|automatically|entirely|completely|permanently|every single|for ever|forever|at any time"
    r"|without exception|in (?:every|any) case|in all cases|immer|automatisch|vollständig|jederzeit"
    r"|ohne ausnahme|in jedem fall|toujours|automatiquement|entièrement|à tout moment|sans exception|dans tous les cas"
    r"|siempre(?! que)|automáticamente|completamente|en cualquier momento|sin excepción|en todo caso)\b",
    re.IGNORECASE,
)
_WHOLLY: Final = re.compile(
    rf"{_UTTERLY.pattern}|\b(?:in whole|wholly|fully|totally|(?:the|as a) whole|100 ?%|ganz|völlig"
    r"|totalement|totalmente)\b",
    re.IGNORECASE,
)
# What is said with one of these denies the rest.
_RESTRICTS: Final = frozenset(
    """free kostenlos gratis gratuit gratuite extra separately zusätzlich
    only just except exception excepted unless ausgenommen ausnahme excepté excepto other others otherwise instead
    andere anderen sonst autre autres otro otros nur lediglich außer seulement sauf solo sólo salvo""".split()  # noqa: SIM905
)


# What is no longer so.
_ENDED: Final = frozenset(
    """dropped removed discontinued ended ceased stopped abandoned withdrawn abolished silenced retired eingestellt
    abgeschafft entfernt aufgegeben beendet supprimé supprimée abandonné abandonnée arrêté arrêtée suprimido suprimida
    eliminado eliminada abandonado""".split()  # noqa: SIM905
)
_LIMITS: Final = _RESTRICTS | _ENDED
_NEVER: Final = re.compile(r"\b(?:never|niemals|nie|jamais|nunca)\b", re.IGNORECASE)
_UNLESS: Final = re.compile(r"\b(?:unless|except|es sei denn|außer|à moins|sauf|a menos|salvo)\b", re.IGNORECASE)
_MUST: Final = re.compile(r"\b(?:must|need|needs|required|muss|müssen|doit|doivent|debe|deben)\b", re.IGNORECASE)
_FROM: Final = re.compile(
    r"\b(?:after|since|from|ab|seit|nach|depuis|après|à partir d[eu]|desde|después de|a partir de)"
    r"\s+(?:the |dem |le |el )?$",
    re.IGNORECASE,
)
_UNTIL: Final = re.compile(
    r"\b(?:until|till|before|by|up to|bis(?: zum)?|vor(?: dem)?|jusqu'(?:à|au)|avant(?: le)?|hasta(?: el)?"
    r"|antes de(?:l)?)\s+(?:the |le |el )?$",
    re.IGNORECASE,
)
_SHORT: Final = 6  # words of a reason: a longer one is told in other words
# What is not said to be so, but to be perhaps so.
_PERHAPS: Final = re.compile(
    r"\b(?:might|possibly|perhaps|probably|likely|presumably|apparently|suspected|thought to|believe[sd]?"
    r"|suggest(?:s|ed)? that|seems?"
    r"|may (?:be (?:due|caused|connected|related|linked|explained|because)|explain|reflect|contribute)"
    r"|could be (?:due|caused|explained|because)|vermutlich|wahrscheinlich|möglicherweise|vielleicht|angeblich"
    r"|mutmaßlich|peut-être|probablement|sans doute|semble|pourrai(?:t|ent)|quizás?|probablemente|posiblemente|tal vez"
    r"|parece|podrían?)\b",
    re.IGNORECASE,
)
_OR_SO: Final = re.compile(
    rf"{_PERHAPS.pattern}|\b(?:may|can|could|should|would|assum\w*|expect\w*|accord\w*|sa(?:ys?|id)|claim\w*|indicat\w*"
    r"|evidence|view|opinion|think\w*|thought|potential\w*|possib\w*|unclear|uncertain|appear\w*|estimat\w*|hint\w*"
    r"|kann|können|könnten?|dürften?|soll|sollen|laut|gilt|gelten|scheint|scheinen|hält|halten|möglich|annahme|vermut\w*"
    r"|peut|peuvent|serait|selon|supposé\w*|possible|puede|pueden|sería|según|posible|supon\w*|cree\w*)\b",
    re.IGNORECASE,
)
_BECAUSE: Final = re.compile(
    r"\b(?:because(?: of)?|due to|owing to|caused by|weil|wegen|aufgrund|parce qu[e']|à cause d[eu']|en raison d[eu']"
    r"|porque|debido a|a causa de)\b([^.;!?]*)",
    re.IGNORECASE,
)
_STILL: Final = re.compile(r"\b(?:still|noch|encore|toujours|todavía|aún)\b", re.IGNORECASE)
_SINCE: Final = re.compile(
    r"\b(?:no longer|not any ?more|n't any ?more|nicht mehr|ne [\w']+ plus|ya no|not (?:\w+ ){1,4}since"
    r"|never (?:\w+ ){1,4}since)\b",
    re.IGNORECASE,
)
_EXCEPTED: Final = re.compile(
    r"\b(?:except(?: for)?|with the exception of|other than|apart from|außer|ausgenommen|mit ausnahme|sauf"
    r"|à l'exception|salvo|excepto)\b([^.;()]*)",
    re.IGNORECASE,
)
_THOSE_WHO: Final = re.compile(r"\b(?:whose|who|those|deren|dessen|dont|cuyos?|cuyas?|quienes)\b", re.IGNORECASE)


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


def contrary(pair: Compared) -> str:
    """How the statement contradicts the clause of the source that is nearest to it.

    A denial and an opposite together say the same as neither: `not before` and `after`.
    """
    theirs = [_clause(part, pair.language) for part in clauses(weighed(pair.there), least=2)]
    # `only if` says what `not unless` does, and of two clauses either may carry the denial
    limits = denies(weighed(pair.statement), pair.spoken) or not _LIMITS.isdisjoint(lower(pair.statement))
    for mine in dict.fromkeys(_said(weighed(pair.statement), pair.spoken, pair.question)):
        is_word = mine.size + len(mine.sides) < 2 and not (mine.denies and len(_spelled(mine.text)) > 3)
        if is_word and pair.question and not _NO.match(pair.statement):  # it answers, and says nothing
            continue
        shares = [len(mine.shared(other)) for other in theirs]
        shared = max(shares, default=0)
        near = [other for other, share in zip(theirs, shares, strict=True) if share == shared]
        near = [other for other in near if mine.sides & other.sides] or near
        if not shared or all(shared < 0.5 * min(mine.size, other.size) for other in near):
            continue
        turned = [_opposed(mine.sides, other.sides) for other in near]
        denied = [
            not _may_deny(mine, theirs) if mine.denies else not limits and other.denies and mine.is_denied_by(other)
            for other in near
        ]
        is_near = shared > 1 or mine.size <= 2
        if is_near and all(a and not b for a, b in zip(denied, turned, strict=True)):
            return f"denial: {mine.text.strip()}"
        if any(turned) and all(mine.denies == other.denies for other in near):
            return f"opposite: {mine.text.strip()}"
        if not mine.denies and all(_stronger(mine, other) for other in near):
            return f"stronger: {mine.text.strip()}"
        if not (mine.denies or _OR_SO.search(pair.statement)) and all(_is_unsure(mine, other) for other in near):
            return f"stronger: {mine.text.strip()}"
        is_conditional = all(_ONLY_IF.search(other.text) for other in near) and not _IF.search(pair.statement)
        if is_conditional and not (limits and _says_exception(mine, pair)):
            return f"condition left out: {mine.text.strip()}"
    return ""


def _is_unsure(mine: Clause, other: Clause) -> bool:
    """Whether the other one says most of what the two share as something that is only perhaps so."""
    found = _PERHAPS.search(other.text)
    behind = stems(other.text[found.end() :], other.language) if found else frozenset()
    shared = mine.shared(other)
    return 2 * sum(any(akin(each, stem, other.language) for stem in behind) for each in shared) > len(shared)


def _may_deny(mine: Clause, theirs: Sequence[Clause]) -> bool:
    """Whether the source denies, restricts or has ended something of it that it does not affirm where it is nearest."""
    reach: list[frozenset[str]] = []
    for before, each in zip((None, *theirs), theirs, strict=False):
        goes_on = before and (GOES_ON.match(each.text) or _ELLIPSIS.search(each.text))
        reach.append(mine.shared(each) | (mine.shared(before) if before and goes_on else frozenset()))
    restricts: list[bool] = []
    for each in theirs:
        is_more = bool(restricts) and restricts[-1] and _OR.match(each.text) is not None
        denies_it = each.denies and (not _ASIDE.search(each.text) or mine.is_denied_by(each))
        restricts.append(is_more or denies_it or not _LIMITS.isdisjoint(lower(each.text)))
    if _ASIDE.search(mine.text):
        return any(each.denies for each in theirs) or any(restricts)
    most = max((len(share) for share, is_one in zip(reach, restricts, strict=True) if not is_one), default=0)
    affirmed = [share for share, is_one in zip(reach, restricts, strict=True) if not is_one and len(share) == most]
    if most < 2:
        return any(restricts)
    return any(
        len(share) >= most or any(share - other for other in affirmed)
        for share, is_one in zip(reach, restricts, strict=True)
        if is_one
    )


def denied_there(pair: Compared) -> str:
    """A word that the source has where it denies it, and nowhere else, in a statement that denies nothing."""
    if not _LIMITS.isdisjoint(lower(pair.statement)):
        return ""
    is_asked = pair.question and (len(pair.words) < 2 or denies(pair.question, pair.spoken))
    if is_asked or denies(weighed(pair.statement), pair.spoken):
        return ""
    theirs = [_clause(part, pair.language) for part in clauses(weighed(pair.there), least=2)]
    affirmed = frozenset(stem for each in theirs if not each.denies for stem in each.stems)
    denied = (stem for each in theirs if each.denies for stem in each.denied)
    only = frozenset(stem for stem in denied if not among(stem, affirmed, pair.language))
    return next((f"denial: {word.written}" for word in pair.words if stand(word.stems, only, pair.language)), "")


def claimed(pair: Compared) -> str:
    """What the statement says of how sure, or how general, a thing is, and the source does not."""
    mine, theirs = pair.statement, pair.there
    affirmed = " ".join(part for part in clauses(theirs) if not denies(part, pair.language))
    for word, least, there in ((_CERTAIN, _SHOWN, affirmed), (_UTTERLY, _WHOLLY, theirs)):
        if (found := word.search(mine)) and not least.search(there):
            return f"stronger: {found[0]}"
    if (never := _NEVER.search(mine)) and _UNLESS.search(theirs) and not _IF.search(mine):
        return f"stronger: {never[0]}"
    everyone = None if _ALONE.search(mine) or _ALL.search(theirs) else _ALL.search(mine)
    narrows = _ALONE.search(theirs) and not _MUST.search(mine)  # who must be 18 need not be told that only such may
    if everyone and (narrows or (not _THOSE_WHO.search(mine) and _narrows(pair))):
        return f"stronger: {everyone[0]}"
    if (still := _STILL.search(mine)) and _SINCE.search(theirs) and not (_SINCE.search(mine) or _STILL.search(theirs)):
        return f"denial: {still[0]}" if not denies(mine, pair.spoken) else ""
    return ""


def _narrows(pair: Compared) -> bool:
    """Whether the source speaks of those alone of whom something holds that the statement does not say."""
    whose = _THOSE_WHO.search(pair.there)
    if whose is None:
        return False
    clause = re.split(r"[,.;()]", pair.there[whose.end() :], maxsplit=1)[0]
    numbers = any(any(map(each.is_borne_by, read(clause, pair.language))) for each in pair.numbers)
    said = stems(pair.statement, pair.spoken)
    return not numbers and not any(among(stem, said, pair.language) for stem in stems(clause, pair.language))


def _apart(pair: Compared) -> frozenset[str]:
    """What the source makes an exception of."""
    return stems(" ".join(found[1] for found in _EXCEPTED.finditer(pair.there)), pair.language)


def _says_exception(mine: Clause, pair: Compared) -> bool:
    """Whether a clause speaks of what the source makes an exception of."""
    apart = _apart(pair)
    return 2 * len(apart & mine.stems) >= max(1, len(apart))


def excepted(pair: Compared) -> str:
    """What the source makes an exception of, in a statement that makes none."""
    if _EXCEPTED.search(pair.statement) or not _LIMITS.isdisjoint(lower(pair.statement)):
        return ""
    if denies(pair.statement, pair.spoken) or (pair.question and len(pair.words) < 2):
        return ""
    if not (apart := _apart(pair)):
        return ""
    rest = stems(_EXCEPTED.sub(" ", pair.there), pair.language)
    only = frozenset(stem for stem in apart if not among(stem, rest, pair.language))
    return next((f"exception: {word.written}" for word in pair.words if stand(word.stems, only, pair.language)), "")


def _said(statement: str, language: str, question: str) -> list[Clause]:
    """Its clauses; a `Yes.` or `No.` alone says, or denies, what was asked."""
    answer = _YES.match(statement) or _NO.match(statement)
    rest = statement[answer.end() :] if answer else statement
    if answer and not stems(rest, language):
        asked = _clause(question.rstrip("?？ "), language)
        if asked.denies:  # `without pip?`: what it denies is seldom what is asked
            return []
        return [replace(asked, text=statement, denies=_NO.match(statement) is not None)]
    return [_clause(part, language) for part in clauses(rest, least=2)]


def _clause(text: str, language: str) -> Clause:
    said = _spelled(text)
    telling = stems(text, language)
    at = [frozenset(terms(word, language)) & telling for word in said]
    denied: set[str] = set()
    places = [place for place, word in enumerate(said) if _is_denial(word, language)]
    if language == "zh":  # one word to the eye
        denied.update(telling if places else ())
    for place in places:
        behind = [here for here in at[place + 1 :] if here]
        before = [here for here in at[:place] if here]
        denied.update(*(behind[:2] or before[-2:]))
    numbers = tuple(each for each in read(text, language) if each.plain != {1.0} or each.dimension)  # `the last one`
    opposed = {stem for word in lower(text) if word in _sides() for stem in terms(word, language)}
    return Clause(text, language, telling - opposed, numbers, denies(text, language), frozenset(denied), sides(text))


def denies(text: str, language: str) -> bool:
    """Whether it denies: `not`, or `forbidden`, but not both."""
    said = _spelled(text)
    refuses = any(word in refusing(language) for word in said)
    return refuses != any(_is_denial(word, language) and word not in refusing(language) for word in said)


def _spelled(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.casefold().replace("’", "'"))


def _is_denial(word: str, language: str) -> bool:
    is_contracted = word.endswith("n't") or (language == "fr" and word.startswith("n'"))
    return (
        word in denying(language) or is_contracted or (language == "zh" and re.search("[不没未非]", word) is not None)
    )


def _bounded(text: str) -> str:
    """With `at most` for `no more than` and for what is denied of more: `must not differ by more than 5`."""
    return _NO_MORE_BEHIND.sub(r"\1at most", _NO_LESS.sub("at least", _NO_MORE.sub("at most", text)))


def weighed(text: str) -> str:
    """The text without denials that deny nothing (`no more than 5` is `at most 5`), what stands in brackets last."""
    aside = re.findall(r"\(([^()]*)\)", text)
    text = "; ".join((re.sub(r"\([^()]*\)", "", text), *aside))
    text = _LEFT_OUT.sub("omitted", _NOT_WITHOUT.sub(r"\g<what>only with", text))
    text = _UNDONE.sub(r"\1 not ", _RULED_OUT.sub("excluded", _FALLS_OUTSIDE.sub("is not part of", text)))
    text = re.sub(r"\bthe most\b", "the", text)
    text = re.sub(r"\b(?:above all|vor allem|surtout|sobre todo)\b", "mainly", text, flags=re.IGNORECASE)
    return _DENIES_NOTHING.sub(" ", _bounded(text))


def sides(text: str) -> frozenset[tuple[int, int]]:
    """On which side of which opposition its words stand."""
    known = _sides()
    return frozenset(place for word in lower(text) for place in known.get(word, ()))


@cache
def _sides() -> dict[str, frozenset[tuple[int, int]]]:
    found: dict[str, set[tuple[int, int]]] = {}
    for pair, both in enumerate((*OPPOSED, *STRONGER)):
        for side, listed in enumerate(both):
            for word in listed.split():
                found.setdefault(word, set()).add((pair, side))
    return {word: frozenset(places) for word, places in found.items()}


def _opposed(mine: frozenset[tuple[int, int]], theirs: frozenset[tuple[int, int]]) -> bool:
    return any(
        pair < len(OPPOSED)
        and (pair, side) not in theirs
        and any(pair == other and (pair, there) not in mine for other, there in theirs)
        for pair, side in mine
    )


def _stronger(mine: Clause, other: Clause) -> bool:
    return any(
        pair >= len(OPPOSED)
        and side == 0
        and (pair, 1) in other.sides
        and (pair, 0) not in other.sides
        and (pair, 1) not in mine.sides
        for pair, side in mine.sides
    )


def other_bound(pair: Compared) -> str:
    """A number that is the least where the source has it as the most, or the other way round."""
    theirs = bounds(pair.there, pair.language)
    for quantity, bound in bounds(pair.statement, pair.spoken):
        if bound and {other for each, other in theirs if quantity.is_borne_by(each)} == {-bound}:
            return f"bound: {quantity.written.strip()}"
    return ""


def bounds(text: str, language: str) -> list[tuple[Quantity, int]]:
    """Its numbers, each with 1 where that is the least, -1 where it is the most, 0 where nothing is said."""
    said = _bounded(text)
    found: list[tuple[Quantity, int]] = []
    for each in read(said, language):
        before, behind = said[max(0, each.place - 30) : each.place], said[each.place + len(each.written) :][:30]
        before = re.split(r"[;,.](?:\s|$)|\d", before)[-1]
        is_least = _OVER.search(before) or _OR_MORE.match(behind)
        is_most = _UNDER.search(before) or _OR_LESS.match(behind)
        if each.kind == "number":
            found.append((each, (1 if is_least else 0) - (1 if is_most else 0)))
    return found


def other_cause(pair: Compared) -> str:
    """A reason that the statement gives, of whose words the quotes have few."""
    for found in _BECAUSE.finditer(pair.statement):
        reason = words(found[1], pair.spoken)
        if any(any(map(each.is_borne_by, pair.found)) for each in read(found[1], pair.spoken)):
            continue
        known = [word for word in reason if stand(word.stems, pair.stems, pair.language)]
        if reason and len(known) <= len(reason) * (1 / 2 if len(reason) <= _SHORT else 1 / 3):
            return f"cause: {found[1].strip()}"
    return ""


def other_side_in_time(pair: Compared) -> str:
    """A date up to which it holds in the source, told as the one from which it does, or the other way round."""

    def sides_of(text: str, language: str) -> list[tuple[Quantity, int]]:
        return [
            (each, 1 if _FROM.search(text[: each.place]) else -1)
            for each in read(text, language)
            if each.kind in ("date", "clock")
            and (_FROM.search(text[: each.place]) or _UNTIL.search(text[: each.place]))
        ]

    if denies(weighed(pair.statement), pair.spoken) or denies(weighed(pair.there), pair.language):
        return ""
    theirs = sides_of(pair.there, pair.language)
    for mine, side in sides_of(pair.statement, pair.spoken):
        if {other for each, other in theirs if mine.is_borne_by(each)} == {-side}:
            return f"bound: {mine.written.strip()}"
    return ""


CONTRARY: Final[tuple[Callable[[Compared], str], ...]] = (
    contrary,
    denied_there,
    excepted,
    claimed,
    other_bound,
    other_side_in_time,
    other_cause,
)

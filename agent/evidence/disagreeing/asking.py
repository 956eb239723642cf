"""What would answer a question: yes or no, a moment, a period, money, or another number?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Literal

from agent.evidence.disagreeing.said import said
from agent.evidence.quantities.quantity import MOMENTS, Quantity
from agent.evidence.quantities.read import read
from agent.evidence.wording import language_of

Kind = Literal["yes or no", "period", "moment", "money", "number", "any"]
_INTERROGATIVE: Final = re.compile(
    r"\b(?:who|whom|whose|what|which|when|where|why|how|wer|wen|wem|welche\w*|wann|wo|warum|wie\w*|wohin|quel\w*|quand"
    r"|où|pourquoi|comment|combien|quién\w*|qué|cuál\w*|cuándo|cuánt\w*|dónde|cómo)\b",
    re.IGNORECASE,
)
_VERB_FIRST: Final = re.compile(
    r"\W*(?:(?:is|are|was|were|do|does|did|can|could|may|must|should|shall|will|would|has|have|had|need|am"
    r"|darf|dürfen|ist|sind|war|waren|kann|können|muss|müssen|hat|haben|gibt|wird|werden|wurden?|braucht|brauchen|gilt"
    r"|gelten|sollt?|sollen|gehört|steht|est-ce|peut-on|faut-il)\b|[\w' ]+?-(?:t-)?(?:ils?|elles?|on)\b)",
    re.IGNORECASE,
)
_WHEN: Final = re.compile(r"\b(?:when|wann|quand|cuándo)\b", re.IGNORECASE)
_OR: Final = re.compile(r"\s(?:or|oder|ou|o)\s", re.IGNORECASE)
_WAS: Final = re.compile(r"\W*was\b", re.IGNORECASE)  # a verb in English, `what` in German
_ASKS_FOR: Final[Mapping[Kind, str]] = {
    "period": (
        r"how (?:long|often|soon|quickly|old)|how much notice|notice period|shortest rest|timeout|frequen\w+"
        r"|duration|period|term|wie lange|wie oft|dauer\w*|frist|combien de temps|depuis combien|quel délai"
        r"|cuánto tiempo|cuánto dura|cada cuánto|qué plazo"
    ),
    "moment": (
        "when|what time|which day|what day|by what|until what|what date|which year|what year|weekday|date|deadline|wann"
        "|datum|in welchem jahr|wie spät|wieviel uhr|quand|quelle heure|quel jour|quelle date|en quelle année|cuándo"
        "|qué hora|qué día|qué fecha|en qué año"
    ),
    "money": (
        r"costs?|prices?|fees?|fine|deposit|salary|wages?|rent|budget|paid|pays?|profit|turnover|revenue|kostet|kosten"
        r"|preis|gebühr\w*|miete|coûte\w*|prix|tarif|cuesta\w*|precio"
    ),
    "number": r"how|wie|combien|cuánt\w+|number of|anzahl|nombre",
}
_KINDS: Final = [(kind, re.compile(rf"\b(?:{words})\b", re.IGNORECASE)) for kind, words in _ASKS_FOR.items()]
_MONEY: Final = frozenset(
    "euros dollars pounds kroner zloty roubles yen yuan francs rupees pesos lira reais".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question asks for, the words and the numbers that it has."""

    kind: Kind
    keys: frozenset[str]
    numbers: tuple[Quantity, ...]
    is_of_two: bool = False  # `simple or complex?`

    def is_answered_by(self, value: Quantity) -> bool:
        """Whether such a value could be the answer."""
        is_moment = value.kind in MOMENTS or is_year(value)
        match self.kind:
            case "moment":
                return is_moment
            case "period":
                return value.dimension in ("seconds", "period", "metres")  # a road is long too
            case "money":
                return value.dimension in _MONEY or (not value.dimension and not is_moment)
            case "number":
                return not is_moment
        return True


@lru_cache(maxsize=64)
def asking(question: str, language: str) -> Asked:
    """What it asks for."""
    keys = frozenset(key for each in said(question, language) for key in each.keys)
    return Asked(_kind(question), keys, read(question, language), _OR.search(question) is not None)


def _kind(question: str) -> Kind:
    head = " ".join(question.split()[:3])
    if _WAS.match(question):
        is_open = language_of(question) == "de"
    elif question.lstrip().startswith("¿"):
        is_open = _INTERROGATIVE.search(head) is not None
    else:
        is_open = not _VERB_FIRST.match(question) or _INTERROGATIVE.search(head) is not None
    if not is_open:
        return "yes or no"
    if _WHEN.search(head):
        return "moment"
    return next((kind for kind, words in _KINDS if words.search(question)), "any")


def is_year(each: Quantity) -> bool:
    """Whether a bare number may be one."""
    is_bare = each.kind == "number" and not (each.dimension or each.counts)
    return is_bare and any(1000 <= value < 2200 for value in each.plain)

"""What kind of thing does a question ask for, and what kinds of things does a text tell?

A few patterns in English, German, Spanish and French; a question in another language asks for no kind, which says
nothing for or against a text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

# Those whose absence can be seen: a text without a digit or a number's name gives no number.
CERTAIN: Final = frozenset({"date", "number", "mail", "phone", "address"})


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)


_ASKS: Final[Mapping[str, re.Pattern[str]]] = {
    "date": _any(
        r"when|how long ago|since when|until when|(?:which|what|the) (?:year|date|day|month|century|time|decade)",
        r"wann|welche[msnr]? (?:jahr|datum|tag|monat|jahrhundert)",
        r"cuándo|(?:qué|cuál es la) (?:año|fecha|día|mes|siglo)",
        r"quand|quel(?:le)? (?:année|date|jour|mois|siècle)",
    ),
    "number": _any(
        r"how (?:many|much|long|tall|high|old|far|big|large|deep|wide|heavy|fast|often)(?! ago)",
        r"(?:what|which|the) (?:number|percentage|percent|amount|size|age|price|rate|population|share|resolution|port)",
        r"wie (?:viele?|lange|hoch|alt|weit|groß|oft|schnell|schwer|teuer|tief|breit)|wieviele?",
        r"welche[nr]? (?:anzahl|höhe|menge|größe|anteil|preis|prozent\w*)",
        r"cuánt[oa]s?|qué (?:porcentaje|número|cantidad|precio|tamaño|edad)",
        r"combien|quel(?:le)? (?:pourcentage|nombre|quantité|prix|taille|âge)",
    ),
    "mail": _any(
        r"e-?mail(?: address)?|mail address|e-?mail-?adresse|correo(?: electrónico)?|courriel|adresse e-?mail"
    ),
    "phone": _any(r"(?:tele)?phone(?: number)?|fax|telefon\w*|teléfono|téléphone"),
    "address": _any(r"web ?site|url|homepage|web ?seite|sitio web|site web|link"),
    "person": _any(r"who|whom|whose|wer|wen|wem|wessen|quién(?:es)?|qui"),
    "place": _any(
        r"where|(?:which|what) (?:city|country|town|state|place|region|continent|building)",
        r"wo|wohin|woher|welche[mrn]? (?:stadt|land|ort|region)",
        r"dónde|qué (?:ciudad|país|lugar|región)",
        r"où|quel(?:le)? (?:ville|pays|lieu|région)",
    ),
    "reason": _any(r"why|reason|warum|wieso|weshalb|grund|por qué|razón|motivo|pourquoi|raison"),
    "way": _any(
        r"how (?:do|does|can|could|to|should|would|is|are)|wie (?:kann|können|soll|muss|wird|werden|mache)",
        r"cómo|comment",
    ),
    "several": _any(
        r"^list|name (?:all|the)|enumerate|(?:which|what) (?:are|were)",
        r"(?:which|what) (?:\w+ )?\w+s (?:are|were|did|do)",
        r"nenne|liste|zähle|welche sind|enumera|cuáles|quelles sont|quels sont|énumère",
    ),
}
_ASKS_WHETHER: Final = re.compile(
    r"\W*(?:is|are|was|were|do|does|did|can|could|may|must|should|shall|has|have|will|would|ist|sind|kann|können|darf"
    r"|dürfen|muss|müssen|hat|haben|gibt|wird|es|son|puede|pueden|hay|debe|est-ce|peut-on|y a-t-il|faut-il)\b",
    re.IGNORECASE,
)
_MONTH: Final = (
    r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|janv|févr|avr|juin|juil|août|ener|abr|dic)"
)
_NUMBER_WORD: Final = (
    r"two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|sixty|hundreds?|thousands?"
    r"|millions?|billions?|half|once|twice|third|quarter|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf"
    r"|hundert|tausend|millionen|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|cien|mil|millones|deux|trois|quatre"
    r"|cinq|sept|huit|neuf|dix|cent|mille|daily|weekly|monthly|yearly|annual(?:ly)?"
)
_NAMED: Final = r"(?!(?:The|An?|In|On|At|This|It|Der|Die|Das|Ein|Eine|El|La|Los|Las|Le|Les|Une?)\b)[A-ZÀ-Þ][\w’'-]+"
_TELLS: Final[Mapping[str, re.Pattern[str]]] = {
    "date": re.compile(
        r"(?<![\d.,])(?:1\d{3}|20\d\d)s?(?![\d,])|\d{1,2}:\d\d|\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}"
        rf"|(?i:\b{_MONTH}[a-zé]*\.?,? \d{{1,4}}\b|\b\d{{1,2}}(?:st|nd|rd|th|\.|er)?[ -](?:de |of )?{_MONTH}[a-zéû]*"
        r"|\b(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b\w+(?:st|nd|rd|th) centur\w+|\bjahrhundert\w*|\bsiglos?\b"
        r"|\bsiècles?\b)"
    ),
    "number": re.compile(rf"\d[\d.,]*|(?i:\b(?:{_NUMBER_WORD})\b)"),
    "mail": re.compile(r"[\w.+-]+@[\w-]+\.\w+"),
    "phone": re.compile(r"\+?\(?\d[\d ()/.-]{5,}\d"),
    "address": re.compile(r"https?://\S+|www\.\S+"),
    "person": re.compile(rf"{_NAMED}(?: [A-Z]\.)?(?: (?:v\.|von|van|de|der|di|la))*(?: {_NAMED})+|\b[A-Z]\. ?{_NAMED}"),
    "place": re.compile(
        rf"\b(?:[Ii]n|[Aa]t|[Nn]ear|[Ff]rom|[Tt]o|[Oo]f|[Aa]us|[Nn]ach|[Bb]ei|[Ee]n|[Dd]e|[Àà]|[Dd]ans) (?:the |der "
        rf"|la |el |los |le |les )?({_NAMED})"
    ),
    "reason": _any(
        r"because|since|due to|owing to|so that|in order to|therefore|thus|reasons?|rationale|as a result|to avoid"
        r"|based on|weil|da|denn|damit|deshalb|daher|grund|um|porque|debido a|por lo que|para|razón|parce que|car|afin"
        r"|à cause de"
    ),
    "way": _any(
        r"use|using|used|run|set|call(?:ing|ed)?|pass|add(?:ing)?|writ(?:e|ing)|type|click|by \w+ing|must|should|can be"
        r"|verwend\w+|benutz\w+|mit|durch|usar|usando|utiliz\w+|mediante|utilis\w+|en \w+ant"
    ),
    "several": re.compile(r"(?:[^,;|]+[,;|]){2}[^,;|]+"),
}


def asked(question: str) -> frozenset[str]:
    """The kinds of things that a question asks for; `whether` where it asks for yes or no."""
    found = {kind for kind, pattern in _ASKS.items() if pattern.search(question)}
    if "date" in found or "number" in found:
        found -= {"way", "several"}
    if not found and _ASKS_WHETHER.match(question):
        found.add("whether")
    return frozenset(found)


def tells(text: str, kind: str, known: frozenset[str]) -> bool:
    """Whether a text tells something of a kind beyond `known`, the words of the question in lower case."""
    pattern = _TELLS.get(kind)
    if pattern is None:
        return False
    if kind in {"reason", "way", "several"}:
        return pattern.search(text) is not None
    return any(
        any(word.casefold() not in known for word in re.findall(r"[^\W_]+", found[0]))
        for found in pattern.finditer(text)
    )

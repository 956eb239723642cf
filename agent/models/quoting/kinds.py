"""What kind of thing does a question ask for, and what kinds of things does a text tell?

A few patterns in English, German, Spanish and French; a question in another language asks for no kind, which says
nothing for or against a text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

# Those whose absence can be seen: a text without a digit or a number's name gives no number.
CERTAIN: Final = frozenset({"date", "end", "town", "number", "often", "money", "mail", "phone", "address"})


def _any(*words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)


_ASKS: Final[Mapping[str, re.Pattern[str]]] = {
    "date": _any(
        r"^\W*(?:\w+ )?when|(?:and|or|until|since) when|,\s*when|when\W*$|how long ago|(?:which|what|the) (?:year"
        r"|date|day|month|century|time(?! zone)|decade)",
        r"wann|welche[msnr]? (?:jahr|datum|tag|monat|jahrhundert)",
        r"cuándo|(?:qué|cuál es la) (?:año|fecha|día|mes|siglo)",
        r"quand|quel(?:le)? (?:année|date|jour|mois|siècle)",
    ),
    "money": _any(
        r"how much (?:\w+[ ,]){0,12}?(?:cost|costs|pay|pays|paid|charge[sd]?|spend|spent|earn|earns|earned|worth"
        r"|price)",
        r"(?:what|which) (?:is|was|are|were|does|do|did) (?:the )?(?:\w+ ){0,3}?(?:price|cost|fee|salary|budget"
        r"|fine)s?",
        r"what (?:does|do|did|will|would) (?:\w+ ){1,12}?cost",
        r"(?:wie ?viel|was) (?:\w+ ){0,12}?(?:kostet|kosten|zahlt|zahlen|bezahlt|verdient)|wie teuer",
        r"cuánto (?:\w+ ){0,12}?(?:cuesta|cuestan|paga|pagó|vale|valen)|combien (?:\w+ ){0,12}?(?:coûte|coûtent|paie"
        r"|payé)",
    ),
    "often": _any(r"how often|how frequently|wie oft|wie häufig|con qué frecuencia|à quelle fréquence"),
    "number": _any(
        r"how (?:many|much|long|tall|high|old|far|big|large|deep|wide|heavy)(?! ago)",
        r"(?:what|which|the) (?:number|percentage|percent|amount|size|age|price|rate|population|share|resolution|port)",
        r"wie (?:viele?|lange|hoch|alt|weit|groß|schwer|teuer|tief|breit)|wieviele?",
        r"welche[nr]? (?:anzahl|höhe|menge|größe|anteil|preis|prozent\w*)",
        r"cuánt[oa]s?|qué (?:porcentaje|número|cantidad|precio|tamaño|edad)",
        r"combien|quel(?:le)? (?:pourcentage|nombre|quantité|prix|taille|âge)",
    ),
    "mail": _any(
        r"e-?mail(?: address)?|mail address|e-?mail-?adresse|correo(?: electrónico)?|courriel|adresse e-?mail"
    ),
    "phone": _any(r"(?:tele)?phone(?: number)?|fax|telefon\w*|teléfono|téléphone"),
    "address": _any(r"web ?site|url|homepage|web ?seite|sitio web|site web|link"),
    "person": _any(
        r"^\W*(?:\w+ )?who(?:m|se)?|(?:and|or|is|was) who(?:m|se)?|who(?:m|se)?\W*$|wer|wen|wem|wessen|quién(?:es)?|qui"
    ),
    "town": _any(
        r"(?:which|what) (?:city|country|town|village|continent)|welche[mrns]? (?:stadt|land|ort|kontinent)",
        r"qué (?:ciudad|país|pueblo|continente)|quel(?:le)? (?:ville|pays|continent)",
    ),
    "place": _any(
        r"^\W*(?:\w+ )?where|(?:and|or) where|where\W*$|(?:which|what) (?:state|place|region|building)",
        r"wo|wohin|woher|welche[mrn]? region|dónde|qué (?:lugar|región)",
        r"où|quel(?:le)? (?:lieu|région)",
    ),
    "end": _any(
        r"(?:when|how long|what date|which (?:date|year|month)) .*(?:ends?|ended|expires?|expired|run out|stops?"
        r"|stopped|closes?)",
        r"until when|till when|bis wann|wann .*(?:endet|läuft ab)|hasta cuándo|jusqu['’]à quand",
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
CALLED: Final[Mapping[str, str]] = {  # what a file of this kind is called
    "csv": "CSV table",
    "docx": "Word document",
    "eml": "mail e-mail email message",
    "epub": "book e-book",
    "htm": "web page",
    "html": "web page",
    "ipynb": "notebook",
    "msg": "Outlook mail e-mail email message",
    "odt": "document",
    "pdf": "PDF",
    "pptx": "PowerPoint presentation slides",
    "xls": "Excel spreadsheet workbook",
    "xlsx": "Excel spreadsheet workbook",
}
_FILE: Final = re.compile(
    r"(?i)\b(?:in|of|from|on|im|aus|dem|der|des) (?:(?:the|this|that|our|my|a|an|dem|der|des|dieser"
    r"|diesem) )?(?:\w+ ){0,2}?"
    r"(?:(?P<docx>word[ -](?:document|file|dokument|datei))|(?P<xlsx>spreadsheet|workbook|excel\w*)|(?P<pdf>pdf)"
    r"|(?P<pptx>presentation|slides?|slide deck|präsentation|folien)|(?P<ipynb>notebook)|(?P<html>web ?page|webseite)"
    r"|(?P<eml>e-?mail(?! address)|mail(?! address)))\b"
)
_SAME: Final[Mapping[str, str]] = {
    "msg": "eml",
    "htm": "html",
    "xls": "xlsx",
    "csv": "xlsx",
    "odt": "docx",
    "doc": "docx",
}
_ASKS_FOR_CODE: Final = re.compile(
    r"(?i)\b(?:how (?:do|does|can|could|to|should|would)|code|snippet|syntax|command|example of|wie (?:kann|muss"
    r"|mache|soll)"
    r"|befehl|beispiel|cómo|comando|ejemplo|comment|commande|exemple)\b"
)
_LIST: Final = _any(r"^\W*(?:please )?list|name (?:all|the)|enumerate|nenne|liste|zähle|enumera|énumère")
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
_PERIOD: Final = (
    r"(?:second|minute|hour|day|night|week|fortnight|month|quarter|year|decade|morning|evening|spring|summer|autumn|winter"
    r"|\w+day|Minute|Stunde|Tag|Nacht|Woche|Monat|Quartal|Jahr|minuto|hora|día|semana|mes|año|minute|heure|jour|semaine"
    r"|mois|an)(?:s|e|es|n|en)?"
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
    "money": re.compile(
        r"(?i:(?:[$€£¥]|\b(?:USD|EUR|GBP|CHF|JPY|RMB)) ?\d[\d.,]*|\d[\d.,]*(?: (?:hundred|thousand|million|billion"
        r"|trillion"
        r"|tausend|millionen|milliarden|mil|millones|mille|millions?|milliards?))?(?: |-)?(?:[$€£¥%]"
        r"|(?:USD|EUR|GBP|CHF|JPY|RMB|euros?|dollars?|dólares|pounds?|pfund|cents?|pence|francs?|franken|yen)\b)"
        r"|\d[\d.,]* (?:million|billion|millionen|milliarden|millones|milliards?)|\b(?:free|no charge|gratis"
        r"|kostenlos)\b)"
    ),
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
        r"use|using|used|run|set|call(?:ing|ed)?|pass|add(?:ing)?|writ(?:e|ing)|type|click|define|mark|declare|create"
        r"|make|specify|provide|put|place|install|open|choose|select|press|import|include|insert|by \w+ing|must"
        r"|should|can be"
        r"|verwend\w+|benutz\w+|mit|durch|usar|usando|utiliz\w+|mediante|utilis\w+|en \w+ant"
    ),
    "often": _any(
        rf"(?:every|each|per|once an?|jede[nrsm]?|pro|cada|chaque|par) (?:\w+ ){{0,2}}?(?:{_PERIOD}|{_MONTH}\w*)",
        r"(?:bi|semi)?(?:annual|year|quarter|month|week|dai|night|hour)l?y|once|twice|\w+ times|rarely|seldom"
        r"|regularly",
        r"(?:halb)?(?:jährlich|monatlich|wöchentlich|täglich|stündlich)\w*|einmal|zweimal|selten|regelmäßig",
        r"anual\w*|mensual\w*|semanal\w*|diari\w*|\w+ veces|una vez|\w+ fois|annuel\w*|mensuel\w*|quotidien\w*",
    ),
    "end": _any(
        r"until|till|through|to|expir\w+|end\w*|end-of-life|stop\w*|clos\w+|last(?:s|ed)|over|finish\w*|bis|ende\w*|hasta|termina\w*"
        r"|terminó|jusqu\w+"
    ),
    "town": re.compile(r"(?<=[\w,;’'] )(?:[A-ZÀ-Þ][\w’-]{2,})"),
    "several": re.compile(r"(?:[^,;|]+[,;|]){2}[^,;|]+"),
}


_HAPPENED_ONCE: Final = frozenset(
    [
        "built",
        "founded",
        "established",
        "invented",
        "created",
        "born",
        "died",
        "published",
        "introduced",
        "discovered",
        "constructed",
        "erbaut",
        "gebaut",
        "gegründet",
        "erfunden",
        "geboren",
        "gestorben",
        "veröffentlicht",
        "construido",
        "construida",
        "fundado",
        "fundada",
        "inventado",
        "nació",
        "construit",
        "construite",
        "fondé",
        "fondée",
        "inventé",
        "né",
        "née",
    ]
)
_CLOCK: Final = re.compile(r"\b\d{1,2}[:.]\d\d\b(?:[:.]\d\d\b)?(?![./]?\d)")
# What has digits and is no number of anything: the mark of an item or of a note, an address, a date, a name
_NO_COUNT: Final = re.compile(
    rf"^\s*(?:[-*+•]\s+)?\(?\d{{1,3}}[.)]\s|\[\^?\d{{1,3}}\]_?|\\?\(\d{{1,2}}\)_?|https?://\S+|\S+@\S+"
    rf"|\d{{4}}-\d\d-\d\d|\d{{1,2}}:\d\d(?::\d\d)?|(?i:\b\d{{1,2}}[ -]{_MONTH}[a-z]*[ -]\d{{4}})"
    r"|\b(?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December) \d{1,2}(?:, \d{4})?\b"
    r"|(?<=[\w,;] )[A-Z][\w.'-]* v?\d+(?:\.\d+)*[a-z]*\d*(?=[,;:.)]*(?:\s*$|[,;:.)]\s|\s[A-Z]))"
    r"|\b[A-Z]{2,}[ -]\d+\b(?!\s*[%°])"
    r"|\b[A-Z]\w+ v?\d+(?:\.\d+)+[a-z]*\d*|\bv\d+(?:\.\d+)*\w*|\b\d+(?:\.\d+)+(?:a|b|rc)\d+|\b\d+\.\d+\.\d+\b"
)


def numbers(text: str) -> Iterator[re.Match[str]]:
    """The numbers of things that a text tells, each where it stands."""
    return _TELLS["number"].finditer(_NO_COUNT.sub(lambda found: " " * len(found[0]), text))


def asked(question: str) -> frozenset[str]:
    """The kinds of things that a question asks for; `whether` where it asks for yes or no."""
    found = {kind for kind, pattern in _ASKS.items() if pattern.search(question)}
    if "end" in found:
        found.discard("date")
    if "money" in found:
        found.discard("number")
    if found & {"date", "end", "number", "often", "money"}:
        found -= {"way", "several"}
    if not found and _ASKS_WHETHER.match(question):
        found.add("whether")
    return frozenset(found)


def asks_for_code(question: str) -> bool:
    """Whether code could be the answer: a way is asked for, a command, an example."""
    return _ASKS_FOR_CODE.search(question) is not None


def is_other_file(question: str, name: str) -> bool:
    """Whether a question names a sort of file, and a document's name says that it is of another sort."""
    extension = name.rpartition(".")[2].casefold()
    named = _FILE.search(question)
    return named is not None and extension in CALLED and named.lastgroup != _SAME.get(extension, extension)


def asks_for_a_list(question: str) -> bool:
    """Whether all of several things are asked for in so many words."""
    return _LIST.search(question) is not None


def tells(text: str, kind: str, known: frozenset[str]) -> bool:
    """Whether a text tells something of a kind beyond `known`, the words of the question in lower case."""
    if kind == "end":
        return tells(text, "date", known) and _TELLS[kind].search(text) is not None
    pattern = _TELLS.get(kind)
    if pattern is None:
        return False
    if kind in {"reason", "way", "often", "several"}:
        return pattern.search(text) is not None
    if kind == "date" and not known.isdisjoint(_HAPPENED_ONCE):  # no hour tells when
        text = _CLOCK.sub(" ", text)
    if kind == "number":
        text = _NO_COUNT.sub(" ", text)
    return any(
        any(word.casefold() not in known for word in re.findall(r"[^\W_]+", found[0]))
        for found in pattern.finditer(text)
    )

"""What does a question that follows others ask by itself? By a rule, from what was asked before.

A pronoun stands for the last subject; "What about X?" asks the last question of X; a question that only asks ("Since
when?") goes on as the last one does. What is only known to go back to the last question gets its subject in brackets. A
question that stands by itself is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.memory.conversation import Exchange
from agent.memory.subject import (
    ARTICLE,
    ASKS,
    AUX,
    BEFORE_ASKS,
    INSIDE,
    deed,
    is_article,
    is_plural,
    pattern,
    things,
    tongue,
)

_ORDERS: Final = (
    r"(?:please |bitte )?(?:tell|show|list|give|explain|describe|compare|name|find|nenne|zeige?|erkläre?|dime|muestra"
    r"|explica|compara)\b"
)
_STARTS: Final = pattern(rf"^\W*(?:{BEFORE_ASKS}(?:{ASKS}|{AUX}|gibt|se puede[n]?)\b|{_ORDERS})")
_AND: Final = pattern(r"^\W*(?:and|und|but|aber|also|y|pero)\b[ ,]+(?P<rest>.+?)\W*$")
_EVEN: Final = pattern(
    r"^\W*(?:not even|not|even|also|only|just|nicht einmal|auch|nur|sogar|selbst|ni siquiera"
    r"|incluso|también|solo) (?P<rest>.+?)\W*$"
)
_IF_SO: Final = pattern(
    r"^\W*(?:and |und |y )?(?:if (?:so|yes|not)|falls ja|wenn ja|wenn nicht|falls nicht|si es así|en ese caso)[, ]+"
)
# Of something else
_WHAT_ABOUT: Final = pattern(
    r"^\W*(?:(?:and|und|ok(?:ay)?|so|but|aber|y|no|nein)\b[ ,]*)?",
    r"(?:what about|how about|what of|was ist mit|wie ist es mit|wie sieht es (?:mit|bei)|qué (?:hay|pasa|tal) ",
    r"(?:de|con)|(?:the |das |la )?(?:same|gleiche|selbe|dasselbe|lo mismo)(?: (?:question|thing|frage|pregunta))?"
    r" (?:for|with|about|goes for|für|bei|mit|para|con)",
    r"|i mea(?:n|nt)|ich meine?|quiero decir|me refiero a) (?P<rest>.+?)\W*$",
)
_TOO: Final = pattern(r"^\W*(?P<rest>.+?),? (?:too|as well|auch|también)\W*$")
_OTHERS: Final = pattern(
    r"^\W*(?:any(?:thing)? (?:others?|else|more)|(?:what|who|where) else|which others?|others",
    r"|noch (?:etwas|andere|mehr)|(?:was|wer|wo) (?:noch|sonst)|sonst noch (?:etwas|was)|algún otro",
    r"|alguna otra|algo más|qué más)\W*$",
)
_BARE: Final = pattern(
    rf"^\W*(?P<ask>{BEFORE_ASKS}(?:{ASKS})",
    r"(?: (?:much|many|long|often|so|not|exactly|lange|oft|viele?|nicht|genau|tiempo|no)",
    r"|(?: (?:often|oft|viele?|much|many))? (?:im|pro|per|a|an|each|every|al|por) [\w-]+)?",
    rf"|{BEFORE_ASKS}(?:which|what|welche[rsnm]?|wessen) (?!(?:{AUX}|{ARTICLE}|one|ones|else)\b)[\w-]+",
    r"|(?:desde|hasta|en|de) qué [\w-]+)(?:,? (?:then|denn|dann|entonces))?\W*$",
)
_WHY_NOT: Final = pattern(r"why not|warum nicht|wieso nicht|por qué no")
_WHAT_IF: Final = pattern(
    r"^\W*(?:(?:and|und|y) )?(?:what |was, |was |(?<=y )qué pasa )(?P<rest>(?:if|wenn|si) .+?)\W*$"
)
_ASK_OF: Final = pattern(
    rf"^\W*{BEFORE_ASKS}(?:{ASKS})(?: (?:much|many|long|often|soon|far|lange|oft|viele?|días|tiempo|veces|hora))?\b"
)
_WHO_DOES: Final = pattern(
    rf"^\W*(?:(?:who|what|wer|was|which [\w-]+|quién) (?!(?:{AUX})\b)[\w-]+|(?:who|wer) (?:may|can|must|darf|kann)) .+"
)
_CONDITION: Final = pattern(
    r"^(?:(?:in|on|at|for|with|without|under|over|during|after|before|from|to|by|as|if|when|above|below|between|until"
    r"|since|outside|inside|within|per|against|unless|via|up to|more than|less than",
    r"|bei|für|mit|ohne|nach|vor|im|am|an|auf|wenn|falls|über|unter|ab|bis|zwischen|während|als|zum|zur",
    r"|en|para|por|con|sin|desde|hasta|si|cuando|durante|entre|sobre|al|a(?= (?:la|las|los|partir)\b)"
    r"|los (?:lunes|martes|miércoles|jueves|viernes|sábados|domingos|fines de semana|festivos))\b"
    r"|(?:today|tomorrow|tonight|online|heute|morgens?|abends|nachts|mittags|vormittags|nachmittags|wochentags|feiertags|(?:mon|diens|mitt?wochs?|donners|frei|sams|sonn)tags?"
    r"|hoy|mañana)\W*$)",
)
_CLAUSES: Final = pattern(rf"\b(?:{ASKS}|{AUX})\b|,")

# What stands for something that was named before. Not what a sentence needs as its form: "Is it possible to …".
_FORMAL: Final = pattern(
    r"\b(?:is|was|are|would|will|does|did|can|what|how long|how much) it (?:be )?",
    r"(?:(?:still |also |ever )?(?:possible|allowed|necessary|safe|required|okay|ok|enough|true|legal|important|better"
    r"|worth|good|bad|easy|hard|difficult|common|permitted|known|clear)"
    r"|takes?\b.* (?:to|until|before|for)\b|costs? to\b|matters? (?:if|whether))",
    r"|\bgibt es\b|\bist es (?:möglich|erlaubt|nötig|sicher)\b|\bthat is\b(?=,)",
)
_THEY: Final = pattern(
    r"\b(?:it|they|them|he|him|she|those|these|(?:both|the two|the latter)(?= (?:are|is|do|have|can)\b|\W*$)"
    r"|sie|er|ihn|ihm|ihnen|él|ella|ellos"
    r"|ellas|eso|ese)\b(?!['’]s\b)|\b(?:it|that|he|she)(?=['’]s\b)"
)
_THEIR: Final = pattern(
    r"\b(?:its|their|his|her(?= \w)|ihre[rmns]?|seine[rmns]?|sein(?= (?-i:[A-ZÄÖÜ]))|deren|dessen)\b"
)
_THAT: Final = pattern(
    r"(?:(?<=\babout )|(?<=\bof )|(?<=\bfor )|(?<=\bwith )|(?<=\bto )|(?<=\bafter )|(?<=\bbefore )|(?<=\bdoes )",
    r"|(?<=\bdo )|(?<=\bis )|(?<=\bwas )|(?<=\bcan )|(?<=\bwill )|(?<=\bmust )|(?<=\bmay ))(?:that|this)",
    rf"(?= (?:{AUX}|apply|work|mean|happen|cost|take|include|cover|change)\b|\W*$)",
)
_THIS_ONE: Final = pattern(
    r"\b(?:this|that|these|those|diese[rsnm]?|the same|such an?|este|esta|estos|estas) ",
    rf"(?P<noun>(?!(?:{AUX}|{ARTICLE})\b)[\w-]+)(?!(?<=\bone) [\w-]+)",
)
_DAS: Final = re.compile(
    r"\b(?:das|der|die|den|dem)(?= (?:genau|denn|eigentlich|dann|noch|immer|so|zu|normalerweise|etwas|viel)\b|\W*$)"
)
_ONE: Final = pattern(r"\bone(?=\W*$)")
_ONES: Final = pattern(r"(?P<kind>.+ )ones?")
_OF_WHICH: Final = pattern(
    r"\b(?:which ones?|which|welche[rsnm]?|cuál(?:es)?)(?P<of> (?:of (?:the two|these|those|them|both)"
    r"|von (?:beiden|diesen|ihnen)|de (?:los dos|las dos|ellos|ellas)))?"
    rf"(?= (?:{AUX}|fits|suits|passt|works)\b|\W*$)"
)
_SOLICITARLO: Final = pattern(r"\b(?P<verb>[a-záéíóúñ]{2,}[aeií]r)(?:l[oae]s?|se l[oa]s?)\b")
# What goes back to the last question, but cannot be put in its place: its subject stands in brackets behind it
_THEREOF: Final = {
    "en": pattern(r"\b(?P<word>do (?:so|that|this)|(?:that|this)(?=\W*$)|this(?= be\b))\b"),
    "de": pattern(r"\b(?P<word>davon|dafür|damit|dazu|darin|darüber|dabei|daran|darauf)\b"),
    "es": pattern(
        r"\b(?P<word>lo(?= \w+)|(?:los|las|la)(?= (?:pued|teng|deb)\w+)|sus?(?= \w))\b"
        r"|\b(?:quién(?:es)?|cuándo|cómo|dónde|por qué) (?P<clitic>l[ao]s?) \w+\W*$"
    ),
}
_ALONE: Final = pattern(
    r"^(?!(?:really|okay|ok|yes|no|sure|thanks|wirklich|echt|ja|nein|genau|danke|sí|vale|gracias|de verdad)\b)",
    r"(?:[\w’'-]+ ){0,3}[\w’'-]+\?$",
)
_AT_THE: Final = pattern(
    r"\b(?:on|in|at|for|from|to|with|auf|an|bei|en|para|a) (?P<np>(?:the|my|our|der|die|das|dem|den|el|la|los|las) ",
    r"(?:[\w-]+ )?[\w-]+)\W*$",
)
_TIME: Final = pattern(
    r"\b(?:hours?|days?|weeks?|months?|years?|nights?|weekends?|morning|evening|spring|summer|autumn|winter|holidays?|\w+days?"
    r"|stunden?|tage?n?|wochen?|monate?n?|jahre?n?|nacht|sommer|winter|feiertagen?|\w+tags?|semanas?|días?|mes(?:es)?|años?"
    r"|verano|invierno|noches?|\d{4})\b"
)
_DO_SO: Final = pattern(r"(?<=\bto )do (?:so|that|this)\b|(?<=\bI )do (?:so|that|this)\b")
_NO_SUBJECT: Final = pattern(
    rf"^\W*(?:(?:{ASKS}) (?:(?:tiempo|dinero|días|horas|veces) )?(?:se )?[a-záéíóúñ]+"
    r"|(?:es|son|está|están|tiene|tienen|cuesta|incluye) [a-záéíóúñ]+"
    r"|se (?:puede|pueden|debe|deben) [a-záéíóúñ]+(?: [a-záéíóúñ]+)?)\W*$"
)
# Something in the question itself that a later pronoun can stand for: it is named in a clause before
_CLAUSE: Final = pattern(
    r"(?:\b(?:if|when|once|after|before|while|because|although|wenn|falls|nachdem|bevor|obwohl)\b.*?",
    rf"\b(?:{ARTICLE}|[\w-]+s)\b|\b(?:{ARTICLE}|each|every|jede[rs]?|which|how many|how much|what (?:do|does|did)) ",
    r"[\w-]+\b).*?(?:[,;:]|[.!] |\b(?:and|or|but|if|when|while|before|after|once|until|that|which|who|because|und|oder",
    r"|wenn|bevor|nachdem|weil)\b)",
)
_OWNER: Final = pattern(  # of something that the question calls its own
    rf"\b(?:{AUX}) (?!(?:i|we|you|it|they|he|she|ich|wir|man|du|sie|er|its|their|his|her)\b)[\w-]+ .*\w $",
    r"|\b(?:every|each|how many) [\w-]+ .*$|.(?-i:\b[A-ZÄÖÜ][\w-]+ ).*$",
)
_PERSONS: Final = frozenset({"he", "she", "him", "her", "his"})
_PLURAL: Final = frozenset({"they", "them", "their", "those", "these", "both", "the two"})


@dataclass(frozen=True, slots=True)
class Read:
    """What a question asks by itself, and why it was changed or was not."""

    question: str
    why: str


@dataclass(frozen=True, slots=True)
class _Last:
    """What was asked about last: its `subject`, all `things` that may be meant, that first, and what somebody does."""

    subject: str = ""
    things: tuple[str, ...] = ()
    deed: str = ""
    asked: str = ""

    def of(self, pronoun: str) -> str:
        """What the pronoun stands for: several things, where it stands for several."""
        if pronoun.casefold() in {"it", "its"} and is_plural(self.subject):
            return next((thing for thing in self.things if not is_plural(thing)), self.subject)
        if pronoun.casefold() in _PLURAL and not is_plural(self.subject) and " and " not in self.subject:
            return next(filter(is_plural, self.things), self.subject)
        return self.subject


def understood(question: str, earlier: Sequence[Exchange]) -> Read:
    """The question by itself, as far as a rule can tell it from the `earlier` ones, the last one last."""
    last = next((each.understood for each in reversed(earlier)), "")
    if not last:
        return Read(question, "nothing was asked before")
    about = _about(earlier)
    if so := _IF_SO.match(question):
        question = question[so.end() :]
    goes_on = _AND.match(question) or _EVEN.match(question)
    rest = goes_on["rest"] if goes_on else question
    if bare := _BARE.match(rest):
        return Read(_asked_so(bare["ask"], last), "it only asks, and goes on as the question before")
    if _OTHERS.match(rest):
        more = {"de": "und was noch", "es": "y qué más", "en": "and what else"}[tongue(last)]
        return Read(f"{_without_mark(last)}, {more}?", "it asks for more than the question before")
    if other := _of_another(question, rest, goes_on is not None):
        if goes_on and about.deed and _THEY.search(other):  # something else is done with the same
            return Read(last.replace(about.deed, _filled(other, about), 1), "it asks of doing something else")
        if its := _THEIR.match(other):  # another thing of the same
            is_one = "are" if is_plural(other) else "is"
            own = f"What {is_one} {other}?" if tongue(other) == "en" else f"{other}?"
            return Read(_filled(own, about), f"what {its[0]} refers to is taken for {about.subject}")
        return _instead(other if _ONES.fullmatch(other) else _filled(other, about), last)
    if goes_on:
        question = f"{'¿' if '¿' in question else ''}{rest[:1].upper()}{rest[1:]}?"
    filled = _filled(question, about)
    if filled != question:
        return Read(filled, f"what it refers to is taken for {about.subject}, which was asked about last")
    return Read(question, "it stands by itself")


def _of_another(question: str, rest: str, goes_on: bool) -> str | None:
    """What the question before is to be asked of instead; None where the question is one by itself."""
    if found := _WHAT_ABOUT.match(question) or _WHAT_IF.match(question):
        return found["rest"]
    if _STARTS.match(rest):
        return None
    if found := _TOO.match(rest):
        return found["rest"]
    bare = rest.strip(" ¿?.!")
    is_noun = len(bare.split()) == 1 or tongue(bare) == "en" or is_article(bare.split()[0])
    if is_noun and _ALONE.match(question.strip(" ¿")) and not (_CLAUSES.search(bare) or _CONDITION.match(bare)):
        return bare
    is_case = _CONDITION.match(bare) and len(bare.split()) <= 8 and not _CLAUSES.search(bare)
    return bare if goes_on or is_case else None


def _about(earlier: Sequence[Exchange]) -> _Last:
    """What was asked about last: the subject stays it where the next question names it again."""
    about = _Last()
    for each in earlier:
        if not about.subject or about.subject.casefold() not in each.understood.casefold():
            found = things(each.understood)
            about = _Last(found[0], found, deed(each.understood), each.understood) if found else about
    return about


def _filled(question: str, last: _Last) -> str:
    """With the subject in place of the first word that stands for it."""
    if not last.subject:
        return question
    formal = [match.span() for match in _FORMAL.finditer(question)]

    def refers(match: re.Match[str]) -> bool:
        if _THEIR.fullmatch(match[0]) and _OWNER.search(question[: match.start()]):
            return False
        if any(start <= match.start() < end for start, end in formal):
            return False
        return not _CLAUSE.search(question[: match.start()])

    if (found := _THIS_ONE.search(question)) and refers(found) and _is_called(found["noun"].casefold(), last.subject):
        return _put(question, found, last.subject)
    spoken = tongue(question)
    if (found := _OF_WHICH.search(question)) and (found["of"] or "one" in found[0]) and refers(found):
        asks, of = found[0].removesuffix(found["of"] or ""), {"en": "of", "de": "von", "es": "de"}[spoken]
        return _put(question, found, f"{asks} {of} {last.of('them')}")
    for told in (_THEIR, _THEY, _THAT, _ONE, *([_DAS] if spoken == "de" else ())):
        found = next(filter(refers, told.finditer(question)), None)
        if found is not None:
            return _named(question, found, last, owns=told is _THEIR)
    if last.deed and (found := _DO_SO.search(question)):
        return _put(question, found, last.deed)
    if spoken == "es" and (found := _SOLICITARLO.search(question)):
        return _put(question, found, f"{found['verb']} {last.subject}")
    if spoken == "es" and _NO_SUBJECT.match(question):
        return f"{_without_mark(question)} {last.subject}?"
    return _in_brackets(question, last, next(filter(refers, _THEREOF[spoken].finditer(question)), None))


def _named(question: str, found: re.Match[str], last: _Last, *, owns: bool) -> str:
    """With what a pronoun stands for in its place; a person of whom only a deed is known, and an owner in another
    language than English, stand in brackets.
    """
    about = last.of(found[0])
    if found[0].casefold() in _PERSONS and _WHO_DOES.match(last.asked):
        return f"{question.rstrip(' ?.')} ({found[0]}: {_without_mark(last.asked)})?"
    if not owns:
        return _put(question, found, _declined(found[0].casefold(), about))
    if tongue(question) != "en":
        return f"{question.rstrip(' ?.')} ({found[0]}: {about})?"
    return _put(question, found, f"{about}'" if about.endswith("s") else f"{about}'s")


def _in_brackets(question: str, last: _Last, found: re.Match[str] | None) -> str:
    """With what is meant behind it, where that cannot stand in the place of what was `found`."""
    if found is None:
        return question
    return f"{question.rstrip(' ?.')} ({found[found.lastgroup or 0]}: {', '.join(last.things)})?"


def _is_called(noun: str, about: str) -> bool:
    """Whether a noun names the subject, or what it is a kind of: `Abteilung` the `Kinderabteilung`."""
    words = [word.casefold().rstrip("s") for word in about.split()]
    return noun in {"one", "ones"} or noun.rstrip("s") in words or (len(noun) > 4 and words[-1].endswith(noun))


def _declined(pronoun: str, about: str) -> str:
    """A German subject with the article that the pronoun calls for."""
    first, _, noun = about.partition(" ")
    forms = {("ihn", "der"): "den", ("ihm", "der"): "dem", ("ihm", "das"): "dem", ("er", "den"): "der"}
    forms |= {(word, "einen"): "ein" for word in ("das", "der", "er")}
    article = forms.get((pronoun, first.casefold()))
    return f"{article} {noun}" if article else about


def _put(question: str, found: re.Match[str], words: str) -> str:
    if found.start() == 0:
        words = f"{words[:1].upper()}{words[1:]}"
    return f"{question[: found.start()]}{words}{question[found.end() :]}"


def _instead(rest: str, last: str) -> Read:
    """The last question asked of something else, or under another condition."""
    why = "it asks the question before of something else"
    about = next(iter(things(last)), "")
    if case := _CONDITION.match(rest):
        there = re.search(rf"\b{re.escape(case[0])} (?!.*\b{re.escape(case[0])} )(?P<it>.+?)\W*$", last, re.IGNORECASE)
        before = last[: there.start()].rstrip() if there and _is_such(there["it"], rest) else _without_mark(last)
        return Read(f"{before} {rest[:1].lower()}{rest[1:]}?", "it asks the question before in another case")
    if is_article(rest.split()[0]) and about and not is_article(about.split()[0]) and (there := _AT_THE.search(last)):
        return Read(f"{last[: there.start('np')]}{rest}?", why)
    rest = _within(rest, last)
    place = last.casefold().find(about.casefold()) if about else -1
    if place < 0 or (tongue(last) == "de" and INSIDE.search(last[:place])):
        return Read(f"{_without_mark(last)}: {rest}?", why)
    if other := _ONES.fullmatch(rest):
        rest = f"{other['kind']}{_kind_of(about)}"
    return Read(f"{last[:place]}{_with_article(rest, about)}{last[place + len(about) :]}", why)


def _is_such(it: str, rest: str) -> bool:
    """Whether one case may stand in the place of another: both are times, or neither is."""
    is_short = len(it.split()) <= 5 and not _CLAUSES.search(it)
    return is_short and bool(_TIME.search(it)) == bool(_TIME.search(rest))


def _within(words: str, last: str) -> str:
    """As written inside a sentence, as far as that can be told: of a name it cannot."""
    is_common = tongue(last) == "en" and is_plural(words) and words[1:2].islower()
    return f"{words[0].lower()}{words[1:]}" if is_common or is_article(words.split()[0]) else words


def _kind_of(about: str) -> str:
    """`runs` of `idle runs`, of which there are others; a name (`PDF files`) is kept whole."""
    words = [word for word in about.split() if not is_article(word)]
    return words[-1] if len(words) > 1 and words[0].islower() else " ".join(words)


def _with_article(rest: str, about: str) -> str:
    """`Pro plan` in place of `the Free plan` is `the Pro plan`."""
    first, *more = about.split()
    named = rest[:1].isupper() and len(rest.split()) == 1
    if first.casefold() in {"a", "an", "my", "our", "your"} and is_plural(rest):
        return rest
    if more and is_article(first) and not is_article(rest.split()[0]) and not named:
        return f"{first} {rest}"
    return rest


def _asked_so(ask: str, last: str) -> str:
    if _WHO_DOES.match(last) or _WHY_NOT.fullmatch(ask):  # who does something is not why it is done
        also = {"de": "und", "es": "y", "en": "and"}[tongue(last)]
        return f"{_without_mark(last)}, {also} {ask[:1].lower()}{ask[1:]}?"
    rest = _without_mark(_ASK_OF.sub("", last, count=1)).strip(" ¿")
    opening = "¿" if last.startswith("¿") else ""
    return f"{opening}{ask[:1].upper()}{ask[1:]} {rest[:1].lower() if _starts_low(rest) else rest[:1]}{rest[1:]}?"


def _starts_low(rest: str) -> bool:
    """Whether it begins with a verb, which is written small behind what asks."""
    return re.match(rf"(?:{AUX})\b", rest, re.IGNORECASE) is not None


def _without_mark(question: str) -> str:
    return question.rstrip(" ?.!")

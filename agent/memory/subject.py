"""What is a question about, as far as its form tells? In English, German and Spanish, by rules alone."""

from __future__ import annotations

import re
from typing import Final, Literal

Tongue = Literal["en", "de", "es"]


def pattern(*parts: str) -> re.Pattern[str]:
    """The parts one behind the other, without regard to case."""
    return re.compile("".join(parts), re.IGNORECASE)


_ASKS_ES: Final = (
    r"(?:(?:a|de|en|con|por|para|desde|hasta) )?"
    r"(?:qué|quién(?:es)?|cuándo|cuánt[oa]s?|dónde|adónde|cómo|cuál(?:es)?)"
)
ASKS: Final = (
    r"who|whom|whose|when|where|why|how|what|which|wer|wem|wen|wann|wo|warum|wieso|wie|was|welche[rsnm]?|wieviele?|wo(?:her|hin|mit|für|durch)|"
    + _ASKS_ES
)
AUX: Final = (
    r"is|are|was|were|did|does|do|has|have|had|can|could|will|would|should|must|may|might|isn't|aren't|doesn't|don't"
    r"|ist|sind|war|waren|hat|haben|kann|können|wird|werden|muss|müssen|soll|sollen|darf|dürfen"
    r"|es|son|fue|está|están|hay|puede|pueden|puedo|tiene|tienen|debe|deben|debo|tengo|será"
)
_DOES: Final = r"do|does|did|can|could|will|would|should|must|may|might|don't|doesn't"  # a verb comes after it
_MINE: Final = r"my|our|your|an?"
ARTICLE: Final = rf"the|{_MINE}|der|die|das|den|dem|eine?[nmrs]?|el|la|los|las|un|una|unos|unas"
BEFORE_ASKS: Final = r"(?:(?:by|for|from|in|on|to|with|at|since|until|of|seit|ab|bis|von|für|mit) )?"

_SPANISH: Final = pattern(rf"¿|^\W*(?:{_ASKS_ES})\b|\b(?:el|los|las|una|del)\b")
_GERMAN: Final = pattern(
    r"^\W*(?:was|wo|die|sie)\b|[äöüß]|\b(?:der|das|den|dem|eine?[nmr]?|ich|wie|wer|wann|ist|und|gibt|kann|darf|muss"
    r"|welche[rsnm]?|warum|wird|werden|sind)\b"
)


def tongue(text: str) -> Tongue:
    """In which of the languages that the rules read a text seems to be."""
    return "es" if _SPANISH.search(text) else "de" if _GERMAN.search(text) else "en"


def is_article(word: str) -> bool:
    """Whether it stands before a noun and means nothing by itself."""
    return re.fullmatch(ARTICLE, word, re.IGNORECASE) is not None


def is_plural(words: str) -> bool:
    """Whether a noun seems to stand for several, in English."""
    return words.endswith("s") and not words.endswith(("ss", "us", "is"))


# A noun with what belongs to it: in German it is written large, in Spanish an article stands before it
_GERMAN_NOUN: Final = re.compile(
    r"(?<!^)(?<![.?!:] )\b(?:(?:[dD](?:er|ie|as|en|em|es)|(?:ein|mein|dein|unser|kein)(?:e[nmrs]?)?) "
    r"(?:[a-zäöüß]{3,}(?:e|er|es|en|em) )?)?[A-ZÄÖÜ][\w-]+(?: (?:der|des) [A-ZÄÖÜ][\w-]+)*"
)
_GERMAN_ASKED: Final = pattern(r"^\W*(?:welche[rsnm]?|wie ?viele?|was für(?: eine?)?) [\w-]+ (?=.*\b(?-i:[A-ZÄÖÜ]))")
_SPANISH_NOUN: Final = pattern(
    r"\b(?P<np>(?:el|la|los|las|una?|unos|unas|mi|mis) (?!que\b|cual)[\w-]+",
    r"(?: (?:de|del)(?: (?:la|los|las|el))? [\w-]+",
    r"| (?!(?:en|para|por|con|sin|al?|desde|hasta|si|cuando|y|o|e|que|se|es|son|hay|de|del|no|más)\b)[\w-]+)*)",
    r"|\bhay (?P<there>[\w-]{3,}(?: [\w-]{4,})?)",
)
_BETWEEN: Final = pattern(
    r"\b(?:differences?|choice|choose|unterschiede?|diferencias?|elegir) (?:is |lies )?(?:between|zwischen|entre) ",
    r"(?P<np>.+?)\W*$",
)
_ASKED: Final = pattern(
    rf"^\W*{BEFORE_ASKS}(?:how many|which|what|whose) (?P<np>(?!(?:{AUX})\b)(?:[\w-]+ ){{0,2}}?[\w-]+s) ",
    rf"(?:{AUX})\b",
)
_OBJECT: Final = pattern(
    r"^\W*(?:does|do|did|has|have) (?P<who>.+?) ",
    r"(?P<verb>have|has|offer|sell|provide|charge|accept|need|support|contain|include|use|keep|read|write|store)",
    r" (?P<np>.+?)\W*$",
)
_GIVEN: Final = frozenset({"have", "has", "offer", "sell", "provide", "charge", "accept"})  # and then asked about
_HEAD: Final = pattern(r"^\W*(?:what|which|who|where|how \w+) (?:is|was) (?P<np>the .+?) (?:of|for|in|on) ")
INSIDE: Final = pattern(
    r"\b(?:im|in|ins|am|an|ans|auf|bei|beim|zum|zur|zu|vom|von|mit|für|nach|aus|über|unter|vor|ohne|gegen|um|durch) $"
)

# How the form of a question tells what it is about
_NO_NOUN: Final = (
    r"in|on|at|by|from|to|with|when|if|after|before|during|per|under|without|into|over|until|because|than|that|which"
    r"|who|via|through|within|as|and|or|be|not|bei|mit|nach|vor|im|am|auf|aus|wenn|und|oder|now|still|always|ever|only"
    r"|also|there"
)
_VERB: Final = pattern(
    r"^(?:[a-z]+(?:ed|ept|ent|ade|own|ung|ost)|held|run|runs|set|put|read|born|lost|paid|sold|built|found|last|work"
    r"|mean|do|start|stop|end|use|need|take|support|listen|have|contain|include|apply|cover|expire|happen|live|differ"
    r"|say|store|give|return|open|close|begin|look|come|go|done|gone|funktioniert|funktionieren|kosten|kostet",
    r"|(?:auf|ab|ein|aus|an|zu|ver|be|er|ge|ent)[a-zäöü]+(?:t|en))$",
)
_ABOUT: Final = pattern(r"\b(?:about|regarding|concerning|über)\s+(?P<np>.+?)\W*$")
_OF: Final = pattern(
    r"^\W*(?:what|which|how much|how many|was|welche[rs]?)\b.*?\b(?:of|for|von|für|des|der) ",
    rf"(?P<np>(?:(?!(?:{_NO_NOUN}|of|for)\b)[\w’'.-]+ ?)+)",
)
_AFTER_AUX: Final = pattern(rf"^\W*{BEFORE_ASKS}(?:(?:{ASKS})(?: [\w-]+){{0,3}}? )?(?P<aux>{AUX}) (?P<rest>.+?)\W*$")
_SOMEONE: Final = pattern(
    r"^(?:i|we|you|one|someone|anyone|people|users?|ich|wir|man|du|sie) (?:(?:still|also|ever|then) )?",
    r"(?P<deed>[\w-]+(?: (?:up|down|out|off|on))? ?(?P<np>.*))$",
)
_WHO_DOES: Final = pattern(rf"^\W*(?:who|what|wer|was|which [\w-]+) (?!(?:{AUX})\b)[\w-]+ (?P<np>.+?)\W*$")
_ORDER: Final = pattern(
    r"^\W*(?:please |bitte )?(?:tell me|show me|list|give me|explain|describe|name|find|nenne|zeige?|erkläre?)",
    r"(?: (?:all|how|what|why|alle))*\s+(?P<np>.+?)\W*$",
)
_LIGHT: Final = pattern(r"its?|they|them|their|s?he|her|him|this|that|these|those|ones?|i|we|you|me|us")


def subject(question: str) -> str:
    """What a question is about, as far as its form tells; empty where it does not."""
    if between := _BETWEEN.search(question):
        return between["np"]
    match tongue(question):
        case "de" if noun := _german(question):
            return noun
        case "es":
            named = _SPANISH_NOUN.search(question)
            return (named["np"] or named["there"]) if named else ""
    for told in (_ABOUT.search(question), _ORDER.match(question), _OF.match(question)):
        if told and (about := _noun(told["np"])):
            return about
    if has := _OBJECT.match(question):
        return _noun(has["np"] if has["verb"].casefold() in _GIVEN else has["who"])
    if found := _AFTER_AUX.match(question):
        rest = found["rest"]
        if does := _SOMEONE.match(rest):
            return _noun(does["np"])
        about = _noun(rest)
        words = about.split()
        ends_in_verb = about == rest and len(words) > 1 and re.fullmatch(_DOES, found["aux"], re.IGNORECASE)
        return " ".join(words[:-1]) if ends_in_verb and not is_article(words[-2]) else about
    if found := _WHO_DOES.match(question):
        return _noun(found["np"])
    return ""


def deed(question: str) -> str:
    """What somebody does in a question: `publish it` in `How do I publish it?`; empty where nobody does."""
    asked = _AFTER_AUX.match(question)
    does = _SOMEONE.match(asked["rest"]) if asked else None
    return does["deed"] if does else ""


def _german(question: str) -> str:
    """The first noun that is no place, time or means; else what is asked for; else the first of all."""
    asked = _GERMAN_ASKED.match(question)
    found = list(_GERMAN_NOUN.finditer(question, asked.end() if asked else 0))
    outside = [each[0] for each in found if not INSIDE.search(question[: each.start()])]
    wanted = [asked[0].split()[-1]] if asked else []
    return next(iter([*outside, *wanted, *(each[0] for each in found)]), "")


def _noun(words: str) -> str:
    """The words up to where a verb or another phrase begins, without what says nothing by itself."""
    kept: list[str] = []
    all_words = [word.strip(".,;:!?\"“”'’()") for word in words.split()]
    for word, bare, after in zip(words.split(), all_words, [*all_words, ""][1:], strict=True):
        if re.fullmatch(_NO_NOUN, bare, re.IGNORECASE) and kept:
            break
        is_verb = _VERB.match(bare) and not _VERB.match(after)  # of two that follow each other the first is a noun
        if kept and is_verb and not is_article(kept[-1]):
            break
        kept += [bare] if bare else []
        if word.endswith((",", ";", ":", "?")):
            break
    if not kept or all(_LIGHT.fullmatch(word) or is_article(word) for word in kept):
        return ""
    while kept and re.fullmatch(_NO_NOUN, kept[0], re.IGNORECASE):
        del kept[0]
    return " ".join(kept)


def things(question: str) -> tuple[str, ...]:
    """What a question is about, and what else it names that a later one may mean."""
    found = (_OBJECT.match(question), _ASKED.match(question), _HEAD.match(question))
    others = (_noun(each["np"]) if each else "" for each in found)
    about = subject(question)
    first = "" if _VERB.fullmatch(about) else about  # of `Which formats are supported?`
    return tuple(dict.fromkeys(filter(None, (first, *others))))

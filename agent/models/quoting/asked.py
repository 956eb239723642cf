"""What is asked for? The words of a question that say so, its names and numbers, and the kind of its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from agent.evidence.wording import language_of
from agent.models.quoting import kinds
from retrieval.lexical.analyze import terms
from retrieval.lexical.stop_words import silent_words

# Words that ask and do not say what for, by language; as they are written, for a stem may be another word's too.
_ASKING: Final[Mapping[str, str]] = {
    "da": "hvad hvem hvilke hvilken hvilket hvordan hvorfor hvornår hvor",
    "de": """wer wen wem wessen was wann wo woher wohin warum wieso weshalb wie welche welchem welchen welcher welches
        kann können soll sollen muss müssen darf dürfen""",
    "en": """how do does did what which when where who whom whose why can could should would may might must has have had
        am were been being i you we he she me my your our its from about there any some many much say says said tell
        tells inside within into onto upon during via""",
    "es": "qué quién quiénes cuál cuáles cuándo cuánto cuánta cuántos cuántas cómo dónde puede pueden debe deben",
    "fr": "quel quelle quels quelles quoi quand comment combien pourquoi où peut peuvent doit doivent",
    "it": "quale quali quando quanto quanta quanti quante come dove perché può possono deve devono",
    "nl": "wat wie welk welke wanneer waar waarom hoe hoeveel kan kunnen moet moeten mag mogen",
    "no": "hva hvem hvilke hvilken hvilket hvordan hvorfor når hvor",
    "pt": "qual quais quem quando quanto quanta quantos quantas como onde pode podem deve devem",
    "ru": "кто что какой какая какое какие когда где куда почему зачем как сколько может можно",
    "sv": "vad vem vilka vilken vilket hur när var varför kan",
}
# A word by itself: what is joined to others by more than an apostrophe is a name
_WORD: Final = re.compile(r"(?<![\w.@/:'’-])(\w+)(?:['’](?:s|re|ll|d|ve|m)\b)?(?![\w@/'’-]|[.:]\w)")
_TOKEN: Final = re.compile(r"[^\s,;!?()\[\]{}\"“”«»¿¡…]+")
# What is asked by more than one word: the answer has none of them
_MEASURE: Final = re.compile(
    r"(?i)\bhow (?:often|long|fast|old|far|tall|big|large)\b|\b(?:which|what) (?:kind|kinds|sort|sorts|type|types) of\b"
    r"|\b(?:ca|do|does|did|is|are|was|were|wo|would|could|should|has|have|had|must)n['’]t\b"
    r"|(?<=phone )numbers?\b|(?<=fax )numbers?\b|(?<=mail )address(?:es)?\b"
)
_MAY: Final = re.compile(r"(?<=[a-z,] )May\b")  # the month: where no sentence begins
_SIGN: Final = re.compile(
    r"(?<!\S)[`'\"“”‘’(]*([^\w\s`'\"“”‘’().,;?!¿¡…–—-]{1,3}|[-=]>|<-|--|\.\.\.)[`'\"“”‘’).,;?!]*(?!\S)"
)
_IDENTIFIER: Final = re.compile(r"[^\W_][\w-]+(?:[._][^\W_][\w-]*)+")  # of a program, or the name of a file
_DENIES: Final = re.compile(
    r"(?i)\b(?:not|no|never|without|except|cannot|nor|neither|none|nicht|kein\w*|nie|ohne|außer|sin|nunca|ningun\w*|excepto"
    r"|pas|jamais|sans|sauf|aucun\w*)\b|n['’]t\b"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it is read.

    `words` are the terms of what is asked for and `ordered` the same in the order of the question, by the language that
    it is read in, `every` are those of all its words; `names` are its names and signs (`@`, `->`) and `numbers` what in
    it has digits, as they are written.
    """

    text: str
    words: Mapping[str, frozenset[str]]
    ordered: Mapping[str, tuple[frozenset[str], ...]]
    every: Mapping[str, frozenset[str]]
    names: tuple[str, ...]
    numbers: tuple[str, ...]
    kinds: frozenset[str]
    known: frozenset[str]
    denies: bool


def read(question: str, languages: Sequence[str]) -> Asked:
    """The question, read in each of the languages of the index."""
    among = tuple(sorted({language or "en" for language in languages}))
    asking = {language: {*_ASKING["en"].split(), *_ASKING.get(language, "").split()} for language in among}
    if _MAY.search(question):
        asking = {language: words - {"may"} for language, words in asking.items()}
    left_out = {language: words | silent_words(language, among) for language, words in asking.items()}
    bare = _MEASURE.sub(" ", question)
    rests = {language: _without(bare, left_out[language]) for language in among}
    words = {language: frozenset(terms(rest, language)) for language, rest in rests.items()}
    if not any(words.values()):
        rests = {language: _without(question, asking[language]) for language in among}
        words = {language: frozenset(terms(rest, language)) for language, rest in rests.items()}
    ordered = {
        language: tuple(each for token in _TOKEN.findall(rest) for each in _apart(terms(token, language)))
        for language, rest in rests.items()
    }
    names, numbers = _marked(question, frozenset().union(*left_out.values()))
    known = frozenset(word.casefold() for word in re.findall(r"[^\W_]+", question))
    every = {language: frozenset(terms(question, language)) for language in among}
    return Asked(question, words, ordered, every, names, numbers, kinds.asked(question), known, denies(question))


def denies(text: str) -> bool:
    """Whether a text says that something is not so."""
    return _DENIES.search(text) is not None


def _apart(found: Sequence[str]) -> list[frozenset[str]]:
    """The terms of a token together; each by itself where they are letters and their pairs, as in Chinese."""
    are_letters = len(found) > 1 and all(len(term) <= 2 for term in found)
    return [frozenset({term}) for term in found] if are_letters else [frozenset(found)] if found else []


def _without(question: str, left_out: AbstractSet[str]) -> str:
    return _WORD.sub(lambda word: " " if word[1].casefold() in left_out else word[0], question)


def _marked(question: str, left_out: AbstractSet[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names, which have a capital where no sentence begins, signs, and what has digits; what is shouted has none."""
    tokens = [token.strip(".:'’*`") for token in _TOKEN.findall(question)]
    numbers = tuple(token for token in tokens if any(letter.isdigit() for letter in token))
    shouted = question.upper() == question
    is_german = language_of(question) == "de"  # in which every noun has a capital
    names = tuple(
        token.removesuffix("'s").removesuffix("’s")
        for index, token in enumerate(tokens)
        if token not in numbers
        and len(token) > 1
        and not shouted
        and (
            (token[0].isupper() and ((index and not is_german) or any(letter.isupper() for letter in token[1:])))
            or _IDENTIFIER.fullmatch(token)
        )
        and token.casefold() not in left_out
    )
    return (*names, *dict.fromkeys(sign for sign in _SIGN.findall(question) if sign not in "-/")), numbers

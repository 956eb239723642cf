"""Does a text say the opposite of what is asked for?

Asked which things are *not* so, what is said to be so is no answer, and the other way round. Whoever asks whether, why
or how is answered by both.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from agent.evidence.contrary import clauses
from agent.evidence.wording import denying, language_of, refusing, stems
from agent.models.quoting.asked import Asked
from agent.models.quoting.candidates import Candidate, cells
from retrieval.lexical.analyze import terms

_WAS: Final = r"was(?! (?:the|an?|it|this|that|there|he|she|your|our|his|her)\b)"  # in German
_ASKS_FOR_THINGS: Final = re.compile(
    r"(?i)\W*(?:(?:in|on|for|to|with|from|by|of|at|under|an|auf|für|mit|von|en|à|de|para|con) )?"
    r"(?:which|what|who|whom|whose|list|name|welche\w*|wer|wen|wem|qué|cuál\w*|quién\w*|quels?|quelles?|qui)\b"
    rf"|\W*{_WAS}\b"
)
_UNDER_A_CONDITION: Final = re.compile(
    r"(?i)\b(?:if|when|unless|because|although|while|why|wenn|falls|weil|warum|si|cuando|porque|quand|parce)\b"
)
# One way to deny: `not`
_OTHERWISE: Final = (
    (re.compile(r"(?i)\b(?:forbidden|prohibited|banned|disallowed|unauthori[sz]ed|illegal)\b"), "not allowed"),
    (re.compile(r"(?i)\b(?:permitted|authori[sz]ed)\b"), "allowed"),
    (re.compile(r"(?i)\b(?:permits?)\b"), "allows"),
    (re.compile(r"(?i)\b(?:forbids?|prohibits?|disallows?)\b"), "does not allow"),
    (re.compile(r"(?i)\bexcluded\b"), "not included not covered"),
    (re.compile(r"(?i)\b(?:excludes|excluding)\b"), "does not include does not cover"),
    (re.compile(r"(?i)\bunsupported\b"), "not supported"),
    (re.compile(r"(?i)\bdisabled\b"), "not enabled"),
    (re.compile(r"(?i)\b(?:verboten|untersagt)\b"), "nicht erlaubt"),
    (re.compile(r"(?i)\b(?:prohibid[oa]s?)\b"), "no permitido"),
    (re.compile(r"(?i)\binterdite?s?\b"), "pas autorisé"),
)
_YES: Final = re.compile(r"(?i)yes|y|true|ja|oui|sí|x|[✓✔☑]")
_NO: Final = re.compile(r"(?i)no|n|false|nein|non|[✗✘☐–—-]")
_DENIED_IN_A_WORD: Final = re.compile(
    r"(?i)\b(?:un\w{3,}(?:ed|able)|non-\w+|exclu\w*|except\w*|refus\w*|lack\w*|missing|without|instead|rather|only|alone"
    r"|invalid|discontinued|deprecated|removed|free|exempt\w*|optional|ohne|außer|nur|sin|salvo|solo|sans|sauf|seulement)\b"
)
_OF_ALL: Final = frozenset(
    """no none nobody nothing neither nor kein keine keiner keinen keinem niemand nichts weder ningún ninguna nadie nada
    aucun aucune personne rien""".split()  # noqa: SIM905
)
_WORD: Final = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


class Opposing:
    """Whether a candidate says of the thing asked for that it is not so, or where that is asked, that it is.

    `headings` gives those above a candidate. Each is read once, however often it is asked about.
    """

    def __init__(self, asked: Asked, headings: Callable[[Candidate], Iterable[str]]) -> None:
        question = _in_one_way(asked.text)
        self._asked, self._question, self._headings = asked, question, headings
        self._asks_for_things = (
            _ASKS_FOR_THINGS.match(question) is not None
            and not _UNDER_A_CONDITION.search(question)
            and not asked.kinds & {"reason", "way"}
        )
        self._of_question: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        self._known: dict[tuple[int, int, int, str], bool] = {}

    def __call__(self, candidate: Candidate) -> bool:
        key = candidate.passage.number, candidate.first, candidate.last, candidate.shape
        if key not in self._known:
            self._known[key] = self._asks_for_things and self._opposes(candidate)
        return self._known[key]

    def _opposes(self, candidate: Candidate) -> bool:
        language = language_of(f"{self._asked.text} {candidate.text}")
        heading = list(self._headings(candidate))[-1:] if candidate.shape != "prose" else []
        words = _row(candidate) if candidate.shape == "row" else [candidate.head, candidate.text]
        text = _in_one_way("\n".join((*heading, *words)))
        denied, affirmed = _denied(text, language)
        if language not in self._of_question:
            self._of_question[language] = _denied(self._question, language)
        not_asked, wanted = self._of_question[language]
        if _denies(self._question, language):
            if not (_denies(text, language) or _DENIED_IN_A_WORD.search(text)):
                return True
            return bool(not_asked & affirmed) and not (not_asked & denied) and not _DENIED_IN_A_WORD.search(text)
        return bool(wanted & denied) and not (wanted & denied & affirmed)


def _row(candidate: Candidate) -> list[str]:
    """The cells of a row, each after its column; a column that is answered by no is denied."""
    heads, values = cells(candidate.head), cells(candidate.text)
    if len(heads) != len(values):
        return [candidate.head, candidate.text]
    return [
        f"is {head}." if _YES.fullmatch(value) else f"is not {head}." if _NO.fullmatch(value) else f"{head}: {value}."
        for head, value in zip(heads, values, strict=True)
    ]


def _in_one_way(text: str) -> str:
    for pattern, said in _OTHERWISE:
        text = pattern.sub(said, text)
    return text


def _denies(text: str, language: str) -> bool:
    return any(_is_denial(word, language) for word in _WORD.findall(text))


def _denied(text: str, language: str) -> tuple[frozenset[str], frozenset[str]]:
    """The stems of the words that are denied, and of all others."""
    denied: set[str] = set()
    affirmed: set[str] = set()
    for clause in clauses(text, least=2):
        telling = stems(clause, language)
        at = [(word.casefold(), frozenset(terms(word, language)) & telling) for word in _WORD.findall(clause)]
        places = [place for place, (word, _) in enumerate(at) if _is_denial(word, language)]
        here: set[str] = set()
        for place in places:
            behind = [found for word, found in at[place + 1 :] if found and not word.endswith("ly")]
            here.update(*(behind if at[place][0] in _OF_ALL else behind[:1]))
        denied |= here
        affirmed |= telling - here
    return frozenset(denied), frozenset(affirmed)


def _is_denial(word: str, language: str) -> bool:
    word = word.casefold().replace("’", "'")
    known = denying(language) - refusing(language)
    return word in known or word in _OF_ALL or word in {"not", "never", "cannot"} or word.endswith("n't")

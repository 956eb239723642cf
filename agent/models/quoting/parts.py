"""Which questions does a question ask? Several in one sentence, or one of each of two things that are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ASKS: Final = (
    r"who|whom|whose|when|where|why|how|what|which|wer|wem|wen|wann|wo|warum|wie|was|welche[rsnm]?|quién|cuándo|dónde|cómo"
    r"|qué|cuál|cuánto|qui|quand|où|comment|pourquoi|combien|quel(?:le)?s?"
)
_NEXT: Final = re.compile(
    rf"\s*(?:,?\s+(?:and|und|y|et)\s+(?:also\s+)?(?=(?:(?:by|for|from|in|on|to|with|at|since)\s+)?(?:{_ASKS})\b)"
    rf"|\?\s+(?:(?:and|und|y|et)\s+)?(?=(?:{_ASKS}|is|are|does|do|can)\b)|[,;]\s+(?=(?:{_ASKS})\b))",
    re.IGNORECASE,
)
_THE: Final = r"(?:(?:the|its|der|die|das) )?"
_FEW_WORDS: Final = r"[\w-]+(?: [\w-]+){0,2}?"
_TWO_OF_ONE: Final = re.compile(
    r"(?i)\W*(?P<ask>(?:what|which) (?:is|are|was|were)|what['’]s|how much (?:is|are)|(?:was|wie) (?:ist|sind))\s+"
    rf"{_THE}(?P<one>{_FEW_WORDS})(?:, (?P<two>{_FEW_WORDS}))?,? (?:and|und) "
    rf"{_THE}(?P<last>{_FEW_WORDS}) (?P<of>(?:of|for|in|von|für|des|der)\s+.+?)\W*$"
)
_PRONOUN: Final = re.compile(
    r"(?i)\b(?:it|its|they|them|their|he|him|his|she|her|each|this|that one|er|sie|es|ihn|ihm|ihr)\b"
)
_BARE: Final = re.compile(
    rf"(?i)\W*(?:(?:by|for|from|in|on|to|with|at|since) )?(?:{_ASKS})(?: (?:much|many|long|often))?\W*$"
)
_AUXILIARY: Final = r"is|are|was|were|did|does|do|has|have|had|can|will|would|should|must|may"
_SUBJECT: Final = (
    re.compile(r"\b(?:of|for) ((?:the |an? |our |this )?[^?]+?)\W*$"),
    re.compile(
        rf"(?i)^\W*(?:{_ASKS})(?: \w+)?? (?:{_AUXILIARY}) ((?:the|an?|our|this|these) .+?)(?: \w+(?:ed|en|n|t|d))?\W*$"
    ),
    re.compile(rf"(?i)^\W*(?:{_ASKS})(?: \w+)?? (?:{_AUXILIARY}) (.+?)(?: \w+)?\W*$"),
    re.compile(rf"(?i)^\W*(?:{_ASKS}) \w+ (.+?)\W*$"),
)
_SIDE: Final = r"(?:the |an? |der |die |das |el |la |le |les )?(?P<{}>[^,?;]+?)"
_A, _B = _SIDE.format("a"), _SIDE.format("b")
_THAN: Final = r"(?P<more>(?:more|less|fewer)(?: (?!than\b)\w+)?|\w+er|better|worse)"
_THE_MOST: Final = r"(?P<more>(?:the )?(?:more|less|fewer|most|least) \w+|(?:the )?\w+(?:er|est)|better|worse)"
_BETWEEN: Final = r"\b(?:differences?|unterschied\w*|diferencias?|différences?) (?:between|zwischen|entre)"
_WHICH: Final = r"(?:which|what|who)(?: one| of them| of these| \w+)??"
_COMPARED: Final = tuple(
    re.compile(rf"(?i)^\W*{pattern}\W*$")
    for pattern in (
        rf".*?{_BETWEEN} {_A} (?:and|und|y|et) {_B}",
        rf"(?:please )?(?:compare|vergleiche) {_A} (?:and|with|to|und|mit) {_B}",
        rf"how (?:does|do|is|are) {_A} (?:differ|different|compare) (?:from|to|with) {_B}",
        rf"(?:is|are|was|were|has|have) {_A} (?:(?:much|far|even|any|\w+ly) )?{_THAN} (?:\w+ ){{0,2}}than {_B}",
        rf"(?:does|do|did) {_A} (?P<verb>\w+ ){_THAN} (?:\w+ ){{0,2}}than {_B}",
        rf"{_WHICH} (?:is|are|was|were|has|costs|weighs|lasts|came|comes) {_THE_MOST}\W+(?:\w+ )??{_A} or {_B}",
        rf"{_A} (?:vs\.?|versus|compared (?:to|with)) {_B}",
    )
)
# What is compared, where a word says more or less of it
_MEASURED: Final = {
    "price": "cheap dear expensive pric cost",
    "weight": "heav light",
    "release date": "newer older newest oldest recent young",
    "length": "long short",
    "size": "big larg small great",
    "speed": "fast quick slow",
    "height": "tall high low",
    "width": "wide narrow broad",
}
_WORDS: Final = 5  # of the name of a thing that is compared


@dataclass(frozen=True, slots=True)
class Part:
    """One of the questions; `about` is how it is called where nothing answers it, and for a side what it is called."""

    question: str
    about: str
    side: str = ""


def parts(question: str) -> tuple[Part, ...]:
    """The questions in it; only itself where it is one."""
    if compared := _sides(question):
        return compared
    if two := _TWO_OF_ONE.match(question):
        wanted = [each for each in (two["one"], two["two"], two["last"]) if each]
        ask = re.sub(r"(?i)\bare\b", "is", two["ask"])
        return tuple(Part(f"{ask} the {each} {two['of']}?", f"the {each} {two['of']}") for each in wanted)
    asked = [each.strip(" ,;?") for each in _NEXT.split(question)]
    asked = [each for each in asked if each]
    if len(asked) < 2:
        return (Part(question, question.strip(" ?")),)
    about = _subject(asked[0])
    return tuple(Part(f"{_whole(each, asked[0], about) if place else each}?", each) for place, each in enumerate(asked))


def _whole(part: str, first: str, about: str) -> str:
    """A part with what its pronoun stands for; one that only asks goes on as the first does."""
    if _BARE.match(part):
        return f"{part} {re.sub(rf'(?i)^.*?(?:{_ASKS})', '', first, count=1).strip()}"
    return _PRONOUN.sub(lambda _: about, part, count=1) if about else part


def _subject(question: str) -> str:
    """What a question is about, as far as its form tells."""
    found = (pattern.search(question) for pattern in _SUBJECT)
    return next((match[1].strip() for match in found if match), "")


def _sides(question: str) -> tuple[Part, ...]:
    for pattern in _COMPARED:
        if found := pattern.match(question):
            sides = [found[each].strip(" '\"“”‘’`") for each in ("a", "b")]
            if any(len(each.split()) > _WORDS or not re.search(r"\w", each) for each in sides):
                continue
            more = (found.groupdict().get("more") or "").casefold().removeprefix("the ")
            return tuple(
                Part(_of_one(question, each, other, more, found.groupdict().get("verb") or ""), each, each)
                for each, other in (sides, reversed(sides))
            )
    return ()


def _of_one(question: str, side: str, other: str, more: str, verb: str) -> str:
    """What is asked of one of the two things: the measure of which one has more, or the question without the other."""
    measure = next((name for name, stems in _MEASURED.items() if any(map(more.__contains__, stems.split()))), "")
    counted = re.match(r"(?:more|less|fewer|most|least) (\w+)$", more)
    if more and (measure or counted):
        return f"What is the {measure or (counted[1] if counted else '')} of {side}?"
    if re.search(r"\b(?:earl|late|soon)", more):
        rest = re.split(rf"(?i)\b{re.escape(more)}\b", question)[0]
        return f"When {rest.replace(other, side).strip()}?"
    return f"What does {side} {verb.strip()}?" if verb and more in {"more", "less"} else f"What is {side}?"

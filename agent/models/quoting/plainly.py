"""What is left of a question that is padded or misspelt? What it asks, in the words of the passages."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Sequence
from typing import Final

from agent.models.quoting.features import above, is_misspelt
from agent.state import Passage

_HELLO: Final = (
    r"hi|hello|hey|hiya|dear \w+|good (?:morning|afternoon|evening)|hallo|moin|guten (?:tag|morgen|abend)|hola"
    r"|buenos días|bonjour|salut"
)
_COULD_YOU: Final = r"(?:can|could|would|will) (?:you|u|someone|anyone|anybody)(?: please| kindly| perhaps)?"
_PADDING: Final = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"^\W*(?:{_HELLO})\b(?: there| all| team| everyone| zusammen)?[\s,!.:–-]*",
        rf"\b(?:{_COULD_YOU} )?(?:please )?(?:tell|let|show|remind|give) (?:me|us)(?: know| again| about)*\b",
        rf"\b{_COULD_YOU} (?:explain(?: to (?:me|us))?|say|look up|check|find out)\b",
        r"\b(?:i|we)(?:['’]d| would| really| just)* (?:like|love|need|want|have) to (?:know|ask|find out)\b",
        r"\b(?:i|we) (?:was|were|am|['’]m) (?:just |only )?wondering\b",
        r"\b(?:i|we) (?:wonder|have a (?:quick )?question)\b",
        r"\b(?:do|does|would) (?:you|u|anyone|anybody|someone) (?:happen to )?know\b|\bany (?:idea|chance you know)\b",
        r"\b(?:quick question|sorry to bother you|excuse me|just curious|by the way|btw|pls|plz|please|kindly|asap)\b",
        r"\b(?:many )?(?:thanks?|thank you|thx|ty|cheers)(?: (?:a lot|so much|very much|in advance|you))*\b[\s!.]*$",
        r"\b(?:können|könnten|kannst) (?:sie|du) mir (?:bitte )?(?:sagen|verraten)\b",
        r"\bich (?:würde|möchte) gern\w* wissen\b|\bbitte\b|\b(?:vielen )?danke?(?: im voraus)?\b",
        r"\bpor favor\b|\bgracias\b|\bs['’]il vous plaît\b|\bmerci\b",
    )
)
_LEFT_AT_THE_BEGINNING: Final = re.compile(
    r"^(?:[\s,;:.!–-]|\b(?:and|so|um|uh|well|ok|okay|if|whether)\b)+", re.IGNORECASE
)
_WORD: Final = re.compile(r"[^\W\d_]{5,}")
_CAPITALS: Final = re.compile(r"\b[A-Z]{3,6}\b")
_LETTERS: Final = re.compile(r"[^\W\d_]{4,}")


def plainly(question: str) -> str:
    """The question without greetings, thanks and what asks to be told; as it is where nothing else is left."""
    said = question
    for padding in _PADDING:
        said = padding.sub(" ", said)
    said = " ".join(_LEFT_AT_THE_BEGINNING.sub("", said).split()).lstrip(" ,;:.!")
    return said if re.search(r"\w.*\w", said) else question


def spelled(question: str, passages: Sequence[Passage], idf: Callable[[str], float]) -> str:
    """The question with each word that stands in no passage written as the one there that differs by a letter, and
    each abbreviation as the words that it stands for.

    A word that another document has (`idf` knows the rarest) is no mistake.
    """
    known: dict[str, None] = {}
    for each in passages:
        known |= dict.fromkeys(
            word.casefold() for word in _LETTERS.findall(f"{above(each)} {each.context} {each.text}")
        )
    rarest = idf("\0")

    def mended(found: re.Match[str]) -> str:
        word = found[0].casefold()
        if word in known or idf(word) < rarest:
            return found[0]
        near = [each for each in known if is_misspelt(word, each)]
        best = max(near, key=lambda each: difflib.SequenceMatcher(None, word, each).ratio(), default="")
        return best.capitalize() if best and found[0][0].isupper() else best or found[0]

    text = "\n".join(f"{above(each)} {each.context} {each.text}" for each in passages)
    long = question if question.isupper() else _CAPITALS.sub(lambda found: _in_words(found[0], text), question)
    return _WORD.sub(mended, long)


def _in_words(abbreviation: str, text: str) -> str:
    """What an abbreviation stands for, where only that stands in a text; else as it is."""
    words = r"(?:\s(?:and|of|for|the|in|und|für|der|de|des|y|et)){0,2}[\s-]".join(
        rf"{letter}[^\W\d_]+" for letter in abbreviation
    )
    found = None if re.search(rf"\b{abbreviation}\b", text) else re.search(rf"\b{words}\b", text)
    return " ".join(found[0].split()) if found else abbreviation

"""What does a question that follows others ask by itself? By a rule, from what was asked before.

A pronoun stands for the last subject; "What about X?" asks the last question of X; a question that only asks ("Since
when?") goes on as the last one does. A question that stands by itself is left alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from agent.memory.conversation import Exchange


def _pattern(*parts: str) -> re.Pattern[str]:
    """The parts one behind the other, without regard to case."""
    return re.compile("".join(parts), re.IGNORECASE)


_ASKS: Final = (
    r"who|whom|whose|when|where|why|how|what|which|wer|wem|wen|wann|wo|warum|wieso|wie|was|welche[rsnm]?|wieviele?"
)
_AUX: Final = (
    r"is|are|was|were|did|does|do|has|have|had|can|could|will|would|should|must|may|might|isn't|aren't|doesn't|don't"
    r"|ist|sind|war|waren|hat|haben|kann|können|wird|werden|muss|müssen|soll|sollen|darf|dürfen"
)
_DOES: Final = r"do|does|did|can|could|will|would|should|must|may|might|don't|doesn't"  # a verb comes after it
_ARTICLE: Final = r"the|an?|our|my|your|der|die|das|den|dem|eine?"
_BEFORE_ASKS: Final = r"(?:(?:by|for|from|in|on|to|with|at|since|until|seit|bis) )?"
_ORDERS: Final = (
    r"(?:please |bitte )?(?:tell|show|list|give|explain|describe|compare|name|find|nenne|zeige?|erkläre?)\b"
)
_WHAT_ABOUT: Final = _pattern(
    r"^\W*(?:(?:and|und|ok(?:ay)?|so|but|aber)\b[ ,]*)?",
    r"(?:what about|how about|what of|was ist mit|wie ist es mit|wie sieht es (?:mit|bei) )\s*(?P<rest>.+?)\W*$",
)
_AND: Final = _pattern(r"^\W*(?:and|und|but|aber|also)\b[ ,]+(?P<rest>.+?)\W*$")
_STARTS: Final = _pattern(rf"^\W*(?:{_BEFORE_ASKS}(?:{_ASKS}|{_AUX})\b|{_ORDERS})")
_BARE: Final = _pattern(
    rf"^\W*(?P<ask>{_BEFORE_ASKS}(?:{_ASKS})",
    r"(?: (?:much|many|long|often|so|not|exactly|lange|oft|viele?|genau))?)\W*$",
)
_ASK_OF: Final = _pattern(rf"^\W*{_BEFORE_ASKS}(?:{_ASKS})(?: (?:much|many|long|often|soon|far|lange|oft|viele?))?\b")
_CONDITION: Final = _pattern(
    r"^(?:in|on|at|for|with|without|under|over|during|after|before|from|to|by|as|if|when",
    r"|bei|für|mit|ohne|nach|vor|im|am|wenn)\b",
)

# What stands for something that was named before. Not what a sentence needs as its form: "Is it possible to …".
_FORMAL: Final = _pattern(
    r"\b(?:is|was|are|would|will|does|did|can|what|how long|how much) it (?:be )?",
    r"(?:(?:still |also |ever )?(?:possible|allowed|necessary|safe|required|okay|ok|enough|true|legal|important|better"
    r"|worth|good|bad|easy|hard|difficult|common|permitted)|takes?\b.* to\b|costs? to\b|matters? (?:if|whether))",
    r"|\bgibt es\b|\bist es (?:möglich|erlaubt|nötig|sicher)\b|\bthat is\b(?=,)",
)
_THEY: Final = _pattern(
    r"\b(?:it|they|them|he|him|she|those|these|sie|ihn|ihm|ihnen)\b(?!['’]s\b)|\b(?:it|that|he|she)(?=['’]s\b)"
)
_THEIR: Final = _pattern(r"\b(?:its|their|his|her(?= \w)|ihre[rmns]?|seine[rmns]?|deren|dessen)\b")
_THEREOF: Final = _pattern(r"\b(?P<word>davon|dafür|damit|dazu|darin|darüber)\b")
_THAT: Final = _pattern(
    r"(?:(?<=\babout )|(?<=\bof )|(?<=\bfor )|(?<=\bwith )|(?<=\bto )|(?<=\bafter )|(?<=\bbefore )|(?<=\bdoes )",
    r"|(?<=\bdo )|(?<=\bis )|(?<=\bwas )|(?<=\bcan )|(?<=\bwill ))(?:that|this)",
    rf"(?= (?:{_AUX}|apply|work|mean|happen|cost|take|include|cover|change)\b|\W*$)",
)
_THIS_ONE: Final = _pattern(
    r"\b(?:this|that|these|those|diese[rsnm]?|the same|such an?) ",
    rf"(?P<noun>(?!(?:{_AUX}|{_ARTICLE})\b)[\w-]+)",
)
# Something in the question itself that a later pronoun can stand for: it is named in a clause before
_CLAUSE: Final = _pattern(
    r"(?:\b(?:if|when|once|after|before|while|because|although|wenn|falls|nachdem|bevor|obwohl)\b.*?",
    rf"\b(?:{_ARTICLE}|[\w-]+s)\b|\b(?:{_ARTICLE}|each|every|jede[rs]?) [\w-]+\b).*?",
    r"(?:[,;:]|\b(?:and|or|but|if|when|before|after|once|until|that|which|who|und|oder|wenn|bevor|nachdem)\b)",
)

# How the form of a question tells what it is about
_NO_NOUN: Final = (
    r"in|on|at|by|from|to|with|when|if|after|before|during|per|under|without|into|over|until|because|than|that|which"
    r"|who|via|through|within|as|and|or|be|not|bei|mit|nach|vor|im|am|auf|aus|wenn|und|oder|now|still|always|ever|only"
    r"|also|there"
)
_VERB: Final = _pattern(
    r"^(?:[a-z]+(?:ed|ept|ent|ade|own|ung|ost)|held|run|runs|set|put|read|born|lost|paid|sold|built|found|last|work"
    r"|mean|do|start|stop|end|use|need|take|support|listen|have|contain|include|apply|cover|expire|happen|live|differ"
    r"|say|store|give|return|open|close|begin|look|come|go|done|gone|funktioniert|funktionieren|kosten|kostet",
    r"|(?:auf|ab|ein|aus|an|zu|ver|be|er|ge|ent)[a-zäöü]+(?:t|en))$",
)
_ABOUT: Final = _pattern(r"\b(?:about|regarding|concerning|über)\s+(?P<np>.+?)\W*$")
_OF: Final = _pattern(
    r"^\W*(?:what|which|how much|how many|was|welche[rs]?)\b.*?\b(?:of|for|von|für|des|der) ",
    rf"(?P<np>(?:(?!(?:{_NO_NOUN}|of|for)\b)[\w’'.-]+ ?)+)",
)
_AFTER_AUX: Final = _pattern(
    rf"^\W*{_BEFORE_ASKS}(?:(?:{_ASKS})(?: [\w-]+){{0,3}}? )?(?P<aux>{_AUX}) (?P<rest>.+?)\W*$"
)
_SOMEONE: Final = _pattern(
    r"^(?:i|we|you|one|someone|anyone|people|users?|ich|wir|man|du|sie) (?:(?:still|also|ever|then) )?",
    r"[\w-]+(?: (?:up|down|out|off|on))? ?(?P<np>.*)$",
)
_WHO_DOES: Final = _pattern(rf"^\W*(?:who|what|wer|was|which [\w-]+) (?!(?:{_AUX})\b)[\w-]+ (?P<np>.+?)\W*$")
_ORDER: Final = _pattern(
    r"^\W*(?:please |bitte )?(?:tell me|show me|list|give me|explain|describe|name|find|nenne|zeige?|erkläre?)",
    r"(?: (?:all|how|what|why|alle))*\s+(?P<np>.+?)\W*$",
)
_LIGHT: Final = _pattern(r"its?|they|them|their|s?he|her|him|this|that|these|those|ones?|i|we|you|me|us")


@dataclass(frozen=True, slots=True)
class Read:
    """What a question asks by itself, and why it was changed or was not."""

    question: str
    why: str


def understood(question: str, earlier: Sequence[Exchange]) -> Read:
    """The question by itself, as far as a rule can tell it from the `earlier` ones, the last one last."""
    last = next((each.understood for each in reversed(earlier)), "")
    about = _about(earlier)
    if not last:
        return Read(question, "nothing was asked before")
    goes_on = _AND.match(question)
    rest = goes_on["rest"] if goes_on else question
    if bare := _BARE.match(rest):
        return Read(_asked_so(bare["ask"], last), "it only asks, and goes on as the question before")
    other = _WHAT_ABOUT.match(question) or (None if _STARTS.match(rest) else goes_on)
    if other:
        return _instead(_filled(other["rest"], about), last)
    if goes_on:
        question = f"{rest[:1].upper()}{rest[1:]}?"
    filled = _filled(question, about)
    if filled != question:
        return Read(filled, f"what it refers to is taken for {about}, which was asked about last")
    return Read(question, "it stands by itself")


def _about(earlier: Sequence[Exchange]) -> str:
    """The last subject: what was asked about before stays it where the next question names it again."""
    about = ""
    for each in earlier:
        if not about or about.casefold() not in each.understood.casefold():
            about = subject(each.understood) or about
    return about


def subject(question: str) -> str:
    """What a question is about, as far as its form tells; empty where it does not."""
    for told in (_ABOUT.search(question), _ORDER.match(question), _OF.match(question)):
        if told and (about := _noun(told["np"])):
            return about
    if found := _AFTER_AUX.match(question):
        rest = found["rest"]
        if does := _SOMEONE.match(rest):
            return _noun(does["np"])
        about = _noun(rest)
        words = about.split()
        ends_in_verb = about == rest and len(words) > 1 and re.fullmatch(_DOES, found["aux"], re.IGNORECASE)
        return " ".join(words[:-1]) if ends_in_verb and not _is_article(words[-2]) else about
    if found := _WHO_DOES.match(question):
        return _noun(found["np"])
    return ""


def _noun(words: str) -> str:
    """The words up to where a verb or another phrase begins, without what says nothing by itself."""
    kept: list[str] = []
    for word in words.split():
        bare = word.strip(".,;:!?\"“”'’()")
        if re.fullmatch(_NO_NOUN, bare, re.IGNORECASE) and kept:
            break
        if kept and _VERB.match(bare) and not _is_article(kept[-1]):
            break
        kept += [bare] if bare else []
        if word.endswith((",", ";", ":", "?")):
            break
    if not kept or all(_LIGHT.fullmatch(word) or _is_article(word) for word in kept):
        return ""
    while kept and re.fullmatch(_NO_NOUN, kept[0], re.IGNORECASE):
        del kept[0]
    return " ".join(kept)


def _is_article(word: str) -> bool:
    return re.fullmatch(_ARTICLE, word, re.IGNORECASE) is not None


def _filled(question: str, about: str) -> str:
    """With the subject in place of the first word that stands for it."""
    if not about:
        return question
    formal = [match.span() for match in _FORMAL.finditer(question)]

    def refers(match: re.Match[str]) -> bool:
        if any(start <= match.start() < end for start, end in formal):
            return False
        return not _CLAUSE.search(question[: match.start()])

    if (found := _THIS_ONE.search(question)) and refers(found):
        noun = found["noun"].casefold()
        if noun in {"one", "ones"} or noun.rstrip("s") in {word.casefold().rstrip("s") for word in about.split()}:
            return _put(question, found, about)
    for pattern in (_THEIR, _THEY, _THAT, _THEREOF):
        found = next(filter(refers, pattern.finditer(question)), None)
        if found is None:
            continue
        if pattern is _THEIR:
            return _put(question, found, f"{about}'" if about.endswith("s") else f"{about}'s")
        if pattern is _THEREOF:
            return f"{question.rstrip(' ?.')} ({found['word']}: {about})?"
        return _put(question, found, about)
    return question


def _put(question: str, found: re.Match[str], words: str) -> str:
    if found.start() == 0:
        words = f"{words[:1].upper()}{words[1:]}"
    return f"{question[: found.start()]}{words}{question[found.end() :]}"


def _instead(rest: str, last: str) -> Read:
    """The last question asked of something else, or under another condition."""
    why = "it asks the question before of something else"
    about = subject(last)
    if _CONDITION.match(rest):
        return Read(f"{_without_mark(last)} {rest}?", "it asks the question before in another case")
    place = last.casefold().find(about.casefold()) if about else -1
    if place < 0:
        return Read(f"{_without_mark(last)}: {rest}?", why)
    return Read(f"{last[:place]}{_with_article(rest, about)}{last[place + len(about) :]}", why)


def _with_article(rest: str, about: str) -> str:
    """`Pro plan` in place of `the Free plan` is `the Pro plan`."""
    first, *more = about.split()
    named = rest[:1].isupper() and len(rest.split()) == 1
    if more and _is_article(first) and not _is_article(rest.split()[0]) and not named:
        return f"{first} {rest}"
    return rest


def _asked_so(ask: str, last: str) -> str:
    if _WHO_DOES.match(last):  # who does something is not why it is done
        return f"{_without_mark(last)}, and {ask[:1].lower()}{ask[1:]}?"
    rest = _ASK_OF.sub("", last, count=1)
    return f"{ask[:1].upper()}{ask[1:]} {_without_mark(rest).strip()}?"


def _without_mark(question: str) -> str:
    return question.rstrip(" ?.!")

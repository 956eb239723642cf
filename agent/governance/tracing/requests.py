"""What did who asked ask for, and in which words? Only what is plainly asked for counts: not a question about it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

# What is asked to be done, apart from what a tool's own name says.
_DOING: Final = frozenset(
    """add arrange ask book cancel change create do draft drop email file forward give grant inform issue let log mail
    make move need notify open pay place post process put raise register remove reply return schedule send set start
    submit tell transfer update want write""".split()  # noqa: SIM905
)
# What is asked to be told.
_TELLING: Final = frozenset(
    """analyse analyze check compare count describe discuss explain fetch find list look read report review say search
    see show summarise summarize translate verify""".split()  # noqa: SIM905
)
_LEAD: Final = re.compile(
    r"""(?ix)\s*(?:(?:please|kindly|then|now|also|and|but|so|ok|okay|yes|thanks|thank\ you|first|next|finally
    |just|hi|hello
    |(?:can|could|would|will)\ you|go\ ahead\ and|(?:i|we)(?:'d|\ would)\ like\ (?:you\ )?to|let's
    |(?:i|we)\ (?:want|need)\ (?:you\ )?to|i(?:'d|\ would)\ like|(?:i|we)\ (?=(?:need|want)\b))\b[\s,]*)*"""
)
_QUOTED: Final = re.compile(r"\"[^\"]*\"|“[^”]*”|„[^“”]*[“”]|«[^»]*»|(?<!\w)'[^'\n]+'(?!\w)|^>[^\n]*", re.MULTILINE)
_BREAKS: Final = re.compile(r"(?<=[.!?])\s+|\n+|;\s+|:\s+|,\s+(?:and\s+|then\s+|but\s+)?|\s+(?:and|then|but)\s+")
_DENIED: Final = re.compile(r"(?i)\b(?:not|never|no|without|avoid|stop|cannot)\b|n't\b|n’t\b")
_ON_CONDITION: Final = re.compile(
    r"(?i)\b(?:if|unless|whether|in case|provided|assuming|depending|once|when(?:ever)?|until|as long as|or)\b"
)
_ASIDE: Final = re.compile(r"(?i)\b(?:how|whether|why|that|what|who|which|where|when|because|since|about)\b")
_ASKS: Final = re.compile(
    r"(?i)(?:what|why|who|whom|whose|which|when|how|where|is|are|was|were|do|does|did|has|have|had|should|may|might|must"
    r"|will|would|can|could|am)\b"
)
_WORD: Final = re.compile(r"[^\W\d_]+")
_FUNCTION: Final = frozenset(
    "a an the to of in on at by for from with and or is it as when used use be that into".split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing that was asked for: the words that say so (`scope`), and all that was said of it (`about`)."""

    scope: str
    about: str


def quoted(text: str) -> list[str]:
    """What stands in quotes at length, which may be another's words."""
    return [each for each in _QUOTED.findall(text) if len(each.split()) >= 5 or each.startswith(">")]


def wishes(question: str, tool: str, description: str) -> list[Wish]:
    """Where a question asks for what a tool does, one for each time that it is to be done.

    Not where it asks about it, denies it, or makes it hang on something: that is then for a person to say.
    """
    own = _words(re.sub(r"[\W_]+", " ", tool))
    what_for = _words(description.split("\n\n")[0]) - _FUNCTION
    found: list[Wish] = []
    for group in _groups(question, own | set(_first(description))):
        head = _outside(question[slice(*group[0])])
        if _is_for(head, own, what_for):
            about = question[group[0][0] : group[-1][1]]
            found += (Wish(question[slice(*each)], about) for each in _each_time(question, group))
    return found


def _groups(question: str, verbs: set[str]) -> list[list[tuple[int, int]]]:
    """The clauses of each request, with those behind it that only go on with it."""
    groups: list[list[tuple[int, int]]] = []
    is_open = False
    for start, end, before in _clauses(question):
        said = question[start:end]
        plain = _outside(said)
        lead = _LEAD.match(plain)
        rest = plain[lead.end() :] if lead else plain
        begins = next(iter(_WORD.findall(rest.lower())), "") in _DOING | _TELLING | verbs
        if is_open and before == ":":
            groups[-1].append((start, end))
        elif begins and not re.match(r"\s*\d", rest):
            is_open = not (_DENIED.search(plain) or _is_conditional(question, start, end))
            if is_open:
                groups.append([(start, end)])
        elif _ASKS.match(rest) or _DENIED.search(plain):
            is_open = False
        elif (is_open and plain.strip()) or (is_open and said.strip() and before != "."):
            groups[-1].append((start, end))
    return groups


def _clauses(question: str) -> Iterator[tuple[int, int, str]]:
    """Where each clause stands, and what separates it from the one before; what is quoted is not cut."""
    spans = [match.span() for match in _QUOTED.finditer(question)]
    cuts = [(0, 0, ".")]
    for match in _BREAKS.finditer(question):
        if not any(start < match.start() < end for start, end in spans):
            sign = match[0].strip()[:1]
            cuts.append((*match.span(), "." if not match[0].strip() and question[match.start() - 1] in ".!?" else sign))
    cuts.append((len(question), len(question), "."))
    for (_, start, before), (end, _, _) in pairwise(cuts):
        if question[start:end].strip():
            yield start, end, before


def _is_conditional(question: str, start: int, end: int) -> bool:
    """Whether a request hangs on something that its sentence names, before what is said behind a colon."""
    begin = max((match.end() for match in re.finditer(r"[.!?]\s+|\n|:\s+", question[:start])), default=0)
    until = re.search(r"[.!?](?:\s|$)|\n|:\s", question[end - 1 :])
    sentence = question[begin : end - 1 + until.end() if until else len(question)]
    return _ON_CONDITION.search(_outside(sentence)) is not None


def _is_for(head: str, own: set[str], what_for: set[str]) -> bool:
    """Whether a request is one for a tool: by its verb, and by what it is to be done with."""
    lead = _LEAD.match(head)
    rest = _ASIDE.split(head[lead.end() :] if lead else head, maxsplit=1)[0]
    said = re.sub(r"\S+@\S+", " mail ", re.sub(r"\w+://\S+", " web page ", _MONEY.sub(" money ", rest)))
    verb, *others = _WORD.findall(said.lower()) or [""]
    if verb in {"give", "let", "tell", "show", "make", "do"} and others[:1] in (["me"], ["us"]):
        return False
    named = {_one(each) for each in others} | {_one(verb)}
    if verb in own and (len(own) == 1 or named & (own | what_for) - {verb}):
        return True
    return verb in _DOING | own and verb not in _TELLING and bool((named & own) or len(named & what_for) > 1)


def _each_time(question: str, group: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The clauses of a request that each name another one of the same: to close one ticket, and another."""
    times = [group[0]]
    seen = _forms(question, group[0])
    said = _words(question[slice(*group[0])]) | _UNITS | _UNLABELLED | {"another", "too", "also"}
    for start, end in group[1:]:
        here = _forms(question, (start, end))
        if not here & seen:
            times[-1] = (times[-1][0], end)
        elif _words(re.sub(r"\S*\d\S*", "", question[start:end])) <= said:
            times.append((start, end))
        seen |= here
    return times


def _forms(question: str, span: tuple[int, int]) -> set[str]:
    return {kind for kind, _ in tokens(_outside(question[slice(*span)]))}


def tokens(text: str) -> list[tuple[str, str]]:
    """Each identifier, number and address of a text with its form; a number's names what it is a number of."""
    found = []
    before = ""
    parts = text.split()
    for place, part in enumerate(parts):
        bare = bared(part)
        after = bared(parts[place + 1]).lower() if place + 1 < len(parts) else ""
        if any(sign.isdigit() or sign in "@/" for sign in bare) and any(map(str.isalnum, bare)):
            is_number = re.fullmatch(r"[-+]?[\d.,'’]+", bare.strip("€$£")) is not None
            label = (
                before if is_number and after not in _UNITS and before not in _UNLABELLED and before.isalpha() else ""
            )
            found.append((f"{label} {form(bare)}".strip() if is_number else form(bare), bare))
        before = bare.lower()
    return found


_MONEY: Final = re.compile(r"(?i)\b\d[\d.,]*\s?(?:eur|euros?|usd|dollars?|chf|gbp|pounds|€|\$|£)|[€$£]\s?\d[\d.,]*")
_UNITS: Final = frozenset("eur euro euros usd dollar dollars chf gbp pounds € $ £".split())  # noqa: SIM905
_UNLABELLED: Final = frozenset(
    """to of over by about and for a an the refund pay give back is at with only just exactly total sum amount transfer
    send eur usd chf gbp""".split()  # noqa: SIM905
)


def form(word: str) -> str:
    """How a word is made up of letters and digits."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+(?:[.,]\d+)*", "9", word))


def bared(word: str) -> str:
    """A word without what stands around it."""
    return word.strip(".,;:!?()[]{}\"'“”„«»<>*`#").removesuffix("'s")


def denied(text: str) -> bool:
    """Whether words say that something is not to be, or is not so."""
    return _DENIED.search(text) is not None


def _outside(text: str) -> str:
    return _QUOTED.sub(lambda match: " " * len(match[0]), text)


def _words(text: str) -> set[str]:
    return {_one(word) for word in _WORD.findall(text.lower())}


def _one(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _first(description: str) -> Iterator[str]:
    yield from _WORD.findall(description.lower())[:1]

"""Where does each value of a call come from: from who asked, from text that is trusted, or from anybody's?"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from agent.governance.tracing import wording as w
from agent.governance.tracing.figures import bared, currencies, in_figures, readings, tokens
from agent.governance.tracing.requests import Wish, denied, quoted, without_quotes
from agent.governance.tracing.wording import folded
from agent.state import Origin

_TOLD: Final = 3  # words in a row that one may tell somebody with a "your" for a "her"
_NAMES: Final = 3
_PIECES: Final = re.compile(r"(?<=[.!?;])\s+|\n+")
_GREETED: Final = re.compile(r"((?:\w+\.?\s+){1,4}\w+,)\s+(?=\w)")
_SENTENCES: Final = re.compile(r"(?<=[.!?;])\s+|\n+")
_SMALLER: Final = re.compile(r"(?i)(?:%|percent|per cent|cents?|ct|pence|thousand|k|million|dozen)\b|%")
_BEGIN: Final = frozenset(
    """that about titled called named saying say says reads subject title text body reason with in for on to priority
    queue by is as note a an the dass que de uber an titel betreff grund titre titulo know""".split()  # noqa: SIM905
)
_GO_ON: Final = frozenset("and in with for to by as on at please then priority queue".split())  # noqa: SIM905
# What leads to an argument of one side, and what such arguments are called.
_SIDES: Final = (
    (
        frozenset({"to", "into", "onto"}),
        frozenset({"to", "target", "destination", "recipient", "receiver", "dest", "into", "receivers", "recipients"}),
    ),
    (frozenset({"from"}), frozenset({"from", "source", "origin", "sender", "src"})),
    (
        frozenset({"about", "that", "saying", "says", "regarding"}),
        frozenset({"about", "title", "subject", "body", "text", "note", "topic", "message", "reason", "description"}),
    ),
)
_ALL_SIDES: Final = frozenset().union(*(names for _, names in _SIDES))
_UNITS: Final = frozenset({"currency", "unit", "units"})
_NAMING: Final = frozenset({"name", "id", "key", "names", "ids"})
_ASIDE: Final = frozenset("to into from about for with by of in on and that as keep leave like than".split())  # noqa: SIM905
_WARNING: Final = re.compile(
    r"(?i)\b(?:fraud\w*|scam\w*|suspicious|suspect\w*|blocked|fake|beware|warning|stolen|forbidden|wrong|false)\b"
)
_TO_LOWER: Final = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz")


@dataclass(frozen=True, slots=True)
class Text:
    """A text that a run has read, by the name of its document or its tool."""

    source: str
    text: str
    is_told: bool = False  # whether a server says it of its own tool, which was allowed by a person


@dataclass(frozen=True, slots=True)
class Material:
    """All that values of a call can come from: what is `asked`, and was before, by who asks; and what was read.

    `choices` are the values that an argument may have, by the charters and the schema. One alone leaves none.
    """

    asked: str = ""
    before: tuple[str, ...] = ()
    choices: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    trusted: tuple[Text, ...] = ()
    untrusted: tuple[Text, ...] = ()


def origins(
    arguments: Mapping[str, Any], defaults: Mapping[str, Any], material: Material, wish: Wish | None = None
) -> list[Origin]:
    """Where each value comes from, those within lists and objects too; a text counts piece by piece.

    What who asked said of a `wish` is theirs, as long as it leaves no choice: a value is `ambiguous` where others of
    its form stand there too, or it stands elsewhere, or in trusted text that the words of the question do not lead to.
    For to choose is what text of no trust could do, without any value of its own.
    """
    return [
        _origin(name, piece, material, wish)
        for name, value in arguments.items()
        if not (name in defaults and defaults[name] == value)
        for piece in _leaves(value)
    ] + [
        Origin(name, "nothing" if default is None else str(default), "ambiguous", "the question")
        for name, default in defaults.items()
        if arguments.get(name, default) == default and wish and material.untrusted and _is_left_out(name, default, wish)
    ]


def _is_courtesy(piece: str, asked: str) -> bool:
    """Whether words only greet or take leave, with no name but one that stands in the question."""
    words = re.findall(r"[^\W\d_]+", piece)
    names = {each for each in words if folded(each) not in w.COURTESY}
    known = {each.lower() for each in re.findall(r"[^\W\d_]+", asked)}
    is_begun = len(words) > 1 and folded(words[0]) in w.GREETING | w.CLOSING and re.fullmatch(r"[\w .,!:'’-]+", piece)
    return bool(is_begun) and len(names) < _NAMES and all(each[0].isupper() and each.lower() in known for each in names)


def _is_left_out(name: str, default: Any, wish: Wish) -> bool:
    """Whether who asked named an argument that is left at its default, which is not what they said."""
    return _says(wish.scope, name.replace("_", " ")) and (default in (None, "") or not _says(wish.scope, default))


def _leaves(value: Any) -> Iterator[Any]:
    """The values within one; what holds none is nothing, which may mean all."""
    is_blank = value.isspace() if isinstance(value, str) else value is None
    if is_blank or (isinstance(value, str | list | tuple | Mapping) and not len(value)):
        yield None
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield key if str(key).strip() else None
            yield from _leaves(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _leaves(inner)
    elif isinstance(value, str):
        greeted = _GREETED.match(value)
        is_greeted = greeted is not None and folded(value.split()[0]) in w.GREETING
        parts = [greeted[1], value[greeted.end() :]] if greeted and is_greeted else [value]
        yield from (piece for part in parts for piece in _PIECES.split(part) if piece.strip())
    else:
        yield value


def _origin(argument: str, value: Any, material: Material, wish: Wish | None) -> Origin:
    if value is None:
        return Origin(argument, "nothing", "nowhere")
    shown = str(value)
    if isinstance(value, str) and _is_courtesy(value, material.asked):
        return Origin(argument, shown, "user")
    choices = material.choices.get(argument, ())
    if len(choices) == 1 and choices[0] == value:
        return Origin(argument, shown, "charter")
    theirs = _theirs(argument, value, choices, material, wish)
    if theirs is not None:
        return Origin(argument, shown, "user" if theirs else "ambiguous", "" if theirs else "the question")
    trusted = next((each for each in material.trusted if _says(each.text, value)), None)
    untrusted = next((each for each in material.untrusted if _says(each.text, value)), None)
    if trusted is None:
        return Origin(argument, shown, "untrusted" if untrusted else "nowhere", untrusted.source if untrusted else "")
    if material.untrusted and (_is_said_otherwise(value, wish) or not _is_led_to(value, material)):
        return Origin(argument, shown, "ambiguous", (untrusted or trusted).source)
    return Origin(argument, shown, "trusted", trusted.source)


def _theirs(argument: str, value: Any, choices: Sequence[Any], material: Material, wish: Wish | None) -> bool | None:
    """Whether a value is what who asked meant; None where they did not say it at all."""
    scopes = [*((wish.scope, wish.about) if wish else ()), material.asked, "\n".join(_told(material))]
    if isinstance(value, bool):
        return None  # a name that stands somewhere says neither yes nor no
    if not any(_says(scope, value) for scope in scopes):
        return None
    if not material.untrusted:
        return True
    if any(each != value and _says(scope, each) for each in choices for scope in scopes[:1]):
        return False
    if value in currencies(str(value)):
        return next((named == {value} for scope in scopes if (named := currencies(scope))), False)
    is_formed = not isinstance(value, str) or (len(value.split()) == 1 and _is_formed(value))
    if not is_formed:
        return any(
            _stands_alone(scope, str(value), argument, is_choice=value in choices)
            for scope in (scopes[:2] if wish else scopes)
        )
    for scope in scopes:
        known = tokens(without_quotes(scope) if wish else scope)
        mine = {kind for kind, token in known if _is_same(token, value)}
        kinds = mine or {kind for kind, _ in tokens(str(value))}
        others = {token for kind, token in known if kind in kinds and not _is_same(token, value)}
        if not mine and not others:
            continue
        return (
            bool(mine) and all(_is_labelled(kind, argument) for kind in mine) and not others and _is_clear(scope, value)
        )
    return False


def _told(material: Material) -> list[str]:
    """What who asks said before and meant: not what they asked about, denied or pasted."""
    if not material.untrusted:
        return list(material.before)
    said = chain.from_iterable(_SENTENCES.split(each) for each in material.before if len(each.splitlines()) < 2)
    return [each for each in said if not (each.endswith("?") or denied(each) or quoted(each))]


def _is_labelled(kind: str, argument: str) -> bool:
    """Whether a number is one of nothing that is said, or of what the argument is called."""
    label, _, rest = kind.partition(" ")
    return not rest or label in argument.lower() or argument.lower() in label


def _is_clear(scope: str, value: Any) -> bool:
    """Whether a number can be read in one way alone, and is one of whole things."""
    if isinstance(value, str):
        return True
    parts = in_figures(scope).split()
    meant = [(bared(part), *parts[place + 1 : place + 2]) for place, part in enumerate(parts)]
    return not any(
        len(set(readings(part))) > 1 or _SMALLER.match("".join(after))
        for part, *after in meant
        if _is_same(part, value)
    )


def _is_formed(value: str) -> bool:
    return any(sign.isdigit() or sign in "@/" for sign in value)


def _is_same(token: str, value: Any) -> bool:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value in readings(token)
    other = str(value)  # as it is written: a sign around it may make it mean more
    return (
        _plain(token) == " ".join(other.translate(_TO_LOWER).split(" "))
        if "@" in other and "/" not in other
        else token == other
    )


def _is_named(argument: str, near: Sequence[str]) -> bool:
    """Whether the words before a value say which argument it is of: "the user bob", "from drafts"."""
    before = [each for each in near if each not in {"the", "a", "an", "my", "our"}][-1:]
    said = before[0] if before else ""
    parts = set(argument.lower().split("_"))
    if parts & _UNITS and readings(said):  # 20 USD
        return True
    sides = next((names for leads, names in _SIDES if said in leads), frozenset[str]())
    return said in parts or bool(parts & sides) or bool(said and parts & _NAMING and said not in _ASIDE)


def _is_of_another(argument: str, near: Sequence[str]) -> bool:
    """Whether the words before a value lead to an argument on another side than this: from here, to there."""
    before = [each for each in near if each not in {"the", "a", "an", "my", "our"}][-1:]
    said = before[0] if before else ""
    parts = set(argument.lower().split("_"))
    return any(said in leads and not parts & names and parts & _ALL_SIDES for leads, names in _SIDES)


def _stands_alone(scope: str, value: str, argument: str, *, is_choice: bool = False) -> bool:
    """Whether words stand somewhere as a whole, neither cut out of others nor denied."""
    for start, end in _places(scope, value):
        before, after = scope[:start].rstrip().lower(), scope[end:].lstrip().lower()
        article = re.search(r"(\w+)$", before)
        before = before[: article.start()].rstrip() if article and folded(article[1]) in w.ARTICLES else before
        near = re.split(r"[.!?;:,\"“”„«»]\s*", before)[-1].split()
        is_begun = not before or before[-1] in ":.!?;,\"“„«'(" or "\n" in scope[:start][len(before) :]
        is_begun = is_begun or not near or near[-1] in _BEGIN or "@" in near[-1]
        is_over = not after or after[0] in ".!?;,\"”“»')" or "\n" in scope[end:][: -len(after) or None]
        is_over = is_over or after.split()[0].strip(",.-") in _GO_ON
        if _is_of_another(argument, near) and not is_choice:
            continue
        if is_begun and is_over and not (denied(" ".join(near)) and before[-1] not in '.!?;:"“„«'):
            return True
        if len(value.split()) == 1 and not denied(" ".join(near)) and (is_choice or _is_named(argument, near)):
            return True
    return False


def _places(text: str, value: str) -> Iterator[tuple[int, int]]:
    """Where a text says a value: as it is, or, if there are several words, told to somebody of whom it was said."""
    wanted, said = list(_words(value)), list(_words(text))
    for place in range(len(said) - len(wanted) + 1 if wanted else 0):
        run = said[place : place + len(wanted)]
        if all(map(_is_told_as, run, wanted)):
            start, end = run[0].start, run[-1].end
            if len(wanted) >= _TOLD or _without_articles(text[start:end]) == _without_articles(value):
                yield start, end


def _without_articles(text: str) -> str:
    return " ".join(each for each in _plain(text).split() if each not in w.ARTICLES).strip(" .!?;,:")


def _is_told_as(said: _Spoken, told: _Spoken) -> bool:
    """Whether a word is another, or that by which one is told what was said of them: `your` of `her`, `are` of `is`."""
    if said.word == told.word or said.word in {f"{told.word}s", f"{told.word}es"}:
        return True
    if said.word in w.PERSONS:
        return told.word in w.ADDRESSED and said.word not in w.ADDRESSED
    return any({said.word, told.word} <= each for each in w.AGREEING)


@dataclass(frozen=True, slots=True)
class _Spoken:
    """A word and where it stands."""

    word: str
    start: int
    end: int


def _words(text: str) -> Iterator[_Spoken]:
    """The words of a text, without articles; what has figures in it counts as it is written."""
    for found in re.finditer(r"\S+", text):
        bare = bared(found[0])
        if not bare:
            continue
        start = found.start() + found[0].index(bare)
        is_formed = any(sign.isdigit() or sign in "@/" for sign in bare)
        word = bare if is_formed else folded(bare)
        if is_formed or word not in w.ARTICLES:
            yield _Spoken(word, start, start + len(bare))


def _is_led_to(value: Any, material: Material) -> bool:
    """Whether of all that trusted text says of the kind this is what the words of the question lead to, and alone."""
    kinds = {kind.split(" ")[-1] for kind, _ in tokens(str(value))} if not _is_text(value) else set()
    asked = _content(material.asked)
    ranked: list[tuple[int, bool]] = []
    for sentence in chain.from_iterable(_SENTENCES.split(each.text) for each in material.trusted):
        known = {token for kind, token in tokens(sentence) if kind.split(" ")[-1] in kinds}
        if denied(sentence) or _WARNING.search(sentence):
            if _says(sentence, value):
                return False
        elif _says(sentence, value):
            ranked.append((len(asked & _content(sentence)), len(known) < 2))
        elif known or not kinds:
            ranked.append((len(asked & _content(sentence)), False))
    ranked.sort(reverse=True)
    if not ranked or not ranked[0][1] or ranked[0][0] < 2:
        return False
    return len(ranked) == 1 or ranked[1][0] < ranked[0][0]


def _is_said_otherwise(value: Any, wish: Wish | None) -> bool:
    """Whether who asked said one of that form themselves, so that another, of a sample or a rule, is not meant."""
    kinds = {kind for kind, _ in tokens(str(value))} if not _is_text(value) else set()
    return wish is not None and any(kind in kinds for kind, _ in tokens(wish.about))


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not (len(value.split()) == 1 and _is_formed(value))


def _content(text: str) -> set[str]:
    return {word.rstrip("s") for word in re.findall(r"[^\W\d_]{3,}", text.lower())} - {
        "the",
        "for",
        "and",
        "are",
        "our",
    }


def _is_written_plainly(value: str) -> bool:
    """Whether a value is as one types it: no sign that is read as another, no space but the usual ones."""
    odd = (sign for sign in value if sign not in " \n\r\t" and (sign.isspace() or not sign.isprintable()))
    return unicodedata.normalize("NFC", value) == value and not any(odd)


def _says(text: str, value: Any) -> bool:
    """Whether a text holds a value: a number as a number, another whole and at the bounds of words."""
    if isinstance(value, bool) or (isinstance(value, str) and not _is_written_plainly(value)):
        return False  # no text says yes to a parameter
    if isinstance(value, int | float):
        return any(value in readings(bared(word)) for word in in_figures(text).split())
    if value in currencies(text):
        return True
    wanted = str(value).split()
    if len(wanted) == 1 and _is_formed(value):
        return any(_is_same(bared(word), value) for word in in_figures(text).split())
    return next(_places(text, value), None) is not None


def _plain(text: str) -> str:
    """Without regard to case and space; signs that only look alike, or are not seen, are other ones."""
    return " ".join(unicodedata.normalize("NFC", text).translate(_TO_LOWER).split())

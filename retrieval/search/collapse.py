"""Which hits say nothing that a better one does not say already?

Two passages are nearly equal if their words, numbers and signs are the same in the same order, under the same headings
and the same heads of columns, whatever their case, line breaks, hyphens at line ends, articles and a few marks of
layout are. No share of common word sequences is measured: at nine tenths, a passage of sixty words may differ in one,
and that one may be the amount, the party or the "not", which makes it other evidence. Equality of such a key is also
the same whichever of two is seen first, and costs one pass over a text.

A copy inside an archive gives way to the plain file that says the same, also where it scores higher.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

import regex

from ingest.model import Chunk
from ingest.names import is_packed

Key = tuple[str, ...]
Place = TypeVar("Place", bound=Hashable)

_AMONG = 50  # places from the first on, among which the plain file is looked for, whatever `k` is

# All that may be left out. What is not named here counts, for a sign can turn a statement round: C++, A-, ¬P, !ready.
_INVISIBLE = regex.compile(r"[\p{Cf}\ufe0f]+")  # soft hyphens, joiners, marks of direction and of an emoji's style
_BROKEN_WORD = regex.compile(r"(?<=\p{Ll})-[ \t]*\n[ \t]*(?=\p{Ll})")
_EMPHASIS = regex.compile(r"(?<![\p{L}\p{N}*])(\*{1,3})(?=[^\s*])([^*]+)(?<=[^\s*])\1(?![\p{L}\p{N}*])")
_CLOSING = "\"'”’»›)\\]"
_LAYOUT = regex.compile(
    rf"(?<!\p{{N}})!+(?=[{_CLOSING}]*(?:\s|$))|[.,;:]+(?=[{_CLOSING}]*(?:\s|$))"  # at the end of a word or number
    r"|(?<!\S)[–—]+(?!\S)"  # a dash alone
    r"|[“„‟«»‹›‘‚¡¿`\[\]•‣]|(?<!\p{N})[\"”]|(?<![\p{L}\p{M}\p{N}])'|(?<=[\p{L}\p{M}])'(?![\p{L}\p{M}])"
)
# "A" may be the name of a vitamin, a plan or a blood group
_ARTICLE = regex.compile(r"(?<![^\s(])(?:the|The|THE|an|An|a)(?=\s+\p{L})")
# A number with its sign and what groups its digits; a word; or any other sign. A hyphen is a minus where neither a word
# nor a number goes before it.
_TOKEN = regex.compile(
    r"(?<![\p{L}\p{N}])[-−–+±]?\p{N}+(?:[.,:/'-]\p{N}+)*|[\p{L}\p{M}\p{N}]+(?:'[\p{L}\p{M}]+)*|[^\s\p{Cc}]"
)
_NOT_ASCII = regex.compile(r"[^\x00-\x7f]")
# Ways of writing one letter, unlike powers, indices, fractions and the alphabets of mathematics
_SAME_LETTER = regex.compile("<(?:compat|wide|narrow|noBreak|vertical|small|initial|medial|final|isolated)>")


@dataclass(frozen=True, slots=True)
class Shown(Generic[Place]):
    """A passage that is shown, and the others that say the same.

    `place` is whose place in the ranking it takes: a plain file's takes that of a better copy's inside an archive.
    """

    place: Place
    passage: Place
    chunk: Chunk
    others: list[Chunk]

    def given_way(self, passage: Place, chunk: Chunk) -> Shown[Place]:
        """Itself, or where it lies in an archive the passage of a plain file, in its place."""
        if passage == self.passage or not is_packed(self.chunk.document):
            return self
        return Shown(self.place, passage, chunk, [other for other in (self.chunk, *self.others) if other != chunk])


def collapse(
    ranking: Sequence[Place],
    load: Callable[[Sequence[Place]], Mapping[Place, Chunk]],
    *,
    k: int,
    keep: bool = False,
    key: Callable[[Place, Chunk], object] = lambda _, chunk: key_of(chunk),
) -> list[Shown[Place]]:
    """The first `k` passages that differ, going down the ranking, each with those nearly equal that it met.

    `load` gives chunks by what the ranking holds; those that it does not know are passed over. It is asked for `k`, and
    for as many again as it gave as long as these are not enough. `key` is equal for what is nearly equal. `keep` takes
    every passage as it comes.
    """
    shown: list[Shown[Place]] = []
    places: dict[object, int] = {}
    position = 0
    while len(shown) < k and position < len(ranking):
        part = ranking[position : position + max(k - len(shown), position)]
        position += len(part)
        found = load(part)
        for each, chunk in ((each, found[each]) for each in part if each in found):
            place = len(shown) if keep else places.setdefault(key(each, chunk), len(shown))
            if place == len(shown):
                shown.append(Shown(each, each, chunk, []))
            else:
                shown[place].others.append(chunk)
            if len(shown) == k:
                break
    if keep or not any(is_packed(one.chunk.document) for one in shown):
        return shown
    among = ranking[: max(_AMONG, position)]
    found = load(among)
    plain: dict[object, tuple[Place, Chunk]] = {}
    for each, chunk in ((each, found[each]) for each in among if each in found):
        if not is_packed(chunk.document):
            plain.setdefault(key(each, chunk), (each, chunk))
    return [one.given_way(*plain.get(key(one.passage, one.chunk), (one.passage, one.chunk))) for one in shown]


def originals(chunks: Iterable[Chunk], among: Callable[[], Iterable[Chunk]]) -> dict[str, list[Chunk]]:
    """The plain files' passages `among` others that say the same as each of these inside an archive, by its id.

    What lies in no archive, or only there, has none.
    """
    copies = {chunk.id: key_of(chunk) for chunk in chunks if is_packed(chunk.document)}
    plain: dict[Key, list[Chunk]] = defaultdict(list)
    for chunk in among() if copies else ():
        if not is_packed(chunk.document):
            plain[key_of(chunk)].append(chunk)
    return {id: plain[key] for id, key in copies.items() if key in plain}


def duplicates(chunk: Chunk, others: Iterable[Chunk]) -> tuple[str, ...]:
    """The names of the documents whose passages are shown as `chunk`, each once, without its own."""
    return tuple(dict.fromkeys(other.document for other in others if other.document != chunk.document))


def key_of(chunk: Chunk) -> Key:
    """Equal for passages that are nearly equal. One without a word or sign is equal to its own text alone."""
    words = _tokens(chunk.text)
    headings = (" ".join(_tokens(heading)) for heading in chunk.headings)
    return (*headings, "\0", *_tokens(_beside(chunk)), "\0", *(words or [chunk.text]))


def _beside(chunk: Chunk) -> str:
    """The context without its first line, the path of title and headings: a table's caption and heads of columns."""
    if not chunk.title and not any(chunk.headings):
        return chunk.context
    return chunk.context.removeprefix(chunk.title).partition("\n")[2]


def _tokens(text: str) -> list[str]:
    if not text.isascii():
        text = _NOT_ASCII.sub(_plain, unicodedata.normalize("NFC", _INVISIBLE.sub("", text))).replace("’", "'")
    text = _EMPHASIS.sub(r"\2", _BROKEN_WORD.sub("", text))
    return [token.casefold() for token in _TOKEN.findall(_ARTICLE.sub(" ", _LAYOUT.sub(" ", text)))]


def _plain(letter: regex.Match[str]) -> str:
    same = _SAME_LETTER.match(unicodedata.decomposition(letter[0]))
    return unicodedata.normalize("NFKC", letter[0]) if same else letter[0]

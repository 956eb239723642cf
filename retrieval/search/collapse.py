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
from collections.abc import Callable, Iterable, Iterator, Sequence

import regex

from ingest.model import Chunk
from ingest.names import is_packed

Key = tuple[str, ...]
Shown = tuple[str, Chunk, list[Chunk]]

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


def collapse(
    ranking: Sequence[str], load: Callable[[Sequence[str]], dict[str, Chunk]], *, k: int, keep: bool = False
) -> list[Shown]:
    """The first `k` passages that differ, going down the ranking, with their ids and those nearly equal that it met.

    The id is that of the passage whose place it is: a plain file's takes that of a better copy's inside an archive.
    `load` gives chunks by id; ids that it does not know are passed over. It is asked for `k`, and for as many again as
    it gave as long as these are not enough. `keep` takes every passage as it comes.
    """
    shown: list[Shown] = []
    places: dict[Key, int] = {}
    position = 0
    while len(shown) < k and position < len(ranking):
        part = ranking[position : position + max(k - len(shown), position)]
        position += len(part)
        found = load(part)
        for id, chunk in ((id, found[id]) for id in part if id in found):
            place = len(shown) if keep else places.setdefault(key_of(chunk), len(shown))
            if place == len(shown):
                shown.append((id, chunk, []))
            else:
                shown[place][2].append(chunk)
            if len(shown) == k:
                break
    return shown if keep else _with_originals(shown, ranking[: max(_AMONG, position)], load)


def _with_originals(
    shown: Sequence[Shown], ranking: Sequence[str], load: Callable[[Sequence[str]], dict[str, Chunk]]
) -> list[Shown]:
    def among() -> Iterator[Chunk]:
        found = load(ranking)
        return (found[id] for id in ranking if id in found)

    plain = originals((chunk for _, chunk, _ in shown), among)
    made = []
    for id, chunk, others in shown:
        first = plain.get(chunk.id, [chunk])[0]
        made.append((id, first, [other for other in (chunk, *others) if other.id != first.id]))
    return made


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

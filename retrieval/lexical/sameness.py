"""When do two passages say the same?

They are nearly equal if their words, numbers and signs are the same in the same order, under the same headings and the
same heads of columns, whatever their case, line breaks, hyphens at line ends, articles and a few marks of layout are.
No share of common word sequences is measured: at nine tenths, a passage of sixty words may differ in one, and that one
may be the amount, the party or the "not", which makes it other evidence. Equality of such a key is also the same
whichever of two is seen first, and costs one pass over a text.
"""

from __future__ import annotations

import hashlib
import unicodedata

import regex

from ingest.model import Chunk

RULES = 1
"""Another number where a key is made by other rules: those that are stored count no more."""
Key = tuple[str, ...]

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


def key_number(chunk: Chunk) -> int:
    """64 bits that stand for a passage's key beside it."""
    said = "\x1f".join(key_of(chunk)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(said, digest_size=8).digest(), "little")


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

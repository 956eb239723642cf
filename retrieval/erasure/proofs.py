"""What finds a document's words again without telling them? Keyed hashes of sequences that it alone holds."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import regex

_MOST = 64  # sequences that are kept of a document, spread over all of it
_TRIES = 40  # sequences that are looked at in each stretch of the text
# A letter of a script without spaces between words is half a word
_WORD = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]|"
    r"[\w--[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]]+",
    regex.V1,
)
_HALF = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")
_BETWEEN = regex.compile(r"[\n.!?;:。！？；：]+")  # where a chunk may end, and another document's chunk may not go on
_LENGTH = 4.0  # words in a sequence
_FIRST = 0x3FF  # how much is told of a sequence's first word: ten bits, which spare most of the looking
Sequence_ = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proofs:
    """Hashes of word sequences, and the key that they were made with."""

    key: str = ""
    hashes: tuple[str, ...] = ()


def words_of(text: str) -> list[str]:
    """The words of a text in one case, whatever stands between them."""
    return list(map(str, _WORD.findall(text.casefold())))


def sequences_of(text: str) -> Iterator[Sequence_]:
    """Every sequence of four words, or of eight letters of a script without spaces, that stands in one sentence."""
    for sentence in _BETWEEN.split(text):
        yield from sequences(words_of(sentence))


def sequences(words: Sequence[str]) -> Iterator[Sequence_]:
    """The same of words that follow each other, wherever their sentences end."""
    for begin in range(len(words)):
        found = _from(words, begin)
        if not found:
            return
        yield found


def _from(words: Sequence[str], begin: int) -> Sequence_:
    """The sequence that begins with this word; empty where the words end before it does."""
    end, length = begin, 0.0
    while length < _LENGTH and end < len(words):
        length += 0.5 if _HALF.match(words[end]) else 1.0
        end += 1
    return tuple(words[begin:end]) if length >= _LENGTH else ()


def prove(
    texts: Iterable[str],
    rarity: Callable[[str], float],
    elsewhere: Callable[[Sequence[str]], bool],
    before: Proofs,
) -> Proofs:
    """Proofs of the rarest sequences of each stretch of the texts that stand in no other document.

    `rarity` of a word is higher the fewer documents hold it; `elsewhere` says whether another document holds a
    sequence. What was proven `before` stays.
    """
    key = bytes.fromhex(before.key) or secrets.token_bytes(16)
    hashes = dict.fromkeys(before.hashes)
    for text in texts:
        every = list(sequences_of(text))
        stretch = -(-len(every) // _MOST) or 1
        for begin in range(0, len(every), stretch):
            by_rarity = sorted(every[begin : begin + stretch], key=lambda words: -sum(map(rarity, words)))
            rarest = next((words for words in by_rarity[:_TRIES] if not elsewhere(words)), None)
            if rarest is not None:
                hashes.setdefault(_hash(key, rarest))
    return Proofs(key.hex(), tuple(hashes))


def found_in(text: str, proofs: Collection[Proofs]) -> set[str]:
    """The hashes of those sequences that a text holds."""
    telling = [known for known in proofs if known.hashes]
    if not telling:
        return set()
    words = words_of(text)
    return {proof for known in telling for proof in _found(words, bytes.fromhex(known.key), frozenset(known.hashes))}


def contains(text: str, words: Sequence[str]) -> bool:
    """Whether a text holds a sequence of words, whatever stands between them but other words."""
    found = words_of(text)
    return any(found[i : i + len(words)] == list(words) for i, word in enumerate(found) if word == words[0])


def _found(words: Sequence[str], key: bytes, hashes: frozenset[str]) -> Iterator[str]:
    """Only what begins with a word that some proof may begin with is made a sequence of, and hashed."""
    firsts = {proof[:3] for proof in hashes}
    telling = {word for word in set(words) if _first(key, word) in firsts}
    for begin, word in enumerate(words):
        if word in telling and (found := _from(words, begin)) and (proof := _hash(key, found)) in hashes:
            yield proof


def _hash(key: bytes, words: Sequence[str]) -> str:
    return _first(key, words[0]) + _keyed(key, " ".join(words))


def _first(key: bytes, word: str) -> str:
    return f"{int(_keyed(key, word)[:4], 16) & _FIRST:03x}"


def _keyed(key: bytes, text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=key, digest_size=16).hexdigest()

"""Which terms does a text consist of? The same on both sides: for what is indexed and for what is asked."""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache

import regex
import Stemmer

ANALYZER = "words+parts+bigrams, snowball english, lucene stop words, 1"

# Lucene's default English stop words.
_STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "if",
        "in",
        "into",
        "is",
        "it",
        "no",
        "not",
        "of",
        "on",
        "or",
        "such",
        "that",
        "the",
        "their",
        "then",
        "there",
        "these",
        "they",
        "this",
        "to",
        "was",
        "will",
        "with",
    ]
)
_WORD = regex.compile(r"[\p{L}\p{N}_][\p{L}\p{M}\p{N}_]*(?:['’]\p{L}+)?")
_POSSESSIVE = regex.compile(r"['’][sS]$")
_PART = regex.compile(r"\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{M}]+|\p{N}+|\p{Lu}")
_SPACELESS = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}]+")
_LATIN = regex.compile(r"^[\p{Latin}\p{M}'’]+$")


def terms(text: str) -> list[str]:
    """The terms in the order of the text, repeated as they repeat; stop words left out.

    An identifier (`read_csv`, `NotRequired`) is found whole and by its parts; Chinese, Japanese and Korean by pairs of
    characters; English words by their Snowball stem.
    """
    found: list[str] = []
    for word in _WORD.findall(unicodedata.normalize("NFKC", text)):
        found += _terms_of(word)
    return found


@lru_cache(maxsize=200_000)
def _terms_of(word: str) -> tuple[str, ...]:
    if _SPACELESS.search(word):
        return tuple(_bigrams(word))
    word = _POSSESSIVE.sub("", word)
    folded = word.casefold().strip("_")
    if not folded or folded in _STOP_WORDS:
        return ()
    parts = [part.casefold() for part in _PART.findall(word)]
    if len(parts) < 2 or folded.isnumeric() or "'" in folded or "’" in folded:
        return (_stem(folded),)
    return (folded, *(_stem(part) for part in parts if part not in _STOP_WORDS))


def _bigrams(word: str) -> list[str]:
    found: list[str] = []
    position = 0
    for run in _SPACELESS.finditer(word):
        found += _terms_of(word[position : run.start()]) if run.start() > position else ()
        characters = run.group()
        found += [characters] if len(characters) == 1 else [characters[i : i + 2] for i in range(len(characters) - 1)]
        position = run.end()
    return found + list(_terms_of(word[position:]) if position < len(word) else ())


def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word)) if _LATIN.match(word) else word


@cache
def _stemmer() -> Stemmer.Stemmer:
    return Stemmer.Stemmer("english", 0)

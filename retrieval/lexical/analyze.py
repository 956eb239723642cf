"""Which terms does a text consist of? The same on both sides: for what is indexed and for what is asked.

A text is cut into tokens (`pd.read_csv`, `v3.14.2`, `l'homme`), and a token is found whole, by each part of it that has
parts itself (`read_csv`), and by its words (`pd`, `read`, `csv`). What stands between the words is not part of a term,
so that `readcsv`, `read-csv` and `read csv` find it too; only between two numbers a point is kept (`3.14`).
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import cache, lru_cache
from itertools import chain, pairwise, repeat

import regex
import Stemmer

from retrieval.lexical.stop_words import silent_words, stop_words

# To be changed with anything that changes any term that is made here.
WORDS = f"tokens, wholes, parts, pairs; snowball {Stemmer.version()} and stop words by script and language; folded; 2"

_SHAPE = r"""
    (?: \.(?<![\w)\].]\.) | --(?<!---) | §{1,2}[ ]?(?=\d) )?
    WORD (?: (?: [-./:@&'\\_BETWEEN]{1,3} | ,(?<=\d,)(?=\d) ) WORD )*
    (?: \+\+ | \# | (?<=\d)[ ]?[%‰] )?
"""
_ASCII_TOKEN = re.compile(_SHAPE.replace("WORD", "[A-Za-z0-9]+").replace("BETWEEN", ""), re.VERBOSE)  # twice as fast
_ANY_TOKEN = regex.compile(
    _SHAPE.replace("WORD", r"[\p{L}\p{N}][\p{L}\p{M}\p{N}]*").replace("BETWEEN", "‐–׳״"), regex.VERBOSE
)
_LOOSE = (re.compile(r"[/:@\\]+"), re.compile(r"\.+"))  # what binds least of all that stands between words, first
_SIGNED = regex.compile(r"\.\p{L}[\p{L}\p{M}\p{N}]*|\p{L}+(?:\+\+|\#)")
_SPACE_AND_REPEATS = regex.compile(r"\s|§(?=§)")
_HYPHENATED = regex.compile(r"[\p{L}\p{M}]{2,}(?:[-‐–][\p{L}\p{M}]{2,})+")
_WORD = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}]*")
_CONTRACTION = regex.compile(r"^(\p{Latin}+)'(?:(s)|t|re|ve|ll|d|m)$", regex.IGNORECASE)
_NUMBERS = regex.compile(r"(?<!\p{N})\p{N}++(?:[^\p{L}\p{M}\p{N}]\p{N}++)+")
_GROUPED = regex.compile(r"(?<![\p{L}\p{N}.,])\p{N}{1,3}(?:,\p{N}{3})+(?![,\p{L}\p{N}])")
_PART = regex.compile(r"\p{N}[\p{N}\p{M}]*|(?:\p{Lu}\p{M}*+)+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{Lo}\p{Lm}\p{Lt}\p{M}]+|\p{Lu}")
_PLURAL = regex.compile(r"\p{Lu}{2,}s")
# Scripts that put no space between words, and Korean, whose particles stand without one behind their word. A cluster is
# a letter with its marks; the sound mark of the kana is a letter of both.
_RUN = regex.compile(
    r"(?:[\p{Han}\p{Hiragana}\p{Katakana}ー\p{Hangul}]\p{M}*)+|(?:[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}--\p{N}]\p{M}*)+",
    regex.V1,
)
_CLUSTER = regex.compile(r".\p{M}*", regex.DOTALL)
_A_WORD_ALONE = regex.compile(r"[\p{Han}\p{Hangul}]")
_LONGEST_WHOLE = 100  # letters: what is longer is an address or data, and nobody types it

# The Snowball stemmer of a language, and the languages that are written in a script other than Latin: a word in such a
# script is of the document's language if that is one of them, of the first otherwise.
_STEMMERS = {
    "ar": "arabic", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "eo": "esperanto", "es": "spanish", "et": "estonian", "eu": "basque", "fa": "persian", "fi": "finnish",
    "fr": "french", "ga": "irish", "hi": "hindi", "hu": "hungarian", "hy": "armenian", "id": "indonesian",
    "it": "italian", "lt": "lithuanian", "nb": "norwegian", "ne": "nepali", "nl": "dutch", "no": "norwegian",
    "pl": "polish", "pt": "portuguese", "ro": "romanian", "ru": "russian", "sr": "serbian", "st": "sesotho",
    "sv": "swedish", "ta": "tamil", "tr": "turkish", "yi": "yiddish",
}  # fmt: skip
_SCRIPTS = {
    "Cyrillic": "ru ba be bg ce cv kk ky mk mn os sr tg tt uk",
    "Greek": "el",
    "Arabic": "ar fa ku ps sd ug ur",
    "Hebrew": "he yi",
    "Devanagari": "hi mr ne sa",
    "Tamil": "ta",
    "Armenian": "hy",
    "": "am as bn bo dv dz gu ja ka km kn ko lo ml my or pa si te th ti zh",
}
_OTHER_THAN_LATIN = frozenset(" ".join(_SCRIPTS.values()).split()) - {"ku", "sr"}
_OF_SCRIPT = {script: regex.compile(rf"[\p{{{script}}}\p{{M}}]+") for script in ("Latin", *_SCRIPTS) if script}
_ELIDING = frozenset({"ca", "fr", "it"})
_LETTERS_WITHOUT_MARK = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i"}
)


def terms(text: str, language: str = "en", *, silent: AbstractSet[str] = frozenset()) -> list[str]:
    """The terms of a document in the order of its text, repeated as they repeat; stop words left out.

    `language` is an ISO 639-1 code, empty where it is not known: then Latin letters are read as English. Words are
    found by their Snowball stem, Latin ones with marks without them too (`café`, `cafe`); Chinese, Japanese, Korean,
    Thai, Lao, Khmer and Burmese by pairs of letters, Chinese and Korean by each letter too. Tokens that are one of
    `silent`, in small letters, are left out too.
    """
    return list(chain.from_iterable(map(_terms_of, tokens_of(text, silent), repeat(language or "en"))))


def query_terms(text: str, languages: Iterable[str] = ("en",), *, silent: AbstractSet[str] = frozenset()) -> list[str]:
    """The terms of a question to documents in these languages: of each word those that it has in any of them.

    A term counts as often as the word stands there, in however many languages it is the same. A stop word of one
    language is not looked for in the others either, unless it is known to say something there, or nothing is left.
    With one language the terms are those of `terms`.
    """
    among = tuple(sorted({language or "en" for language in languages})) or ("en",)
    left_out = {language: silent_words(language, among) for language in among}
    tokens = tokens_of(text, silent)
    return _in_any(tokens, left_out) or _in_any(tokens_of(text), dict.fromkeys(among, frozenset()))


def _in_any(tokens: Iterable[str], silent: Mapping[str, frozenset[str]]) -> list[str]:
    found: list[str] = []
    for token in tokens:
        of_token: Counter[str] = Counter()
        for language, left_out in silent.items():
            of_language = () if token.casefold() in left_out else _terms_of(token, language)
            fresh = list((Counter(of_language) - of_token).elements()) if of_token else of_language
            found += fresh
            of_token.update(fresh)
    return found


def tokens_of(text: str, silent: AbstractSet[str] = frozenset()) -> list[str]:
    """What a text is cut into, as it is written there."""
    if text.isascii():
        found: list[str] = _ASCII_TOKEN.findall(text)
    else:
        text = unicodedata.normalize("NFKC", text).replace("’", "'")
        text = regex.sub(r"\p{Cf}+", "", text)  # soft hyphens, joiners, marks of direction: they change no word
        found = _ANY_TOKEN.findall(text)
    return [token for token in found if token.casefold() not in silent] if silent else found


@lru_cache(maxsize=200_000)
def _terms_of(token: str, language: str) -> tuple[str, ...]:
    if not token.isascii() and _RUN.search(token):
        return tuple(_runs(token, language))
    if token.isalnum():
        return tuple(_word(token, language))
    signed = token[0] == "§" or token[-1] in "%‰" or _SIGNED.fullmatch(token)
    found = [_SPACE_AND_REPEATS.sub("", token).casefold()] if signed else []
    if token.startswith("--") and _HYPHENATED.fullmatch(token := token[2:]):
        found += _whole(token, language)  # an option's name is one word, whatever it is made of
    return (*found, *dict.fromkeys(_numbers(token)), *_parts(token, language))


def _parts(token: str, language: str) -> Iterable[str]:
    """A token whole, then its parts, which are cut at what binds closer than that which the token was cut at."""
    if token.isalnum():
        return _terms_of(token, language)
    if language == "en" and "'" in token and (contraction := _CONTRACTION.match(token)):
        return _forms(contraction[1].casefold() if contraction[2] else token.casefold(), language)
    if "." in token and token.casefold() in stop_words(language):
        return ()
    loose = next((loose for loose in _LOOSE if loose.search(token)), None)
    parts = [part for part in loose.split(token) if _WORD.search(part)] if loose else _WORD.findall(token)
    if len(parts) == 1:
        return _parts(parts[0], language) if loose else _word(parts[0], language)
    prose = _HYPHENATED.fullmatch(token) or ("'" in token and language in _ELIDING)
    found = [] if prose else list(_whole(token, language))
    for part in parts:
        found += _parts(part, language)
    return found


def _whole(token: str, language: str) -> Iterable[str]:
    words = _WORD.findall(token)
    joined = words[0]
    for word in words[1:]:
        joined += f".{word}" if joined[-1].isnumeric() and word[0].isnumeric() else word
    if len(joined) > _LONGEST_WHOLE or joined.replace(".", "").isnumeric():
        return ()  # numbers alone are given by `_numbers`
    return _forms(joined.casefold(), language)


def _word(word: str, language: str) -> Iterable[str]:
    """Letters and digits without anything between them: whole, and by its parts in another case or kind."""
    whole = _forms(word.casefold(), language)
    if word.isalpha() and (word[1:].islower() or word.islower()):
        return whole
    parts = _PART.findall(word)
    if len(parts) < 2 or _PLURAL.fullmatch(word):
        return whole
    return chain(whole, *(_forms(part.casefold(), language) for part in parts))


def _numbers(token: str) -> Iterator[str]:
    """`3.14.2` as `3.14` and `3.14.2`, whatever stands between the numbers; `12,500` as `12500` too."""
    if not _NUMBERS.search(token):
        return
    for numbers in _NUMBERS.findall(token):
        parts = [_digits(part) for part in regex.findall(r"\p{N}+", numbers)]
        yield from (".".join(parts[:end]) for end in range(2, min(len(parts), 4) + 1))
    yield from (_digits(grouped.replace(",", "")) for grouped in _GROUPED.findall(token))


def _runs(token: str, language: str) -> Iterator[str]:
    position = 0
    for run in _RUN.finditer(token):
        yield from chain.from_iterable(map(_terms_of, tokens_of(token[position : run.start()]), repeat(language)))
        clusters = _CLUSTER.findall(run.group())
        yield from (cluster for cluster in clusters if len(clusters) == 1 or _A_WORD_ALONE.match(cluster))
        yield from map("".join, pairwise(clusters))
        position = run.end()
    yield from chain.from_iterable(map(_terms_of, tokens_of(token[position:]), repeat(language)))


@lru_cache(maxsize=100_000)
def _forms(word: str, language: str) -> tuple[str, ...]:
    """The stem of a word in one case; of Latin words with marks also that of the word without them."""
    if word.isascii():
        language = "en" if language in _OTHER_THAN_LATIN else language
        if word in stop_words(language):
            return ()
        return (_stem(word, language),) if word.isalpha() else (word,)
    word = _digits(unicodedata.normalize("NFC", word.replace("i̇", "i")))
    script = next((script for script, letters in _OF_SCRIPT.items() if letters.fullmatch(word)), "")
    spoken = _spoken(script, language)
    if word in stop_words(spoken):
        return ()
    if script != "Latin":
        return (_stem(word, spoken) if script else word,)
    bare = "".join(letter for letter in unicodedata.normalize("NFD", word) if not unicodedata.combining(letter))
    bare = bare.translate(_LETTERS_WITHOUT_MARK)
    stem = _stem(word, spoken)
    return (stem,) if bare in (word, "") else tuple(dict.fromkeys((stem, *_forms(bare, language))))


def _spoken(script: str, language: str) -> str:
    """The language that a word in this script is taken for, in a document of that language."""
    if script == "Latin":
        return "en" if language in _OTHER_THAN_LATIN else language
    languages = _SCRIPTS.get(script, "").split()
    return language if language in languages or not languages else languages[0]


def _stem(word: str, language: str) -> str:
    stemmer = stemmer_of(language)
    return str(stemmer.stemWord(word)) or word if stemmer else word


@cache
def stemmer_of(language: str) -> Stemmer.Stemmer | None:
    """The Snowball stemmer of a language, where there is one."""
    return Stemmer.Stemmer(_STEMMERS[language], 0) if language in _STEMMERS else None


def _digits(word: str) -> str:
    """Digits of any script as ASCII ones."""
    if word.isascii():
        return word
    return "".join(str(unicodedata.decimal(letter, letter)) for letter in word)

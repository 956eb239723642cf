"""Which words that say nothing elsewhere are names here, and what does a text deny?

`WHO`, `IT` and `US` among words in small letters, `Will` in the midst of a sentence. A word that is shouted with its
whole sentence, or is great because a sentence begins with it, is none.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

import regex

from retrieval.lexical.stop_words import LISTED, stop_words


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


NOT = "=not"
"""The term of everything that denies: what is asked without something may be told as not having it."""

_ALSO = frozenset(("who", "can", "us"))
_STRESSED = _set(
    """and or not no but if then the is are was were be will would this that these those such on off into
    with a i"""
)
_GREAT = frozenset(("will", "who", "can"))
_SENTENCE = regex.compile(r"[^.!?;:\n|]+(?:\.(?=\p{L})[^.!?;:\n|]+)*")
_WORD = regex.compile(r"\p{L}(?:\.\p{L})+(?![\p{L}\p{M}])\.?|\p{L}[\p{L}\p{M}'’]*")
_JOINED = regex.compile(r"[\p{N}_'’@\\]")
_HELPING = _set("is are was were did does do has have had can could will would should may might am else")
_PERSONS = _set("i you we they he she it who that which users one")

_DENIALS = {
    "en": "not no cannot without except never none nothing nobody neither nor excluding excludes excluded lacks",
    "ar": "لا ليس لم لن بدون إلا غير", "bg": "не без освен никога", "ca": "no sense excepte mai cap",
    "cs": "ne není bez kromě nikdy žádný žádná žádné", "da": "ikke uden undtagen aldrig ingen intet",
    "de": "nicht kein keine keinen keinem keiner keines ohne außer ausser nie niemals nichts niemand weder",
    "el": "δεν μη μην χωρίς εκτός ποτέ όχι", "eo": "ne sen krom", "es": "no sin excepto salvo nunca ningún ninguno "
    "ninguna jamás nada nadie tampoco", "et": "ei ilma mitte", "eu": "ez gabe", "fa": "بدون نیست نه جز",
    "fi": "ei en et emme ette eivät ilman paitsi", "fr": "pas sans sauf jamais aucun aucune rien non ni excepté hormis",
    "ga": "ní gan níl", "hi": "नहीं बिना न", "hu": "nem nincs nincsenek nélkül kivéve soha", "hy": "ոչ առանց",
    "id": "tidak bukan tanpa kecuali", "it": "non senza tranne eccetto mai nessun nessuno nessuna niente né",
    "lt": "ne nėra be išskyrus", "ne": "छैन बिना", "nl": "niet geen zonder behalve nooit niets niemand", "no": "ikke "
    "ikkje uten unntatt aldri ingen intet", "pl": "nie bez oprócz nigdy żaden żadna żadne", "pt": "não sem exceto "
    "nunca nenhum nenhuma jamais nada", "ro": "nu fără niciun nicio", "ru": "не нет без кроме никогда нельзя ни",
    "sr": "не без осим није ne bez osim nije", "sv": "inte icke ej utan utom aldrig ingen inget inga", "ta": "இல்லை",
    "tr": "değil yok hariç olmadan", "uk": "не ні без крім немає", "yi": "ניט נישט אָן", "he": "לא אין בלי",
    "vi": "không chưa trừ", "sk": "nie bez okrem nikdy", "sl": "ne ni brez razen", "hr": "ne bez osim nije",
}  # fmt: skip
_WITHIN = {
    "zh": regex.compile("[不没沒無无非未]"), "ja": regex.compile("ない|ません|なし|以外|ず(?=に|、|。)"),
    "ko": regex.compile("않|없|못|아니|제외"), "th": regex.compile("ไม่|ยกเว้น"),
}  # fmt: skip
_SHORTENED = regex.compile(r"n['’]t\b")
_NUMBERED = regex.compile(r"\bno\.?\s?(?=\d)|\bnot only\b")


def names(text: str) -> list[str]:
    """The terms of stop words that are names in `text`, which is as it was written."""
    found = []
    for sentence in _SENTENCE.finditer(text) if any(map(str.isupper, text)) else ():
        if not any(map(_may_be_name, _WORD.findall(sentence.group()))):
            continue
        words = list(_WORD.finditer(sentence.group()))
        for place, word in enumerate(words):
            if not _may_be_name(word.group()):
                continue
            plain = word.group().replace(".", "")
            name = plain.casefold()
            around = sentence.group()[max(0, word.start() - 1) : word.start()], sentence.group()[word.end() :][:1]
            if any(map(_JOINED.match, around)):
                continue
            others = [other.group() for other in words if other is not word]
            if len(plain) > 1 and plain.isupper():
                is_name = name not in _STRESSED and not _shouted(others) and not _stressed(place, words)
            else:
                is_name = name in _GREAT and plain[1:].islower() and place > 0 and not _title(others[1:])
            found += [f"={name}"] if is_name else []
    return found


def denials(text: str, languages: Iterable[str]) -> int:
    """How often `text`, in small letters, denies."""
    among = tuple(sorted({language or "en" for language in languages}))
    words = _deny(among)
    count = sum(word in words for word in _WORD.findall(text))
    if "en" in among:
        count += len(_SHORTENED.findall(text)) - len(_NUMBERED.findall(text))
    return max(0, count) + sum(len(_WITHIN[each].findall(text)) for each in among if each in _WITHIN)


def _may_be_name(word: str) -> bool:
    return word[0].isupper() and word.replace(".", "").casefold() in _silent_anywhere()


def _shouted(others: Iterable[str]) -> bool:
    """Whether the words beside one are mostly in capitals too."""
    long = [word for word in others if len(word) > 1]
    return 2 * sum(map(str.isupper, long)) > len(long)


def _title(others: Iterable[str]) -> bool:
    """Whether the words beside one mostly begin with a capital, as in a title."""
    long = [word for word in others if len(word) > 2]
    return 2 * sum(word[0].isupper() for word in long) > len(long)


def _stressed(place: int, words: list[regex.Match[str]]) -> bool:
    """Whether a word in capitals is more likely stressed than a name: `you CAN`, `WHO is`."""
    if place and words[place - 1].group().casefold() in _PERSONS:
        return True
    return not place and len(words) > 1 and words[1].group().casefold() in _HELPING


@cache
def _silent_anywhere() -> frozenset[str]:
    return frozenset().union(*map(stop_words, LISTED)) | _ALSO | _GREAT


@cache
def _deny(languages: tuple[str, ...]) -> frozenset[str]:
    return frozenset(word for language in languages for word in _DENIALS.get(language, "").split())

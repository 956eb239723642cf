"""Which words of a text say something, which are names, and in which language is it written?"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from agent.quantities import in_digits, is_unit, read
from retrieval.lexical.analyze import terms
from retrieval.lexical.stop_words import stop_words

# Words that say little by themselves, beside the stop words of the index.
_LIGHT: Final = {
    "en": """has have had having do does did done can could may might must shall should would been being am were he she
        him his her hers its we us our ours you your yours i my me mine who whom whose which what when where why how
        here than so very also too just some many much another own same such per via from out again further once after
        before during between within without through across onto upon off yes one ones thing things way case cases
        become becomes became get gets got getting make makes made give gives given take takes taken use used uses need
        needs needed say says said them those let lets there it's about well still yet however therefore thus hence mean
        means called call named name amount amounts total number numbers because since while whereas although though
        unless until due more most less least next instead each average cost costs price priced last lasts member
        members person persons people second seconds minute minutes hour hours day days week weeks month months year
        years long old high wide deep tall large big""",
    "de": """wird werden wurde worden kann können soll sollen muss müssen darf dürfen mag habe haben hatte sei wäre
        welche welcher welches wer wann warum wieviel viele viel jede jeder jedes man sowie bereits dabei dazu damit
        dafür daran darauf dort hier sehr etwa rund ca ja nein beträgt betragen gibt es wegen weil obwohl während""",
    "fr": """peut peuvent doit doivent faut fait faire avoir être sera seront très aussi ainsi alors donc oui non il y
        cela ça lors quand comment combien entre environ""",
    "es": """puede pueden debe deben hay hace hacer haber ser estar será serán muy también así entonces sí cuándo cómo
        cuánto dónde unos unas aproximadamente""",
}
_DENYING: Final = {
    "en": """not no never none neither nor without cannot nobody nothing nowhere isn't aren't wasn't weren't don't
        doesn't didn't can't couldn't won't wouldn't shouldn't mustn't hasn't haven't hadn't forbidden prohibited banned
        excluded excludes lacks lacking unable impossible prevent prevents prevented avoid avoids avoided""",
    "de": """nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne weder verboten untersagt
        ausgeschlossen unzulässig verhindert verhindern""",
    "fr": "ne n pas jamais aucun aucune sans interdit interdite interdits interdites ni empêche",
    "es": "no nunca ningún ninguna ninguno sin prohibido prohibida jamás tampoco ni impide",
    "it": "non nessun nessuno nessuna mai senza vietato vietata",
    "nl": "niet geen nooit niemand niets zonder verboden",
    "pt": "não nunca nenhum nenhuma sem proibido proibida jamais",
}
# Languages that are known by their function words, and those that are known by their letters.
_VOTED: Final = ("en", "de", "fr", "es", "it", "nl", "pt", "sv", "da", "no", "ru")
_LETTERS: Final = {
    "zh": r"[\u4e00-\u9fff]",
    "ja": r"[\u3040-\u30ff]",
    "ko": r"[\uac00-\ud7af]",
    "ar": r"[\u0600-\u06ff]",
    "he": r"[\u0590-\u05ff]",
    "el": r"[\u0370-\u03ff]",
    "hi": r"[\u0900-\u097f]",
    "th": r"[\u0e00-\u0e7f]",
    "ru": r"[\u0400-\u04ff]{3}",
}
_COMPOUNDING: Final = frozenset(("de", "nl", "sv", "da", "no", "fi"))
WORD: Final = re.compile(r"[^\W_](?:[\w]|[-'’./@:&+](?=\w))*")
_NAME_OR_STOP: Final = re.compile(
    r"[^\W_](?:[\w]|[-'./@:&+#](?=\w))*|[.!?:]+(?=\s)|\n\s*(?:[-*•]|\d+[.)])?",
)
_NO_WORD: Final = re.compile(r"[@_/]|\w\.\w|[a-z][A-Z]")
_PARTICLES: Final = frozenset(("of", "de", "von", "van", "the", "der", "la", "zu"))


@dataclass(frozen=True, slots=True)
class Word:
    """A word with the stems by which it is found, where it stands, and the word before it in lower case."""

    written: str
    stems: frozenset[str]
    place: int
    behind: str


@lru_cache(maxsize=1024)
def words(text: str, language: str) -> tuple[Word, ...]:
    """The words that say something, in their order; numbers, what they count in, and dates are none."""
    spoken = in_digits(text, language)
    found: list[Word] = []
    before = ""
    measured = (part for each in read(text, language) for part in re.findall(r"[^\W\d_]+", each.written.casefold()))
    left_out = silent(language) | denying(language) | frozenset(measured)
    for match in WORD.finditer(spoken):
        written = match[0]
        folded = written.casefold().removesuffix("'s").rstrip("'’")
        is_letter = len(folded) == 1 and folded.isascii()
        is_measure = written.isupper() and is_unit(folded)
        if folded not in left_out and not (is_letter or is_measure) and any(each.isalpha() for each in folded):
            stems = frozenset(terms(written, language))
            if stems:
                found.append(Word(written, stems, match.start(), before))
        before = folded
    return tuple(found)


def stems(text: str, language: str) -> frozenset[str]:
    """What the words of the text are found by."""
    return of(words(text, language))


def of(these: Iterable[Word]) -> frozenset[str]:
    """What these words are found by."""
    return frozenset(stem for word in these for stem in word.stems)


def akin(mine: str, other: str, language: str) -> bool:
    """Whether two stems are one word: they begin alike or, where words are joined to words, one holds the other."""
    if mine == other:
        return True
    shorter, longer = sorted((mine, other), key=len)
    if len(shorter) < 4 or not (shorter.isalpha() and longer.isalpha()):
        return False
    same = next((place for place, (a, b) in enumerate(zip(mine, other, strict=False)) if a != b), len(shorter))
    if same >= max(4, 0.8 * len(shorter)) and len(longer) - same <= 5:
        return True
    return language in _COMPOUNDING and len(shorter) >= 5 and shorter in longer


def lower(text: str) -> frozenset[str]:
    """Its words without case, as they are written."""
    return frozenset(re.findall(r"[^\W\d_]+", text.casefold()))


@cache
def silent(language: str) -> frozenset[str]:
    """Words that say little by themselves."""
    return stop_words(language) | frozenset(_LIGHT.get(language, "").split())


@cache
def denying(language: str) -> frozenset[str]:
    """Words that deny."""
    return frozenset(_DENYING.get(language, _DENYING["en"]).split())


# Names


def names(text: str, language: str, elsewhere: str = "") -> list[str]:
    """Proper names, and what is no word: identifiers, addresses, abbreviations.

    A capital at the beginning of a sentence makes a name only where the word has one in the midst of `elsewhere`, or
    where another name follows. German writes every noun with one: there a name follows another name, or a noun.
    """
    rest = in_digits(text, language)
    for written in sorted((each.written.strip() for each in read(text, language)), key=len, reverse=True):
        rest = rest.replace(written, "\x00") if len(written) > 1 else rest
    found = [match[1] for match in re.finditer(r"`([^`\n]+)`", text)]
    is_first, is_behind_capital = True, False
    for match in _NAME_OR_STOP.finditer(rest):
        token = match[0].removesuffix("'s")
        if not token or not token[0].isalnum():
            is_first, is_behind_capital = True, False
            continue
        folded = token.casefold()
        says_something = folded not in silent(language) and any(each.isalpha() for each in token)
        is_capital = token[0].isupper() and says_something
        if says_something and _is_identifier(token):
            found += [] if is_unit(token) else [token]
        elif is_capital and language == "de":
            found += [token] if is_behind_capital else []
        elif is_capital and folded not in denying(language):
            leads = re.match(r"\s+(?:(?:of|de|von|van|the|der|la)\s+)?[A-Z]", rest[match.end() :])
            if not is_first or leads or re.search(rf"(?<=[a-z,] ){re.escape(token)}\b", elsewhere):
                parts = [part for part in re.split(r"[-']", token) if part]
                found += parts if len(parts) > 1 and all(part[0].isupper() for part in parts) else [token]
        is_behind_capital = is_capital or (is_behind_capital and folded in _PARTICLES)
        is_first = False
    return [name for name in dict.fromkeys(found) if name.strip()]


def _is_identifier(token: str) -> bool:
    has_digit = any(each.isdigit() for each in token)
    if has_digit and not re.fullmatch(r"\d+[^\W\d_]+", token):
        return True
    return _NO_WORD.search(token) is not None or (len(token) >= 2 and token.isupper())


@dataclass(frozen=True, slots=True)
class Named:
    """What a text names, prepared for looking names up."""

    flat: str
    words: frozenset[str]
    initials: tuple[str, str]

    def __contains__(self, name: str) -> bool:
        mine = flat(name)
        if not name.isalpha():
            return mine in self.flat
        if {mine, f"{mine}s", mine.removesuffix("s")} & self.words:
            return True
        begins = mine[: max(4, len(mine) - 2)]
        if len(mine) >= 5 and any(word.startswith(begins) and abs(len(word) - len(mine)) <= 4 for word in self.words):
            return True
        is_short_for = any(mine in initials for initials in self.initials)
        return name.isupper() and len(name) <= 6 and (is_short_for or mine in self.flat)


@lru_cache(maxsize=256)
def named(text: str) -> Named:
    """What the text names: `NATO` may stand for words that begin with these letters."""
    parts = re.findall(r"[^\W\d_]+", text)
    initials = "".join(part[0] for part in parts if part[0].isupper()), "".join(part[0] for part in parts)
    return Named(
        flat(text),
        frozenset(flat(word) for word in re.findall(r"[^\W_]+", text)),
        (initials[0].casefold(), initials[1].casefold()),
    )


def flat(text: str) -> str:
    """Its letters and digits alone, without case and marks."""
    bare = "".join(each for each in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(each))
    bare = bare.replace("œ", "oe").replace("æ", "ae").replace("ø", "o").replace("ß", "ss")
    return "".join(each for each in bare if each.isalnum())


# Languages


def language_of(text: str, fallback: str = "en") -> str:
    """The language whose function words, or letters, stand there most often; of equals the fallback."""
    votes = _votes(text)
    best = max(votes, key=lambda language: (votes[language], language == fallback, language == "en"))
    return best if votes[best] else fallback


def is_foreign(statement: str, question: str, spoken: str, around: str, language: str) -> bool:
    """Whether a statement, spoken in one language as it seems, is clearly not in that of the text around its quote."""
    mine, theirs = _script(statement), _script(around)
    if "" not in (mine, theirs) and mine != theirs:
        return True
    own, both = _votes(statement), _votes(f"{statement}\n{question}")
    if spoken == language or own[spoken] < own[language]:
        return False
    return own[spoken] > own[language] or both[spoken] > both[language] + 1


@lru_cache(maxsize=512)
def _votes(text: str) -> dict[str, int]:
    text = text.strip()
    said = re.findall(r"(?<!\w)[^\W\d_A-ZÀ-Þ][^\W\d_]*", text[:1].lower() + text[1:])  # `Los Angeles` is no Spanish
    known = {language: silent(language) | frozenset(_DENYING.get(language, "").split()) for language in _VOTED}
    votes = {language: sum(word in these for word in said) for language, these in known.items()}
    for language, letters in _LETTERS.items():
        votes[language] = votes.get(language, 0) + len(re.findall(letters, text))
    return votes


@lru_cache(maxsize=512)
def _script(text: str) -> str:
    """The script of most of the letters; one that stands for a syllable or a word counts for several."""
    counts = Counter(unicodedata.name(letter, "?").partition(" ")[0] for letter in text[:2000] if letter.isalpha())
    counts["CJK"] = 3 * sum(counts.pop(name, 0) for name in ("CJK", "HIRAGANA", "KATAKANA"))
    counts["HANGUL"] *= 2
    script, most = counts.most_common(1)[0]
    return script if most else ""

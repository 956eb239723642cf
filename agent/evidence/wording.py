"""Which words of a text say something, which are names, and in which language is it written?"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from agent.evidence.quantities.numerals import in_digits
from agent.evidence.quantities.read import read
from agent.evidence.quantities.units import is_unit
from agent.evidence.vocabulary import DENYING, LETTERS, LIGHT, REFUSING, SHOWN, SHOWN_EASTERN, TELLING
from retrieval.lexical.analyze import terms
from retrieval.lexical.stop_words import stop_words

# Languages that are known by their function words, and those that are known by their letters.
_VOTED: Final = ("en", "de", "fr", "es", "it", "nl", "pt", "sv", "da", "no", "ru")
_COMPOUNDING: Final = frozenset(("de", "nl", "sv", "da", "no", "fi"))
WORD: Final = re.compile(r"[^\W_](?:[\w]|[-'’./@:&+](?=\w))*")
_NAME_OR_STOP: Final = re.compile(
    r"[^\W_](?:[\w]|[-'./@:&+#](?=\w))*|[.!?:]+(?=\s)|\n\s*(?:[-*•]|\d+[.)])?",
)
_LEADING: Final = re.compile(r"\s*([^:：,，.!。！]{2,120}?)\s*(?:[:：,，.!。！]+|\s[–—-](?=\s)|$)\s*")
_EASTERN_LEAD: Final = re.compile(f"(?:{'|'.join(sorted(SHOWN_EASTERN.split(), key=len, reverse=True))})+")
_SIGNED: Final = re.compile(r"(?<![\w`])(?:[#@]|--)[^\W\d_][\w.-]*\w")  # a channel, an account, an option
_BESIDE: Final = re.compile(  # `UDP是` are two words
    r"(?<=[A-Za-zÀ-ɏ0-9])(?=[\u3040-\u30ff\u3400-\u9fff])|(?<=[\u3040-\u30ff\u3400-\u9fff])(?=[A-Za-zÀ-ɏ0-9])"
)
_LETTERED: Final = re.compile(r"(?<=[^\W\d_]{3} )([A-Z])(?![\w'.-])")  # hall C, vitamin D
# Who is said to have said it, though the capital stands where any word has one.
_SAYS_SO: Final = re.compile(
    r"(?:^|(?<=[.!?]\s))(?:the\s|der\s|die\s|das\s|le\s|la\s|el\s)?([A-ZÀ-Þ][\w-]+(?:'s)?)\s(?:says|said|reports|reported"
    r"|writes|wrote|states|stated|notes|noted|puts|recommends|recommended|confirms|confirmed|claims|claimed|estimates"
    r"|estimated|demands|requires|found|lists|warns|advises|schreibt|berichtet|sagt|empfiehlt|meldet|schätzt|écrit|dit"
    r"|rapporte|recommande|estime|indique|dice|informa|recomienda|señala|afirma)\b",
    re.MULTILINE,
)
_SOME: Final = frozenset(
    """all many some most several both few no new old each every other such current recent public alle viele einige neue
    tous plusieurs certains todos muchos varios""".split()  # noqa: SIM905
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
    measured = (
        part
        for each in read(text, language)
        if not each.again
        for part in re.findall(r"[^\W\d_]+", each.written.casefold())
    )
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


def among(mine: str, theirs: Iterable[str], language: str) -> bool:
    """Whether the stem is one word with any of these."""
    return any(akin(mine, other, language) for other in theirs)


def stand(these: Iterable[str], there: frozenset[str], language: str) -> bool:
    """Whether a word that is found by these stems is among those."""
    return not there.isdisjoint(these) or any(among(each, there, language) for each in these)


def lower(text: str) -> frozenset[str]:
    """Its words without case, as they are written."""
    return frozenset(re.findall(r"[^\W\d_]+", text.casefold()))


@cache
def silent(language: str) -> frozenset[str]:
    """Words that say little by themselves."""
    return stop_words(language) | frozenset(LIGHT.get(language, "").split())


@cache
def denying(language: str) -> frozenset[str]:
    """Words that deny."""
    return frozenset(DENYING.get(language, DENYING["en"]).split()) | refusing(language)


@cache
def refusing(language: str) -> frozenset[str]:
    """Those of them that are verbs and such: denied, they affirm."""
    return frozenset(REFUSING.get(language, "").split())


# Leads


def without_lead(text: str, language: str) -> str:
    """Without what only leads to a statement, and says nothing itself: `According to the passage,`, `Here it is:`.

    Nothing is left of what says no more than that.
    """
    rest = text
    while match := _LEADING.match(rest):
        if not _only_leads(match[1], language):
            break
        rest = rest[match.end() :]
    return rest


def _only_leads(text: str, language: str) -> bool:
    said = [
        word.removesuffix("'s") for word in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.casefold().replace("’", "'"))
    ]
    if any(word in denying(language) for word in said) or any(each.isdigit() for each in text):
        return False
    if _script(text) == "CJK":
        return _EASTERN_LEAD.fullmatch("".join(said)) is not None
    leads = _shown() | frozenset(TELLING.split())
    is_of_what_was_shown = not _shown().isdisjoint(said) or re.match(
        r"\W*(?:good|great) question\b", text, re.IGNORECASE
    )
    return bool(is_of_what_was_shown) and all(word in leads or word in silent(language) for word in said)


@cache
def _shown() -> frozenset[str]:
    return frozenset(SHOWN.split())


# Names


def names(text: str, language: str, elsewhere: str = "") -> list[str]:
    """Proper names, and what is no word: identifiers, addresses, abbreviations.

    A capital at the beginning of a sentence makes a name only where the word has one in the midst of `elsewhere`, or
    where another name follows. German writes every noun with one: there a name follows another name, or a noun.
    """
    rest = _BESIDE.sub(" ", in_digits(text, language))
    for written in sorted(
        (each.written.strip() for each in read(text, language) if not each.again), key=len, reverse=True
    ):
        rest = rest.replace(written, "\x00") if len(written) > 1 else rest
    found = [match[1] for match in re.finditer(r"`([^`\n]+)`", text)]
    found += [match[0] for match in _SIGNED.finditer(text)]
    found += [match[1] for match in _LETTERED.finditer(text) if match[1] != "I"]
    found += [match[1].removesuffix("'s") for match in _SAYS_SO.finditer(text) if _may_be_name(match[1], language)]
    is_first, is_behind_capital = True, False
    for match in _NAME_OR_STOP.finditer(rest):
        token = re.sub(r"^(?:[CDJLMNST]|Qu)'(?=[^\W\d_])", "", match[0].removesuffix("'s"))
        if token[:1] == "." and rest[match.start() - 1 : match.start()].isupper():
            continue  # `M. Dupont`
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


def _may_be_name(word: str, language: str) -> bool:
    """Not a word that says little, nor one that is known by its end to be none."""
    folded = word.casefold().removesuffix("'s")
    return folded not in silent(language) | denying(language) | _SOME and not (
        language == "en" and folded.endswith("ing")
    )


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
        if {mine, f"{mine}s", f"{mine}ern", mine.removesuffix("s")} & self.words:
            return True
        begins = mine[: max(4, len(mine) - 2)]
        if len(mine) >= 5 and any(word.startswith(begins) and abs(len(word) - len(mine)) <= 4 for word in self.words):
            return True
        is_short_for = any(mine in initials for initials in self.initials)
        return name.isupper() and 2 <= len(name) <= 6 and (is_short_for or mine in self.flat)


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


def language_of(text: str, fallback: str = "en", clearly: int = 1) -> str:
    """The language whose function words, or letters, stand there most often, `clearly` more than of the fallback."""
    votes = _votes(text)
    best = max(votes, key=lambda language: (votes[language], language == fallback, language == "en"))
    return best if votes[best] >= votes[fallback] + clearly else fallback


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
    known = {language: silent(language) | frozenset(DENYING.get(language, "").split()) for language in _VOTED}
    said = [word for word in said if not is_unit(word)]  # `min` is Swedish too
    votes = {language: sum(word in these for word in said) for language, these in known.items()}
    for language, letters in LETTERS.items():
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

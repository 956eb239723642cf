"""How does a text read when its numbers are written in digits, those in words and those in parts too?

`two and a half million` reads `2500000`, `an hour and a half` `1.5 hour`, `half past nine` `9:30`, `two thirds` `2/3`.
Plain number words are read by text2num; the rest is what it leaves, in English, German, French and Spanish.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import Final

from agent.evidence.vocabulary import EASTERN, FRACTIONS, MAGNITUDES, SMALL

DIGITS: Final = r"(?:\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?![\d])|\d{1,3}(?:[.,]\d{3})+(?!\d)|\d+)(?:[.,]\d+)?"
_MOST_DIGITS: Final = 200  # of a longer number no more is compared: it is data, and would be infinite
_READS: Final = ("en", "fr", "es", "pt", "de", "nl", "da", "it")  # what text2num reads
_COMMA_GROUPS: Final = ("en", "zh", "ja", "ko")  # there a comma groups thousands, elsewhere it begins a fraction


@cache
def _values(listed: str) -> dict[str, int]:
    return {name: value for value, names in enumerate(listed.split("|"), 1) for name in names.split()}


def _number(text: str) -> float:
    """Of a small number in a word or in digits."""
    word = text.casefold()
    return _values(SMALL)[word] if word in _values(SMALL) else max(meant(word))


def _written(value: float) -> str:
    return f"{value:.0f}" if value == int(value) else f"{value:.6g}" if value < 1e5 else f"{value}"


def meant(digits: str, language: str = "") -> frozenset[float]:
    """What the digits may mean: a point or comma groups thousands in one country and begins a fraction in another."""
    bare = re.sub(r"[ \u00a0\u202f'’]", "", digits)[:_MOST_DIGITS]
    groups = re.split(r"[.,]", bare)
    if len(groups) == 1:
        return frozenset({float(bare)})
    grouped = float("".join(groups))
    fraction = float(f"{''.join(groups[:-1])}.{groups[-1]}")
    is_one_mark = len(set(re.findall(r"[.,]", bare))) == 1
    may_group = is_one_mark and all(len(group) == 3 for group in groups[1:]) and groups[0].strip("0") != ""
    if not may_group:
        return frozenset({fraction})
    if language and len(groups) == 2:
        return frozenset({grouped if ("," in bare) == (language in _COMMA_GROUPS) else fraction})
    return frozenset({grouped}) if len(groups) > 2 else frozenset({grouped, fraction})


_NOT_A_TIME: Final = "".join(f"(?<!{word} )" for word in ("first", "second", "latter", "other", "last"))
# One of these words is in each of the forms: without it none needs to be tried.
_WORDED: Final = re.compile(
    r"half|halb|hälfte|moitié|mitad|midi|mal\b|past|minutes to|quart|viertel|fünf "
    r"|zehn |zwanzig |heure|\bla|noon|midday|midnight|mittern"
    r"|minuit|medi[ao]|anderthalb|demi|cuarto|dozen|dutzend|douzain|docena|fortnight|of an? ",
    re.IGNORECASE,
)


@cache
def _forms() -> tuple[tuple[re.Pattern[str], str], ...]:
    """What is written in parts, and how it reads in digits; `N` stands for a small number, `U` for any word."""
    number = rf"(?:\d+|{'|'.join(sorted(_values(SMALL), key=len, reverse=True))})"
    forms = (
        # Times of the day
        (r"\b(?:a )?(?P<quarter>quarter) past (?P<n>N)\b", "{n}:15"),
        (r"\b(?:a )?(?P<quarter>quarter) (?:to|before) (?P<n>N)\b", "{b}:45"),
        (r"\bhalf past (?P<n>N)\b", "{n}:30"),
        (r"\b(?P<m>N|twenty|twenty-five) (?:minutes )?past (?P<n>N)\b", "{n}:{m}"),
        (r"\b(?P<m>N|twenty) minutes to (?P<n>N)\b", "{b}:{l}"),
        (r"\bhalb (?P<n>N)\b", "{b}:30"),
        (r"\bviertel nach (?P<n>N)\b", "{n}:15"),
        (r"\b(?:viertel vor|dreiviertel) (?P<n>N)\b", "{b}:45"),
        (r"\b(?P<m>fünf|zehn|zwanzig) nach (?P<n>N)\b", "{n}:{m}"),
        (r"\b(?P<m>fünf|zehn|zwanzig) vor (?P<n>N)\b", "{b}:{l}"),
        (r"\b(?P<x>midi|minuit) et demie?\b", "{x} h 30"),
        (r"\b(?P<x>midi|minuit) et quart\b", "{x} h 15"),
        (r"(?<=à )(?P<x>midi)\b", "{x} h 00"),
        (r"\b(?P<n>N)mal\b", "{n} mal"),
        (r"\b(?P<n>N) heures? et quart\b", "{n} h 15"),
        (r"\b(?P<n>N) heures? moins le quart\b", "{b} h 45"),
        (r"\b(?P<n>N) heures? et demie?\b", "{n} h 30"),
        (r"\b(?P<n>N) heures? moins (?P<m>N|vingt)\b", "{b} h {l}"),
        (r"\blas? (?P<n>N) y cuarto\b", "las {n}:15"),
        (r"\blas? (?P<n>N) menos cuarto\b", "las {b}:45"),
        (r"\blas? (?P<n>N) y media\b", "las {n}:30"),
        (r"\blas? (?P<n>N) menos (?P<m>N|veinte)\b", "las {b}:{l}"),
        (r"\ba las? (?P<n>N)(?= de la\b|\W*$)", "a las {n}:00"),
        (r"\b(?:noon|midday|mediodía)\b", "12:00"),
        (r"\b(?:midnight|mitternacht|minuit|medianoche)\b", "24:00"),
        (r"\b(?P<n>N) and (?:three|3) quarters?(?= )", "{n}.75"),
        (r"\b(?P<n>N) and (?:a|one|1) quarter(?= )", "{n}.25"),
        # A half more
        (r"\b(?P<n>N) (?:and a half|und eine?n? halbe?n?s?|et demie?|y medi[ao])(?= )", "{n}.5"),
        (r"\b(?P<n>N)[- ]?einhalb(?:e[nrs]?)?(?: |(?=mal)|\b)", "{n}.5 "),
        (r"\banderthalb(?:e[nrs]?)?(?: |(?=mal)|\b)", "1.5 "),
        (r"\b(?P<n>N) (?P<u>U) (?:and a half|und eine?n? halbe?n?s?|et demie?|y medi[ao])\b", "{n}.5 {u}"),
        # A half of something; but the first half, as the second, is a time
        (rf"{_NOT_A_TIME}\b(?:one |a )?half(?= (?:of )?(?:the|its|their|all|his|her|our|these|those)\b)", "1/2"),
        (r"\bdie hälfte\b|\bla moitié\b|\bla mitad\b", "1/2"),
        # Parts of a unit
        (r"\bhalf (?:of )?an? (?P<u>U)\b", "0.5 {u}"),
        (r"\b(?:an? )?half[ -](?P<u>hour|day|year|mile|litre|liter|pint|kilo|dozen|million|billion)\b", "0.5 {u}"),
        (r"\b(?P<n>N)[ -](?P<f>F) of an? (?P<u>U)\b", "{p} {u}"),
        (r"\bhalbe[nrs]? (?P<u>Stunde|Tage?s?|Jahre?s?|Million|Liter|Meter|Kilo)\b", "0.5 {u}"),
        (r"\b(?:eine[nr]? )?dreiviertelstunde\b", "0.75 Stunden"),
        (r"\b(?P<n>N) viertelstunden?\b", "{q} Stunden"),
        (r"\b(?P<n>N) vierteljahre?n?s?\b", "{q} Jahre"),
        (r"\b(?:ein )?halbjahre?s?\b", "0.5 Jahre"),
        (r"\b(?:une? )?demi-(?P<u>U)\b", "0.5 {u}"),
        (r"\b(?P<n>N) quarts? d'heure\b", "{q} heures"),
        (r"\bmedi[ao] (?P<u>hora|año|kilo|litro|día|millón)\b", "0.5 {u}"),
        (r"\b(?P<n>N) cuartos? de hora\b", "{q} horas"),
        (r"\b(?P<n>N) (?:dozen|dutzend|douzaines?|docenas?)\b", "{d}"),
        (r"(?P<n>0\.5|N) fortnights?\b", "{w} weeks"),
    )
    fractions = "|".join(name for names in FRACTIONS.values() for name in names.split())
    return tuple(
        (re.compile(form.replace("N)", f"{number})").replace("N|", f"{number}|").replace("F)", f"{fractions})")
                    .replace("U)", r"[^\W\d_]+)"), re.IGNORECASE), reads)
        for form, reads in forms
    )  # fmt: skip


_MINUTES: Final = {"twenty": 20, "twenty-five": 25, "zwanzig": 20, "vingt": 20, "veinte": 20}


def _read_form(match: re.Match[str], reads: str) -> str:
    groups = match.groupdict()
    n = _number(groups["n"]) if groups.get("n") else 0.0
    word = (groups.get("m") or "").casefold()
    minutes = int(_MINUTES[word] if word in _MINUTES else _number(word) if word else 0)
    if (":" in reads or " h " in reads) and not (n <= 24 and minutes < 60):
        return match[0]
    if "{n}.5" in reads and n != int(n):
        return match[0]
    part = n / _denominator(groups["f"]) if groups.get("f") else 0.0
    return reads.format(
        n=int(n),
        b=int(n) - 1 or 12,
        m=f"{minutes:02}",
        l=f"{60 - minutes:02}",
        p=_written(part),
        q=_written(n / 4),
        d=_written(n * 12),
        w=_written(n * 2),
        u=groups.get("u") or "",
        x={"midi": 12, "minuit": 0}.get((groups.get("x") or "").casefold(), ""),
    )


def _denominator(word: str) -> int:
    return next(n for n, names in FRACTIONS.items() if word.casefold() in names.split())


@cache
def _magnitude() -> re.Pattern[str]:
    names = sorted((name for names in MAGNITUDES.values() for name in names.split()), key=len, reverse=True)
    return re.compile(
        rf"(?<![\w.,])({DIGITS})(?:\s?(k|M|bn)(?!\w)|[ \u00a0-]({'|'.join(names)})(?!\w)\.?(?=\s|$|[,;)]))",
        re.IGNORECASE,
    )


@cache
def _fraction() -> re.Pattern[str]:
    names = "|".join(name for names in FRACTIONS.values() for name in names.split())
    small = "|".join(_values(SMALL))
    return re.compile(
        rf"\b({small})[ -]({names})\b(?![ ]?(?:century|party|floor|time|year|of the year))", re.IGNORECASE
    )


_JOINED: Final = re.compile(
    r"\b(two|three|four|five|six|seven|eight|nine|ten|twelve|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn)-(?=[^\W\d_]{3})",
    re.IGNORECASE,
)
_MANY: Final = re.compile(  # no space stands before it either
    rf"(?<![A-Za-zÀ-ɏ\d_.,])({DIGITS})\s?(千|百)?([{''.join(EASTERN.values())}])(?!\d)"
)
_TOKENS: Final = re.compile(r" @([-.,])@ ")  # a text that was cut into words and joined again: `2 @,@ 410`
_RANGED: Final = re.compile(
    rf"(?<![\w.,])(?P<first>{DIGITS})(?P<to>\s?[-–]\s?| (?:to|and|bis|und|à|et|a|y) )(?P<last>{DIGITS})"
    rf"(?P<word>[ \u00a0-](?:{'|'.join(name for names in MAGNITUDES.values() for name in names.split())})\b)",
    re.IGNORECASE,
)
_SUPERLATIVE: Final = re.compile(
    r"\b(second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)-(?=most\b|least\b|[a-z]{2,}est\b)", re.IGNORECASE
)
_GROUPED: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_BELOW_ZERO: Final = re.compile(
    r"\b(\d+(?:[.,]\d+)?\s?(?:°\s?[CFK]?|degrees|grad|degrés|grados)?(?: celsius| fahrenheit| centigrade)?)"
    r" (?:below zero|unter null|sous zéro|bajo cero)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=512)
def in_digits(text: str, language: str = "en") -> str:
    """The text with its number words as digits."""
    from text_to_num import alpha2digit

    text = unicodedata.normalize("NFC", text).replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")
    text = re.sub(r"\bun[oa]s(?= )", "ca", text)  # about, and no number
    text = _SUPERLATIVE.sub(r"\1 ", _TOKENS.sub(r"\1", text))
    text = _MANY.sub(_times_many, _RANGED.sub(_both_many, text))
    for form, reads in _forms() if _WORDED.search(text) else ():
        text = form.sub(lambda match, reads=reads: _read_form(match, reads), text)  # type: ignore[misc]
    text = re.sub(r"\bminus (?=\d)", "-", text)
    text = _JOINED.sub(r"\1 ", _magnitude().sub(lambda match: _multiplied(match, language), text))
    text = _BELOW_ZERO.sub(r"-\1", _fraction().sub(_divided, text))
    text = re.sub(r"\b(a|per|each|every) second\b(?! [a-z])", r"\1 sec", text)  # not the one behind the first
    if not re.search(r"[^\W\d_]", text):
        return text
    text = str(alpha2digit(text, language if language in _READS else "en", threshold=0))
    return _GROUPED.sub("\u202f", text) if language == "en" else text  # a comma begins no fraction there


def _multiplied(match: re.Match[str], language: str) -> str:
    """`16 million` as `16000000`; a lone `m` may be metres."""
    word = match[2] or match[3]
    if word == "m" and not re.search(r"[€$£]\s?$|\b(?:EUR|USD|GBP|CHF)\s?$", match.string[: match.start()]):
        return match[0]
    factor = {"M": 1e6, "m": 1e6, "k": 1e3, "K": 1e3}.get(word) or next(
        f for f, names in MAGNITUDES.items() if word.casefold() in names.split()
    )
    product = max(meant(match[1], language)) * factor
    return f"{product:.0f}" if product == int(product) else f"{product}"


def _times_many(match: re.Match[str]) -> str:
    """`15亿` as `1500000000`."""
    factor = next(f for f, signs in EASTERN.items() if match[3] in signs) * {"千": 1e3, "百": 1e2}.get(match[2], 1)
    return _written(max(meant(match[1], "zh")) * factor)


def _both_many(match: re.Match[str]) -> str:
    """`0.7–2.7 million` as `0.7 million–2.7 million`."""
    if max(meant(match["first"], "en")) >= max(meant(match["last"], "en")):
        return match[0]
    return f"{match['first']}{match['word']} {match['to'].strip()} {match['last']}{match['word']}"


def _divided(match: re.Match[str]) -> str:
    """`two thirds` as `2/3`; but the quarter of a year is none of one."""
    count, part = match[1].casefold(), match[2].casefold()
    is_of_a_year = re.search(r"(?:once|twice|times|every|each|per)\s$", match.string[: match.start()], re.IGNORECASE)
    if part in ("quarter", "quarters") and (count not in ("a", "one", "three") or is_of_a_year):
        return match[0]
    return f"{_values(SMALL)[count]}/{_denominator(part)}"

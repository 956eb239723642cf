"""How is the number of a list's item or of a heading written: 4, d, iv, 4th, ④?

The forms are those of Office Open XML (ECMA-376 part 1, section 17.18.59); what none of them fits is written in digits.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

_ROMAN = (
    *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL")),
    *((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)
_MOST_ROMAN = 32_767
_LONGEST = 30  # letters: after z come aa and bb, and some day it is enough
_LATIN = "abcdefghijklmnopqrstuvwxyz"
_RUSSIAN = "абвгдежзиклмнопрстуфхцчшщыэюя"
_SIGNS = "*†‡§"
_ONES = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_ORDINALS = {
    "one": "first", "two": "second", "three": "third", "five": "fifth", "eight": "eighth", "nine": "ninth",
    "twelve": "twelfth",
}  # fmt: skip
_HAN = "〇一二三四五六七八九"
_COUNTED = ("", "十", "百", "千")
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
_AIUEO = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン"
_IROHA = "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン"
_GANADA, _CHOSUNG = "가나다라마바사아자차카타파하", "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ"


def written(number: int, form: str, language: str = "") -> str:
    """The number in this form; a zero or a negative one is written in digits wherever the form knows none."""
    make = _FORMS.get(form)
    if form == "ordinal":
        return f"{number}{_ordinal(number, language[:2].lower())}"
    if form in {"none", "bullet"}:
        return ""
    return (make(number) if make is not None else "") or str(number)


def letters(number: int, *, repeated: bool = True) -> str:
    """From a to z, then aa, bb, cc where letters are `repeated`, else aa, ab, ac. Empty where there are none."""
    if repeated or number <= 0:
        return _repeated(number, _LATIN)
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = _LATIN[rest] + found
    return found


def roman(number: int) -> str:
    """The Roman number; empty where there is none."""
    if not 0 < number <= _MOST_ROMAN:
        return ""
    found = ""
    for value, sign in _ROMAN:
        times, number = divmod(number, value)
        found += sign * times
    return found


def _repeated(number: int, signs: str) -> str:
    times = (number - 1) // len(signs) + 1
    return signs[(number - 1) % len(signs)] * times if 0 < times <= _LONGEST else ""


def _one_of(signs: str) -> Callable[[int], str]:
    return lambda number: signs[number - 1] if 0 < number <= len(signs) else ""


def _round_and_round(signs: str) -> Callable[[int], str]:
    return lambda number: signs[(number - 1) % len(signs)] if number > 0 else ""


def _from(first: str, most: int) -> Callable[[int], str]:
    """Signs that follow each other in Unicode, of which the first is a one."""
    return lambda number: chr(ord(first) + number - 1) if 0 < number <= most else ""


def _padded(width: int) -> Callable[[int], str]:
    return lambda number: f"{number:0{width}}" if number >= 0 else ""


def _in_digits(digits: Sequence[str]) -> Callable[[int], str]:
    return lambda number: "".join(digits[int(digit)] for digit in str(number)) if number >= 0 else ""


def _ordinal(number: int, language: str) -> str:
    if language in {"es", "it", "pt", "gl", "ca"}:
        return "º"
    if language == "fr":
        return "er" if number == 1 else "e"
    if language == "nl":
        return "e"
    if language not in {"", "en"}:
        return "."
    return "th" if number // 10 % 10 == 1 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")


def _in_words(number: int) -> str:
    """English words, as in "Article One"; none above 999."""
    if not 0 <= number < 1000:
        return ""
    if number < 20:
        return _ONES[number]
    if number < 100:
        return _TENS[number // 10] + (f"-{_ONES[number % 10]}" if number % 10 else "")
    return f"{_ONES[number // 100]} hundred" + (f" {_in_words(number % 100)}" if number % 100 else "")


def _ordinal_in_words(number: int) -> str:
    words = _in_words(number)
    start, last = words[: words.rfind("-") + 1], words[words.rfind("-") + 1 :]
    if " " in last:
        start, last = words[: words.rfind(" ") + 1], words[words.rfind(" ") + 1 :]
    if not last:
        return ""
    return start + (_ORDINALS.get(last) or (f"{last[:-1]}ieth" if last.endswith("y") else f"{last}th"))


def _counted(number: int) -> str:
    """Chinese and Japanese: 二十三."""
    if not 0 < number < 10_000:
        return ""
    found = ""
    for place, digit in zip(range(len(str(number)) - 1, -1, -1), map(int, str(number)), strict=True):
        if digit:
            found += ("" if digit == 1 and place and not found else _HAN[digit]) + _COUNTED[place]
    return found


_FORMS: dict[str, Callable[[int], str]] = {
    "decimal": str,
    "decimalZero": _padded(2),
    "upperRoman": roman,
    "lowerRoman": lambda number: roman(number).lower(),
    "upperLetter": lambda number: letters(number).upper(),
    "lowerLetter": letters,
    "russianUpper": lambda number: _repeated(number, _RUSSIAN).upper(),
    "russianLower": lambda number: _repeated(number, _RUSSIAN),
    "cardinalText": lambda number: _in_words(number).capitalize(),
    "ordinalText": lambda number: _ordinal_in_words(number).capitalize(),
    "hex": lambda number: f"{number:X}" if number >= 0 else "",
    "chicago": lambda number: _repeated(number, _SIGNS),
    "numberInDash": lambda number: f"- {number} -",
    "decimalEnclosedCircle": _from("①", 20),
    "decimalEnclosedCircleChinese": _from("①", 20),
    "decimalEnclosedFullstop": _from("⒈", 20),
    "decimalEnclosedParen": _from("⑴", 20),
    "ideographEnclosedCircle": _from("㊀", 10),
    "decimalFullWidth": _in_digits("０１２３４５６７８９"),
    "decimalFullWidth2": _in_digits("０１２３４５６７８９"),
    "hindiNumbers": _in_digits("०१२३४५६७८९"),
    "thaiNumbers": _in_digits("๐๑๒๓๔๕๖๗๘๙"),
    "ideographDigital": _in_digits(_HAN),
    "japaneseDigitalTenThousand": _in_digits(_HAN),
    "taiwaneseDigital": _in_digits("○一二三四五六七八九"),
    "koreanDigital": _in_digits("영일이삼사오육칠팔구"),
    **dict.fromkeys(
        ("japaneseCounting", "chineseCounting", "chineseCountingThousand", "taiwaneseCounting",
         "taiwaneseCountingThousand"), _counted,
    ),
    "ideographTraditional": _one_of(_STEMS),
    "ideographZodiac": _one_of(_BRANCHES),
    "aiueo": _round_and_round(_AIUEO),
    "aiueoFullWidth": _round_and_round(_AIUEO),
    "iroha": _round_and_round(_IROHA),
    "irohaFullWidth": _round_and_round(_IROHA),
    "ganada": _round_and_round(_GANADA),
    "chosung": _round_and_round(_CHOSUNG),
    "thaiLetters": _round_and_round("กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ"),
    "hebrew2": lambda number: _repeated(number, "אבגדהוזחטיכלמנסעפצקרשת"),
    "arabicAlpha": lambda number: _repeated(number, "أبتثجحخدذرزسشصضطظعغفقكلمنهوي"),
    "arabicAbjad": lambda number: _repeated(number, "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ"),
}  # fmt: skip

"""What does a person see in a spreadsheet's cell: how does a number format show its content?

Decimals, signs, units, scales, fractions and powers are shown as the format has them, by the section that the number's
sign or the format's own condition chooses. Digits are not grouped, since the sign between the groups is not in the
file; dates are ISO 8601. ECMA-376 part 1, sections 18.8.30 and 18.8.31.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from fractions import Fraction
from functools import lru_cache
from typing import Literal

BUILT_IN = {  # formats that a file names by number alone; those of the East Asian editions are dates
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?",
    13: "# ??/??", **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 34, 35, 36, *range(50, 59)), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33), "h:mm"), 22: "yyyy-mm-dd h:mm",
    37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 45: "h:mm", 46: "[h]:mm:ss", 47: "h:mm", 48: "##0.0E+0",
    49: "@",
}  # fmt: skip
_LONGEST = 15  # significant digits that a spreadsheet keeps
_FAR = 21  # digits before the point with which a number is no longer one that anyone formats
_MOST = 30  # places behind the point that a format can ask for
_CODE = 255  # letters of a format code, which Excel takes
_LAST_DAY = 2_958_466  # 1 January 10000
_DAY = 86_400  # seconds
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^-\]]*)(?:-[^\]]*)?\]|(?P<elapsed>\[(?:h+|m+|s+)\])'
    r"|\[(?P<condition>[<>=]{1,2}\s*-?[\d.]+(?:E[-+]?\d{1,3})?)\]|\[[^\]]*\]|(?P<space>_).|\*.|(?P<next>;)|(?P<sign>.)",
    re.IGNORECASE | re.DOTALL,
)
_CONDITION = re.compile(r"([<>=]{1,2})\s*(.+)")
_HOLDS = {
    "<": lambda value, bound: value < bound, "<=": lambda value, bound: value <= bound,
    ">": lambda value, bound: value > bound, ">=": lambda value, bound: value >= bound,
    "=": lambda value, bound: value == bound, "<>": lambda value, bound: value != bound,
}  # fmt: skip
_FRACTION = re.compile(r"(?:([0#?][0#?,]*+)([^0#?/]++))?([0#?]++)\s*+/\s*+([0#?]++|\d++)")
_POWER = re.compile(r"([0#?,]*+)(?:\.([0#?]*+))?E([-+])([0#?]++)", re.IGNORECASE)
# What a format of numbers has between quotes alone: but for these letters, as in 0.0x, which mean nothing else
_SPOILED = re.compile("[^0#?.,%@\ue000 $€£¥+/():!^&'~{}<>=acfijklopqrtuxzPKX-]")
_PLAIN = re.compile(r"-?(?!0+$)\d+(?:\.\d*[1-9])?")  # what needs no second look
_KEPT, _WIDE = Context(prec=_LONGEST), Context(prec=60)
_STEPS = [Decimal(1).scaleb(-decimals) for decimals in range(_MOST + 1)]
_SIMPLE = re.compile(r"[#,]*0(?:\.(0{1,30}))?")
_HELD = "\ue000"  # stands for words that the format quotes, while its other signs are looked at


@dataclass(frozen=True, slots=True)
class _Section:
    """What one section of a format code comes to. `signs` holds the digits' places, `words` what is quoted in them."""

    kind: Literal["general", "number", "fraction", "power", "date", "time", "datetime", "elapsed"]
    signs: str = ""
    words: tuple[str, ...] = ()
    condition: tuple[str, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class _Format:
    """The sections for numbers, and that for texts, which is None where texts are shown as they are."""

    sections: tuple[_Section, ...]
    text: _Section | None
    decimals: int | None = None  # of a format that says nothing else, as most do


_AS_IT_IS = _Section("general")


def shown(value: float | str, code: str, from_1904: bool = False) -> str:
    """A number as its format code shows it; `from_1904` says how the workbook counts days."""
    form = _parsed(code[:_CODE])
    sections = form.sections
    if sections[0] is _AS_IT_IS and len(sections) == 1:
        return plain(value)
    try:
        number = _KEPT.create_decimal(str(value))
    except InvalidOperation:
        return plain(value)
    if not number.is_finite() or number.adjusted() >= _FAR:
        return plain(value)
    if form.decimals is not None:
        text = _rounded(number, form.decimals)
        return text.removeprefix("-") if not text.strip("-0.") else text
    section, is_bare = _chosen(sections, number)
    if section is None:
        return plain(value)
    if section.kind not in {"general", "number", "fraction", "power"}:
        return _moment(float(value), section.kind, from_1904) or plain(value)
    sign = "" if is_bare or number >= 0 else "-"
    made = _MAKERS[section.kind](section, abs(number))
    return " ".join((sign + made if any(digit in made for digit in "123456789") or not sign else made).split())


def worded(text: str, code: str) -> str:
    """A text as the format code shows it, which may set words around it, or hide it."""
    section = _parsed(code[:_CODE]).text
    if section is None:
        return text
    words = iter(section.words)
    made = "".join(next(words, "") if sign == _HELD else text if sign == "@" else sign for sign in section.signs)
    return " ".join(made.split())


def _chosen(sections: tuple[_Section, ...], number: Decimal) -> tuple[_Section | None, bool]:
    """The section that shows a number, and whether it leaves the sign of a negative one to the section's own words."""
    count = len(sections)
    is_usual = all(section.condition is None for section in sections)
    for place, section in enumerate(sections):
        if section.condition is not None:
            operator, bound = section.condition
            if _HOLDS[operator](number, bound):
                return section, place > 0 and operator in {"<", "<="} and bound <= 0
        elif place == count - 1:
            return section, is_usual and place == 1
        elif place == 0 and (number >= 0 if count == 2 else number > 0):
            return section, False
        elif place == 1 and number < 0:
            return section, True
    return None, False


def _general(section: _Section, number: Decimal) -> str:
    if not section.signs:
        return plain(str(number))
    words = iter(section.words)
    letters = (next(words, "") if sign == _HELD else sign for sign in section.signs)
    return re.sub("general", plain(str(number)), "".join(letters), count=1, flags=re.IGNORECASE)


def _number(section: _Section, number: Decimal) -> str:
    whole, point, part = section.signs.partition(".")
    scale = sum(map(_thousands, (whole, part)))
    number = number.scaleb(2 * section.signs.count("%") - 3 * scale, _WIDE)
    places = [sign for sign in part if sign in "0#?"]
    before, _, behind = _rounded(number, min(len(places), _MOST)).partition(".")
    words = iter(section.words)
    made = _spread(whole, before.lstrip("0"), words, takes_all=bool(point))
    kept = len(places)
    while kept and places[kept - 1] != "0" and behind[kept - 1 : kept] in {"0", ""}:
        kept -= 1
    digits = iter(behind[:kept])
    made += "." if kept else ""
    for sign in part:
        made += next(digits, "") if sign in "0#?" else next(words, "") if sign == _HELD else sign.strip(",")
    return made


def _thousands(signs: str) -> int:
    """How often a number is divided by a thousand: the commas behind the last digit's place."""
    last = max(map(signs.rfind, "0#?"))
    behind = signs[last + 1 :]
    return len(behind) - len(behind.lstrip(",")) if last >= 0 else 0


def _spread(signs: str, digits: str, words: Iterator[str], *, takes_all: bool) -> str:
    """Whole digits over their places, the first of which takes all that are left; 000-0000 parts them.

    `takes_all` says that they stand there even if there is no place for them.
    """
    places = sum(sign in "0#?" for sign in signs)
    missing = places - len(digits)
    made, place, taken = "", 0, 0
    for sign in signs:
        if sign not in "0#?":
            made += next(words, "") if sign == _HELD else sign.strip(",")
            continue
        if place >= missing:
            until = len(digits) - places + place + 1
            made += digits[taken:until]
            taken = until
        elif sign == "0":
            made += "0"
        place += 1
    return made + digits if takes_all and not places else made


def _fraction(section: _Section, number: Decimal) -> str:
    found = _FRACTION.search(section.signs)
    if found is None:
        return plain(str(number))
    denominator = found[4]
    value = Fraction(number)
    whole = int(value) if found[1] else 0
    rest = value - whole
    if denominator.isdecimal() and denominator.strip("0"):
        below = max(1, int(denominator[:9]))
        above = int(rest * below + Fraction(1, 2))
    else:
        nearest = rest.limit_denominator(10 ** min(len(denominator), 7) - 1)
        above, below = nearest.numerator, nearest.denominator
    if found[1] and above == below:
        whole, above = whole + 1, 0
    pieces = [str(whole)] if found[1] and (whole or not above) else []
    pieces += [f"{above}/{below}"] if above or not found[1] else []
    return _around(section, found, " ".join(pieces))


def _power(section: _Section, number: Decimal) -> str:
    found = _POWER.search(section.signs)
    if found is None:
        return plain(str(number))
    step = max(1, sum(sign in "0#?" for sign in found[1]))
    decimals = min(len(found[2] or ""), _MOST)
    exponent = 0 if not number else number.adjusted() // step * step
    digits = _rounded(number.scaleb(-exponent, _WIDE), decimals)
    if len(digits.partition(".")[0]) > step:
        exponent += step
        digits = _rounded(number.scaleb(-exponent, _WIDE), decimals)
    sign = "-" if exponent < 0 else "+" if found[3] == "+" else ""
    return _around(section, found, f"{digits}E{sign}{abs(exponent):0{found[4].count('0')}}")


def _around(section: _Section, found: re.Match[str], made: str) -> str:
    """What was made with the words on both sides of it."""
    words = iter(section.words)
    before, after = section.signs[: found.start()], section.signs[found.end() :]
    spelled = ["".join(next(words, "") if sign == _HELD else sign for sign in side) for side in (before, after)]
    return spelled[0] + made + spelled[1]


_MAKERS = {"general": _general, "number": _number, "fraction": _fraction, "power": _power}


def plain(value: float | str) -> str:
    """A number without a format: no .0, no digits that come of counting in twos, no exponent unless it is far off."""
    text = str(value)
    if len(text) <= _LONGEST and _PLAIN.fullmatch(text):
        return text
    if re.fullmatch(r"-?\d{1,20}", text):
        return "0" if text == "-0" else text
    try:
        number = _KEPT.create_decimal(text)
    except InvalidOperation:
        return text
    if not number.is_finite():
        return text
    if number == 0:
        return "0"
    if not -10 < number.adjusted() < 21:
        return f"{number.normalize():e}"
    digits = f"{number:f}"
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def moment(value: dt.datetime | dt.date | dt.time | dt.timedelta) -> str:
    """A date or time in ISO 8601, to the minute where its seconds are zero."""
    if isinstance(value, dt.timedelta):
        return _elapsed(round(value.total_seconds()))
    if isinstance(value, dt.datetime):
        return f"{value:%Y-%m-%d} {_clock(value.time())}"
    return _clock(value) if isinstance(value, dt.time) else value.isoformat()


def _clock(time: dt.time) -> str:
    return time.isoformat("seconds" if time.second else "minutes")


def _elapsed(seconds: int) -> str:
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    return f"{sign}{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _rounded(number: Decimal, decimals: int) -> str:
    """Of the digits that a spreadsheet keeps: 2.675 is 2.67499999999999982 to the machine and 2.675 to its owner."""
    return f"{number.quantize(_STEPS[decimals], ROUND_HALF_UP, _WIDE):f}"


@lru_cache(maxsize=1 << 14)
def _moment(value: float, kind: str, from_1904: bool) -> str:
    """The serial number as a date or time, empty where it is none."""
    seconds = round(value * _DAY)
    if kind == "elapsed":
        return _elapsed(seconds)
    days, seconds = divmod(seconds, _DAY)
    clock = _clock(dt.time(seconds // 3600, seconds // 60 % 60, seconds % 60))
    if kind == "time":
        return clock if value >= 0 else ""
    leap = 0 if from_1904 or days > 59 else 1  # 1900 is counted as a leap year, which it was not
    first = dt.date(1904, 1, 1) if from_1904 else dt.date(1899, 12, 30 + leap)
    if not (0 if from_1904 else 1) <= days < _LAST_DAY - (1462 if from_1904 else 0):
        return ""
    day = (first + dt.timedelta(days=days)).isoformat()
    return day if kind == "date" else f"{day} {clock}"


@lru_cache(maxsize=512)
def _parsed(code: str) -> _Format:
    """The sections of a code; the last one is that of texts if it is the fourth, or has their sign."""
    made: list[_Section] = []
    words: list[str] = []
    signs, condition, elapses = "", None, False
    for token in [*_TOKEN.finditer(code), None]:
        if token is None or token["next"]:
            made.append(_section(signs, tuple(words), condition, elapses=elapses))
            signs, words, condition, elapses = "", [], None, False
        elif token["elapsed"]:
            elapses = True
        elif token["condition"]:
            condition = _condition(token["condition"])
        elif text := token["quoted"] or token["escaped"] or token["currency"]:
            words.append(text)
            signs += _HELD
        elif token["space"]:
            signs += " "
        else:
            signs += token["sign"] or ""
    if len(made) == 1 and not made[0].signs and made[0].kind == "number":  # no more than a colour
        return _Format((_AS_IT_IS,), None)
    text = made.pop() if len(made) > 3 or "@" in made[-1].signs else None
    if not made and text is not None:  # a format of texts shows numbers as they are
        made = [replace(text, kind="general", signs=text.signs.replace("@", "general"))]
    simple = _SIMPLE.fullmatch(code)
    return _Format(tuple(made[:3]), text, len(simple[1] or "") if simple is not None else None)


def _condition(said: str) -> tuple[str, Decimal] | None:
    found = _CONDITION.fullmatch(said)
    try:
        return (found[1], Decimal(found[2])) if found is not None and found[1] in _HOLDS else None
    except InvalidOperation:
        return None


def _section(signs: str, words: tuple[str, ...], condition: tuple[str, Decimal] | None, *, elapses: bool) -> _Section:
    if elapses:
        return _Section("elapsed", condition=condition)
    letters = signs.lower()
    if "general" in letters:
        is_bare = letters.strip() == "general" and condition is None
        return _AS_IT_IS if is_bare else _Section("general", signs, words, condition)
    if _POWER.search(signs):
        return _Section("power", signs, words, condition)
    letters = letters.replace("am/pm", "h").replace("a/p", "h")
    has_time = any(letter in letters for letter in "hs")
    has_date = any(letter in letters for letter in "dy") or ("m" in letters and not has_time)
    if has_date or has_time:
        return _Section("datetime" if has_date and has_time else "date" if has_date else "time", condition=condition)
    if _FRACTION.search(signs):
        return _Section("fraction", signs, words, condition)
    if _SPOILED.search(signs):
        return replace(_AS_IT_IS, condition=condition)
    return _Section("number", signs, words, condition)

"""What does a person see in a spreadsheet's cell: how does a number format show its number?

Decimals, percent signs, units and currencies are shown as the format has them; digits are not grouped, since the sign
between the groups is not in the file; dates are ISO 8601. ECMA-376 part 1, sections 18.8.30 and 18.8.31.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation
from functools import lru_cache
from typing import Literal

BUILT_IN = {  # formats that a file names by number alone; those of the East Asian editions are dates
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%", 11: "0.00E+00",
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 34, 35, 36, *range(50, 59)), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21, 32, 33), "h:mm"), 22: "yyyy-mm-dd h:mm",
    37: "#,##0", 38: "#,##0", 39: "#,##0.00", 40: "#,##0.00", 45: "h:mm", 46: "[h]:mm:ss", 47: "h:mm", 49: "@",
}  # fmt: skip
_LONGEST = 15  # significant digits that a spreadsheet keeps
_LAST_DAY = 2_958_466  # 1 January 10000
_DAY = 86_400  # seconds
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^-\]]*)(?:-[^\]]*)?\]|(?P<elapsed>\[(?:h+|m+|s+)\])'
    r"|(?P<condition>\[[<>=][^\]]*\])|\[[^\]]*\]|[_*].|(?P<next>;)|(?P<sign>.)",
    re.IGNORECASE | re.DOTALL,
)
_NUMBER = re.compile(r"([0#?,]*[0#?][0#?,]*)(?:\.([0#?]*))?|\.([0#?]+)")
_PLAIN = re.compile(r"-?(?!0+$)\d+(?:\.\d*[1-9])?")  # what needs no second look
_HELD = "\ue000"  # stands for words that the format quotes, while its other signs are looked at


@dataclass(frozen=True, slots=True)
class _Format:
    """What a format code comes to. `decimals` is None where the number is shown as it is."""

    kind: Literal["number", "percent", "date", "time", "datetime", "elapsed"]
    decimals: int | None = None
    digits: int = 1  # at least so many before the point: part numbers and post codes begin with zeros
    before: str = ""
    after: str = ""


_AS_IT_IS = _Format("number")


def shown(value: float | str, code: str, from_1904: bool = False) -> str:
    """A number as its format code shows it; `from_1904` says how the workbook counts days."""
    form = _parsed(code)
    if form is _AS_IT_IS:
        return plain(value)
    if form.kind not in {"number", "percent"}:
        return _moment(float(value), form.kind, from_1904) or plain(value)
    if form.kind == "percent":
        return f"{_rounded(Decimal(str(value)) * 100, form.decimals or 0)}%"
    number = plain(value) if form.decimals is None else _rounded(Decimal(str(value)), form.decimals)
    sign = "-" if number.startswith("-") else ""
    whole, point, part = number.removeprefix("-").partition(".")
    return f"{sign}{form.before}{whole.zfill(form.digits)}{point}{part}{form.after}"


def plain(value: float | str) -> str:
    """A number without a format: no .0, no digits that come of counting in twos, no exponent unless it is far off."""
    text = str(value)
    if len(text) <= _LONGEST and _PLAIN.fullmatch(text):
        return text
    if re.fullmatch(r"-?\d{1,20}", text):
        return "0" if text == "-0" else text
    try:
        number = Context(prec=_LONGEST).create_decimal(text)
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
    number = Context(prec=_LONGEST).plus(number)  # 2.675 is 2.67499999999999982 to the machine and 2.675 to its owner
    text = f"{number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP, Context(prec=60)):f}"
    return text.removeprefix("-") if not text.strip("-0.") else text


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
    """What the code's first section says, which is that of positive numbers."""
    signs = ""
    held: list[str] = []
    for token in _TOKEN.finditer(code):
        if token["next"]:
            break
        if token["elapsed"]:
            return _Format("elapsed")
        if token["condition"]:
            return _AS_IT_IS
        if words := token["quoted"] or token["escaped"] or token["currency"]:
            held.append(words)
            signs += _HELD
        else:
            signs += token["sign"] or ""
    letters = signs.lower().replace("general", "").replace("am/pm", "h").replace("a/p", "h")
    has_time = any(letter in letters for letter in "hs")
    has_date = any(letter in letters for letter in "dy") or ("m" in letters and not has_time)
    if has_date or has_time:
        return _Format("datetime" if has_date and has_time else "date" if has_date else "time")
    number = _NUMBER.search(signs)
    if number is None or _NUMBER.search(signs, number.end()) or number[0].endswith(","):  # 000-000, thousands of them
        return _AS_IT_IS
    if "e" in letters or "/" in letters:  # powers and fractions
        return _AS_IT_IS
    decimals = len(number[2] or number[3] or "")
    if "%" in signs:
        return _Format("percent", decimals)
    before, after = signs[: number.start()], signs[number.end() :]
    words = iter(held)
    return _Format("number", decimals, (number[1] or "").count("0"), _beside(before, words), _beside(after, words))


def _beside(signs: str, words: Iterator[str]) -> str:
    """What stands beside the digits: quoted words and the signs of currencies."""
    text = "".join(next(words, "") if sign == _HELD else sign for sign in signs if sign in f"{_HELD}$€£¥ ")
    return text if text.strip() else ""

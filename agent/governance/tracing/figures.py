"""Which numbers, identifiers and addresses does a text say, and what is each a number of?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from agent.evidence.quantities.numerals import in_digits
from agent.governance.tracing import wording as w

_MONEY: Final = r"(?:EUR|euros?|€|USD|dollars?|\$|CHF|francs?|franken|GBP|pounds?|£)"
_CURRENCIES: Final = {
    "EUR": re.compile(r"(?<!\w)(?:EUR|(?i:euros?))(?!\w)|€"),
    "USD": re.compile(r"(?<!\w)(?:USD|(?i:dollars?))(?!\w)|\$"),
    "GBP": re.compile(r"(?<!\w)(?:GBP|(?i:pounds?))(?!\w)|£"),
    "CHF": re.compile(r"(?<!\w)(?:CHF|(?i:francs?|franken))(?!\w)"),
}
_CENTS: Final = r"(?:cents?|ct|centimes?|c[ée]ntimos?|pence|rappen)"
_IN_WORDS: Final = re.compile(rf"(?i)(?<![\w-])((?:[^\W\d_](?:[^\W\d_]|-)*\s+){{1,6}}?)(?=(?:in\s+)?{_MONEY}(?!\w))")
_CENTS_IN_WORDS: Final = re.compile(
    rf"(?i)(?<!\w)({_MONEY}\s+(?:and\s+|und\s+|et\s+|y\s+|con\s+)?)([^\W\d_](?:[^\W\d_]|-)*(?:\s+[^\W\d_](?:[^\W\d_]|-)*){{0,2}})"
)
_WITH_CENTS: Final = re.compile(
    rf"(?i)(?<![\d.,])(\d+)\s?({_MONEY})\s+(?:(?:and\s+|und\s+|et\s+|y\s+|con\s+)?(\d{{1,2}})\s+{_CENTS}(?!\w)"
    rf"|(?:con\s+)?(\d\d)(?![\w%@-]|[.,]\d|\s+(?:{_MONEY}|%|percent|times|mal|fois|veces)(?!\w)))"
)
_NOTES: Final = re.compile(
    r"(?i)(?<!\w)(?:(?:an?|einen|un)\s+)?(tenner|fiver|zehner|zwanziger|fünfer|fünfziger|hunderter)(?!\w)"
)
_WORTH: Final = {
    "tenner": 10,
    "fiver": 5,
    "zehner": 10,
    "zwanziger": 20,
    "fünfer": 5,
    "fünfziger": 50,
    "hunderter": 100,
}
_ROUND: Final = re.compile(r"(?<=\d)[.,][-–—]{1,2}(?![\w-])")
_SPACED: Final = re.compile(r"(?<!\w)(?!EUR|USD|CHF|GBP)([A-Z]{2,4}) (\d{2,4}(?: \d{2,4})+)(?![\w.,]*\d)")
_NUMBER: Final = re.compile(r"[-+]?[€$£]?(\d[\d.,'’]*)[€$£]?")
_GROUPED: Final = re.compile(r"\d{1,3}(?:[.,'’]\d{3})+")
_UNLABELLED: Final = (
    w.PREPOSITIONS
    | w.DETERMINERS
    | w.UNITS
    | frozenset(
        """over and refund pay give back is only just exactly total sum amount credit money than then or reimburse repay
        issue please send a und et y bitte erstatte summe betrag montant importe somme""".split()  # noqa: SIM905
    )
)


@lru_cache(maxsize=512)
def in_figures(text: str) -> str:
    """The text with sums of money in figures and identifiers in one: `twenty euros fifty`, `EUR 12.-`, `AC 931 265`."""
    text = _NOTES.sub(lambda match: f"{_WORTH[match[1].lower()]} EUR", _ROUND.sub("", text))
    text = _SPACED.sub(lambda match: f"{match[1]}-{match[2].replace(' ', '')}", text)
    text = _IN_WORDS.sub(lambda match: _counted(match[1], last=True), text)
    text = _CENTS_IN_WORDS.sub(lambda match: match[1] + _counted(match[2], last=False), text)
    return _WITH_CENTS.sub(lambda match: f"{match[1]}.{(match[3] or match[4]).zfill(2)} {match[2]}", text)


def _counted(words: str, *, last: bool) -> str:
    """Words of which the last, or the first, are a number, with that in figures; `nineteen ninety-five` is one too."""
    parts = words.split()
    for count in range(len(parts), 0, -1):
        said, kept = (parts[-count:], parts[:-count]) if last else (parts[:count], parts[count:])
        for language in ("en", "de", "fr", "es"):
            number = re.fullmatch(r"(\d+)(?: (\d\d))?", in_digits(" ".join(said), language))
            if number:
                figures = f"{number[1]}.{number[2]}" if number[2] else number[1]
                return " ".join([*kept, figures] if last else [figures, *kept]) + (" " if last else "")
    return words


def tokens(text: str) -> list[tuple[str, str]]:
    """Each identifier, number and address of a text with its form; a number's names what it is a number of."""
    found = []
    parts = in_figures(text).split()
    for place, part in enumerate(parts):
        bare = bared(part)
        after = bared(parts[place + 1]).lower() if place + 1 < len(parts) else ""
        if any(sign.isdigit() or sign in "@/" for sign in bare) and any(map(str.isalnum, bare)):
            is_money = bool(set(bare) & set("€$£"))
            is_number = re.fullmatch(r"[-+]?[\d.,'’]+", bare.strip("€$£")) is not None
            is_ended = part[-1:] in ",;:"
            label = (
                _label([bared(each).lower() for each in parts[max(place - 2, 0) : place]], "" if is_ended else after)
                if is_number and not is_money
                else ""
            )
            found.append((f"{label} 9".strip() if is_number else form(bare), bare))
    return found


def _label(before: Sequence[str], after: str) -> str:
    """What a number is a number of, by the word before or behind it; nothing for money, or where it stands bare."""
    if after in w.UNITS or (before and before[-1] in w.UNITS):
        return ""
    last = before[-1] if before else ""
    if last == "of" and len(before) > 1:
        last = before[0]
    if last.isalpha() and w.folded(last) not in _UNLABELLED:
        return last
    return after if after.isalpha() and w.folded(after) not in _UNLABELLED | w.ADVERBS else ""


def currencies(text: str) -> set[str]:
    """The currencies that a text names, by their codes."""
    return {code for code, names in _CURRENCIES.items() if names.search(text)}


def form(word: str) -> str:
    """How a word is made up of letters and digits."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+(?:[.,]\d+)*", "9", word))


def bared(word: str) -> str:
    """A word without what stands around it."""
    return word.strip(".,;:!?¿¡()[]{}\"'“”„«»<>*`#")


def readings(word: str) -> list[int | float]:
    """The numbers that a word may be: `1,500` may be a thousand and a half, or one and a half."""
    found = _NUMBER.fullmatch(word)
    if not found:
        return []
    digits = found[1].replace("’", "'").rstrip(".,'")
    if not digits.isascii():  # digits of other scripts only look alike
        return []
    sign = -1.0 if word.startswith("-") else 1.0
    signs = re.sub(r"\d", "", digits)
    whole, fraction = re.fullmatch(r"(.*?)(?:[.,](\d*))?", digits).groups()  # type: ignore[union-attr]
    whole_number = int(sign) * int(re.sub(r"\D", "", digits))  # exact, however large
    decimal = sign * float(f"{re.sub(r'[^0-9]', '', whole)}.{fraction or 0}")
    if not signs or (len(signs) > 1 and len(set(signs)) == 1 and _GROUPED.fullmatch(digits)) or signs == "'":
        return [whole_number]
    return [decimal, whole_number] if len(signs) == 1 and _GROUPED.fullmatch(digits) else [decimal]

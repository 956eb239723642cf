"""Which numbers does a text give, and of what? `1,000` is `1000`, and `16 GB`, `16gb` and `16 gigabytes` are one term.

A comma or point before three digits groups or parts by the language of the text; of a question, by each of those that
it may be in.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

import regex

from retrieval.lexical.figures import decades


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_POINTED = _set("ar bn cy en fa ga gu he hi ja km kn ko ml mr ms my ne pa si sw ta te th tl ur yi zh")
_UNITS = {
    "byte": "bytes octets", "kb": "kilobyte kilobytes ko kib", "mb": "megabyte megabytes mib", "%": "percent "
    "prozent procent prosent procento procent procentów процент процента процентов",
    "gb": "gigabyte gigabytes gib gigas go", "tb": "terabyte terabytes tib to", "mbit": "megabit megabits mbps mbit/s",
    "gbit": "gigabit gigabits gbps gbit/s",
    "mg": "milligram milligrams milligramm miligramos milligrammes", "g": "gram grams gramm gramos gramme grammes",
    "kg": "kilogram kilograms kilogramm kilo kilos kilogramo kilogramos kilogramme kilogrammes kilogrammi кг килограмм",
    "t": "ton tons tonne tonnes tonnen tonelada toneladas", "lb": "lbs pound-weight",
    "mm": "millimeter millimeters millimetre millimetres milímetros millimètres",
    "cm": "centimeter centimeters centimetre centimetres zentimeter centímetros centimètres см",
    "m": "meter meters metre metres metern metro metros mètre mètres metri м метр метра метров",
    "km": "kilometer kilometers kilometre kilometres kilometern kilómetros kilomètres chilometri км",
    "mi": "mile miles", "ft": "foot feet", "inch": "inches zoll",
    "ml": "milliliter milliliters millilitre millilitres", "l": "liter liters litre litres litern litro litros litri",
    "s": "sec secs second seconds sekunde sekunden segundos secondes", "ms": "millisecond milliseconds millisekunden",
    "min": "mins minute minutes minuten minuto minutos minuti", "h": "hr hrs hour hours stunde stunden hora horas "
    "heure heures ora ore", "day": "days tag tage tagen día días jour jours giorno giorni dag dagen",
    "week": "weeks woche wochen semana semanas semaine semaines", "month": "months monat monate monaten mes meses mois",
    "year": "years jahr jahre jahren año años an ans",
    "w": "watt watts", "kw": "kilowatt kilowatts", "kwh": "kilowatt-hours kilowattstunden", "mw": "megawatt megawatts",
    "v": "volt volts", "ampere": "amp amps amperes", "mah": "", "hz": "hertz", "khz": "kilohertz",
    "mhz": "megahertz", "ghz": "gigahertz", "px": "pixel pixels", "bar": "", "kpa": "", "mph": "", "km/h": "kmh kph",
    "°c": "℃ celsius", "°f": "fahrenheit",
    "eur": "€ euro euros", "usd": "$ dollar dollars us$ dólares", "gbp": "£ pound pounds quid", "chf": "franken francs",
    "jpy": "¥ yen",
}  # fmt: skip
_ONLY_IN = {  # what is a common word elsewhere: 5 to 10, 3 go in, in 2012 an
    **dict.fromkeys(("to", "go", "ko", "an", "ans"), _set("fr")), **dict.fromkeys(("ora", "ore"), _set("it")),
    "mes": _set("ca es gl"), "mil": _set("ca es gl pt"),
}  # fmt: skip
_SAME = {form: unit for unit, forms in _UNITS.items() for form in (unit, *forms.split())}
_TIMES = {
    "thousand": 3, "million": 6, "millions": 6, "mio": 6, "millionen": 6, "millones": 6, "milioni": 6, "milhões": 6,
    "billion": 9, "bn": 9, "milliarden": 9, "mrd": 9, "milliards": 9, "tausend": 3, "mil": 3,
}  # fmt: skip
_NUMBER = r"\d{1,3}(?:[ \u202f']\d{3})+(?:[.,]\d+)?|\d[\d.,]*\d|\d"
_AMOUNT = regex.compile(
    rf"(?<![\p{{L}}\d_.,:/-])(?P<before>[€$£¥]|us\$|\b(?:eur|usd|gbp|chf)\s)?\s?(?P<number>{_NUMBER})(?![\d:])"
    r"(?:\s?(?P<times>\L<times>)\b\.?)?"
    r"(?:\s?-?(?:per\s(?P<cent>cent)\b|por\s(?P<cent>ciento|cento)\b|pour\s(?P<cent>cent)\b|(?P<unit>\L<units>)(?![\p{L}\d])))?",
    times=list(_TIMES),
    units=list(_SAME),
)
_GROUPS = regex.compile(r"\d{1,3}(?:([ \u202f'.,])\d{3})(?:\1\d{3})*")


def amounts(text: str, languages: Iterable[str]) -> list[str]:
    """The terms of the numbers in `text`, which is in small letters and ASCII digits.

    A number that is written with commas or points gives its plain digits, one with a unit `=` with both. `the 90s` are
    `=1990s` and no seconds.
    """
    languages = frozenset(languages)
    commas = {language not in _POINTED and language != "" for language in languages} or {False}
    named = list(decades(text))
    found = [f"={year}s" for _, _, years in named for year in years]
    for amount in _AMOUNT.finditer(text):
        if any(start <= amount.start("number") < end for start, end, _ in named):
            continue
        number, unit = amount["number"], amount["unit"] or amount["before"]
        unit = "%" if amount["cent"] else _SAME.get(unit.strip(), "") if unit and _is_of(unit, languages) else ""
        times = _TIMES[amount["times"]] if amount["times"] and _is_of(amount["times"], languages) else 0
        for value in dict.fromkeys(_values(number, sorted(commas))):
            plain = _plain(value * 10**times)
            found += [plain] if plain != number and not number.isdigit() else []
            found += [f"={plain}{unit}"] if unit else []
    return found


def _is_of(word: str, languages: frozenset[str]) -> bool:
    """Whether a word counts or measures in one of these languages."""
    return word not in _ONLY_IN or not _ONLY_IN[word].isdisjoint(languages)


def _values(number: str, commas: Iterable[bool]) -> Iterator[Decimal]:
    """What the digits come to; `commas` says whether a comma parts the whole from the rest."""
    for comma in commas:
        point, group = (",", ".") if comma else (".", ",")
        marks = [mark for mark in number if mark in ".,"]
        if len(marks) > 1 and len(set(marks)) == 1 and not _GROUPS.fullmatch(number):
            continue  # 10.10.10.10, 01.02.03
        if len(set(marks)) == 2:
            point = marks[-1]  # of two kinds the last parts
            group = "," if point == "." else "."
        elif len(marks) == 1 and marks[0] == group and not _GROUPS.fullmatch(number):
            point, group = group, point  # 2,5 cannot be grouped
        digits = regex.sub(r"[ \u202f']", "", number).replace(group, "").replace(point, ".")
        if digits.count(".") <= 1 and len(digits) <= 30:  # otherwise a version or an address
            yield Decimal(digits)


def _plain(value: Decimal) -> str:
    said = format(value, "f")
    return said.rstrip("0").rstrip(".") if "." in said else said

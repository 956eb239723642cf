"""Which numbers, amounts, dates and times does a text name, however they are written?

`1,000`, `1.000`, `1 000` and `a thousand` are one number, `5 GB` and `5 gigabytes` one amount, `12 March 2024`,
`2024-03-12` and `12.03.2024` one date, `8 pm` and `20:00` one time. Number words are read by text2num.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal

Kind = Literal["number", "date", "clock", "weekday"]
Day = tuple[int | None, int | None, int | None]  # year, month, day
_ARTICLES: Final = frozenset(("a", "an", "d"))
_CAPITALS: Final = frozenset("AKVW")
_NOT_COUNTED: Final = frozenset(("of", "von", "de", "and", "or", "to"))
_MOST_DIGITS: Final = 200  # of a longer number no more is compared: it is data, and would be infinite
_NEAR: Final = 60  # letters: so far a number's own words may stand from it


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number, date, time or weekday, with all that its writing may mean.

    `values` of a number are in `dimension`'s own unit, `plain` as they are written; `dimension` is empty where no unit
    is known. `counts` is the word behind a number without a unit. `place` is where it stands in what `read` was given.
    """

    kind: Kind
    values: frozenset[float] = frozenset()
    plain: frozenset[float] = frozenset()
    dimension: str = ""
    counts: str = ""
    factor: float = 1.0
    days: frozenset[Day] = frozenset()
    about: bool = False
    written: str = ""
    place: int = 0

    def is_borne_by(self, other: Quantity, years: frozenset[int] = frozenset()) -> bool:
        """Whether the other one says as much; `years` are those that may be understood where it has none."""
        if {self.kind, other.kind} == {"number", "date"}:  # 1718 may be a year, and 1,718 none
            return _is_that_year(*((self, other) if self.kind == "number" else (other, self)))
        if self.kind != other.kind:
            return False
        if self.kind == "date":
            return any(_within(mine, theirs, years) for mine in self.days for theirs in other.days)
        if self.kind != "number":
            return bool(self.values & other.values)
        if self.dimension and other.dimension and self.dimension != other.dimension:
            return _shares(self, other) or _shares(other, self)
        both = bool(self.dimension and other.dimension)
        mine, theirs = (self.values, other.values) if both else (self.plain, other.plain)
        if not both:
            theirs |= other.values if not other.dimension else frozenset()
        slack = 0.05 if self.about else 0.02 if both and self.factor != other.factor else 1e-9
        return any(abs(a - b) <= slack * max(abs(a), abs(b)) for a in mine for b in theirs)

    def is_like(self, other: Quantity) -> bool:
        """Whether the other one could stand in its place."""
        if self.kind != other.kind:
            return False
        if self.kind == "date":
            return any(
                all((a is None) == (b is None) for a, b in zip(x, y, strict=True))
                for x in self.days
                for y in other.days
            )
        return self.kind != "number" or (self.dimension == other.dimension and self.counts == other.counts)


def _is_that_year(number: Quantity, date: Quantity) -> bool:
    return not number.dimension and any((value, None, None) in date.days for value in number.plain)


def _shares(percent: Quantity, ratio: Quantity) -> bool:
    """50 % is a half."""
    return (percent.dimension, ratio.dimension) == ("%", "share") and any(
        abs(value - 100 * part) < 0.5 for value in percent.values for part in ratio.values
    )


def _within(mine: Day, theirs: Day, years: frozenset[int]) -> bool:
    if any(a is not None and a != b for a, b in zip(mine[1:], theirs[1:], strict=True)):
        return False
    year = mine[0]
    return year is None or year == theirs[0] or (theirs[0] is None and year in years)


# Units: what they measure, and how much of its own unit they are.
_UNITS: Final = {
    "%": "1 % percent prozent pct procent | 1 per_cent pour_cent por_ciento por_cento per_cento",
    "points": "1 percentage_point percentage_points prozentpunkt prozentpunkte pp",
    "seconds": """1 s sec secs second seconds sekunde sekunden seconde secondes segundo segundos secondi seconden
        | 60 min mins minute minutes minuten minuto minutos minuti minuut
        | 3600 h hr hrs hour hours stunde stunden std heure heures hora horas ora ore uur uren
        | 86400 d day days tag tage tagen jour jours día días dia dias giorno giorni dag dagen dage
        | 604800 week weeks wk wks woche wochen semaine semaines semana semanas settimana settimane weken uge uger
        | 0.001 ms millisecond milliseconds millisekunde millisekunden""",
    "months": """1 month months monat monate monaten mois mes meses mese mesi maand maanden mês måned måneder
        | 3 quarter quarters quartal quartale | 12 year years yr yrs jahr jahre jahren an ans année années año años
        anno anni ano anos jaar jaren år | 120 decade decades jahrzehnt jahrzehnte""",
    "bytes": """1 byte bytes | 1e3 kb kib kilobyte kilobytes | 1e6 mb mib megabyte megabytes
        | 1e9 gb gib gigabyte gigabytes | 1e12 tb tib terabyte terabytes | 1e15 pb petabyte petabytes""",
    "bits": "1 bit bits | 1e3 kbit | 1e6 mbit mbps mbit/s | 1e9 gbit gbps gbit/s",
    "metres": """1 m 米 metre metres meter meters mètre mètres metro metros metri | 1e-3 mm 毫米 millimetre millimetres
        millimeter millimeters | 1e-2 cm 厘米 centimetre centimetres centimeter centimeters zentimeter | 1e-6 µm
        micrometre micron microns | 1e-9 nm | 1e3 km 公里 千米 キロ kilometre kilometres kilometer kilometers kilomètre
        kilomètres kilómetro kilómetros chilometri
        | 0.0254 inch inches zoll | 0.3048 ft foot feet fuß pies pieds | 0.9144 yd yard yards
        | 1609.344 mi mile miles meile meilen milla millas miglia""",
    "square metres": """1 m2 m² sqm square_metre square_metres square_meter square_meters quadratmeter | 1e4 ha hectare
        hectares hektar hectárea hectáreas ettari 公顷 | 1e6 km2 km² 平方公里 square_kilometre square_kilometres
        square_kilometer square_kilometers quadratkilometer
        | 2.59e6 sq_mi square_mile square_miles | 4046.86 acre acres | 0.0929 sq_ft square_feet
        square_foot""",
    "litres": """1 l litre litres liter liters litro litros litri | 1e-3 ml millilitre millilitres milliliter
        milliliters | 1e3 m3 m³ cubic_metre cubic_metres cubic_meter cubic_meters kubikmeter
        | 3.785 gallon gallons gal""",
    "grams": """1 g gram grams gramme grammes gramm gramo gramos grammi | 1e-3 mg milligram milligrams milligramm
        | 1e-6 µg mcg microgram micrograms | 1e3 kg kilo kilos kilogram kilograms kilogramm kilogramme
        | 1e6 t tonne tonnes ton tons tonnen | 453.6 lb lbs | 28.35 oz ounce ounces""",
    "celsius": "1 °c degrees_celsius degree_celsius grad_celsius degrés_celsius grados_celsius degrees_centigrade grad",
    "fahrenheit": "1 °f degrees_fahrenheit degree_fahrenheit grad_fahrenheit",
    "kelvin": "1 k kelvin",
    "euros": "1 eur euro euros € | 0.01 cent cents",
    "dollars": "1 usd us$ dollar dollars $ dólares",
    "pounds": "1 gbp £ pound pounds pfund",
    "francs": "1 chf franken francs sfr",
    "yen": "1 jpy yen ¥",
    "km/h": "1 km/h kmh kph kilometres_per_hour kilometers_per_hour stundenkilometer | 1.609344 mph miles_per_hour",
    "watts": "1 w watt watts | 1e3 kw kilowatt kilowatts | 1e6 mw megawatt megawatts | 1e9 gw gigawatt gigawatts",
    "watt hours": "1 wh | 1e3 kwh kilowatt_hours kilowattstunden | 1e6 mwh megawatt_hours",
    "volts": "1 v volt volts | 1e3 kv kilovolt",
    "amperes": "1 a amp amps ampere amperes | 1e-3 ma milliampere",
    "hertz": "1 hz hertz | 1e3 khz kilohertz | 1e6 mhz megahertz | 1e9 ghz gigahertz",
    "newton metres": "1 nm newton_metre newton_metres newton_meter newton_meters newtonmeter",
    "bar": "1 bar bars",
}
_MAGNITUDES: Final = {
    1e3: "thousand k tausend tsd mille mil mila duizend",
    1e6: "million millions mio mn millionen millones millón milioni milione milhões miljoen",
    1e9: "billion billions bn mrd milliarde milliarden milliard milliards miliardi miljard",
    1e12: "trillion trillions billionen",
}
_MONTHS: Final = (
    "january jan januar janvier enero gennaio januari janeiro januar|february feb februar février febrero febbraio "
    "februari fevereiro|march mar märz mars marzo maart março|april apr avril abril aprile|"
    "may mai mayo maggio mei maio|june jun juni juin junio giugno junho|july jul juli juillet julio luglio julho|"
    "august aug août agosto augustus|september sep sept septembre septiembre settembre setembro|"
    "october oct oktober okt octobre octubre ottobre outubro|november nov novembre noviembre novembro|"
    "december dec dezember dez décembre diciembre dicembre dezembro"
)
_WEEKDAYS: Final = (
    "monday mondays mon montag montags lundi lunes lunedì maandag|tuesday tuesdays tue tues dienstag dienstags mardi "
    "martes martedì dinsdag|wednesday wednesdays wed mittwoch mittwochs mercredi miércoles mercoledì woensdag|"
    "thursday thursdays thu thurs donnerstag donnerstags jeudi jueves giovedì donderdag|friday fridays fri freitag "
    "freitags vendredi viernes venerdì vrijdag|saturday saturdays sat samstag samstags sonnabend samedi sábado sábados "
    "sabato zaterdag|sunday sundays sun sonntag sonntags dimanche domingo domingos domenica zondag"
)
_AMBIGUOUS: Final = frozenset("jan mar may march august sun sat wed mon".split())  # noqa: SIM905
_SHORT: Final = _AMBIGUOUS | frozenset(
    "feb apr jun jul aug sep oct okt nov dec dez tue thu fri mei mars".split()  # noqa: SIM905
)
_FRACTIONS: Final = {
    2: "half halves hälfte halb halbe demi moitié medio media mitad",
    3: "third thirds drittel tiers tercio tercios",
    4: "quarters fourth fourths viertel quart quarts cuarto cuartos",
    5: "fifth fifths fünftel cinquième quinto quintos",
    6: "sixth sixths sechstel",
    7: "seventh sevenths siebtel",
    8: "eighth eighths achtel",
    9: "ninth ninths neuntel",
    10: "tenth tenths zehntel dixième dixièmes décimo",
}
_SMALL: Final = (
    "a|an|one|two|three|four|five|six|seven|eight|nine|ein|eine|zwei|drei|vier|fünf|un|une|deux|trois|dos|tres"
)
_SMALL_VALUES: Final = {
    **dict.fromkeys(("a", "an", "one", "ein", "eine", "un", "une"), 1), "two": 2, "zwei": 2, "deux": 2, "dos": 2,
    "three": 3, "drei": 3, "trois": 3, "tres": 3, "four": 4, "vier": 4, "five": 5, "fünf": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9,
}  # fmt: skip
_ABOUT: Final = re.compile(
    r"(?:\b(?:about|around|roughly|approximately|approx\.?|some|nearly|almost|circa|ca\.?|c\.|rund|etwa|ungefähr|fast|knapp"
    r"|environ|près de|presque|unos|unas|casi|aproximadamente|circa)|[~≈])\s*(?:[€$£]|EUR|USD)?\s*$",
    re.IGNORECASE,
)
_JOINED: Final = re.compile(
    r"\b(two|three|four|five|six|seven|eight|nine|ten|twelve|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn)-(?=[^\W\d_]{3})",
    re.IGNORECASE,
)
_ONE: Final = re.compile(r"(?<![\d.,])1(?![\d]|[.,]\d)")
_EVERY_DAY: Final = re.compile(
    r"\b(?:every ?day|each day|daily|seven days a week|täglich|jeden tag|tous les jours|chaque jour|cada día"
    r"|todos los días)\b",
    re.IGNORECASE,
)
_GROUPED: Final = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_BELOW_ZERO: Final = re.compile(
    r"\b(\d+(?:[.,]\d+)?\s?(?:°\s?[CFK]?|degrees|grad|degrés|grados)?(?: celsius| fahrenheit| centigrade)?)"
    r" (?:below zero|unter null|sous zéro|bajo cero)\b",
    re.IGNORECASE,
)
_READS: Final = ("en", "fr", "es", "pt", "de", "nl", "da", "it")  # what text2num reads

_DIGITS = r"(?:\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?![\d])|\d{1,3}(?:[.,]\d{3})+(?!\d)|\d+)(?:[.,]\d+)?"
_NUMBER = re.compile(
    rf"(?<![A-Za-zÀ-ɏ\d_.,])(?P<sign>[-−–](?=\d))?(?P<digits>{_DIGITS})(?P<ordinal>st|nd|rd|th|º|ª|er|ème)?(?![\d])"
)
_RATIO = re.compile(r"(?<![\w./])(\d)\s?[/⁄]\s?([2-9]|10)(?![\w./])")
_VERSION = re.compile(r"(?<![\w.])v?\d+(?:\.\d+){2,}(?![\w])")
_ISO = re.compile(r"(?<!\d)(1[5-9]\d\d|2[01]\d\d)[-/.](\d{1,2})[-/.](\d{1,2})(?!\d)")
_NUMERIC = re.compile(r"(?<![\d./])(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?![\d/])")
_CLOCK = re.compile(
    r"(?<![\d:.])(?P<hour>[01]?\d|2[0-4])"
    r"(?:(?:[:.](?P<minute>[0-5]\d)(?::[0-5]\d)?|\s?h\s?(?P<french>[0-5]\d))?\s?(?P<half>[ap]\.?\s?m\b\.?|uhr\b|o'clock\b"
    r"|in\s+the\s+(?:morning|afternoon|evening)\b|at\s+night\b)"
    r"|:(?P<plain>[0-5]\d)(?::[0-5]\d)?(?![\d:])|\s?h\s?(?P<only>[0-5]\d)(?!\w))",
    re.IGNORECASE,
)
_HOURS_RANGE = re.compile(
    r"(?<![\d:.])(1[0-2]|\d)(?=\s?(?:-|–|to|until|till)\s?(?:1[0-2]|\d)(?:[:.][0-5]\d)?\s?([ap])\.?m\b)", re.IGNORECASE
)
_CURRENCY = re.compile(r"(?:(?:US)?\$|€|£|¥|EUR|USD|GBP|CHF)\s?[-−]?$")
_WORD_BEHIND = re.compile(
    r"[ \u00a0\u202f-]?(°\s?[CF]\b|[€$£¥%]|[^\W\d_]+(?:/[^\W\d_]+|[²³23](?!\w))?)"
    r"(?:[ -]([^\W\d_]+))?(?:[ -]([^\W\d_]+))?"
)


_OF_A_YEAR = re.compile(
    r"\b(?:in|since|from|to|of|by|until|year|im|seit|von|bis|jahr|en|depuis|de|a)\s+$", re.IGNORECASE
)
_TO = re.compile(r"\.?\s*(?:-|–|to|through|till|until|bis|au|à|a|al|tot)\s*", re.IGNORECASE)
Found = tuple["Quantity", int]  # and where it ends


@cache
def _units() -> dict[str, tuple[str, float]]:
    known: dict[str, tuple[str, float]] = {}
    for dimension, groups in _UNITS.items():
        for group in groups.split("|"):
            factor, *names = group.split()
            for name in names:
                known.setdefault(name, (dimension, float(factor)))
    known["Nm"] = ("newton metres", 1.0)  # but nanometres are `nm`
    return known


@cache
def _numbered(listed: str) -> dict[str, int]:
    return {name: place for place, names in enumerate(listed.split("|"), 1) for name in names.split()}


@cache
def _magnitude() -> re.Pattern[str]:
    names = sorted((name for names in _MAGNITUDES.values() for name in names.split()), key=len, reverse=True)
    return re.compile(
        rf"(?<![\w.,])({_DIGITS})(?:\s?(k|M)(?!\w)|[ \u00a0-]({'|'.join(names)})(?!\w)\.?(?=\s|$|[,;)]))", re.IGNORECASE
    )


@cache
def _fraction() -> re.Pattern[str]:
    names = "|".join(name for names in _FRACTIONS.values() for name in names.split())
    return re.compile(
        rf"\b({_SMALL})[ -]({names}|quarter)\b(?![ ]?(?:century|party|floor|time|year|of the year))", re.IGNORECASE
    )


@cache
def _dated() -> tuple[re.Pattern[str], ...]:
    months = "|".join(sorted(_numbered(_MONTHS), key=len, reverse=True))
    month = rf"(?P<month>{months})\b\.?"
    day = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th|er|\.|º)?"
    year = r"(?P<year>1[5-9]\d\d|2[01]\d\d)"
    of = r"(?:(?:of|de|del|di|du|des) )?"
    until = r"(?:\s?(?:-|–|to|until|bis|au|al|and|und)\s?(?:the\s)?(?P<last>[0-3]?\d)(?:st|nd|rd|th|\.)?)?"
    return tuple(
        re.compile(form, re.IGNORECASE)
        for form in (
            rf"(?<![\w.]){day}{until}[ -]*{of}[ -]*{month}(?:,?[ -]*{of}{year})?(?!\d)",
            rf"(?<!\w){month}[ -]+{day}{until}(?![\d:]|\s?(?:%|[ap]\.?m\b))(?:,?\s+{year})?(?!\d)",
            rf"(?<!\w){month}[ -]*(?:de |of |del )?,?\s*{year}(?!\d)",
            rf"(?<!\w){month}(?!\w)",
        )
    )


_YEAR = re.compile(
    r"(?<![A-Za-zÀ-ɏ\d_.,:/$€£])(1[5-9]\d\d|20\d\d|21\d\d)(?:[–/-](\d\d(?:\d\d)?))?(?![A-Za-zÀ-ɏ\d_%]|[.,]\d|\s?(?:°|€|\$|£|EUR\b|euros?\b))"
)


def read(text: str, language: str = "en") -> tuple[Quantity, ...]:
    """Every quantity in the text, in its order."""
    return _read(text, language)


@lru_cache(maxsize=512)
def _read(text: str, language: str) -> tuple[Quantity, ...]:
    rest = in_digits(text, language)
    found: list[Quantity] = []
    for reader in (_dates, _clocks, _weekdays, _years, _ratios, _numbers):
        taken: list[tuple[int, int]] = []
        for quantity, end in reader(rest):
            found.append(quantity)
            taken.append((quantity.place, end))
        for start, end in taken:  # what was read is not read again
            rest = rest[:start] + "\x00" * (end - start) + rest[end:]
    if not _ONE.search(text):  # written as a word it is as often a pronoun
        found = [each for each in found if each.plain != {1.0} or each.dimension]
    return tuple(sorted(found, key=lambda each: each.place))


@lru_cache(maxsize=512)
def in_digits(text: str, language: str = "en") -> str:
    """The text with its number words as digits."""
    from text_to_num import alpha2digit

    text = unicodedata.normalize("NFC", text).replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")
    text = _JOINED.sub(r"\1 ", _magnitude().sub(_multiplied, text))
    text = _fraction().sub(_divided, text)
    text = _BELOW_ZERO.sub(r"-\1", text)
    text = re.sub(r"\b(a|per|each|every) second\b(?! [a-z])", r"\1 sec", text)  # not the one behind the first
    if not re.search(r"[^\W\d_]", text):
        return text
    text = str(alpha2digit(text, language if language in _READS else "en", threshold=0))
    return _GROUPED.sub("\u202f", text) if language == "en" else text  # a comma begins no fraction there


def years_of(quantities: Iterable[Quantity]) -> frozenset[int]:
    """The years among them."""
    years: set[int] = set()
    for each in quantities:
        years.update(day[0] for day in each.days if day[0] is not None)
        years.update(int(value) for value in each.values if value == int(value) and 1500 <= value < 2200)
    return frozenset(years)


def _multiplied(match: re.Match[str]) -> str:
    """`16 million` as `16000000`; a lone `m` may be metres."""
    word = match[2] or match[3]
    factor = (
        1e6 if word == "M" else next((f for f, names in _MAGNITUDES.items() if word.casefold() in names.split()), 0)
    )
    if not factor:
        return match[0]
    product = max(_meant(match[1])) * factor
    return f"{product:.0f}" if product == int(product) else f"{product}"


def _divided(match: re.Match[str]) -> str:
    """`two thirds` as `2/3`; but the quarter of a year is none of one."""
    count, part = match[1].casefold(), match[2].casefold()
    if part == "quarter" and count not in ("a", "one"):
        return match[0]
    return f"{_SMALL_VALUES[count]}/{next((n for n, names in _FRACTIONS.items() if part in names.split()), 4)}"


def _meant(digits: str) -> frozenset[float]:
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
    return frozenset({grouped}) if len(groups) > 2 else frozenset({grouped, fraction})


def _dates(text: str) -> Iterator[Found]:
    taken: list[tuple[int, int]] = []
    for match, days in _written_dates(text):
        if days and not any(match.start() < end and start < match.end() for start, end in taken):
            taken.append(match.span())
            for alternatives in days:
                yield _date(match, alternatives)


def _written_dates(text: str) -> Iterator[tuple[re.Match[str], list[frozenset[Day]]]]:
    """Every date with each day that it names, each as the days that may be meant; the fullest forms first."""
    for match in _ISO.finditer(text):
        yield match, _possible({(int(match[1]), int(match[2]), int(match[3]))})
    for match in _NUMERIC.finditer(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        year += 0 if year > 99 else 2000 if year < 70 else 1900
        days: set[Day] = {(year, second, first)}
        yield match, _possible(days if match[2] == "." else days | {(year, first, second)})
    for form in _dated():
        for match in form.finditer(text):
            groups = match.groupdict()
            word = groups["month"].casefold()
            is_alone = not groups.get("day") and not groups.get("year")
            if (is_alone and word in _SHORT) or (not groups.get("day") and groups["month"] in _AMBIGUOUS):
                continue  # `may` and `march` are more often verbs
            month = _numbered(_MONTHS)[word]
            year_given = int(groups["year"]) if groups.get("year") else None
            given = [int(groups[name]) for name in ("day", "last") if groups.get(name)]
            if given:
                yield match, [days for day in given for days in _possible({(year_given, month, day)})]
            else:
                yield match, [frozenset({(year_given, month, None)})]


def _possible(days: set[Day]) -> list[frozenset[Day]]:
    real = frozenset(each for each in days if 1 <= (each[1] or 0) <= 12 and 1 <= (each[2] or 0) <= 31)
    return [real] if real else []


def _date(match: re.Match[str], days: frozenset[Day]) -> Found:
    return Quantity("date", days=days, written=match[0], place=match.start()), match.end()


def _years(text: str) -> Iterator[Found]:
    for match in _YEAR.finditer(text):
        behind = text[match.end() : match.end() + _NEAR]
        if not match[2] and not _OF_A_YEAR.search(text[max(0, match.start() - _NEAR) : match.start()]):
            is_count = match[1].endswith("00") and re.match(r"\s?[^\W\d_]", behind)
            if is_count or _unit(behind).dimension:  # 2000 guests are no year
                continue
        years = [int(match[1])]
        if match[2]:
            last = int(match[2]) if len(match[2]) == 4 else int(match[1][:2] + match[2])
            years += [last] if last > years[0] else []
        for year in years:
            yield _date(match, frozenset({(year, None, None)}))


def _clocks(text: str) -> Iterator[Found]:
    for match in _CLOCK.finditer(text):
        hour = int(match["hour"])
        minute = int(match["minute"] or match["french"] or match["plain"] or match["only"] or 0)
        half = re.sub(r"[.\s]", "", match["half"] or "").casefold()
        times = {60 * hour + minute}
        if half.startswith("p") or half.endswith(("afternoon", "evening")):
            times = {60 * (hour % 12 + 12) + minute}
        elif half.startswith("am") or half.endswith("morning"):
            times = {60 * (hour % 12) + minute}
        elif hour < 12 and not match["hour"].startswith("0"):
            times.add(60 * (hour + 12) + minute)
        yield _value("clock", match, *times)
    for match in _HOURS_RANGE.finditer(text):
        yield _value("clock", match, 60 * (int(match[1]) % 12), 60 * (int(match[1]) % 12 + 12))


def _weekdays(text: str) -> Iterator[Found]:
    for match in _EVERY_DAY.finditer(text):
        for day in range(1, 8):
            yield (
                Quantity("weekday", frozenset({float(day)}), counts="every", written=match[0], place=match.start()),
                match.end(),
            )
    known = _numbered(_WEEKDAYS)
    last: tuple[int, int] | None = None  # the day before, and where its name ends
    for match in re.finditer(r"(?<![\w-])[^\W\d_]+(?!\w)", text):
        word = match[0].casefold()
        behind = text[match.end() : match.end() + _NEAR]
        if word not in known or (word in _SHORT and not match[0][0].isupper()):
            continue
        if word in _AMBIGUOUS and not re.match(r"\.?\s*[-–,/]|\.?\s+(?:to|and|\d)", behind):
            continue
        day = known[word]
        days = {day}
        if last and _TO.fullmatch(text[last[1] : match.start()]):
            days |= {(last[0] - 1 + step) % 7 + 1 for step in range((day - last[0]) % 7)}
        last = (day, match.end())
        for each in sorted(days):
            yield _value("weekday", match, each)


def _ratios(text: str) -> Iterator[Found]:
    for match in _RATIO.finditer(text):
        value = frozenset({int(match[1]) / int(match[2])})
        yield Quantity("number", value, value, "share", written=match[0], place=match.start()), match.end()


def _numbers(text: str) -> Iterator[Found]:
    versions = [match.span() for match in _VERSION.finditer(text)]
    for match in _NUMBER.finditer(text):
        before = text[max(0, match.start() - _NEAR) : match.start()]
        behind = text[match.end() : match.end() + _NEAR]
        unit = _unit(behind)
        dimension, factor, counts = unit.dimension, unit.factor, unit.counts
        is_of_a_name = re.match(r"[A-Za-zÀ-ɏ]", behind) and not dimension and not match["ordinal"]
        is_of_a_version = any(start <= match.start() < end for start, end in versions)
        if is_of_a_name or is_of_a_version or re.search(r"[^\W\d_]-$", before):  # 3D, 1.2.3, B-12
            continue
        end = match.end() + unit.length
        if not dimension and (currency := _CURRENCY.search(before)):
            dimension, factor = _units()[currency[0].strip("-−").strip().casefold()]
            counts = ""
        plain = _meant(match["digits"])
        if dimension in ("celsius", "fahrenheit") and match["sign"]:
            plain = frozenset(-value for value in plain)
        elif match["sign"] and not dimension:
            plain |= {-value for value in plain}
        yield (
            Quantity(
                kind="number",
                values=frozenset(value * factor for value in plain),
                plain=plain,
                dimension=dimension,
                counts=counts,
                factor=factor,
                about=_ABOUT.search(before) is not None,
                written=text[match.start() : end],
                place=match.start(),
            ),
            end,
        )


def _value(kind: Kind, match: re.Match[str], *values: float) -> Found:
    return Quantity(kind, frozenset(map(float, values)), written=match[0], place=match.start()), match.end()


def lone_units(text: str) -> frozenset[tuple[str, float]]:
    """Units that no number stands before: of a rate (`40 chunks a second`), or of a table's column."""
    found = set()
    for match in re.finditer(r"(?:square |cubic )?[^\W\d_]{3,}|[€$£%]|°[CF]", text):
        before, name = text[max(0, match.start() - _NEAR) : match.start()], match[0].casefold().replace(" ", "_")
        if name in _units() and not re.search(r"\d[\d.,]*\s?-?$", before):
            found.add(_units()[name])
    return frozenset(found)


def is_unit(word: str) -> bool:
    """Whether something may be measured in it."""
    return word in _units() or word.casefold() in _units()


@dataclass(frozen=True, slots=True)
class _Unit:
    """What stands behind a number: a unit and how long its name is, or else the word that is counted."""

    dimension: str = ""
    factor: float = 1.0
    counts: str = ""
    length: int = 0


def _unit(behind: str) -> _Unit:
    match = _WORD_BEHIND.match(behind)
    if match is None:
        return _Unit()
    known = _units()
    parts = [part for part in match.groups() if part]
    for length in range(len(parts), 0, -1):
        name = "_".join(parts[:length]).replace("° ", "°")
        if name.casefold() in _ARTICLES and behind[0] in " -":
            continue  # `5 a day`
        is_letter = len(name) == 1 and name.isupper() and name not in _CAPITALS  # `3D` is no time
        for written in (name, name if is_letter else name.casefold()):
            if written in known and not (written == "k" and behind[0] == " "):
                return _Unit(*known[written], length=match.end(length))
    first = parts[0].casefold()
    return _Unit(counts="" if first in _NOT_COUNTED else first)

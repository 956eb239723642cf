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
        slack = 0.05 if self.about else 1e-9
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
    "metres": """1 m metre metres meter meters mètre mètres metro metros metri | 1e-3 mm millimetre millimetres
        millimeter millimeters | 1e-2 cm centimetre centimetres centimeter centimeters zentimeter | 1e-6 µm micrometre
        micron microns | 1e-9 nm | 1e3 km kilometre kilometres kilometer kilometers kilomètre kilomètres kilómetro
        kilómetros chilometri | 0.0254 inch inches zoll | 0.3048 ft foot feet fuß pies pieds | 0.9144 yd yard yards
        | 1609.344 mi mile miles meile meilen milla millas miglia""",
    "square metres": """1 m2 m² sqm square_metre square_metres square_meter square_meters quadratmeter | 1e4 ha hectare
        hectares hektar | 1e6 km2 km² square_kilometre square_kilometres square_kilometer square_kilometers
        quadratkilometer | 2.59e6 sq_mi square_mile square_miles | 4046.86 acre acres | 0.0929 sq_ft square_feet
        square_foot""",
    "litres": """1 l litre litres liter liters litro litros litri | 1e-3 ml millilitre millilitres milliliter milliliters
        | 1e3 m3 m³ cubic_metre cubic_metres cubic_meter cubic_meters kubikmeter | 3.785 gallon gallons gal""",
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
_SHORT: Final = frozenset(
    [
        "jan",
        "feb",
        "mar",
        "apr",
        "jun",
        "jul",
        "aug",
        "sep",
        "oct",
        "okt",
        "nov",
        "dec",
        "dez",
        "mon",
        "tue",
        "wed",
        "thu",
        "fri",
        "sat",
        "sun",
        "may",
        "mei",
        "mars",
    ]
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
    r"[ \u00a0\u202f-]?(°\s?[CF]\b|[€$£¥%]|[^\W\d_]+(?:/[^\W\d_]+|[²³23](?!\w))?)(?:[ -]([^\W\d_]+))?(?:[ -]([^\W\d_]+))?"
)


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
    until = r"(?:\s?(?:-|–|to|until|bis|au|al|and|und)\s?(?:the\s)?(?P<last>[0-3]?\d)(?:st|nd|rd|th|\.)?)?"
    return tuple(
        re.compile(form, re.IGNORECASE)
        for form in (
            rf"(?<![\w.]){day}{until}[ -]*(?:of |de |di |d[eu]s? )?[ -]*{month}(?:,?[ -]*(?:de |del |di )?{year})?(?!\d)",
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
        for quantity, start, end in reader(rest):
            found.append(quantity)
            taken.append((start, end))
        for start, end in taken:  # what was read is not read again
            rest = rest[:start] + "\x00" * (end - start) + rest[end:]
    return tuple(sorted(found, key=lambda each: each.place))


@lru_cache(maxsize=512)
def in_digits(text: str, language: str = "en") -> str:
    """The text with its number words as digits."""
    from text_to_num import alpha2digit

    text = unicodedata.normalize("NFC", text).replace("’", "'").replace("\u00a0", " ").replace("\u202f", " ")
    text = _JOINED.sub(r"\1 ", _magnitude().sub(_multiplied, text))
    text = _fraction().sub(_divided, text)
    text = re.sub(r"\b(a|per|each|every) second\b(?! [a-z])", r"\1 sec", text)  # not the one behind the first
    if not re.search(r"[^\W\d_]", text):
        return text
    return str(alpha2digit(text, language if language in _READS else "en", threshold=0))


def numbers_of(quantities: Iterable[Quantity]) -> frozenset[int]:
    """The years among them."""
    years: set[int] = set()
    for each in quantities:
        years.update(day[0] for day in each.days if day[0] is not None)
        years.update(int(value) for value in each.values if value == int(value) and 1500 <= value < 2200)
    return frozenset(years)


def _multiplied(match: re.Match[str]) -> str:
    word = match[2] or match[3]
    factor = next((f for f, names in _MAGNITUDES.items() if word.casefold() in names.split()), None)
    if factor is None:
        factor = 1e6 if word == "M" else 1.0
    if match[2] and word == "m":
        return match[0]
    value = max(_meant(match[1])) if re.search(r"[.,]\d{3}$", match[1]) is None else min(_meant(match[1]))
    if re.search(r"[.,]\d{3}$", match[1]):
        return match[0] if factor == 1.0 else f"{max(_meant(match[1])) * factor:.0f}"
    product = value * factor
    return f"{product:.0f}" if product == int(product) else f"{product}"


def _divided(match: re.Match[str]) -> str:
    parts = next((n for n, names in _FRACTIONS.items() if match[2].casefold() in names.split()), 4)
    if match[2].casefold() == "quarter" and match[1].casefold() not in ("a", "one"):
        return match[0]
    return f"{_SMALL_VALUES[match[1].casefold()]}/{parts}"


def _meant(digits: str) -> frozenset[float]:
    """What the digits may mean: a point or comma groups thousands in one country and begins a fraction in another."""
    bare = re.sub(r"[ \u00a0\u202f'’]", "", digits)
    marks = re.findall(r"[.,]", bare)
    if not marks:
        return frozenset({float(bare)})
    whole, last = bare[: bare.rindex(marks[-1])], bare[bare.rindex(marks[-1]) + 1 :]
    as_fraction = float(re.sub(r"[.,]", "", whole) + "." + last)
    as_groups = float(re.sub(r"[.,]", "", bare))
    groups = re.split(r"[.,]", bare)
    could_group = len(set(marks)) == 1 and all(len(group) == 3 for group in groups[1:]) and 1 <= len(groups[0]) <= 3
    if could_group and groups[0].lstrip("0") == "":
        could_group = False
    if could_group and len(marks) > 1:
        return frozenset({as_groups})
    return frozenset({as_groups, as_fraction}) if could_group else frozenset({as_fraction})


def _dates(text: str) -> Iterator[tuple[Quantity, int, int]]:
    spans: list[tuple[int, int]] = []

    def free(match: re.Match[str]) -> bool:
        if any(match.start() < end and start < match.end() for start, end in spans):
            return False
        spans.append(match.span())
        return True

    for match in _ISO.finditer(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
        if month <= 12 and day <= 31 and free(match):
            yield _date(match, (year, month, day))
    for match in _NUMERIC.finditer(text):
        first, second, year = int(match[1]), int(match[3]), int(match[4])
        year += 0 if year > 99 else 2000 if year < 70 else 1900
        days = {(year, b, a) for a, b in ((first, second), (second, first)) if 1 <= b <= 12 and 1 <= a <= 31}
        if match[2] == ".":
            days &= {(year, second, first)}
        if days and free(match):
            yield _date(match, *days)
    for form in _dated():
        for match in form.finditer(text):
            groups = match.groupdict()
            month = _numbered(_MONTHS)[groups["month"].casefold()]
            alone = not groups.get("day") and not groups.get("year")
            if alone and (groups["month"].casefold() in _SHORT or (groups["month"].islower() and groups["month"].isascii() and groups["month"] in ("march", "may", "august"))):  # fmt: skip
                continue
            if not groups.get("day") and groups["month"].islower() and groups["month"] in ("march", "may", "mar"):
                continue
            year = int(groups["year"]) if groups.get("year") else None
            given = [int(groups[name]) for name in ("day", "last") if groups.get(name)]
            if any(not 1 <= day <= 31 for day in given) or not free(match):
                continue
            for day in given or [None]:
                yield _date(match, (year, month, day))


def _date(match: re.Match[str], *days: Day) -> tuple[Quantity, int, int]:
    return Quantity("date", days=frozenset(days), written=match[0], place=match.start()), match.start(), match.end()


def _years(text: str) -> Iterator[tuple[Quantity, int, int]]:
    for match in _YEAR.finditer(text):
        if match[1].endswith("00") and re.match(r"\s?[^\W\d_]", text[match.end() :]) and not _since(text, match):
            continue  # 2000 guests are no year
        if (unit := _unit(text[match.end() :])) and not match[2] and not _since(text, match):
            if unit[0]:
                continue
        years = [int(match[1])]
        if match[2]:
            end = int(match[2]) if len(match[2]) == 4 else int(match[1][:2] + match[2])
            years += [end] if end > years[0] else []
        for year in years:
            yield _date(match, (year, None, None))


def _since(text: str, match: re.Match[str]) -> bool:
    return (
        re.search(
            r"\b(?:in|since|from|to|of|by|until|year|im|seit|von|bis|jahr|en|depuis|de|a)\s+$",
            text[: match.start()],
            re.IGNORECASE,
        )
        is not None
    )


def _clocks(text: str) -> Iterator[tuple[Quantity, int, int]]:
    for match in _CLOCK.finditer(text):
        hour = int(match["hour"])
        minute = int(match["minute"] or match["french"] or match["plain"] or match["only"] or 0)
        half = (match["half"] or "").casefold().replace(".", "").replace(" ", "")
        times = {60 * hour + minute}
        if half.startswith("p") or "afternoon" in half or "evening" in half:
            times = {60 * (hour % 12 + 12) + minute}
        elif (half.startswith("a") and half != "atnight") or "morning" in half:
            times = {60 * (hour % 12) + minute}
        elif hour < 12 and not match["hour"].startswith("0"):
            times.add(60 * (hour + 12) + minute)
        yield (
            Quantity("clock", frozenset(map(float, times)), written=match[0], place=match.start()),
            match.start(),
            match.end(),
        )
    for match in _HOURS_RANGE.finditer(text):
        hour = int(match[1])
        both = frozenset({60.0 * (hour % 12), 60.0 * (hour % 12 + 12)})
        yield Quantity("clock", both, written=match[0], place=match.start()), match.start(), match.end()


def _weekdays(text: str) -> Iterator[tuple[Quantity, int, int]]:
    known = _numbered(_WEEKDAYS)
    last: tuple[int, int] | None = None
    for match in re.finditer(r"(?<![\w-])[^\W\d_]+(?![\w])", text):
        word = match[0].casefold()
        if word not in known or (word in _SHORT and not match[0][0].isupper()):
            continue
        if word in ("sun", "sat", "wed", "mon", "mar") and not re.match(
            r"\.?\s*[-–,/]|\.?\s+(?:to|and|\d)", text[match.end() :]
        ):
            continue
        day = known[word]
        days = {day}
        if last and re.fullmatch(
            r"\.?\s*(?:-|–|to|through|till|until|bis|au|à|a|al|tot)\s*", text[last[1] : match.start()]
        ):
            days |= {(last[0] - 1 + step) % 7 + 1 for step in range((day - last[0]) % 7)}
        last = (day, match.end())
        for each in days:
            yield (
                Quantity("weekday", frozenset({float(each)}), written=match[0], place=match.start()),
                match.start(),
                match.end(),
            )


def _ratios(text: str) -> Iterator[tuple[Quantity, int, int]]:
    for match in _RATIO.finditer(text):
        value = frozenset({int(match[1]) / int(match[2])})
        yield (
            Quantity("number", value, value, "share", written=match[0], place=match.start()),
            match.start(),
            match.end(),
        )


def _numbers(text: str) -> Iterator[tuple[Quantity, int, int]]:
    versions = [match.span() for match in _VERSION.finditer(text)]
    for match in _NUMBER.finditer(text):
        if any(start <= match.start() < end for start, end in versions):
            continue
        plain = _meant(match["digits"])
        behind, before = text[match.end() :], text[: match.start()]
        if (
            re.match(r"\s?%", behind) is None
            and re.match(r"[A-Za-zÀ-ɏ]", behind)
            and not _unit(behind)[0]
            and not match["ordinal"]
        ):
            continue  # part of a name: 3D, 7Zip
        if re.search(r"[^\W\d_]-$", before):
            continue  # SHA-512, B-12
        dimension, factor, counts = _unit(behind)
        end = match.end() + (_unit_length(behind) if dimension else 0)
        if not dimension and (currency := _CURRENCY.search(before)):
            dimension, factor = _units()[currency[0].strip("-− ").casefold()]
            counts = ""
        if dimension in ("celsius", "fahrenheit") and match["sign"]:
            plain = frozenset(-value for value in plain)
        if plain == {1.0} and not dimension:
            continue  # one is as often a pronoun
        values = frozenset(value * factor for value in plain)
        about = _ABOUT.search(before) is not None
        yield (
            Quantity(
                "number",
                values,
                plain,
                dimension,
                counts,
                factor,
                about=about,
                written=text[match.start() : end],
                place=match.start(),
            ),
            match.start(),
            end,
        )


def lone_units(text: str) -> frozenset[tuple[str, float]]:
    """Units that no number stands before: of a rate (`40 chunks a second`), or of a table's column."""
    found = set()
    for match in re.finditer(r"[^\W\d_]{2,}(?:_per_hour)?|[€$£%]|°[CF]", text):
        if (
            match[0].casefold() in _units()
            and (len(match[0]) > 2 or not match[0].isalpha())
            and not re.search(r"\d[\d.,]*\s?-?$", text[: match.start()])
        ):
            found.add(_units()[match[0].casefold()])
    return frozenset(found)


def is_unit(word: str) -> bool:
    """Whether something may be measured in it."""
    return word in _units() or word.casefold() in _units()


def _unit_length(behind: str) -> int:
    match = _WORD_BEHIND.match(behind)
    if match is None:
        return 0
    for group in (3, 2, 1):
        if (
            match[group]
            and _unit(behind[: match.end(group)])[0]
            and not _unit(behind[: match.start(group)].rstrip(" -"))[0]
        ):
            return match.end(group)
    return match.end(1)


def _unit(behind: str) -> tuple[str, float, str]:
    """What the text behind a number measures, and the word that is counted where it is no unit."""
    match = _WORD_BEHIND.match(behind)
    if match is None:
        return "", 1.0, ""
    words = [part.replace(" ", "") if part and part.startswith("°") else part for part in match.groups()]
    known = _units()
    for length in (3, 2, 1):
        name = "_".join(part for part in words[:length] if part)
        if len([part for part in words[:length] if part]) < length:
            continue
        if length == 1 and name in known and name != name.casefold():
            return (*known[name], "")
        folded = name.casefold()
        if folded in known:
            if (
                length == 1
                and len(folded) == 1
                and folded.isalpha()
                and folded in "akdt"
                and behind[:1] == " "
                and folded != name
            ):
                continue
            if (
                folded in ("a", "an", "d", "s", "t", "h", "m", "min", "mi", "bar", "grad", "std")
                and folded in ("a", "an", "d")
                and behind[:1] in " -"
            ):
                continue  # `5 a day`
            return (*known[folded], "")
    return (
        "",
        1.0,
        "" if (words[0] or "").casefold() in ("of", "von", "de", "and", "or", "to") else (words[0] or "").casefold(),
    )

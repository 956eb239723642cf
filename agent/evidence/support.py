"""Does the cited text bear a statement out, as far as numbers, names and words can tell?

No model reads here. A statement is taken apart: its numbers, amounts, dates and times, its names, its words by their
stems. Each must stand in what it cites (`number`, `unit`, `name`, `row`, `unknown`), and neither denied, turned round
nor strengthened (`agent.evidence.contrary`). The first that does not is the fault. Titles, headings and a table's head
may say what is spoken of, never what is said of it. What is said in another language than the source's is held to its
numbers and names alone. Whether the words of a source are put together rightly is told of values, names and counts,
which stay with their own clause, row and column (`agent.evidence.bound`), and of one thing in another's place
(`agent.evidence.replaced`); of who did what to whom no rule of words can tell. What leads to a statement (`According to
the text,`) is not judged.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from agent.evidence.bound import exchanged
from agent.evidence.compared import Cited, Compared
from agent.evidence.contrary import CONTRARY, clauses
from agent.evidence.quantities.numerals import in_digits
from agent.evidence.quantities.quantity import Quantity, years_of
from agent.evidence.quantities.read import read
from agent.evidence.quantities.reckoned import is_reckoned
from agent.evidence.quantities.units import lone_units
from agent.evidence.replaced import replaced
from agent.evidence.vocabulary import MAGNITUDES
from agent.evidence.wording import language_of, lower, named, names, stand, without_lead, words
from retrieval.lexical.analyze import terms

_MOST_UNKNOWN: Final = 0.6  # of a statement's words: more of them from nowhere, and it speaks of something else
_LEAST_VERBATIM: Final = 12  # letters
_MAY_BE_SCALED: Final = frozenset(("", "dollars", "euros", "pounds", "francs", "yen"))  # `in thousands` of these
_A_MONTH: Final = 2e6  # seconds, nearly: what is paid by the month is also counted in days
_SCALE: Final = re.compile(
    r"\((?:\S{1,3} )?(?:in )?(?:000s?|thousands|millions|billions|tsd\.?|mio\.?|mrd\.?)\)", re.IGNORECASE
)
_MARKS: Final = re.compile(
    r"[\[【]\s*(?:\d{1,3}(?:\.\d{1,3})?|unverified)(?:\s*[,;–-]\s*\d{1,3}(?:\.\d{1,3})?)*\s*[\]】]"
    r"|\(\s*\d{1,2}(?:\s*[,;–-]\s*\d{1,2})*\s*\)"  # (450) is a number
)
_ITEM: Final = re.compile(r"^\s*\d{1,3}[.)](?=\s)", re.MULTILINE)  # the number of an item says nothing
_MOST_LISTED: Final = 12
_LISTING: Final = re.compile(r"[,;、]\s*(?:(?:and|or|und|oder|et|ou|y|o)\b)?|\b(?:and|or|und|oder|et|ou|y|o)\b|[和及]")
_QUOTED: Final = re.compile(r"[\"“„«][^\"“”„«»]+[\"”“»]")
_A_DATE: Final = 30  # letters, at most
_FOR: Final = re.compile(
    r"\b(?:for|within|after|in|until|takes?|took|lasts?|lasted|für|nach|binnen|innerhalb|pendant|après|durante|tras)"
    r"\s+(?:about |up to |over |at least )?$",
    re.IGNORECASE,
)
_LABEL: Final = re.compile(r"\s*(?:\|\s*(?P<cell>[^|]+)\||[-*•]\s+(?P<item>[^:|]{2,40}):\s)")
_RELATIVE: Final = re.compile(  # a detail is added
    r"\W*(?:who|which|whose|where|der|die|das|dessen|deren|qui|dont|où|quien|cuy[oa]s?|donde)\b", re.IGNORECASE
)
_POINTS_BACK: Final = frozenset(
    """he she it they him her them his its their this these those that such er sie es dies diese dieser dieses ihn ihm
    ihr il elle ils elles ce cette ces lui él ella ellos ellas este esta estos estas su sus""".split()  # noqa: SIM905
)
# What a quote may not lose with the words that are cut off at its beginning or end.
_CONDITION: Final = re.compile(
    r"\b(?:only|if|unless|except|provided|as long as|until|not|never|no|nur|wenn|falls|sofern|außer|es sei denn|nicht"
    r"|kein\w*|seulement|si|sauf|à moins|à condition|ne|pas|solo|sólo|salvo|a menos|siempre que|no)\b",
    re.IGNORECASE,
)


def bears_out(statement: str, cited: Sequence[Cited], question: str = "") -> str:
    """Why the cited text does not bear the statement out, in a word or two; empty where it does.

    No statement is borne out without a letter or digit, nor by headings, heads of tables or questions alone.
    """
    if not says_words(statement):
        return "no words"
    telling = [each for each in cited if each.says_something]
    if not telling:
        return "nothing is said there"
    if is_verbatim(statement, telling):
        return ""
    said = _without_marks(statement)
    language = language_of(said, fallback=language_of(question))
    compared = Compared(without_lead(said, language) or said, telling, question)
    checks = (
        (number, unit, name)
        if compared.is_foreign
        else (number, unit, name, row, unknown, *CONTRARY, replaced, exchanged)
    )
    return next((fault for check in checks if (fault := check(compared))), "")


def _without_marks(statement: str) -> str:
    """Without the marks of citations and the numbers of items, but with the day of `12. März`."""

    def without(item: re.Match[str]) -> str:
        line = item.string[item.start() : item.end() + _A_DATE].lstrip()
        return item[0] if any(each.kind == "date" and each.place == 0 for each in read(line)) else " "

    return _ITEM.sub(without, _MARKS.sub(" ", statement))


def says_words(text: str) -> bool:
    """Whether anything is said at all: marks like `[1]` say nothing, and bare punctuation neither."""
    return any(letter.isalnum() for letter in _MARKS.sub("", text))


def names_something_new(text: str, known: Iterable[str]) -> bool:
    """Whether it names a number, a date or a name that none of the known texts names."""
    together, language = "\n".join(known), language_of(text)
    given, there = read(together, language), named(together)
    told = [each for each in read(text, language) if not each.again]
    if any(not any(each.is_borne_by(other) for other in given) for each in told):
        return True
    return any(name not in there for name in names(text, language, together))


def is_verbatim(statement: str, cited: Iterable[Cited]) -> bool:
    """Whether it stands there as it is, but for white space and marks at its ends.

    Neither a condition may be cut off, nor a part of a number (`1,000` of `1,000,000`), its sign or its unit.
    """
    said = _squeezed(statement)
    for there in (_squeezed(each.text) for each in cited):
        if said and said == there:
            return True
        part = re.search(rf"(?<!\w){re.escape(said)}(?!\w)", there)
        is_cut_number = said[:1].isdigit() or said[-1:].isdigit()
        if part and not is_cut_number and len(said) >= (2 * _LEAST_VERBATIM if part.start() else _LEAST_VERBATIM):
            before = re.split(r"[.!?;]\s", there[: part.start()])[-1]
            behind = re.split(r"[.!?;](?:\s|$)", there[part.end() :])[0]
            if not (_CONDITION.search(before) or _CONDITION.search(behind)):
                return True
    return False


def _squeezed(text: str) -> str:
    bare = " ".join(re.sub(r"[*_`#|>]+", " ", text).split()).strip(" .,;:!•\"'“”").rstrip("-– ")
    return re.sub(r"^[-–]+(?!\d)\s*", "", bare).casefold()  # before a digit it is a sign


def number(pair: Compared) -> str:
    """A number, date or time that stands neither there nor, as what is spoken of, in the title or the question."""
    given = (*read(pair.about, pair.language), *read(pair.question, pair.spoken))
    named = [each for each in pair.found if any(mine.is_borne_by(each) for mine in pair.numbers)]
    years = years_of((*pair.found, *given, *read(pair.before, pair.language)))
    for each in (*pair.numbers, *_periods(pair.said if _periods(pair.found) else ())):
        is_one = each.plain == {1.0} and not each.dimension
        is_any_day = each.counts == "every" and not any(other.kind == "weekday" for other in pair.found)
        if is_one or is_any_day or any(each.is_borne_by(other, years) for other in pair.found):
            continue
        if any(each.is_borne_by(other, years) for other in given) and not _has_rival(each, pair):
            continue
        if not (
            _is_written(each, pair.there)
            or _is_scaled(each, pair)
            or _is_borne_in_the_unit_before(each, pair)
            or _is_listed(each, pair)
            or is_reckoned(each, pair.found, given, statement=pair.statement)
            or is_reckoned(each, named, (), statement=pair.statement)
        ):
            return f"number: {each.written.strip()}"
    for each in _lone_lengths(pair):
        if not any(each.is_borne_by(other) for other in pair.found):
            return f"number: {each.written.strip()}"
    return ""


def _is_borne_in_the_unit_before(quantity: Quantity, pair: Compared) -> bool:
    """Whether it is borne in the unit of the number before it: `every two minutes instead of every five`."""
    before = [each for each in pair.numbers if each.dimension and each.place < quantity.place]
    if quantity.kind != "number" or quantity.dimension or quantity.counts or not before:
        return False
    values = frozenset(value * before[-1].factor for value in quantity.plain)
    measured = replace(quantity, values=values, dimension=before[-1].dimension, factor=before[-1].factor)
    return any(map(measured.is_borne_by, pair.found))


def _lone_lengths(pair: Compared) -> list[Quantity]:
    """How long something is, said without a number (`for a week`), where the source says how long anything is."""
    if not any(each.dimension == "seconds" for each in pair.found):
        return []
    lengths = (each for each in pair.said if each.again and each.dimension == "seconds")
    return [each for each in lengths if _FOR.search(pair.statement[: each.place])]


def _periods(quantities: Iterable[Quantity]) -> list[Quantity]:
    """How often something is, each once: not by a word like `weekly` alone, that may be said of anything."""
    found = [each for each in quantities if each.dimension == "period" and " " in each.written]
    return [each for each in found if not any(other.holds(each) for other in found if other is not each)]


def _has_rival(quantity: Quantity, pair: Compared) -> bool:
    """Whether the source has others of its kind, and the statement none of these."""
    rivals = [other for other in pair.found if other.is_like(quantity)]
    return bool(rivals) and not any(mine.is_borne_by(other) for mine in pair.said for other in rivals)


def _is_written(quantity: Quantity, text: str) -> bool:
    """What is read as a number may be a name: `PEP 8`, `M10`."""
    if quantity.kind != "number" or quantity.dimension:
        return False
    return re.search(rf"(?<![\w.,]){re.escape(quantity.written.strip())}(?![\w]|[.,]\d)", text) is not None


def _is_listed(quantity: Quantity, pair: Compared) -> bool:
    """Whether it counts what is listed behind a colon (`Two tools: A and B`), or the rows and items that are cited."""
    if quantity.kind != "number" or quantity.dimension or quantity.values.isdisjoint(range(2, _MOST_LISTED + 1)):
        return False
    are_items = quantity.counts and all(_LABEL.match(each.text) or each.is_row for each in pair.cited)
    if are_items and quantity.plain == {float(len(pair.cited))}:
        return True
    _, _, listed = pair.statement[quantity.place :].partition(":")
    items = [item for item in _LISTING.split(listed) if says_words(item)]
    if not all(any(part in lower(pair.there) for part in lower(item)) for item in items):
        return False
    quoted, called = _QUOTED.findall(listed), names(listed, pair.spoken)
    return any(quantity.plain == {float(len(those))} for those in (items, quoted, called))


def _is_scaled(quantity: Quantity, pair: Compared) -> bool:
    """Whether a row has the number in thousands, millions or billions, and what stands around it says so."""
    around = "\n".join(
        part for each in pair.cited if "|" in each.text for part in (*each.about, each.before, each.after)
    )
    around += "\n".join(scale for each in pair.cited for scale in _SCALE.findall(each.text))
    said = lower(re.sub(r"\b000s?\b", "thousands", around))
    scales = [scale for scale, names in MAGNITUDES.items() if not said.isdisjoint(names.split())]
    there = [value for other in pair.found if other.dimension in _MAY_BE_SCALED for value in other.plain]
    return any(
        abs(mine - scale * other) < 1e-6 * mine for mine in quantity.plain for scale in scales for other in there
    )


def unit(pair: Compared) -> str:
    """A unit where a row, its table's head or a rate (`40 chunks a second`) has another one of the same kind."""
    heads = "\n".join(each.head for each in pair.cited)
    lone = lone_units(f"{pair.there}\n{in_digits(heads, pair.language)}")

    def is_other(dimension: str, factor: float) -> bool:
        factors = {other for name, other in lone if name == dimension and (other > _A_MONTH) == (factor > _A_MONTH)}
        return bool(dimension and factors) and factor not in factors

    for each in pair.numbers:
        bearing = [other for other in pair.found if each.is_borne_by(other)]
        is_bare = bearing and all(not other.dimension for other in bearing)
        if is_bare and is_other(each.dimension, each.factor):
            return f"unit: {each.written.strip()}"
    rates = lone_units(pair.statement)
    return next((f"unit: {dimension}" for dimension, factor in sorted(rates) if is_other(dimension, factor)), "")


def name(pair: Compared) -> str:
    """A name that stands neither there nor, as what is spoken of, in title, question or before a pronoun.

    One that the question alone has is not what is spoken of where the source names others, and these are left out.
    """
    points_back = not _POINTS_BACK.isdisjoint(re.findall(r"[^\W\d_]+", pair.there.casefold())[:12])
    known = named(f"{pair.there}\n{pair.about}\n{pair.before if points_back else ''}")
    asked, mine = named(pair.question), named(f"{pair.statement}\n{pair.question}")
    said = names(pair.statement, pair.spoken, f"{pair.there}\n{pair.question}\n{pair.about}")
    missing = [name for name in said if name not in known and not _is_word(name, pair)]
    may_have_rival = not (pair.is_foreign or points_back)
    has_rival = may_have_rival and any(name not in mine for name in names(pair.there, pair.language))
    if not has_rival:
        missing = [name for name in missing if name not in asked]
    if pair.is_foreign:  # names have other forms there: one that fits, or a number, will do
        fits = len(missing) < len(said) or any(each.kind != "weekday" for each in pair.numbers)
        missing = [name for name in missing if not fits or "@" in name or any(map(str.isdigit, name))]
    return f"name: {missing[0]}" if missing else ""


def _is_word(name: str, pair: Compared) -> bool:
    """Whether it has its capital from where it stands, and is a word of the source in another form."""
    starts = re.search(rf"(?:^|[.!?:]\s+){re.escape(name)}\b", pair.statement)
    return (
        starts is not None
        and name.istitle()
        and name.isalpha()
        and stand(terms(name, pair.language), pair.stems, pair.language)
    )


def row(pair: Compared) -> str:
    """A row, or an item like `Adults: £12`, where the statement or the question names the label of another one."""
    said = frozenset(terms(f"{pair.statement}\n{pair.question}", pair.language))
    for each in pair.cited:
        own = _label(each.text, pair.language)
        if not own or own <= said:
            continue
        around = f"{each.before}\n{each.after}".splitlines()
        rivals = [label for line in around if (label := _label(line, pair.language))]
        if any(label <= said for label in rivals):
            return f"row: {each.text.strip()}"
    return ""


def _label(line: str, language: str) -> frozenset[str]:
    """What the words of a row's or an item's label are found by; nothing where it has none."""
    found = _LABEL.match(line)
    return frozenset(terms(found["cell"] or found["item"], language)) if found else frozenset()


def unknown(pair: Compared) -> str:
    """Words that come from nowhere: all of them, most of them, or all of a clause."""
    if not pair.words:
        return ""
    shares_number = any(each.is_borne_by(other) for each in pair.said for other in pair.found)
    shares_name = any(name in named(pair.there) for name in names(pair.statement, pair.spoken))
    shares = shares_number or shares_name
    strange = [word.written for word in pair.words if not pair.is_given(word)]
    if not (shares or any(stand(word.stems, pair.stems, pair.language) for word in pair.words)):
        return "nothing shared"
    if not shares and len(strange) > max(2, _MOST_UNKNOWN * len(pair.words)):
        return f"unknown: {' '.join(strange)}"
    for clause in dict.fromkeys(clauses(pair.statement)):
        said = words(clause, pair.spoken)
        known = sum(map(pair.is_given, said))
        is_detail = _RELATIVE.match(clause) and len(said) > 2 and known <= len(said) / 4
        is_other_word = re.match(r"\W*(?:or|oder|ou|o)\b", clause)  # a synonym: `or rolled back`
        if len(said) >= 2 and not (is_other_word or read(clause, pair.spoken) or (known and not is_detail)):
            return f"invented: {clause.strip()}"
    return ""

"""Does the cited text bear a statement out, as far as numbers, names and words can tell?

No model reads here. What is compared: numbers, amounts, dates and times (`agent.quantities`), names and identifiers,
the words by their stems, whether both deny, whether both go the same way (rose, fell; at least, at most), and whether
a number stands with the words that it stands with in the source. Titles, headings and a table's head may say what is
spoken of, never what is said of it. What is said in another language than the source is held to numbers and names.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from typing import Final

from agent.quantities import Quantity, in_digits, is_unit, lone_units, numbers_of, read
from retrieval.analyze import terms
from retrieval.stop_words import stop_words


@dataclass(frozen=True, slots=True)
class Cited:
    """A quote, and what stands around it.

    `about` is its title, its headings and the head of its table; `before` and `after` are the rest of its passage.
    """

    text: str
    about: tuple[str, ...] = ()
    before: str = ""
    after: str = ""

    @property
    def says_something(self) -> bool:
        """Not where it is a heading, a table's head or a question alone."""
        text = self.text.strip()
        lines = text.splitlines()
        is_heading = re.match(r"#{1,6}\s", text) and len(lines) == 1
        underline = lines[-1] if len(lines) > 1 else (self.after.lstrip(" \t").lstrip("\n").splitlines() or [""])[0]
        is_underlined = len(lines) <= 2 and re.fullmatch(r"\s*([=\-~^\"'#*+`:.])\1{2,}\s*", underline) is not None
        is_title = text.strip("#* \t:").casefold() in {part.strip("#* \t:").casefold() for part in self.about if part}
        is_head = text.startswith("|") and _RULE.match(lines[1] if len(lines) == 2 else self.after.lstrip())
        is_rule = re.fullmatch(r"[\s|:=+\-]*", text) is not None
        is_question = re.search(r"[?？]\W*$", text) and not re.search(r"[.!。][\"”’)]*\s", text)
        return not (
            is_heading or (is_underlined and not text.startswith("|")) or is_title or is_head or is_rule or is_question
        )


_RULE: Final = re.compile(r"\|?\s*:?-{2,}:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*(?:\n|$)")

# Words that say little by themselves, by language, beside the stop words of the index.
_LIGHT: Final = {
    "en": """has have had having do does did done can could may might must shall should would been being am were he she
        him his her hers its we us our ours you your yours i my me mine who whom whose which what when where why how
        here than so very also too just some many much another own same such per via from out again further once after
        before during between within without through across onto upon off yes one ones thing things way case cases
        become becomes became get gets got getting make makes made give gives given take takes taken use used uses need
        needs needed say says said them those let lets there it's about well still yet however therefore thus hence
        mean means called call named name amount amounts total number numbers because since while whereas although
        though unless until due more most less least next instead each average cost costs price priced last lasts
        member members person persons people second seconds minute minutes hour hours day days week weeks month months
        year years long old high wide deep tall large big""",
    "de": """wird werden wurde worden kann können soll sollen muss müssen darf dürfen mag habe haben hatte sei wäre
        welche welcher welches wer wann warum wieviel viele viel jede jeder jedes man sowie bereits dabei dazu damit
        dafür daran darauf dort hier sehr etwa rund ca ja nein beträgt betragen gibt es wegen weil obwohl während""",
    "fr": """peut peuvent doit doivent faut fait faire avoir être sera seront très aussi ainsi alors donc oui non il y
        cela ça lors quand comment combien entre environ""",
    "es": """puede pueden debe deben hay hace hacer haber ser estar será serán muy también así entonces sí cuándo cómo
        cuánto dónde unos unas aproximadamente""",
}
_NEGATING: Final = {
    "en": """not no never none neither nor without cannot nobody nothing nowhere isn't aren't wasn't weren't don't
        doesn't didn't can't couldn't won't wouldn't shouldn't mustn't hasn't haven't hadn't forbidden prohibited banned
        excluded excludes lacks lacking unable impossible failed fails fail""",
    "de": """nicht kein keine keinen keinem keiner keines nie niemals niemand nichts ohne weder verboten untersagt
        ausgeschlossen unzulässig""",
    "fr": "ne n pas jamais aucun aucune sans interdit interdite interdits interdites ni",
    "es": "no nunca ningún ninguna ninguno sin prohibido prohibida jamás tampoco ni",
    "it": "non nessun nessuno nessuna mai senza vietato vietata",
    "nl": "niet geen nooit niemand niets zonder verboden",
    "pt": "não nunca nenhum nenhuma sem proibido proibida jamais",
}
_EITHER_WAY: Final = frozenset(
    [
        "other",
        "others",
        "otherwise",
        "else",
        "instead",
        "except",
        "unless",
        "andere",
        "anderen",
        "sonst",
        "autre",
        "autres",
        "otro",
        "otros",
    ]
)
# Of two words in one line that stand on either side of the bar, one contradicts the other.
_OPPOSED: Final = """
    rise rises rose risen rising increase increases increased increasing grow grows grew grown growing growth gain
    gained climbed up higher jumped expanded steigt stieg steigen gestiegen erhöht wuchs gewachsen zugenommen höher
    augmenté augmente augmentation hausse subió subido aumentó aumentado aumento
    | fall falls fell fallen falling decrease decreases decreased decreasing decline declines declined declining drop
    drops dropped reduce reduces reduced reduction shrank shrunk down lower sinkt sank sinken gesunken gefallen fiel
    abgenommen verringert niedriger baissé baisse diminué bajó bajado disminuyó descenso
    slow slower langsam lent lento | fast faster quick quicker schnell rapide rápido
    first erste ersten premier primero | last letzte letzten dernier último
    before vor vorher avant antes | after nach nachher après después
    inside indoors | outside outdoors
    north northern norden nördlich nord norte | south southern süden südlich sud sur
    east eastern osten est este | west western westen ouest oeste
    left links gauche izquierda | right rechts droite derecha
    full | part partial
    minimum mindestens minimal | maximum höchstens maximal
    succeed succeeded succeeds success successful passed | fail failed fails failure unsuccessful
    keep keeps kept retained retains | drop drops dropped deleted deletes discards discarded removed
    accept accepts accepted | reject rejects rejected refuse refuses refused
    enable enables enabled | disable disables disabled
    internal | external
    male men | female women
    better besser mieux mejor | worse schlechter pire peor
    more mehr | less fewer weniger
    longer länger | shorter kürzer
    larger bigger greater größer | smaller kleiner
    newest latest neueste | oldest earliest älteste
    public öffentlich | private privat
    mandatory required compulsory obligatory verpflichtend vorgeschrieben | optional voluntary freiwillig
    early earlier früh früher | late later spät später
    sell sells sold verkauft | buy buys bought kauft gekauft
    win wins won | lose loses lost
    cheap cheaper | expensive dearer
    free kostenlos gratis | charged paid kostenpflichtig
    hot warm | cold
"""
_ALL: Final = {
    "en": "all every always any everyone everybody everything ever entire entirely completely guaranteed unlimited",
    "de": "alle allen aller alles jede jeder jedes jeden jedem immer stets sämtliche ausnahmslos",
    "fr": "tous toutes toujours chaque tout",
    "es": "todos todas siempre cada todo",
}
_ALL_BORNE: Final = frozenset(  # what bears such a word out
    """all every always any each everyone everybody everything entire whole both ever never none no per a an daily
    weekly monthly nightly yearly annual annually hourly alle allen aller alles jede jeder jedes jeden jedem immer stets
    sämtliche täglich jährlich monatlich tous toutes toujours chaque tout todos todas siempre cada todo""".split()  # noqa: SIM905
)
_OVER: Final = (
    r"above|over|more than|exceed(?:s|ing)?|at least|no(?:t)? (?:less|fewer) than|a? ?minimum(?: of)?|mindestens|mehr als|"
    r"über|au moins|plus de|al menos|más de|(?:no |not )?(?!few|low|slow|short|small|long)\w{2,}er than"
)
_UNDER: Final = (
    r"below|under|less than|fewer than|up to|at most|a? ?maximum(?: of)?|within|höchstens|maximal|bis zu|unter|weniger als|"
    r"au plus|moins de|jusqu'à|como máximo|menos de|hasta|(?:lower|slower|shorter|smaller) than"
)
_NO_MORE: Final = re.compile(r"\b(?:no|not|never|nicht|pas|no)\s+(?:more|greater|higher|larger|longer|later|faster|older|mehr|länger|schneller|plus|más)\s+(?:than|als|de|que)\b", re.IGNORECASE)  # fmt: skip # noqa: E501
_NO_LESS: Final = re.compile(
    r"\b(?:no|not|nicht)\s+(?:less|fewer|lower|shorter|earlier|younger|weniger)\s+(?:than|als)\b", re.IGNORECASE
)
_WORD: Final = re.compile(r"[^\W_](?:[\w]|[-'’./@:&+](?=\w))*")
_CLAUSE: Final = re.compile(
    r"[;:!?()|\n—–]|\.(?=\s|$)|,(?=\s)|\b(?:but|while|whereas|although|though|because|since|thanks to|due to|owing to|and|or"
    r"|aber|während|obwohl|weil|und|oder|sondern|mais|tandis que|parce que|et|ou|pero|mientras|porque|y|o)\b",
    re.IGNORECASE,
)
_ANSWER_WORD: Final = re.compile(r"^\W*(?:no|nein|non|nee|yes|ja|oui|sí|si|sim)\s*[,.:;!—–-]+\s*", re.IGNORECASE)
_NOT_ONLY: Final = re.compile(
    r"\b(?:than (?:none|nothing|never)|yes or no|ja oder nein|oui ou non|not only|nicht nur|non seulement|no sólo|whether or not)\b",
    re.IGNORECASE,
)
_POINTS_BACK: Final = frozenset(
    """he she it they him her them his its their this these those that such er sie es dies diese dieser dieses ihn ihm
    ihr il elle ils elles ce cette ces lui él ella ellos ellas este esta estos estas su sus""".split()  # noqa: SIM905
)
_VERB_BEFORE: Final = frozenset(
    """is are was were be been being am has have had having do does did can could may might must shall should will would
    to not never also he she it they we you i who which that and or wird werden wurde wurden ist sind war waren hat
    haben kann können muss müssen darf zu est sont a ont sera peut doit es son fue fueron ha han puede se""".split()  # noqa: SIM905
)
_MARKS: Final = re.compile(
    r"[\[(【]\s*(?:\d{1,3}(?:\.\d{1,3})?|unverified)(?:\s*[,;–-]\s*\d{1,3}(?:\.\d{1,3})?)*\s*[\])】]"
)
_FOR_EVER: Final = re.compile(r"\bfor\s?ever\b|\bindefinitely\b", re.IGNORECASE)
_VERBS: Final = frozenset(
    """is are was were be been has have had do does did can could may might must shall should will would need needs require
    requires allow allows work works ist sind war waren wird werden wurde hat haben kann muss darf est sont peut doit es
    son fue puede debe""".split()  # noqa: SIM905
)
_LEAST_VERBATIM: Final = 12  # letters
_VOTED: Final = ("en", "de", "fr", "es", "it", "nl", "pt", "sv", "da", "no", "ru")


@dataclass(frozen=True, slots=True)
class _Word:
    written: str
    stems: frozenset[str]
    place: int
    behind: str  # the word before it, in lower case


def bears_out(statement: str, cited: Sequence[Cited], question: str = "") -> str:
    """Why the cited text does not bear the statement out, in a word or two; empty where it does.

    Every statement without a letter or digit, and every one whose citations are headings, heads of tables or questions
    alone, is not borne out.
    """
    if not says_words(statement):
        return "no words"
    statement = _MARKS.sub(" ", statement)
    telling = [each for each in cited if each.says_something]
    if not telling:
        return "nothing is said there"
    if is_verbatim(statement, telling):
        return ""
    return _Comparison(statement, telling, question).fault()


def says_words(text: str) -> bool:
    """Whether anything is said at all: marks like `[1]` say nothing, and bare punctuation neither."""
    return any(letter.isalnum() for letter in _MARKS.sub("", text))


def names_something_new(text: str, known: Iterable[str]) -> bool:
    """Whether it names a number, a date or a name that none of the known texts names."""
    together = "\n".join(known)
    language = _language(text)
    given = read(together, language)
    if any(not any(each.is_borne_by(other) for other in given) for each in read(text, language)):
        return True
    flat, words = _flat(together), _known(together)
    return any(not _is_named(name, flat, words, together) for name in _names(text, language, together))


def is_verbatim(statement: str, cited: Iterable[Cited]) -> bool:
    """Whether it stands there as it is, but for white space and marks at its ends."""
    said = _squeezed(statement)
    for each in cited:
        there = _squeezed(each.text)
        if said and (
            said == there
            or (len(said) >= _LEAST_VERBATIM and there.startswith(said))
            or (f" {said} " in f" {there} " and len(said) >= 2 * _LEAST_VERBATIM)
        ):
            return True
    return False


def _squeezed(text: str) -> str:
    return " ".join(re.sub(r"[*_`#|>]+", " ", text).split()).strip(" .,;:!-–•\"'“”").casefold()


class _Comparison:
    """One statement beside what it cites."""

    def __init__(self, statement: str, cited: Sequence[Cited], question: str) -> None:
        self.statement = _plain(statement)
        self.cited = cited
        self.there = "\n".join(_plain(each.text) for each in cited)
        self.around = "\n".join(f"{each.before}\n{each.text}\n{each.after}" for each in cited)
        self.about = "\n".join(part for each in cited for part in (*each.about, _head(each)))
        self.before = "\n".join(_before(each) for each in cited)
        self.question = question
        self.language = _language(self.around)
        self.spoken = _language(f"{self.statement}\n{question}", fallback=self.language)
        self.is_foreign = _is_written_otherwise(self.statement, self.around) or (
            self.spoken != self.language and _clearly(self.statement, question, self.spoken, self.language)
        )
        if not self.is_foreign:
            self.spoken = self.language
        self.words = _words(self.statement, self.spoken)
        self.stems = _stems(self.there, self.language)
        self.given = _stems(self.about, self.language) | _stems(self.before, self.language)
        self.asked = _stems(question, self.spoken)
        self.said = read(self.statement, self.spoken)
        self.found = read(self.there, self.language)

    def fault(self) -> str:
        checks = [self.numbers, self.names]
        if not self.is_foreign:
            checks += [self.nothing_shared, self.beside, self.polarity, self.opposed, self.bounds, self.every]
            checks += [self.row, self.invented, self.replaced]
        return next((fault for check in checks if (fault := check())), "")

    # -- numbers

    def numbers(self) -> str:
        years = numbers_of(
            (
                *self.found,
                *read(self.about, self.language),
                *read(self.before, self.language),
                *read(self.question, self.spoken),
            )
        )
        given = (*read(self.about, self.language), *read(self.question, self.spoken))
        lone = lone_units(in_digits(f"{self.there}\n" + "\n".join(_head(each) for each in self.cited), self.language))
        for each in self.said:
            bearing = [other for other in self.found if each.is_borne_by(other, years)]
            if (
                bearing
                and all(not other.dimension for other in bearing)
                and _is_other_unit(each.dimension, each.factor, lone)
            ):
                return f"unit: {each.written.strip()}"
            if bearing:
                continue
            if any(each.is_borne_by(other, years) for other in given) and not self._has_rival(each):
                continue
            if _written_there(each, self.there):
                continue
            return f"number: {each.written.strip()}"
        rates = [unit for unit in lone_units(in_digits(self.statement, self.spoken)) if _is_other_unit(*unit, lone)]
        return f"unit: {rates[0][0]}" if rates else ""

    def _has_rival(self, quantity: Quantity) -> bool:
        """Whether the source has another one in its place, of which the statement says nothing."""
        return any(
            other.is_like(quantity)
            and not any(other.is_borne_by(mine) or mine.is_borne_by(other) for mine in self.said)
            for other in self.found
        )

    def beside(self) -> str:
        """A number must stand with the words that it stands with in the source, where there are several."""
        groups = _numbered_groups(self.there, self.language)
        keys = [_keys(text, self.language) for text, _, _ in groups]
        for text, mine, words in _numbered_groups(self.statement, self.spoken):
            said, named = _of(words), _keys(text, self.spoken)
            for each in mine:
                own = [place for place, (_, numbers, _) in enumerate(groups) if any(map(each.is_borne_by, numbers))]
                if len(own) != 1 or each.kind == "weekday":
                    continue
                (place,) = own
                elsewhere = frozenset().union(*(those for other, those in enumerate(keys) if other != place))
                if named and keys[place] and not named & keys[place] and named <= elsewhere:
                    return f"beside: {each.written}"
                here = _of(groups[place][2])
                earlier = frozenset(s for _, _, those in groups[:place] for s in _of(those[1:])) - here
                later = frozenset(s for _, _, those in groups[place + 1 :] for s in _of(those)) - here
                later -= frozenset().union(*keys)
                only = here - frozenset(
                    s for other, (_, _, those) in enumerate(groups) if other != place for s in _of(those)
                )
                subjects = frozenset(s for _, _, those in groups[:place] for s in _of(those))
                if each.kind != "date" and said & (later - subjects):
                    return f"beside: {each.written}"
                if only and not said & only and said & earlier:
                    return f"beside: {each.written}"
        counted: dict[str, list[Quantity]] = {}
        for other in self.found:
            if other.counts:
                counted.setdefault(_stem(other.counts, self.language), []).append(other)
        for each in self.said:
            stem = _stem(each.counts, self.spoken) if each.counts else ""
            if stem in counted and not any(each.is_borne_by(other) for other in counted[stem]):
                return f"beside: {each.written} {each.counts}"
        return ""

    # -- names

    def names(self) -> str:
        names = _names(self.statement, self.spoken, f"{self.there}\n{self.question}\n{self.about}")
        there, around = _flat(self.there), _flat(f"{self.about}\n{self.question}")
        points_back = any(word in _POINTS_BACK for word in re.findall(r"[^\W\d_]+", self.there.casefold())[:12])
        if points_back:
            around += _flat(self.before)
        known = _known(self.there), _known(f"{self.about}\n{self.question}\n{self.before if points_back else ''}")
        missing = [
            name
            for name in names
            if not _is_named(name, there, known[0], self.there) and not _is_named(name, around, known[1], self.about)
        ]
        if self.is_foreign:
            fits = len(missing) < len(names) or any(each.kind != "weekday" for each in self.said)
            identifiers = [name for name in missing if any(letter.isdigit() for letter in name) or "@" in name]
            return f"name: {identifiers[0]}" if identifiers else "" if fits or not missing else f"name: {missing[0]}"
        return f"name: {missing[0]}" if missing else ""

    # -- words

    def nothing_shared(self) -> str:
        if not self.words:
            return ""
        own = [word for word in self.words if self._stands(word, self.stems)]
        unknown = [word for word in self.words if not self._is_given(word)]
        shares_number = any(any(each.is_borne_by(other) for other in self.found) for each in self.said)
        shares_name = any(
            name
            for name in _names(self.statement, self.spoken, "")
            if _is_named(name, _flat(self.there), _known(self.there), self.there)
        )
        if not own and not shares_number and not shares_name:
            return "nothing shared"
        if len(unknown) > max(1, _MOST_UNKNOWN * len(self.words)) and not (shares_number and len(unknown) < 2):
            return f"unknown: {' '.join(word.written for word in unknown)}"
        return ""

    def _stands(self, word: _Word, stems: frozenset[str]) -> bool:
        return (
            bool(word.stems & stems)
            or bool(_ways(word.stems) & _ways(stems))
            or any(_akin(mine, other, self.language) for mine in word.stems for other in stems)
        )

    def _is_given(self, word: _Word) -> bool:
        return self._stands(word, self.stems) or self._stands(word, self.given) or self._stands(word, self.asked)

    def invented(self) -> str:
        """A clause of which not one word comes from anywhere."""
        for clause in _clauses(self.statement, cause=True):
            words = _words(clause, self.spoken)
            if len(words) >= 2 and not read(clause, self.spoken) and not any(self._is_given(word) for word in words):
                return f"invented: {clause.strip()}"
        return ""

    def row(self) -> str:
        """A row speaks of what its first cell names, not of what was asked for beside it."""
        if not all(each.text.lstrip().startswith("|") for each in self.cited):
            return ""
        labels = "\n".join(each.text.strip().strip("|").partition("|")[0] for each in self.cited)
        time = re.findall(r"(?<![\d.,] )(?<![\d.,]-)\b(?:day|week|month|year|hour)\b", self.statement.casefold())
        strange = [
            word.written
            for word in self.words
            if not self._stands(word, self.stems | self.given) and not word.written.casefold().endswith(("ing", "ed"))
        ]
        strange += [word for word in time if word not in self.there.casefold()]
        left = [
            word
            for word in _words(labels, self.language)
            if not is_unit(word.written)
            and not any(word.stems & other.stems for other in self.words)
            and not self._stands(word, self.asked)
        ]
        return f"row: {strange[0]}" if strange and left else ""

    def replaced(self) -> str:
        """A word in the place of another one, in a sentence that is the source's otherwise."""
        source = _sequence(self.there, self.language)
        said = _sequence(self.statement, self.spoken)
        mine, theirs = [key for key, _, _ in said], [key for key, _, _ in source]
        matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
        if sum(block.size for block in matcher.get_matching_blocks()) < _VERBATIM * len(mine):
            return ""
        held = self.stems | self.given
        for tag, i1, i2, j1, j2 in matcher.get_opcodes():
            if tag != "replace" or i2 - i1 > 2:
                continue
            unused = [
                word
                for _, word, _ in source[j1:j2]
                if word is not None and not any(word.stems & other.stems for other in self.words)
            ]
            for _, word, is_noun in said[i1:i2]:
                if word is not None and is_noun and unused and not self._stands(word, held):
                    return f"replaced: {word.written}"
        return ""

    # -- which way

    def polarity(self) -> str:
        if len(self.words) < 3 and not _VERBS & set(re.findall(r"[^\W\d_]+", self.statement.casefold())):
            return ""  # `Penicillin.` may be what was asked for
        theirs = _statements(_neutral(self.there))
        for clause in _statements(_ANSWER_WORD.sub("", _neutral(self.statement))):
            mine = _Said(clause, self.spoken)
            if not mine.stems or mine.denies is None:
                continue
            sources = [_Said(other, self.language) for other in theirs]
            shared = [mine.shared(other) for other in sources]
            best = max(map(len, shared), default=0)
            if any(other.denies is None and len(common) > 1 for other, common in zip(sources, shared, strict=True)):
                continue
            is_near = best >= max(1, 0.5 * len(mine.stems)) and (best > 1 or len(mine.stems) < 3)
            differs = [] if is_near else [False]
            for other, common in zip(sources, shared, strict=True):
                if len(common) < best or not common or not is_near:
                    continue
                sign = other.denies_of(common)
                differs.append(None not in (sign, mine.denies) and sign != mine.denies_of(common))
                rest = [one for one in sources if one is not other]
                only = {word for word in common if not any(word in mine.shared(one) for one in rest)}
                if sign and mine.denies is False and len(sources) > 1 and other.denies_of(only):
                    return f"negation: {clause.strip()}"
            if all(differs):
                return f"negation: {clause.strip()}"
            for one, other, source in ((a, b, each) for each in sources for a, b in ((mine, each), (each, mine))):
                if one.denies is None or other.denies is None or len(mine.shared(source)) < 2:
                    continue
                free = {word for word in one.denied() & set(other.stems) if not other.is_near_denial(word)}
                if free and not any(free & set(third.stems) for third in sources if third is not source):
                    return f"negation: {clause.strip()}"
        stripped = [word for word in self.words if not self._stands_whole(word)]
        for word in stripped:
            for prefix in ("un", "in", "non", "im", "dis"):
                if any(prefix + stem in self.stems for stem in word.stems if len(stem) > 3) and not _sign(
                    self.statement, self.spoken
                ):
                    return f"negation: {word.written}"
        return ""

    def _stands_whole(self, word: _Word) -> bool:
        return bool(word.stems & self.stems)

    def opposed(self) -> str:
        theirs = _clauses(self.there, least=2)
        everywhere = _sides(self.there)
        for clause in _clauses(self.statement, least=2):
            sides = _sides(clause)
            for pair, side in sides:
                if (pair, 1 - side) in everywhere - sides and (pair, side) not in everywhere:
                    if _sign(clause, self.spoken) is False and _sign(self.there, self.language) is not None:
                        return f"opposed: {clause.strip()}"
            if not sides:
                continue
            words, numbers = _words(clause, self.spoken), read(clause, self.spoken)

            def shared(other: str, words: list[_Word] = words, numbers: tuple[Quantity, ...] = numbers) -> float:
                stems, found = _stems(other, self.language), read(other, self.language)
                return sum(self._stands(word, stems) for word in words) + 0.9 * sum(
                    any(each.is_borne_by(one) for one in found) for each in numbers
                )

            ranked = [(shared(other), other) for other in theirs]
            best = max((count for count, _ in ranked), default=0)
            if not best:
                continue
            near = set().union(*(_sides(other) for count, other in ranked if count == best))
            for pair, side in sides:
                if (pair, 1 - side) in near and (pair, side) not in near and (pair, 1 - side) not in sides:
                    if _sign(clause, self.spoken) == _sign(
                        " ".join(other for count, other in ranked if count == best), self.language
                    ):
                        return f"opposed: {clause.strip()}"
        return ""

    def bounds(self) -> str:
        mine, theirs = _bounded(self.statement, self.spoken), _bounded(self.there, self.language)
        for quantity, bound in mine:
            others = {other_bound for other, other_bound in theirs if quantity.is_borne_by(other)}
            if bound and others == {-bound}:
                return f"bound: {quantity.written}"
        return ""

    def every(self) -> str:
        listed = frozenset(_ALL.get(self.spoken, "").split())
        mine = [word for word in re.findall(r"[^\W\d_]+", self.statement.casefold()) if word in listed]
        if _FOR_EVER.search(self.statement):
            return "" if _FOR_EVER.search(self.there) else "all: for ever"
        if not mine or "not all" in self.statement.casefold():
            return ""
        theirs = set(re.findall(r"[^\W\d_]+", self.there.casefold()))
        strict = _ALL_BORNE - {"a", "an", "per", "no", "none", "never"}
        return "" if theirs & strict else f"all: {mine[0]}"


class _Said:
    """What one clause says, and whether it denies it."""

    def __init__(self, text: str, language: str) -> None:
        self.language = language
        self.tokens = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", in_digits(text, language).casefold().replace("’", "'"))
        silent = stop_words(language) | _negating(language) | _AUXILIARY
        self.at = [frozenset() if token in silent else frozenset(terms(token, language)) for token in self.tokens]
        self.stems = {min(stems): stems for stems in self.at if stems and not min(stems).isnumeric()}
        self.denies = _sign(text, language)
        self.places = [place for place, token in enumerate(self.tokens) if _denies(token, language)]

    def shared(self, other: _Said) -> set[str]:
        """Of its words those that the other has too, each by one stem."""
        theirs = frozenset().union(*other.stems.values()) if other.stems else frozenset()
        return {
            key
            for key, stems in self.stems.items()
            if stems & theirs or any(_akin(a, b, self.language) for a in stems for b in theirs)
        }

    def denies_of(self, stems: set[str]) -> bool | None:
        """Whether it denies something of these words: a denial holds for what stands near it."""
        if self.denies is None:
            return None
        near = [self.at[at] for place in self.places for at in self._reach(place)]
        return any(
            stem == mine or _akin(stem, mine, self.language) for these in near for mine in these for stem in stems
        )

    def _reach(self, place: int, wide: int = 0) -> list[int]:
        """Where what is denied stands: behind a `no`, on either side of a `not`, before a `forbidden`."""
        behind = [at for at in range(place + 1, min(len(self.at), place + 7)) if self.at[at]]
        if self.tokens[place] in _BEHIND:
            return behind[: 1 + wide]
        before = [at for at in range(place - 1, max(-1, place - 7), -1) if self.at[at]]
        return before[: (4 if self._is_participle(place) else 1) + wide] + behind[: 2 + wide]

    def _is_participle(self, place: int) -> bool:
        return self.tokens[place] in _AHEAD

    def denied(self) -> set[str]:
        """The words right behind a denial."""
        places = [place for place in self.places if not self._is_participle(place)]
        at = (at for place in places for at in range(place + 1, min(len(self.at), place + 3)))
        return {min(self.at[one]) for one in at if self.at[one]}

    def is_near_denial(self, stem: str) -> bool:
        near = {at for place in self.places for at in self._reach(place, wide=2)}
        return any(stem in self.at[at] for at in near)


_AHEAD: Final = frozenset(
    """forbidden prohibited banned excluded impossible failed fails fail verboten untersagt ausgeschlossen unzulässig
    interdit interdite interdits interdites prohibido prohibida vietato vietata""".split()  # noqa: SIM905
)
_BEHIND: Final = frozenset(
    """no none neither nor without nobody nothing nowhere kein keine keinen keinem keiner keines niemand nichts ohne weder
    aucun aucune sans ni ningún ninguna ninguno sin""".split()  # noqa: SIM905
)
_AUXILIARY: Final = frozenset(
    """has have had do does did can could may might must shall should would been being he she him his her its we us you
    i my our your because since although though unless until due wird werden wurde worden kann können soll muss darf a été peut doit""".split()  # noqa: SIM905
)


def _statements(text: str) -> list[str]:
    """Cut where another thing is said of another."""
    cut = re.split(
        r"[;!?()\n—–]|\.(?=\s|$)|\b(?:but|while|whereas|although|aber|während|sondern|mais|pero|mientras)\b", text
    )
    return [piece for piece in cut if piece.strip()]


def _denies(token: str, language: str) -> bool:
    return token in _negating(language) or token.endswith("n't")


_MOST_UNKNOWN: Final = 0.5
_VERBATIM: Final = 0.5


def _is_other_unit(dimension: str, factor: float, units: frozenset[tuple[str, float]]) -> bool:
    factors = {other for name, other in units if name == dimension}
    return bool(dimension and factors) and factor not in factors


def _plain(text: str) -> str:
    text = re.sub(r"\n(?!\s*(?:[-*•|#]|\d+[.)]|\n))", " ", text)
    return (
        re.sub(r"\[([^\]\n]*)\]\([^)\n]*\)", r"\1", unicodedata.normalize("NFC", text))
        .replace("*", "")
        .replace("’", "'")
    )


def _head(cited: Cited) -> str:
    """The head of the table that a row stands in."""
    if not cited.text.lstrip().startswith("|"):
        return ""
    rows = cited.before.splitlines()
    rule = next((place for place in range(len(rows) - 1, 0, -1) if _RULE.match(rows[place]) and "|" in rows[place]), 0)
    return rows[rule - 1] if rule else ""


def _before(cited: Cited) -> str:
    """What a row's own table does not say: the number of another row is not its own."""
    if cited.text.lstrip().startswith("|"):
        return "\n".join(line for line in cited.before.splitlines() if not line.lstrip().startswith("|"))
    return cited.before


@cache
def _silent(language: str) -> frozenset[str]:
    return stop_words(language) | frozenset(_LIGHT.get(language, "").split())


@cache
def _negating(language: str) -> frozenset[str]:
    return frozenset(_NEGATING.get(language, _NEGATING["en"]).split())


@cache
def _pairs() -> dict[str, frozenset[tuple[int, int]]]:
    found: dict[str, set[tuple[int, int]]] = {}
    lines: list[str] = []
    for line in _OPPOSED.strip().splitlines():
        if lines and (line.strip().startswith("|") or "|" not in line):
            # a pair may run over several lines: it is closed where the next one has both sides
            lines[-1] += (
                " " + line.strip()
                if line.strip().startswith("|") or lines[-1].count("|") == 0 or "|" not in line
                else ""
            )
        else:
            lines.append(line.strip())
    for pair, line in enumerate(lines):
        for side, words in enumerate(line.split("|")):
            for word in words.split():
                found.setdefault(word, set()).add((pair, side))
    return {word: frozenset(places) for word, places in found.items()}


@lru_cache(maxsize=2048)
def _ways(stems: frozenset[str]) -> frozenset[tuple[int, int]]:
    return frozenset().union(*(_pairs_by_stem().get(stem, frozenset()) for stem in stems))


@cache
def _pairs_by_stem() -> dict[str, frozenset[tuple[int, int]]]:
    return {stem: places for word, places in _pairs().items() for stem in terms(word, "en")}


def _sides(text: str) -> frozenset[tuple[int, int]]:
    pairs = _pairs()
    return frozenset(place for word in re.findall(r"[^\W\d_]+", text.casefold()) for place in pairs.get(word, ()))


def _language(text: str, fallback: str = "en") -> str:
    votes = _votes(text)
    best = max(votes, key=lambda language: (votes[language], language == fallback, language == "en"))
    return best if votes[best] else fallback


@lru_cache(maxsize=512)
def _votes(text: str) -> dict[str, int]:
    scripts = {"zh": r"[\u4e00-\u9fff]", "ja": r"[\u3040-\u30ff]", "ko": r"[\uac00-\ud7af]", "ar": r"[\u0600-\u06ff]", "he": r"[\u0590-\u05ff]", "el": r"[\u0370-\u03ff]", "hi": r"[\u0900-\u097f]", "th": r"[\u0e00-\u0e7f]"}  # fmt: skip # noqa: E501
    text = text.strip()
    text = text[:1].lower() + text[1:]
    words = re.findall(r"(?<![\w])[^\W\d_A-ZÀ-Þ][^\W\d_]*", text.replace("’", "'"))  # `Los Angeles` is no Spanish
    found = {
        language: sum(
            word in _silent(language) or (word in _negating(language) and language in _NEGATING) for word in words
        )
        for language in _VOTED
    }
    found["ru"] += len(re.findall(r"[\u0400-\u04ff]{3,}", text))
    for language, letters in scripts.items():
        found[language] = len(re.findall(letters, text))
    return found


def _is_written_otherwise(statement: str, around: str) -> bool:
    """Whether the two are in different scripts."""
    mine, theirs = _script(statement), _script(around)
    return "" not in (mine, theirs) and mine != theirs


@lru_cache(maxsize=512)
def _script(text: str) -> str:
    """The script of most of the letters; a letter that stands for a word or syllable counts for three."""
    counts = Counter(unicodedata.name(letter, "?").partition(" ")[0] for letter in text[:2000] if letter.isalpha())
    asian = {"CJK", "HIRAGANA", "KATAKANA"}
    counts["CJK"] = 3 * sum(counts.pop(name, 0) for name in asian)
    counts["HANGUL"] *= 2
    script, most = counts.most_common(1)[0]
    return script if most else ""


def _clearly(statement: str, question: str, spoken: str, language: str) -> bool:
    own, both = _votes(statement), _votes(f"{statement}\n{question}")
    return own[spoken] > own[language] or (own[spoken] == own[language] and both[spoken] > both[language] + 1)


@lru_cache(maxsize=1024)
def _words_of(text: str, language: str) -> tuple[_Word, ...]:
    """The words that say something, in their order; numbers, what they count in, and dates are none."""
    spoken = in_digits(text, language)
    found: list[_Word] = []
    before = ""
    quantities = frozenset(
        part for each in read(text, language) for part in re.findall(r"[^\W\d_]+", each.written.casefold())
    )
    left_out = _silent(language) | _negating(language) | frozenset(_ALL.get(language, "").split()) | quantities
    for match in _WORD.finditer(spoken):
        written = match[0]
        folded = written.casefold().removesuffix("'s").rstrip("'’")
        if folded not in left_out and not folded.isnumeric() and any(letter.isalpha() for letter in folded):
            stems = frozenset(terms(written, language))
            if stems and not (len(folded) == 1 and folded.isascii()) and not (written.isupper() and is_unit(folded)):
                found.append(_Word(written, stems, match.start(), before))
        before = folded
    return tuple(found)


def _words(text: str, language: str) -> list[_Word]:
    return list(_words_of(text, language))


def _of(words: Iterable[_Word]) -> frozenset[str]:
    return frozenset(stem for word in words for stem in word.stems)


def _stems(text: str, language: str) -> frozenset[str]:
    return _of(_words(text, language))


def _stem(word: str, language: str) -> str:
    return next(iter(terms(word, language)), word)


def _akin(mine: str, other: str, language: str) -> bool:
    """One word in two forms: a common beginning, or in some languages one word in another."""
    if mine == other:
        return True
    shorter, longer = sorted((mine, other), key=len)
    if len(shorter) < 4 or not (shorter.isalpha() and longer.isalpha()):
        return False
    same = next((place for place, (a, b) in enumerate(zip(mine, other, strict=False)) if a != b), len(shorter))
    if same >= max(4, 0.8 * len(shorter)) and len(longer) - same <= 5:
        return True
    return language in ("de", "nl", "sv", "da", "no", "fi") and len(shorter) >= 5 and shorter in longer


def _names(statement: str, language: str, elsewhere: str) -> list[str]:
    """Proper names, and what is no word: identifiers, addresses, abbreviations."""
    found: list[str] = []
    quantities = [each.written.strip() for each in read(statement, language)]
    rest = in_digits(statement, language)
    for written in sorted(quantities, key=len, reverse=True):
        rest = rest.replace(written, "\x00") if len(written) > 1 else rest
    found += [match[1] for match in re.finditer(r"`([^`\n]+)`", statement)]
    sentence_start = True
    previous_capital = False
    for match in re.finditer(r"[^\W_](?:[\w]|[-'./@:&+#](?=\w))*|[.!?:]+(?=\s)|\n\s*(?:[-*•]|\d+[.)])?", rest):
        token = match[0]
        if not token[0].isalnum():
            sentence_start = True
            previous_capital = False
            continue
        bare = token.removesuffix("'s")
        has_digit, has_letter = any(c.isdigit() for c in bare), any(c.isalpha() for c in bare)
        is_identifier = (
            (has_digit and has_letter and not re.fullmatch(r"\d+[^\W\d_]+", bare))
            or re.search(r"[@_/]|\w\.\w|[a-z][A-Z]", bare)
            or (len(bare) >= 2 and bare.isupper() and has_letter)
        )
        folded = bare.casefold()
        if is_identifier and has_letter:
            if folded not in _silent(language) and not is_unit(bare):
                found.append(bare)
        elif (
            has_letter
            and bare[0].isupper()
            and language != "de"
            and folded not in _silent(language)
            and folded not in _negating(language)
        ):
            parts = [part for part in re.split(r"[-']", bare) if part]
            follows = re.match(r"\s+(?:(?:of|de|von|van|the|der|la)\s+)?[A-Z]", rest[match.end() :])
            starts = sentence_start and not follows and not re.search(rf"(?<=[a-z,] ){re.escape(bare)}\b", elsewhere)
            if not starts:
                found += parts if len(parts) > 1 and all(part[0].isupper() for part in parts) else [bare]
        elif has_letter and bare[0].isupper() and previous_capital and folded not in _silent(language):
            found.append(bare)  # a German noun stands by itself, a name behind a noun or a first name
        previous_capital = (bare[0].isupper() and folded not in _silent(language)) or (
            previous_capital and folded in ("von", "van", "de", "zu")
        )
        sentence_start = False
    return [name for name in dict.fromkeys(found) if name.strip()]


def _flat(text: str) -> str:
    bare = "".join(c for c in unicodedata.normalize("NFD", text.casefold()) if not unicodedata.combining(c))
    bare = bare.replace("œ", "oe").replace("æ", "ae").replace("ø", "o").replace("ß", "ss")
    return "".join(c for c in bare if c.isalnum())


def _known(text: str) -> frozenset[str]:
    return frozenset(_flat(word) for word in re.findall(r"[^\W_]+", text))


def _is_named(name: str, flat: str, known: frozenset[str], text: str) -> bool:
    mine = _flat(name)
    if not mine:
        return True
    if any(letter.isdigit() for letter in mine) or not name.isalpha():
        return mine in flat
    if mine in known or mine + "s" in known or mine.removesuffix("s") in known:
        return True
    if len(mine) >= 5 and any(
        word[: max(4, len(mine) - 2)] == mine[: max(4, len(mine) - 2)] and abs(len(word) - len(mine)) <= 4
        for word in known
    ):
        return True
    if name.isupper() and len(name) <= 6:
        initials = "".join(word[0] for word in re.findall(r"[^\W\d_]+", text) if word[0].isupper()).casefold()
        lower = "".join(word[0] for word in re.findall(r"[^\W\d_]+", text)).casefold()
        return mine in initials or mine in lower or mine in flat
    return False


def _clauses(text: str, *, least: int = 0, cause: bool = False) -> list[str]:
    """The text cut where one thing is said after another; what has fewer words than `least` stays with its neighbour."""
    pieces: list[str] = []
    end = 0
    for match in _CLAUSE.finditer(text):
        pieces.append(text[end : match.start()])
        end = match.end() if not match[0].strip().isalpha() else match.start()
    pieces.append(text[end:])
    merged: list[str] = []
    for piece in pieces:
        if (
            merged
            and least
            and (
                len(re.findall(r"[^\W\d_]{3,}", piece)) < least or len(re.findall(r"[^\W\d_]{3,}", merged[-1])) < least
            )
        ):
            merged[-1] += " " + piece
        else:
            merged.append(piece)
    return [piece for piece in merged if piece.strip()]


def _numbered_groups(text: str, language: str) -> list[tuple[str, tuple[Quantity, ...], list[_Word]]]:
    """Clauses with their numbers; a clause without one belongs to the next, the last ones stand by themselves."""
    groups: list[tuple[str, tuple[Quantity, ...], list[_Word]]] = []
    waiting = ""
    for clause in _clauses(text):
        waiting = f"{waiting} {clause}".strip()
        numbers = read(waiting, language)
        if any(each.kind != "weekday" for each in numbers):
            groups.append((waiting, numbers, _words(waiting, language)))
            waiting = ""
    if waiting:
        groups.append((waiting, (), _words(waiting, language)))
    return groups


def _keys(text: str, language: str) -> frozenset[str]:
    """What tells one number's clause from another's: days of the week, and names."""
    days = (f"day {value:g}" for each in read(text, language) if each.kind == "weekday" for value in each.values)
    return frozenset((*days, *(_flat(name) for name in _names(text, language, "") if name.isalpha())))


def _neutral(text: str) -> str:
    """Without the denials that deny nothing."""
    return _NOT_ONLY.sub(" ", _NO_LESS.sub("at least", _NO_MORE.sub("at most", text)))


def _sign(text: str, language: str) -> bool | None:
    """Whether it denies; None where that cannot be told."""
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", text.casefold().replace("’", "'"))
    if any(word in _EITHER_WAY for word in words):
        return None
    negating = _negating(language)
    return any(
        word in negating or word.endswith("n't") or (language == "fr" and word.startswith("n'")) for word in words
    )


def _bounded(text: str, language: str) -> list[tuple[Quantity, int]]:
    found: list[tuple[Quantity, int]] = []
    rest = in_digits(_NO_LESS.sub("at least", _NO_MORE.sub("at most", text)), language)
    for each in read(_NO_LESS.sub("at least", _NO_MORE.sub("at most", text)), language):
        if each.kind != "number":
            continue
        before, behind = rest[max(0, each.place - 30) : each.place], rest[each.place + len(each.written) :][:30]
        before = re.split(r"[;,.](?:\s|$)|\d", before)[-1]
        over = re.search(rf"\b(?:{_OVER})\s*(?:\S+\s*){{0,1}}$", before, re.IGNORECASE) or re.match(
            r"\W*(?:\S+\s+)?(?:or|and) (?:more|newer|above|older|over|later|higher)\b", behind, re.IGNORECASE
        )
        under = re.search(rf"\b(?:{_UNDER})\s*(?:\S+\s*){{0,1}}$", before, re.IGNORECASE) or re.match(
            r"\W*(?:\S+\s+)?(?:or|and) (?:less|fewer|below|under|lower)\b", behind, re.IGNORECASE
        )
        found.append((each, (1 if over else 0) - (1 if under else 0)))
    return found


def _sequence(text: str, language: str) -> list[tuple[str, _Word | None, bool]]:
    """What stands there one after the other, as what it is found by; and whether each word stands where names do."""
    words = {word.place: word for word in _words(text, language)}
    spoken = in_digits(text, language)
    found: list[tuple[str, _Word | None, bool]] = []
    for match in _WORD.finditer(spoken):
        word = words.get(match.start())
        if word is not None:
            is_noun = word.behind not in _VERB_BEFORE and not re.search(r"(?:ed|ing|ly)$", word.written.casefold())
            if language == "de":
                is_noun = word.written[0].isupper()
            elif word.behind and word.behind not in _silent(language) and not found:
                is_noun = False
            elif found and found[-1][1] is not None and word.behind == found[-1][1].written.casefold():
                is_noun = is_noun and found[-1][2] and not _follows_subject(found)
            found.append((min(word.stems), word, is_noun))
        elif match[0][0].isdigit():
            found.append((match[0], None, False))
    return found


def _follows_subject(found: list[tuple[str, _Word | None, bool]]) -> bool:
    """Whether the word before is likely the subject, so that this one is its verb."""
    return len(found) == 1


def _written_there(quantity: Quantity, text: str) -> bool:
    """What is read as a number may be a name: `PEP 8`, `M10`."""
    if quantity.kind != "number" or quantity.dimension:
        return False
    return re.search(rf"(?<![\w.,]){re.escape(quantity.written.strip())}(?![\w]|[.,]\d)", text) is not None

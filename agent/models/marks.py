"""Which passages does a text name by their numbers, and for which of its statements?

A model that is shown numbered text writes `Refunds take a day [2.1 "within a day"].`, or something like it. What it
writes is read tolerantly: a passage (`[2]`), a sentence (`[2.1]`), several, ranges, before or behind the full stop, at
the end of a paragraph or before the statement, with words repeated or without. What comes of it is looked up strictly:
a `Quote` is a whole stored sentence, and a mark that leads to none gives a quote that nothing bears out.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agent.state import Passage, Quote, Segment
from agent.wording import is_foreign, language_of
from ingest.sentences import sentences
from retrieval.analyze import terms

_DOUBLE = r"(?:\"[^\"\n]{1,600}\"|“[^“”\n]{1,600}”|„[^„“”\n]{1,600}[“”]|«[^«»\n]{1,600}»)"
_QUOTED = rf"(?:{_DOUBLE}|(?<!\w)'[^'\n]{{8,600}}'(?!\w))"
_MARK = re.compile(
    rf"[ \t]*(?P<open>\()?(?(open)\s*(?:see|cf\.?|sources?:?|from)?\s*)"
    rf"(?P<bold>\*\*)?[\[【]{{1,2}}(?P<inside>(?:{_DOUBLE}|[^\[\]【】\"“”„«»\n]){{1,700}})[\]】]{{1,2}}(?(bold)\*\*)"
    rf"(?P<after>:?\s?\(?{_QUOTED}\)?(?=\s*(?:[.;,]?\s*$|[.;]\s|[\[【(])))?"
    rf"(?(open)\s*\)?)",
    re.MULTILINE,
)
_PARENTHESES = re.compile(
    rf"[ \t]*\((?P<inside>(?P<word>passages?|sentences?)?\s*(?(word)\d{{1,4}}(?:\.\d{{1,4}})?|\d{{1,4}}\.\d{{1,4}})"
    rf"(?:[\s,;:.–-]|and|passages?|sentences?|\d|{_DOUBLE})*)\)",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"[ \t]*(?P<open>\()?\s*\b(?:sources?|references?|citations?|quellen?|fuentes?|refs?)\s*:\s*"
    r"(?:passages?|sentences?|sources?)?\s*$",
    re.IGNORECASE,
)
_AND_ANOTHER = re.compile(r"[\s,;&]*(?:and|or)?\s*(?:passages?|sentences?|sources?)?\s*", re.IGNORECASE)
_SUPERSCRIPT = re.compile(r"[ \t]*(?:<sup>|\^)\s*$", re.IGNORECASE)
_ITEM = re.compile(
    r"(?:passages?|sentences?|sources?|results?|doc(?:ument)?s?|refs?\.?|pp?\.|see|nos?\.?|#|\^|§|S)?"
    r"\s*(\d{1,4})(?:\.(\d{1,4}))?(?:†[^\s,;]*)?"
    r"(?:\s*(?:[-‐–—]|\.{2,3}|to)\s*(?:passage|sentence|#)?\s*(\d{1,4})(?:\.(\d{1,4}))?)?",
    re.IGNORECASE,
)
_OF_A_PASSAGE = re.compile(r"passage\s+(\d{1,4})\s*[,:]?\s*sentence\s+(\d{1,4})", re.IGNORECASE)
_BETWEEN = re.compile(r"\s*(?:[,;:&+/]|and\b|or\b|und\b|et\b|y\b)?\s*", re.IGNORECASE)
_JOINING = re.compile(r"[\s,;&]*(?:and|or|und|et|y)?[\s,;&]*")
_JOINED_RANGE = re.compile(r"\s*[-‐–—]\s*")
_CODE = re.compile(r"```.*?(?:```|\Z)|~~~.*?(?:~~~|\Z)|`[^`\n]+`", re.DOTALL)
_OPENING = re.compile(r"[ \t]*\(\s*(?:see|cf\.?|sources?:?|from)?\s*$", re.IGNORECASE)
_CLOSING = re.compile(r"[ \t]*[.,;:!?…]+[\"”’)]*|[)\"”’]+(?=[\s.,;:!?]|$)")
_OWN_UNIT = re.compile(
    r"[ \t]*(?:[-*+•] |\d{1,3}[.)] |#{1,6} |\||>|```|~~~|[\[【]\d[^\]】\n]{0,600}[\]】][^\S\n]*[^\W\d_])"
)
_BULLET = re.compile(r"\s*(?:(?:[-*+•]|\d{1,3}[.)])\s+)?(?:\*\*)?")
_LABEL = re.compile(
    r"[\s#*_(]*(?:sources?|references?|citations?|passages?|quellen?|belege?|r[ée]f[ée]rences?|fuentes?)[\s*_)]*:?[\s*_]*",
    re.IGNORECASE,
)
_AS_A_NOUN = re.compile(
    r"(?:^|[\s,])(?P<before>(?:according to|as (?:stated|said|described|noted|mentioned) (?:in|by)|stated in|see|per"
    r"|laut|gemäß|siehe|selon|según|and|but|while)\s*(?=(?:the\s+)?(?:passages?|sentences?|sources?)?$))?"
    r"(?P<word>(?(before)(?:the\s+)?(?:passages?|sentences?|sources?)?|(?:the\s+)?(?:passages?|sentences?|sources?)))$",
    re.IGNORECASE,
)
_CODE_BEHIND = re.compile(r"(?:\s*[-+*/%&|^]?=|\.\w|\(|\[\D|\s*[-+*/%]\s*\w)")
_APOSTROPHES = {"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "‐": "-", "‑": "-", "−": "-"}
_A_YEAR = 1000
_MOST_OF_A_RANGE = 40
_TELLING = 4  # words: so many do not stand somewhere by chance
_MORE = 3  # that a further sentence must share which those before it do not: words, a number counting as two
_MOST = 3  # sentences that one statement is traced to, where its model named a passage alone


@dataclass(frozen=True, slots=True)
class _Named:
    """One place that a mark names: a passage, a sentence of it where one is given, and words that stand there."""

    passage: int
    sentence: int | None = None
    words: str = ""


_Found = tuple[int, int, list[_Named], str]
"""Where a mark begins and ends, what it names, and what is said in its place where it is a part of the sentence."""


@dataclass(frozen=True, slots=True)
class _Marked:
    """A stretch of the answer, and what is named behind it."""

    text: str
    named: tuple[_Named, ...] = ()


def read(text: str, evidence: Sequence[Passage]) -> tuple[Segment, ...]:
    """The statements of an answer, each with what it rests on; marks are taken out of what is said.

    `evidence` is what the model was shown: passage `n` goes by the number `n + 1`.
    """
    shown = {passage.number: passage for passage in evidence}
    body, listed = _without_list(text, shown)
    units = [list(_stretches(unit, shown)) for unit in _units(body)]
    found: list[Segment] = []
    bare: list[int] = []  # segments of which no mark says anything
    for unit in units:
        if listed_alone := _label_alone(unit):
            listed += listed_alone
            continue
        for stretch in unit:
            for segment in _statements(stretch, shown):
                if not segment.quotes:
                    bare.append(len(found))
                found.append(segment)
    if listed and len(bare) == len(found):  # a list at the end says what all of it rests on
        passages = list(dict.fromkeys(shown[each.passage] for each in listed if each.passage in shown))
        for place in bare:
            found[place] = replace(found[place], quotes=_borne_out(found[place].text, passages))
    if not any(sign.isalpha() for each in found for sign in each.text):
        found = [*_repeated(units, shown)]  # nothing but words that were copied: they are what is said
    return tuple(each for each in found if each.text or each.quotes)


class Unmarked:
    """An answer as it comes, piece by piece, without the marks in it.

    What may turn out to be one is held back until that is known, or the line ends.
    """

    def __init__(self, evidence: Sequence[Passage]) -> None:
        self._shown = {passage.number: passage for passage in evidence}
        self._line = self._told = ""  # as it was written, and what of it was let through
        self._is_code = False

    def feed(self, text: str) -> str:
        """What can be shown by now."""
        if not self._shown:  # then nothing has a number
            return text
        *whole, self._line = f"{self._line}{text}".split("\n")
        shown = ""
        for line in whole:
            shown += self._let_through(line) + "\n"
            self._is_code ^= line.lstrip().startswith(("```", "~~~"))
            self._told = ""
        return shown + self._let_through(self._line[: _open_from(self._line)])

    def rest(self) -> str:
        """What was held back and is said after all, at the end."""
        return self._let_through(self._line)

    def _let_through(self, line: str) -> str:
        clean = line if self._is_code else _without_marks(line, self._shown)
        fresh = clean[len(self._told) :] if clean.startswith(self._told) else ""
        self._told = clean
        return fresh


def _open_from(line: str) -> int:
    """Where in a line something begins that may become a mark, white space before it included."""
    ends = [len(line)]
    for opening, closing, most in (("[", "]", 700), ("【", "】", 700), ("(", ")", 100)):
        at = line.rfind(opening)
        if at >= 0 and closing not in line[at:] and len(line) - at < most:
            ends.append(at)
    before = line[: min(ends)]
    return len(before.rstrip(" \t(*"))


def _without_marks(line: str, shown: dict[int, Passage]) -> str:
    kept, end = "", 0
    for start, stop, _, instead in _marks(line, shown):
        kept += line[end:start] + instead
        end = max(end, stop)
    return kept + line[end:]


def _repeated(units: Sequence[Sequence[_Marked]], shown: dict[int, Passage]) -> Iterator[Segment]:
    for each in (one for unit in units for stretch in unit for one in stretch.named if one.words):
        quote = _standing(each.words, shown.get(each.passage), each.sentence, shown)
        if quote is not None:
            yield Segment(f"{each.words} ", (quote,))


def _units(text: str) -> Iterator[str]:
    """Paragraphs, list items, rows and headings: a mark at the end speaks for no more than its own."""
    begun = ""
    is_code = False
    for line in text.splitlines(keepends=True):
        fence = line.lstrip().startswith(("```", "~~~"))
        if begun and not is_code and (not begun.strip() or begun.endswith("\n\n") or _OWN_UNIT.match(line)):
            yield begun
            begun = ""
        begun += line
        is_code ^= fence
        if not is_code and not line.strip() and begun.strip():
            yield begun
            begun = ""
    if begun:
        yield begun


def _stretches(unit: str, shown: dict[int, Passage]) -> Iterator[_Marked]:
    """The unit cut at its marks, each stretch with those that belong to it."""
    pieces: list[tuple[str, list[_Named]]] = [("", [])]  # text, and the marks behind it
    end = 0
    spoken, carried = "", list[_Named]()  # a mark that is part of a sentence speaks for what follows it
    for start, stop, named, instead in _marks(unit, shown):
        between = spoken + unit[end:start]
        if instead:
            spoken, end = between + instead, stop
            carried += named
            continue
        named, spoken, carried = carried + named, "", []
        if pieces[-1][1] and "\n" not in between and _JOINED_RANGE.fullmatch(between):
            pieces[-1][1].extend(_up_to(pieces[-1][1][-1], named[0], shown) + named)
        elif pieces[-1][1] and "\n" not in between and _JOINING.fullmatch(between):
            pieces[-1][1].extend(named)
        elif pieces[-1][1]:
            pieces[-1], between = _closed(*pieces[-1], between)
            if between.strip():
                pieces.append((between, named))
            else:
                pieces[-1] = (pieces[-1][0] + between, [*pieces[-1][1], *named])
        else:
            pieces[-1] = (pieces[-1][0] + between, named)
        end = stop
    rest = spoken + unit[end:]
    if pieces[-1][1]:
        pieces[-1], rest = _closed(*pieces[-1], rest)
    if carried:
        yield from (_Marked(text, tuple(named)) for text, named in pieces if text or named)
        first_end = next((end for _, end in sentences(rest)), 0)
        yield _Marked(rest[:first_end], tuple(carried))
        if rest[first_end:]:
            yield _Marked(rest[first_end:])
        return
    first = pieces[0]
    if first[1] and not _BULLET.sub("", first[0], count=1).strip() and (rest.strip() or len(pieces) > 1):
        yield from _leading(pieces, rest)
        return
    yield from (_Marked(text, tuple(named)) for text, named in pieces if text or named)
    if rest:
        yield _Marked(rest)


def _closed(text: str, named: list[_Named], behind: str) -> tuple[tuple[str, list[_Named]], str]:
    """A stretch with the full stop or bracket that stands behind its marks, and what is left behind that."""
    if (opening := _OPENING.search(text)) and (closed := re.match(r"\s*\)", behind)):  # of nothing but marks
        text, behind = text[: opening.start()], behind[closed.end() :]
    closing = _CLOSING.match(behind)
    if closing is not None:
        text, behind = text + closing.group().lstrip(), behind[closing.end() :]
    return (text, named), behind


def _leading(pieces: Sequence[tuple[str, list[_Named]]], rest: str) -> Iterator[_Marked]:
    """Marks that stand before what they speak for, as a copied line begins with its number."""
    texts = [text for text, _ in pieces[1:]] + [rest]
    lead = pieces[0][0]
    if not rest.strip():  # the unit ends with a mark too: then only its first mark leads
        first, second = pieces[0], pieces[1]
        yield _Marked(lead + second[0].lstrip(), (*first[1], *second[1]))
        yield from (_Marked(text, tuple(named)) for text, named in pieces[2:])
        if rest:
            yield _Marked(rest)
        return
    for (_, named), text in zip(pieces, texts, strict=True):
        yield _Marked(lead + (text.lstrip() if lead or text is texts[0] else text), tuple(named))
        lead = ""


def _marks(unit: str, shown: dict[int, Passage]) -> list[_Found]:
    """Every mark, in its order."""
    code = [span.span() for span in _CODE.finditer(unit)]
    found = [*_bracketed(unit, shown, code), *_in_parentheses(unit, shown, code)]
    return sorted(found, key=lambda each: each[0])


def _in_parentheses(unit: str, shown: dict[int, Passage], code: Sequence[tuple[int, int]]) -> Iterator[_Found]:
    """`(passage 1)`, `(1.2)`: only what names a sentence that was shown and is no number of the sources' own."""
    for mark in _PARENTHESES.finditer(unit):
        named = _named(mark["inside"], shown)
        if named is None or any(start <= mark.start("inside") < end for start, end in code):
            continue
        real = all(
            each.passage in shown
            and (mark["word"] or (each.sentence is not None and each.sentence < len(shown[each.passage].blocks)))
            for each in named
        )
        own = not mark["word"] and any(f"({mark['inside']})" in passage.text for passage in shown.values())
        if real and not own:
            yield mark.start(), mark.end(), named, ""


def _bracketed(unit: str, shown: dict[int, Passage], code: Sequence[tuple[int, int]]) -> Iterator[_Found]:
    ended = 0
    for mark in _MARK.finditer(unit):
        opened = mark.start("inside") - 1
        if any(start <= opened < end for start, end in code) or not _is_mark(unit, mark, shown):
            continue
        named = _named(mark["inside"], shown) or _loosely(mark["inside"], shown)
        if named is None:
            continue
        if mark["after"]:
            named[-1] = replace(named[-1], words=_unquoted(mark["after"]))
        start, stop = mark.span()
        if mark["open"] and not mark.group().rstrip().endswith(")"):  # a bracket that closes later
            start = mark.start("bold") if mark["bold"] else opened
        instead = ""
        before = unit[max(0, start - 60) : start]
        if ended and _AND_ANOTHER.fullmatch(unit[ended:start]):
            start = ended
        elif label := _LABELLED.search(before):
            start -= len(before) - label.start()
            stop += len((label["open"] and re.match(r"\s*\)?", unit[stop:]).group()) or "")  # type: ignore[union-attr]
        elif superscript := _SUPERSCRIPT.search(before):
            start -= len(before) - superscript.start()
            stop += len(re.match(r"(?:\s*</sup>)?", unit[stop:]).group())  # type: ignore[union-attr]
        elif named[0].passage in shown and (noun := _AS_A_NOUN.search(before.rstrip())):
            start -= len(before) - (noun.end("before") if noun["before"] else noun.start("word"))
            title = shown[named[0].passage].title or shown[named[0].passage].document
            instead = f"{' ' if start and not unit[start - 1].isspace() else ''}“{title}”"
        ended = stop
        yield start, stop, named, instead


def _is_mark(unit: str, mark: re.Match[str], shown: dict[int, Passage]) -> bool:
    """Not a link, a tick box, or an index into something: `[1](…)`, `[ ]`, `rows[1] = 2`."""
    opened, closed = mark.start("inside") - 1, mark.end("inside") + 1
    if mark["inside"].isdigit() and int(mark["inside"]) >= _A_YEAR and int(mark["inside"]) - 1 not in shown:
        return False
    if unit[closed : closed + 1] == "(" and re.match(r"\(\s*(?:https?:|[#/.]|mailto:)", unit[closed:]):
        return False
    before = unit[:opened]
    if not before or not (before[-1].isalnum() or before[-1] in "_)]"):
        return True
    if not mark["inside"].isdigit():
        return True
    if _CODE_BEHIND.match(unit, closed) and before[-1] not in ")]":
        return False
    word = re.search(r"[\w.]+$", before)
    written = f"{word.group() if word else ''}[{mark['inside']}]"
    return word is None or not any(written in passage.text for passage in shown.values())


def _named(inside: str, shown: dict[int, Passage]) -> list[_Named] | None:
    """What the inside of a bracket names; None where it is no list of numbers."""
    found: list[_Named] = []
    early = ""
    at = 0
    for quoted in [*re.finditer(_QUOTED, inside), None]:
        end = quoted.start() if quoted else len(inside)
        places = _numbers(inside[at:end].strip(" \t,;:()-–—="), shown)
        if places is None:
            return None
        found += places
        if quoted is not None:
            words = _unquoted(quoted.group())
            if not found:
                early = words
            elif places or not found[-1].words:
                found[-1] = replace(found[-1], words=words)
            else:
                found.append(replace(found[-1], words=words))
            at = quoted.end()
    if found and early and not found[0].words:
        found[0] = replace(found[0], words=early)
    return found or None


def _loosely(inside: str, shown: dict[int, Passage]) -> list[_Named] | None:
    """A number with words beside it that stand in no quotation marks: `1.2: need no approval`, `Refunds, 1.2`."""
    found = re.fullmatch(
        r"(?:(?P<before>[^\d]{2,60}?)[,:]?\s+)?(?P<passage>\d{1,4})\.(?P<sentence>\d{1,4})\.?(?:\s*[,:–-]\s*|\s+)?(?P<words>.*)",
        inside.strip(),
    )
    if found is None or int(found["passage"]) - 1 not in shown:
        return None
    words = found["words"].strip()
    if words and not re.match(r"[^\W\d_]", words):
        return None
    return [_Named(int(found["passage"]) - 1, int(found["sentence"]) - 1, words)]


def _numbers(listed: str, shown: dict[int, Passage]) -> list[_Named] | None:
    found: list[_Named] = []
    listed = _OF_A_PASSAGE.sub(r"\1.\2", listed)
    at = 0
    while at < len(listed):
        item = _ITEM.match(listed, at)
        if item is None:
            return None
        found += _places(item, shown)
        at = item.end()
        between = _BETWEEN.match(listed, at)
        at = between.end() if between else at
    return found


def _places(item: re.Match[str], shown: dict[int, Passage]) -> list[_Named]:
    passage, sentence, last, last_sentence = (int(part) if part else None for part in item.groups())
    assert passage is not None
    first = _Named(passage - 1, None if sentence is None else sentence - 1)
    if last is None:
        return [first]
    if sentence is None:
        if last_sentence is not None or last < passage:
            return [first]
        several = [each for each in range(passage, min(last, passage + _MOST_OF_A_RANGE) + 1) if each - 1 in shown]
        return [_Named(each - 1) for each in several] or [first]
    to = last if last_sentence is None else last_sentence
    if last_sentence is not None and last != passage:  # over the end of a passage
        return [first, _Named(last - 1, to - 1)]
    return [_Named(passage - 1, each - 1) for each in range(sentence, min(to, sentence + _MOST_OF_A_RANGE) + 1)] or [
        first
    ]


def _up_to(first: _Named, last: _Named, shown: dict[int, Passage]) -> list[_Named]:
    """What lies between two marks that are joined by a dash."""
    if first.sentence is None and last.sentence is None:
        between = range(first.passage + 1, min(last.passage, first.passage + _MOST_OF_A_RANGE))
        return [_Named(each) for each in between if each in shown]
    if first.passage != last.passage or first.sentence is None or last.sentence is None:
        return []
    between = range(first.sentence + 1, min(last.sentence, first.sentence + _MOST_OF_A_RANGE))
    return [_Named(first.passage, each) for each in between]


def _without_list(text: str, shown: dict[int, Passage]) -> tuple[str, list[_Named]]:
    """The text without a list of sources that closes it, and what that names."""
    lines = text.splitlines(keepends=True)
    for place, line in enumerate(lines):
        rest = [each for each in lines[place + 1 :] if each.strip()]
        if place and rest and _LABEL.fullmatch(line):
            named = [[one for _, _, found, _ in _marks(each, shown) for one in found] for each in rest]
            if all(named):
                return "".join(lines[:place]), [one for each in named for one in each]
    return text, []


def _label_alone(unit: Sequence[_Marked]) -> list[_Named]:
    """What a line such as `Sources: [1], [2]` names; nothing where it says more than that."""
    said = "".join(stretch.text for stretch in unit)
    named = [one for stretch in unit for one in stretch.named]
    bare = re.sub(r"[\s.,;:()*_-]+", " ", said).strip()
    return named if named and (not bare or _LABEL.fullmatch(bare)) else []


def _statements(stretch: _Marked, shown: dict[int, Passage]) -> Iterator[Segment]:
    """The sentences of a stretch. What is named behind it speaks for the last; for others where it bears them out."""
    text = stretch.text
    starts = [start for start, _ in sentences(text)][1:]
    parts = [text[a:b] for a, b in zip([0, *starts], [*starts, len(text)], strict=True)]
    passages = list(dict.fromkeys(shown[each.passage] for each in stretch.named if each.passage in shown))
    for part in parts[:-1]:
        yield Segment(part, _said_to_stand(part, shown) or _borne_out(part, passages))
    last = parts[-1]
    if not stretch.named:
        yield Segment(last, _said_to_stand(last, shown))
        return
    yield Segment(last, _quotes(last, stretch.named, shown))


def _quotes(statement: str, named: Sequence[_Named], shown: dict[int, Passage]) -> tuple[Quote, ...]:
    """What a statement rests on; a quote that names no sentence stands for a mark that led to none."""
    quotes: list[Quote] = []
    aside: list[Quote] = []
    own = list(_own_words(statement))
    for each in named:
        passage = shown.get(each.passage)
        words = each.words or next((said for said in own if len(said.split()) >= _TELLING), "")
        if words:
            found = _standing(words, passage, each.sentence, shown)
            (quotes if found else aside).append(found or _nothing(each, words))
        elif passage is None:
            aside.append(_nothing(each))
        elif each.sentence is not None and each.sentence < len(passage.blocks):
            found_near = _near(statement, passage, each.sentence)
            quotes += found_near
            aside += () if found_near else (_nothing(each),)
        elif found_in := _borne_out(statement, [passage]):
            quotes += found_in
        else:
            aside.append(_nothing(each))
    several = [each for each in quotes if _shares(statement, each.text) and not each.text.startswith("#")]
    return tuple(dict.fromkeys(several or quotes or aside))


def _near(statement: str, passage: Passage, block: int) -> tuple[Quote, ...]:
    """The sentence that is named, unless another says it far better; none where it has no word of the statement.

    Words of another language are another's to judge.
    """
    said = passage.block_text(block)
    named = 0 if _is_heading(passage, block) else _weight(_content(statement) & _content(said))
    if better := _borne_out(statement, [passage], least=2 * named + 2):
        return better
    if named or (not _is_heading(passage, block) and _is_foreign(statement, passage.text)):
        return (_quote(passage, block),)
    return ()


def _is_foreign(statement: str, text: str) -> bool:
    return is_foreign(statement, "", language_of(statement), text, language_of(text))


def _is_heading(passage: Passage, block: int) -> bool:
    return passage.block_text(block).lstrip().startswith("#")


def _quote(passage: Passage, first: int, last: int | None = None) -> Quote:
    last = first + 1 if last is None else last
    start, end = passage.blocks[first][0], passage.blocks[last - 1][1]
    return Quote(passage.number, first, last, passage.text[start - passage.start : end - passage.start])


def _nothing(named: _Named, words: str = "") -> Quote:
    return Quote(max(named.passage, 0), 0, 0, words)


def _said_to_stand(statement: str, shown: dict[int, Passage]) -> tuple[Quote, ...]:
    """The sentences whose words a statement repeats in quotation marks, where it names no number."""
    found = [_standing(words, None, None, shown) for words in _own_words(statement) if len(words.split()) >= _TELLING]
    return tuple(dict.fromkeys(quote for quote in found if quote is not None))


def _own_words(statement: str) -> Iterator[str]:
    for quoted in re.finditer(_QUOTED, statement):
        yield _unquoted(quoted.group())


def _standing(words: str, passage: Passage | None, sentence: int | None, shown: dict[int, Passage]) -> Quote | None:
    """Where words stand letter by letter: in the sentence that is named, its passage, or, if they tell, another."""
    parts = [part for part in map(_letters, re.split(r"…|\.\.\.|\[\.\.\.\]", words)) if part]
    if not parts:
        return None
    telling = len(words.split()) >= _TELLING
    if passage is not None:
        if sentence is not None and sentence < len(passage.blocks) and _holds(passage.block_text(sentence), parts):
            return _quote(passage, sentence)
        if (telling or sentence is None) and (found := _block_with(passage, parts)):
            return found
    if not telling:
        return None
    others = (found for each in shown.values() if each is not passage and (found := _block_with(each, parts)))
    return next(others, None)


def _block_with(passage: Passage, parts: Sequence[str]) -> Quote | None:
    for wide in (1, 2):  # words may run over the end of a sentence
        for first in range(len(passage.blocks) - wide + 1):
            quote = _quote(passage, first, first + wide)
            if _holds(quote.text, parts):
                return quote
    return None


def _holds(text: str, parts: Sequence[str]) -> bool:
    there, at = _letters(text), 0
    for part in parts:
        at = there.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return True


def _letters(text: str) -> str:
    """A text as it is compared: without white space and case, quotation marks and dashes in one form each."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(_APOSTROPHES.get(sign, sign) for sign in plain)
    return re.sub(r"[\s*_`]+", "", plain).casefold().strip("\"'.,;:!?()")


def _unquoted(quoted: str) -> str:
    return quoted.strip().lstrip(":").strip().strip("()").strip().strip("\"“”„«»'").strip()


def _borne_out(statement: str, passages: Sequence[Passage], *, least: int = 1) -> tuple[Quote, ...]:
    """The sentences of these passages that share most with a statement; none where none shares enough."""
    wanted = _content(statement)
    if not wanted:
        return ()
    candidates = [
        (passage, block, wanted & _content(passage.block_text(block)))
        for passage in passages
        for block in range(len(passage.blocks))
        if not _is_heading(passage, block)
    ]
    found: list[Quote] = []
    covered: frozenset[str] = frozenset()
    while candidates and len(found) < _MOST:
        passage, block, shared = max(candidates, key=lambda each: _weight(each[2] - covered))
        if _weight(shared - covered) < (_MORE if found else max(least, _least(wanted))):
            break
        found.append(_quote(passage, block))
        covered |= shared
        candidates.remove((passage, block, shared))
    return tuple(found)


def _least(wanted: frozenset[str]) -> int:
    """How much must be shared: two words or one number, or a third of what is said in few words."""
    return 1 if len(wanted) <= 3 else 2


def _weight(shared: frozenset[str]) -> int:
    return sum(2 if term[0].isdigit() else 1 for term in shared)


def _shares(statement: str, text: str) -> bool:
    return _weight(_content(statement) & _content(text)) > 0


def _content(text: str) -> frozenset[str]:
    return frozenset(terms(text))

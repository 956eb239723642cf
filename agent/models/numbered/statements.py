"""Which statements does an answer make, and which of its marks speak for each?

Marks stand before or behind the full stop, at the end of a paragraph, before the statement, or in a list of sources at
the end. They are taken out of what is said, and what they name is looked up strictly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agent.models.numbered import traced
from agent.models.numbered.marks import marks
from agent.models.numbered.named import Named, up_to
from agent.state import Passage, Segment
from ingest.split.sentences import sentences

_JOINING = re.compile(r"[\s,;&]*(?:and|or|und|et|y)?[\s,;&]*")
_JOINED_RANGE = re.compile(r"\s*[-‐–—]\s*")
_OPENING = re.compile(r"[ \t]*\(\s*(?:see|cf\.?|sources?:?|from)?\s*$", re.IGNORECASE)
_CLOSING = re.compile(r"[ \t]*[.,;:!?…]+[\"”’)]*|[)\"”’]+(?=[\s.,;:!?]|$)")
_OWN_UNIT = re.compile(
    r"[ \t]*(?:[-*+•] |\d{1,3}[.)] |#{1,6} |\||>|```|~~~|[\[【]\d[^\]】\n]{0,600}[\]】]:?[^\S\n]*[^\W\d_])"
)
_BULLET = re.compile(r"\s*(?:(?:[-*+•]|\d{1,3}[.)])\s+)?(?:\*\*)?")
_FOOTNOTE = re.compile(r"(\[\^?\d{1,4}\]):[ \t].*")
_LABEL = re.compile(
    r"[\s#*_(]*(?:sources?|references?|citations?|passages?|quellen?|belege?|r[ée]f[ée]rences?|fuentes?)[\s*_)]*:?[\s*_]*",
    re.IGNORECASE,
)


_END = re.compile(r"[.!?…。！？][\"”’)]*(?=\s|\Z)|\n")


@dataclass(frozen=True, slots=True)
class _Marked:
    """A stretch of the answer, and what is named behind it, or, where that `leads`, before it."""

    text: str
    named: tuple[Named, ...] = ()
    leads: bool = False


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
            found[place] = replace(found[place], quotes=traced.borne_out(found[place].text, traced.all_of(passages)))
    if not any(sign.isalpha() for each in found for sign in each.text):
        found = [*_repeated(units, shown)]  # nothing but words that were copied: they are what is said
    return tuple(each for each in found if each.text or each.quotes)


def untorn(text: str, evidence: Sequence[Passage]) -> str:
    """An answer that was cut off, up to its last mark, full stop or line; a mark before it makes none whole."""
    marked = [stop for _, stop, *_ in marks(text, {passage.number: passage for passage in evidence})]
    return text[: max([*marked, *(end.end() for end in _END.finditer(text))], default=0)]


def _repeated(units: Sequence[Sequence[_Marked]], shown: dict[int, Passage]) -> Iterator[Segment]:
    for each in (one for unit in units for stretch in unit for one in stretch.named if one.words):
        quote = traced.standing(each.words, shown.get(each.passage), each.sentence, shown)
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
    pieces: list[tuple[str, list[Named]]] = [("", [])]  # text, and the marks behind it
    end = 0
    spoken, carried = "", list[Named]()  # a mark that is part of a sentence speaks for what follows it
    for start, stop, named, instead in marks(unit, shown):
        between = spoken + unit[end:start]
        if instead:
            spoken, end = between + instead, stop
            carried += named
            continue
        named, spoken, carried = carried + named, "", []
        if pieces[-1][1] and "\n" not in between and _JOINED_RANGE.fullmatch(between):
            pieces[-1][1].extend(up_to(pieces[-1][1][-1], named[0], shown) + named)
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


def _closed(text: str, named: list[Named], behind: str) -> tuple[tuple[str, list[Named]], str]:
    """A stretch with the full stop or bracket that stands behind its marks, and what is left behind that."""
    if (opening := _OPENING.search(text)) and (closed := re.match(r"\s*\)", behind)):  # of nothing but marks
        text, behind = text[: opening.start()], behind[closed.end() :]
    closing = _CLOSING.match(behind)
    if closing is not None:
        text, behind = text + closing.group().lstrip(), behind[closing.end() :]
    return (text, named), behind


def _leading(pieces: Sequence[tuple[str, list[Named]]], rest: str) -> Iterator[_Marked]:
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
        yield _Marked(lead + (text.lstrip() if lead or text is texts[0] else text), tuple(named), leads=True)
        lead = ""


def _without_list(text: str, shown: dict[int, Passage]) -> tuple[str, list[Named]]:
    """The text without a list of sources that closes it, and what that names."""
    lines = text.splitlines(keepends=True)
    while (last := _FOOTNOTE.fullmatch("".join(lines[-1:]).strip())) and any(last[1] in line for line in lines[:-1]):
        del lines[-1:]  # a note says what a number is
        while lines and not lines[-1].strip():
            del lines[-1:]
    for place, line in enumerate(lines):
        rest = [each for each in lines[place + 1 :] if each.strip()]
        if place and rest and _LABEL.fullmatch(line):
            named = [[one for _, _, found, _ in marks(each, shown) for one in found] for each in rest]
            if all(named):
                return "".join(lines[:place]), [one for each in named for one in each]
    return "".join(lines), []


def _label_alone(unit: Sequence[_Marked]) -> list[Named]:
    """What a line such as `Sources: [1], [2]` names; nothing where it says more than that."""
    said = "".join(stretch.text for stretch in unit)
    named = [one for stretch in unit for one in stretch.named]
    bare = re.sub(r"[\s.,;:()*_-]+", " ", said).strip()
    return named if named and (not bare or _LABEL.fullmatch(bare)) else []


def _statements(stretch: _Marked, shown: dict[int, Passage]) -> Iterator[Segment]:
    """The sentences of a stretch. What is named speaks for the one beside it; for others where it bears them out."""
    text = stretch.text
    starts = [start for start, _ in sentences(text)][1:]
    parts = [text[a:b] for a, b in zip([0, *starts], [*starts, len(text)], strict=True)]
    beside = 0 if stretch.leads else len(parts) - 1
    for place, part in enumerate(parts):
        if place == beside and stretch.named:
            yield Segment(part, traced.rests_on(part, stretch.named, shown))
        else:
            too = traced.said_to_stand(part, shown) or traced.speaks_too(part, stretch.named, shown)
            yield Segment(part, too)

"""Which number does Word set before each paragraph of a document (.docx)?

The file says only which paragraphs are counted, and how: ECMA-376 part 1, section 17.9. Where that leaves Word's ways
open, it is as Word counts: all lists of one abstract definition count together, an override starts anew where its list
is first used, and a level that was passed over counts as begun.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from ingest.read.office.package import attribute, local, readable, relations
from ingest.read.office.word_fields import Field, HeadingNumbers, counting, has_counting
from ingest.read.writing.numerals import written

MARK = re.compile("\ue020([0-8])([^\ue020-\ue022]*)\ue021([^\ue020-\ue022]*)\ue022")  # depth, number or bullet, gap
BULLET = "-"
_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_LEVELS = 9
_LONGEST = 255  # letters of a level's text
_BASED = 50  # styles that one may be based on in turn
_PART = re.compile("%([1-9])")
_HEADING = re.compile("heading ([1-9])", re.IGNORECASE)
_DEEPEST_HEADING = 6  # of those that the library knows
_GAPS = {"nothing": "", "space": " ", "tab": " "}
_LARGEST = 1 << 31
BOXES = {  # bullets that are tick boxes, by the code that Wingdings has for them
    **dict.fromkeys("☐□❏❐❑❒\uf06f\uf0a8\uf071\uf072\uf0a3", "☐"),
    **dict.fromkeys("☒☑✓✔✗✘\uf0fe\uf0fd\uf0fc\uf0fb\uf078", "☒"),
}


@dataclass(frozen=True, slots=True)
class _Level:
    start: int
    form: str
    text: str
    restart: int | None  # the level, from 1, after which it begins anew; 0 for never, None for every one above
    is_legal: bool  # all in digits
    is_hidden: bool
    is_capital: bool
    gap: str
    width: int  # of a number that is filled up with zeros
    style: str  # whose paragraphs stand on this level


@dataclass(frozen=True, slots=True)
class _List:
    """A list by its id: how its levels are counted, and together with which others."""

    id: str
    definition: str
    levels: Mapping[int, _Level]
    starts: Mapping[int, int]  # of the levels that begin anew where the list is first used

    def level(self, wanted: int) -> tuple[int, _Level] | None:
        """The level of this depth, else the deepest one above it."""
        found = max((depth for depth in self.levels if depth <= wanted), default=None)
        return None if found is None else (found, self.levels[found])

    def start(self, depth: int) -> int:
        level = self.levels.get(depth)
        return self.starts.get(depth, level.start if level is not None else 1)


@dataclass(slots=True)
class _Counters:
    """How far the lists of one story (the body, the notes, the text boxes) are."""

    reached: dict[str, list[int | None]] = field(default_factory=dict)
    begun: set[str] = field(default_factory=set)  # the lists whose overrides were obeyed

    def set(self, of: _List, depth: int, number: int) -> None:
        """Has the next number of a level be the one after this."""
        self.reached.setdefault(of.definition, [None] * _LEVELS)[depth] = number

    def next(self, of: _List, depth: int) -> list[int | None]:
        """The numbers of all levels after one more paragraph on this one."""
        reached = self.reached.setdefault(of.definition, [None] * _LEVELS)
        before = reached[depth]
        begins = depth in of.starts and of.id not in self.begun
        reached[depth] = of.start(depth) if before is None or begins else before + 1
        if begins:
            self.begun.add(of.id)
        for above in range(depth):
            if reached[above] is None:
                reached[above] = of.start(above)
        for below in range(depth + 1, _LEVELS):
            level = of.levels.get(below)
            restart = level.restart if level is not None else None
            if restart is None or depth < restart:
                reached[below] = None
        return reached


def _built_in(levels: str) -> Mapping[int, _Level]:
    """The levels of a list that Word has for fields, spelled as `form text` from the first one on."""
    return {
        depth: _Level(1, form, text, None, False, False, False, "", 0, "")
        for depth, (form, text) in enumerate(level.split() for level in levels.split(";"))
    }


_NUMBER = "numberdefault"
_IN_WORD = {
    _NUMBER: "decimal %1);lowerLetter %2);lowerRoman %3);decimal (%4);lowerLetter (%5);lowerRoman (%6);decimal %7.;"
    "lowerLetter %8.;lowerRoman %9.",
    "outlinedefault": "upperRoman %1.;upperLetter %2.;decimal %3.;lowerLetter %4);decimal (%5);lowerLetter (%6);"
    "lowerRoman (%7);lowerLetter (%8);lowerRoman (%9)",
    "legaldefault": ";".join("decimal " + "".join(f"%{part}." for part in range(1, deep + 1)) for deep in range(1, 10)),
}
_BUILT_IN = {name: _List(name, _NUMBER, _built_in(levels), {}) for name, levels in _IN_WORD.items()}  # count together


@dataclass(slots=True)
class _Story:
    """How far everything is that counts in one story."""

    lists: _Counters = field(default_factory=_Counters)
    headings: HeadingNumbers = field(default_factory=HeadingNumbers)
    levels: dict[str, int] = field(default_factory=dict)  # of the last field, by its list's definition


@dataclass(frozen=True, slots=True)
class _Style:
    name: str
    based_on: str
    list: str | None
    depth: int | None
    is_body: bool  # said to be no heading, as that above a table of contents


@dataclass(slots=True)
class Numbers:
    """The lists of a document, and which of its styles belong to them."""

    lists: dict[str, _List] = field(default_factory=dict)
    named: dict[str, _List] = field(default_factory=dict)  # by a name that a field may give
    styles: dict[str, _Style] = field(default_factory=dict)
    usual: str = ""  # the style of paragraphs that name none
    language: str = ""
    _known: dict[str, tuple[str, str, int | None]] = field(default_factory=dict)

    def mark(self, root: etree._Element) -> None:
        """Writes before each counted paragraph of a part what Word shows there, as a run that `MARK` finds."""
        stories = {False: _Story(), True: _Story()}
        has_fields = has_counting(root)
        for paragraph, is_boxed in list(_paragraphs(root)):
            place = paragraph.find("{*}pPr")
            found = self._place(place)
            said = place.find("{*}numPr") if place is not None else None
            if said is not None:
                place.remove(said)
            heading = self._name_heading(place)
            story = stories[is_boxed]
            fields = counting(paragraph) if has_fields else []
            if found is not None and _is_counted(paragraph, place):
                of, depth, level = found
                label = _label(of, level, story.lists.next(of, depth), self.language)
                if label and not level.is_hidden:
                    run = etree.Element(f"{{{_W}}}r")
                    etree.SubElement(run, f"{{{_W}}}t").text = f"\ue020{depth}{label}\ue021{level.gap}\ue022"
                    paragraph.insert(0 if place is None else paragraph.index(place) + 1, run)
            before: dict[str, int] = {}
            for each in fields:
                if each.kind == "LISTNUM":
                    each.show(self._of_field(each, found, story, before))
                else:
                    each.show(story.headings.next(each, heading, self.language))

    def _of_field(
        self, said: Field, around: tuple[_List, int, _Level] | None, story: _Story, before: dict[str, int]
    ) -> str:
        """What a field of a list shows; `around` is its paragraph's own, `before` the levels of those before it there.

        One that names no list belongs to its paragraph's; one that names no level stands below its paragraph's number,
        else on the level of the field before it. Several that begin a paragraph go down level by level.
        """
        wanted = _whole(said.switches.get("l"))
        of = (
            _BUILT_IN.get(said.name.lower())
            or self.named.get(said.name)
            or (around[0] if around else _BUILT_IN[_NUMBER])
        )
        depth = _depth_of(wanted, said, of, around, story, before)
        if depth not in of.levels or of.levels[depth].form == "bullet":
            of = _BUILT_IN[_NUMBER]
            depth = _depth_of(wanted, said, of, around, story, before)
        before[of.definition] = story.levels[of.definition] = depth
        if (start := _whole(said.switches.get("s"))) is not None:
            story.lists.set(of, depth, start - 1)
        return _label(of, of.levels[depth], story.lists.next(of, depth), self.language)

    def _place(self, place: etree._Element | None) -> tuple[_List, int, _Level] | None:
        """The list and the level of a paragraph; None where it is not counted."""
        said = place.find("{*}numPr") if place is not None else None
        own = _value(said, "numId") if said is not None else None
        depth = _whole(_value(said, "ilvl")) if said is not None else None
        style = (_value(place, "pStyle") if place is not None else None) or self.usual
        from_style, speaker, style_depth = self._of_style(style)
        of = self.lists.get(from_style if own is None else own)
        if of is None:
            return None
        if depth is None and own is None:
            linked = (number for number, level in of.levels.items() if level.style and level.style == speaker)
            depth = next(linked, style_depth)
        found = of.level(min(max(depth if depth is not None else style_depth or 0, 0), _LEVELS - 1))
        return None if found is None else (of, *found)

    def _name_heading(self, place: etree._Element | None) -> int:
        """Names the heading's style that the paragraph's own is based on, by which the library knows headings.

        Gives the heading's level, 0 where it is none.
        """
        named = place.find("{*}pStyle") if place is not None else None
        at = attribute(named, "val") if named is not None else ""
        for _ in range(_BASED):
            style = self.styles.get(at)
            if named is None or style is None or style.is_body:
                return 0
            if found := _HEADING.fullmatch(style.name):
                for key in named.attrib if int(found[1]) <= _DEEPEST_HEADING else ():
                    named.set(key, f"Heading{found[1]}")
                return int(found[1])
            at = style.based_on
        return 0

    def _of_style(self, name: str) -> tuple[str, str, int | None]:
        """The list that a style or what it is based on says, which of them says so, and its level."""
        if name not in self._known:
            of, speaker, depth, at = "", "", None, name
            for _ in range(_BASED):
                style = self.styles.get(at)
                if style is None:
                    break
                depth = style.depth if depth is None else depth
                if style.list is not None:
                    of, speaker = style.list, at
                    break
                at = style.based_on
            self._known[name] = of, speaker, depth
        return self._known[name]


def _depth_of(
    wanted: int | None,
    said: Field,
    of: _List,
    around: tuple[_List, int, _Level] | None,
    story: _Story,
    before: Mapping[str, int],
) -> int:
    if wanted is not None:
        depth = wanted - 1
    elif of.definition in before:
        depth = before[of.definition] + said.leads
    else:
        depth = around[1] + 1 if around else story.levels.get(of.definition, 0)
    return min(max(depth, 0), _LEVELS - 1)


def numbers(archive: zipfile.ZipFile, main: str, language: str) -> Numbers:
    """What the document says of its numbers; none where it says nothing, or its parts are damaged."""
    made = Numbers(language=language)
    parts = {relation.kind: relation.target for relation in relations(archive, main).values()}
    styles, numbering = (readable(archive, parts.get(kind, "")) for kind in ("styles", "numbering"))
    linked: dict[str, str] = {}  # lists by the styles of lists that name them
    for style in styles.iterchildren("{*}style") if styles is not None else ():
        place, name = style.find("{*}pPr"), attribute(style, "styleId")
        said = place.find("{*}numPr") if place is not None else None
        of, depth = (_value(said, "numId"), _whole(_value(said, "ilvl"))) if said is not None else (None, None)
        if attribute(style, "type") == "numbering":
            linked[name] = of or ""
            continue
        made.styles[name] = _Style(
            name=_value(style, "name") or "",
            based_on=_value(style, "basedOn") or "",
            list=of,
            depth=depth,
            is_body=_value(place, "outlineLvl") == "9",
        )
        if attribute(style, "type") == "paragraph" and attribute(style, "default") in {"1", "true", "on"}:
            made.usual = name
    if numbering is not None:
        made.lists = _lists(numbering, linked)
        called = {
            attribute(each, "abstractNumId"): _value(each, "name") or "" for each in numbering.iter("{*}abstractNum")
        }
        made.named = {name: each for each in made.lists.values() if (name := called.get(each.definition, ""))}
    return made


def spelled(text: str) -> str:
    """The text with its number as it is seen, where no list is made of it."""
    return MARK.sub(lambda found: "" if found[2] == BULLET else found[2] + found[3], text)


def _lists(numbering: etree._Element, linked: Mapping[str, str]) -> dict[str, _List]:
    defined: dict[str, tuple[dict[int, _Level], str]] = {}
    for each in numbering.iterchildren("{*}abstractNum"):
        levels = dict(_level(level) for level in each.iterchildren("{*}lvl"))
        if _value(each, "multiLevelType") == "singleLevel":
            levels = {depth: level for depth, level in levels.items() if depth == 0}
        defined[attribute(each, "abstractNumId")] = levels, _value(each, "numStyleLink") or ""
    named = {attribute(each, "numId"): _value(each, "abstractNumId") or "" for each in numbering.iterchildren("{*}num")}
    made = {}
    for each in numbering.iterchildren("{*}num"):
        name = attribute(each, "numId")
        definition = named[name]
        levels, style = defined.get(definition, ({}, ""))
        if style:  # its levels are those of another list
            definition = named.get(linked.get(style, ""), definition)
            levels, _ = defined.get(definition, (levels, ""))
        starts = {}
        for override in each.iterchildren("{*}lvlOverride"):
            depth = _whole(attribute(override, "ilvl"))
            if depth is None or not 0 <= depth < _LEVELS:
                continue
            for level in override.iterchildren("{*}lvl"):
                levels = {**levels, depth: _level(level)[1]}
            if (start := _whole(_value(override, "startOverride"))) is not None:
                starts[depth] = start
        if name and name != "0":
            made[name] = _List(name, definition, levels, starts)
    return made


def _level(element: etree._Element) -> tuple[int, _Level]:
    said = next(element.iter("{*}numFmt"), None)
    form = attribute(said, "val") if said is not None else "decimal"
    pattern = (attribute(said, "format") if said is not None else "").split(",")[0].strip()
    look = element.find("{*}rPr")
    depth = _whole(attribute(element, "ilvl")) or 0
    start = _whole(_value(element, "start"))
    level = _Level(
        start=0 if start is None else start,
        form="decimal" if form == "custom" else form,
        text=(_value(element, "lvlText") or "")[:_LONGEST],
        restart=_whole(_value(element, "lvlRestart")),
        is_legal=_is_on(element.find("{*}isLgl")),
        is_hidden=look is not None and _is_on(look.find("{*}vanish")),
        is_capital=look is not None and _is_on(look.find("{*}caps")),
        gap=_GAPS.get(_value(element, "suff") or "tab", " "),
        width=len(pattern) if form == "custom" and pattern.isdigit() else 0,
        style=_value(element, "pStyle") or "",
    )
    return min(max(depth, 0), _LEVELS - 1), level


def _label(of: _List, level: _Level, reached: list[int | None], language: str) -> str:
    """What is shown before the paragraph, a bullet for anything that is neither a number nor a word."""

    def part(found: re.Match[str]) -> str:
        depth = int(found[1]) - 1
        number, other = reached[depth], of.levels.get(depth)
        if number is None or other is None:
            return ""
        form = other.form
        if level.is_legal and form not in {"none", "bullet", "decimalZero"}:
            form = "decimal"
        return written(number, form, language).zfill(other.width)

    text = level.text if level.form == "bullet" else _PART.sub(part, level.text)
    text = " ".join(text.split())
    if (box := BOXES.get(text)) is not None:
        return box
    said = sum(letter.isalnum() for letter in text)
    if level.form == "bullet":
        return text if said > 2 else BULLET  # o and the like are bullets of symbol fonts
    if text and not said:
        return BULLET
    return text.upper() if level.is_capital else text


def _paragraphs(root: etree._Element) -> Iterator[tuple[etree._Element, bool]]:
    """The paragraphs that stand in no deleted row, and whether each stands in a text box."""
    boxes = deleted = 0
    for event, element in etree.iterwalk(root, ("start", "end"), ("{*}p", "{*}tr", "{*}txbxContent")):
        step = 1 if event == "start" else -1
        if local(element) == "txbxContent":
            boxes += step
        elif local(element) == "tr":
            deleted += step if element.find("{*}trPr/{*}del") is not None else 0
        elif step > 0 and not deleted:
            yield element, boxes > 0


def _is_counted(paragraph: etree._Element, place: etree._Element | None) -> bool:
    """Whether a paragraph of a list is seen: neither deleted, nor hidden as a whole, nor but the end of a section."""
    if place is None:
        return True
    look = place.find("{*}rPr")
    if look is not None and any(look.find(f"{{*}}{name}") is not None for name in ("del", "moveFrom")):
        return False
    is_hidden = look is not None and _is_on(look.find("{*}vanish"))
    if not is_hidden and place.find("{*}sectPr") is None:
        return True
    return any(not _is_on(run.find("{*}rPr/{*}vanish")) and len(run) for run in paragraph.iter("{*}r"))


def _is_on(element: etree._Element | None) -> bool:
    return element is not None and attribute(element, "val") not in {"0", "false", "off"}


def _value(element: etree._Element | None, name: str) -> str | None:
    """What a child of this name says."""
    child = element.find(f"{{*}}{name}") if element is not None else None
    return None if child is None else attribute(child, "val")


def _whole(text: str | None) -> int | None:
    """The number that is written there, None where there is none that could be meant."""
    if text is None or not re.fullmatch(r"\s*[-+]?\d{1,10}\s*", text):
        return None
    return number if abs(number := int(text)) <= _LARGEST else None

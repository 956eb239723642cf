"""Which fields of a Word paragraph count, and what do those show that number paragraphs by their headings?

The file stores no result of them (ECMA-376 part 1, section 17.16.5: AUTONUM, AUTONUMLGL, AUTONUMOUT, LISTNUM).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from ingest.read.office.package import attribute, local
from ingest.read.writing.numerals import written

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_KIND = re.compile(r"\s*(LISTNUM|AUTONUM(?:LGL|OUT)?)(?![A-Za-z])(.{0,500})", re.IGNORECASE | re.DOTALL)
_SAID = re.compile(
    r'\\(?P<key>[a-z*])\s*(?:"(?P<quoted>[^"]*)"|(?P<plain>[^\s\\"]*))|"(?P<named>[^"]*)"|(?P<word>[^\s\\"]+)',
    re.IGNORECASE,
)
_PARTS = ("{*}fldChar", "{*}instrText", "{*}fldSimple", "{*}t")
_FORMS = {
    "alphabetic": "lowerLetter",
    "ALPHABETIC": "upperLetter",
    "roman": "lowerRoman",
    "ROMAN": "upperRoman",
    "Roman": "upperRoman",
    "OrdText": "ordinalText",
    "CardText": "cardinalText",
    "Ordinal": "ordinal",
    "Hex": "hex",
}
_OUTLINE = (
    *(("upperRoman", "{}."), ("upperLetter", "{}."), ("decimal", "{}."), ("lowerLetter", "{})"), ("decimal", "({})")),
    *(("lowerLetter", "({})"), ("lowerRoman", "({})"), ("lowerLetter", "({})"), ("lowerRoman", "({})")),
)
_LEVELS = 9


@dataclass(frozen=True, slots=True)
class Field:
    """A field that counts; `leads` says that nothing but such fields stands before it in its paragraph."""

    kind: str
    name: str
    switches: Mapping[str, str]
    leads: bool
    _at: etree._Element
    _stored: tuple[etree._Element, ...]

    def show(self, text: str) -> None:
        """Writes what Word shows in the place of whatever is stored."""
        for stored in self._stored:
            stored.text = ""
        shown = etree.Element(f"{{{_W}}}r")
        etree.SubElement(shown, f"{{{_W}}}t").text = text
        self._at.addprevious(shown)


def has_counting(root: etree._Element) -> bool:
    """Whether a part has any such field; few have."""
    said = [each.text or "" for each in root.iter("{*}instrText")]
    said += [attribute(each, "instr") for each in root.iter("{*}fldSimple")]
    return any(kind in "".join(said).upper() for kind in ("LISTNUM", "AUTONUM"))


def counting(paragraph: etree._Element) -> list[Field]:
    """The fields of a paragraph that count, in their order; those in its text boxes are of other paragraphs."""
    found: list[Field] = []
    leads = True
    for place, instruction, stored in _fields(paragraph):
        said = _KIND.match(instruction)
        if said is None:
            leads = leads and not instruction and not stored
            continue
        name, switches = "", {}
        for part in _SAID.finditer(said[2]):
            if part["key"]:
                switches[part["key"].lower()] = part["plain"] if part["quoted"] is None else part["quoted"]
            else:
                name = name or part["named"] or part["word"] or ""
        found.append(Field(said[1].upper(), name, switches, leads, place, tuple(stored)))
    return found


def _fields(paragraph: etree._Element) -> Iterator[tuple[etree._Element, str, list[etree._Element]]]:
    """The outermost fields: where they begin, what they say, the texts of their results; plain text says nothing."""
    begun: list[etree._Element] = []  # where the fields begin that are open
    instruction, is_result = "", False
    stored: list[etree._Element] = []
    for part in paragraph.iter(*_PARTS):
        if next(part.iterancestors("{*}p", "{*}fldSimple"), None) is not paragraph:
            continue
        match local(part), attribute(part, "fldCharType"), len(begun):
            case "fldSimple", _, 0:
                yield part, attribute(part, "instr"), list(part.iter("{*}t"))
            case "fldChar", "begin", 0:
                begun.append(part.getparent())
                instruction, stored, is_result = "", [], False
            case "fldChar", "begin", _:
                begun.append(part.getparent())
            case "fldChar", "separate", 1:
                is_result = True
            case "fldChar", "end", 1:
                yield begun.pop(), instruction, stored
            case "fldChar", "end", deep if deep:
                begun.pop()
            case "instrText", _, 1:
                instruction += part.text or ""
            case "t", _, 0 if (part.text or "").strip():
                yield part, "", [part]
            case "t", _, 1 if is_result:
                stored.append(part)


@dataclass(slots=True)
class HeadingNumbers:
    """How far the fields of one story have counted that number headings and the paragraphs below them, by kind."""

    headings: dict[str, list[int]] = field(default_factory=dict)
    bodies: dict[str, int] = field(default_factory=dict)

    def next(self, of: Field, heading: int, language: str) -> str:
        """What the field shows in a heading of this level, from 1, or in a paragraph of the body, which is 0."""
        reached = self.headings.setdefault(of.kind, [])
        if heading:
            reached[heading:] = []
            reached.extend([1] * (heading - 1 - len(reached)))
            if len(reached) < heading:
                reached.append(0)
            reached[-1] += 1
            self.bodies[of.kind] = 0
            numbers = list(reached)
        else:
            self.bodies[of.kind] = self.bodies.get(of.kind, 0) + 1
            numbers = [*reached, self.bodies[of.kind]]
        if of.kind == "AUTONUMOUT":
            form, around = _OUTLINE[heading - 1] if heading else ("decimal", "{}.")
            return around.format(written(numbers[-1], form, language))
        form = _FORMS.get(of.switches.get("*", ""), "decimal")
        separator = of.switches.get("s", "")[:1] or "."
        shown = [written(number, form, language) for number in numbers]
        if form in {"ordinalText", "cardinalText"}:
            shown = [words.lower() for words in shown]
        if of.kind == "AUTONUM":
            return f"{shown[-1]}{separator}"
        return separator.join(shown) + ("" if "e" in of.switches else separator)

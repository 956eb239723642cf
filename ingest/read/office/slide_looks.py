"""Which words of a slide does nobody see? Those of what is hidden or lies beside it, or is too small, or as its ground.

Places are those that shapes have on the slide; what lies in a group counts by the group's. The ground of a shape is its
own filling, else that of the last shape below it, else the slide's, its layout's or its master's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lxml import etree
from pptx.slide import Slide

from ingest.read.office.package import local
from ingest.read.unseen import How, unseen
from ingest.read.web.looks import WHITE, Colour, colour, is_near

_SMALLEST = 200  # hundredths of a point
_SCHEME = {"bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2"}
_FILLINGS = ("solidFill", "gradFill", "blipFill", "pattFill", "grpFill", "noFill")
_UNKNOWN = "unknown"
Ground = Colour | str | None  # a colour; one that is not known; or none, so that what lies below is seen


class _Box(NamedTuple):
    left: int
    top: int
    width: int
    height: int

    def holds(self, other: _Box) -> bool:
        """Whether the middle of another one lies within."""
        x, y = other.left + other.width / 2, other.top + other.height / 2
        return self.left <= x <= self.left + self.width and self.top <= y <= self.top + self.height


def mark_unseen(slide: Slide, width: int, height: int) -> None:
    """Marks the words in the slide's own tree, which is changed."""
    is_hidden = slide._element.get("show") in {"0", "false"}  # noqa: SLF001 - the library has no other way to it
    scheme: Mapping[str, str] | None = None
    below: list[tuple[_Box, Ground]] = []
    for shape in slide.shapes:
        element, box = shape._element, _box(shape)  # noqa: SLF001 - likewise
        how: How | None = "not shown" if is_hidden or _is_hidden(element) else None
        if how is None and box is not None and _is_beside(box, width, height):
            how = "place"
        for run in element.iter("{*}r", "{*}fld"):
            why, look = how, run.find("{*}rPr")
            if why is None and look is not None and (look.get("sz") or "9999").isdigit():
                why = "size" if int(look.get("sz") or 9999) < _SMALLEST else None
            said = look.find("{*}solidFill") if why is None and look is not None else None
            if said is not None:
                scheme = _scheme(slide) if scheme is None else scheme
                letters = _colour(said, scheme)
                ground = _ground(slide, run, element, box, below, scheme)
                why = "colour" if letters and isinstance(ground, tuple) and is_near(letters, ground) else None
            for text in run.iterchildren("{*}t") if why else ():
                text.text = unseen(text.text or "", why or "colour")
        if box is not None:
            scheme = _scheme(slide) if scheme is None else scheme
            below.append((box, _filling(element, scheme)))


def _is_hidden(shape: etree._Element) -> bool:
    return any(each.get("hidden") in {"1", "true"} for each in shape.iterfind("*/{*}cNvPr"))


def _is_beside(box: _Box, width: int, height: int) -> bool:
    return box.left + box.width <= 0 or box.top + box.height <= 0 or box.left >= width or box.top >= height


def _box(shape: Any) -> _Box | None:
    try:
        places = shape.left, shape.top, shape.width, shape.height
    except (KeyError, AttributeError):  # the layout that would tell is missing
        return None
    return None if None in places else _Box(*places)


def _ground(
    slide: Slide,
    run: etree._Element,
    shape: etree._Element,
    box: _Box | None,
    below: list[tuple[_Box, Ground]],
    scheme: Mapping[str, str],
) -> Ground:
    """On what a run of a shape stands."""
    for above in run.iterancestors():  # a cell of a table, a shape in a group
        if local(above) == "tc":
            return _filled(above.find("{*}tcPr"), scheme) or _UNKNOWN
        if local(above) in {"sp", "grpSp"} and (found := _filling(above, scheme)) is not None:
            return found
        if above is shape:
            break
    if box is None:
        return _UNKNOWN
    for place, filling in reversed(below):
        if filling is not None and place.holds(box):
            return filling
    return _page(slide, box, scheme)


def _page(slide: Slide, box: _Box, scheme: Mapping[str, str]) -> Ground:
    """What lies below all that stands on a slide itself."""
    for part in (slide, slide.slide_layout, slide.slide_layout.slide_master):
        if part is not slide:
            for each in part.shapes:
                around = None if each.is_placeholder else _box(each)
                if around and around.holds(box) and (found := _filling(each._element, scheme)) is not None:  # noqa: SLF001
                    return found
        background = next(part._element.iterfind("{*}cSld/{*}bg"), None)  # noqa: SLF001 - as above
        if background is not None:
            referred = background.find("{*}bgRef")
            if referred is not None:
                return (_colour(referred, scheme) if referred.get("idx") == "1001" else None) or _UNKNOWN
            return _filled(background.find("{*}bgPr"), scheme) or _UNKNOWN
    return WHITE


def _filling(shape: etree._Element, scheme: Mapping[str, str]) -> Ground:
    """What a shape covers what lies below it with."""
    if local(shape) in {"pic", "graphicFrame"}:
        return _UNKNOWN
    properties = next(shape.iterchildren("{*}spPr", "{*}grpSpPr"), None)
    if properties is not None and any(local(each) in _FILLINGS for each in properties):
        return _filled(properties, scheme)
    styled = shape.find("{*}style/{*}fillRef")
    return _UNKNOWN if styled is not None and styled.get("idx") != "0" else None


def _filled(properties: etree._Element | None, scheme: Mapping[str, str]) -> Ground:
    for each in properties if properties is not None else ():
        if local(each) == "solidFill":
            return _colour(each, scheme) or _UNKNOWN
        if local(each) in _FILLINGS:
            return None if local(each) == "noFill" else _UNKNOWN
    return None


def _colour(said: etree._Element, scheme: Mapping[str, str]) -> Colour | None:
    """The colour that a filling names; None where it is made in another way, or changed."""
    for each in said:
        if len(each):  # made lighter or darker, or let shine through
            return None
        value = each.get("val") or ""
        if local(each) == "schemeClr":
            value = scheme.get(value, "")
        found = colour(f"#{value}") if local(each) in {"srgbClr", "schemeClr"} else None
        return found[0] if found else None
    return None


def _scheme(slide: Slide) -> Mapping[str, str]:
    """The colours that a presentation calls by names."""
    try:
        master = slide.slide_layout.slide_master
        themes = [
            relation.target_part.blob for relation in master.part.rels.values() if relation.reltype.endswith("/theme")
        ]
        root = etree.fromstring(themes[0], etree.XMLParser(resolve_entities=False, no_network=True))
        named = dict(_named(root))
        mapped = next(master._element.iterfind("{*}clrMap"), None)  # noqa: SLF001 - as above
    except (KeyError, IndexError, AttributeError, etree.XMLSyntaxError):
        return {}
    names = dict(mapped.attrib) if mapped is not None else {}
    return named | {name: named.get(str(names.get(name, usual)), "") for name, usual in _SCHEME.items()}


def _named(theme: etree._Element) -> Iterator[tuple[str, str]]:
    for scheme in theme.iter("{*}clrScheme"):
        for each in scheme:
            for value in each:
                yield local(each), value.get("lastClr") or value.get("val") or ""

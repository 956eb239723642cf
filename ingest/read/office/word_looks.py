"""Which runs of a Word document does nobody see? Those hidden by a style, too small, or in the colour of their ground.

ECMA-376 part 1, sections 17.3.2 (what a run looks like) and 17.7 (what styles say of it).
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from ingest.read.office.package import attribute, local, readable, relations
from ingest.read.unseen import How, unseen
from ingest.read.web.looks import WHITE, Colour, colour, is_near

_SMALLEST = 3  # half points; what is smaller nobody reads
_DEEPEST = 20  # styles that are based on one another
_OFF = {"0", "false", "off", "none"}


@dataclass(slots=True)
class Looks:
    """What the styles of a document say, by their ids."""

    styles: dict[str, etree._Element] = field(default_factory=dict)
    usual: str = ""
    shaded: frozenset[str] = frozenset()  # styles of tables that colour cells

    @classmethod
    def of(cls, archive: zipfile.ZipFile, main: str) -> Looks:
        """Those of the document whose own part is `main`."""
        part = next((each.target for each in relations(archive, main).values() if each.kind == "styles"), "")
        root = readable(archive, part)
        if root is None:
            return cls()
        styles = {attribute(style, "styleId"): style for style in root.iterchildren("{*}style")}
        usual = [
            name
            for name, style in styles.items()
            if attribute(style, "type") == "paragraph" and attribute(style, "default") in {"1", "true"}
        ]
        shaded = {name for name, style in styles.items() if next(style.iter("{*}shd"), None) is not None}
        return cls(styles, next(iter(usual), ""), frozenset(shaded))

    def mark(self, root: etree._Element) -> None:
        """Marks the words of a part that nobody sees."""
        page = next((attribute(each, "color") for each in root.iterchildren("{*}background")), "")
        for run in root.iter("{*}r"):
            if (how := self._how(run, page)) is not None:
                for text in run.iterchildren("{*}t"):
                    text.text = unseen(text.text or "", how)

    def _how(self, run: etree._Element, page: str) -> How | None:
        said = [*self._said(run)]
        hidden = next((found for each in said if (found := each.find("{*}vanish")) is not None), None)
        if hidden is not None and attribute(hidden, "val") not in _OFF:
            return "not shown"
        size = next((attribute(found, "val") for each in said if (found := each.find("{*}sz")) is not None), "")
        if size.isdigit() and int(size) < _SMALLEST:
            return "size"
        shown = next((attribute(found, "val") for each in said if (found := each.find("{*}color")) is not None), "auto")
        letters = _colour(shown)
        if letters is None:
            return None
        ground = self._ground(run, said, page)
        return "colour" if ground is not None and is_near(letters, ground) else None

    def _said(self, run: etree._Element) -> Iterator[etree._Element]:
        """What is said of a run's look, the nearest first."""
        own = run.find("{*}rPr")
        if own is not None:
            yield own
            yield from self._styled(attribute(own.find("{*}rStyle"), "val"))
        paragraph = next((above for above in run.iterancestors("{*}p")), None)
        if paragraph is not None:
            yield from self._styled(attribute(paragraph.find("{*}pPr/{*}pStyle"), "val") or self.usual)

    def _styled(self, name: str, what: str = "rPr") -> Iterator[etree._Element]:
        for _ in range(_DEEPEST):
            style = self.styles.get(name)
            if style is None:
                return
            if (found := style.find(f"{{*}}{what}")) is not None:
                yield found
            name = attribute(style.find("{*}basedOn"), "val")

    def _ground(self, run: etree._Element, said: list[etree._Element], page: str) -> Colour | None:
        """On what a run stands; None where it is not known."""
        lights = [light for each in said if (light := each.find("{*}highlight")) is not None]
        if any(attribute(light, "val") != "none" for light in lights):
            return None
        places = [*said]
        for above in run.iterancestors("{*}p", "{*}tc", "{*}tbl", "{*}txbxContent"):
            if local(above) == "txbxContent":
                break  # what a drawing is filled with is told in many ways
            places += above.iterchildren("{*}pPr", "{*}tcPr", "{*}tblPr")
            if local(above) == "p":
                places += self._styled(attribute(above.find("{*}pPr/{*}pStyle"), "val") or self.usual, "pPr")
            elif attribute(above.find("{*}tblPr/{*}tblStyle"), "val") in self.shaded:
                break
        else:
            bare = WHITE if page in {"", "auto"} else _colour(page)
            return next((found for each in places if (found := _filled(each)) is not None), bare)
        return next((found for each in places if (found := _filled(each)) is not None), None)


def _filled(place: etree._Element | None) -> Colour | None:
    shading = place.find("{*}shd") if place is not None else None
    return _colour(attribute(shading, "fill")) if shading is not None else None


def _colour(value: str) -> Colour | None:
    found = colour(f"#{value}") if len(value) == 6 else None
    return found[0] if found else None

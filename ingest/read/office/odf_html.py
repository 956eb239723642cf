"""How does the content of an OpenDocument file become HTML? (OASIS OpenDocument 1.3, part 3)

odfdo, the library for the format, gives Markdown of texts too, but without comments, formulas, charts, descriptions of
pictures and the numbers of lists, and none of presentations.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape

from bs4 import BeautifulSoup
from lxml import etree

from ingest.read.office import odf_numbers
from ingest.read.office.odf_numbers import Counted
from ingest.read.office.package import attribute, local, parse
from ingest.read.office.word_numbers import BULLET
from ingest.read.unseen import How, unseen
from ingest.read.web.looks import WHITE, colour, is_near
from ingest.read.web.mathml import formula
from ingest.read.writing.rows import one_line

_SILENT = {
    *("tracked-changes", "annotation-end", "forms", "notes", "desc", "sequence-decls", "variable-decls", "scripts"),
    *("user-field-decls", "soft-page-break", "covered-table-cell", "table-columns", "table-column", "event-listeners"),
    *("bibliography-configuration", "index-entry-tab-stop", "shapes", "image-map", "date-time-decl", "footer-decl"),
    "number",
}
_TELLING = {"display", "font-size", "color", "use-window-font-color"}
_STYLED = {"span", "p", "h", "section", "a"}
_SMALLEST = 1.5  # points
_DEEPEST = 20  # styles that are based on one another
_SVG = "urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"
MOST_REPEATED = 1000  # cells or rows; more are the empty rest of a sheet


def plain_text(element: etree._Element) -> str:
    """The words of an element on one line."""
    return one_line("".join(_letters(element)))


def _letters(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        name = local(child)
        if name in {"s", "tab", "line-break", "p", "h"}:
            yield " "
        if name not in _SILENT | {"annotation", "note"}:
            yield from _letters(child)
        yield child.tail or ""


@dataclass(slots=True)
class Styles:
    """What the names of styles stand for: their parents, and how the levels of lists are counted."""

    parents: dict[str, str] = field(default_factory=dict)
    lists: dict[str, dict[int, odf_numbers.Level]] = field(default_factory=dict)
    uncounted: set[str] = field(default_factory=set)  # styles of paragraphs that say that they are in no list
    looks: dict[str, dict[str, str]] = field(default_factory=dict)  # what they say of letters and their ground
    grounds: bool = False  # whether any says of a ground that it is not the page's

    def learn(self, root: etree._Element) -> None:
        """Takes in the styles of one part."""
        for style in root.iter("{*}style"):
            name = attribute(style, "name")
            self.parents[name] = attribute(style, "parent-style-name")
            self.looks[name] = {
                str(key).rpartition("}")[2]: str(value)
                for place in style.iterchildren(
                    "{*}text-properties", "{*}paragraph-properties", "{*}section-properties"
                )
                for key, value in place.attrib.items()
                if str(key).rpartition("}")[2] in _TELLING
            }
            self.grounds = self.grounds or any(
                attribute(each, key) not in {"", "none", "transparent", "#ffffff"}
                for each in style
                for key in ("background-color", "fill", "fill-color")
            )
            if any(str(key).endswith("}list-style-name") and not value for key, value in style.attrib.items()):
                self.uncounted.add(name)
        for style in root.iter("{*}list-style"):
            self.lists[attribute(style, "name")] = odf_numbers.learn(style)
        for outline in root.iter("{*}outline-style"):
            self.lists[odf_numbers.OUTLINE] = odf_numbers.learn(outline)

    def how(self, names: Iterable[str]) -> How | None:
        """Why what has these styles, the nearest first, is not seen; None where it is, or may be."""
        said: dict[str, str] = {}
        for name in names:
            for _ in range(_DEEPEST):
                said = self.looks.get(name, {}) | said
                if not (name := self.parents.get(name, "")):
                    break
        if said.get("display") == "none":
            return "not shown"
        size = re.fullmatch(r"([\d.]+)pt", said.get("font-size", ""))
        if size and float(size[1]) < _SMALLEST:
            return "size"
        letters = colour(said.get("color", ""))
        is_white = letters is not None and is_near(letters[0], WHITE) and said.get("use-window-font-color") != "true"
        return "colour" if is_white and not self.grounds else None

    def is_title(self, name: str) -> bool:
        """Whether a paragraph of this style is the document's title."""
        return "Title" in {name, self.parents.get(name)}


def controls(root: etree._Element) -> dict[str, str]:
    """What is ticked, chosen and filled in in the controls of forms, by their ids."""
    found = {}
    for forms in root.iter("{*}forms"):
        for control in forms.iter(etree.Element):
            if text := _filled_in(control):
                found[attribute(control, "id")] = text
    return found


def _filled_in(control: etree._Element) -> str:
    name, label = local(control), one_line(attribute(control, "label"))
    if name == "checkbox":
        state = attribute(control, "current-state") or attribute(control, "state")
        return f"{'☒' if state == 'checked' else '☐'} {label}"
    if name == "radio":
        chosen = attribute(control, "current-selected") or attribute(control, "selected")
        return f"{'◉' if chosen == 'true' else '○'} {label}"
    if name == "listbox":
        options = [*control.iterchildren("{*}option")]
        is_said = any(attribute(each, "current-selected") for each in options)
        key = "current-selected" if is_said else "selected"
        return one_line(", ".join(attribute(each, "label") for each in options if attribute(each, key) == "true"))
    if name in {"text", "textarea", "combobox", "formatted-text", "number", "date", "time"}:
        return one_line(attribute(control, "current-value") or attribute(control, "value"))
    return ""


@dataclass(slots=True)
class Html:
    """Converts elements one after another; notes and comments are put aside."""

    archive: zipfile.ZipFile
    styles: Styles
    controls: Mapping[str, str] = field(default_factory=dict)  # what is filled in in them, by their ids
    folder: str = ""  # of the part that is converted, inside of the archive
    notes: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    title: str = ""  # what is written in the title's style first
    _floating: list[str] = field(default_factory=list)  # what is anchored in a paragraph and stands behind it
    _lists: list[tuple[str, Counted]] = field(default_factory=list)  # those that are open: their styles, how far
    _counted: dict[str, Counted] = field(default_factory=dict)  # by the name of a list or its style
    _mark: str = ""  # what stands before the next paragraph

    def of(self, element: etree._Element) -> str:
        """The element as HTML."""
        name = local(element)
        if name in _SILENT or not name:
            return ""
        make = _MAKERS.get(name)
        return make(self, element) if make else self.inside(element)

    def inside(self, element: etree._Element) -> str:
        """What stands in the element as HTML; marked where nobody sees it."""
        how = self._how(element)
        say = escape if how is None else lambda text: unseen(escape(text), how)
        parts = [say(element.text or "")]
        for child in element:
            parts += [self.of(child), say(child.tail or "")]
        return "".join(parts)

    def _how(self, element: etree._Element) -> How | None:
        if local(element) in {"hidden-text", "hidden-paragraph"}:
            return "not shown"
        above = (each for each in (element, *element.iterancestors()) if local(each) in _STYLED)
        return self.styles.how(filter(None, (attribute(each, "style-name") for each in above)))

    def _block(self, element: etree._Element, tag: str) -> str:
        outer, self._floating = self._floating, []
        mark, self._mark = self._mark, ""
        text = f"<{tag}>{mark}{self.inside(element)}</{tag}>"
        text += "".join(self._floating)
        self._floating = outer
        return text

    def paragraph(self, element: etree._Element) -> str:
        """A paragraph; that of the title's style is a heading."""
        if not self.styles.is_title(attribute(element, "style-name")):
            return self._block(element, "p")
        self.title = self.title or plain_text(element)
        return self._block(element, "h1")

    def heading(self, element: etree._Element) -> str:
        """A heading of its level, with its number where the outline or a list counts it."""
        level = _whole(attribute(element, "outline-level"), 1)
        style = attribute(element, "style-name")
        is_counted = style not in self.styles.uncounted and attribute(element, "is-list-header") != "true"
        if not self._lists and is_counted:
            counted = self._counted.setdefault(odf_numbers.OUTLINE, Counted())
            restarts = attribute(element, "restart-numbering") == "true"
            given = _whole(attribute(element, "start-value"), 1) if restarts else None
            self._count(odf_numbers.OUTLINE, counted, level, given)
        return self._block(element, f"h{min(level, 6)}")

    def listed(self, element: etree._Element) -> str:
        """The items of a list, each with a mark of which the page's own lists are made."""
        style = attribute(element, "style-name") or (self._lists[-1][0] if self._lists else "")
        if self._lists:
            counted = self._lists[-1][1]
        else:
            counted = self._forerunner(element, style) or Counted()
            self._counted[style] = self._counted["#" + attribute(element, "id")] = counted
        self._lists.append((style, counted))
        level = min(len(self._lists), odf_numbers.LEVELS)
        text = "".join(self._item(item, style, counted, level) for item in element.iterchildren("{*}list-item"))
        headers = "".join(self.inside(header) for header in element.iterchildren("{*}list-header"))
        self._lists.pop()
        return headers + text

    def _forerunner(self, element: etree._Element, style: str) -> Counted | None:
        """The list that this one counts on from."""
        if of := attribute(element, "continue-list"):
            return self._counted.get(f"#{of}")
        return self._counted.get(style) if attribute(element, "continue-numbering") == "true" else None

    def _item(self, item: etree._Element, style: str, counted: Counted, level: int) -> str:
        """What stands in an item; its first paragraph has the number, unless there is but a deeper list."""
        text, is_first = "", True
        for child in item:
            if local(child) in {"p", "h"}:
                if is_first:
                    given = _whole(attribute(item, "start-value"), -1)
                    self._count(style, counted, level, None if given < 0 else given)
                else:
                    self._mark = f"\ue020{min(level - 1, 8)}\ue021\ue022"  # of the item before
            is_first = False
            text += self.of(child)
        return text

    def _count(self, style: str, counted: Counted, level: int, given: int | None) -> None:
        """Counts one more paragraph, and keeps what stands before it."""
        levels = self.styles.lists.get(style, {})
        level = min(level, odf_numbers.LEVELS)
        counted.next(level, levels, given)
        said, gap = odf_numbers.label(levels, level, counted)
        if not said and style != odf_numbers.OUTLINE and level not in levels:
            said, gap = BULLET, " "  # a list of which nothing is said has bullets
        self._mark = f"\ue020{min(level - 1, 8)}{escape(said)}\ue021{gap}\ue022" if said else ""

    def spaces(self, element: etree._Element) -> str:
        """Spaces, of which the format writes how many they are."""
        return " " * min(int(attribute(element, "c") or 1), MOST_REPEATED)

    def note(self, element: etree._Element) -> str:
        """The mark of a footnote or endnote, whose text is put aside."""
        mark = next((one_line("".join(each.itertext())) for each in element.iterchildren("{*}note-citation")), "")
        for body in element.iterchildren("{*}note-body"):
            outer, self._floating = self._floating, []
            self.notes.append(f"<div><p>[{escape(mark)}] {self.inside(body).strip().removeprefix('<p>')}</div>")
            self._floating = outer
        return f"[{escape(mark)}]"

    def annotation(self, element: etree._Element) -> str:
        """Nothing: what a reviewer said is put aside."""
        author = next((one_line(each.text or "") for each in element.iterchildren("{*}creator")), "")
        text = " ".join(plain_text(each) for each in element if local(each) in {"p", "list"})
        self.comments.append(unseen(f"{author}: {text}" if author else text, "comment"))
        return ""

    def table(self, element: etree._Element) -> str:
        """A table with all of its rows."""
        return f"<table>{''.join(self._rows(element))}</table>"

    def _rows(self, element: etree._Element) -> Iterator[str]:
        for child in element:
            if local(child) == "table-row":
                cells = "".join(self._cells(child))
                yield f"<tr>{cells}</tr>" * (_times(child, "rows") if cells else 1)
            elif local(child) in {"table-header-rows", "table-rows", "table-row-group"}:
                yield from self._rows(child)

    def _cells(self, row: etree._Element) -> Iterator[str]:
        cells = [cell for cell in row if local(cell) in {"table-cell", "covered-table-cell"}]
        while cells and not len(cells[-1]):
            cells.pop()
        for cell in cells:
            if local(cell) == "table-cell":
                spans = f'colspan="{_spanned(cell, "columns")}" rowspan="{_spanned(cell, "rows")}"'
                yield f"<td {spans}>{self.inside(cell)}</td>" * _times(cell, "columns")

    def frame(self, element: etree._Element) -> str:
        """A text box or table as it is; else the object or picture in words."""
        boxes = [child for child in element if local(child) in {"text-box", "table"}]
        if boxes:
            return self._placed(element, "".join(self.of(box) for box in boxes))
        made = "".join(self._object(each) for each in element.iterchildren("{*}object"))
        return f"{made} {escape(_description(element))}".strip()

    def shape(self, element: etree._Element) -> str:
        """What is written in a drawn shape, and what it is said to show."""
        said = _description(element)
        return self._placed(element, self.inside(element) + (f"<p>{escape(said)}</p>" if said else ""))

    def _placed(self, element: etree._Element, text: str) -> str:
        """Blocks that are anchored in a paragraph stand behind it, since none can stand inside."""
        text = f"<div>{text}</div>"
        if any(local(above) in {"p", "h"} for above in element.iterancestors()):
            self._floating.append(text)
            return ""
        return text

    def _object(self, element: etree._Element) -> str:
        """A formula, a chart (its titles and its numbers) or another document inside of this one."""
        folder = posixpath.normpath(posixpath.join(self.folder, attribute(element, "href")))
        part = posixpath.join(folder, "content.xml")
        root = parse(self.archive.read(part)) if part in self.archive.namelist() else next(iter(element), None)
        if root is None:
            return ""
        if local(root) == "math":
            for each in root.iter():
                if local(each):
                    each.tag = local(each)
            math = BeautifulSoup(etree.tostring(root), "xml").find("math")
            return escape(formula(math)) if math is not None else ""
        outer, self.folder = self.folder, folder
        text = "".join(self.of(body) for body in root.iter("{*}body"))
        self.folder = outer
        return self._placed(element, text)


def _description(element: etree._Element) -> str:
    """The title and description of a picture or drawing."""
    said = [each.text or "" for name in ("title", "desc") for each in element.iterchildren(f"{{{_SVG}}}{name}")]
    return one_line(" ".join(said))


def _whole(text: str, otherwise: int) -> int:
    """A number that could be meant, at least 0."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def _times(element: etree._Element, what: str) -> int:
    times = attribute(element, f"number-{what}-repeated")
    return min(int(times), MOST_REPEATED) if times.isdigit() else 1


def _spanned(element: etree._Element, what: str) -> int:
    times = attribute(element, f"number-{what}-spanned")
    return int(times) if times.isdigit() else 1


_MAKERS: dict[str, Callable[[Html, etree._Element], str]] = {
    "p": Html.paragraph,
    "h": Html.heading,
    "list": Html.listed,
    "s": Html.spaces,
    "tab": lambda _made, _element: "\t",
    "line-break": lambda _made, _element: "<br>",
    "note": Html.note,
    "annotation": Html.annotation,
    "table": Html.table,
    "frame": Html.frame,
    "control": lambda made, element: escape(made.controls.get(attribute(element, "control"), "")),
    "ruby-text": lambda made, element: f"({made.inside(element)})",
    "title": lambda made, element: "" if element.tag == f"{{{_SVG}}}title" else made.inside(element),
    **dict.fromkeys(("custom-shape", "rect", "ellipse", "circle", "line", "connector", "path", "polygon"), Html.shape),
    **dict.fromkeys(("polyline", "regular-polygon", "caption", "measure", "g"), Html.shape),
}

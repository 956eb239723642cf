"""What does an .xlsx workbook hold, sheet by sheet, as a person sees it?

Read here and not by calamine, which gives neither errors (#DIV/0!) nor number formats nor comments, and which ends the
process over one cell far away from the others, since it holds a sheet as a full rectangle.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from ingest.read.damage import until_damage
from ingest.read.office.drawing import drawn
from ingest.read.office.number_format import BUILT_IN, shown, worded
from ingest.read.office.package import SPOILED, holds, link, local, main_part, parse, readable, relations
from ingest.read.office.package_faults import faults_in
from ingest.read.sheets.xlsx_cells import Cells, merged, rows
from ingest.read.unseen import How, unseen
from ingest.read.web.looks import WHITE, Colour, colour, is_near
from ingest.read.writing.rows import one_line

_SIGNS = {"Checkbox": ("☐", "☒"), "Radio": ("○", "◉")}  # as they are, and ticked
_SMALLEST = 1.5  # points
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet by its name, and the part of the file that holds it; one that is not `shown` is in no list of them."""

    name: str
    part: str
    shown: bool = True


@dataclass(slots=True)
class Workbook:
    """An open workbook: its sheets in order, what their cells refer to, and what was found wrong with it so far."""

    archive: zipfile.ZipFile
    sheets: tuple[Sheet, ...]
    strings: tuple[str, ...]
    formats: tuple[str, ...]
    looks: tuple[How | None, ...]  # of each style, why what has it is not seen
    from_1904: bool
    is_calculated_later: bool  # what formulas come to: the program that wrote them left zeros, or nothing
    faults: list[str]
    lost: int = 0  # cells whose text is not there

    def rows(self, sheet: Sheet) -> Iterator[tuple[int, Cells]]:
        """The rows that hold anything, each with its number from 0."""
        what, lost = f"sheet {one_line(sheet.name)[:80]}", self.lost
        if not holds(self.archive, sheet.part):
            self.faults.append(f"{what} is missing")
            return
        yield from until_damage(self._rows(sheet), what, self.faults)
        if self.lost > lost:
            self.faults.append(f"the texts of {self.lost - lost:,} cells in {what} are missing")

    def _rows(self, sheet: Sheet) -> Iterator[tuple[int, Cells]]:
        with self.archive.open(sheet.part) as stream:
            yield from rows(stream, self._text, is_zero_a_result=not self.is_calculated_later)

    def merged(self, sheet: Sheet) -> dict[tuple[int, int], tuple[int, int]]:
        """The cells that take several rows or columns: by row and column, how many of both."""
        if not holds(self.archive, sheet.part):
            return {}
        try:
            with self.archive.open(sheet.part) as stream:
                return merged(stream)
        except SPOILED:  # which its cells tell of
            return {}

    def beside(self, sheet: Sheet) -> Iterator[str]:
        """What stands on the sheet besides its cells, as Markdown: text boxes, charts, comments."""
        what = f"what stands on sheet {one_line(sheet.name)[:80]}"
        yield from until_damage(self._beside(sheet), what, self.faults)

    def _beside(self, sheet: Sheet) -> Iterator[str]:
        related = [*relations(self.archive, sheet.part).values()]
        boxes: list[tuple[str, str]] = []
        for relation in related:
            root = readable(self.archive, relation.target) if relation.kind == "vmlDrawing" else None
            boxes += _boxes(root) if root is not None else ()
        labels = {label for _, label in boxes}
        yield from (f"{sign} {label}".strip() for sign, label in boxes)
        for relation in related:
            if relation.kind == "drawing":
                yield from (piece for piece in drawn(self.archive, relation.target) if piece not in labels)
            elif relation.kind in {"comments", "threadedComment"}:
                root = readable(self.archive, relation.target)
                yield from _comments(root) if root is not None else ()

    def _text(self, kind: str, value: str, style: int) -> str:
        """What stands in a cell of this type; marked where its style lets nobody see it."""
        text = self._worded(kind, value, style)
        how = self.looks[style] if style < len(self.looks) else None
        return unseen(text, how) if how else text

    def _worded(self, kind: str, value: str, style: int) -> str:
        code = self.formats[style] if style < len(self.formats) else "General"
        if kind == "n":
            return shown(value.strip(), code, self.from_1904)
        if kind == "s":
            place = int(value)
            if 0 <= place < len(self.strings):
                return worded(self.strings[place], code)
            self.lost += 1
            return ""
        if kind == "b":
            return "TRUE" if value.strip() == "1" else "FALSE"
        if kind == "d":
            return value.strip().replace("T", " ")
        text = one_line(_unescaped(value))  # a text of its own or a formula's, an error
        return text if kind == "e" else worded(text, code)


def open_workbook(archive: zipfile.ZipFile) -> Workbook:
    """The workbook in this container. Raises Unreadable where there is none."""
    main = main_part(archive, "workbook")
    book = parse(archive.read(main))
    related = relations(archive, main)
    sheets = [
        Sheet(
            element.get("name", ""),
            related[link(element)].target if link(element) in related else "",
            element.get("state", "visible") == "visible",
        )
        for element in book.iterfind("{*}sheets/{*}sheet")
    ]
    parts = {relation.kind: relation.target for relation in related.values()}
    faults = faults_in(archive)
    strings = map(_string, _elements(archive, parts.get("sharedStrings", ""), "si"))
    return Workbook(
        archive,
        tuple(sheets),
        tuple(until_damage(strings, "the list of texts", faults)),
        tuple(until_damage(_formats(archive, parts.get("styles", "")), "the list of formats", faults)),
        tuple(until_damage(_looks(archive, parts.get("styles", "")), "the list of formats", [])),
        any(element.get("date1904", "0") in {"1", "true"} for element in book.iterfind("{*}workbookPr")),
        any(element.get("fullCalcOnLoad", "0") in {"1", "true"} for element in book.iterfind("{*}calcPr")),
        faults,
    )


def _elements(archive: zipfile.ZipFile, part: str, name: str) -> Iterator[etree._Element]:
    """The elements of this name one by one; none where the part is missing."""
    if not holds(archive, part):
        return
    with archive.open(part) as stream:
        for _, element in etree.iterparse(stream, tag=f"{{*}}{name}", resolve_entities=False, huge_tree=True):
            yield element
            element.clear()
            while element.getprevious() is not None:  # else their empty shells would add up
                del element.getparent()[0]


def _formats(archive: zipfile.ZipFile, part: str) -> Iterator[str]:
    """The number format of every cell style, in order."""
    styles = readable(archive, part)
    if styles is None:
        return
    codes = BUILT_IN | {
        int(e.get("numFmtId", "0")): e.get("formatCode", "") for e in styles.iterfind("{*}numFmts/{*}numFmt")
    }
    for style in styles.iterfind("{*}cellXfs/{*}xf"):
        yield codes.get(int(style.get("numFmtId", "0")), "General")


def _looks(archive: zipfile.ZipFile, part: str) -> Iterator[How | None]:
    """Of every cell style, in order, why nobody sees what has it: too small, or of the colour of its ground."""
    styles = readable(archive, part)
    if styles is None:
        return
    fonts = [
        (
            _colour(font.find("{*}color")),
            float((font.find("{*}sz").get("val") or 11) if len(font) and font.find("{*}sz") is not None else 11),
        )
        for font in styles.iterfind("{*}fonts/{*}font")
    ]
    grounds = [_ground(each) for each in styles.iterfind("{*}fills/{*}fill")]
    for style in styles.iterfind("{*}cellXfs/{*}xf"):
        font, fill = (int(style.get(key) or 0) for key in ("fontId", "fillId"))
        letters, size = fonts[font] if font < len(fonts) else (None, 11.0)
        ground = grounds[fill] if fill < len(grounds) else None
        if size < _SMALLEST:
            yield "size"
        else:
            yield "colour" if letters is not None and ground is not None and is_near(letters, ground) else None


def _ground(fill: etree._Element) -> Colour | None:
    pattern = fill.find("{*}patternFill")
    kind = pattern.get("patternType", "none") if pattern is not None else ""
    if kind == "none":
        return WHITE
    return _colour(pattern.find("{*}fgColor")) if kind == "solid" and pattern is not None else None


def _colour(said: etree._Element | None) -> Colour | None:
    """A colour that is named by its parts, or is that of the page; None for the others."""
    if said is None or said.get("tint"):
        return None
    if said.get("theme") == "0" or said.get("indexed") in {"1", "9"}:
        return WHITE
    found = colour(f"#{(said.get('rgb') or '')[-6:]}")
    return found[0] if found else None


def _string(item: etree._Element) -> str:
    """The runs of a text in one; how it is pronounced is left out."""
    texts = item.iter("{*}t")
    return one_line(_unescaped("".join(t.text or "" for t in texts if local(t.getparent()) != "rPh")))


def _unescaped(text: str) -> str:
    """Letters that XML has no room for are written as _x000D_."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _boxes(root: etree._Element) -> Iterator[tuple[str, str]]:
    """The boxes and buttons that can be ticked on a sheet: their states and labels."""
    for shape in root.iter("{*}shape"):
        data = shape.find("{*}ClientData")
        signs = _SIGNS.get(data.get("ObjectType", "")) if data is not None else None
        if data is not None and signs is not None:
            words = "".join(word for box in shape.iterchildren("{*}textbox") for word in box.itertext())
            yield signs[(data.findtext("{*}Checked") or "0").strip() == "1"], one_line(words)


def _comments(root: etree._Element) -> Iterator[str]:
    authors = [one_line(author.text or "") for author in root.iterfind("{*}authors/{*}author")]
    for comment in root.iter("{*}comment", "{*}threadedComment"):
        number = comment.get("authorId", "")
        author = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
        text = one_line(" ".join(t.text or "" for t in comment.iter("{*}t", "{*}text")))
        if text and not author.startswith("tc="):  # a copy, for old programs, of one that is in a thread
            yield unseen(f"{comment.get('ref', '')}: {text}", "comment")

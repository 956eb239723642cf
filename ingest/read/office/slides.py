"""What is on the slides of a presentation (.pptx), as Markdown?

What a slide takes from its layout and master (logos, standing lines) is not read.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from pathlib import Path

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.shapes.base import BaseShape
from pptx.slide import Slide

from ingest.model import Document, Failure, Page
from ingest.read.damage import until_damage
from ingest.read.inside import checked_zip
from ingest.read.office.drawing import description, graphic, paragraph_text
from ingest.read.office.package import embedded, local, main_part, properties, readable, relations, sound
from ingest.read.office.package_faults import faults_in, with_faults
from ingest.read.office.slide_looks import mark_unseen
from ingest.read.office.slide_numbers import lines
from ingest.read.registry import Item
from ingest.read.sandbox.late import LATE, is_late
from ingest.read.unseen import seen, unseen
from ingest.read.writing.rows import markdown_table, one_line

_LINE = 457_200  # half an inch: shapes whose tops are nearer than this stand side by side
_SHAPES = ("sp", "grpSp", "graphicFrame", "pic", "cxnSp")
_LISTED = {PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.VERTICAL_BODY, PP_PLACEHOLDER.VERTICAL_OBJECT}
_STANDING = {PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.HEADER}
_ITEM = re.compile(r"\d{1,9}[.)]")  # what begins an item in Markdown too; a) stands in the text
_FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|gif|emf|wmf|svg|tiff?|bmp)", re.IGNORECASE)


def read_slides(path: Path, name: str) -> Iterator[Item]:
    """All slides as one document, hidden ones too, each under its title, with its notes and comments; pages are slides.

    The title is the presentation's property, else that of the first slide that has one.
    """
    with checked_zip(path, "presentation") as archive:
        known = properties(archive)
        main = main_part(archive, "presentation")
        whole = sound(archive, main, is_huge_allowed=False)
        pages: list[Page] = []
        text = ""
        presentation = Presentation(whole.file)
        size = presentation.slide_width or 0, presentation.slide_height or 0
        deck = _Deck(archive, faults_in(archive, whole.left_out), size)
        parts = {key: relation.target for key, relation in relations(archive, main).items()}
        # Its property `slides` renames their parts in order, which are called otherwise in the file, and needs them all
        late: list[Failure] = []
        for number, listed in enumerate(presentation.element.get_or_add_sldIdLst(), start=1):
            if pages and is_late():
                late.append(Failure(name, f"what follows slide {number - 1} has {LATE}"))
                break
            try:
                slide = presentation.part.related_slide(listed.rId)
            except (KeyError, AttributeError):  # it is missing, or something else
                reason = whole.left_out.get(parts.get(listed.rId, ""))
                deck.faults.append(f"slide {number} {f'cannot be read, {reason}' if reason else 'is missing'}")
                continue
            pieces = [*until_damage(deck.pieces(slide, number), f"slide {number}", deck.faults)]
            if pieces:
                text += "\n\n" if text else ""
                pages.append(Page(len(text), number))
                text += "\n\n".join(pieces)
        title = known.pop("title", "") or deck.title or path.stem
        document = Document(name, text if deck.has_words else "", title, "markdown", tuple(pages), known)
        yield from with_faults(document, deck.faults)
        yield from late
        yield from embedded(archive, name)


@dataclass(slots=True)
class _Deck:
    """What is remembered from slide to slide: the first title, the footers given so far, and what is damaged."""

    archive: zipfile.ZipFile
    faults: list[str]
    size: tuple[int, int]
    title: str = ""
    has_words: bool = False
    standing: set[str] = field(default_factory=set)

    def pieces(self, slide: Slide, number: int) -> Iterator[str]:
        """The slide's heading, which is its number where it has no title, and its blocks in reading order."""
        _choose(slide._element)  # noqa: SLF001 - the library has no other way to what it does not know
        if all(self.size):
            mark_unseen(slide, *self.size)
        part = str(slide.part.partname).lstrip("/")
        shape = slide.shapes.title
        title = " ".join(map(one_line, _paragraphs(shape))) if shape is not None else ""
        self.title = self.title or seen(title)
        yield f"## {title or f'Slide {number}'}"
        self.has_words = self.has_words or bool(title)
        for block in chain(self._blocks(list(slide.shapes), part, skipped=shape), self._beside(slide, part)):
            self.has_words = True
            yield block

    def _blocks(self, shapes: list[BaseShape], part: str, skipped: BaseShape | None = None) -> Iterator[str]:
        for shape in _in_reading_order(shapes):
            if skipped is not None and shape._element is skipped._element:  # noqa: SLF001 - ids are not always unique
                continue
            kind = shape.placeholder_format.type if shape.is_placeholder else None
            if kind == PP_PLACEHOLDER.SLIDE_NUMBER:
                continue
            text = self._text(shape, part, is_list=kind in _LISTED)
            if kind in _STANDING:
                text = "" if text in self.standing else text
                self.standing.add(text)
            said = description(shape._element)  # noqa: SLF001 - the library does not give it
            yield from (piece for piece in (text, "" if _FILE_NAME.fullmatch(said) else said) if piece)

    def _text(self, shape: BaseShape, part: str, *, is_list: bool) -> str:
        element = shape._element  # noqa: SLF001 - as above
        if local(element) == "grpSp":
            return "\n\n".join(self._blocks(list(shape.shapes), part))
        if shape.has_text_frame:
            return _listed(element) if is_list else "\n\n".join(_paragraphs(shape))
        if local(element) != "graphicFrame":
            return ""
        if shape.has_table:
            return _table(element)
        return graphic(self.archive, part, element)

    def _beside(self, slide: Slide, part: str) -> Iterator[str]:
        """The speaker's notes, and what reviewers said."""
        if slide.has_notes_slide and (frame := slide.notes_slide.notes_text_frame) is not None:
            notes = [paragraph_text(paragraph._p) for paragraph in frame.paragraphs]  # noqa: SLF001 - as above
            if any(notes):
                yield "Notes:\n\n" + "\n\n".join(filter(None, notes))
        for relation in relations(self.archive, part).values():
            root = readable(self.archive, relation.target) if relation.kind == "comments" else None
            if root is not None:
                said = [one_line(text) for text in _comments(root)]
                if any(said):
                    yield "Comments:\n\n" + "\n".join(f"- {unseen(text, 'comment')}" for text in said if text)


def _choose(tree: etree._Element) -> None:
    """Puts in the place of every alternative the shapes that it offers: the library passes over them all."""
    for choices in list(tree.iter("{*}AlternateContent")):
        if local(choices.getparent()) not in {"spTree", "grpSp"}:
            continue
        for choice in choices:
            shapes = [shape for shape in choice if local(shape) in _SHAPES]
            if shapes:
                for shape in shapes:
                    choices.addprevious(shape)
                break


def _in_reading_order(shapes: list[BaseShape]) -> list[BaseShape]:
    """From top to bottom; those that begin on nearly one line from left to right."""
    placed = sorted(((*_place(shape), shape) for shape in shapes), key=itemgetter(0, 1))
    lines: list[list[tuple[int, int, BaseShape]]] = []
    for top, left, shape in placed:
        if lines and top - lines[-1][0][0] < _LINE:
            lines[-1].append((top, left, shape))
        else:
            lines.append([(top, left, shape)])
    return [shape for line in lines for _, _, shape in sorted(line, key=itemgetter(1))]


def _place(shape: BaseShape) -> tuple[int, int]:
    """How far from the top and from the left it stands; at the very beginning if nothing says so."""
    try:
        return shape.top or 0, shape.left or 0
    except KeyError:  # the layout that would is missing
        return 0, 0


def _paragraphs(shape: BaseShape) -> list[str]:
    bodies = shape._element.iterchildren("{*}txBody")  # noqa: SLF001 - the library's paragraphs lack equations
    return [f"{line.number} {line.text}".lstrip() for line in lines(bodies)]


def _listed(element: etree._Element) -> str:
    """The paragraphs of a body as a list by their levels; a single one and those without bullets stand as they are."""
    found = [*lines(element.iterchildren("{*}txBody"))]
    if len(found) == 1:
        return f"{found[0].number} {found[0].text}".lstrip()
    written = ""
    was_listed = True
    widths: dict[int, int] = {}  # of the marks by level, under whose words what is deeper stands
    for line in found:
        mark = line.number or "-"
        is_listed = not line.is_bare and (not line.number or _ITEM.fullmatch(line.number) is not None)
        if written:
            written += "\n" if is_listed and was_listed else "\n\n"
        if is_listed:
            indent = " " * sum(widths.get(level, 2) for level in range(line.level))
            widths[line.level] = len(mark) + 1
            below = "\n" + indent + " " * (len(mark) + 1)
            written += f"{indent}{mark} {line.text.replace(chr(10), below)}"
        else:
            written += f"{line.number} {line.text}".lstrip()
        was_listed = is_listed
    return written


def _table(element: etree._Element) -> str:
    rows = []
    for row in element.iter("{*}tr"):
        cells = []
        for cell in row.iterchildren("{*}tc"):
            covered = cell.get("hMerge") in {"1", "true"} or cell.get("vMerge") in {"1", "true"}
            texts = [] if covered else [paragraph_text(paragraph) for paragraph in cell.iterfind("{*}txBody/{*}p")]
            cells.append(" ".join(texts))
        rows.append(cells)
    return markdown_table(rows)


def _comments(root: etree._Element) -> Iterator[str]:
    """The old kind holds plain text, the newer one paragraphs."""
    for comment in root.iter("{*}cm", "{*}reply"):
        yield " ".join(text.text or "" for text in comment.iterfind("{*}text"))
        yield " ".join(paragraph_text(paragraph) for paragraph in comment.iterfind("{*}txBody/{*}p"))

"""What is in a PDF, page by page, as Markdown?

Pictures of text are not read, nor what only a viewer's program would show (XFA forms, films).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import Any

import pypdfium2 as pdfium

from ingest.model import NO_TEXT_LAYER, Document, Failure, Page, Skipped
from ingest.read.inside import read_inside
from ingest.read.pdf import extras as pdf_extras
from ingest.read.pdf.label_tree import ends
from ingest.read.pdf.labels import shown_numbers
from ingest.read.pdf.layout import blocks
from ingest.read.pdf.markdown import Outline, to_markdown
from ingest.read.pdf.page import HYPHEN, sheet
from ingest.read.pdf.running import PageBlocks
from ingest.read.registry import Item, Unreadable
from ingest.read.sandbox.late import LATE, is_late

_PDFIUM = Lock()  # the library is not safe to use from two threads, not even on two documents
_BROKEN = re.compile(f"(\\w{{0,60}}){HYPHEN} ?(\\w{{0,60}})")  # no word is longer, but what is no word may be
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_LONGER_HALF = 4  # letters; shorter ones are words by chance: "in-form"
_LONGEST_TITLE = 120
_GARBLED = 0.4  # of a page's words; what fonts do not name reads as other letters
_HEADING = re.compile(r"^(#{1,6}) (.*)$", re.MULTILINE)
_OCR = "run OCR on the file, for example with ocrmypdf, and ingest it again"
_FORCED = "run OCR on the file, for example with ocrmypdf --force-ocr, and ingest it again"


@dataclass(frozen=True, slots=True)
class _Read:
    """What PDFium gave of a file: its pages, and the numbers of those that gave nothing by what is wrong with them."""

    pages: tuple[PageBlocks, ...]
    labels: Mapping[int, str]
    outline: Outline
    title: str
    metadata: dict[str, str]
    pictured: tuple[int, ...]
    garbled: tuple[int, ...]
    damaged: tuple[int, ...]
    late: tuple[int, ...]


def read_pdf(path: Path, name: str) -> Iterator[Item]:
    """The text of all pages that have any, with where each begins, then what is attached to the file.

    Pages are counted from 1, and labelled as a reader sees them. A word broken at the end of a line is joined, unless
    it seems to have its hyphen by itself: a capital or a digit follows; the document writes it so elsewhere; or it
    never writes the whole, but one longer half with a hyphen, or both as words. The title is the document's property,
    else its first heading, else its first line.
    """
    with _PDFIUM:
        document = _opened(path)
    try:
        with _PDFIUM:
            found = _read(path, document)
        text, pages = _joined(found)
        if text:
            title = found.title or _first_heading(text)
            yield Document(name, text, title, "markdown", pages, found.metadata)
            yield from _not_read(found, name)
        attached = False
        for item in _attachments(document, name):
            attached = attached or isinstance(item, Document)
            yield item
        if not text:
            raise Unreadable(_why_empty(found, attached))
    finally:
        with _PDFIUM:
            document.close()


def _opened(path: Path) -> Any:
    try:
        document = pdfium.PdfDocument(path)
        if document.get_formtype():
            document.init_forms()
        return document
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise Unreadable("it is protected by a password: remove it, for example with qpdf --decrypt") from None
        raise Unreadable("it is damaged, or not a PDF at all: repair it, or export it again") from None


def _read(path: Path, document: Any) -> _Read:
    pages: list[PageBlocks] = []
    pictured: list[int] = []
    garbled: list[int] = []
    damaged: list[int] = []
    late: list[int] = []
    for number in range(1, len(document) + 1):
        if pages and is_late():
            late = [*range(number, len(document) + 1)]
            break
        try:
            page = document[number - 1]
            text_page = page.get_textpage()
        except pdfium.PdfiumError:
            damaged.append(number)
            continue
        shown = sheet(page, text_page)
        notes = tuple(pdf_extras.notes(page, document.formenv))
        words = shown.layers and shown.garbled < _GARBLED
        if shown.layers and not words:
            garbled.append(number)
        elif shown.pictured and not words:
            pictured.append(number)
        found = tuple(blocks(shown)) if words else ()
        pages.append(PageBlocks(number, found, shown.top, shown.height, notes))
        text_page.close()
        page.close()
    title, metadata = pdf_extras.metadata(document)
    outline = pdf_extras.outline(document)
    given = pdf_extras.labels(document) if ends(path) else {}
    return _Read(
        tuple(pages),
        shown_numbers(given, pages),
        outline,
        title,
        metadata,
        tuple(pictured),
        tuple(garbled),
        tuple(damaged),
        tuple(late),
    )


def _joined(found: _Read) -> tuple[str, tuple[Page, ...]]:
    """The document's text and where its pages begin; those without text do not begin anywhere."""
    parts: list[str] = []
    starts: list[Page] = []
    length = 0
    made = to_markdown(found.pages, found.outline)
    texts = _without_breaks([page.text for page in made])
    for page, (_, goes_on), text in zip(found.pages, made, texts, strict=True):
        if text:
            between = ("\n" if goes_on else "\n\n") if parts else ""
            starts.append(Page(length + len(between), page.number, found.labels.get(page.number)))
            parts.append(between + text)
            length += len(parts[-1])
    return "".join(parts), tuple(starts)


def _first_heading(text: str) -> str:
    """The highest of the headings at the beginning, else the first line."""
    headings = _HEADING.findall(text[:2000])
    if headings:
        return str(min(headings, key=lambda heading: len(heading[0]))[1])[:_LONGEST_TITLE]
    return text.lstrip("\\-# |").split("\n", 1)[0].replace(" | ", " ").strip(" |")[:_LONGEST_TITLE]


def _without_breaks(pages: list[str]) -> list[str]:
    """The pages with words in one piece that were broken at the ends of lines."""
    written = {word for page in pages for word in _WORD.findall(_BROKEN.sub(" ", page))}
    words = {word.lower() for word in written}
    pairs = {pair for word in written for pair in pairwise(word.split("-"))}
    compounds = {f"{first}-{second}".lower() for first, second in pairs}
    before, behind = {first.lower() for first, _ in pairs}, {second for _, second in pairs}

    def joined(found: re.Match[str]) -> str:
        left, right = found[1], found[2]
        keeps = not right[:1].islower() or is_compound(left.lower(), right)
        return f"{left}-{right}" if keeps else left + right

    def is_compound(left: str, right: str) -> bool:
        if f"{left}-{right}".lower() in compounds:
            return True
        if (left + right).lower() in words:
            return False
        both = min(len(left), len(right)) >= _LONGER_HALF and {left, right} <= words
        return both or any(
            len(half) >= _LONGER_HALF and half in used for half, used in ((left, before), (right, behind))
        )

    return [_BROKEN.sub(joined, page).strip() for page in pages]


def _not_read(found: _Read, name: str) -> Iterator[Item]:
    """A row for the pages that show something but give no text, by cause."""
    if found.pictured:
        yield Skipped(f"{name}#{_pages(found.pictured)}", f"{_said(found.pictured)} {NO_TEXT_LAYER}: {_OCR}")
    if found.garbled:
        yield Skipped(
            f"{name}#{_pages(found.garbled)}",
            f"{_said(found.garbled)} text of unknown letters (its fonts do not name them): {_FORCED}",
        )
    if found.damaged:
        yield Failure(
            f"{name}#{_pages(found.damaged)}", f"{_said(found.damaged)} damage: repair the file, or export it again"
        )
    if found.late:
        yield Failure(
            f"{name}#{_pages(found.late)}",
            f"{_said(found.late)} {LATE}",
        )


def _pages(numbers: Sequence[int]) -> str:
    return f"page{'s' if len(numbers) > 1 else ''}-{_ranges(numbers)}"


def _said(numbers: Sequence[int]) -> str:
    return f"pages {_ranges(numbers)} have" if len(numbers) > 1 else f"page {_ranges(numbers)} has"


def _ranges(numbers: Sequence[int]) -> str:
    """3, 4, 5 and 9 as `3-5,9`."""
    made = []
    for _, group in groupby(enumerate(numbers), lambda each: each[1] - each[0]):
        run = [number for _, number in group]
        made.append(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}")
    return ",".join(made)


def _why_empty(found: _Read, attached: bool) -> str:
    if found.late:
        return f"{_said(found.late)} {LATE}"
    if found.damaged:
        return f"its page {found.damaged[0]} is damaged: repair the file, or export it again"
    if found.garbled:
        return f"its fonts do not say which letters its text is: {_FORCED}"
    if attached and not found.pictured:
        return "it has no text of its own, only the files attached to it, which were read: nothing needs to be done"
    return f"it has {NO_TEXT_LAYER}: if it is a scan, run OCR on it first, for example with ocrmypdf"


def _attachments(document: Any, name: str) -> Iterator[Item]:
    """What the files attached to the document give, each read like any other file inside a file."""
    taken: set[str] = set()
    with _PDFIUM:
        count = document.count_attachments()
    for number in range(count):
        inner = f"attachment-{number + 1}"
        try:
            with _PDFIUM:
                attachment = document.get_attachment(number)
                inner = PurePosixPath(attachment.get_name().replace("\\", "/")).name or inner
                data = bytes(attachment.get_data())
        except pdfium.PdfiumError:
            yield Failure(f"{name}!/{inner}", "the attachment is damaged: attach it again")
            continue
        if inner in taken:
            inner = f"{number + 1}/{inner}"
        taken.add(inner)
        yield from read_inside(io.BytesIO(data), inner, name)

"""What is in a Word document (.docx), as Markdown?"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mammoth
from bs4 import BeautifulSoup, Tag
from mammoth import documents, docx
from mammoth.conversion import convert_document_element_to_html
from mammoth.docx.style_map import read_style_map
from mammoth.options import read_options

from ingest.model import Document
from ingest.read.inside import checked_zip
from ingest.read.office.package import embedded, main_part, properties, sound
from ingest.read.office.package_faults import faults_in, with_faults
from ingest.read.office.word_lists import make_lists
from ingest.read.office.word_numbers import numbers
from ingest.read.office.word_parts import around, language, settled
from ingest.read.registry import Item
from ingest.read.sandbox.late import is_late, unread
from ingest.read.text.markdown import first_heading
from ingest.read.web.hypertext import Parent, straightened
from ingest.read.web.markup import to_markdown

_STYLES = "p[style-name='Title'] => h1.title:fresh"  # mammoth knows of headings, not of the title
_AT_ONCE = 300  # paragraphs and tables between two looks at the time, or a little more, so that no list is parted
_ONE_LIST = 10 * _AT_ONCE
_COUNTED, _OUTERMOST = "\ue020", "\ue0200"  # what begins the number of a paragraph, and that of one that is in no other
_NOTES = 'li[id^="footnote-"], li[id^="endnote-"]'


def read_word(path: Path, name: str) -> Iterator[Item]:
    """The text as it stands after all tracked changes, then notes, headers, footers and comments.

    The numbers that Word sets before headings and paragraphs stand there; what is hidden is left out. Images are their
    description, equations stand on one line. The title is the document's property, else what is written in the style of
    that name, else its first heading.
    """
    with checked_zip(path, "Word document") as archive:
        known = properties(archive)
        main = main_part(archive, "Word document")
        if spoken := known.get("language") or language(archive, main):
            known["language"] = spoken
        counted = numbers(archive, main, spoken)
        whole = sound(archive, main, settled(archive, main, counted))
        styled, body, rest = _body(whole.file)
        text = "\n\n".join(filter(None, [body, *around(archive, main, counted)]))
        title = known.pop("title", "") or styled or first_heading(text) or path.stem
        document = Document(name, text, title, "markdown", metadata=known)
        yield from with_faults(document, faults_in(archive, whole.left_out))
        if rest:
            yield unread(name, rest)
        yield from embedded(archive, name)


def _body(file: io.BytesIO) -> tuple[str, str, float]:
    """What is written in the title's style first, all of the text, and what share of it was not read in time.

    Mammoth reads the parts of the file in one go; what it makes of them is made piece by piece.
    """
    document = docx.read(file).value
    options = read_options({"style_map": _STYLES, "embedded_style_map": read_style_map(file)}).value
    options["convert_image"] = mammoth.images.img_element(_without_source)
    styled, noted, done = "", 0, 0
    texts: list[str] = []
    notes: list[str] = []
    for piece in _pieces(document.children):
        if done and is_late():
            break
        html = convert_document_element_to_html(document.copy(children=piece), **options).value
        soup = BeautifulSoup(html, "lxml", element_classes={Tag: Parent})
        noted = _number_notes(soup, noted, notes)
        make_lists(soup)
        titled = soup.find("h1", class_="title")
        styled = styled or (" ".join(titled.get_text().split()) if titled is not None else "")
        texts.append(to_markdown(straightened(soup)))
        done += len(piece)
    rest = 1 - done / len(document.children) if document.children else 0.0
    return styled, "\n\n".join(filter(None, [*texts, "\n".join(notes)])), rest


def _pieces(blocks: list[Any]) -> Iterator[list[Any]]:
    """The blocks, some hundreds at once; a list is parted only where it is very long."""
    begin = 0
    for at in range(_AT_ONCE, len(blocks)):
        if at - begin >= _AT_ONCE and isinstance(blocks[at], documents.Paragraph):
            text = _text(blocks[at])
            if _COUNTED not in text or (at - begin >= _ONE_LIST and _OUTERMOST in text):
                yield blocks[begin:at]
                begin = at
    yield blocks[begin:]


def _text(element: Any) -> str:
    if isinstance(element, documents.Text):
        return str(element.value)
    return "".join(map(_text, getattr(element, "children", ())))


def _number_notes(soup: BeautifulSoup, noted: int, notes: list[str]) -> int:
    """Takes the notes out of a piece, numbered on from those that stood before; gives how many there are now."""
    for back in soup.select('a[href^="#footnote-ref"], a[href^="#endnote-ref"]'):  # an arrow
        back.decompose()
    items = soup.select(_NOTES)
    if not items or items[0].parent is None:
        return noted
    for number, mark in enumerate(soup.select('sup > a[id^="footnote-ref-"], sup > a[id^="endnote-ref-"]'), noted + 1):
        mark.string = f"[{number}]"
    listed = items[0].parent.extract()
    listed["start"] = str(noted + 1)
    apart = BeautifulSoup("", "lxml", element_classes={Tag: Parent})
    apart.append(listed)
    make_lists(apart)
    notes.append(to_markdown(straightened(apart)))
    return noted + len(items)


def _without_source(_: Any) -> dict[str, str]:
    return {}

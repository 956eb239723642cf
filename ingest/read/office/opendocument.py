"""What is in an OpenDocument text or presentation (.odt, .odp), as Markdown?"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from lxml import etree

from ingest.model import Document, Failure, Page
from ingest.read.inside import checked_zip
from ingest.read.office.odf_html import Html, Styles, controls, plain_text
from ingest.read.office.package import attribute, local, parse
from ingest.read.office.word_lists import make_lists
from ingest.read.registry import Item, Unreadable
from ingest.read.text.markdown import first_heading
from ingest.read.web.hypertext import parsed, straightened
from ingest.read.web.markup import in_time, to_markdown
from ingest.read.writing.standing import COUNT, standing_lines

_LINE = 1.27  # centimetres: frames whose tops are nearer than this stand side by side
_UNITS = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72, "pc": 2.54 / 6, "px": 2.54 / 96}
_PROPERTIES = {"title": "title", "creator": "author", "initial-creator": "author", "language": "language"}
_MORE = {"description": "description", "subject": "subject", "date": "date"}


def read_opendocument(path: Path, name: str) -> Iterator[Item]:
    """The text, then its notes, headers, footers and comments; of a presentation slide by slide, which are its pages.

    The title is the document's property, else what is written in the title's style or on the first slide that has a
    title, else its first heading.
    """
    with checked_zip(path, "document in OpenDocument format") as archive:
        root = content(archive)
        known = described(archive)
        styles = Styles()
        outer = _part(archive, "styles.xml")
        for part in (outer, root):
            if part is not None:
                styles.learn(part)
        filled = controls(root)
        pages: list[Page] = []
        missing: list[Failure] = []
        if (deck := next(root.iter("{*}presentation"), None)) is not None:
            text = styled = ""
            for number, slide in enumerate(deck.iterchildren("{*}page"), start=1):
                text += "\n\n" if text else ""
                pages.append(Page(len(text), number))
                title, words = _slide(slide, Html(archive, styles, filled), number)
                styled, text = styled or title, text + words
        else:
            html = Html(archive, styles, filled)
            body = html.of(next(root.iter("{*}body"), root))
            words, missing = _body(body, name)
            pieces = [words, _markdown("".join(html.notes)), _standing(outer), _comments(html)]
            text, styled = "\n\n".join(filter(None, pieces)), html.title
        title = known.pop("title", "") or styled or first_heading(text) or path.stem
        yield Document(name, text, title, "markdown", tuple(pages), known)
        yield from missing


def content(archive: zipfile.ZipFile) -> etree._Element:
    """The root of the content. Raises Unreadable where it is protected or missing."""
    protect(archive)
    root = _part(archive, "content.xml")
    if root is None:
        raise Unreadable("it is damaged, or not a document in OpenDocument format at all: save it again")
    return root


def protect(archive: zipfile.ZipFile) -> None:
    """Raises Unreadable where a password protects the parts, which the format says in a list of its own."""
    if "META-INF/manifest.xml" in archive.namelist():
        manifest = archive.read("META-INF/manifest.xml")
        if b"encryption-data" in manifest or "encrypted-package" in archive.namelist():
            raise Unreadable("it is protected by a password: save it without")


def described(archive: zipfile.ZipFile) -> dict[str, str]:
    """Title, author, language and so on, as far as the file holds them; the date is that of the last change."""
    known: dict[str, str] = {}
    meta = _part(archive, "meta.xml")
    for element in meta.iter() if meta is not None else ():
        key = (_PROPERTIES | _MORE).get(local(element), "")
        if text := " ".join((element.text or "").split()):
            if key == "date":
                known[key] = text[:10]
            elif key and (key not in known or local(element) == "initial-creator"):
                known[key] = text
            elif local(element) == "keyword":
                known["keywords"] = ", ".join(filter(None, [known.get("keywords"), text]))
    return known


def _part(archive: zipfile.ZipFile, name: str) -> etree._Element | None:
    return parse(archive.read(name)) if name in archive.namelist() else None


def _markdown(html: str) -> str:
    if not html.strip():
        return ""
    soup = parsed(html)
    make_lists(soup)
    return to_markdown(straightened(soup))


def _body(html: str, name: str) -> tuple[str, list[Failure]]:
    if not html.strip():
        return "", []
    soup = parsed(html)
    make_lists(soup)
    return in_time(straightened(soup), name)


def _comments(html: Html) -> str:
    return "Comments:\n\n" + "\n".join(f"- {text}" for text in html.comments) if html.comments else ""


def _standing(styles: etree._Element | None) -> str:
    """Headers and footers, each line once, without page numbers."""
    if styles is None:
        return ""
    names = [f"{{*}}{kind}{which}" for kind in ("header", "footer") for which in ("", "-left", "-first")]
    places = [place for master in styles.iter("{*}master-page") for place in master.iterchildren(*names)]
    return standing_lines("".join(_line(each)) for place in places for each in place.iter("{*}p", "{*}h"))


def _line(element: etree._Element) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if local(child) in {"page-number", "page-count"}:
            yield COUNT
        elif local(child) in {"tab", "s", "line-break"}:
            yield "\t" if local(child) == "tab" else " "
        else:
            yield from _line(child)
        yield child.tail or ""


def _slide(slide: etree._Element, html: Html, number: int) -> tuple[str, str]:
    """The slide's title; and its heading, which is its number where it has none, its shapes in order, and the notes."""
    title = ""
    blocks = []
    for shape in _in_reading_order(slide):
        kind = attribute(shape, "class")
        if kind == "page-number" or local(shape) == "notes":
            continue
        if kind == "title" and not title:
            title = plain_text(shape)
        else:
            blocks.append(_markdown(html.of(shape)))
    notes = [
        _markdown(html.inside(frame))
        for each in slide.iterchildren("{*}notes")
        for frame in each.iter("{*}frame")
        if attribute(frame, "class") == "notes"
    ]
    spoken = "\n\n".join(filter(None, notes))
    pieces = [f"## {title or f'Slide {number}'}", *blocks, f"Notes:\n\n{spoken}" if spoken else "", _comments(html)]
    return title, "\n\n".join(filter(None, [*pieces, _markdown("".join(html.notes))]))


def _in_reading_order(slide: Iterable[etree._Element]) -> list[etree._Element]:
    """From top to bottom; shapes that begin on nearly one line from left to right."""
    lines: list[list[etree._Element]] = []
    for shape in sorted(slide, key=lambda shape: (_length(shape, "y"), _length(shape, "x"))):
        if lines and _length(shape, "y") - _length(lines[-1][0], "y") < _LINE:
            lines[-1].append(shape)
        else:
            lines.append([shape])
    return [shape for line in lines for shape in sorted(line, key=lambda shape: _length(shape, "x"))]


def _length(element: etree._Element, name: str) -> float:
    """A length in centimetres; what has no place stands first."""
    found = re.fullmatch(r"(-?[\d.]+)([a-z]+)", attribute(element, name) or attribute(element, f"{name}1"))
    return float(found[1]) * _UNITS.get(found[2], 1.0) if found else 0.0

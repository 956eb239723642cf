"""What is in a Word document (.docx), as Markdown?"""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mammoth
from bs4 import BeautifulSoup, Tag

from ingest.model import Document
from ingest.read.inside import checked_zip
from ingest.read.office.package import embedded, main_part, properties, sound
from ingest.read.office.package_faults import faults_in, with_faults
from ingest.read.office.word_lists import make_lists
from ingest.read.office.word_numbers import numbers
from ingest.read.office.word_parts import around, language, settled
from ingest.read.registry import Item
from ingest.read.text.markdown import first_heading
from ingest.read.web.hypertext import Parent, straightened
from ingest.read.web.markup import to_markdown

_STYLES = "p[style-name='Title'] => h1.title:fresh"  # mammoth knows of headings, not of the title


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
        styled, body = _body(whole.file)
        text = "\n\n".join(filter(None, [body, *around(archive, main, counted)]))
        title = known.pop("title", "") or styled or first_heading(text) or path.stem
        document = Document(name, text, title, "markdown", metadata=known)
        yield from with_faults(document, faults_in(archive, whole.left_out))
        yield from embedded(archive, name)


def _body(file: io.BytesIO) -> tuple[str, str]:
    """What is written in the title's style first, and all of the text."""
    html: str = mammoth.convert_to_html(
        file, convert_image=mammoth.images.img_element(_without_source), style_map=_STYLES
    ).value
    soup = BeautifulSoup(html, "lxml", element_classes={Tag: Parent})
    for back in soup.select('a[href^="#footnote-ref"], a[href^="#endnote-ref"]'):  # an arrow
        back.decompose()
    make_lists(soup)
    titled = soup.find("h1", class_="title")
    styled = " ".join(titled.get_text().split()) if titled is not None else ""
    return styled, to_markdown(straightened(soup))


def _without_source(_: Any) -> dict[str, str]:
    return {}

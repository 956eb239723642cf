"""What is in a PDF, page by page?

The text comes in the order in which the file draws it; what is filled into forms and pictures of text are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from threading import Lock

import pypdfium2 as pdfium

from ingest.model import Document, Page
from ingest.read.registry import Unreadable

_PDFIUM = Lock()  # the library is not safe to use from two threads, not even on two documents
_HYPHEN = re.compile("(\\w*)[\ufffe\x02]\n?(\\w*)")  # how PDFium marks a hyphen at the end of a line, the lines joined
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_LONGER_HALF = 4  # letters; shorter ones are words by chance: "in-form"
_CONTROL = re.compile("[\x01-\x08\x0b\x0e-\x1f]")
_BETWEEN = "\n\n"
_LONGEST_TITLE = 120
_SAYS_NOTHING = {"untitled", "anonymous", "unspecified"}  # what programs that write PDFs put where nobody said anything


def read_pdf(path: Path, name: str) -> Iterator[Document]:
    """The text of all pages that have any, with where each begins; pages are counted from 1, whatever their labels say.

    A word broken at the end of a line is joined, unless it seems to have its hyphen by itself: a capital or a digit
    follows, the document writes it so elsewhere, or has both of its longer halves as words. The title is the document's
    property, else its first line.
    """
    with _PDFIUM:
        raw, properties = _extract(path)
    texts = _without_breaks(raw)
    text = ""
    pages: list[Page] = []
    for number, page in enumerate(texts, start=1):
        if page:
            text += _BETWEEN if text else ""
            pages.append(Page(len(text), number))
            text += page
    if not text:
        raise Unreadable("it has no text layer: if it is a scan, run OCR on it first, for example with ocrmypdf")
    title = _property(properties, "Title") or text.split("\n", 1)[0][:_LONGEST_TITLE]
    author = _property(properties, "Author")
    yield Document(name, text, title, "plain", tuple(pages), {"author": author} if author else {})


def _property(properties: dict[str, str], key: str) -> str:
    value = " ".join(properties.get(key, "").replace("\0", "").split())
    return "" if value.lower().strip("()") in _SAYS_NOTHING else value


def _extract(path: Path) -> tuple[list[str], dict[str, str]]:
    """The pages' texts as PDFium gives them, and the document's properties. Raises Unreadable."""
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower():
            raise Unreadable("it is protected by a password: remove it, for example with qpdf --decrypt") from None
        raise Unreadable("it is damaged, or not a PDF at all: repair it, or export it again") from None
    with document:
        texts: list[str] = []
        for number in range(len(document)):
            try:
                page = document[number]
                text_page = page.get_textpage()
                texts.append(text_page.get_text_range())
            except pdfium.PdfiumError:
                raise Unreadable(f"its page {number + 1} is damaged: repair the file, or export it again") from None
            text_page.close()
            page.close()
        return texts, document.get_metadata_dict()


def _without_breaks(pages: list[str]) -> list[str]:
    """The pages with lines ended by newlines, words in one piece, and nothing that is not seen."""
    pages = [
        _CONTROL.sub("", page.replace("\r\n", "\n").replace("\r", "\n").replace("\x02", "\ufffe")) for page in pages
    ]
    words = {word for page in pages for word in _WORD.findall(_HYPHEN.sub(" ", page).lower())}

    def joined(found: re.Match[str]) -> str:
        left, right = found[1], found[2]
        whole, compound = (left + right).lower(), f"{left}-{right}".lower()
        halves = min(len(left), len(right)) >= _LONGER_HALF and {left.lower(), right} <= words
        keeps = not right[:1].islower() or compound in words or (halves and whole not in words)
        return f"{left}-{right}" if keeps else left + right

    return [_HYPHEN.sub(joined, page).replace("\xad", "").strip() for page in pages]

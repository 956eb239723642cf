"""What does a PDF hold beside its pages' text: form fields, comments, an outline, properties, labels of pages?"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pypdfium2.raw as pdfium

from ingest.read.pdf.markdown import Outline
from ingest.read.pdf.running import plain
from ingest.read.unseen import unseen

_MOST_TITLES = 20_000
_LONGEST_LABEL = 40  # letters; what is longer names no page
_COMMENTS = frozenset(
    {
        pdfium.FPDF_ANNOT_TEXT,
        pdfium.FPDF_ANNOT_FREETEXT,
        pdfium.FPDF_ANNOT_HIGHLIGHT,
        pdfium.FPDF_ANNOT_UNDERLINE,
        pdfium.FPDF_ANNOT_SQUIGGLY,
        pdfium.FPDF_ANNOT_STRIKEOUT,
        pdfium.FPDF_ANNOT_STAMP,
        pdfium.FPDF_ANNOT_CARET,
        pdfium.FPDF_ANNOT_INK,
        pdfium.FPDF_ANNOT_LINE,
        pdfium.FPDF_ANNOT_SQUARE,
        pdfium.FPDF_ANNOT_CIRCLE,
        pdfium.FPDF_ANNOT_POLYGON,
        pdfium.FPDF_ANNOT_POLYLINE,
    }
)
# What is written in a free text or a stamp stands on the page; the others are seen by who opens them
_CLOSED = _COMMENTS - {pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP}
_TICKED = frozenset({pdfium.FPDF_FORMFIELD_CHECKBOX, pdfium.FPDF_FORMFIELD_RADIOBUTTON})
_SAYS_NOTHING = re.compile(
    r"\(?(?:untitled|anonymous|unspecified|unknown|none|document ?\d*|title|new document|presentation ?\d*"
    r"|powerpoint presentation|slide \d+|layout \d+|book ?\d+)\)?",
    re.IGNORECASE,
)  # what programs that write PDFs put where nobody said anything
_FILE_NAME = re.compile(
    r"\S+\.(?:docx?|dotx?|pdf|xlsx?|pptx?|odt|ods|odp|rtf|txt|tex|dvi|html?|indd|qxd|fm|cdr|ai|eps|ps)$", re.IGNORECASE
)
_PROGRAM = re.compile(r"^(?:Microsoft (?:Office )?(?:Word|PowerPoint|Excel|Visio|Outlook)|Print) - ", re.IGNORECASE)
_DATE = re.compile(r"D?:?(\d{4})(\d\d)?(\d\d)?(?:(\d\d)(\d\d)?(\d\d)?)?(?:(Z)|([+-])(\d\d)'?(\d\d)?)?")


def notes(page: Any, form: Any) -> Iterator[str]:
    """The values that are filled into a page's form, as `Field: value`, and the comments on it.

    `form` is the document's form environment, None where it has no form.
    """
    said: set[str] = set()
    for number in range(pdfium.FPDFPage_GetAnnotCount(page.raw)):
        annotation = pdfium.FPDFPage_GetAnnot(page.raw, number)
        if not annotation:
            continue
        kind = pdfium.FPDFAnnot_GetSubtype(annotation)
        note = ""
        if kind == pdfium.FPDF_ANNOT_WIDGET and form is not None:
            note = _field(form.raw, annotation)
        elif kind in _COMMENTS:
            note = unseen(_contents(annotation), "comment") if kind in _CLOSED else _contents(annotation)
        pdfium.FPDFPage_CloseAnnot(annotation)
        if note and note not in said:
            said.add(note)
            yield note


def labels(document: Any) -> dict[int, str]:
    """The labels that the file gives its pages, by their numbers; for files whose tree of them `ends`."""
    found: dict[int, str] = {}
    for number in range(1, len(document) + 1):
        write = partial(pdfium.FPDF_GetPageLabel, document.raw, number - 1)
        label = " ".join(_wide(write).split())
        if len(label) > _LONGEST_LABEL:
            return {}  # no reader ever saw this, and each further one costs as much
        if label and label.isprintable():
            found[number] = label
    return found


def _contents(annotation: Any) -> str:
    return _words(_wide(lambda buffer, size: pdfium.FPDFAnnot_GetStringValue(annotation, b"Contents", buffer, size)))


def _field(form: Any, annotation: Any) -> str:
    """A field with its value; nothing where it is empty, a box not ticked, or the field is a button or a secret."""
    kind = pdfium.FPDFAnnot_GetFormFieldType(form, annotation)
    flags = pdfium.FPDFAnnot_GetFormFieldFlags(form, annotation)
    if kind in {pdfium.FPDF_FORMFIELD_PUSHBUTTON, pdfium.FPDF_FORMFIELD_SIGNATURE} or (
        kind == pdfium.FPDF_FORMFIELD_TEXTFIELD and flags & pdfium.FPDF_FORMFLAG_TEXT_PASSWORD
    ):
        return ""

    def asked(function: Callable[..., int]) -> str:
        return _words(_wide(lambda buffer, size: function(form, annotation, buffer, size)))

    label = asked(pdfium.FPDFAnnot_GetFormFieldAlternateName) or asked(pdfium.FPDFAnnot_GetFormFieldName)
    if kind in _TICKED:
        if not pdfium.FPDFAnnot_IsChecked(form, annotation):
            return ""
        value = asked(pdfium.FPDFAnnot_GetFormFieldExportValue) or asked(pdfium.FPDFAnnot_GetFormFieldValue)
    else:
        value = asked(pdfium.FPDFAnnot_GetFormFieldValue)
    return f"{label}: {value}" if label and value else value


def _wide(ask: Callable[[Any, int], int]) -> str:
    """A text that PDFium writes into a buffer as UTF-16, after it was asked for the size."""
    size = ask(None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size + 2)
    ask(ctypes.cast(buffer, ctypes.POINTER(ctypes.c_ushort)), size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")


def _words(text: str) -> str:
    return " ".join(text.replace("\0", "").split())


def outline(document: Any) -> Outline:
    """The titles of the document's bookmarks with the pages that they lead to."""
    titles: set[tuple[int, str]] = set()
    for number, mark in enumerate(document.get_toc(max_depth=6)):
        if number >= _MOST_TITLES:
            break
        target = mark.get_dest()
        index = target.get_index() if target else None
        key = plain(mark.get_title())
        if index is not None and key:
            titles.add((index + 1, key))
    return Outline(frozenset(titles))


def metadata(document: Any) -> tuple[str, dict[str, str]]:
    """The title, empty if it says nothing, and author, description, keywords, language and date (ISO 8601)."""
    held = {key: _words(value) for key, value in document.get_metadata_dict().items()}
    found = {
        "author": _unless_empty(held.get("Author", "")),
        "description": _unless_empty(held.get("Subject", "")),
        "keywords": held.get("Keywords", ""),
        "language": _words(_wide(lambda buffer, size: pdfium.FPDFCatalog_GetLanguage(document.raw, buffer, size))),
        "date": _iso(held.get("CreationDate", "")) or _iso(held.get("ModDate", "")),
    }
    return _title(held.get("Title", "")), {key: value for key, value in found.items() if value}


def _unless_empty(value: str) -> str:
    return "" if _SAYS_NOTHING.fullmatch(value) else value


def _title(value: str) -> str:
    value = _PROGRAM.sub("", value)
    if _FILE_NAME.fullmatch(value.rpartition("/")[2].rpartition("\\")[2]) or not any(map(str.isalpha, value)):
        return ""
    return _unless_empty(value)


def _iso(value: str) -> str:
    """`D:20220403180542+02'00'` as 2022-04-03T18:05:42+02:00; as much of it as there is."""
    found = _DATE.match(value)
    if not found:
        return ""
    year, month, day, hour, minute, second, zulu, sign, ahead, minutes = found.groups()
    if not (month and 1 <= int(month) <= 12):
        return year
    if not (day and 1 <= int(day) <= 31):
        return f"{year}-{month}"
    if hour is None or int(hour) > 23:
        return f"{year}-{month}-{day}"
    zone = "Z" if zulu else f"{sign}{ahead}:{minutes or '00'}" if sign else ""
    return f"{year}-{month}-{day}T{hour}:{minute or '00'}:{second or '00'}{zone}"

"""What is in a LaTeX file, as Markdown?"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.model import Document
from ingest.read.decode import bytes_of, decode
from ingest.read.latex.groups import argument
from ingest.read.latex.language import language
from ingest.read.latex.markdown import Converter
from ingest.read.latex.source import prepared
from ingest.read.registry import Item
from ingest.read.sandbox.late import unread
from ingest.read.text.markdown import first_heading

_BEGIN = re.compile(r"^((?:[^%\n]|\\%)*)\\begin\s*\{document\}", re.MULTILINE)
_END = re.compile(r"\\end\s*\{document\}")
_DECLARED = re.compile(rb"\\usepackage\s*\[([\w-]+)\]\s*\{inputenc\}")
_ENCODINGS = {
    "latin1": "cp1252",
    "ansinew": "cp1252",
    "latin9": "iso8859_15",
    "applemac": "mac_roman",
    "latin2": "iso8859_2",
}
_TITLES = ("title", "subtitle", "author", "date")


def read_latex(path: Path, name: str) -> Iterator[Item]:
    """The document's text with its sections, lists and tables; formulas stay LaTeX. The preamble is left out.

    Files that it takes in are not read, but named where they stand. The title is the document's own, else that of its
    first section.
    """
    data = bytes_of(path)
    declared = _DECLARED.search(data[:65536])
    encoding = declared[1].decode("ascii") if declared else ""
    source = prepared(decode(data, _ENCODINGS.get(encoding, encoding) or None))
    begin = _BEGIN.search(source.text)
    preamble = source.text[: begin.end(1)] if begin else ""
    body = source.text[begin.end() :] if begin else source.text
    if end := _END.search(body):
        body = body[: end.start()]
    converter = Converter(source, german="german" in preamble)
    about = _about(preamble, body, converter)
    body_blocks, rest = converter.blocks(body, titled=bool(about.get("title")))
    head = [f"# {about['title']}"] if "title" in about else []
    head += [about[key] for key in _TITLES[1:] if key in about]
    text = "\n\n".join([*head, *converter.notes, *body_blocks])
    known = {"author": about.get("author"), "date": about.get("date"), "language": language(preamble)}
    metadata = {key: words for key, words in known.items() if words}
    yield Document(name, text, about.get("title") or first_heading(text) or path.stem, "markdown", metadata=metadata)
    if rest:
        yield unread(name, rest)


def _about(preamble: str, body: str, converter: Converter) -> dict[str, str]:
    """Title, author and date, which may stand before or in the document."""
    found: dict[str, str] = {}
    for key in _TITLES:
        for where in (preamble, body):
            command = re.search(rf"^(?:[^%\n]|\\%)*?\\{key}\s*(?:\[[^\]]*\])?\s*(?=\{{)", where, re.MULTILINE)
            words = converter.line(argument(where, command.end())[0]) if command else ""
            if words and key not in found:
                found[key] = words
    return found

"""What is in a Jupyter notebook, as Markdown?

Cells stand in their order, code and what it printed in fences; pictures are left out, but for their description.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bs4 import BeautifulSoup

from ingest.mistakes import json_mistake
from ingest.model import Document
from ingest.read.decode import text_of
from ingest.read.registry import Unreadable
from ingest.read.text.markdown import first_heading
from ingest.read.web.markup import to_markdown
from ingest.read.writing.fences import fenced

_ANSI = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
_OVERWRITTEN = re.compile(r"^[^\n]*\r(?=[^\r\n])", re.MULTILINE)  # by what follows a carriage return: progress bars
_BACKSPACED = re.compile(r"[^\b\n]\x08")
_EMBEDDED = re.compile(r"!\[([^\]\n]*)\]\((?:data:|attachment:)[^)\s]*\)|<img\b[^<>]*\bsrc=[\"']data:[^<>]*>")
_NO_WORDS = re.compile(
    r"<[\w.]+(?: size [\w.]+)?(?: with \d+ \w+)?(?: at 0x[0-9a-fA-F]+)?>"
)  # what stands for a picture
_RICH = ("text/markdown", "text/html", "text/latex", "text/plain")
_OLD_KEYS = {"text": "text/plain", "html": "text/html", "latex": "text/latex"}  # of format 3


def read_notebook(path: Path, name: str) -> Iterator[Document]:
    """The notebook's cells and their outputs as text; the title is its own, else that of its first heading.

    Of an error that a cell ended with, its name and message are kept, not where it was raised.
    """
    try:
        notebook = json.loads(text_of(path))
    except json.JSONDecodeError as error:
        raise Unreadable(f"it is not valid JSON ({json_mistake(error)}): save the notebook again") from None
    if not isinstance(notebook, dict) or not isinstance(_cells(notebook), list):
        raise Unreadable("it is JSON, but not a notebook: save it with Jupyter, or name it .json")
    about = _dict(notebook.get("metadata"))
    named = _dict(about.get("language_info")).get("name") or _dict(about.get("kernelspec")).get("language")
    parts = [part for cell in _cells(notebook) for part in _cell(_dict(cell), str(named or "")) if part.strip()]
    text = "\n\n".join(parts)
    title = str(about.get("title") or "") or first_heading(text) or path.stem
    yield Document(name, text, title, "markdown", metadata=_author(about))


def _cells(notebook: Mapping[str, Any]) -> Any:
    """The cells of format 4, or those of all worksheets of format 3."""
    if "cells" in notebook or not isinstance(notebook.get("worksheets"), list):
        return notebook.get("cells")
    return [cell for sheet in notebook["worksheets"] for cell in _dict(sheet).get("cells") or []]


def _author(about: Mapping[str, Any]) -> dict[str, str]:
    authors = about.get("authors")
    listed = authors if isinstance(authors, list) else []
    names = [str(author.get("name", "") if isinstance(author, dict) else author).strip() for author in listed]
    return {"author": ", ".join(filter(None, names))} if any(names) else {}


def _cell(cell: Mapping[str, Any], language: str) -> Iterator[str]:
    kind = cell.get("cell_type")
    source = _string(cell.get("source", cell.get("input")))
    if kind == "code":
        yield fenced(source, str(cell.get("language") or language))
        outputs = cell.get("outputs")
        printed = ""
        for output in outputs if isinstance(outputs, list) else []:
            if _dict(output).get("output_type") == "stream":  # a notebook may hold one for each line
                printed += _string(output.get("text"))
                continue
            yield fenced(_seen(printed))
            printed = ""
            yield _output(_dict(output))
        yield fenced(_seen(printed))
    elif kind == "heading":
        level = cell.get("level")
        yield f"{'#' * (level if isinstance(level, int) and 1 <= level <= 6 else 1)} {' '.join(source.split())}"
    elif kind == "raw":
        yield fenced(source)
    else:
        yield _EMBEDDED.sub(lambda found: found[1] or "", source).strip("\n")


def _output(output: Mapping[str, Any]) -> str:
    if output.get("output_type") in {"error", "pyerr"}:
        return fenced(_seen(f"{output.get('ename', '')}: {output.get('evalue', '')}".strip(": ")))
    data = _dict(output.get("data"))
    if not data:
        data = {_OLD_KEYS[key]: value for key, value in output.items() if key in _OLD_KEYS}
    pictured = any(
        key.startswith("image/")
        for key in (*data, *(f"image/{key}" for key in output if key in {"png", "svg", "jpeg"}))
    )
    for key in _RICH:
        words = _string(data.get(key))
        if key == "text/html":
            words = to_markdown(BeautifulSoup(words, "lxml")) if "<table" in words else ""
        elif key == "text/plain":
            words = "" if pictured and _NO_WORDS.fullmatch(words.strip()) else fenced(_seen(words))
        if words.strip():
            return words.strip("\n")
    return ""


def _seen(printed: str) -> str:
    """What a terminal would show in the end."""
    printed = _ANSI.sub("", printed).replace("\r\n", "\n")
    return _BACKSPACED.sub("", _OVERWRITTEN.sub("", printed)).replace("\r", "")


def _string(value: object) -> str:
    """Text is a string or a list of lines that have their ends."""
    if isinstance(value, list):
        return "".join(part for part in value if isinstance(part, str))
    return value if isinstance(value, str) else ""


def _dict(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}

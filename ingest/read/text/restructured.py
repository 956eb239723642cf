"""What is in a reStructuredText file?

docutils would resolve directives and includes to answer this; a title and a block of fields are all that is asked.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ingest.model import Document
from ingest.read.decode import text_of
from ingest.read.text.aside import in_restructured
from ingest.read.text.markdown import naming
from ingest.read.text.rst_tables import with_rows

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*$")
_HEADER = re.compile(r"([A-Za-z][\w-]*):(?:[ \t]+(.*))?$")
_FIELD = re.compile(r":([^:\s][^:]*):(?:[ \t]+(.*))?$")
_ROLE = re.compile(r":[\w:.+-]+:(?=`)")
_REFERENCE = re.compile(r"`([^`<]+?)(?:\s*<[^`>]*>)?`_{0,2}")


def read_restructured(path: Path, name: str) -> Iterator[Document]:
    """The text as it is, but for its tables, which become rows.

    The fields of a header (`Status: Final`) or field list (`:status: final`) become metadata, with the names that they
    have in the file. The title is the header's `Title`, with its number where it is a Python Enhancement Proposal, else
    that of the first section, if it holds all others.
    """
    text = with_rows(text_of(path))
    lines = text.split("\n")
    fields = _fields(lines)
    title = fields.get("Title") or fields.get("title") or _section(lines) or path.stem
    if "PEP" in fields and "Title" in fields:
        title = f"PEP {fields['PEP']} – {title}"
    yield Document(name, text, title, "rst", metadata=fields, unseen=tuple(in_restructured(text)))


def _fields(lines: list[str]) -> dict[str, str]:
    """The fields of a header (two or more) at the very top, or of a field list there or right below the first title."""
    start = next((number for number, line in enumerate(lines) if line.strip()), 0)
    header = _block(lines, start, _HEADER)
    if len(header) > 1:
        return header
    titled = False
    while start < len(lines):
        if not titled and _is_title(lines, start):
            titled = True
        elif lines[start].strip() and not _ADORNMENT.match(lines[start]) and not lines[start].startswith(".. "):
            break
        start += 1
    return _block(lines, start, _FIELD)


def _block(lines: list[str], start: int, shape: re.Pattern[str]) -> dict[str, str]:
    """The fields from `start` to the next blank line; none at all if a line there is neither field nor continuation."""
    fields: dict[str, list[str]] = {}
    key = ""
    for line in lines[start:]:
        if not line.strip():
            break
        if line[0].isspace() and key:
            fields[key].append(line.strip())
            continue
        found = shape.match(line)
        if found is None:
            return {}
        key = found[1]
        fields[key] = [(found[2] or "").strip()]
    return {key: value for key, parts in fields.items() if (value := " ".join(filter(None, parts)))}


def _section(lines: list[str]) -> str:
    """The words of the first section's title, if no other section stands beside it."""
    found = [number for number in range(len(lines)) if _is_title(lines, number)]
    first = _style(lines, found[0]) if found else ""
    words = naming((1 if _style(lines, number) == first else 2, lines[number].strip()) for number in found)
    words = words.replace("``", "").replace("**", "")
    return " ".join(_REFERENCE.sub(r"\1", _ROLE.sub("", words)).split())


def _style(lines: list[str], number: int) -> str:
    """The adornment of a title, which says its level."""
    below = lines[number + 1].strip()
    return below[0] + ("^" if number and lines[number - 1].strip() == below else "")


def _is_title(lines: list[str], number: int) -> bool:
    """Whether a line is text with an adornment below, and, if it is indented, the same above."""
    line = lines[number]
    below = lines[number + 1] if number + 1 < len(lines) else ""
    above = lines[number - 1] if number else ""
    if not line.strip() or _ADORNMENT.match(line) or not _ADORNMENT.match(below):
        return False
    overlined = above.strip() == below.strip()
    if line[0].isspace() and not overlined:
        return False
    return overlined or (not above.strip() and len(below.strip()) >= min(4, len(line.rstrip())))

"""What is in a JSON file?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from ingest.model import Document
from ingest.read.decode import text_of
from ingest.read.json.events import Mistake
from ingest.read.json.markdown import json_markdown
from ingest.read.json.records import read_records
from ingest.read.registry import Item, Unreadable

_LINE = 1 << 22  # bytes looked at to see whether a file holds a record a line


def read_json(path: Path, name: str) -> Iterator[Item]:
    """The file as one document, as json_markdown writes it; a file of JSON lines as its records.

    The title is the `title` at the top, else the file's stem.
    """
    if _is_lines(path):
        yield from read_records(path, name)
        return
    try:
        text, title = json_markdown(text_of(path), path.stem)
    except Mistake as mistake:
        raise Unreadable(f"it is not valid JSON ({mistake}): correct it") from None
    yield Document(name, text, title, "markdown")


def _is_lines(path: Path) -> bool:
    """Whether the first line is an object and the next one begins another."""
    with path.open("rb") as file:
        first = file.readline(_LINE).removeprefix(b"\xef\xbb\xbf").strip()
        following = next((line for line in iter(lambda: file.readline(_LINE), b"") if line.strip()), b"")
    if not first.startswith(b"{") or not following.lstrip().startswith(b"{"):
        return False
    try:
        return isinstance(json.loads(first), dict)
    except (ValueError, RecursionError):
        return False

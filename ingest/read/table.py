"""What is in a table of comma- or tab-separated values, as Markdown?"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from ingest.model import Document
from ingest.read.decode import text_of

_LARGEST_CELL = 1 << 24  # characters
_SAMPLE = 8192


def read_table(path: Path, name: str) -> Iterator[Document]:
    """The rows as one Markdown table with the first row as its header; short rows are filled up with empty cells.

    A cell is one line: its line breaks become spaces, its bars are escaped. The title is the file's stem.
    """
    text = text_of(path)
    csv.field_size_limit(_LARGEST_CELL)
    found = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text, path.suffix.lower()))
    rows = [cells for row in found if any(cells := [_cell(value) for value in row])]
    width = max(map(len, rows), default=0)
    lines = [_line(row + [""] * (width - len(row))) for row in rows]
    lines[1:1] = [_line(["---"] * width)] if rows else []
    yield Document(name, "\n".join(lines), path.stem, "markdown")


def _delimiter(text: str, suffix: str) -> str:
    """Only the delimiter is sniffed: the sniffer's guesses at quoting are worse than what everyone writes."""
    usual = "\t" if suffix == ".tsv" else ","
    sample = text[:_SAMPLE]
    if len(text) > _SAMPLE:
        sample = sample.rpartition("\n")[0] or sample
    if suffix == ".tsv" and "\t" in sample:
        return usual
    try:
        return csv.Sniffer().sniff(sample, ",;\t|").delimiter
    except csv.Error:
        return usual


def _cell(value: str) -> str:
    return " ".join(value.split()).replace("|", "\\|")


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"

"""What does a file give: its one document, its one failure, or many of each by name?"""

import re
from pathlib import Path

from ingest.model import Document, Failure, Skipped
from ingest.read.registry import read

WORD = re.compile(r"\w+")


def one(path: Path) -> Document:
    (document,) = read(path, f"box/{path.name}")
    assert isinstance(document, Document), document
    assert document.name == f"box/{path.name}"
    return document


def failure(path: Path) -> str:
    (item,) = read(path, f"box/{path.name}")
    assert isinstance(item, Failure), item
    assert item.document == f"box/{path.name}"
    return item.error


def texts(items):
    return {item.name: item.text for item in items if isinstance(item, Document)}


def failures(items):
    return {item.document: item.error for item in items if isinstance(item, Failure)}


def skipped(items):
    return {item.document: item.reason for item in items if isinstance(item, Skipped)}


def words(text):
    return WORD.findall(text.lower())

"""Which reader takes a file, and what does it give however badly it goes?

Built-in readers are named in a table and imported when a file of their kind is first read, so that no vendor's library
is loaded for the sake of a suffix.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import ClassVar, Protocol, cast

from ingest.model import CitewellError, Document, Failure

READER_VERSION = 1  # part of what makes a file "unchanged": raise it when what a reader gives changes

log = logging.getLogger(__name__)


class Reader(Protocol):
    """Turns one file into its documents; a document that fails inside it is a Failure, the rest go on.

    `name` is the file's own document name; documents inside the file are named `{name}#{id}` or `{name}!/{path}`.
    """

    def __call__(self, path: Path, name: str) -> Iterable[Document | Failure]: ...


class Unreadable(CitewellError):
    """A whole file that gives no document."""

    code: ClassVar[str] = "unreadable"


_MODULES = {
    "ingest.read.plain:read_plain": (".txt", ".text", ".log"),
    "ingest.read.markdown:read_markdown": (".md", ".markdown"),
    "ingest.read.restructured:read_restructured": (".rst",),
    "ingest.read.webpage:read_webpage": (".html", ".htm", ".xhtml"),
    "ingest.read.pdf:read_pdf": (".pdf",),
    "ingest.read.word:read_word": (".docx",),
    "ingest.read.table:read_table": (".csv", ".tsv"),
    "ingest.read.records:read_records": (".jsonl", ".ndjson"),
}
_BUILT_IN = {suffix: target for target, suffixes in _MODULES.items() for suffix in suffixes}


def supported(extra: Mapping[str, Reader] = {}) -> list[str]:
    """The suffixes that can be read, sorted."""
    return sorted({*_BUILT_IN, *(suffix.lower() for suffix in extra)})


def reader_for(path: Path, extra: Mapping[str, Reader] = {}) -> Reader | None:
    """The reader of this kind of file, None where there is none; a plugin's reader in `extra` (by suffix) wins.

    The reader may raise whatever its library raises; `read` is the safe way to use it.
    """
    suffix = path.suffix.lower()
    for key, reader in extra.items():
        if key.lower() == suffix:
            return reader
    if suffix not in _BUILT_IN:
        return None
    module, _, function = _BUILT_IN[suffix].partition(":")
    return cast("Reader", getattr(import_module(module), function))


def read(path: Path, name: str, extra: Mapping[str, Reader] = {}) -> Iterator[Document | Failure]:
    """The file's documents, fit to be stored; whatever goes wrong is a Failure with a sentence, never an exception.

    A Failure that carries the file's own name says that the file, or what was left of it, was not read. Every document
    has text and a title, no two have one name, and nothing in them is unfit for UTF-8.
    """
    taken: set[str] = set()
    try:
        reader = reader_for(path, extra)
        if reader is None:
            raise Unreadable(f"nothing here reads {path.suffix or 'such'} files: convert it to one of {_list(extra)}")
        for item in reader(path, name):
            checked = _checked(item, path, name, taken)
            if isinstance(checked, Document):
                taken.add(checked.name)
            yield checked
    except CitewellError as error:
        yield Failure(name, str(error))
    except OSError as error:
        log.debug("%s", name, exc_info=True)
        reason = error.strerror or str(error)
        yield Failure(name, f"it could not be opened ({reason}): check that the file is there and that you may read it")
    except Exception as error:  # what parses files raises anything, and one bad file stops nothing
        log.debug("%s", name, exc_info=True)
        reason = f"{type(error).__name__}: {str(error)[:200]}".rstrip(": ")
        kind = path.suffix.lower()
        yield Failure(name, f"it could not be read as {kind} ({reason}): repair it, or save it again as {kind}")


def fit(text: str) -> str:
    """The text with what no store can hold (NUL, lone surrogates) replaced letter for letter, so that spans stay."""
    return _UNFIT.sub("\ufffd", text)


_UNFIT = re.compile("[\0\ud800-\udfff]")


def _list(extra: Mapping[str, Reader]) -> str:
    return ", ".join(supported(extra))


def _checked(item: object, path: Path, name: str, taken: set[str]) -> Document | Failure:
    """The item as it may be stored, or the Failure that says why it may not."""
    if isinstance(item, Failure):
        return Failure(fit(item.document), fit(item.error))
    if not isinstance(item, Document):
        return Failure(name, f"its reader gave a {type(item).__name__} instead of a Document: correct the reader")
    if item.name != name and not item.name.startswith((f"{name}#", f"{name}!/")):
        return Failure(name, f"its reader named a document {item.name!r}, outside of this file: correct the reader")
    document = replace(
        item,
        name=fit(item.name),
        text=fit(item.text),
        title=fit(" ".join(item.title.split())) or path.stem,
        metadata={fit(key): fit(value) for key, value in item.metadata.items()},
    )
    if document.name in taken:
        return Failure(
            document.name, "an earlier document of this file has the same name and was kept: give each its own"
        )
    if not document.text.strip():
        return Failure(document.name, "it holds no text: add some, or leave it out")
    return document

"""What is a document, and what is a chunk of it?"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Literal

NO_TEXT_LAYER = "no text layer"  # what is said of a scan, and counted
Markup = Literal["plain", "markdown", "rst", "code"]
Metadata = Mapping[str, str | tuple[str, ...]]  # a value is a list where the document gives one, such as its tags


def items(value: str | tuple[str, ...]) -> tuple[str, ...]:
    """The items of a value of metadata; one that is no list is its only item."""
    return (value,) if isinstance(value, str) else value


def metadata_of(fields: Mapping[str, str | list[str]]) -> Metadata:
    """Metadata as it comes back from JSON, whose lists are no tuples."""
    return {key: value if isinstance(value, str) else tuple(value) for key, value in fields.items()}


def digest(*parts: str | bytes) -> str:
    """A SHA-256 over parts that cannot run into each other, as 64 hex digits."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big"))
        total.update(data)
    return total.hexdigest()


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page begins in a document's text: `number` counts sheets from 1, `label` is what a reader sees on it."""

    start: int
    number: int
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Unseen:
    """A stretch of a document's text that a person who opens the file does not see; `how` says why not."""

    start: int
    end: int
    how: str


def within(unseen: Iterable[Unseen], start: int, end: int) -> tuple[Unseen, ...]:
    """Those stretches of which something lies between two offsets."""
    return tuple(each for each in unseen if each.start < end and start < each.end)


@dataclass(frozen=True, slots=True)
class Document:
    """One text with a name that is the same on every machine.

    `name` is the source's label and the path within it, in POSIX form (`docs/guide/setup.md`; a JSON line
    as `scifact/corpus.jsonl#4983`). `markup` tells the splitter which structure to look for in `text`.
    What of it nobody sees is `unseen`, in its order.
    """

    name: str
    text: str
    title: str = ""
    markup: Markup = "plain"
    pages: tuple[Page, ...] = ()
    metadata: Metadata = field(default_factory=dict)
    labels: frozenset[str] = frozenset()
    unseen: tuple[Unseen, ...] = ()

    @property
    def content_hash(self) -> str:
        """Changes when anything that a chunk or a filter is made from changes."""
        pages = ",".join(
            f"{page.start}:{page.number}" + (f":{page.label}" if page.label is not None else "") for page in self.pages
        )
        metadata = [part for key in sorted(self.metadata) for part in (key, "\0".join(items(self.metadata[key])))]
        unseen = [f"{each.start}-{each.end}:{each.how}" for each in self.unseen]
        return digest(self.text, self.title, self.markup, pages, "\0".join(sorted(self.labels)), *metadata, *unseen)

    def page_at(self, offset: int) -> int | None:
        """The number of the page on which an offset of the text lies; None before the first, or without pages."""
        page = self._page(offset)
        return page.number if page else None

    def label_at(self, offset: int) -> str | None:
        """The label of that page; None where the file gives it none."""
        page = self._page(offset)
        return page.label if page else None

    def _page(self, offset: int) -> Page | None:
        index = bisect_right(self.pages, offset, key=attrgetter("start")) - 1
        return self.pages[index] if index >= 0 else None


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: `text` is exactly `document.text[start:end]`.

    `context` (title, heading path, repeated table header) is seen by both legs of the search and never quoted.
    `page` is the page on which the chunk begins, where the format has pages; `page_label` what a reader sees on it.
    `unseen` is what of the document's unseen text lies within, its places those in the document.
    """

    document: str
    start: int
    end: int
    text: str
    context: str = ""
    title: str = ""
    headings: tuple[str, ...] = ()
    page: int | None = None
    page_label: str | None = None
    unseen: tuple[Unseen, ...] = ()

    @property
    def id(self) -> str:
        """32 hex digits derived from what the chunk is; the vector store's point id."""
        return digest(self.document, str(self.start), str(self.end), self.context, self.text)[:32]

    @property
    def indexed_text(self) -> str:
        """What the encoder and the analyzer read."""
        return f"{self.context}\n{self.text}" if self.context else self.text


@dataclass(frozen=True, slots=True)
class Failure:
    """A document that could not be read, and why; the ingest goes on without it."""

    document: str
    error: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that was not tried, and why."""

    document: str
    reason: str

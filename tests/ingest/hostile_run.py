"""What comes of a folder of hostile files when it is ingested, and what does each file cost?"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path

from ingest.bounds import Bounds
from ingest.find.discover import discover
from ingest.ledger import Ledger
from ingest.model import Document, Failure, Skipped
from ingest.pipeline import Ingested, ingest
from ingest.read.sandbox.confine import resident
from ingest.read.sandbox.pool import Workers
from ingest.split.split import SplitSettings
from tests.ingest.hostile_case import Case
from tests.retrieval.words import ENCODER

LABEL = "hostile"
SECONDS = 30.0  # for one file, its splitting included
MEMORY = 512 << 20  # of a process that reads
GROWTH = 400 << 20  # of this process
ENDS = 100_000  # letters that are kept of either end of a long text


@dataclass
class Shelf:
    """An index writer that keeps what it must to say what it was given."""

    split_settings: SplitSettings = field(default_factory=SplitSettings)
    documents: dict[str, Document] = field(default_factory=dict)
    overwritten: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def offsets(self, text):
        return ENCODER.offsets(text)

    def sources(self):
        return {}

    def owners(self):
        return []

    def held(self, source):
        return {}

    def mark(self, source, hash):
        pass

    def remove(self, name):
        pass

    def put(self, document, chunks, source):
        if document.name in self.documents:
            self.overwritten.append(document.name)
        last = 0
        for chunk in chunks:
            if chunk.text != document.text[chunk.start : chunk.end] or chunk.start < last or not chunk.text.strip():
                self.broken.append(document.name)
            last = chunk.end
        if not chunks and any(map(str.isalnum, document.text)):
            self.broken.append(document.name)
        text = document.text
        if len(text) > 2 * ENDS:
            text = f"{text[:ENDS]}\n{text[-ENDS:]}"
        self.documents[document.name] = Document(document.name, text)


@dataclass
class Run:
    """One ingest of the whole folder, and what each file cost."""

    done: Ingested
    shelf: Shelf
    seconds: dict[str, float]
    memory: dict[str, int]
    growth: dict[str, int]

    def of(self, case: Case) -> list[Document | Failure | Skipped]:
        everything = [*self.shelf.documents.values(), *self.done.failures, *self.done.skipped]
        names = [item.name if isinstance(item, Document) else item.document for item in everything]
        return [item for item, name in zip(everything, names, strict=True) if case.owns(name, LABEL)]


def ingest_all(folder: Path, home: Path, bounds: Bounds) -> Run:
    """Discovers, reads and splits what is in `folder`."""
    shelf, ledger = Shelf(), Ledger(home / "ledger.sqlite")
    seconds, memory, growth = {}, {}, {}
    before = resident()[0]
    with Workers(bounds=bounds) as workers:

        def watched(sources):
            for source, items in workers.read(sources):
                begun, workers.peak_memory = time.monotonic(), 0
                yield source, items
                seconds[source.name] = time.monotonic() - begun
                memory[source.name] = workers.peak_memory
                growth[source.name] = resident()[0] - before

        done = ingest(discover([folder]), shelf, ledger, read_all=watched)
    ledger.close()
    return Run(done, shelf, seconds, memory, growth)

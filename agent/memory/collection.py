"""How is found again what is remembered? By the product's own search, in an index of its own, made of the events.

The journal alone says what there is. The index follows it: what one process wrote down and did not bring here, because
it was killed or another one wrote just then, the next one brings.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from agent.journal.journal import Journal
from agent.memory.admitting import standing
from agent.memory.remembered import Memory, cuts_in, folded
from agent.state import Recollection
from ingest.model import Document
from ingest.source import Source
from retrieval.erasure.erasing import Deletion
from retrieval.model import Scope
from retrieval.search.hybrid import HybridSearch
from retrieval.versions.home import Busy, Home, NoIndex
from retrieval.versions.version import IndexVersion

LABEL: Final = "memory"  # of the source: a memory is called memory/ID
SHOWN: Final = 8  # that a run is told of
_DEPTH: Final = 24  # that are looked at

log = logging.getLogger(__name__)


class Index(Protocol):
    """The home in which it lies, opened: an `agent.wire.Citewell` of its own."""

    home: Home

    def ingest(self, paths: Any) -> Any: ...

    def delete(self, documents: Sequence[str]) -> Deletion: ...

    def version(self) -> IndexVersion: ...

    def hybrid_search(self) -> HybridSearch: ...


@dataclass(frozen=True, slots=True)
class _Kept:
    """All that is remembered, as documents."""

    held: tuple[Document, ...]

    @property
    def source(self) -> Source:
        """It names them, and leads nowhere."""
        return Source(Path("citewell.memory"), LABEL, Path(LABEL))

    def documents(self) -> Iterator[Document]:
        """Each is one."""
        yield from self.held


def all_of(journal: Journal, principal: str | None = None) -> list[Memory]:
    """What is remembered of a principal, or of anybody, be it past or not."""
    found = journal.memories(principal)
    return folded(found.entries, [cut for each in found.cuts for cut in cuts_in({"cuts": [each]})])


def in_step(journal: Journal, index: Index) -> str:
    """Brings the index in step with the journal; why it could not be, empty where it is."""
    there = {document_of(each.id): each for each in all_of(journal)}
    held = _held(index)
    try:
        if extra := sorted(held - there.keys() - index.home.erased.names()):
            index.delete(extra)
        if there.keys() - held:
            index.ingest(_Kept(tuple(map(_document, there.values()))))
    except Busy as busy:
        log.info("what is remembered is brought into its index by the next who looks: %s", busy)
        return str(busy)
    return ""


def recalled(
    journal: Journal, index: Index, question: str, principal: str, within: frozenset[str] | None, day: str
) -> tuple[Recollection, ...]:
    """What is remembered of a principal and bears on a question, where the labels `within` may be seen.

    Preferences bear on any; of the rest what is almost surely about something else is left out.
    """
    known = standing(all_of(journal, principal), within, day)
    if not known:
        return ()
    in_step(journal, index)
    try:
        search = index.hybrid_search()
    except NoIndex:  # another process makes it just now
        return ()
    hits = search(question, k=_DEPTH, scope=_scope(principal, known))
    least = search.calibration.withhold if search.calibration else 0.0
    found = [(known[hit.chunk.document.removeprefix(f"{LABEL}/")], hit.probability) for hit in hits]
    kept = {
        each.id: each.recollection
        for each, chance in found
        if each.kind == "preference" or chance is None or chance >= least
    }
    return tuple(kept.values())[:SHOWN]


def document_of(id: str) -> str:
    """How the index names one."""
    return f"{LABEL}/{id}"


def _scope(principal: str, known: Mapping[str, Memory]) -> Scope:
    """What is a principal's, and holds now, alone: before anything is ranked."""
    return Scope(metadata={"principal": principal, "memory": frozenset(known)})


def _held(index: Index) -> frozenset[str]:
    return frozenset(index.version().names()) if index.home.live() is not None else frozenset()


def _document(each: Memory) -> Document:
    text = f"The {each.attribute} of {each.subject} is {each.value}"
    metadata = {"principal": each.principal, "memory": each.id}
    return Document(document_of(each.id), text, each.subject, "plain", metadata=metadata)

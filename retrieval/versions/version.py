"""What is an opened index version, and is it what its manifest says?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ingest.model import Chunk, Document, Unseen
from retrieval.lexical.invert import document_keys
from retrieval.lexical.postings import Mask, Postings, Term
from retrieval.lexical.reading import CURRENT, Analyzer, analyzer_of
from retrieval.model import EVERYTHING, Listed, Range, Scope
from retrieval.parts import Engine, VectorStore
from retrieval.versions.content import Content
from retrieval.versions.in_use import Hold, hold
from retrieval.versions.manifest import Manifest, damaged, stamp
from retrieval.versions.phrases import phrases

if TYPE_CHECKING:
    from ingest.split.sections import Section

_MASKS = 64  # scopes whose masks are kept, a byte a chunk each
_Key = tuple[frozenset[str], str, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a version holds in words, opened: its documents, of which nothing is searched. It never changes.

    A document that is erased while it is open is not given out any more, from that moment on.
    """

    folder: Path
    manifest: Manifest
    content: Content
    erased_now: Callable[[], frozenset[str]]
    _held: Hold = field(default_factory=lambda: Hold(None))
    _ranges: dict[tuple[str, Range], frozenset[str]] = field(default_factory=dict)
    _hidden: dict[frozenset[str], frozenset[str]] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Names the version."""
        return self.manifest.id

    def hidden(self) -> frozenset[str]:
        """The documents that this version holds and that were erased since it was opened."""
        erased = self.erased_now()
        if not erased:
            return erased
        hidden = self._hidden.get(erased)
        if hidden is None:
            hidden = frozenset(name for name in erased if self.content.holds(name))
            self._hidden.clear()
            self._hidden[erased] = hidden  # not read again: another thread may clear them
        return hidden

    def names(self) -> list[str]:
        """All document names."""
        hidden = self.hidden()
        return [name for name in self.content.names() if name not in hidden]

    def text(self, name: str) -> str | None:
        """The full text of a document, None if it is not in this version."""
        return None if name in self.hidden() else self.content.text(name)

    def document(self, name: str) -> Document | None:
        """A document as it was read, None if it is not in this version."""
        return None if name in self.hidden() else self.content.document(name)

    def listed(self, scope: Scope) -> list[Listed]:
        """What is known of the documents within a scope, by name."""
        hidden = self.hidden()
        return [each for each in self.content.listed(self.resolved(scope)) if each.name not in hidden]

    def sample(self, n: int, *, seed: int) -> list[Chunk]:
        """`n` chunks drawn without repetition, the same for the same seed."""
        hidden = self.hidden()
        return [chunk for chunk in self.content.sample(n, seed=seed) if chunk.document not in hidden]

    def resolved(self, scope: Scope) -> Scope:
        """The scope with the values that this version has within each of its ranges, and with the labels of this
        version that do not lie within it. Raises `BadRange`.
        """
        if scope.within is not None:
            scope = replace(scope, without=self.content.labels() - scope.within)
        return scope.with_values(self._within) if scope.has_ranges else scope

    def _within(self, key: str, range: Range) -> frozenset[str]:
        from retrieval.versions.ranges import check, within

        asked = key, range
        found = self._ranges.get(asked)
        if found is None:
            check(key, range)
            found = within(range, self.content.values(key))
            if len(self._ranges) >= _MASKS:
                self._ranges.clear()
            self._ranges[asked] = found  # not read again: another thread may clear them
        return found

    def within(self, scope: Scope) -> Within:
        """The documents of which no one who holds them can see more than `scope`."""
        return Within(self, self.resolved(scope))

    def close(self) -> None:
        """Releases the files."""
        self.content.close()
        self._held.close()


@dataclass(frozen=True, slots=True)
class Within:
    """What of a version lies within a scope: the full texts of its documents."""

    _words: Words
    _scope: Scope

    def text(self, name: str) -> str | None:
        """A document's full text; None where there is none, or it lies outside the scope."""
        document = self._document(name)
        return document.text if document else None

    def page(self, name: str, offset: int) -> int | None:
        """The page on which an offset of a document's text lies; None as for `text`, or without pages."""
        document = self._document(name)
        return document.page_at(offset) if document else None

    def page_label(self, name: str, offset: int) -> str | None:
        """That page's label; None as for `page`, or where the file gives it none."""
        document = self._document(name)
        return document.label_at(offset) if document else None

    def unseen(self, name: str) -> tuple[Unseen, ...]:
        """What of a document's text nobody sees who opens it; nothing as for `text`."""
        document = self._document(name)
        return document.unseen if document else ()

    def documents(self, scope: Scope = EVERYTHING) -> list[Listed]:
        """What is known of the documents within the scope that also lie within another one, by name."""
        narrowed = self._scope.narrowed(labels=scope.labels, metadata=scope.metadata, within=scope.within)
        return self._words.listed(narrowed)

    def sections(self, name: str) -> list[Section]:
        """The sections and tables of a document, in order; none as for `text`."""
        from ingest.split.sections import sections

        document = self._document(name)
        return sections(document) if document else []

    def _document(self, name: str) -> Document | None:
        document = self._words.document(name)
        return document if document and self._scope.admits(document.labels, document.metadata) else None


@dataclass(frozen=True, slots=True, kw_only=True, weakref_slot=True)
class IndexVersion(Words):
    """A version of which all is opened: words, vectors and postings that were checked against its manifest."""

    store: VectorStore
    postings: Postings
    stamp: tuple[int, int] | None = None
    _masks: dict[_Key, Mask] = field(default_factory=dict)

    @property
    def analyzer(self) -> Analyzer:
        """What made its terms, and makes those of the questions to it."""
        return analyzer_of(self.manifest.analyzer) or CURRENT

    def terms(self, question: str) -> tuple[Term, ...]:
        """What a question asks the postings for: its terms, and the phrases that it quotes."""
        languages = self.manifest.languages
        found = self.postings.terms(self.analyzer.question(question, languages))
        quoted = phrases(question, languages, self.analyzer, self.postings, self.content)
        return (*found, *quoted)

    def hidden_chunks(self) -> int:
        """How many chunks the hidden documents have."""
        return int(np.count_nonzero(self.postings.of_documents(document_keys(self.hidden()))))

    def mask(self, scope: Scope) -> Mask | None:
        """`(slots,)`: which chunks a scope admits; None for all of them."""
        hidden = self.hidden()
        if scope.is_everything and not hidden:
            return None
        key = scope.labels, repr((scope.conditions(), scope.within and sorted(scope.within))), hidden
        mask = self._masks.get(key)
        if mask is None:
            mask = self._mask(scope, hidden)
            if len(self._masks) >= _MASKS:
                self._masks.clear()
            self._masks[key] = mask  # likewise
        return mask

    def close(self) -> None:
        """Releases the files."""
        self.store.close()
        self.postings.close()
        self._masks.clear()
        Words.close(self)

    def _mask(self, scope: Scope, hidden: Iterable[str]) -> Mask:
        shown = self.postings.here & ~self.postings.of_documents(document_keys(hidden))
        return (
            shown
            if scope.is_everything
            else shown & self.postings.of_documents(document_keys(self.content.in_scope(scope)))
        )


def open_words(folder: Path, manifest: Manifest, *, erased_now: Callable[[], frozenset[str]]) -> Words:
    """The words of a version, of which nothing was checked."""
    data = manifest.folder(folder)
    held = hold(data)
    content = Content.open(data / "content.sqlite")
    return Words(folder=folder, manifest=manifest, content=content, erased_now=erased_now, _held=held)


def open_version(
    folder: Path, manifest: Manifest, engine: Engine, *, erased_now: Callable[[], frozenset[str]] = frozenset
) -> IndexVersion:
    """The version, its three parts having answered as the manifest says they must. Raises `DamagedIndex`."""
    data, made = manifest.folder(folder), stamp(folder)
    held = hold(data)
    content = Content.open(data / "content.sqlite")
    store = engine.open(data / "vectors")
    version = IndexVersion(
        folder=folder,
        manifest=manifest,
        content=content,
        store=store,
        postings=Postings(data / "lexical"),
        erased_now=erased_now,
        stamp=made,
        _held=held,
    )
    problem = _self_check(version)
    if problem:
        version.close()
        raise damaged(folder, problem)
    return version


def _self_check(version: IndexVersion) -> str | None:
    """What differs between the manifest and what the three parts answer, if anything does."""
    manifest, postings = version.manifest, version.postings
    documents, chunks = version.content.counts()
    counts = {
        "documents": (documents, manifest.documents),
        "chunks": (chunks, manifest.chunks),
        "vectors": (version.store.count(), manifest.chunks),
        "postings": (len(postings), manifest.chunks),
    }
    for part, (count, expected) in counts.items():
        if count != expected:
            return f"it holds {count} {part} instead of {expected}"
    ids: Sequence[str] = [query.chunk for query in manifest.self_queries]
    vectors = version.store.vectors(ids)
    for query in manifest.self_queries:
        if query.chunk not in vectors:
            return f"the vector of {query.chunk} is gone"
        hits = dict(version.store.search(vectors[query.chunk], k=10, scope=Scope()))
        if query.chunk not in hits and max(hits.values(), default=0.0) < 1 - 1e-4:
            return f"a search for the vector of {query.chunk} does not find it"
        slots = postings.ordinals([query.chunk])
        (score,) = postings.scored(postings.terms(query.terms), slots).tolist()
        if abs(score - query.lexical) > 1e-3 * max(1.0, query.lexical):
            return f"the words of {query.chunk} score {score:.4f} instead of {query.lexical}"
        if postings.has_vectors and not np.array_equal(postings.vectors(slots)[0], vectors[query.chunk]):
            return f"the vector of {query.chunk} beside its words is another one"
    return None

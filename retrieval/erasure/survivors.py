"""How rare are words and sequences among the documents that stay?"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager

from retrieval.erasure.holdings import Kept, kept_versions, open_content
from retrieval.erasure.proofs import contains
from retrieval.lexical.postings import Postings
from retrieval.lexical.reading import CURRENT, Analyzer, analyzer_of
from retrieval.versions.content import Content
from retrieval.versions.home import Home
from retrieval.versions.manifest import SCHEMA

Opened = tuple[Content, Postings, tuple[str, ...], Analyzer]


class Others:
    """Every document of every version but those that are to go."""

    def __init__(self, versions: Sequence[Opened], gone: Collection[str]) -> None:
        self._versions, self._gone = versions, frozenset(gone)
        self._rarity: dict[str, float] = {}
        self._held: dict[tuple[str, ...], bool] = {}

    def rarity(self, word: str) -> float:
        """The lowest idf of a word's terms in the newest version, in any language; 0 for one that is silent in all."""
        if word not in self._rarity:
            found = [
                postings.idf(term)
                for _, postings, languages, analyzer in self._versions[-1:]
                for language in languages
                for term in analyzer.passage(word, language).words
            ]
            self._rarity[word] = min(found, default=0.0)
        return self._rarity[word]

    def hold(self, words: Sequence[str]) -> bool:
        """Whether a chunk of another document, or its context, holds these words in a row."""
        key = tuple(words)
        if key not in self._held:
            self._held[key] = any(self._held_in(version, words) for version in self._versions)
        return self._held[key]

    def _held_in(self, version: Opened, words: Sequence[str]) -> bool:
        content, postings, languages, analyzer = version
        ids: set[str] = set()
        for language in languages:
            wanted = {term for word in words for term in analyzer.passage(word, language).words}
            if not wanted:
                return True  # stop words alone stand everywhere
            ids.update(postings.holding(sorted(wanted)))
        chunks = content.chunks(sorted(ids)).values()
        return any(chunk.document not in self._gone and contains(chunk.indexed_text, words) for chunk in chunks)


@contextmanager
def others(home: Home, gone: Collection[str]) -> Iterator[Others]:
    """The other documents, as long as they are needed; versions that cannot be read are left out."""
    opened: list[Opened] = []
    try:
        readable = (_opened(kept) for kept in kept_versions(home) if kept[1].schema == SCHEMA)
        opened.extend(found for found in readable if found is not None)
        yield Others(opened, gone)
    finally:
        for content, postings, *_ in opened:
            content.close()
            postings.close()


def _opened(kept: Kept) -> Opened | None:
    folder, manifest = kept
    try:
        content = open_content(kept)
        content.counts()
        postings = Postings(manifest.folder(folder) / "lexical")
        return content, postings, manifest.languages or ("",), analyzer_of(manifest.analyzer) or CURRENT
    except (sqlite3.Error, OSError, ValueError):
        return None

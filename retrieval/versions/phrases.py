"""Which passages hold what a question puts in quotation marks, word after word?

Postings know no order, so the passages that hold all words of a phrase are read. To a search a phrase is one more term.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import regex

from retrieval.lexical.postings import Postings, Term
from retrieval.lexical.reading import Analyzer
from retrieval.versions.content import Content

MOST = 1_000
"""Passages that are read for one phrase; if more hold its words, these say too little to look further."""

_QUOTED = regex.compile(r"(?<![\p{L}\p{N}])[\"“”„«]([^\"“”„«»]{3,200})[\"“”»]|「([^」]{3,200})」")
_WORDS = regex.compile(r"[\p{L}\p{N}][\p{L}\p{M}\p{N}]*")


def phrases(
    question: str, languages: Sequence[str], analyzer: Analyzer, postings: Postings, content: Content
) -> Iterator[Term]:
    """A term for each phrase of several words that a question quotes; one that no passage holds stands in none."""
    for phrase in dict.fromkeys(next(filter(None, found)).strip() for found in _QUOTED.findall(question)):
        wanted = said(phrase)
        if " " not in wanted.strip():
            continue
        read = [sorted(set(analyzer.passage(phrase, language).words)) for language in languages or ("",)]
        ids = {id for words in read if words for id in postings.holding(words)}
        if not any(read):
            continue  # stop words alone, which the postings do not have
        chunks = content.chunks(sorted(ids)) if len(ids) <= MOST else {}
        found = [id for id, chunk in chunks.items() if wanted in said(chunk.indexed_text)]
        if len(ids) <= MOST:
            yield postings.term_in(f'"{phrase}"', found)


def said(text: str) -> str:
    """The words of a text, one space before and after each."""
    return f" {' '.join(_WORDS.findall(text.casefold()))} "

"""Which files that were not read may hold the answer?

An abstention speaks only for what was read. So it names the files that failed or were passed over whose names share
words with the question, or that lie in one folder with the nearest passages.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import closing
from pathlib import PurePosixPath
from typing import Final

from agent.answer import Unread
from agent.evidence.wording import akin, language_of, stems, words
from ingest.ledger import Ledger, NotRead
from ingest.names import files, lies_in
from retrieval.model import EVERYTHING, Scope
from retrieval.versions.home import Home

MOST: Final = 5
_WORDS: Final = re.compile(r"[^\W\d_]+|\d+")
_CAMEL: Final = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")


def unread(
    home: Home, question: str, near: Sequence[str], *, version: str, scope: Scope = EVERYTHING
) -> tuple[tuple[Unread, ...], int]:
    """The likeliest of what was not read into a version, the likeliest first, and how much there is in all.

    `near` are the documents of the nearest passages. What is erased, and what does not lie within the scope as far as
    its labels and metadata are known, is neither named nor counted. Raises `LedgerUnusable`.
    """
    path = home.path / "ledger.sqlite"
    if not path.is_file():
        return (), 0
    with closing(Ledger(path, read_only=True)) as ledger:
        listed = ledger.not_read(version)
    seen = [one for one in listed if _may_be_seen(one, scope, home.erased.names())]
    return likeliest(seen, question, near), len(seen)


def likeliest(listed: Iterable[NotRead], question: str, near: Sequence[str]) -> tuple[Unread, ...]:
    """Those whose names share words with the question, or that lie beside the nearest documents."""
    language = language_of(question)
    asked = [word.stems for word in words(question, language)]
    numbers = set(re.findall(r"\d+", question))
    folders = {_folder(name) for name in near}
    found: list[tuple[int, bool, Unread]] = []
    for one in listed:
        named = " ".join(_WORDS.findall(_CAMEL.sub(" ", _within(one.document))))
        there = stems(named, language) | frozenset(re.findall(r"\d+", named)) | frozenset(named.casefold().split())
        shared = sum(any(akin(a, b, language) for a in mine for b in there) for mine in asked) + len(numbers & there)
        is_beside = _folder(one.document) in folders
        if shared or is_beside:
            found.append((shared, is_beside, Unread(one.document, one.reason)))
    found.sort(key=lambda each: (-each[0], not each[1], each[2].document))
    return tuple(each for _, _, each in found[:MOST])


def _may_be_seen(one: NotRead, scope: Scope, erased: Collection[str]) -> bool:
    if any(lies_in(one.document, name) for name in erased):
        return False
    if any(lies_in(name, file) for file in files(one.document) for name in erased):
        return False  # something of the same file was erased, and what was is not to be told from what was not
    if scope.is_everything:
        return True
    return one.labels is not None and one.metadata is not None and scope.admits(one.labels, one.metadata)


def _within(name: str) -> str:
    """The path below the source's label, without the suffix."""
    path = PurePosixPath(name)
    below = PurePosixPath(*path.parts[1:]) if len(path.parts) > 1 else path
    return below.with_suffix("").as_posix()


def _folder(name: str) -> str:
    return name.rpartition("/")[0]

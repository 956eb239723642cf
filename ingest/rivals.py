"""What does a document's name say of where it lies: which file has it, and which part of a file?

`a.zip!/b.md` is what a member of `a.zip` is called, and may be a file in a folder called `a.zip!` as well. The file
keeps the name, whichever of the two was there first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from ingest.model import Failure

_LINE = re.compile(r"[#:]")
_INSIDE = re.compile(r"!/|#")  # what stands behind a file's name where the name goes on to what is in it


def rivals(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each of these files the others whose names belong to what is inside of it; only for those that have any."""
    known = set(names)
    found = defaultdict(list)
    for name in sorted(known):
        for mark in _INSIDE.finditer(name):
            if name[: mark.start()] in known:
                found[name[: mark.start()]].append(name)
    return {name: tuple(others) for name, others in found.items()}


def clash(document: str, others: Iterable[str]) -> Failure | None:
    """What is to be said of a document that has the name of another file, or of what is inside of that; else None."""
    for other in others:
        if document == other or (document.startswith(other) and _INSIDE.match(document, len(other))):
            return Failure(
                document, f"{other!r} is a file of the same name, and was kept: rename that file, or its folder"
            )
    return None


class Unread:
    """Names of documents that may well be in a file still, since what they belong to failed.

    Of a part that failed (`a.zip!/b.pdf`) that is what lies in it. Where the file itself failed, or one of its lines,
    whose number (`r.jsonl:7`) is not the id of its record, it is all that the file held.
    """

    def __init__(self, file: str, failed: Iterable[str]) -> None:
        self._parts = {part for name in failed for part in _parts(file, name)}
        self._inside = tuple(f"{part}{mark}" for part in self._parts for mark in ("#", "!/"))

    def __contains__(self, name: str) -> bool:
        return name in self._parts or name.startswith(self._inside)


def _parts(file: str, failed: str) -> list[str]:
    """What a failure's name may stand for: that itself, and where it may be a line, what the line would be of."""
    if not failed.startswith(f"{file}!/"):
        return [file]
    return [failed, *(failed[: mark.start()] for mark in _LINE.finditer(failed, len(file)))]

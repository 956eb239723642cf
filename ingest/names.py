"""What does a document's name say of where it lies: which file has it, and which part of a file?

`a.zip!/b.md` is what a member of `a.zip` is called, `r.jsonl#7` a record of `r.jsonl`. Either may be the name of a file
as well (`C# notes.md`, or one in a folder called `a.zip!`): so a name alone never tells which file it came from, only
which it may have come from. The file keeps the name, whichever of the two was there first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from ingest.model import Failure

RECORD, MEMBER = "#", "!/"
_LINE = re.compile(r"[#:]")
# Mail, web pages and feeds
_FROM_OUTSIDE = (".eml", ".msg", ".mbox", ".html", ".htm", ".xhtml", ".mht", ".mhtml", ".rss", ".atom")
_INSIDE = re.compile(r"!/|#")  # what stands behind a file's name where the name goes on to what is in it


def files(name: str) -> list[str]:
    """Every file that a document of this name may have come from, the name itself first."""
    return [name, *(name[: mark.start()] for mark in _INSIDE.finditer(name) if mark.start())]


def lies_in(name: str, file: str) -> bool:
    """Whether a document of this name may have come from a file."""
    return name == file or (name.startswith(file) and _INSIDE.match(name, len(file)) is not None)


def is_record_of(name: str, file: str) -> bool:
    """Whether a name is that of a record of a file: an id behind the mark."""
    return name.startswith(f"{file}{RECORD}")


def record_ids(name: str) -> list[str]:
    """What may be a record's own id in a name, since an id may hold the mark itself: the shortest first."""
    return [name.rpartition(RECORD)[2], name.partition(RECORD)[2]] if RECORD in name else []


def innermost(name: str) -> str:
    """The path within the innermost archive, or the whole name."""
    return name.rpartition(MEMBER)[2]


def is_packed(name: str) -> bool:
    """Whether a name reads as that of something inside an archive."""
    return MEMBER in name


def rivals(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """For each of these files the others whose names belong to what is inside of it; only for those that have any."""
    known = set(names)
    found = defaultdict(list)
    for name in sorted(known):
        for file in files(name)[1:]:
            if file in known:
                found[file].append(name)
    return {name: tuple(others) for name, others in found.items()}


def clash(document: str, others: Iterable[str]) -> Failure | None:
    """What is to be said of a document that has the name of another file, or of what is inside of that; else None."""
    for other in others:
        if lies_in(document, other):
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

    def __contains__(self, name: str) -> bool:
        return not self._parts.isdisjoint(files(name))


def _parts(file: str, failed: str) -> list[str]:
    """What a failure's name may stand for: that itself, and where it may be a line, what the line would be of."""
    if not failed.startswith(f"{file}{MEMBER}"):
        return [file]
    return [failed, *(failed[: mark.start()] for mark in _LINE.finditer(failed, len(file)))]


def is_from_outside(name: str) -> bool:
    """Whether a document's name is that of mail, a web page or a feed, or of a part of one (`in.mbox#2`)."""
    return any(part.endswith(_FROM_OUTSIDE) for part in name.casefold().split("#"))

"""Which files are named as if they lay inside of another one?

`a.zip!/b.md` is what a member of `a.zip` is called, and may be a file in a folder called `a.zip!` as well. The file
keeps the name, whichever of the two was there first.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable

from ingest.model import Failure

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

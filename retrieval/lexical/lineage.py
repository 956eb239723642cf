"""How do a version's postings follow from its parent's? Linked segments, what is gone of them, one segment of the new.

Small segments are merged as they gather, so that there are never more than a few: each holds over twice as many chunks
as all smaller ones together (the logarithmic method, Bentley & Saxe 1980). A segment of which a quarter is gone is
written anew without it.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.lexical.invert import Entry, invert, merge
from retrieval.lexical.segment import Segment, mapped

_GONE = 0.25


def read_segments(folder: Path) -> list[Segment]:
    """The segments of a version, the oldest first."""
    found = []
    for path in sorted(path for path in folder.iterdir() if path.is_dir()):
        gone = path.with_suffix(".gone")
        found.append(Segment(path, np.array(mapped(gone, np.uint32)) if gone.is_file() else None))
    return found


def follow(parent: Path | None, folder: Path, *, removed: Collection[str], added: Iterable[Entry]) -> None:
    """Writes the postings of a version whose parent's lie in `parent`: without the chunks `removed`, with the `added`.

    A chunk that was removed and is among the added is new.
    """
    folder.mkdir(parents=True)
    segments = _linked(parent, folder, removed) if parent is not None else []
    number = max((int(segment.folder.name) for segment in segments), default=0) + 1
    fresh = folder / f"{number:06}"
    invert(added, fresh)
    segments.append(Segment(fresh))
    empty = [segment for segment in segments if not segment.size]
    _drop(empty)
    ripe = _ripe([segment for segment in segments if segment.size])
    if ripe:
        merge(ripe, folder / f"{number + 1:06}")
        _drop(ripe)


def merged(parent: Path, folder: Path, *, removed: Collection[str]) -> None:
    """Writes the postings of `parent` as at most one segment, which holds no trace of the chunks `removed`."""
    folder.mkdir(parents=True)
    wanted = np.array([id.encode("ascii") for id in removed], dtype="S32")
    segments = [_without(segment, wanted) for segment in read_segments(parent)]
    if segments:  # a version without a document has none
        merge(segments, folder / f"{1:06}")


def link_or_copy(source: Path, target: Path) -> None:
    """One more name for a file that never changes; a copy where the file system has no such names."""
    try:
        os.link(source, target)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise
        shutil.copyfile(source, target)


def _linked(parent: Path, folder: Path, removed: Collection[str]) -> list[Segment]:
    wanted = np.array([id.encode("ascii") for id in removed], dtype="S32")
    segments = []
    for segment in read_segments(parent):
        here = folder / segment.folder.name
        here.mkdir()
        for file in segment.folder.iterdir():
            link_or_copy(file, here / file.name)
        kept = _without(segment, wanted)
        if len(kept.gone):
            kept.gone.tofile(here.with_suffix(".gone"))
        segments.append(Segment(here, kept.gone))
    return segments


def _without(segment: Segment, ids: NDArray[np.bytes_]) -> Segment:
    places = segment.ordinals(ids)
    gone = np.union1d(segment.gone, places[places >= 0]).astype(np.uint32)
    return Segment(segment.folder, gone)


def _ripe(segments: Sequence[Segment]) -> list[Segment]:
    """What is to be written anew as one segment: the small ones that have gathered, and those that are much gone."""
    by_size = sorted(segments, key=lambda segment: segment.size)
    smaller, gathered = 0, 0
    for count, segment in enumerate(by_size, start=1):
        if segment.size <= 2 * smaller:
            gathered = count
        smaller += segment.size
    return by_size[:gathered] + [one for one in by_size[gathered:] if len(one.gone) > _GONE * len(one)]


def _drop(segments: Sequence[Segment]) -> None:
    for segment in segments:
        shutil.rmtree(segment.folder)
        segment.folder.with_suffix(".gone").unlink(missing_ok=True)

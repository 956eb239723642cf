"""How does a document leave the files of a home? Each version is written anew from what survives."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from retrieval import holding
from retrieval.build import fingerprint, self_queries
from retrieval.cache import VectorCache
from retrieval.content import Content
from retrieval.durable import hash_files, size_on_disk, sync, sync_tree
from retrieval.index import Home
from retrieval.invert import document_key
from retrieval.lexical import Postings
from retrieval.manifest import SCHEMA, DamagedIndex, Erasure, ForeignIndex, Manifest, damaged
from retrieval.model import EncoderIdentity
from retrieval.room import check_room
from retrieval.segments import merged, read_segments
from retrieval.stores.store import StoreFailed
from retrieval.upkeep import discard

Kept = tuple[Path, Manifest]


def kept_versions(home: Home) -> list[Kept]:
    """Every version with its manifest, oldest first; without those whose manifest cannot be read."""
    found = []
    for path in sorted(home.versions_folder.glob("[!.]*/manifest.json")):
        try:
            found.append((path.parent, Manifest.read(path.parent)))
        except (DamagedIndex, ForeignIndex):
            continue
    return found


def open_content(kept: Kept) -> Content:
    """The words of a version, whatever its schema."""
    folder, manifest = kept
    return Content.open(manifest.folder(folder) / "content.sqlite")


def documents_of(home: Home, name: str) -> list[str]:
    """The document of that name, or all that came from a file of that name, in any version."""
    found: set[str] = set()
    for kept in kept_versions(home):
        try:
            with closing(open_content(kept)) as content:
                found |= {name} if content.holds(name) else content.held(name).keys()
        except sqlite3.Error:  # damaged; `rewrite` says so
            continue
    return sorted(found)


def versions_holding(home: Home, names: Collection[str]) -> list[str]:
    """The versions that hold anything of a document, be it postings of a text that a later one lacks."""
    keys = np.array([document_key(name) for name in names], dtype=np.uint64)
    found = []
    for folder, manifest in kept_versions(home):
        try:
            with closing(open_content((folder, manifest))) as content:
                holds = any(content.holds(name) for name in names)
            if not holds and manifest.schema == SCHEMA:
                segments = read_segments(manifest.folder(folder) / "lexical")
                holds = any(np.isin(segment.documents, keys).any() for segment in segments)
        except (sqlite3.Error, OSError, ValueError):
            continue
        if holds:
            found.append(manifest.id)
    return found


def rewrite(home: Home, names: Collection[str]) -> list[str]:
    """Writes every version anew without these documents; why it was not possible, for each where it was not.

    To be called while `home.writing()`. What was written can be read as soon as it is whole, under the same id and
    with the same verdict. A version that holds none of them may still have what its engine left of them, so none is
    passed over. Older ones of another schema, which nothing can search or go back to any more, go as a whole.
    """
    problems = []
    for path in sorted(home.versions_folder.glob("[!.]*/manifest.json")):
        folder = path.parent
        try:
            manifest = Manifest.read(folder)
            if manifest.schema == SCHEMA:
                manifest.check_files(folder, whatever_size=True)  # or its damage would be given new hashes
                _rewritten(home, folder, manifest, names)
            elif folder.name == home.live():
                raise ForeignIndex(f"index version {folder.name} has an older schema: citewell ingest makes a new one")
            else:
                shutil.rmtree(folder)
        except (DamagedIndex, ForeignIndex, StoreFailed) as error:
            problems.append(str(error))
    home.tell_engine(home.live())
    return problems


def keep_in_cache(home: Home, path: Path) -> None:
    """Takes out of the vector cache whatever no version's chunks need."""
    if path.is_file():
        VectorCache.keep(path, _texts(home))


def _texts(home: Home) -> Iterator[tuple[EncoderIdentity, str]]:
    for kept in kept_versions(home):
        try:
            with closing(open_content(kept)) as content:
                for chunk in content.every_chunk():
                    yield kept[1].encoder, chunk.indexed_text
        except sqlite3.DatabaseError:  # what is damaged needs nothing
            continue


def _rewritten(home: Home, folder: Path, manifest: Manifest, names: Collection[str]) -> None:
    before = manifest.folder(folder)
    data = folder / str(max(int(path.name) for path in folder.iterdir() if path.name.isdigit()) + 1)
    check_room(folder, size_on_disk(before))
    data.mkdir()
    try:
        changed = _write_without(home, before, data, manifest, names)
        holding.prepare(data)
        sync_tree(data)
        sync([folder])
        files = hash_files(data)
    except BaseException:
        discard(data, home.drop_vectors)
        raise
    now = datetime.now(UTC).isoformat(timespec="seconds")
    erasures = (*manifest.erasures, Erasure(now, manifest.documents - changed.documents))
    replace(changed, data=data.name, files=files, erasures=erasures).write(folder)
    discard(before, home.drop_vectors)


def _write_without(home: Home, before: Path, data: Path, manifest: Manifest, names: Iterable[str]) -> Manifest:
    """Writes the three parts; the manifest with what it is to say of them."""
    shutil.copyfile(before / "content.sqlite", data / "content.sqlite")
    with closing(Content.edit(data / "content.sqlite")) as content:
        try:
            removed = _taken_out(content, names)
        except sqlite3.DatabaseError as error:
            raise damaged(before.parent, str(error)) from error
        _copy_vectors(home, before, data, manifest, removed)
        merged(before / "lexical", data / "lexical", removed=removed)
        documents, chunks = content.counts()
        changed = replace(
            manifest,
            fingerprint=fingerprint(content, manifest.encoder, manifest.settings, manifest.analyzer),
            documents=documents,
            chunks=chunks,
            self_queries=self_queries(content, Postings(data / "lexical")),
            languages=tuple(sorted({*content.languages().values()})),
        )
        content.finish(compact=True)
    return changed


def _taken_out(content: Content, names: Iterable[str]) -> set[str]:
    """Removes documents; the ids of their chunks."""
    removed: set[str] = set()
    for name in names:
        if (source := content.source(name)) is not None:
            content.mark(source, None)  # so that its file is read again, and the block seen
        removed.update(content.remove(name))
    return removed


def _copy_vectors(home: Home, before: Path, data: Path, manifest: Manifest, removed: Collection[str]) -> None:
    """Into a new store: the engine leaves what it deletes in its files."""
    engine = home.engine(manifest.engine)
    with (
        closing(engine.open(before / "vectors")) as old,
        closing(engine.create(data / "vectors", manifest.encoder.dimensions)) as new,
    ):
        for points in old.points():
            new.upsert([point for point in points if point.id not in removed])
        new.flush()
    engine.open(data / "vectors").close()  # some engines settle their files at the first opening

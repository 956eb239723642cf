"""How does a document leave the files of a home? Each version is written anew from what survives."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from retrieval.disk.durable import size_on_disk
from retrieval.disk.space import check_room
from retrieval.erasure.holdings import Kept, told
from retrieval.lexical.lineage import merged
from retrieval.lexical.postings import Postings
from retrieval.parts import EncoderIdentity
from retrieval.stores.store import StoreFailed
from retrieval.vectors.cache import VectorCache
from retrieval.versions.candidate import fingerprint, self_queries, settled
from retrieval.versions.content import Content
from retrieval.versions.home import Home
from retrieval.versions.leftovers import discard
from retrieval.versions.manifest import SCHEMA, DamagedIndex, Erasure, ForeignIndex, Manifest, damaged, version_folders


def rewrite(home: Home, names: Collection[str], on_step: Callable[[str], None] = lambda _: None) -> list[str]:
    """Writes every version anew without these documents; why it was not possible, for each where it was not.

    To be called while `home.writing()`. What was written can be read as soon as it is whole, under the same id and
    with the same verdict. A version that holds none of them may still have what its engine left of them, so none is
    passed over. Older ones of another schema, which nothing can search or go back to any more, go as a whole.
    """
    problems = []
    folders = version_folders(home.versions_folder)
    for number, folder in enumerate(folders, start=1):
        on_step(f"writing version {number} of {len(folders)} anew")
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
    if (live := home.live()) is not None:
        home.tell_engine(live)
    return problems


def keep_in_cache(home: Home, path: Path) -> None:
    """Takes out of the vector cache whatever no version's chunks need."""
    if path.is_file():
        VectorCache.keep(path, told(home, _texts))


def _texts(kept: Kept, content: Content) -> Iterator[tuple[EncoderIdentity, str]]:
    return ((kept[1].encoder, chunk.indexed_text) for chunk in content.every_chunk())


def _rewritten(home: Home, folder: Path, manifest: Manifest, names: Collection[str]) -> None:
    before = manifest.folder(folder)
    data = folder / str(max(int(path.name) for path in folder.iterdir() if path.name.isdigit()) + 1)
    check_room(folder, size_on_disk(before))
    data.mkdir()
    try:
        changed = _write_without(home, before, data, manifest, names)
        files = settled(data, home.engine(manifest.engine))
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
            languages=content.recorded_languages(),
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

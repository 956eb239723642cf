"""Which index versions does a home hold, which one is live, and how is one opened?"""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from ingest.access import check_home, made, readable, writable
from ingest.errors import CitewellError
from retrieval.disk.durable import sync, write_durably
from retrieval.parts import Encoder, Engine
from retrieval.stores.collection import is_named
from retrieval.stores.store import StoreFailed
from retrieval.versions.erasure_list import ErasureList, ErasureListUnusable
from retrieval.versions.manifest import (
    SCHEMA,
    DamagedIndex,
    ForeignIndex,
    Manifest,
    damaged,
    stamp,
    unreadable,
    version_folders,
)
from retrieval.versions.pointers import Pointers

if TYPE_CHECKING:  # what changes a home needs much that reading does not, and what opens one is imported meanwhile
    from retrieval.versions.listing import VersionInfo
    from retrieval.versions.version import IndexVersion, Words

log = logging.getLogger(__name__)
_TRIES = 5  # how often a version is opened anew that was written anew meanwhile
PUBLISHABLE = ("passed", "probe", "forced")


class NoIndex(CitewellError):
    """There is no such index version."""

    code: ClassVar[str] = "no_index"
    exit_code: ClassVar[int] = 2


class NoServer(ForeignIndex):
    """The vectors lie on a server that is not configured: nothing says that they could not be searched."""


class Refused(CitewellError):
    """A version without a good enough verdict was to be published."""

    code: ClassVar[str] = "refused"
    http_status: ClassVar[int] = 409


class Busy(CitewellError):
    """Another process is changing the index."""

    code: ClassVar[str] = "busy"
    http_status: ClassVar[int] = 409


class Home:
    """The folder with everything that Citewell keeps: versions, the pointer to the live one, cache, ledger, journal.

    `server` makes what keeps the vectors of new versions, where that is not the engine embedded here; it is called
    once, when it is first needed.
    """

    def __init__(self, path: Path, server: Callable[[], Engine] | None = None) -> None:
        check_home(path)
        self.path = path
        self.versions_folder = path / "versions"
        for part in (self.versions_folder, path / "live", path / "erased.json"):
            readable(part)
        self.pointers = Pointers(path)
        self.erased = ErasureList(path / "erased.json")
        self._server = cache(server) if server is not None else None
        self.engine_name = "server" if server is not None else "edge"

    def engine(self, name: str) -> Engine:
        """What keeps the vectors of a version. Raises `ForeignIndex` where that is not configured."""
        if name == "server":
            if self._server is None:
                raise NoServer("The vectors of this version lie on a Qdrant server: set CITEWELL_QDRANT_URL to it.")
            return self._server()
        from retrieval.stores.edge import EdgeEngine

        return EdgeEngine()

    def folder(self, id: str) -> Path:
        """Where a version lies."""
        return self.versions_folder / id

    def live(self) -> str | None:
        """The id of the version that is served, if there is one; its folder may have been deleted."""
        live = self.pointers["live"]
        return live if live is not None and self.folder(live).is_dir() else None

    def previous(self) -> str | None:
        """The id of the version that was live before; the live one's parent, where a change of both was cut off."""
        previous, live = self.pointers["previous"], self.live()
        with suppress(DamagedIndex, ForeignIndex):
            return Manifest.read(self.folder(live)).parent if live is not None and previous == live else previous
        return previous

    def pinned(self) -> bool:
        """Whether someone rolled back, so that nothing is published until they say so."""
        return self.pointers["pinned"] is not None

    def was_tested(self) -> bool:
        """Whether any version passed gold since that was last lifted, be it gone by now or judged anew."""
        since = self.pointers["lifted"] or ""
        passed = (each for each in self.versions() if each.verdict == "passed" and each.id > since)
        return self.pointers["tested"] is not None or any(passed)

    def lift_gold(self) -> None:
        """Lets versions that were not tested against gold be published again, until another one passes."""
        self.check_writable()
        self.pointers.lift(max((folder.name for folder in version_folders(self.versions_folder)), default=""))

    def versions(self) -> list[VersionInfo]:
        """Every finished version, newest first."""
        from retrieval.versions.listing import listed

        return listed(self.versions_folder, self.live(), self.verdict)

    def newest_candidate(self) -> str | None:
        """The newest version that was built after the live one, and than a rollback: what was left stays left."""
        built_after = max(self.live() or "", self.pointers["left"] or "")
        newest = next((version.id for version in self.versions()), None)
        return newest if newest is not None and newest > built_after else None

    def open(
        self,
        id: str | None = None,
        *,
        encoder: Encoder | None = None,
        on_manifest: Callable[[Manifest], None] = lambda _: None,
    ) -> IndexVersion:
        """The version `id`, or the live one, checked. Raises `NoIndex`, `DamagedIndex` or `ForeignIndex`.

        `on_manifest` is given the manifest before the files are checked and opened, which takes its time.
        What another process writes anew at this moment, or replaces by a newer version, is looked at again.
        """
        for attempt in range(_TRIES):
            chosen = id or self.live()
            if chosen is None:
                raise NoIndex(f"There is no index in {self.path} yet; build one with citewell ingest PATH.")
            folder = self.folder(chosen)
            before = stamp(folder)
            if "/" in chosen or chosen.startswith(".") or not folder.is_dir():
                raise NoIndex(f"There is no index version {chosen!r} in {self.path}; see citewell index versions.")
            try:
                opened = self._opened(folder, encoder, on_manifest)
            except (DamagedIndex, StoreFailed):
                if attempt == _TRIES - 1 or (stamp(folder), id or self.live()) == (before, chosen):
                    raise
                continue
            if opened.stamp == before == stamp(folder):
                return opened
            opened.close()
        raise Busy(f"Index version {chosen} is being written anew again and again; try again in a minute.")

    def is_current(self, version: IndexVersion) -> bool:
        """Whether an open version is still the live one, and nothing was erased from it since; cheap."""
        return version.id == self.live() and version.stamp == stamp(version.folder)

    def words(self, id: str) -> Words:
        """The words of a version, whatever encoded it, opened much sooner than all of it; whoever opens them closes
        them. Raises `NoIndex`, `DamagedIndex` or `ForeignIndex`.
        """
        from retrieval.versions.version import open_words

        folder = self.folder(id)
        if not folder.is_dir():
            raise NoIndex(f"There is no index version {id!r} in {self.path}; see citewell index versions.")
        manifest = self._readable(folder)
        try:
            return open_words(folder, manifest, erased_now=self.erased.names)
        except (OSError, ValueError, sqlite3.Error) as error:
            raise damaged(folder, f"its texts cannot be read: {error}") from error

    def text_hashes(self, id: str) -> dict[str, str]:
        """The documents of a version, whatever it was built with, each with a hash of its text; `DamagedIndex`."""
        from retrieval.versions.content import Content

        folder = self.folder(id)
        data = Manifest.read(folder).folder(folder)
        try:
            with closing(Content.open(data / "content.sqlite")) as content:
                return content.text_hashes()
        except (ValueError, sqlite3.Error) as error:
            raise damaged(folder, f"its texts cannot be read: {error}") from error

    def record_verdict(self, id: str, verdict: Mapping[str, Any]) -> None:
        """Writes a version's verdict beside it, over an earlier one."""
        if verdict["status"] == "passed":
            self.pointers.tested(id)
        write_durably(self.folder(id) / "verdict.json", json.dumps(verdict, indent=1, ensure_ascii=False))

    def record_calibration(self, id: str, calibration: Mapping[str, Any]) -> None:
        """Writes beside a version how likely its hits are to be relevant, over what stood there."""
        write_durably(self.folder(id) / "calibration.json", json.dumps(calibration, indent=1))

    def calibration(self, id: str) -> str | None:
        """What `record_calibration` wrote, as it stands; None where nothing was."""
        try:
            return (self.folder(id) / "calibration.json").read_text("utf-8", "replace")
        except FileNotFoundError:
            return None

    def publish(self, id: str, *, encoder: Encoder | None = None) -> str | None:
        """Makes a version live; the id that was live before. Raises `Refused` without a good enough verdict.

        A version that cannot be opened does not go live either; it raises what opening it raises.
        """
        verdict = self.verdict(id)
        if verdict is None or verdict["status"] not in PUBLISHABLE:
            what = f"its verdict is {verdict['status']!r}" if verdict else "it has no verdict"
            message = f"Index version {id} is not published: {what}; run citewell eval gate GOLD --index-version {id}."
            raise Refused(message)
        live = self.live()
        if live == id:
            return self.previous()
        self.open(id, encoder=encoder).close()
        self.pointers.move(id)
        self.tell_engine(id)
        return live

    def rollback(self, *, encoder: Encoder | None = None) -> tuple[str, str]:
        """Makes the version live that was before, and pins it; (now live, live before)."""
        live, previous = self.pointers["live"], self.previous()
        if live is None or previous in (None, live) or not self.folder(str(previous)).is_dir():
            raise NoIndex("There is no earlier version to go back to; citewell index versions lists what there is.")
        previous = str(previous)
        self.open(previous, encoder=encoder).close()
        self.pointers.move_back(live, previous, max(folder.name for folder in version_folders(self.versions_folder)))
        self.tell_engine(previous)
        return previous, live

    def unpin(self) -> None:
        """Lets ingest publish again."""
        self.pointers.unpin()

    def compact(self, keep: int = 0, in_use: Collection[str] = ()) -> list[str]:
        """Drops all but the live version, the one before it, the newest candidate, and the `keep` newest others.

        Those `in_use` stay too: a run that is not over has to find what it read.
        To be called while `writing`; the versions that went. What is read at this moment goes when it is let go of.
        """
        from retrieval.versions.leftovers import drop_version

        kept = {self.live(), self.previous(), self.newest_candidate(), *in_use}
        others = [version.id for version in self.versions() if version.id not in kept]
        for id in others[keep:]:
            drop_version(self.versions_folder, id, self.drop_vectors)
        return others[keep:]

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Only one process at a time may build; the lock goes with its process. Raises `Busy`."""
        from filelock import FileLock, Timeout

        from retrieval.versions.leftovers import sweep

        self.check_writable()
        made(self.path)
        self.versions_folder.mkdir(parents=True, exist_ok=True)
        sync([self.path, self.path.parent])
        try:
            with FileLock(self.path / "writer.lock", timeout=0):
                sweep(self.versions_folder, self.drop_vectors)
                yield
        except Timeout as error:
            raise Busy(f"Another ingest is writing to {self.path}; wait for it, or use another --home.") from error

    def check_writable(self) -> None:
        """Raises `NotWritable` where this process may change nothing here, with the reason and what helps."""
        for place in (self.path, self.versions_folder):
            writable(place)

    def verdict(self, id: str) -> dict[str, Any] | None:
        """A version's verdict as it stands now: another process may have judged it anew."""
        try:
            verdict: dict[str, Any] = json.loads((self.folder(id) / "verdict.json").read_text("utf-8"))
            return {**verdict, "status": str(verdict["status"])}
        except FileNotFoundError:
            return None
        except OSError as error:
            raise unreadable(self.folder(id), error) from error
        except (ValueError, TypeError, KeyError) as error:
            raise damaged(self.folder(id), f"its verdict cannot be read: {error}") from error

    def rebuild_due(self, id: str) -> bool:
        """Whether a version's terms were made by an older analyzer than they would be now."""
        from retrieval.lexical.reading import ANALYZER

        try:
            return Manifest.read(self.folder(id)).analyzer != ANALYZER
        except CitewellError:
            return False  # what is wrong with it is told elsewhere

    def _readable(self, folder: Path) -> Manifest:
        """What a version says of itself, if this Citewell can read it, and knows what was erased from it."""
        manifest = Manifest.read(folder)
        if manifest.schema != SCHEMA:
            message = (
                f"Index version {folder.name} has the older schema {manifest.schema}, which this Citewell only builds "
                "from: while it is live, citewell ingest PATH makes a new one of the documents that it holds."
            )
            raise ForeignIndex(message)
        if manifest.erasures and not self.erased.exists():
            raise ErasureListUnusable(
                f"{self.path / 'erased.json'} is gone, so it is not known what was erased and nothing is answered: put "
                "back a copy of that file."
            )
        return manifest

    def drop_vectors(self, folder: Path) -> bool:
        """Lets go of what keeps the vectors of a folder that counts no more; whether nothing is left of it."""
        if self._server is not None:
            return self._server().drop(folder)
        return not is_named(folder)  # they lie on a server that is not at hand

    def _opened(self, folder: Path, encoder: Encoder | None, on_manifest: Callable[[Manifest], None]) -> IndexVersion:
        manifest = self._readable(folder)
        on_manifest(manifest)
        from retrieval.lexical.reading import analyzer_of
        from retrieval.versions.version import open_version

        if encoder is not None and not _same_space(manifest, encoder):
            message = (
                f"Index version {folder.name} was built with {manifest.encoder.model} "
                f"({manifest.encoder.weights[:8]}), which is not what would search it now; ingest the sources again, "
                "or set [retrieval] model back."
            )
            raise ForeignIndex(message)
        if analyzer_of(manifest.analyzer) is None:
            message = (
                f"Another Citewell read the texts of index version {folder.name}, in a way that this one does not know "
                f"({manifest.analyzer}): while it is live, run citewell index rebuild."
            )
            raise ForeignIndex(message)
        manifest.check_files(folder)
        try:
            return open_version(folder, manifest, self.engine(manifest.engine), erased_now=self.erased.names)
        except OSError as error:
            raise unreadable(folder, error) from error
        except (ValueError, sqlite3.Error) as error:
            raise damaged(folder, str(error)) from error

    def tell_engine(self, id: str) -> None:
        """Moves the engine's own pointer, which is for those who look at it from outside: no reason to fail."""
        try:
            manifest = Manifest.read(self.folder(id))
            self.engine(manifest.engine).publish(manifest.folder(self.folder(id)) / "vectors")
        except CitewellError as error:
            log.warning("the engine's alias still points at an earlier version: %s", error)


def _same_space(manifest: Manifest, encoder: Encoder) -> bool:
    """Whether the encoder's vectors can be compared with the version's: its dtype may differ, its weights may not."""
    built, now = manifest.encoder, encoder.identity
    return (built.weights, built.dimensions) == (now.weights, now.dimensions)

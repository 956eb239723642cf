"""Which index versions does a home hold, which one is live, and how is one opened?"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

from ingest.model import CitewellError
from retrieval.analyze import ANALYZER
from retrieval.build import Candidate, Parent, version_time
from retrieval.content import Content
from retrieval.manifest import DamagedIndex, ForeignIndex, Manifest, damaged, write_durably
from retrieval.model import Encoder
from retrieval.version import IndexVersion, open_version

PUBLISHABLE = ("passed", "probe", "forced")


class NoIndex(CitewellError):
    """There is no such index version."""

    code: ClassVar[str] = "no_index"


class Refused(CitewellError):
    """A version without a good enough verdict was to be published."""

    code: ClassVar[str] = "refused"


class Busy(CitewellError):
    """Another process is changing the index."""

    code: ClassVar[str] = "busy"


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """One row of `citewell index versions`."""

    id: str
    verdict: str | None
    documents: int
    chunks: int
    created: str
    live: bool


class Home:
    """The folder with everything that Citewell keeps: versions, the pointer to the live one, cache, ledger, journal."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.versions_folder = path / "versions"

    def live(self) -> str | None:
        """The id of the version that is served, if there is one; its folder may have been deleted."""
        live = self._pointer("live")
        return live if live is not None and (self.versions_folder / live).is_dir() else None

    def previous(self) -> str | None:
        """The id of the version that was live before."""
        return self._pointer("previous")

    def pinned(self) -> bool:
        """Whether someone rolled back, so that nothing is published until they say so."""
        return (self.path / "pinned").exists()

    def versions(self) -> list[VersionInfo]:
        """Every finished version, newest first."""
        live = self.live()
        found = []
        for path in sorted(self.versions_folder.glob("[!.]*/manifest.json"), reverse=True):
            try:
                manifest = Manifest.read(path.parent)
                verdict = self.verdict(manifest.id)
            except (DamagedIndex, ForeignIndex) as error:
                id = path.parent.name
                found.append(VersionInfo(id, error.code, documents=0, chunks=0, created="", live=id == live))
                continue
            found.append(
                VersionInfo(
                    id=manifest.id,
                    verdict=verdict["status"] if verdict else None,
                    documents=manifest.documents,
                    chunks=manifest.chunks,
                    created=manifest.created,
                    live=manifest.id == live,
                )
            )
        return found

    def newest_candidate(self) -> str | None:
        """The newest version that is younger than the live one, and than a rollback: what was left stays left."""
        younger_than = max(self.live() or "", self._pointer("left") or "")
        newest = next((version.id for version in self.versions()), None)
        return newest if newest is not None and newest > younger_than else None

    def open(self, id: str | None = None, *, encoder: Encoder | None = None) -> IndexVersion:
        """The version `id`, or the live one, checked. Raises `NoIndex`, `DamagedIndex` or `ForeignIndex`."""
        id = id or self.live()
        if id is None:
            raise NoIndex(f"There is no index in {self.path} yet; build one with citewell ingest PATH.")
        folder = self.versions_folder / id
        if "/" in id or not folder.is_dir():
            raise NoIndex(f"There is no index version {id!r} in {self.path}; citewell index versions lists them.")
        manifest = Manifest.read(folder)
        if manifest.analyzer != ANALYZER or (encoder is not None and not _same_space(manifest, encoder)):
            message = (
                f"Index version {id} was built with {manifest.encoder.model} ({manifest.encoder.weights[:8]}) and "
                f"analyzer {manifest.analyzer!r}, which is not what would search it now; ingest the sources again, or "
                "set [retrieval] model back."
            )
            raise ForeignIndex(message)
        manifest.check_files(folder)
        return open_version(folder, manifest)

    def text_hashes(self, id: str) -> dict[str, str]:
        """The documents of a version, whatever it was built with, each with a hash of its text."""
        with closing(Content.open(self.versions_folder / id / "content.sqlite")) as content:
            return content.text_hashes()

    def open_parent(self) -> Parent | None:
        """The live version, for a candidate to begin from; checked, for a child would make its damage its own."""
        live = self.live()
        if live is None:
            return None
        folder = self.versions_folder / live
        manifest = Manifest.read(folder)
        manifest.check_files(folder, whatever_size=True)
        return Parent(folder, manifest)

    def record_verdict(self, id: str, verdict: Mapping[str, Any]) -> None:
        """Writes a version's verdict beside it, over an earlier one."""
        write_durably(self.versions_folder / id / "verdict.json", json.dumps(verdict, indent=1, ensure_ascii=False))

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
        if live is not None:
            write_durably(self.path / "previous", live)
        write_durably(self.path / "live", id)
        return live

    def rollback(self, *, encoder: Encoder | None = None) -> tuple[str, str]:
        """Makes the version live that was before, and pins it; (now live, live before)."""
        live, previous = self._pointer("live"), self.previous()
        if live is None or previous in (None, live) or not (self.versions_folder / str(previous)).is_dir():
            raise NoIndex("There is no earlier version to go back to; citewell index versions lists what there is.")
        previous = str(previous)
        self.open(previous, encoder=encoder).close()
        now = version_time(datetime.now(UTC))
        write_durably(self.path / "left", now)  # what is older was left, even when new versions may be served again
        write_durably(self.path / "pinned", now)
        write_durably(self.path / "previous", live)
        write_durably(self.path / "live", previous)
        return previous, live

    def unpin(self) -> None:
        """Lets ingest publish again."""
        (self.path / "pinned").unlink(missing_ok=True)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """Only one process at a time may build; the lock goes with its process. Raises `Busy`."""
        from filelock import FileLock, Timeout

        self.versions_folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.path / "writer.lock", timeout=0):
                for left in self.versions_folder.glob(".building-*"):
                    shutil.rmtree(left, ignore_errors=True)  # of a writer that was killed
                yield
        except Timeout as error:
            raise Busy(f"Another ingest is writing to {self.path}; wait for it, or use another --home.") from error

    def verdict(self, id: str) -> dict[str, Any] | None:
        """A version's verdict as it stands now: another process may have judged it anew."""
        try:
            verdict: dict[str, Any] = json.loads((self.versions_folder / id / "verdict.json").read_text("utf-8"))
            return {**verdict, "status": str(verdict["status"])}
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError) as error:
            raise damaged(self.versions_folder / id, f"its verdict cannot be read: {error}") from error

    def _pointer(self, name: str) -> str | None:
        try:
            return (self.path / name).read_text("utf-8").strip() or None
        except FileNotFoundError:
            return None


def candidate(home: Home, encoder: Encoder, cache: Any, **options: Any) -> Candidate:
    """A new version in the making, a child of the live one; to be called while `home.writing()`."""
    return Candidate(home.versions_folder, encoder, cache, home.open_parent(), **options)


def _same_space(manifest: Manifest, encoder: Encoder) -> bool:
    """Whether the encoder's vectors can be compared with the version's: its dtype may differ, its weights may not."""
    built, now = manifest.encoder, encoder.identity
    return (built.weights, built.dimensions) == (now.weights, now.dimensions)

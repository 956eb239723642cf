"""What is live in a home, what could not be read, and what is going on there?"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass

from agent.evidence.unread import unread
from ingest.ledger import Ledger
from ingest.model import NO_TEXT_LAYER, Failure, Skipped
from retrieval.erasure.erasing import pending
from retrieval.versions.home import Home
from retrieval.versions.listing import VersionInfo
from retrieval.versions.underway import Underway, underway


@dataclass(frozen=True, slots=True)
class Status:
    """What `citewell status --json` prints.

    What could not be read is told of the live version, or of the newest candidate where none is live. `documents` are
    counts: `total` in the live version, `failed`, `skipped`, and `unread`, which an abstention counts. `rebuild_due`
    says that an older analyzer made the live version's terms.
    """

    live: str | None
    pinned: bool
    versions: tuple[VersionInfo, ...]
    documents: Mapping[str, int]
    failures: tuple[Failure, ...]
    no_text_layer: tuple[str, ...]
    ingesting: Underway | None
    erased: tuple[str, ...]
    pending: tuple[str, ...]
    demands_gold: bool
    rebuild_due: bool = False

    @property
    def served(self) -> VersionInfo | None:
        """The live version, if there is one."""
        return next((version for version in self.versions if version.live), None)


def status(home: Home) -> Status:
    """How a home stands; nothing of it is opened. Raises `LedgerUnusable`."""
    versions = tuple(home.versions())
    live = next((version for version in versions if version.live), None)
    told_of = live.id if live else home.newest_candidate()
    failures, skipped = _not_read(home, told_of)
    unseen = {file for file, part in skipped if NO_TEXT_LAYER in part.reason}
    unseen |= {failure.document for failure in failures if NO_TEXT_LAYER in failure.error}
    return Status(
        live=live.id if live else None,
        pinned=home.pinned(),
        versions=versions,
        documents={
            "total": live.documents if live else 0,
            "failed": len(failures),
            "skipped": len(skipped),
            "unread": unread(home, "", (), version=told_of)[1] if told_of else 0,
        },
        failures=tuple(failures),
        no_text_layer=tuple(sorted(unseen)),
        ingesting=underway(home.path),
        erased=tuple(sorted(home.erased.names())),
        pending=pending(home),
        demands_gold=home.was_tested(),
        rebuild_due=live is not None and home.rebuild_due(live.id),
    )


def _not_read(home: Home, version: str | None) -> tuple[list[Failure], list[tuple[str, Skipped]]]:
    path = home.path / "ledger.sqlite"
    if not path.is_file():
        return [], []
    with closing(Ledger(path, read_only=True)) as ledger:
        return ledger.failures(version), ledger.skipped(version)

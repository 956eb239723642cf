"""How does one ingest go, from files to a version with its verdict; and how is one built anew from what it holds?"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from ingest.find.plan import Request, Work, check_labels, found_of, to_retry
from ingest.ledger import Ledger
from ingest.model import Failure, Skipped
from ingest.pipeline import COUNTED, Ingested, Progress, ReadAll, ingest
from ingest.read.registry import Reader
from ingest.source import Loaded
from retrieval.disk.space import stating_full_disks
from retrieval.erasure.erasing import OnStep, OpenRecords, settle
from retrieval.parts import Encoder
from retrieval.vectors.cache import VectorCache
from retrieval.versions.candidate import Candidate, new_candidate
from retrieval.versions.content import Content
from retrieval.versions.home import Home, NoIndex
from retrieval.versions.manifest import Manifest
from retrieval.versions.underway import telling

log = logging.getLogger(__name__)
OnProgress = Callable[[int, int], None]
Decided = tuple["Judgement | None", str | None, bool]
"""The judgement on a version, why it is held back if it is, and whether what was built is now live."""


class Judgement(Protocol):
    """What was decided on a version: its verdict, as far as an update needs to know it."""

    @property
    def status(self) -> str: ...

    @property
    def reasons(self) -> tuple[str, ...]: ...

    @property
    def unheld(self) -> str:
        """How many queries of gold name documents that it does not hold, where any does."""
        ...


class Judge(Protocol):
    """Who decides whether a version is served: nothing is without a judgement."""

    def check(self) -> None:
        """Raises where what it judges by is broken: better found before the work than after it."""
        ...

    def judge(self, id: str, *, on_progress: OnProgress | None) -> Judgement:
        """The judgement on a new version."""
        ...

    def judge_again(self, live: str, *, on_progress: OnProgress | None) -> Judgement | None:
        """The judgement on the live version, given anew where it is not of today; None where there is none."""
        ...

    def why_held_back(self, status: str) -> str | None:
        """Why a version of which this was decided is not published by itself; None where it is."""
        ...


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What `citewell ingest --json` prints. `reasons` are the verdict's; `held_back` says why it is not published.

    `unheld` says how many queries of gold name documents that are not in the version, where any does. `hidden_text`
    names the documents of the version that hold text which nobody sees who opens them.
    """

    index_version: str
    published: bool
    verdict: str | None
    documents: Mapping[str, int]
    chunks: int
    seconds: float
    failures: tuple[Failure, ...]
    skipped: tuple[Skipped, ...]
    reasons: tuple[str, ...] = ()
    held_back: str | None = None
    fingerprint: str = ""
    unheld: str = ""
    hidden_text: tuple[str, ...] = ()


def bring_in_step(
    home: Home,
    encoder: Encoder,
    judge: Judge,
    request: Request,
    *,
    readers: Mapping[str, Reader],
    reader_versions: Mapping[str, str],
    read_all: ReadAll,
    records: OpenRecords,
    publish: bool,
    on_progress: Callable[[Progress, int], None],
    on_judging: OnProgress | None,
    on_step: OnStep = lambda _: None,
) -> IngestReport:
    """Brings the index in step with what is asked for, judges the new version, and publishes it if it passes.

    `on_progress` is told how far reading is and how many chunks have their vectors, `on_step` what else takes time.
    Raises DiskFull, with the live version as it was.
    """
    began = time.monotonic()
    home.check_writable()
    judge.check()
    on_step("looking for files")
    found = None
    if not request.retry:
        found = found_of(request, home.path, readers, may_be_empty=home.live() is not None)
    with (
        stating_full_disks(home.path),
        home.writing(),
        telling(home.path) as tell,
        closing(Ledger(home.path / "ledger.sqlite")) as ledger,
    ):

        def told(progress: Progress, encoded: int) -> None:
            tell(progress.files, progress.done, progress.chunks, encoded)
            on_progress(progress, encoded)

        work = [(found, request.options)] if found else _to_retry(home, ledger, readers)
        tell(sum(len(part.sources) + len(part.loaded) for part, _ in work), 0, 0, 0)
        for part, _ in work:
            check_labels(ledger, part.roots)
        for problem in settle(home, records=records, actor="ingest", on_step=on_step).problems:
            log.warning("an erasure is pending: %s", problem)
        job = ledger.begin(
            {"paths": [*map(_named, request.paths)], "label": request.label, "prune": request.options.prune},
            home.live(),
            (version.id for version in home.versions()),
        )
        done, id = _built(home, encoder, work, ledger, read_all, reader_versions, told, on_step)
        on_step("asking the new version")
        decided = _judge_and_publish(home, judge, id, publish, on_judging)
        for part, _ in work:
            for label, root in part.roots.items():
                ledger.set_root(label, root)
        id = id or home.live() or ""
        ledger.finish(job, {"index_version": id, "published": decided[2], "documents": dict(done.counts)})
    return _reported(home, id, done, decided, began)


def _named(path: str | Path | Loaded) -> str:
    """How the ledger names what was asked for; of what was loaded it keeps no word, for that may be erased."""
    return str(path) if isinstance(path, str | Path) else path.source.name


def rebuild(
    home: Home,
    encoder: Encoder,
    judge: Judge,
    *,
    records: OpenRecords,
    publish: bool,
    on_encoded: Callable[[int], None] = lambda _: None,
    on_judging: OnProgress | None = None,
    on_step: OnStep = lambda _: None,
) -> IngestReport:
    """Builds the live version anew from the texts that it holds, as this Citewell would; judged and published likewise.

    No source file is read, and no vector made that is there already; what could not be read stays so. Raises `NoIndex`.
    """
    began = time.monotonic()
    home.check_writable()
    judge.check()
    if home.live() is None:  # before a home is made of a name that was mistyped
        raise NoIndex(
            f"No version is live in {home.path} that could be rebuilt; build one with citewell ingest PATH, or choose "
            "one with citewell index publish."
        )
    with (
        stating_full_disks(home.path),
        home.writing(),
        telling(home.path) as tell,
        closing(Ledger(home.path / "ledger.sqlite")) as ledger,
    ):
        live = home.live() or ""  # another process may have published meanwhile; none takes it away
        chunks = Manifest.read(home.versions_folder / live).chunks
        encoded = 0

        def told(rows: int) -> None:
            nonlocal encoded
            encoded += rows
            tell(0, 0, chunks, encoded)
            on_encoded(encoded)

        for problem in settle(home, records=records, actor="rebuild", on_step=on_step).problems:
            log.warning("an erasure is pending: %s", problem)
        job = ledger.begin({"rebuild": live}, live, (version.id for version in home.versions()))
        with _made(home, encoder, told, on_step, anew=True) as made:
            id = made.finish(on_step)
        ledger.assign(id)
        on_step("asking the new version")
        decided = _judge_and_publish(home, judge, id, publish, on_judging)
        documents = Manifest.read(home.versions_folder / id).documents
        done = Ingested(dict.fromkeys(COUNTED, 0) | {"unchanged": documents}, (), ())
        ledger.finish(job, {"index_version": id, "published": decided[2], "documents": dict(done.counts)})
    return _reported(home, id, done, decided, began)


def _reported(home: Home, id: str, done: Ingested, decided: Decided, began: float) -> IngestReport:
    verdict, held_back, published = decided
    folder = home.versions_folder / id
    manifest = Manifest.read(folder)
    with closing(Content.open(manifest.folder(folder) / "content.sqlite")) as content:
        hidden_text = content.with_unseen()
    return IngestReport(
        index_version=id,
        published=published,
        verdict=verdict.status if verdict else None,
        documents=done.counts,
        chunks=manifest.chunks,
        seconds=round(time.monotonic() - began, 3),
        failures=done.failures,
        skipped=done.skipped,
        reasons=verdict.reasons if verdict else (),
        held_back=held_back,
        fingerprint=manifest.fingerprint,
        unheld=verdict.unheld if verdict else "",
        hidden_text=hidden_text,
    )


@contextmanager
def _made(
    home: Home, encoder: Encoder, on_encoded: Callable[[int], None], on_step: OnStep, *, anew: bool = False
) -> Iterator[Candidate]:
    """A version in the making, which leaves no trace where something fails."""
    with closing(VectorCache(home.path / "cache" / "vectors.sqlite", encoder.identity)) as cache:
        on_step("making the encoder ready, which takes longer the first time")
        export = encoder.export()
        on_step("taking over the live version")
        made = new_candidate(home, encoder, cache, on_encoded=on_encoded, query_model=export, anew=anew)
        try:
            yield made
        except BaseException:
            made.discard()
            raise


def _built(
    home: Home,
    encoder: Encoder,
    work: Work,
    ledger: Ledger,
    read_all: ReadAll,
    reader_versions: Mapping[str, str],
    on_progress: Callable[[Progress, int], None],
    on_step: OnStep,
) -> tuple[Ingested, str | None]:
    """What changed, and the new version's id; None where nothing did, so that there is no new version."""
    encoded, latest = 0, Progress(0, sum(len(found.sources) for found, _ in work), 0, 0)

    def on_encoded(rows: int) -> None:
        nonlocal encoded
        encoded += rows
        on_progress(latest, encoded)

    def on_read(progress: Progress) -> None:
        nonlocal latest
        latest = progress
        on_progress(progress, encoded)

    with _made(home, encoder, on_encoded, on_step) as made:
        done = [
            ingest(
                *(found, made, ledger, options),
                read_all=read_all,
                reader_versions=reader_versions,
                blocked=home.erased.names(),
                on_progress=on_read,
            )
            for found, options in work
        ]
        id = made.finish(on_step) if made.changed else None
        if id is None:
            made.discard()
    if (held := id or home.live()) is not None:
        ledger.assign(held)
    return _summed(done), id


def _summed(parts: Sequence[Ingested]) -> Ingested:
    if len(parts) == 1:
        return parts[0]
    counts = sum((Counter(part.counts) for part in parts), Counter())
    return Ingested(
        {what: counts[what] for what in parts[0].counts},
        tuple(failure for part in parts for failure in part.failures),
        tuple(skipped for part in parts for skipped in part.skipped),
    )


def _to_retry(home: Home, ledger: Ledger, readers: Mapping[str, Reader]) -> Work:
    """What failed before. Raises `NoIndex` where there neither is anything of it nor an index."""
    work = to_retry(home.path, ledger, home.live() or home.newest_candidate(), readers)
    if home.live() is None and not any(found.sources or found.skipped for found, _ in work):
        raise NoIndex(f"There is no index in {home.path} yet; build one with citewell ingest PATH.")
    return work


def _judge_and_publish(
    home: Home, judge: Judge, id: str | None, publish: bool, on_progress: OnProgress | None
) -> Decided:
    """Judges a new version, and publishes it where nothing is held against that."""
    if id is None:
        live = home.live()
        return (judge.judge_again(live, on_progress=on_progress) if live else None), None, live is not None
    verdict = judge.judge(id, on_progress=on_progress)
    held_back = judge.why_held_back(verdict.status) if publish else "--no-publish was given"
    if held_back is None:
        home.publish(id)
    return verdict, held_back, held_back is None

"""How does one ingest go, from files to a version with its verdict?"""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from agent.underway import telling
from eval.gate.judge import Verdict, unheld
from eval.gate.publish import Gate
from eval.gold.load import load_gold
from eval.measure.versions import OnProgress
from ingest.collect import found_again
from ingest.discover import Found, LabelTaken, check_prunable, discover, nothing_in
from ingest.ledger import Ledger
from ingest.model import Failure, Skipped
from ingest.options import Options
from ingest.pipeline import Ingested, Progress, ReadAll, ingest
from ingest.read.registry import Reader
from ingest.source import Loaded, Source
from retrieval.disk.space import stating_full_disks
from retrieval.erasure.erasing import OnStep, OpenRecords, settle
from retrieval.model import Encoder
from retrieval.vectors.cache import VectorCache
from retrieval.versions.home import Home, NoIndex, candidate
from retrieval.versions.manifest import Manifest

log = logging.getLogger(__name__)
Work = list[tuple[Found, Options]]


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be ingested: files, folders, patterns and loaded documents; or, with `retry`, what failed before."""

    paths: Sequence[str | Path | Loaded]
    label: str | None = None
    options: Options = field(default_factory=Options)
    retry: bool = False


def several(paths: str | Path | Loaded | Sequence[str | Path | Loaded]) -> Sequence[str | Path | Loaded]:
    """One path or several, as several; a word is one."""
    return paths if isinstance(paths, Sequence) and not isinstance(paths, str) else [paths]


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What `citewell ingest --json` prints. `reasons` are the verdict's; `held_back` says why it is not published.

    `unheld` says how many queries of gold name documents that are not in the version, where any does.
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


def build_version(
    home: Home,
    encoder: Encoder,
    gate: Gate,
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
    if gate.gold is not None:
        load_gold(gate.gold)  # a broken gold file is better found before the work than after it
    on_step("looking for files")
    found = None if request.retry else _found(request, home, readers)
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
            _check_labels(ledger, part.roots)
        for problem in settle(home, records=records, actor="ingest", on_step=on_step).problems:
            log.warning("an erasure is pending: %s", problem)
        job = ledger.begin(
            {"paths": [str(path) for path in request.paths], "label": request.label, "prune": request.options.prune},
            home.live(),
            (version.id for version in home.versions()),
        )
        done, id = _built(home, encoder, work, ledger, read_all, reader_versions, told, on_step)
        on_step("asking the new version")
        verdict, held_back, published = _judged(home, gate, id, publish, on_judging)
        for part, _ in work:
            for label, root in part.roots.items():
                ledger.set_root(label, root)
        id = id or home.live() or ""
        ledger.finish(job, {"index_version": id, "published": published, "documents": dict(done.counts)})
    manifest = Manifest.read(home.versions_folder / id)
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
        unheld=unheld(verdict) if verdict else "",
    )


def _found(request: Request, home: Home, readers: Mapping[str, Reader]) -> Found:
    """The files below the paths, and what was loaded. Raises LabelTaken, NothingToRead, NotPrunable."""
    paths = [path for path in request.paths if isinstance(path, str | Path)]
    loaded = tuple(_loaded(path) for path in request.paths if not isinstance(path, str | Path))
    roots = {one.source.name: one.source.path for one in loaded}
    if len(roots) < len(loaded):
        raise LabelTaken("two of the loaded sources have one label: give each a label of its own.")
    if not paths and loaded:
        return Found((), (), roots, (), loaded)
    if request.options.prune:
        check_prunable(paths)
    found = discover(paths, label=request.label, home=home.path, extra=readers)
    if taken := roots.keys() & found.roots.keys():
        raise LabelTaken(f"{min(taken)!r} labels both a folder and a loaded source: give one of them another label.")
    if not found.sources and not loaded and home.live() is None:
        raise nothing_in(paths, found)
    return replace(found, roots={**found.roots, **roots}, loaded=loaded)


def _loaded(given: Loaded) -> Loaded:
    """What is no path, if it is a loaded source."""
    if hasattr(given, "source") and hasattr(given, "documents"):
        return given
    what = type(given).__name__
    if hasattr(given, "load_data"):
        raise TypeError(f"{what} is a LlamaIndex reader: pass ingest.llama.LlamaSource(reader, label) in its place")
    raise TypeError(f"{what} cannot be ingested: pass paths, or what is made like ingest.llama.LlamaSource")


def _to_retry(home: Home, ledger: Ledger, readers: Mapping[str, Reader]) -> Work:
    """What failed before, with the labels and metadata it was to get then. Raises NoIndex where there is none."""
    groups: dict[tuple[frozenset[str], tuple[tuple[str, str | tuple[str, ...]], ...]], list[Source]] = {}
    for retry in ledger.retries(home.live() or home.newest_candidate()):
        groups.setdefault((retry.labels, tuple(retry.metadata.items())), []).append(retry.source)
    if not groups:
        if home.live() is None:
            raise NoIndex(f"There is no index in {home.path} yet; build one with citewell ingest PATH.")
        return [(Found((), (), {}, ()), Options())]
    return [
        (_found_again(sources, home, readers), Options(labels, dict(metadata) or None))
        for (labels, metadata), sources in groups.items()
    ]


def _found_again(sources: Sequence[Source], home: Home, readers: Mapping[str, Reader]) -> Found:
    """Files that failed before, looked at anew: what lies at their paths may be something else now."""
    now = [found_again(source, home=home.path, extra=readers) for source in sources]
    there = tuple(one for one in now if isinstance(one, Source))
    return Found(there, tuple(one for one in now if isinstance(one, Skipped)), {}, ())


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

    with closing(VectorCache(home.path / "cache" / "vectors.sqlite", encoder.identity)) as cache:
        on_step("making the encoder ready, which takes longer the first time")
        export = encoder.export()
        on_step("taking over the live version")
        made = candidate(home, encoder, cache, on_encoded=on_encoded, query_model=export)
        try:
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
        except BaseException:
            made.discard()
            raise
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


def _judged(
    home: Home, gate: Gate, id: str | None, publish: bool, on_progress: OnProgress | None
) -> tuple[Verdict | None, str | None, bool]:
    """The verdict on a new version, why it is held back if it is, and whether what was built is now live."""
    if id is None:
        live = home.live()
        stored = home.verdict(live) if live else None
        if live and gate.gold and not gate.is_current(live):
            return gate.judge(live, on_progress=on_progress), None, True  # gold, floors or settings are what is new
        return (Verdict.from_json(stored) if stored else None), None, live is not None
    verdict = gate.judge(id, on_progress=on_progress)
    held_back = gate.may_publish(verdict) if publish else "--no-publish was given"
    if held_back is None:
        home.publish(id)
    return verdict, held_back, held_back is None


def _check_labels(ledger: Ledger, roots: Mapping[str, Path]) -> None:
    """Keeps one label for one place, as long as that place is there."""
    for label, root in roots.items():
        known = ledger.root(label)
        if known is not None and not known.is_absolute() and root.is_absolute():
            raise LabelTaken(f"{label!r} labels what was loaded from {known}: give {root} another one with --as LABEL.")
        if known is not None and known != root and known.exists():
            message = f"The label {label!r} already stands for {known}; give {root} another one with --as LABEL."
            raise LabelTaken(message)

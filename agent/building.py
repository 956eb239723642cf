"""How does one ingest go, from files to a version with its verdict?"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from agent.publish import Gate, OnProgress
from eval.gate import Verdict
from eval.gold import load_gold
from ingest.discover import Found, LabelTaken, discover
from ingest.ledger import Ledger
from ingest.model import Failure, Skipped
from ingest.pipeline import Ingested, Options, Progress, ingest
from ingest.read.registry import Reader
from retrieval.cache import VectorCache
from retrieval.index import Home, candidate
from retrieval.manifest import Manifest
from retrieval.model import Encoder


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What `citewell ingest --json` prints. `reasons` are the verdict's; `held_back` says why it is not published."""

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


def build_version(
    home: Home,
    encoder: Encoder,
    gate: Gate,
    paths: Sequence[str | Path],
    *,
    label: str | None,
    options: Options,
    readers: Mapping[str, Reader],
    publish: bool,
    on_progress: Callable[[Progress, int], None],
    on_judging: OnProgress | None,
) -> IngestReport:
    """Brings the index in step with files and folders, judges the new version, and publishes it if it passes.

    `on_progress` is told how far reading is and how many chunks have their vectors.
    """
    began = time.monotonic()
    if gate.gold is not None:
        load_gold(gate.gold)  # a broken gold file is better found before the work than after it
    found = discover(paths, label=label, home=home.path, extra=readers)
    with home.writing(), closing(Ledger(home.path / "ledger.sqlite")) as ledger:
        _claim_labels(ledger, found.roots)
        job = ledger.begin({"paths": [str(path) for path in paths], "label": label, "prune": options.prune})
        done, id = _built(home, encoder, found, ledger, options, readers, on_progress)
        verdict, held_back, published = _judged(home, gate, id, publish, on_judging)
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
    )


def _built(
    home: Home,
    encoder: Encoder,
    found: Found,
    ledger: Ledger,
    options: Options,
    readers: Mapping[str, Reader],
    on_progress: Callable[[Progress, int], None],
) -> tuple[Ingested, str | None]:
    """What changed, and the new version's id; None where nothing did, so that there is no new version."""
    encoded, latest = 0, Progress(0, len(found.sources), 0, 0)

    def on_encoded(rows: int) -> None:
        nonlocal encoded
        encoded += rows
        on_progress(latest, encoded)

    def on_read(progress: Progress) -> None:
        nonlocal latest
        latest = progress
        on_progress(progress, encoded)

    with closing(VectorCache(home.path / "cache" / "vectors.sqlite", encoder.identity)) as cache:
        made = candidate(home, encoder, cache, on_encoded=on_encoded)
        try:
            done = ingest(found, made, ledger, options, readers=readers, on_progress=on_read)
            if made.changed:
                return done, made.finish()
        except BaseException:
            made.discard()
            raise
        made.discard()
        return done, None


def _judged(
    home: Home, gate: Gate, id: str | None, publish: bool, on_progress: OnProgress | None
) -> tuple[Verdict | None, str | None, bool]:
    """The verdict on a new version, why it is held back if it is, and whether what was built is now live."""
    if id is None:
        live = home.live()
        stored = home.verdict(live) if live else None
        if live and gate.gold and (stored is None or stored.get("gold") != load_gold(gate.gold).digest):
            return gate.judge(live, on_progress=on_progress), None, True  # the gold is what is new
        return (Verdict.from_json(stored) if stored else None), None, live is not None
    verdict = gate.judge(id, on_progress=on_progress)
    held_back = gate.may_publish(verdict) if publish else "--no-publish was given"
    if held_back is None:
        home.publish(id)
    return verdict, held_back, held_back is None


def _claim_labels(ledger: Ledger, roots: Mapping[str, Path]) -> None:
    """Keeps one label for one place, as long as that place is there."""
    for label, root in roots.items():
        known = ledger.root(label)
        if known is not None and known != root and known.exists():
            message = f"The label {label!r} already stands for {known}; give {root} another one with --as LABEL."
            raise LabelTaken(message)
        ledger.set_root(label, root)

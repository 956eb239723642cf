"""How is a document erased everywhere, at once for those who ask, and from every file as soon as nobody reads it?"""

from __future__ import annotations

import difflib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, Protocol

from ingest.errors import CitewellError
from ingest.ledger import Ledger
from retrieval.disk.space import stating_full_disks
from retrieval.erasure.holdings import Kept, documents_of, files_of, texts_of, told, versions_holding
from retrieval.erasure.proofs import Proofs, found_in, prove
from retrieval.erasure.quotations import Quotations
from retrieval.erasure.rewrite import keep_in_cache, rewrite
from retrieval.erasure.survivors import Others, others
from retrieval.erasure.traces import OnLooked, Trace, traces
from retrieval.versions.content import Content
from retrieval.versions.erasure_list import Erased
from retrieval.versions.home import Busy, Home
from retrieval.versions.leftovers import remove_stale, stale

_PATIENCE = 5.0  # seconds that readers are given to take up the new files
OnStep = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Emptied:
    """What an erasure did in a record: how many events were emptied. Where their words are still in a file `pending`
    says why; erasing again, later, settles it.
    """

    events: int
    pending: str = ""


class Record(Protocol):
    """What may quote documents beside the index: the journal of runs (`agent/journal/journal.py`) is one."""

    def erase(self, says: Callable[[Mapping[str, Any]], bool], documents: Sequence[str], *, actor: str) -> Emptied: ...

    def close(self) -> None: ...


# Opens those records that are there
OpenRecords = Callable[[], Iterable[Record]]


def no_records() -> Iterable[Record]:
    """Of a home that only the index stands in."""
    return ()


class NoDocument(CitewellError):
    """No version holds a document of that name."""

    code: ClassVar[str] = "no_document"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 404


class StillPending(CitewellError):
    """An erasure that is not done cannot be taken back."""

    code: ClassVar[str] = "still_pending"
    http_status: ClassVar[int] = 409


@dataclass(frozen=True, slots=True)
class Settled:
    """What was done about erasures that waited: events emptied, and what stands in the way of the rest."""

    events: int = 0
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deletion:
    """What `citewell delete --json` prints. `pending` are documents of which a file may still be read by a process
    that opened it before, or was not written anew yet; `waits_for` says what for. Nobody is given anything of them.
    """

    deleted: tuple[str, ...]
    pending: tuple[str, ...]
    versions: tuple[str, ...]
    events: int
    waits_for: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What `citewell index verify-deletion --json` prints.

    `sequences` were looked for in every file; `elsewhere` are others that documents hold which were ingested since.
    `restored` is when the document was allowed again, so that it may well be there: the proof is of what was erased.
    """

    document: str
    clean: bool
    pending: bool
    sequences: int
    elsewhere: int
    found: tuple[Trace, ...]
    erased: str = ""
    restored: str | None = None


def delete(
    home: Home,
    names: Sequence[str],
    *,
    records: OpenRecords = no_records,
    patience: float = _PATIENCE,
    on_step: OnStep = lambda _: None,
) -> Deletion:
    """Erases documents, or all that came from a file. Raises `NoDocument` before anything is done if one is not known.

    Nobody is given anything of them from the first thing on that this does. `records` opens what else may quote them.
    """
    home.check_writable()
    known = {entry.document: entry for entry in home.erased.entries()}
    documents: dict[str, None] = {}
    for name in names:
        found = documents_of(home, name)
        if not found and name not in known:
            raise NoDocument(f"No version holds a document {name!r}{_like(home, name)}; citewell search names them.")
        documents |= dict.fromkeys(found or [name])
    now = datetime.now(UTC).isoformat(timespec="seconds")
    home.erased.put(
        Erased(name, now) if (entry := known.get(name)) is None else _again(entry, now) for name in documents
    )
    versions = tuple(versions_holding(home, documents.keys()))
    try:
        with stating_full_disks(home.path), home.writing():
            settled = settle(home, records=records, on_step=on_step)
    except Busy:
        return Deletion(tuple(documents), pending(home), versions, 0, "another process is writing to the index")
    until = time.monotonic() + patience
    on_step("waiting for those who read")
    while not remove_stale(home.versions_folder, home.drop_vectors) and time.monotonic() < until:
        time.sleep(0.05)
    waiting = pending(home)
    reading = "a process that still reads the old files: its next question lets go of them"
    return Deletion(
        tuple(documents), waiting, versions, settled.events, "; ".join(settled.problems) or reading if waiting else ""
    )


def settle(
    home: Home, *, records: OpenRecords = no_records, actor: str = "person", on_step: OnStep = lambda _: None
) -> Settled:
    """Takes out of every file what was erased and is still there; `actor` is who does so in the journal.

    To be called while `home.writing()`. An erasure that was interrupted is carried out by whoever writes next.
    """
    waiting = [entry for entry in home.erased.entries() if not entry.rewritten]
    if not waiting:
        return Settled()
    names = sorted(entry.document for entry in waiting)
    on_step("finding the words that are theirs alone")
    with others(home, names) as known:
        texts = {name: texts_of(home, name) for name in names}
        waiting = [_proven(entry, texts[entry.document], known) for entry in waiting]
        home.erased.update(waiting)
        said = Quotations(names, [*chain(*texts.values())], known.hold, [_proofs(entry) for entry in waiting])
        on_step("taking them out of the record of runs")
        events, problems = _emptied(records, names, said, actor)
    _forget_failures(home, files_of(home, names))  # which are known as long as a version holds the documents
    problems += rewrite(home, names, on_step)
    on_step("taking them out of the cache of vectors")
    keep_in_cache(home, home.path / "cache" / "vectors.sqlite")
    if not problems:
        home.erased.update(replace(entry, rewritten=True) for entry in waiting)
    return Settled(events, tuple(problems))


def pending(home: Home) -> tuple[str, ...]:
    """The erased documents of which a file may still be read by someone, or was not written anew yet."""
    held = any(folder.parent.name[0] != "." for folder in stale(home.versions_folder))
    return tuple(entry.document for entry in _blocked(home) if held or not entry.rewritten)


def restore(home: Home, names: Sequence[str]) -> list[str]:
    """Lets documents be ingested again; those that were blocked. Raises `NoDocument` or `StillPending`."""
    home.check_writable()
    known = home.erased.names()
    for name in names:
        if name not in known:
            raise NoDocument(f"{name!r} was not erased; citewell status lists what was.")
    if waiting := set(pending(home)) & set(names):
        raise StillPending(f"{min(waiting)!r} is not yet erased from every file; run citewell delete again first.")
    return home.erased.restore(names, datetime.now(UTC).isoformat(timespec="seconds"))


def verify(home: Home, name: str, *, everywhere: Path | None = None, on_looked: OnLooked = lambda *_: None) -> Proof:
    """Looks for what is left of an erased document in every file of the home, or of the folder `everywhere`.

    Raises `NoDocument` where it was not erased.

    Of one that was restored since it says the same: what it holds by now is not taken for a trace.
    """
    entry = next((entry for entry in home.erased.entries() if entry.document == name), None)
    if entry is None:
        raise NoDocument(f"{name!r} was not erased; citewell delete erases a document.")
    proofs = _proofs(entry)
    elsewhere = _held_since(home, proofs)
    own = replace(proofs, hashes=tuple(proof for proof in proofs.hashes if proof not in elsewhere))
    found = traces(everywhere or home.path, own, on_looked)
    if not entry.restored:
        found += [Trace(f"versions/{id}", "its documents") for id in versions_holding(home, [name])]
    waiting, restored = name in pending(home), entry.restored or None
    return Proof(name, not found, waiting, len(own.hashes), len(elsewhere), tuple(found), entry.at, restored)


def _blocked(home: Home) -> list[Erased]:
    return [entry for entry in home.erased.entries() if not entry.restored]


def _again(entry: Erased, now: str) -> Erased:
    """Of what is erased once more, with what an earlier erasure had proven."""
    return replace(entry, rewritten=False, restored="", at=now if entry.restored else entry.at)


def _proofs(entry: Erased) -> Proofs:
    return Proofs(entry.key, entry.proofs)


def _proven(entry: Erased, texts: Sequence[str], known: Others) -> Erased:
    """With what finds its words again; what an interrupted erasure had proven stays."""
    proofs = prove(texts, known.rarity, known.hold, _proofs(entry))
    return replace(entry, key=proofs.key, proofs=proofs.hashes)


def _emptied(records: OpenRecords, names: Sequence[str], said: Quotations, actor: str) -> tuple[int, list[str]]:
    """Takes the contents out of the events that quote what is erased; how many, and what stands in the way."""
    events, problems = 0, []
    for record in records():
        with closing(record):
            emptied = record.erase(said, names, actor=actor)
        events += emptied.events
        problems += [emptied.pending] if emptied.pending else []
    return events, problems


def _forget_failures(home: Home, files: Iterable[str]) -> None:
    """Takes what the ledger said of the documents' files out of it; the next ingest says it anew where it holds."""
    path = home.path / "ledger.sqlite"
    if path.is_file():
        with closing(Ledger(path)) as ledger:
            for file in files:
                ledger.erase(file)


def _held_since(home: Home, proofs: Proofs) -> set[str]:
    """Those of the sequences that a document of some version holds by now."""

    def held(_: Kept, content: Content) -> Iterator[str]:
        for name in content.names():
            yield from found_in(content.text(name) or "", [proofs])

    return {*told(home, held)}


def _like(home: Home, name: str) -> str:
    """What may have been meant."""
    live = home.live()
    close = difflib.get_close_matches(name, home.text_hashes(live) if live else (), n=3, cutoff=0.8)
    return f" (did you mean {' or '.join(map(repr, close))}?)" if close else ""

"""What is one ingest to read, and which labels and metadata do its documents get?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ingest.find.discover import Found, LabelTaken, check_prunable, discover, nothing_in
from ingest.find.walk import found_again
from ingest.ledger import Ledger
from ingest.model import Skipped
from ingest.options import Options
from ingest.read.registry import Reader
from ingest.source import Loaded, Source

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


def found_of(request: Request, home: Path, readers: Mapping[str, Reader], *, may_be_empty: bool) -> Found:
    """The files below the paths, and what was loaded. Raises LabelTaken, NotPrunable and, unless `may_be_empty`,
    NothingToRead.
    """
    paths = [path for path in request.paths if isinstance(path, str | Path)]
    loaded = tuple(_loaded(path) for path in request.paths if not isinstance(path, str | Path))
    roots = {one.source.name: one.source.path for one in loaded}
    if len(roots) < len(loaded):
        raise LabelTaken("two of the loaded sources have one label: give each a label of its own.")
    if not paths and loaded:
        return Found((), (), roots, (), loaded)
    if request.options.prune:
        check_prunable(paths)
    found = discover(paths, label=request.label, home=home, extra=readers)
    if taken := roots.keys() & found.roots.keys():
        raise LabelTaken(f"{min(taken)!r} labels both a folder and a loaded source: give one of them another label.")
    if not found.sources and not loaded and not may_be_empty:
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


def to_retry(home: Path, ledger: Ledger, version: str | None, readers: Mapping[str, Reader]) -> Work:
    """What of a version failed before, with the labels and metadata it was to get then."""
    groups: dict[tuple[frozenset[str], tuple[tuple[str, str | tuple[str, ...]], ...]], list[Source]] = {}
    for retry in ledger.retries(version):
        groups.setdefault((retry.labels, tuple(retry.metadata.items())), []).append(retry.source)
    if not groups:
        return [(Found((), (), {}, ()), Options())]
    return [
        (_found_again(sources, home, readers), Options(labels, dict(metadata) or None))
        for (labels, metadata), sources in groups.items()
    ]


def _found_again(sources: Sequence[Source], home: Path, readers: Mapping[str, Reader]) -> Found:
    """Files that failed before, looked at anew: what lies at their paths may be something else now."""
    now = [found_again(source, home=home, extra=readers) for source in sources]
    there = tuple(one for one in now if isinstance(one, Source))
    return Found(there, tuple(one for one in now if isinstance(one, Skipped)), {}, ())


def check_labels(ledger: Ledger, roots: Mapping[str, Path]) -> None:
    """Keeps one label for one place, as long as that place is there."""
    for label, root in roots.items():
        known = ledger.root(label)
        if known is not None and not known.is_absolute() and root.is_absolute():
            raise LabelTaken(f"{label!r} labels what was loaded from {known}: give {root} another one with --as LABEL.")
        if known is not None and known != root and known.exists():
            message = f"The label {label!r} already stands for {known}; give {root} another one with --as LABEL."
            raise LabelTaken(message)

"""Which files are to be read, and what are they called?

A document's name is its source's label and its path within that source, so that it is the same on every machine.
"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import ClassVar, Protocol

from ingest.gitignore import Rules, is_ignored, rules_of
from ingest.model import CitewellError, Document, Failure, Skipped
from ingest.read.kind import is_text
from ingest.read.registry import Reader, unsupported

_NEVER_BELOW = {"node_modules", "__pycache__"}


class NothingToRead(CitewellError):
    """What was named is not there, or holds no file that can be read."""

    code: ClassVar[str] = "nothing_to_read"


class LabelTaken(CitewellError):
    """A label that would not tell two places apart, or is none."""

    code: ClassVar[str] = "label_taken"


@dataclass(frozen=True, slots=True)
class Source:
    """One file to read. `name` is the label and the POSIX path below `root`, in Unicode's composed form (NFC)."""

    path: Path
    name: str
    root: Path


class Loaded(Protocol):
    """Documents that no file of ours holds: what a reader of another library fetched. `source` names it as one."""

    @property
    def source(self) -> Source:
        """Its name is the label that all its documents' names begin with; its path leads nowhere."""
        ...

    def documents(self) -> Iterable[Document | Failure]:
        """Fetches them."""
        ...


@dataclass(frozen=True, slots=True)
class Found:
    """Files to read and files passed over, both sorted by name, and the place that each label stands for.

    `loaded` are documents that come from elsewhere than files.
    `covered` are the beginnings of the names of all that was looked through: only of a document named so can it be said
    that it is gone, because it was not found. A file that is named covers nothing.
    """

    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...]
    roots: Mapping[str, Path]
    covered: tuple[str, ...]
    loaded: tuple[Loaded, ...] = ()


def discover(
    paths: Sequence[str | Path],
    *,
    label: str | None = None,
    home: Path | None = None,
    extra: Mapping[str, Reader] = {},
) -> Found:
    """The files below `paths` (files, folders, globs) that can be read; a path that is named is always looked into.

    Below a named folder, what its `.gitignore` files exclude, hidden files and folders, virtual environments,
    `node_modules` and links that lead out of it are passed over; so is `home`, wherever it is. A file's label is its
    folder's name. A path within another named folder belongs to that one. `extra` are plugins' readers by suffix.
    Raises NothingToRead, LabelTaken.
    """
    home = _real(home) if home is not None else None
    named = [path for given in paths for path in _expanded(Path(given), home)]
    folders = _outermost([path for path in named if path.is_dir()])
    roots: dict[str, Path] = {}
    collection = _Collection(extra, home)
    for path in named:
        root, path = _placed(path, folders)
        chosen = _label(root, label)
        _claim(roots, chosen, _real(root))
        collection.add(path, root, chosen)
    if not collection.sources:
        raise NothingToRead(_nothing(paths, collection))
    walked = {_real(folder) for folder in folders}
    covered = tuple(sorted(f"{chosen}/" for chosen, root in roots.items() if root in walked))
    sources = tuple(collection.sources[name] for name in sorted(collection.sources))
    skipped = tuple(Skipped(name, collection.skipped[name]) for name in sorted(collection.skipped))
    return Found(sources, skipped, roots, covered)


def _real(path: Path) -> Path:
    """The path without links; unlike `resolve()` it takes a link that leads to itself in its stride."""
    return Path(os.path.realpath(path))


def _expanded(path: Path, home: Path | None) -> list[Path]:
    """The path itself, absolute but with its links kept, or what it matches where it is a pattern."""
    if os.path.lexists(path):
        if home is not None and _real(path).is_relative_to(home):
            raise NothingToRead(f"{path} is inside of Citewell's own home {home}: name your documents instead")
        matches = [str(path)]
    elif has_magic(str(path)):
        found = glob(str(path), recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
        matches = [match for match in found if home is None or not _real(Path(match)).is_relative_to(home)]
    else:
        raise NothingToRead(f"{path} does not exist: check the path, which is taken from {Path.cwd()}")
    if not matches:
        raise NothingToRead(f"{path} matches no file: check the pattern, which is taken from {Path.cwd()}")
    return [Path(os.path.abspath(match)) for match in sorted(matches)]  # noqa: PTH100 - resolve() follows links


def _outermost(folders: list[Path]) -> list[Path]:
    """The folders that lie within no other one of them."""
    kept: list[Path] = []
    for folder in sorted(folders, key=lambda folder: len(_real(folder).parts)):
        if not any(_real(folder).is_relative_to(_real(other)) for other in kept):
            kept.append(folder)
    return kept


def _placed(path: Path, folders: list[Path]) -> tuple[Path, Path]:
    """The root that a named path belongs to, and the path as reached from there."""
    place = path if path.is_dir() else path.parent
    for folder in folders:
        if _real(place).is_relative_to(_real(folder)):
            inner = folder / _real(place).relative_to(_real(folder))
            return folder, inner if path.is_dir() else inner / path.name
    return place, path


def _label(root: Path, given: str | None) -> str:
    label = unicodedata.normalize("NFC", _printable(root.name if given is None else given))
    if not label.strip() or label in {".", ".."} or any(sign in label for sign in "/\\\n"):
        raise LabelTaken(f"{label!r} cannot label {root}: give --as LABEL, a plain name without slashes")
    return label


def _claim(roots: dict[str, Path], label: str, root: Path) -> None:
    other = roots.setdefault(label, root)
    if other != root:
        raise LabelTaken(
            f"{other} and {root} would both be labelled {label!r}: "
            "ingest them in two calls, one of them with --as LABEL"
        )


def _nothing(paths: Sequence[str | Path], collection: _Collection) -> str:
    places = ", ".join(map(str, paths)) or "no path"
    if collection.skipped:
        name, reason = min(collection.skipped.items())
        return f"nothing to read in {places}; {name} was passed over: {reason}"
    if collection.ignored:
        return (
            f"nothing to read in {places}: all of it is hidden or excluded by .gitignore, "
            "so name a file or folder itself to have it read"
        )
    return f"nothing to read in {places}: name a file or folder with documents"


class _Collection:
    """What was found so far, by document name."""

    def __init__(self, readers: Mapping[str, Reader], home: Path | None) -> None:
        self.readers = readers
        self.home = home
        self.sources: dict[str, Source] = {}
        self.skipped: dict[str, str] = {}
        self.ignored = False
        self._files: set[Path] = set()  # real paths, so that a link is no second document

    def add(self, path: Path, root: Path, label: str) -> None:
        """Takes a file, or what is below a folder: what really is there before what links within `root` add."""
        walked: set[Path] = set()
        pending = [path]
        while pending:
            start = pending.pop(0)
            if not start.is_dir():
                self._take(start, root, label)
                continue
            links: list[Path] = []
            for entry in self._walk(start, root, label, walked):
                if not entry.is_symlink():
                    self._take(entry, root, label)
                elif self._leads_within(entry, root, label):
                    links.append(entry)
            pending += sorted(links, key=lambda link: (link.is_dir(), link))

    def _walk(self, start: Path, root: Path, label: str, walked: set[Path]) -> Iterator[Path]:
        """Files and links below a folder that nothing excludes; no folder twice, however links lead to it."""
        pending: list[tuple[Path, Rules]] = [(start, ())]
        while pending:
            folder, rules = pending.pop()
            if _real(folder) in walked:
                continue
            walked.add(_real(folder))
            try:
                with os.scandir(folder) as scanned:
                    entries = {entry.name: entry for entry in scanned}
                if ".gitignore" in entries:
                    rules += rules_of(folder)
            except OSError as error:
                shut = Path(error.filename or folder).name
                self._skip(folder, root, label, f"{shut} could not be opened ({error.strerror}): let yourself read it")
                continue
            if "pyvenv.cfg" in entries and folder != start:
                continue
            for name in sorted(entries):
                path, is_folder = folder / name, entries[name].is_dir(follow_symlinks=False)
                if self._passes_over(path, is_folder, rules):
                    continue
                if is_folder:
                    pending.append((path, rules))
                else:
                    yield path

    def _passes_over(self, path: Path, is_folder: bool, rules: Rules) -> bool:
        if path.name in _NEVER_BELOW or (is_folder and _real(path) == self.home):
            return True
        if path.name.startswith(".") or is_ignored(path, rules, is_folder=is_folder):
            self.ignored = True
            return True
        return False

    def _leads_within(self, link: Path, root: Path, label: str) -> bool:
        target = _real(link)
        if not os.path.lexists(target) or target.is_symlink():
            self._skip(link, root, label, "it is a link that leads nowhere: correct it, or remove it")
        elif not target.is_relative_to(_real(root)):
            self._skip(link, root, label, f"it is a link that leads out of {label}: name its target to have it read")
        else:
            return self.home is None or not target.is_relative_to(self.home)
        return False

    def _skip(self, path: Path, root: Path, label: str, reason: str) -> None:
        self.skipped[_name(path, root, label)] = reason

    def _take(self, path: Path, root: Path, label: str) -> None:
        if _real(path) in self._files:
            return
        name = _name(path, root, label)
        try:
            is_file = stat.S_ISREG(path.stat().st_mode)
        except OSError as error:
            self._skip(path, root, label, f"it could not be looked at ({error.strerror}): check that you may read it")
            return
        if not is_file:
            self._skip(path, root, label, "it is not a regular file: copy what it gives into one")
        elif reason := unsupported(path, self.readers):
            self._skip(path, root, label, reason)
        elif not path.suffix and not is_text(path):
            self._skip(path, root, label, "its name has no suffix and it is no text: give it the suffix of what it is")
        elif name in self.sources:
            self.skipped[f"{name} ({path.name!a})"] = "its name differs from another's in encoding alone: rename it"
        else:
            self._files.add(_real(path))
            self.sources[name] = Source(path, name, _real(root))


def _name(path: Path, root: Path, label: str) -> str:
    within = path.relative_to(root).as_posix() if path != root else ""
    return unicodedata.normalize("NFC", _printable(f"{label}/{within}".rstrip("/")))


def _printable(name: str) -> str:
    """A file name that is no valid text, with the offending bytes spelt out."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

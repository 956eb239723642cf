"""Which files are to be read, and what are they called?

A document's name is its source's label and its path within that source, so that it is the same on every machine.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import ClassVar

from ingest.errors import CitewellError
from ingest.find.walk import Collection, printable
from ingest.model import Skipped
from ingest.read.registry import Reader
from ingest.source import Loaded, Source, real_path


class NothingToRead(CitewellError):
    """What was named is not there, or there is no index yet and no file for one that can be read."""

    code: ClassVar[str] = "nothing_to_read"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 422


class NotPrunable(CitewellError):
    """What is gone was to be removed from where one cannot tell what is gone."""

    code: ClassVar[str] = "not_prunable"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 422


class LabelTaken(CitewellError):
    """A label that would not tell two places apart, or is none."""

    code: ClassVar[str] = "label_taken"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 409


@dataclass(frozen=True, slots=True)
class Found:
    """Files to read and files passed over, both sorted by name, and the place that each label stands for.

    `loaded` are documents that come from elsewhere than files.
    `covered` are the beginnings of the names of all that was looked through: only of a document named so can it be said
    that it is gone, because it was not found. A file that is named covers nothing. `ignored` says whether something was
    passed over that is hidden or excluded.
    """

    sources: tuple[Source, ...]
    skipped: tuple[Skipped, ...]
    roots: Mapping[str, Path]
    covered: tuple[str, ...]
    loaded: tuple[Loaded, ...] = ()
    ignored: bool = False


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
    Raises LabelTaken, and NothingToRead where a path is not there; a folder may well hold nothing that can be read.
    """
    home = real_path(home) if home is not None else None
    named = [path for given in paths for path in _expanded(Path(given), home)]
    folders = _outermost([path for path in named if path.is_dir()])
    roots: dict[str, Path] = {}
    collection = Collection(extra, home)
    for path in named:
        root, path = _placed(path, folders)
        chosen = _label(root, label)
        _claim(roots, chosen, real_path(root))
        collection.add(path, root, chosen)
    if not named:
        raise NothingToRead("nothing to read in no path: name a file or folder with documents")
    walked = {real_path(folder) for folder in folders}
    covered = tuple(sorted(f"{chosen}/" for chosen, root in roots.items() if root in walked))
    sources = tuple(collection.sources[name] for name in sorted(collection.sources))
    skipped = tuple(Skipped(name, collection.skipped[name]) for name in sorted(collection.skipped))
    return Found(sources, skipped, roots, covered, ignored=collection.ignored)


def nothing_in(paths: Sequence[object], found: Found) -> NothingToRead:
    """What is to be said where nothing was found, and there is no index yet either."""
    places = ", ".join(map(str, paths))
    if found.skipped:
        first = found.skipped[0]
        return NothingToRead(f"nothing to read in {places}; {first.document} was passed over: {first.reason}")
    if found.ignored:
        return NothingToRead(
            f"nothing to read in {places}: all of it is hidden or excluded by .gitignore, "
            "so name a file or folder itself to have it read"
        )
    return NothingToRead(f"nothing to read in {places}: name a file or folder with documents")


def check_prunable(paths: Sequence[str | Path]) -> None:
    """Raises NotPrunable for a pattern: of a file that it does not match any more nobody knows that it once did."""
    for path in map(Path, paths):
        if has_magic(str(path)) and not os.path.lexists(path):
            folder = next(place for place in path.parents if not has_magic(str(place)))
            raise NotPrunable(f"{path} is a pattern, of which nobody can tell what is gone: name the folder {folder}")


def _expanded(path: Path, home: Path | None) -> list[Path]:
    """The path itself, absolute but with its links kept, or what it matches where it is a pattern."""
    if os.path.lexists(path):
        if home is not None and real_path(path).is_relative_to(home):
            raise NothingToRead(f"{path} is inside of Citewell's own home {home}: name your documents instead")
        matches = [str(path)]
    elif has_magic(str(path)):
        found = glob(str(path), recursive=True)  # noqa: PTH207 - Path.glob takes no absolute pattern
        matches = [match for match in found if home is None or not real_path(Path(match)).is_relative_to(home)]
    else:
        raise NothingToRead(f"{path} does not exist: check the path, which is taken from {Path.cwd()}")
    if not matches:
        raise NothingToRead(f"{path} matches no file: check the pattern, which is taken from {Path.cwd()}")
    return [Path(os.path.abspath(match)) for match in sorted(matches)]  # noqa: PTH100 - resolve() follows links


def _outermost(folders: list[Path]) -> list[Path]:
    """The folders that lie within no other one of them."""
    kept: list[Path] = []
    for folder in sorted(folders, key=lambda folder: len(real_path(folder).parts)):
        if not any(real_path(folder).is_relative_to(real_path(other)) for other in kept):
            kept.append(folder)
    return kept


def _placed(path: Path, folders: list[Path]) -> tuple[Path, Path]:
    """The root that a named path belongs to, and the path as reached from there."""
    place = path if path.is_dir() else path.parent
    for folder in folders:
        if real_path(place).is_relative_to(real_path(folder)):
            inner = folder / real_path(place).relative_to(real_path(folder))
            return folder, inner if path.is_dir() else inner / path.name
    return place, path


def _label(root: Path, given: str | None) -> str:
    label = unicodedata.normalize("NFC", printable(root.name if given is None else given))
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

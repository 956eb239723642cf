"""What can be read below a place, and what is passed over?"""

from __future__ import annotations

import os
import stat
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path

from ingest.find.gitignore import Rules, is_ignored, rules_of
from ingest.model import Skipped
from ingest.read.kind import is_text
from ingest.read.registry import Reader, unsupported
from ingest.source import Source, real_path

_NEVER_BELOW = {"node_modules", "__pycache__"}
_LEADS_OUT = "it is a link that leads out of {}: name its target to have it read"


class Collection:
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
            if real_path(folder) in walked:
                continue
            walked.add(real_path(folder))
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
        if path.name in _NEVER_BELOW or (is_folder and real_path(path) == self.home):
            return True
        if path.name.startswith(".") or is_ignored(path, rules, is_folder=is_folder):
            self.ignored = True
            return True
        return False

    def _leads_within(self, link: Path, root: Path, label: str) -> bool:
        target = real_path(link)
        if not os.path.lexists(target) or target.is_symlink():
            self._skip(link, root, label, "it is a link that leads nowhere: correct it, or remove it")
        elif not target.is_relative_to(real_path(root)):
            self._skip(link, root, label, _LEADS_OUT.format(label))
        else:
            return self.home is None or not target.is_relative_to(self.home)
        return False

    def _skip(self, path: Path, root: Path, label: str, reason: str) -> None:
        self.skipped[_name(path, root, label)] = reason

    def _take(self, path: Path, root: Path, label: str) -> None:
        real = real_path(path)
        if real in self._files:
            return
        name = _name(path, root, label)
        if reason := _refused(path, self.readers):
            self.skipped[name] = reason
        elif name in self.sources:
            self.skipped[f"{name} ({path.name!a})"] = "its name differs from another's in encoding alone: rename it"
        else:
            self._files.add(real)
            self.sources[name] = Source(path, name, real_path(root), real)


def found_again(source: Source, *, home: Path | None, extra: Mapping[str, Reader] = {}) -> Source | Skipped:
    """A file that was found at another time, as it is now: it must still be a file that can be read within its root."""
    real, root = real_path(source.path), real_path(source.root)
    if not real.is_relative_to(root) or root != source.root:
        return Skipped(source.name, _LEADS_OUT.format(source.name.partition("/")[0]))
    if home is not None and real.is_relative_to(real_path(home)):
        return Skipped(source.name, "it lies in Citewell's own home: name your documents instead")
    if reason := _refused(source.path, extra):
        return Skipped(source.name, reason)
    return Source(source.path, source.name, root, real)


def _refused(path: Path, readers: Mapping[str, Reader]) -> str | None:
    """Why what is at this path is not tried, with what to do instead; None if it is."""
    try:
        is_file = stat.S_ISREG(path.stat().st_mode)
    except OSError as error:
        return f"it could not be looked at ({error.strerror}): check that you may read it"
    if not is_file:
        return "it is not a regular file: copy what it gives into one"
    if reason := unsupported(path, readers):
        return reason
    if not path.suffix and not is_text(path):
        return "its name has no suffix and it is no text: give it the suffix of what it is"
    return None


def _name(path: Path, root: Path, label: str) -> str:
    within = path.relative_to(root).as_posix() if path != root else ""
    return unicodedata.normalize("NFC", printable(f"{label}/{within}".rstrip("/")))


def printable(name: str) -> str:
    """A file name that is no valid text, with the offending bytes spelt out."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")

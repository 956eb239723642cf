"""Which documents were erased, and may not come back? A list that every reader looks at before it answers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import ClassVar

from ingest.errors import CitewellError
from retrieval.disk.durable import write_durably

_SCHEMA = 1


class ErasureListUnusable(CitewellError):
    """The list of what was erased cannot be read, so nothing is given out."""

    code: ClassVar[str] = "erasure_list_unusable"
    http_status: ClassVar[int] = 500


@dataclass(frozen=True, slots=True)
class Erased:
    """One document that was erased.

    `rewritten` tells whether every file that held it was written anew. `key` and `proofs` are what finds its words
    again without telling them: keyed hashes of word sequences that no other document holds. `restored` is when it was
    allowed again; from then on only the proof is left of the erasure.
    """

    document: str
    at: str
    rewritten: bool = False
    key: str = ""
    proofs: tuple[str, ...] = ()
    restored: str = ""


class ErasureList:
    """The erased documents of a home, in one small file that is replaced in one step. Threads may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._seen: tuple[int, int] | None = None
        self._entries: tuple[Erased, ...] = ()
        self._names: frozenset[str] = frozenset()

    def names(self) -> frozenset[str]:
        """The documents that are not to be given out; as of this moment, whoever erased them."""
        self._refresh()
        return self._names

    def entries(self) -> Sequence[Erased]:
        """What is known of each, in the order of their names; also of those that were restored."""
        self._refresh()
        return self._entries

    def exists(self) -> bool:
        """Whether there is a list; one that was begun stays, also when nothing is on it any more."""
        return self._path.is_file()

    def put(self, entries: Iterable[Erased]) -> None:
        """Adds entries, or puts them in the place of those of the same documents."""
        new = {entry.document: entry for entry in entries}
        self._change(lambda known: {**known, **new})

    def update(self, entries: Iterable[Erased]) -> None:
        """Puts entries in the place of those that are on the list still; what was restored meanwhile stays so."""
        new = {entry.document: entry for entry in entries}
        self._change(
            lambda known: {name: entry if entry.restored else new.get(name, entry) for name, entry in known.items()}
        )

    def restore(self, documents: Iterable[str], at: str) -> list[str]:
        """Lifts the block on these; those that were blocked."""
        asked = set(documents)
        lifted: list[str] = []

        def without(known: Mapping[str, Erased]) -> dict[str, Erased]:
            lifted.extend(sorted(name for name in known.keys() & asked if not known[name].restored))
            return {name: replace(entry, restored=at) if name in lifted else entry for name, entry in known.items()}

        self._change(without)
        return lifted

    def _change(self, change: Callable[[Mapping[str, Erased]], Mapping[str, Erased]]) -> None:
        """Reads, changes and writes the list while nobody else does."""
        from filelock import FileLock

        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(self._path.with_suffix(".lock")):
            entries = change({entry.document: entry for entry in self.entries()})
            rows = [asdict(entries[name]) for name in sorted(entries)]
            write_durably(self._path, json.dumps({"schema": _SCHEMA, "erased": rows}, ensure_ascii=False, indent=1))

    def _refresh(self) -> None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            self._seen, self._entries, self._names = None, (), frozenset()
            return
        seen = found.st_ino, found.st_mtime_ns
        if seen == self._seen:
            return
        with self._lock:
            try:
                said = json.loads(self._path.read_text("utf-8"))
                if said["schema"] != _SCHEMA:
                    raise ValueError(f"it has schema {said['schema']}")
                rows = [Erased(**{**row, "proofs": tuple(row["proofs"])}) for row in said["erased"]]
            except (OSError, ValueError, KeyError, TypeError) as error:
                message = (
                    f"{self._path} cannot be read ({error}), so it is not known what was erased and nothing is "
                    "answered: put back a copy of that file."
                )
                raise ErasureListUnusable(message) from error
            self._entries, self._names = tuple(rows), frozenset(row.document for row in rows if not row.restored)
            self._seen = seen

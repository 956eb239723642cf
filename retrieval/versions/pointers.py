"""Which version is live, and which was before? Small files beside the versions, each replaced in one step."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

from ingest.access import may
from retrieval.disk.durable import write_durably

DROPPED = ".dropped-"  # how the folder of a version begins that counts no more
_NUMBERED = re.compile(r"v(\d{6,})-")


class Pointers:
    """`live`, `previous`, the latest that passed gold (`tested`), and up to which version that was `lifted`.

    A rollback leaves `pinned`, and in `left` the version up to which none is a candidate.
    """

    def __init__(self, home: Path) -> None:
        self._home = home

    def __getitem__(self, name: str) -> str | None:
        """What a pointer says; None where there is none."""
        try:
            return (self._home / name).read_text("utf-8").strip() or None
        except FileNotFoundError:
            return None

    def move(self, id: str) -> None:
        """Makes a version live; the one that was is now the one before."""
        live = self["live"]
        if live is not None:
            write_durably(self._home / "previous", live)
        write_durably(self._home / "live", id)

    def move_back(self, live: str, previous: str, newest: str) -> None:
        """Makes the version before live, and pins it: what was built up to the `newest` was left on purpose."""
        write_durably(self._home / "left", newest)
        write_durably(self._home / "pinned", previous)
        write_durably(self._home / "previous", live)
        write_durably(self._home / "live", previous)

    def tested(self, id: str) -> None:
        """Remembers that a version passed gold, whatever becomes of it."""
        write_durably(self._home / "tested", id)

    def lift(self, newest: str) -> None:
        """Forgets that any version up to the `newest` passed gold."""
        write_durably(self._home / "lifted", newest)
        (self._home / "tested").unlink(missing_ok=True)

    def unpin(self) -> None:
        """Lets new versions be published again."""
        (self._home / "pinned").unlink(missing_ok=True)


def home_id(path: Path) -> str:
    """What tells this home's collections from those of others on one server; made at the first call."""
    try:
        return (path / "id").read_text("utf-8").strip()
    except FileNotFoundError:
        if not may(path, "write"):
            return "0"  # nothing of it can lie on a server yet
        from filelock import FileLock

        path.mkdir(parents=True, exist_ok=True)
        with FileLock(path / "id.lock"):
            if not (path / "id").is_file():
                write_durably(path / "id", secrets.token_hex(6))
        return home_id(path)


def next_version_id(home: Path, fingerprint: str) -> str:
    """Names a new version so that ids sort by age, by a number that is higher than that of any before it.

    The clock has no say: it may have been wrong, or be set back. Ids of older homes, which begin with a time, sort
    before these.
    """
    named = [path.name.removeprefix(DROPPED) for path in (home / "versions").glob("*")]
    pointed = [pointer for name in ("live", "previous", "left", "tested") if (pointer := Pointers(home)[name])]
    numbers = [int(found[1]) for name in (*named, *pointed) if (found := _NUMBERED.match(name))]
    return f"v{max(numbers, default=0) + 1:06}-{fingerprint[:8]}"

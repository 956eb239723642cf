"""What does a file of proposed gold hold, and what did it ever hold?

Questions are added a line at a time. The ids of all that ever stood in the file are kept beside it, so that what a
person took out does not come back.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from eval.gold.gold import BadGold, Gold
from eval.gold.load import load_gold

log = logging.getLogger(__name__)


class Proposed:
    """A gold file that is gone on with: `gold` is what it holds at first, `seen` the ids of all that it ever held."""

    def __init__(self, path: str | Path) -> None:
        """Raises `BadGold` where the file is no gold in Citewell's form."""
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        _end_the_last_line(self.path)
        self.gold = Gold.of(()) if _is_empty(self.path) else load_gold(self.path)
        if self.gold.kind != "citewell":
            raise BadGold(f"{path} holds qrels, to which no questions can be added; name another file.")
        self._ids = self.path.with_name(f"{self.path.name}.seen")
        self.seen: set[str] = set(self._ids.read_text("utf-8").split("\n")) if self._ids.exists() else set()
        self.remember(query.id for query in self.gold.queries if query.id not in self.seen)

    def add(self, line: Mapping[str, Any]) -> None:
        """Writes one line of gold, whole or, if the process is killed, so that it can be gone on with."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        self.remember([line["id"]])

    def remember(self, ids: Iterable[str]) -> None:
        """Keeps these from being proposed, or asked about, again."""
        if new := list(ids):
            with self._ids.open("a", encoding="utf-8") as file:
                file.writelines(f"{id}\n" for id in new)
            self.seen.update(new)


def _is_empty(path: Path) -> bool:
    return not path.exists() or not path.read_bytes().strip()


def _end_the_last_line(path: Path) -> None:
    """So that another can follow it; one that was cut off while it was written is dropped."""
    data = path.read_bytes() if path.exists() else b""
    last = data[data.rfind(b"\n") + 1 :]
    if not last.lstrip(b"\xef\xbb\xbf \t").startswith(b"{"):
        return  # ended already, or no line of ours: then what reads it says so
    if _is_json(last):
        with path.open("ab") as file:
            file.write(b"\n")
        return
    with path.open("r+b") as file:
        file.truncate(len(data) - len(last))
    log.warning("%s: the last line was cut off while it was written, and is dropped: %r", path, last[:80])


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except ValueError:
        return False
    return True

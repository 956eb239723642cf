"""Which collection of a server does a folder stand for?"""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict, dataclass
from pathlib import Path

from retrieval.disk.durable import write_durably
from retrieval.stores.store import StoreFailed

NAMED = "collection.json"  # in the folder that stands for it


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection's name and its vectors' length; `points` is None until it is finished."""

    name: str
    dimensions: int
    points: int | None = None

    @classmethod
    def new(cls, prefix: str, dimensions: int, folder: Path) -> Collection:
        """Named in the folder before the server makes it, so that a crash in between leaves nothing unnamed."""
        return cls(f"{prefix}{uuid.uuid4().hex}", dimensions).written(folder)

    @classmethod
    def read(cls, folder: Path, prefix: str) -> Collection:
        """What stands in the folder; `StoreFailed` where that is nothing, damaged, or another home's."""
        again = "build the index again with citewell ingest"
        try:
            said = json.loads((folder / NAMED).read_text(encoding="utf-8"))
            points = said["points"]
            named = cls(str(said["name"]), int(said["dimensions"]), None if points is None else int(points))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise StoreFailed(f"The vectors of {folder} cannot be found ({error}); {again}.") from error
        if not named.name.startswith(prefix):
            raise StoreFailed(f"The collection {named.name} of {folder} belongs to another home; {again}.")
        return named

    def written(self, folder: Path) -> Collection:
        """Itself, once it stands in the folder."""
        write_durably(folder / NAMED, json.dumps(asdict(self)))
        return self


def is_named(folder: Path) -> bool:
    """Whether the folder stands for a collection."""
    return (folder / NAMED).exists()

"""What does a version claim to be, and is it still that? Its manifest: identity, counts, a hash of every file."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from ingest.model import CitewellError, digest
from retrieval.model import EncoderIdentity

SCHEMA = 1
CHECK_AT_OPEN = 1 << 30  # bytes; a larger version's hashes are not all checked each time it is opened
_NAME = "manifest.json"


class DamagedIndex(CitewellError):
    """A version's files are not the ones that were built."""

    code: ClassVar[str] = "damaged_index"


class ForeignIndex(CitewellError):
    """A version was built by other code or with another encoder than would search it."""

    code: ClassVar[str] = "foreign_index"


@dataclass(frozen=True, slots=True)
class SelfQuery:
    """A search whose outcome was known when the version was built."""

    chunk: str
    terms: tuple[str, ...]
    lexical: float


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version holds and what it was built with."""

    id: str
    created: str
    parent: str | None
    fingerprint: str
    encoder: EncoderIdentity
    analyzer: str
    settings: Mapping[str, Any]
    documents: int
    chunks: int
    self_queries: tuple[SelfQuery, ...]
    files: Mapping[str, str]
    schema: int = SCHEMA

    def write(self, folder: Path) -> None:
        """Durably, after the files that it names, with a digest of its own."""
        data = asdict(self)
        data["digest"] = _digest(data)
        write_durably(folder / _NAME, json.dumps(data, indent=1, ensure_ascii=False))

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """Raises `DamagedIndex` or `ForeignIndex`."""
        try:
            data = json.loads((folder / _NAME).read_text("utf-8"))
            if data.get("schema") != SCHEMA:
                message = (
                    f"Index version {folder.name} has schema {data.get('schema')}, this Citewell reads {SCHEMA}; "
                    "ingest the sources again, or use the Citewell that built it."
                )
                raise ForeignIndex(message)
            # Damage cannot take the digest away and leave the rest in order: another key is refused below.
            if data.pop("digest", None) not in (None, _digest(data)):
                raise ValueError("it is not what was written")
            data["encoder"] = EncoderIdentity(**data["encoder"])
            data["self_queries"] = tuple(
                SelfQuery(query["chunk"], tuple(query["terms"]), query["lexical"]) for query in data["self_queries"]
            )
            return cls(**data)
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(folder, f"its manifest cannot be read: {error}") from error

    def check_files(self, folder: Path, *, whatever_size: bool = False) -> None:
        """Compares every file with its hash, unless the version is large; raises `DamagedIndex` naming the first."""
        sizes = sum((folder / name).stat().st_size for name in self.files if (folder / name).is_file())
        for name, expected in self.files.items():
            if not (folder / name).is_file():
                raise damaged(folder, f"{name} is missing")
            if (whatever_size or sizes <= CHECK_AT_OPEN) and hash_file(folder / name) != expected:
                raise damaged(folder, f"{name} has changed since it was built")


def damaged(folder: Path, what: str) -> DamagedIndex:
    """The error, with what to do."""
    return DamagedIndex(
        f"Index version {folder.name} is damaged ({what}); go back with citewell index rollback, or delete the folder "
        "and ingest the sources again."
    )


def _digest(data: Mapping[str, Any]) -> str:
    """What the manifest says, `digest` itself left out; the same whether it was read or is about to be written."""
    said = {key: value for key, value in data.items() if key != "digest"}
    return digest(json.dumps(said, sort_keys=True))


def hash_files(folder: Path) -> dict[str, str]:
    """The SHA-256 of every file below `folder`, by its POSIX path."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in files}


def hash_file(path: Path) -> str:
    """The SHA-256 of one file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_durably(path: Path, text: str) -> None:
    """Replaces a small file in one step that a power cut cannot tear."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)
    sync([path.parent])


def sync(paths: Iterable[Path]) -> None:
    """Forces files and folders to the disk."""
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

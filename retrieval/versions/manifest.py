"""What does a version claim to be, and is it still that? Its manifest: identity, counts, a hash of every file."""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from ingest.access import NotReadable, explained
from ingest.errors import CitewellError
from ingest.model import digest
from retrieval.disk.durable import hash_file, hash_sparse, write_durably
from retrieval.parts import EncoderIdentity

SCHEMA = 2
CHECK_AT_OPEN = 4 << 30  # bytes; of a larger version the vectors' hashes are not checked each time it is opened
_NAME = "manifest.json"
_BROKEN = {None, errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EIO, errno.EINVAL}  # the files, not who reads them


class DamagedIndex(CitewellError):
    """A version's files are not the ones that were built."""

    code: ClassVar[str] = "damaged_index"
    http_status: ClassVar[int] = 500


class ForeignIndex(CitewellError):
    """A version was built by other code or with another encoder than would search it."""

    code: ClassVar[str] = "foreign_index"
    http_status: ClassVar[int] = 500


@dataclass(frozen=True, slots=True)
class SelfQuery:
    """A search whose outcome was known when the version was built."""

    chunk: str
    terms: tuple[str, ...]
    lexical: float


@dataclass(frozen=True, slots=True)
class Erasure:
    """When documents were erased from a finished version, and how many."""

    at: str
    documents: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version holds and what it was built with.

    Its files lie in the folder `data` within its own, which `files` names them by: an erasure writes another such
    folder, and this manifest, replaced in one step, says which of them counts. `languages` are those of its documents
    (empty: not known), `engine` is what keeps its vectors, `query_model` the hash of the export that may encode
    questions.
    """

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
    data: str = "."
    languages: tuple[str, ...] = ()
    engine: str = "edge"
    query_model: str | None = None
    erasures: tuple[Erasure, ...] = ()
    schema: int = SCHEMA

    def write(self, folder: Path) -> None:
        """Durably, after the files that it names, with a digest of its own."""
        data = asdict(self)
        data["digest"] = _digest(data)
        write_durably(folder / _NAME, json.dumps(data, indent=1, ensure_ascii=False))

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """One of this schema, or of an older one, which can be rebuilt. Raises `DamagedIndex` or `ForeignIndex`."""
        try:
            data = json.loads((folder / _NAME).read_text("utf-8"))
            schema = data.get("schema")
            if not isinstance(schema, int) or not 1 <= schema <= SCHEMA:
                message = (
                    f"Index version {folder.name} has schema {schema}, this Citewell reads {SCHEMA} and older ones; "
                    "use the Citewell that built it, or ingest the sources again into another --home."
                )
                raise ForeignIndex(message)
            # Damage cannot take the digest away and leave the rest in order: another key is refused below.
            if data.pop("digest", None) not in (None, _digest(data)):
                raise ValueError("it is not what was written")
            data["encoder"] = EncoderIdentity(**data["encoder"])
            data["self_queries"] = tuple(
                SelfQuery(query["chunk"], tuple(query["terms"]), query["lexical"]) for query in data["self_queries"]
            )
            data["languages"] = tuple(data.get("languages", ()))
            data["erasures"] = tuple(Erasure(**erasure) for erasure in data.get("erasures", ()))
            return cls(**data)
        except OSError as error:
            raise unreadable(folder, error) from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise damaged(folder, f"its manifest cannot be read: {error}") from error

    def folder(self, version: Path) -> Path:
        """Where the version's files lie."""
        return version / self.data

    def check_files(self, version: Path, *, whatever_size: bool = False) -> None:
        """Compares every file with its hash; raises `DamagedIndex` naming the first that differs.

        The vectors of a large version are left out, unless `whatever_size`: they alone take longer to read than a
        process may wait, and a self-query asks them.
        """
        folder, hash_of = self.folder(version), hash_sparse if self.schema > 1 else hash_file
        try:
            size = sum((folder / name).stat().st_blocks * 512 for name in self.files)
            for name, expected in self.files.items():
                is_of_vectors = name.startswith("vectors/") or name.endswith("/vectors.f4")
                left_out = size > CHECK_AT_OPEN and not whatever_size and is_of_vectors
                if not left_out and hash_of(folder / name) != expected:
                    raise damaged(version, f"{name} has changed since it was built")
        except FileNotFoundError as error:
            raise damaged(version, f"{Path(str(error.filename)).relative_to(folder)} is missing") from error
        except OSError as error:
            raise unreadable(version, error) from error


def version_folders(versions: Path) -> list[Path]:
    """The folders of all finished versions, oldest first; what begins with a dot is not finished, or was dropped."""
    return [path.parent for path in sorted(versions.glob(f"[!.]*/{_NAME}"))]


def stamp(folder: Path) -> tuple[int, int] | None:
    """Changes when a version's manifest is written anew; None where there is none."""
    try:
        found = (folder / _NAME).stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns


def damaged(folder: Path, what: str) -> DamagedIndex:
    """The error, with what to do."""
    return DamagedIndex(
        f"Index version {folder.name} is damaged ({what}); go back with citewell index rollback, or delete the folder "
        "and ingest the sources again."
    )


def unreadable(folder: Path, error: OSError) -> CitewellError:
    """What it means that a version's file cannot be read: damage, or something that passes and that others can mend."""
    if error.errno in _BROKEN:
        return damaged(folder, str(error))
    return NotReadable(explained(error))


def _digest(data: Mapping[str, Any]) -> str:
    """What the manifest says, `digest` itself left out; the same whether it was read or is about to be written."""
    said = {key: value for key, value in data.items() if key != "digest"}
    return digest(json.dumps(said, sort_keys=True))

"""Is anything of an erased document left in any file of a home? Looked for in every file, not asked of the index."""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from retrieval.durable import files_below
from retrieval.proofs import Proofs, found_in

_BLOCK, _OVERLAP = 1 << 20, 4096  # bytes
_PACKED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_LARGEST = 64 << 20  # bytes that one stream is inflated to
_SQLITE = b"SQLite format 3\x00"
_ESCAPE = re.compile(r"\\[nrt\"/\\]|\\u[0-9a-fA-F]{4}")
_ENCODINGS = (("utf-8", 0), ("utf-16-le", 0), ("utf-16-le", 1), ("utf-16-be", 0), ("utf-16-be", 1))


@dataclass(frozen=True, slots=True)
class Trace:
    """Words of an erased document that still stand in a file, named from its home on."""

    file: str
    where: str


def traces(home: Path, proofs: Proofs) -> list[Trace]:
    """Where the proven word sequences still stand.

    Each file is read as it lies on the disk: its bytes as UTF-8 and as UTF-16, every zlib or gzip stream that begins
    in them (also in pages that a database no longer uses), and every value of every SQLite database.
    """
    found = []
    for path in sorted(path for path in files_below(home) if not path.is_symlink()):
        where = _where(path, proofs)
        if where:
            found.append(Trace(path.relative_to(home).as_posix(), where))
    return found


def _where(path: Path, proofs: Proofs) -> str:
    try:
        for block in _blocks(path):
            if any(_holds(block[skip:].decode(encoding, "replace"), proofs) for encoding, skip in _ENCODINGS):
                return "in its bytes"
            if any(_holds(text, proofs) for text in _inflated(block)):
                return "in compressed bytes"
        if any(_holds(text, proofs) for text in _values(path)):
            return "in a value of the database"
    except FileNotFoundError:  # it went away while it was looked for
        return ""
    return ""


def _holds(text: str, proofs: Proofs) -> bool:
    """Whether any of them stands there, as text or as a JSON string, where a line break is two signs."""
    return bool(found_in(_ESCAPE.sub(" ", text), [proofs]))


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as stream:
        before = b""
        while block := stream.read(_BLOCK):
            if block.count(0) < len(block):  # most of the engine's files is room that nothing was written to
                yield before + block
            before = block[-_OVERLAP:]


def _inflated(block: bytes) -> Iterator[str]:
    """What begins like a compressed stream and is one, as far as it goes: its rest may lie elsewhere."""
    for start in _PACKED.finditer(block):
        stream, parts, size = zlib.decompressobj(wbits=47), [], 0
        try:
            for begin in range(start.start(), len(block), 256):
                parts.append(stream.decompress(block[begin : begin + 256]))
                size += len(parts[-1])
                if stream.eof or size > _LARGEST:
                    break
        except zlib.error:
            pass
        if size:
            yield b"".join(parts).decode("utf-8", "replace")


def _values(path: Path) -> Iterator[str]:
    """Every value of a SQLite database as text, inflated where it can be."""
    with path.open("rb") as stream:
        if stream.read(16) != _SQLITE:
            return
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for name in names:
                for row in connection.execute(f'SELECT * FROM "{name}"'):  # noqa: S608 - its own tables' names
                    for value in row:
                        if isinstance(value, bytes):
                            try:
                                yield zlib.decompress(value, wbits=47).decode("utf-8", "replace")
                            except zlib.error:
                                yield value.decode("utf-8", "replace")
                        elif isinstance(value, str):
                            yield value
    except sqlite3.DatabaseError:  # no database any more; its bytes were looked at
        return

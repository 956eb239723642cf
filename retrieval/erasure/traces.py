"""Is anything of an erased document left in any file of a home? Looked for in every file, not asked of the index."""

from __future__ import annotations

import re
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from retrieval.disk.durable import files_below
from retrieval.erasure.legible import legible
from retrieval.erasure.proofs import Proofs, found_in

_BLOCK, _OVERLAP = 1 << 20, 4096  # bytes
_PACKED = re.compile(rb"\x78[\x01\x5e\x9c\xda]|\x1f\x8b\x08")
_LARGEST = 64 << 20  # bytes that one stream is inflated to
_SQLITE = b"SQLite format 3\x00"
_ESCAPE = re.compile(r"\\[nrt\"/\\]|\\u[0-9a-fA-F]{4}")
OnLooked = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Trace:
    """Words of an erased document that still stand in a file, named from its home on."""

    file: str
    where: str


def traces(home: Path, proofs: Proofs, on_looked: OnLooked = lambda *_: None) -> list[Trace]:
    """Where the proven word sequences still stand; `on_looked` is told of the bytes that are behind, and of all.

    Each file is read as it lies on the disk: its bytes as UTF-8 and as UTF-16, every zlib or gzip stream that begins
    in them (also in pages that a database no longer uses), and every value of every SQLite database.
    """
    found = []
    files: dict[object, tuple[int, list[Path]]] = {}  # versions share files by hard links: each is read once
    for path in sorted(path for path in files_below(home) if not path.is_symlink()):
        key, size = _identity(path)
        files.setdefault(key, (size, []))[1].append(path)
    done, total = 0, sum(size for size, _ in files.values())
    for size, names in files.values():
        path = names[0]
        where = _where(path, proofs, lambda read, done=done: on_looked(min(done + read, total), total))  # type: ignore[misc]
        done += size
        on_looked(done, total)
        if where:
            found += [Trace(name.relative_to(home).as_posix(), where) for name in names]
    return sorted(found, key=lambda trace: trace.file)


def _identity(path: Path) -> tuple[object, int]:
    """What is the same for all names of one file, and its size in bytes."""
    try:
        told = path.stat()
    except FileNotFoundError:
        return path, 0
    if path.with_name(f"{path.name}-wal").exists():  # beside another log a database holds other values
        return path, told.st_size
    return (told.st_dev, told.st_ino), told.st_size


def _where(path: Path, proofs: Proofs, on_read: Callable[[int], None]) -> str:
    try:
        read = 0
        for block in _blocks(path):
            if any(_holds(text, proofs) for text in legible(block)):
                return "in its bytes"
            if any(_holds(text, proofs) for text in _inflated(block)):
                return "in compressed bytes"
            read += len(block)
            on_read(read // 2)  # a database is looked at twice
        if any(_holds(text, proofs) for text in _values(path)):
            return "in a value of the database"
    except FileNotFoundError:  # it went away while it was looked for
        return ""
    return ""


def _holds(text: str, proofs: Proofs) -> bool:
    """Whether any of them stands there, as text or as a JSON string, where a line break is two signs."""
    return bool(found_in(_ESCAPE.sub(" ", text) if "\\" in text else text, [proofs]))


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
                numbers = bytearray()  # or whatever else is no text; looked at together, for most of it is none
                for row in connection.execute(f'SELECT * FROM "{name}"'):  # noqa: S608 - its own tables' names
                    for value in row:
                        if isinstance(value, str):
                            yield value
                        elif isinstance(value, bytes):
                            try:
                                yield zlib.decompress(value, wbits=47).decode("utf-8", "replace")
                            except zlib.error:
                                numbers += value + b"\0"
                    if len(numbers) > _BLOCK:
                        yield from legible(bytes(numbers))
                        numbers.clear()
                yield from legible(bytes(numbers))
    except sqlite3.DatabaseError:  # no database any more; its bytes were looked at
        return

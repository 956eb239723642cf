"""What is in an archive (.zip, .tar, compressed ones) or in a compressed file (.gz, .bz2, .xz)?"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, cast

from ingest.model import Failure, Skipped
from ingest.names import innermost
from ingest.read.inside import Unpacking, copy, damaged, plain_path, read_inside, unpacking
from ingest.read.registry import Item, Unreadable, unsupported

_JUNK = {"__MACOSX", "node_modules", "__pycache__"}
_PACKED: dict[bytes, Callable[..., IO[bytes]]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}  # type: ignore[dict-item] # each opens bytes unless asked for text
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
_UNICODE_PATH = 0x7075  # the extra field in which some programs keep a name in UTF-8
_BLOCK = 512
_MOST = 200_000  # members; a list of more of them takes too much memory
_ANY_DAMAGE = (EOFError, OSError, lzma.LZMAError, zlib.error)
_TORN = "it is torn off before its end, or damaged, and what was there was read: get the whole file"
_NOT_FILES = {  # kinds of members that hold no text
    tarfile.SYMTYPE: "it is a link: what it leads to is read where it lies",
    tarfile.LNKTYPE: "it is a second name of another member: that one is read",
}


@dataclass(frozen=True, slots=True)
class _Member:
    """A file in an archive. `refused` is what is given in its place, `open` gives its `size` bytes, which take
    `packed` bytes in the archive.
    """

    path: str
    size: int
    packed: int
    open: Callable[[], IO[bytes]]
    refused: Failure | Skipped | None = None
    torn: bool = False


def read_archive(path: Path, name: str) -> Iterator[Item]:
    """The documents of all members in the order of their names, each called `{name}!/{its path}`; a compressed file is
    an archive of one. Hidden files and what programs put aside are passed over as in folders.
    """
    count = 0
    for item in _items(path, name):
        count += 1
        yield item
    if not count:
        raise Unreadable("it holds no file that is not hidden: fill it, or leave it out")


def _items(path: Path, name: str) -> Iterator[Item]:
    with path.open("rb") as file:
        head = file.read(_BLOCK)
    with unpacking() as state:
        if state.packed is None:
            state.packed = path.stat().st_size
        packing = next((packing for start, packing in _PACKED.items() if head.startswith(start)), None)
        if packing is not None:
            yield from _read_packed(path, name, packing, state)
        elif _begins_tar(head):
            with path.open("rb") as file:
                yield from _read_tar(file, name, state)
        else:
            yield from _read_zip(path, name, state)


def _read_all(members: Iterable[_Member], name: str, state: Unpacking) -> Iterator[Item]:
    by_path = sorted(((plain_path(member.path) or member.path, member) for member in members), key=lambda pair: pair[0])
    environments = {f"{PurePosixPath(path).parent}/" for path, _ in by_path if PurePosixPath(path).name == "pyvenv.cfg"}
    for key, member in by_path:  # of two with one path the registry keeps the first, and says so
        if (_is_junk(key) and plain_path(key)) or key.startswith(tuple(environments)):
            continue
        if member.refused is not None:
            yield member.refused
            continue
        if not unsupported(Path(key), state.readers):
            state.check(member.size, member.packed)
        yield from _read_member(member, name, key, state)


def _read_member(member: _Member, name: str, key: str, state: Unpacking) -> Iterator[Item]:
    try:
        stream = _Torn(member.open(), broke_off=member.torn)
    except Exception as error:  # noqa: BLE001 - damaged archives raise anything
        if "Overlapped" in str(error):
            state.give_up("its members overlap, as only a bomb's do: pack it again")
        yield Failure(f"{name}!/{key}", damaged(error))
        return
    with stream.inner:
        items = read_inside(cast("IO[bytes]", stream), member.path, name, size=member.size, packed=member.packed)
        yield from _unless_torn(items, stream)
    if stream.broke_off:
        yield Failure(f"{name}!/{key}", _TORN)


def _unless_torn(items: Iterator[Item], stream: _Torn) -> Iterator[Item]:
    """What is wrong with a file that breaks off is that it does."""
    return (item for item in items if not (stream.broke_off and isinstance(item, Failure)))


def _is_junk(path: str) -> bool:
    parts = PurePosixPath(path).parts
    return any(part in _JUNK or (part.startswith(".") and part not in {".", ".."}) for part in parts)


class _Torn:
    """A stream that ends where its file breaks off, and says so afterwards; with `lenient`, where it is damaged."""

    def __init__(self, inner: IO[bytes], *, lenient: bool = False, broke_off: bool = False) -> None:
        self.inner = inner
        self.broke_off = broke_off
        self._ends = _ANY_DAMAGE if lenient else (EOFError, tarfile.ReadError)

    def read(self, size: int) -> bytes:
        try:
            # every decompressor has it, while `read` loses what stands before the break
            return cast("bytes", self.inner.read1(size))  # type: ignore[attr-defined]
        except self._ends:
            self.broke_off = True
            return b""


# Zip


def _read_zip(path: Path, name: str, state: Unpacking) -> Iterator[Item]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, EOFError, struct.error, ValueError, NotImplementedError):
        raise Unreadable("it is damaged, or not an archive at all: pack it again") from None
    with archive:
        if len(archive.infolist()) > _MOST:
            raise Unreadable(f"it holds more than {_MOST:,} files: unpack it")
        yield from _read_all(
            (
                _zip_member(archive, entry, name)
                for entry in archive.infolist()
                if not entry.filename.endswith(("/", "\\"))
            ),
            name,
            state,
        )


def _zip_member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, name: str) -> _Member:
    path = _zip_name(entry)
    full = f"{name}!/{plain_path(path) or path}"
    refused: Failure | Skipped | None = None
    mode = entry.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        refused = Skipped(full, _NOT_FILES[tarfile.SYMTYPE] if stat.S_ISLNK(mode) else "it is no file: leave it out")
    elif entry.flag_bits & 1:
        refused = Failure(full, "it is protected by a password: pack it again without")
    elif entry.compress_type not in _METHODS:
        refused = Failure(full, "it is compressed in a way that is not supported: pack it again as an ordinary zip")
    return _Member(path, entry.file_size, entry.compress_size, lambda: archive.open(entry), refused)


def _zip_name(entry: zipfile.ZipInfo) -> str:
    """The member's path. Where nothing says how it is written, UTF-8 is more likely than the ancient code page."""
    if entry.flag_bits & 0x800:
        return entry.filename
    extra = entry.extra
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        if kind == _UNICODE_PATH and length > 5:
            return extra[9 : 4 + length].decode("utf-8", "replace")
        extra = extra[4 + length :]
    try:
        return entry.filename.encode("cp437").decode("utf-8")
    except UnicodeError:
        return entry.filename


# Tar


def _begins_tar(block: bytes) -> bool:
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True


def _read_tar(file: IO[bytes], name: str, state: Unpacking, *, broke_off: bool = False) -> Iterator[Item]:
    """The archive's documents; `file` holds it without compression, as far as it could be unpacked."""
    with tarfile.open(fileobj=file, mode="r:", errors="surrogateescape") as archive:
        entries, whole = _listed(archive, file)
        end = file.seek(0, io.SEEK_END)
        members = [_tar_member(archive, entry, name, end) for entry in entries if not entry.isdir()]
        yield from _read_all(members, name, state)
    if broke_off or not whole:
        yield Failure(name, _TORN)


def _listed(archive: tarfile.TarFile, file: IO[bytes]) -> tuple[list[tarfile.TarInfo], bool]:
    """All entries that can be found, and whether the archive ends as it should."""
    entries: list[tarfile.TarInfo] = []
    try:
        while (entry := archive.next()) is not None:
            entries.append(entry)
            if len(entries) > _MOST:
                raise Unreadable(f"it holds more than {_MOST:,} files: unpack it")
    except (tarfile.TarError, EOFError, ValueError):
        return entries, False
    file.seek(archive.offset)
    end = file.read(_BLOCK)
    return entries, len(end) == _BLOCK and not any(end)


def _tar_member(archive: tarfile.TarFile, entry: tarfile.TarInfo, name: str, end: int) -> _Member:
    torn = not entry.issparse() and entry.offset_data + entry.size > end
    if torn:  # the library gives nothing of a member that it cannot give whole
        entry.size = max(end - entry.offset_data, 0)
    refused = None
    if not entry.isreg():
        reason = _NOT_FILES.get(entry.type, "it is a device or the like, no file: leave it out")
        refused = Skipped(f"{name}!/{plain_path(entry.name) or entry.name}", reason)
    return _Member(
        entry.name, entry.size, entry.size, lambda: cast("IO[bytes]", archive.extractfile(entry)), refused, torn
    )


# Compressed files


def _read_packed(path: Path, name: str, packing: Callable[..., IO[bytes]], state: Unpacking) -> Iterator[Item]:
    """What a compressed file holds: a tar archive, which is unpacked first to be read in order, or one file."""
    size = path.stat().st_size
    with packing(path) as stream:
        try:
            is_tar = _begins_tar(stream.read(_BLOCK))
        except _ANY_DAMAGE:
            is_tar = False
    with packing(path) as stream:
        torn = _Torn(stream, lenient=is_tar)  # the members before the damage are whole
        if not is_tar:
            inner = PurePosixPath(innermost(name)).stem or "content"
            yield from _unless_torn(read_inside(cast("IO[bytes]", torn), inner, name, packed=size), torn)
        else:
            with tempfile.TemporaryFile() as whole:
                copy(cast("IO[bytes]", torn), whole, state, size)
                state.bytes += whole.tell()  # its members are what counts
                whole.seek(0)
                yield from _read_tar(whole, name, state, broke_off=torn.broke_off)
                return
    if torn.broke_off:
        yield Failure(name, _TORN)

"""How is a file read that lies inside another one: an archive's member, an attachment?

It is unpacked into a folder of its own, read like any other file, and removed. What may be unpacked in all is bounded,
because a small archive can hold a very large one.
"""

from __future__ import annotations

import struct
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO, NoReturn

from ingest.errors import CitewellError
from ingest.model import Failure, Skipped
from ingest.read import registry
from ingest.read.registry import Item, Reader, Unreadable

_PIECE = 1 << 20  # bytes copied at a time
DEEPEST = 3  # an archive in an archive in an archive
_PATIENCE = 10  # parts of one file that lie deeper or are too large: more of them are a bomb's
_LONGEST_NAME = 200  # bytes of a file's name in the temporary folder
_INNOCENT = 64 << 20  # bytes that anything may unpack to,
_RATIO = 250  # and how many times its packed size what is larger may: texts and pictures stay far below

_TOO_MUCH = "it unpacks to more than one file may: unpack it, or raise [ingest] expansion"


@dataclass(frozen=True, slots=True)
class Expansion:
    """How much one file may become: unpacked bytes and files in all."""

    bytes: int = 1 << 30
    files: int = 20_000


@dataclass(slots=True)
class Unpacking:
    """What is left of the expansion while one file is read, and who reads what is inside."""

    bytes: int
    files: int
    readers: Mapping[str, Reader] = field(default_factory=dict)
    depth: int = 0
    packed: int | None = None  # bytes of the outermost archive
    unpacked: int = 0
    refused: int = 0
    given_up: str | None = None
    folder: tempfile.TemporaryDirectory[str] | None = None

    def place(self, name: str) -> Path:
        """Where a file that is read now is put; the folder is made once, since removing one takes long."""
        if self.folder is None:
            self.folder = tempfile.TemporaryDirectory(prefix=registry.SCRATCH)
        place = Path(self.folder.name) / str(self.depth)
        place.mkdir(exist_ok=True)
        return place / name

    def end(self) -> None:
        """Removes what was unpacked."""
        if self.folder is not None:
            self.folder.cleanup()
            self.folder = None

    def give_up(self, reason: str) -> NoReturn:
        """Ends the reading of the outermost file."""
        self.given_up = reason
        raise Unreadable(reason)

    def refuse(self, reason: str) -> str:
        """The reason for which a part is not unpacked; one too many of them, and the file is given up."""
        self.refused += 1
        if self.refused > _PATIENCE:
            self.give_up(f"more than {_PATIENCE} of its parts are refused, as a bomb's are, the last because {reason}")
        return reason

    def check(self, size: int, packed: int | None) -> None:
        """Gives the file up if no honest file of `packed` bytes unpacks to `size`."""
        if packed is not None and size > max(_INNOCENT, _RATIO * packed):
            self.give_up(f"it unpacks to more than {_RATIO} times its size, as only a bomb does: unpack it yourself")


_unpacking: ContextVar[Unpacking | None] = ContextVar("unpacking", default=None)


@contextmanager
def expanding(limit: Expansion, readers: Mapping[str, Reader]) -> Iterator[None]:
    """While one file is read: what is inside of it may expand to `limit`, and plugins' `readers` take part."""
    state = Unpacking(limit.bytes, limit.files, readers)
    token = _unpacking.set(state)
    try:
        yield
    finally:
        _unpacking.reset(token)
        state.end()


@contextmanager
def unpacking() -> Iterator[Unpacking]:
    """The state of the outermost file's expansion; the usual limits begin here if nobody has set any."""
    state = _unpacking.get()
    if state is not None:
        yield state
        return
    limit = Expansion()
    state = Unpacking(limit.bytes, limit.files)
    _unpacking.set(state)
    try:
        yield state
    finally:
        state.end()
        if _unpacking.get() is state:
            _unpacking.set(None)


def read_inside(
    stream: IO[bytes], path: str, name: str, *, size: int | None = None, packed: int | None = None
) -> Iterator[Item]:
    """The documents of a file at `path` inside of the file called `name`; they are named `{name}!/{path}`.

    `stream` is read only as far as the expansion allows; `size` is how many bytes it says it gives, `packed` how many
    it takes in its archive. Whatever goes wrong is a Failure; a kind of file that nothing reads is Skipped. Raises
    Unreadable where the whole outer file has to be given up: it expands too far.
    """
    with unpacking() as state:
        inner = plain_path(path)
        if inner is None:
            yield Failure(f"{name}!/{path}", "its path leads out of the archive: pack it again without .. in its paths")
            return
        full = f"{name}!/{inner}"
        reason = registry.unsupported(Path(inner), state.readers)
        if reason is not None:
            yield Skipped(full, reason)
            return
        if state.depth >= DEEPEST:
            yield Failure(full, state.refuse(f"it lies more than {DEEPEST} archives deep: unpack the outer ones"))
            return
        if size is not None and size > state.bytes:
            yield Failure(full, state.refuse(_TOO_MUCH))
            return
        state.files -= 1
        if state.files < 0:
            state.give_up("it holds more files than one archive may: unpack it")
        file = state.place(_file_name(inner))
        try:
            try:
                with file.open("wb") as out:
                    copy(stream, out, state, packed)
            except CitewellError:
                raise
            except Exception as error:  # noqa: BLE001 - damaged archives raise anything
                if (reason := registry.full_disk(error)) is not None:  # nor is there room for what comes after it
                    state.give_up(reason)
                yield Failure(full, damaged(error))
            else:
                yield from _read_one(file, full, state)
        finally:
            file.unlink(missing_ok=True)


def damaged(error: Exception) -> str:
    """The sentence for a part that could not be unpacked."""
    said = " ".join(str(error).split())[:200] or type(error).__name__
    return f"it is damaged ({said}): pack it again"


def _read_one(file: Path, full: str, state: Unpacking) -> Iterator[Item]:
    state.depth += 1
    try:
        for item in registry.read(file, full, state.readers):
            if state.given_up is not None:  # one Failure says so, that of the outermost file
                raise Unreadable(state.given_up)
            yield item
    finally:
        state.depth -= 1


def copy(stream: IO[bytes], out: IO[bytes], state: Unpacking, packed: int | None = None) -> None:
    """Copies to the end, within what is left of the expansion. Raises Unreadable."""
    written = 0
    while piece := stream.read(_PIECE):
        written += len(piece)
        state.check(written, packed)
        if len(piece) > state.bytes:
            state.give_up(_TOO_MUCH)
        state.bytes -= len(piece)
        state.unpacked += len(piece)
        state.check(state.unpacked, state.packed)
        out.write(piece)


def checked_zip(path: Path, what: str) -> zipfile.ZipFile:
    """The zip container of a document, to be closed. Raises Unreadable: damaged, protected, or it expands too far.

    `what` names the kind of document in the message, for example `Word document`. A member never gives more bytes than
    the container says, which is what is counted here.
    """
    state = _unpacking.get()
    limit = state.bytes if state else Expansion().bytes
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, EOFError, struct.error, ValueError, NotImplementedError):
        with path.open("rb") as file:
            start = file.read(8)
        if start.startswith(b"\xd0\xcf\x11\xe0"):
            raise Unreadable(
                f"it is protected by a password, or in an old format: save it as a new {what} without a password"
            ) from None
        raise Unreadable(_damaged_container(what)) from None
    if any(entry.flag_bits & 1 for entry in archive.infolist()):
        archive.close()
        raise Unreadable("it is protected by a password: save it without")
    if sum(entry.file_size for entry in archive.infolist()) > limit:
        archive.close()
        if any(entry.compress_size > path.stat().st_size for entry in archive.infolist()):
            raise Unreadable(_damaged_container(what))
        raise Unreadable(f"it unpacks to more than {limit >> 20} MB: split it, or raise [ingest] expansion")
    return archive


def _damaged_container(what: str) -> str:
    return f"it is damaged, or not a {what} at all: save it again"


def plain_path(path: str) -> str | None:
    """The path in POSIX form, fit for a document's name; None where it leads out of its archive or names nothing."""
    path = path.replace("\\", "/").encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    path = "".join(f"\\x{ord(letter):02x}" if unicodedata.category(letter) == "Cc" else letter for letter in path)
    parts = PurePosixPath(unicodedata.normalize("NFC", path)).parts
    if not parts or ".." in parts or parts[0] == "/" or parts[0].endswith(":"):
        return None
    return "/".join(parts)


def _file_name(inner: str) -> str:
    """The last part of a path, no longer than file systems allow, with its suffix."""
    last = PurePosixPath(inner)
    stem = last.stem.encode()[: _LONGEST_NAME - len(last.suffix.encode())].decode("utf-8", "ignore")
    return f"{stem}{last.suffix}" if len(last.suffix.encode()) < _LONGEST_NAME else stem

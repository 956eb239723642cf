"""What does the process that reads files do? It takes one after the other and tells what it found, until it is ended.

Messages are JSON behind four bytes of length: it takes nothing but text from a file's bytes to whoever asked.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import struct
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import IO, Any, cast

from ingest.bounds import Bounds
from ingest.model import Document, Failure, Page, Skipped, Unseen, metadata_of
from ingest.read.inside import Expansion, expanding
from ingest.read.registry import Item, Reader, Unreadable, read
from ingest.read.sandbox.confine import Confinement, limit, resident
from ingest.read.sandbox.late import handing_over

_TRIES = 20
_LENGTH = struct.Struct(">I")


def main() -> None:
    """Reads files as long as there are any; its standard input and output are the messages' way."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN if number == signal.SIGINT else signal.SIG_DFL)
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1):  # what a library prints is no message
        os.dup2(silence, stream)
    told = receive(requests)
    assert told is not None  # the first message is sent before anything else
    scratch = Path(told["scratch"])
    tempfile.tempdir = str(scratch)
    bounds = Bounds(**told["bounds"])
    readers = {suffix: _named(where) for suffix, where in told["readers"].items()}
    limit(bounds, lambda: _clear(scratch))
    walls = Confinement(scratch)
    walls.close()
    send(answers, {"ready": time.process_time()})
    while (request := receive(requests)) is not None:
        walls.file = request["real"]  # where it was found: a link that took its place leads elsewhere
        _answer(Path(request["path"]), request["name"], bounds, readers, answers)
    _clear(scratch)


def _clear(scratch: Path) -> None:
    """Removes the temporary folder, in which a file may be unpacked at this very moment."""
    for _ in range(_TRIES):
        shutil.rmtree(scratch, ignore_errors=True)
        if not scratch.exists():
            return


def _answer(path: Path, name: str, bounds: Bounds, readers: Mapping[str, Reader], answers: IO[bytes]) -> None:
    size = 0
    with suppress(OSError):  # that it cannot be looked at is for `read` to say
        size = path.stat().st_size
    items = bounded(path, name, bounds, readers)
    began, letters = time.process_time(), 0
    while True:
        with handing_over(*bounds.asks(size, letters, time.process_time() - began)):
            item = next(items, None)
        if item is None:
            break
        letters += len(item.text) if isinstance(item, Document) else 0
        send(answers, packed(item))
    now, peak = resident()
    send(answers, {"end": True, "memory": now, "peak": peak})


def bounded(path: Path, name: str, bounds: Bounds, readers: Mapping[str, Reader]) -> Iterator[Item]:
    """The file's documents, within the bounds that need no second process."""
    with suppress(OSError):  # that it cannot be looked at is for `read` to say
        if path.stat().st_size > bounds.file:
            yield Failure(name, f"it is larger than {bounds.file / (1 << 30):g} GB: split it, or leave it out")
            return
    rows = 0
    with expanding(Expansion(bounds.expansion), readers):
        for item in read(path, name, readers):
            if not isinstance(item, Document):
                rows += 1
            elif len(item.text) > bounds.text:
                item = Failure(item.name, f"its text is longer than {bounds.text:,} letters: split it, or leave it out")
            if rows > bounds.rows:
                yield Failure(name, f"more than {bounds.rows:,} parts of it were not read: repair it")
                return
            yield item


def packed(item: Item) -> dict[str, Any]:
    """An item as a message."""
    match item:
        case Document():
            return {
                "document": item.name,
                "text": item.text,
                "title": item.title,
                "markup": item.markup,
                "pages": [(page.start, page.number, page.label) for page in item.pages],
                "metadata": dict(item.metadata),
                "labels": sorted(item.labels),
                "unseen": [(each.start, each.end, each.how) for each in item.unseen],
            }
        case Failure():
            return {"failed": item.document, "error": item.error}
        case Skipped():
            return {"skipped": item.document, "reason": item.reason}


def unpacked(message: Mapping[str, Any]) -> Item:
    """The item of a message."""
    if "failed" in message:
        return Failure(message["failed"], message["error"])
    if "skipped" in message:
        return Skipped(message["skipped"], message["reason"])
    return Document(
        name=message["document"],
        text=message["text"],
        title=message["title"],
        markup=message["markup"],
        pages=tuple(Page(*page) for page in message["pages"]),
        metadata=metadata_of(message["metadata"]),
        labels=frozenset(message["labels"]),
        unseen=tuple(Unseen(*each) for each in message["unseen"]),
    )


def send(stream: IO[bytes], message: Mapping[str, Any]) -> None:
    """Writes one message."""
    data = json.dumps(message, ensure_ascii=False).encode("utf-8", "surrogateescape")
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def receive(stream: IO[bytes]) -> dict[str, Any] | None:
    """Reads one message; None at the end."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    return _decoded(stream.read(length))


def messages(buffer: bytearray, largest: int) -> Iterator[dict[str, Any]]:
    """The whole messages at the start of `buffer`, which are taken out of it.

    Raises ValueError where the next one is none, or has more than `largest` bytes.
    """
    while len(buffer) >= _LENGTH.size:
        (length,) = _LENGTH.unpack_from(buffer)
        if length > largest:
            raise ValueError(f"a message of {length:,} bytes")
        end = _LENGTH.size + length
        if len(buffer) < end:
            return
        data = bytes(buffer[_LENGTH.size : end])
        del buffer[:end]
        yield _decoded(data)


def _decoded(data: bytes) -> dict[str, Any]:
    return cast("dict[str, Any]", json.loads(data.decode("utf-8", "surrogateescape")))


def _named(where: str) -> Reader:
    """The plugin's reader, imported when a file of its kind comes, so that one that is broken fails no other file."""
    module, _, function = where.partition(":")

    def read_by_plugin(path: Path, name: str) -> Iterable[Item] | None:
        try:
            reader = cast("Reader", getattr(import_module(module), function))
        except Exception as error:
            raise Unreadable(
                f"the plugin's reader {where} could not be imported where files are read "
                f"({type(error).__name__}: {str(error)[:200]}): update the plugin, or uninstall it"
            ) from error
        return reader(path, name)

    return read_by_plugin


if __name__ == "__main__":
    main()

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
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import IO, Any, cast

from ingest.model import Document, Failure, Page, Skipped
from ingest.read.bounds import Bounds
from ingest.read.confine import Confinement, limit, resident
from ingest.read.inside import Expansion, expanding
from ingest.read.registry import Item, Reader, read

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
    limit(bounds, lambda: shutil.rmtree(scratch, ignore_errors=True))
    walls = Confinement(scratch)
    walls.close()
    send(answers, {"ready": True})
    while (request := receive(requests)) is not None:
        walls.file = os.path.realpath(request["path"])
        _answer(Path(request["path"]), request["name"], bounds, readers, answers)
    shutil.rmtree(scratch, ignore_errors=True)


def _answer(path: Path, name: str, bounds: Bounds, readers: Mapping[str, Reader], answers: IO[bytes]) -> None:
    rows = 0
    with expanding(Expansion(bounds.expansion), readers):
        for item in read(path, name, readers):
            if isinstance(item, Document):
                if len(item.text) > bounds.text:
                    item = Failure(
                        item.name, f"its text is longer than {bounds.text:,} letters: split it, or leave it out"
                    )
            else:
                rows += 1
                if rows > bounds.rows:
                    send(
                        answers,
                        packed(Failure(name, f"more than {bounds.rows:,} parts of it were not read: repair it")),
                    )
                    break
            send(answers, packed(item))
    now, peak = resident()
    send(answers, {"end": True, "memory": now, "peak": peak})


def packed(item: Item) -> dict[str, Any]:
    """An item as a message."""
    match item:
        case Document():
            return {
                "document": item.name,
                "text": item.text,
                "title": item.title,
                "markup": item.markup,
                "pages": [(page.start, page.number) for page in item.pages],
                "metadata": dict(item.metadata),
                "labels": sorted(item.labels),
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
        pages=tuple(Page(start, number) for start, number in message["pages"]),
        metadata=message["metadata"],
        labels=frozenset(message["labels"]),
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
    return cast("dict[str, Any]", json.loads(stream.read(length).decode("utf-8", "surrogateescape")))


def messages(buffer: bytearray) -> Iterator[dict[str, Any]]:
    """The whole messages at the start of `buffer`, which are taken out of it."""
    while len(buffer) >= _LENGTH.size:
        (length,) = _LENGTH.unpack_from(buffer)
        end = _LENGTH.size + length
        if len(buffer) < end:
            return
        data = bytes(buffer[_LENGTH.size : end])
        del buffer[:end]
        yield json.loads(data)


def _named(where: str) -> Reader:
    module, _, function = where.partition(":")
    return cast("Reader", getattr(import_module(module), function))


if __name__ == "__main__":
    main()

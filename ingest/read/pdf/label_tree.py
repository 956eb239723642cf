"""Can a PDF's tree of page labels be walked, or does it lead in circles?

PDFium follows it without counting its steps, and one that never ends takes the whole process down. So the file's bytes
are looked at first: every object that the tree may lead to, by every definition of it that can be seen.
"""

from __future__ import annotations

import mmap
import re
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

_DEEPEST = 8  # levels; a million pages need four
_MOST = 20_000  # steps
_LARGEST = 64 << 20  # bytes of objects that are packed
_MOST_READ = 4 << 30  # bytes that are searched for objects
_LABELS = re.compile(rb"/PageLabels\s*(?:(\d+)\s+\d+\s+R\b|(?=<<))")
_PACKED = re.compile(rb"/ObjStm\b")
_FIRST = re.compile(rb"/First\s+(\d{1,9})\b")
_STREAM = re.compile(rb"stream\r?\n")
_REFERENCE = re.compile(rb"\b(\d{1,10})\s+\d{1,5}\s+R\b")
_TOKEN = re.compile(rb"<<|>>|\((?:\\.|[^\\()])*\)", re.DOTALL)


def ends(path: Path) -> bool:
    """Whether there is a tree of labels, and it is small enough to be walked."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        try:
            return _Objects(data).is_tree()
        except (zlib.error, ValueError):  # packed in a way that is not looked into
            return False


class _Objects:
    """What the file's objects are, as far as their bytes show it."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self._packed: dict[int, list[bytes]] = defaultdict(list)
        for number, body in _unpacked(data):
            self._packed[number].append(body)
        self._left = _MOST_READ

    def is_tree(self) -> bool:
        nodes: Counter[int] = Counter()
        found = False
        texts: list[bytes | mmap.mmap] = [self._data, *(body for bodies in self._packed.values() for body in bodies)]
        for text in texts:
            for label in _LABELS.finditer(text):
                found = True
                if label[1]:
                    nodes[int(label[1])] += 1
                else:
                    nodes.update(_referred(_dictionary(text, label.end())))
        for _ in range(_DEEPEST):
            if not nodes:
                return found
            below: Counter[int] = Counter()
            for number, count in nodes.items():
                bodies = self._bodies(number)
                if not bodies:
                    return False  # it is somewhere that was not seen
                for body in bodies:
                    for inner in _referred(body):
                        below[inner] += count
            if below.total() > _MOST:
                return False
            nodes = below
        return False

    def _bodies(self, number: int) -> list[bytes]:
        """Every definition of an object: an update of the file may have given it another."""
        bodies = list(self._packed.get(number, ()))
        self._left -= len(self._data)
        if self._left < 0:
            return []
        for begin in re.finditer(rb"(?<!\d)0*%d\s+\d{1,5}\s+obj\b" % number, self._data):
            end = self._data.find(b"endobj", begin.end())
            bodies.append(self._data[begin.end() : min(end if end >= 0 else len(self._data), begin.end() + (1 << 20))])
        return bodies


def _referred(body: bytes) -> Iterator[int]:
    return (int(found[1]) for found in _REFERENCE.finditer(body))


def _dictionary(text: bytes | mmap.mmap, start: int) -> bytes:
    """The dictionary that begins here."""
    depth = 0
    for token in _TOKEN.finditer(text, start):
        depth += {b"<<": 1, b">>": -1}.get(token[0], 0)
        if depth == 0:
            return text[start : token.end()]
    raise ValueError("it has no end")


def _unpacked(data: mmap.mmap) -> Iterator[tuple[int, bytes]]:
    """The objects that are packed together in streams, with their numbers."""
    left = _LARGEST
    for found in _PACKED.finditer(data):
        begin = _STREAM.search(data, found.end())
        if begin is None:
            raise ValueError("it has no stream")
        around = data[max(0, data.rfind(b"obj", 0, found.start())) : begin.start()]
        if b"/DecodeParms" in around or (first := _FIRST.search(around)) is None:
            raise ValueError("packed in another way")
        inner = zlib.decompressobj().decompress(data[begin.end() : begin.end() + left], left)
        left -= len(inner)
        if left <= 0:
            raise ValueError("too much")
        head, body = inner[: int(first[1])].split(), inner[int(first[1]) :]
        places = sorted((int(place), int(number)) for number, place in zip(head[::2], head[1::2], strict=False))
        for (place, number), (end, _) in zip(places, [*places[1:], (len(body), 0)], strict=True):
            yield number, body[place:end]

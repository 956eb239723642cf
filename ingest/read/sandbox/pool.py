"""How are many files read, each where it can do no harm? By processes of their own, a few at once, in order.

While one file's documents are taken, the next files are being read; a process that takes too long or too much, or
breaks down, is ended and replaced, and the file is a Failure.
"""

from __future__ import annotations

import json
import os
import selectors
import shutil
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any, Self

import ingest
from ingest.bounds import Bounds
from ingest.model import Document, Failure
from ingest.read.registry import SCRATCH, Item, Reader
from ingest.read.sandbox.confine import OUT_OF_MEMORY
from ingest.read.sandbox.process import bounded, messages, send, unpacked
from ingest.read.sandbox.spent import Spent
from ingest.source import Source, moved

_PACKAGES = str(Path(ingest.__path__[0]).parent)  # where `ingest` lies: the same name may mean something else by now
_BOOT = (
    "import json, sys; places = json.loads(sys.argv[1]); sys.path[:] = places[:1]; import ingest; "
    "sys.path[:] = places[1:]; from ingest.read.sandbox.process import main; main()"
)
_START = 120.0  # seconds that a process may take to be ready, on a machine that is busy
_LAST_BREATH = 5.0  # seconds in which a process that has closed its pipe must be gone
_LOOK = 0.1  # seconds between two looks at what a process does
_PIECE = 1 << 20
_LIGHT = 160 << 20  # bytes that a process may hold between two files; more, and a fresh one is fairer to the next file
_MOST = 4  # processes: the encoder has more to do than they


class Workers:
    """Processes that read files, to be closed. They start when they are needed and stay for the next ingest.

    A plugin's reader is imported by its name in them; one that cannot be (it was defined in a script), or that says
    `confined = False` because it starts a program, runs here.
    `peak_memory` is the largest resident size, in bytes, that any of them told of.
    """

    def __init__(
        self,
        readers: Mapping[str, Reader] = {},
        bounds: Bounds = Bounds(),  # noqa: B008 - it is frozen
        count: int | None = None,
    ) -> None:
        self._readers = {suffix.lower(): reader for suffix, reader in readers.items()}
        self._named = {suffix: name for suffix, reader in self._readers.items() if (name := _importable(reader))}
        self._bounds = bounds
        self._count = count or max(1, min(_MOST, os.cpu_count() or 1))
        self._idle: list[_Worker] = []
        self.peak_memory = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Ends the processes."""
        while self._idle:
            self._idle.pop().end()

    def read(self, sources: Iterable[Source]) -> Iterator[tuple[Source, Iterator[Item]]]:
        """Each file with its documents, in the order given; what is not taken of one is lost when the next is asked."""
        queue = iter(sources)
        reading: deque[tuple[Source, _Worker | None]] = deque()
        busy = 0
        try:
            while True:
                while busy < self._count and (source := next(queue, None)) is not None:
                    worker = None if self._runs_here(source) else self._begun(source)
                    busy += worker is not None
                    reading.append((source, worker))
                if not reading:
                    return
                source, worker = reading[0]
                items = self._here(source) if worker is None else self._items(source, worker)
                yield source, items
                for _ in items:
                    pass
                reading.popleft()
                if worker is not None:
                    busy -= 1
                    if worker.alive and worker.memory <= _LIGHT:
                        self._idle.append(worker)
                    else:
                        worker.end()
        finally:
            for _, worker in reading:
                if worker is not None:
                    worker.end()

    def _runs_here(self, source: Source) -> bool:
        suffix = source.path.suffix.lower()
        return suffix in self._readers and suffix not in self._named

    def _here(self, source: Source) -> Iterator[Item]:
        if lost := moved(source):
            yield lost
            return
        yield from bounded(source.path, source.name, self._bounds, self._readers)

    def _begun(self, source: Source) -> _Worker:
        worker = self._idle.pop() if self._idle else _Worker(self._bounds, self._named)
        if not worker.begin(source):  # it ended while it had nothing to do
            worker.end()
            worker = _Worker(self._bounds, self._named)
            worker.begin(source)
        return worker

    def _items(self, source: Source, worker: _Worker) -> Iterator[Item]:
        yield from worker.items(source)
        self.peak_memory = max(self.peak_memory, worker.peak)


class _Worker:
    """One process, from the side of who asks it."""

    def __init__(self, bounds: Bounds, readers: Mapping[str, str]) -> None:
        self._bounds = bounds
        self._buffer = bytearray()
        self.alive, self.memory, self.peak = True, 0, 0
        self._scratch = tempfile.mkdtemp(prefix=SCRATCH)
        # The current folder comes last: a plugin's reader may lie there, nothing else is looked for there first
        places = [_PACKAGES, *sorted(sys.path, key=lambda place: place == "")]
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-c", _BOOT, json.dumps([str(Path(place).absolute()) for place in places])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(self._scratch),
        )
        assert self._process.stdout is not None  # it is a pipe
        self._output = self._process.stdout.fileno()
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._output, selectors.EVENT_READ)
        self._ready = self._garbled = False
        self._spent = Spent(self._process.pid)
        self._tell({"scratch": self._scratch, "bounds": asdict(bounds), "readers": dict(readers)})

    def begin(self, source: Source) -> bool:
        """Has it read a file; False if it is not there any more."""
        self._spent.begin()
        return self._process.poll() is None and self._tell(
            {"path": os.fspath(source.path), "name": source.name, "real": os.fspath(source.real or "")}
        )

    def items(self, source: Source) -> Iterator[Item]:
        """What it finds in the file that it was told to begin with; a Failure if it does not come to an end."""
        try:
            size = source.path.stat().st_size
        except OSError:
            size = 0
        spent, letters = self._spent, 0
        while True:
            silent, used = spent.silent, spent.used

            def is_over(silent: float = silent, used: float = used, letters: int = letters) -> bool:
                return (
                    spent.silent - silent > self._bounds.patience(size)
                    or spent.used - used > self._bounds.work(size)
                    or spent.silent + spent.used > self._bounds.time(size, letters)
                )

            match message := self._next(is_over):
                case None:
                    yield Failure(source.name, self._cause(spent.silent + spent.used))
                    return
                case {"ready": processor}:
                    self._ready, spent.before = True, processor
                case {"end": _, "memory": memory, "peak": peak}:
                    self.memory, self.peak = memory, peak
                    return
                case _:
                    item = unpacked(message)
                    letters += len(item.text) if isinstance(item, Document) else 0
                    if letters > (most := self._bounds.letters(size)):
                        self.end()
                        yield Failure(source.name, f"its documents have more than {most:,} letters together: split it")
                        return
                    yield item

    def end(self) -> None:
        """Ends the process, whatever it does."""
        self.alive = False
        with suppress(OSError):
            self._process.kill()
        self._process.wait()
        self._selector.close()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        shutil.rmtree(self._scratch, ignore_errors=True)

    def _tell(self, message: Mapping[str, Any]) -> bool:
        assert self._process.stdin is not None  # it is a pipe
        try:
            send(self._process.stdin, message)
        except BrokenPipeError:
            return False
        return True

    def _next(self, is_over: Callable[[], bool]) -> dict[str, Any] | None:
        """The next message; None when the process is over, or its time is.

        While its documents are split it is not what takes the time, so only what passes here counts as silence.
        """
        began = time.monotonic()
        self._spent.listen()
        while (message := self._first()) is None and not self._garbled:
            heard = self._selector.select(_LOOK)
            waited = time.monotonic() - began
            if self._ready:
                self._spent.look(waited, heard=bool(heard))
            if not heard:
                if is_over() if self._ready else waited > _START:
                    self._look()
                    return None
                continue
            piece = os.read(self._output, _PIECE)
            if not piece:
                self.alive = False
                return None
            self._buffer += piece
        return message

    def _first(self) -> dict[str, Any] | None:
        """The first message that is here, if one is whole."""
        try:
            return next(messages(self._buffer, self._bounds.message), None)
        except ValueError:
            self._garbled = True
            return None

    def _look(self) -> None:
        """How much memory the process holds just before it is ended."""
        with suppress(OSError, StopIteration):
            status = Path(f"/proc/{self._process.pid}/status").read_text("ascii", "replace")
            line = next(line for line in status.splitlines() if line.startswith("VmHWM"))
            self.peak = int(line.split()[1]) << 10

    def _cause(self, waited: float) -> str:
        """Why no more came, in words, after which the process is gone."""
        hung = self.alive and not self._garbled
        if not self.alive:
            with suppress(subprocess.TimeoutExpired):  # its pipe is closed a moment before it is gone
                self._process.wait(_LAST_BREATH)
        self.end()
        status = self._process.returncode
        if hung:
            return f"it was not read within {waited:.0f} s: split it, or raise [ingest] seconds if it is sound"
        if status == OUT_OF_MEMORY:
            self.peak = self._bounds.memory
            memory = self._bounds.memory >> 20
            return (
                f"reading it takes more than {memory} MB of memory: split it, or raise [ingest] memory if it is sound"
            )
        why = "it sent what is no document" if self._garbled else f"status {status}"
        return f"its reader broke down ({why}): the file is damaged, or too large for it; repair or split it"


def _environment(scratch: str) -> dict[str, str]:
    """No more of the surroundings than Python needs: keys and tokens stay here."""
    kept = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TZ", "SYSTEMROOT")
    known = {name: os.environ[name] for name in kept if name in os.environ}
    return {**known, "TMPDIR": scratch, "HOME": scratch, "PYTHONHASHSEED": "0", "OMP_NUM_THREADS": "1"}


def _importable(reader: Reader) -> str | None:
    """`module:function`, if that is where this very reader can be found by another process, and may run in one."""
    if not getattr(reader, "confined", True):
        return None
    module, name = getattr(reader, "__module__", None), getattr(reader, "__qualname__", "")
    if module in {None, "__main__"} or not name.isidentifier():
        return None
    try:
        return f"{module}:{name}" if getattr(import_module(str(module)), name) is reader else None
    except (ImportError, AttributeError):
        return None

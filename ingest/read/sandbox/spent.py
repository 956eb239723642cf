"""What has a file taken of the time that it may take? Its process's own, and that in which it waited for nothing near.

Time in which the process would have run, had the machine not been busy with others, is not the file's: what an index
holds must not depend on what else a machine does.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from ingest.model import Failure

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
LATE = "not been read in the time that a file may take: split the file, or raise [ingest] seconds"
_LOOK = 0.25  # seconds between two looks at how long the process has waited
_ASKED: ContextVar[_Asked | None] = ContextVar("asked", default=None)


@dataclass(slots=True)
class Spent:
    """The seconds that a file has taken: of the processor in its process, and in silence, waiting."""

    process: int
    before: float = 0.0  # seconds of the processor that the process had taken when the file began
    used: float = 0.0
    silent: float = 0.0
    _then: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def begin(self) -> None:
        """A file begins now."""
        self.before = _looked(self.process).processor
        self.used = self.silent = 0.0

    def listen(self) -> None:
        """From now on the process is waited for."""
        seen = _looked(self.process)
        self._then = self.silent, seen.processor, seen.queued

    def look(self, waited: float, *, heard: bool) -> None:
        """So long it has been waited for since `listen`; `heard` says whether something came just now."""
        seen = _looked(self.process)
        self.used = max(self.used, seen.processor - self.before)
        if heard or not seen.is_running:  # of one that queues the kernel tells how long as soon as its turn has come
            silent, processor, queued = self._then
            self.silent = max(self.silent, silent + waited - (seen.processor - processor) - (seen.queued - queued))


@contextmanager
def handing_over(work: float, silence: float) -> Iterator[None]:
    """Within, `is_late` asks for what was read once it has taken so many seconds of the processor, or waiting."""
    token = _ASKED.set(_Asked(time.process_time() + work, silence, time.monotonic(), _looked(os.getpid())))
    try:
        yield
    finally:
        _ASKED.reset(token)


def is_late() -> bool:
    """Whether a reader is to hand over what it has read of the file, and to name the rest as not read.

    It is ended soon if it goes on, and what it has not given is lost then.
    """
    asked = _ASKED.get()
    return asked is not None and (time.process_time() > asked.end or asked.has_waited())


def unread(name: str, share: float) -> Failure:
    """What is said of a file of which so much, from 0 to 1, is not read, since `is_late` said so."""
    percent = min(99, max(1, round(100 * share)))
    return Failure(name, f"the last {percent} % of it has {LATE}")


@dataclass(slots=True)
class _Asked:
    """When a reader is to hand over: at this time of its processor, or after so many seconds of silence."""

    end: float
    silence: float
    began: float
    then: _Looked
    looked: float = 0.0

    def has_waited(self) -> bool:
        """Looked at now and then, since readers ask often."""
        now = time.monotonic()
        if now - max(self.began, self.looked) < _LOOK:
            return False
        self.looked = now
        seen = _looked(os.getpid())
        worked = seen.processor - self.then.processor + seen.queued - self.then.queued
        if now - self.began - worked > self.silence:
            self.end = 0.0  # and from now on it is late
        return self.end == 0.0


@dataclass(frozen=True, slots=True)
class _Looked:
    """What the kernel tells of a process: whether it runs, or would; seconds of the processor, and in its queue."""

    is_running: bool = False
    processor: float = 0.0
    queued: float = 0.0


def _looked(process: int) -> _Looked:
    """Where the kernel tells nothing every second counts as waiting, as if the machine had nothing else to do."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        queued = Path(f"/proc/{process}/schedstat").read_text("ascii").split()[1]
        return _Looked(fields[0] == "R", (int(fields[11]) + int(fields[12])) / _TICKS, int(queued) / 1e9)
    except (OSError, ValueError, IndexError):
        return _Looked()

"""Is a reader to hand over what it has read, since its file has nearly taken the time that it may take?

It asks itself, in the process that reads; who waits for that process counts the same time from outside (`spent.py`).
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from ingest.model import Failure
from ingest.read.sandbox.spent import Seen, look_at

LATE = "not been read in the time that a file may take: split the file, or raise [ingest] seconds"
_LOOK = 0.25  # seconds between two looks at how long the process has waited
_ASKED: ContextVar[_Asked | None] = ContextVar("asked", default=None)


@contextmanager
def handing_over(work: float, silence: float) -> Iterator[None]:
    """Within, `is_late` asks for what was read once it has taken so many seconds of the processor, or waiting."""
    token = _ASKED.set(_Asked(time.process_time() + work, silence, time.monotonic(), look_at(os.getpid())))
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
    then: Seen
    looked: float = 0.0

    def has_waited(self) -> bool:
        """Looked at now and then, since readers ask often."""
        now = time.monotonic()
        if now - max(self.began, self.looked) < _LOOK:
            return False
        self.looked = now
        seen = look_at(os.getpid())
        worked = seen.processor - self.then.processor + seen.queued - self.then.queued
        if now - self.began - worked > self.silence:
            self.end = 0.0  # and from now on it is late
        return self.end == 0.0

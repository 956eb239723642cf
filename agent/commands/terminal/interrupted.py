"""What becomes of a command that is told to end? It unwinds as at Ctrl-C, and leaves nothing begun behind."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def ending_as_interrupted() -> Iterator[None]:
    """Within, SIGTERM raises KeyboardInterrupt; by default it ends the process where it stands."""
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)

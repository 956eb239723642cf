"""What has a file taken of the time that it may take? Its process's own, and that in which it waited for nothing near.

Time in which the process would have run, had the machine not been busy with others, is not the file's: what an index
holds must not depend on what else a machine does.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100


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
        self.before = look_at(self.process).processor
        self.used = self.silent = 0.0

    def listen(self) -> None:
        """From now on the process is waited for."""
        seen = look_at(self.process)
        self._then = self.silent, seen.processor, seen.queued

    def look(self, waited: float, *, heard: bool) -> None:
        """So long it has been waited for since `listen`; `heard` says whether something came just now."""
        seen = look_at(self.process)
        self.used = max(self.used, seen.processor - self.before)
        if heard or not seen.is_running:  # of one that queues the kernel tells how long as soon as its turn has come
            silent, processor, queued = self._then
            self.silent = max(self.silent, silent + waited - (seen.processor - processor) - (seen.queued - queued))


@dataclass(frozen=True, slots=True)
class Seen:
    """What the kernel tells of a process: whether it runs, or would; seconds of the processor, and in its queue."""

    is_running: bool = False
    processor: float = 0.0
    queued: float = 0.0


def look_at(process: int) -> Seen:
    """Where the kernel tells nothing every second counts as waiting, as if the machine had nothing else to do."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        queued = Path(f"/proc/{process}/schedstat").read_text("ascii").split()[1]
        return Seen(fields[0] == "R", (int(fields[11]) + int(fields[12])) / _TICKS, int(queued) / 1e9)
    except (OSError, ValueError, IndexError):
        return Seen()

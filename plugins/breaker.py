"""May a tool be called again that failed again and again? Not for a while; then once, to see whether it works again.

`Circuit` is what is known of one tool, and pure: the time is handed in. `Breakers` keeps those of a process.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

FAILURES = 5
"""So many calls that fail one after the other, by whichever run, bar a tool."""

PAUSE = 30.0
"""For so many seconds; each time that it then fails again for twice as long, but for no longer than `LONGEST`."""

LONGEST = 480.0


@dataclass(frozen=True, slots=True)
class Circuit:
    """How a tool fared: its `failures` since it last worked, and until when it is barred, if it is.

    Of all that come when its time is over one is let through, `trying`; what becomes of it decides.
    """

    failures: int = 0
    until: float | None = None
    trying: bool = False

    def barred(self, now: float) -> float:
        """For how many seconds it is not to be called; 0 where it may be."""
        if self.until is None:
            return 0.0
        if self.trying:
            return max(self.until - now, 1.0)
        return max(self.until - now, 0.0)

    def begun(self) -> Circuit:
        """After a call was let through."""
        return self if self.until is None else replace(self, trying=True)

    def worked(self) -> Circuit:
        """After it answered, be it to say that it was asked wrongly."""
        return Circuit()

    def failed(self, now: float) -> Circuit:
        """After it gave no answer."""
        failures = self.failures + 1
        if failures < FAILURES:
            return Circuit(failures)
        return Circuit(failures, now + min(PAUSE * 2 ** min(failures - FAILURES, 10), LONGEST))

    def abandoned(self) -> Circuit:
        """After whoever called it went away: nothing is known of how it would have fared."""
        return replace(self, trying=False)


@dataclass(slots=True)
class Breakers:
    """The circuits of the tools of a process, whichever thread calls them."""

    clock: Callable[[], float] = time.monotonic
    _circuits: dict[str, Circuit] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, tool: str) -> float:
        """0 where it is let through, which is to be `settle`d; else for how many seconds it is barred."""
        with self._lock:
            circuit = self._circuits.get(tool, Circuit())
            barred = circuit.barred(self.clock())
            if not barred:
                self._circuits[tool] = circuit.begun()
            return barred

    def settle(self, tool: str, worked: bool | None) -> None:
        """What became of a call that was let through; None where nobody waited for it."""
        with self._lock:
            circuit = self._circuits.get(tool, Circuit())
            if worked is None:
                self._circuits[tool] = circuit.abandoned()
            else:
                self._circuits[tool] = circuit.worked() if worked else circuit.failed(self.clock())

"""How far is it? One line that is rewritten on a terminal, a plain line now and then elsewhere; always on stderr.

What takes long without a word is said again with the seconds that it has taken, so that no command is silent.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from agent.commands.terminal.output import width

if TYPE_CHECKING:
    from ingest.pipeline import Progress

_ON_TERMINAL, _ELSEWHERE = 0.2, 10.0  # seconds between two lines
_FIRST = 4.0  # seconds before the first line elsewhere
_SURE = 3.0  # seconds after which a rate is one
_SHARE = 0.1  # of the bytes to be read, before which nobody knows what the others hold
_QUIET = 2.0  # seconds after which it is said how long the same has been going on


class ProgressLine:
    """Says how far something is, not too often; nothing where `quiet`. A command's goes on by itself until `done`."""

    def __init__(self, *, quiet: bool = False, clock: Callable[[], float] = time.monotonic) -> None:
        self._quiet = quiet
        self._clock = clock
        self._terminal = sys.stderr.isatty()
        self._said = clock() - (_ON_TERMINAL if self._terminal else _ELSEWHERE - _FIRST)
        self._shown = False
        self._latest: tuple[str, float] | None = None
        self._ended = threading.Event()
        self._writing = threading.Lock()
        if not quiet and (context := click.get_current_context(silent=True)) is not None:
            context.call_on_close(self.done)  # whatever ends the command, nothing is said after it
            threading.Thread(target=self._beat, daemon=True).start()

    def say(self, text: str) -> None:
        """Shows the text, if it is time."""
        self._latest = text, self._clock()
        self._show(text)

    def still(self) -> None:
        """Shows the latest text again, with how long it has been the latest, if it is time."""
        if self._latest is not None:
            text, since = self._latest
            took = self._clock() - since
            if took >= _QUIET:
                self._show(f"{text} · {duration(round(took))}")

    def done(self) -> None:
        """Clears the line."""
        self._ended.set()
        self._latest = None
        with self._writing:
            if self._shown and self._terminal:
                click.echo("\r\x1b[2K", err=True, nl=False)
            self._shown = False

    def _show(self, text: str) -> None:
        with self._writing:
            now = self._clock()
            if self._quiet or now - self._said < (_ON_TERMINAL if self._terminal else _ELSEWHERE):
                return
            self._said = now
            self._shown = True
            if self._terminal:  # a line that wraps could not be taken back
                click.echo(f"\r\x1b[2K{text[: width() - 1]}", err=True, nl=False)
            else:
                click.echo(text, err=True)

    def _beat(self) -> None:
        while not self._ended.wait(1.0):
            self.still()


class Rate:
    """Says how far an ingest is, how fast, and how long it still takes."""

    def __init__(self, say: Callable[[str], None], *, clock: Callable[[], float] = time.monotonic) -> None:
        self._say = say
        self._clock = clock
        self._began: float | None = None

    def __call__(self, progress: Progress, encoded: int) -> None:
        now = self._clock()
        if encoded and self._began is None:
            self._began = now  # loading the encoder is not its rate
        elapsed = now - (now if self._began is None else self._began)
        chunks = max(progress.chunks, encoded)  # those of the document at hand are not counted yet
        parts = [f"{progress.done} of {progress.files} files", f"{encoded:,} of {chunks:,} chunks encoded"]
        if elapsed > _SURE:
            rate = encoded / elapsed
            parts.append(f"{rate:.{0 if rate >= 10 else 1}f} a second")
            if progress.chunks and progress.read >= _SHARE * progress.size:
                left = (progress.chunks * progress.size / progress.read - encoded) / rate
                parts += [f"about {duration(round(left))} left"] if left >= 1 else []
        self._say(" · ".join(parts))


def duration(seconds: float) -> str:
    """`0.4 s`, `6 s`, `12 s`, `3 min 5 s`, `1 h 2 min`."""
    if seconds < 10:
        return f"{seconds:.1f}".removesuffix(".0") + " s"
    if round(seconds) < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"

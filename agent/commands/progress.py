"""How far is it? One line that is rewritten on a terminal, a plain line now and then elsewhere; always on stderr."""

from __future__ import annotations

import sys
import time

import click

_ON_TERMINAL, _ELSEWHERE = 0.2, 10.0  # seconds between two lines


class ProgressLine:
    """Says how far something is, not too often; nothing where `quiet`."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty()
        self._said = time.monotonic() - (0 if not self._terminal else _ON_TERMINAL)
        self._shown = False

    def say(self, text: str) -> None:
        """Shows the text, if it is time."""
        now = time.monotonic()
        if self._quiet or now - self._said < (_ON_TERMINAL if self._terminal else _ELSEWHERE):
            return
        self._said = now
        self._shown = True
        click.echo(f"\r\x1b[2K{text}" if self._terminal else text, err=True, nl=not self._terminal)

    def done(self) -> None:
        """Clears the line."""
        if self._shown and self._terminal:
            click.echo("\r\x1b[2K", err=True, nl=False)
        self._shown = False


def duration(seconds: float) -> str:
    """`0.4 s`, `12 s`, `3 min 5 s`, `1 h 2 min`."""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"

"""What is going on just now? The model's words on a terminal, until the checked answer takes their place."""

from __future__ import annotations

import shutil
import sys
import unicodedata

import click

from agent.plain import in_a_line, plain


class Draft:
    """Dim words on stderr that are taken back before anything else is shown; nothing where that is no terminal.

    No more is shown than can be taken back: what has left the screen stays with the reader, checked or not.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self.shows = not quiet and sys.stderr.isatty()
        self._rows = self._column = 0

    def add(self, text: str) -> None:
        """Shows more words."""
        if not self.shows:
            return
        columns, lines = shutil.get_terminal_size()
        shown = []
        for letter in plain(text).replace("\t", " "):
            width = _width(letter)
            if letter == "\n" or self._column + width > columns:
                if self._rows + 2 >= lines:
                    break
                self._rows, self._column = self._rows + 1, 0
            self._column += width
            shown.append(letter)
        click.echo(click.style("".join(shown), dim=True), err=True, nl=False)

    def clear(self) -> None:
        """Takes back what was shown."""
        if self._rows or self._column:
            up = f"\x1b[{self._rows}A" if self._rows else ""
            click.echo(f"{up}\r\x1b[J", err=True, nl=False)
            self._rows = self._column = 0

    def note(self, text: str) -> None:
        """A line that stays, in place of what was shown."""
        self.clear()
        if self.shows:
            columns, text = shutil.get_terminal_size().columns, in_a_line(text)
            short = text if len(text) < columns else f"{text[: columns - 2]}…"
            click.echo(click.style(short, dim=True), err=True)


def _width(letter: str) -> int:
    """How many columns a letter takes."""
    if unicodedata.category(letter) in {"Mn", "Me", "Cf", "Cc"}:
        return 0
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 1

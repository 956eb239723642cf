"""`citewell ingest --watch`: the index is kept in step with folders, with the gate in between."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from glob import has_magic
from pathlib import Path
from typing import NoReturn

import click

from agent.cli import fail
from agent.commands.output import plain
from ingest.model import CitewellError

_QUIET = 1_000  # milliseconds without a change, after which what changed is ingested
_LOOK = 2_000  # milliseconds between two looks at whether an ingest is still owed


def keep_in_step(paths: Sequence[str], home: Path, ingest: Callable[[], None]) -> NoReturn:
    """Calls `ingest` now, and after each change below `paths`, until it is interrupted.

    What goes wrong in the first round is raised; later it is said, and tried again with the next change, or at once
    when it was another ingest that stood in the way.
    """
    changes = _changes(paths, home)
    next(changes)  # what changes during the first ingest is seen too
    try:
        ingest()
        _say(f"watching {', '.join(paths)}; Ctrl-C ends it")
        owed = False
        for changed in changes:
            if not changed and not owed:
                continue
            owed = False
            try:
                ingest()
            except CitewellError as error:
                owed = error.code == "busy"
                _say(str(error))
    except KeyboardInterrupt:
        pass
    fail(130)


def _changes(paths: Sequence[str], home: Path) -> Iterator[bool]:
    """Whether something changed, over and over: at the latest every `_LOOK` milliseconds."""
    from watchfiles import DefaultFilter, watch

    places = {_place(Path(path)) for path in paths}
    if missing := [place for place in places if not place.exists()]:
        raise click.UsageError(f"{missing[0]} does not exist: check the path, which is taken from {Path.cwd()}.")
    filter = DefaultFilter(ignore_paths=[home.resolve(), home.absolute()])
    for changed in watch(
        *places, watch_filter=filter, step=_QUIET, rust_timeout=_LOOK, yield_on_timeout=True, raise_interrupt=True
    ):
        yield bool(changed)


def _place(path: Path) -> Path:
    """The folder to watch: a file's own, since many programs put a new file in the place of the old one."""
    while has_magic(str(path)) and not path.exists():
        path = path.parent
    path = path.absolute()
    return path if path.is_dir() else path.parent


def _say(text: str) -> None:
    click.echo(plain(text), err=True, file=sys.stderr)

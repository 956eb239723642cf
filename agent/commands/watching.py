"""How is an index kept in step with folders? `citewell ingest --watch`, with the gate in between."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from agent.commands.shared import fail
from agent.plain import plain
from ingest.errors import CitewellError
from retrieval.versions.home import Busy

if TYPE_CHECKING:
    from watchfiles import Change

_QUIET = 1_000  # milliseconds without a change, after which what changed is ingested
_LOOK = 2_000  # milliseconds between two looks at whether an ingest is still owed


def keep_in_step(paths: Sequence[str], home: Path, ingest: Callable[[], None]) -> NoReturn:
    """Calls `ingest` now, and after each change below `paths`, until it is interrupted.

    What goes wrong in the first round is raised; later it is said, and tried again with the next change, or at the next
    look when it was another ingest that stood in the way, or a disk that did not answer.
    """
    changes = _changes(paths, home)
    next(changes)  # what changes during the first ingest is seen too
    try:
        ingest()
        _say(f"watching {', '.join(paths)}; Ctrl-C ends it")
        owed, told = False, ""
        for changed in changes:
            if not changed and not owed:
                continue
            owed = False
            try:
                ingest()
            except CitewellError as error:
                owed = isinstance(error, Busy)
                _say(str(error))
            except OSError as error:
                owed = True
                if told != (told := str(error)):
                    _say(f"{told}; it is tried again until it works.")
            else:
                told = ""
    except KeyboardInterrupt:
        pass
    fail(130)


def _changes(paths: Sequence[str], home: Path) -> Iterator[bool]:
    """Whether something changed, over and over: at the latest every `_LOOK` milliseconds."""
    from watchfiles import Change, watch

    places = sorted({_place(Path(path)) for path in paths})
    if missing := [place for place in places if not place.exists()]:
        raise click.UsageError(f"{missing[0]} does not exist: check the path, which is taken from {Path.cwd()}.")
    concerns = _Concerns(places, home)
    replaced = False
    while True:
        watched = {place: inode for place in places if (inode := _inode(place))}
        looks = watch(*watched, watch_filter=concerns, step=_QUIET, rust_timeout=_LOOK, yield_on_timeout=True)
        with closing(looks), suppress(FileNotFoundError):  # a folder that went between the two lines above
            for changed in looks:
                yield bool(changed) or replaced
                gone = {path for change, path in changed if change == Change.deleted}
                # By name too: a folder that was made anew may have got the inode of the one that is gone.
                replaced = any(str(place) in gone or _inode(place) != watched.get(place) for place in places)
                if replaced:
                    break  # what is watched stood there before: begin again with what stands there now


class _Concerns:
    """Whether a changed path can change the index: not in the home, nor below what is always passed over.

    A name like `.venv` counts only below the watched place, since a place that is named is always read.
    """

    def __init__(self, places: Sequence[Path], home: Path) -> None:
        from watchfiles import DefaultFilter

        self._usual = DefaultFilter()
        self._places = [_real(place) for place in places]
        self._home = _real(home)

    def __call__(self, change: Change, path: str) -> bool:
        real = _real(Path(path))
        if real.is_relative_to(self._home):
            return False
        within = [real.relative_to(place) for place in self._places if real.is_relative_to(place)]
        return not within or any(self._usual(change, str(inner)) for inner in within)


def _place(path: Path) -> Path:
    """The folder to watch: a file's own, since many programs put a new file in the place of the old one."""
    while has_magic(str(path)) and not path.exists():
        path = path.parent
    path = Path(os.path.abspath(path))  # noqa: PTH100 - resolve() follows links
    return path if path.is_dir() else path.parent


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _inode(place: Path) -> tuple[int, int] | None:
    """What tells a folder from another one in its place; None where there is none."""
    try:
        found = place.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _say(text: str) -> None:
    click.echo(plain(text), err=True, file=sys.stderr)

"""Do the five package names mean Citewell's packages here? Asked before the first of them is imported.

`agent` or `ingest` are names that an application may have itself. Where a folder on the import path or another
distribution answers to one of them, Citewell does not start, and says what to do; only the standard library is used.
"""

from __future__ import annotations

import os
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

NAMES = ("agent", "eval", "ingest", "plugins", "retrieval")
_HERE = Path(__file__).absolute().parent  # where they lie, beside this file
_APART = "install Citewell into an environment of its own (pipx, uv tool, or a container)"


class NameTaken(ImportError):
    """A package that Citewell needs is somebody else's; the message says whose, and what to do."""


def check_names() -> None:
    """Raises `NameTaken` where one of the packages is not Citewell's, or not as it was installed."""
    for name in NAMES:
        if (found := _found(name)) is not None and not _same(found, _HERE / name):
            raise NameTaken(f"Citewell needs the package name `{name}`, which here means {_whose(name, found)}.")
    installed = _installed()
    if installed and installed != (lying := _lying()):
        claims = _claims(_HERE)
        for name in NAMES:
            if name in claims:
                raise NameTaken(
                    f"{claims[name]} lies in the same environment as Citewell and has a package `{name}` too, so that "
                    f"files of one take the place of the other's: {_APART}."
                )
        if missing := sorted(installed.keys() - lying):
            raise NameTaken(f"Citewell's own file {_HERE / missing[0]} is missing: {_APART}.")


def _found(name: str) -> Path | None:
    """The folder or file that the import of a name would take; None where it is no single one."""
    try:
        spec = find_spec(name)
    except ValueError:  # something without a spec was put into `sys.modules`
        return None
    if spec is None or spec.origin is None:
        return None
    origin = Path(spec.origin)
    return origin.parent if origin.stem == "__init__" else origin


def _same(one: Path, other: Path) -> bool:
    if one == other:
        return True
    with suppress(OSError):  # in an archive neither is a file of its own
        return one.samefile(other)
    return False


def _whose(name: str, found: Path) -> str:
    """What was found instead, whose it is as far as that is known, and what to do."""
    place, told = found.parent, os.environ.get("PYTHONPATH")
    if told and any(_same(Path(entry).absolute(), place) for entry in told.split(os.pathsep)):
        return f"{found}: take {place} out of PYTHONPATH (`env -u PYTHONPATH …` does it for one command)"
    if name in (claims := _claims(place)):
        return f"{found}, installed by {claims[name]}: {_APART}"
    return f"{found}: rename that, or run Citewell as a program of its own (`citewell ask`, `citewell serve`)"


def _installed() -> dict[str, int]:
    """The size of each file as it was installed; nothing where the packages are those of a checkout."""
    sizes = {}
    for record in _HERE.glob("citewell-*.dist-info/RECORD"):
        for line in record.read_text("utf-8").splitlines():
            path, _, told = line.partition(",")
            size = told.rpartition(",")[2]
            if size and path.partition("/")[0] in NAMES and "__pycache__" not in path:
                sizes[path] = int(size)
    return sizes


def _lying() -> dict[str, int]:
    """The size of each file that lies in the packages now."""
    sizes, folders = {}, list(NAMES)
    while folders:
        folder = folders.pop()
        with suppress(FileNotFoundError), os.scandir(_HERE / folder) as entries:
            for entry in entries:
                path = f"{folder}/{entry.name}"
                if entry.is_dir():
                    folders += [path] if entry.name != "__pycache__" else []
                else:
                    sizes[path] = entry.stat().st_size
    return sizes


def _claims(place: Path) -> dict[str, str]:
    """What other distributions have put there: top-level name → distribution."""
    from importlib.metadata import distributions

    claims = {}
    for each in distributions(path=[str(place)]):
        if (name := each.metadata["Name"]) != "citewell":
            files = (each.read_text("RECORD") or each.read_text("top_level.txt") or "").splitlines()
            for top in {line.partition(",")[0].partition("/")[0] for line in files}:
                claims[top.removesuffix(".py")] = f"{name} {each.version}"
    return claims

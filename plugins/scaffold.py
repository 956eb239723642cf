"""How does a new plugin begin? As a package that `citewell plugins --check` passes: module, test, pyproject.toml."""

from __future__ import annotations

import keyword
import re
import sys
from pathlib import Path
from typing import ClassVar

from citewell_names import NAMES
from ingest.errors import CitewellError

_OURS = frozenset({*NAMES, "citewell", "citewell_names", "citewell_start"})

_PYPROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{name}"
version = "0.1.0"
description = "A Citewell plugin."
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["pluggy>=1.6"]

[project.entry-points.citewell]
main = "{module}"

[tool.hatch.build.targets.wheel]
only-include = ["{module}.py"]
"""

_MODULE = '''\
"""A Citewell plugin with one tool, to be replaced by your own."""

import pluggy


def {tool}(text: str) -> dict[str, int]:
    """Count the words and the letters of a text.

    Use when: the user asks how long a text is that they give themselves.
    Do not use when: documents are to be counted.

    Args:
        text: the text, as the user gave it
    """
    return {{"words": len(text.split()), "letters": sum(map(str.isalpha, text))}}


{tool}.effect = "read"  # it changes nothing: "write" changes something of yours, "external" reaches outside
{tool}.leaves = False  # what it is given stays on this machine
{tool}.timeout = 5  # seconds
{tool}.example = {{"text": "Three short words"}}  # with this `citewell plugins --check` calls it


@pluggy.HookimplMarker("citewell")
def citewell_tools():
    """The functions that a model may call."""
    return [{tool}]
'''

_TEST = '''\
"""Run it with pytest where Citewell and this plugin are installed."""

from plugins.conformance import check

import {module}


def test_words_and_letters_are_counted():
    assert {module}.{tool}("Three short words") == {{"words": 3, "letters": 15}}


def test_it_is_a_plugin_as_citewell_expects_one():
    assert [found for found in check("{name}") if not found.ok] == []
'''

_README = """\
# {name}

A Citewell plugin. Install it where Citewell is installed, and check it:

```sh
.venv/bin/pip install {folder}
.venv/bin/citewell plugins --check {name}
```

What makes it a plugin is the entry point in the group `citewell` in `pyproject.toml`; its tool is in `{module}.py`.
"""


class BadName(CitewellError):
    """A name that no plugin can have; or one that has a folder already."""

    code: ClassVar[str] = "bad_name"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 422


def write_plugin(name: str, into: Path) -> list[Path]:
    """The files of a new plugin, in a folder of its name, which may not be there yet. Raises `BadName`."""
    module = name.replace("-", "_")
    if not re.fullmatch(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)*", name) or len(name) > 50:
        raise BadName(f"{name!r} cannot name a plugin: use up to 50 small letters and digits, in words joined by `-`.")
    if module in _OURS or module in sys.stdlib_module_names or keyword.iskeyword(module):
        raise BadName(
            f"A module {module!r} is there already, in Python or in Citewell: use another name, my-{name} say."
        )
    folder = into / name
    files = {
        "pyproject.toml": _PYPROJECT,
        f"{module}.py": _MODULE,
        f"tests/test_{module}.py": _TEST,
        "README.md": _README,
    }
    try:
        folder.mkdir()
    except FileExistsError:
        raise BadName(f"{folder} is there already, and nothing in it is overwritten: use another name.") from None
    except OSError as fault:
        raise BadName(f"{folder} cannot be written ({fault.strerror}): name a folder that can, with --into.") from None
    told = {"name": name, "module": module, "tool": f"{module}_length", "folder": as_path(folder)}
    for path, text in files.items():
        (folder / path).parent.mkdir(exist_ok=True)
        (folder / path).write_text(text.format_map(told), encoding="utf-8")
    return [folder / path for path in files]


def as_path(folder: Path) -> str:
    """A folder as pip takes it: a bare name would be one of a registry's, and another's package."""
    return folder.as_posix() if folder.is_absolute() else f"./{folder.as_posix()}"

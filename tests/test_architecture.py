"""Do the pages for those who change the code name what is there?"""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = (ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md")
PACKAGES = ("agent", "eval", "ingest", "plugins", "retrieval")
CODE = re.compile(r"`([^`]+)`")
PATH = re.compile(r"(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|md|toml|txt)")
PLACE = re.compile(rf"({PATH.pattern}): ([\w.]+)")


def code(page):
    """What the page sets in backquotes, its fences aside, each on one line."""
    prose = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return [" ".join(found.split()) for found in CODE.findall(prose)]


def defined(path):
    """What a module defines, and what its classes do: `run`, `Citewell`, `Citewell.run`."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{inner.name}" for inner in node.body if hasattr(inner, "name"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_is_there_and_every_name_is_defined_in_its_file(page):
    paths = 0
    for words in code(page):
        place = PLACE.fullmatch(words)
        if place or PATH.fullmatch(words):
            path = ROOT / (place[1] if place else words)
            assert path.exists(), f"{page.name} names {words}, and {path.relative_to(ROOT)} is not there"
            assert not place or place[2] in defined(path), f"{page.name} names {words}, which is not defined there"
            paths += 1

    assert paths > 20, "the page names its paths in another way than this test reads"


def test_the_picture_shows_every_room_and_no_other():
    picture = PAGES[1].read_text("utf-8").split("```")[1]
    shown = {package: set() for package in PACKAGES}
    for name in re.findall(r"\b(\w+)/", picture):
        if name in PACKAGES:
            package = name
        else:
            shown[package].add(name)

    rooms = {
        package: {room.name for room in (ROOT / package).iterdir() if room.is_dir() and [*room.rglob("*.py")]}
        for package in PACKAGES
    }
    assert shown == rooms


def test_a_recipe_fits_in_ten_lines():
    recipes = PAGES[0].read_text("utf-8").split("\n## ")[1:]

    assert [recipe.partition("\n")[0] for recipe in recipes] == [
        "A reader",
        "A tool",
        "A metric",
        "A store",
        "A command",
    ]
    for recipe in recipes:
        assert len([line for line in recipe.splitlines()[1:] if line.strip()]) <= 10, recipe.partition("\n")[0]

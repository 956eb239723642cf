"""Do the pages for those who change the code name what is there?"""

from __future__ import annotations

import ast
import re
import tomllib
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


@pytest.mark.slow
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


def contracts():
    """The layers that import-linter keeps: from top to bottom, those of the packages (None), and of each package."""
    linter = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    return {
        (contract.get("containers") or [None])[0]: [set(re.findall(r"\w+", layer)) for layer in contract["layers"]]
        for contract in linter["contracts"]
        if contract["type"] == "layers" and (contract.get("exhaustive") or not contract.get("containers"))
    }


def picture():
    """The boxes of the picture from top to bottom: the rooms of each package, in the order in which they are read."""
    drawing = PAGES[1].read_text("utf-8").split("```")[1]
    for box in re.split(r"^[┌├└].*$", drawing, flags=re.MULTILINE)[1:-1]:
        rooms = {}
        at = {}  # which package a column is about
        for line in box.strip().splitlines():
            for column, cell in enumerate(line.strip("│").split("│")):
                for name in re.findall(r"\b(\w+)/", cell):
                    if name in PACKAGES:
                        at[column] = rooms[name] = []
                    else:
                        at[column].append(name)
        yield rooms


def test_the_picture_shows_every_room_and_no_other():
    shown = {package: set(rooms) for box in picture() for package, rooms in box.items()}

    rooms = {
        package: {room.name for room in (ROOT / package).iterdir() if room.is_dir() and [*room.rglob("*.py")]}
        for package in PACKAGES
    }
    assert shown == rooms


def test_the_boxes_of_the_picture_lie_as_the_packages_do():
    assert [set(box) for box in picture()] == contracts()[None]


def test_a_room_of_the_picture_may_know_those_after_it_and_none_before_it():
    assert {*contracts()} == {None, *PACKAGES}, "each package has its contract, and that leaves no module out"
    for package, rooms in ((package, rooms) for box in picture() for package, rooms in box.items()):
        depth = {room: place for place, layer in enumerate(contracts()[package]) for room in layer}

        assert rooms == sorted(rooms, key=depth.__getitem__), f"{package} is drawn in another order than its contract's"


def walks():
    """The walks of the page: the name of each, and the modules that it names, in that order."""
    for walk in PAGES[1].read_text("utf-8").split("\n## ")[1:]:
        name, _, told = walk.partition("\n")
        files = re.findall(rf"`((?:{'|'.join(PACKAGES)})/[\w/]+)\.py\b", " ".join(told.split()))
        yield pytest.param([*dict.fromkeys(file.replace("/", ".") for file in files)], id=name)


@pytest.fixture(scope="module")
def imports():
    import grimp

    return grimp.build_graph(*PACKAGES, cache_dir=None)


@pytest.mark.parametrize("modules", [*walks()])
def test_a_walk_goes_from_file_to_file_without_a_jump(modules, imports):
    known = {"agent.cli"}  # what the command starts
    for module in modules:
        neighbours = imports.find_modules_directly_imported_by(module) | imports.find_modules_that_directly_import(
            module
        )
        assert module in known or neighbours & known, f"no file that is named before {module} imports it, nor it one"
        known.add(module)

    assert len(known) > 20


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

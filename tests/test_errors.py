"""Are the errors that a user can meet one tree, drawn as it is?"""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

from ingest import model
from ingest.model import CitewellError

ROOT = Path(__file__).resolve().parent.parent


def errors():
    for package in ("ingest", "retrieval", "eval", "plugins", "agent"):
        for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            importlib.import_module(module.name)
    return CitewellError.__subclasses__()


def test_the_drawing_of_the_tree_names_every_error_in_its_room():
    for error in errors():
        if not error.__module__.startswith("tests"):
            room = error.__module__.partition(".")[0]
            named = model.__doc__.partition(f"── {room}")[2].partition("──")[0]
            assert error.__name__ in named, f"{error.__name__} is missing from the lines of {room}"


def test_every_error_has_a_code_of_its_own():
    codes = [error.code for error in errors() if not error.__module__.startswith("tests")]

    assert len(set(codes)) == len(codes)
    assert "error" not in codes

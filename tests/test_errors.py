"""Are the errors that a user can meet one tree, drawn as it is?"""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

from ingest import errors as tree
from ingest.errors import CitewellError

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("ingest", "retrieval", "eval", "plugins", "agent")


def errors():
    for package in ROOMS:
        for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            importlib.import_module(module.name)
    return [error for error in below(CitewellError) if not error.__module__.startswith("tests")]


def below(error):
    for child in error.__subclasses__():
        yield child
        yield from below(child)


def drawn(room):
    """What stands in the lines of a room: each error with the one that it is a kind of, which stands before it."""
    lines = tree.__doc__.partition(f"── {room}")[2].partition("──")[0]
    parent, last = CitewellError.__name__, ""
    for word in re.findall(r"\w+|[()]", lines):
        if word == "(":
            parent = last
        elif word == ")":
            parent = CitewellError.__name__
        else:
            yield word, parent
            last = word


def test_the_drawing_of_the_tree_names_every_error_in_its_room_below_what_it_is_a_kind_of():
    found = {(error.__module__.partition(".")[0], error.__name__, error.__bases__[0].__name__) for error in errors()}

    assert {(room, *each) for room in ROOMS for each in drawn(room)} == found


def test_every_error_has_a_code_of_its_own_or_that_of_what_it_is_a_kind_of():
    kinds = (error for error in errors() if error.__bases__[0] is CitewellError)
    varieties = (error for error in errors() if error.__bases__[0].code not in (CitewellError.code, error.code))
    codes = [error.code for error in (*kinds, *varieties)]

    assert len(set(codes)) == len(codes)
    assert "error" not in codes

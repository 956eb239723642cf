"""Is it the file that is at fault when a reader raises, or is it our own code?

What parses files raises anything over a damaged one, a KeyError as well. A person who is told of that needs no name of
a class; of a bug of ours, which no repair of the file mends, it is the only trace.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable, Iterator
from typing import TypeVar

from ingest.errors import CitewellError

_OURS = __name__.partition(".")[0]
_LONGEST = 200  # letters of what a library says
_BUGS = (LookupError, TypeError, AttributeError, NameError, AssertionError, ArithmeticError)
_NOT_OF_ONE_PART = (CitewellError, MemoryError, RecursionError)  # what these say is said of the whole file

T = TypeVar("T")


def damage(error: Exception) -> str | None:
    """What a library found wrong with a file, in its words, which may be none; None if it is more likely a bug of ours.

    A bug is an error of the kinds that bugs are of, raised in our own code; libraries raise those for files as well.
    """
    if isinstance(error, _BUGS) and _raised_in(error) == _OURS:
        return None
    if isinstance(error, OSError) and error.errno is not None:  # a system's words, which say nothing of the file
        return ""
    said = error.args[0] if isinstance(error, KeyError) and error.args else error
    return " ".join(str(said).split())[:_LONGEST]


def until_damage(items: Iterable[T], what: str, faults: list[str]) -> Iterator[T]:
    """The items up to where the file is damaged, if it is; that `what` broke off there is added to `faults`."""
    try:
        yield from items
    except _NOT_OF_ONE_PART:
        raise
    except Exception as error:
        reason = damage(error)
        if reason is None:
            raise
        faults.append(f"{what} cannot be read to its end{f', {reason}' if reason else ''}")


def _raised_in(error: Exception) -> str:
    """The outermost package of the code that raised, or that called what did so in the standard library."""
    names = [
        frame.f_globals.get("__name__", "").partition(".")[0] for frame, _ in traceback.walk_tb(error.__traceback__)
    ]
    return next((name for name in reversed(names) if name not in sys.stdlib_module_names), _OURS)

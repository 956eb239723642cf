"""Is what a call is given within the limits that are set for its arguments?"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, TypeGuard

LONGEST: Final = 1_000  # characters of a text that is matched
Number = int | float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What the value of one argument has to be: between two numbers, one of several values, or of a form.

    `matches` is a pattern in RE2's syntax, which takes time in proportion to the text; it has to match the whole of it.
    """

    __pydantic_config__ = {"extra": "forbid"}  # noqa: RUF012 - as pydantic reads it

    min: Number | None = None
    max: Number | None = None
    among: tuple[str | Number | bool, ...] | None = None  # written `in`
    matches: str | None = None

    def __str__(self) -> str:
        said = [f"at least {shown(self.min)}"] if self.min is not None else []
        said += [f"at most {shown(self.max)}"] if self.max is not None else []
        said += [f"one of {', '.join(map(shown, self.among))}"] if self.among is not None else []
        said += [f"of the form {self.matches}"] if self.matches is not None else []
        return " and ".join(said)

    def breach(self, value: object) -> str | None:
        """What is wrong with a value; of a list each item has to be within the limit, and there has to be one."""
        if isinstance(value, list | tuple):
            if not value:
                return "is an empty list"
            return next(filter(None, map(self.breach, value)), None)
        if (self.min is not None or self.max is not None) and not _is_number(value):
            return f"is {shown(value)}, which is no number"
        if self.min is not None and _is_number(value) and value < self.min:
            return f"is {shown(value)}, less than {shown(self.min)}"
        if self.max is not None and _is_number(value) and value > self.max:
            return f"is {shown(value)}, more than {shown(self.max)}"
        if self.among is not None and not any(_is_same(value, each) for each in self.among):
            return f"is {shown(value)}, and not one of {', '.join(map(shown, self.among))}"
        if self.matches is not None and not _matches(self.matches, value):
            return f"is {shown(value)}, and not of the form {self.matches}"
        return None


def broken(limits: Mapping[str, Limit], arguments: Mapping[str, Any]) -> Iterator[str]:
    """What of a call is outside its limits, one clause for each; an argument that is not there is outside."""
    for name, limit in limits.items():
        is_there, value = lookup(arguments, name)
        breach = limit.breach(value) if is_there else "is not given"
        if breach:
            yield f"{name} {breach}"


def lookup(arguments: Mapping[str, Any], name: str) -> tuple[bool, Any]:
    """Whether an argument is given, and its value; `a.b` names what stands under `b` in the object `a`.

    Where an argument is called `a.b` itself, and there is an `a` too, nobody can say which of the two a tool reads.
    """
    first, _, rest = name.partition(".")
    if not rest or first not in arguments:
        return name in arguments, arguments.get(name)
    inner = arguments[first]
    return lookup(inner, rest) if name not in arguments and isinstance(inner, Mapping) else (False, None)


def each_of(arguments: Mapping[str, Any], name: str) -> tuple[bool, list[Any]]:
    """Whether an argument is given wherever it could be, and each of its values; a list's items are looked into."""
    first, _, rest = name.partition(".")
    inner = arguments.get(first) if rest and name not in arguments else None
    if isinstance(inner, list):
        found = [each_of(one, rest) if isinstance(one, Mapping) else (False, []) for one in inner]
        return all(is_there for is_there, _ in found), [value for _, values in found for value in values]
    if isinstance(inner, Mapping):
        return each_of(inner, rest)
    is_there, value = lookup(arguments, name)
    values = value if isinstance(value, list) else [value]
    return is_there, values if is_there else []


@cache
def pattern(written: str) -> Any:
    """A pattern that is ready to match; raises `ValueError` where it is none."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(written, options)
    except re2.error as error:
        said = error.args[0]
        raise ValueError(said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)) from None


def _matches(written: str, value: object) -> bool:
    if not isinstance(value, str) or not value.isascii() or len(value) > LONGEST:
        return False
    return pattern(written).fullmatch(value) is not None


def _is_number(value: object) -> TypeGuard[Number]:
    return (isinstance(value, int) and not isinstance(value, bool)) or (
        isinstance(value, float) and math.isfinite(value)
    )


def _is_same(value: object, other: object) -> bool:
    """Of one kind too: true is not 1, nor is "1"."""
    if _is_number(value) and _is_number(other):
        return value == other
    return type(value) is type(other) and value == other


def shown(value: object) -> str:
    """A value in a sentence: short, and in plain letters."""
    if isinstance(value, int) and abs(value) >= 10**60:
        return "a number of more than sixty digits"
    written = json.dumps(value, ensure_ascii=True, default=str)
    return written if len(written) <= 60 else f"{written[:57]}..."

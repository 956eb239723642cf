"""How is JSON of a type read of what a model wrote? Not every server holds its model to a schema, whatever was asked.

So it is looked for in what was written, whoever wrote it.
"""

from __future__ import annotations

import json
from typing import Final, TypeVar

from pydantic import TypeAdapter, ValidationError

from agent.models.unmade import objects
from agent.state import Reply
from ingest.mistakes import value_mistake

T = TypeVar("T")

_LONGEST: Final = 100_000  # characters that are looked through


def read_json(reply: Reply, adapter: TypeAdapter[T]) -> T:
    """The first JSON value in it that is of a type. Raises `ValueError`, which completes a sentence about it."""
    why = "holds no JSON"
    for value, _ in objects(raw(reply)[:_LONGEST]):
        try:
            return adapter.validate_json(json.dumps(value))
        except ValidationError as fault:
            first = fault.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"])) or "the value"
            why = f"has a mistake in {place}, which {value_mistake(first)}"
    raise ValueError(why)


def raw(reply: Reply) -> str:
    """What it wrote, letter by letter: a number in brackets names no passage here."""
    return "".join(str(block.get("text", "")) for block in reply.content if block.get("type") == "text")

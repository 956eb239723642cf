"""How does a model write what a program reads? In JSON of a type, held to it by its server or asked again.

Not every server holds its model to a schema, and what stands around the JSON differs; so it is looked for in what was
written, whoever wrote it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from pydantic import TypeAdapter, ValidationError

from agent.models.model import ModelFailed
from agent.models.unmade import objects
from agent.state import Reply, Usage
from ingest.mistakes import value_mistake

T = TypeVar("T")

_LONGEST = 100_000  # characters that are looked through


class Unstructured(ModelFailed):
    """A model did not write what it was asked for in the form that was asked for."""

    code: ClassVar[str] = "unstructured"


class Writer(Protocol):
    """A model that can be asked for JSON."""

    @property
    def name(self) -> str: ...

    async def write(
        self, prompt: str, *, told: str, schema: Mapping[str, Any], within: float | None = None
    ) -> Reply: ...


@dataclass(frozen=True, slots=True)
class Structured(Generic[T]):
    """What was written, the tokens that it took, and the replies as they came."""

    value: T
    usage: Usage
    replies: tuple[Reply, ...]


async def structured(
    model: Writer, prompt: str, made: type[T], *, told: str, within: float | None = None
) -> Structured[T]:
    """A value of the type (what pydantic can read: a dataclass, say) that the model writes, `told` what it is to do.

    What is no such value goes back once, with the reason. Raises `Unstructured` and `ModelFailed`.
    """
    adapter: TypeAdapter[T] = TypeAdapter(made)
    schema = adapter.json_schema()
    form = json.dumps(schema, ensure_ascii=False)
    asked = f"{prompt}\n\nWrite one JSON value of this schema, and nothing else:\n{form}"
    replies: list[Reply] = []
    usage, why = Usage(), ""
    for again in ("", "\n\nWhat you wrote before was of no use: it {why}."):
        reply = await model.write(asked + again.format(why=why), told=told, schema=schema, within=within)
        replies.append(reply)
        usage += reply.usage
        try:
            return Structured(read_json(_raw(reply), adapter), usage, tuple(replies))
        except ValueError as fault:
            why = str(fault)
    raise Unstructured(
        f"The model {model.name} did not write what it was asked for in JSON (it {why}); ask again, or choose another "
        "model."
    )


def read_json(text: str, adapter: TypeAdapter[T]) -> T:
    """The first JSON value in a text that is of a type. Raises `ValueError`, which completes a sentence about it."""
    why = "holds no JSON"
    for value, _ in objects(text[:_LONGEST]):
        try:
            return adapter.validate_json(json.dumps(value))
        except ValidationError as fault:
            first = fault.errors(include_url=False)[0]
            place = ".".join(map(str, first["loc"])) or "the value"
            why = f"has a mistake in {place}, which {value_mistake(first)}"
    raise ValueError(why)


def _raw(reply: Reply) -> str:
    """What it wrote, letter by letter: a number in brackets names no passage here."""
    return "".join(str(block.get("text", "")) for block in reply.content if block.get("type") == "text")

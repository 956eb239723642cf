"""What does the loop need of a model?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from agent.state import Reply, Think, Token
from ingest.model import CitewellError


class ModelFailed(CitewellError):
    """The model's server could not be reached, refused, or answered nonsense."""

    code: ClassVar[str] = "model_failed"


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """What a model is told of a tool; `schema` is the JSON schema of its arguments, an object."""

    name: str
    description: str
    schema: Mapping[str, Any]


class Model(Protocol):
    """Anything that can go on from `Think`."""

    @property
    def name(self) -> str:
        """Shown to users and recorded with the run."""
        ...

    @property
    def uses_tools(self) -> bool:
        """Whether it can call tools at all."""
        ...

    def reply(self, think: Think, tools: Sequence[ToolSpec]) -> AsyncIterator[Token | Reply]:
        """Tokens as they come, then exactly one `Reply`, last. Raises `ModelFailed`."""
        ...

    async def aclose(self) -> None:
        """Lets go of connections."""
        ...

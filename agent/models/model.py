"""What is a model given, and what is asked of it? Messages and tools; it replies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Protocol

from agent.journal.chain import canonical
from agent.state import Observation, Passage, Reply, Shape, Token
from ingest.errors import CitewellError
from ingest.model import digest

_ASIDE: Final = 20.0  # seconds that a model is given for what nobody is shown


class ModelFailed(CitewellError):
    """The model's server could not be reached, refused, or answered nonsense.

    `heard` is what the model had said until then, as it wrote it, `served` who said it, as its server names it.
    """

    code: ClassVar[str] = "model_failed"
    http_status: ClassVar[int] = 502
    heard: str = ""
    served: str | None = None


class Unsaid(Exception):
    """A model said nothing to a question that nobody is shown, and why; whoever asked goes on by a rule."""


class Late(ModelFailed):
    """The time that a run may take was over before the model had spoken."""

    code: ClassVar[str] = "deadline"
    http_status: ClassVar[int] = 504


class WindowExceeded(ModelFailed):
    """What the model was given is more than it can read at once, by so many tokens, as far as that is known (0: not).

    Nothing was said yet.
    """

    code: ClassVar[str] = "window_exceeded"
    over: int = 0


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked, and what was found for it; `earlier` is what was said before, to which it may refer.

    `remembered` is what is remembered of who asks.
    """

    text: str
    passages: tuple[Passage, ...] = ()
    earlier: str = ""
    remembered: str = ""


@dataclass(frozen=True, slots=True)
class Results:
    """What came of each call of the reply before."""

    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True)
class Again:
    """The answer before does not hold, for these reasons: the model is to answer again."""

    reasons: tuple[str, ...]


Message = Question | Reply | Results | Again
"""What is said between us and a model: first a question, then its replies and what came of their calls."""


def shown(messages: Iterable[Message]) -> tuple[Passage, ...]:
    """Every passage in them, in the order of its numbers: what a model may cite."""
    found: list[Passage] = []
    for message in messages:
        if isinstance(message, Question):
            found += message.passages
        elif isinstance(message, Results):
            found += [passage for each in message.observations for passage in each.passages]
    return tuple(found)


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """What a model is told of a tool; `schema` is the JSON schema of its arguments, an object."""

    name: str
    description: str
    schema: Mapping[str, Any]


def digest_of(request: Mapping[str, Any]) -> str:
    """By what a request is known again: two that have the same would be sent byte for byte alike."""
    return digest(canonical(request))


class Planner(Protocol):
    """A model that can be told to write something else, which its server may be able to hold to a schema."""

    async def is_held(self, within: float) -> bool:
        """Whether it can; that is found out within so many seconds."""
        ...

    def writing(self, told: str, schema: Mapping[str, Any] | None = None) -> Model:
        """The model that is told to write that, held to the schema."""
        ...

    async def aclose(self) -> None:
        """Lets go of connections."""
        ...


class Model(Protocol):
    """Anything that can reply to messages."""

    @property
    def name(self) -> str:
        """Shown to users and recorded with the run."""
        ...

    @property
    def where(self) -> str | None:
        """The address of its server; None where nothing leaves this process."""
        ...

    @property
    def uses_tools(self) -> bool:
        """Whether it can call tools at all."""
        ...

    def reply(
        self, messages: Sequence[Message], tools: Sequence[ToolSpec], *, within: float | None = None, aloud: bool = True
    ) -> AsyncIterator[Token | Reply]:
        """Tokens as they come, if `aloud`, and last exactly one `Reply`, all `within` so many seconds.

        Raises `ModelFailed`.
        """
        ...

    def request(
        self,
        messages: Sequence[Message],
        tools: Sequence[ToolSpec],
        *,
        given: Shape | None = None,
        effortless: bool | None = None,
    ) -> Mapping[str, Any]:
        """What it would be sent, passages `given` in this shape, with the effort that is set unless `effortless`.

        By default both are as they are known to be right. A function of its arguments and of how the model was made:
        nobody is asked. The digest of what was sent is the `request` of the reply to it, which has these two as well.
        """
        ...

    async def aclose(self) -> None:
        """Lets go of connections."""
        ...


async def said_aside(model: Model, asked: Question, *, within: float, at_most: float = _ASIDE) -> Reply:
    """What a model says to one question of ours that nobody is shown. Raises `Unsaid`."""
    seconds = min(at_most, within)
    reply: Reply | None = None
    try:
        async with asyncio.timeout(seconds):
            async for item in model.reply([asked], (), within=seconds, aloud=False):
                reply = item if isinstance(item, Reply) else reply
    except TimeoutError:
        raise Unsaid("the model took too long") from None
    except ModelFailed as fault:
        raise Unsaid(f"the model failed ({fault.code})") from fault
    if reply is None:
        raise Unsaid("the model said nothing")
    return reply

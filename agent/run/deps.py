"""What does one run work with, and how does it keep its record?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

from agent.governance.charter import Charter
from agent.journal.events import Event
from agent.models.model import Model
from agent.run.guard import Gone
from agent.state import Passage, Usage
from plugins.bounded import aside
from plugins.tool import Texts, Tool, ToolResult
from retrieval.model import EVERYTHING, Scope, Search

Asker = Callable[[Tool, Mapping[str, Any]], Awaitable[bool]]
_HARMLESS = ("usage", "seconds", "cost", "code")  # of an event: says nothing of any document


class Record(Protocol):
    """What keeps the events of a run: the journal, or nothing that lasts where nothing can be written."""

    def append(
        self, run: str, kind: str, content: Mapping[str, Any] | Callable[[], Mapping[str, Any]], *, actor: str = "agent"
    ) -> Event: ...

    def during(self, run: str) -> AbstractContextManager[None]: ...

    def events(self, run: str) -> list[Event]: ...


class Observers(Protocol):
    """Plugins that are told of tool calls, for no longer than so many seconds."""

    async def before_tool_call(self, tool: str, arguments: Mapping[str, Any], run: str, *, seconds: float) -> None: ...

    async def after_tool_call(
        self, tool: str, arguments: Mapping[str, Any], result: ToolResult | Exception, run: str, *, seconds: float
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Deps:
    """What one run works with. `ask` puts a tool call to a person; None where there is nobody to ask.

    `erased` names the documents that are erased as of now, `before` those that were when the run began. The step that
    is being taken is made from the passages `given`. A hit whose probability lies below `withhold` is not shown.
    `aloud` says whether somebody follows the model's words as they come.
    """

    run: str
    search: Search
    texts: Texts
    model: Model
    journal: Record
    observers: Observers
    tools: Sequence[Tool] = ()
    charter: Charter = field(default_factory=Charter)
    scope: Scope = EVERYTHING
    erased: Callable[[], frozenset[str]] = frozenset
    before: frozenset[str] = frozenset()
    given: tuple[Passage, ...] = ()
    ask: Asker | None = None
    aloud: bool = True
    withhold: float = 0.0
    release: Mapping[str, Any] = field(default_factory=dict)
    passages: int = 8
    max_turns: int = 8
    deadline: float = 180.0
    cost: Callable[[Usage], float | None] = lambda _: None


def gone(deps: Deps) -> Gone:
    """What the run may not use any more, as of now."""
    erased = deps.erased()
    return Gone(erased, erased - deps.before)


async def record(deps: Deps, kind: str, content: Mapping[str, Any], *, actor: str = "agent") -> None:
    """Appends an event to the run's journal.

    It waits for the disk in a thread, so as not to hold up other runs. A run that is cancelled meanwhile first lets
    the event be written, so that nothing is written after its end, and the end itself is never lost.
    """
    append = asyncio.ensure_future(aside(record_now, deps, kind, content, actor=actor))
    try:
        await asyncio.shield(append)
    except asyncio.CancelledError:
        await asyncio.wait([append])
        raise


def record_now(deps: Deps, kind: str, content: Mapping[str, Any], *, actor: str = "agent") -> None:
    """Appends an event, holding up everything else.

    Its content is left out where it was made from what is erased by now. That is looked at when nobody else can write:
    an erasure either is known by then, or finds the event in the journal.
    """

    def as_of_now() -> Mapping[str, Any]:
        erased = gone(deps)
        if not erased.took(deps.given) and not erased.named_in(content):
            return content
        return {"erased": True} | {key: content[key] for key in _HARMLESS if key in content}

    deps.journal.append(deps.run, kind, as_of_now, actor=actor)

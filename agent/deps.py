"""What does one run work with, and how does it keep its record?"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from agent.charter import Charter
from agent.journal import Journal
from agent.models.model import Model
from agent.state import Usage
from plugins.tool import Texts, Tool, ToolResult
from retrieval.model import EVERYTHING, Scope, Search

Asker = Callable[[Tool, Mapping[str, Any]], Awaitable[bool]]


class Observers(Protocol):
    """Plugins that are told of tool calls."""

    def before_tool_call(self, tool: str, arguments: Mapping[str, Any], run: str) -> None: ...

    def after_tool_call(
        self, tool: str, arguments: Mapping[str, Any], result: ToolResult | Exception, run: str
    ) -> None: ...


@dataclass(frozen=True, slots=True)
class Deps:
    """What one run works with. `ask` puts a tool call to a person; None where there is nobody to ask."""

    run: str
    search: Search
    texts: Texts
    model: Model
    journal: Journal
    observers: Observers
    tools: Sequence[Tool] = ()
    charter: Charter = field(default_factory=Charter)
    scope: Scope = EVERYTHING
    ask: Asker | None = None
    release: Mapping[str, Any] = field(default_factory=dict)
    passages: int = 8
    max_turns: int = 8
    deadline: float = 180.0
    cost: Callable[[Usage], float | None] = lambda _: None


async def record(deps: Deps, kind: str, content: Mapping[str, Any], *, actor: str = "agent") -> None:
    """Appends an event to the run's journal.

    It waits for the disk in a thread, so as not to hold up other runs. A run that is cancelled meanwhile first lets
    the event be written, so that nothing is written after its end, and the end itself is never lost.
    """
    append = asyncio.ensure_future(asyncio.to_thread(record_now, deps, kind, content, actor=actor))
    try:
        await asyncio.shield(append)
    except asyncio.CancelledError:
        await asyncio.wait([append])
        raise


def record_now(deps: Deps, kind: str, content: Mapping[str, Any], *, actor: str = "agent") -> None:
    """Appends an event, holding up everything else."""
    deps.journal.append(deps.run, kind, content, actor=actor)

"""What is one run, what do its steps work with, and what watches over them?"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from agent.governance.charter import NO_CHARTER, Charter
from agent.journal.record import Recorder
from agent.journal.tallies import Claim
from agent.limits import DEADLINE, MAX_TURNS
from agent.memory.conversation import Exchange
from agent.models.model import Model, Planner
from agent.state import Recollection, Usage
from ingest.model import Document
from plugins.breaker import Breakers
from plugins.tool import Texts, Tool, ToolError, ToolFailed, ToolResult
from retrieval.model import EVERYTHING, Scope, Search
from retrieval.search.settings import PASSAGES

Asker = Callable[[Tool, Mapping[str, Any]], Awaitable[bool]]  # asks a person whether a tool may run


class Observers(Protocol):
    """Plugins that are told of tool calls, for no longer than so many seconds, and may refuse one or its result."""

    async def before_tool_call(
        self, tool: str, arguments: Mapping[str, Any], run: str, *, seconds: float
    ) -> str | None: ...

    async def after_tool_call(
        self,
        tool: str,
        arguments: Mapping[str, Any],
        result: ToolResult | ToolError | ToolFailed,
        run: str,
        *,
        check: Callable[[object], ToolResult],
        seconds: float,
    ) -> ToolResult | ToolError | ToolFailed: ...


class Clock:
    """For how long a run has gone on, with the seconds that it took `before`; it can be stopped."""

    def __init__(self, before: float = 0.0) -> None:
        self._since = time.monotonic() - before

    @property
    def seconds(self) -> float:
        """So far."""
        return time.monotonic() - self._since

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Within, no time goes by."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._since += time.monotonic() - began


@dataclass(frozen=True, slots=True)
class Run:
    """One question, asked of a release within a scope; what the model gives may take so many turns and seconds.

    Its `clock` stands still while a person is asked. `aloud` says whether somebody follows the model's words as they
    come. A `conversation` is a `principal`'s, and what was said in it `earlier` is what the question may refer to.
    """

    id: str
    question: str
    scope: Scope = EVERYTHING
    release: Mapping[str, Any] = field(default_factory=dict)
    max_turns: int = MAX_TURNS
    budget_tokens: int | None = None
    budget_cost: float | None = None
    deadline: float = DEADLINE
    clock: Clock = field(default_factory=lambda: Clock())
    aloud: bool = True
    principal: str | None = None
    account: str | None = None
    conversation: str | None = None
    earlier: tuple[Exchange, ...] = ()
    claims: tuple[Claim, ...] = ()

    @property
    def seconds(self) -> float:
        """For how long it has gone on."""
        return self.clock.seconds

    @property
    def left(self) -> float:
        """The seconds that are left of it; none, or fewer, when its time is over."""
        return self.deadline - self.seconds


@dataclass(frozen=True, slots=True)
class Deps:
    """The parts that the steps of a run work with; several runs may share them.

    `ask` puts a tool call to a person; None where there is nobody to ask. The first search shows so many
    `passages`; a hit whose probability lies below `withhold` is not shown. `document` gives what is read or cited as
    it was ingested. `breakers` bar tools that fail. `fast` is the model for what is easy, None where `model` is the
    only one. `rewriter` opens the model that says what a follow-up asks by itself, `compactor` the one that gives an
    account of a long history, `planner` the one that says by which questions one in several parts is searched for;
    None: a rule does. `weigher` opens the one that says of each passage how it bears on the question; None: they stay
    as they were found. `cost` is what tokens cost, as far as that is known. Every one of `charters` holds, and so does
    the one that is `live` by now; of the tools that they bar for who asks no model is told. `had` says what was had
    of what they bound, `near` how near a question is to the nearest of others, as a cosine, `encode` gives the unit
    vectors of texts, `asked` which questions were asked before, `personal` which kinds of personal data stand in a
    text. `seen` gives the search and the texts as far as charters let who asks see them, and `keeps` says whether what
    a charter keeps from the model's server is kept.
    `recall` finds what is remembered of who asks, None where that is off.
    """

    search: Search
    texts: Texts
    model: Model
    observers: Observers
    tools: Sequence[Tool] = ()
    charters: tuple[Charter, ...] = (NO_CHARTER,)
    live: Callable[[], Charter] | None = None
    barred: tuple[Tool, ...] = ()
    had: Callable[[str, Sequence[Claim]], Mapping[Claim, float]] = lambda _, claims: dict.fromkeys(claims, 0.0)
    near: Callable[[str, Sequence[str]], float] | None = None
    encode: Callable[[Sequence[str]], Any] | None = None
    asked: Callable[[], Sequence[str]] = tuple
    personal: Callable[[str], tuple[str, ...]] = lambda _: ()
    recall: Callable[[str], tuple[Recollection, ...]] | None = None
    secrets: tuple[str, ...] = ()
    ask: Asker | None = None
    passages: int = PASSAGES
    withhold: float = 0.0
    document: Callable[[str], Document | None] = lambda _: None
    breakers: Breakers = field(default_factory=Breakers)
    fast: Model | None = None
    rewriter: Callable[[], Model] | None = None
    weigher: Callable[[], Model] | None = None
    compactor: Callable[[], Model] | None = None
    planner: Callable[[], Planner] | None = None
    cost: Callable[[Usage], float | None] = lambda _: None
    seen: Callable[[Sequence[Charter]], tuple[Search, Texts]] | None = None
    keeps: Callable[[Charter], bool] = lambda _: True


def as_of_now(deps: Deps) -> Deps:
    """The same, under the charter of this moment too, within what that lets who asks see. Raises `BadCharter`."""
    live = deps.live() if deps.live else None
    if live is None or any(each.digest == live.digest for each in deps.charters):
        return deps
    charters = (live, *deps.charters)
    search, texts = deps.seen(charters) if deps.seen else (deps.search, deps.texts)
    return replace(deps, charters=charters, search=search, texts=texts)


@dataclass(frozen=True, slots=True)
class Oversight:
    """What watches over a run, and no step is handed: the journal, and what is erased while it goes on.

    `erased` names the documents that are erased as of now, `before` those that were when the run began. `cost` is what
    tokens cost, as far as that is known. The run `rests_on` what these documents say, by what was said before it.
    `forgotten` says which of what was remembered, by its ids, is not any more.
    """

    journal: Recorder
    erased: Callable[[], frozenset[str]] = frozenset
    before: frozenset[str] = frozenset()
    cost: Callable[[Usage], float | None] = lambda _: None
    rests_on: frozenset[str] = frozenset()
    forgotten: Callable[[Collection[str]], frozenset[str]] = lambda _: frozenset()

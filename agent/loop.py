"""How does a question become an answer? One function per state; `run` yields every state as it is reached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol, assert_never

from agent.charter import Charter, refusal
from agent.evidence import check, cite, observed, passages
from agent.journal import Journal
from agent.models.model import Model, ModelFailed, ToolSpec
from agent.state import (
    Abstained,
    Act,
    Answered,
    Check,
    End,
    Failed,
    Observation,
    Passage,
    Reply,
    Retrieve,
    State,
    Think,
    Token,
    ToolCall,
    Turn,
    Usage,
)
from plugins.tool import Tool, ToolContext, ToolError, ToolFailed, ToolResult, call
from retrieval.model import EVERYTHING, Scope, Search

Asker = Callable[[Tool, Mapping[str, Any]], Awaitable[bool]]


class Texts(Protocol):
    """The stored texts that a run may see."""

    def text(self, name: str) -> str | None:
        """A document's full text; None where there is none, or the run may not see it."""
        ...


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


async def run(question: str, deps: Deps) -> AsyncGenerator[State | Token]:
    """Every state of the run, the last one an end, with the model's words between them; all of it in the journal.

    A run that is cancelled, or whose code breaks, ends in the journal as failed before the exception goes on.
    """
    began = time.monotonic()
    state: State = Retrieve(question)
    scope = {"labels": sorted(deps.scope.labels), "metadata": dict(deps.scope.metadata)}
    await _record(deps, "started", {"question": question, "release": dict(deps.release), "scope": scope}, actor="user")
    try:
        while True:
            yield state
            if isinstance(state, Answered | Abstained | Failed):
                return
            remaining = deps.deadline - (time.monotonic() - began)
            async for item in _step(state, deps, remaining):
                if isinstance(item, Token):
                    yield item
                else:
                    state = item
            if isinstance(state, Answered | Abstained | Failed):
                await _record_end(deps, state, time.monotonic() - began)
    except BaseException as error:
        if isinstance(state, Answered | Abstained | Failed):
            raise  # the end is in the journal already
        interrupted = isinstance(error, asyncio.CancelledError | GeneratorExit | KeyboardInterrupt)
        end = Failed("cancelled" if interrupted else "internal_error", f"{type(error).__name__}: {error}")
        _record_now(deps, *_end_event(deps, end, time.monotonic() - began))
        raise


async def _step(state: State, deps: Deps, remaining: float) -> AsyncIterator[State | Token]:
    """The next state, after the tokens that come on the way to it."""
    match state:
        case Retrieve():
            yield await retrieve(state, deps)
        case Think():
            async for item in think(state, deps, remaining):
                yield item
        case Act():
            yield await act(state, deps)
        case Check():
            yield await verify(state, deps)
        case Answered() | Abstained() | Failed():
            raise ValueError("an end has no next state")
        case _:
            assert_never(state)


async def retrieve(state: Retrieve, deps: Deps) -> Think:
    """Searches for the question as it was asked."""
    hits = await asyncio.to_thread(deps.search, state.question, k=deps.passages, scope=deps.scope)
    found = passages(hits, first=0)
    await _record(deps, "retrieved", {"query": state.question, "passages": [_brief(passage) for passage in found]})
    return Think(state.question, found)


async def think(state: Think, deps: Deps, remaining: float) -> AsyncIterator[Token | Act | Check | Think | Failed]:
    """Lets the model speak once."""
    used = _usage(state)
    if len(state.turns) >= deps.max_turns:
        limit = f"The model wanted to speak more than {deps.max_turns} times; raise [agent] max_turns or ask for less."
        yield Failed("too_many_turns", limit, used)
        return
    specs = [ToolSpec(tool.name, tool.description, tool.schema) for tool in deps.tools] if deps.model.uses_tools else []
    reply: Reply | None = None
    try:
        async for item in _within(deps.model.reply(state, specs), remaining):
            if isinstance(item, Token):
                yield item
            else:
                reply = item
    except TimeoutError:
        late = f"The run took longer than its {deps.deadline:g} seconds; raise [agent] deadline or try again."
        yield Failed("deadline", late, used)
        return
    except ModelFailed as error:
        yield Failed(error.code, str(error), used)
        return
    if reply is None:
        raise RuntimeError(f"the model {deps.model.name} gave no reply")
    await _record(
        deps,
        "thought",
        {"text": reply.text, "calls": reply.calls, "stop": reply.stop, "usage": reply.usage},
        actor=deps.model.name,
    )
    yield _after(state, reply, deps)


async def _within(items: AsyncIterator[Token | Reply], seconds: float) -> AsyncIterator[Token | Reply]:
    """The same items; raises `TimeoutError` when they take longer. The clock stops nobody but the one who waits."""
    until = asyncio.get_running_loop().time() + seconds
    while True:
        async with asyncio.timeout_at(until):
            try:
                item = await anext(items)
            except StopAsyncIteration:
                return
        yield item


def _after(state: Think, reply: Reply, deps: Deps) -> Act | Check | Think | Failed:
    match reply.stop:
        case "calls":
            return Act(state, reply)
        case "end":
            return Check(state, reply)
        case "pause":
            return Think(state.question, state.passages, (*state.turns, Turn(reply)))
        case "length":
            cut = "The model's answer was cut off by a token limit; raise [agent] max_tokens or ask for less at once."
            return Failed("cut_off", cut, _usage(state) + reply.usage)
        case "refusal":
            said = f"The model {deps.model.name} refused to answer; ask in other words."
            return Failed("model_refused", said, _usage(state) + reply.usage)
        case _:
            assert_never(reply.stop)


async def act(state: Act, deps: Deps) -> Think:
    """Runs what the model called, one after the other, each within what the charter allows."""
    number = len(_evidence(state.think))
    observations: list[Observation] = []
    for wanted in state.reply.calls:
        observation = await _observe(wanted, deps, first=number)
        number += len(observation.passages)
        observations.append(observation)
    turn = Turn(state.reply, tuple(observations))
    return Think(state.think.question, state.think.passages, (*state.think.turns, turn))


async def verify(state: Check, deps: Deps) -> Answered | Abstained:
    """Keeps what the sources bear out. An answer that cites nothing is no answer."""
    evidence = _evidence(state.think)
    checked = await asyncio.to_thread(check, state.reply.segments, evidence, deps.texts)
    await _record(deps, "checked", {"kept": checked.citations, "dropped": checked.dropped})
    used = _usage(state.think) + state.reply.usage
    if checked.citations:
        return Answered(checked.marked, checked.citations, used)
    nearest = tuple(cite(passage, 0) for passage in evidence[:3] if passage.blocks and passage.kind == "document")
    if checked.dropped:
        return Abstained("No citation of the answer was found in the documents, so it is withheld.", nearest, used)
    if not evidence:
        return Abstained("Nothing in the documents matches the question.", (), used)
    return Abstained(state.reply.text.strip() or "The model gave no answer.", nearest, used)


async def _observe(wanted: ToolCall, deps: Deps, *, first: int) -> Observation:
    tool = next((tool for tool in deps.tools if tool.name == wanted.name), None)
    if tool is None:
        known = ", ".join(tool.name for tool in deps.tools) or "none"
        return await _acted(
            deps, Observation(wanted, f"There is no tool {wanted.name!r}; use one of: {known}.", error=True)
        )
    authorization = deps.charter.authorize(tool)
    if authorization == "ask" and deps.ask is not None:
        if not await deps.ask(tool, wanted.arguments):
            declined = Observation(wanted, f"{tool.name} was not run: the user said no.", error=True)
            return await _acted(deps, declined, tool, "declined")
    elif authorization != "allow":
        refused = Observation(wanted, refusal(tool, authorization), error=True)
        return await _acted(deps, refused, tool, "refused")
    await asyncio.to_thread(deps.observers.before_tool_call, tool.name, wanted.arguments, deps.run)
    context = ToolContext(deps.search, deps.scope, deps.run, deps.texts)
    outcome: ToolResult | Exception
    try:
        outcome = await call(tool, wanted.arguments, context)
        found = observed(outcome, tool.name, first=first, call=wanted.id)
        observation = Observation(wanted, outcome.text, found)
    except (ToolError, ToolFailed) as error:
        outcome, observation = error, Observation(wanted, str(error), error=True)
    await asyncio.to_thread(deps.observers.after_tool_call, tool.name, wanted.arguments, outcome, deps.run)
    return await _acted(deps, observation, tool, "ran")


async def _acted(
    deps: Deps, observation: Observation, tool: Tool | None = None, authorization: str = "none"
) -> Observation:
    content = {
        "call": observation.call,
        "effect": tool.effect if tool else None,
        "authorization": authorization,
        "error": observation.error,
        "text": observation.text,
        "passages": [_brief(passage) for passage in observation.passages],
    }
    await _record(deps, "acted", content)
    return observation


def _evidence(state: Think) -> tuple[Passage, ...]:
    """Everything that may be cited, in the order of its numbers."""
    later = (passage for turn in state.turns for each in turn.observations for passage in each.passages)
    return (*state.passages, *later)


def _usage(state: Think) -> Usage:
    return sum((turn.reply.usage for turn in state.turns), Usage())


def _brief(passage: Passage) -> dict[str, Any]:
    """A passage without its text, which stays in the index."""
    record = asdict(passage)
    return {
        key: record[key] for key in ("number", "kind", "document", "start", "end", "page", "score", "dense", "lexical")
    }


def _end_event(deps: Deps, end: End, seconds: float) -> tuple[str, dict[str, Any]]:
    content = {**asdict(end), "seconds": round(seconds, 3), "cost": deps.cost(end.usage)}
    return type(end).__name__.lower(), content


async def _record_end(deps: Deps, end: End, seconds: float) -> None:
    kind, content = _end_event(deps, end, seconds)
    await _record(deps, kind, content)


async def _record(deps: Deps, kind: str, content: Mapping[str, Any], *, actor: str = "agent") -> None:
    # An append waits for the disk, which must not hold up other runs.
    await asyncio.to_thread(_record_now, deps, kind, content, actor)


def _record_now(deps: Deps, kind: str, content: Mapping[str, Any], actor: str = "agent") -> None:
    deps.journal.append(deps.run, kind, content, actor=actor)

"""How does a question become an answer? One function per state; `run` yields every state as it is reached."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import asdict, replace
from typing import Any, assert_never

from agent.evidence.citations import Checked, check, nearest, untorn
from agent.evidence.passages import passages, sifted
from agent.journal.events import brief, noise
from agent.journal.journal import NoSuchRun
from agent.models.model import Message, ModelFailed, Question, Results, ToolSpec, WindowExceeded, is_same, short_name
from agent.run.deps import Deps, gone, record, record_now
from agent.run.guard import as_of_now, still_there, told_by, withheld
from agent.run.tools import observe
from agent.run.window import fewer
from agent.state import (
    Abstained,
    Act,
    Answered,
    Check,
    End,
    Failed,
    Observation,
    Reply,
    Retrieve,
    Segment,
    State,
    Think,
    Token,
    Turn,
    Usage,
    evidence_of,
)
from ingest.model import CitewellError
from plugins.bounded import aside

log = logging.getLogger(__name__)

GRACE = 1.0  # seconds that a model has to say itself why it did not answer in time

UNCITED = (
    "The model named no place in the documents that bears out an answer, so what it said is not shown: look at the "
    "nearest passages, or ask in other words."
)


async def run(question: str, deps: Deps) -> AsyncGenerator[State | Token]:
    """Every state of the run, the last one an end, with the model's words between them; all of it in the journal.

    A run that is cancelled, or whose code breaks, ends in the journal as failed before the exception goes on. What is
    erased while it goes on is in no state, and in no event, that comes after.
    """
    began = time.monotonic()
    deps = replace(deps, before=deps.erased())
    state: State = Retrieve(question)
    scope = {"labels": sorted(deps.scope.labels), "metadata": deps.scope.fields()}
    started = {"question": question, "release": dict(deps.release), "scope": scope}
    ended = False
    try:
        await record(deps, "started", started, actor="user")
        while True:
            yield state
            if isinstance(state, Answered | Abstained | Failed):
                return
            remaining = deps.deadline - (time.monotonic() - began)
            before = state
            async with aclosing(_step(state, deps, remaining)) as items:
                async for item in items:
                    if isinstance(item, Token):
                        yield item
                    else:
                        state = item
            if isinstance(state, Answered | Abstained | Failed):
                ended = True  # even where this is interrupted: `record` lets the event be written
                state = _told(state, before, deps)
                made = replace(deps, given=told_by(state, before, gone(deps)))
                await record(made, *_ending(deps, state, time.monotonic() - began))
                if gone(made).took(made.given):  # while it was written down
                    left = replace(withheld(made.given, gone(made), state.usage), model=state.model)
                    state = replace(state, nearest=left.nearest) if isinstance(state, Failed) else left
    except BaseException as error:
        if not ended and _begun(deps):
            broken = _ending(deps, _broken(error, state, deps), time.monotonic() - began)
            record_now(replace(deps, erased=frozenset), *broken)  # also where what is erased cannot be told
        raise


async def _step(state: State, deps: Deps, remaining: float) -> AsyncGenerator[State | Token]:
    """The next state, after the tokens that come on the way to it; none of it made from what is erased by now."""
    state = _as_of_now(state, deps)  # whoever was given it may have taken time
    if isinstance(state, Abstained):
        yield state
        return
    deps = replace(deps, given=evidence_of(state))
    async with aclosing(_made(state, deps, remaining)) as items:
        async for item in items:
            if gone(deps).took(deps.given) and not isinstance(item, Failed):
                yield withheld(deps.given, gone(deps), _used(state if isinstance(item, Token) else item))
                return
            yield item if isinstance(item, Token) else _as_of_now(item, deps)


async def _made(state: State, deps: Deps, remaining: float) -> AsyncGenerator[State | Token]:
    match state:
        case Retrieve():
            yield await retrieve(state, deps)
        case Think():
            async with aclosing(think(state, deps, remaining)) as items:
                async for item in items:
                    yield item
        case Act():
            yield await act(state, deps, remaining)
        case Check():
            yield await verify(state, deps)
        case Answered() | Abstained() | Failed():
            raise ValueError("an end has no next state")
        case _:
            assert_never(state)


async def retrieve(state: Retrieve, deps: Deps) -> Think:
    """Searches for the question as it was asked."""
    hits = await aside(deps.search, state.question, k=deps.passages, scope=deps.scope)
    erased = deps.erased()
    shown, withheld = sifted((hit for hit in hits if hit.chunk.document not in erased), deps.withhold)
    found = passages(shown, first=0)
    content = {"query": state.question, "passages": [brief(passage) for passage in found], "withheld": noise(withheld)}
    await record(deps, "retrieved", content)
    return Think(state.question, found, withheld=len(withheld))


async def think(state: Think, deps: Deps, remaining: float) -> AsyncGenerator[Token | Act | Check | Think | Failed]:
    """Lets the model speak once."""
    used = _used(state)
    if len(state.turns) >= deps.max_turns:
        yield _too_many_turns(deps, used)
        return
    if remaining <= 0:
        late = f"The run took longer than its {deps.deadline:g} seconds; raise [agent] deadline or try again."
        yield Failed("deadline", late, used)
        return
    offered = () if _is_last(state, deps) or not deps.model.uses_tools else deps.tools
    specs = [ToolSpec(tool.name, tool.description, tool.schema) for tool in offered]
    reply: Reply | None = None
    try:
        speaking = deps.model.reply(messages(state), specs, within=remaining, aloud=deps.aloud)
        async with aclosing(_within(speaking, remaining + GRACE)) as items:
            async for item in items:
                if isinstance(item, Token):
                    yield item
                else:
                    reply = item
    except TimeoutError:
        late = f"The run took longer than its {deps.deadline:g} seconds; raise [agent] deadline or try again."
        yield Failed("deadline", late, used)
        return
    except WindowExceeded as error:
        less = fewer(state)
        if less is not None:
            await record(deps, "shortened", {"reason": str(error), "left_out": less.left_out})
        yield less or Failed(error.code, str(error), used)
        return
    except ModelFailed as error:
        if error.heard:
            broken = {"text": error.heard, "calls": (), "stop": "broken", "usage": Usage(), "model": error.served}
            await record(deps, "thought", broken, actor=deps.model.name)
        yield Failed(error.code, str(error), used, model=error.served)
        return
    if reply is None:
        raise RuntimeError(f"the model {deps.model.name} gave no reply")
    told = {"text": reply.text, "calls": reply.calls, "stop": reply.stop, "usage": reply.usage}
    content = {**told, "model": reply.model, "shape": reply.shape, "written": reply.written}
    await record(deps, "thought", content, actor=deps.model.name)
    _warn_of_another(state, reply, deps)
    after = _after(state, reply, deps)
    yield replace(after, model=reply.model) if isinstance(after, Failed) else after


def messages(think: Think) -> list[Message]:
    """What the model is given: the question with what was found, then each turn as it was spoken."""
    spoken: list[Message] = [Question(think.question, think.passages)]
    for turn in think.turns:
        spoken += [turn.reply, Results(turn.observations)] if turn.observations else [turn.reply]
    return spoken


def _warn_of_another(state: Think, reply: Reply, deps: Deps) -> None:
    """Once, where another model speaks than the one that was asked."""
    served, asked = reply.model, deps.model.name
    if served is not None and served != _served(state) and not is_same(asked, served):
        told = "the server answered with the model %s, not %s: set [agent] model to the one you mean"
        log.warning(told, short_name(served), asked)


async def _within(items: AsyncIterator[Token | Reply], seconds: float) -> AsyncGenerator[Token | Reply]:
    """The same items; raises `TimeoutError` when they take longer. The clock stops nobody but the one who waits."""
    until = asyncio.get_running_loop().time() + seconds
    try:
        while True:
            if asyncio.get_running_loop().time() >= until:
                raise TimeoutError  # an item that is there already would not let the clock run out
            async with asyncio.timeout_at(until):
                try:
                    item = await anext(items)
                except StopAsyncIteration:
                    return
            yield item
    finally:
        if isinstance(items, AsyncGenerator):
            await items.aclose()  # a reader that leaves early leaves no connection open


def _is_last(state: Think, deps: Deps) -> bool:
    """Whether the model may speak only once more: then it has to answer."""
    return len(state.turns) + 1 >= deps.max_turns


def _too_many_turns(deps: Deps, used: Usage) -> Failed:
    times = f"{deps.max_turns} time{'s' * (deps.max_turns != 1)}"
    said = f"The model spoke {times}, as often as it may, and gave no answer; raise [agent] max_turns or ask for less."
    return Failed("too_many_turns", said, used)


def _after(state: Think, reply: Reply, deps: Deps) -> Act | Check | Think | Failed:
    match reply.stop:
        case "calls" if _is_last(state, deps):  # a server may let the model call what it was not offered
            if any(segment.quotes for segment in reply.segments):
                return Check(state, replace(reply, calls=(), stop="end"))
            return _too_many_turns(deps, _used(state) + reply.usage)
        case "calls":
            return Act(state, reply)
        case "end" | "length":  # of an answer that was cut, what holds is kept
            return Check(state, reply)
        case "window":
            less = fewer(state)
            return replace(less, spent=less.spent + reply.usage) if less else Check(state, reply)
        case "pause":
            return replace(state, turns=(*state.turns, Turn(reply)))
        case "unmade":
            said = (
                f"The model {deps.model.name} wrote a call of a tool as text, and it cannot be understood; switch "
                "tools on in its server (llama.cpp: --jinja; vLLM: --enable-auto-tool-choice), or choose another model."
            )
            return Failed("call_as_text", said, _used(state) + reply.usage)
        case "refusal":
            said = f"The model {deps.model.name} refused to answer; ask in other words."
            return Failed("model_refused", said, _used(state) + reply.usage)
        case _:
            assert_never(reply.stop)


async def act(state: Act, deps: Deps, remaining: float = math.inf) -> Think:
    """Runs what the model called, one after the other, within what the charter allows and the time that is left."""
    until = time.monotonic() + remaining
    number = len(evidence_of(state))
    observations: list[Observation] = []
    for wanted in state.reply.calls:
        if gone(deps).took(deps.given):
            break  # no more is done on the strength of it; what comes of this state is withheld
        observation = await observe(wanted, deps, first=number, until=until)
        number += len(observation.passages)
        observations.append(observation)
    turn = Turn(state.reply, tuple(observations))
    return replace(state.think, turns=(*state.think.turns, turn))


async def verify(state: Check, deps: Deps) -> Answered | Abstained | Failed:
    """Keeps what the sources bear out. An answer that cites nothing is no answer."""
    evidence, left_out, cut = evidence_of(state), _withheld(state.think), state.reply.stop in {"length", "window"}
    said = untorn(_said(state)) if cut else _said(state)
    checked = await aside(check, said, evidence, deps.texts, state.think.question)
    unverified = [{"text": text, "why": why} for text, why in zip(checked.unverified, checked.faults, strict=True)]
    await record(deps, "checked", {"kept": checked.citations, "dropped": checked.dropped, "unverified": unverified})
    used = _used(state)
    if checked.answers:
        return Answered(checked.marked, checked.citations, used, left_out, checked.unverified, cut)
    if cut:
        limit = "A limit on tokens cut the model off before it had said anything that holds"
        return Failed("cut_off", f"{limit}; raise [agent] max_tokens or ask for less at once.", used)
    words, near = "".join(segment.text for segment in said).strip(), nearest(evidence, state.think.question)
    if any(segment.quotes for segment in said):
        why = _withheld_because(checked, quoting=not deps.model.uses_tools)
        return Abstained(why, near, used, left_out, said=words)
    if not evidence:
        reason = "Nothing in the documents matches the question."
        if left_out:
            reason = f"Nothing that was found is likely to answer the question; {left_out} passages were left out."
        return Abstained(reason, (), used, left_out)
    if not deps.model.uses_tools:  # it only quotes, and says nothing of its own
        return Abstained(words, near, used, left_out)
    return Abstained(UNCITED, near, used, left_out, said=words)


def _withheld_because(checked: Checked, *, quoting: bool) -> str:
    """Why an answer that cites something is none; one that is quoted was not said by a model."""
    if quoting and (checked.citations or not checked.dropped):
        return "What comes nearest says nothing by itself, so there is no answer; see the nearest passages."
    if not checked.has_words:
        return "The model gave marks of citations and no words, so there is no answer; ask again in other words."
    if not checked.citations and checked.dropped:
        return "No citation of the answer was found in the documents, so it is withheld."
    if checked.unverified:
        return "What the answer cites does not bear it out, so it is withheld; see the nearest passages."
    return "The model cited passages and stated nothing that they say; see the nearest passages."


def _withheld(think: Think) -> int:
    """How many passages the model was not shown."""
    return think.withheld + sum(each.withheld for turn in think.turns for each in turn.observations)


def _said(state: Check) -> tuple[Segment, ...]:
    """The whole answer: a reply that was paused goes on in the next."""
    segments = state.reply.segments
    for turn in reversed(state.think.turns):
        if turn.reply.stop != "pause":
            break
        segments = turn.reply.segments + segments
    return segments


def _as_of_now(state: State, deps: Deps) -> State:
    return as_of_now(state, gone(deps), _used(state))


def _told(end: End, before: State, deps: Deps) -> End:
    """An end with what is told of every run: which model spoke, what it could not read, what had been found."""
    think = before.think if isinstance(before, Act | Check) else before
    end = replace(end, model=end.model or _served(before), left_out=think.left_out if isinstance(think, Think) else 0)
    if isinstance(end, Failed):
        return replace(end, nearest=nearest(still_there(evidence_of(before), gone(deps)), _question(before)))
    return end


def _served(state: State) -> str | None:
    """The model that spoke last, as its server names it."""
    match state:
        case Think():
            return state.turns[-1].reply.model if state.turns else None
        case Act() | Check():
            return state.reply.model
        case _:
            return None


def _question(state: State) -> str:
    match state:
        case Retrieve() | Think():
            return state.question
        case Act() | Check():
            return state.think.question
        case _:
            return ""


def _used(state: State) -> Usage:
    """The tokens that it took to come here."""
    match state:
        case Retrieve():
            return Usage()
        case Think():
            return sum((turn.reply.usage for turn in state.turns), state.spent)
        case Act() | Check():
            return _used(state.think) + state.reply.usage
        case _:
            return state.usage


def _broken(error: BaseException, state: State, deps: Deps) -> Failed:
    """The end of a run that did not come to one."""
    used = _used(state)
    if isinstance(error, CitewellError):
        return Failed(error.code, str(error), used)
    if isinstance(error, asyncio.CancelledError | GeneratorExit | KeyboardInterrupt):
        unknown = _unknown(deps) if isinstance(state, Act) else []
        if unknown:
            said = f"The run was interrupted, and whether {', '.join(unknown)} took effect is not known"
            return Failed("outcome_unknown", f"{said}: look before you ask again.", used)
        return Failed("cancelled", "The run was interrupted; ask again.", used)
    return Failed("internal_error", f"{type(error).__name__}: {error}", used)


def _begun(deps: Deps) -> bool:
    """Whether the run is in the journal, and so needs an end there."""
    try:
        return bool(deps.journal.events(deps.run))
    except NoSuchRun:
        return False


def _unknown(deps: Deps) -> list[str]:
    """The tool with a side effect that was begun, and of which the journal does not say what came of it.

    Tools run one after the other, so it needs no more than the kinds of events, which stay where an erasure took out
    what they say.
    """
    begun: list[str] = []
    for event in deps.journal.events(deps.run):
        if event.kind == "acting":
            begun = ["a tool whose call was erased" if event.content.get("erased") else event.content["call"]["name"]]
        elif event.kind == "acted":
            begun = []
    return begun


def _ending(deps: Deps, end: End, seconds: float) -> tuple[str, dict[str, Any]]:
    content = {**asdict(end), "seconds": round(seconds, 3), "cost": deps.cost(end.usage)}
    return type(end).__name__.lower(), content

"""What is done in each state of a run? A step gives events, and a model's words as they come; it writes nothing."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import aclosing, suppress
from dataclasses import replace
from functools import partial
from itertools import islice, takewhile
from typing import Any, Final, assert_never

from agent.evidence.citations import CheckedAnswer, untorn
from agent.evidence.citations import check as checked
from agent.evidence.conflicting import Conflict, conflicts, dated, with_both
from agent.evidence.faults import told
from agent.evidence.passages import passages, sifted
from agent.governance.reading import BadCharter
from agent.journal.events import (
    Acted,
    Acting,
    Checked,
    Compacted,
    Disagreement,
    Doubt,
    Event,
    Handover,
    Judged,
    Parked,
    Planned,
    Recalled,
    Retrieved,
    Returned,
    Shortened,
    Thought,
    Understood,
    Weighed,
    noise,
)
from agent.journal.fold import fold
from agent.memory.compacting import compacted, is_long
from agent.memory.conversation import Exchange, remembered, rests_on
from agent.memory.remembered import told as told_memories
from agent.memory.rewriting import rewritten
from agent.models.model import Again, Late, Message, Model, ModelFailed, Question, Results, ToolSpec, WindowExceeded
from agent.models.names import is_same, short_name
from agent.models.numbered.written import within
from agent.models.prompt import SAID_OF, TOO_LONG
from agent.run.deps import Deps, Run, as_of_now
from agent.run.endings import abstained, answered, failed, going_round, over_budget, too_many_turns, unanswered
from agent.run.offering import offered
from agent.run.routing import UNHELD, routed
from agent.run.rules.fitting import fitted
from agent.run.rules.inert import Drafting
from agent.run.rules.planning import Plan as Reading
from agent.run.rules.planning import pooled, reading, still_open
from agent.run.rules.proposing import proposed
from agent.run.rules.repeating import MOST, times
from agent.run.rules.repeating import told as told_again
from agent.run.rules.tainting import is_trusted
from agent.run.rules.weighing import may_be_weighed, ranked, weighed
from agent.run.tools import handed_over, observe, outcome_unknown
from agent.run.tools import together as beside
from agent.state import (
    Abstained,
    Act,
    Check,
    Failed,
    GoingOn,
    Observation,
    Passage,
    Plan,
    Recollection,
    Reply,
    Retrieve,
    Route,
    Segment,
    Think,
    Token,
    ToolCall,
    Understand,
    Usage,
    evidence_of,
    served,
    used,
)
from ingest.errors import CitewellError
from plugins.bounded import aside
from plugins.tool import Tool

log = logging.getLogger(__name__)

TOGETHER = 4  # calls of one reply that run at the same time
_AT_ONCE: Final = 4 * TOGETHER  # that are begun before it is looked at what time is left
NOT_SAID = "Nothing is cited for this part of the question: {}. Search for it, or say that the documents do not say it."
GRACE = 1.0  # seconds that a model has to say itself why it did not answer in time


def step(state: GoingOn, run: Run, deps: Deps) -> AsyncGenerator[Token | Event]:
    """What follows a state that is no end."""
    match state:
        case Understand():
            return understand(state, run, deps)
        case Retrieve():
            return retrieve(state, run, deps)
        case Plan():
            return search_parts(state, run, deps)
        case Think():
            return weigh(state, run, deps) if to_weigh(state, deps) else think(state, run, deps)
        case Act():
            return act(state, run, deps)
        case Check():
            return check(state, run, deps)
        case _:
            assert_never(state)


async def understand(state: Understand, run: Run, deps: Deps) -> AsyncGenerator[Event]:
    """Says what a question asks by itself that follows others. What a model does not say in time a rule does."""
    account = state.account
    if to_compact(state, run, deps):
        event = await _compacted(run, deps)
        account = event.account
        yield event
    model = deps.rewriter() if deps.rewriter else None
    try:
        earlier = remembered(run.earlier, account)
        found = await rewritten(state.question, run.earlier, earlier, model, within=run.left / 2)
    finally:
        if model is not None:
            await model.aclose()
    documents = sorted(rests_on(run.earlier)) if model is not None or deps.model.uses_tools else []
    yield Understood(found.question, found.by, found.why, tuple(documents), **_asked_aside(found.reply, deps))


def to_compact(state: Understand, run: Run, deps: Deps) -> bool:
    """Whether a model is first to give an account of what was said before."""
    return state.account is None and deps.compactor is not None and is_long(run.earlier)


async def _compacted(run: Run, deps: Deps) -> Compacted:
    assert deps.compactor is not None  # see `to_compact`
    model = deps.compactor()
    try:
        found = await compacted(run.earlier, model, within=run.left / 4)
    finally:
        await model.aclose()
    documents = tuple(sorted(rests_on(run.earlier)))
    return Compacted(found.account, found.why, documents, **_asked_aside(found.reply, deps))


def _asked_aside(reply: Reply | None, deps: Deps) -> dict[str, Any]:
    """What is kept of a reply that nobody is shown, as fields of its event."""
    if reply is None:
        return {}
    usage = reply.usage.of_the_fast if deps.fast is not None else reply.usage
    return {"usage": usage, "model": reply.model, "request": reply.request, "given": reply.given}


async def retrieve(state: Retrieve, run: Run, deps: Deps) -> AsyncGenerator[Event]:
    """Searches for the question as it was asked, unless it has several parts or wants all of something.

    Before that it is looked for what is remembered of who asks, where that is on.
    """
    if deps.recall is not None and state.recalled is None:
        yield await _recalled(state, deps.recall)
        return
    if plan := reading(state.question):
        yield await _planned(state, plan, run, deps)
        return
    hits = await aside(deps.search, state.question, k=deps.passages, scope=run.scope)
    shown, withheld = sifted(hits, deps.withhold)
    yield Retrieved(state.question, passages(shown), noise(withheld))


async def _recalled(state: Retrieve, recall: Callable[[str], tuple[Recollection, ...]]) -> Recalled:
    """What is remembered; where that cannot be told, the run goes on without."""
    try:
        return Recalled(await aside(recall, state.question))
    except CitewellError as fault:
        log.warning("What is remembered cannot be told: %s", fault)
        return Recalled((), str(fault))


async def _planned(state: Retrieve, plan: Reading, run: Run, deps: Deps) -> Planned:
    """By which parts it is searched for: those that the rule reads, or a model says where the rule reads some."""
    ruled = Planned(plan.parts, plan.why)
    if deps.planner is None or not plan.parts or over_budget(Think(state.question, (), spent=state.spent), run, deps):
        return ruled
    model = deps.planner()
    try:
        found = await proposed(state.question, ruled, model, within=run.left / 2)
    finally:
        await model.aclose()
    return replace(found, usage=found.usage.of_the_fast) if deps.fast is not None else found


async def search_parts(state: Plan, run: Run, deps: Deps) -> AsyncGenerator[Event]:
    """Searches for the question and for each of its parts, and pools what is found; deeper, where it has none."""
    k = deps.passages
    asked = [state.question, *(part.question for part in state.parts)]
    depth = k if state.parts else 2 * k
    searches = (aside(deps.search, each, k=depth, scope=run.scope) for each in asked)
    whole, *found = await asyncio.gather(*searches)
    together = pooled(whole, found, k, withhold=deps.withhold)
    shown, withheld = sifted([hit for hit, _ in together], deps.withhold)
    serves = {hit.chunk.id: parts for hit, parts in together}
    served_by = [serves[hit.chunk.id] for hit in shown]
    tagged = zip(passages(shown), served_by, strict=True)
    yield Retrieved(state.question, tuple(replace(each, serves=parts) for each, parts in tagged), noise(withheld))


def to_weigh(state: Think, deps: Deps) -> bool:
    """Whether a model is first to say of each passage how it bears on the question."""
    return deps.weigher is not None and may_be_weighed(state)


async def weigh(state: Think, run: Run, deps: Deps) -> AsyncGenerator[Event]:
    """Has each passage weighed on its own, several at a time, within half of what is left of the run's time and means.

    What a passage is worth is an event as it comes, so that it is not asked for again.
    """
    assert deps.weigher is not None  # see `to_weigh`
    model, bound, until = deps.weigher(), asyncio.Semaphore(TOGETHER), run.seconds + run.left / 2
    half, so_far = _half(state, run, deps), state
    known = {number for number, _ in state.scores}

    async def one(passage: Passage) -> Weighed | None:
        nonlocal so_far
        async with bound:
            if run.seconds >= until or over_budget(so_far, half, deps):
                return None
            found = await weighed(state.question, passage, model, within=until - run.seconds)
            found = replace(found, usage=found.usage.of_the_fast) if deps.fast is not None else found
            after = fold(so_far, found)
            assert isinstance(after, Think)  # it can be nothing else
            so_far = after
            return found

    tasks = [asyncio.ensure_future(one(each)) for each in state.passages if each.number not in known]
    unasked = 0
    try:
        for done in asyncio.as_completed(tasks):
            if (event := await done) is None:
                unasked += 1
                continue
            yield event
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await model.aclose()
    why = f"{unasked} were not weighed, as half of what the run may use was used" if unasked else ""
    yield ranked(so_far, why)


def _half(state: Think, run: Run, deps: Deps) -> Run:
    """The same run, which may use half of what it has left."""
    tokens, cost, spent = run.budget_tokens, run.budget_cost, used(state)
    before = deps.cost(spent) or 0.0
    return replace(
        run,
        budget_tokens=None if tokens is None else (tokens + spent.total) // 2,
        budget_cost=None if cost is None else (cost + before) / 2,
    )


async def think(state: Think, run: Run, deps: Deps, *, instead: str | None = None) -> AsyncGenerator[Token | Event]:
    """Lets the model speak once. The last time that it may, it has to answer.

    Of two it is the one that the rules name. Where the fast one fails the strong one speaks `instead`, for that reason.
    """
    remaining = run.left
    if end := _no_more(state, run, deps, remaining):
        for each in await _or_before(state, end, run, deps):
            yield each
        return
    specs = tools_told(state, specs_of(deps.tools), deps.model, run.max_turns)
    model, route = chosen(state, specs, deps, instead)
    reply: Reply | None = None
    draft = Drafting(deps.secrets)
    try:
        speaking = model.reply(messages(state, run.earlier), specs, within=remaining, aloud=run.aloud)
        async with aclosing(_within(speaking, remaining + GRACE)) as items:
            async for item in draft.of(items):
                if isinstance(item, Token):
                    yield item
                else:
                    reply = item
    except TimeoutError:
        for each in await _or_before(state, _late(state, run), run, deps):
            yield each
        return
    except ModelFailed as error:
        if route is None or not route.fast or error.heard or isinstance(error, Late):
            events = _failed(state, error, run, deps, route)
        else:
            events = think(state, run, deps, instead=f"the fast model failed: {error}")
        async with aclosing(events) as following:
            async for event in following:
                yield event
        return
    if reply is None:
        raise RuntimeError(f"the model {model.name} gave no reply")
    _warn_of_another(state, reply, model)
    reply = replace(reply, usage=reply.usage.of_the_fast) if route and route.fast else reply
    barred = _is_last(state, run.max_turns) and reply.stop == "calls"  # a server may let it call what was not offered
    yield Thought(reply, barred, route)
    for behind in _behind(state, reply, draft):
        yield behind


def _behind(state: Think, reply: Reply, draft: Drafting) -> Iterator[Token | Shortened]:
    """What follows when a reply is on record: the last of its words, and less to read where that was too much."""
    if words := draft.rest():
        yield Token(words)
    full = "What the model reads at once was full before its answer was whole."
    if reply.stop == "window" and (less := _shortened(state, full)):
        yield less


def _no_more(state: Think, run: Run, deps: Deps, remaining: float) -> Failed | None:
    """Why the model does not speak again; None where it may."""
    if len(state.turns) >= run.max_turns:
        return too_many_turns(state, run)
    return over_budget(state, run, deps) or (_late(state, run) if remaining <= 0 else None)


def _late(state: Think | Act, run: Run) -> Failed:
    late = f"The run took longer than its {run.deadline:g} seconds; raise [agent] deadline or try again."
    return failed(state, "deadline", late)


def specs_of(tools: Iterable[Tool]) -> tuple[ToolSpec, ...]:
    """The tools as a model is told of them."""
    return tuple(ToolSpec(tool.name, _told_of(tool), tool.schema) for tool in tools)


def _told_of(tool: Tool) -> str:
    """What a tool is for; who says so, where that is another server."""
    return SAID_OF.format(within(tool.description)) if tool.is_remote else tool.description


def tools_told(state: Think, tools: Sequence[ToolSpec], model: Model, max_turns: int) -> tuple[ToolSpec, ...]:
    """Those that a model is told of when it is to speak: none the last time."""
    return () if _is_last(state, max_turns) or not model.uses_tools else offered(tools, state)


def _is_last(state: Think, max_turns: int) -> bool:
    """Whether the model speaks for the last time."""
    return len(state.turns) + 1 >= max_turns


def chosen(
    state: Think, specs: Sequence[ToolSpec], deps: Deps, instead: str | None = None
) -> tuple[Model, Route | None]:
    """Who is to speak, and why, where there are two; `instead` is why it is not the fast one in any case."""
    if deps.fast is None:
        return deps.model, None
    acting = {tool.name for tool in deps.tools if tool.effect != "read"}
    is_easy, why = (False, instead) if instead else routed(state, acts=any(each.name in acting for each in specs))
    model = deps.fast if is_easy else deps.model
    return model, Route(model.name, why, is_easy)


async def _failed(
    state: Think, error: ModelFailed, run: Run, deps: Deps, route: Route | None
) -> AsyncGenerator[Token | Event]:
    """What follows where the model broke off: less is given to it, or the run ends."""
    if isinstance(error, WindowExceeded):
        less = fitted(state, error.over, str(error)) if error.over else _shortened(state, str(error))
        for each in (less,) if less else await _or_before(state, failed(state, error.code, str(error)), run, deps):
            yield each
        return
    if error.heard:
        yield Thought(Reply((Segment(error.heard),), (), "broken", model=error.served), route=route)
    for each in await _or_before(state, failed(state, error.code, str(error), model=error.served), run, deps):
        yield each


async def act(state: Act, run: Run, deps: Deps) -> AsyncGenerator[Event]:
    """Runs what the model called, within what the charter allows and the time that is left.

    What only reads runs together, up to the next call that does more; what is told of them keeps their order. The step
    ends at a call that waits for a person, or at a tool that hands over to one.
    """
    calls = [state.next_call, *state.reply.calls[len(state.observations) + 1 :]]
    if state.begun and (handover := outcome_unknown(state, run, deps)):
        yield handover
        return
    made: list[Observation] = []
    approved = state.approved  # of the first call alone, be the next one its twin
    while calls:
        if run.left <= 0:
            yield _late(state, run)
            return
        held = deps
        with suppress(BadCharter):  # each of them is told
            held = await aside(as_of_now, deps)
        together = list(islice(takewhile(partial(beside, state=state, run=run, deps=held), calls), _AT_ONCE))
        if not together and approved is None and (end := over_budget(state, run, deps)):
            yield end  # before any effect
            return
        together = together or calls[:1]
        del calls[: len(together)]
        now = _until(state, made)
        events_of, approved = _observed(together, now, approved, run, deps), None
        async with aclosing(events_of) as events:
            async for event in events:
                if not isinstance(event, Acted):
                    yield event
                    if isinstance(event, Parked | Handover):
                        return
                    continue
                seen = times(state, event.observation, made)
                made.append(event.observation)
                acted = replace(event, observation=told_again(event.observation)) if seen > 1 else event
                yield acted
                if seen >= MOST:
                    yield going_round(state, acted.observation)
                    return
                if said := handed_over(acted, deps):
                    yield Handover("asked_for_person", said)
                    return


def _until(state: Act, made: Sequence[Observation]) -> Act:
    """The state after so many of its calls were made: what holds of the first holds of no other."""
    if not made:
        return state
    known = (*state.observations, *made)
    return replace(state, observations=known, begun=None, key="", approved=None, edited=None, expires=None)


async def _observed(
    calls: Sequence[ToolCall], state: Act, approved: str | None, run: Run, deps: Deps
) -> AsyncGenerator[Acting | Acted | Parked | Handover]:
    """What comes of calls that run together, in their order."""
    if len(calls) == 1:
        async with aclosing(observe(calls[0], state, run, deps, approved=approved)) as events:
            async for event in events:
                yield event
        return
    bound = asyncio.Semaphore(TOGETHER)

    async def one(wanted: ToolCall) -> list[Acting | Acted | Parked | Handover]:
        async with bound, aclosing(observe(wanted, state, run, deps, approved=approved)) as events:
            return [event async for event in events]

    tasks = [asyncio.ensure_future(one(wanted)) for wanted in calls]
    try:
        for task in tasks:
            for event in await task:
                yield event
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def check(state: Check, run: Run, deps: Deps) -> AsyncGenerator[Event]:
    """Keeps what the sources bear out. An answer that cites nothing is no answer.

    One of which something does not hold goes back to its model once, with the reasons.
    """
    is_fast = deps.fast is not None and state.think.route is not None and state.think.route.fast
    may_go_back = _may_go_back(state, run, deps)
    if end := unanswered(state, run, deps.fast if is_fast and deps.fast else deps.model):
        if is_fast and may_go_back:
            yield Returned((end.reason,))
        else:
            for each in await _or_before(state, end, run, deps):
                yield each
        return
    cut = _is_cut(state)
    found, disagree = await _checked(state, deps)
    left_out = tuple(each.reason for each in disagree if not each.is_told)
    if deps.model.uses_tools and found.answers:
        left_out = (*left_out, *(NOT_SAID.format(part.about) for part in still_open(state.think, found.citations)))
    again = bool(found.unverified or left_out) and not cut and may_go_back
    unheld = is_fast and not found.answers and may_go_back  # the strong one may do better
    yield _written(found, disagree, "returned" if again or unheld else None)
    if again or unheld:
        yield Returned((*told(found.unverified, found.faults), *left_out) or (UNHELD,))
    elif found.answers:
        yield answered(state, found, run, deps, cut=cut)
    elif cut:
        limit = "A limit on tokens cut the model off before it had said anything that holds"
        end = failed(state, "cut_off", f"{limit}; raise [agent] max_tokens or ask for less at once.")
        for each in await _or_before(state, end, run, deps):
            yield each
    else:
        for each in await _or_before(state, abstained(state, _said(state), found, deps.model), run, deps):
            yield each


def messages(think: Think, earlier: Sequence[Exchange] = ()) -> list[Message]:
    """What the model is given: what was said before, the question with what was found, then each turn as spoken."""
    before = remembered(earlier, think.account)
    spoken: list[Message] = [Question(think.question, think.passages, before, told_memories(think.recalled or ()))]
    for turn in think.turns:
        spoken.append(turn.reply)
        spoken += [Results(turn.observations)] if turn.observations else []
        spoken += [Again(turn.returned)] if turn.returned else []
    return spoken


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


def _warn_of_another(state: Think, reply: Reply, model: Model) -> None:
    """Once, where another model speaks than the one that was asked."""
    told, asked = reply.model, model.name
    if told is not None and told != served(state) and not is_same(asked, told):
        warning = "the server answered with the model %s, not %s: set [agent] model to the one you mean"
        log.warning(warning, short_name(told), asked)


def _shortened(think: Think, reason: str) -> Shortened | None:
    """Half of the passages that no reply has named yet are left out, the last ones; None where there are no more."""
    if think.turns:
        found = sum(len(each.passages) for each in think.turns[-1].observations)
    else:
        found = len(think.passages) if len(think.passages) > 1 else 0
    return Shortened(reason, think.left_out + found - found // 2, TOO_LONG) if found else None


async def _checked(state: Check, deps: Deps) -> tuple[CheckedAnswer, tuple[Conflict, ...]]:
    """What the sources bear out of an answer, but for the sentence that a limit tore; and what other sources say of it.

    The latter are reasons to ask again; until the model tells both sides, we do.
    """
    said = untorn(_said(state)) if _is_cut(state) else _said(state)
    evidence = evidence_of(state)
    if any(turn.returned for turn in state.think.turns):  # then it was told from when documents are
        evidence = await aside(dated, evidence, deps.document)
    found = await aside(checked, said, evidence, deps.texts, state.think.question)
    against = partial(conflicts, encode=deps.encode, trusts=partial(is_trusted, deps=deps))
    disagree = await aside(against, found, evidence, deps.texts, state.think.question, deps.document)
    return with_both(found, disagree), disagree


def _is_cut(state: Check) -> bool:
    return state.reply.stop in {"length", "window"}


def _written(found: CheckedAnswer, disagree: Sequence[Conflict], verdict: Judged | None) -> Checked:
    """What is kept of a check. An answer that claimed nothing and cited nothing was not judged."""
    if verdict is None and (found.answers or found.unverified or found.dropped):
        verdict = "abstained" if not found.answers else "named" if found.unverified else "kept"
    doubts = tuple(Doubt(text, why) for text, why in zip(found.unverified, found.faults, strict=True))
    both = tuple(
        Disagreement((each.cited.citation, each.other.citation), each.told, each.is_trusted) for each in disagree
    )
    return Checked(found.citations, found.dropped, doubts, found.held, verdict, conflicts=both)


def _may_go_back(state: Check, run: Run, deps: Deps) -> bool:
    """Whether a model may answer again: once in a run, within its turns and its time. One that only quotes may not."""
    turns = state.think.turns
    is_first = not any(turn.returned for turn in turns)
    return deps.model.uses_tools and is_first and len(turns) + 1 < run.max_turns and run.left > GRACE


async def _or_before(state: Think | Check, end: Abstained | Failed, run: Run, deps: Deps) -> tuple[Event, ...]:
    """What held of the answer that was sent back, where nothing better came of that; else the end as it is.

    Its check comes before it. Where something broke meanwhile, the answer that was sent back is judged as if it had not
    been.
    """
    think = state if isinstance(state, Think) else state.think
    place = next((place for place, turn in enumerate(think.turns) if turn.returned), None)
    if place is None:
        return (end,)
    later = (turn.reply.usage for turn in think.turns[place + 1 :])
    spent = sum(later, think.spent + (state.reply.usage if isinstance(state, Check) else Usage()))
    before = Check(replace(think, turns=think.turns[:place], spent=spent), think.turns[place].reply)
    found, disagree = await _checked(before, deps)
    if not found.answers and isinstance(end, Abstained):
        return (end,)
    shown = answered(before, found, run, deps, cut=False) if found.answers else None
    again = replace(_written(found, disagree, None), before=True)
    return again, shown or abstained(before, _said(before), found, deps.model)


def _said(state: Check) -> tuple[Segment, ...]:
    """The whole answer: a reply that was paused goes on in the next."""
    segments = state.reply.segments
    for turn in reversed(state.think.turns):
        if turn.reply.stop != "pause":
            break
        segments = turn.reply.segments + segments
    return segments

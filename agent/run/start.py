"""How does a run begin, and what comes of it? Its parts are made, its loop runs, and an answer is made of its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import ClassVar

from agent.answer import Answer
from agent.journal.events import TakenUp
from agent.journal.record import Recorder
from agent.run.course import Begun, Course
from agent.run.deps import Deps, Oversight, Run
from agent.run.loop import run
from agent.state import End, State, Token
from ingest.errors import CitewellError
from plugins.bounded import aside, settled


class Stalled(CitewellError):
    """What a run reads does not come: a disk, or what stands in for one, does not answer."""

    code: ClassVar[str] = "stalled"


async def start(
    made: Callable[[], tuple[Run, Deps, Oversight]],
    answer_of: Callable[[Run, Deps, Oversight, End], Answer],
    *,
    within: float,
    read: Sequence[Path],
) -> AsyncGenerator[State | Token | Answer]:
    """Every state of a run, its model's words as they come, and last the answer that is made of its end, `answer_of`.

    Both read disks, and so work in threads. Raises `Stalled` where a run is not `made` within so many seconds, since
    what is `read` for it does not come.
    """
    timeout = asyncio.timeout(within)
    try:
        async with timeout:
            this, deps, over = await aside(made)
    except TimeoutError:
        if not timeout.expired():
            raise  # it is of what was made
        raise Stalled(
            f"The run could not begin within its {within:g} seconds, since what it reads did not come: see that "
            f"{' and '.join(map(str, read))} can be read, then ask again."
        ) from None
    items = _followed(this, deps, over, answer_of, run(this, deps, over))
    async with _closing(deps), _driving(over.journal, this.id), aclosing(items):
        async for item in items:
            yield item


async def go_on(
    journal: Recorder,
    id: str,
    taken_up: Callable[[], tuple[Run, Deps, Oversight, Begun, TakenUp]],
    answer_of: Callable[[Run, Deps, Oversight, End], Answer],
) -> AsyncGenerator[State | Token | Answer]:
    """The same of a run that is in the journal, and is `taken_up` once nobody else drives it (`Driven`)."""
    async with _driving(journal, id):
        this, deps, over, begun, by = await aside(taken_up)
        items = _followed(this, deps, over, answer_of, run(this, deps, over, begun=begun, by=by))
        async with _closing(deps), aclosing(items):
            async for item in items:
                yield item


async def decide(
    journal: Recorder, id: str, taken_up: Callable[[], tuple[Run, Deps, Oversight, Begun, TakenUp]]
) -> None:
    """What a person said of a run that waits for it is written down, and whoever finds the run goes on with it."""
    async with _driving(journal, id):
        this, deps, over, begun, by = await aside(taken_up)
        async with _closing(deps):
            await Course(this, over, model=deps.model.name, begun=begun).take(by)


async def _followed(
    this: Run,
    deps: Deps,
    over: Oversight,
    answer_of: Callable[[Run, Deps, Oversight, End], Answer],
    items: AsyncGenerator[State | Token],
) -> AsyncGenerator[State | Token | Answer]:
    async with aclosing(items):
        async for item in items:
            yield item
            if isinstance(item, End):
                yield await aside(answer_of, this, deps, over, item)


@asynccontextmanager
async def _driving(journal: Recorder, id: str) -> AsyncGenerator[None]:
    """Within, the run goes on in this process. Who is cancelled while that begins or ends leaves nothing behind."""
    taking = asyncio.ensure_future(aside(journal.take, id))
    cancelled = await settled(taking)
    try:
        if cancelled is not None:
            raise cancelled
        taking.result()
        yield
    finally:
        if taking.exception() is None:
            cancelled = await settled(asyncio.ensure_future(aside(journal.let_go, id)))
            if cancelled is not None:
                raise cancelled


@asynccontextmanager
async def _closing(deps: Deps) -> AsyncGenerator[None]:
    """At its end the models hold no connection any more."""
    try:
        yield
    finally:
        await deps.model.aclose()
        if deps.fast is not None:
            await deps.fast.aclose()

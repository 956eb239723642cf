"""How does a run begin, and what comes of it? Its parts are made, its loop runs, and an answer is made of its end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import ClassVar

from agent.answer import Answer
from agent.run.deps import Deps, Oversight, Run
from agent.run.loop import run
from agent.state import Abstained, Answered, End, Failed, State, Token
from ingest.errors import CitewellError
from plugins.bounded import aside


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
    try:
        async with asyncio.timeout(within):
            this, deps, over = await aside(made)
    except TimeoutError:
        raise Stalled(
            f"The run could not begin within its {within:g} seconds, since what it reads did not come: see that "
            f"{' and '.join(map(str, read))} can be read, then ask again."
        ) from None
    try:
        with over.journal.during(this.id):
            async with aclosing(run(this, deps, over)) as items:
                async for item in items:
                    yield item
                    if isinstance(item, Answered | Abstained | Failed):
                        yield await aside(answer_of, this, deps, over, item)
    finally:
        await deps.model.aclose()

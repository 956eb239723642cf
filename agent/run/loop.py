"""How does a question become an answer? Step by step: what a step gives is written down and folded into the state."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import Any

from agent.journal.events import Handover, Started, TakenUp
from agent.journal.fold import UNNAMED
from agent.journal.tallies import NothingLeft
from agent.run.course import Begun, Course
from agent.run.deps import Deps, Oversight, Run
from agent.run.guard import guarded
from agent.run.rules.escalating import Watch
from agent.run.tools import outcome_unknown
from agent.state import Act, End, Over, State, Token

log = logging.getLogger(__name__)


async def run(
    this: Run,
    deps: Deps,
    over: Oversight,
    *,
    begun: Begun | None = None,
    by: TakenUp | None = None,
) -> AsyncGenerator[State | Token]:
    """The state after every step, the last one an end, with the model's words between them; all of it in the journal.

    A step goes on only when what it gave is on disk. A run that is cancelled, or whose code breaks, ends in the journal
    as failed before the exception goes on. What is erased while it goes on is in no state, and in no event, that comes
    after. One that had `begun` before is gone on with, `by` what took it up again.
    """
    watch = Watch(this, deps)
    course = Course(this, over, model=deps.model.name, begun=begun)
    try:
        scope: dict[str, Any] = {"labels": sorted(this.scope.labels), "metadata": this.scope.fields()}
        if this.scope.within is not None:
            scope["within"] = sorted(this.scope.within)
        whose = (
            this.principal,
            this.conversation,
            tuple(each.seen for each in this.earlier),
            this.account,
            this.claims,
        )
        state = await course.take(by or Started(this.question, this.release, scope, *whose))
        if (
            isinstance(state, Over) and not course.ended
        ):  # of what it was made from something was erased before it was taken up
            state = await course.take(state)
        yield state
        while not isinstance(state, End):
            async with aclosing(watch.over(state, guarded(state, this, deps, over))) as items:
                async for item in items:
                    if isinstance(item, Token):
                        yield item
                        continue
                    try:
                        state = await course.take(item)
                    except NothingLeft as taken:  # by another run, since the call was judged; so it is judged anew
                        log.info("%s", taken)
                        break
            if isinstance(state, Over) and not course.ended:  # nothing was left to go on from
                state = await course.take(state)
            yield state
    except BaseException as error:
        await course.broken(error, partial(_unknown, this=this, deps=deps, watch=watch))
        raise


def _unknown(state: State, this: Run, deps: Deps, watch: Watch) -> Handover | None:
    """What a person is to say where a run breaks while a call goes on that may take effect."""
    if not (isinstance(state, Act) and state.begun) or state.begun == UNNAMED:  # of what is erased nobody can say it
        return None
    handover = outcome_unknown(state, this, deps)
    return watch.routed(handover) if handover else None

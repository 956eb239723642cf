"""How does an event of a run come to disk, and then into the state? Without what was erased by then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from agent.governance.budgets import spent
from agent.journal.entry import JournalUnusable
from agent.journal.events import Acting, Decided, Event, Handover, Recalled, Redacted, Thought, content, kind_of
from agent.journal.fold import fold, numbered
from agent.journal.projection import ENDS
from agent.journal.record import Overtaken
from agent.journal.replay import digest_after
from agent.run.deps import Oversight, Run
from agent.run.guard import as_written, gone, unnamed
from agent.run.rules.deciding import NOBODY
from agent.state import LEFT, Act, Failed, Over, State, Usage, used
from ingest.errors import CitewellError
from plugins.bounded import aside, settled


@dataclass(frozen=True, slots=True)
class Begun:
    """A run that is taken up again: the state that its events come to, how many there are, and what of its cost was
    counted for a day.
    """

    state: State
    events: int
    paid: float = 0.0


class Course:
    """A run as it goes on: `state` is what its events on disk come to, None before the first.

    `ended` says that its end is among them. A state may be an end before: when nothing is left to go on from.
    """

    def __init__(self, run: Run, over: Oversight, *, model: str, begun: Begun | None = None) -> None:
        self.state: State | None = begun.state if begun else None
        self.ended = False
        self._run, self._over, self._model = run, over, model
        self._paid = begun.paid if begun else 0.0  # of its cost that was counted for a day
        # The number of the next event in its run: who comes second with it does nothing more
        self._next = begun.events + 1 if begun else 1

    async def take(self, event: Event) -> State:
        """The state after an event, which is on disk when this returns.

        It waits for the disk in a thread, so as not to hold up other runs. A run that is cancelled meanwhile first lets
        the event be written, and takes it: its end tells of it, and nothing is written after its end.
        """
        written, done = self._submit(event, self._over)
        append = asyncio.wrap_future(done)
        cancelled = await settled(append)
        if append.exception() is None:
            self._next += 1
        if cancelled is not None and (append.exception() is not None or isinstance(event, Acting)):
            raise cancelled  # the event is not there, or the tool of which it tells has not begun
        append.result()
        self.state = state = fold(self.state, written[-1])
        self.ended = kind_of(event) in ENDS
        if cancelled is not None:
            raise cancelled
        return state

    async def broken(self, error: BaseException, unknown: Callable[[State], Handover | None]) -> None:
        """Writes down the end of a run that has begun and did not come to one, in a thread; nothing cuts that short.

        Where it is `unknown` what came of a call, a person is to say so.

        Where the journal takes nothing the run has none, be the journal back a moment later, and can be resumed.
        """
        if self.state is None or self.ended or isinstance(error, Overtaken | JournalUnusable):
            return
        if isinstance(error, asyncio.CancelledError) and error.args[:1] == (LEFT,):
            return
        ending = asyncio.ensure_future(aside(self._end, error, self.state, unknown))
        await settled(ending)
        ending.result()

    def _end(self, error: BaseException, state: State, unknown: Callable[[State], Handover | None]) -> None:
        over = replace(self._over, erased=partial(_if_it_can_be_told, self._over.erased))
        state = unnamed(state, gone(over))
        self._submit(unknown(state) or _broken(error, state), over)[1].result()

    def _submit(self, event: Event, over: Oversight) -> tuple[list[Event], Future[Any]]:
        """The event as it was written, the last of a list once it is.

        What is erased is looked at when nobody else can write: an erasure is known by then, or finds the event.
        """
        written: list[Event] = []
        beside = self._spent(event)
        as_it_is = numbered(event, self.state)
        digested = digest_after(self.state, as_it_is)  # ahead of time, while others may write

        def as_of_now() -> tuple[str, Mapping[str, Any]]:
            as_kept = as_written(_still_remembered(as_it_is, over), self.state, gone(over))
            written.append(as_kept)
            if isinstance(as_kept, Redacted):  # by the digest of what is erased a guess could be confirmed
                return kind_of(as_kept), {**content(as_kept), **beside}
            state = digested if as_kept is as_it_is else digest_after(self.state, as_kept)
            return kind_of(as_kept), {**content(as_kept), **beside, "state": state}

        speaks = event.route.model if isinstance(event, Thought) and event.route else self._model
        people = dict.fromkeys(("endorsed", "decided", "claimed", "resolved", "reopened"), "person")
        actor = {"started": "user", "thought": speaks, **people}.get(kind_of(event), "agent")
        if isinstance(event, Decided) and event.account == NOBODY:
            actor = "agent"
        return written, over.journal.submit(self._run.id, as_of_now, actor=actor, number=self._next)

    def _spent(self, event: Event) -> Mapping[str, Any]:
        """Beside an end: what the run took."""
        if kind_of(event) not in ENDS:
            return {}
        usage = event.usage if isinstance(event, Over) else used(self.state) if self.state else Usage()
        cost = self._over.cost(usage)
        claims = spent(None if cost is None else cost - self._paid, self._run.principal)
        self._paid = cost or self._paid
        return {"seconds": round(self._run.seconds, 3), "cost": cost, **({"claims": claims} if claims else {})}


def _still_remembered(event: Event, over: Oversight) -> Event:
    """The same without what was forgotten since it was found."""
    if not isinstance(event, Recalled) or not event.memories:
        return event
    gone = over.forgotten([each.id for each in event.memories])
    return replace(event, memories=tuple(each for each in event.memories if each.id not in gone)) if gone else event


def _if_it_can_be_told(erased: Callable[[], frozenset[str]]) -> frozenset[str]:
    """What is erased; where that cannot be told, it may be why the run broke, and its end is written all the same."""
    try:
        return erased()
    except Exception:  # noqa: BLE001 - whatever it was, the run has broken already
        return frozenset()


def _broken(error: BaseException, state: State) -> Failed:
    usage = used(state)
    if isinstance(error, CitewellError):
        return Failed(error.code, str(error), usage)
    if not isinstance(error, asyncio.CancelledError | GeneratorExit | KeyboardInterrupt):
        return Failed("internal_error", f"{type(error).__name__}: {error}", usage)
    if isinstance(state, Act) and state.begun:
        said = f"The run was interrupted, and whether {state.begun} took effect is not known"
        return Failed("outcome_unknown", f"{said}: look before you ask again.", usage)
    return Failed("cancelled", "The run was interrupted; ask again.", usage)

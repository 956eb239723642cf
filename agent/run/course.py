"""How does an event of a run come to disk, and then into the state? Without what was erased by then."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from agent.journal.events import Acting, Event, content, kind_of
from agent.journal.fold import fold, numbered
from agent.run.deps import Oversight, Run
from agent.run.guard import as_written, gone, unnamed
from agent.state import Abstained, Act, Answered, Failed, State, used
from ingest.errors import CitewellError
from plugins.bounded import aside


class Course:
    """A run as it goes on: `state` is what its events on disk come to, None before the first.

    `ended` says that its end is among them. A state may be an end before: when nothing is left to go on from.
    """

    def __init__(self, run: Run, over: Oversight, *, model: str) -> None:
        self.state: State | None = None
        self.ended = False
        self._run, self._over, self._model = run, over, model

    async def take(self, event: Event) -> State:
        """The state after an event, which is on disk when this returns.

        It waits for the disk in a thread, so as not to hold up other runs. A run that is cancelled meanwhile first lets
        the event be written, and takes it: its end tells of it, and nothing is written after its end.
        """
        append = asyncio.ensure_future(aside(self._append, event, self._over, self._spent(event)))
        cancelled: asyncio.CancelledError | None = None
        while not append.done():
            try:
                await asyncio.wait([append])
            except asyncio.CancelledError as error:
                cancelled = error
        if cancelled is not None and (append.exception() is not None or isinstance(event, Acting)):
            raise cancelled  # the event is not there, or the tool of which it tells has not begun
        self.state = state = fold(self.state, append.result())
        self.ended = isinstance(event, Answered | Abstained | Failed)
        if cancelled is not None:
            raise cancelled
        return state

    def broken(self, error: BaseException) -> None:
        """Writes down the end of a run that has begun and did not come to one, holding up everything else."""
        if self.state is None or self.ended:
            return
        over = replace(self._over, erased=partial(_if_it_can_be_told, self._over.erased))
        end = _broken(error, unnamed(self.state, gone(over)))
        self._append(end, over, self._spent(end))

    def _append(self, event: Event, over: Oversight, beside: Mapping[str, Any]) -> Event:
        """What is erased is looked at when nobody else can write: an erasure is known by then, or finds the event."""
        written = event

        def as_of_now() -> tuple[str, Mapping[str, Any]]:
            nonlocal written
            written = as_written(numbered(event, self.state), self.state, gone(over))
            return kind_of(written), {**content(written), **beside}

        actor = {"started": "user", "thought": self._model}.get(kind_of(event), "agent")
        over.journal.append_as_of_now(self._run.id, as_of_now, actor=actor)
        return written

    def _spent(self, event: Event) -> Mapping[str, Any]:
        """Beside an end: what the run took."""
        if isinstance(event, Answered | Abstained | Failed):
            return {"seconds": round(self._run.seconds, 3), "cost": self._over.cost(event.usage)}
        return {}


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

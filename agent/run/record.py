"""How does an event of a run come to disk? As it may be written down by then, and last of all an end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any, get_args

from agent.journal.events import Event, content, kind_of
from agent.journal.fold import UNNAMED
from agent.journal.journal import NoSuchRun
from agent.run.deps import Deps, Run
from agent.run.guard import as_written, gone
from agent.state import Abstained, Act, Answered, Failed, State, Status, Usage, used
from ingest.model import CitewellError
from plugins.bounded import aside


async def record(event: Event, state: State | None, run: Run, deps: Deps) -> Event:
    """The event that follows a state, as it was written down; it is on disk when this returns.

    It waits for the disk in a thread, so as not to hold up other runs. A run that is cancelled meanwhile first lets
    the event be written, so that nothing is written after its end, and the end itself is never lost.
    """
    append = asyncio.ensure_future(aside(_append, event, state, run, deps, _spent(event, run, deps)))
    try:
        return await asyncio.shield(append)
    except asyncio.CancelledError:
        await asyncio.wait([append])
        raise


def record_broken(error: BaseException, state: State | None, run: Run, deps: Deps) -> None:
    """Writes down the end of a run that did not come to one, holding up everything else."""
    try:
        entries = deps.journal.events(run.id)
    except NoSuchRun:
        return
    if entries and entries[-1].kind not in get_args(Status):
        acting = [entry for entry in entries if entry.kind == "acting"]
        end = _broken(error, state, UNNAMED if acting and acting[-1].content.get("erased") else None)
        with suppress(Exception):  # where what is erased cannot be told, that is why the run broke
            if gone(run, deps).named_in(content(end)):
                end = replace(end, reason="The run broke, and why names what was erased meanwhile: ask again.")
        deps = replace(deps, erased=frozenset)
        _append(end, None, run, deps, _spent(end, run, deps))


def _append(event: Event, state: State | None, run: Run, deps: Deps, beside: Mapping[str, Any]) -> Event:
    """What is erased is looked at when nobody else can write: an erasure is known by then, or finds the event."""
    written = event

    def as_of_now() -> Mapping[str, Any]:
        nonlocal written
        written = as_written(event, state, gone(run, deps))
        return {**content(written), **beside}

    kind = kind_of(event)
    actor = {"started": "user", "thought": deps.model.name}.get(kind, "agent")
    deps.journal.append(run.id, kind, as_of_now, actor=actor)
    return written


def _spent(event: Event, run: Run, deps: Deps) -> Mapping[str, Any]:
    """Beside an end: what the run took."""
    if isinstance(event, Answered | Abstained | Failed):
        return {"seconds": round(run.seconds, 3), "cost": deps.cost(event.usage)}
    return {}


def _broken(error: BaseException, state: State | None, unnamed: str | None) -> Failed:
    usage = used(state) if state else Usage()
    if isinstance(error, CitewellError):
        return Failed(error.code, str(error), usage)
    if not isinstance(error, asyncio.CancelledError | GeneratorExit | KeyboardInterrupt):
        return Failed("internal_error", f"{type(error).__name__}: {error}", usage)
    if isinstance(state, Act) and state.begun:
        said = f"The run was interrupted, and whether {unnamed or state.begun} took effect is not known"
        return Failed("outcome_unknown", f"{said}: look before you ask again.", usage)
    return Failed("cancelled", "The run was interrupted; ask again.", usage)

"""What does the service do unasked? It goes on with runs that were cut off or decided upon, and sees to what is due."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol

from agent.journal.entry import JournalUnusable
from agent.journal.journal import Driven
from agent.service.admission import PARTING, Item, LiveRun, Runs, Stopping
from ingest.errors import CitewellError
from plugins.bounded import aside

EVERY = 1.0  # seconds between two looks
AGAIN = 60.0  # seconds until a run that could not go on, for a charter that cannot be read say, is tried again
TENDED = 5.0  # seconds between two looks at what is due without anybody's word
PATIENCE = 5.0  # seconds that these runs have to end when the service is stopped

log = logging.getLogger(__name__)


class Resuming(Protocol):
    """What has runs that can be taken up: `agent.wire.Citewell`."""

    def cut_off(self) -> list[str]:
        """Those without an end that nobody drives."""
        ...

    def tend(self) -> Sequence[str]:
        """Does what is due without anybody's word; what could not be done, and why."""
        ...

    def resume(self, run: str, *, aloud: bool) -> AsyncIterator[Item]:
        """The run, from the last of its events on."""
        ...


@asynccontextmanager
async def taking_up(runs: Runs, service: Resuming, *, at_once: int) -> AsyncIterator[None]:
    """Within, runs are taken up as they are found, so many at once; who asks meanwhile finds room beside them.

    At its end those that go on have a few seconds to end. What is not done then is left to be resumed.
    """
    going: dict[str, LiveRun] = {}
    looking = asyncio.create_task(_look(runs, service, going, at_once))
    tending = asyncio.create_task(_tend(service))
    try:
        yield
    finally:
        looking.cancel()
        tending.cancel()
        for leave, seconds in ((None, PATIENCE), (runs.stop, PARTING)):
            if going:
                if leave:
                    leave()
                await asyncio.wait([live.over for live in going.values()], timeout=seconds)


async def _look(runs: Runs, service: Resuming, going: dict[str, LiveRun], at_once: int) -> None:
    left: dict[str, float] = {}  # those that could not go on, each told of once, and when it is tried again
    while True:
        try:
            found = await aside(service.cut_off)
            for gone in left.keys() - set(found):  # one that went on elsewhere may be found anew
                del left[gone]
            for run in found:
                if left.get(run, 0) <= time.monotonic() and run not in going and len(going) < at_once and not runs.full:
                    going[run] = live = runs.begin(service.resume(run, aloud=False))
                    live.over.add_done_callback(partial(_ended, run, going, left))
        except Stopping:
            return
        except Exception as error:  # noqa: BLE001 - a disk that does not answer once must not end this for good
            log.warning("Runs that were cut off cannot be looked for: %s", error)
        await asyncio.sleep(EVERY)


async def _tend(service: Resuming) -> None:
    said: set[str] = set()  # each is told of once, as long as it stays so
    while True:
        try:
            problems = await aside(service.tend)
            for problem in problems:
                if problem not in said:
                    log.warning("What is due could not be done: %s", problem)
            said = set(problems)
        except Exception as error:  # noqa: BLE001 - as above
            log.warning("What is due cannot be looked for: %s", error)
        await asyncio.sleep(TENDED)


def _ended(run: str, going: dict[str, LiveRun], left: dict[str, float], over: asyncio.Future[None]) -> None:
    del going[run]
    fault = None if over.cancelled() else over.exception()
    match fault:
        case None | Driven() | Stopping() | JournalUnusable():
            log.debug("the run %s: %s", run, fault)  # what has no end by then is found again
        case _ if run in left:
            log.debug("the run %s does not go on yet: %s", run, fault)
            left[run] = time.monotonic() + AGAIN
        case CitewellError():
            left[run] = time.monotonic() + AGAIN
            log.warning("A run that was cut off does not go on: %s", fault)
        case _:
            left[run] = time.monotonic() + AGAIN
            log.error("a run that was taken up broke", exc_info=fault)

"""Which runs go on, how many at once, and what becomes of one whose client leaves?"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from functools import partial
from typing import Any, ClassVar

from agent.answer import Answer
from agent.service.problems import Saturated
from agent.state import LEFT, State, Token
from ingest.errors import CitewellError

Item = State | Token | Answer


PARTING = 5.0  # seconds that a cancelled run is waited for


_log = logging.getLogger(__name__)


class Stopping(CitewellError):
    """The service is being stopped, and no run goes on or begins."""

    code: ClassVar[str] = "stopping"


class Runs:
    """The runs that are going on, at most `limit` at once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._live: set[LiveRun] = set()
        self._stopping = False

    @property
    def full(self) -> bool:
        """No further run may begin."""
        return len(self._live) >= self._limit

    def begin(self, items: AsyncIterator[Item]) -> LiveRun:
        """Set a run going. Raises `Saturated` and `Stopping`."""
        if self._stopping:
            raise Stopping("The service is being stopped: ask again when it is back.")
        if self.full:
            raise Saturated(f"{self._limit} runs are going on, as many as are allowed: ask again in a few seconds.")
        live = LiveRun(items)
        self._live.add(live)
        live.over.add_done_callback(lambda _: self._live.discard(live))
        return live

    def stop(self) -> None:
        """Interrupt what is going on, so that whoever waits for it is told; nothing begins any more."""
        self._stopping = True
        for live in list(self._live):
            live.interrupt(
                Stopping(
                    "The service is being stopped. This run goes on when it is back, or with citewell runs resume; "
                    "citewell runs list says what became of it."
                )
            )


class LiveRun:
    """A run that goes at its own pace: a slow reader neither slows it nor keeps its place taken.

    It has a thread and an event loop of its own, so that nothing that it does, be it reading a disk that does not
    answer, holds up the service. Iterating gives its items and raises what it raised. Whoever began it closes it; that
    cancels what is not done. `over` is settled when it has ended.
    """

    def __init__(self, items: AsyncIterator[Item]) -> None:
        self._loop = asyncio.get_running_loop()
        self._queue: asyncio.Queue[Item | None] = asyncio.Queue()
        self.over: asyncio.Future[None] = self._loop.create_future()
        self.over.add_done_callback(lambda _: self._queue.put_nowait(None))
        self._lock = threading.Lock()
        self._cancelled = False
        self._cancel: Callable[[str | None], object] = lambda _: None
        self._why: Stopping | None = None
        drive = partial(contextvars.copy_context().run, self._drive, items)
        threading.Thread(target=drive, name="run", daemon=True).start()

    def __aiter__(self) -> AsyncIterator[Item]:
        return self

    async def __anext__(self) -> Item:
        item = await self._queue.get()
        if item is not None:
            return item
        self._queue.put_nowait(None)  # the end stays the end, however often one asks
        self.over.result()
        raise StopAsyncIteration

    async def close(self) -> None:
        """Cancel the run unless it is done, and wait until it has put its things in order, unless it hangs."""
        if self._why is None:  # else it is being halted, and has no end
            self._leave()
        done, _ = await asyncio.wait([self.over], timeout=PARTING)
        if not done:
            _log.warning("a run hangs, and was left alone: its place is free when it ends")

    def interrupt(self, why: Stopping) -> None:
        """Halt the run, which others may resume; who reads it is told why, at the latest a little later."""
        self._why = why
        self._leave(LEFT)
        self._loop.call_later(PARTING, self._ended, asyncio.CancelledError())

    def _leave(self, how: str | None = None) -> None:
        with self._lock, suppress(RuntimeError):  # its loop has just been closed
            self._cancelled = True
            self._cancel(how)

    def _drive(self, items: AsyncIterator[Item]) -> None:
        """The thread of the run."""
        fault: BaseException | None = None
        try:
            asyncio.run(self._follow(items))
        except BaseException as error:  # noqa: BLE001 - told to whoever reads
            fault = error
        finally:
            with self._lock:
                self._cancel = lambda _: None  # its loop is closed
        self._tell(self._ended, fault)

    async def _follow(self, items: AsyncIterator[Item]) -> None:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        with self._lock:
            if self._cancelled:
                raise asyncio.CancelledError
            self._cancel = lambda how: loop.call_soon_threadsafe(task.cancel, how) if task else None
        async for item in items:
            self._tell(self._queue.put_nowait, item)

    def _tell(self, do: Callable[[Any], object], what: object) -> None:
        with suppress(RuntimeError):  # the service's loop is closed: nobody listens
            self._loop.call_soon_threadsafe(do, what)

    def _ended(self, fault: BaseException | None) -> None:
        if self.over.done():
            return
        if fault is None:
            self.over.set_result(None)
        elif isinstance(fault, asyncio.CancelledError):
            self.over.set_exception(self._why) if self._why else self.over.cancel()
        else:
            self.over.set_exception(fault)

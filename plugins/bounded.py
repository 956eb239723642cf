"""How is a function run so that it can neither hang, nor end, nor outlive the process?

A plugin's is `bounded`; one of ours that waits for a disk or a processor goes `aside`. Each runs in a daemon thread.
The pools of asyncio and anyio wait for their threads when the process ends, so that one function that hangs would keep
it from ending; and a coroutine that blocks would stop the loop that it runs on.
"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_TIDYING = 1.0  # seconds that a cancelled coroutine is given to put its things in order
_ANSWERING = 0.5  # seconds within which a loop that is not blocked takes its turn


class Overdue(Exception):
    """The function did not return in time. In a thread, it is still running."""


class Raised(Exception):
    """The function raised `fault`: anything at all, `SystemExit` among it."""

    def __init__(self, fault: BaseException) -> None:
        super().__init__(repr(fault))
        self.fault = fault


async def bounded(function: Callable[[], Any], *, seconds: float) -> Any:
    """What the function returns, be it an `async def` or not. Raises `Overdue`, `Raised`.

    Each plain function has a thread; coroutines share one, so that what they keep open serves several calls. Who is
    overdue is cancelled but not waited for, since it may refuse; an overdue thread is left alone.
    """
    if not inspect.iscoroutinefunction(function):
        return await _within(_in_thread(function), seconds)
    loop, ended = _coroutines_loop(), Future[None]()
    future = asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_awaited(function, ended), loop))
    try:
        return await _within(future, seconds)
    except Overdue:
        if not await _ends(asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop), _ANSWERING):
            _forget(loop)  # something blocks it: the next coroutine gets another
        raise
    except asyncio.CancelledError:
        await _ends(ended, _TIDYING)
        raise


def bounded_now(function: Callable[[], T], *, seconds: float) -> T:
    """What the function returns, waited for without an event loop. Raises `Overdue`, `Raised`."""
    ended, settled = threading.Event(), list[tuple[Any, Raised | None]]()

    def settle(result: Any, fault: Raised | None) -> None:
        settled.append((result, fault))
        ended.set()

    _start(function, settle)
    if not ended.wait(seconds):
        raise Overdue
    [(result, fault)] = settled
    if fault is not None:
        raise fault
    return result  # type: ignore[no-any-return]


async def aside(function: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """As `asyncio.to_thread`, but in a daemon thread of its own; what the function raises is raised."""
    try:
        return await _in_thread(partial(function, *arguments, **named))  # type: ignore[no-any-return]
    except Raised as raised:
        raise raised.fault from None


async def settled(future: asyncio.Future[Any]) -> asyncio.CancelledError | None:
    """Waits until it is done; who is cancelled meanwhile waits all the same, and is given the first cancellation."""
    cancelled: asyncio.CancelledError | None = None
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError as error:
            cancelled = cancelled or error
    return cancelled


async def _within(future: asyncio.Future[Any], seconds: float) -> Any:
    try:
        done, _ = await asyncio.wait({future}, timeout=max(seconds, 0))
    finally:
        future.cancel()
    if not done:
        raise Overdue
    if future.cancelled():
        raise Raised(asyncio.CancelledError())  # by itself: were it this call, `wait` would have raised
    return future.result()


def _in_thread(function: Callable[[], Any]) -> asyncio.Future[Any]:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, fault: Raised | None) -> None:
        if future.done():
            return  # nobody waits any more
        if fault is None:
            future.set_result(result)
        else:
            future.set_exception(fault)

    def from_the_thread(result: Any, fault: Raised | None) -> None:
        try:
            loop.call_soon_threadsafe(settle, result, fault)
        except RuntimeError:
            return  # the loop has ended meanwhile

    _start(function, from_the_thread)
    return future


def _start(function: Callable[[], Any], settle: Callable[[Any, Raised | None], None]) -> None:
    inherited = contextvars.copy_context()

    def body() -> None:
        result, raised = None, None
        try:
            result = inherited.run(function)
        except BaseException as fault:  # noqa: BLE001 - a thread has nowhere else to raise it
            raised = Raised(fault)
        settle(result, raised)

    threading.Thread(target=body, name=f"bounded {getattr(function, '__name__', '')}".strip(), daemon=True).start()


async def _awaited(function: Callable[[], Any], ended: Future[None]) -> Any:
    try:
        return await function()
    except (asyncio.CancelledError, GeneratorExit):
        raise
    except BaseException as fault:  # SystemExit in a task would stop the event loop
        raise Raised(fault) from fault
    finally:
        ended.set_result(None)


async def _ends(future: Future[Any], seconds: float) -> bool:
    """Whether it is over by then."""
    done, _ = await asyncio.wait({asyncio.wrap_future(future)}, timeout=seconds)
    return bool(done)


_loops: list[asyncio.AbstractEventLoop] = []  # one, once there is a coroutine to be run
_choosing = threading.Lock()


def _coroutines_loop() -> asyncio.AbstractEventLoop:
    with _choosing:
        if not _loops:
            loop = asyncio.new_event_loop()
            threading.Thread(target=loop.run_forever, name="coroutines of plugins", daemon=True).start()
            _loops.append(loop)
        return _loops[0]


def _forget(loop: asyncio.AbstractEventLoop) -> None:
    with _choosing:
        if loop in _loops:
            _loops.remove(loop)

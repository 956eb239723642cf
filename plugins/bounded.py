"""How is a function that is not ours run, so that it can neither hang, nor end, nor outlive the process?"""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import threading
from collections.abc import Callable
from typing import Any


class Overdue(Exception):
    """The function did not return in time. In a thread, it is still running."""


class Raised(Exception):
    """The function raised `fault`: anything at all, `SystemExit` among it."""

    def __init__(self, fault: BaseException) -> None:
        super().__init__(repr(fault))
        self.fault = fault


async def bounded(function: Callable[[], Any], *, seconds: float) -> Any:
    """What the function returns: an `async def` runs on the loop, any other in a thread. Raises `Overdue`, `Raised`.

    An overdue coroutine is cancelled but not waited for, since it may refuse; an overdue thread is left alone.
    """
    future = asyncio.ensure_future(_awaited(function)) if inspect.iscoroutinefunction(function) else _threaded(function)
    try:
        done, _ = await asyncio.wait({future}, timeout=seconds)
    finally:
        future.cancel()
    if not done:
        raise Overdue
    if future.cancelled():
        raise Raised(asyncio.CancelledError())  # by itself: were it this call, `wait` would have raised
    return future.result()


async def _awaited(function: Callable[[], Any]) -> Any:
    try:
        return await function()
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise
    except BaseException as fault:  # SystemExit in a task would stop the event loop
        raise Raised(fault) from fault


def _threaded(function: Callable[[], Any]) -> asyncio.Future[Any]:
    """As `asyncio.to_thread`, in a daemon thread of its own: the pools of asyncio and anyio wait for their threads
    when the process ends, so that one hanging function would keep it from ending.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()
    inherited = contextvars.copy_context()

    def settle(result: Any, fault: Raised | None) -> None:
        if future.done():
            return  # nobody waits any more
        if fault is None:
            future.set_result(result)
        else:
            future.set_exception(fault)

    def body() -> None:
        result, raised = None, None
        try:
            result = inherited.run(function)
        except BaseException as fault:  # noqa: BLE001 - a thread has nowhere else to raise it
            raised = Raised(fault)
        try:
            loop.call_soon_threadsafe(settle, result, raised)
        except RuntimeError:
            return  # the loop has ended meanwhile

    threading.Thread(target=body, name=f"bounded {getattr(function, '__name__', '')}".strip(), daemon=True).start()
    return future

"""How a client follows a run that is going on, and what becomes of the run when the client leaves."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.types import Receive, Scope, Send

from agent.problems import Saturated, as_json, problem_of
from agent.show import answer_json
from agent.state import Act, Answer, State, Think, Token
from ingest.model import CitewellError

Item = State | Token | Answer
PING = 15.0  # seconds of silence after which a stream says that it is alive; proxies cut silent connections

_log = logging.getLogger(__name__)


class Runs:
    """The runs that are going on, at most `limit` at once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def full(self) -> bool:
        """No further run may begin."""
        return len(self._tasks) >= self._limit

    def begin(self, items: AsyncIterator[Item]) -> LiveRun:
        """Set a run going. Raises `Saturated`."""
        if self.full:
            raise Saturated(f"{self._limit} runs are going on, as many as are allowed: ask again in a few seconds.")
        live = LiveRun(items)
        self._tasks.add(live.task)
        live.task.add_done_callback(self._tasks.discard)
        return live


class LiveRun:
    """A run that goes at its own pace: a slow reader neither slows it nor keeps its place taken.

    Iterating gives its items and raises what it raised. Whoever began it closes it; that cancels what is not done.
    """

    def __init__(self, items: AsyncIterator[Item]) -> None:
        self._queue: asyncio.Queue[Item | None] = asyncio.Queue()
        self.task = asyncio.create_task(self._follow(items))
        self.task.add_done_callback(lambda _: self._queue.put_nowait(None))

    def __aiter__(self) -> AsyncIterator[Item]:
        return self

    async def __anext__(self) -> Item:
        item = await self._queue.get()
        if item is not None:
            return item
        self._queue.put_nowait(None)  # the end stays the end, however often one asks
        self.task.result()
        raise StopAsyncIteration

    async def close(self) -> None:
        """Cancel the run unless it is done, and wait until it has put its things in order."""
        self.task.cancel()
        await asyncio.wait([self.task])

    async def _follow(self, items: AsyncIterator[Item]) -> None:
        async for item in items:
            self._queue.put_nowait(item)


class RunStream(EventSourceResponse):
    """A run as server-sent events: `state`, `token`, `citation`, then one `done` or `error`.

    The response closes the run itself, because its body may never be asked for: the client can leave first.
    """

    def __init__(self, live: LiveRun, first: Item) -> None:
        super().__init__(_events(live, first), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an ASGI call."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._live.close()


async def _events(live: LiveRun, first: Item) -> AsyncIterator[bytes]:
    for event in _told(first):
        yield event
    try:
        while True:
            silence = asyncio.timeout(PING)
            try:
                async with silence:
                    item = await anext(live)
            except TimeoutError:
                if not silence.expired():
                    raise  # it is the run's own
                yield KEEPALIVE_COMMENT
                continue
            except StopAsyncIteration:
                return
            for event in _told(item):
                yield event
    except CitewellError as error:
        yield _event("error", problem_of(error))
    except Exception as error:  # noqa: BLE001 - the headers are long gone, so this is where a bug is logged
        _log.exception("a streamed run broke")
        yield _event("error", problem_of(error))


def _told(item: Item) -> list[bytes]:
    match item:
        case Token(text):
            return [_event("token", {"text": text})]
        case Answer():
            citations = [
                _event("citation", {"number": number, **asdict(citation)})
                for number, citation in enumerate(item.citations, start=1)
            ]
            return [*citations, _event("done", answer_json(item))]
        case Think():
            return [_event("state", {"state": "Think", "passages": len(item.passages)})]
        case Act():
            return [_event("state", {"state": "Act", "tools": [call.name for call in item.reply.calls]})]
        case _:
            return [_event("state", {"state": type(item).__name__})]


def _event(name: str, data: dict[str, Any]) -> bytes:
    return format_sse_event(event=name, data_str=as_json(data))

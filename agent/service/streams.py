"""How does a client follow a run that is going on, and what becomes of the run when the client leaves?"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.types import Receive, Scope, Send

from agent.answer import Answer
from agent.results import answer_json
from agent.service.admission import Item, LiveRun
from agent.service.problems import as_json, problem_of
from agent.state import Act, Retrieve, Think, Token
from ingest.errors import CitewellError

PING = 15.0  # seconds of silence after which a stream says that it is alive; proxies cut silent connections

_log = logging.getLogger(__name__)


class RunStream(EventSourceResponse):
    """A run as server-sent events: `state`, `token`, `citation`, then one `done` or `error`.

    The response closes the run itself, because its body may never be asked for: the client can leave first.
    """

    def __init__(self, live: LiveRun, first: Item, run: str) -> None:
        super().__init__(_events(live, first, run), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an ASGI call."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._live.close()


async def _events(live: LiveRun, first: Item, run: str) -> AsyncIterator[bytes]:
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
        yield _event("error", {**problem_of(error), "run": run})
    except Exception as error:  # noqa: BLE001 - the headers are long gone, so this is where a bug is logged
        _log.exception("a streamed run broke")
        yield _event("error", {**problem_of(error), "run": run})


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
        case Retrieve(question):
            return [_event("state", {"state": "Retrieve", "question": question})]
        case Act():
            return [_event("state", {"state": "Act", "tools": [call.name for call in item.reply.calls]})]
        case _:
            return [_event("state", {"state": type(item).__name__})]


def _event(name: str, data: dict[str, Any]) -> bytes:
    return format_sse_event(event=name, data_str=as_json(data))

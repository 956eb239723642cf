"""How is an MCP server reached? By a process of its own or over HTTP, with bounds on all that comes from it.

The only module that knows the client's side of the vendor's library. The connections of a process live on one event
loop in a thread of its own: a session serves several calls, and whatever a server does, ours goes on.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any

import anyio
import httpx2
from mcp import Client, MCPError
from mcp.client.stdio import get_default_environment
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import SessionMessage
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    METHOD_NOT_FOUND,
    CallToolResult,
    EmbeddedResource,
    ResourceLink,
    TextContent,
    TextResourceContents,
    jsonrpc_message_adapter,
)

from plugins.apart import Died
from plugins.servers import NONE, Attached, Offer, Server, Told, allowed_alone, offers, tool_of, visible
from plugins.tool import RESULT_LIMIT, Tool, ToolError, ToolResult

LARGEST_MESSAGE = 8 << 20
"""Bytes that one message of a server may have; whoever sends more is cut off."""

STARTING = 20.0  # seconds that a server may take to be there and to list its tools
AGAIN = 30.0  # seconds after which one that could not be reached is tried again
_PARTING = 1.0  # seconds that a process has to end by itself, and as many again when it is told to
_PAGES = 20  # on so many pages a server may list its tools
_MOST = 200  # and so many of them

_OF_THE_CALL = {INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND}  # errors after which the connection is still good

log = logging.getLogger(__name__)


class Unreachable(Exception):
    """A server cannot be used; the message says why."""


class Servers:
    """The servers that the settings name, connected when they are first needed; threads may share it.

    `allowed` gives what was told of each tool of a server when a person allowed it, by its server's name for it.
    """

    def __init__(self, servers: Sequence[Server], allowed: Callable[[Server], Mapping[str, str]]) -> None:
        self._allowed = allowed
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._connections = {server.name: _Connection(server) for server in servers}
        self._unreached: dict[str, str] = {}
        self._looked: float | None = None

    def attached(self) -> Attached:
        """The tools that are offered, of those who can be reached.

        The first time they are waited for. Who could not be reached is tried again after a while, beside what goes on.
        """
        with self._lock:
            if self._looked is None:
                self._look(list(self._connections))
            else:
                self._look_again(self._looked)
            return self._attached()

    def known(self) -> Attached:
        """The same as far as it is known; nobody is connected, and nothing waited for."""
        return self._attached() if self._looked is not None else NONE

    def listed(self) -> list[tuple[Server, list[Offer], list[str]]]:
        """What each server tells of its tools now, allowed or not, and what is wrong there."""
        with self._lock:
            self._look(list(self._connections))
            found = []
            for name, connection in self._connections.items():
                fine, wrong = connection.offered or ([], [])
                found.append((connection.server, fine, [self._unreached[name]] if name in self._unreached else wrong))
            return found

    def close(self) -> None:
        """Ends every connection, and the processes that were started."""
        with self._lock:
            if self._loop is None:
                return
            leaving = asyncio.run_coroutine_threadsafe(
                _all([each.leave() for each in self._connections.values()]), self._loop
            )
            with suppress(TimeoutError):
                leaving.result(4 * _PARTING + 2)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._loop = None

    def _look_again(self, looked: float) -> None:
        unknown = [name for name, each in self._connections.items() if each.offered is None]
        if unknown and time.monotonic() >= looked + AGAIN:
            self._looked = time.monotonic()
            threading.Thread(target=self._look, args=[unknown], name="MCP servers, again", daemon=True).start()

    def _look(self, names: Sequence[str]) -> None:
        looking = _all([self._connections[name].look() for name in names])
        for name, fault in zip(names, self._on_the_loop(looking).result(), strict=True):
            self._unreached.pop(name, None)
            if fault is not None:
                self._unreached[name] = f"it cannot be used: {fault}"
        self._looked = time.monotonic()

    def _attached(self) -> Attached:
        tools: list[Tool] = []
        failures, told = [(f"mcp:{name}", fault) for name, fault in list(self._unreached.items())], dict[str, str]()
        for name, connection in self._connections.items():
            server, offered = connection.server, connection.offered
            if offered is None:
                continue
            fine, wrong = offered
            kept, barred = allowed_alone(fine, self._allowed(server))
            tools += [tool_of(server, offer, partial(self._call, connection, offer)) for offer in kept]
            told |= {offer.name: offer.told for offer in kept}
            failures += [(f"mcp:{name}", each) for each in (*wrong, *barred)]
        return Attached(tuple(tools), tuple(failures), told)

    async def _call(self, connection: _Connection, offer: Offer, arguments: Mapping[str, Any]) -> ToolResult:
        return await asyncio.wrap_future(self._on_the_loop(connection.call(offer, arguments)))

    def _on_the_loop(self, what: Any) -> Any:
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
            threading.Thread(target=_forever, args=[self._loop], name="MCP servers", daemon=True).start()
        return asyncio.run_coroutine_threadsafe(what, self._loop)


def _forever(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()


async def _all(waited: Sequence[Awaitable[None]]) -> list[BaseException | None]:
    return await asyncio.gather(*waited, return_exceptions=True)


class _Connection:
    """One server's session: opened when it is needed, and anew when it broke.

    `offered` is what came of the tools that it last listed, if it did: checking their schemas takes long.
    All but the making of it happens on one loop. What the other side says beside the protocol is kept, a little of it,
    for whoever is told that it failed.
    """

    def __init__(self, server: Server) -> None:
        self.server = server
        self.offered: tuple[list[Offer], list[str]] | None = None
        self._opening = asyncio.Lock()
        self._client: Client | None = None
        self._holding: asyncio.Task[None] | None = None
        self._over = asyncio.Event()
        self._stale = False
        self._calls = 0
        self._said: deque[str] = deque(maxlen=5)

    async def look(self) -> None:
        """Lists the tools anew. Raises `Unreachable`."""
        await self._connected(anew=True)

    async def call(self, offer: Offer, arguments: Mapping[str, Any]) -> ToolResult:
        """What the server gives back. Raises `ToolError` where it says what to change, `Died` where it says nothing."""
        self._calls += 1
        try:
            client = await self._connected(anew=self._stale)
            fine, _ = self.offered or ([], [])
            if not any(each.told == offer.told for each in fine):
                raise ToolError(
                    f"{offer.name} was not run: its server tells it otherwise than when it was allowed. Go on without "
                    "it, and say that a person is to look at it and type: citewell trust"
                )
            return self._without_key(_result(await client.call_tool(offer.own, dict(arguments))))
        except ToolError as fault:
            raise ToolError(self.server.concealed(str(fault))) from None
        except MCPError as fault:
            if fault.error.code not in _OF_THE_CALL:
                await self._dropped()
            if fault.error.code == INVALID_PARAMS:
                raise ToolError(self.server.concealed(visible(fault.error.message))[:1_000]) from None
            raise Died(self._why(fault)) from None
        except Unreachable as fault:
            raise Died(str(fault)) from None
        except asyncio.CancelledError:
            if self._calls == 1:  # it may hang, and nobody else waits for it
                self._over.set()
            raise
        except (OSError, ValueError, RuntimeError, httpx2.HTTPError, anyio.ClosedResourceError) as fault:
            await self._dropped()
            raise Died(self._why(fault)) from None
        finally:
            self._calls -= 1

    async def leave(self) -> None:
        """Ends the session, and waits until its process is gone."""
        self._over.set()
        if self._holding is not None:
            await asyncio.wait({self._holding}, timeout=4 * _PARTING)
            self._holding.cancel()

    async def _dropped(self) -> None:
        await self.leave()
        self._client = None

    async def _connected(self, *, anew: bool) -> Client:
        async with self._opening:
            if self._client is None or self._over.is_set():
                await self._dropped()
                self._client, anew = await self._opened(), True
            if anew:
                self.offered = None
                try:
                    async with asyncio.timeout(STARTING):
                        told = await _told(self._client)
                    self.offered = offers(self.server, told)
                except TimeoutError:
                    await self._dropped()
                    raise Unreachable(f"it did not list its tools within {STARTING:g} seconds: see to it") from None
                except (MCPError, ValueError, RuntimeError) as fault:
                    await self._dropped()
                    raise Unreachable(f"it did not list its tools ({self._why(fault)}): see to it") from None
                self._stale = False
            return self._client

    async def _opened(self) -> Client:
        self._said.clear()
        if self.server.key and not re.fullmatch(r"[!#-\[\]-~]+", self.server.token or ""):
            wrong = "holds what is no key" if self.server.token else "is not set"
            raise Unreachable(f"its key is to be in the variable {self.server.key}, and that {wrong}: set it")
        self._over = asyncio.Event()
        ready: asyncio.Future[Client] = asyncio.get_running_loop().create_future()
        self._holding = asyncio.create_task(self._held(ready, self._over))
        try:
            async with asyncio.timeout(STARTING):
                return await asyncio.shield(ready)
        except TimeoutError:
            self._over.set()
            self._holding.cancel()
            raise Unreachable(f"it did not answer within {STARTING:g} seconds: see to it") from None

    async def _held(self, ready: asyncio.Future[Client], over: asyncio.Event) -> None:
        """Keeps the session from its beginning to its end, which have to be in one task."""
        try:
            transport = (
                _process(self.server, self._said, over) if self.server.command else _http(self.server, self._said)
            )
            async with Client(transport, cache=None, message_handler=self._heard) as client:
                # What a result is checked with are a server's own expressions, one of which could hold us up for ever.
                client.session.validate_tool_result = _unchecked  # type: ignore[assignment,method-assign]
                ready.set_result(client)
                await over.wait()
        except Exception as fault:
            if not ready.done():
                ready.set_exception(Unreachable(f"{self._why(fault)}: see to it, or take it out of citewell.toml"))
                ready.exception()  # whoever waited may have gone
            else:
                log.debug("The session with the MCP server %s ended", self.server.name, exc_info=True)
        finally:
            over.set()

    async def _heard(self, message: Any) -> None:
        if getattr(message, "method", None) == "notifications/tools/list_changed":
            self._stale = True

    def _without_key(self, result: ToolResult) -> ToolResult:
        if not self.server.token:
            return result
        data = json.loads(self.server.concealed(json.dumps(result.data, ensure_ascii=False)))
        return replace(result, text=self.server.concealed(result.text), data=data)

    def _why(self, fault: BaseException) -> str:
        while isinstance(fault, BaseExceptionGroup):
            fault = fault.exceptions[0]
        said = fault.error.message if isinstance(fault, MCPError) else str(fault) or type(fault).__name__
        beside = " / ".join(self._said)
        told = visible(f"{said}{f' ({beside})' if beside else ''}".replace("\n", " "))
        return self.server.concealed(told)[:500].rstrip(". ")


async def _unchecked(_name: str, _result: CallToolResult) -> None:
    return None


async def _told(client: Client) -> list[Told]:
    found: list[Told] = []
    cursor = None
    for _ in range(_PAGES):
        page = await client.list_tools(cursor=cursor)
        for tool in page.tools:
            hints = tool.annotations
            found.append(
                Told(
                    tool.name,
                    tool.title or (hints.title if hints else None) or "",
                    tool.description or "",
                    tool.input_schema,
                    hints.read_only_hint if hints else None,
                    hints.destructive_hint if hints else None,
                )
            )
        cursor = page.next_cursor
        if len(found) > _MOST:
            raise ValueError(f"it has more than {_MOST} tools")
        if cursor is None:
            return found
    raise ValueError(f"its list of tools does not end after {_PAGES} pages")


def _result(given: CallToolResult) -> ToolResult:
    parts, left_out, size = [], 0, 0
    for block in given.content:
        match block:
            case TextContent():
                text = block.text
            case EmbeddedResource(resource=TextResourceContents() as resource):
                text = resource.text
            case ResourceLink():
                text = f"{block.title or block.name}: {block.uri}"
            case _:
                left_out += 1
                continue
        parts.append(text)
        size += len(text)
        if size > 2 * RESULT_LIMIT:
            break  # as much as is shown, and so much more that it is said to be cut
    text = "\n".join(parts)
    if given.is_error:
        raise ToolError(text[:RESULT_LIMIT] or "The tool says that it failed, and not why.")
    note = f"Left out: {left_out} parts of the result, which are no text." if left_out else ""
    data = given.structured_content
    if data is not None and not text:
        text = json.dumps(data, ensure_ascii=False)[: 2 * RESULT_LIMIT]
    return ToolResult(text, note=note, data=data if isinstance(data, dict) else None)


@asynccontextmanager
async def _process(server: Server, said: deque[str], over: asyncio.Event) -> AsyncGenerator[Any]:
    """A server's own process, which is given a few variables of ours and none of our keys; it ends with the session."""
    assert server.command is not None
    process = await asyncio.create_subprocess_exec(
        *server.command,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**get_default_environment(), **server.env},
        cwd=server.folder,
        start_new_session=True,
        limit=LARGEST_MESSAGE,
    )
    to_us, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    write, from_us = anyio.create_memory_object_stream[SessionMessage](0)
    stdin, stdout, stderr = process.stdin, process.stdout, process.stderr
    assert stdin is not None
    assert stdout is not None
    assert stderr is not None

    async def reader() -> None:
        async with to_us:
            while line := await _line(stdout, said):
                with suppress(ValueError):  # what is not of the protocol was printed by mistake
                    message = jsonrpc_message_adapter.validate_json(line, by_name=False)
                    await to_us.send(SessionMessage(message))
        over.set()

    async def writer() -> None:
        async with from_us:
            async for sent in from_us:
                stdin.write(sent.message.model_dump_json(by_alias=True, exclude_unset=True).encode() + b"\n")
                await stdin.drain()

    async def listener() -> None:
        while chunk := await stderr.read(1 << 16):
            said.extend(line[:200] for line in chunk.decode("utf-8", "replace").splitlines()[-5:] if line.strip())

    async def quietly(body: Callable[[], Awaitable[None]]) -> None:
        with suppress(OSError, anyio.ClosedResourceError, anyio.BrokenResourceError):
            await body()

    try:
        async with _outlived_by_none(process.pid), anyio.create_task_group() as tasks:
            for body in (reader, writer, listener):
                tasks.start_soon(quietly, body)
            try:
                yield read, write
            finally:
                with anyio.CancelScope(shield=True):
                    await _ended(process)
                tasks.cancel_scope.cancel()
    finally:
        _signal(process, signal.SIGKILL)  # and whatever it started
        for stream in (to_us, read, write, from_us):
            stream.close()


@asynccontextmanager
async def _outlived_by_none(group: int) -> AsyncGenerator[None]:
    """Ends a group of processes when we are killed, which no `finally` of ours sees.

    A server's input ends with us too, but one that is busy, or has started others, does not look at it. The end of our
    own pipe is seen by a shell that does nothing else.
    """
    try:
        watch = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", 'read -r _; kill -s KILL -- "-$0"', str(group)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env={},
            start_new_session=True,
        )
    except OSError as fault:  # a system without a shell
        log.debug("Nobody watches over the process %s: %s", group, fault)
        yield
        return
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            watch.kill()
        with anyio.CancelScope(shield=True):
            await watch.wait()


async def _line(stream: asyncio.StreamReader, said: deque[str]) -> bytes:
    try:
        return await stream.readline()
    except ValueError:
        said.append(f"it sent a message of more than {LARGEST_MESSAGE >> 20} MB and was cut off")
        return b""


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Its input ends, and so should it; else it is told to, and then made to."""
    assert process.stdin
    process.stdin.close()
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(TimeoutError):
            async with asyncio.timeout(_PARTING):
                await process.wait()
                return
        _signal(process, number)
    with suppress(TimeoutError):
        async with asyncio.timeout(_PARTING):
            await process.wait()


def _signal(process: asyncio.subprocess.Process, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


@asynccontextmanager
async def _http(server: Server, said: deque[str]) -> AsyncGenerator[Any]:
    """A server that is reached by its address: without a cookie of before, or a proxy of the environment."""
    assert server.url is not None
    async with (
        httpx2.AsyncClient(
            transport=_Plain(server, said),
            trust_env=False,
            timeout=httpx2.Timeout(STARTING, read=None),
            headers={"Accept-Encoding": "identity"},
        ) as client,
        streamable_http_client(server.url, http_client=client, max_sse_event_size=LARGEST_MESSAGE) as streams,
    ):
        yield streams


class _Plain(httpx2.AsyncBaseTransport):
    """Follows no redirect, takes no longer message than it may, and gives the server's key to its own origin alone."""

    def __init__(self, server: Server, said: deque[str]) -> None:
        self._inner = httpx2.AsyncHTTPTransport(trust_env=False)
        self._server = server
        self._origin = _origin(httpx2.URL(str(server.url)))
        self._said = said

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Sends a request."""
        if self._server.token and _origin(request.url) == self._origin:
            request.headers["Authorization"] = f"Bearer {self._server.token}"
        response = await self._inner.handle_async_request(request)
        packed = response.headers.get("content-encoding", "identity") != "identity"
        if packed or 300 <= response.status_code < 400:
            await response.aclose()
            where = response.headers.get("location", "")[:200]
            what = "its answers are packed" if packed else f"it points to {where}, and that is not followed"
            self._said.append(what)
            return httpx2.Response(403, request=request)
        if response.status_code == 401:
            key = self._server.key
            wrong = (
                f"it does not take the key that {key} holds" if key else "it wants a key: name its variable as `key`"
            )
            self._said.append(wrong)
        if response.headers.get("content-type", "").startswith("text/event-stream"):
            return response  # whose events are bounded one by one
        return httpx2.Response(
            response.status_code,
            headers=response.headers,
            stream=_Bounded(response.stream, self._said),
            extensions=response.extensions,
            request=request,
        )

    async def aclose(self) -> None:
        """Ends every connection."""
        await self._inner.aclose()


def _origin(url: httpx2.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


class _Bounded(httpx2.AsyncByteStream):
    def __init__(self, inner: Any, said: deque[str]) -> None:
        self._inner = inner
        self._said = said

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in self._inner:
            size += len(chunk)
            if size > LARGEST_MESSAGE:
                self._said.append(f"it sent a message of more than {LARGEST_MESSAGE >> 20} MB and was cut off")
                raise httpx2.ReadError("the message is too long")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()

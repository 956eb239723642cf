"""What does every request pass on its way in and out? Names for it, its size, and where it may come from."""

from __future__ import annotations

import re
import secrets
from collections.abc import Collection

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.service.problems import problem, problem_of, respond

LARGEST_BODY = 1_000_000
LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


class Named:
    """`X-Request-Id` on every response, `X-Run-Id` where `state.run` was set; a bug is told, then raised to be logged.

    A client's own request id is echoed if it is plain.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on an ASGI call."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        given = Headers(scope=scope).get("x-request-id", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else secrets.token_hex(8)
        state = scope.setdefault("state", {})
        begun = False

        async def named(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                if "run" in state:
                    headers["X-Run-Id"] = state["run"]
            await send(message)

        try:
            await self._app(scope, receive, named)
        except Exception as error:
            if not begun:
                await respond(problem_of(error))(scope, receive, named)
            raise


class Guarded:
    """Only requests addressed to a known host, from a page of that host if from a page at all, and of bounded size.

    Any web page can make a browser send requests to this machine, and a name of the attacker's can be made to point
    to it: so the names are checked even where only loopback is served.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._hosts = LOOPBACK | {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on an ASGI call, or refuse it."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        headers = Headers(scope=scope)
        hosts = [host.lower() for host in headers.getlist("host")]
        known = len(hosts) == 1 and (match := _HOST.fullmatch(hosts[0])) and match[1] in self._hosts
        if not known:
            detail = (
                "This service does not go by that Host: call it as localhost or 127.0.0.1, or allow "
                "the name with citewell serve --host-name NAME."
            )
            return await respond(problem(403, "unknown_host", detail))(scope, receive, send)
        if any(origin.lower() not in _origins(hosts[0]) for origin in headers.getlist("origin")):
            detail = "The Origin is another site's: send the request from a page of this service, or from no page."
            return await respond(problem(403, "foreign_origin", detail))(scope, receive, send)
        return await self._app(scope, _bounded(headers, receive), send)


class Methods:
    """`HEAD` wherever there is `GET`, the same without its body; `OPTIONS` names what else an address takes."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on an ASGI call."""
        if scope["type"] != "http":
            return await self._app(scope, receive, send)
        method = scope["method"]

        async def answered(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 405:
                headers = MutableHeaders(scope=message)
                allowed = _allowed(scope) or [each.strip() for each in headers.get("allow", "").split(",")]
                headers["Allow"] = ", ".join([*allowed, *(["HEAD"] if "GET" in allowed else []), "OPTIONS"])
                if method == "OPTIONS":
                    message["status"] = 204
                    del headers["content-length"], headers["content-type"]
            if message["type"] == "http.response.body" and method in {"HEAD", "OPTIONS"}:
                message = {**message, "body": b""}
            await send(message)

        return await self._app({**scope, "method": "GET"} if method == "HEAD" else scope, receive, answered)


def _allowed(scope: Scope) -> list[str]:
    """What an address takes, of all routes that have it: the framework names the methods of the first one alone."""
    found: set[str] = set()
    for route in getattr(scope.get("app"), "routes", ()):
        if route.matches(scope)[0] is not Match.NONE:
            found |= (getattr(route, "methods", None) or set()) - {"HEAD"}
    return sorted(found, key=lambda method: (method != "GET", method))


def _origins(host: str) -> tuple[str, str]:
    return f"http://{host}", f"https://{host}"


def _bounded(headers: Headers, receive: Receive) -> Receive:
    """Stop reading at the limit; the framework passes the exception on to whoever answers it."""
    announced = headers.get("content-length", "")
    too_large = announced.isdecimal() and (len(announced) > 12 or int(announced) > LARGEST_BODY)
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        if too_large:
            raise HTTPException(413)
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > LARGEST_BODY:
            raise HTTPException(413)
        return message

    return bounded

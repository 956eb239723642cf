"""What the service answers over HTTP."""

from __future__ import annotations

import asyncio
import errno
import ipaddress
import logging
import math
import socket
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import suppress
from dataclasses import Field, asdict
from importlib.metadata import version
from typing import Any, ClassVar, Protocol

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import Response

from agent.commands.output import PlainLog
from agent.doors import Guarded, Methods, Named
from agent.exchanged import (
    EVENTS,
    AnswerBody,
    HealthBody,
    JsonRoute,
    Query,
    Question,
    ReadinessBody,
    SearchBody,
    errors,
    spelled,
)
from agent.journal import new_run_id
from agent.live import PARTING, Item, LiveRun, Runs, RunStream
from agent.problems import as_json, problem, respond, tell_problems
from agent.results import SearchResult
from agent.show import SCHEMA, answer_json, search_json
from agent.state import Answer
from ingest.model import CitewellError
from plugins.bounded import aside
from retrieval.model import EVERYTHING, Mode, Scope

_log = logging.getLogger("uvicorn.error")  # where uvicorn tells of the server's own affairs, on stderr

LOOKING = 20.0  # seconds after which whether the service is ready counts as not known
UNKNOWN = (
    f"Either the index is still being opened, or what is read for it did not come within {LOOKING:g} seconds: ask "
    "again, and if it stays so, see that the disk of the home answers."
)


class Readiness(Protocol):
    """A dataclass that says whether questions can be answered now, and if not, why; told field by field."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def ok(self) -> bool: ...

    @property
    def reasons(self) -> Sequence[str]: ...


class Service(Protocol):
    """What is served: `agent.wire.Citewell`."""

    def run(self, question: str, *, scope: Scope, run_id: str, aloud: bool) -> AsyncIterator[Item]:
        """The run that is to be called `run_id`, state by state, with its words if `aloud`; its `Answer` comes last."""
        ...

    async def search_async(self, query: str, *, k: int, scope: Scope, mode: Mode) -> SearchResult:
        """The passages nearest to a query."""
        ...

    def readiness(self) -> Readiness:
        """Whether all that an answer needs is there."""
        ...


class NotLoopback(CitewellError):
    """The service was to be reachable from other machines, where anyone could use it."""

    code = "not_loopback"


class PortTaken(CitewellError):
    """The address cannot be listened on."""

    code = "port_taken"


def create_app(service: Service, *, hosts: Collection[str] = (), limit: int = 8) -> FastAPI:
    """The HTTP service: `POST /ask`, `POST /search`, `GET /healthz`, `GET /readyz`, `GET /docs`.

    `hosts` are names, beside those of loopback, that clients may call it by (a reverse proxy's); `limit` is how many
    runs may go on at once.
    """
    runs, ready, searching = Runs(limit), Ready(service), asyncio.Semaphore(limit)
    app = FastAPI(title="Citewell", version=version("citewell"), redoc_url=None)
    app.router.route_class = JsonRoute
    app.state.runs = runs
    app.add_middleware(Methods)
    app.add_middleware(Guarded, hosts=hosts)
    app.add_middleware(Named)  # the last one added is the first one met
    tell_problems(app)

    @app.post(
        "/ask",
        response_model=AnswerBody,
        responses={200: {"description": "The end of the run.", "content": EVENTS}, **errors(400, 413, 415, 422, 503)},
    )
    async def ask(question: Question, request: Request) -> Response:
        """Answer a question: one JSON object, or server-sent events where `stream` or the Accept header says so."""
        run = new_run_id()
        scope = EVERYTHING.narrowed(metadata=spelled(question.filters))
        streams = question.stream or "text/event-stream" in request.headers.get("accept", "")
        live = runs.begin(service.run(question.question, scope=scope, run_id=run, aloud=streams))
        if streams:
            try:
                first = await anext(live)
            except BaseException:
                await live.close()
                raise
            request.state.run = run  # with its first state the run is in the journal, so there is something to name
            return RunStream(live, first, run)
        return await _whole(live, request, run)

    @app.post("/search", response_model=SearchBody, responses=errors(400, 413, 415, 422, 503))
    async def search(query: Query) -> Response:
        """Find the passages nearest to a query; no model is asked."""
        scope = EVERYTHING.narrowed(metadata=spelled(query.filters))
        async with searching:  # each has a thread
            found = await service.search_async(query.query, k=query.k, scope=scope, mode=query.mode)
        return _json(search_json(found))

    @app.get("/healthz", response_model=HealthBody, responses=errors())
    async def healthz() -> Response:
        """Say that the process is alive; it never waits behind work."""
        return _json({"schema": SCHEMA, "ok": True})

    @app.get("/readyz", response_model=ReadinessBody, responses=errors(503))
    async def readyz() -> Response:
        """Say whether questions can be answered now: 503 and the reasons where they cannot."""
        readiness = await ready.looked_at()
        if readiness is None:
            return respond(problem(503, "not_ready", UNKNOWN, schema=SCHEMA, ok=False, reasons=[UNKNOWN]))
        reasons = [*readiness.reasons, *(["saturated: as many runs as allowed are going on"] if runs.full else [])]
        told = {"schema": SCHEMA, **asdict(readiness), "ok": readiness.ok and not runs.full, "reasons": reasons}
        if told["ok"]:
            return _json(told)
        return respond(problem(503, "not_ready", "; ".join(reasons) or "Not ready.", **told))

    return app


class Ready:
    """Whether the service is ready, looked at beside the loop, once for all who ask meanwhile."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._looking: asyncio.Future[Readiness] | None = None

    async def looked_at(self) -> Readiness | None:
        """How things are now; None where that cannot be found out in time."""
        if self._looking is None or self._looking.done():
            self._looking = asyncio.ensure_future(aside(self._service.readiness))  # it may have to open the index
        done, _ = await asyncio.wait([self._looking], timeout=LOOKING)
        return self._looking.result() if done else None


class _Server(uvicorn.Server):
    """Whoever waits for a run when the service is stopped is told, before uvicorn drops the connection."""

    def __init__(self, config: uvicorn.Config, runs: Runs, patience: float) -> None:
        super().__init__(config)
        self._runs, self._patience = runs, patience

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop."""
        stopping = asyncio.get_running_loop().call_later(self._patience, self._runs.stop)
        try:
            await super().shutdown(sockets)
        finally:
            stopping.cancel()


def serve(app: FastAPI, host: str = "127.0.0.1", port: int = 8000, *, patience: int = 5) -> None:
    """Serve until interrupted; runs then have `patience` seconds to end before they are interrupted.

    Raises `NotLoopback` and `PortTaken`.
    """
    if not _is_loopback(host):
        raise NotLoopback(
            f"{host} can be reached from other machines, and this service asks nobody who they are: serve on 127.0.0.1 "
            "and put a reverse proxy that does ask in front of it."
        )
    try:
        listener = socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except (OSError, OverflowError) as error:
        raise PortTaken(_unheard(error, host, port)) from error
    grace = math.ceil(patience + 2 * PARTING)  # for runs to be interrupted, and their ends to be sent
    config = uvicorn.Config(app, timeout_graceful_shutdown=grace, server_header=False, ws="none", use_colors=False)
    for log in (logging.getLogger("uvicorn"), logging.getLogger("uvicorn.access")):
        for handler in log.handlers:
            handler.setFormatter(PlainLog(handler.formatter))
    where = f"[{host}]" if ":" in host else host
    _log.info("Answering on http://%s:%d until interrupted; GET /docs lists what", where, listener.getsockname()[1])
    with listener:
        _Server(config, app.state.runs, patience).run(sockets=[listener])


def _unheard(error: OSError | OverflowError, host: str, port: int) -> str:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return f"Port {port} of {host} is in use by another program: end that one, or name another with --port."
    if code in {errno.EACCES, errno.EPERM}:
        return f"Port {port} of {host} is not for this user to listen on: name one from 1024 on with --port."
    if code == errno.EADDRNOTAVAIL or isinstance(error, socket.gaierror):
        return f"This machine has no address {host}: name another with --host, such as 127.0.0.1."
    return f"Port {port} of {host} cannot be listened on: name another with --port, from 1024 to 65535."


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    with suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


async def _whole(live: LiveRun, request: Request, run: str) -> Response:
    """The run's answer when it has ended, for a client that waits for it."""
    leaving = asyncio.create_task(_left(request))
    try:
        await asyncio.wait([live.over, leaving], return_when=asyncio.FIRST_COMPLETED)
        if not live.over.done():
            return Response(status_code=499)  # nobody reads it; the number is what proxies log for this
        async for item in live:
            request.state.run = run
            if isinstance(item, Answer):
                if item.run is None:
                    del request.state.run  # it left no record, so there is nothing to name
                return _json(answer_json(item))
    finally:
        leaving.cancel()
        await live.close()
    raise RuntimeError("the run had no end")


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _json(value: dict[str, Any]) -> Response:
    return Response(as_json(value), media_type="application/json")

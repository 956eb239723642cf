"""What does the service answer over HTTP?"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import Field, asdict
from importlib.metadata import version
from typing import Any, ClassVar, Protocol

from fastapi import FastAPI, Request
from fastapi.responses import Response

from agent.answer import Answer
from agent.journal.record import new_run_id
from agent.memory.conversation import Conversation
from agent.results import SCHEMA, SearchResult, answer_json, search_json
from agent.service.admission import Item, LiveRun, Runs
from agent.service.guards import Guarded, Methods, Named
from agent.service.memory import Remembering, add_memory
from agent.service.people import Gate, Staffed, add_people
from agent.service.problems import as_json, problem, respond, tell_problems
from agent.service.schemas import (
    EVENTS,
    AnswerBody,
    ConversationBody,
    DeletedBody,
    HealthBody,
    JsonRoute,
    Query,
    Question,
    ReadinessBody,
    SearchBody,
    errors,
    spelled,
)
from agent.service.streams import RunStream
from agent.service.taking_up import Resuming, taking_up
from plugins.bounded import aside
from retrieval.model import EVERYTHING, Mode, Scope

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


class Forgotten(Protocol):
    """How many events were emptied; why their words may still be in a file."""

    @property
    def events(self) -> int: ...

    @property
    def pending(self) -> str: ...


class Service(Resuming, Staffed, Remembering, Protocol):
    """What is served: `agent.wire.Citewell`."""

    def run(
        self, question: str, *, scope: Scope, run_id: str, aloud: bool, conversation: str | None = None
    ) -> AsyncIterator[Item]:
        """The run that is to be called `run_id`, state by state, with its words if `aloud`; its `Answer` comes last."""
        ...

    async def search_async(self, query: str, *, k: int, scope: Scope, mode: Mode) -> SearchResult:
        """The passages nearest to a query."""
        ...

    def conversation(self, id: str) -> Conversation:
        """What was said in one."""
        ...

    def forget_conversation(self, id: str, *, owed: bool) -> Forgotten:
        """Takes out what was said in one; unless `owed` none of which a person needs the record."""
        ...

    def readiness(self) -> Readiness:
        """Whether all that an answer needs is there."""
        ...


def create_app(service: Service, *, hosts: Collection[str] = (), limit: int = 8, token: str = "") -> FastAPI:
    """The HTTP service: `POST /ask`, `POST /search`, `GET /healthz`, `GET /readyz`, `GET /docs`,
    `GET` and `DELETE /conversations/{id}`, and what people do (`agent.service.people`).

    `hosts` are names, beside those of loopback, that clients may call it by (a reverse proxy's); `limit` is how many
    runs may go on at once; who has the `token` may decide, and without one nobody may.
    """
    runs, ready, searching, gate = Runs(limit), Ready(service), asyncio.Semaphore(limit), Gate(token)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        async with taking_up(runs, service, at_once=max(1, limit // 2)):
            yield

    app = FastAPI(title="Citewell", version=version("citewell"), redoc_url=None, lifespan=lifespan)
    app.router.route_class = JsonRoute
    app.state.runs = runs
    app.add_middleware(Methods)
    app.add_middleware(Guarded, hosts=hosts)
    app.add_middleware(Named)  # the last one added is the first one met
    tell_problems(app)

    @app.post(
        "/ask",
        response_model=AnswerBody,
        responses={
            200: {"description": "The end of the run.", "content": EVENTS},
            202: {"description": "The run waits for a person's approval.", "model": AnswerBody},
            **errors(400, 413, 415, 422, 502, 503, 504, 507),
        },
    )
    async def ask(question: Question, request: Request) -> Response:
        """Answer a question: one JSON object, or server-sent events where `stream` or the Accept header says so."""
        run = new_run_id()
        scope = EVERYTHING.narrowed(metadata=spelled(question.filters))
        streams = question.stream or "text/event-stream" in request.headers.get("accept", "")
        told = service.run(
            question.question, scope=scope, run_id=run, aloud=streams, conversation=question.conversation
        )
        live = runs.begin(told)
        if streams:
            try:
                first = await anext(live)
            except BaseException:
                await live.close()
                raise
            request.state.run = run  # with its first state the run is in the journal, so there is something to name
            return RunStream(live, first, run)
        return await _whole(live, request, run)

    @app.post("/search", response_model=SearchBody, responses=errors(400, 413, 415, 422, 502, 503, 504, 507))
    async def search(query: Query) -> Response:
        """Find the passages nearest to a query; no model is asked."""
        scope = EVERYTHING.narrowed(metadata=spelled(query.filters))
        async with searching:  # each has a thread
            found = await service.search_async(query.query, k=query.k, scope=scope, mode=query.mode)
        return _json(search_json(found))

    @app.get("/conversations/{id}", response_model=ConversationBody, responses=errors(404, 500))
    async def conversation(id: str) -> Response:
        """Show what was asked and answered in a conversation."""
        return _json({"schema": SCHEMA, **asdict(await aside(service.conversation, id))})

    @app.delete("/conversations/{id}", response_model=DeletedBody, responses=errors(401, 404, 409, 500))
    async def forget(id: str, request: Request) -> Response:
        """Delete what was said in a conversation; that it was deleted is recorded.

        One in which a call took an effect, or a run waits for a person, is deleted with the token alone.
        """
        done = await aside(service.forget_conversation, id, owed=gate.sees(request))
        return _json({"schema": SCHEMA, "deleted": id, "events": done.events, "pending": done.pending})

    add_people(app, service, token)
    add_memory(app, service, token)

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
                return _json(answer_json(item), status=202 if item.status == "awaiting_approval" else 200)
    finally:
        leaving.cancel()
        await live.close()
    raise RuntimeError("the run had no end")


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _json(value: dict[str, Any], *, status: int = 200) -> Response:
    return Response(as_json(value), media_type="application/json", status_code=status)

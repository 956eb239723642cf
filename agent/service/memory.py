"""What is remembered of a principal, over HTTP? Only who has the token sees it, adds to it or takes from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated, Any, Literal, Protocol

from fastapi import Depends, FastAPI, Query
from fastapi.responses import Response

from agent.results import SCHEMA
from agent.service.people import Gate, account
from agent.service.problems import as_json
from agent.service.schemas import ForgottenBody, MemoriesBody, MemoryBody, Remember, errors
from plugins.bounded import aside


class Memories(Protocol):
    """What is remembered: `agent.run.people.memories.Memories`."""

    def listed(self, principal: str, *, every: bool = False) -> list[dict[str, Any]]: ...

    def forget(self, principal: str, ids: Sequence[str] | None, *, past: bool = False) -> Any: ...

    def said(
        self,
        principal: str,
        by: str,
        account: str,
        *,
        subject: str,
        attribute: str,
        value: str | None,
        kind: Literal["fact", "preference", "resolution"],
        since: str | None,
        until: str | None,
        run: str | None,
        approve: bool,
        id: str | None,
    ) -> dict[str, Any]: ...


class Remembering(Protocol):
    """A service that remembers."""

    @property
    def memories(self) -> Memories: ...


_Principal = Annotated[str, Query(min_length=1, max_length=200, description="Of whom it is remembered.")]
_Every = Annotated[bool, Query(alias="all", description="Also what is past or was superseded.")]
_Ids = Annotated[list[str], Query(alias="id", max_length=200, description="What to forget; without it all of it.")]


def add_memory(app: FastAPI, service: Remembering, token: str) -> None:
    """Adds what is remembered to a service; without a `token` nobody sees any of it."""
    allowed = [Depends(Gate(token).decides)]

    @app.get("/memory", response_model=MemoriesBody, responses=errors(401, 422), dependencies=allowed)
    async def memories(principal: _Principal, every: _Every = False) -> Response:
        """List what is remembered of a principal."""
        return _json({"memories": await aside(service.memories.listed, principal, every=every)})

    @app.post(
        "/memory",
        status_code=201,
        response_model=MemoryBody,
        responses=errors(400, 401, 404, 409, 413, 415, 422),
        dependencies=allowed,
    )
    async def remember(told: Remember) -> Response:
        """Remember something of a principal, or correct what is remembered."""
        said = told.model_dump(exclude={"by", "principal", "since", "until"})
        said |= {name: day and day.isoformat() for name, day in (("since", told.since), ("until", told.until))}
        made = await aside(service.memories.said, told.principal, told.by or told.principal, account(), **said)
        return _json({"memory": made}, status=201)

    @app.delete("/memory", response_model=ForgottenBody, responses=errors(401, 404, 409, 422), dependencies=allowed)
    async def forget(principal: _Principal, ids: _Ids = []) -> Response:  # noqa: B006 - FastAPI copies it
        """Erase what is remembered of a principal, and look for what is left of it."""
        return _json(asdict(await aside(service.memories.forget, principal, ids or None)))


def _json(value: dict[str, Any], *, status: int = 200) -> Response:
    return Response(as_json({"schema": SCHEMA, **value}), media_type="application/json", status_code=status)

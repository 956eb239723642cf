"""What do people see and decide over HTTP? Runs, the calls that wait for a word, and cases.

Whoever asks without the token that `citewell serve` prints sees what nobody's name stands on, and decides nothing. With
it they see and do all that the command line does.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import asdict
from functools import cache
from getpass import getuser
from typing import Annotated, Any, Literal, Protocol

from fastapi import Depends, FastAPI, Path, Query, Request
from fastapi.responses import Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from agent.journal.cases import Case
from agent.journal.summary import RunSummary
from agent.results import SCHEMA
from agent.service.problems import as_json
from agent.service.schemas import (
    Approval,
    ApprovalsBody,
    Cancelling,
    CaseBody,
    CaseFileBody,
    CasesBody,
    Claiming,
    DecidedBody,
    Denial,
    Reopening,
    Resolution,
    RunBody,
    RunsBody,
    errors,
)
from plugins.bounded import aside

_WRONG = "The token is not the one that this service printed when it began: send that as Authorization: Bearer TOKEN."
_MISSING = "Only who has the token decides: send the one that `citewell serve` printed as Authorization: Bearer TOKEN."
_bearer = HTTPBearer(auto_error=False, description="The token that `citewell serve` prints when it begins.")


_SEEN = errors(401, 404, 409, 422)
_DONE = errors(400, 401, 404, 409, 413, 415, 422)


class People(Protocol):
    """What lies before people: `agent.run.people.desk.Desk`."""

    def runs(self, *, limit: int, after: str | None = None, named: bool) -> list[RunSummary]: ...

    def run(self, id: str, *, named: bool) -> dict[str, Any]: ...

    def approvals(self, *, limit: int, after: str | None = None, named: bool) -> list[dict[str, Any]]: ...

    async def say(
        self,
        id: str,
        verdict: Literal["approve", "deny"],
        *,
        by: str,
        account: str,
        comment: str = "",
        edit: Mapping[str, Any] | None = None,
        digest: str | None = None,
    ) -> str: ...

    def cancel(self, id: str, *, by: str, account: str, comment: str = "") -> str: ...

    def escalations(
        self, *, limit: int, after: str | None = None, status: str | None = None, named: bool
    ) -> list[dict[str, Any]]: ...

    def escalation(self, id: str, *, named: bool) -> dict[str, Any]: ...

    async def claim(self, id: str, *, by: str, account: str) -> Case: ...

    async def resolve(self, id: str, answer: str, *, by: str, account: str, comment: str = "") -> Case: ...

    async def reopen(self, id: str, reason: str, *, by: str, account: str) -> Case: ...


class Staffed(Protocol):
    """A service behind which people stand."""

    @property
    def desk(self) -> People: ...


_NAME = r"^[A-Za-z0-9._-]{1,100}$"
_Limit = Annotated[int, Query(ge=1, le=200, description="How many, at most.")]
_After = Annotated[str | None, Query(pattern=_NAME, description="Those behind this one.")]
_Id = Annotated[str, Path(pattern=_NAME)]
_Status = Annotated[Literal["open", "claimed", "resolved"] | None, Query(description="Only those.")]


class Gate:
    """Who has the `token`; nobody, where there is none."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()

    def sees(self, request: Request) -> bool:
        """Whether the token was sent; without one less is seen. A wrong one is told."""
        kind, _, sent = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return False
        if not self._is(sent.strip()):
            raise HTTPException(401, _WRONG, {"WWW-Authenticate": "Bearer"})
        return True

    def decides(self, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> None:
        """Raises where the token was not sent."""
        if sent is None or not self._is(sent.credentials):
            raise HTTPException(401, _WRONG if sent else _MISSING, {"WWW-Authenticate": "Bearer"})

    def _is(self, sent: str) -> bool:
        """Compared in a time that says nothing of how much of it is right."""
        return bool(self._token) and secrets.compare_digest(sent.encode("utf-8", "replace"), self._token)


def add_people(app: FastAPI, service: Staffed, token: str) -> None:
    """Adds what people see and do to a service; without a `token` nobody decides anything."""
    gate = Gate(token)
    _add_runs(app, service, gate)
    _add_cases(app, service, gate)


def _add_runs(app: FastAPI, service: Staffed, gate: Gate) -> None:
    allowed, sees = [Depends(gate.decides)], gate.sees

    @app.get("/runs", response_model=RunsBody, responses=_SEEN)
    async def runs(request: Request, limit: _Limit = 50, after: _After = None) -> Response:
        """List the latest runs, newest first; those of a principal only with the token."""
        found = await aside(service.desk.runs, limit=limit, after=after, named=sees(request))
        return _json({"runs": [asdict(each) for each in found]})

    @app.get("/runs/{id}", response_model=RunBody, responses=_SEEN)
    async def run(id: _Id, request: Request) -> Response:
        """Show all that happened in a run, and of one that waits for a person's word what they are to be shown."""
        return _json(await aside(service.desk.run, id, named=sees(request)))

    @app.get("/approvals", response_model=ApprovalsBody, responses=_SEEN)
    async def approvals(request: Request, limit: _Limit = 50, after: _After = None) -> Response:
        """List the runs that wait for a person's word on a call, the oldest first."""
        return _json({"waiting": await aside(service.desk.approvals, limit=limit, after=after, named=sees(request))})

    @app.post("/runs/{id}/approve", status_code=202, response_model=DecidedBody, responses=_DONE, dependencies=allowed)
    async def approve(id: _Id, word: Approval, request: Request) -> Response:
        """Let the call run for which a run waits; the service then goes on with the run."""
        return await _said(service, request, id, "approve", word, word.edit)

    @app.post("/runs/{id}/deny", status_code=202, response_model=DecidedBody, responses=_DONE, dependencies=allowed)
    async def deny(id: _Id, word: Denial, request: Request) -> Response:
        """Do not let the call run for which a run waits; the service then goes on with the run without it."""
        return await _said(service, request, id, "deny", word)

    @app.post("/runs/{id}/cancel", response_model=DecidedBody, responses=_DONE, dependencies=allowed)
    async def cancel(id: _Id, word: Cancelling, request: Request) -> Response:
        """End a run that nobody drives and that has no end, or waits for a person: nobody goes on with it."""
        by = word.by or account()
        status = await aside(service.desk.cancel, id, by=by, account=account(), comment=word.comment)
        request.state.run = id
        return _json({"run": id, "status": status})


def _add_cases(app: FastAPI, service: Staffed, gate: Gate) -> None:
    allowed, sees = [Depends(gate.decides)], gate.sees

    @app.get("/escalations", response_model=CasesBody, responses=_SEEN)
    async def escalations(
        request: Request, limit: _Limit = 50, after: _After = None, status: _Status = None
    ) -> Response:
        """List the cases, the oldest first."""
        found = await aside(service.desk.escalations, limit=limit, after=after, status=status, named=sees(request))
        return _json({"escalations": found})

    @app.get("/escalations/{id}", response_model=CaseFileBody, responses=_SEEN)
    async def escalation(id: _Id, request: Request) -> Response:
        """Show all of a case: what was asked, found, tried and checked, and why a person is to go on."""
        return _json(await aside(service.desk.escalation, id, named=sees(request)))

    @app.post("/escalations/{id}/claim", response_model=CaseBody, responses=_DONE, dependencies=allowed)
    async def claim(id: _Id, word: Claiming) -> Response:
        """Take a case upon yourself."""
        return _json(asdict(await service.desk.claim(id, by=word.by or account(), account=account())))

    @app.post("/escalations/{id}/resolve", response_model=CaseBody, responses=_DONE, dependencies=allowed)
    async def resolve(id: _Id, word: Resolution) -> Response:
        """Answer a case: the answer is the run's, and reaches who asked."""
        who = word.by or account()
        case = await service.desk.resolve(id, word.answer, by=who, account=account(), comment=word.comment)
        return _json(asdict(case))

    @app.post("/escalations/{id}/reopen", response_model=CaseBody, responses=_DONE, dependencies=allowed)
    async def reopen(id: _Id, word: Reopening) -> Response:
        """Open a case again that was resolved."""
        case = await service.desk.reopen(id, word.reason, by=word.by or account(), account=account())
        return _json(asdict(case))


async def _said(
    service: Staffed,
    request: Request,
    id: str,
    verdict: Literal["approve", "deny"],
    word: Denial,
    edit: Mapping[str, Any] | None = None,
) -> Response:
    by = word.by or account()
    status = await service.desk.say(
        id, verdict, by=by, account=account(), comment=word.comment, edit=edit, digest=word.digest
    )
    request.state.run = id
    return _json({"run": id, "status": status}, status=202)


@cache
def account() -> str:
    """Who the token was printed for."""
    return getuser()


def _json(value: Mapping[str, Any], *, status: int = 200) -> Response:
    return Response(as_json({"schema": SCHEMA, **value}), media_type="application/json", status_code=status)

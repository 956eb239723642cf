"""What is sent and given back over HTTP, and how is it described?

The description is made from what is really checked and really sent: requests are these models, answers the dataclasses
that are turned into JSON.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import Request
from fastapi.responses import Response
from fastapi.routing import APIRoute
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    FiniteFloat,
    StrictBool,
    StrictInt,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from starlette.exceptions import HTTPException

from agent.answer import Answer
from agent.journal.cases import Case
from agent.journal.summary import RunSummary
from agent.limits import LONGEST, MOST
from agent.memory.conversation import Conversation
from agent.readiness import Readiness
from agent.results import SCHEMA, ShownHit
from agent.service.problems import MEDIA_TYPE, PROBLEM, RETRY_AFTER
from ingest.mistakes import json_mistake
from retrieval.model import Mode, Range, Wanted


def _known(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    """One sentence, where each member of the union would add its own."""
    try:
        return handler(value)
    except ValidationError:
        told = (
            "a filter takes text, a number, true or false, a list of these that is not empty, or bounds as "
            '{">=": "2024-01-01", "<": "2025-01-01"}'
        )
        raise ValueError(told) from None


def _whole(value: Any) -> Any:
    """JSON has one kind of number: 9.0 is the integer 9."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _plain_json(value: dict[str, Any]) -> dict[str, Any]:
    """NaN is no JSON, though it is read as such."""
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        raise ValueError("a number that is not finite is no value") from None
    return value


Text = Annotated[
    str,
    Field(min_length=1, max_length=LONGEST, pattern=r"\S"),
    AfterValidator(lambda text: text.strip() or text),
]
_Value = str | StrictBool | StrictInt | FiniteFloat
_Values = Annotated[list[_Value], Field(min_length=1)]
_Key = Annotated[str, Field(min_length=1)]
_Bound = Annotated[str, Field(min_length=1)] | Annotated[FiniteFloat, Field(strict=True)]


class Bounds(BaseModel):
    """Bounds of a filter, each a date or a number."""

    model_config = ConfigDict(extra="forbid")

    at_least: _Bound | None = Field(None, alias=">=")
    above: _Bound | None = Field(None, alias=">")
    at_most: _Bound | None = Field(None, alias="<=")
    below: _Bound | None = Field(None, alias="<")


Filters = dict[_Key, Annotated[_Value | _Values | Bounds, WrapValidator(_known)]]


class Question(BaseModel):
    """The body of POST /ask."""

    model_config = ConfigDict(extra="forbid")

    question: Text
    filters: Filters = {}
    stream: StrictBool = False
    conversation: Annotated[str, Field(min_length=1, max_length=100)] | None = None


class Query(BaseModel):
    """The body of POST /search."""

    model_config = ConfigDict(extra="forbid")

    query: Text
    k: Annotated[int, Field(ge=1, le=MOST, strict=True), BeforeValidator(_whole)] = 10
    filters: Filters = {}
    mode: Mode = "hybrid"


@dataclass(frozen=True, slots=True)
class AnswerBody(Answer):
    """What POST /ask gives back: the object that `citewell ask --json` prints."""

    schema: int = SCHEMA


@dataclass(frozen=True, slots=True)
class ConversationBody(Conversation):
    """What GET /conversations/{id} gives back: the object that `citewell conversations show --json` prints."""

    schema: int = SCHEMA


@dataclass(frozen=True, slots=True)
class DeletedBody:
    """What DELETE /conversations/{id} gives back; `pending` says why words may still be in a file."""

    schema: int
    deleted: str
    events: int
    pending: str


@dataclass(frozen=True, slots=True)
class SearchBody:
    """What POST /search gives back: the object that `citewell search --json` prints."""

    schema: int
    index_version: str
    calibrated: bool | None
    hits: tuple[ShownHit, ...]


@dataclass(frozen=True, slots=True)
class ReadinessBody(Readiness):
    """What GET /readyz gives back."""

    schema: int = SCHEMA


@dataclass(frozen=True, slots=True)
class HealthBody:
    """What GET /healthz gives back."""

    schema: int
    ok: bool


class _Said(BaseModel):
    """What a person sends: the name that they give is recorded, with the account of whoever serves."""

    model_config = ConfigDict(extra="forbid")

    by: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")] | None = None


class Denial(_Said):
    """The body of POST /runs/{id}/deny; `digest` names the call that was shown."""

    comment: Annotated[str, Field(max_length=LONGEST)] = ""
    digest: str | None = None


class Approval(Denial):
    """The body of POST /runs/{id}/approve: `digest` is that of the call that was shown, since no other one is allowed.

    `edit` holds arguments to be put in place of the call's own.
    """

    digest: Annotated[str, Field(min_length=1)]
    edit: Annotated[dict[str, Any], AfterValidator(_plain_json)] | None = None


class Cancelling(_Said):
    """The body of POST /runs/{id}/cancel."""

    comment: Annotated[str, Field(max_length=LONGEST)] = ""


class Claiming(_Said):
    """The body of POST /escalations/{id}/claim."""


class Resolution(_Said):
    """The body of POST /escalations/{id}/resolve."""

    answer: Text
    comment: Annotated[str, Field(max_length=LONGEST)] = ""


class Reopening(_Said):
    """The body of POST /escalations/{id}/reopen."""

    reason: Text


class Remember(_Said):
    """The body of POST /memory: what is to be remembered; or, with `id`, what is to be put in the place of that."""

    principal: Annotated[str, Field(min_length=1, max_length=LONGEST)]
    subject: Annotated[str, Field(max_length=LONGEST)] = ""
    attribute: Annotated[str, Field(max_length=LONGEST)] = ""
    value: Annotated[str, Field(max_length=LONGEST)] | None = None
    kind: Literal["fact", "preference", "resolution"] = "fact"
    since: date | None = Field(None, alias="from")
    until: date | None = Field(None, alias="to")
    run: Annotated[str, Field(max_length=200)] | None = None
    approve: StrictBool = False
    id: Annotated[str, Field(max_length=200)] | None = None


@dataclass(frozen=True, slots=True)
class MemoriesBody:
    """What GET /memory gives back: the object that `citewell memory list --json` prints."""

    schema: int
    memories: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class MemoryBody:
    """What POST /memory gives back: the object that `citewell memory add --json` prints."""

    schema: int
    memory: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ForgottenBody:
    """What DELETE /memory gives back: the object that `citewell memory forget --json` prints."""

    schema: int
    forgotten: tuple[str, ...]
    events: int
    pending: str
    clean: bool
    sequences: int


@dataclass(frozen=True, slots=True)
class RunsBody:
    """What GET /runs gives back, newest first."""

    schema: int
    runs: tuple[RunSummary, ...]


@dataclass(frozen=True, slots=True)
class EventBody:
    """One event of a run; its `content` is as its kind has it, and `{"erased": true}` once it was erased."""

    run: str
    number: int
    kind: str
    at: str
    actor: str
    content: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OriginBody:
    """Where a value of a call stands; `good` where it may be used unattended."""

    argument: str
    value: str
    place: str
    source: str
    good: bool


@dataclass(frozen=True, slots=True)
class WaitingBody:
    """All that a person is shown of a call before they decide on it."""

    digest: str
    question: str
    earlier: tuple[str, ...]
    principal: str | None
    account: str | None
    tool: str
    plugin: str | None
    version: str | None
    effect: str | None
    arguments: dict[str, Any]
    origins: tuple[OriginBody, ...]
    disguised: tuple[dict[str, str], ...]
    reasons: tuple[str, ...]
    since: str
    expires: str | None
    expired: bool
    approvers: int
    allowed: tuple[dict[str, str | None], ...]
    read: tuple[dict[str, Any], ...]


@dataclass(frozen=True, slots=True)
class RunBody:
    """What GET /runs/{id} gives back: the object that `citewell runs show --json` prints."""

    schema: int
    run: str
    id: str
    status: str
    events: tuple[EventBody, ...]
    waiting: WaitingBody | None


@dataclass(frozen=True, slots=True)
class ApprovalBody:
    """A run that waits for a person's word; GET /runs/{id} has all that bears on it."""

    run: str
    status: str
    question: str
    principal: str | None
    tool: str
    arguments: dict[str, Any]
    reasons: tuple[str, ...]
    since: str | None
    expires: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class ApprovalsBody:
    """What GET /approvals gives back, the oldest first: the object that `citewell runs waiting --json` prints."""

    schema: int
    waiting: tuple[ApprovalBody, ...]


@dataclass(frozen=True, slots=True)
class DecidedBody:
    """What became of a run by a person's word; GET /runs/{id} tells how it goes on."""

    schema: int
    run: str
    status: str


@dataclass(frozen=True, slots=True)
class CaseBody(Case):
    """A case, as POST /escalations/{id}/claim, resolve and reopen leave it."""

    schema: int = SCHEMA


@dataclass(frozen=True, slots=True)
class ListedCase(Case):
    """A case on one line."""

    rules: tuple[str, ...] = ()
    question: str = ""


@dataclass(frozen=True, slots=True)
class CasesBody:
    """What GET /escalations gives back, the oldest first: what `citewell escalations list --json` prints."""

    schema: int
    escalations: tuple[ListedCase, ...]


@dataclass(frozen=True, slots=True)
class CaseFileBody:
    """What GET /escalations/{id} gives back: the object that `citewell escalations show --json` prints."""

    schema: int
    id: str
    run: str
    status: str
    route: str | None
    opened: str
    due: str | None
    claimed_by: str | None
    same_as: str | None
    rules: tuple[dict[str, str], ...]
    recommendation: str
    question: str
    understood: str | None
    principal: str | None
    conversation: tuple[dict[str, str | None], ...]
    plan: dict[str, Any] | None
    remembered: tuple[dict[str, Any], ...]
    searches: tuple[dict[str, Any], ...]
    calls: tuple[dict[str, Any], ...]
    waiting: dict[str, Any] | None
    checks: tuple[dict[str, Any], ...]
    conflicts: tuple[dict[str, Any], ...]
    returned: tuple[str, ...]
    draft: dict[str, Any] | None
    told: tuple[dict[str, Any], ...]
    doubts: tuple[str, ...]
    cost: float | None
    release: dict[str, Any]
    history: tuple[dict[str, Any], ...]


_EVENT = {
    "type": "object",
    "description": "An event of the run. The last one is `done`, its data the answer as the JSON object, or `error`, "
    "its data a problem.",
    "required": ["event", "data"],
    "properties": {
        "event": {"type": "string", "enum": ["state", "token", "citation", "done", "error"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
}
EVENTS: dict[str, Any] = {"text/event-stream": {"itemSchema": _EVENT}}  # as FastAPI describes its own streams


def errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """How these are described: as problems, all of one form."""
    return {status: _error(HTTPStatus(status)) for status in (*statuses, 403, 500)}


def _error(status: HTTPStatus) -> dict[str, Any]:
    described: dict[str, Any] = {"description": status.phrase, "content": {MEDIA_TYPE: {"schema": PROBLEM}}}
    if status is HTTPStatus.SERVICE_UNAVAILABLE:
        seconds = {"type": "integer", "example": int(RETRY_AFTER)}
        described["headers"] = {"Retry-After": {"description": "Seconds.", "schema": seconds}}
    return described


class JsonRoute(APIRoute):
    """An endpoint whose body, if it takes one, is JSON and said to be JSON; anything else is told in plain words."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        """FastAPI's, behind the check."""
        handle = super().get_route_handler()
        if self.body_field is None:
            return handle

        async def checked(request: Request) -> Response:
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if kind != "application/json" and not (kind.startswith("application/") and kind.endswith("+json")):
                said = f"{kind[:100]!r} was sent" if kind else "none was sent"
                raise HTTPException(415, f"The body must come as Content-Type: application/json, and {said}.")
            try:
                await request.json()  # which keeps it for FastAPI
            except (ValueError, RecursionError) as fault:
                raise HTTPException(400, f"The body is not JSON: {_reason(fault)}. Send one JSON object.") from None
            response: Response = await handle(request)
            return response

        return checked


def _reason(fault: ValueError | RecursionError) -> str:
    match fault:
        case json.JSONDecodeError() if not fault.doc.strip():
            return "it is empty"
        case json.JSONDecodeError():
            return json_mistake(fault)
        case UnicodeDecodeError():
            return f"it is not UTF-8 ({fault.reason} at byte {fault.start + 1})"
        case RecursionError():
            return "it is nested too deeply"
        case _:
            return "a number in it has too many digits"


def spelled(filters: Filters) -> dict[str, Wanted]:
    """The filters in the ways that documents spell them; a list asks for any of its items."""
    return {key: _wanted(value) for key, value in filters.items()}


def _wanted(value: _Value | _Values | Bounds) -> Wanted:
    match value:
        case str():
            return value
        case Bounds():
            return Range(value.at_least, value.above, value.at_most, value.below)
        case list():
            return frozenset(word for item in value for word in _spellings(item))
        case _:
            return frozenset(_spellings(value))


def _spellings(value: _Value) -> tuple[str, ...]:
    """`true` is also written `True` and `yes` in front matter; 2024.0 is the year 2024."""
    match value:
        case bool():
            words = ("true", "yes", "on") if value else ("false", "no", "off")
            return tuple(spelling for word in words for spelling in (word, word.capitalize(), word.upper()))
        case float() if value.is_integer():
            return (str(value), str(int(value)))
        case _:
            return (str(value),)

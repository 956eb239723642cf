"""How is an error told over HTTP? As RFC 9457 problem details with a stable `code`."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from agent.plain import escaped
from ingest.errors import CitewellError
from ingest.mistakes import named_mistake, value_mistake

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER = "5"  # seconds, with every 503
PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "run": {"type": "string", "description": "The run that was begun, if one was."},
        "errors": {
            "type": "array",
            "description": "With 422: what is wrong with which field.",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}

_log = logging.getLogger(__name__)

_CODES = {400: "bad_request", 401: "unauthorized", 415: "unsupported_media_type"}  # which say themselves what is wrong
_SAID = {
    404: ("not_found", "There is nothing here: GET /docs lists what there is."),
    405: ("method_not_allowed", "This address takes another method: the Allow header names it."),
    413: ("too_large", "The body is larger than this service reads: send at most 1 MB."),
}


class Saturated(CitewellError):
    """As many runs as allowed are going on."""

    code: ClassVar[str] = "saturated"


def problem(status: int, code: str, detail: str, **more: Any) -> dict[str, Any]:
    """The members of a problem; `about:blank` says that `title` is the status's own phrase."""
    title = HTTPStatus(status).phrase
    return {"type": "about:blank", "title": title, "status": status, "detail": detail, "code": code, **more}


def problem_of(error: Exception) -> dict[str, Any]:
    """What a client is told of an error: a stated one in its own words, a bug without its insides."""
    if isinstance(error, CitewellError):
        return problem(error.http_status, error.code, error.outside)
    if isinstance(error, RequestValidationError):
        found = [(".".join(str(part) for part in one["loc"][1:]) or "body", one) for one in error.errors()]
        detail = "; ".join(named_mistake(field, one) for field, one in found)
        errors = [{"field": field, "message": value_mistake(one)} for field, one in found]
        return problem(422, "invalid_request", f"{detail}: correct that; GET /docs shows what is taken.", errors=errors)
    if isinstance(error, HTTPException):
        code, detail = _SAID.get(error.status_code, (_CODES.get(error.status_code, "http_error"), error.detail))
        return problem(error.status_code, code, detail)
    return problem(500, "internal", "Something broke on our side: give the X-Request-Id to whoever runs the service.")


def respond(members: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    """A problem as a response."""
    status = members["status"]
    more = {"Retry-After": RETRY_AFTER} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}
    return Response(as_json(members), status, {**(headers or {}), **more}, MEDIA_TYPE)


def as_json(value: Mapping[str, Any]) -> str:
    """JSON that any text survives: what is not seen, or has no UTF-8 as a lone surrogate, is a JSON escape."""
    written = escaped(json.dumps(value, ensure_ascii=False, allow_nan=False))
    return written.encode("utf-8", "backslashreplace").decode()


def tell_problems(app: FastAPI) -> None:
    """Every error that reaches `app` is told as a problem. Bugs are left to the outermost layer, which logs them."""
    for kind in (CitewellError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, _answer)


async def _answer(request: Request, error: Exception) -> Response:
    if isinstance(error, CitewellError) and error.outside != str(error):
        _log.warning("%s", error)
    run = {"run": request.state.run} if hasattr(request.state, "run") else {}
    return respond({**problem_of(error), **run}, error.headers if isinstance(error, HTTPException) else None)

"""What does a fault of the model's server call for? To try again, and when; to give the model less; to tell a person.

Every fault is one sentence that ends with what to do.
"""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from agent.models.model import ModelFailed, WindowExceeded

TRIES: Final = 3  # of one request, in all

_TOO_LARGE: Final = "request_too_large"
_STATUSES: Final[Mapping[int, str]] = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: _TOO_LARGE,
    422: "invalid_request_error",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
    529: "overloaded_error",
}

# By the error's type, since an error that breaks off a stream carries the status 200: what happened, what to do.
_ADVICE: Final[Mapping[str, tuple[str, str]]] = {
    "invalid_request_error": ("rejected the request", "put right what it names, or choose another model"),
    "authentication_error": ("did not accept the key", "check ANTHROPIC_API_KEY"),
    "billing_error": ("asks for payment", "add credit to the account that the key belongs to"),
    "permission_error": ("does not let this key use the model {model}", "use another key or another model"),
    "not_found_error": (
        "does not know the model {model}",
        "check the model's name, and that {where} is the right address",
    ),
    "rate_limit_error": ("is limiting requests", "wait a minute and ask again"),
    "timeout_error": ("took too long", "ask again"),
    "loading": ("is still loading the model", "wait until it is there and ask again"),
    "overloaded_error": ("is overloaded", "wait a minute and ask again"),
    "api_error": ("failed", "ask again, and if it fails again look at that server's log or status page"),
}

_CONFLICT: Final = 409
_OF_THE_REQUEST: Final = frozenset({"invalid_request_error", "api_error"})
_PASSING: Final = frozenset({"rate_limit_error", "timeout_error", "overloaded_error", "api_error", "loading"})
_LOADING: Final = re.compile(r"\bloading\b", re.IGNORECASE)
_TOOLS: Final = re.compile(r"\btools?\b|\btool[_ ]", re.IGNORECASE)
_NO_TOOLS: Final = (
    "choose a model that can use tools, or switch them on in that server (llama.cpp: --jinja; vLLM: "
    "--enable-auto-tool-choice with a --tool-call-parser)"
)

# In the words of Anthropic, llama.cpp, vLLM, Ollama, LM Studio and servers that speak as they do. A limit on what may
# be written alone is none of them.
_WINDOW: Final = re.compile(
    r"""
    exceed_context_size | context_length_exceeded
    | prompt\ is\ too\ long | (?:prompt|input)\ (?:is\ )?too\ (?:long|large)
    | context\ (?:size|length|window|limit)
    | (?:maximum|max)\ (?:model|context|sequence|input)\ (?:length|len|size|tokens)
    | too\ many\ (?:input\ |prompt\ )?tokens
    | tokens.{0,40}\ must\ be\ <= | exceeds\ the\ maximum\ number\ of\ tokens
    """,
    re.IGNORECASE | re.VERBOSE,
)


class Rejected(ModelFailed):
    """The server found fault with the request, not with what is asked of it just now; `said` is what it said."""

    def __init__(self, message: str, said: str = "") -> None:
        super().__init__(message)
        self.said = said


class Passing(ModelFailed):
    """A fault that may be gone when the same is asked again.

    `after` is how many seconds the server asks to wait, None where it does not say; `patient`, whether it is worth
    waiting as long as there is time. `what` is what happened, without advice.
    """

    def __init__(self, message: str, *, after: float | None = None, what: str = "", patient: bool = False) -> None:
        super().__init__(message)
        self.after, self.patient = after, patient
        self._what = what

    def told_with(self, left: float) -> ModelFailed:
        """The same where the server asks for more time than is left."""
        wait = _written(self.after or 0.0)
        said = f"{self._what} and asks to wait {wait}, longer than the {_written(left)} that the run had left"
        return ModelFailed(f"{said}; ask again then.")


def judged(
    status: int,
    kind: str,
    said: str,
    headers: Mapping[str, str],
    *,
    model: str,
    where: str,
    is_anthropic: bool,
) -> ModelFailed:
    """The fault that a server tells by a status, its kind of error and words of its own.

    The kind counts more than the status, which is 200 where an error breaks off a stream.
    """
    named = f"{kind} {said}"
    kind = kind if kind in _ADVICE or kind == _TOO_LARGE else _STATUSES.get(status, "api_error")
    quoted = textwrap.shorten(said, 300, placeholder=" …")
    if kind == _TOO_LARGE or (kind in _OF_THE_REQUEST and _exceeds_window(named)):
        lower = "[agent] max_tokens or passages" if "max_tokens" in said else "[agent] passages"
        return WindowExceeded(
            f"What was asked and found is more than the model {model} reads at once ({quoted}); "
            f"lower {lower}, or give the model's server a larger context."
        )
    if kind == "overloaded_error" and _LOADING.search(said):
        kind = "loading"
    happened, advice = (part.format(model=model, where=where) for part in _ADVICE[kind])
    if kind in _OF_THE_REQUEST and not is_anthropic and is_of_tools(said):
        happened, advice = f"cannot offer tools to the model {model}", _NO_TOOLS
    what = f"The model's server {happened} ({quoted})"
    again = {"true": True, "false": False}.get(headers.get("x-should-retry", ""), kind in _PASSING)
    if not (again or status == _CONFLICT):
        message = f"{what}; {advice}."
        return Rejected(message, quoted) if kind == "invalid_request_error" else ModelFailed(message)
    after = _wait_asked(headers)
    if after and kind in {"rate_limit_error", "overloaded_error"}:
        advice = f"ask again in {_written(after)}"
    return Passing(f"{what}; {advice}.", after=after, what=what, patient=kind == "loading")


def is_of_tools(said: str) -> bool:
    """Whether a server's words speak of tools."""
    return _TOOLS.search(said) is not None


def is_of_another(said: str) -> bool:
    """Whether they speak of a part of the request, and not of the effort that the model shall make."""
    return (is_of_tools(said) or "search_result" in said) and "effort" not in said and "output_config" not in said


def _exceeds_window(said: str) -> bool:
    """Whether a server says that the request is longer than what its model reads at once."""
    return _WINDOW.search(said) is not None


def _wait_asked(headers: Mapping[str, str]) -> float | None:
    """How many seconds a server asks to wait before the next request; None where it does not say."""
    for name, unit in (("retry-after-ms", 1000), ("retry-after", 1)):
        written = headers.get(name, "").strip()
        try:
            seconds = float(written) / unit
        except ValueError:
            continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    try:
        at = parsedate_to_datetime(headers.get("retry-after", ""))
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max(0.0, (at - datetime.now(UTC)).total_seconds())


def _written(seconds: float) -> str:
    """So many seconds, for people."""
    if seconds < 100:
        return f"{math.ceil(seconds)} s"
    hours, minutes = divmod(math.ceil(seconds / 60), 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes))

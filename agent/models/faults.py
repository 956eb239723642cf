"""What does a fault of the model's server call for? To try again, when, or to give the model less to read."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from agent.models.model import ModelFailed

TRIES: Final = 3  # of one request, in all

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
        wait = written(self.after or 0.0)
        said = f"{self._what} and asks to wait {wait}, longer than the {written(left)} that the run had left"
        return ModelFailed(f"{said}; ask again then.")


def exceeds_window(said: str) -> bool:
    """Whether a server says that the request is longer than what its model reads at once."""
    return _WINDOW.search(said) is not None


def wait_asked(headers: Mapping[str, str]) -> float | None:
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


def written(seconds: float) -> str:
    """So many seconds, for people."""
    if seconds < 100:
        return f"{math.ceil(seconds)} s"
    hours, minutes = divmod(math.ceil(seconds / 60), 60)
    return " ".join([f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes))

"""What is a tool, and what happens when one is called?

A tool's author needs three names from here: `ToolContext` (annotate a parameter with it and the run's search is
passed in), `ToolResult` (text with passages that can be cited) and `ToolError` (tells the model what to change).
A call that gives no result raises one of these; the message is what the model is told:

    ToolError              tool_error          the tool says what the model should change
    └── InvalidArguments   invalid_arguments   the arguments do not fit the schema; the tool was not run
    ToolFailed             tool_failed         the tool raised, or gave back what is no result
    └── TimedOut           tool_timed_out      the tool did not answer in time, and may still be running
"""

from __future__ import annotations

import asyncio
import json
import logging
import math
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal, Protocol

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, to_json

from plugins.bounded import Overdue, Raised, bounded
from retrieval.model import Hit, Scope, Search

Effect = Literal["read", "write", "external"]

RESULT_LIMIT = 20_000
"""The most characters of a result that a model is shown: its text, and likewise its passages together."""

log = logging.getLogger(__name__)


class ToolError(Exception):
    """Raised by a tool to tell the model what to change; the message is shown to it as it is."""

    code: ClassVar[str] = "tool_error"


class InvalidArguments(ToolError):
    """The model's arguments do not fit the schema."""

    code: ClassVar[str] = "invalid_arguments"


class ToolFailed(Exception):
    """The call gave no result, and the model cannot put that right."""

    code: ClassVar[str] = "tool_failed"


class TimedOut(ToolFailed):
    """The call took longer than the tool's timeout and was left alone."""

    code: ClassVar[str] = "tool_timed_out"


class Texts(Protocol):
    """The stored texts that a run may see."""

    def text(self, name: str) -> str | None:
        """A document's full text; None where there is no such document, or it lies outside the run's scope."""
        ...

    def page(self, name: str, offset: int) -> int | None:
        """The page on which an offset of a document's text lies; None where it has no pages, or there is no text."""
        ...

    def page_label(self, name: str, offset: int) -> str | None:
        """What a reader sees as that page's number; None where the file does not say."""
        ...


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a tool may use of the run that calls it. `search` and `version` see the run's scope and no more."""

    search: Search
    scope: Scope
    run: str
    version: Texts


@dataclass(frozen=True, slots=True)
class ToolResult:
    """Text for the model, and passages; it can cite both. A passage must be the stored text of its span, exactly.

    `note` is told to the model beside them and is no evidence: Citewell says there what of a long result was cut.
    """

    text: str
    hits: tuple[Hit, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a function takes from the model (`schema`, checked by `model`) and from us (the `injected` parameters).

    `names` says which parameter each of the model's fields is.
    """

    schema: Mapping[str, Any]
    model: type[BaseModel]
    names: Mapping[str, str]
    injected: tuple[str, ...]

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Decoded JSON as keyword arguments, with the function's own defaults for what is left out.

        Strict: the text "5" is not a number. Raises `InvalidArguments`.
        """
        try:
            values = self.model.model_validate_json(json.dumps(given, allow_nan=False), strict=True)
        except ValidationError as fault:
            raise InvalidArguments(f"Invalid arguments: {_faults(fault)}. Correct them and call again.") from None
        except (TypeError, ValueError) as fault:
            raise InvalidArguments(f"The arguments are not JSON: {fault}. Correct them and call again.") from None
        return {name: getattr(values, field) for field, name in self.names.items()}


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that a model can call. `timeout` is in seconds and per try; only a `read` may be tried again.

    `plugin` names who brought it; `warnings` are what its author should look at.
    """

    name: str
    description: str
    effect: Effect
    timeout: float
    retries: int
    plugin: str
    warnings: tuple[str, ...]
    arguments: Arguments
    function: Callable[..., Any]

    @property
    def schema(self) -> Mapping[str, Any]:
        """The JSON schema of the arguments: an object that takes no others."""
        return self.arguments.schema


async def call(
    tool: Tool, arguments: Mapping[str, Any], context: ToolContext, *, seconds: float = math.inf
) -> ToolResult:
    """What the tool gave back, no longer than a model can read. Raises `ToolError` or `ToolFailed`.

    `seconds` are what is left of the run: they bound all tries together, as the tool's own timeout bounds each.
    """
    retries = tool.retries if tool.effect == "read" else 0
    tried = 0
    until = time.monotonic() + seconds
    while True:
        try:
            return await _try(tool, arguments, context, until)
        except ToolFailed as fault:
            pause = 0.1 * 2**tried
            if tried >= retries or time.monotonic() + pause >= until:
                raise
            log.info("%s is tried again: %s", tool.name, fault)
        await asyncio.sleep(pause)
        tried += 1


async def _try(tool: Tool, arguments: Mapping[str, Any], context: ToolContext, until: float) -> ToolResult:
    began = time.monotonic()
    ends = min(began + tool.timeout, until)
    if ends <= began:
        raise TimedOut(f"{tool.name} was not run, since the run has no time left.")

    async def within(function: Callable[[], Any]) -> Any:
        if (left := ends - time.monotonic()) <= 0:
            raise Overdue
        return await bounded(function, seconds=left)

    try:
        # All three run code of the plugin's: its validators, its function, its result's own way to become JSON.
        keywords = await within(partial(tool.arguments.read, arguments))
        keywords |= dict.fromkeys(tool.arguments.injected, context)
        given = await within(partial(tool.function, **keywords))
        result: ToolResult = await within(partial(_result, given, context))
        return result
    except Overdue:
        raise TimedOut(
            f"{tool.name} did not answer within {round(ends - began, 2):g} seconds. {_advice(tool)}"
        ) from None
    except Raised as raised:
        if isinstance(raised.fault, ToolError):
            raise raised.fault from None
        log.warning("%s of the plugin %s raised", tool.name, tool.plugin, exc_info=raised.fault)
        said = "".join(traceback.format_exception_only(raised.fault)).strip()[:1_000]
        raise ToolFailed(f"{tool.name} failed with {said}. {_advice(tool)}") from raised.fault


def _advice(tool: Tool) -> str:
    if tool.effect == "read":
        return "Go on without it, or try other arguments."
    return "Whether it took effect is not known: do not repeat it, and say so."


def _result(given: object, context: ToolContext) -> ToolResult:
    """A result in the one form that it may have: text that can be stored and sent, and passages that are true."""
    result = given if isinstance(given, ToolResult) else ToolResult(given if isinstance(given, str) else _json(given))
    text, note = (_sendable(part) for part in (result.text, result.note[:RESULT_LIMIT]))
    notes = [note] if note.strip() else []
    if len(text) > RESULT_LIMIT:
        notes.append(f"Cut: the result has {len(text):,} characters, of which the first {RESULT_LIMIT:,} are shown.")
        text = text[:RESULT_LIMIT]
    kept, total = [], 0
    for hit in result.hits:
        chunk = hit.chunk
        stored = context.version.text(chunk.document)
        if stored is None or stored[chunk.start : chunk.end] != chunk.text:
            raise ValueError(f"the passage {chunk.document} {chunk.start}-{chunk.end} is not what is stored there")
        if not chunk.text.strip() or not math.isfinite(hit.score):
            raise ValueError(f"the passage {chunk.document} {chunk.start}-{chunk.end} is empty, or its score no number")
        total += len(chunk.text)
        if total <= RESULT_LIMIT:
            kept.append(hit)
    if len(kept) < len(result.hits):
        notes.append(f"Cut: of {len(result.hits)} passages the first {len(kept)} are shown.")
    return ToolResult(text, tuple(kept), "\n".join(notes))


def _sendable(text: str) -> str:
    return text.encode("utf-8", "replace").decode()  # half a surrogate pair is no text


def _json(given: object) -> str:
    try:
        return to_json(given).decode()
    except PydanticSerializationError as fault:
        raise TypeError(f"the result is neither text nor JSON: {fault}") from None


def _faults(fault: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, each['loc'])) or 'arguments'}: {each['msg']}"
        for each in fault.errors(include_url=False, include_context=False, include_input=False)
    )

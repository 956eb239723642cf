"""What is a tool, and what happens when one is called?

A tool's author needs three names from here: `ToolContext` (annotate a parameter with it and the run's search is
passed in), `ToolResult` (text with passages that can be cited) and `ToolError` (tells the model what to change).
A call that gives no result comes to one of these; the message is what the model is told:

    ToolError              tool_error          the tool says what the model should change
    └── InvalidArguments   invalid_arguments   the arguments do not fit the schema; the tool was not run
    ToolFailed             tool_failed         the tool raised, or gave back what is no result
    ├── TimedOut           tool_timed_out      the tool did not answer in time, and may still be running
    ├── Ended              tool_ended          no result came back from its own process, or from its server
    ├── Withheld           tool_withheld       the tool did its work, and a plugin keeps its result back
    └── Barred             tool_barred         the tool failed again and again; it was not run
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
import math
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Protocol

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json

from ingest.model import Unseen, digest
from plugins.apart import Died, in_a_process
from plugins.bounded import Overdue, Raised, bounded
from plugins.breaker import Breakers
from retrieval.model import EVERYTHING, Hit, Listed, Scope, Search

if TYPE_CHECKING:
    from ingest.split.sections import Section

Effect = Literal["read", "write", "external"]

RESULT_LIMIT = 20_000
"""The most characters of a result that a model is shown: its text, and likewise its passages together."""

DATA_LIMIT = 100_000
"""The most characters of a result's data, as JSON, that are kept."""

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


class Ended(ToolFailed):
    """The process of a tool ended before it had a result; whether it took effect is not known."""

    code: ClassVar[str] = "tool_ended"


class Withheld(ToolFailed):
    """The tool was run, and what it gave is kept back."""

    code: ClassVar[str] = "tool_withheld"


class Barred(ToolFailed):
    """The tool failed so often of late that it is not called for a while."""

    code: ClassVar[str] = "tool_barred"


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

    def unseen(self, name: str) -> tuple[Unseen, ...]:
        """What of a document's text nobody sees who opens it; nothing where there is no text."""
        ...

    def documents(self, scope: Scope = EVERYTHING) -> list[Listed]:
        """What is known of the documents within the run's scope that also lie within another one, by name."""
        ...

    def sections(self, name: str) -> list[Section]:
        """The sections and tables of a document, in order; none where there is no text."""
        ...


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a tool may use of the run that calls it. `search` and `version` see the run's scope and no more.

    `key` is the same for the same call of the same run, whenever and in whichever process it is made, be what has a
    default given or left out: what is done once for a key is not done twice.
    """

    search: Search
    scope: Scope
    run: str
    version: Texts
    key: str = ""


@dataclass(frozen=True, slots=True)
class ToolResult:
    """Text for the model, and passages; it can cite both. A passage must be the stored text of its span, exactly.

    `note` is told to the model beside them and is no evidence: Citewell says there what of a long result was cut.
    `data` is for programs: anything that JSON can hold, kept in the record of the call. Without text it is the text.
    """

    text: str
    hits: tuple[Hit, ...] = ()
    note: str = ""
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Called:
    """What became of a call: `outcome`, in so many tries (none where it was not run) and seconds."""

    outcome: ToolResult | ToolError | ToolFailed
    attempts: int
    seconds: float

    def result(self) -> ToolResult:
        """What the tool gave back. Raises `ToolError` or `ToolFailed` where it gave nothing."""
        if isinstance(self.outcome, ToolResult):
            return self.outcome
        raise self.outcome


@dataclass(frozen=True, slots=True)
class Arguments:
    """What a function takes from the model (`schema`, checked by `model`) and from us (the `injected` parameters).

    `names` says which parameter each of the model's fields is, `key` which takes the key of the call, if one does.
    """

    schema: Mapping[str, Any]
    model: type[BaseModel]
    names: Mapping[str, str]
    injected: tuple[str, ...]
    key: str | None = None

    def given(self, context: ToolContext | None, key: str) -> dict[str, Any]:
        """What we pass in ourselves."""
        return dict.fromkeys(self.injected, context) | ({self.key: key} if self.key else {})

    def read(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """Decoded JSON as keyword arguments, with the function's own defaults for what is left out.

        Strict: the text "5" is not a number. Raises `InvalidArguments`.
        """
        values = self._validated(given)
        return {name: getattr(values, field) for field, name in self.names.items()}

    def filled(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The same arguments as JSON again, as they are after validation: what is left out has its default.

        Limits are held against it and a person is shown it, so what its types hide or write otherwise is refused.
        Raises `InvalidArguments`.
        """
        values = self._validated(given)
        try:
            filled: dict[str, Any] = json.loads(values.model_dump_json(by_alias=True))
            again = values.model_dump_json(by_alias=True, round_trip=True)
        except ValueError as fault:
            raise InvalidArguments(f"The arguments are not JSON: {fault}. Correct them and call again.") from None
        if not self._says(again, values):
            raise InvalidArguments(
                "An argument is hidden or written otherwise by its own type, so that nobody could see what would be "
                "run: its plugin's author should take `exclude`, secrets and serializers out of the types of its tool."
            )
        return filled

    def _says(self, written: str, values: BaseModel) -> bool:
        """Whether that is read as these values again."""
        try:
            return self.model.model_validate_json(written, strict=True) == values
        except ValidationError:
            return False

    def _validated(self, given: Mapping[str, Any]) -> BaseModel:
        try:
            return self.model.model_validate_json(json.dumps(given, allow_nan=False), strict=True)
        except ValidationError as fault:
            raise InvalidArguments(f"Invalid arguments: {_faults(fault)}. Correct them and call again.") from None
        except (TypeError, ValueError) as fault:
            raise InvalidArguments(f"The arguments are not JSON: {fault}. Correct them and call again.") from None


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that a model can call. `timeout` is in seconds and per try; only a `read` may be tried again.

    `plugin` names who brought it; `warnings` are what its author should look at. One that is `idempotent` does nothing
    the second time that it is called with a key. `apart` is the entry point by which a process of its own finds it;
    None where it runs in ours. `env` names the variables of ours that this process is given beside those that it needs.
    What one that only reads and `leaves` the machine is given, is told elsewhere; None: its plugin does not say.
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
    idempotent: bool = False
    apart: str | None = None
    env: tuple[str, ...] = ()
    leaves: bool | None = None
    server: str = ""  # what it is known by where another server has it: one that is contacted otherwise is another

    @property
    def is_remote(self) -> bool:
        """Whether another server has it, which says itself what it is for and what came of a call."""
        return self.plugin.startswith("mcp:")

    @property
    def schema(self) -> Mapping[str, Any]:
        """The JSON schema of the arguments: an object that takes no others."""
        return self.arguments.schema


def key_of(run: str, tool: str, arguments: Mapping[str, Any]) -> str:
    """The key of a call: the same for the same arguments, in whichever order, and for 5 as for 5.0."""
    return digest(run, tool, json.dumps(_canonical(arguments), sort_keys=True, separators=(",", ":")))


async def call(
    tool: Tool,
    arguments: Mapping[str, Any],
    context: ToolContext,
    *,
    seconds: float = math.inf,
    breakers: Breakers | None = None,
) -> Called:
    """What becomes of a call. What the tool gives back is no longer than a model can read.

    `seconds` are what is left of the run: they bound all tries together, as the tool's own timeout bounds each. A tool
    that `breakers` bar is not run.
    """
    began = time.monotonic()
    breakers = breakers or Breakers()
    outcome: ToolResult | ToolError | ToolFailed
    if barred := breakers.admit(tool.name):
        outcome = Barred(
            f"{tool.name} was not run: its last calls failed, so for {math.ceil(barred)} seconds it is "
            "not called. Go on without it, and say so."
        )
        return Called(outcome, 0, 0.0)
    attempts, worked = 0, None
    try:
        outcome, attempts = await _tried(tool, arguments, context, began + seconds)
        if attempts:  # a call that was never made says nothing of the tool
            worked = not isinstance(outcome, ToolFailed)
    finally:
        breakers.settle(tool.name, worked)
    return Called(outcome, attempts, time.monotonic() - began)


async def _tried(
    tool: Tool, arguments: Mapping[str, Any], context: ToolContext, until: float
) -> tuple[ToolResult | ToolError | ToolFailed, int]:
    """What came of it, and how often it was tried."""
    retries = tool.retries if tool.effect == "read" else 0
    attempts = 0
    while True:
        if until <= time.monotonic():
            return TimedOut(f"{tool.name} was not run, since the run has no time left."), attempts
        attempts += 1
        try:
            return await _try(tool, arguments, context, until), attempts
        except InvalidArguments as fault:
            return fault, 0  # it was not run
        except ToolError as fault:
            return fault, attempts
        except ToolFailed as fault:
            pause = 0.1 * 2 ** (attempts - 1)
            if attempts > retries or time.monotonic() + pause >= until:
                return fault, attempts
            log.info("%s is tried again: %s", tool.name, fault)
        await asyncio.sleep(pause)


async def _try(tool: Tool, arguments: Mapping[str, Any], context: ToolContext, until: float) -> ToolResult:
    began = time.monotonic()
    ends = min(began + tool.timeout, until)

    async def within(function: Callable[[], Any]) -> Any:
        if (left := ends - time.monotonic()) <= 0:
            raise Overdue
        return await bounded(function, seconds=left)

    try:
        # All three run code of the plugin's: its validators, its function, its result's own way to become JSON.
        keywords = await within(partial(tool.arguments.read, arguments))
        key = context.key or key_of(context.run, tool.name, await within(partial(tool.arguments.filled, arguments)))
        if tool.apart is not None:
            given = await _apart(tool, tool.apart, arguments, key, ends)
        else:
            keywords |= tool.arguments.given(replace(context, key=key), key)
            given = await within(partial(tool.function, **keywords))
        result: ToolResult = await within(partial(checked, given, context))
        return result
    except Overdue:
        late = f"{tool.name} did not answer within {round(ends - began, 2):g} seconds{_left(tool)}."
        log.warning("%s", late)
        raise TimedOut(f"{late} {_advice(tool)}") from None
    except Died as died:
        raise _dead(tool, died) from None
    except Raised as raised:
        if isinstance(raised.fault, ToolError):
            raise raised.fault from None
        if isinstance(raised.fault, Died):
            raise _dead(tool, raised.fault) from None
        log.warning("%s of the plugin %s raised", tool.name, tool.plugin, exc_info=raised.fault)
        said = "".join(traceback.format_exception_only(raised.fault)).strip()[:1_000]
        raise ToolFailed(f"{tool.name} failed with {said}. {_advice(tool)}") from raised.fault


def _dead(tool: Tool, died: Died) -> ToolFailed:
    log.warning("%s of the plugin %s: %s", tool.name, tool.plugin, died)
    return Ended(f"{tool.name} failed: {died}. {_advice(tool)}")


async def _apart(tool: Tool, entry: str, arguments: Mapping[str, Any], key: str, ends: float) -> ToolResult:
    request = {"entry": entry, "tool": tool.name, "arguments": dict(arguments), "key": key}
    try:
        async with asyncio.timeout(ends - time.monotonic()):
            told = await in_a_process(request, env=tool.env)
    except TimeoutError:
        raise Overdue from None
    if "tool_error" in told:
        raise ToolError(told["tool_error"])
    if "failed" in told:
        raise Died(told["failed"])
    return ToolResult(told["text"], note=told["note"], data=told["data"])


def _left(tool: Tool) -> str:
    """What became of one that did not answer in time."""
    if tool.apart is not None:
        return ", and its process was killed"
    if inspect.iscoroutinefunction(tool.function):
        return ", and was cancelled"
    return ", and was left: its thread cannot be stopped and may still be running"


def _advice(tool: Tool) -> str:
    if tool.effect == "read":
        return "Go on without it, or try other arguments."
    return "Whether it took effect is not known: do not repeat it, and say so."


def checked(given: object, context: ToolContext) -> ToolResult:
    """A result in the one form that it may have: text that can be stored and sent, and passages that are true."""
    result = fitted(given)
    notes = [result.note] if result.note else []
    kept, total = [], 0
    for hit in result.hits:
        chunk = hit.chunk
        stored = context.version.text(chunk.document)
        if stored is None or stored[chunk.start : chunk.end] != chunk.text:
            raise ValueError(f"the passage {chunk.document} {chunk.start}-{chunk.end} is not what is stored there")
        if not chunk.text.strip() or not math.isfinite(hit.score):
            raise ValueError(f"the passage {chunk.document} {chunk.start}-{chunk.end} is empty, or its score no number")
        total += len(chunk.text)
        if total > RESULT_LIMIT:
            break  # what nobody is shown is not looked up, however much it is
        kept.append(hit)
    if len(kept) < len(result.hits):
        notes.append(f"Cut: of {len(result.hits):,} passages the first {len(kept)} are shown.")
    return replace(result, hits=tuple(kept), note="\n".join(notes))


def fitted(given: object) -> ToolResult:
    """What a tool gave back with no more text and data than can be shown and kept; its passages are not looked at."""
    result = given if isinstance(given, ToolResult) else _result(given)
    text, data = result.text, result.data
    notes = [sendable(result.note[:RESULT_LIMIT])] if result.note.strip() else []
    if data is not None:
        if not isinstance(data, Mapping):
            raise TypeError(f"its data is {type(data).__name__}, not a mapping")
        written = _json(data)
        if not (text.strip() or result.hits or notes):
            text = written
        data = from_json(written)
        if len(written) > DATA_LIMIT:
            data = None
            notes.append(f"Left out: the result's data has {len(written):,} characters, more than {DATA_LIMIT:,}.")
    if len(text) > RESULT_LIMIT:
        notes.append(f"Cut: the result has {len(text):,} characters, of which the first {RESULT_LIMIT:,} are shown.")
        text = text[:RESULT_LIMIT]
    return ToolResult(sendable(text), result.hits, "\n".join(notes), data)


def _result(given: object) -> ToolResult:
    if isinstance(given, str):
        return ToolResult(given)
    return ToolResult(_json(given), data=given if isinstance(given, Mapping) else None)


def _canonical(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _canonical(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def sendable(text: str) -> str:
    """The text as UTF-8 can say it: half a surrogate pair becomes a question mark."""
    return text.encode("utf-8", "replace").decode()


def _json(given: object) -> str:
    try:
        return to_json(given, inf_nan_mode="null").decode()
    except PydanticSerializationError as fault:
        raise TypeError(f"the result is neither text nor JSON: {fault}") from None


def _faults(fault: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(map(str, each['loc'])) or 'arguments'}: {each['msg']}"
        for each in fault.errors(include_url=False, include_context=False, include_input=False)
    )

"""How are messages and a `Reply` written in the Messages API? By pure functions, both ways.

So a run that is resumed or replayed asks exactly what was asked before.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from agent.models.faults import Passing
from agent.models.markup import readable
from agent.models.model import Again, Message, ModelFailed, Question, Results, ToolSpec, shown
from agent.models.numbered import statements
from agent.models.numbered.written import heading, numbered, tame, within
from agent.models.prompt import AGAIN, ANSWER, EARLIER, EMPTY_RESULT, LAST_WORD, REMEMBERED, Told
from agent.models.unmade import unmade
from agent.state import Observation, Passage, Quote, Reply, Segment, Shape, ToolCall, Usage

Json = dict[str, Any]

STOPS: Final[Mapping[str, Literal["end", "calls", "length", "window", "refusal", "pause"]]] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "tool_use": "calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "window",
    "refusal": "refusal",
    "pause_turn": "pause",
}

# What the API takes back of its own blocks; it rejects whatever else it may have sent with them.
ECHOED: Final[Mapping[str, frozenset[str]]] = {
    "text": frozenset({"type", "text", "citations"}),
    "tool_use": frozenset({"type", "id", "name", "input"}),
    "thinking": frozenset({"type", "thinking", "signature"}),
    "redacted_thinking": frozenset({"type", "data"}),
}
ECHOED_CITATION: Final = (
    *("type", "search_result_index", "start_block_index", "end_block_index", "source", "title", "cited_text"),
)

_QUOTE: Final = TypeAdapter(Quote)
_CALL: Final = TypeAdapter(ToolCall)


def build_request(
    messages: Sequence[Message],
    tools: Sequence[ToolSpec],
    *,
    model: str,
    max_tokens: int,
    told: Told = ANSWER,
    shape: Shape = "native",
    effort: str | None = None,
    schema: Mapping[str, Any] | None = None,
) -> Json:
    """The body of one request: what was found and the question, then each turn as it was spoken.

    A citation names a passage by counting every search result of the request, so a passage whose `number` is not its
    place in that count is a bug in whoever numbered it, as is a call that nobody answered: both raise `ValueError`.
    """
    _check_answered(messages)
    evidence = _Evidence(shape)
    spoken: list[Json] = []
    for message in messages:
        match message:
            case Question():
                _append(spoken, "user", evidence.before(message, told))
            case Reply():
                _append(spoken, "assistant", [evidence.spoken(block) for block in message.content])
            case Results():
                _append(spoken, "user", [_tool_result(each, evidence) for each in message.observations])
            case Again():
                _append(spoken, "user", evidence.again(message, told))
    system: list[Json] = [{"type": "text", "text": told.native if shape == "native" else told.numbered}]
    request = {"model": model, "max_tokens": max_tokens, "system": system, "messages": spoken}
    offered = _tools(messages, tools)
    if shape == "native":  # others ignore or refuse it
        _mark(system, spoken, offered.get("tools", []), goes_on=bool(tools))
    if "tool_choice" in offered and spoken[-1]["role"] == "user":  # servers are known that ignore it
        spoken[-1]["content"].append({"type": "text", "text": LAST_WORD})
    form = {"type": "json_schema", "schema": schema} if schema is not None else None
    output = {name: each for name, each in (("effort", effort), ("format", form)) if each is not None}
    return request | offered | ({"output_config": output} if output else {})


def _mark(system: list[Json], spoken: list[Json], tools: list[Json], *, goes_on: bool) -> None:
    """Marks how far later requests may reuse what was read, at most four times, which is as often as the API takes.

    A later run reuses the tools and the system text; the next turn of this one what was found and said until now, to
    which it adds. Where no turn is to follow, the conversation is not marked: to keep it costs more than to read it.
    """
    said = [message for message in spoken if message["role"] == "user"] if goes_on else []
    ends = [message["content"] for message in (said[:1] + said[1:][-1:])]
    for blocks in (tools, system, *ends):
        if blocks:
            blocks[-1]["cache_control"] = {"type": "ephemeral"}


def read_reply(message: Json, arguments: Mapping[int, str], evidence: Sequence[Passage] | None = None) -> Reply:
    """A message as a `Reply`; `arguments` holds the arguments of its calls by block, as they were written.

    `evidence` is what was shown as numbered text, which the reply names by its numbers; None where it cites.

    Calls are passed on, and given back to the model, only where it stopped in order to make them, or says that it came
    to its end, as some servers do; they are read strictly: a client library may complete arguments that were cut. A
    message that is not one raises `LookupError`, `TypeError` or `ValueError`.
    """
    if message["stop_reason"] is None:
        raise Passing("The model's server broke off its answer before the end; ask again.")
    stop = STOPS.get(message["stop_reason"])
    if stop is None:
        raise ModelFailed(f"The model stopped for a reason unknown here ({message['stop_reason']}); upgrade Citewell.")
    if stop == "end" and any(block["type"] == "tool_use" for block in message["content"]):
        stop = "calls"
    segments, calls, content = [], [], []
    ids: set[str] = set()
    for number, block in enumerate(message["content"]):
        if block["type"] == "tool_use" and block["id"] in ids:  # servers are known that give several calls one id
            block = {**block, "id": f"{block['id']}_{number}"}
        if block["type"] == "tool_use":
            ids.add(block["id"])
        if block["type"] == "text":
            segments.append(Segment(readable(block["text"]), tuple(_read_quote(one) for one in _citations(block))))
        elif block["type"] == "tool_use" and stop == "calls":
            calls.append(_read_call(block, arguments.get(number, "")))
        if _can_be_echoed(block, stop):
            content.append(_echo(block))
    if stop == "calls" and not calls:
        raise ModelFailed("The model stopped to call a tool and named none; ask again, or choose another model.")
    if evidence is not None:
        said = "".join(segment.text for segment in segments)
        is_cut = stop in {"length", "window"}
        segments = list(statements.read(statements.untorn(said, evidence) if is_cut else said, evidence))
    told = message.get("model")
    model = told if isinstance(told, str) and told.strip() else None
    return Reply(tuple(segments), tuple(calls), stop, _read_usage(message["usage"]), tuple(content), model)


def as_called(reply: Reply, messages: Sequence[Message], tools: Sequence[ToolSpec], shape: Shape) -> Reply:
    """The same where a call was written as text instead of made: that is then what the model stopped for.

    What stands before the call is what it said; what it may have made up behind it is dropped.
    """
    if reply.stop != "end":
        return reply
    raw = "".join(block["text"] for block in reply.content if block["type"] == "text")
    replies = [message for message in messages if isinstance(message, Reply)]
    before = {call.name for each in replies for call in each.calls}
    evidence = shown(messages)
    meant = unmade(raw, before | {tool.name for tool in tools}, [passage.text for passage in evidence])
    if meant is None:
        return reply
    if not meant.calls:
        return replace(reply, stop="unmade")
    calls = tuple(
        ToolCall(f"written_{len(replies)}_{number}", name, arguments, written=True)
        for number, (name, arguments) in enumerate(meant.calls)
    )
    lead = raw[: meant.start].rstrip()
    said = statements.read(readable(lead), evidence) if shape == "numbered" else (Segment(readable(lead)),)
    kept = [block for block in reply.content if block["type"] not in {"text", "tool_use"}]
    content = [*kept, *([{"type": "text", "text": lead}] if lead else [])]
    content += [{"type": "tool_use", "id": call.id, "name": call.name, "input": dict(call.arguments)} for call in calls]
    return replace(reply, segments=said if lead else (), calls=calls, stop="calls", content=tuple(content))


def _citations(block: Json) -> list[Json]:
    """Those that name a passage; a model is shown nothing else that it could cite."""
    return [one for one in block.get("citations") or [] if one["type"] == "search_result_location"]


def _read_quote(citation: Json) -> Quote:
    return _QUOTE.validate_python(
        {
            "passage": citation["search_result_index"],
            "first": citation["start_block_index"],
            "last": citation["end_block_index"],
            "text": citation["cited_text"],
        }
    )


def _read_call(block: Json, written: str) -> ToolCall:
    given = block["input"]
    if written.strip():
        given = json.loads(written, parse_constant=_no_number, parse_float=_finite)
    return _CALL.validate_python({"id": block["id"], "name": block["name"], "arguments": given})


def _finite(written: str) -> float:
    """A number that JSON can say again: `1e999` is none."""
    number = float(written)
    if not math.isfinite(number):
        _no_number(written)
    return number


def _no_number(constant: str) -> None:
    """`NaN` and `Infinity` are no JSON, though Python reads them."""
    raise ValueError(f"{constant} is not JSON")


def _can_be_echoed(block: Json, stop: str) -> bool:
    """Not blank text, which the API sends and rejects; and not a call that nobody will answer."""
    return bool(block["text"].strip()) if block["type"] == "text" else block["type"] != "tool_use" or stop == "calls"


def _echo(block: Json) -> Json:
    taken = ECHOED.get(block["type"], frozenset(block))
    echo = {key: value for key, value in block.items() if key in taken}
    if "citations" in echo:
        echo["citations"] = [{key: one[key] for key in ECHOED_CITATION} for one in _citations(block)]
    return {key: value for key, value in echo.items() if key != "citations" or value}


def _read_usage(usage: Json) -> Usage:
    names = ("input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens")
    return Usage(*(usage.get(name) or 0 for name in names))


def _append(messages: list[Json], role: str, content: list[Json]) -> None:
    """Roles alternate: what follows a paused turn goes on in the same message."""
    if not content:
        return
    if messages and messages[-1]["role"] == role:
        messages[-1]["content"].extend(content)
    else:
        messages.append({"role": role, "content": content})


class _Evidence:
    """Passages as content of messages, in the order of their numbers."""

    def __init__(self, shape: Shape) -> None:
        self._is_native = shape == "native"
        self._taken: list[Passage] = []

    def before(self, asked: Question, told: Told) -> list[Json]:
        """What was found for a question, and the question."""
        self._take(asked.passages)
        told_before = ((REMEMBERED, asked.remembered), (EARLIER, asked.earlier))
        before = "\n\n".join(f"{head}\n    {within(told)}" for head, told in told_before if told)
        text = f"{before}\n\nQuestion: {asked.text}" if before else asked.text
        if self._is_native:
            return [*map(_search_result, asked.passages), {"type": "text", "text": text}]
        if not asked.passages:
            return [{"type": "text", "text": text}]
        parts = (before, "Passages:", numbered(asked.passages), f"Question: {asked.text}", told.reminder)
        # One block, since servers that keep nothing but text differ in what they put between two.
        return [{"type": "text", "text": "\n\n".join(filter(None, parts))}]

    def spoken(self, block: Mapping[str, Any]) -> Json:
        """A block of an earlier turn, with those of its citations that name a search result and blocks of it.

        A server may have let its model cite others, and refuse them; where there are no search results none means any.
        """
        kept = dict(block)
        if "citations" in kept:
            kept["citations"] = [one for one in kept["citations"] if self._is_native and self._holds(one)]
        return {key: value for key, value in kept.items() if key != "citations" or value}

    def _holds(self, citation: Mapping[str, Any]) -> bool:
        place, first, last = (citation.get(key, -1) for key in ECHOED_CITATION[1:4])
        return place in range(len(self._taken)) and 0 <= first < last <= len(self._taken[place].blocks)

    def again(self, message: Again, told: Told) -> list[Json]:
        """Why an answer does not hold, and that another is asked for; where to look stands above."""
        text = AGAIN.format(reasons="\n".join(f"- {within(reason)}" for reason in message.reasons))
        reminder = "" if self._is_native else told.reminder
        return [{"type": "text", "text": "\n\n".join(filter(None, (text, reminder)))}]

    def result(self, observation: Observation) -> str | list[Json]:
        """What a tool gave back: its passages, and what is told beside them."""
        self._take(observation.passages)
        if observation.error or not observation.passages:  # the API takes text alone beside `is_error`
            return within(observation.text.strip() or EMPTY_RESULT)
        beside = [within(observation.note)] if observation.note.strip() else []
        if self._is_native:
            return [*map(_search_result, observation.passages), *({"type": "text", "text": each} for each in beside)]
        return "\n\n".join([numbered(observation.passages), *beside])

    def _take(self, passages: Sequence[Passage]) -> None:
        for passage in passages:
            number = len(self._taken)
            self._taken.append(passage)
            if passage.number != number:
                raise ValueError(f"passage {passage.number} stands at place {number} of the request")
            if not passage.blocks or not all(passage.block_text(block).strip() for block in range(len(passage.blocks))):
                raise ValueError(f"passage {passage.number} has no blocks, or a blank one, which cannot be cited")


def _search_result(passage: Passage) -> Json:
    return {
        "type": "search_result",
        "source": tame(f"{' '.join(passage.document.split())}#{passage.start}-{passage.end}"),
        "title": tame(heading(passage)),
        "content": [{"type": "text", "text": tame(passage.block_text(block))} for block in range(len(passage.blocks))],
        "citations": {"enabled": True},
    }


def _check_answered(messages: Sequence[Message]) -> None:
    for message, after in pairwise([*messages, None]):
        called = [call.id for call in message.calls] if isinstance(message, Reply) else []
        answered = [each.call.id for each in after.observations] if isinstance(after, Results) else []
        if sorted(called) != sorted(answered):
            raise ValueError(f"the model called {called}, and {answered} were answered")


def _tool_result(observation: Observation, evidence: _Evidence) -> Json:
    result = {"type": "tool_result", "tool_use_id": observation.call.id, "content": evidence.result(observation)}
    return result | ({"is_error": True} if observation.error else {})


def _tools(messages: Sequence[Message], tools: Sequence[ToolSpec]) -> Json:
    if tools:
        return {"tools": [_tool(spec.name, spec.description, dict(spec.schema)) for spec in tools]}
    called = sorted({call.name for each in messages if isinstance(each, Reply) for call in each.calls})
    if not called:
        return {}
    # The API refuses a history of calls without definitions, so tools that are no longer offered are named and barred.
    schema = {"type": "object"}
    barred = [_tool(name, "Can no longer be called.", schema) for name in called]
    return {"tools": barred, "tool_choice": {"type": "none"}}


def _tool(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "description": tame(description), "input_schema": _tamed(schema)}


def _tamed(schema: Any) -> Any:
    """A schema, which a server may have written, without a model's own marks in what it says of arguments."""
    if isinstance(schema, Mapping):
        return {
            key: tame(each) if key == "description" and isinstance(each, str) else _tamed(each)
            for key, each in schema.items()
        }
    return [*map(_tamed, schema)] if isinstance(schema, list) else schema

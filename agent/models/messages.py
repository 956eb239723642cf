"""How are `Think` and `Reply` written in the Messages API? By pure functions, both ways.

So a run that is resumed or replayed asks exactly what was asked before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import count
from typing import Any, Final, Literal

from pydantic import TypeAdapter

from agent.models.model import ModelFailed, ToolSpec
from agent.prompt import EMPTY_RESULT, SYSTEM, WEAK_MATCH
from agent.state import Observation, Passage, Quote, Reply, Segment, Think, ToolCall, Turn, Usage

Json = dict[str, Any]

STOPS: Final[Mapping[str, Literal["end", "calls", "length", "refusal", "pause"]]] = {
    "end_turn": "end",
    "stop_sequence": "end",
    "tool_use": "calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
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
    think: Think, tools: Sequence[ToolSpec], *, model: str, max_tokens: int, system: str = SYSTEM
) -> Json:
    """The body of one request: the passages and the question, then each turn as it was spoken.

    A citation names a passage by counting every search result of the request, so a passage whose `number` is not its
    place in that count is a bug in whoever numbered it, as is a call that nobody answered: both raise `ValueError`.
    """
    numbers = count()
    first = [*_search_results(think.passages, numbers), {"type": "text", "text": think.question}]
    messages: list[Json] = [{"role": "user", "content": first}]
    for turn in think.turns:
        _append(messages, "assistant", [dict(block) for block in turn.reply.content])
        _append(messages, "user", _tool_results(turn, numbers))
    # The tools and the system text stand before all else, so a mark here lets every later request reuse both.
    told = [{"type": "text", "text": system, "cache_control": {"type": "ephemeral"}}]
    request = {"model": model, "max_tokens": max_tokens, "system": told, "messages": messages}
    return request | _tools(think, tools)


def read_reply(message: Json, arguments: Mapping[int, str]) -> Reply:
    """A message as a `Reply`; `arguments` holds the arguments of its calls by block, as they were written.

    Calls are passed on, and given back to the model, only where it stopped in order to make them, and are read
    strictly: a client library may complete arguments that were cut. A message that is not one raises `LookupError`,
    `TypeError` or `ValueError`.
    """
    if message["stop_reason"] is None:
        raise ModelFailed("The model's server broke off its answer before the end; ask again.")
    stop = STOPS.get(message["stop_reason"])
    if stop is None:
        raise ModelFailed(f"The model stopped for a reason unknown here ({message['stop_reason']}); upgrade Citewell.")
    segments, calls, content = [], [], []
    for number, block in enumerate(message["content"]):
        if block["type"] == "text":
            segments.append(Segment(block["text"], tuple(_read_quote(one) for one in _citations(block))))
        elif block["type"] == "tool_use" and stop == "calls":
            calls.append(_read_call(block, arguments.get(number, "")))
        if _can_be_echoed(block, stop):
            content.append(_echo(block))
    if stop == "calls" and not calls:
        raise ModelFailed("The model stopped to call a tool and named none; ask again, or choose another model.")
    told = message.get("model")
    model = told if isinstance(told, str) and told.strip() else None
    return Reply(tuple(segments), tuple(calls), stop, _read_usage(message["usage"]), tuple(content), model)


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
    given = json.loads(written, parse_constant=_no_number) if written.strip() else block["input"]
    return _CALL.validate_python({"id": block["id"], "name": block["name"], "arguments": given})


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
    if messages[-1]["role"] == role:
        messages[-1]["content"].extend(content)
    else:
        messages.append({"role": role, "content": content})


def _search_results(passages: Sequence[Passage], numbers: Iterator[int]) -> list[Json]:
    return [_search_result(passage, next(numbers)) for passage in passages]


def _search_result(passage: Passage, number: int) -> Json:
    if passage.number != number:
        raise ValueError(f"passage {passage.number} stands at place {number} of the request")
    blocks = [passage.block_text(block) for block in range(len(passage.blocks))]
    if not blocks or not all(block.strip() for block in blocks):
        raise ValueError(f"passage {passage.number} has no blocks, or a blank one, which cannot be cited")
    # headings are not part of a passage's text, and often name what it speaks of
    title = " › ".join(dict.fromkeys(filter(None, (passage.title, *passage.headings)))) or passage.document
    return {
        "type": "search_result",
        "source": f"{passage.document}#{passage.start}-{passage.end}",
        "title": f"{WEAK_MATCH}{title}" if passage.weak else title,
        "content": [{"type": "text", "text": block} for block in blocks],
        "citations": {"enabled": True},
    }


def _tool_results(turn: Turn, numbers: Iterator[int]) -> list[Json]:
    called = [call.id for call in turn.reply.calls]
    answered = [observation.call.id for observation in turn.observations]
    if sorted(called) != sorted(answered):
        raise ValueError(f"the model called {called}, and {answered} were answered")
    return [_tool_result(observation, numbers) for observation in turn.observations]


def _tool_result(observation: Observation, numbers: Iterator[int]) -> Json:
    result: Json = {"type": "tool_result", "tool_use_id": observation.call.id}
    if observation.error:  # the API takes text alone beside `is_error`
        return result | {"content": observation.text.strip() or EMPTY_RESULT, "is_error": True}
    if observation.passages:
        return result | {"content": _search_results(observation.passages, numbers)}
    return result | {"content": observation.text if observation.text.strip() else EMPTY_RESULT}


def _tools(think: Think, tools: Sequence[ToolSpec]) -> Json:
    if tools:
        return {"tools": [_tool(spec.name, spec.description, dict(spec.schema)) for spec in tools]}
    called = sorted({call.name for turn in think.turns for call in turn.reply.calls})
    if not called:
        return {}
    # The API refuses a history of calls without definitions, so tools that are no longer offered are named and barred.
    schema = {"type": "object"}
    barred = [_tool(name, "Can no longer be called.", schema) for name in called]
    return {"tools": barred, "tool_choice": {"type": "none"}}


def _tool(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "description": description, "input_schema": schema}

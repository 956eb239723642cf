"""What would the Messages API say against a request?

Only the rules that our own mistakes are likely to break.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

Json = dict[str, Any]

_MARKS = 4
REQUEST_FIELDS = {
    *("model", "max_tokens", "messages", "system", "tools", "tool_choice", "stream", "metadata", "thinking"),
    *("stop_sequences", "output_config", "cache_control", "service_tier"),
}
BLOCK_FIELDS = {
    "text": {"type", "text", "citations", "cache_control"},
    "search_result": {"type", "source", "title", "content", "citations", "cache_control"},
    "tool_use": {"type", "id", "name", "input", "caller", "cache_control"},
    "tool_result": {"type", "tool_use_id", "content", "is_error", "cache_control"},
    "thinking": {"type", "thinking", "signature"},
    "redacted_thinking": {"type", "data"},
}
CITATION_FIELDS = {
    *("type", "search_result_index", "start_block_index", "end_block_index", "source", "title", "cited_text"),
}


def problems(body: Json) -> Iterator[str]:
    """One sentence for each thing that is wrong with a request's body."""
    if unknown := set(body) - REQUEST_FIELDS:
        yield f"{sorted(unknown)}: extra inputs are not permitted"
    if not isinstance(body.get("model"), str) or not body.get("max_tokens", 0) >= 1 or not body.get("messages"):
        yield "model, max_tokens and messages are required"
        return
    for place, message in enumerate(body["messages"]):
        if message["role"] != ("user", "assistant")[place % 2]:
            yield f"messages.{place}: roles must alternate, beginning with the user"
        if not message["content"]:
            yield f"messages.{place}: content is empty"
        for block in _blocks(message["content"]):
            yield from (f"messages.{place}: {problem}" for problem in _block_problems(block))
    yield from _call_problems(body)
    yield from _citation_problems(body["messages"])
    yield from _tool_problems(body.get("tools", []))
    yield from _output_problems(body)
    if (marks := str(body).count("'cache_control': {")) > _MARKS:
        yield f"a maximum of {_MARKS} blocks with cache_control may be provided, found {marks}"


def search_results(messages: Sequence[Json]) -> list[Json]:
    """Every search result of a request in the order in which citations count them."""
    found = []
    for block in (block for message in messages for block in _blocks(message["content"])):
        inner = _blocks(block.get("content", "")) if block["type"] == "tool_result" else [block]
        found += [one for one in inner if one["type"] == "search_result"]
    return found


def _block_problems(block: Json) -> Iterator[str]:
    kind = block.get("type")
    if kind not in BLOCK_FIELDS:
        yield f"{kind!r} is not a type of block"
        return
    if unknown := set(block) - BLOCK_FIELDS[kind]:
        yield f"{kind}.{sorted(unknown)}: extra inputs are not permitted"
    if kind == "text" and not block["text"].strip():
        yield "text content blocks must contain non-whitespace text"
    if kind == "search_result":
        if not block.get("source") or not block.get("title") or not block.get("content"):
            yield "search_result: source, title and content are required"
        if block.get("citations") != {"enabled": True}:
            yield "search_result: citations are not enabled"
    if kind == "tool_result" and block.get("is_error") and any(b["type"] != "text" for b in _blocks(block["content"])):
        yield "tool_result: all content must be text if is_error is true"
    if kind in {"search_result", "tool_result"} and "content" in block:
        for inner in _blocks(block["content"]):
            yield from _block_problems(inner)


def _output_problems(body: Json) -> Iterator[str]:
    output = body.get("output_config", {})
    if unknown := set(output) - {"effort", "format"}:
        yield f"output_config.{sorted(unknown)}: extra inputs are not permitted"
    if output.get("effort", "low") not in {"low", "medium", "high", "xhigh", "max"}:
        yield "output_config.effort: no such level"
    if output.get("format"):
        if search_results(body["messages"]):
            yield "output_config.format: citations cannot be used with structured outputs"
        if output["format"]["schema"].get("additionalProperties") is not False:
            yield "output_config.format.schema: additionalProperties must be false"


def _call_problems(body: Json) -> Iterator[str]:
    messages = [_blocks(message["content"]) for message in body["messages"]]
    for place, (before, blocks) in enumerate(pairwise([[], *messages, []])):
        called = [block["id"] for block in before if block["type"] == "tool_use"]
        answered = [block["tool_use_id"] for block in blocks if block["type"] == "tool_result"]
        if sorted(called) != sorted(answered):
            yield f"messages.{place}: tool_use {called} before it is answered by tool_result {answered}"
        if any(block["type"] != "tool_result" for block in blocks[: len(answered)]):
            yield f"messages.{place}: tool_result blocks must come first"
        if called and not body.get("tools"):
            yield "requests which include tool_use or tool_result blocks must define tools"


def _citation_problems(messages: Sequence[Json]) -> Iterator[str]:
    known = search_results(messages)
    for block in (block for message in messages for block in _blocks(message["content"])):
        for citation in block.get("citations") or [] if block["type"] == "text" else []:
            if set(citation) != CITATION_FIELDS or not citation["search_result_index"] < len(known):
                yield f"text.citations: {citation} does not name a search result"


def _tool_problems(tools: Sequence[Json]) -> Iterator[str]:
    for number, tool in enumerate(tools):
        if not re.fullmatch(r"[a-zA-Z0-9_-]{1,128}", tool.get("name", "")):
            yield f"tools.{number}: the name has other characters than letters, digits, _ and -"
        if tool.get("input_schema", {}).get("type") != "object":
            yield f"tools.{number}: input_schema is not that of an object"
    if len({tool["name"] for tool in tools}) < len(tools):
        yield "tools: names must be unique"


def _blocks(content: Any) -> list[Json]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)

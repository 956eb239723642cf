"""How does a server that speaks the Messages API by halves take a request?

As the sources of Ollama, llama.cpp and vLLM have it: what each keeps of a request, what it refuses, what it says of
itself. To the model whose name begins with `deaf` none of them offers tools.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Json = dict[str, Any]

_UNKNOWN = {"search_result", "document"}


@dataclass(frozen=True, slots=True)
class Kind:
    """What a server does with blocks that it does not know, and what can be asked of it.

    `top` and `inner` say what becomes of a `search_result` in a message and in a tool's result, `refuses_effort` in
    which words an effort is refused.
    """

    name: str
    top: Literal["kept", "dropped", "refused"] = "dropped"
    inner: Literal["kept", "dropped", "refused"] = "dropped"
    cites: bool = False
    counts: bool = True
    models: bool = False
    obeys_choice: bool = True
    refuses_effort: str | None = None

    def seen(self, body: Json) -> Json:
        """The request as its model sees it."""
        kept = {**body, "messages": [self._message(message) for message in body["messages"]]}
        return kept if self.obeys_choice else {key: value for key, value in kept.items() if key != "tool_choice"}

    def refusal(self, body: Json) -> str | None:
        """Why it refuses a request, if it does."""
        if self.refuses_effort and "effort" in body.get("output_config", {}):
            return self.refuses_effort
        if body.get("tools") and str(body.get("model")).startswith("deaf"):
            return f"{body['model']} does not support tools"
        places = [(self.top, block) for message in body["messages"] for block in _blocks(message["content"])] + [
            (self.inner, inner)
            for message in body["messages"]
            for block in _blocks(message["content"])
            if block["type"] == "tool_result"
            for inner in _blocks(block.get("content", ""))
        ]
        found = (block["type"] for how, block in places if how == "refused" and block["type"] in _UNKNOWN)
        kind = next(found, None)
        return kind and f"messages.0.content.0: input tag '{kind}' found using 'type' is none of 'text', 'image'"

    def model(self, name: str) -> Json | None:
        """What it says of a model."""
        if self.cites:
            return {"id": name, "type": "model", "capabilities": {"citations": {"supported": True}}}
        return {"id": name, "object": "model", "owned_by": "library"} if self.models else None

    def told(self, path: str, body: Json) -> Json | str | None:
        """Its answer to a count of tokens, or to a message that is to be answered in one piece; text is a refusal."""
        if path == "/v1/messages/count_tokens" and not self.counts:
            return None
        if path not in {"/v1/messages/count_tokens", "/v1/messages"}:
            return None
        if refused := self.refusal(body):
            return refused
        words = " ".join(_texts(self.seen(body)["messages"])).split()
        if path == "/v1/messages/count_tokens":
            return {"input_tokens": 9 + len(words)}
        said = {"type": "text", "text": " ".join(words[-40:])}
        message = {"id": "msg_0", "type": "message", "role": "assistant", "model": body["model"], "content": [said]}
        return message | {"stop_reason": "end_turn", "usage": {"input_tokens": 1_000, "output_tokens": 1_000}}

    def _message(self, message: Json) -> Json:
        if isinstance(message["content"], str):
            return message
        blocks = [block for block in message["content"] if self.top == "kept" or block["type"] not in _UNKNOWN]
        return {**message, "content": [self._result(block) for block in blocks]}

    def _result(self, block: Json) -> Json:
        if block["type"] != "tool_result" or isinstance(block.get("content", ""), str) or self.inner == "kept":
            return block
        return {**block, "content": [inner for inner in block["content"] if inner["type"] not in _UNKNOWN]}


ANTHROPIC = Kind("Anthropic", "kept", "kept", cites=True)
OLLAMA = Kind("Ollama", counts=False, models=True, obeys_choice=False)
LLAMA_CPP = Kind("llama.cpp")
VLLM = Kind("vLLM", top="refused")
REFUSES_ALL = Kind("one that refuses every block but text", top="refused", inner="refused", counts=False)
SHOWS = Kind("one that shows search results as text and cites none", "kept", "kept", counts=False)
COUNTS = Kind("one that shows search results, counts them and cites none", "kept", "kept")


def _blocks(content: Any) -> list[Json]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def _texts(value: Any) -> list[str]:
    """Every text in a JSON value."""
    if isinstance(value, Mapping):
        own = [value["text"]] if isinstance(value.get("text"), str) else []
        return own + [text for inner in value.values() if not isinstance(inner, str) for text in _texts(inner)]
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [text for inner in value for text in _texts(inner)]
    return [value] if isinstance(value, str) else []

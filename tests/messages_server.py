"""What would a server that speaks the Messages API do next, if a script said so?

A real HTTP server on loopback, so that tests (and examples) use the real client library against it:

    with MessagesServer([say(text("Port 8000.", cite(0, 0)))]) as server:
        ...                                  # ask something at server.base_url
        assert server.requests[0].body["model"] == "claude-sonnet-5-5"

Each request takes the next step of the script: a `Say`, a `Fault`, or a function from the request's body to one of
them. Requests that the real API would refuse are answered with 400 and take no step. When the script is exhausted the
answer is 500. What asks after the server itself (a model's capabilities, a count of tokens, a reply without a stream)
takes no step and stands in `asked`. `like` names another server to behave like (tests/messages_kinds.py): a script's
function is then given the request as that server's model would see it.

As a program it serves a script from a file and prints its address:

    python tests/messages_server.py SCRIPT.json

where the file holds a list of steps: `{"say": [BLOCK, …], "stop": "end_turn"}` or `{"status": 429, "body": …}`, and a
block is `{"text": "…", "cite": [[PASSAGE, FIRST, LAST], …]}` or `{"tool": NAME, "input": {…}}`.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.messages_kinds import ANTHROPIC, Kind
from tests.messages_rules import problems, search_results

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Say:
    """A streamed reply. What can go wrong on its way counts in events; the first is number 0.

    `stop` None leaves the stop reason out, `model` is not the one asked for. `end_after` ends the stream tidily
    after so many events, `cut_after` drops the connection there, `insert` sends raw bytes before an event. `pause` is
    the seconds between events; `bytewise` sends every byte on its own, so that no character arrives whole.
    """

    blocks: tuple[Json, ...]
    stop: str | None = "end_turn"
    model: str | None = None
    usage: Mapping[str, int] = field(default_factory=lambda: {"input_tokens": 10, "output_tokens": 5})
    end_after: int | None = None
    cut_after: int | None = None
    insert: tuple[int, bytes] | None = None
    pause: float = 0.0
    bytewise: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Any answer that is not a stream."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: {"content-type": "application/json"})


@dataclass(frozen=True, slots=True)
class Received:
    """One request as it came; header names are in lower case."""

    body: Json
    headers: Mapping[str, str]


Step = Say | Fault | Callable[[Json], "Say | Fault"]


def say(*blocks: Json, stop: str | None = None, **how: Any) -> Say:
    """A reply of these blocks; it stops for `tool_use` where it ends in a call, else for `end_turn`."""
    calls = bool(blocks) and blocks[-1]["type"] == "tool_use"
    return Say(blocks, stop=stop or ("tool_use" if calls else "end_turn"), **how)


def text(words: str, *citations: Json, citations_first: bool = False) -> Json:
    """A text block; citations come after its text, or before it."""
    return {"type": "text", "text": words, "citations": list(citations), "citations_first": citations_first}


def cite(passage: int, first: int, last: int | None = None, quote: str | None = None) -> Json:
    """A citation of blocks `[first, last)` of a passage: true to the request, or forged with `quote`."""
    return {"passage": passage, "first": first, "last": first + 1 if last is None else last, "quote": quote}


def tool_use(name: str, arguments: Json | None = None, id: str = "toolu_1", cut: int | None = None) -> Json:
    """A tool call; `cut` sends only so many characters of its arguments."""
    return {"type": "tool_use", "id": id, "name": name, "input": arguments or {}, "cut": cut}


def thinking(words: str, signature: str = "signed") -> Json:
    """A block of the model's own thinking."""
    return {"type": "thinking", "thinking": words, "signature": signature}


def refuse(status: int, type: str, message: str, **headers: str) -> Fault:
    """An error as the API words it; it allows a retry at once unless a header says otherwise."""
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    body = json.dumps({"type": "error", "error": {"type": type, "message": message}}).encode()
    return Fault(status, body, {"content-type": "application/json", "retry-after-ms": "1"} | named)


def html(status: int = 200) -> Fault:
    """What a proxy, a login page or a wrong address answers."""
    return Fault(status, b"<!doctype html><title>Welcome</title><p>caf\xe9", {"content-type": "text/html"})


def event(data: Json) -> bytes:
    """One server-sent event, named by the type of its data."""
    return f"event: {data['type']}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n".encode()


def error_event(type: str, message: str) -> bytes:
    """The event that breaks off a stream which began well."""
    return event({"type": "error", "error": {"type": type, "message": message}})


class MessagesServer:
    """Serves the script while its `with` block runs; `requests` holds every request that was accepted."""

    def __init__(self, steps: Sequence[Step] = (), *, like: Kind = ANTHROPIC) -> None:
        self.like = like
        self.requests: list[Received] = []
        self.asked: list[str] = []
        self.rejected: list[str] = []
        self.disconnected = threading.Event()  # set once a client has left before the end of its stream
        self._steps = list(steps)
        self._lock = threading.Lock()
        self._closing = threading.Event()

    @property
    def base_url(self) -> str:
        """To be given to a client."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def remaining(self) -> int:
        """How many steps were not taken."""
        return len(self._steps)

    def __enter__(self) -> Self:
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"script": self}))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._closing.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def pause(self, seconds: float) -> None:
        """Wait, unless the server is closing."""
        self._closing.wait(seconds)

    def answer(self, received: Received) -> Say | Fault:
        """The next step, if the request is one that the API would accept."""
        if not received.headers.get("authorization") and not received.headers.get("x-api-key"):
            return refuse(401, "authentication_error", "a key is required")
        with self._lock:
            try:
                problem = self.like.refusal(received.body) or next(problems(received.body), None)
            except (AttributeError, LookupError, TypeError) as error:
                problem = f"the request is malformed: {error!r}"
            if problem:
                self.rejected.append(problem)
                return refuse(400, "invalid_request_error", problem)
            self.requests.append(received)
            if not self._steps:
                return refuse(500, "api_error", "the script is exhausted", x_should_retry="false")
            step = self._steps.pop(0)
        return step if isinstance(step, Say | Fault) else step(self.like.seen(received.body))

    def about(self, path: str, body: Json | None = None) -> Fault:
        """The answer to what asks after the server itself."""
        self.asked.append(path)
        if path == "/v1/models":
            return Fault(200, json.dumps({"object": "list", "data": [{"id": "tiny:1b"}]}).encode())
        if body is not None and "messages" not in body:
            return refuse(400, "invalid_request_error", "messages: field required")
        told = self.like.model(path.rpartition("/")[2]) if body is None else self.like.told(path, body)
        if isinstance(told, str):
            return refuse(400, "invalid_request_error", told)
        return Fault(200, json.dumps(told).encode()) if told is not None else refuse(404, "not_found_error", "not here")


class _Handler(BaseHTTPRequestHandler):
    script: MessagesServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""

    def do_GET(self) -> None:
        return self._fail(self.script.about(self.path))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path != "/v1/messages" or not body.get("stream"):
            return self._fail(self.script.about(self.path, body))
        headers = {name.lower(): value for name, value in self.headers.items()}
        step = self.script.answer(Received(body, headers))
        return self._fail(step) if isinstance(step, Fault) else self._stream(step, body)

    def _fail(self, fault: Fault) -> None:
        self.send_response(fault.status)
        for name, value in {**fault.headers, "content-length": str(len(fault.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(fault.body)

    def _stream(self, step: Say, request: Json) -> None:
        self.send_response(200)
        self.send_header("content-type", "text/event-stream")
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        try:
            for number, data in enumerate(events(step, self.script.like.seen(request))):
                if number == step.cut_after:
                    self.close_connection = True
                    return
                if number == step.end_after:
                    break
                if step.insert and step.insert[0] == number:
                    self._send(step.insert[1], step)
                self._send(event(data), step)
                self.script.pause(step.pause)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True
            self.script.disconnected.set()

    def _send(self, data: bytes, step: Say) -> None:
        for piece in [data[i : i + 1] for i in range(len(data))] if step.bytewise else [data]:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))


def events(step: Say, request: Json) -> Iterator[Json]:
    """The events of one reply, in the API's order; citations are filled in from the request."""
    message = {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": step.model or request["model"],
        "content": [],
    }
    used = {**step.usage, "output_tokens": 1}
    yield {"type": "message_start", "message": message | {"stop_reason": None, "stop_sequence": None, "usage": used}}
    yield {"type": "ping"}
    passages = search_results(request["messages"])
    for index, block in enumerate(step.blocks):
        start, deltas = _parts(block, passages)
        yield {"type": "content_block_start", "index": index, "content_block": start}
        for delta in deltas:
            yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    usage = {"output_tokens": step.usage["output_tokens"]}
    yield {"type": "message_delta", "delta": {"stop_reason": step.stop, "stop_sequence": None}, "usage": usage}
    yield {"type": "message_stop"}


def _parts(block: Json, passages: list[Json]) -> tuple[Json, list[Json]]:
    """How a block begins, and what is then added to it; texts come in halves, so that someone must join them."""
    if block["type"] == "text":
        half = len(block["text"]) // 2
        said = [{"type": "text_delta", "text": part} for part in (block["text"][:half], block["text"][half:]) if part]
        cited = [{"type": "citations_delta", "citation": _citation(one, passages)} for one in block["citations"]]
        return {"type": "text", "text": ""}, cited + said if block["citations_first"] else said + cited
    if block["type"] == "tool_use":
        written = json.dumps(block["input"], ensure_ascii=False)[: block["cut"]]
        parts = [written[: len(written) // 2], written[len(written) // 2 :]]
        start = {"type": "tool_use", "id": block["id"], "name": block["name"], "input": {}}
        return start, [{"type": "input_json_delta", "partial_json": part} for part in parts]
    if block["type"] == "thinking":
        added = {"type": "thinking_delta", "thinking": block["thinking"]}
        start = {"type": "thinking", "thinking": "", "signature": ""}
        return start, [added, {"type": "signature_delta", "signature": block["signature"]}]
    return block, []


def _citation(citation: Json, passages: list[Json]) -> Json:
    if "type" in citation:  # of another kind, sent as it is
        return citation
    number, first, last, quote = (citation[name] for name in ("passage", "first", "last", "quote"))
    cited = passages[number] if number < len(passages) else {"source": "?", "title": None, "content": []}
    return {
        "type": "search_result_location",
        "search_result_index": number,
        "start_block_index": first,
        "end_block_index": last,
        "source": cited["source"],
        "title": cited["title"],
        "cited_text": "".join(part["text"] for part in cited["content"][first:last]) if quote is None else quote,
    }


def read_script(written: str) -> list[Step]:
    """The steps of a script in JSON."""
    ids = count(1)

    def block(given: Json) -> Json:
        if "tool" in given:
            return tool_use(given["tool"], given.get("input"), id=f"toolu_{next(ids)}")
        return text(given["text"], *(cite(*place) for place in given.get("cite", [])))

    def step(given: Json) -> Step:
        if "say" in given:
            return say(*map(block, given["say"]), stop=given.get("stop"))
        return Fault(given["status"], json.dumps(given.get("body", {})).encode())

    return [step(given) for given in json.loads(written)]


if __name__ == "__main__":
    with MessagesServer(read_script(Path(sys.argv[1]).read_text("utf-8"))) as serving:
        print(serving.base_url, flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            print(f"{serving.remaining} steps were not taken", file=sys.stderr)

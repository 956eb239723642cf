"""Which servers on this machine speak the Messages API? Those that usually listen here are asked."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

PORTS: Final[Mapping[int, str]] = {11434: "Ollama", 8080: "llama.cpp", 1234: "LM Studio", 8000: "vLLM"}
_SECONDS = 1.0
_MOST = 1 << 20  # bytes of a reply that are read
_ABSENT = frozenset({404, 405, 501})


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A server on this machine, by the program that usually listens there, and the models that it names."""

    address: str
    program: str
    models: tuple[str, ...]


def servers(ports: Mapping[int, str] = PORTS) -> list[Neighbour]:
    """Those that list models and know `/v1/messages`; a port where nobody listens costs nothing."""
    found = []
    for port, program in ports.items():
        try:
            listed = _asked(port, "GET", "/v1/models")
            knows = listed is not None and _asked(port, "POST", "/v1/messages", b"{}", any_status=True) is not None
        except (OSError, http.client.HTTPException, ValueError):
            continue
        if knows and isinstance(listed, dict) and isinstance(listed.get("data"), list):
            names = (each.get("id") for each in listed["data"] if isinstance(each, dict))
            models = tuple(name for name in names if isinstance(name, str))
            found.append(Neighbour(f"http://127.0.0.1:{port}", program, models))
    return found


def described(found: Sequence[Neighbour]) -> str:
    """How to use what was found, in half a sentence; empty where nothing was."""
    told = []
    for each in found:
        model = f" CITEWELL_AGENT_MODEL={each.models[0]}" if each.models else ""
        told.append(
            f"a server that speaks the Messages API answers here, as {each.program} does: "
            f"ANTHROPIC_BASE_URL={each.address}{model}"
        )
    return "; ".join(told)


def _asked(port: int, method: str, path: str, body: bytes | None = None, *, any_status: bool = False) -> object:
    """The JSON that a path answers with; None where it is not there."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_SECONDS)
    try:
        connection.request(method, path, body, {"content-type": "application/json"} if body else {})
        reply = connection.getresponse()
        if reply.status in _ABSENT or (reply.status != http.client.OK and not any_status):
            return None
        answer: object = json.loads(reply.read(_MOST))
        return answer
    finally:
        connection.close()

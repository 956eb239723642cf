"""What does the process do in which one tool runs apart? It is asked once, answers once, and ends."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from typing import Any

from pydantic_core import to_json

from plugins.manager import GROUP, tools_of
from plugins.tool import Tool, ToolError, fitted


def main() -> None:
    """Reads what to call, calls it and writes down what came of it.

    It ends at once, whatever threads the tool has left; and with whoever started it, whose pipe is closed then, it ends
    with all that the tool started.
    """
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what the tool prints is no answer
    request = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=end_with_whoever_asked, daemon=True).start()
    try:
        answer = _called(request)
    except ToolError as error:
        answer = to_json({"tool_error": str(error)})
    except BaseException as fault:  # noqa: BLE001 - `SystemExit` of a tool is a failed call too
        answer = to_json({"failed": "".join(traceback.format_exception_only(fault)).strip()[:1_000]})
    answers.write(answer)
    answers.flush()
    os._exit(0)


def _called(request: Mapping[str, Any]) -> bytes:
    tool = _tool(request["entry"], request["tool"])
    keywords = tool.arguments.read(request["arguments"])
    keywords |= tool.arguments.given(None, request["key"])
    given = tool.function(**keywords)
    if inspect.iscoroutine(given):
        given = asyncio.run(given)
    result = fitted(given)
    if result.hits:
        raise ValueError("a tool that runs apart cannot give passages, since it has no search to have found them with")
    return to_json({"text": result.text, "note": result.note, "data": result.data})


def _tool(entry: str, name: str) -> Tool:
    plugin = EntryPoint("apart", entry, GROUP).load()
    found = next((tool for tool in tools_of(plugin, entry) if tool.name == name), None)
    if found is None:
        raise LookupError(f"{entry} brings no tool {name} any more")
    return found


def end_with_whoever_asked() -> None:
    """Waits until its standard input is closed."""
    sys.stdin.buffer.read()
    if hasattr(os, "killpg"):
        os.killpg(0, signal.SIGKILL)  # with what the tool started
    os._exit(1)

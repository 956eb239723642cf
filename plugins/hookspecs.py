"""What can a plugin offer? Every hook, on one screen.

A plugin is any distribution with an entry point in the group `citewell` that names a module (or an object) with
some of these, each marked `@pluggy.HookimplMarker("citewell")`. It may leave out parameters that it does not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pluggy

from ingest.read.registry import Reader
from plugins.tool import ToolResult

_spec = pluggy.HookspecMarker("citewell")


@_spec
def citewell_tools() -> list[Callable[..., Any]]:
    """Functions that the model may call: typed, with a docstring that says when to use them."""
    raise NotImplementedError


@_spec
def citewell_readers() -> dict[str, Reader]:
    """File suffix (`.org`) → what turns such a file into documents; it wins over a built-in reader."""
    raise NotImplementedError


@_spec
def citewell_encoders() -> dict[str, Callable[[], Any]]:
    """Name → what makes an encoder (`retrieval.vectors.foreign.Embedder`); used where `[retrieval] model` names it."""
    raise NotImplementedError


@_spec
def citewell_rerankers() -> dict[str, Callable[[], Any]]:
    """Name → what makes something with `scores(query, passages)`; used where `[retrieval] reranker` names it."""
    raise NotImplementedError


@_spec
def citewell_metrics() -> dict[str, Callable[[Sequence[str], Mapping[str, int]], float]]:
    """Name → what a ranking of documents is worth by their grades; used where `[eval] metrics` names it."""
    raise NotImplementedError


@_spec
def citewell_detectors() -> dict[str, Callable[[str], Iterable[tuple[int, int]]]]:
    """Name → what says where in a text something personal stands; used where `[redact] detectors` names it."""
    raise NotImplementedError


@_spec
def citewell_before_tool_call(tool: str, arguments: Mapping[str, Any], run: str) -> str | None:
    """Asked before a call: a reason refuses it, and the model is told; None lets it pass. `arguments` is a copy.

    It has 5 seconds. One that raises, or does not return, refuses the call too.
    """


@_spec
def citewell_after_tool_call(
    tool: str, arguments: Mapping[str, Any], result: ToolResult | Exception, run: str
) -> ToolResult | str | None:
    """Told after a call, with what that raised where it gave no result. What it returns takes the result's place.

    It has 5 seconds. Of a call after which one raises, or does not return, the result is withheld.
    """

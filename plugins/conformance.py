"""Does a plugin do what Citewell expects of one? Checks for its author, on a small library of its own.

Tools that read are called, with what their attribute `example` says, or else with the least that their schema allows.
A tool with an effect is looked at and handed what it must refuse, and never run.
"""

from __future__ import annotations

import asyncio
import inspect
import io
import json
import math
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from ingest.errors import CitewellError
from ingest.model import Chunk, Document, Unseen
from plugins.bounded import Overdue, Raised, bounded_now
from plugins.manager import Part, PluginFailure, Plugins, load_plugins
from plugins.tool import Called, InvalidArguments, TimedOut, Tool, ToolContext, ToolError, ToolFailed, ToolResult, call
from retrieval.model import EVERYTHING, Hit, Listed, Mode, Scope

if TYPE_CHECKING:
    from ingest.split.sections import Section

QUICK = 5.0
"""Seconds that a plugin may take to load before its author is told: every command that needs plugins waits for it."""

_JUNK: Mapping[str, object] = {
    "string": 7,
    "integer": "seven",
    "number": "seven",
    "boolean": "yes",
    "array": "a",
    "object": "o",
}
LOADING = 60.0
"""Seconds after which a plugin counts as one that never loads."""

_AT_ONCE = 4
_BLOCKED = 1.0  # seconds for which a coroutine may keep its loop
_ANY = "example"
_TEXTS = {
    "sample/logs.md": "# Logs\n\nLogs are kept for thirty days. An example of a log is the mail log.",
    "sample/ports.md": "# Ports\n\nThe server listens on port 8000. For example, metrics are served on port 9100.",
}


class NoPlugin(CitewellError):
    """There is no plugin of that name."""

    code = "no_plugin"
    exit_code = 2
    http_status = 404


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check found. `tool` is empty where it is of the plugin as a whole; a `detail` says what to do."""

    plugin: str
    tool: str
    check: str
    ok: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """What is checked of a plugin, or of one of its `tool`s; its findings take `seconds` at most, if it behaves."""

    plugin: str
    tool: str
    seconds: float
    findings: Iterator[Finding]


def check(name: str | None = None, *, extra: Sequence[tuple[str, object]] = ()) -> list[Finding]:
    """What was found of one plugin, or of every one; `extra` are named objects with hooks, as a test may have.

    Raises `NoPlugin`.
    """
    return [found for step in steps(name, extra=extra) for found in step.findings]


def steps(name: str | None = None, *, extra: Sequence[tuple[str, object]] = ()) -> Iterator[Step]:
    """The same, step by step, each of which is made when its findings are read."""
    began = time.monotonic()
    loaded = load_plugins(extra=extra)
    seconds = time.monotonic() - began
    names = dict.fromkeys([*(info.name for info in loaded.plugins), *(failure.plugin for failure in loaded.failures)])
    if name is not None and name not in names:
        raise NoPlugin(f"There is no plugin {name!r}: install it, or name one of {', '.join(names)}.")
    for each in (each for each in names if name in (None, each)):
        yield Step(each, "", LOADING, _of_plugin(each, loaded, seconds))
        for tool in (tool for tool in loaded.tools if tool.plugin == each):
            yield Step(each, tool.name, _long(tool), _of_tool(tool))


def _long(tool: Tool) -> float:
    """Seconds within which a tool that keeps its timeout has been called as often as it is."""
    tries = tool.retries + 1
    return 4.0 * (tool.timeout * tries + 0.1 * 2.0**tries)


def _of_plugin(name: str, loaded: Plugins, seconds: float) -> Iterator[Finding]:
    told = partial(Finding, name, "")
    failures: list[PluginFailure] = [each for each in loaded.failures if each.plugin == name]
    yield told("loads", not failures, "; ".join(each.error for each in failures))
    slow = f"loading all plugins took {seconds:.1f} seconds: import what is heavy inside functions"
    yield told("loads quickly", seconds <= QUICK, "" if seconds <= QUICK else slow)
    yield from _of_hooks(name, loaded)
    for (kind, called), part in loaded.parts.items():
        if part.plugin.rpartition(" ")[0] == name:
            yield told(f"{kind} {called}", *_verdict(_of_part(kind, called, part)))


def _of_part(kind: str, name: str, part: Part) -> str:
    """What is wrong with an encoder, a reranker or a metric, asked for a little."""
    from retrieval.search.rerank import ForeignReranker
    from retrieval.vectors.foreign import ForeignEncoder

    try:
        if kind == "encoder":
            encoder = ForeignEncoder(name, lambda: (part.plugin, part.thing))
            texts = list(_TEXTS.values())
            alone = [encoder.encode([text])[0] for text in texts]
            differs = any(abs(a - b).max() > 1e-5 for a, b in zip(encoder.encode(texts), alone, strict=True))
            return "what it gives for a text depends on what is encoded with it: take each by itself" if differs else ""
        if kind == "reranker":
            ForeignReranker(name, lambda: (part.plugin, part.thing)).scores("logs", list(_TEXTS.values()))
            return ""
        values = [float(part.thing(ranking, {"a": 1, "b": 2})) for ranking in (["b", "c", "a"], ["c"], [])]
        return (
            "" if all(map(math.isfinite, values)) else f"it gives {values}: give a finite number, 0 for nothing found"
        )
    except CitewellError as error:
        return str(error)
    except Exception as fault:  # noqa: BLE001 - a metric's, which may raise anything
        return f"it fails with {fault!r:.200}: give a number for every ranking, an empty one too"


def _of_hooks(name: str, loaded: Plugins) -> Iterator[Finding]:
    """A hook that breaks refuses every call, so it is asked once."""
    own = replace(loaded, observers=tuple(each for each in loaded.observers if each[0] == name))
    [(_, hook)] = own.observers or [(name, None)]
    if hook is None:
        return
    told = partial(Finding, name, "")
    if hook.citewell_before_tool_call.get_hookimpls():
        said = asyncio.run(own.before_tool_call("a_tool_that_is_not_there", {}, "r-check"))
        broke = said is not None and "which may refuse it" in said
        yield told("hook before a call", not broke, f"{said}: return None, or the reason as text" if broke else "")
    if hook.citewell_after_tool_call.get_hookimpls():
        for result in (ToolResult("text"), ToolFailed("it failed")):
            left = asyncio.run(own.after_tool_call("a_tool_that_is_not_there", {}, result, "r-check"))
            broke = isinstance(left, ToolFailed) and "is withheld" in str(left)
            what = f"hook after a call that {'worked' if isinstance(result, ToolResult) else 'failed'}"
            yield told(what, not broke, f"{left}: return None, a ToolResult or text" if broke else "")


def _of_tool(tool: Tool) -> Iterator[Finding]:
    told = partial(Finding, tool.plugin, tool.name)
    yield told("schema", *_verdict(_of_schema(tool.schema)))
    yield told("says when to use it", not tool.warnings, " ".join(tool.warnings))
    declared = hasattr(tool.function, "effect")
    yield told(
        "declares its effect", declared, "" if declared else f"set {tool.name}.effect to 'read', 'write' or 'external'"
    )
    yield told("refuses junk", *_verdict(_of_junk(tool)))
    if tool.effect != "read":
        return
    example = getattr(tool.function, "example", None)
    arguments = example if isinstance(example, Mapping) else _least(tool.schema)
    try:
        tool.arguments.read(arguments)
    except ToolError as error:
        yield told("can be called", False, f"{error} Set {tool.name}.example to arguments that it takes")
        return
    printed = io.StringIO()
    with redirect_stdout(printed):
        once, again, *beside = asyncio.run(_calls(tool, arguments))
    yield told("gives a result", *_verdict(_of_outcome(once)))
    late = f"it did not answer within {tool.timeout:g} seconds: raise {tool.name}.timeout, or do less"
    yield told("keeps its timeout", *_verdict(late if isinstance(once.outcome, TimedOut) else ""))
    if inspect.iscoroutinefunction(tool.function):
        yield told("leaves the loop to others", *_verdict(_of_coroutine(tool, arguments)))
    yield told("can be repeated", *_verdict(_same(once, [again], "a second call")))
    yield told("can be called at once", *_verdict(_same(once, beside, f"one of {_AT_ONCE} calls at the same time")))
    loud = printed.getvalue()
    yield told("prints nothing", not loud, f"it printed {loud[:40]!r}: return it, or log it" if loud else "")


def _of_coroutine(tool: Tool, arguments: Mapping[str, Any]) -> str:
    """Whether an `async def` waits by `await`: what blocks instead holds up the coroutines of every other plugin."""
    keywords = tool.arguments.read(arguments) | tool.arguments.given(_context(), "k")
    longest = 0.0

    async def beside() -> None:
        nonlocal longest
        running, last = asyncio.ensure_future(tool.function(**keywords)), time.monotonic()
        while not running.done():
            await asyncio.sleep(0.01)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
        running.exception()

    try:
        bounded_now(lambda: asyncio.run(beside()), seconds=tool.timeout)
    except (Overdue, Raised):
        return ""  # which the checks of its result tell
    if longest <= _BLOCKED:
        return ""
    return f"it kept everything else on its loop waiting for {longest:.1f} seconds: await, or make it a plain `def`"


def _verdict(problem: str) -> tuple[bool, str]:
    return not problem, problem


def _of_schema(schema: Mapping[str, Any]) -> str:
    written = json.dumps(schema)
    if len(written) > 10_000:
        return f"it has {len(written):,} characters, which every turn of a model pays for: take fewer parameters"
    unsaid = [
        name
        for name, about in schema.get("properties", {}).items()
        if not about.keys() & {"type", "anyOf", "oneOf", "allOf", "$ref", "enum", "const"}
    ]
    return f"{', '.join(unsaid)} may be anything: give a narrower type" if unsaid else ""


def _of_junk(tool: Tool) -> str:
    """What is wrong with how it takes what no call should hold; its function is not run."""
    properties = tool.schema.get("properties", {})
    required = tool.schema.get("required", [])
    least = _least(tool.schema)
    wrong: list[dict[str, Any]] = [{**least, "there is no such parameter": 1}]
    wrong += [{name: value for name, value in least.items() if name != each} for each in required]
    wrong += [{**least, name: _JUNK[about["type"]]} for name, about in properties.items() if about.get("type") in _JUNK]
    for arguments in wrong:
        try:
            tool.arguments.read(arguments)
        except InvalidArguments:
            continue
        except Exception as fault:  # noqa: BLE001 - a validator of the plugin's, which may raise anything
            return f"it fails on {arguments} with {fault!r:.200}: let its validators raise ValueError"
        return f"it takes {arguments}: give its parameters types that do not fit everything"
    return ""


async def _calls(tool: Tool, arguments: Mapping[str, Any]) -> list[Called]:
    one = partial(call, tool, arguments, _context())
    once, again = await one(), await one()
    return [once, again, *await asyncio.gather(*(one() for _ in range(_AT_ONCE)))]


def _of_outcome(called: Called) -> str:
    outcome = called.outcome
    if isinstance(outcome, ToolFailed):
        return f"{outcome} Set its attribute `example` to arguments that it can be called with, or mend it"
    if isinstance(outcome, ToolError) and len(str(outcome).split()) < 3:
        return f"it says {str(outcome)!r}, which tells a model nothing: say what to change, in a sentence"
    return ""


def _same(once: Called, others: Sequence[Called], which: str) -> str:
    """Whether the others came to the same kind of end: what is said may differ, as with dice."""
    for other in others:
        if type(other.outcome) is not type(once.outcome):
            return f"{which} came to {other.outcome!s:.200}: keep nothing between calls, or guard it by a lock"
    return ""


def _least(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments that hold what is required and no more."""
    about = schema.get("properties", {})
    return {name: _value(about[name], schema) for name in schema.get("required", [])}


def _value(about: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    if "$ref" in about:
        about = schema.get("$defs", {}).get(about["$ref"].rpartition("/")[2], {})
    for key in ("default", "const"):
        if key in about:
            return about[key]
    for key in ("examples", "enum"):
        if about.get(key):
            return about[key][0]
    for key in ("anyOf", "oneOf", "allOf"):
        if about.get(key):
            return _value(about[key][0], schema)
    return _of_type(about, schema)


def _of_type(about: Mapping[str, Any], schema: Mapping[str, Any]) -> Any:
    match about.get("type"):
        case "integer" | "number":
            least = about.get("minimum", about.get("exclusiveMinimum", 0) + 1)
            return min(least, about.get("maximum", least))
        case "boolean":
            return False
        case "array":
            return [_value(about.get("items", {}), schema)] * about.get("minItems", 0)
        case "object":
            inner = about.get("properties", {})
            return {name: _value(inner[name], schema) for name in about.get("required", []) if name in inner}
        case "null":
            return None
        case _:
            least = about.get("minLength", 0)
            length = max(least, min(len(_ANY), about.get("maxLength", len(_ANY))))
            return (_ANY * (length // len(_ANY) + 1))[:length]


def _context() -> ToolContext:
    library = _Library()
    return ToolContext(library, EVERYTHING, "r-check", library)


class _Library:
    """Two documents, to search and to read."""

    def __call__(self, query: str, *, k: int = 10, scope: Scope = EVERYTHING, mode: Mode = "hybrid") -> list[Hit]:  # noqa: ARG002 - the protocol's
        words = set(re.findall(r"\w+", query.lower()))
        found = [
            Hit(Chunk(name, 0, len(text), text), float(len(words & set(re.findall(r"\w+", text.lower())))))
            for name, text in _TEXTS.items()
        ]
        return sorted((hit for hit in found if hit.score), key=lambda hit: (-hit.score, hit.chunk.document))[:k]

    def text(self, name: str) -> str | None:
        return _TEXTS.get(name)

    def page(self, name: str, offset: int) -> int | None:  # noqa: ARG002 - likewise
        return None

    def page_label(self, name: str, offset: int) -> str | None:  # noqa: ARG002 - likewise
        return None

    def unseen(self, name: str) -> tuple[Unseen, ...]:  # noqa: ARG002 - likewise
        return ()

    def documents(self, scope: Scope = EVERYTHING) -> list[Listed]:
        return [Listed(name, name) for name in _TEXTS if scope.admits(frozenset(), {})]

    def sections(self, name: str) -> list[Section]:
        from ingest.split.sections import sections

        text = self.text(name)
        return [] if text is None else sections(Document(name, text, markup="markdown"))

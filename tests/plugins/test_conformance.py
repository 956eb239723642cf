"""The checks for authors find each thing that makes a plugin work badly, and pass what is as it should be."""

import asyncio
import threading
import time
import types

import pluggy
import pytest

from plugins import conformance
from plugins.conformance import NoPlugin, check
from plugins.tool import ToolContext, ToolError, ToolResult

hook = pluggy.HookimplMarker("citewell")


def good(context: ToolContext, query: str, limit: int = 3) -> ToolResult:
    """Look for something.

    Use when: asked to.
    """
    return ToolResult("", tuple(context.search(query, k=limit)))


good.effect = "read"


def found(*functions, **hooks):
    """What fails of a plugin with these tools and hooks: by tool and check, why."""
    hooks["citewell_tools"] = lambda: list(functions)
    plugin = types.SimpleNamespace(**{name: hook(function) for name, function in hooks.items()})
    return {(each.tool, each.check): each.detail for each in check("mine", extra=[("mine", plugin)]) if not each.ok}


def bad(body, *, effect="read", doc="Do it.\n\nUse when: asked to.", parameters="", **attributes):
    """A tool of that body."""
    namespace = {"ToolError": ToolError, "threading": threading}
    exec(f"def tool({parameters}) -> object:\n    {body}", namespace)
    function = namespace["tool"]
    function.__doc__ = doc
    for name, value in {"effect": effect, **attributes}.items():
        if value is not None:
            setattr(function, name, value)
    return function


def test_a_plugin_that_is_as_it_should_be_passes():
    assert found(good) == {}


def test_the_built_in_tools_pass_as_anyones_would():
    assert [each for each in check("citewell") if not each.ok] == []


COUNTS = "calls = globals().setdefault('calls', []); calls.append(1); "


@pytest.mark.parametrize(
    ("function", "what", "why"),
    [
        (bad("return 'x'", doc="Do it."), "says when to use it", 'add a line "Use when'),
        (bad("return 'x'", effect=None), "declares its effect", "set tool.effect to"),
        (bad("return 'x'", parameters="x: object"), "schema", "x may be anything: give a narrower type"),
        (bad("return 'x'", parameters="x: str = " + repr("y" * 10_000)), "schema", "take fewer parameters"),
        (bad("1 / 0"), "gives a result", "ZeroDivisionError"),
        (bad("return object()"), "gives a result", "neither text nor JSON"),
        (bad("raise ToolError('no')"), "gives a result", "says 'no', which tells a model nothing"),
        (bad("import time; time.sleep(1)", timeout=0.05), "keeps its timeout", "within 0.05 seconds"),
        (bad("print('hello'); return 'x'"), "prints nothing", "it printed 'hello"),
        (bad(f"{COUNTS}return 'x' if len(calls) == 1 else 1 / 0"), "can be repeated", "keep nothing between calls"),
        (
            bad(f"{COUNTS}return 'x' if len(calls) < 4 else 1 / 0"),
            "can be called at once",
            "one of 4 calls at the same time",
        ),
        (bad("return 'x'", parameters="x: str", example={"y": 1}), "can be called", "Set tool.example to arguments"),
    ],
)
def test_what_works_badly_is_found_with_what_to_do(function, what, why):
    problems = found(function)
    assert why in problems["tool", what]


def test_a_validator_that_breaks_on_junk_is_found():
    from typing import Annotated

    from pydantic import BeforeValidator

    def tool(x: Annotated[str, BeforeValidator(lambda value: value.strip())]) -> str:
        """Do it. Use when asked."""
        return x

    tool.effect = "read"
    assert "let its validators raise ValueError" in found(tool)["tool", "refuses junk"]


@pytest.mark.parametrize("effect", ["write", "external"])
def test_a_tool_with_an_effect_is_checked_and_never_run(effect):
    ran = []

    def send(to: str) -> str:
        """Send. Use when asked."""
        ran.append(to)
        return "sent"

    send.effect = effect
    assert found(send) == {}
    assert ran == []


def test_an_example_says_with_what_a_tool_is_called():
    def roll(die: str) -> str:
        """Roll. Use when asked."""
        if die != "d6":
            raise RuntimeError("no such die")
        return "6"

    roll.effect = "read"
    assert "no such die" in found(roll)["roll", "gives a result"]
    roll.example = {"die": "d6"}
    assert found(roll) == {}


def test_what_does_not_load_and_hooks_that_break_are_found():
    def untyped(x):
        """Do it. Use when asked."""

    def after(result):
        return result.text

    problems = found(untyped, citewell_before_tool_call=lambda: 1 / 0, citewell_after_tool_call=after)
    assert "give it a type" in problems["", "loads"]
    assert "return None, or the reason as text" in problems["", "hook before a call"]
    assert list(problems)[-1] == ("", "hook after a call that failed"), "an exception has no text"


def test_a_plugin_that_is_not_there_is_named_with_those_that_are():
    with pytest.raises(NoPlugin, match="no plugin 'nope': install it, or name one of citewell"):
        check("nope")


@pytest.mark.slow
def test_a_coroutine_that_blocks_its_loop_is_found_and_one_that_waits_is_not(monkeypatch):
    monkeypatch.setattr(conformance, "_BLOCKED", 0.4)

    async def blocks() -> str:
        """Block. Use when asked."""
        time.sleep(0.5)
        return "x"

    async def waits() -> str:
        """Wait. Use when asked."""
        await asyncio.sleep(0)
        return "x"

    blocks.effect = waits.effect = "read"
    assert list(found(blocks, waits)) == [("blocks", "leaves the loop to others")]


def test_encoders_rerankers_and_metrics_are_asked_for_a_little():
    class Batched:
        dimensions, window, version = 2, 9, "1"

        def encode(self, texts):
            return [[len(texts), 1]] * len(texts)

    class Silent:
        def scores(self, query, passages):
            return []

    problems = found(
        citewell_encoders=lambda: {"batched": Batched},
        citewell_rerankers=lambda: {"silent": Silent},
        citewell_metrics=lambda: {"first": lambda ranking, grades: grades.get(ranking[0], 0), "fine": lambda *_: 1},
    )
    assert "take each by itself" in problems["", "encoder batched"]
    assert "gave no finite number for each of 2 passages" in problems["", "reranker silent"]
    assert "an empty one too" in problems["", "metric first"]
    assert ("", "metric fine") not in problems

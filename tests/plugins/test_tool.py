"""A plain function becomes a tool, and calling it always ends: in a result, or in a named error."""

import asyncio
import contextvars
import enum
import json
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Annotated, Literal

import pytest
from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    Json,
    PlainSerializer,
    SecretStr,
    computed_field,
    field_validator,
)

from ingest.model import Chunk
from plugins.contract import BadTool, tool_from
from plugins.tool import (
    RESULT_LIMIT,
    InvalidArguments,
    TimedOut,
    ToolContext,
    ToolError,
    ToolFailed,
    ToolResult,
    call,
)
from retrieval.model import EVERYTHING, Hit

TEXTS = {"docs/a.md": "One die has six faces. Two have twelve."}


class Stored:
    def text(self, name):
        return TEXTS.get(name)


def nothing(query, *, k=10, scope=EVERYTHING, mode="hybrid"):
    return []


CONTEXT = ToolContext(search=nothing, scope=EVERYTHING, run="r-1", version=Stored())


def tool(function, **attributes):
    for name, value in attributes.items():
        setattr(function, name, value)
    return tool_from(function, plugin="dice")


def run(function, arguments=None, **attributes):
    return asyncio.run(call(tool(function, **attributes), arguments or {}, CONTEXT)).result()


def roll_dice(sides: int = 6) -> str:
    """Roll one die and return the face.

    Use when: the user asks for a random roll.
    """
    return str(sides)


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


class Size(BaseModel):
    width: int
    unit: Literal["cm", "in"] = "cm"

    @field_validator("width")
    @classmethod
    def _fits(cls, width):
        if width == 13:
            raise RuntimeError("a validator with a fault of its own")
        return width


def paint(
    schema: str,
    colour: Colour,
    size: Size,
    tags: list[str],
    context: ToolContext,
    model_config: str | None = None,
    share: Annotated[float, Field(ge=0, le=1)] = 0.5,
    mode: Literal["fast", "slow"] = "fast",
) -> str:
    """Paint something. Use when asked to.

    Args:
        schema: which plan
            to follow
        colour (Colour): the paint
    """
    return json.dumps([schema, colour.name, size.width, tags, context.run, model_config, share, mode])


def test_a_plain_function_gives_name_description_and_schema():
    made = tool(roll_dice)
    assert (made.name, made.plugin, made.warnings) == ("roll_dice", "dice", ())
    assert made.description.startswith("Roll one die")
    assert "Use when: the user" in made.description
    assert made.schema == {
        "type": "object",
        "properties": {"sides": {"type": "integer", "default": 6}},
        "additionalProperties": False,
    }


def test_what_is_undeclared_is_external_for_thirty_seconds_and_never_repeated():
    made = tool(lambda_like())
    assert (made.effect, made.timeout, made.retries) == ("external", 30.0, 0)


def lambda_like():
    def ping() -> str:
        """Ping. Use when asked."""
        return "pong"

    return ping


def test_every_kind_of_annotation_reaches_the_schema_and_the_context_does_not():
    schema = tool(paint).schema
    properties = schema["properties"]
    assert set(schema["required"]) == {"schema", "colour", "size", "tags"}
    assert "context" not in properties
    assert properties["schema"] == {"type": "string", "description": "which plan to follow"}
    assert properties["colour"]["description"] == "the paint"
    assert properties["share"] == {"type": "number", "default": 0.5, "minimum": 0, "maximum": 1}
    assert properties["mode"]["enum"] == ["fast", "slow"]
    assert properties["tags"] == {"type": "array", "items": {"type": "string"}}
    assert schema["$defs"]["Colour"]["enum"] == ["red", "blue"]
    json.dumps(schema)


def test_arguments_arrive_as_their_types_with_the_functions_own_defaults_and_the_context():
    result = run(paint, {"schema": "s", "colour": "blue", "size": {"width": 3}, "tags": ["x"]})
    assert json.loads(result.text) == ["s", "BLUE", 3, ["x"], "r-1", None, 0.5, "fast"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"sides": "6"}, "sides: Input should be a valid integer"),
        ({"sides": True}, "sides"),
        ({"sides": None}, "sides"),
        ({"faces": 6}, "faces: Extra inputs are not permitted"),
        ({"sides": float("nan")}, "not JSON"),
        ({"sides": {1, 2}}, "not JSON"),
    ],
)
def test_wrong_arguments_are_never_run_and_the_model_is_told_which(wrong, named):
    ran = []

    def roll(sides: int = 6) -> str:
        """Roll. Use when asked."""
        ran.append(sides)
        return ""

    with pytest.raises(InvalidArguments, match=named) as told:
        run(roll, wrong, effect="read", retries=3)
    assert isinstance(told.value, ToolError)
    assert "call again" in str(told.value)
    assert ran == []


class Hidden(BaseModel):
    id: str
    amount: float = Field(default=0.0, exclude=True)


class Computed(BaseModel):
    net: int

    @computed_field
    def gross(self) -> int:
        return self.net * 2


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Hidden, {"id": "O-1", "amount": 99_999.0}),
        (list[Hidden], [{"id": "O-1", "amount": 99_999.0}]),
        (SecretStr, "to be paid"),
        (Annotated[int, PlainSerializer(lambda amount: min(amount, 100))], 99_999),
    ],
)
def test_what_nobody_would_be_shown_is_never_run(kind, given):
    ran = []

    def pay(what) -> str:
        """Pay. Use when asked."""
        ran.append(what)
        return ""

    pay.__annotations__["what"] = kind
    with pytest.raises(InvalidArguments, match="hidden or written otherwise by its own type"):
        run(pay, {"what": given}, effect="write")
    assert ran == []


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Hidden, {"id": "O-1"}),
        (Computed, {"net": 5}),
        (datetime, "2026-12-01T10:00:00Z"),
        (date, "2026-12-01"),
        (timedelta, "PT1H"),
        (Decimal, "12.50"),
        (Path, "a/b"),
        (Json[list[int]], "[1, 2]"),
        (set[str], ["b", "a"]),
        (bytes, "abc"),
        (float, 0.1),
        (int | str | None, None),
        (dict[str, tuple[int, ...]], {"a": [1, 2]}),
        (Annotated[list[int], Field(default_factory=list)], [1]),
    ],
)
def test_what_is_shown_as_it_was_given_is_run(kind, given):
    def show(what) -> str:
        """Show. Use when asked."""
        return type(what).__name__

    show.__annotations__["what"] = kind
    assert run(show, {"what": given}, effect="write").text


def test_the_model_cannot_pass_a_context_of_its_own():
    with pytest.raises(InvalidArguments, match="context"):
        run(paint, {"schema": "s", "colour": "red", "size": {"width": 3}, "tags": [], "context": {"run": "other"}})


def test_a_validator_with_a_fault_is_a_failed_tool_and_not_a_crash():
    with pytest.raises(ToolFailed, match="a fault of its own"):
        run(paint, {"schema": "s", "colour": "red", "size": {"width": 13}, "tags": []})


def undocumented(sides: int) -> str:
    return str(sides)


def unannotated(sides) -> str:
    """Roll. Use when asked."""
    return str(sides)


def variadic(*sides: int) -> str:
    """Roll. Use when asked."""
    return str(sides)


def keywords(**sides: int) -> str:
    """Roll. Use when asked."""
    return str(sides)


def positional(sides: int, /) -> str:
    """Roll. Use when asked."""
    return str(sides)


def unspeakable(sides: threading.Lock) -> str:  # type: ignore[valid-type] # not a type, which is the point
    """Roll. Use when asked."""
    return str(sides)


def dangling(sides: "NotImported") -> str:  # type: ignore[name-defined] # noqa: F821 - not imported, which is the point
    """Roll. Use when asked."""
    return str(sides)


def piecemeal(sides: int):
    """Roll. Use when asked."""
    yield sides


@pytest.mark.parametrize(
    ("function", "advice"),
    [
        (undocumented, "no docstring.*write one"),
        (unannotated, r"'sides' of unannotated has no annotation: give it a type"),
        (variadic, "name its parameters"),
        (keywords, "name its parameters"),
        (positional, "remove the `/`"),
        (unspeakable, "JSON cannot say"),
        (dangling, "NotImported.*import what they name"),
        (piecemeal, "return it whole"),
        ("roll", "not a function"),
        (lambda: "x", "rename"),
    ],
)
def test_what_cannot_become_a_tool_is_refused_with_what_to_do(function, advice):
    with pytest.raises(BadTool, match=advice):
        tool_from(function, plugin="dice")


@pytest.mark.parametrize(
    ("attributes", "advice"),
    [
        ({"effect": "reads"}, "'read', 'write' or 'external'"),
        ({"effect": None}, "'read', 'write' or 'external'"),
        ({"timeout": 0}, "above 0"),
        ({"timeout": float("nan")}, "above 0"),
        ({"timeout": float("inf")}, "above 0"),
        ({"timeout": "5"}, "above 0"),
        ({"effect": "read", "retries": -1}, "0 to 10"),
        ({"effect": "read", "retries": True}, "0 to 10"),
        ({"effect": "write", "retries": 1}, "might then happen twice"),
        ({"retries": 1}, "might then happen twice"),
    ],
)
def test_attributes_that_mean_nothing_are_refused(attributes, advice):
    with pytest.raises(BadTool, match=advice):
        tool(lambda_like(), **attributes)


@pytest.mark.parametrize(
    ("docstring", "warned"),
    [
        ("Roll.", 1),
        ("Roll.\n\nDo not use when: a statistic is asked for.", 1),
        ("Roll.\n\nDon't\n  use when: a statistic is asked for.", 1),
        ("Roll. Use when the user asks.", 0),
        ("Roll.\n\n    USE WHEN: asked.\n    Do not use when: not asked.", 0),
    ],
)
def test_a_docstring_that_does_not_say_when_to_call_is_a_warning(docstring, warned):
    function = lambda_like()
    function.__doc__ = docstring
    assert len(tool(function).warnings) == warned


def returning(value):
    def give() -> object:
        """Give. Use when asked."""
        return value

    return give


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("grüß dich", "grüß dich"),
        ({"face": 6, "name": "würfel"}, '{"face":6,"name":"würfel"}'),
        ([1, None], "[1,null]"),
        (Size(width=2), '{"width":2,"unit":"cm"}'),
        ("half \ud800 pair", "half ? pair"),
        (ToolResult("as it is"), "as it is"),
    ],
)
def test_a_result_becomes_text(value, text):
    assert run(returning(value)).text == text


@pytest.mark.parametrize("value", [object(), ToolResult(7), ToolResult("x", hits=("no hit",))])
def test_what_is_no_result_is_a_failed_tool(value):
    with pytest.raises(ToolFailed, match="give failed with"):
        run(returning(value))


def test_a_long_result_is_cut_and_says_so():
    result = run(returning("x" * 50_000))
    assert result.text == "x" * RESULT_LIMIT, "a note of ours is no evidence"
    assert result.note.startswith("Cut: the result has 50,000 characters")


def hit(start, end, text=None, document="docs/a.md"):
    stored = TEXTS.get(document, "")
    return Hit(Chunk(document, start, end, stored[start:end] if text is None else text), score=1.0)


def test_passages_that_are_stored_as_they_stand_come_through():
    hits = (hit(0, 22), hit(23, 39))
    assert run(returning(ToolResult("2", hits))).hits == hits


@pytest.mark.parametrize("forged", [hit(0, 3, text="Six"), hit(1, 4, text="One"), hit(0, 3, "One", "docs/other.md")])
def test_a_passage_that_is_not_the_stored_text_is_refused(forged):
    with pytest.raises(ToolFailed, match="is not what is stored there"):
        run(returning(ToolResult("1", (hit(0, 22), forged))))


def test_more_passages_than_can_be_read_are_cut_and_it_says_so(monkeypatch):
    monkeypatch.setitem(TEXTS, "docs/long.md", "y" * RESULT_LIMIT)
    whole = hit(0, RESULT_LIMIT, document="docs/long.md")
    result = run(returning(ToolResult("2", (whole, hit(0, 22)))))
    assert result.hits == (whole,)
    assert "of 2 passages the first 1" in result.note


def raising(fault):
    def fail() -> str:
        """Fail. Use when asked."""
        raise fault

    return fail


def raising_on_the_loop(fault):
    async def fail() -> str:
        """Fail. Use when asked."""
        raise fault

    return fail


@pytest.mark.parametrize("made", [raising, raising_on_the_loop])
@pytest.mark.parametrize(
    "fault", [ValueError("boom"), SystemExit(3), StopIteration("boom"), asyncio.CancelledError(), TimeoutError("mine")]
)
def test_whatever_a_tool_raises_is_an_observation(made, fault):
    with pytest.raises(ToolFailed) as told:
        run(made(fault), effect="read")
    assert told.value.code == "tool_failed"
    assert "Go on without it" in str(told.value)


@pytest.mark.parametrize("made", [raising, raising_on_the_loop])
def test_what_the_tool_tells_the_model_is_passed_on_word_for_word(made):
    with pytest.raises(ToolError, match=r"^Name a die with 6 or 20 sides\.$") as told:
        run(made(ToolError("Name a die with 6 or 20 sides.")), effect="read", retries=2)
    assert told.value.code == "tool_error"


def failing_twice():
    tries = []

    def flaky() -> str:
        """Flake. Use when asked."""
        tries.append(1)
        if len(tries) < 3:
            raise OSError("not yet")
        return "there"

    return flaky, tries


def test_a_read_is_tried_again_as_often_as_it_says():
    flaky, tries = failing_twice()
    assert run(flaky, effect="read", retries=2).text == "there"
    flaky, tries = failing_twice()
    with pytest.raises(ToolFailed, match="not yet"):
        run(flaky, effect="read", retries=1)
    assert len(tries) == 2


@pytest.mark.parametrize("effect", ["write", "external"])
def test_a_side_effect_is_tried_once_and_its_outcome_called_unknown(effect):
    flaky, tries = failing_twice()
    with pytest.raises(ToolFailed, match="Whether it took effect is not known"):
        run(flaky, effect=effect)
    assert len(tries) == 1


def test_a_tool_in_a_thread_that_takes_too_long_is_left_behind():
    release = threading.Event()

    def hang() -> str:
        """Hang. Use when asked."""
        release.wait()
        return "late"

    try:
        with pytest.raises(TimedOut, match=r"within 0\.05 seconds") as told:
            run(hang, timeout=0.05)
        assert isinstance(told.value, ToolFailed)
        assert told.value.code == "tool_timed_out"
    finally:
        release.set()


def test_a_tool_on_the_loop_that_will_not_be_cancelled_is_left_behind_too():
    async def cling() -> str:
        """Cling. Use when asked."""
        for _ in range(2):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue
        return "late"

    with pytest.raises(TimedOut):
        run(cling, timeout=0.05)


def test_cancelling_the_run_cancels_the_tool():
    seen, started = [], threading.Event()

    async def wait() -> str:
        """Wait. Use when asked."""
        try:
            started.set()
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise
        return ""

    async def scene():
        running = asyncio.create_task(call(tool(wait), {}, CONTEXT))
        await asyncio.to_thread(started.wait)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(scene())
    assert seen == ["cancelled"]


def test_every_tool_runs_beside_the_loop_with_the_callers_context():
    variable = contextvars.ContextVar("variable", default="unset")

    def threaded() -> list[object]:
        """Tell. Use when asked."""
        return [threading.current_thread() is threading.main_thread(), variable.get()]

    async def awaited() -> list[object]:
        """Tell. Use when asked."""
        return [threading.current_thread() is threading.main_thread(), variable.get()]

    variable.set("mine")
    assert run(threaded).text == '[false,"mine"]'
    assert run(awaited).text == '[false,"mine"]'


def test_what_coroutines_keep_open_serves_the_next_call():
    loops = []

    async def tell() -> str:
        """Tell. Use when asked."""
        loops.append(asyncio.get_running_loop())
        return "told"

    run(tell)
    run(tell)
    assert loops[0] is loops[1]


@pytest.mark.slow
def test_a_coroutine_that_blocks_holds_up_neither_the_run_nor_the_next_one():
    release = threading.Event()

    async def block() -> str:
        """Block. Use when asked."""
        release.wait()
        return "late"

    async def tell() -> str:
        """Tell. Use when asked."""
        return "told"

    async def scene():
        beating = asyncio.create_task(beat())
        with pytest.raises(TimedOut):
            (await call(tool(block, timeout=0.05), {}, CONTEXT)).result()
        beating.cancel()
        return (await call(tool(tell), {}, CONTEXT)).result()

    beats = []

    async def beat():
        while True:
            beats.append(1)
            await asyncio.sleep(0)

    try:
        assert asyncio.run(scene()).text == "told"
        assert len(beats) > 1
    finally:
        release.set()


def test_a_function_has_only_the_time_that_the_check_of_its_arguments_left(monkeypatch):
    now, sent = [0.0], []
    monkeypatch.setattr("plugins.tool.time", SimpleNamespace(monotonic=lambda: now[0]))

    def slowly(value: str) -> str:
        now[0] += 40
        return value

    def send(to: Annotated[str, AfterValidator(slowly)]) -> str:
        """Send. Use when asked."""
        sent.append(to)
        return "sent"

    with pytest.raises(TimedOut, match=r"within 30 seconds"):
        asyncio.run(call(tool(send, effect="external", timeout=60), {"to": "ana"}, CONTEXT, seconds=30)).result()
    assert sent == []


def test_a_tool_has_no_more_time_than_its_run():
    release, tries = threading.Event(), []

    def hang() -> str:
        """Hang. Use when asked."""
        tries.append(1)
        release.wait()
        return "late"

    hung = tool(hang, timeout=60, effect="read", retries=3)
    try:
        with pytest.raises(TimedOut, match=r"within 0\.05 seconds"):
            asyncio.run(call(hung, {}, CONTEXT, seconds=0.05)).result()
        with pytest.raises(TimedOut, match="no time left"):
            asyncio.run(call(hung, {}, CONTEXT, seconds=0)).result()
    finally:
        release.set()
    assert len(tries) == 1


HANGING = """
import asyncio, threading, pluggy
from plugins import manager
from plugins.bounded import aside
from tests.plugins.test_tool import CONTEXT, TimedOut, call, tool
def hang() -> str:
    "Hang. Use when asked."
    threading.Event().wait()
async def block() -> str:
    "Block. Use when asked."
    threading.Event().wait()
class Watcher:
    @pluggy.HookimplMarker("citewell")
    def citewell_before_tool_call(self):
        threading.Event().wait()
async def main():
    for function in (hang, block):
        try:
            (await call(tool(function, timeout=0.05), {}, CONTEXT)).result()
        except TimedOut:
            print("timed out", flush=True)
    plugins = manager.load_plugins(extra=[("watcher", Watcher())])
    await plugins.before_tool_call("roll", {}, "r-1", seconds=0.05)
    waiting = asyncio.ensure_future(aside(threading.Event().wait))
    await asyncio.sleep(0)
    waiting.cancel()
    print("done", flush=True)
asyncio.run(main())
"""


@pytest.mark.slow
def test_nothing_of_a_plugin_that_hangs_keeps_the_process_from_ending(request):
    command = [sys.executable, "-c", HANGING]
    ended = subprocess.run(
        command, cwd=request.config.rootpath, capture_output=True, text=True, timeout=60, check=False
    )
    assert (ended.stdout, ended.returncode) == ("timed out\n" * 2 + "done\n", 0), ended.stderr


def test_a_mapping_is_data_as_well_and_data_without_text_is_the_text():
    assert run(returning({"face": 6})) == ToolResult('{"face":6}', data={"face": 6})
    assert run(returning(ToolResult("", data={"n": (1, 2)}))) == ToolResult('{"n":[1,2]}', data={"n": [1, 2]})
    assert run(returning(ToolResult("two", data={"n": 2}))) == ToolResult("two", data={"n": 2})
    assert run(returning([1, 2])).data is None


@pytest.mark.parametrize("data", [{"x": object()}, [1], "text", 7])
def test_data_that_json_cannot_hold_is_a_failed_tool(data):
    with pytest.raises(ToolFailed, match="give failed with"):
        run(returning(ToolResult("x", data=data)))


def test_data_that_is_too_long_is_left_out_and_it_says_so():
    result = run(returning(ToolResult("many", data={"rows": ["x" * 1000] * 200})))
    assert (result.text, result.data) == ("many", None)
    assert result.note.startswith("Left out: the result's data has 200,")


def test_a_hundred_million_letters_are_cut_and_of_a_million_passages_few_are_looked_up(monkeypatch):
    assert len(run(returning("x" * 100_000_000)).text) == RESULT_LIMIT
    looked = []
    monkeypatch.setattr(Stored, "text", lambda _, name: looked.append(name) or TEXTS[name])
    result = run(returning(ToolResult("", (hit(0, 22),) * 1_000_000)))
    assert "Cut: of 1,000,000 passages the first 909 are shown." in result.note
    assert len(looked) < 1_000


def test_a_call_tells_how_often_and_how_long_it_was_tried(monkeypatch):
    now = [0.0]
    monkeypatch.setattr("plugins.tool.time", SimpleNamespace(monotonic=lambda: now[0]))

    def flaky() -> str:
        """Flake. Use when asked."""
        now[0] += 2
        if now[0] < 5:
            raise OSError("not yet")
        return "there"

    called = asyncio.run(call(tool(flaky, effect="read", retries=5), {}, CONTEXT))
    assert (called.attempts, called.seconds, called.result().text) == (3, 6.0, "there")
    wrong = asyncio.run(call(tool(flaky, effect="read", retries=5), {"x": 1}, CONTEXT))
    assert (wrong.attempts, type(wrong.outcome)) == (0, InvalidArguments)


def charge(amount: float, to: str, idempotency_key: str) -> str:
    """Charge. Use when asked."""
    return idempotency_key


def keyed(context: ToolContext, amount: float = 0, to: str = "") -> str:
    """Charge. Use when asked."""
    return context.key


@pytest.mark.parametrize("function", [charge, keyed])
def test_an_idempotent_tool_is_handed_the_same_key_for_the_same_call_and_another_for_any_other(function):
    made = tool(function, effect="write", idempotent=True)
    assert made.idempotent
    assert set(made.schema["properties"]) == {"amount", "to"}

    def key(run="r-1", **arguments):
        return asyncio.run(call(made, arguments, replace(CONTEXT, run=run))).result().text

    same = key(amount=5, to="ana")
    assert key(to="ana", amount=5.0) == same
    assert len({same, key(amount=6, to="ana"), key(amount=5, to="bea"), key("r-2", amount=5, to="ana")}) == 4


def test_a_model_cannot_choose_the_key_of_a_call():
    with pytest.raises(InvalidArguments, match="idempotency_key"):
        run(charge, {"amount": 5, "to": "ana", "idempotency_key": "mine"}, effect="write", idempotent=True)


def test_what_is_declared_idempotent_must_take_the_key():
    with pytest.raises(
        BadTool, match="takes no key to know a call again by: give it a parameter `idempotency_key: str`"
    ):
        tool(lambda_like(), idempotent=True)
    with pytest.raises(BadTool, match="make it True or False"):
        tool(lambda_like(), idempotent=1)


def test_what_did_not_answer_is_told_as_cancelled_or_as_left(caplog):
    release = threading.Event()

    def hang() -> str:
        """Hang. Use when asked."""
        release.wait()
        return "late"

    async def wait() -> str:
        """Wait. Use when asked."""
        await asyncio.Event().wait()
        return "late"

    try:
        with pytest.raises(TimedOut, match="was left: its thread cannot be stopped and may still be running"):
            run(hang, timeout=0.05)
        assert "was left: its thread" in caplog.text
    finally:
        release.set()
    with pytest.raises(TimedOut, match=r"within 0\.05 seconds, and was cancelled"):
        run(wait, timeout=0.05)

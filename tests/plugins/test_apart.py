"""A tool that runs apart has a process of its own; how that dies is a failed call."""

import asyncio
import os
import subprocess
import sys
import threading

import pytest

from plugins.contract import BadTool, tool_from
from plugins.manager import load_plugins
from plugins.tool import InvalidArguments, TimedOut, ToolContext, ToolError, ToolFailed, call
from tests.plugins.test_tool import CONTEXT

CODE = '''
import asyncio, ctypes, os, subprocess, sys, threading
import pluggy

def where(words: str = "") -> dict:
    """Tell where. Use when asked."""
    print("x" * 100_000)
    sys.stderr.write("y" * 100_000)
    return {"process": os.getpid(), "words": words}

async def later() -> str:
    """Tell later. Use when asked."""
    await asyncio.sleep(0)
    return "later"

def leave(code: int = 7) -> str:
    """Leave. Use when asked."""
    print("going", flush=True)
    os._exit(code)

def crash() -> str:
    """Crash. Use when asked."""
    ctypes.string_at(0)
    return ""

def hang(beside: str) -> str:
    """Hang. Use when asked."""
    child = subprocess.Popen([sys.executable, "-c", "import threading; threading.Event().wait()"])
    with open(beside, "w") as file:
        file.write(f"{os.getpid()} {child.pid}")
    threading.Event().wait()
    return ""

def refuse() -> str:
    """Refuse. Use when asked."""
    from plugins.tool import ToolError
    raise ToolError("Name a die.")

def stop() -> str:
    """Stop. Use when asked."""
    raise SystemExit("enough")

def flood() -> str:
    """Flood. Use when asked."""
    return "z" * 100_000_000

def once(idempotency_key: str) -> str:
    """Do it once. Use when asked."""
    return idempotency_key

def variables() -> dict:
    """Tell them. Use when asked."""
    return dict(os.environ)

TOOLS = [where, later, leave, crash, hang, refuse, stop, flood, once, variables]
for each in TOOLS:
    each.effect, each.apart = "read", True
variables.env = ("WEATHER_TOKEN", "NOT_SET")
once.idempotent = True
leave.effect = "external"

@pluggy.HookimplMarker("citewell")
def citewell_tools():
    return TOOLS
'''


@pytest.fixture(scope="module")
def tools(tmp_path_factory):
    folder = tmp_path_factory.mktemp("apart")
    (folder / "lives_apart.py").write_text(CODE)
    info = folder / "lives_apart-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lives-apart\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[citewell]\nmain = lives_apart\n")
    sys.path.insert(0, str(folder))
    try:
        yield {tool.name: tool for tool in load_plugins().tools}
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop("lives_apart", None)


def run(tool, arguments=None, **more):
    return asyncio.run(call(tool, arguments or {}, CONTEXT, **more)).result()


def test_it_runs_in_another_process_and_gives_its_result_back_whatever_it_prints(tools):
    result = run(tools["where"], {"words": "grüß"})
    assert result.data["process"] != os.getpid()
    assert result.data["words"] == "grüß"


def test_a_coroutine_may_run_apart_too(tools):
    assert run(tools["later"]).text == "later"


def test_a_process_that_ends_by_itself_is_a_failed_call(tools):
    with pytest.raises(ToolFailed, match=r"ended without a result \(exit code 7\) after printing 'going'") as told:
        run(tools["leave"])
    assert "Whether it took effect is not known" in str(told.value)
    with pytest.raises(ToolFailed, match=r"exit code 0"):
        run(tools["leave"], {"code": 0})


def test_a_process_that_crashes_is_a_failed_call(tools):
    with pytest.raises(ToolFailed, match="its process was ended by SIGSEGV"):
        run(tools["crash"])


def test_what_it_raises_there_is_told_as_if_it_were_here(tools):
    with pytest.raises(ToolError, match=r"^Name a die\.$"):
        run(tools["refuse"])
    with pytest.raises(ToolFailed, match="SystemExit: enough"):
        run(tools["stop"])
    with pytest.raises(InvalidArguments, match="words"):
        run(tools["where"], {"words": 3})


def test_a_hundred_million_letters_are_cut_where_they_are_made(tools):
    result = run(tools["flood"])
    assert len(result.text) == 20_000
    assert "Cut: the result has 100,000,000 characters" in result.note


def test_the_key_of_the_call_reaches_it(tools):
    first = run(tools["once"]).text
    assert len(first) == 64
    assert run(tools["once"]).text == first


def test_its_process_is_given_what_programs_need_and_the_variables_that_it_names_and_no_more(tools, monkeypatch):
    for secret in ("ANTHROPIC_API_KEY", "CITEWELL_DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "LCX", "HTTPS_PROXY"):
        monkeypatch.setenv(secret, "of ours")
    needed = {"TZ": "UTC", "LC_TIME": "C", "LANG": "C.UTF-8", "TMPDIR": "/tmp", "PYTHONHASHSEED": "7"}
    for name, value in needed.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("WEATHER_TOKEN", "of the tool")

    given = run(tools["variables"]).data

    assert "of ours" not in given.values()
    assert given["WEATHER_TOKEN"] == "of the tool"
    assert (given["PATH"], needed.items() <= given.items()) == (os.environ["PATH"], True)


@pytest.mark.parametrize(
    ("env", "advice"),
    [
        ("WEATHER_TOKEN", "list names of variables: write it as"),
        (("WEATHER_TOKEN=abc",), "list names of variables: write it as"),
        ((7,), "list names of variables: write it as"),
        (("CITEWELL_DATABASE_URL",), "is Citewell's alone: leave it out"),
    ],
)
def test_only_names_of_variables_that_are_not_ours_can_be_asked_for(env, advice):
    def look() -> str:
        """Look. Use when asked."""
        return ""

    look.apart, look.env = True, env
    with pytest.raises(BadTool, match=advice):
        tool_from(look, plugin="mine", entry="mine")


def test_a_tool_that_runs_beside_us_cannot_name_variables():
    def look() -> str:
        """Look. Use when asked."""
        return ""

    look.env = ("WEATHER_TOKEN",)
    with pytest.raises(BadTool, match="only a tool that runs apart is given fewer: remove"):
        tool_from(look, plugin="mine", entry="mine")


def gone(process):
    """Whether a process has ended; waited for, as the system ends it in its own time."""
    for _ in range(500):
        try:
            with open(f"/proc/{process}/stat") as file:  # noqa: PTH123 - a file of the kernel's
                if file.read().rsplit(")", 1)[1].split()[0] == "Z":
                    return True
        except FileNotFoundError:
            return True
        threading.Event().wait(0.01)
    return False


@pytest.mark.slow
@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="asks the kernel by its files")  # noqa: PTH110
@pytest.mark.parametrize("how", ["timeout", "cancelled"])
def test_it_is_killed_with_all_that_it_started(tools, tmp_path, how):
    beside = tmp_path / "processes"

    async def scene(seconds):
        running = asyncio.create_task(call(tools["hang"], {"beside": str(beside)}, CONTEXT, seconds=seconds))
        if how == "cancelled":
            while not (beside.exists() and len(beside.read_text().split()) == 2):
                await asyncio.sleep(0.01)
            running.cancel()
        return (await running).result()

    for seconds in (1, 4, 16):  # until it was long enough for the process to begin
        expected = TimedOut if how == "timeout" else asyncio.CancelledError
        with pytest.raises(expected) as told:
            asyncio.run(scene(seconds if how == "timeout" else 60))
        if beside.exists():
            break
    if how == "timeout":
        assert f"did not answer within {seconds} seconds, and its process was killed" in str(told.value)
    assert all(map(gone, beside.read_text().split()))


ABANDONING = """
import asyncio, sys
from plugins.contract import tool_from
from plugins.tool import call
from tests.plugins.test_tool import CONTEXT
import lives_apart
tool = tool_from(lives_apart.hang, plugin="mine", entry="lives_apart")
asyncio.run(call(tool, {"beside": sys.argv[1]}, CONTEXT))
"""


@pytest.mark.skipif(not os.path.exists("/proc/self/stat"), reason="asks the kernel by its files")  # noqa: PTH110
def test_it_ends_with_all_that_it_started_when_whoever_started_it_is_killed(tools, tmp_path, request):
    beside = tmp_path / "processes"
    command = [sys.executable, "-c", ABANDONING, str(beside)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    with subprocess.Popen(command, cwd=request.config.rootpath, env=environment) as caller:
        while not (beside.exists() and len(beside.read_text().split()) == 2):
            threading.Event().wait(0.02)
        caller.kill()
    own, started = beside.read_text().split()
    assert gone(own)
    assert gone(started)


def test_what_is_not_installed_cannot_run_apart():
    def alone() -> str:
        """Do it. Use when asked."""
        return ""

    alone.apart = True
    with pytest.raises(BadTool, match="only an installed plugin is found: install it"):
        tool_from(alone, plugin="mine")
    alone.apart = "yes"
    with pytest.raises(BadTool, match="make it True or False"):
        tool_from(alone, plugin="mine", entry="mine")


def test_a_search_cannot_be_used_from_another_process():
    def look(context: ToolContext) -> str:
        """Look. Use when asked."""
        return ""

    look.apart = True
    with pytest.raises(BadTool, match="a process of its own has no search: remove one"):
        tool_from(look, plugin="mine", entry="mine")

"""Through curl one run uses the example plugin, a plugin that `plugins new` wrote, and an MCP server's tool."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from agent.journal.journal import Journal
from plugins.scaffold import write_plugin
from tests.agent.program import PROGRAM
from tests.messages_rules import search_results
from tests.messages_server import MessagesServer, cite, say, text, tool_use
from tests.places import ROOT

SERVER = ROOT / "tests" / "plugins" / "mcp_server.py"


def installed(folder, module, name):
    """What pip leaves beside a module that is a plugin."""
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[citewell]\n{module} = {module}\n")


@pytest.mark.slow
def test_three_kinds_of_tools_are_used_in_one_run(home, surroundings, tmp_path, monkeypatch):
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    plugins = tmp_path / "plugins"
    plugins.mkdir()
    shutil.copy(ROOT / "examples" / "citewell-dice" / "citewell_dice.py", plugins)
    installed(plugins, "citewell_dice", "citewell-dice")
    shutil.copy(write_plugin("weather", tmp_path)[0].parent / "weather.py", plugins)
    installed(plugins, "weather", "citewell-weather")
    tools = tmp_path / "tools.json"
    schema = {"type": "object", "properties": {"words": {"type": "string"}}, "required": ["words"]}
    tools.write_text(json.dumps([{"name": "echo", "description": "Say it. Use when: asked.", "inputSchema": schema}]))
    command = json.dumps([sys.executable, str(SERVER), str(tools)])
    Path("citewell.toml").write_text(f'[mcp.odd]\ncommand = {command}\neffects = {{ echo = "read" }}\n')
    called = {
        "mcp__odd__echo": {"words": "hello"},  # before something of no trust was read that it could tell
        "roll_dice": {"sides": 1},
        "weather_length": {"text": "three short words"},
    }

    def answer(body):
        found = search_results(body["messages"])
        number = next(n for n, one in enumerate(found) if "thirty days" in json.dumps(one))
        return say(text("Thirty days.", cite(number, 1)))

    calls = say(*(tool_use(name, given, id=f"t{n}") for n, (name, given) in enumerate(called.items())))
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(plugins)]),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "CITEWELL_AGENT_CITATIONS": "native",
    }
    with MessagesServer([calls, answer]) as model:
        environment["ANTHROPIC_BASE_URL"] = model.base_url
        subprocess.run([*PROGRAM, "trust", "--yes"], env=environment, check=True, capture_output=True)
        serve = [*PROGRAM, "serve", "--home", str(home), "--port", "0"]
        with subprocess.Popen(serve, env=environment, stderr=subprocess.PIPE, text=True) as process:
            try:
                while "Answering on" not in (line := process.stderr.readline()):
                    assert line
                port = re.search(r":(\d+) until", line)[1]
                asked = [*("-H", "Content-Type: application/json"), "-d", '{"question": "How long are logs kept?"}']
                done = subprocess.run(
                    [curl, "-s", f"http://127.0.0.1:{port}/ask", *asked], capture_output=True, text=True, timeout=60
                )
            finally:
                process.terminate()
                process.wait(30)
    told = json.loads(done.stdout)
    assert (told["status"], told["answer"]) == ("answered", "Thirty days. [1]"), told["reason"]
    journal = Journal(home / "journal.sqlite", read_only=True)
    acted = [entry.content for entry in journal.events(told["run"]) if entry.kind == "acted"]
    journal.close()
    assert [each["call"]["name"] for each in acted] == list(called), "told in their order"
    assert [each["authorization"] for each in acted] == ["ran"] * 3
    assert (acted[1]["text"], acted[2]["data"]) == ("1", {"words": 3, "letters": 15})
    assert "hello" in acted[0]["text"]

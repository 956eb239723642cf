"""Plugins are found by their entry points, and what one does wrong stops nothing else.

Every plugin here is a module with a real dist-info folder beside it, on the path as an installed one would be.
"""

import asyncio
import itertools
import json
import os
import subprocess
import sys
from pathlib import Path

import pluggy
import pytest

from ingest.model import Document
from plugins import manager
from plugins.manager import load_plugins
from plugins.tool import TimedOut, ToolFailed, ToolResult

BUILT_IN = [
    *("search_documents", "read_around", "list_documents", "describe_document", "count_documents"),
    *("calculate", "hand_over"),
]
NUMBERS = itertools.count()
HEAD = 'import pluggy\nhook = pluggy.HookimplMarker("citewell")\n'


def tools(*names, effect="read"):
    """The code of a plugin with these tools."""
    parts = [HEAD]
    for name in names:
        parts.append(f'def {name}(x: int) -> str:\n    "Do it. Use when asked."\n    return str(x)\n')
        parts.append(f'{name}.effect = "{effect}"\n')
    parts.append(f"@hook\ndef citewell_tools():\n    return [{', '.join(names)}]\n")
    return "".join(parts)


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts a plugin's code on the path, with the metadata that an installer would have written."""
    monkeypatch.syspath_prepend(tmp_path)
    modules = []

    def put(name, code, *, version="1.0", entries=None, site=tmp_path):
        module = f"plugin_under_test_{next(NUMBERS)}"
        modules.append(module)
        site.mkdir(exist_ok=True)
        (site / f"{module}.py").write_text(code)
        info = site / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        listed = "".join(f"{entry} = {module}{attribute}\n" for entry, attribute in (entries or {"main": ""}).items())
        (info / "entry_points.txt").write_text(f"[citewell]\n{listed}")
        return info

    yield put
    for module in modules:
        sys.modules.pop(module, None)


def failures(loaded):
    return {failure.plugin: failure.error for failure in loaded.failures}


def names(loaded):
    return {tool.name for tool in loaded.tools}.difference(BUILT_IN)


def test_the_built_in_plugin_is_there_once_and_whole():
    loaded = load_plugins()
    assert [tool.name for tool in loaded.tools if tool.plugin == "citewell"] == BUILT_IN
    assert [info.name for info in loaded.plugins].count("citewell") == 1
    assert all(tool.effect == "read" and not tool.warnings for tool in loaded.tools if tool.plugin == "citewell")
    assert loaded.failures == ()


def test_the_built_in_plugin_is_there_without_any_metadata(tmp_path, request):
    for installed in Path(pluggy.__file__).parent.parent.iterdir():
        if not installed.name.startswith(("citewell-", "_citewell", "__editable__")):
            (tmp_path / installed.name).symlink_to(installed)
    code = (
        "from plugins.manager import load_plugins; loaded = load_plugins()\n"
        "print([tool.name for tool in loaded.tools if tool.plugin == 'citewell'], loaded.plugins[0].version)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(request.config.rootpath)])}
    without_site = [sys.executable, "-S", "-c", code]
    ended = subprocess.run(
        without_site, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout == f"{BUILT_IN} unknown\n"


def test_metadata_that_names_the_built_in_plugin_again_does_not_load_it_again(install):
    info = install("other", tools("other_tool"))
    (info / "entry_points.txt").write_text("[citewell]\nagain = plugins.builtin\n")
    loaded = load_plugins()
    assert [tool.name for tool in loaded.tools] == BUILT_IN
    assert loaded.failures == ()


def test_stale_metadata_of_ours_is_named_and_the_built_in_tools_stay(install):
    info = install("citewell", tools("gone"), version="0.0.1")
    (info / "entry_points.txt").write_text("[citewell]\nbuiltin = plugins.moved_away\n")
    loaded = load_plugins()
    assert [tool.name for tool in loaded.tools] == BUILT_IN
    assert "plugins.moved_away" in failures(loaded)["citewell"]


def test_an_installed_plugin_brings_its_tools_under_its_distributions_name(install):
    install("Dice.Plugin", tools("roll"), version="2.3")
    loaded = load_plugins()
    assert [(info.name, info.version) for info in loaded.plugins][1:] == [("dice-plugin", "2.3")]
    assert [(tool.name, tool.plugin, tool.effect) for tool in loaded.tools if tool.name == "roll"] == [
        ("roll", "dice-plugin", "read")
    ]


def test_two_entry_points_of_one_distribution_are_two_plugins(install):
    code = HEAD + "class One:\n    @hook\n    def citewell_readers(self): return {'.one': print}\n"
    code += "class Two:\n    @hook\n    def citewell_readers(self): return {'.two': print}\none, two = One(), Two()\n"
    install("pair", code, entries={"b": ":two", "a": ":one"})
    loaded = load_plugins()
    assert [info.name for info in loaded.plugins][1:] == ["pair:a", "pair:b"]
    assert set(loaded.readers) == {".one", ".two"}
    version = loaded.plugins[-1].version
    assert loaded.reader_versions == {".one": f"pair:a {version}", ".two": f"pair:b {version}"}


def test_a_distribution_found_twice_on_the_path_is_the_first_one(install, tmp_path, monkeypatch):
    install("dice", tools("roll"), version="2.0")
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path / "later")])
    install("dice", tools("roll_old"), version="1.0", site=tmp_path / "later")
    loaded = load_plugins()
    assert [(info.name, info.version) for info in loaded.plugins][1:] == [("dice", "2.0")]
    assert names(loaded) == {"roll"}


BROKEN = {
    "import": ("import a_module_that_is_not_there", "No module named 'a_module_that_is_not_there'"),
    "syntax": ("def (", "SyntaxError"),
    "exit": ("raise SystemExit(3)", "SystemExit"),
    "panic": ("class Panic(BaseException): pass\nraise Panic('native library')", "native library"),
    "mute": (
        "class Mute(Exception):\n    def __str__(self): raise RuntimeError\nraise Mute",
        "Mute",
    ),
    "no-hooks": ("def citewell_tools(): return []", "no hooks: mark them"),
    "typo": (HEAD + "@hook\ndef citewell_tool(): return []", "unknown hook 'citewell_tool'"),
    "signature": (HEAD + "@hook\ndef citewell_tools(llm): return []", "llm"),
    "async": (HEAD + "@hook\nasync def citewell_before_tool_call(): pass", "plain functions"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_plugin_that_does_not_load_is_named_and_stops_nothing(install, caplog, kind):
    code, reason = BROKEN[kind]
    install("broken", code)
    install("alpha", tools("first"))
    install("zeta", tools("last"))
    loaded = load_plugins()
    assert names(loaded) == {"first", "last"}
    assert [info.name for info in loaded.plugins] == ["citewell", "alpha", "zeta"]
    assert list(failures(loaded)) == ["broken"]
    assert reason in failures(loaded)["broken"]
    assert "uninstall it" in failures(loaded)["broken"]
    assert "broken" in caplog.text


def test_an_interrupt_while_a_plugin_loads_is_the_users_and_goes_through(install):
    install("slow", "raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load_plugins()


def test_a_hook_that_raises_leaves_the_plugins_other_hooks(install):
    install(
        "half", HEAD + "@hook\ndef citewell_tools(): 1 / 0\n@hook\ndef citewell_readers(): return {'.org': print}\n"
    )
    loaded = load_plugins()
    assert set(loaded.readers) == {".org"}
    assert "citewell_tools failed (ZeroDivisionError" in failures(loaded)["half"]
    assert "half" in [info.name for info in loaded.plugins]


@pytest.mark.parametrize("returned", ["print", "None", "'roll'", "(x for x in [])", "{'a': 1}"])
def test_tools_that_are_not_a_list_are_named(install, returned):
    install("odd", HEAD + f"@hook\ndef citewell_tools(): return {returned}\n")
    loaded = load_plugins()
    assert names(loaded) == set()
    if returned != "None":  # which is how a hook says that it has nothing to say
        assert "must return a list of functions" in failures(loaded)["odd"]


def test_a_bad_tool_is_refused_alone(install):
    code = tools("good", "bad", "fine").replace("def bad(x: int)", "def bad(x)")
    install("mixed", code)
    loaded = load_plugins()
    assert names(loaded) == {"good", "fine"}
    assert "give it a type" in failures(loaded)["mixed"]


def test_two_tools_of_one_name_are_both_refused_naming_both_plugins(install):
    install("alpha", tools("roll", "first"))
    install("zeta", tools("roll", "last"))
    loaded = load_plugins()
    assert names(loaded) == {"first", "last"}
    for plugin, other in (("alpha", "zeta"), ("zeta", "alpha")):
        error = failures(loaded)[plugin]
        assert "roll" in error
        assert plugin in error
        assert other in error
        assert "rename" in error


def test_a_third_party_cannot_take_a_built_in_tools_place(install):
    install("aardvark", tools("search_documents", "mine"))
    install("zebra", tools("search_documents"))
    loaded = load_plugins()
    assert names(loaded) == {"mine"}
    assert [tool.plugin for tool in loaded.tools if tool.name == "search_documents"] == ["citewell"]
    for plugin in ("aardvark", "zebra"):
        assert "search_documents" in failures(loaded)[plugin]
        assert "citewell" in failures(loaded)[plugin]


def test_one_plugin_with_two_tools_of_one_name_has_both_refused(install):
    install("twice", tools("roll").replace("return [roll]", "return [roll, roll]"))
    loaded = load_plugins()
    assert names(loaded) == set()
    assert "twice again" in failures(loaded)["twice"]


def test_a_torn_file_of_another_distribution_is_named_and_stops_nothing(install):
    install("alpha", tools("first"))
    torn = install("torn", tools("second"))
    (torn / "entry_points.txt").write_bytes(b"[citewell]\nno equals sign here\n\xff\xfe")
    loaded = load_plugins()
    assert names(loaded) == {"first"}
    assert any("torn-1.0" in plugin for plugin in failures(loaded))


def test_a_plugin_without_metadata_goes_by_its_entry_points_name(install):
    info = install("bare", tools("roll"), entries={"dice": ""})
    (info / "METADATA").unlink()
    loaded = load_plugins()
    assert [(each.name, each.version) for each in loaded.plugins][1:] == [("dice", "unknown")]
    assert names(loaded) == {"roll"}


READER = HEAD + (
    "from ingest.model import Document\n"
    "def read(path, name):\n    yield Document(name, path.read_text())\n"
    "@hook\ndef citewell_readers(): return {'.ORG': read}\n"
)


def test_a_reader_is_known_by_its_suffix_and_reads(install, tmp_path):
    install("org", READER)
    loaded = load_plugins()
    (tmp_path / "a.org").write_text("* Heading")
    assert list(loaded.readers[".org"](tmp_path / "a.org", "docs/a.org")) == [Document("docs/a.org", "* Heading")]


def test_two_readers_of_one_suffix_are_both_refused_naming_both_plugins(install):
    install("alpha", READER)
    install("zeta", READER.replace(".ORG", ".org"))
    loaded = load_plugins()
    assert dict(loaded.readers) == {}
    assert "zeta" in failures(loaded)["alpha"]
    assert "alpha" in failures(loaded)["zeta"]


@pytest.mark.parametrize("suffix", ["'org'", "'.'", "'.tar.gz'", "'.a/b'", "3"])
def test_what_is_no_suffix_is_refused_alone(install, suffix):
    install("org", READER.replace("'.ORG'", f"'.ok': read, {suffix}"))
    loaded = load_plugins()
    assert set(loaded.readers) == {".ok"}
    assert "a reader is refused" in failures(loaded)["org"]


OBSERVER = HEAD + (
    "seen = []\n"
    "@hook\ndef citewell_before_tool_call(tool, arguments, run):\n"
    "    seen.append((tool, dict(arguments), run))\n    arguments['sides'] = 99\n"
    "@hook\ndef citewell_after_tool_call(tool, result):\n    seen.append((tool, result))\n"
)


def test_hooks_are_told_of_a_call_and_cannot_change_its_arguments(install):
    install("beta", OBSERVER)
    arguments = {"sides": 6}
    refused, left = told(load_plugins(), arguments)
    assert (refused, str(left), type(left)) == (None, "no", ToolFailed)
    assert arguments == {"sides": 6}
    assert observer().seen == [("roll", {"sides": 6}, "r-1"), ("roll", left)]


def observer():
    return next(sys.modules[module] for module in sys.modules if _is_observer(module))


def told(loaded, arguments, result=None, **more):
    """Why the call is refused, and what is left of its result."""

    async def both():
        refused = await loaded.before_tool_call("roll", arguments, "r-1", **more)
        return refused, await loaded.after_tool_call("roll", arguments, result or ToolFailed("no"), "r-1", **more)

    return asyncio.run(both())


def hooked(before="return None", after="return None"):
    return HEAD + (
        f"from plugins.tool import ToolResult\n@hook\ndef citewell_before_tool_call(arguments):\n    {before}\n"
        f"@hook\ndef citewell_after_tool_call(result):\n    {after}\n"
    )


def test_a_hook_that_gives_a_reason_refuses_the_call_and_each_reason_is_told(install):
    install("alpha", hooked("return 'no dice on Sundays'"))
    install("beta", hooked())
    install("gamma", hooked("return f'{arguments[\"sides\"]} is too many'"))
    refused, _ = told(load_plugins(), {"sides": 6})
    assert refused == "the plugin alpha refused it: no dice on Sundays; the plugin gamma refused it: 6 is too many"


@pytest.mark.parametrize("broken", ["raise SystemExit", "1 / 0", "return True", "return ''", "return ['no']"])
def test_a_hook_that_breaks_has_refused_since_it_may_have_meant_to(install, caplog, broken):
    install("alpha", hooked(broken))
    refused, _ = told(load_plugins(), {"sides": 6})
    assert refused == "the plugin alpha, which may refuse it, failed"
    assert "alpha: citewell_before_tool_call failed" in caplog.text


def test_what_hooks_return_after_a_call_takes_the_results_place_one_after_the_other(install):
    install("alpha", hooked(after="return ToolResult(result.text.replace('4711', '(number)'), data={'n': 1})"))
    install("beta", hooked())
    install("gamma", hooked(after="return result.text.upper()"))
    _, left = told(load_plugins(), {}, ToolResult("card 4711", data={"card": 4711}))
    assert left == ToolResult("CARD (NUMBER)")


def test_what_is_said_of_a_failed_call_can_be_redacted_and_it_stays_failed(install):
    install("alpha", hooked(after="return 'it failed'"))
    _, left = told(load_plugins(), {}, TimedOut("password: x"))
    assert (type(left), str(left)) == (TimedOut, "it failed")


@pytest.mark.parametrize("broken", ["raise SystemExit", "1 / 0", "return object()", "return ToolResult(7)"])
def test_a_result_is_withheld_when_what_may_redact_it_breaks(install, caplog, broken):
    install("alpha", hooked(after=broken))
    _, left = told(load_plugins(), {}, ToolResult("card 4711"))
    assert isinstance(left, ToolFailed)
    assert "withheld: the plugin alpha, which may take something out of it, failed" in str(left)
    assert "4711" not in str(left)
    assert "alpha: citewell_after_tool_call failed" in caplog.text


def test_a_hook_that_hangs_is_left_behind_and_keeps_no_other_waiting(install, caplog, monkeypatch):
    monkeypatch.setattr(manager, "HOOK_SECONDS", 0.05)
    install(
        "alpha", OBSERVER.replace("    seen.append", "    import threading; threading.Event().wait()\n    seen.append")
    )
    install("beta", OBSERVER)
    refused, left = told(load_plugins(), {"sides": 6}, seconds=60)
    assert "alpha, which may refuse it, did not answer within 0.05 seconds" in refused
    assert "withheld" in str(left)
    assert len(observer().seen) == 1
    for hook in ("before", "after"):
        assert f"alpha: citewell_{hook}_tool_call did not return within 0.05 seconds" in caplog.text


def test_a_hook_has_no_more_time_than_the_run(install, caplog):
    install(
        "alpha", OBSERVER.replace("    seen.append", "    import threading; threading.Event().wait()\n    seen.append")
    )
    told(load_plugins(), {"sides": 6}, seconds=0.01)
    assert "within 0.01 seconds" in caplog.text
    refused, left = told(load_plugins(), {"sides": 6}, ToolResult("card 4711"), seconds=-3)
    assert "did not answer within 0 seconds" in refused
    assert "4711" not in str(left)


@pytest.mark.parametrize("where", ["import", "tools", "readers"])
def test_a_plugin_that_does_not_come_back_while_it_loads_stops_nothing_else(install, monkeypatch, where):
    monkeypatch.setattr(manager, "LOADING_SECONDS", 0.1)
    hang = "__import__('threading').Event().wait()\n"
    code = hang if where == "import" else HEAD + f"@hook\ndef citewell_{where}():\n    {hang}"
    install("stuck", code)
    install("zeta", tools("roll"))
    loaded = load_plugins()
    assert "roll" in names(loaded)
    assert "did not load within 0.1 seconds" in failures(loaded)["stuck"]


def _is_observer(module):
    return module.startswith("plugin_under_test_") and getattr(sys.modules[module], "seen", None)


def test_a_scripts_own_plugin_comes_last_and_under_the_name_it_was_given(install):
    install("zeta", tools("last"))
    namespace = {}
    exec(tools("roll"), namespace)
    own = type("Own", (), {"citewell_tools": staticmethod(namespace["citewell_tools"])})()
    loaded = load_plugins(extra=[("mine", own), ("nothing", None)])
    assert [info.name for info in loaded.plugins] == ["citewell", "zeta", "mine"]
    assert names(loaded) == {"last", "roll"}
    assert "nothing" in failures(loaded)


def test_one_call_leaves_nothing_behind_for_the_next(install):
    install("alpha", tools("first"))
    assert load_plugins(extra=[("x", object())]).failures
    again = load_plugins()
    assert names(again) == {"first"}
    assert again.failures == ()


def test_the_order_is_by_name_and_not_by_the_file_system(install):
    for name in ("mid", "zeta", "alpha"):
        install(name, tools(f"tool_{name}"))
    assert [info.name for info in load_plugins().plugins] == ["citewell", "alpha", "mid", "zeta"]


@pytest.mark.slow
def test_the_plugin_a_user_copies_installs_and_is_found(tmp_path, request):
    root = Path(request.config.rootpath)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--target", tmp_path, root / "examples/citewell-dice"], check=True, timeout=120)
    code = (
        f"import sys; sys.path.append({str(tmp_path)!r})\n"
        "import asyncio; from plugins.manager import load_plugins; from plugins.tool import call\n"
        "loaded = load_plugins(); tool = next(t for t in loaded.tools if t.name == 'roll_dice')\n"
        "print(tool.plugin, tool.effect, tool.warnings, loaded.failures)\n"
        "from tests.plugins.test_tool import CONTEXT\n"
        "print(asyncio.run(call(tool, {'sides': 1}, CONTEXT)).result().text)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout == "citewell-dice read () ()\n1\n"


def test_what_the_built_in_tools_say_of_themselves_is_short_since_every_turn_pays_for_it():
    told = [json.dumps([tool.name, tool.description, tool.schema]) for tool in load_plugins().tools]
    assert sum(map(len, told)) < 5_500

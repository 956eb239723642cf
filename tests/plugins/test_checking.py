"""A plugin is checked to the end, whatever one of its tools does to the process."""

import sys

import pytest

from plugins.checking import check_apart
from plugins.conformance import NoPlugin

CODE = """
import os, re
import pluggy

def made(function, **attributes):
    function.__doc__ = "Do it.\\n\\nUse when: asked to."
    for name, value in {"effect": "read", **attributes}.items():
        setattr(function, name, value)
    return function

def holds() -> str:
    re.match("(a+)+$", "a" * 60 + "b")
    return "never"

def leaves() -> str:
    os._exit(7)

def shouts() -> str:
    os.write(1, b"no JSON\\n")
    return "x"

@pluggy.HookimplMarker("citewell")
def citewell_tools():
    return [made(holds, timeout=0.1), made(leaves), made(shouts)]
"""


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    (tmp_path / "holding.py").write_text(CODE)
    info = tmp_path / "holding-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: holding\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[citewell]\nholding = holding\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "holding"
    sys.modules.pop("holding", None)


@pytest.mark.slow
def test_a_tool_that_holds_or_ends_the_process_is_found_and_the_others_are_checked(plugin):
    found = check_apart(plugin, spare=1.0)
    wrong = {(each.tool, each.check): each.detail for each in found if not each.ok}

    assert set(wrong) == {("holds", "leaves the process alone"), ("leaves", "leaves the process alone")}
    assert "so that no timeout ends it: set holds.apart = True" in wrong["holds", "leaves the process alone"]
    assert "it ended the process (exit code 7): set leaves.apart" in wrong["leaves", "leaves the process alone"]
    assert ("shouts", "gives a result") in {(each.tool, each.check) for each in found}
    assert len({(each.tool, each.check) for each in found}) == len(found), "nothing is checked twice"


def test_one_that_is_not_there_is_said():
    with pytest.raises(NoPlugin, match="There is no plugin 'nope'"):
        check_apart("nope")

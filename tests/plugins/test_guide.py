"""The code of the guide for plugins does what the guide says."""

import asyncio
import re
import types

import pytest

from plugins.contract import tool_from
from plugins.manager import load_plugins
from plugins.tool import ToolFailed, ToolResult, call
from tests.plugins.test_tool import CONTEXT


@pytest.fixture
def code(request):
    """The block of code in the guide that holds some words."""
    text = (request.config.rootpath / "docs" / "plugins.md").read_text("utf-8")

    def find(words):
        [found] = [each for each in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if words in each]
        return found

    return find


def test_the_guides_hooks_refuse_mail_to_strangers_and_leave_account_numbers_out(code):
    module = types.ModuleType("hooks_of_the_guide")
    exec(code("def citewell_before_tool_call"), vars(module))
    loaded = load_plugins(extra=[("guide", module)])

    def refused(tool, **arguments):
        return asyncio.run(loaded.before_tool_call(tool, arguments, "r-1"))

    def left(result):
        return asyncio.run(loaded.after_tool_call("look", {}, result, "r-1"))

    assert refused("send_mail", to="ana@example.org") is None
    assert refused("other") is None
    assert refused("send_mail", to="x@evil.test") == (
        "the plugin guide refused it: mail goes to our own addresses only"
    )
    assert left(ToolResult("pay to IBAN DE02120300000000202051 today")).text == "pay to IBAN (left out) today"
    assert left(ToolResult("nothing of the kind")).text == "nothing of the kind"
    assert str(left(ToolFailed("it failed"))) == "it failed"


def test_the_guides_refund_hands_the_key_on_and_is_the_same_for_the_same_call(code):
    made = []

    def refund(order, amount, *, key):
        made.append(key)
        return "refunded"

    namespace = {"payments": types.SimpleNamespace(refund=refund)}
    exec(code("def refund("), namespace)
    tool = tool_from(namespace["refund"], plugin="guide")
    for amount in (5, 5.0, 6):
        assert asyncio.run(call(tool, {"order": "A-1", "amount": amount}, CONTEXT)).result().text == "refunded"
    assert made[0] == made[1] != made[2]
    assert (tool.effect, tool.idempotent) == ("external", True)

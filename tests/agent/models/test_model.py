"""What stands between the loop and a model: messages, and nothing of how the loop comes to them."""

import ast
from pathlib import Path

from agent import models
from agent.models.model import Question, Results, shown
from agent.state import Observation, Passage, Reply, ToolCall

OF_THE_LOOP = {"Retrieve", "Think", "Act", "Check", "State", "Turn", "evidence_of"}
CALL = ToolCall("c1", "look", {})


def passage(number):
    return Passage(number, "document", "guide/a.md", "A", "Yes.", 0, 4, ((0, 4),))


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "agent.state":
            yield from (name.name for name in node.names)


def test_no_model_knows_a_state_of_the_loop():
    files = sorted(Path(models.__path__[0]).rglob("*.py"))
    assert {path.name for path in files} > {"claude.py", "extractive.py", "messages.py"}
    known = {path.name: OF_THE_LOOP & set(imported(path)) for path in files}
    assert {name: states for name, states in known.items() if states} == {}


def test_what_a_model_may_cite_is_what_was_found_first_and_what_its_tools_gave_back():
    asked = Question("?", (passage(0), passage(1)))
    given = Results((Observation(CALL, "one", (passage(2),)), Observation(CALL, "none")))

    assert [each.number for each in shown([asked, Reply((), (CALL,), "calls"), given])] == [0, 1, 2]

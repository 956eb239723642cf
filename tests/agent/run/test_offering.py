"""Of many tools a model is offered those that fit the question, and what it found or called; of few, all."""

import asyncio
from contextlib import aclosing, closing

import pytest

from agent.journal.journal import Journal
from agent.run.deps import Deps, Oversight, Run
from agent.run.loop import run
from agent.run.offering import FEW, FINDER, offered, with_finder
from agent.state import Think
from plugins.contract import tool_from
from plugins.manager import load_plugins
from tests.agent.run.scripted import MOVES, Scripted, Shelf, Watchers, calling

DOES = {
    "send_mail": "Send a mail to somebody",
    "book_room": "Book a meeting room",
    "convert_currency": "Convert an amount of money into another currency",
    "weather": "Tell the weather forecast of a city",
    "translate_text": "Translate a text into another language",
    **{f"machine_{number}": f"Start machine number {number}" for number in range(30)},
}


def made(name, does):
    def function(x: str = "") -> str:
        return f"{name} did it"

    function.__name__, function.__doc__, function.effect = name, f"{does}.\n\nUse when: asked to.", "read"
    return tool_from(function, plugin="mine")


MANY = with_finder([*load_plugins().tools, *(made(*each) for each in DOES.items())])


def names(tools):
    return [tool.name for tool in tools]


def asked(question, tools=MANY):
    return names(offered(tools, Think(question, ())))


def test_few_tools_are_all_offered_and_need_no_finder():
    few = load_plugins().tools
    assert len(few) <= FEW
    assert with_finder(few) == few
    assert asked("Who walks the zebra?", few) == names(few)


def test_of_many_those_are_offered_that_share_words_with_the_question_with_the_search_and_the_finder():
    seen = asked("Translate the mail and book rooms for the meetings")
    assert {"search_documents", FINDER, "send_mail", "book_room", "translate_text"} <= set(seen)
    assert len(seen) <= FEW
    assert "weather" not in seen
    assert seen == [name for name in names(MANY) if name in seen], "in the order in which they stand"


@pytest.mark.parametrize("question", ["zebra", "", "???", "Wie wird das Wetter?"])
def test_a_question_that_fits_no_tool_leaves_the_search_and_the_finder(question):
    assert asked(question) == ["search_documents", FINDER]


def test_of_more_that_fit_than_may_be_offered_the_best_are():
    seen = asked("Start machine number 17")
    assert len(seen) == FEW
    assert "machine_17" in seen


class Noting(Scripted):
    """Notes what it is offered each time."""

    def reply(self, messages, tools, **more):
        self.seen.append(names(tools))
        return super().reply(messages, tools, **more)


def test_what_was_found_can_be_called_and_stays_on_offer(tmp_path):
    shelf, model = Shelf(set()), Noting(["find", "use", "look"])
    model.seen = []
    with closing(Journal(tmp_path / "journal.sqlite")) as journal, pytest.MonkeyPatch.context() as patch:
        patch.setitem(MOVES, "find", calling(FINDER, task="forecast the weather"))
        patch.setitem(MOVES, "use", calling("weather", x="Rome"))
        patch.setitem(MOVES, "look", calling("machine_3"))  # though it is not on offer

        async def follow():
            parts = Run("r-1", "Who walks the zebra?"), Deps(shelf, shelf, model, Watchers(), MANY), Oversight(journal)
            async with aclosing(run(*parts)) as items:
                async for _ in items:
                    pass

        asyncio.run(follow())
        acted = [event.content for event in journal.events("r-1") if event.kind == "acted"]
    base = ["search_documents", FINDER]
    assert [sorted(set(seen) - set(base)) for seen in model.seen] == [
        [],
        ["weather"],
        ["weather"],
        ["machine_3", "weather"],
        ["machine_3", "weather"],  # its answer went back
    ]
    assert acted[0]["data"] == {"tools": ["weather"]}
    assert "weather: Tell the weather forecast of a city." in acted[0]["text"]
    assert acted[0]["passages"] == [], "what tools there are is no evidence"
    assert [event["success"] for event in acted] == [True] * 3


def test_a_finder_that_finds_nothing_names_what_there_is():
    finder = next(tool for tool in MANY if tool.name == FINDER)
    result = finder.function(task="zebra")
    assert "machine_29" in result.note
    assert result.data is None


def test_the_tool_that_finds_others_is_described_once_and_finds_among_those_of_its_run():
    def made(name):
        def tool(words: str = "") -> str:
            """Use when: asked."""
            return words

        tool.__name__, tool.__doc__, tool.effect = name, f"Do {name}. Use when: asked.", "read"
        return tool_from(tool, plugin="mine")

    one, other = ([made(f"{kind}_{number}") for number in range(FEW + 1)] for kind in ("boil", "freeze"))
    finders = [with_finder(tools)[-1] for tools in (one, other)]

    assert finders[0].name == FINDER
    assert finders[0].arguments is finders[1].arguments, "an idle run holds no copy of it"
    found = [finder.function(task="boil 1") for finder in finders]
    assert "boil_1" in found[0].data["tools"]
    assert all(name.startswith("freeze") for name in (found[1].data or {}).get("tools", []))

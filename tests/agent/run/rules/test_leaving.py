"""What only some may see is told to no tool that may tell it elsewhere, be that declared or not said at all."""

from dataclasses import replace

import pytest

from agent.state import Answered, AwaitingApproval
from ingest.model import Document
from plugins.contract import tool_from
from tests.agent.run.rules.test_suspecting import Holds
from tests.agent.run.test_governed import TOOLS, ended, journal, parts

__all__ = ["journal"]
SECRET = "The offer to the northern branch is 4711 EUR, until the first of May at the latest."
ASKED = 'What is the offer? Look up "northern branch".'
TOLD = []


def looking(**declared):
    def find(query: str = "", limit: int = 5) -> str:
        """Find something elsewhere. Use when asked."""
        TOLD.append(query)
        return "Nothing."

    find.effect = "read"
    for name, value in declared.items():
        setattr(find, name, value)
    return tool_from(find, plugin="finder")


def asked(journal, query, tool, *, labels=("board",), name="offers.md", asked=ASKED):
    TOLD.clear()
    shelf = Holds(SECRET, name)
    this, deps, over = parts(journal, [("find", {"query": query})], charter="", shelf=shelf, asked=asked)
    document = Document(name=name, text=SECRET, labels=frozenset(labels))
    end = ended(this, replace(deps, tools=(*TOOLS, tool), document=lambda _: document), over)
    return end, [*TOLD]


STRETCH = "the offer to the northern branch is 4711"


@pytest.mark.parametrize("declared", [{}, {"leaves": True}])
@pytest.mark.parametrize("query", [STRETCH, "4711", "Offer to the\u200b Northern Branch is so and so"])
def test_words_of_a_labelled_document_ask_before_they_are_told_elsewhere(journal, declared, query):
    end, told = asked(journal, query, looking(**declared))
    assert (type(end), told) == (AwaitingApproval, [])
    assert "query holds words of offers.md, which not everybody sees" in end.reason


@pytest.mark.parametrize(
    ("query", "declared", "labels"),
    [
        ("northern branch", {}, ("board",)),
        ("terms of our branches up north", {}, ("board",)),
        (STRETCH, {"leaves": False}, ("board",)),
        (STRETCH, {}, ()),
    ],
)
def test_what_who_asked_said_and_what_stays_or_everybody_sees_goes_alone(journal, query, declared, labels):
    end, told = asked(journal, query, looking(**declared), labels=labels)
    assert (type(end), told) == (Answered, [query])


@pytest.mark.parametrize(("labels", "alone"), [(("board",), False), ((), True)])
def test_a_tool_that_does_not_say_counts_as_leaving_once_something_was_read_that_not_everybody_sees(
    journal, labels, alone
):
    end, told = asked(journal, "b2ZmZXIgNDcxMQ", looking(), labels=labels, name="offers.eml")
    assert (isinstance(end, Answered), bool(told)) == (alone, alone)


def test_what_the_question_says_is_theirs_to_tell(journal):
    end, told = asked(journal, STRETCH, looking(), asked=f"Look up {STRETCH}")
    assert (type(end), told) == (Answered, [STRETCH])

"""Who says that they want a person is heard, in everyday words of five languages, and who speaks of people is not."""

import json
from itertools import product

import pytest

from agent.governance.tracing.persons import asks_for_person
from tests.places import ROOT

SAID = [json.loads(line) for line in (ROOT / "benchmarks" / "asking_persons.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("I want to speak to a human.", True),
        ("Can I talk to someone?", True),
        ("Please connect me with an agent", True),
        ("Kann ich mit einem Mitarbeiter sprechen?", True),
        ("Quiero hablar con una persona", True),
        ("转人工客服", True),
        ("Do I need a manager's approval?", False),
        ("Who is the person responsible?", False),
        ("How many people speak Basque?", False),
        ("Which agent cleans copper?", False),
    ],
)
def test_who_wants_a_person_is_understood_and_who_speaks_of_one_is_not(question, wanted):
    assert asks_for_person(question) == wanted


@pytest.mark.parametrize(("half", "least"), [("seen", 35), ("aside", 18)])
def test_of_the_measured_wordings_as_many_are_heard_as_is_told_and_none_is_heard_wrongly(half, least):
    """The half that was set aside was not looked at when the forms were written."""
    heard = {asks: [one for one in SAID if one["half"] == half and one["asks"] is asks] for asks in (True, False)}
    assert [len(heard[True]), len(heard[False])] == [36, 36]
    found = {
        asks: [one["question"] for one in ones if asks_for_person(one["question"])] for asks, ones in heard.items()
    }
    assert (len(found[True]) >= least, found[False]) == (True, [])


@pytest.mark.parametrize(
    ("before", "behind"),
    list(product(["", "x" * 5_000 + " "], ["", " and so on" * 900])),
    ids=["alone", "last", "first", "amid"],
)
def test_it_is_heard_at_either_end_of_a_long_question(before, behind):
    assert asks_for_person(f"{before}I want a person.{behind}") != bool(before and behind)

"""A refusal names what is missing as a person would: things by their names, no verbs, no words that only ask."""

import pytest

from agent.evidence.passages import passages
from agent.models.quoting.asked import read
from agent.models.quoting.lacking import unsaid
from retrieval.model import Chunk, Hit

MUSEUM = "The museum has its entrance at the river. Tickets are the property of the school. The bridge has an office."


def named(question):
    shown = passages([Hit(Chunk("a", 0, len(MUSEUM), MUSEUM), 1.0)], first=0)
    said = unsaid(read(question, ("en",)), shown)
    return said.removeprefix("The passages that were found say nothing of ").removesuffix(".")


@pytest.mark.parametrize(
    ("question", "things"),
    [
        ("How do I get my lost property back?", "“lost property”"),
        ("Does the museum accept dogs?", "“dogs”"),
        ("Is there a wheelchair ramp at the entrance?", "“wheelchair ramp”"),
        ("When was the old viaduct demolished?", "“viaduct”"),
        ("What is the museum's annual budget for heating?", "“annual budget” or “heating”"),
        ("Who is responsible for data protection?", "“data protection”"),
        ("How do I apply for parental leave?", "“parental leave”"),
        ("Wer hat die alte Seilbahn am Fluss gebaut?", "“Seilbahn” or “Fluss”"),
        ("How tall is the Eiffel Tower?", "“Eiffel Tower”"),
        ("Which allergens, colourings and preservatives are in the soup?", "“allergens” or “colourings”"),
    ],
)
def test_what_is_missing_is_named_as_a_thing(question, things):
    assert named(question) == things


@pytest.mark.parametrize(
    "question",
    [
        "What happens if the bridge is restored?",
        "How do I roll back to an earlier one?",
        "Where do you store tickets anywhere else?",
        "Who paints the bridge?",
        "Who won?",
    ],
)
def test_where_only_words_that_tell_nothing_are_missing_none_is_named(question):
    assert named(question) == ""

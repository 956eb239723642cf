"""Which questions a question asks: as many as it has parts, or one of each thing that it compares."""

import pytest

from agent.models.quoting.parts import parts


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("When was the pump built and who made it?", ["When was the pump built?", "who made the pump?"]),
        ("Who sent the parcel and when?", ["Who sent the parcel?", "when sent the parcel?"]),
        (
            "Where is the desk, when does it open and who runs it?",
            ["Where is the desk?", "when does the desk open?", "who runs the desk?"],
        ),
        ("What are the price and the weight of it?", ["What is the price of it?", "What is the weight of it?"]),
        (
            "Is the red pump cheaper than the blue pump?",
            ["What is the price of red pump?", "What is the price of blue pump?"],
        ),
        ("How does a list differ from a tuple?", ["What is list?", "What is tuple?"]),
        ("Does the shop close later than the bar?", ["When Does the shop close?", "When Does the bar close?"]),
        ("How do I install and run it?", ["How do I install and run it?"]),
        ("May I bring dogs or cats?", ["May I bring dogs or cats?"]),
        ("Why is there no version 2.8?", ["Why is there no version 2.8?"]),
    ],
)
def test_a_question_is_taken_apart_where_it_asks_for_several_things(question, asked):
    assert [part.question for part in parts(question)] == asked

"""What is asked for: the words of a question, its names, signs and numbers."""

import pytest

from agent.models.quoting.asked import read


@pytest.mark.parametrize(
    ("question", "names", "numbers"),
    [
        ("Who is the maker of the Orlo pump?", ("Orlo",), ()),
        ("What is the precedence of `@`?", ("@",), ()),
        ("Why can't I use := without it?", (":=",), ()),
        ("What does -> mean, and what a - b?", ("->",), ()),
        ("Who made annual-report.pdf?", ("annual-report.pdf",), ()),
        ("What does time.process_time do in 3.13?", ("time.process_time",), ("3.13",)),
        ("WHO MADE IT?", (), ()),
        ("What was the turnover in May 2021?", ("May",), ("2021",)),
        ("May it be oiled, and what may break?", (), ()),
    ],
)
def test_names_signs_and_numbers_are_as_they_are_written(question, names, numbers):
    asked = read(question, ["en"])

    assert (asked.names, asked.numbers) == (names, numbers)


@pytest.mark.parametrize("question", ["How often is it oiled?", "Which kind of thing is oiled?", "Can't it be oiled?"])
def test_what_only_asks_is_no_word_of_what_is_asked_for(question):
    assert "oil" in read(question, ["en"]).words["en"]
    assert not read(question, ["en"]).words["en"] & {"often", "kind", "can't", "long"}


def test_each_pair_of_letters_of_chinese_is_weighed_by_itself():
    ordered = read("谁发明了水泵", ["zh"]).ordered["zh"]

    assert len(ordered) > 5
    assert all(len(token) == 1 for token in ordered)

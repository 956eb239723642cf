"""What of a passage could be an answer: sentences, rows, labels, items; nothing that says nothing by itself."""

import pytest

from agent.evidence.passages import passages
from agent.models.quoting.candidates import candidates
from ingest.model import Chunk
from retrieval.model import Hit


def found(text, context="", headings=()):
    chunk = Chunk("a", 0, len(text), text, context=context, headings=headings)
    (passage,) = passages([Hit(chunk, 1.0)], first=0)
    return list(candidates(passage, [], frozenset()))


TABLE = "| Bolt | Torque |\n| --- | --- |\n| M8 | 25 |\n| M10 | 49 |"


def test_a_row_is_a_candidate_with_the_head_of_its_table():
    assert [(each.text, each.head) for each in found(TABLE)] == [
        ("| M8 | 25 |", "| Bolt | Torque |"),
        ("| M10 | 49 |", "| Bolt | Torque |"),
    ]


def test_the_head_of_a_table_that_began_before_the_passage_stands_in_its_context():
    (row,) = found("| M10 | 49 |", context="Bolts\n| Bolt | Torque |")

    assert (row.shape, row.head) == ("row", "| Bolt | Torque |")


def test_a_first_row_that_names_its_neighbours_is_no_head():
    first, second = found("| Name: | Orlo Pumps | |\n| --- | --- | --- |\n| Commission: | 10% | |")

    assert (first.text, second.head) == ("| Name: | Orlo Pumps | |", "")


@pytest.mark.parametrize("first", ["| alpha 1 | 31 Dec 2002 |", "| Brass | $12.50 |", "| Ada | ada@example.org |"])
def test_a_first_row_of_dates_amounts_or_addresses_is_no_head(first):
    rows = found(f"{first}\n| --- | --- |\n| final | 29 Jul 2003 |")

    assert [(each.text, each.head) for each in rows] == [(first, ""), ("| final | 29 Jul 2003 |", "")]


def test_a_first_row_that_is_marked_as_the_next_or_holds_a_sentence_is_no_head():
    for first, second in (
        ("| *name* | the class |", "| *bases* | its bases |"),
        ("| a | It is kept for long. |", "| b | c |"),
    ):
        assert [(each.text, each.head) for each in found(f"{first}\n| --- | --- |\n{second}")] == [
            (first, ""),
            (second, ""),
        ]


def test_a_row_is_one_whatever_stands_in_its_cells():
    (row,) = found("| Module | Has a keeper? | Instead |\n| --- | --- | --- |\n| aifc | Yes. No? | None |")

    assert (row.text, row.head) == ("| aifc | Yes. No? | None |", "| Module | Has a keeper? | Instead |")


def test_a_candidate_knows_the_nearest_heading_above():
    first, second = found("It is slow.\n\n## Opening hours\n\nThe desk is open.", headings=("Speed",))

    assert (first.heading, second.heading) == ("Speed", "## Opening hours")


def test_a_sentence_that_is_set_as_code_is_prose():
    text = "Mind this:\n\n    Do not open the valve under pressure.\n\nThen go."
    chunk = Chunk("a", 0, len(text), text)
    (passage,) = passages([Hit(chunk, 1.0)], first=0)

    told = candidates(passage, [(text.index("Do"), text.index("Then"))], frozenset())

    assert [(each.text, each.shape) for each in told] == [
        ("Do not open the valve under pressure.", "prose"),
        ("Then go.", "prose"),
    ]


@pytest.mark.parametrize(
    ("before", "code"),
    [("Open it so:\n\n", "    a.open()\n\n    b.shut(1. / x)"), ("Open it.\n\n", "```\na.open()\n\nb\n```")],
)
def test_code_is_one_candidate_below_the_sentence_before_it(before, code):
    text = f"{before}{code}\n\nThen go."
    chunk = Chunk("a", 0, len(text), text)
    (passage,) = passages([Hit(chunk, 1.0)], first=0)
    span = (len(before), len(before + code))

    (found,) = [each for each in candidates(passage, [span], frozenset()) if each.shape == "code"]

    assert (found.text, found.head) == (code.strip(), before.strip())
    assert not any(each.shape == "code" for each in candidates(passage, [(0, span[1])], frozenset()) if each.first)


def test_code_that_is_cut_by_the_end_of_a_passage_is_none():
    text = "Open it so:\n\n    a.open()"
    chunk = Chunk("a", 0, len(text), text)
    (passage,) = passages([Hit(chunk, 1.0)], first=0)

    assert [each.shape for each in candidates(passage, [(13, len(text) + 40)], frozenset())] == []


def test_a_line_that_announces_and_says_something_is_a_candidate():
    assert [
        each.text for each in found("Rejected on the advice of Ada Brook:\n\nNo use is seen.\n\nFor example:\n\nNone.")
    ] == [
        "Rejected on the advice of Ada Brook:",
        "No use is seen.",
        "None.",
    ]


def test_a_column_may_be_called_after_a_year():
    assert [each.head for each in found("| Item | 2024 |\n| --- | --- |\n| Rent | 12 |")] == ["| Item | 2024 |"]


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("Phone: +1 555 0142", "label"),
        ("TOTAL $821.14", "prose"),
        ("- Saturday: 9:00-13:00", "item"),
        ("- tape", "item"),
        ("3. Check the seal.", "item"),
        ("Logs stay.", "prose"),
    ],
)
def test_a_short_line_that_says_something_is_a_candidate(text, shape):
    assert [(each.text, each.shape) for each in found(text)] == [(text, shape)]


@pytest.mark.parametrize(
    "text",
    [
        "# Opening hours",
        "**Opening hours**",
        "Opening hours\n=============",
        "| Bolt | Torque |\n| --- | --- |",
        "| --- | --- |",
        "```python",
        "- [Opening hours](hours.md)",
        "1. [Opening hours](#opening-hours)",
        "Opening hours ............ 12",
        "1 Opening hours . . . . . . . 3\n2 What is in the box . . . . . . . xi",
        "3 Charging ________ 5\n4 Cleaning …… 14",
        "When is the workshop open?",
        "* * *",
    ],
)
def test_what_says_nothing_by_itself_is_none(text):
    assert found(text) == []


def test_a_short_line_that_announces_a_list_can_be_quoted_with_it():
    assert found("The box holds:\n\n- a battery\n- a key")[0].text == "The box holds:"


def test_a_numbered_line_that_stands_alone_is_a_heading_and_one_among_others_is_none():
    text = "3.1 Charging the battery\n\nIt takes long.\n\nBrook Ltd.\n12 Mill Lane\nHarbour\n\n4 Harbour Street"
    told = [(each.text, each.heading) for each in found(text)]

    assert told[0] == ("It takes long.", "3.1 Charging the battery")
    assert any("12 Mill Lane" in each for each, _ in told)


def test_items_know_the_line_that_announces_them_and_else_the_heading_above():
    announced = found("Closed on these days:\n\n- Sunday\n- Monday")
    below = found("## Closed days\n\n- Sunday\n- Monday")

    assert [(each.text, each.head) for each in announced[-2:]] == [
        ("- Sunday", "Closed on these days:"),
        ("- Monday", "Closed on these days:"),
    ]
    assert [each.head for each in below] == ["## Closed days", "## Closed days"]


def test_a_pronoun_knows_the_sentence_before_it():
    _, second = found("The pump was made by Orlo in 1987. It runs day and night without a pause.")

    assert second.head == "The pump was made by Orlo in 1987."

"""What can be cited by itself: sentences, and each line of a text that is lines of labels with their values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.evidence.passages import blocks, passages
from ingest.model import Chunk
from retrieval.model import Hit

WRAPPED = "First `start.py: main` checks it and turns its faults\ninto codes; `go.py: ask` is what runs."


def cut(text):
    return [text[start:end] for start, end in blocks(text)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("Phone: +1 555 0142\nRoom: B12\nChat: #help", ["Phone: +1 555 0142", "Room: B12", "Chat: #help"]),
        ("pump:\n  host: a.example\n  port: 8443", ["pump:", "host: a.example", "port: 8443"]),
        ("SUBTOTAL $863.91\nSales Tax (8.5%) $66.23\nTOTAL $821.14", None),
        ("Author: Ada Brook,\n  Ben Castle\nStatus: Final", ["Author: Ada Brook,\n  Ben Castle", "Status: Final"]),
        ("Note: these rest on a plan\nof spring.", ["Note: these rest on a plan\nof spring."]),
        ("Contact\nphone: 0142\nroom: B12", ["Contact", "phone: 0142", "room: B12"]),
        ("serial number: 7, of the old pump in the yard\nsupply: 230 V", None),
        ("`port`: 8443\n`host`: a.example", ["`port`: 8443", "`host`: a.example"]),
        (WRAPPED, [WRAPPED]),
        ("The pump is of 1987.\nIt runs by night.", ["The pump is of 1987.", "It runs by night."]),
    ],
)  # fmt: skip
def test_a_line_is_a_block_where_lines_are_labels_with_their_values(text, parts):
    assert cut(text) == (parts or text.splitlines())


@given(st.text(st.sampled_from("ab: \n1.|-A%)"), max_size=120))
def test_nothing_but_white_space_lies_between_two_blocks(text):
    spans = blocks(text)
    left = [
        text[a:b]
        for a, b in zip([0, *(end for _, end in spans)], [*(start for start, _ in spans), len(text)], strict=True)
    ]

    assert not "".join(left).strip()
    assert all(start < end for start, end in spans)


def test_what_dots_lead_to_belongs_to_the_line_that_they_stand_in():
    assert cut(
        "Please order at the bar.\nTomato soup ...... 6.50\nBread . . . . . . . € 3\nWe waited.... It came."
    ) == [
        "Please order at the bar.",
        "Tomato soup ...... 6.50",
        "Bread . . . . . . . € 3",
        "We waited....",
        "It came.",
    ]


@pytest.mark.parametrize("name", ["a.yaml", "b/a.YML", "c.zip!/a.toml", "a.ini", "a.properties"])
def test_each_line_of_a_file_of_settings_can_be_cited_by_itself(name):
    text = "# Seconds? Yes. They count.\nwait: 20\n\n  tries: 4\n"
    (found,) = passages([Hit(Chunk(name, 0, len(text), text), 1.0)])

    assert [found.block_text(block) for block in range(len(found.blocks))] == [
        "# Seconds? Yes. They count.",
        "wait: 20",
        "tries: 4",
    ]

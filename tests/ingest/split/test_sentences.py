"""Are sentences found where a reader sees them, and is nothing lost between two?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.split.sentences import sentences

PIECES = st.one_of(
    st.sampled_from(
        [
            "Dr.",
            "e.g.",
            "U.S.",
            "3.14",
            "Well?!",
            "(yes.)",
            "…",
            "终わり。",
            "「はい。」",
            "- ",
            "1. ",
            "# ",
            "|",
            "```",
        ]
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8),
)
TEXTS = st.lists(st.tuples(PIECES, st.sampled_from([" ", "\n", "\n\n", ""])), max_size=30).map(
    lambda pieces: "".join(piece + gap for piece, gap in pieces)
)


def texts_of(text):
    return [text[start:end] for start, end in sentences(text)]


@given(TEXTS)
def test_spans_are_ordered_and_only_white_space_lies_between(text):
    reached = 0
    for start, end in sentences(text):
        assert reached <= start < end <= len(text)
        assert not text[reached:start].strip()
        assert text[start:end] == text[start:end].strip()
        reached = end
    assert not text[reached:].strip()


@given(TEXTS, st.integers(0, 60), st.integers(0, 60))
def test_a_part_of_a_text_has_the_sentences_of_that_part(text, start, length):
    start = min(start, len(text))
    end = min(len(text), start + length)
    spans = sentences(text, start, end)
    assert all(start <= first < last <= end for first, last in spans)
    covered = "".join(text[first:last] for first, last in spans)
    assert "".join(covered.split()) == "".join(text[start:end].split())


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three? Four", ["One.", "Two!", "Three?", "Four"]),
        ("Ask Dr. Lee, e.g. at 3.14 p.m. It helps.", ["Ask Dr. Lee, e.g. at 3.14 p.m.", "It helps."]),
        ("J. R. Hartley wrote it. I did. You too.", ["J. R. Hartley wrote it.", "I did.", "You too."]),
        ("See Fig. 3 and vol. 2. Then go.", ["See Fig. 3 and vol. 2.", "Then go."]),
        (
            "Am 6. Oktober 1973 begann es. Es war das 20. Jahrhundert. Zimmer 6. Oben.",
            ["Am 6. Oktober 1973 begann es.", "Es war das 20. Jahrhundert.", "Zimmer 6.", "Oben."],
        ),
        ('He said "Stop." Then he left.', ['He said "Stop."', "Then he left."]),
        ("wait... and see. Done.", ["wait... and see.", "Done."]),
        (
            "It is one.[78] So.[^1] See it.^3 Next.[2]:301 End",
            ["It is one.[78]", "So.[^1]", "See it.^3", "Next.[2]:301", "End"],
        ),
        (
            "Windows 95 Plus! pack was sold, z. B. Spiele. Yes! No.",
            ["Windows 95 Plus! pack was sold, z. B. Spiele.", "Yes!", "No."],
        ),
        ("links\n[one]: http://x\n[two]: http://y", ["links", "[one]: http://x", "[two]: http://y"]),
        ("is an alias for\n:data:`x`, so", ["is an alias for\n:data:`x`, so"]),
        ("第一句。第二句！「第三句。」第四句", ["第一句。", "第二句！", "「第三句。」", "第四句"]),
        ("- one\n- two\n  goes on\n- three", ["- one", "- two\n  goes on", "- three"]),
        ("1. first\n2. second", ["1. first", "2. second"]),
        ("# Title\nText of it\n\nNext", ["# Title", "Text of it", "Next"]),
        ("| a | b |\n| 1 | 2 |", ["| a | b |", "| 1 | 2 |"]),
        ("wrapped\nover lines. End", ["wrapped\nover lines.", "End"]),
        ("", []),
        (" \n\t ", []),
    ],
)
def test_sentences_are_those_a_reader_sees(text, expected):
    assert texts_of(text) == expected


def test_a_heading_is_no_part_of_the_sentence_under_it():
    text = "# Backups\nThey run every night. Nobody needs to start them.\n## Where\nOn a second disk."

    assert [text[start:end] for start, end in sentences(text)] == [
        "# Backups",
        "They run every night.",
        "Nobody needs to start them.",
        "## Where",
        "On a second disk.",
    ]


def test_a_full_stop_within_a_heading_ends_nothing_twice():
    text = "# Dr. Who?\nHe. Runs."

    assert [text[start:end] for start, end in sentences(text)] == ["# Dr. Who?", "He.", "Runs."]

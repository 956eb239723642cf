"""A document's sections begin with their headings and hold what is below them; its tables are whole."""

import pytest

from ingest.model import Document
from ingest.split.sections import sections

GRID = "+---+---+\n| a | b |\n+===+===+\n| 1 | 2 |\n+---+---+"


@pytest.mark.parametrize(
    ("markup", "text", "parts"),
    [
        ("plain", "", []),
        ("plain", "No heading at all.", [("section", (), "No heading at all.")]),
        (
            "markdown",
            "Before.\n\n# A\n\none\n\n## B\n\ntwo\n\n# C\n\nthree",
            [
                ("section", (), "Before."),
                ("section", ("A",), "# A\n\none\n\n## B\n\ntwo"),
                ("section", ("A", "B"), "## B\n\ntwo"),
                ("section", ("C",), "# C\n\nthree"),
            ],
        ),
        (
            "markdown",
            "| a |\n|---|\n| 1 |\n\n| b |\n|---|\n| 2 |\n| 3 |",
            [
                ("section", (), "| a |\n|---|\n| 1 |\n\n| b |\n|---|\n| 2 |\n| 3 |"),
                ("table", (), "| a |\n|---|\n| 1 |"),
                ("table", (), "| b |\n|---|\n| 2 |\n| 3 |"),
            ],
        ),
        (
            "rst",
            f"Title\n=====\n\n{GRID}",
            [("section", ("Title",), f"Title\n=====\n\n{GRID}"), ("table", ("Title",), GRID)],
        ),
    ],
)
def test_each_part_is_where_its_heading_begins_and_its_last_block_ends(markup, text, parts):
    found = sections(Document("a", text, markup=markup))
    assert [(each.kind, each.headings, text[each.start : each.end]) for each in found] == parts

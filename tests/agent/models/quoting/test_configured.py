"""A setting is quoted with its key, its value and the comment above it, below the section that it stands in."""

import pytest

from agent.evidence.passages import passages
from agent.models.quoting.configured import named
from agent.models.quoting.shelf import Shelf
from ingest.model import Chunk
from retrieval.model import Hit

YAML = """\
# Settings of the ferry's ticket machine.
machine:
  # Minutes after which the screen goes dark,
  # counted from the last touch.
  dim_after: 9
  language: sv   # sv, fi or en

  # Where tickets are printed, one after the other.
  printers:
    - deck
    - kiosk
"""
TOML = """\
# How often the lights are read

[lights]
# Seconds between two readings
pause = 15
"""
INI = """\
[lights]
; Who is told when a lamp fails
on_failure = keeper@pier.example
;spare = 4
"""
SHELL = "# Currency in which prices are shown\nSHOP_CURRENCY=NOK\nexport SHOP_TAX=12\n"


def found(name, text):
    hits = [Hit(Chunk(name, 0, len(text), text), 1.0)]
    return [(each.text, each.head) for each in Shelf(passages(hits), lambda _: None).candidates]


@pytest.mark.parametrize(
    ("name", "text", "settings"),
    [
        (
            "machine.yaml",
            YAML,
            [
                ("# Settings of the ferry's ticket machine.", ""),
                (
                    "# Minutes after which the screen goes dark,\n  # counted from the last touch.\n  dim_after: 9",
                    "# Settings of the ferry's ticket machine.\nmachine:",
                ),
                ("language: sv   # sv, fi or en", "# Settings of the ferry's ticket machine.\nmachine:"),
                (
                    "# Where tickets are printed, one after the other.\n  printers:\n    - deck\n    - kiosk",
                    "# Settings of the ferry's ticket machine.\nmachine:",
                ),
            ],
        ),
        (
            "lights.toml",
            TOML,
            [("# How often the lights are read", ""), ("# Seconds between two readings\npause = 15", "[lights]")],
        ),
        (
            "lights.ini",
            INI,
            [
                ("; Who is told when a lamp fails\non_failure = keeper@pier.example", "[lights]"),
                (";spare = 4", "[lights]"),
            ],
        ),
        (
            "shop.properties",
            SHELL,
            [("# Currency in which prices are shown\nSHOP_CURRENCY=NOK", ""), ("export SHOP_TAX=12", "")],
        ),
    ],
)
def test_a_setting_stands_with_its_comment_below_its_section(name, text, settings):
    assert found(name, text) == settings


def test_a_section_ends_where_the_lines_stand_less_deep():
    assert found("a.yaml", "one:\n  two:\n    x: 1\n  y: 2\nz: 3") == [
        ("x: 1", "one:\ntwo:"),
        ("y: 2", "one:"),
        ("z: 3", ""),
    ]


def test_a_value_over_several_lines_is_quoted_whole():
    assert [text for text, _ in found("a.toml", 'hosts = [\n  "one",\n  "two",\n]\nlast = 1')] == [
        'hosts = [\n  "one",\n  "two",\n]',
        "last = 1",
    ]


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("# Seconds\n  wait: 9", ("wait", "9", "# Seconds")),
        ("keep_hours = 72", ("keep_hours", "72", "")),
        ("export TAX=12", ("TAX", "12", "")),
        ("worker_processes 4;", ("worker_processes", "4;", "")),
        ("# A comment alone", None),
        ("#spare = 4", ("spare", "4", "")),
    ],
)
def test_a_setting_has_a_key_a_value_and_what_is_said_of_it(text, known):
    assert named(text) == known

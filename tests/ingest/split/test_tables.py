"""Is a table cut between its rows, each chunk with the header that says what they mean?"""

import re

import pytest

from tests.ingest.split.cutting import cut


def test_later_chunks_of_a_table_repeat_its_header_in_their_context():
    rows = "".join(f"| bolt {number} | {number} mm | steel and zinc |\n" for number in range(80))
    first, *others = cut("| part | size | metal |\n|---|---|---|\n" + rows, "markdown")
    assert first.text.startswith("| part | size")
    assert others
    assert all("| part | size | metal |" in chunk.context for chunk in others)
    assert not any("part" in chunk.text for chunk in others)


ROWS = [(f"bolt {number}", f"{number} mm", "steel and zinc") for number in range(60)]
TABLES = {
    "pipes": (
        "markdown",
        "Sizes of bolts:\n\n| part | size | metal |\n|---|---|---|\n"
        + "".join(f"| {' | '.join(row)} |\n" for row in ROWS),
    ),
    "named below": (
        "markdown",
        "| part | size | metal |\n|---|---|---|\n"
        + "".join(f"| {' | '.join(row)} |\n" for row in ROWS)
        + "\nTable 3: Sizes of bolts.\n\nMore text.",
    ),
    "without a rule": (
        "plain",
        "Sizes of bolts:\n\n" + "\n".join(" | ".join(row) for row in [("part", "size", "metal"), *ROWS]),
    ),
    "html": (
        "markdown",
        "<table><caption>Sizes of bolts</caption>\n<tr><th>part</th><th>size</th><th>metal</th></tr>\n"
        + "".join(f"<tr><td>{'</td><td>'.join(row)}</td></tr>\n" for row in ROWS)
        + "</table>\n",
    ),
    "grid": (
        "rst",
        "Sizes of bolts:\n\n+---------+-------+----------------+\n| part    | size  | metal          |\n"
        "+=========+=======+================+\n"
        + "".join(f"| {a:7} | {b:5} | {c} |\n+---------+-------+----------------+\n" for a, b, c in ROWS),
    ),
    "simple": (
        "rst",
        "Sizes of bolts:\n\n=======  =====  ==============\npart     size   metal\n=======  =====  ==============\n"
        + "".join(f"{a:7}  {b:5}  {c}\n" for a, b, c in ROWS)
        + "=======  =====  ==============\n",
    ),
    "list-table": (
        "rst",
        ".. list-table:: Sizes of bolts\n   :header-rows: 1\n\n   * - part\n     - size\n     - metal\n"
        + "".join(f"   * - {a}\n     - {b}\n     - {c}\n" for a, b, c in ROWS),
    ),
    "csv-table": (
        "rst",
        ".. csv-table:: Sizes of bolts\n   :header: part, size, metal\n\n"
        + "".join(f"   {', '.join(row)}\n" for row in ROWS),
    ),
}


@pytest.mark.parametrize("kind", TABLES)
def test_every_kind_of_table_is_cut_between_rows_with_its_caption_and_header_in_the_context(kind):
    markup, text = TABLES[kind]
    first, *others = cut(text, markup)
    assert "bolt 0" in first.text
    others = [chunk for chunk in others if "bolt" in chunk.text]
    assert len(others) > 2
    for chunk in others:
        assert "Sizes of bolts" in chunk.context
        assert re.search(r"part\W+size\W+metal", chunk.context)
        assert re.match(r"\W*(<tr><td>)?bolt \d+", chunk.text), "a row is cut"


def test_a_header_that_is_too_wide_keeps_the_beginning_of_every_columns_name():
    names = [f"{name} of the part as measured" for name in ("length", "width", "weight", "price", "colour", "age")]
    head = f"| {' | '.join(names)} |\n{'|---' * len(names)}|\n"
    *_, last = cut("# Parts\n\n" + head + f"|{' 12 |' * len(names)}\n" * 40, "markdown", title="Handbook")
    assert last.context.startswith("Handbook › Parts\n")
    assert all(name.split()[0] in last.context for name in names)

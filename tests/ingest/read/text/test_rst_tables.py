"""Is each kind of table in reStructuredText given in rows?"""

import pytest

from ingest.split.rst import rst_blocks
from tests.ingest.read.reading import one


@pytest.mark.parametrize(
    ("drawn", "rows"),
    [
        (
            (
                "+-----+-------+\n| Bar | Size  |\n+=====+=======+\n| a   | one   |\n|     | two   |\n+-----+-------+\n"
                "| b|c | three |\n+-----+-------+"
            ),
            "| Bar | Size |\n| --- | --- |\n| a | one two |\n| b\\|c | three |",
        ),
        (
            "+---+---+\n| a | 1 |\n+---+---+\n| b     |\n+---+---+",
            "| a | 1 |\n| --- | --- |\n| b | b |",
        ),
        (
            (
                "=====  =====  ====\n   Inputs     Out\n------------  ----\n  A      B    or\n=====  =====  ====\n"
                "False  True   True\n=====  =====  ===="
            ),
            "| Inputs A | Inputs B | Out or |\n| --- | --- | --- |\n| False | True | True |",
        ),
        (
            "======  ====\nName    Size\n======  ====\nスパム  ten\n        more\n\\       one\n======  ====",
            "| Name | Size |\n| --- | --- |\n| スパム | ten more |\n|  | one |",
        ),
        (
            ".. csv-table:: Pumps\n   :header-rows: 1\n   :delim: ;\n\n   Name; Bar\n   'P;1'; 7\n   P-2; 9".replace(
                "'", '"'
            ),
            "Pumps\n\n| Name | Bar |\n| --- | --- |\n| P;1 | 7 |\n| P-2 | 9 |",
        ),
        (
            '.. csv-table:: Pumps\n   :header: "Name", "Bar, most"\n   :widths: 1, 2\n\n   "P,1", 7\n   P-2, 9',
            "Pumps\n\n| Name | Bar, most |\n| --- | --- |\n| P,1 | 7 |\n| P-2 | 9 |",
        ),
        (
            (
                ".. list-table:: Valves\n   :header-rows: 1\n\n   * - Name\n     - Size\n   * - V-1\n     - three\n"
                "\n       inches\n   * - V-2\n     -"
            ),
            "Valves\n\n| Name | Size |\n| --- | --- |\n| V-1 | three inches |\n| V-2 |  |",
        ),
        (
            ".. table:: Truth\n   :widths: auto\n\n   ===  ===\n   A    B\n   ===  ===\n   no   yes\n   ===  ===",
            "Truth\n\n| A | B |\n| --- | --- |\n| no | yes |",
        ),
    ],
)
def test_tables_are_rows_each_cell_whole_and_in_its_column(file, drawn, rows):
    text = one(file("a.rst", f"Before.\n\n{drawn}\n\nAfter.\n")).text
    assert text == f"Before.\n\n{rows}\n\nAfter.\n"
    blocks = [block for block in rst_blocks(text) if block.kind == "row"]
    assert all(text[slice(*block.header)].count("|") > 1 for block in blocks[1:] if block.header)
    assert len(blocks) == text.count("|\n") - 1, "each row is a block, the head with its rule another"


@pytest.mark.parametrize(
    "text",
    [
        "See::\n\n   ===  ===\n   A    B\n   ===  ===\n   no   yes\n   ===  ===\n",
        ".. csv-table:: Far\n   :file: far.csv\n\nAfter.\n",
        "+------+------+\n| 0x80 | 0x04 |     header\n+------+------+\n|  OP  |     opcode\n+------+\n",
        "| a line block |\n| of two lines |\n",
    ],
)
def test_what_is_no_table_or_is_not_understood_stays_as_it_is(file, text):
    assert one(file("a.rst", text)).text == text

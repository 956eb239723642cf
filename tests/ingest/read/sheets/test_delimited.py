"""Is a table of separated values given in rows, whatever separates them?"""

from tests.ingest.read.reading import one


def test_a_table_keeps_its_cells(file):
    document = one(file("prices.csv", 'name;price;note\n"a;b";1,5;"two\nlines | bar"\n\nshort\n'))
    assert document.text == (
        "| name | price | note |\n| --- | --- | --- |\n| a;b | 1,5 | two lines \\| bar |\n| short |  |  |"
    )
    assert (document.title, document.markup) == ("prices", "markdown")


def test_tabs_separate_what_the_suffix_says(file):
    assert one(file("a.tsv", "a, b\tc\n1, 2\t3\n")).text == "| a, b | c |\n| --- | --- |\n| 1, 2 | 3 |"


def test_a_long_cell_is_no_error(file):
    assert len(one(file("a.csv", f"a,b\n{'x' * 200_000},1\n")).text) > 200_000

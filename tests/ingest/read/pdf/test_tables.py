"""Is a table told from prose, and does it keep every cell?"""

import pytest

from tests.ingest.read.pdf.made_pdf import AS_MARKDOWN, PROSE, at, cells, lines, rule


def grid(columns: int = 3, rows: int = 4) -> str:
    right, bottom = 72 + 100 * columns, 700 - 20 * rows
    across = "".join(rule(72, 700 - 20 * n, right, 700 - 20 * n) for n in range(rows + 1))
    return across + "".join(rule(72 + 100 * n, 700, 72 + 100 * n, bottom) for n in range(columns + 1))


def test_a_drawn_table_keeps_every_cell(one):
    assert one(grid() + cells()).text == AS_MARKDOWN


def test_columns_that_are_plain_to_see_are_a_table(one):
    text = one(lines(72, 770, *PROSE) + cells() + lines(72, 500, *PROSE)).text
    assert text == f"{' '.join(PROSE)}\n\n{AS_MARKDOWN}\n\n{' '.join(PROSE)}"


def test_a_merged_cell_is_given_once(one):
    merged = "".join(rule(72, y, 372, y) for y in (700, 680, 660)) + "".join(
        rule(x, 700, x, 660) for x in (72, 172, 372)
    )
    merged += rule(272, 680, 272, 660)
    text = one(merged + at(80, 685, "Year") + at(240, 685, "both halves") + cells((("",), ("2024", "one", "two")))).text
    assert text == "| Year | both halves |  |\n| --- | --- | --- |\n| 2024 | one | two |"


def test_a_cell_of_two_lines_is_one_cell(one):
    page = grid(2, 2) + at(80, 690, "Pump") + at(180, 690, "Remark") + at(80, 670, "P-1")
    assert (
        "| P-1 | new seal, inspect weekly |" in one(page + lines(180, 672, "new seal,", "inspect weekly", size=8)).text
    )


FORM = (("Owner", "", "Car"), ("Grace", "", "Jeep"), ("", "Totals", ""), ("", "Hours", "Cost"), ("Paint", "2", "300"))


def test_an_inner_head_begins_a_table_of_its_own(one):
    text = one(grid(3, 5) + cells(FORM)).text
    first = "| Owner | Car |\n| --- | --- |\n| Grace | Jeep |"
    assert text == f"{first}\n\nTotals\n\n|  | Hours | Cost |\n| --- | --- | --- |\n| Paint | 2 | 300 |"


@pytest.mark.parametrize(
    "below",
    [
        [("Hall B", "", ""), ("Seal", "new", "none"), ("Valve", "old", "none")],
        [("Hall B", "", ""), ("Seal", "2", "300"), ("Valve", "1", "200")],
        [("", "", "Hall B"), ("", "Hours", "Cost")],
    ],
)
def test_the_name_of_a_group_of_rows_begins_no_table(one, below):
    rows = [*FORM[:2], *below]
    assert one(grid(3, len(rows)) + cells(rows)).text.count("---") == 3


def test_a_bar_in_a_cell_parts_nothing(one):
    assert "| a\\|b | A 12 |" in one(grid() + cells((("Pump", "Hall", "Bar"), ("a|b", "A 12", "1")))).text


def test_a_frame_around_a_page_is_no_table(one):
    frame = rule(50, 760, 560, 760) + rule(50, 400, 560, 400) + rule(50, 760, 50, 400) + rule(560, 760, 560, 400)
    assert "|" not in one(frame + rule(50, 650, 560, 650) + lines(72, 740, *PROSE) + lines(72, 600, *PROSE)).text


def test_the_axes_of_a_figure_are_no_table(one):
    axes = rule(100, 300, 400, 300) + rule(250, 100, 250, 500)
    labels = at(260, 490, "yield") + at(380, 310, "time") + at(120, 200, "early") + at(300, 150, "late")
    assert "|" not in one(lines(72, 700, *PROSE) + axes + labels).text


def test_frames_around_columns_do_not_hide_the_columns(one):
    frames = "".join(rule(60, y, 560, y) for y in (700, 600, 500)) + "".join(
        rule(x, 700, x, 500) for x in (60, 310, 560)
    )
    rows = [(680 - 14 * row, [f"k{row}", f"v{row}", f"m{row}", f"w{row}"]) for row in range(12)]
    page = "".join(at(x, y, text) for y, row in rows for x, text in zip((70, 150, 320, 400), row, strict=True))
    text = one(frames + page).text
    assert all(f"| k{row} | v{row} | m{row} | w{row} |" in text for row in range(12))


def test_a_note_printed_over_a_table_does_not_part_it(one):
    assert one(cells() + at(75, 662, "Subject to change", 6)).text == f"{AS_MARKDOWN}\n\nSubject to change"

"""Are headings told from text by how they stand out, and named by the outline?"""

from ingest.split.blocks import blocks
from tests.ingest.read.pdf.made_pdf import PROSE, at, lines


def test_larger_letters_make_a_heading_and_levels_follow_size(one):
    page = at(72, 740, "Pumps", 20) + lines(72, 700, *PROSE)
    page += at(72, 640, "Seals", 14) + lines(72, 610, *PROSE) + at(72, 550, "Spare parts", 10, "F2")
    document = one(page + lines(72, 536, *PROSE))
    found = [(block.level, block.title) for block in blocks(document) if block.kind == "heading"]
    assert found == [(1, "Pumps"), (2, "Seals"), (3, "Spare parts")]
    assert document.title == "Pumps"


def test_a_heading_of_two_lines_is_one(one):
    page = at(72, 740, "2 Of pumps and", 24) + at(72, 710, "their seals", 24) + lines(72, 660, *PROSE, *PROSE)
    assert one(page).text.startswith("# 2 Of pumps and their seals\n\nThe pump")


def test_headings_below_each_other_are_two(one):
    page = at(72, 740, "1 Pumps", 20) + at(72, 715, "2 Seals", 20) + lines(72, 660, *PROSE, *PROSE)
    assert one(page).text.startswith("1 Pumps\n\n# 2 Seals\n\n")


def test_large_letters_with_nothing_below_are_no_heading(one):
    document = one(lines(72, 700, *PROSE, *PROSE) + at(72, 500, "Approved by Smith", 18))
    assert "#" not in document.text


def test_names_under_a_title_are_no_headings(one):
    page = (
        at(72, 760, "Pumps", 20) + at(72, 730, "Ann Example", 12) + at(72, 700, "Abstract", 14) + lines(72, 670, *PROSE)
    )
    assert one(page + lines(72, 600, *PROSE)).text.startswith("# Pumps\n\nAnn Example\n\n## Abstract\n\n")


def test_a_sentence_in_bold_is_no_heading(one):
    assert "#" not in one(at(72, 740, "Never open the lid.", 10, "F2") + lines(72, 700, *PROSE)).text


def test_the_outline_names_a_heading_that_does_not_stand_out(one):
    extra = {
        100: "<< /Type /Outlines /First 101 0 R /Last 101 0 R /Count 1 >>",
        101: "<< /Title (Of valves) /Parent 100 0 R /Dest [10 0 R /Fit] >>",
    }
    page = at(72, 740, "Of valves") + lines(72, 700, *PROSE)
    assert one(page, catalog="/Outlines 100 0 R", extra=extra).text.startswith("# Of valves\n\n")
    assert one(page).text.startswith("Of valves\n\n")

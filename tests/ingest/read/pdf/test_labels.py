"""Has each page the label that the file, or its print, gives it?"""

import pytest

from ingest.model import Document
from ingest.read.registry import read
from tests.ingest.read.pdf.made_pdf import PROSE, at, lines, packed, pdf


def numbered(*pages: str) -> list[str]:
    """Pages of prose with what is given at their feet."""
    return [lines(72, 700, *PROSE, f"Chapter {number}.") + at(300, 40, foot) for number, foot in enumerate(pages)]


def labels(document: Document) -> list[str | None]:
    return [page.label for page in document.pages]


@pytest.mark.parametrize(
    ("tree", "said"),
    [
        ("<< /Nums [0 << /S /r >> 2 << /S /D >>] >>", ["i", "ii", "1", "2"]),
        ("<< /Nums [0 << /S /A >> 1 << /S /D /P (A-) /St 7 >>] >>", ["A", "A-7", "A-8", "A-9"]),
        ("<< /Nums [0 << /P (Cover) >> 1 << /S /R /St 4 >>] >>", ["Cover", "IV", "V", "VI"]),
        (
            "<< /Kids [<< /Limits [0 0] /Nums [0 << /S /a >>] >> << /Limits [1 1] /Nums [1 << /S /D >>] >>] >>",
            list("a123"),
        ),
        ("<< /Nums [0 << /S /D >>] >>", ["1", "2", "3", "4"]),
    ],
)
def test_a_page_has_the_label_that_the_file_gives_it(one, tree, said):
    document = one(*numbered("", "", "", ""), catalog=f"/PageLabels {tree}")
    assert labels(document) == said
    assert [page.number for page in document.pages] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "catalog",
    [
        "",
        "/PageLabels 7",
        "/PageLabels << /Kids [100 0 R] >>",
        f"/PageLabels << /Nums [0 << /P ({'x' * 100_000}) /S /D >>] >>",
        "/PageLabels << /Nums [0 << /P <FEFF001B005B00330031006D> >>] >>",
    ],
    ids=["none", "no tree", "a circle", "endless", "commands to a terminal"],
)
def test_labels_that_are_none_harm_nothing(one, catalog):
    document = one(*numbered("", ""), catalog=catalog, extra={100: "<< /Kids [100 0 R] >>"})
    assert [label or str(page.number) for label, page in zip(labels(document), document.pages, strict=True)] == [
        "1",
        "2",
    ]
    assert "Chapter 1." in document.text


def test_labels_are_read_from_packed_objects_too_and_a_circle_there_is_seen(tmp_path):
    tree = {100: "<< /Kids [101 0 R] >>", 101: "<< /Limits [0 9] /Nums [0 << /S /r >> 1 << /S /D >>] >>"}
    for inner, said in ((101, ["i", "1"]), (100, [None, None])):
        made = pdf(*numbered("", ""), catalog="/PageLabels 100 0 R", extra={**tree, 100: f"<< /Kids [{inner} 0 R] >>"})
        (tmp_path / "a.pdf").write_bytes(packed(made))
        (document,) = read(tmp_path / "a.pdf", "a.pdf")
        assert labels(document) == said


@pytest.mark.parametrize("print_", ["{}", "- {} -", "Page {} of 90", "Annual report of the works   {}"])
def test_numbers_printed_on_most_pages_are_labels_where_the_file_gives_none(one, print_):
    feet = ["", "", *(print_.format(number) for number in (1, 2)), "", *(print_.format(number) for number in (4, 5, 6))]
    unasked = "/PageLabels << /Nums [0 << /S /D >>] >>"  # as most programs write
    assert labels(one(*numbered(*feet))) == [None, None, *"123456"]
    assert labels(one(*numbered(*feet), catalog=unasked)) == [None, None, *"123456"]


@pytest.mark.parametrize(
    "feet",
    [
        ["1", "2", "3", "4", "5", "6"],
        ["", "1", "2", "3", "", ""],
        ["", "Figure 1", "Figure 2", "Figure 3", "Figure 4", "Figure 5"],
        ["2019", "2019", "2019", "2019", "2019", "2019"],
        ["", "1", "", "3", "", "", "", "", "8", "", "10"],
    ],
    ids=["the sheets' own", "too few", "figures", "years", "far between"],
)
def test_other_numbers_are_no_labels(one, feet):
    assert set(labels(one(*numbered(*feet)))) == {None}

"""Do the header and the sections of a reStructuredText file name it?"""

from tests.ingest.read.reading import one


def test_a_pep_is_titled_by_its_header(file):
    text = (
        "PEP: 655\nTitle: Marking items\n as required\nStatus: Final\nResolution:\n\nAbstract\n========\n\nText: it.\n"
    )
    document = one(file("pep-0655.rst", text))
    assert document.title == "PEP 655 – Marking items as required"
    assert document.metadata == {"PEP": "655", "Title": "Marking items as required", "Status": "Final"}
    assert document.text == text
    assert document.markup == "rst"


def test_a_section_titles_what_has_no_header(file):
    document = one(file("a.rst", ".. _top:\n\n=========\n The ``x``\n=========\n\n:Author: Ann\n:Version: 2\n\nText\n"))
    assert document.title == "The x"
    assert document.metadata == {"Author": "Ann", "Version": "2"}


def test_a_section_beside_others_titles_nothing(file):
    assert one(file("a.rst", "One\n===\n\nx\n\nPart\n----\n\nTwo\n===\n")).title == "a"
    assert one(file("a.rst", "Contents\n========\n\nx\n\nFoo\n---\n")).title == "a"
    assert one(file("a.rst", "===\nOne\n===\n\nPart\n====\n\nPart\n====\n")).title == "One"


def test_prose_with_a_colon_is_no_header(file):
    for prose in ("Note: this is prose.\nIt goes on: and on.", "Note: one line."):
        document = one(file("a.rst", f"{prose}\n\nTitle\n-----\n"))
        assert document.metadata == {}
        assert document.title == "Title"

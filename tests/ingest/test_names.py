"""A name says where a document may have come from, and never more than that."""

from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.ledger import Ledger
from ingest.names import Unread, files, innermost, is_record_of, lies_in, record_ids
from retrieval.vectors.encoder import SentenceEncoder
from tests.homes import opened, write

PARTS = st.text(alphabet="ab#!/. ", min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("name", "possible"),
    [
        ("d/plain.md", []),
        ("d/C# guide.md", ["d/C"]),
        ("d/a.zip!/b.md", ["d/a.zip"]),
        ("d/a.zip!/b.jsonl#7", ["d/a.zip", "d/a.zip!/b.jsonl"]),
        ("d/r.jsonl#a#b", ["d/r.jsonl", "d/r.jsonl#a"]),
        ("d/wow!.md", []),
        ("d/wow!#1", ["d/wow!"]),
        ("#", []),
    ],
)
def test_the_files_that_a_document_may_come_from_are_those_before_each_mark(name, possible):
    assert files(name) == [name, *possible]


@given(PARTS, PARTS)
def test_what_lies_in_a_file_is_what_may_come_from_it(file, rest):
    for name in (file + rest, f"{file}#{rest}", f"{file}!/{rest}", rest):
        assert lies_in(name, file) == (file in files(name))


def test_a_record_may_have_a_mark_in_its_id():
    assert record_ids("c/r.jsonl#a#b") == ["b", "a#b"]
    assert record_ids("c/plain") == []
    assert is_record_of("c/r.jsonl#a#b", "c/r.jsonl")
    assert not is_record_of("c/r.jsonl!/a", "c/r.jsonl")
    assert innermost("a.tar!/b.zip!/c/d.gz") == "c/d.gz"


def test_a_failed_part_keeps_what_lies_in_it_and_nothing_beside_it():
    unread = Unread("a.zip", ["a.zip!/b.pdf"])
    assert "a.zip!/b.pdf#2" in unread
    assert "a.zip!/b.pdf.md" not in unread
    assert "a.zip!/c.md" not in unread


@pytest.mark.slow
@pytest.mark.parametrize("name", ["torn.pdf# guide.md", "torn.pdf!note.md", "torn.pdf#1.md"])
def test_erasing_a_file_leaves_alone_what_failed_of_another_whose_name_begins_it(tmp_path, tiny, name):
    folder = write(tmp_path / "d", {"torn.pdf": "%PDF torn", name: f"# Guide\n\nThe guide is called {name} by all.\n"})
    with opened(tmp_path / "home", SentenceEncoder(str(tiny))) as citewell:
        report = citewell.ingest(folder)
        assert [failure.document for failure in report.failures] == ["d/torn.pdf"]
        citewell.delete(f"d/{name}")
        again = citewell.ingest([], retry_failed=True)
    assert [failure.document for failure in again.failures] == ["d/torn.pdf"]


def test_erasing_a_record_forgets_what_failed_of_its_own_file(tmp_path, tiny):
    lines = '{"_id": "a#b", "text": "Words of one record."}\n{"_id": "c"}\n'
    folder = write(tmp_path / "d", {"r#1.jsonl": lines})
    with opened(tmp_path / "home", SentenceEncoder(str(tiny))) as citewell:
        assert citewell.ingest(folder).failures
        citewell.delete("d/r#1.jsonl#a#b")
        with closing(Ledger(tmp_path / "home" / "ledger.sqlite", read_only=True)) as ledger:
            assert ledger.noted() == []

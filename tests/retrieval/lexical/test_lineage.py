"""Does a version share its parent's postings while they are worth it, and no longer?"""

import pytest

from retrieval.lexical import lineage
from retrieval.lexical.lineage import follow, read_segments
from retrieval.lexical.postings import Postings
from tests.retrieval.lexical.test_postings import built, contents, entries_of


@pytest.mark.parametrize(("removed", "shared"), [(0, True), (10, True), (11, False), (39, False)])
def test_a_segment_of_which_more_than_a_quarter_is_gone_is_written_anew(tmp_path, removed, shared):
    entries = entries_of([["pump", f"own{number}"] for number in range(40)])
    built(entries, tmp_path / "parent")
    follow(tmp_path / "parent", tmp_path / "child", removed=[entry.id for entry in entries[:removed]], added=[])

    (before,), (after,) = read_segments(tmp_path / "parent"), read_segments(tmp_path / "child")
    files = zip(*(sorted(segment.folder.iterdir()) for segment in (before, after)), strict=True)
    assert {old.samefile(new) for old, new in files} == {shared}
    assert len(after.gone) == (removed if shared else 0)
    child = Postings(tmp_path / "child")
    assert len(child) == 40 - removed
    assert set(child.holding(["pump"])) == {entry.id for entry in entries[removed:]}


def test_where_files_cannot_have_two_names_they_are_copied(tmp_path, monkeypatch):
    def refused(*_):
        raise OSError(1, "Operation not permitted")

    entries = entries_of([["pump", f"own{number}"] for number in range(8)])
    built(entries, tmp_path / "parent")
    monkeypatch.setattr(lineage.os, "link", refused)
    follow(tmp_path / "parent", tmp_path / "child", removed=[], added=[])

    assert contents(tmp_path / "child") == contents(tmp_path / "parent")


def test_a_version_that_loses_every_chunk_holds_no_posting(tmp_path):
    entries = entries_of([["pump"], ["valve"]])
    built(entries, tmp_path / "parent")
    follow(tmp_path / "parent", tmp_path / "child", removed=[entry.id for entry in entries], added=[])

    assert len(Postings(tmp_path / "child")) == 0
    assert Postings(tmp_path / "child").holding(["pump"]) == []

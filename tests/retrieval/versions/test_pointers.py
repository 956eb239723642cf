"""Does the live version change only to one that can be served, and is there always a way back?"""

import pytest

from retrieval.versions.home import Home, NoIndex
from retrieval.versions.manifest import DamagedIndex, ForeignIndex
from tests.retrieval.words import (
    ENCODER,
    TEXTS,
    WordEncoder,
    build,
    two_versions,
)


def test_rolling_back_twice_returns(tmp_path):
    home = Home(tmp_path)
    with pytest.raises(NoIndex, match="index versions"):
        home.rollback()
    first = build(home, TEXTS)
    with pytest.raises(NoIndex):
        home.rollback()
    second = build(home, {"docs/x.md": "x"})
    home.rollback()
    assert home.rollback() == (second, first)
    assert home.live() == second


def spoil(home, id):
    (home.versions_folder / id / "0" / "content.sqlite").write_bytes(b"torn")


@pytest.mark.parametrize("damage", [True, False], ids=["damaged", "foreign"])
def test_a_version_that_cannot_be_searched_does_not_go_live_and_the_live_one_stays(tmp_path, damage):
    home, first, second = two_versions(tmp_path)
    third = build(home, {"docs/y.md": "valve2"}, publish=None)
    home.record_verdict(third, {"status": "passed"})
    encoder, fault = (ENCODER, DamagedIndex) if damage else (WordEncoder("others"), ForeignIndex)
    if damage:
        spoil(home, first)
        spoil(home, third)
    with pytest.raises(fault):
        home.publish(third, encoder=encoder)
    with pytest.raises(fault):
        home.rollback(encoder=encoder)
    assert (home.live(), home.previous(), home.pinned()) == (second, first, False)


def test_a_change_of_both_pointers_that_was_cut_off_leaves_a_way_back(tmp_path):
    home, first, second = two_versions(tmp_path)
    (tmp_path / "previous").write_text(second, encoding="utf-8")  # as a kill between the two leaves them
    assert home.previous() == first
    with home.writing():
        assert home.compact() == []
    assert home.rollback() == (first, second)


@pytest.mark.parametrize("previous", ["gone", ""])
def test_where_the_version_before_is_no_other_there_is_no_way_back(tmp_path, previous):
    home, _, second = two_versions(tmp_path)
    (tmp_path / "previous").write_text(previous, encoding="utf-8")
    with pytest.raises(NoIndex, match="no earlier version"):
        home.rollback()
    assert (home.live(), home.pinned()) == (second, False)


def test_what_was_rolled_back_from_is_not_the_next_candidate_but_what_is_built_later_is(tmp_path):
    home, first, second = two_versions(tmp_path)
    home.rollback()
    assert home.newest_candidate() is None, f"{second} was left on purpose"
    third = build(home, {"docs/y.md": "valve2"}, publish=None)
    assert home.newest_candidate() == third
    assert home.live() == first


def test_what_was_rolled_back_from_is_no_candidate_after_the_pin_is_gone_either(tmp_path):
    home, first, _ = two_versions(tmp_path)
    home.rollback()
    home.unpin()
    assert not home.pinned()
    assert (home.newest_candidate(), home.live()) == (None, first)

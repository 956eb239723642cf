"""Are versions listed in the order in which they were built?"""

import json
import shutil
from datetime import datetime

from retrieval.versions.home import Home
from tests.retrieval.words import (
    build,
    two_versions,
)


class Clock(datetime):
    """A clock that is set back a year at each look."""

    looks = 0

    @classmethod
    def now(cls, tz=None):
        cls.looks += 1
        return datetime(2040 - cls.looks, 3, 1, tzinfo=tz)


def test_versions_are_in_the_order_in_which_they_were_built_whatever_the_clock_says(tmp_path, monkeypatch):
    monkeypatch.setattr("retrieval.versions.candidate.datetime", Clock)
    home = Home(tmp_path)
    built = [build(home, {f"docs/{number}.md": "pump1"}, publish=None) for number in range(4)]
    assert [version.id for version in home.versions()] == built[::-1]
    home.record_verdict(built[2], {"status": "passed"})
    home.publish(built[2])
    assert home.newest_candidate() == built[3]
    with home.writing():
        assert set(home.compact()) == {built[0], built[1]}
    fifth = build(home, {"docs/5.md": "pump1"}, publish=None)
    assert home.newest_candidate() == fifth, "also where the number before it is that of a version that was dropped"


def test_a_number_is_not_given_twice_though_its_version_was_dropped_or_left(tmp_path):
    home, first, second = two_versions(tmp_path)
    home.rollback()
    shutil.rmtree(home.folder(second))
    third = build(home, {"docs/y.md": "valve2"}, publish=None)
    assert first < second < third
    assert home.newest_candidate() == third


def test_ids_of_an_older_home_come_before_those_of_today(tmp_path):
    home, _, _ = two_versions(tmp_path)
    for id, old in zip(reversed(home.versions()), ("20270301T100022358-a", "20270301T100022359-b"), strict=True):
        home.folder(id.id).rename(home.folder(old))
        manifest = json.loads((home.folder(old) / "manifest.json").read_text("utf-8"))
        del manifest["digest"]
        (home.folder(old) / "manifest.json").write_text(json.dumps(manifest | {"id": old}), encoding="utf-8")
    (tmp_path / "live").write_text("20270301T100022358-a", encoding="utf-8")
    (tmp_path / "left").write_text("20270301T100022360", encoding="utf-8")
    assert [version.id[-1] for version in home.versions()] == ["b", "a"]
    assert home.newest_candidate() is None
    third = build(home, {"docs/y.md": "valve2"}, publish=None)
    assert home.newest_candidate() == third
    assert home.versions()[0].id == third

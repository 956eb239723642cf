"""Is a version the same for the same inputs, and served only with a verdict?"""

import json
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from ingest.model import Document
from retrieval.disk.durable import hash_files
from retrieval.model import Scope
from retrieval.vectors.cache import VectorCache
from retrieval.versions.home import Home, NoIndex, Refused, candidate
from retrieval.versions.manifest import DamagedIndex, ForeignIndex, Manifest
from tests.retrieval.words import (
    ENCODER,
    MODES,
    QUESTIONS,
    TEXTS,
    Forgetting,
    WordEncoder,
    answers,
    build,
    documents,
    fingerprint,
)

# The same inputs


def test_the_same_inputs_give_the_same_fingerprint_and_answers_in_any_order_and_home(tmp_path):
    build(tmp_path / "a", TEXTS)
    build(tmp_path / "b", dict(reversed(TEXTS.items())))
    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b")
    assert answers(tmp_path / "a") == answers(tmp_path / "b")


@pytest.fixture(scope="module")
def three(tmp_path_factory):
    """A home of three documents, and these; it is only read."""
    home, made = tmp_path_factory.mktemp("three"), documents({name: TEXTS[name] for name in sorted(TEXTS)[:3]})
    build(home, made)
    return home, made


class Turned(WordEncoder):
    """The same identity, other vectors."""

    def encode_query(self, text, export=None):
        return super().encode_query(text)[::-1].copy()


@pytest.mark.parametrize(
    "change", ["letter", "label", "metadata", "title", "name", "weights", "window", "vectors", "analyzer"]
)
def test_whatever_changes_an_answer_changes_the_fingerprint(three, tmp_path, change, monkeypatch):
    home, (first, *others) = three
    encoder = ENCODER
    if change == "weights":
        encoder = WordEncoder("others")
    elif change == "window":
        encoder = WordEncoder(window=63)
    elif change == "vectors":
        encoder = Turned()  # as another kind of processor may give
    elif change == "analyzer":
        monkeypatch.setattr("retrieval.versions.candidate.ANALYZER", "another")
        monkeypatch.setattr("retrieval.versions.home.ANALYZER", "another")
    else:
        first = {
            "letter": replace(first, text=first.text.replace("Chapter", "chapter")),
            "label": replace(first, labels=frozenset({"staff"})),
            "metadata": replace(first, metadata={"year": "2026"}),
            "title": replace(first, title="Another"),
            "name": replace(first, name="docs/other.md"),
        }[change]
    build(tmp_path, [first, *others], encoder=encoder)
    assert fingerprint(tmp_path) != fingerprint(home)


def test_a_child_ends_like_a_version_built_from_nothing(tmp_path):
    old = TEXTS | {"docs/03.md": "an older text of it", "docs/gone.md": "pump1 valve2 that is gone"}
    old.pop("docs/05.md")
    build(tmp_path / "child", old)
    changed = {name: text for name, text in TEXTS.items() if old.get(name) != text}
    build(tmp_path / "child", changed, removed=["docs/gone.md"])
    build(tmp_path / "whole", TEXTS)
    assert fingerprint(tmp_path / "child") == fingerprint(tmp_path / "whole")
    assert answers(tmp_path / "child") == answers(tmp_path / "whole")


def test_a_document_put_twice_or_removed_while_it_waits_leaves_nothing_of_itself(tmp_path):
    twice = [*documents({"docs/00.md": "another text", "docs/99.md": "gone again"}), *documents(TEXTS)]
    build(tmp_path / "a", twice, removed=["docs/99.md"])
    build(tmp_path / "b", TEXTS)
    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b")
    assert answers(tmp_path / "a") == answers(tmp_path / "b")


def test_a_child_leaves_its_parent_as_it_was(tmp_path):
    parent = build(tmp_path, TEXTS)
    files, said = hash_files(tmp_path / "versions" / parent), answers(tmp_path)
    child = build(tmp_path, {"docs/new.md": "pump1 valve2"}, removed=["docs/00.md"])
    assert hash_files(tmp_path / "versions" / parent) == files
    assert answers(tmp_path, parent) == said != answers(tmp_path, child)
    assert Manifest.read(tmp_path / "versions" / child).parent == parent


def test_only_what_is_new_is_encoded(tmp_path):
    encoder = WordEncoder()
    build(tmp_path, TEXTS, encoder=encoder)
    encoder.encoded.clear()
    build(tmp_path, {"docs/new.md": "something new"}, removed=["docs/00.md"], encoder=encoder)
    assert len(encoder.encoded) == 1


def test_a_version_of_other_settings_is_split_and_encoded_anew(tmp_path):
    other = WordEncoder("others", window=48)
    build(tmp_path / "a", TEXTS)
    build(tmp_path / "a", {}, encoder=other)
    build(tmp_path / "b", TEXTS, encoder=other)
    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b")
    assert answers(tmp_path / "a", encoder=other) == answers(tmp_path / "b", encoder=other)


def test_only_what_changes_a_candidate_is_worth_a_version(tmp_path):
    rule = Document("docs/rule.md", "---\n", markup="markdown")  # which has no chunk
    build(tmp_path, [rule, *documents(TEXTS)])
    for removed, changed in {"docs/none.md": False, "docs/rule.md": True, "docs/00.md": True}.items():
        made = unfinished(Home(tmp_path))
        made.remove(removed)
        assert made.changed == changed, removed
        made.discard()


@pytest.mark.parametrize(
    ("before", "now", "changed"), [("a", "a", False), ("a", "b", True), ("a", None, False), (None, "a", True)]
)
def test_another_export_is_worth_a_version_and_one_that_could_not_be_made_is_not(tmp_path, before, now, changed):
    home = Home(tmp_path)
    first = unfinished(home, query_model=before)
    id = first.finish()
    home.record_verdict(id, {"status": "probe"})
    home.publish(id)
    made = unfinished(home, query_model=now)
    assert made.changed == changed
    made.discard()


# Candidates, verdicts, the pointer


def unfinished(home, **options):
    cache = VectorCache(home.path / "cache" / "vectors.sqlite", ENCODER.identity)
    return candidate(home, ENCODER, cache, **options)


def test_a_discarded_candidate_leaves_no_trace(tmp_path):
    build(tmp_path, TEXTS)
    before, said = hash_files(tmp_path / "versions"), answers(tmp_path)
    made = unfinished(Home(tmp_path))
    for document in documents({"docs/new.md": "pump1", "docs/01.md": "other"}):
        made.put(document, [], "docs")
    made.remove("docs/00.md")
    made._encoding.finish()
    made.discard()
    assert hash_files(tmp_path / "versions") == before
    assert len(list((tmp_path / "versions").iterdir())) == 1
    assert answers(tmp_path) == said


def test_refused_and_rolled_back_versions_leave_no_trace_in_the_next(tmp_path):
    home = Home(tmp_path)
    first = build(home, TEXTS)
    with pytest.raises(Refused):
        build(home, {"docs/bad.md": "spoiled pump1"}, removed=["docs/00.md"], publish="failed")
    assert home.live() == first
    second = build(home, {"docs/good.md": "sound pump1"})
    with closing(home.open()) as version:
        assert version.names() == sorted([*TEXTS, "docs/good.md"]), "nothing of the refused one"
    assert home.rollback() == (first, second)
    assert home.pinned()
    third = build(home, {"docs/third.md": "third pump1"}, publish=None)
    assert home.live() == first
    assert home.newest_candidate() == third
    with closing(home.open(third)) as version:
        assert version.names() == sorted([*TEXTS, "docs/third.md"]), "nor of the one rolled back"
    build(tmp_path / "other", TEXTS | {"docs/third.md": "third pump1"})
    assert fingerprint(home, third) == fingerprint(tmp_path / "other")
    home.record_verdict(third, {"status": "passed"})
    assert home.publish(third) == first
    assert (home.live(), home.previous()) == (third, first)


def test_publishing_needs_a_verdict_that_is_good_enough(tmp_path):
    home = Home(tmp_path)
    id = build(home, TEXTS, publish=None)
    with pytest.raises(Refused, match="no verdict; run citewell eval gate"):
        home.publish(id)
    for status in ("failed", "anything"):
        home.record_verdict(id, {"status": status})
        with pytest.raises(Refused, match=status):
            home.publish(id)
    assert home.live() is None
    home.record_verdict(id, {"status": "passed"})
    home.publish(id)
    assert home.live() == id
    assert [(version.id, version.verdict, version.live) for version in home.versions()] == [(id, "passed", True)]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", "null", '{"passed": true}', b"\xff"])
def test_a_torn_verdict_is_damage_and_publishes_nothing(tmp_path, content):
    home = Home(tmp_path)
    id = build(home, {"d": "text"}, publish=None)
    (home.versions_folder / id / "verdict.json").write_bytes(
        content if isinstance(content, bytes) else content.encode()
    )
    with pytest.raises(DamagedIndex, match="verdict"):
        home.publish(id)


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


def two_versions(path):
    """A home with two versions, of which the second is live."""
    home = Home(path)
    return home, build(home, TEXTS), build(home, {"docs/x.md": "pump1"})


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


def test_a_verdict_that_another_process_writes_is_seen(tmp_path):
    home = Home(tmp_path)
    id = build(home, {"docs/x.md": "pump1"}, publish=None)
    home.record_verdict(id, {"status": "failed"})
    assert (home.verdict(id) or {})["status"] == "failed"
    script = (
        "import sys; from pathlib import Path; from retrieval.versions.home import Home; "
        "Home(Path(sys.argv[1])).record_verdict(sys.argv[2], {'status': 'passed'})"
    )
    root = Path(__file__).resolve().parents[3]
    subprocess.run([sys.executable, "-c", script, str(tmp_path), id], cwd=root, check=True)
    assert (home.verdict(id) or {})["status"] == "passed"
    assert [version.verdict for version in home.versions()] == ["passed"]
    home.publish(id)
    assert home.live() == id


def test_a_home_without_an_index_says_how_to_make_one(tmp_path):
    with pytest.raises(NoIndex, match="citewell ingest"):
        Home(tmp_path).open()
    build(tmp_path, TEXTS)
    for id in ("nothing", "../versions"):
        with pytest.raises(NoIndex, match="index versions"):
            Home(tmp_path).open(id)


def test_an_index_without_a_document_is_one(tmp_path):
    build(tmp_path, {})
    assert answers(tmp_path) == [[]] * len(QUESTIONS) * len(MODES)
    build(tmp_path, TEXTS)
    build(tmp_path, {}, removed=TEXTS)
    assert answers(tmp_path) == [[]] * len(QUESTIONS) * len(MODES)


def test_a_version_knows_what_is_hidden_though_another_thread_clears_what_it_keeps(tmp_path):
    build(tmp_path, TEXTS)
    with closing(Home(tmp_path).open(encoder=ENCODER)) as version:
        shared = replace(
            version,
            erased_now=lambda: frozenset({"docs/00.md", "docs/none.md"}),
            _masks=Forgetting(),
            _hidden=Forgetting(),
        )
        assert shared.hidden() == {"docs/00.md"}
        assert np.count_nonzero(~shared.mask(Scope())) == shared.hidden_chunks() > 0

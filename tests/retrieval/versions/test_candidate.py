"""Is a version that is made of another what one made of nothing would be, and is it made only where it is worth it?"""

from contextlib import closing

import pytest

from ingest.model import Document
from retrieval.disk.durable import hash_files
from retrieval.vectors.cache import VectorCache
from retrieval.versions.candidate import new_candidate
from retrieval.versions.home import Home, Refused
from retrieval.versions.manifest import Manifest
from tests.retrieval.words import (
    ENCODER,
    TEXTS,
    WordEncoder,
    answers,
    build,
    documents,
    fingerprint,
)


@pytest.mark.slow
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


def unfinished(home, **options):
    cache = VectorCache(home.path / "cache" / "vectors.sqlite", ENCODER.identity)
    return new_candidate(home, ENCODER, cache, **options)


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


@pytest.mark.slow
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

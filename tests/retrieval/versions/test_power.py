"""Does a power cut at any moment leave the old version or the new one, and nothing between?"""

import shutil
from contextlib import closing

from ingest.model import CitewellError
from retrieval.erasure.erasing import delete
from retrieval.versions.erasure_list import ErasureList
from retrieval.versions.home import Home
from tests.retrieval.versions.power import Disk
from tests.retrieval.words import ENCODER, TEXTS, answers, build

FEW = dict(list(TEXTS.items())[:3])


def every_cut(home, tmp_path, monkeypatch, change):
    """What is answered after a cut at every moment of a change."""
    found, cuts, seen = [], [], {}

    def cut(disk, path):
        for early in (False, True):
            cuts.append((path.name, early))
            state = disk.state(early=early)
            if state not in seen:
                image = disk.image(tmp_path / "image", early=early)
                seen[state] = answers(image), ErasureList(image / "erased.json").names()
                shutil.rmtree(image)
            found.append(seen[state])

    with monkeypatch.context() as patch:
        disk = Disk(home.path, tmp_path / "shadows", patch, cut)
        change()
        cut(disk, home.path)
    disk.close()
    return found, cuts


def test_an_ingest_that_is_cut_off_leaves_the_old_or_the_new(tmp_path, monkeypatch):
    home = Home(tmp_path / "home")
    build(home, FEW)
    old = answers(home)
    found, cuts = every_cut(home, tmp_path, monkeypatch, lambda: build(home, {"docs/new.md": "pump1 valve2 key3"}))
    new = answers(home)
    assert old != new
    assert len(cuts) > 60
    assert {said == old for said, _ in found} == {True, False}
    assert all(said in (old, new) for said, _ in found)
    assert found[-1][0] == new, "what was published stays published"
    assert [said == new for said, _ in found[1::2]] == sorted(said == new for said, _ in found[1::2])


def test_an_erasure_that_is_cut_off_gives_out_the_old_or_nothing_of_it(tmp_path, monkeypatch):
    home = Home(tmp_path / "home")
    build(home, FEW)
    secret = min(FEW)
    old = answers(home)
    with closing(home.open(encoder=ENCODER)) as version:
        secret_ids = {chunk.id for chunk in version.content.chunks_of(secret)}
    found, cuts = every_cut(home, tmp_path, monkeypatch, lambda: delete(home, [secret], patience=0))
    new = answers(home)
    assert old != new
    assert len(cuts) > 60
    without = [{id for id, *_ in ranking if id not in secret_ids} for ranking in old]
    for said, erased in found:
        if erased:  # nothing of it, and of the others nothing less
            assert [{id for id, *_ in ranking} for ranking in said] == without
        else:
            assert said == old
    assert found[-1] == (new, {secret})


def test_the_harness_sees_a_rename_that_comes_before_the_sync(tmp_path, monkeypatch):
    """The check is checked: with nothing synced before it is visible, a cut is not survived."""
    home = Home(tmp_path / "home")
    build(home, FEW)
    monkeypatch.setattr("retrieval.versions.candidate.sync_tree", lambda _: None)
    damaged = []

    def cut(disk, _):
        image = disk.image(tmp_path / "image", early=True)
        try:
            answers(image)
        except CitewellError as error:
            damaged.append(error)
        shutil.rmtree(image)

    with monkeypatch.context() as patch:
        disk = Disk(home.path, tmp_path / "shadows", patch, cut)
        build(home, {"docs/new.md": "pump1 valve2 key3"})
    disk.close()
    assert damaged

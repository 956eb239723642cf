"""Is a file replaced in one step, does a power cut leave the old or the new, and is a file hashed to its last byte?"""

import hashlib
import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.errors import CitewellError
from retrieval.disk.durable import hash_file, hash_sparse, write_durably
from retrieval.erasure.erasing import delete
from retrieval.versions.erasure_list import ErasureList
from retrieval.versions.home import Home
from tests.retrieval.disk.power import Disk
from tests.retrieval.words import ENCODER, TEXTS, answers, build


def test_the_pointer_is_replaced_in_one_step_or_not_at_all(tmp_path, monkeypatch):
    write_durably(tmp_path / "live", "old")
    steps = []
    for module, name in ((os, "fsync"), (Path, "replace")):
        real = getattr(module, name)

        def stepped(*arguments, real=real, name=name):
            steps.append((name, (tmp_path / "live").read_text()))
            return real(*arguments)

        monkeypatch.setattr(module, name, stepped)
    write_durably(tmp_path / "live", "new")
    assert steps == [("fsync", "old"), ("replace", "old"), ("fsync", "new")]
    assert [path.name for path in tmp_path.iterdir()] == ["live"]


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


@pytest.mark.slow
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


@pytest.mark.slow
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


@pytest.mark.slow
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


# Hashes of whole files


MEGABYTE = 1 << 20


def plainly(data):
    """What `hash_sparse` says that it is, of bytes that are all there."""
    total = hashlib.sha256()
    for start in range(0, len(data), MEGABYTE):
        if (block := data[start : start + MEGABYTE]) != bytes(MEGABYTE):
            total.update(start.to_bytes(8, "big") + block)
    total.update(len(data).to_bytes(8, "big"))
    return total.hexdigest()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    size=st.sampled_from([0, 1, 4096, MEGABYTE - 1, MEGABYTE, MEGABYTE + 1, 4 * MEGABYTE, 5 * MEGABYTE + 7]),
    written=st.lists(
        st.tuples(st.integers(0, 5 * MEGABYTE + 6), st.sampled_from([b"x", b"\0", b"words" * 2000])), max_size=4
    ),
)
def test_a_file_with_holes_has_the_hash_of_one_without(tmp_path, size, written):
    path = tmp_path / "file"
    with path.open("wb") as stream:
        stream.truncate(size)
        for place, data in written:
            if place + len(data) <= size:
                stream.seek(place)
                stream.write(data)

    assert hash_sparse(path) == plainly(path.read_bytes())


@pytest.mark.parametrize("size", [0, 1, (16 << 20) - 1, 16 << 20, (16 << 20) + 1])
def test_a_file_is_hashed_as_a_whole(tmp_path, size):
    (tmp_path / "file").write_bytes(b"7" * size)

    assert hash_file(tmp_path / "file") == hashlib.sha256(b"7" * size).hexdigest()

"""Is what stands beside the words of each chunk, its vector and the key of what says the same, always right?"""

from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from retrieval.disk.durable import hash_files
from retrieval.erasure.erasing import delete
from retrieval.lexical.sameness import key_number
from retrieval.model import EVERYTHING, Scope
from retrieval.search import candidates
from retrieval.search.hybrid import HybridSearch
from retrieval.stores.edge import EdgeStore
from retrieval.versions import manifest as manifests
from retrieval.versions.home import Home
from retrieval.versions.manifest import DamagedIndex, Manifest
from tests.retrieval.words import ENCODER, QUESTIONS, TEXTS, answers, build, documents

MORE = {f"more/{number}.md": f"pump{number} and the valve of pipe {number % 3}" for number in range(9)}


def beside(home):
    """Of the live version, whether each chunk's vector is the engine's and its key that of its text."""
    with closing(home.open(encoder=ENCODER)) as version:
        chunks = list(version.content.every_chunk())
        ids = [chunk.id for chunk in chunks]
        slots, stored = version.postings.ordinals(ids), version.store.vectors(ids)
        keys = version.postings.keys(slots).tolist() == [key_number(chunk) for chunk in chunks]
        vectors = version.postings.vectors(slots)
        return version.postings.has_vectors, keys, all(map(np.array_equal, vectors, map(stored.get, ids)))


def as_of_before(home):
    """Takes from the live version what an older Citewell did not write beside the words."""
    folder = home.folder(home.live())
    manifest = Manifest.read(folder)
    for path in [*folder.rglob("keys1.npy"), *folder.rglob("vectors.f4")]:
        path.unlink()
    replace(manifest, files=hash_files(manifest.folder(folder))).write(folder)


@pytest.mark.slow
def test_it_follows_every_change_of_an_index(tmp_path):
    home = Home(tmp_path)
    first = build(home, TEXTS)
    assert beside(home) == (True, True, True)
    for changes, removed in (
        (MORE, []),
        ({"docs/01.md": "another text"}, ["docs/02.md", "more/3.md"]),
        ({}, ["docs/03.md"]),
    ):
        build(home, changes, removed=removed)
        assert beside(home) == (True, True, True)
    delete(home, ["docs/05.md"])
    assert beside(home) == (True, True, True)
    home.rollback(encoder=ENCODER)
    assert beside(home) == (True, True, True)
    assert first in {version.id for version in home.versions()}


def test_a_version_of_before_is_searched_alike_and_its_child_has_what_it_lacks(tmp_path):
    home = Home(tmp_path)
    build(home, TEXTS | MORE)
    said = answers(home)
    as_of_before(home)
    with closing(home.open(encoder=ENCODER)) as version:
        assert not version.postings.has_keys
        assert not version.postings.has_vectors
    for now, before in zip(answers(home), said, strict=True):
        assert [score for _, score, *_ in now] == pytest.approx([score for _, score, *_ in before], abs=1e-6)
        assert {id: score for id, score, *_ in now} == pytest.approx({id: score for id, score, *_ in before}, abs=1e-6)
    build(home, {"docs/new.md": "new"})
    assert beside(home) == (True, True, True)


def test_the_nearest_are_those_that_the_engine_finds_in_every_scope(tmp_path):
    held = [
        replace(each, labels=frozenset({"odd"} if number % 2 else ()))
        for number, each in enumerate(documents(TEXTS | MORE))
    ]
    home = Home(tmp_path)
    for part in (held[:9], held[9:]):
        build(home, part)
    build(home, [], removed=[held[0].name])
    with closing(home.open(encoder=ENCODER)) as version:
        search = HybridSearch(version, ENCODER)
        for scope in (EVERYTHING, Scope(frozenset({"odd"}))):
            for question in QUESTIONS:
                found = version.store.search(ENCODER.encode_query(question), k=200, scope=scope)
                every = search.every(question, mode="dense", k=200, scope=scope)
                assert {hit.chunk.id: hit.dense for hit in every} == pytest.approx(dict(found), abs=1e-6)


def test_what_is_gone_from_a_segment_is_near_to_no_question(tmp_path):
    home = Home(tmp_path)
    build(home, TEXTS)
    build(home, {}, removed=["docs/03.md", "docs/07.md"])
    with closing(home.open(encoder=ENCODER)) as version:
        search = HybridSearch(version, ENCODER)
        asked = search.read("chapter 7", EVERYTHING, "hybrid")
        for each in (asked, search.without(asked, ["docs/01.md"])):
            found = candidates.candidates(version, each, 200)
            assert set(found.slots.tolist()) <= set(np.flatnonzero(version.postings.here).tolist())
            assert len(found) == len(version.postings) - (each is not asked)


def test_another_vector_beside_the_words_is_damage_however_large_the_version_is(tmp_path, monkeypatch):
    home = Home(tmp_path)
    id = build(home, {"docs/a.md": "pump"})
    monkeypatch.setattr(manifests, "CHECK_AT_OPEN", 0)
    (path,) = home.folder(id).rglob("vectors.f4")
    np.flip(np.fromfile(path, dtype=np.float32)).tofile(path)
    with pytest.raises(DamagedIndex, match="beside its words"):
        home.open(encoder=ENCODER)


def test_above_the_size_of_a_scan_the_engine_is_asked(tmp_path, monkeypatch):
    build(tmp_path, TEXTS)
    before = answers(tmp_path)
    monkeypatch.setattr(candidates, "EXACT_BELOW", 3)
    asked = []
    monkeypatch.setattr(
        EdgeStore, "search", lambda *said, own=EdgeStore.search, **told: asked.append(1) or own(*said, **told)
    )
    assert answers(tmp_path) == before
    assert len(asked) > len(before) / 2

"""Do the stored vectors answer exactly, within the scope, and say so when they cannot be read?"""

import os

import numpy as np
import pytest

from retrieval.manifest import hash_files
from retrieval.model import Point, Scope
from retrieval.stores.edge import EdgeStore, StoreFailed

KEYS = ["a", "a.b", 'a"b', "a'b", "a\\b", "ü", "日本", "a[0]", "a[]", "", " ", '"', "%22", "a%22b", "a\nb", "labels"]
VALUES = ["x", "", '"', "ü\n", "0", "true", "null", "%"]
NOBODY = Scope()


def point(number, vector, labels=(), metadata=None):
    return Point(f"{number:032x}", vector, labels, metadata or {})


def unit_vectors(n, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(n, 8)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def store(tmp_path):
    made = EdgeStore.create(tmp_path / "vectors", 8)
    yield made
    made.close()


def test_a_search_gives_the_nearest_with_their_cosines_best_first(store):
    vectors = unit_vectors(60)
    store.upsert([point(number, vector) for number, vector in enumerate(vectors)])
    query = unit_vectors(1, seed=1)[0]
    cosines = vectors @ query
    hits = store.search(query, k=10, scope=NOBODY)
    assert [id for id, _ in hits] == [f"{number:032x}" for number in np.argsort(-cosines)[:10]]
    assert [score for _, score in hits] == pytest.approx(np.sort(cosines)[::-1][:10].tolist(), abs=1e-6)
    assert store.count() == 60


def test_equal_cosines_stand_in_id_order(store):
    vector = unit_vectors(1)[0]
    store.upsert([point(number, vector) for number in (5, 3, 9, 1)])
    assert [int(id, 16) for id, _ in store.search(vector, k=4, scope=NOBODY)] == [1, 3, 5, 9]


def test_stored_vectors_are_given_back_and_unknown_ids_left_out(store):
    vectors = unit_vectors(3)
    store.upsert([point(number, vector) for number, vector in enumerate(vectors)])
    found = store.vectors([f"{number:032x}" for number in (2, 0, 77)])
    assert set(found) == {f"{0:032x}", f"{2:032x}"}
    np.testing.assert_allclose(found[f"{2:032x}"], vectors[2], atol=1e-6)


def test_what_is_deleted_or_replaced_is_found_no_more(store):
    old, new, other = unit_vectors(3)
    store.upsert([point(1, old, metadata={"v": "old"}), point(2, other)])
    store.upsert([point(1, new, metadata={"v": "new"})])
    store.delete([f"{2:032x}"])
    assert store.count() == 1
    assert store.search(old, k=5, scope=Scope(metadata={"v": "old"})) == []
    assert [int(id, 16) for id, _ in store.search(new, k=5, scope=Scope(metadata={"v": "new"}))] == [1]
    store.delete([])


def test_a_filter_finds_exactly_those_with_that_key_and_value(store):
    pairs = [(key, value) for key in KEYS for value in VALUES]
    vectors = unit_vectors(len(pairs))
    store.upsert([point(i, vectors[i], metadata={key: value, "z": "z"}) for i, (key, value) in enumerate(pairs)])
    for i, (key, value) in enumerate(pairs):
        hits = store.search(vectors[0], k=999, scope=Scope(metadata={key: value, "z": "z"}))
        assert [int(id, 16) for id, _ in hits] == [i], (key, value)


def test_a_filter_by_labels_wants_all_of_them(store):
    vectors = unit_vectors(4)
    sets = [(), ("a",), ("a", 'b"ü'), ('b"ü',)]
    store.upsert([point(i, vectors[i], labels) for i, labels in enumerate(sets)])

    def admitted(*labels):
        return {int(id, 16) for id, _ in store.search(vectors[0], k=9, scope=Scope(frozenset(labels)))}

    assert admitted() == {0, 1, 2, 3}
    assert admitted("a") == {1, 2}
    assert admitted("a", 'b"ü') == {2}
    assert admitted("A") == set()


def test_an_empty_store_answers(store):
    assert store.search(unit_vectors(1)[0], k=5, scope=NOBODY) == []
    assert store.vectors([]) == store.vectors(["0" * 32]) == {}
    assert store.count() == 0


def test_changing_a_copy_leaves_the_original_alone(store, tmp_path):
    vectors = unit_vectors(3)
    store.upsert([point(number, vector) for number, vector in enumerate(vectors)])
    store.flush()
    before = {path: path.read_bytes()[:4096] for path in (tmp_path / "vectors").rglob("*") if path.is_file()}
    copy = EdgeStore.copy(tmp_path / "vectors", tmp_path / "copy")
    copy.delete([f"{0:032x}"])
    copy.flush()
    assert copy.count() == 2
    assert store.count() == 3
    assert {path: path.read_bytes()[:4096] for path in before} == before
    copy.close()


def test_a_copy_is_the_same_and_takes_no_more_room(store, tmp_path):
    store.upsert([point(number, vector) for number, vector in enumerate(unit_vectors(3))])
    store.flush()
    store.close()
    EdgeStore.copy(tmp_path / "vectors", tmp_path / "copy").close()
    EdgeStore.open(tmp_path / "vectors").close()
    assert hash_files(tmp_path / "copy") == hash_files(tmp_path / "vectors")
    if hasattr(os, "SEEK_DATA"):
        assert size_on_disk(tmp_path / "copy") <= 2 * size_on_disk(tmp_path / "vectors")


def test_a_folder_that_is_no_store_is_a_stated_error(tmp_path):
    (tmp_path / "vectors").mkdir()
    with pytest.raises(StoreFailed, match="citewell ingest"):
        EdgeStore.open(tmp_path / "vectors")
    with pytest.raises(StoreFailed):
        EdgeStore.open(tmp_path / "nowhere")


def test_closing_twice_is_no_trouble(tmp_path):
    store = EdgeStore.create(tmp_path / "vectors", 8)
    store.close()
    store.close()


def size_on_disk(folder):
    """Bytes that the files really take: the engine's are sparse."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())

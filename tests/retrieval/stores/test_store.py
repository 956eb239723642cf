"""Does every store keep the one contract, whatever its engine?

The embedded engine; qdrant-client's local mode, standing in for a server; the same over HTTP; and a real server where
`CITEWELL_QDRANT_URL` names one.
"""

import os
import uuid
from itertools import count

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.model import EVERYTHING, Scope
from retrieval.parts import Point
from retrieval.stores.store import StoreFailed

SIZE = 8
KEYS = [
    "a",
    "a=",
    "a.b",
    'a"b',
    "a'b",
    "a\\b",
    "ü",
    "日本",
    "a[0]",
    "a[]",
    "",
    " ",
    '"',
    "%22",
    "a%22b",
    "a\nb",
    "labels",
]
VALUES = ["x", "=x", "", '"', "ü\n", "0", "true", "null", "%", "a.b\\", "\0nothing", "\\udc80", "\udc80x"]


@pytest.fixture(params=["embedded", "local", "wire", "server"])
def engine_of(request, tmp_path):
    """The engine of a home, all on one server where there is one."""
    if request.param == "embedded":
        from retrieval.stores.edge import EdgeEngine

        yield lambda home: EdgeEngine()
        return
    from qdrant_client import QdrantClient

    from retrieval.stores.connection import at
    from retrieval.stores.server import ServerEngine
    from tests.retrieval.stores.qdrant_server import serving

    if request.param == "local":
        client = QdrantClient(path=str(tmp_path / "qdrant"), force_disable_check_same_thread=True)
        yield lambda home: ServerEngine(lambda: client, home)
        client.close()
    elif request.param == "wire":
        with serving() as (_, url):
            yield lambda home: ServerEngine(at(url), home)
    else:
        url = os.environ.get("CITEWELL_QDRANT_URL") or pytest.skip("CITEWELL_QDRANT_URL names no server")
        key, run = os.environ.get("CITEWELL_QDRANT_API_KEY"), uuid.uuid4().hex
        yield lambda home: ServerEngine(at(url, key), run + home)
        client = at(url, key)()
        for collection in client.get_collections().collections:
            if collection.name.startswith(f"citewell-{run}"):
                client.delete_collection(collection.name)


@pytest.fixture
def engine(engine_of):
    return engine_of("one")


@pytest.fixture
def store(engine, tmp_path):
    made = engine.create(tmp_path / "version" / "vectors", SIZE)
    yield made
    made.close()


def name(number):
    return f"{number:032x}"


def point(number, vector, labels=(), metadata=None):
    return Point(name(number), vector, labels, metadata or {})


def points(vectors):
    return [point(number, vector) for number, vector in enumerate(vectors)]


def unit_vectors(n, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(n, SIZE)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def numbers(hits):
    return [int(id, 16) for id, _ in hits]


def everything(store):
    """What the store holds, by id."""
    return {each.id: each for part in store.points() for each in part}


def filled(engine, folder, vectors):
    store = engine.create(folder, SIZE)
    store.upsert(points(vectors))
    store.flush()
    return store


def test_a_search_gives_the_nearest_with_their_cosines_best_first(store):
    vectors, query = unit_vectors(60), unit_vectors(1, seed=1)[0]
    store.upsert(points(vectors))
    cosines = vectors @ query
    hits = store.search(query, k=10, scope=EVERYTHING)
    assert numbers(hits) == np.argsort(-cosines)[:10].tolist()
    assert [score for _, score in hits] == pytest.approx(np.sort(cosines)[::-1][:10].tolist(), abs=1e-5)
    assert store.count() == 60
    assert len(store.search(query, k=99, scope=EVERYTHING)) == 60
    assert store.search(query, k=0, scope=EVERYTHING) == []


def test_cosines_by_id_are_those_of_a_search(store):
    vectors, query = unit_vectors(60), unit_vectors(1, seed=1)[0]
    store.upsert(points(vectors))
    said = store.cosines(query, [name(number) for number in (7, 3, 7777)])
    assert said == {name(number): pytest.approx(float(vectors[number] @ query), abs=1e-5) for number in (3, 7)}
    every = dict(store.search(query, k=60, scope=EVERYTHING))
    assert store.cosines(query, sorted(every)) == pytest.approx(every, abs=1e-6)
    assert store.cosines(query, []) == {}


def test_equal_cosines_stand_in_id_order_and_are_cut_in_it(store):
    same, best = np.eye(SIZE, dtype=np.float32)[:2]
    order = np.random.default_rng(0).permutation(300).tolist()
    store.upsert([point(number, same) for number in order] + [point(500, best)])
    assert numbers(store.search(same, k=5, scope=EVERYTHING)) == [0, 1, 2, 3, 4]
    assert numbers(store.search(best, k=3, scope=EVERYTHING)) == [500, 0, 1]
    assert numbers(store.search(same, k=301, scope=EVERYTHING)) == [*range(300), 500]


def test_stored_vectors_are_given_back_and_unknown_ids_left_out(store):
    vectors = unit_vectors(300)
    store.upsert(points(vectors))
    found = store.vectors([name(number) for number in (2, 0, 7777, *range(3, 300))])
    assert sorted(found) == [name(number) for number in range(300) if number != 1]
    np.testing.assert_allclose(found[name(2)], vectors[2], atol=1e-6)
    assert {vector.dtype for vector in found.values()} == {np.dtype(np.float32)}
    assert store.vectors([]) == {}


def test_what_is_deleted_or_replaced_is_found_no_more(store):
    old, new, other = unit_vectors(3)
    store.upsert([point(1, old, metadata={"v": "old"}), point(2, other)])
    store.upsert([point(1, new, metadata={"v": "new"})])
    store.delete([name(2), name(77)])
    assert store.count() == 1
    assert store.search(old, k=5, scope=Scope(metadata={"v": "old"})) == []
    assert numbers(store.search(new, k=5, scope=Scope(metadata={"v": "new"}))) == [1]
    store.delete([])
    store.upsert([])
    assert store.count() == 1


def test_of_two_points_with_one_id_in_one_batch_the_last_stays(store):
    first, last = unit_vectors(2)
    store.upsert([point(1, first, ("first",)), point(1, last, ("last",))])
    assert store.count() == 1
    np.testing.assert_allclose(store.vectors([name(1)])[name(1)], last, atol=1e-6)
    assert everything(store)[name(1)].labels == ("last",)


@pytest.mark.slow
def test_a_filter_finds_exactly_those_with_that_key_and_value(store):
    pairs = [(key, value) for key in KEYS for value in VALUES]
    vectors = unit_vectors(len(pairs))
    store.upsert([point(i, vectors[i], metadata={key: value, "z": "z"}) for i, (key, value) in enumerate(pairs)])
    for i, (key, value) in enumerate(pairs):
        hits = store.search(vectors[0], k=999, scope=Scope(metadata={key: value, "z": "z"}))
        assert numbers(hits) == [i], (key, value)


def test_what_carries_a_label_that_is_barred_is_not_found(store):
    vectors = unit_vectors(4)
    sets = [(), ("a",), ("a", 'b"ü'), ('b"ü',)]
    store.upsert([point(i, vectors[i], labels, {"k": "a"}) for i, labels in enumerate(sets)])

    def admitted(*barred, labels=()):
        scope = Scope(frozenset(labels), within=frozenset(), without=frozenset(barred))
        return sorted(numbers(store.search(vectors[0], k=99, scope=scope)))

    assert admitted() == [0, 1, 2, 3]
    assert admitted('b"ü') == [0, 1]
    assert admitted("a", 'b"ü') == [0]
    assert admitted('b"ü', labels=["a"]) == [1]
    assert admitted("k") == [0, 1, 2, 3], "a label is no key"


def test_a_filter_by_labels_wants_all_of_them(store):
    vectors = unit_vectors(4)
    sets = [(), ("a",), ("a", 'b"ü'), ('b"ü',)]
    store.upsert([point(i, vectors[i], labels) for i, labels in enumerate(sets)])

    def admitted(*labels):
        return set(numbers(store.search(vectors[0], k=9, scope=Scope(frozenset(labels)))))

    assert admitted() == {0, 1, 2, 3}
    assert admitted("a") == {1, 2}
    assert admitted("a", 'b"ü') == {2}
    assert admitted("A") == set()


def test_a_label_is_never_taken_for_metadata(store):
    vectors = unit_vectors(3)
    store.upsert(
        [
            point(0, vectors[0], metadata={"a": "b"}),
            point(1, vectors[1], ("a", "b", "a=b", "a:b", '["a", "b"]')),
            point(2, vectors[2], metadata={'["a"]': "b", "labels": "a"}),
        ]
    )
    assert numbers(store.search(vectors[0], k=9, scope=Scope(metadata={"a": "b"}))) == [0]
    assert numbers(store.search(vectors[0], k=9, scope=Scope(frozenset({"a"})))) == [1]


WORDS = st.sampled_from([*KEYS, *VALUES]) | st.text(max_size=4)
VALUE = WORDS | st.lists(WORDS, max_size=3).map(tuple)
SCOPED = st.tuples(st.frozensets(WORDS, max_size=3), st.dictionaries(WORDS, VALUE, max_size=3))
WANTED = WORDS | st.frozensets(WORDS, max_size=3)
ASKED = st.tuples(
    st.frozensets(WORDS, max_size=2),
    st.dictionaries(WORDS, WANTED | st.lists(WANTED, max_size=2).map(tuple), max_size=2),
)
FRESH = count()


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(held=st.lists(SCOPED, max_size=12), asked=ASKED, k=st.integers(1, 15), pick=st.data())
def test_a_scope_admits_what_its_rule_says(engine, tmp_path, held, asked, k, pick):
    if held and pick.draw(st.booleans()):  # mostly a scope that some of them lie within
        labels, metadata = pick.draw(st.sampled_from(held))
        asked = frozenset(sorted(labels)[:1]), dict(sorted(metadata.items())[:1])
    scope, vectors, query = Scope(*asked), unit_vectors(len(held)), unit_vectors(1, seed=1)[0]
    store = engine.create(tmp_path / f"{next(FRESH)}", SIZE)
    store.upsert([point(i, vectors[i], tuple(labels), metadata) for i, (labels, metadata) in enumerate(held)])
    cosines = vectors @ query
    admitted = [i for i, (labels, metadata) in enumerate(held) if scope.admits(labels, metadata)]
    assert numbers(store.search(query, k=k, scope=scope)) == sorted(admitted, key=lambda i: -cosines[i])[:k]
    store.close()


@pytest.mark.slow
def test_points_gives_all_in_id_order_in_parts_as_they_were_put(store):
    vectors = unit_vectors(600)
    given = [
        point(i, vectors[i], ("b", "a") if i % 2 else (), {KEYS[i % len(KEYS)]: VALUES[i % len(VALUES)]})
        for i in range(600)
    ]
    store.upsert([given[i] for i in np.random.default_rng(0).permutation(600)])
    store.delete([name(3)])
    parts = list(store.points())
    got = [each for part in parts for each in part]
    assert max(map(len, parts)) <= 500
    assert [each.id for each in got] == [each.id for each in given if each.id != name(3)]
    for each in got:
        put = given[int(each.id, 16)]
        assert (each.labels, dict(each.metadata)) == (put.labels, dict(put.metadata))
        np.testing.assert_allclose(each.vector, put.vector, atol=1e-6)


def test_an_empty_store_answers(store):
    assert store.search(unit_vectors(1)[0], k=5, scope=EVERYTHING) == []
    assert store.search(unit_vectors(1)[0], k=5, scope=Scope(frozenset("a"))) == []
    assert store.vectors([name(0)]) == {}
    assert list(store.points()) == []
    assert store.count() == 0


def test_an_empty_store_can_be_finished_opened_and_copied(engine, tmp_path):
    filled(engine, tmp_path / "a", unit_vectors(0)).close()
    copy = engine.copy(tmp_path / "a", tmp_path / "b")
    assert engine.open(tmp_path / "a").count() == copy.count() == 0


def test_a_store_of_one_point_answers(store):
    vector = unit_vectors(1)[0]
    store.upsert([point(7, vector)])
    assert store.search(-vector, k=5, scope=EVERYTHING) == [(name(7), pytest.approx(-1.0, abs=1e-5))]


def test_a_vector_of_nothing_is_kept_and_is_like_nothing(store):
    nothing, one = np.zeros(SIZE, dtype=np.float32), np.eye(SIZE, dtype=np.float32)[0]
    store.upsert([point(1, nothing), point(2, one), point(3, -one)])
    assert store.search(one, k=3, scope=EVERYTHING) == [(name(2), 1.0), (name(1), 0.0), (name(3), -1.0)]
    assert numbers(store.search(nothing, k=2, scope=EVERYTHING)) == [1, 2]
    assert store.vectors([name(1)])[name(1)].tolist() == nothing.tolist()


def test_a_finished_store_is_the_same_when_opened_again(engine, tmp_path):
    vectors = unit_vectors(50)
    store = filled(engine, tmp_path / "a", vectors)
    before = store.search(vectors[3], k=9, scope=EVERYTHING)
    store.close()
    again = engine.open(tmp_path / "a")
    assert again.search(vectors[3], k=9, scope=EVERYTHING) == before
    assert again.count() == 50
    again.close()
    again.close()


@pytest.mark.slow
def test_changing_a_copy_leaves_the_parent_alone(engine, tmp_path):
    vectors = unit_vectors(300)
    parent = filled(engine, tmp_path / "a", vectors)
    copy = engine.copy(tmp_path / "a", tmp_path / "b")
    assert everything(copy).keys() == everything(parent).keys()
    copy.delete([name(0)])
    copy.upsert([point(1, -vectors[1], ("new",)), point(1000, vectors[0])])
    copy.flush()
    copy.close()
    assert parent.count() == 300
    assert numbers(parent.search(vectors[0], k=1, scope=EVERYTHING)) == [0]
    assert parent.search(vectors[0], k=1, scope=Scope(frozenset({"new"}))) == []
    again = engine.open(tmp_path / "b")
    assert again.count() == 300
    assert numbers(again.search(vectors[0], k=1, scope=EVERYTHING)) == [1000]
    assert numbers(again.search(vectors[1], k=9, scope=Scope(frozenset({"new"})))) == [1]
    again.close()
    parent.close()


def test_a_dropped_store_cannot_be_opened_and_its_copy_lives_on(engine, tmp_path):
    filled(engine, tmp_path / "a", unit_vectors(5)).close()
    copy = engine.copy(tmp_path / "a", tmp_path / "b")
    copy.flush()
    copy.close()
    engine.drop(tmp_path / "a")
    with pytest.raises(StoreFailed, match="citewell ingest"):
        engine.open(tmp_path / "a")
    engine.drop(tmp_path / "a")
    engine.drop(tmp_path / "never")
    again = engine.open(tmp_path / "b")
    assert again.count() == 5
    again.close()


def test_a_child_that_was_refused_leaves_nothing_for_the_next(engine, tmp_path):
    vectors = unit_vectors(20)
    filled(engine, tmp_path / "live", vectors).close()
    engine.publish(tmp_path / "live")

    refused = engine.copy(tmp_path / "live", tmp_path / "refused")
    refused.delete([name(0)])
    refused.upsert([point(99, vectors[0], ("canary",))])
    refused.flush()
    refused.close()
    engine.drop(tmp_path / "refused")
    assert not (tmp_path / "refused").exists()

    second = engine.copy(tmp_path / "live", tmp_path / "second")
    second.upsert([point(50, -vectors[0])])
    second.flush()
    second.close()
    engine.publish(tmp_path / "second")
    engine.publish(tmp_path / "live")  # rolled back

    third = engine.copy(tmp_path / "live", tmp_path / "third")
    assert sorted(everything(third)) == [name(number) for number in range(20)]
    assert third.search(vectors[0], k=9, scope=Scope(frozenset({"canary"}))) == []
    third.close()


def test_stores_of_two_homes_never_see_each_other(engine_of, tmp_path):
    here, there = engine_of("one"), engine_of("two")
    vectors = unit_vectors(4)
    stores = []
    for number, (home, folder) in enumerate([(here, "h1"), (here, "h2"), (there, "t1"), (there, "t2")]):
        stores.append(home.create(tmp_path / folder, SIZE))
        stores[-1].upsert([point(1, vectors[number], (folder,))])
        stores[-1].flush()
    for number, store in enumerate(stores):
        (only,) = everything(store).values()
        np.testing.assert_allclose(only.vector, vectors[number], atol=1e-6)
    here.publish(tmp_path / "h1")
    there.drop(tmp_path / "t1")
    assert [stores[number].count() for number in (0, 1, 3)] == [1, 1, 1]
    for store in stores:
        store.close()


def test_a_folder_that_is_no_store_is_a_stated_error(engine, tmp_path):
    (tmp_path / "vectors").mkdir()
    for folder in ("vectors", "nowhere"):
        with pytest.raises(StoreFailed, match="citewell ingest"):
            engine.open(tmp_path / folder)
    with pytest.raises(FileExistsError):
        engine.create(tmp_path / "vectors", SIZE)

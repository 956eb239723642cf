"""Does the server store keep to its own collections, outlive a bad line, and say what to do when it cannot?"""

import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from qdrant_client import QdrantClient

from retrieval.model import EVERYTHING, Scope
from retrieval.parts import Point
from retrieval.stores.connection import at
from retrieval.stores.server import ServerEngine
from retrieval.stores.store import StoreFailed
from tests.retrieval.stores.qdrant_server import serving


@pytest.fixture
def running():
    with serving() as (server, url):
        yield server, url


@pytest.fixture
def server(running):
    return running[0]


@pytest.fixture
def engine(running):
    made = ServerEngine(at(running[1]), "one")
    yield made
    made.close()


def points(n):
    vectors = np.random.default_rng(0).normal(size=(n, 4)).astype(np.float32)
    return [Point(f"{number:032x}", vector, ("a",), {"k": "v"}) for number, vector in enumerate(vectors)]


def finished(engine, folder, n=10):
    store = engine.create(folder, 4)
    store.upsert(points(n))
    store.flush()
    return store


def collections(server):
    return sorted(each.name for each in server.client.get_collections().collections)


def assert_left_alone(engine, folder, caplog):
    """What is not this engine's to keep goes from the folder, not from the server, and is spoken of."""
    assert engine.drop(folder) is True
    assert str(folder) in caplog.text
    assert not folder.exists()


def test_what_is_dropped_takes_its_snapshots_with_it(engine, server, tmp_path):
    first, second = finished(engine, tmp_path / "a"), finished(engine, tmp_path / "b")
    for name in (first.named.name, first.named.name, second.named.name):
        server.respond("POST", f"/collections/{name}/snapshots", None)
    assert engine.drop(tmp_path / "a") is True
    assert engine.drop(tmp_path / "a") is True, "there is nothing any more"
    assert collections(server) == [second.named.name]
    (left,) = server.taken
    assert second.named.name in left


def test_a_collection_that_went_already_can_be_dropped(engine, server, tmp_path):
    server.client.delete_collection(finished(engine, tmp_path / "a").named.name)
    assert engine.drop(tmp_path / "a") is True


def test_cosines_are_computed_where_the_vectors_are(engine, server, tmp_path):
    store = finished(engine, tmp_path / "a", 300)
    sent = len(server.seen)
    found = store.cosines(np.ones(4, dtype=np.float32), [f"{number:032x}" for number in range(300)])
    assert len(found) == 300
    assert server.seen[sent:] == [f"POST /collections/{store.named.name}/points/query"]


@pytest.mark.parametrize("key", ["schlüssel", "two\nlines", "right\r\n", "\0"])
def test_a_key_that_cannot_be_one_is_a_stated_error_that_does_not_show_it(tmp_path, key):
    with pytest.raises(StoreFailed, match=r"CITEWELL_QDRANT_API_KEY\.$") as caught:
        ServerEngine(at("http://127.0.0.1:1", key), "one").create(tmp_path / "a", 4)
    assert key.strip() not in str(caught.value)
    assert caught.value.__cause__ is caught.value.__context__ is None


def test_a_server_that_is_not_there_is_a_stated_error(tmp_path):
    engine = ServerEngine(at("http://127.0.0.1:1"), "one")
    with pytest.raises(StoreFailed, match=r"127\.0\.0\.1:1 does not answer .* CITEWELL_QDRANT_URL\.$"):
        engine.create(tmp_path / "a", 4)


@pytest.mark.parametrize("url", ["", " ", "ftp://127.0.0.1", "http://127.0.0.1:port", "http://[::1"])
def test_an_address_that_is_none_is_a_stated_error(tmp_path, url):
    with pytest.raises(StoreFailed, match=r"CITEWELL_QDRANT_URL\.$"):
        ServerEngine(at(url), "one").create(tmp_path / "a", 4)


def test_a_key_is_given_and_one_that_is_refused_is_a_stated_error(tmp_path):
    with serving(key="right") as (_, url):
        with pytest.raises(StoreFailed, match="CITEWELL_QDRANT_API_KEY"):
            ServerEngine(at(url), "one").create(tmp_path / "a", 4)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert finished(ServerEngine(at(url, "right"), "one"), tmp_path / "b").count() == 10
    with pytest.warns(UserWarning, match="insecure"):
        at("http://elsewhere.example:6333", "right")()


@pytest.mark.slow
@pytest.mark.parametrize("failure", ["drop", 503])
def test_an_upload_whose_connection_drops_is_sent_again(engine, server, tmp_path, failure):
    store = engine.create(tmp_path / "a", 4)
    server.script = [("/points", failure), ("/points", failure), ("/points/delete", failure)]
    store.upsert(points(300))
    store.delete([f"{7:032x}"])
    assert server.script == []
    assert store.count() == 299


def test_what_a_server_refuses_is_said_once_and_not_repeated(engine, server, tmp_path):
    store = engine.create(tmp_path / "a", 4)
    sent = len(server.seen)
    with pytest.raises(StoreFailed, match=r"refuses \(400"):
        store.upsert([Point(f"{1:032x}", np.ones(5, dtype=np.float32), (), {})])
    assert len(server.seen) == sent + 1


def test_a_collection_that_is_gone_is_a_stated_error(engine, server, tmp_path):
    store = finished(engine, tmp_path / "a")
    server.client.delete_collection(store.named.name)
    for call in (store.count, lambda: store.search(np.ones(4), k=1, scope=EVERYTHING), lambda: list(store.points())):
        with pytest.raises(StoreFailed, match=r"has no collection citewell-one-.* citewell ingest"):
            call()
    for again in (engine.open, engine.publish):
        with pytest.raises(StoreFailed, match=r"has no (such )?collection.* citewell ingest"):
            again(tmp_path / "a")


def test_points_lost_on_the_server_are_a_stated_error(engine, server, tmp_path):
    store = finished(engine, tmp_path / "a")
    server.client.delete(store.named.name, [f"{3:032x}"])
    with pytest.raises(StoreFailed, match="has 9 points instead of 10"):
        engine.open(tmp_path / "a")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"name": "citewell-one-x", "dimensions": 4, "points": "many"}'])
def test_a_damaged_folder_is_a_stated_error_and_can_be_dropped(engine, tmp_path, caplog, text):
    finished(engine, tmp_path / "a")
    (tmp_path / "a" / "collection.json").write_text(text, encoding="utf-8")
    for call in (engine.open, engine.publish, lambda folder: engine.copy(folder, tmp_path / "b")):
        with pytest.raises(StoreFailed, match="citewell ingest"):
            call(tmp_path / "a")
    assert_left_alone(engine, tmp_path / "a", caplog)


def test_an_unfinished_store_is_not_opened_but_can_be_dropped(engine, server, tmp_path):
    engine.create(tmp_path / "a", 4).upsert(points(3))
    with pytest.raises(StoreFailed, match="unfinished"):
        engine.open(tmp_path / "a")
    assert engine.drop(tmp_path / "a") is True
    assert collections(server) == []


def test_a_folder_of_another_home_is_refused(engine, running, tmp_path, caplog):
    server, url = running
    finished(engine, tmp_path / "a")
    other = ServerEngine(at(url), "on")
    for call in (other.open, other.publish, lambda folder: other.copy(folder, tmp_path / "b")):
        with pytest.raises(StoreFailed, match="another home"):
            call(tmp_path / "a")
    assert_left_alone(other, tmp_path / "a", caplog)
    assert len(collections(server)) == 1
    with pytest.raises(ValueError, match="letters and digits"):
        ServerEngine(at(url), "one-two")


def test_the_alias_moves_in_one_call_and_each_home_has_its_own(engine, running, tmp_path):
    server, url = running
    other = ServerEngine(at(url), "two")
    stores = {
        folder: finished(home, tmp_path / folder) for home, folder in [(engine, "a"), (engine, "b"), (other, "c")]
    }
    for home, folder in [(engine, "a"), (other, "c"), (engine, "b"), (engine, "b")]:
        sent = len(server.seen)
        home.publish(tmp_path / folder)
        assert server.seen[sent:] == ["POST /collections/aliases"]
    aliases = {each.alias_name: each.collection_name for each in server.client.get_aliases().aliases}
    assert aliases == {"citewell-one-live": stores["b"].named.name, "citewell-two-live": stores["c"].named.name}


def test_what_a_scope_asks_for_is_indexed_before_the_points_come(engine, server, tmp_path):
    store = finished(engine, tmp_path / "a")
    assert server.indexes == {store.named.name: {"scope": "keyword"}}
    kinds = [line.rsplit("/", 1)[1] for line in server.seen if line.startswith("PUT")]
    assert kinds == [store.named.name, "index", "points"]


def test_a_copy_is_made_on_the_server_and_its_snapshot_removed(engine, server, tmp_path):
    finished(engine, tmp_path / "a", 300)
    sent = len(server.seen)
    copy = engine.copy(tmp_path / "a", tmp_path / "b")
    assert not any(line.endswith(("/points", "/scroll")) for line in server.seen[sent:])
    assert server.taken == {}
    assert copy.count() == 300


def test_a_copy_is_made_point_by_point_where_the_snapshot_is_not_found_or_not_whole(running, tmp_path):
    server, url = running
    finished(ServerEngine(at(url), "one"), tmp_path / "a", 300)
    server.held = 299  # as one node of a cluster would
    part = ServerEngine(at(url), "one").copy(tmp_path / "a", tmp_path / "b")
    server.held = None
    elsewhere = ServerEngine(at(url), "one", snapshots="file:///nowhere").copy(tmp_path / "a", tmp_path / "c")
    assert part.count() == elsewhere.count() == 300
    assert len(part.search(np.ones(4), k=999, scope=Scope(frozenset("a"), {"k": "v"}))) == 300
    assert server.indexes.keys() >= {part.named.name, elsewhere.named.name}
    assert len(collections(server)) == 3
    assert server.taken == {}


def test_a_store_is_finished_when_the_server_has_settled(engine, server, tmp_path):
    store = engine.create(tmp_path / "a", 4)
    server.statuses = ["yellow", "grey", "yellow"]
    store.flush()
    assert server.statuses == []
    assert f"PATCH /collections/{store.named.name}" in server.seen
    engine.open(tmp_path / "a")


def test_a_server_that_cannot_settle_is_a_stated_error(engine, server, tmp_path):
    store = engine.create(tmp_path / "a", 4)
    server.statuses = ["red"]
    with pytest.raises(StoreFailed, match="see the server's log"):
        store.flush()


def test_a_server_that_is_no_qdrant_is_a_stated_error(engine, server, tmp_path):
    store = engine.create(tmp_path / "a", 4)
    server.client.count = lambda _: "hello"
    with pytest.raises(StoreFailed, match="CITEWELL_QDRANT_URL"):
        store.count()


@pytest.mark.slow
def test_threads_may_share_the_local_mode(tmp_path):
    client = QdrantClient(path=str(tmp_path / "qdrant"), force_disable_check_same_thread=True)
    store = ServerEngine(lambda: client, "one").create(tmp_path / "a", 4)
    batches = [points(400)[start : start + 20] for start in range(0, 400, 20)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(store.upsert, batches))
        found = pool.map(lambda _: store.search(np.ones(4), k=400, scope=EVERYTHING), range(20))
        assert {len(hits) for hits in found} == {400}
    assert store.count() == 400
    client.close()

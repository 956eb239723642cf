"""Does a home live alike on every engine: refused, ingested, rolled back, compacted, erased?"""

from contextlib import closing

import pytest
from qdrant_client import QdrantClient

from retrieval.erasure.erasing import delete, pending
from retrieval.search.hybrid import HybridSearch
from retrieval.stores.server import ServerEngine
from retrieval.versions.home import Home, Refused
from retrieval.versions.manifest import ForeignIndex, Manifest
from tests.retrieval.words import ENCODER, TEXTS, answers, build, fingerprint, ranked

SECRET = "docs/05.md"
QUESTION = "pump1 valve2 chapter 7"


@pytest.fixture(params=["embedded", "server"])
def engine(request):
    """What keeps the vectors; qdrant-client's local mode stands in for a server."""
    if request.param == "embedded":
        yield None
        return
    client = QdrantClient(":memory:")
    yield ServerEngine(lambda: client, "h1")
    client.close()


def said(home, id=None):
    with closing(home.open(id, encoder=ENCODER)) as version:
        return [(hit[0], round(hit[1], 5)) for hit in ranked(HybridSearch(version, ENCODER), QUESTION, k=50)]


def collections(engine):
    return sorted(found.name for found in engine._server.do("get_collections").collections) if engine else []


@pytest.mark.slow
def test_what_was_refused_and_rolled_back_leaves_no_trace_in_the_next(engine, tmp_path):
    home = Home(tmp_path / "home", engine and (lambda: engine))
    first = build(home, TEXTS)
    refused = build(home, {"docs/bad.md": "pump1 valve2 that is refused"}, publish=None)
    home.record_verdict(refused, {"status": "failed"})
    with pytest.raises(Refused):
        home.publish(refused)
    second = build(home, {"docs/a.md": "pump1 valve2 of the second"})
    assert home.rollback(encoder=ENCODER) == (first, second)
    build(home, {"docs/b.md": "pump1 valve2 of the third"})
    build(tmp_path / "whole", TEXTS | {"docs/b.md": "pump1 valve2 of the third"})
    assert fingerprint(home) == fingerprint(tmp_path / "whole")
    assert said(home) == said(Home(tmp_path / "whole"))


@pytest.mark.slow
def test_what_a_reader_holds_stays_until_it_lets_go_and_nothing_is_left_then(engine, tmp_path):
    home = Home(tmp_path / "home", engine and (lambda: engine))
    build(home, TEXTS)
    reader = home.open(encoder=ENCODER)
    before = ranked(HybridSearch(reader, ENCODER), QUESTION)
    for number in range(3):
        build(home, {f"docs/new{number}.md": f"something new {number}"})
    with home.writing():
        assert len(home.compact()) == 2
    assert ranked(HybridSearch(reader, ENCODER), QUESTION) == before
    reader.close()
    with home.writing():
        pass
    assert not list(home.versions_folder.glob(".dropped-*"))
    assert len(collections(engine)) == (2 if engine else 0)


@pytest.mark.slow
def test_an_erasure_leaves_what_a_home_without_the_document_would_be(engine, tmp_path):
    home = Home(tmp_path / "home", engine and (lambda: engine))
    build(home, TEXTS)
    build(home, {"docs/new.md": "something new"})
    reader = home.open(encoder=ENCODER)
    assert delete(home, [SECRET], patience=0).pending == (SECRET,)
    assert HybridSearch(reader, ENCODER)(QUESTION), "it reads on"
    reader.close()
    assert delete(home, [SECRET]).pending == pending(home) == ()
    kept = {name: text for name, text in TEXTS.items() if name != SECRET}
    build(tmp_path / "whole", kept | {"docs/new.md": "something new"})
    assert fingerprint(home) == fingerprint(tmp_path / "whole")
    assert said(home) == said(Home(tmp_path / "whole"))
    assert len(collections(engine)) == (2 if engine else 0)


def test_an_erasure_is_pending_while_the_server_that_keeps_vectors_is_not_named(tmp_path, caplog):
    client = QdrantClient(":memory:")
    home = Home(tmp_path / "home", lambda: ServerEngine(lambda: client, "h1"))
    build(home, TEXTS)
    nameless = Home(tmp_path / "home")
    done = delete(nameless, [SECRET], patience=0)
    assert done.pending == pending(nameless) == (SECRET,)
    assert "CITEWELL_QDRANT_URL" in done.waits_for
    assert "CITEWELL_QDRANT_URL" in caplog.text, "nor was the server told of the live version"
    assert delete(home, [SECRET]).pending == pending(home) == ()
    client.close()


@pytest.mark.slow
def test_an_erasure_is_pending_while_the_live_version_does_not_say_what_it_is(tmp_path):
    home = Home(tmp_path)
    build(home, TEXTS)
    manifest = home.folder(build(home, {"docs/new.md": "something new"})) / "manifest.json"
    whole = manifest.read_bytes()
    manifest.write_bytes(b"torn")
    done = delete(home, [SECRET], patience=0)
    assert done.pending == pending(home) == (SECRET,)
    assert "damaged" in done.waits_for
    manifest.write_bytes(whole)
    assert delete(home, [SECRET]).pending == pending(home) == ()


@pytest.mark.slow
def test_a_home_moves_to_a_server_and_back_with_what_it_holds(tmp_path):
    client = QdrantClient(":memory:")
    embedded, server = Home(tmp_path / "home"), Home(tmp_path / "home", lambda: ServerEngine(lambda: client, "h1"))
    first = build(embedded, TEXTS)
    second = build(server, {"docs/new.md": "something new"})
    third = build(server, {"docs/more.md": "something more"})
    assert [Manifest.read(server.folder(id)).engine for id in (first, second, third)] == ["edge", "server", "server"]
    with pytest.raises(ForeignIndex, match="CITEWELL_QDRANT_URL"):
        embedded.open(encoder=ENCODER)
    assert server.rollback(encoder=ENCODER)[0] == second
    server.unpin()
    server.publish(third)
    fourth = build(embedded, {"docs/back.md": "back again"})
    assert Manifest.read(embedded.folder(fourth)).engine == "edge"
    texts = {"docs/new.md": "something new", "docs/more.md": "something more", "docs/back.md": "back again"}
    build(tmp_path / "whole", TEXTS | texts)
    assert fingerprint(embedded) == fingerprint(tmp_path / "whole")
    assert answers(embedded) == answers(tmp_path / "whole")
    client.close()


def test_a_collection_that_is_lost_is_made_anew_by_the_next_ingest(tmp_path):
    client = QdrantClient(":memory:")
    home = Home(tmp_path / "home", lambda: ServerEngine(lambda: client, "h1"))
    build(home, TEXTS)
    whole = said(home)
    for found in client.get_collections().collections:
        client.delete_collection(found.name)
    build(home, {})
    assert said(home) == whole
    client.close()


def test_nothing_on_a_server_is_forgotten_while_the_server_is_not_named(tmp_path):
    client = QdrantClient(":memory:")
    engine = ServerEngine(lambda: client, "h1")
    home = Home(tmp_path / "home", engine and (lambda: engine))
    for number in range(3):
        build(home, TEXTS | {"docs/new.md": f"something new {number}"})
    nameless = Home(tmp_path / "home")
    with nameless.writing():
        assert len(nameless.compact()) == 1
    assert len(collections(engine)) == 3
    with home.writing():
        pass
    assert len(collections(engine)) == 2
    client.close()

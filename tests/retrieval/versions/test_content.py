"""Are a version's words given back exactly, and narrowed as a scope says?"""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.model import Chunk, Document, Page, Unseen
from retrieval.model import Scope
from retrieval.versions.content import Content

WORDS = st.sampled_from(["a", "b", "a.b", 'a"b', "a\\b", "ü", "日本", "", "a\nb", "$", "0", "\x01", "👍"])
LABELS = st.frozensets(WORDS, max_size=3)
METADATA = st.dictionaries(WORDS, WORDS | st.lists(WORDS, max_size=3).map(tuple), max_size=3)
WANTED = st.dictionaries(WORDS, WORDS | st.frozensets(WORDS, max_size=3), max_size=2)
TEXT = "One passage.\n\nAnother – ünï 字 👩‍💻 – passage.\n"
DOCUMENT = Document(
    "docs/ä b.md", TEXT, "Title", "markdown", (Page(0, 1), Page(14, 2, "ü-1")), {"k": 'v"'}, frozenset({"l"})
)
CHUNKS = [
    Chunk(DOCUMENT.name, 0, 12, TEXT[:12], "Title › A", "Title", ("A",), 1),
    Chunk(DOCUMENT.name, 14, 44, TEXT[14:44], "Title › B\n| x |", "Title", ("B", "C"), 2, "ü-1"),
]


@pytest.fixture
def content(tmp_path):
    made = Content.create(tmp_path / "content.sqlite")
    yield made
    made.close()


def test_documents_and_chunks_come_back_as_they_were(content, tmp_path):
    content.put(DOCUMENT, CHUNKS, "docs/ä b.md")
    content.mark("docs/ä b.md", "hash")
    content.finish()
    stored = Content.open(tmp_path / "content.sqlite")
    assert stored.document(DOCUMENT.name) == DOCUMENT
    assert stored.text(DOCUMENT.name) == TEXT
    assert stored.chunks_of(DOCUMENT.name) == list(stored.every_chunk()) == CHUNKS
    assert stored.chunks([CHUNKS[1].id, "0" * 32]) == {CHUNKS[1].id: CHUNKS[1]}
    assert stored.counts() == (1, 2)
    assert stored.sources() == {"docs/ä b.md": "hash"}
    assert stored.held("docs/ä b.md") == {DOCUMENT.name: DOCUMENT.content_hash}
    stored.close()


def test_hidden_text_comes_back_with_the_chunks_in_which_it_stands_and_a_version_without_says_nothing(
    content, tmp_path
):
    hidden = replace(DOCUMENT, unseen=(Unseen(0, 3, "colour"), Unseen(20, 25, "size")))
    content.put(hidden, CHUNKS, "docs/ä b.md")
    content.put(replace(DOCUMENT, name="other.md"), [], "other.md")
    content.finish()
    with closing(Content.open(tmp_path / "content.sqlite")) as stored:
        assert stored.document(DOCUMENT.name) == hidden
        assert [chunk.unseen for chunk in stored.chunks_of(DOCUMENT.name)] == [hidden.unseen[:1], hidden.unseen[1:]]
        assert stored.with_unseen() == (DOCUMENT.name,)
    with closing(sqlite3.connect(tmp_path / "content.sqlite")) as file:
        file.execute("DROP TABLE unseen")  # as it was before
    with closing(Content.open(tmp_path / "content.sqlite")) as stored:
        assert (stored.document(DOCUMENT.name), stored.with_unseen()) == (DOCUMENT, ())
        assert stored.chunks_of(DOCUMENT.name) == CHUNKS
    with closing(Content.edit(tmp_path / "content.sqlite")) as child:
        child.remove(DOCUMENT.name)
        child.put(hidden, CHUNKS, "docs/ä b.md")
        assert child.with_unseen() == (DOCUMENT.name,)
        child.remove(DOCUMENT.name)
        assert child.with_unseen() == ()


def test_pages_stored_when_they_had_no_labels_are_read_without(content, tmp_path):
    content.put(replace(DOCUMENT, pages=(Page(0, 1), Page(14, 2))), CHUNKS, "docs/ä b.md")
    content.finish()
    with closing(sqlite3.connect(tmp_path / "content.sqlite")) as file:
        assert file.execute("SELECT pages FROM documents").fetchall() == [("[[0, 1], [14, 2]]",)], "as it was then"
    stored = Content.open(tmp_path / "content.sqlite")
    assert [(chunk.page, chunk.page_label) for chunk in stored.chunks_of(DOCUMENT.name)] == [(1, None), (2, None)]
    stored.close()


def test_what_is_not_there_is_none(content):
    assert content.document("nothing") is content.text("nothing") is None
    assert content.chunks([]) == content.chunks(["0" * 32]) == {}
    assert not content.holds("nothing")
    assert content.remove("nothing") == []


def test_more_ids_than_one_statement_takes_are_all_found(content):
    text = "word " * 1200
    chunks = [Chunk("d", 5 * i, 5 * i + 4, "word") for i in range(1200)]
    content.put(Document("d", text), chunks, "d")
    assert len(content.chunks([chunk.id for chunk in chunks])) == 1200


def test_two_documents_of_one_text_are_two_and_the_text_goes_with_the_last(content, tmp_path):
    for name in ("a", "b"):
        content.put(replace(DOCUMENT, name=name), [], name)
    content.remove("a")
    assert content.text("b") == TEXT
    content.remove("b")
    content.finish()
    assert b"passage" not in (tmp_path / "content.sqlite").read_bytes()
    stored = Content.open(tmp_path / "content.sqlite")
    assert stored._rows("SELECT count(*) FROM texts") == [(0,)]
    stored.close()


def test_a_sample_is_the_same_for_the_same_seed_and_never_repeats(content):
    chunks = [Chunk("d", i, i + 1, "x") for i in range(30)]
    content.put(Document("d", "x" * 30), chunks, "d")
    first = content.sample(10, seed=1)
    assert first == content.sample(10, seed=1) != content.sample(10, seed=2)
    assert len({chunk.id for chunk in first}) == 10
    assert len(content.sample(99, seed=1)) == 30


def test_nothing_is_written_beside_an_opened_one(content, tmp_path):
    content.put(DOCUMENT, CHUNKS, "s")
    content.finish()
    before = (tmp_path / "content.sqlite").read_bytes()
    stored = Content.open(tmp_path / "content.sqlite")
    stored.every_chunk()
    stored.in_scope(Scope(frozenset("l")))
    assert [path.name for path in tmp_path.iterdir()] == ["content.sqlite"]
    stored.close()
    assert (tmp_path / "content.sqlite").read_bytes() == before


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(LABELS, METADATA), max_size=6), LABELS, WANTED)
def test_what_is_in_scope_is_what_the_scope_admits(tmp_path_factory, documents, labels, metadata):
    content = Content.create(tmp_path_factory.mktemp("content") / "content.sqlite")
    scopes = [Scope(labels, metadata), *(Scope(*document) for document in documents)]
    for number, (own_labels, own_metadata) in enumerate(documents):
        document = Document(f"d{number}", "x", metadata=own_metadata, labels=own_labels)
        content.put(document, [Chunk(document.name, 0, 1, "x")], document.name)
    for scope in scopes:
        admitted = {f"d{number}" for number, document in enumerate(documents) if scope.admits(*document)}
        found = content.in_scope(scope)
        assert set(found) == admitted
        assert len(found) == len(admitted)
    content.close()


@pytest.mark.parametrize(
    "change",
    [
        *({"text": TEXT + "."}, {"title": "T"}, {"markup": "plain"}, {"pages": ()}, {"metadata": {"k": "w"}}),
        *({"metadata": {"K": 'v"'}}, {"labels": frozenset()}, {"labels": frozenset({"l", "m"})}),
    ],
    ids=lambda change: " ".join(f"{name}={sorted(value) or value!r}" for name, value in change.items()),
)
def test_whatever_changes_in_a_document_changes_its_content_hash(change):
    assert replace(DOCUMENT, **change).content_hash != DOCUMENT.content_hash


def test_another_label_of_a_page_changes_the_content_hash():
    assert replace(DOCUMENT, pages=(Page(0, 1), Page(14, 2))).content_hash != DOCUMENT.content_hash

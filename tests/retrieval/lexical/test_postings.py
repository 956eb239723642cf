"""Is it BM25, as rank-bm25 computes it, whatever the corpus and however it came to be?"""

import json
import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.model import digest
from retrieval.lexical.analyze import terms
from retrieval.lexical.invert import Entry, document_key, invert
from retrieval.lexical.lineage import follow, merged, read_segments
from retrieval.lexical.postings import Postings, Statistics
from tests.retrieval.words import Forgetting

WORDS = st.sampled_from(["pump", "valve", "key", "ünï", "字典", "a", "aa", "b" * 40, "read_csv", "7"])
CORPORA = st.lists(st.lists(WORDS, max_size=12), min_size=1, max_size=12).filter(any)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def entries_of(corpus):
    """The corpus under chunk ids, in id order."""
    entries = [
        Entry(digest(str(n))[:32], f"d{n % 3}", ["en", "de", ""][n % 3], words, key=7 * n, vector=vector_of(n))
        for n, words in enumerate(corpus)
    ]
    return sorted(entries, key=lambda entry: entry.id)


def vector_of(number):
    return np.random.default_rng(number).normal(size=5).astype(np.float32)


def built(entries, folder):
    follow(None, folder, removed=[], added=entries)
    return Postings(folder)


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def best(postings, query, k, mask=None):
    """The `k` best with their scores, as whoever asks takes them from the contenders."""
    slots = postings.contenders(postings.terms(query), k, mask)
    scores = postings.scored(postings.terms(query), slots).tolist()
    return sorted(zip(postings.ids(slots), scores, strict=True), key=lambda hit: (-hit[1], hit[0]))[:k]


def assert_like_rank_bm25(postings, entries, queries):
    oracle = Statistics([entry.terms for entry in entries])
    ids = [entry.id for entry in entries]
    for query in queries:
        expected = np.asarray(oracle.get_scores(query))
        close = {"rtol": 1e-6, "atol": 1e-6 * max(1, expected.max())}
        np.testing.assert_allclose(postings.scores(postings.terms(query))[postings.ordinals(ids)], expected, **close)
        scored = dict(zip(ids, postings.scored(postings.terms(query), postings.ordinals(ids)).tolist(), strict=True))
        np.testing.assert_allclose([scored[id] for id in ids], expected, **close)
        ranking = sorted(((id, score) for id, score in scored.items() if score > 0), key=lambda hit: (-hit[1], hit[0]))
        for k in (1, 3, len(ids)):
            assert best(postings, query, k) == ranking[:k], "the best are the best of all, whatever was left out"


@quick
@given(CORPORA, st.lists(st.lists(WORDS, max_size=6), max_size=5))
def test_scores_are_those_of_rank_bm25(tmp_path_factory, corpus, queries):
    entries = entries_of(corpus)
    assert_like_rank_bm25(built(entries, tmp_path_factory.mktemp("postings") / "p"), entries, queries)


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("collection", ["adi", "cranfield"])
def test_scores_are_those_of_rank_bm25_on_a_real_collection(shared, tmp_path, collection):
    records = map(json.loads, (shared / collection / "corpus.jsonl").read_text("utf-8").splitlines())
    entries = entries_of([terms(record.get("title", "") + "\n" + record["text"]) for record in records])
    questions = map(json.loads, (shared / collection / "queries.jsonl").read_text("utf-8").splitlines())
    queries = [terms(question["text"]) for question in questions][:15]
    whole = built(entries, tmp_path / "postings")
    assert_like_rank_bm25(whole, entries, queries)
    grown = grow(tmp_path / "grown", [entries[start::7] for start in range(7)])
    assert all(best(grown, query, 20) == best(whole, query, 20) for query in queries)


def grow(folder, parts, removed=()):
    """A version that came to be part by part, and lost `removed` at the end."""
    parent = None
    for number, part in enumerate(parts):
        follow(parent, folder / str(number), removed=[], added=part)
        parent = folder / str(number)
    follow(parent, folder / "last", removed=removed, added=[])
    return Postings(folder / "last")


@pytest.mark.slow
@quick
@given(
    st.lists(st.tuples(st.lists(WORDS, max_size=8), st.integers(0, 3), st.booleans()), min_size=1, max_size=24),
    st.lists(st.lists(WORDS, max_size=6), max_size=4),
)
def test_a_version_scores_alike_however_it_came_to_be(tmp_path_factory, plan, queries):
    """`plan` has, for each chunk, its words, the version that adds it, and whether the last one removes it."""
    entries = entries_of([words for words, _, _ in plan])
    by_id = {digest(str(n))[:32]: row for n, row in enumerate(plan)}
    parts = [[entry for entry in entries if by_id[entry.id][1] == step] for step in range(4)]
    removed = {entry.id for entry in entries if by_id[entry.id][2]}
    kept = [entry for entry in entries if entry.id not in removed]
    folder = tmp_path_factory.mktemp("grown")
    grown, fresh = grow(folder, parts, removed), built(kept, folder / "fresh")
    assert len(grown) == len(kept)
    ids = [entry.id for entry in entries]
    assert [slot < 0 for slot in grown.ordinals(ids)] == [id in removed for id in ids]
    assert grown.languages_of(grown.ordinals([entry.id for entry in kept])) == [entry.language for entry in kept]
    slots = grown.ordinals([entry.id for entry in kept])
    assert grown.keys(slots).tolist() == [entry.key for entry in kept]
    assert grown.vectors(slots).tolist() == [entry.vector.tolist() for entry in kept]
    for entry in kept[:2]:
        every = grown.cosines(entry.vector)
        assert every[slots].tolist() == grown.cosines(entry.vector, slots).tolist()
        assert every[slots] == pytest.approx([float(entry.vector @ other.vector) for other in kept], abs=1e-5)
    for query in queries:
        assert best(grown, query, 5) == best(fresh, query, 5), "to the last bit"
        assert all(grown.idf(word) == fresh.idf(word) for word in query)
        for document in ("d0", "d1"):
            keys = np.array([document_key(document)], dtype=np.uint64)
            masks = grown.of_documents(keys), fresh.of_documents(keys)
            found = best(grown, query, 5, masks[0])
            assert found == best(fresh, query, 5, masks[1])
            assert {id for id, _ in found} <= {entry.id for entry in kept if entry.document == document}
    merged(folder / "3", folder / "one", removed=removed)
    alone = folder / "alone"
    invert(kept, alone)
    assert contents(folder / "one" / "000001") == contents(alone), "nothing of what was removed is left in the files"


def test_where_some_chunks_came_without_a_vector_none_is_told(tmp_path):
    entries = entries_of([["pump"], ["key"], ["valve"]])
    follow(None, tmp_path / "older", removed=[], added=[replace(entries[0], vector=None)])
    (tmp_path / "older" / "000001" / "keys1.npy").unlink()
    older = Postings(tmp_path / "older")
    follow(tmp_path / "older", tmp_path / "child", removed=[], added=entries[1:])
    child = Postings(tmp_path / "child")
    assert (older.has_keys, older.has_vectors, child.has_keys, child.has_vectors) == (False,) * 4
    assert [id for id, _ in best(child, entries[0].terms, 3)] == [entries[0].id], "all else is as ever"
    follow(tmp_path / "child", tmp_path / "last", removed=[entries[0].id], added=[])
    last = Postings(tmp_path / "last")
    assert len(last) == 2


def test_equal_vectors_have_equal_cosines_to_the_last_bit_wherever_they_stand(tmp_path):
    same, asked = vector_of(1), vector_of(2)
    entries = [replace(entry, vector=same) for entry in entries_of([["pump"]] * 99)]
    postings = grow(tmp_path, [entries[start::3] for start in range(3)])
    assert len(set(postings.cosines(asked).tolist())) == 1
    for count in (1, 2, 7, 50):
        assert set(postings.cosines(asked, np.arange(count)).tolist()) == set(postings.cosines(asked).tolist())


def test_a_child_never_changes_its_parent(tmp_path):
    entries = entries_of([["pump", f"own{number}"] for number in range(40)])
    built(entries[:30], tmp_path / "parent")
    before = contents(tmp_path / "parent")
    follow(tmp_path / "parent", tmp_path / "child", removed=[entries[0].id], added=entries[30:])
    follow(tmp_path / "child", tmp_path / "grandchild", removed=[entry.id for entry in entries[:20]], added=[])
    assert contents(tmp_path / "parent") == before
    assert [len(Postings(tmp_path / name)) for name in ("parent", "child", "grandchild")] == [30, 39, 20]


@pytest.mark.slow
def test_many_small_children_leave_few_segments(tmp_path):
    entries = entries_of([["pump", f"own{number}"] for number in range(300)])
    parent = None
    for step in range(60):
        follow(parent, tmp_path / str(step), removed=[], added=entries[step * 5 : step * 5 + 5])
        parent = tmp_path / str(step)
        assert len(read_segments(parent)) <= 5
    assert len(Postings(parent)) == 300


def test_what_was_removed_and_added_again_is_there_once(tmp_path):
    entries = entries_of([["pump"], ["valve"]])
    built(entries, tmp_path / "parent")
    again = Entry(entries[0].id, "d0", "en", ["key", "key"])
    follow(tmp_path / "parent", tmp_path / "child", removed=[again.id], added=[again])
    child = Postings(tmp_path / "child")
    assert len(child) == 2
    assert [id for id, _ in best(child, ["key"], 5)] == [again.id]
    assert again.id not in [id for id, _ in best(child, list(entries[0].terms), 5)]


@pytest.mark.parametrize("size", [1, 2, 10])
def test_a_small_corpus_scores_what_is_shared_above_zero(tmp_path, size):
    entries = entries_of([["pump", f"own{number}"] for number in range(size)])
    postings = built(entries, tmp_path / "postings")
    assert (postings.scores(postings.terms(["pump"])) > 0).all()
    ordinal = [entry.terms for entry in entries].index(["pump", "own0"])
    assert np.flatnonzero(postings.scores(postings.terms(["own0"]))).tolist() == [ordinal]
    assert postings.idf("own0") >= postings.idf("pump") > 0
    assert postings.idf("unheard") > postings.idf("pump")


def test_a_repeated_term_of_the_query_counts_again(tmp_path):
    postings = built(entries_of([["pump", "key"], ["pump"], ["valve"]]), tmp_path / "postings")
    np.testing.assert_allclose(
        postings.scores(postings.terms(["pump", "pump"])), 2 * postings.scores(postings.terms(["pump"])), rtol=1e-6
    )
    assert (postings.scores(postings.terms(["key", "pump"])) == postings.scores(postings.terms(["pump", "key"]))).all()


def test_what_no_chunk_holds_scores_nothing(tmp_path):
    postings = built(entries_of([["b"], ["d"]]), tmp_path / "postings")
    for word in ("a", "c", "e", "bb", "", "\ud800"):
        assert not postings.scores(postings.terms([word])).any()
        assert best(postings, [word], 5) == []
    assert not postings.scores(postings.terms([])).any()
    assert best(postings, [], 5) == []


@pytest.mark.parametrize("words", [[], [[]], [[], ["pump"]]])
def test_an_empty_corpus_and_empty_chunks_are_no_trouble(tmp_path, words):
    entries = [Entry(letter * 32, "d", "", row) for letter, row in zip("ab", words, strict=False)]
    postings = built(entries, tmp_path / "postings")
    assert len(postings) == len(entries)
    assert len(best(postings, ["pump"], 5)) == sum("pump" in row for row in words)
    assert postings.ordinals(["a" * 32, "f" * 32]).tolist() == [0 if entries else -1, -1]


@quick
@given(CORPORA, st.integers(0, 99), st.integers(1, 30))
def test_the_files_are_the_same_whatever_the_order_of_the_chunks_and_the_room(tmp_path_factory, corpus, seed, run):
    entries = entries_of(corpus)
    shuffled = random.Random(seed).sample(entries, len(entries))
    folders = [tmp_path_factory.mktemp("postings") / "p" for _ in range(2)]
    invert(entries, folders[0])
    invert(shuffled, folders[1], run=run)
    assert contents(folders[0]) == contents(folders[1])


def test_ids_and_ordinals_are_each_others_inverse(tmp_path):
    entries = entries_of([["w"]] * 20)
    postings = built(random.Random(1).sample(entries, 20), tmp_path / "postings")
    ids = [entry.id for entry in entries]
    assert postings.ids(range(20)) == ids
    assert postings.ordinals(ids[::-1]).tolist() == list(range(20))[::-1]
    assert postings.ordinals(["0" * 32, "f" * 32]).tolist() == [-1, -1]


def test_a_long_query_over_many_chunks_finds_the_same_with_and_without_pruning(tmp_path):
    draw = np.random.default_rng(3)
    corpus = [[f"w{min(rank, 400)}" for rank in draw.zipf(1.3, 30)] for _ in range(3000)]
    entries = entries_of(corpus)
    postings = built(entries, tmp_path / "postings")
    for _ in range(30):
        query = [f"w{min(rank, 400)}" for rank in draw.zipf(1.3, 9)]
        every = best(postings, query, len(entries))
        assert best(postings, query, 10) == every[:10]
        mask = draw.random(postings.slots) < 0.2
        within = set(postings.ids(np.flatnonzero(mask)))
        assert best(postings, query, 10, mask) == [hit for hit in every if hit[0] in within][:10]


def test_a_term_is_found_though_another_thread_clears_what_was_looked_up(tmp_path):
    postings = built(entries_of([["pump"], ["pump", "key"]]), tmp_path / "postings")
    expected = [postings.idf(word) for word in ("pump", "key", "unheard")]
    for segment in postings._segments:
        segment._places = Forgetting()
    assert [postings.idf(word) for word in ("pump", "key", "unheard")] == expected

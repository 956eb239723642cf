"""Is it BM25, as rank-bm25 computes it, whatever the corpus?"""

import json
import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.model import digest
from retrieval.analyze import terms
from retrieval.invert import ARRAYS, invert
from retrieval.lexical import Postings, Statistics

WORDS = st.sampled_from(["pump", "valve", "key", "ünï", "字典", "a", "aa", "b" * 40, "read_csv", "7"])
CORPORA = st.lists(st.lists(WORDS, max_size=12), min_size=1, max_size=12).filter(any)
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def chunks_of(corpus):
    """The corpus under chunk ids, in id order."""
    return sorted((digest(str(number))[:32], words) for number, words in enumerate(corpus))


def built(chunks, folder):
    invert(chunks, folder)
    return Postings(folder)


def assert_like_rank_bm25(postings, chunks, queries):
    oracle = Statistics([words for _, words in chunks])
    for query in queries:
        expected = np.asarray(oracle.get_scores(query))
        np.testing.assert_allclose(postings.scores(query), expected, rtol=1e-6, atol=1e-6 * max(1, expected.max()))


@quick
@given(CORPORA, st.lists(st.lists(WORDS, max_size=6), max_size=5))
def test_scores_are_those_of_rank_bm25(tmp_path_factory, corpus, queries):
    chunks = chunks_of(corpus)
    postings = built(chunks, tmp_path_factory.mktemp("postings"))
    assert_like_rank_bm25(postings, chunks, queries)


@pytest.mark.shared
@pytest.mark.parametrize("collection", ["adi", "cranfield"])
def test_scores_are_those_of_rank_bm25_on_a_real_collection(shared, tmp_path, collection):
    records = map(json.loads, (shared / collection / "corpus.jsonl").read_text("utf-8").splitlines())
    chunks = chunks_of([terms(record.get("title", "") + "\n" + record["text"]) for record in records])
    questions = map(json.loads, (shared / collection / "queries.jsonl").read_text("utf-8").splitlines())
    queries = [terms(question["text"]) for question in questions][:15]
    assert_like_rank_bm25(built(chunks, tmp_path / "postings"), chunks, queries)


@pytest.mark.parametrize("size", [1, 2, 10])
def test_a_small_corpus_scores_what_is_shared_above_zero(tmp_path, size):
    chunks = chunks_of([["pump", f"own{number}"] for number in range(size)])
    postings = built(chunks, tmp_path / "postings")
    assert (postings.scores(["pump"]) > 0).all()
    ordinal = [words for _, words in chunks].index(["pump", "own0"])
    assert np.flatnonzero(postings.scores(["own0"])).tolist() == [ordinal]
    assert postings.idf("own0") >= postings.idf("pump") > 0
    assert postings.idf("unheard") > postings.idf("pump")


def test_a_repeated_term_of_the_query_counts_again(tmp_path):
    postings = built(chunks_of([["pump", "key"], ["pump"], ["valve"]]), tmp_path / "postings")
    np.testing.assert_allclose(postings.scores(["pump", "pump"]), 2 * postings.scores(["pump"]), rtol=1e-6)
    assert (postings.scores(["key", "pump"]) == postings.scores(["pump", "key"])).all()


def test_what_no_chunk_holds_scores_nothing(tmp_path):
    postings = built(chunks_of([["b"], ["d"]]), tmp_path / "postings")
    for word in ("a", "c", "e", "bb", ""):
        assert not postings.scores([word]).any()
    assert not postings.scores([]).any()


@pytest.mark.parametrize("chunks", [[], [("a" * 32, [])], [("a" * 32, []), ("b" * 32, ["pump"])]])
def test_an_empty_corpus_and_empty_chunks_are_no_trouble(tmp_path, chunks):
    postings = built(chunks, tmp_path / "postings")
    assert len(postings) == len(chunks)
    assert np.count_nonzero(postings.scores(["pump"])) == sum("pump" in words for _, words in chunks)
    assert postings.ordinals(["a" * 32, "f" * 32]).tolist() == [0 if chunks else -1, -1]


@quick
@given(CORPORA, st.integers(0, 99), st.integers(1, 30))
def test_the_files_are_the_same_whatever_the_order_of_the_chunks_and_the_room(tmp_path_factory, corpus, seed, run):
    chunks = chunks_of(corpus)
    shuffled = random.Random(seed).sample(chunks, len(chunks))
    folders = [tmp_path_factory.mktemp("postings") for _ in range(2)]
    invert(chunks, folders[0])
    invert(shuffled, folders[1], run=run)
    one, other = ({path.name: path.read_bytes() for path in folder.iterdir()} for folder in folders)
    assert one == other
    assert set(one) == {f"{name}.npy" for name in ARRAYS}


def test_ids_and_ordinals_are_each_others_inverse(tmp_path):
    chunks = chunks_of([["w"]] * 20)
    postings = built(random.Random(1).sample(chunks, 20), tmp_path / "postings")
    ids = [id for id, _ in chunks]
    assert postings.ids(range(20)) == ids
    assert postings.ordinals(ids[::-1]).tolist() == list(range(20))[::-1]
    assert postings.ordinals(["0" * 32, "f" * 32]).tolist() == [-1, -1]

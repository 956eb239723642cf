"""Does an explanation account for every score and every document, and tell nothing of what lies outside the scope?"""

from contextlib import closing

import pytest

from ingest.model import Document
from retrieval.model import Scope
from retrieval.search.explain import explain
from retrieval.search.hybrid import HybridSearch
from retrieval.search.settings import SearchSettings
from retrieval.versions.home import Home
from tests.retrieval.words import ENCODER, build

QUERY = "green pump key"
STAFF = Scope(frozenset({"staff"}))
FUSIONS = ["convex", "rrf", "dbsf"]
DOCUMENTS = [
    Document("d/a", "the pump starts with the green key", labels=frozenset({"staff"})),
    Document("d/b", "the pump stops with the red key", labels=frozenset({"staff"})),
    Document("d/copy", "The pump starts: with a green key!", labels=frozenset({"staff"})),
    Document("d/empty", "", labels=frozenset({"staff"})),
    Document("d/far", "nothing that has to do with it", labels=frozenset({"staff"})),
    Document("d/hidden", "green pump key, but for the board alone", labels=frozenset({"board"})),
    *(
        Document(f"d/{number:02}", f"key {number} opens pipe {number * 3}", labels=frozenset({"staff"}))
        for number in range(30)
    ),
]


class Backwards:
    """A reranker that likes the passages least that the question shares most letters with."""

    def scores(self, query, passages):
        return [-float(sum(query.count(word) for word in set(passage.split()))) for passage in passages]


@pytest.fixture(scope="module")
def version(tmp_path_factory):
    home = tmp_path_factory.mktemp("home")
    build(home, DOCUMENTS)
    with closing(Home(home).open(encoder=ENCODER)) as version:
        yield version


@pytest.fixture(scope="module")
def search(version):
    return HybridSearch(version, ENCODER)


def account(search, name, *, k=3, scope=STAFF, **options):
    return explain(search, QUERY, k=k, scope=scope, document=name, **options).document


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
@pytest.mark.parametrize("fusion", FUSIONS)
def test_the_explained_hits_are_those_of_the_search(version, mode, fusion):
    search = HybridSearch(version, ENCODER, SearchSettings(fusion=fusion, rerank_depth=5), reranker=Backwards())
    found = explain(search, QUERY, k=20, mode=mode)
    assert list(found.hits) == search(QUERY, k=20, mode=mode)
    assert len(found.standings) == 20
    assert found.document is None
    for hit, standing in zip(found.hits, found.standings, strict=True):
        assert (standing.score, standing.reranked) == (hit.score, hit.reranked)
        assert standing.dense is None if mode == "lexical" else standing.dense.score == hit.dense
        assert standing.lexical is None if mode == "dense" else standing.lexical.score == hit.lexical


@pytest.mark.parametrize("fusion", FUSIONS)
def test_the_parts_of_a_score_add_up(version, fusion):
    search = HybridSearch(version, ENCODER, SearchSettings(dense_weight=0.3, fusion=fusion))
    for standing in explain(search, QUERY, k=20).standings:
        dense, lexical = standing.dense.scaled, standing.lexical.scaled
        assert standing.weight == 0.3
        assert 0.3 * dense + 0.7 * lexical == pytest.approx(standing.score)
        assert sum(match.adds for match in standing.terms) == pytest.approx(standing.lexical.score, rel=1e-5)


def test_the_words_that_matched_are_named_with_their_weight(search):
    first = explain(search, "green pump pump unheard", k=1, scope=STAFF)
    assert {match.term for match in first.standings[0].terms} == {"green", "pump"}
    for match in first.standings[0].terms:
        assert match.idf == search.version.postings.idf(match.term)
    assert explain(search, "green", k=1, mode="dense").standings[0].terms == ()


def test_ranks_in_each_leg_are_those_of_the_leg_asked_alone(search):
    alone = {
        mode: {hit.chunk.id: rank for rank, hit in enumerate(search.every(QUERY, k=99, scope=STAFF, mode=mode), 1)}
        for mode in ("dense", "lexical")
    }
    found = explain(search, QUERY, k=40, scope=STAFF)
    assert len(found.hits) == 33
    for hit, standing in zip(found.hits, found.standings, strict=True):
        assert standing.dense.rank == alone["dense"][hit.chunk.id]
        assert standing.lexical.rank == alone["lexical"].get(hit.chunk.id)


def test_a_document_that_is_shown_is_told_where(search):
    hits = search(QUERY, k=3, scope=STAFF)
    found = account(search, hits[1].chunk.document)
    assert (found.fate, found.shown_at, found.passage) == ("shown", 2, hits[1].chunk)


def test_a_document_that_says_the_same_is_told_as_what_it_is_shown(search):
    first = search(QUERY, k=3, scope=STAFF)[0]
    other = {"d/a": "d/copy", "d/copy": "d/a"}[first.chunk.document]
    assert first.duplicates == (other,)
    found = account(search, other)
    assert (found.fate, found.shown_at, found.standing.rank) == ("collapsed", 1, 2)


def test_a_document_that_is_ranked_too_low_is_told_its_place_and_the_score_it_lacks(search):
    hits = search(QUERY, k=3, scope=STAFF)
    low = search.every(QUERY, k=99, scope=STAFF)[-1]
    found = account(search, low.chunk.document)
    assert (found.fate, found.passage, found.shown_at) == ("fusion", low.chunk, None)
    assert found.needed == hits[-1].score > found.standing.score == low.score
    assert found.standing.rank == found.standing.candidates == 34


def test_a_document_that_no_leg_handed_on_is_told_its_rank_and_score_in_each(version, search):
    shallow = HybridSearch(version, ENCODER, SearchSettings(depth=2))
    everywhere = {
        mode: [hit.chunk.document for hit in search.every(QUERY, k=99, scope=STAFF, mode=mode)]
        for mode in ("dense", "lexical")
    }
    name = next(
        name
        for name in everywhere["lexical"]
        if name not in {hit.chunk.document for hit in shallow.every(QUERY, k=9, scope=STAFF)}
    )
    found = account(shallow, name, k=1)
    assert found.fate == "depth"
    assert (found.standing.rank, found.standing.score) == (None, None)
    for mode, said in (("dense", found.standing.dense), ("lexical", found.standing.lexical)):
        assert said.rank > 2
        assert said.score < said.least, "what the last one taken has is what it would have needed"
        scores = [hit.score for hit in search.every(QUERY, k=99, scope=STAFF, mode=mode)]
        assert scores[said.rank - 1] == pytest.approx(said.score, abs=1e-6)


def test_a_document_without_a_shared_word_has_no_rank_among_words(search):
    said = account(search, "d/far", mode="lexical")
    assert (said.fate, said.standing.lexical.rank, said.standing.lexical.score) == ("depth", None, 0.0)
    assert said.standing.dense is None


def test_a_document_that_the_reranker_moved_away_is_told_so(version):
    best = HybridSearch(version, ENCODER).every(QUERY, k=1, scope=STAFF)[0].chunk.document
    search = HybridSearch(version, ENCODER, SearchSettings(rerank_depth=20), reranker=Backwards())
    found = account(search, best)
    assert (found.fate, found.standing.rank_before) == ("reranking", 1)
    assert found.standing.rank > 3
    assert found.standing.reranked is not None


def test_a_document_without_words_is_told_so(search):
    assert account(search, "d/empty").fate == "empty"


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_a_document_outside_the_scope_looks_like_one_that_does_not_exist(search, mode):
    hidden, none = (account(search, name, mode=mode) for name in ("d/hidden", "d/nowhere"))
    assert hidden.fate == none.fate == "unknown"
    assert (hidden.passage, hidden.standing, hidden.needed) == (None, None, None)
    assert account(search, "d/hidden", scope=Scope(frozenset({"board"})), mode=mode).fate == "shown"


def test_an_erased_document_is_told_as_erased_to_those_who_could_see_it(tmp_path):
    home = Home(tmp_path)
    build(home, DOCUMENTS)
    with closing(home.open(encoder=ENCODER)) as version:
        search = HybridSearch(version, ENCODER)
        from retrieval.versions.erasure_list import Erased

        home.erased.put([Erased("d/a", "2026-01-01T00:00:00Z"), Erased("d/hidden", "2026-01-01T00:00:00Z")])
        assert account(search, "d/a").fate == "erased"
        assert account(search, "d/hidden").fate == "unknown"
        assert account(search, "d/hidden", scope=Scope()).fate == "erased"
        assert account(search, "d/copy").fate == "shown"
        assert search(QUERY, k=1, scope=STAFF)[0].duplicates == ()


def test_nothing_asked_is_nothing_explained(search):
    assert explain(search, " ", document="d/a").hits == explain(search, "pump", k=0).hits == ()


class Against:
    """A reranker that likes every passage but those with one word."""

    def scores(self, query, passages):
        return [-float("stops" in passage) for passage in passages]


def test_what_the_reranker_moved_down_is_told_so_also_where_copies_stood_above_it(tmp_path):
    texts = {f"d/copy{number}": "green pump key" for number in range(5)}
    texts |= {"d/it": "green pump key stops"} | {f"d/{number}": f"green pump is number {number}" for number in range(5)}
    with closing(Home(tmp_path).open(build(tmp_path, texts), encoder=ENCODER)) as version:
        plain, reranked = HybridSearch(version, ENCODER), HybridSearch(version, ENCODER, reranker=Against())
        assert [hit.chunk.document for hit in plain(QUERY, k=3)][1] == "d/it"
        found = explain(reranked, QUERY, k=3, document="d/it").document
        low = explain(reranked, QUERY, k=1, document="d/it").document
    assert (found.fate, found.standing.rank_before) == ("reranking", 6)
    assert low.fate == "fusion", "of one hit it was none before either"

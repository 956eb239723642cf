"""Does a search rank what both legs found, repeatably, and never step out of its scope?"""

from contextlib import closing

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest.model import Document
from retrieval.index import Home
from retrieval.model import EVERYTHING, Scope
from retrieval.search import HybridSearch
from tests.retrieval.words import ENCODER, build, ranked

MODES = ["hybrid", "dense", "lexical"]
KEYS = ["team", "a.b", 'a"b', "a\\b", "ü", "", "日本"]
VALUES = ["red", "", '"', "ü\n", "0"]
LABELS = ["staff", 'l"1', "ü", "a b"]
CANARY = "zanzibar"

PLANTED = [
    Document(
        f"d/{number:02}",
        f"{CANARY} pump {number}\n\n{'filler ' * (number % 5)}{CANARY} key",
        metadata={KEYS[number % 7]: VALUES[number % 5], "all": "same"},
        labels=frozenset(LABELS[i] for i in range(4) if number >> i & 1),
    )
    for number in range(48)
]
TEXTS = {
    "d/a": "the pump starts with the green key",
    "d/b": "the valve closes with the red key",
    "d/c": "nothing in common at all",
    "d/d": "pump pump pump",
    **{f"d/filler{number:03}": f"filler text of number {number} about pipes" for number in range(30)},
    **{f"d/same{number}": "twins of one text" for number in range(6)},
}


def opened(folder, documents):
    build(folder, documents)
    return Home(folder).open(encoder=ENCODER)


@pytest.fixture(scope="module")
def search(tmp_path_factory):
    with closing(opened(tmp_path_factory.mktemp("home"), TEXTS)) as version:
        yield HybridSearch(version, ENCODER)


@pytest.fixture(scope="module")
def planted(tmp_path_factory):
    with closing(opened(tmp_path_factory.mktemp("planted"), PLANTED)) as version:
        yield HybridSearch(version, ENCODER)


SCOPES = st.builds(
    Scope,
    st.frozensets(st.sampled_from(LABELS), max_size=3),
    st.dictionaries(st.sampled_from([*KEYS, "all", "unheard"]), st.sampled_from([*VALUES, "same"]), max_size=2),
)
QUERIES = st.sampled_from([CANARY, f"{CANARY} pump key", "filler", "nothing known"])


def admitted(*scopes):
    return {planted.name for planted in PLANTED if all(s.admits(planted.labels, planted.metadata) for s in scopes)}


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(SCOPES, QUERIES, st.sampled_from(MODES))
@example(Scope(metadata={'a"b': ""}), CANARY, "dense")
@example(Scope(metadata={"a\\b": "ü\n"}), CANARY, "hybrid")
def test_no_leg_ever_returns_a_chunk_outside_the_scope(planted, scope, query, mode):
    hits = planted(query, k=500, scope=scope, mode=mode)
    found = {hit.chunk.document for hit in hits}
    assert found <= admitted(scope)
    if mode != "lexical" or CANARY in query:
        assert found == admitted(scope), "and whatever the scope admits is a candidate"


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(SCOPES, SCOPES, QUERIES, st.sampled_from(MODES))
def test_who_holds_a_narrowed_search_cannot_widen_it(planted, outer, inner, query, mode):
    within = planted.within(outer)
    assert {hit.chunk.document for hit in within(query, k=500, mode=mode)} <= admitted(outer)
    assert {hit.chunk.document for hit in within(query, k=500, scope=inner, mode=mode)} <= admitted(outer, inner)
    assert {document.name for document in PLANTED if within.text(document.name) is not None} == admitted(outer)


@pytest.mark.parametrize("mode", MODES)
def test_contradicting_values_leave_nothing(planted, mode):
    scope = Scope(metadata={"all": "same"})
    assert planted.within(scope)(CANARY, mode=mode)
    assert planted.within(scope)(CANARY, scope=Scope(metadata={"all": "other"}), mode=mode) == []
    red, nameless = Scope(metadata={"team": "red"}), Scope(metadata={"team": ""})
    assert admitted(red)
    assert admitted(nameless)
    assert planted.within(red)(CANARY, scope=nameless, mode=mode) == [], "though either has documents"
    twice = scope.narrowed(metadata={"all": "other"}).narrowed(metadata={"all": "same"})
    assert planted(CANARY, scope=twice, mode=mode) == []
    assert planted.within(scope).text("no such document") is None


def test_each_leg_completes_what_the_other_found(search):
    narrow = HybridSearch(search.version, ENCODER, depth=1)
    (dense,) = narrow("pump", mode="dense", k=9)
    (lexical,) = narrow("pump", mode="lexical", k=9)
    assert dense.chunk.id == lexical.chunk.id or len(narrow("pump", k=9)) == 2
    query = "pump twins"
    both = {hit.chunk.id: hit for hit in narrow(query, k=9)}
    everywhere = {hit.chunk.id: hit for hit in search(query, k=500)}
    for id, hit in both.items():
        assert hit.dense == pytest.approx(everywhere[id].dense, abs=1e-5)
        assert hit.lexical == everywhere[id].lexical


def test_a_hit_that_one_leg_alone_found_carries_both_scores(search):
    narrow = HybridSearch(search.version, ENCODER, depth=1)
    pairs = [(narrow(query, mode="dense"), narrow(query, mode="lexical"), query) for query in QUESTIONS]
    apart = [(dense[0], lexical[0], query) for dense, lexical, query in pairs if dense[0].chunk != lexical[0].chunk]
    assert apart, "some question must divide the legs, or nothing is shown"
    for dense, lexical, query in apart:
        hits = {hit.chunk.id: hit for hit in narrow(query)}
        assert set(hits) == {dense.chunk.id, lexical.chunk.id}
        cosine = float(search.version.store.vectors([lexical.chunk.id])[lexical.chunk.id] @ ENCODER.encode_query(query))
        assert hits[lexical.chunk.id].dense == pytest.approx(cosine, abs=1e-6)
        assert hits[dense.chunk.id].lexical is not None


QUESTIONS = ["pump", "key filler", "the number of pipes", "pump twins text", "nothing pump", "valve text filler pump"]


def test_the_other_leg_of_a_pure_mode_is_unknown(search):
    assert {(hit.lexical, hit.dense == hit.score) for hit in search("pump key", mode="dense")} == {(None, True)}
    assert {(hit.dense, hit.lexical == hit.score) for hit in search("pump key", mode="lexical")} == {(None, True)}
    assert all(hit.dense is not None and hit.lexical is not None for hit in search("pump key"))


def test_a_lexical_hit_shares_a_term(search):
    assert {hit.chunk.document for hit in search("pump", mode="lexical", k=99)} == {"d/a", "d/d"}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("query", QUESTIONS)
def test_scores_do_not_change_with_how_many_are_asked_for(search, mode, query):
    most = ranked(search, query, mode=mode, k=500)
    for k in (1, 2, 7):
        assert ranked(search, query, mode=mode, k=k) == most[:k]
    assert ranked(search, query, mode=mode, k=500) == most, "the same each time"


@pytest.mark.parametrize("mode", MODES)
def test_hits_are_ordered_by_score_and_ties_by_chunk_id(search, mode):
    hits = search("twins of one text", mode=mode, k=500)
    assert [(-hit.score, hit.chunk.id) for hit in hits] == sorted((-hit.score, hit.chunk.id) for hit in hits)
    if mode == "lexical":
        twins = [hit.chunk.id for hit in hits if hit.chunk.document.startswith("d/same")]
        assert len({hit.score for hit in hits if hit.chunk.id in twins}) > 0
        assert len(twins) == 6


@pytest.mark.parametrize("mode", MODES)
def test_nothing_asked_is_nothing_found(search, mode):
    assert search("", mode=mode) == search(" \n", mode=mode) == []
    assert search("pump", k=0, mode=mode) == search("pump", k=-1, mode=mode) == []


def test_a_question_of_unknown_words_is_left_to_the_dense_leg(search):
    assert search("qqq unheard", mode="lexical") == []
    hits = search("qqq unheard", k=3)
    assert [hit.chunk.id for hit in hits] == [hit.chunk.id for hit in search("qqq unheard", k=3, mode="dense")]
    assert {hit.lexical for hit in hits} == {0.0}


def test_depth_bounds_each_leg_and_two_depths_the_whole(search):
    shallow = HybridSearch(search.version, ENCODER, depth=3)
    assert len(shallow("filler text of one", mode="dense", k=99)) == 3
    assert len(shallow("filler text of one", mode="lexical", k=99)) == 3
    assert 3 <= len(shallow("filler text of one", k=99)) <= 6


def test_chunks_of_hits_are_those_of_their_documents(search):
    for hit in search("the green key", k=20):
        assert search.version.text(hit.chunk.document)[hit.chunk.start : hit.chunk.end] == hit.chunk.text


def test_an_empty_version_finds_nothing(tmp_path):
    with closing(opened(tmp_path, [])) as version:
        for mode in MODES:
            assert HybridSearch(version, ENCODER)("pump", mode=mode) == []
            assert HybridSearch(version, ENCODER)("pump", mode=mode, scope=Scope(frozenset({"l"}))) == []
        assert EVERYTHING.is_everything

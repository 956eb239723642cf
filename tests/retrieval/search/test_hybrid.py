"""Does a search rank what both legs found, repeatably, and never step out of its scope?"""

import re
from contextlib import closing
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from ingest.model import Document
from retrieval.model import EVERYTHING, Scope
from retrieval.search.candidates import Candidates
from retrieval.search.explain import Account, explain
from retrieval.search.fuse import Leg
from retrieval.search.hybrid import HybridSearch
from retrieval.search.ranking import Ranking
from retrieval.search.settings import SearchSettings
from retrieval.versions.erasure_list import Erased
from retrieval.versions.home import Home
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


def test_each_item_of_a_list_is_carried_and_values_of_one_key_must_all_hold():
    tags = {"tags": ("pump", "oil")}
    asked = Scope(metadata={"tags": "pump"})
    assert asked.admits(frozenset(), tags)
    assert asked.narrowed(metadata={"tags": "oil"}).admits(frozenset(), tags)
    assert not asked.narrowed(metadata={"tags": "lift"}).admits(frozenset(), tags)
    assert Scope(metadata={"tags": frozenset({"lift", "oil"})}).admits(frozenset(), tags), "a set asks for any"
    assert not Scope(metadata={"tags": frozenset()}).admits(frozenset(), tags)
    assert not Scope(metadata={"tags": "pump, oil"}).admits(frozenset(), tags)


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


class ByLength:
    """A reranker that likes long passages."""

    def scores(self, query, passages):
        return [float(len(passage)) for passage in passages]


@st.composite
def shelves(draw):
    """Documents with any labels and metadata, some of which say the same; whose text holds a canary of their own."""
    made = []
    for number in range(draw(st.integers(1, 12))):
        labels = draw(st.frozensets(st.sampled_from(LABELS), max_size=3))
        metadata = draw(st.dictionaries(st.sampled_from(KEYS), st.sampled_from(VALUES), max_size=2))
        text = draw(st.sampled_from(["pump key", "pump key valve", "the pump, key!", "filler"]))
        own = draw(st.sampled_from(["", f" canary{number}"]))
        made.append(Document(f"d/canary{number}", text + own, metadata=metadata, labels=labels))
    return made


@pytest.mark.slow
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    shelves(),
    st.lists(SCOPES, min_size=1, max_size=3),
    st.sampled_from(["pump key", "canary1 canary3 pump"]),
    st.sampled_from(["convex", "rrf", "dbsf"]),
    st.sampled_from([None, ByLength()]),
)
def test_no_word_or_name_from_outside_the_scope_is_ever_shown(
    tmp_path_factory, documents, scopes, query, fusion, reranker
):
    with closing(opened(tmp_path_factory.mktemp("shelf"), documents)) as version:
        search = HybridSearch(version, ENCODER, SearchSettings(fusion=fusion, rerank_depth=3), reranker=reranker)
        for scope, mode, k in product(scopes, MODES, (1, 3, 50)):
            outside = [one.name for one in documents if not scope.admits(one.labels, one.metadata)]
            shown = [
                search(query, k=k, scope=scope, mode=mode),
                search.every(query, k=k, scope=scope, mode=mode),
                search.within(scope)(query, k=k, mode=mode),
                explain(search, query, k=k, scope=scope, mode=mode),
            ]
            for name in outside:
                # What matched is only ever told of passages within, so the query's own words may stand in it.
                canary = name.removeprefix("d/")
                assert not re.search(rf"\b{canary}\b", re.sub("Matched\\(.*?\\)", "", repr(shown)))
                told = explain(search, query, k=k, scope=scope, mode=mode, document=name).document
                assert replace(told, document="") == Account("", "unknown"), "as if it did not exist"


def test_who_says_the_same_is_named_only_to_those_who_may_see_it(tmp_path):
    texts = {"d/a": {"staff"}, "d/b": {"staff", "board"}, "d/c": {"board"}, "e/d": set()}
    documents = [Document(name, "The pump key.", labels=frozenset(labels)) for name, labels in texts.items()]
    with closing(opened(tmp_path, documents)) as version:
        search = HybridSearch(version, ENCODER)
        for scope in (Scope(), Scope(frozenset({"staff"})), Scope(frozenset({"board"}))):
            (hit,) = search("pump", scope=scope)
            seen = {one.name for one in documents if scope.admits(one.labels, one.metadata)}
            assert len(search.every("pump", scope=scope)) == len(seen)
            assert {hit.chunk.document, *hit.duplicates} <= seen


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
def test_who_may_see_some_labels_sees_what_carries_no_other_and_what_carries_none(tmp_path, mode):
    texts = {"d/a": {"staff"}, "d/b": {"staff", "board"}, "d/c": {"board"}, "e/d": set()}
    documents = [Document(name, f"The pump key of {name}.", labels=frozenset(labels)) for name, labels in texts.items()]
    with closing(opened(tmp_path, documents)) as version:
        search = HybridSearch(version, ENCODER)
        for labels in ((), ("staff",), ("board",), ("staff", "board"), ("none",)):
            within = search.within(Scope(within=frozenset(labels)))
            may = {name for name, carried in texts.items() if carried <= set(labels)}
            assert {hit.chunk.document for hit in within("pump", k=10, mode=mode, collapse=False)} == may
            assert {each.name for each in within.documents()} == may
            assert {name for name in texts if within.text(name) is not None} == may
            for more in ({"staff"}, {"board"}):  # a scope is only ever narrowed
                found = within("pump", k=10, scope=Scope(within=frozenset(more)), mode=mode, collapse=False)
                assert {hit.chunk.document for hit in found} <= may


class English:
    """The same encoder, which says that it knows English alone."""

    languages = frozenset({"en"})
    identity, encode_query = ENCODER.identity, staticmethod(ENCODER.encode_query)


def recording(version, *languages):
    """The version as if its manifest named these languages."""
    return replace(version, manifest=replace(version.manifest, languages=languages))


def test_the_dense_leg_has_no_say_in_a_language_that_the_encoder_does_not_know(search, monkeypatch):
    languages = {"d/a": "de", "d/b": "en"}
    known = {hit.chunk.id: hit.chunk.document for hit in search.every("pump key", k=500)}
    monkeypatch.setattr(
        type(search.version.postings),
        "languages_of",
        lambda postings, slots: [languages.get(known[id], "") for id in postings.ids(slots)],
    )
    plain = {hit.chunk.document: hit for hit in search.every("pump key", k=500)}
    version = recording(search.version, "", "de", "en")
    for weight in (0.0, 0.2, 0.9):
        foreign = HybridSearch(version, English(), SearchSettings(dense_weight=0.5, foreign_dense_weight=weight))
        told = explain(foreign, "pump key", k=500)
        weights = {hit.chunk.document: one.weight for hit, one in zip(told.hits, told.standings, strict=True)}
        assert weights["d/a"] == min(weight, 0.5)
        assert weights["d/b"] == weights["d/c"] == 0.5, "a language that is not recorded counts as known"
    silent = {hit.chunk.document: hit for hit in HybridSearch(version, English()).every("pump key", k=500)}
    top = max(hit.lexical for hit in plain.values())
    assert silent["d/a"].score == pytest.approx(plain["d/a"].lexical / top)
    assert silent["d/b"].score == plain["d/b"].score


def test_equal_scores_of_unknown_languages_stand_by_cosine(search, monkeypatch):
    monkeypatch.setattr(type(search.version.postings), "languages_of", lambda _, slots: ["de"] * len(slots))
    hits = HybridSearch(recording(search.version, "de"), English()).every("qqq unheard", k=9)
    assert {hit.score for hit in hits} == {0.0}
    assert [hit.chunk.id for hit in hits] == [hit.chunk.id for hit in search.every("qqq unheard", k=9, mode="dense")]


@pytest.mark.parametrize("fusion", ["convex", "rrf", "dbsf"])
def test_every_fusion_ranks_the_same_candidates(search, fusion):
    plain = {hit.chunk.id: (hit.dense, hit.lexical) for hit in search.every("pump twins key", k=500)}
    fused = HybridSearch(search.version, ENCODER, SearchSettings(fusion=fusion)).every("pump twins key", k=500)
    assert {hit.chunk.id: (hit.dense, hit.lexical) for hit in fused} == plain


@pytest.mark.parametrize("mode", MODES)
def test_what_says_the_same_is_shown_once_and_measured_apart(search, mode):
    shown = search("twins of one text", mode=mode, k=500)
    every = search.every("twins of one text", mode=mode, k=500)
    first = next(hit for hit in shown if hit.chunk.document.startswith("d/same"))
    assert {first.chunk.document, *first.duplicates} == {f"d/same{number}" for number in range(6)}
    assert len(every) == len(shown) + 5
    assert first.chunk == next(hit.chunk for hit in every if hit.chunk.document.startswith("d/same"))
    assert len(search("twins of one text", mode=mode, k=3)) == 3, "others take the places"
    assert {hit.duplicates for hit in every} == {()}


def test_each_leg_completes_what_the_other_found(search):
    narrow = HybridSearch(search.version, ENCODER, SearchSettings(depth=1))
    (dense,) = narrow.every("pump", mode="dense", k=9)
    (lexical,) = narrow.every("pump", mode="lexical", k=9)
    assert dense.chunk.id == lexical.chunk.id or len(narrow.every("pump", k=9)) == 2
    query = "pump twins"
    both = {hit.chunk.id: hit for hit in narrow.every(query, k=9)}
    everywhere = {hit.chunk.id: hit for hit in search(query, k=500)}
    for id, hit in both.items():
        assert hit.dense == pytest.approx(everywhere[id].dense, abs=1e-5)
        assert hit.lexical == everywhere[id].lexical


def test_a_hit_that_one_leg_alone_found_carries_both_scores(search):
    narrow = HybridSearch(search.version, ENCODER, SearchSettings(depth=1))
    pairs = [(narrow.every(query, mode="dense"), narrow.every(query, mode="lexical"), query) for query in QUESTIONS]
    apart = [(dense[0], lexical[0], query) for dense, lexical, query in pairs if dense[0].chunk != lexical[0].chunk]
    assert apart, "some question must divide the legs, or nothing is shown"
    for dense, lexical, query in apart:
        hits = {hit.chunk.id: hit for hit in narrow.every(query)}
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
    hits = search.every("twins of one text", mode=mode, k=500)
    assert [(-hit.score, hit.chunk.id) for hit in hits] == sorted((-hit.score, hit.chunk.id) for hit in hits)
    if mode == "lexical":
        twins = [hit.chunk.id for hit in hits if hit.chunk.document.startswith("d/same")]
        assert len({hit.score for hit in hits if hit.chunk.id in twins}) > 0
        assert len(twins) == 6


@pytest.mark.parametrize("mode", MODES)
def test_nothing_asked_is_nothing_found(search, mode):
    for query in ("", " \n", "???", "...", "🙂", "\u200b", "€ §"):
        assert search(query, mode=mode) == list(explain(search, query, mode=mode).hits) == []
    assert search("pump", k=0, mode=mode) == search("pump", k=-1, mode=mode) == []


def test_a_question_of_unknown_words_is_left_to_the_dense_leg(search):
    assert search("qqq unheard", mode="lexical") == []
    hits = search("qqq unheard", k=3)
    assert [hit.chunk.id for hit in hits] == [hit.chunk.id for hit in search("qqq unheard", k=3, mode="dense")]
    assert {hit.lexical for hit in hits} == {0.0}


def test_a_question_of_stop_words_alone_is_left_to_the_dense_leg(search):
    assert search("the", mode="lexical") == []
    assert search("the", mode="dense") != []


@pytest.fixture(scope="module")
def copies(tmp_path_factory):
    """More copies of two passages than a shallow search takes candidates, and others that say less of the question."""
    texts = {f"c/{number:02}": "Confidential. Do not copy this document." for number in range(60)}
    texts |= {f"c/again{number:02}": "Confidential, do not copy this document (second)." for number in range(40)}
    texts |= {f"o/{number}": f"Confidential papers of kind {number} in office {number * 7}." for number in range(20)}
    texts |= {f"p/{number}": f"Nothing of that kind, number {number}." for number in range(20)}
    with closing(opened(tmp_path_factory.mktemp("copies"), texts)) as version:
        yield HybridSearch(version, ENCODER, SearchSettings(depth=8))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("fusion", ["convex", "rrf", "dbsf"])
def test_where_copies_take_every_place_there_are_still_as_many_hits_as_were_asked_for(copies, mode, fusion):
    search = HybridSearch(copies.version, ENCODER, SearchSettings(depth=8, fusion=fusion))
    query = "Confidential: do copy this document"
    hits = search(query, k=30, mode=mode)
    assert len(hits) == (22 if mode == "lexical" else 30), "all that share a word, or all that are asked for"
    assert len(hits[0].duplicates) in {59, 39}
    first = search.every(query, k=16, mode=mode)
    assert [hits[0].score] == [first[0].score], "what stood above stays as it was"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    for k in (1, 2, 5, 12, 29):
        assert ranked(search, query, k=k, mode=mode) == ranked(search, query, k=30, mode=mode)[:k]
    assert len(search(query, k=500, mode=mode)) == (22 if mode == "lexical" else 42), "until there are no more"
    assert list(explain(search, query, k=30, mode=mode).hits) == hits


def listed(slots, scores, *, depth, own=None):
    """A ranking by one leg, of these slots in this order."""
    leg = Leg(np.array(scores), np.array([own is None or slot in own for slot in slots]))
    found = Candidates(np.array(slots), leg, None, np.zeros((0, len(slots)), dtype=bool))
    nothing = np.full(len(slots), np.nan)
    return Ranking(found, np.array(scores), np.arange(len(slots)), nothing, depth)


def test_what_comes_from_further_down_never_stands_above():
    first = listed([7, 3], [0.9, 0.2], depth=2, own={7}).reordered(np.array([np.nan, 1.5]))
    both = first.followed_by(listed([3, 5, 7, 1], [0.95, 0.8, 0.7, 0.1], depth=8))
    assert both.found.slots.tolist() == [7, 3, 5, 1]
    assert both.found.slots[both.order].tolist() == [3, 7, 5, 1]
    assert both.scores.tolist() == [0.9, first.scores[1], 0.8, 0.1]
    assert both.scores[1] > 0.9, "it was put first by the cross-encoder"
    assert both.found.dense.own.tolist() == [True] * 4, "the leg finds further down what was the other's alone"
    assert ([both.reranking(row) for row in range(4)], both.depth) == ([None, 1.5, None, None], 8)


@pytest.mark.parametrize("fusion", ["convex", "rrf", "dbsf"])
def test_near_copies_that_fill_a_leg_do_not_bury_the_one_that_holds_what_is_asked_for(tmp_path, fusion):
    texts = {f"i/{number:02}": f"Invoice for pump maintenance, page {number} of 60." for number in range(60)}
    texts["parts/x"] = "XK-4711 has a torque of 12 Nm, and its seal ring fits older housings as well."
    with closing(opened(tmp_path, texts)) as version:
        search = HybridSearch(version, ENCODER, SearchSettings(depth=20, fusion=fusion))
        found = explain(search, "invoice for pump maintenance XK-4711", k=10, document="parts/x").document
        (best, *_) = search("invoice for pump maintenance XK-4711", mode="lexical")
    assert best.chunk.document == "parts/x"
    assert found.standing.dense.score < found.standing.dense.least, "the dense leg is full of others"
    assert found.fate == "shown"


@pytest.mark.parametrize("mode", MODES)
def test_what_is_erased_after_the_legs_were_asked_is_not_shown(tmp_path, mode):
    build(tmp_path, {**TEXTS, "e/a": "the pump starts with the green key"})
    home = Home(tmp_path)
    with closing(home.open(encoder=ENCODER)) as version:
        search = HybridSearch(version, ENCODER)
        asked = search.read("green pump key", EVERYTHING, mode)
        ranking = search.ranking(asked)
        before = search.hits(asked, ranking, search.shown(ranking, k=3))
        home.erased.put([Erased(before[0].chunk.document, "2026-01-01T00:00:00Z")])
        after = search.hits(asked, ranking, search.shown(ranking, k=3))
    assert {before[0].chunk.document, *before[0].duplicates} == {"d/a", "e/a"}
    assert after[0].duplicates == (), "nor named as the same"
    assert before[0].chunk.document != after[0].chunk.document in {"d/a", "e/a"}


def test_depth_bounds_each_leg_and_two_depths_the_whole(search):
    shallow = HybridSearch(search.version, ENCODER, SearchSettings(depth=3))
    assert len(shallow.every("filler text of one", mode="dense", k=99)) == 3
    assert len(shallow.every("filler text of one", mode="lexical", k=99)) == 3
    assert 3 <= len(shallow.every("filler text of one", k=99)) <= 6


def test_chunks_of_hits_are_those_of_their_documents(search):
    for hit in search("the green key", k=20):
        assert search.version.text(hit.chunk.document)[hit.chunk.start : hit.chunk.end] == hit.chunk.text


def test_an_empty_version_finds_nothing(tmp_path):
    with closing(opened(tmp_path, [])) as version:
        for mode in MODES:
            assert HybridSearch(version, ENCODER)("pump", mode=mode) == []
            assert HybridSearch(version, ENCODER)("pump", mode=mode, scope=Scope(frozenset({"l"}))) == []
        assert EVERYTHING.is_everything

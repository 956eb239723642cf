"""Do the signals of a hit say what they promise, counted by hand, and the same whatever else is asked for?"""

import math
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from retrieval.model import EVERYTHING, Scope
from retrieval.search.hybrid import HybridSearch
from retrieval.search.signals import SIGNALS
from retrieval.versions.home import Home
from tests.retrieval.words import ENCODER, PUMPS, build, searching

TEXTS = {
    **PUMPS,
    "d/copy1": "the copper pipe is bent by hand",
    "d/copy2": "the copper pipe is bent by hand",
}
QUERY = "green pump key"


@pytest.fixture(scope="module")
def search(tmp_path_factory):
    with searching(tmp_path_factory.mktemp("home"), TEXTS) as found:
        yield found


def weighed(search, query, *, k=3, without=(), scope=EVERYTHING):
    asked = search.read(query, scope, "hybrid")
    hits, signals = search.weighed(search.without(asked, without) if without else asked, k=k)
    return hits, [dict(zip(SIGNALS, row, strict=True)) for row in signals.tolist()]


def test_each_signal_is_what_its_name_says(search):
    hits, (first, second, _) = weighed(search, QUERY)
    cosines = sorted((hit.dense for hit in search(QUERY, k=50, mode="dense")), reverse=True)
    postings = search.version.postings
    idf = {term: postings.idf(term) for term in ("green", "pump", "key")}
    most = 2.2 * sum(idf.values())

    assert [hit.chunk.document for hit in hits[:2]] == ["d/key", "d/valve"]
    assert first["cosine"] == hits[0].dense == cosines[0]
    assert first["margin"] == pytest.approx(cosines[0] - cosines[9])
    assert first["lead"] == pytest.approx(cosines[0] - cosines[1])
    assert second["lead"] == pytest.approx(hits[1].dense - cosines[0])
    assert first["coverage"] == pytest.approx(1.0)
    assert second["coverage"] == pytest.approx(idf["key"] / sum(idf.values()))
    assert first["lexical"] == pytest.approx(hits[0].lexical / most)
    assert first["lexical_lead"] == pytest.approx((hits[0].lexical - hits[1].lexical) / most)
    assert first["terms"] == pytest.approx(math.log(4))
    assert first["chunks"] == pytest.approx(math.log10(len(TEXTS)))


def test_a_word_that_stands_nowhere_lowers_the_coverage(search):
    known, unknown = weighed(search, "pump")[1][0], weighed(search, "pump zyzzyva")[1][0]
    assert known["coverage"] == pytest.approx(1.0)
    assert unknown["coverage"] < 0.5, "and it weighs most of all"


def test_a_copy_does_not_compete_with_what_it_is_a_copy_of(search):
    hits, (first, *_) = weighed(search, "copper pipe bent by hand")
    assert {hits[0].chunk.document, *hits[0].duplicates} == {"d/copy1", "d/copy2"}
    assert first["lead"] > 0.1
    assert first["lexical_lead"] > 0.1
    for k in (1, 2, 10):
        assert weighed(search, "copper pipe bent by hand", k=k)[1][0] == pytest.approx(first), "whatever k is"


def test_what_is_asked_without_a_document_is_asked_as_if_it_were_not_there(search, tmp_path):
    build(tmp_path / "less", {name: text for name, text in TEXTS.items() if name != "d/key"})
    with closing(Home(tmp_path / "less").open(encoder=ENCODER)) as version:
        there = weighed(HybridSearch(version, ENCODER), QUERY, k=8)[0]
    hits = weighed(search, QUERY, k=8, without=["d/key"])[0]

    assert "d/key" not in {hit.chunk.document for hit in hits}
    assert [hit.dense for hit in hits] == pytest.approx([hit.dense for hit in there], abs=1e-6)
    assert hits[0].chunk.document == there[0].chunk.document == "d/valve"


def test_no_signal_betrays_that_something_was_hidden_but_what_is_found_instead(search):
    """Else a model that is fitted on hidden answers would learn to tell hiding, and look far better than it is."""
    far = [hit.chunk.document for hit in search(QUERY, k=50)][-3:]
    hits, signals = weighed(search, QUERY, k=2)
    again, same = weighed(search, QUERY, k=2, without=far)
    assert [hit.chunk for hit in hits] == [hit.chunk for hit in again]
    assert [row["chunks"] for row in same] == [row["chunks"] for row in signals]
    assert same == [pytest.approx(row) for row in signals]


def test_without_a_whole_scope_nothing_is_found(search):
    assert weighed(search, QUERY, without=list(TEXTS))[0] == []


def test_a_scope_counts_its_own_chunks_and_not_those_outside(tmp_path):
    from ingest.model import Document

    build(
        tmp_path, [Document(f"d/{n}", f"pump number {n}", labels=frozenset({"in"} if n < 5 else ())) for n in range(50)]
    )
    with closing(Home(tmp_path).open(encoder=ENCODER)) as version:
        _, (first, *_) = weighed(HybridSearch(version, ENCODER), "pump", scope=Scope(frozenset({"in"})))
    assert first["chunks"] == pytest.approx(math.log10(5))


def test_hits_have_probabilities_where_something_says_them_and_both_legs_were_asked(search):
    class Half:
        withhold, abstain, digest, is_of_this_corpus = 0.0, 0.0, "half", False

        def __call__(self, signals):
            assert signals.shape[1] == len(SIGNALS)
            return np.full(len(signals), 0.5)

    judged = replace(search, calibration=Half())
    assert {hit.probability for hit in judged(QUERY, k=5)} == {0.5}
    assert {hit.probability for hit in judged.every(QUERY, k=5)} == {0.5}
    assert {hit.probability for hit in judged.within(EVERYTHING)(QUERY, k=5)} == {0.5}
    assert {hit.probability for hit in judged(QUERY, k=5, mode="dense")} == {None}
    assert {hit.probability for hit in search(QUERY, k=5)} == {None}
    assert judged("?!", k=5) == []
    assert [hit.with_score(0) for hit in search(QUERY)] == [
        replace(hit, score=0, probability=None) for hit in judged(QUERY)
    ], "probabilities change neither hits nor order"

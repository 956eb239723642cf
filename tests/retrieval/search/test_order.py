"""Does the learned order put first what says more of what is asked, find as much as the formula, and say why?"""

import subprocess
import sys
import zlib
from contextlib import closing
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.calibrate.calibration import shipped
from ingest.model import Document
from retrieval.search.candidates import Candidates
from retrieval.search.explain import explain
from retrieval.search.fuse import Leg, fuse, ranked
from retrieval.search.hybrid import HybridSearch
from retrieval.search.order import BY_FORMULA, BY_WORDS, FEATURES, chosen, learned
from retrieval.search.settings import SearchSettings
from retrieval.versions.home import Home
from tests.places import ROOT
from tests.retrieval.words import ENCODER, PUMPS, WordEncoder, build

QUERY = "green pump key 42"
TERMS = QUERY.split()
CONVEX = SearchSettings(fusion="convex")


class Known(WordEncoder):
    """An encoder of words that passes for the one which an order was learned for."""

    def __init__(self, identity):
        super().__init__()
        self.identity = replace(self.identity, weights=identity.weights)


class Blind(Known):
    """The same, to whose vectors all texts are alike."""

    def encode_query(self, text, export=None):
        return super().encode_query("")


def searching(folder, texts, encoder, **settings):
    build(folder, texts, encoder=encoder)
    return HybridSearch(Home(folder).open(encoder=encoder), encoder, SearchSettings(**settings))


@pytest.fixture(scope="module")
def search(tmp_path_factory, encoder):
    """Three hundred passages, so that many stand behind those that are put in order."""
    texts = {
        **PUMPS,
        "d/42": "valve 42 and the green key",
        **{
            f"d/{number:03}": f"pump {number} of pipe {number % 7} " + "valve " * (number % 11) for number in range(300)
        },
    }
    found = searching(tmp_path_factory.mktemp("home"), texts, Known(encoder.identity))
    with closing(found.version):
        yield found


def test_every_feature_speaks_for_a_passage_or_says_nothing(encoder):
    weights = learned(encoder.identity).weights

    assert min(weights) >= 0
    assert sum(weights) == pytest.approx(1)
    assert learned(encoder.identity).likeness >= 0


def test_a_passage_that_holds_more_of_what_is_asked_never_stands_below_one_that_holds_less(tmp_path, encoder):
    """Where the vectors cannot tell, and the texts are equally long."""
    held = [set(some) for count in range(5) for some in combinations(TERMS, count)]
    texts = {
        "d/" + "-".join(sorted(some)): " ".join(term if term in some else "filler" for term in TERMS) for some in held
    }
    texts |= {f"e/{number}": "the green pump of the house" for number in range(5)}
    texts |= {f"f/{number}": "key of a house" for number in range(2)}
    search = searching(tmp_path, texts, Blind(encoder.identity))
    with closing(search.version):
        scores = {hit.chunk.document: hit.score for hit in search.every(QUERY, k=50)}
    for less in held:
        for more in held:
            if less < more:
                assert scores["d/" + "-".join(sorted(more))] > scores["d/" + "-".join(sorted(less))], (less, more)


def test_what_the_formula_finds_among_the_first_hundred_stays_there(search):
    formula, changed = replace(search, settings=CONVEX), []
    for query in (QUERY, "pump 17 pipe 3", "valve valve pump", "how many keys are there"):
        before = [hit.chunk.id for hit in formula.every(query, k=400)]
        after = search.every(query, k=400)
        order = [hit.chunk.id for hit in after]
        by_words = [hit.chunk.id for hit in search.every(query, k=BY_WORDS, mode="lexical")]
        first = {*before[:BY_FORMULA], *by_words}

        assert set(order[: len(first)]) == first
        assert order[len(first) :] == [id for id in before if id not in first], "behind them the formula's order"
        changed.append(order != before)
        assert len(before) > BY_FORMULA + 20
        assert [hit.score for hit in after] == sorted((hit.score for hit in after), reverse=True)
    assert sum(changed) >= 3, "within the first hundred it is another order"


def found_of(cosines, matching, held=None):
    """Candidates that both legs found, in the order of their slots."""
    legs = (Leg(np.array(each), np.ones(len(each), dtype=bool)) for each in (cosines, matching))
    held = np.zeros((0, len(cosines)), dtype=bool) if held is None else held
    return Candidates(np.arange(len(cosines)), *legs, held)


def test_the_best_by_words_is_put_in_order_however_deep_the_formula_buries_it():
    found = found_of([0.5 + 0.001 * number for number in range(150)], [8.0] + [7.9] * 149)
    fused = fuse("learned", found.dense, found.lexical, weights=np.full(150, 0.5))
    first, rest = chosen(found, fused)

    assert ranked(fused.scores).tolist().index(0) > BY_FORMULA
    assert 0 in first
    assert (len({*first, *rest}), len(first) <= BY_FORMULA + BY_WORDS) == (150, True)


def test_a_score_is_what_its_features_add(search):
    found = explain(search, QUERY, k=400)
    plain = search(QUERY, k=400)

    assert [hit.chunk.id for hit in found.hits] == [hit.chunk.id for hit in plain]
    told = [standing for standing in found.standings if standing.features]
    assert BY_FORMULA / 2 < len(told) < len(found.standings), "those behind were put in order by the formula"
    for standing in told:
        assert tuple(standing.features) == FEATURES
        assert sum(part["adds"] for part in standing.features.values()) == pytest.approx(standing.score)
        assert all(-1e-6 <= part["value"] <= 1 + 1e-6 for name, part in standing.features.items() if name != "cosine")
        assert standing.features["cosine"]["value"] == standing.dense.score
    first = found.standings[0].features
    assert (first["words"]["value"], found.hits[0].chunk.document) == (1, "d/42")
    assert first["numbers"]["value"] == 1


def test_the_features_are_what_their_names_say(search):
    postings = search.version.postings
    idf = {term: postings.idf(term) for term in ("green", "pump", "key", "42")}
    (found,) = [s for h, s in zip(*_told(search, f"{QUERY} key zyzzyva"), strict=True) if h.chunk.document == "d/42"]
    unknown = postings.idf("zyzzyva")
    most = 2.2 * (sum(idf.values()) + idf["key"] + unknown)

    assert found.features["share"]["value"] == pytest.approx(found.lexical.score / most, rel=1e-5)
    assert found.features["numbers"]["value"] == pytest.approx(1)
    total = sum(value**2 for value in idf.values())
    assert found.features["held"]["value"] == pytest.approx(1 - (idf["pump"] ** 2 / total) ** 0.5)


def test_a_question_most_of_whose_candidates_are_in_such_a_language_is_left_to_words_alone(tmp_path, encoder):
    """Texts whose language is not recorded would have their chance cosines among them otherwise."""

    class English(Known):
        languages = frozenset({"en"})

    texts = {f"d/{number}": f"die pumpe {number} und der schluessel" for number in range(4)}
    documents = [
        Document(name, text, title=name, metadata={"language": "de"} if name != "d/3" else {"language": "en"})
        for name, text in texts.items()
    ]
    search = searching(tmp_path, documents, English(encoder.identity))
    with closing(search.version):
        _, standings = _told(search, "pumpe schluessel")
    for standing in standings:
        values = standing.features
        assert values["cosine"]["value"] == pytest.approx(learned(encoder.identity).likeness * values["share"]["value"])


def _told(search, query):
    found = explain(search, query, k=50)
    return found.hits, found.standings


def test_where_nothing_was_learned_for_an_encoder_the_convex_formula_stands_in(tmp_path):
    build(tmp_path, PUMPS)
    with closing(Home(tmp_path).open(encoder=ENCODER)) as version:
        default, formula = HybridSearch(version, ENCODER), HybridSearch(version, ENCODER, CONVEX)
        assert default.settings.fusion == "learned"
        assert default.every("green pump key", k=50) == formula.every("green pump key", k=50)
        assert not explain(default, "green pump key").standings[0].features


def test_a_prefix_makes_another_encoder_of_it(encoder):
    assert learned(encoder.identity)
    assert learned(replace(encoder.identity, query_prefix="query: ")) is None


def test_in_a_language_that_the_encoder_does_not_know_the_words_say_how_near_a_passage_is(tmp_path, encoder):
    class English(Known):
        languages = frozenset({"en"})

    documents = [
        Document("d/en", "the green pump and its key", title="d/en", metadata={"language": "en"}),
        Document("d/de", "die green pump und der key", title="d/de", metadata={"language": "de"}),
    ]
    search = searching(tmp_path, documents, English(encoder.identity))
    with closing(search.version):
        hits, standings = _told(search, "green pump key")
    told = {hit.chunk.document: one.features for hit, one in zip(hits, standings, strict=True)}
    likeness = learned(encoder.identity).likeness
    assert told["d/de"]["cosine"]["value"] == pytest.approx(likeness * told["d/de"]["share"]["value"])
    assert told["d/en"]["cosine"]["value"] == next(hit.dense for hit in hits if hit.chunk.document == "d/en")


class Backwards:
    """A reranker that likes the longest passages least."""

    def scores(self, query, passages):
        return [-float(len(passage)) for passage in passages]


@pytest.mark.parametrize("fusion", ["learned", "convex", "rrf"])
@pytest.mark.parametrize("reranker", [None, Backwards()])
def test_no_hit_is_said_to_be_likelier_than_the_one_above_it(search, encoder, fusion, reranker):
    asked = replace(
        search, settings=SearchSettings(fusion=fusion), reranker=reranker, calibration=shipped(encoder.identity)
    )
    differ = []
    for query in (QUERY, "pump 17 pipe 3", "valve valve pump", "how many keys are there"):
        stated = [hit.probability for hit in asked(query, k=60)]
        assert stated == sorted(stated, reverse=True)
        assert len(stated) > 20
        assert stated[0] == pytest.approx(asked(query, k=1)[0].probability), "the first hit's is its own"
        differ.append(len(set(stated)) > 1)
    assert any(differ)


@pytest.mark.parametrize("mode", ["dense", "lexical"])
def test_one_leg_alone_is_not_put_in_another_order(search, mode):
    assert search.every(QUERY, k=50, mode=mode) == replace(search, settings=CONVEX).every(QUERY, k=50, mode=mode)


@given(values=st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.integers(0, 15)), min_size=3, max_size=12))
def test_the_order_does_not_depend_on_the_order_of_the_candidates(search, encoder, values):
    cosines, matching, bits = zip(*values, strict=True)
    held = np.array([[bool(each >> place & 1) for each in bits] for place in range(len(TERMS))])
    found = found_of(cosines, matching, held)
    terms, orders = search.version.postings.terms(TERMS), []
    for turned in (np.arange(len(found)), np.arange(len(found))[::-1]):
        each = found.at(turned)
        fused = fuse("learned", each.dense, each.lexical, weights=np.full(len(each), 0.5))
        ordered = learned(encoder.identity)(each, fused, terms, np.zeros(len(each), dtype=bool), np.zeros_like)
        orders.append(dict(zip(each.slots.tolist(), ordered.scores.tolist(), strict=True)))
    assert orders[0] == pytest.approx(orders[1])


class Hazy(Known):
    """The same, to whose vectors all texts are all but alike, as the documents of one template are."""

    def encode_query(self, text, export=None):
        noise = np.random.default_rng(zlib.crc32(text.encode())).normal(size=self.identity.dimensions)
        vector = (super().encode_query("") + 0.01 * noise).astype(np.float32)
        return vector / np.linalg.norm(vector)


def test_of_many_documents_of_one_template_the_one_that_is_asked_for_comes_first(tmp_path, encoder):
    versions = [f"{2 + number // 20}.{number % 20 // 4}.{number % 4}" for number in range(60)]
    texts = {
        version: f"Release notes {version}\n\nThis release brings small corrections. {4 + number} errors were mended. "
        f"Opening large files is {5 + number} per cent faster. The installer has {20 + number} MB."
        for number, version in enumerate(versions)
    }
    search = searching(tmp_path, texts, Hazy(encoder.identity))
    formula = replace(search, settings=CONVEX)
    asked = {version: f"How many errors were mended in version {version}?" for version in versions}
    with closing(search.version):
        firsts = {version: search(question, k=1)[0].chunk.document for version, question in asked.items()}
        by_formula = [formula(question, k=1)[0].chunk.document == version for version, question in asked.items()]
    assert firsts == {version: version for version in versions}
    assert not all(by_formula), "where the vectors cannot tell, the formula lets them decide"


@pytest.mark.slow
def test_a_search_needs_none_of_what_the_order_was_learned_with(tmp_path, encoder):
    build(tmp_path, PUMPS)
    code = (
        "import sys; from pathlib import Path; from tests.retrieval.search.test_order import *; "
        "before = set(sys.modules); from retrieval.vectors.encoder import SentenceEncoder; "
        "known = Known(SentenceEncoder().identity); "
        "search = searching(Path(sys.argv[1]) / 'home', PUMPS, known); found = explain(search, 'green pump key'); "
        "assert found.standings[0].features; assert 'sklearn' not in sys.modules and 'scipy' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()

"""Does the search return what a plain one returns, written without arrays: the same list, the same scores?"""

import json
from contextlib import closing
from dataclasses import replace
from random import Random

import pytest

from eval.calibrate.calibration import shipped
from ingest.model import Document
from retrieval.model import EVERYTHING, Range, Scope
from retrieval.search.hybrid import HybridSearch
from retrieval.search.settings import SearchSettings
from retrieval.versions.erasure_list import Erased
from retrieval.versions.home import Home
from tests.retrieval.search.plain import Plain
from tests.retrieval.words import WordEncoder, build

WORDS = ["pump", "valve", "key", "42", "pipe 7", "der", "green", "v2.1", "zyzzyva"]
COPIES = ["The pump key.", "the PUMP key", "Pump 42 and the green valve"]
QUERIES = ["pump key 42", "green valve of pipe 7 pump pump", "unheard", "the", "der zyzzyva v2.1"]
SCOPES = [
    EVERYTHING,
    Scope(frozenset({"staff"})),
    Scope(metadata={"team": frozenset({"red", "blue"})}),
    Scope(metadata={"size": Range(at_least=3, at_most=12)}),
]


class Known(WordEncoder):
    """An encoder of words that passes for the one which an order was learned for, and knows English alone."""

    languages = frozenset({"en"})

    def __init__(self, identity):
        super().__init__()
        self.identity = replace(self.identity, weights=identity.weights)


class ByLength:
    """A reranker that likes long passages, many of them alike."""

    def scores(self, query, passages):
        return [float(len(passage) // 9) for passage in passages]


def drawn(random):
    """Documents with copies, some inside an archive, in two languages, with labels and metadata."""

    def text():
        words = " ".join(random.choices(WORDS, k=random.randint(1, 12)))
        return random.choice([words, words, random.choice(COPIES)])

    return [
        Document(
            f"{random.choice(['', '', '', 'a.zip!/'])}d/{number}",
            "\n\n".join(text() for _ in range(random.randint(1, 2))),
            title=random.choice(["", "Pumps", "Keys 42"]),
            metadata={
                "team": random.choice(["red", "blue", ""]),
                "language": random.choice(["en", "de"]),
                "size": str(random.randint(1, 15)),
            },
            labels=frozenset(random.choices(["staff", "board"], k=random.randint(0, 2))),
        )
        for number in range(random.choice([1, 5, 30, 60]))
    ]


def said(hit):
    return (hit.chunk.id, hit.score, hit.dense, hit.lexical, hit.reranked, hit.probability, hit.duplicates)


def assert_the_same(found, expected):
    """One list, but where two scores are the same to within what a sum in another order may change."""
    found = [said(hit) for hit in found]
    assert len(found) == len(expected)
    for mine, theirs in zip(found, expected, strict=True):
        assert [value is None for value in mine[1:-1]] == [value is None for value in theirs[1:-1]]
        values, others = ([value or 0.0 for value in each[1:-1]] for each in (mine, theirs))
        assert values == pytest.approx(others, rel=1e-9, abs=1e-9)
        assert mine[0] == theirs[0] or any(
            mine[0] == each[0] and mine[1] == pytest.approx(each[1]) for each in expected
        )
        assert mine[0] != theirs[0] or set(mine[-1]) == set(theirs[-1])
    equal = sum(mine == theirs[0] for mine, theirs in zip((each[0] for each in found), expected, strict=True))
    assert equal >= len(expected) - 2


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 8))])
def test_a_search_returns_what_a_plain_one_returns(tmp_path, encoder, seed):
    """Of several segments, with something gone of them, something erased, in scopes, with copies, in two languages."""
    random, known, home = Random(seed), Known(encoder.identity), Home(tmp_path)
    held = drawn(random)
    for part in filter(None, (held[start::3] for start in range(3))):
        build(home, part, encoder=known)
    names = [each.name for each in held]
    build(home, [], removed=random.sample(names, len(names) // 10), encoder=known)
    with closing(home.open(encoder=known)) as version:
        home.erased.put([Erased(name, "2026-01-01T00:00:00Z") for name in random.sample(names, len(names) // 10)])
        for fusion, reranker in (("learned", None), ("learned", ByLength()), ("rrf", None), ("dbsf", None)):
            told = SearchSettings(fusion=fusion, depth=10, rerank_depth=5)
            search = HybridSearch(version, known, told, reranker, shipped(encoder.identity))
            query, scope = random.choice(QUERIES), random.choice(SCOPES)
            for mode in ("hybrid", "dense", "lexical"):
                plain = Plain(search, query, scope=scope, mode=mode)
                for k in (1, 7, 60):
                    assert_the_same(search(query, k=k, scope=scope, mode=mode), plain.hits(k=k))
                every = search.every(query, k=25, scope=scope, mode=mode)
                assert_the_same(every, plain.hits(k=25, collapse=False))


@pytest.mark.shared
@pytest.mark.slow
@pytest.mark.parametrize("collection", ["cranfield"])
def test_a_search_of_a_real_collection_returns_what_a_plain_one_returns(shared, tmp_path, encoder, collection):
    """Under vectors of words: what they are worth does not matter here."""
    known = Known(encoder.identity)
    records = map(json.loads, (shared / collection / "corpus.jsonl").read_text("utf-8").splitlines())
    build(
        tmp_path, [Document(each["_id"], each["text"], title=each.get("title", "")) for each in records], encoder=known
    )
    asked = map(json.loads, (shared / collection / "queries.jsonl").read_text("utf-8").splitlines())
    with closing(Home(tmp_path).open(encoder=known)) as version:
        search = HybridSearch(version, known, calibration=shipped(encoder.identity))
        for question in [each["text"] for each in asked][:10]:
            assert_the_same(search(question, k=20), Plain(search, question).hits(k=20))

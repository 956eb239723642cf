"""Is a phrase that a question quotes found word after word, and only there?"""

from contextlib import closing

import numpy as np
import pytest

from ingest.model import Document
from retrieval.search.explain import explain
from retrieval.search.hybrid import HybridSearch
from retrieval.versions.home import Home
from tests.retrieval.words import ENCODER, build

TEXTS = {
    "d/order": "The cold pump starts slowly, and the green key turns.",
    "d/other": "The pump starts cold; slowly the key turns green.",
    "d/apart": "A cold day. Some pump starts, slowly. The key is green.",
    **{f"d/more{number}": f"Number {number} tells of pump and key." for number in range(9)},
}


@pytest.fixture(scope="module")
def search(tmp_path_factory):
    home = Home(tmp_path_factory.mktemp("phrases"))
    build(home, [Document(name, text) for name, text in TEXTS.items()])
    with closing(home.open(encoder=ENCODER)) as version:
        yield HybridSearch(version, ENCODER)


def quoted(search, query):
    """The documents that hold the phrase of a question."""
    postings = search.version.postings
    [term] = [term for term in search.version.terms(query) if term.text.startswith('"')]
    holding = np.flatnonzero(postings.impacts([term], np.arange(postings.slots))[0])
    return {chunk.document for chunk in search.version.content.chunks(postings.ids(holding)).values()}


@pytest.mark.parametrize(
    ("query", "documents"),
    [
        ('Which says "cold pump starts slowly"?', {"d/order"}),
        ("Which says “pump starts, slowly”?", {"d/order", "d/apart"}),
        ("«Green key»", {"d/order"}),
        ("„THE KEY TURNS“", {"d/other"}),
        ('"turns key"', set()),
        ('"pump unheard"', set()),
    ],
)
def test_a_quoted_phrase_stands_where_its_words_follow_one_another(search, query, documents):
    assert quoted(search, query) == documents


def test_a_quoted_phrase_puts_its_passage_first(search):
    for mode in ("lexical", "hybrid"):
        assert search('"key turns green" pump cold', mode=mode)[0].chunk.document == "d/other"
    told = explain(search, '"key turns green"', mode="lexical").standings[0]
    assert '"key turns green"' in {matched.term for matched in told.terms}


@pytest.mark.parametrize(
    "query",
    [
        '"to be or not to be" of the pump',
        'the "pump" alone',
        "the pump's key and the pump's",
        '5" by 7" pumps',
        '"" pump',
    ],
)
def test_a_mark_that_quotes_no_phrase_is_none(search, query):
    assert not [term for term in search.version.terms(query) if term.text.startswith('"')]

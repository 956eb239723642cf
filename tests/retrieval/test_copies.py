"""Does a copy inside an archive push out the plain file?"""

import pytest

from eval.evaluate import evaluate
from eval.gold import Gold, GoldQuery, Relevant
from ingest.model import Document
from tests.retrieval.words import PUMPS, documents, searching

COPIED = [
    Document(f"{place}a/0{number}.md", f"the pump 0{number} starts with key {number}", title="Pumps")
    for number in range(6)
    for place in ("", "a.zip!/")
]


@pytest.fixture(scope="module")
def search(tmp_path_factory):
    with searching(tmp_path_factory.mktemp("copies"), [*documents(PUMPS), *COPIED]) as search:
        yield search


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("number", range(6))
def test_of_two_that_say_the_same_the_plain_file_is_shown(search, number, k):
    first = search(f"pump 0{number} key {number}", k=k)[0]
    assert first.chunk.document == f"a/0{number}.md"
    assert k == 1 or first.duplicates == (f"a.zip!/a/0{number}.md",)


@pytest.mark.parametrize("name", ["a/{}.md", "{}", "{}.md"])
def test_evaluation_puts_the_plain_file_first_and_says_that_copies_stand_behind_it(search, name):
    gold = Gold.of(
        [GoldQuery(f"q{n}", f"pump 0{n} key {n}", (Relevant(name.format(f"0{n}")),)) for n in range(6)], "qrels"
    )
    found = evaluate(search.every, gold, search.version)
    assert found.metrics["MRR@10"].mean == 1.0
    assert found.copied == 6
    assert found.per_query[0].copies[0].startswith("a.zip!/")


def test_gold_that_means_the_copy_still_finds_it(search):
    gold = Gold.of([GoldQuery("q", "pump 01 key 1", (Relevant("a.zip!/a/01.md"),))])
    assert evaluate(search.every, gold, search.version).metrics["MRR@10"].mean == 0.5

"""Does a copy inside an archive push out the plain file?"""

import pytest

from eval.gold.gold import Gold, GoldQuery, Relevant
from eval.measure.evaluate import evaluate
from ingest.model import Document
from tests.retrieval.words import PUMPS, documents, searching

COPIED = [
    Document(f"{place}a/0{number}.md", f"the pump 0{number} starts with key {number}", title="Pumps")
    for number in range(6)
    for place in ("", "a.zip!/")
]
VALVE = "The bellows of the north press open with lever nine."
BETTER = [  # its title makes the copy score higher
    Document("b/press.md", VALVE, title="Notes"),
    Document("b.zip!/old.md", VALVE.replace("The b", "B"), title="Bellows of the north press lever"),
    Document(
        "b/other.md", "The bellows of the south press open with lever ten.", title="Bellows of the north press lever"
    ),
    Document("c.zip!/alone.md", "Only the archive knows of the tin whistle.", title="Whistle"),
]
ASKED = "bellows of the north press lever"


@pytest.fixture(scope="module")
def search(tmp_path_factory):
    with searching(tmp_path_factory.mktemp("copies"), [*documents(PUMPS), *COPIED, *BETTER]) as search:
        yield search


def gold(name, question=ASKED):
    return Gold.of([GoldQuery("q", question, (Relevant(name),))])


@pytest.mark.parametrize("k", [1, 3, 10])
@pytest.mark.parametrize("number", range(6))
def test_of_two_that_say_the_same_the_plain_file_is_shown(search, number, k):
    first = search(f"pump 0{number} key {number}", k=k)[0]
    assert first.chunk.document == f"a/0{number}.md"
    assert k == 1 or first.duplicates == (f"a.zip!/a/0{number}.md",)


@pytest.mark.parametrize("mode", ["hybrid", "dense", "lexical"])
@pytest.mark.parametrize("k", [1, 2, 10])
def test_a_plain_file_takes_the_place_of_a_copy_that_scores_higher(search, k, mode):
    every = {hit.chunk.document: hit for hit in search.every(ASKED, mode=mode)}
    copy, plain = every["b.zip!/old.md"], every["b/press.md"]
    assert copy.score > every["b/other.md"].score >= plain.score, "else this shows nothing"
    first, *others = search(ASKED, k=k, mode=mode)
    assert (first.chunk, first.duplicates) == (plain.chunk, ("b.zip!/old.md",))
    assert (first.score, first.dense, first.lexical) == (copy.score, plain.dense, plain.lexical)
    assert "b.zip!/old.md" not in {hit.chunk.document for hit in others}


def test_what_lies_in_an_archive_alone_is_shown(search):
    assert search("tin whistle", k=1)[0].chunk.document == "c.zip!/alone.md"


@pytest.mark.parametrize("name", ["a/{}.md", "{}", "{}.md"])
def test_evaluation_puts_the_plain_file_first_and_says_that_it_stands_for_a_copy(search, name):
    gold = Gold.of(
        [GoldQuery(f"q{n}", f"pump 0{n} key {n}", (Relevant(name.format(f"0{n}")),)) for n in range(6)], "qrels"
    )
    found = evaluate(search.every, gold, search.version)
    assert found.metrics["MRR@10"].mean == 1.0
    assert found.copied == 6
    assert found.per_query[0].copies[0].startswith("a.zip!/")


def test_in_evaluation_a_copy_that_scores_higher_takes_no_place(search):
    found = evaluate(search.every, gold("b/press.md"), search.version)
    names = [ranked.document for ranked in found.per_query[0].ranking]
    assert names[:2] == ["b/press.md", "b/other.md"]
    assert "b.zip!/old.md" not in {hit.chunk.document for hit in found.per_query[0].hits}
    assert "b.zip!/old.md" in found.per_query[0].copies


@pytest.mark.parametrize(
    ("name", "question", "place"), [("a.zip!/a/01.md", "pump 01 key 1", 2), ("b.zip!/old.md", ASKED, 1)]
)
def test_gold_that_means_the_copy_still_finds_it(search, name, question, place):
    assert evaluate(search.every, gold(name, question), search.version).metrics["MRR@10"].mean == 1 / place

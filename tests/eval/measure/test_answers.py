"""Is each question that gold knows an answer to counted as what really came of it?"""

import json

import pytest

from eval.gold.gold import Gold, GoldQuery, Relevant
from eval.measure.answers import LONGEST, QUOTED, Quoted, Told, holds
from eval.measure.evaluate import evaluate, per_query_json
from eval.measure.stats import wilson
from ingest.model import Chunk
from retrieval.model import EVERYTHING, Hit
from tests.eval.shelf import Shelf

SHELF = Shelf(
    {
        "ports.md": "The service listens on port 8040 by default.",
        "logs.md": "Logs are kept for ninety days.\n\nBackups are made at night.",
        "other.md": "The port of Hamburg is large.",
    }
)


def gold(*queries, kind="citewell"):
    return Gold(tuple(queries), kind, "digest")


def asks(question, document, *answers, tags=(), quote=None):
    return GoldQuery(question, question, (Relevant(document, quote=quote),), answers, tags=tags)


def nobody_knows(question):
    return GoldQuery(question, question, answerable=False)


def hit(document, probability=None, duplicates=()):
    text = SHELF.documents[document]
    return Hit(Chunk(document, 0, len(text), text), 1.0, probability=probability, duplicates=duplicates)


def says(*quotes, read=(), **more):
    return Told(" ".join(quotes), quotes=tuple(Quoted("d", each) for each in quotes), read=tuple(read), **more)


def outcomes(queries, told, search=SHELF.search, **more):
    """What comes of these queries where each is told what `told` has for it."""
    return evaluate(search, gold(*queries), SHELF, answerer=lambda question: told[question], **more).answers


def one(query, told, search=SHELF.search):
    return outcomes([query], {query.question: told}, search).results[0]


@pytest.mark.parametrize(
    ("text", "answer", "is_there"),
    [
        ("It listens on port 8040.", "8040", True),
        ("It listens on port 18040.", "8040", False),
        ("It cost 1,308 euros", "308", False),
        ("It cost 308.5 euros", "308", False),
        ("They gave up 308, no more.", "308", True),
        ("Version 3.12 is old", "3.1", False),
        ("the *Ellis*\n Turner workshop", "Ellis Turner", True),
        ("16GB of memory", "16 GB", True),
        ("16 GB of memory", "16GB", True),
        ("a tornado", "torn", False),
        ("It’s Brocard’s conjecture", "Brocard's conjecture", True),
        ("1939–1945", "1939-1945", True),
        ("他在北京大学工作", "北京", True),
        ("| `aifc` | removed |", "AIFC", True),
        ("anything", " ", False),
    ],
)
def test_an_answer_is_looked_for_as_whole_words_however_it_is_set(text, answer, is_there):
    assert holds(text, [answer]) is is_there


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("The table has 40 rows; here are 12 of them:\n| a | 1 | [1]", "beside"),
        ("The documents say nothing of port 40.\n| a | 1 | [1]", "beside"),
        ("name: a; number: 40 [1]", "right"),
    ],
)
def test_what_is_said_of_a_quote_may_answer_and_a_remark_never_does(said, outcome):
    told = Told(said, quotes=(Quoted("ports.md", "| a | 1 |"),))
    assert one(asks("how many?", "ports.md", "40"), told).outcome == outcome


def test_of_a_question_without_an_answer_none_is_shown_as_right():
    query = GoldQuery("q", "which port?", answers=("8040",), answerable=False)
    assert one(query, says("The service listens on port 8040.")).expected == ()


def test_a_quote_that_holds_the_answer_is_right_and_others_are_beside():
    query = asks("which port?", "ports.md", "8040", "port eighty-forty")
    assert one(query, says("The service listens on port 8040.")).outcome == "right"
    assert one(query, says("The port of Hamburg is large.")).outcome == "beside"
    assert one(query, Told(reason="nothing")).outcome == "wrongly_refused"
    assert one(nobody_knows("who?"), Told(reason="nothing")).outcome == "rightly_refused"
    assert one(nobody_knows("who?"), says("The port of Hamburg is large.")).outcome == "should_have_refused"


def test_a_whole_passage_is_beside_even_if_it_holds_the_answer():
    query = asks("which port?", "ports.md", "8040")
    assert one(query, says("8040".ljust(LONGEST, "."))).outcome == "right"
    assert one(query, says("8040".ljust(LONGEST + 1, "."))).outcome == "beside"
    whole = Told("8040", quotes=(Quoted("d", "8040".ljust(QUOTED + 1, ".")),))
    assert one(query, whole).outcome == "beside"


@pytest.mark.parametrize(
    ("told", "lost", "place"),
    [
        (says("Hamburg", read=[hit("other.md"), hit("ports.md")]), "words", 1),
        (Told(reason="no", read=(hit("ports.md"),)), "words", 1),
        (Told(reason="no", read=(hit("ports.md", 0.01),), is_doubted=True), "withheld", 1),
        (says("Hamburg", read=[hit("ports.md", 0.01)], is_doubted=True), "words", 1),
        (says("Hamburg", read=[hit("other.md")], withheld=(hit("ports.md", 0.01),)), "withheld", 1),
        (says("Hamburg", read=[hit("other.md")]), "ranked_low", 1),
        (Told(reason="no", read=(hit("other.md", duplicates=("ports.md",)),)), "ranked_low", 1),
    ],
)
def test_it_is_told_where_an_answer_was_lost(told, lost, place):
    found = one(asks("service listens port", "ports.md", "8040"), told)
    assert (found.lost, found.place) == (lost, place)


def test_what_no_search_finds_was_not_found_and_its_words_are_shown_all_the_same():
    def blind(query, *, k=10, scope=EVERYTHING, mode="hybrid"):
        return [hit("other.md")]

    found = one(asks("which port?", "ports.md", "8040"), says("Hamburg", read=[hit("other.md")]), blind)
    assert (found.lost, found.place) == ("not_found", None)
    assert found.right == Quoted("ports.md", "The service listens on port 8040 by default.")


def test_a_copy_that_was_read_in_its_place_is_the_right_passage_too():
    text = SHELF.documents["ports.md"]
    copy = Hit(Chunk("copy.md", 0, len(text), text), 1.0, duplicates=("ports.md",))
    assert one(asks("which port?", "ports.md", "8040"), Told(reason="no", read=(copy,))).lost == "words"


def test_only_a_passage_that_holds_the_answer_counts_as_the_right_one():
    elsewhere = [each for each in SHELF.search("Backups night", k=9) if "Backups" in each.chunk.text]
    found = one(asks("how long?", "logs.md", "ninety days"), Told(reason="no", read=tuple(elsewhere)))
    assert found.lost == "ranked_low", "the document was read, and not where it says so"


def test_where_gold_has_other_words_than_the_document_its_quote_says_which_passage_is_right():
    quoted = asks("how long?", "logs.md", "about three months", quote="Logs are kept for ninety days.")
    there, elsewhere = (
        [each for each in SHELF.search(word, k=9) if word in each.chunk.text] for word in ("ninety", "Backups")
    )
    assert one(quoted, Told(reason="no", read=tuple(there))).lost == "words"
    assert one(quoted, Told(reason="no", read=tuple(elsewhere))).lost != "words"
    assert one(quoted, Told(reason="no")).right == Quoted("logs.md", "Logs are kept for ninety days.")


def test_shares_are_of_the_questions_that_could_come_to_them_by_tag_and_by_kind():
    queries = [
        asks("which port?", "ports.md", "8040", tags=("net",)),
        asks("how long?", "logs.md", "ninety", tags=("ops",)),
        nobody_knows("who?"),
    ]
    told = {
        "which port?": says("8040", kinds=("how many",)),
        "how long?": Told(reason="no"),
        "who?": Told(kinds=("who",)),
    }
    answers = outcomes(queries, told)
    assert answers.shares["right"] == wilson(1, 2)
    assert answers.shares["rightly_refused"] == wilson(1, 1)
    data = answers.as_json()
    assert {name: data[name] for name in ("right", "beside", "wrongly_refused")} == {
        "right": 1,
        "beside": 0,
        "wrongly_refused": 1,
    }
    assert (data["rightly_refused"], data["should_have_refused"]) == (1, 0)
    assert data["tags"]["net"]["shares"]["right"]["mean"] == 1
    assert {name: each["right"] for name, each in data["kinds"].items()} == {"how many": 1, "other": 0, "who": 0}
    assert "right" not in answers.by_kind()["who"].shares, "no share of no question"


def test_what_gold_says_no_answer_to_is_not_asked():
    asked = []

    def answerer(question):
        asked.append(question)
        return Told()

    plain = GoldQuery("q", "which port?", (Relevant("ports.md"),))
    found = evaluate(SHELF.search, gold(plain), SHELF, answerer=answerer)
    assert (found.answers, asked) == (None, [])
    assert per_query_json(found) == [{"id": "q", "metrics": dict(found.per_query[0].metrics), "answer": None}]
    judged = gold(GoldQuery("q", "who?", answerable=False, irrelevant=("other.md",)), kind="qrels")
    assert evaluate(SHELF.search, judged, SHELF, answerer=answerer).answers is None, (
        "qrels say which documents, no more"
    )
    known = gold(asks("which port?", "ports.md", "8040"))
    assert evaluate(SHELF.search, known, SHELF, answerer=answerer, mode="lexical").answers is None
    assert asked == []


def test_of_many_the_same_few_are_asked_whatever_stands_beside_them():
    queries = [asks(f"port {n}?", "ports.md", "8040") for n in range(20)]
    told = {query.question: says("8040") for query in queries}
    few = outcomes(queries, told, most=5)
    assert (len(few.results), few.of) == (5, 20)
    again = outcomes(queries[::-1], told, most=5)
    assert {each.id for each in again.results} == {each.id for each in few.results}
    assert outcomes(queries, told, most=0) is None


def test_questions_without_an_answer_are_asked_and_counted_in_the_progress():
    seen = []
    queries = [asks("which port?", "ports.md", "8040"), nobody_knows("who?")]
    told = {"which port?": says("8040"), "who?": Told(reason="no")}
    found = evaluate(
        *(SHELF.search, gold(*queries), SHELF),
        answerer=lambda question: told[question],
        on_progress=lambda *at: seen.append(at),
    )
    assert seen == [(1, 2), (2, 2)]
    rows = per_query_json(found)
    assert [(row["id"], row["answer"]["outcome"]) for row in rows] == [
        ("which port?", "right"),
        ("who?", "rightly_refused"),
    ]
    assert rows[1]["metrics"] == {}
    json.dumps(rows)


def test_wilsons_interval_has_a_width_where_all_are_right():
    """Against a published table: 10 of 10, and 8 of 10, at 95 %."""
    sure, most = wilson(10, 10), wilson(8, 10)
    assert (sure.low, sure.high) == (pytest.approx(0.7225, abs=1e-4), 1.0)
    assert (most.low, most.high) == (pytest.approx(0.4902, abs=1e-4), pytest.approx(0.9433, abs=1e-4))
    with pytest.raises(ValueError):
        wilson(0, 0)

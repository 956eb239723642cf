"""Are proposed questions askable, marked, and never asked twice, however often the work is cut off?"""

import json

import pytest

from eval.gold.gold import BadGold
from eval.gold.load import load_gold
from eval.improve.propose import proposals
from eval.improve.synthesize import synthesize
from ingest.model import Chunk
from tests.eval.shelf import Shelf, spoiled
from tests.eval.shelf import library as invented

TEXT = (
    "A kestrel is a small falcon that hovers above open country while it looks for voles. "
    "Its nest lies in holes of old walls. How long does it breed? It breeds for four weeks, and both parents feed."
)


def library(documents):
    """The corpus of invented words, each paragraph a sentence."""
    shelf, gold = invented(documents)
    paragraphs = {name: text.split("\n\n") for name, text in shelf.documents.items()}
    return Shelf({n: "\n\n".join(f"{each.capitalize()}." for each in those) for n, those in paragraphs.items()}), gold


def chunk(text=TEXT, **told):
    return Chunk(told.pop("document", "birds/kestrel.md"), told.pop("start", 100), 100 + len(text), text, **told)


def asked(text=TEXT, **told):
    return {one.kind: one for one in reversed(list(proposals(chunk(text, **told), lambda word: 1 / len(word))))}


def quoted(one, text=TEXT):
    return text[one.start - 100 : one.end - 100]


def test_a_definition_is_asked_for_by_what_it_defines():
    found = asked()["definition"]
    assert found.question == "What is kestrel?"
    assert quoted(found) == TEXT.partition(". ")[0] + "."


def test_a_question_in_the_text_is_answered_by_what_follows_it():
    found = asked()["faq"]
    assert found.question == "How long does it breed?"
    assert quoted(found) == "It breeds for four weeks, and both parents feed."


@pytest.mark.parametrize(
    ("headings", "title", "kind", "question"),
    [
        (("Nests", "Where they breed"), "Kestrels", "heading", "Kestrels: Where they breed"),
        (("Where do they breed?",), "Kestrels", "faq", "Where do they breed?"),
        (("**Old** walls",), "", "heading", "Old walls"),
        (("Kestrels of Europe",), "Kestrels of Europe", "heading", "Kestrels of Europe"),
    ],
)
def test_a_heading_asks_for_what_stands_under_it(headings, title, kind, question):
    found = list(proposals(chunk("They breed in holes of old walls.", headings=headings, title=title), len))
    assert [(one.kind, one.question) for one in found][:1] == [(kind, question)]


@pytest.mark.parametrize(
    "text",
    [
        "It is a small falcon that hovers above open country.",  # nobody knows what
        "There are a few of them in every town and village here.",
        "Short is a word.",
        "| kestrel is a | small falcon |",
        "",
    ],
)
def test_what_defines_nothing_is_no_definition(text):
    assert "definition" not in asked(text)


def test_names_keep_their_underscores():
    text = "The setting `max_drop` is the most that a metric may fall below that of the live version."
    assert asked(text)["definition"].question == "What is setting max_drop?"


def lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_what_is_kept_is_gold_that_its_own_search_answers(tmp_path):
    shelf, _ = library(30)
    done = synthesize(shelf.search, shelf, tmp_path / "gold.jsonl", n=20)
    gold = load_gold(tmp_path / "gold.jsonl")
    assert len(gold.queries) == sum(done.kept.values()) == 20
    for query in gold.queries:
        (relevant,) = query.relevant
        assert query.tags[0] == "synthetic"
        assert relevant.quote in shelf.text(relevant.document)
        assert relevant.document in {hit.chunk.document for hit in shelf.search(query.question, k=10)}
    assert len({query.relevant[0].document for query in gold.queries}) == 20, "one of each document first"


def test_a_run_that_was_cut_off_is_gone_on_with(tmp_path):
    shelf, _ = library(30)
    path = tmp_path / "gold.jsonl"
    synthesize(shelf.search, shelf, path, n=7)
    first = lines(path)
    done = synthesize(shelf.search, shelf, path, n=15)
    assert lines(path)[:7] == first
    assert (done.before, sum(done.kept.values())) == (7, 8)
    assert len({line["question"] for line in lines(path)}) == 15
    assert sum(synthesize(shelf.search, shelf, path, n=15).kept.values()) == 0


def test_peoples_own_lines_stay_and_do_not_count(tmp_path):
    shelf, _ = library(10)
    path = tmp_path / "gold.jsonl"
    own = {"id": "own", "question": "Mine?", "relevant": [{"document": "lib/000.md"}]}
    path.write_text(json.dumps(own) + "\n", "utf-8")
    synthesize(shelf.search, shelf, path, n=3)
    assert lines(path)[0] == own
    assert len(lines(path)) == 4


def test_a_question_whose_passage_no_leg_finds_is_dropped_with_the_reason(tmp_path):
    shelf, _ = library(10)
    deaf = spoiled(shelf.search, lambda hits, mode: [])
    done = synthesize(deaf, shelf, tmp_path / "gold.jsonl", n=5)
    assert not done.kept
    assert done.dropped["its passage is not found"] >= 10


def test_a_question_that_many_answer_is_dropped(tmp_path):
    same = "The quarterly report lists revenue, costs and the outlook of each region for the board."
    shelf = Shelf({f"r/{number}.md": same for number in range(9)})
    done = synthesize(shelf.search, shelf, tmp_path / "gold.jsonl", n=5)
    assert not done.kept
    assert done.dropped["others answer it as well"]


def test_a_models_questions_are_checked_like_any_other(tmp_path):
    shelf, _ = library(12)

    def model(chunk):
        return ["zzz qqq", " ".join(chunk.text.split()[-6:])]

    done = synthesize(shelf.search, shelf, tmp_path / "gold.jsonl", n=6, ask=model)
    assert set(done.kept) == {"model"}
    assert {tuple(line["tags"]) for line in lines(tmp_path / "gold.jsonl")} == {("synthetic", "model")}


def test_what_a_person_reworded_stays_and_is_not_asked_again(tmp_path):
    shelf, _ = library(30)
    path = tmp_path / "gold.jsonl"
    synthesize(shelf.search, shelf, path, n=30)
    reworded = [line | {"question": f"In my words, {number}?"} for number, line in enumerate(lines(path))]
    path.write_text("".join(json.dumps(line) + "\n" for line in reworded), "utf-8")
    synthesize(shelf.search, shelf, path, n=45)
    assert lines(path)[:30] == reworded
    assert len({query.id for query in load_gold(path).queries}) == 45


def test_what_a_person_took_out_does_not_come_back(tmp_path):
    shelf, _ = library(5)
    path = tmp_path / "gold.jsonl"
    synthesize(shelf.search, shelf, path, n=100)
    first = lines(path)
    path.write_text("".join(json.dumps(line) + "\n" for line in first[3:]), "utf-8")
    done = synthesize(shelf.search, shelf, path, n=100)
    assert {line["id"] for line in first[:3]}.isdisjoint(line["id"] for line in lines(path))
    assert done.dropped["asked already"] == 3
    ids = (tmp_path / "gold.jsonl.seen").read_text("utf-8").splitlines()
    assert {line["id"] for line in [*first, *lines(path)]} == set(ids)
    assert len(ids) == len(set(ids))


def test_a_passage_is_asked_for_once_however_often_the_command_runs(tmp_path):
    shelf, _ = library(6)

    def model(chunk):
        return [" ".join(chunk.text.split()[-6:]), " ".join(chunk.text.split()[:6])]

    for n in (6, 12, 50):
        synthesize(shelf.search, shelf, tmp_path / "gold.jsonl", n=n, ask=model)
    quotes = [line["relevant"][0]["quote"] for line in lines(tmp_path / "gold.jsonl")]
    assert len(set(quotes)) == len(quotes) <= len(shelf.chunks)


@pytest.mark.parametrize(("n", "tries", "tried"), [(5, 4, 4), (1, None, 20), (5, 1_000, 30)])
def test_it_gives_up_after_so_many_tries(tmp_path, n, tries, tried):
    shelf, _ = library(10)
    asked = []

    def deaf(query, **_):
        asked.append(query)
        return []

    done = synthesize(deaf, shelf, tmp_path / "gold.jsonl", n=n, tries=tries)
    assert (done.tried, len(set(asked)), done.queries) == (tried, tried, 0)


def test_a_last_line_without_an_end_is_ended_first(tmp_path):
    shelf, _ = library(10)
    path = tmp_path / "gold.jsonl"
    own = {"id": "own", "question": "Mine?", "relevant": [{"document": "lib/000.md"}]}
    path.write_text(json.dumps(own), "utf-8-sig")
    synthesize(shelf.search, shelf, path, n=2)
    assert load_gold(path).queries[0].id == "own"
    assert len(load_gold(path).queries) == 3


def test_a_line_that_a_kill_cut_off_is_dropped_with_a_warning(tmp_path, caplog):
    shelf, _ = library(10)
    path = tmp_path / "gold.jsonl"
    synthesize(shelf.search, shelf, path, n=3)
    whole = path.read_bytes()
    path.write_bytes(whole + '{"id": "s-1", "question": "Wie gro\u00df'.encode()[:-1])
    synthesize(shelf.search, shelf, path, n=3)
    assert path.read_bytes() == whole
    assert "the last line was cut off while it was written, and is dropped" in caplog.text


def test_what_is_no_gold_of_ours_is_left_as_it_is(tmp_path):
    shelf, _ = library(10)
    path = tmp_path / "qrels"
    path.write_text("q 0 lib/000.md 1", "utf-8")
    with pytest.raises(BadGold, match=r"holds qrels, .* name another file"):
        synthesize(shelf.search, shelf, path, n=3)
    assert path.read_text("utf-8") == "q 0 lib/000.md 1"


def test_a_corpus_without_words_gives_nothing(tmp_path):
    done = synthesize(Shelf({}).search, Shelf({}), tmp_path / "deep" / "gold.jsonl", n=5)
    assert (done.before, dict(done.kept)) == (0, {})


def test_a_models_question_quotes_the_sentence_that_answers_it_and_not_the_passage(tmp_path):
    text = (
        "The workshop opens at eight every day. Repairs of bicycles cost twelve euros an hour.\n\n"
        "| part | price |\n| --- | --- |\n| saddle | 30 euros |\n| chain | 19 euros |"
    )
    shelf = Shelf({"shop.md": text.replace("\n\n", "\n")})
    questions = {"What do repairs cost an hour?": "Repairs of bicycles cost twelve euros an hour."}
    path = tmp_path / "gold.jsonl"
    done = synthesize(shelf.search, shelf, path, n=5, ask=lambda _: [*questions, "Wer kann das zahlen?"])
    assert {line["question"]: line["relevant"][0]["quote"] for line in lines(path)} == questions
    assert done.dropped["no sentence of its passage answers it"] == 1
    rows = synthesize(shelf.search, shelf, tmp_path / "rows.jsonl", n=5, ask=lambda _: ["price of a saddle"])
    assert rows.kept.total() == 1
    assert lines(tmp_path / "rows.jsonl")[0]["relevant"][0]["quote"] == "| saddle | 30 euros |"

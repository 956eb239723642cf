"""Are gold files read as promised, and bad ones refused with what to do?"""

import json

import pytest

from eval.gold.gold import BadGold, GoldQuery, Relevant
from eval.gold.load import load_gold
from tests.places import SHARED


def write(path, *lines):
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def line(**fields):
    return {"id": "a", "question": "Why?", "relevant": [{"document": "docs/a.md"}], **fields}


def beir(folder, queries, qrels):
    (folder / "qrels").mkdir()
    write(folder / "queries.jsonl", *queries)
    (folder / "qrels" / "test.tsv").write_text(qrels)
    return folder


def test_a_gold_file_says_what_each_line_says(tmp_path):
    path = write(
        tmp_path / "gold.jsonl",
        line(relevant=[{"document": "d", "quote": "so"}, {"document": "e", "start": 3, "end": 9}], tags=["t"]),
        "",
        line(id="b", answers=["yes"]),
        line(id="c", relevant=[], answerable=False, answers=[]),
    )
    assert load_gold(path).queries == (
        GoldQuery("a", "Why?", (Relevant("d", quote="so"), Relevant("e", 3, 9)), tags=("t",)),
        GoldQuery("b", "Why?", (Relevant("docs/a.md"),), answers=("yes",)),
        GoldQuery("c", "Why?", answerable=False),
    )
    assert load_gold(path).kind == "citewell"


def test_a_line_separator_inside_a_string_does_not_end_the_line(tmp_path):
    path = write(tmp_path / "gold.jsonl", json.dumps(line(question="one\u2028two"), ensure_ascii=False))
    assert load_gold(path).queries[0].question == "one\u2028two"


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("{", "not valid JSON"),
        ("[1]", "not a JSON object"),
        (line(question=" "), "question is empty"),
        (line(id=7), "id "),
        (line(id=""), "id "),
        (line(relevent=[]), "relevent "),
        (line(relevant=[]), "answerable"),
        (line(answerable=False), "keep one"),
        (line(relevant=[], answerable=False, answers=["90 days"]), 'leave "answers" out, or name'),
        (line(answerable="yes"), "answerable "),
        (line(relevant=[{"document": "d", "start": 3}]), "both start and end"),
        (line(relevant=[{"document": "d", "start": 3, "end": 3}]), "end must be greater"),
        (line(relevant=[{"document": "d", "start": -1, "end": 3}]), "relevant.0.start"),
        (line(relevant=[{"document": "d", "start": 1, "end": 3, "quote": "x"}]), "not both"),
        (line(relevant=[{"document": "d", "quote": " "}]), "quote is empty"),
        (line(relevant=[{"document": "d", "grade": 0}]), "grade"),
        (line(relevant=[{"quote": "x"}]), "relevant.0.document"),
        ({"_id": "1", "text": "x"}, "folder"),
        (line(id="ok"), "already used in line 1"),
    ],
)
def test_a_bad_line_is_named_with_its_file_and_number(tmp_path, bad, said):
    path = write(tmp_path / "gold.jsonl", line(id="ok"), bad)
    with pytest.raises(BadGold) as caught:
        load_gold(path)
    assert f"{path}, line 2: " in str(caught.value)
    assert said in str(caught.value)
    assert str(caught.value).endswith(".")


def test_a_file_that_is_missing_empty_or_not_text_is_refused(tmp_path):
    with pytest.raises(BadGold, match="BEIR folder"):
        load_gold(tmp_path / "none.jsonl")
    with pytest.raises(BadGold, match="holds no queries"):
        load_gold(write(tmp_path / "empty.jsonl", ""))
    (tmp_path / "latin.jsonl").write_bytes(b'{"id": "\xe9"}')
    with pytest.raises(BadGold, match="UTF-8"):
        load_gold(tmp_path / "latin.jsonl")


def test_the_digest_follows_what_is_asked_not_the_order(tmp_path):
    one = write(tmp_path / "1.jsonl", line(id="a"), line(id="b"))
    two = write(tmp_path / "2.jsonl", "", line(id="b", tags=[]), line(id="a"))
    three = write(tmp_path / "3.jsonl", line(id="a"), line(id="b", question="How?"))
    assert load_gold(one).digest == load_gold(two).digest != load_gold(three).digest


def test_the_digest_does_not_see_the_order_of_documents_and_tags(tmp_path):
    told = {"relevant": [{"document": "a"}, {"document": "b", "quote": "so"}], "tags": ["x", "y"]}
    turned = {name: each[::-1] for name, each in told.items()}
    digests = {load_gold(write(tmp_path / "1.jsonl", line(**one))).digest for one in (told, turned)}
    digests |= {load_gold(write(tmp_path / "1.jsonl", line(**told | {"tags": ["y"]}))).digest}
    assert len(digests) == 2
    judged = ["q 0 a 0", "q 0 b 0", "q 0 c 1", "q 0 d 1"]
    assert load_gold(write(tmp_path / "1", *judged)).digest == load_gold(write(tmp_path / "2", *judged[::-1])).digest


def test_in_a_beir_folder_only_judged_queries_count_with_their_grades(tmp_path):
    queries = [{"_id": number, "text": f"question {number}", "metadata": {}} for number in ("1", "2", "3")]
    gold = load_gold(beir(tmp_path, queries, "query-id\tcorpus-id\tscore\n1\tx\t2\n1\ty\t0\n1\tz\t-1\n3\tx\t0\n"))
    assert gold.kind == "qrels"
    assert gold.queries == (
        GoldQuery("1", "question 1", (Relevant("x", grade=2),), irrelevant=("y", "z")),
        GoldQuery("3", "question 3", answerable=False, irrelevant=("x",)),
    )


@pytest.mark.parametrize(
    ("queries", "qrels", "said"),
    [
        ([{"_id": "1", "text": "x"}], "1\tx\n", "line 1: expected"),
        ([{"_id": "1", "text": "x"}], "1\tx\thigh\n", "line 1: expected"),
        ([{"_id": "1", "text": "x"}], "1\tx\t1\n1\tx\t2\n", "line 2: .* twice"),
        ([{"_id": "1", "text": "x"}], "2\tx\t1\n", "judges query '2'"),
        ([{"_id": "1", "text": "x"}, {"_id": "1", "text": "y"}], "1\tx\t1\n", "line 2: .* twice"),
        ([{"_id": "1"}], "1\tx\t1\n", "line 1: give"),
        ([{"_id": "1", "text": "x"}], "query-id\tcorpus-id\tscore\n", "holds no queries"),
    ],
)
def test_a_bad_beir_folder_is_refused_with_the_place(tmp_path, queries, qrels, said):
    with pytest.raises(BadGold, match=said):
        load_gold(beir(tmp_path, queries, qrels))


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("qrels.dev.tsv", "1\t0\tdocs/a b.md\t1\n2\t0\tc\t0\n"),  # MS MARCO
        ("qrels.dev.tsv", "1\tQ0\tdocs/a b.md\t1.0\r\n2\tQ0\tc\t0.0\r\n"),
        ("any.tsv", "query_id\tdoc_id\trelevance\n1\tdocs/a b.md\t1\n2\tc\t0\n"),
        ("any.tsv", "#qid\titer\tdocno\trel\n1\t0\tdocs/a b.md\t1e0\n2\t0\tc\t-0\n"),
        ("any.tsv", "Doc ID\tQuery ID\tLabel\ndocs/a b.md\t1\t1\nc\t2\t0\n"),
        ("any.tsv", "1\tdocs/a b.md\t1\n2\tc\t0\n"),
        ("any.csv", 'query-id,corpus-id,score\n1,"docs/a b.md",1\n2,c,0\n'),
        ("any.qrels", "1\t0\tdocs/a b.md\t1\n2\t0\tc\t0\n"),
    ],
)
def test_qrels_are_read_as_people_have_them(tmp_path, name, rows):
    (tmp_path / name).write_bytes(rows.encode())
    (tmp_path / "queries.tsv").write_text("1\tone\n2\ttwo\n", encoding="utf-8")
    queries = load_gold(tmp_path / name).queries
    assert [(query.id, query.question) for query in queries] == [("1", "one"), ("2", "two")]
    assert [(relevant.document, relevant.grade) for relevant in queries[0].relevant] == [("docs/a b.md", 1)]
    assert (queries[1].answerable, queries[1].irrelevant) == (False, ("c",))


@pytest.mark.parametrize("grade", ["0.5", "nan", "inf", "high", "", "1,5"])
def test_a_grade_that_is_no_whole_number_is_refused_with_its_line(tmp_path, grade):
    (tmp_path / "qrels.tsv").write_text(f"1\t0\ta\t1\n1\t0\tb\t{grade}\n", encoding="utf-8")
    with pytest.raises(BadGold, match="line 2: expected"):
        load_gold(tmp_path / "qrels.tsv")


def test_a_first_line_that_is_no_heading_is_never_passed_over(tmp_path):
    (tmp_path / "qrels.txt").write_text("first second third\nq1 0 d 1\n", encoding="utf-8")
    with pytest.raises(BadGold, match="line 1: expected"):
        load_gold(tmp_path / "qrels.txt")


def test_the_questions_of_the_same_part_come_before_those_of_all(tmp_path):
    (tmp_path / "qrels.dev.small.tsv").write_text("1\t0\ta\t1\n", encoding="utf-8")
    (tmp_path / "queries.dev.small.tsv").write_text("1\tof the part\n", encoding="utf-8")
    (tmp_path / "queries.tsv").write_text("1\tof all\n", encoding="utf-8")
    assert [query.question for query in load_gold(tmp_path / "qrels.dev.small.tsv").queries] == ["of the part"]


def test_qrels_in_trecs_form_are_gold_with_or_without_the_questions_beside_them(tmp_path):
    path = tmp_path / "qrels.txt"
    path.write_text("q1 0 d/1 2\nq1 0 d/2 0\n\nq2 Q0 d/3 -1\n")
    without = load_gold(path)
    assert without.kind == "qrels"
    assert without.queries == (
        GoldQuery("q1", "", (Relevant("d/1", grade=2),), irrelevant=("d/2",)),
        GoldQuery("q2", "", answerable=False, irrelevant=("d/3",)),
    )
    (tmp_path / "queries.tsv").write_text("q2\tsecond?\nq1\tfirst?\nq9\tnot judged\n")
    assert [query.question for query in load_gold(path).queries] == ["second?", "first?"]


def test_another_table_of_a_beir_folder_is_gold_too(tmp_path):
    folder = beir(tmp_path, [{"_id": "1", "text": "one"}, {"_id": "2", "text": "two"}], "1\tx\t1\n")
    (folder / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\n2\ty\t1\n")
    assert [query.question for query in load_gold(folder / "qrels" / "train.tsv").queries] == ["two"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("q1 0 d\n", "line 1: expected the query"),
        ("q1 0 d 1\nq1 0 d 2\n", "line 2: .* twice"),
        ("q 0 d x", "whole number"),
    ],
)
def test_bad_lines_of_trecs_form_are_named(tmp_path, text, said):
    (tmp_path / "qrels").write_text(text)
    with pytest.raises(BadGold, match=said):
        load_gold(tmp_path / "qrels")


def test_a_bad_line_of_a_table_of_questions_is_named(tmp_path):
    (tmp_path / "qrels").write_text("q1 0 d 1\n")
    (tmp_path / "queries.tsv").write_text("q1 no tab\n")
    with pytest.raises(BadGold, match=r"queries.tsv, line 1: give the query's id, a tab"):
        load_gold(tmp_path / "qrels")


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "queries"),
    [("scifact", 300), ("cranfield", 225), ("cisi", 76), ("adi", 35), ("squad2-subset", 583), ("peps", 618)],
)
def test_public_collections_load_with_their_published_counts(name, queries):
    assert len(load_gold(SHARED / name).queries) == queries

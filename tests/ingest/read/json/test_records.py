"""Is each record of a file a document of its own, and is a bad one named?"""

import json
from pathlib import Path

from ingest.model import Document, Failure
from ingest.read.registry import read


def records(path: Path) -> list[Document | Failure]:
    return list(read(path, "box/r.jsonl"))


def test_a_beir_record_is_its_title_and_text(file):
    lines = [
        {
            "_id": "12",
            "title": "T",
            "text": "Body\r\n2",
            "metadata": {"url": "u"},
            "year": 2020,
            "ok": True,
            "none": None,
        },
        {"_id": "x", "title": "", "text": "Only text"},
        {"_id": 7, "title": "Only title", "text": ""},
    ]
    first, second, third = records(file("r.jsonl", "\n".join(map(json.dumps, lines))))
    assert first == Document("box/r.jsonl#12", "T\n\nBody\n2", "T", metadata={"url": "u", "year": "2020", "ok": "true"})
    assert (second.name, second.text, second.title) == ("box/r.jsonl#x", "Only text", "r x")
    assert (third.name, third.text, third.metadata) == ("box/r.jsonl#7", "Only title", {})


def test_other_records_give_what_they_have(file):
    lines = [{"question": "Q?", "answer": "A.", "n": 1}, {"id": "b", "content": "C"}, {"name": "N", "size": 2}]
    found = records(file("r.ndjson", "\n".join(map(json.dumps, lines))))
    assert [(item.name, item.text) for item in found] == [
        ("box/r.jsonl#1", "Q?\n\nA."),
        ("box/r.jsonl#b", "C"),
        ("box/r.jsonl#3", "name: N\nsize: 2"),
    ]


def test_a_bad_record_is_named_and_stops_nothing(file):
    lines = [
        b'{"_id": "a", "text": "one"}',
        b'{"_id": "b", "text": ',
        b"[1]",
        b"",
        b'{"_id": "c", "text": "  ", "year": 1}',
        b'{"_id": "a", "text": "again"}',
        b'{"_id": "d", "text": "\xff"}',
        b"[" * 100_000,
        b'{"_id": "e", "text": "lone \\ud800"}',
    ]
    found = records(file("r.jsonl", b"\n".join(lines)))
    assert [
        (item.document, item.error.split(" (")[0].split(":")[0]) for item in found if isinstance(item, Failure)
    ] == [
        ("box/r.jsonl:2", "it is not valid JSON"),
        ("box/r.jsonl:3", "it is not a JSON object"),
        ("box/r.jsonl#c", "line 5 holds no text"),
        ("box/r.jsonl#a", "an earlier document of this file has the same name and was kept"),
        ("box/r.jsonl:7", "it is not valid UTF-8"),
        ("box/r.jsonl:8", "it is nested too deeply"),
    ]
    assert [item.text for item in found if isinstance(item, Document)] == ["one", "lone \ufffd"]
    broken = next(item for item in found if isinstance(item, Failure))
    assert broken.error == (
        "it is not valid JSON (column 21: a value is missing, or text stands there without double quotes): "
        "correct the line"
    )


def test_a_file_of_no_records_and_an_id_that_is_no_name_are_failures(file):
    (item,) = records(file("r.jsonl", " \n\t\n"))
    assert (item.document, item.error) == ("box/r.jsonl", "it holds no text: add some, or leave it out")
    failed, other = records(file("r.jsonl", json.dumps({"id": "x" * 2000, "text": "a"}) + '\n{"text": "b"}'))
    assert (failed.document, other.text) == ("box/r.jsonl:1", "b")
    assert "id is longer" in failed.error


def test_records_are_read_as_they_come(file):
    path = file("r.jsonl", '{"text": "one"}\n' * 3)
    items = read(path, "box/r.jsonl")
    assert next(items).text == "one"
    with path.open("a") as more:
        more.write('{"text": "late"}\n' * 5_000)
    assert sum(1 for _ in items) > 2

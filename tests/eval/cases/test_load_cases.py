"""A file of cases is read as it is meant, or refused with its line and what to do."""

import json

import pytest

from eval.cases.cases import BadCases, Expected, load_cases

GOOD = {"id": "a", "question": "Why?", "expect": {"status": "answered"}}


def written(folder, *lines):
    path = folder / "cases.jsonl"
    path.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines), "utf-8")
    return path


def test_a_case_is_read_with_all_that_it_may_hold(tmp_path):
    whole = {
        "id": "b",
        "question": "And then?",
        "conversation": ["First?", "Second?"],
        "principal": "ana",
        "expect": {
            "status": ["answered", "abstained"],
            "cites": ["a.md"],
            "says": ["x"],
            "not_says": ["y"],
            "calls": ["c"],
            "not_calls": ["d"],
            "rule": "legal",
        },
        "tags": ["one"],
    }
    first, second = load_cases(written(tmp_path, GOOD, "", whole))

    assert (first.id, first.question, first.expect) == ("a", "Why?", Expected(status=("answered",)))
    assert (first.conversation, first.principal, first.tags) == ((), None, ())
    assert second.expect == Expected(("answered", "abstained"), ("a.md",), ("x",), ("y",), ("c",), ("d",), "legal")
    assert (second.conversation, second.principal, second.tags) == (("First?", "Second?"), "ana", ("one",))


def test_a_principal_that_is_null_is_none(tmp_path):
    (case,) = load_cases(written(tmp_path, GOOD | {"principal": None}))

    assert case.principal is None


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: not valid JSON"),
        ("[" * 100_000, "line 2: not valid JSON"),
        ("[]", "line 2: not a JSON object"),
        ({"question": "Why?", "expect": {"says": ["x"]}}, "line 2: id is missing; correct the line."),
        (GOOD | {"id": "a"}, "line 2: the id 'a' is already used in line 1; give each case an id of its own."),
        (GOOD | {"id": "b", "question": " \n"}, "line 2: a question is empty"),
        (GOOD | {"id": "b", "conversation": [""]}, "line 2: a question is empty"),
        (GOOD | {"id": "b", "conversation": "First?"}, "line 2: conversation is to be a list"),
        (GOOD | {"id": "b", "expected": {}}, "line 2: expected is nothing that is taken there"),
        (GOOD | {"id": "b", "expect": {}}, "line 2: expect: nothing is expected"),
        (GOOD | {"id": "b", "expect": {"says": []}}, "line 2: expect: nothing is expected"),
        (GOOD | {"id": "b", "expect": {"say": ["x"]}}, "line 2: expect.say is nothing that is taken there"),
        (GOOD | {"id": "b", "expect": {"says": "x"}}, "line 2: expect.says is to be a list"),
        (GOOD | {"id": "b", "expect": {"says": [" "]}}, "line 2: expect.says: one of its texts is empty"),
        (GOOD | {"id": "b", "expect": {"not_says": ["[1]"]}}, "line 2: expect.not_says: one of its texts is empty"),
        (GOOD | {"id": "b", "expect": {"status": "done"}}, "line 2: expect.status.0 is to be 'answered', 'abst"),
        (GOOD | {"id": "b", "expect": {"calls": ["x"], "not_calls": ["x"]}}, "x is to be called and not to be called"),
        (GOOD | {"id": "b", "expect": {"says": ["A b"], "not_says": ["a  B"]}}, "“a b” is to be said and not to be"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_line(tmp_path, line, said):
    path = written(tmp_path, GOOD, line)

    with pytest.raises(BadCases) as refused:
        load_cases(path)
    assert str(refused.value).startswith(str(path))
    assert said in str(refused.value)


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff"])
def test_a_file_without_a_case_is_refused(tmp_path, text):
    with pytest.raises(BadCases, match="holds no cases: write at least one line"):
        load_cases(written(tmp_path, text))


def test_a_folder_and_other_bytes_are_refused(tmp_path):
    with pytest.raises(BadCases, match="cannot be read"):
        load_cases(tmp_path)
    path = tmp_path / "latin.jsonl"
    path.write_bytes('{"id": "ä"}'.encode("latin-1"))
    with pytest.raises(BadCases, match="not UTF-8 text: save it as UTF-8"):
        load_cases(path)


def test_a_case_that_is_changed_is_another_one_and_one_that_is_only_tagged_is_not(tmp_path):
    (plain,) = load_cases(written(tmp_path, GOOD))
    (tagged,) = load_cases(written(tmp_path, GOOD | {"tags": ["new"]}))
    (stricter,) = load_cases(written(tmp_path, GOOD | {"expect": {"status": "answered", "says": ["x"]}}))

    assert plain.digest == tagged.digest != stricter.digest

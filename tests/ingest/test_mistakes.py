"""What is said of what cannot be read as JSON or TOML, or is not taken: a reader's words, not a library's."""

import json
import re
import tomllib

import pytest
from pydantic import BaseModel, Field, ValidationError

from ingest.mistakes import json_mistake, toml_mistake, value_mistake

LIBRARIES = re.compile(r"Expect|Illegal|Input should|Extra (?:data|inputs)|delimiter|char \d|validation", re.IGNORECASE)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello", "line 1, column 1: a value is missing"),
        ('{"a": 1\n"b": 2}', "line 2, column 1: a comma or a closing bracket is missing"),
        ("{'a': 1}", "a name in double quotes is missing"),
        ('{"a" 1}', "a colon is missing"),
        ('{"a": "b', "closing double quote is missing"),
        ('{"a": "b\n"}', "a line break or a tab"),
        ('{"a": "\\x"}', "written twice"),
        ("{} {}", "something follows where the value has ended"),
    ],
)
def test_what_is_no_json_is_said_in_plain_words(text, said):
    with pytest.raises(json.JSONDecodeError) as fault:
        json.loads(text)
    assert said in json_mistake(fault.value)
    assert not LIBRARIES.search(json_mistake(fault.value))
    assert not json_mistake(fault.value, line=False).startswith("line")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('home = "h\n', "line 1, column 10: a text ends with its line"),
        ("home\n", "line 1, column 5: a name stands there without = and a value"),
        ("home = h\n", "text needs quotes"),
        ('home = "h" x\n', "something follows a value on its line"),
        ("a = [1,\n", "its end: "),
        ("[a]\n[a]\n", "given twice"),
        ("a = 1\na = 2\n", "given twice"),
        ("[a\n", "heading is not closed"),
        ("home = True\n", "true and false are written small"),
    ],
)
def test_what_is_no_toml_is_said_in_plain_words(text, said):
    with pytest.raises(tomllib.TOMLDecodeError) as fault:
        tomllib.loads(text)
    assert said in toml_mistake(fault.value)
    assert not LIBRARIES.search(toml_mistake(fault.value))


class Body(BaseModel, extra="forbid"):
    k: int = Field(1, ge=1, le=9)
    share: float = Field(0.5, gt=0)
    names: list[str] = Field(["a"], min_length=1)
    deep: dict[str, str] = {}
    on: bool = False


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kk": 1}, "is nothing that is taken there"),
        ({"k": 0}, "is to be at least 1"),
        ({"k": 10}, "is to be at most 9"),
        ({"k": "x"}, "is to be a whole number"),
        ({"share": 0}, "is to be more than 0"),
        ({"names": []}, "is to hold at least 1"),
        ({"names": "a"}, "is to be a list"),
        ({"deep": 3}, "is to be an object with names and values"),
        ({"on": "perhaps"}, "is to be true or false"),
    ],
)
def test_what_is_not_taken_is_said_in_plain_words(given, said):
    with pytest.raises(ValidationError) as fault:
        Body.model_validate(given)
    assert value_mistake(fault.value.errors()[0]) == said

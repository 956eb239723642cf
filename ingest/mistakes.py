"""What is wrong with what somebody wrote, in plain words? Of JSON, of TOML, and of a value that is not taken."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

# By how the message of the library begins, which knows more of grammars than its readers want to.
_JSON = {
    "Expecting value": "a value is missing, or text stands there without double quotes",
    "Expecting property name": "a name in double quotes is missing",
    "Expecting ':'": "a colon is missing after a name",
    "Expecting ','": "a comma or a closing bracket is missing",
    "Unterminated string": "a text begins there whose closing double quote is missing",
    "Invalid control character": "a line break or a tab stands inside a text, where \\n or \\t is to be written",
    "Invalid \\": "a backslash inside a text is to be written twice",
    "Extra data": "something follows where the value has ended",
    "Illegal trailing comma": "a comma stands before a closing bracket",
}
_TOML = {
    "Illegal character '\\n'": 'a text ends with its line, and its closing quote is missing (name = "text")',
    "Illegal character": "a sign stands there that cannot",
    "Expected '='": "a name stands there without = and a value",
    "Invalid value": "the value is none: text needs quotes, and true and false are written small",
    "Expected newline": "something follows a value on its line",
    "Unterminated string": "a text is not closed by a quote",
    "Unclosed": "a list or a table is not closed by its bracket",
    "Cannot": "a name or a table is given twice",
    "Duplicate": "a name is given twice",
    "Expected ']": "a table's heading is not closed by its bracket",
    "Unescaped": "a backslash inside a text is to be written twice",
}
_VALUES = {
    "extra_forbidden": "is nothing that is taken there",
    "missing": "is missing",
    "string_type": "is to be text",
    "string_too_short": "is empty or too short (at least {min_length} letters)",
    "string_too_long": "is too long (at most {max_length:,} letters)",
    "string_pattern_mismatch": "holds nothing but white space",
    "int_type": "is to be a whole number",
    "int_parsing": "is to be a whole number",
    "int_from_float": "is to be a whole number",
    "float_type": "is to be a number",
    "float_parsing": "is to be a number",
    "finite_number": "is to be a finite number",
    "bool_type": "is to be true or false",
    "bool_parsing": "is to be true or false",
    "list_type": "is to be a list",
    "too_short": "is to hold at least {min_length}",
    "dict_type": "is to be an object with names and values",
    "model_type": "is to be an object with names and values",
    "dataclass_type": "is to be an object with names and values",
    "model_attributes_type": "is to be an object with names and values",
    "literal_error": "is to be {expected}",
    "path_type": "is to be a path",
    "greater_than": "is to be more than {gt:g}",
    "greater_than_equal": "is to be at least {ge:g}",
    "less_than": "is to be less than {lt:g}",
    "less_than_equal": "is to be at most {le:g}",
}


def json_mistake(error: ValueError, *, line: bool = True) -> str:
    """What keeps a text from being JSON, with its place (`line`: also the line)."""
    if not isinstance(error, json.JSONDecodeError):
        return "a number or a text in it is too long"
    place = f"line {error.lineno}, column {error.colno}" if line else f"column {error.colno}"
    return f"{place}: {_worded(_JSON, error.msg)}"


def toml_mistake(error: tomllib.TOMLDecodeError) -> str:
    """What keeps a text from being TOML, with its place."""
    said, _, place = str(error).partition(" (at ")
    where = re.match(r"line \d+, column \d+", place)
    return f"{where[0] if where else 'its end'}: {_worded(_TOML, said)}"


def named_mistake(name: str, error: Mapping[str, Any]) -> str:
    """The same after the name of what holds it, where it has one."""
    said = value_mistake(error)
    if not name:
        return said
    return f"{name}: {said}" if error["type"] == "value_error" else f"{name} {said}"


def value_mistake(error: Mapping[str, Any]) -> str:
    """What is wrong with a value, as pydantic found; to be put after its name."""
    words = _VALUES.get(error["type"])
    if words is None:
        said = str(error["msg"])
        return said.removeprefix("Value error, ") if error["type"] == "value_error" else said[:1].lower() + said[1:]
    return words.format(**error.get("ctx", {}))


def _worded(known: Mapping[str, str], said: str) -> str:
    return next(
        (words for begins, words in known.items() if said.startswith(begins)), "it cannot be read on from there"
    )

"""What is in a file of JSON lines, BEIR's or anyone's?"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ingest.mistakes import json_mistake
from ingest.model import Document, Failure, Markup, Metadata
from ingest.read.decode import LARGEST, mark
from ingest.read.json.markdown import json_markdown
from ingest.read.registry import Unreadable

_BODIES = ("text", "content", "body")
_LONGEST_KEY = 1000  # letters; what is longer is a text by mistake, and no name


def read_records(path: Path, name: str) -> Iterator[Document | Failure]:
    """One document a line, named by its `_id`, else `id`, else the line's number; a line that is not one is a Failure.

    The text is the title, a blank line, and the `text` (or `content`, or `body`; or `question` and `answer`); where
    there is none of these, every plain value as `key: value`. The other plain values, and those in `metadata`, become
    metadata; lists and objects follow the text. The file is read line by line, never as a whole.
    """
    with path.open("rb") as file:
        encoding = mark(file.read(4)) or "utf-8"
    if encoding == "utf-8":
        with path.open("rb") as file:
            if b"\0" in file.read(4096):
                raise Unreadable("it is binary, not JSON lines: leave it out, or give it the suffix of what it is")
    # Bytes that are no UTF-8 are carried as lone surrogates up to the line that holds them
    with path.open(encoding=encoding, errors="surrogateescape" if encoding == "utf-8" else "replace") as lines:
        for number, line in enumerate(iter(lambda: lines.readline(LARGEST), ""), start=1):
            if len(line) == LARGEST:
                raise Unreadable(f"its line {number} is longer than {LARGEST >> 20} MB: split it")
            if line.strip():
                yield _record(line, number, path, name)


def _record(line: str, number: int, path: Path, name: str) -> Document | Failure:
    at = f"{name}:{number}"
    try:
        line.encode("utf-8")
        # Numbers stay as they are written: 1.10 is a version
        record = json.loads(line.rstrip(), parse_int=str, parse_float=str, object_pairs_hook=_with_doubles)
    except UnicodeEncodeError:
        return Failure(at, "it is not valid UTF-8: save the file as UTF-8")
    except RecursionError:
        return Failure(at, "it is nested too deeply: flatten it")
    except ValueError as error:
        return Failure(at, f"it is not valid JSON ({json_mistake(error, line=False)}): correct the line")
    if not isinstance(record, dict):
        return Failure(at, "it is not a JSON object: write each record as {…} on a line of its own")
    fields = _plain(record)
    key = fields.pop("_id", "") or fields.pop("id", "") or str(number)
    if len(key) > _LONGEST_KEY:
        return Failure(at, f"its id is longer than {_LONGEST_KEY:,} letters: give it a short one")
    title = fields.pop("title", "").strip()
    text = _text(fields, title, has_body=not record.keys().isdisjoint(_BODIES))
    nested = {name: value for name, value in record.items() if isinstance(value, list | dict) and value}
    about = nested.pop("metadata", None)
    if nested:
        text = f"{text}\n\n{json_markdown(json.dumps(nested))[0]}".strip()
    if not text:
        return Failure(f"{name}#{key}", f"line {number} holds no text: give it a field `text`, or leave it out")
    about = about if isinstance(about, dict) else {}
    metadata: Metadata = {**_lists(about), **_plain(about), **_lists(record), **fields}
    markup: Markup = "markdown" if nested else "plain"
    return Document(f"{name}#{key}", text, title or f"{path.stem} {key}", markup, metadata=metadata)


def _with_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object; values of one name are kept in a list, where the standard library would keep the last."""
    made = dict(pairs)
    if len(made) < len(pairs):
        for name in made:
            values = [value for key, value in pairs if key == name]
            made[name] = values if len(values) > 1 else values[0]
    return made


def _text(fields: dict[str, str], title: str, *, has_body: bool) -> str:
    """The record's text; what it is made of is taken out of `fields`."""
    body = next((fields.pop(key) for key in _BODIES if key in fields), "").replace("\r\n", "\n")
    if not body and "question" in fields and "answer" in fields:
        body = f"{fields.pop('question')}\n\n{fields.pop('answer')}"
    if not body and not has_body and fields:
        body = "\n".join(f"{key}: {value}" for key, value in fields.items())
        fields.clear()
    return f"{title}\n\n{body}" if title and body else title or body


def _plain(record: Mapping[str, Any]) -> dict[str, str]:
    """The values that are no lists or objects, as strings; empty ones are left out."""
    made = {key: _string(value) for key, value in record.items() if isinstance(value, str | int | float)}
    return {key: value for key, value in made.items() if value.strip()}


def _lists(record: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The values that are lists of strings and numbers, such as tags: each item can be asked for."""
    return {
        key: tuple(map(_string, value))
        for key, value in record.items()
        if isinstance(value, list) and value and all(isinstance(item, str | int | float) for item in value)
    }


def _string(value: str | float) -> str:
    return value if isinstance(value, str) else json.dumps(value)

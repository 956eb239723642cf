"""How is a file of JSON lines read, so that each error says where it is?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from ingest.errors import CitewellError
from ingest.mistakes import json_mistake, named_mistake

L = TypeVar("L", bound=BaseModel)


def records(path: Path, wrong: type[CitewellError], give: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Each object with the number of its line. What cannot be read is raised as `wrong`; `give` says what to name."""
    for number, line in lines(path, wrong, give):
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            said = json_mistake(error, line=False) if isinstance(error, ValueError) else "it is nested too deep"
            raise wrong(f"{path}, line {number}: not valid JSON ({said}); correct the line.") from None
        if not isinstance(record, dict):
            raise wrong(f"{path}, line {number}: not a JSON object; write one object a line.")
        yield number, record


def parsed(record: dict[str, Any], form: type[L], place: str, wrong: type[CitewellError]) -> L:
    """The object of a line, held against its form; what is not as it is to be there is raised as `wrong`."""
    try:
        return form.model_validate(record)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise wrong(f"{place}: {named_mistake(where, first)}; correct the line.") from None


def lines(path: Path, wrong: type[CitewellError], give: str) -> Iterator[tuple[int, str]]:
    """The lines that are not empty, each with its number from 1."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise wrong(f"{path} cannot be read ({error.strerror}): give {give}.") from None
    except UnicodeDecodeError:
        raise wrong(f"{path} is not UTF-8 text: save it as UTF-8.") from None
    # Not splitlines: a JSON string may hold U+2028 and its like as they are.
    yield from ((number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip())

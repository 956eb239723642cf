"""What does a store keep of a point, so that a scope can ask for it?

One field of words: `["label"]` for each label and `["key", "value"]` for each piece of metadata, for each item of one
that is a list. It takes one index, whatever the keys, and no path into a payload that would have to be quoted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ingest.model import Metadata, items
from retrieval.model import Scope
from retrieval.parts import Point

FIELD = "scope"


def kept(point: Point) -> list[str]:
    """The words of a point."""
    return [
        *(_word(label) for label in point.labels),
        *(_word(key, item) for key, value in point.metadata.items() for item in dict.fromkeys(items(value))),
    ]


def wanted(scope: Scope) -> list[list[str]]:
    """The words of which a point must have one of each list to lie within."""
    return [
        *([_word(label)] for label in sorted(scope.labels)),
        *([_word(key, value) for value in values] for key, values in scope.conditions()),
    ]


def barred(scope: Scope) -> list[str]:
    """The words of which a point must have none to lie within."""
    return [_word(label) for label in sorted(scope.without)]


def given_back(words: Sequence[str]) -> tuple[tuple[str, ...], Metadata]:
    """The labels and the metadata that were kept."""
    said = [json.loads(word) for word in words]
    metadata: dict[str, str | tuple[str, ...]] = {}
    for key, item in (parts for parts in said if len(parts) == 2):
        metadata[key] = (*items(metadata[key]), item) if key in metadata else item
    return tuple(parts[0] for parts in said if len(parts) == 1), metadata


def _word(*parts: str) -> str:
    """Readable as it stands; half a surrogate pair, as in odd file names, becomes the escape that JSON has for it."""
    return json.dumps(parts, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")

"""What does a store keep of a point, so that a scope can ask for it?

One field of words: `["label"]` for each label and `["key", "value"]` for each piece of metadata. It takes one index,
whatever the keys, and no path into a payload that would have to be quoted.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from retrieval.model import Point, Scope

FIELD = "scope"


def kept(point: Point) -> list[str]:
    """The words of a point."""
    return [_word(label) for label in point.labels] + [_word(*pair) for pair in point.metadata.items()]


def wanted(scope: Scope) -> list[str]:
    """The words that a point must have, all of them, to lie within."""
    return [_word(label) for label in sorted(scope.labels)] + [_word(*pair) for pair in sorted(scope.metadata.items())]


def given_back(words: Sequence[str]) -> tuple[tuple[str, ...], dict[str, str]]:
    """The labels and the metadata that were kept."""
    said = [json.loads(word) for word in words]
    return tuple(parts[0] for parts in said if len(parts) == 1), dict(parts for parts in said if len(parts) == 2)


def _word(*parts: str) -> str:
    """Readable as it stands; half a surrogate pair, as in odd file names, becomes the escape that JSON has for it."""
    return json.dumps(parts, ensure_ascii=False).encode("utf-8", "backslashreplace").decode("utf-8")

"""What makes a record tamper-evident? How it is written down, sealed, and linked to what came before."""

from __future__ import annotations

import hashlib
import json
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from ingest.model import digest

GENESIS = "0" * 64
_BITS = 2048  # of the sum over all ends: as wide as it takes that nobody finds other ends with the same one


@dataclass(frozen=True, slots=True)
class Link:
    """One event as it stands in the chain.

    `hash` covers everything but `salt` and `content`, for which `sealed` stands in: without its salt a content cannot
    be guessed from the chain, and a content that is taken out one day leaves the chain whole.
    """

    run: str
    number: int
    kind: str
    at: str
    actor: str
    previous: str
    sealed: str
    hash: str
    salt: bytes | None
    content: str | None


def link(previous: str, run: str, number: int, kind: str, at: str, actor: str, content: str) -> Link:
    """The event that follows `previous`; `content` is what `canonical` wrote."""
    salt = secrets.token_bytes(16)
    sealed = digest(salt, content)
    total = digest(previous, sealed, run, str(number), kind, at, actor)
    return Link(run, number, kind, at, actor, previous, sealed, total, salt, content)


def fault(event: Link, previous: str, *, erased: bool = False) -> str | None:
    """What is wrong with an event that should follow `previous`; None where nothing is. Of one that was `erased` the
    content is to be missing.
    """
    record = (event.previous, event.sealed, event.run, str(event.number), event.kind, event.at, event.actor)
    if event.hash != digest(*record):
        return "its record was changed"
    if event.salt is None or event.content is None:
        if not erased:
            return "its content is missing"
    elif not isinstance(event.salt, bytes) or event.sealed != digest(event.salt, event.content):
        return "its content was changed"
    if event.previous != previous:
        return "it does not follow the event before it: one was removed, or their order changed"
    return None


def moved(total: int, run: str, before: str | None, after: str) -> int:
    """The sum over the ends of all runs when one of them has moved from an event to the next, each named by its hash.

    It is the same in whatever order runs move, is kept up in constant time, and lacks nothing that a run was (the
    incremental hash of a set by addition: Bellare and Micciancio 1997).
    """
    return (total + _term(run, after) - (_term(run, before) if before else 0)) % (1 << _BITS)


def head_of(total: int) -> str:
    """The one hash over the ends of all runs; `GENESIS` where there is none."""
    return digest(total.to_bytes(_BITS // 8, "big")) if total else GENESIS


def _term(run: str, hash: str) -> int:
    return int.from_bytes(hashlib.shake_256(f"{run}\0{hash}".encode()).digest(_BITS // 8), "big")


def canonical(content: Mapping[str, Any]) -> str:
    """The content as JSON, its keys sorted.

    Dataclasses, tuples, sets (sorted) and NumPy scalars are written as what JSON has. What would not come back as it
    went in (NaN, bytes, keys that are not strings) raises `TypeError` or `ValueError`.
    """
    text = json.dumps(_plain(content), ensure_ascii=False, sort_keys=True, allow_nan=False, separators=(",", ":"))
    # A lone surrogate has no UTF-8; written as a backslash escape it is still the same JSON string.
    return text.encode("utf-8", "backslashreplace").decode()


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError(f"a journal's keys are strings: {sorted(map(repr, value))}")
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted((_plain(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"a journal cannot hold {value}")
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise TypeError(f"a journal cannot hold a {type(value).__name__}")

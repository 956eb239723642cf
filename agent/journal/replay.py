"""Does a run that was recorded come to the same again, from its events alone?"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np

from agent.journal.entry import Entry, followed
from agent.journal.events import (
    Compacted,
    Decided,
    Event,
    NotKept,
    Planned,
    Redacted,
    Resumed,
    TextGone,
    Thought,
    Understood,
    Weighed,
    read,
)
from agent.journal.fold import after, fold
from agent.state import State
from ingest.model import digest
from plugins.tool import Texts
from retrieval.model import Scope

Asking = Compacted | Understood | Planned | Weighed | Thought
"""What a model was asked for, by a request that was made from the state before it."""

RequestOf = Callable[[State, Asking], str | None]
"""Gives the digest of the request that a state led to, given what was said then, and asks nobody.

None where it was made from what is erased by now. Raises `TextGone`.
"""


def requested(event: Asking) -> str | None:
    """The digest of that request; None where none was made, or none was recorded."""
    return event.reply.request if isinstance(event, Thought) else event.request


@dataclass(frozen=True, slots=True)
class Asked:
    """What a recorded run was asked, of which release and within which scope; `content` is all of its first event."""

    run: str
    question: str
    release: Mapping[str, Any]
    scope: Scope
    content: Mapping[str, Any]

    @property
    def index_version(self) -> str:
        """The version that it asked."""
        return str(self.release["index_version"])


@dataclass(frozen=True, slots=True)
class Difference:
    """What an event is not any more: `what` is `state`, `request` or `prompt`, each told by its digest."""

    event: int
    kind: str
    what: str
    recorded: str
    found: str


@dataclass(frozen=True, slots=True)
class Replayed:
    """What `citewell runs replay --json` holds: whether all is the `same`, what was compared, and what could not be.

    `erased` names the events that an erasure emptied, or whose request was made from what one did, so that nothing can
    be told; they are no differences. `lost` are those that rest on text which is not in `texts_of`, the index version
    from which texts were read: then it is not known whether all is the same.
    """

    run: str
    same: bool
    differences: tuple[Difference, ...]
    states: int
    requests: int
    erased: tuple[int, ...]
    unrecorded: tuple[int, ...]
    lost: tuple[int, ...] = ()
    texts_of: str | None = None


def asked(entries: Sequence[Entry]) -> Asked:
    """What a run was asked, by its events. Raises `NotKept` where its beginning is erased."""
    first = entries[0]
    if "question" not in first.content:
        raise NotKept(
            f"The beginning of the run {first.run} is erased, so it can neither go on nor be made again: ask again."
        )
    said = first.content["scope"]
    scope = Scope.of(said["labels"], said["metadata"])
    if said.get("within") is not None:
        scope = scope.narrowed(within=frozenset(said["within"]))
    return Asked(first.run, str(first.content["question"]), first.content["release"], scope, first.content)


def digest_after(state: State | None, event: Event) -> str:
    """The digest of the state to which an event leads."""
    return state_digest(fold(state, event))


def state_digest(state: State) -> str:
    """Names a state, whole: two that are the same to the byte have the same one."""
    return digest(type(state).__name__, written(state))


def written(state: State, *, whole: bool = False) -> str:
    """A state as JSON, its keys sorted; `whole` also has what has its default, and is laid out for people.

    Without that a state is the same after its class has got another field.
    """
    plain, indent = (_fields, 2) if whole else (_told, None)
    text = json.dumps(state, default=plain, ensure_ascii=False, sort_keys=True, allow_nan=False, indent=indent)
    return text.encode("utf-8", "backslashreplace").decode()


def replayed(
    run: str, entries: Sequence[Entry], texts: Texts, requests_of: Callable[[Mapping[str, Any]], RequestOf]
) -> Replayed:
    """Every state and every request of a run, made again and compared with what was recorded of them.

    `requests_of` makes those of a release: that with which the run began, or was gone on with. Raises `NotKept`.
    """
    state: State | None = None
    request_of = requests_of(asked(entries).release)
    differences: list[Difference] = []
    states = requests = 0
    erased: list[int] = []
    unrecorded: list[int] = []
    lost: list[int] = []
    for place, entry in enumerate(entries):
        try:
            event = read(entry, texts)
        except TextGone:  # and no state can be made after it
            lost += [each.number for each in entries[place:]]
            break
        if isinstance(event, Redacted):
            erased.append(entry.number)
        goes_on = isinstance(event, Decided | Resumed) and event.release
        request_of = requests_of(goes_on) if goes_on else request_of
        if isinstance(event, Asking) and state is not None and (sent := requested(event)) is not None:
            try:
                found = request_of(state, event)
            except TextGone:
                lost.append(entry.number)
                found = sent
            else:
                requests += found is not None
            if found is None:
                erased.append(entry.number)
            elif found != sent:
                differences.append(Difference(entry.number, entry.kind, "request", sent, found))
        with followed(entry):
            state = fold(state, event)
        recorded = entry.content.get("state")
        if not isinstance(recorded, str):
            if not isinstance(event, Redacted):
                unrecorded.append(entry.number)
            continue
        states += 1
        if (now := state_digest(state)) != recorded:
            differences.append(Difference(entry.number, entry.kind, "state", recorded, now))
    same = not differences and not lost
    untold = (tuple(erased), tuple(unrecorded), tuple(lost))
    return Replayed(run, same, tuple(differences), states, requests, *untold)


def states(entries: Iterable[Entry], texts: Texts) -> list[State]:
    """The state after each event. Raises `NotKept`."""
    found: list[State] = []
    for entry in entries:
        found.append(after(found[-1] if found else None, entry, texts))
    return found


def _told(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((field, getattr(value, field.name)) for field in fields(value))
        return {field.name: kept for field, kept in pairs if kept != field.default}
    return _fields(value)


def _fields(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"a state cannot hold a {type(value).__name__}")

"""What can happen in a run, and how is each of it written down and read back?

Every event is a frozen dataclass, and `Event` is the closed union of them. The name of its class is its kind in the
journal. The text of a document's passage stays in the index, where it is looked up again; all else that a run needs to
go on from an event is in it: what must be sent back to a model as it came, what it quotes, what a tool said.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any, ClassVar

from agent.journal.entry import Entry
from agent.state import (
    Abstained,
    Answered,
    Citation,
    Failed,
    Observation,
    Passage,
    Quote,
    Reply,
    ToolCall,
    Usage,
)
from ingest.model import CitewellError
from plugins.tool import Texts
from retrieval.model import Hit

_HARMLESS = ("usage", "code")  # of an event: says nothing of any document


class NotKept(CitewellError):
    """The journal does not hold all that a run needs to go on from an event."""

    code: ClassVar[str] = "not_kept"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 409


@dataclass(frozen=True, slots=True)
class Noise:
    """A passage that was withheld, since it is almost surely about something else."""

    document: str
    start: int
    end: int
    probability: float | None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A statement that no source was found to bear out, and why not."""

    text: str
    why: str


@dataclass(frozen=True, slots=True)
class Started:
    """A question was asked of a release, within a scope."""

    question: str
    release: Mapping[str, Any]
    scope: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The first search found these passages."""

    query: str
    passages: tuple[Passage, ...]
    withheld: tuple[Noise, ...] = ()


@dataclass(frozen=True, slots=True)
class Shortened:
    """The last of the passages were left out, as more than the model reads at once; `left_out` counts all that are.

    `told` is what a model reads in place of a result of which no passage is left.
    """

    reason: str
    left_out: int
    told: str


@dataclass(frozen=True, slots=True)
class Thought:
    """The model spoke. `barred` says that it called tools, and was to answer."""

    reply: Reply
    barred: bool = False


@dataclass(frozen=True, slots=True)
class Acting:
    """A tool with a side effect is about to run."""

    call: ToolCall
    effect: str


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of a call: it was refused, declined, unknown, or ran; and what the model is told of it."""

    observation: Observation
    effect: str | None
    authorization: str
    withheld: tuple[Noise, ...] = ()


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of the quotes of an answer, and which of its statements nothing bears out."""

    kept: tuple[Citation, ...]
    dropped: tuple[Quote, ...]
    unverified: tuple[Doubt, ...]


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """What is left to be shown to the model after an erasure: the first passages, and the results of each turn.

    The rest is as in `Think`, since what told it may be erased.
    """

    question: str
    passages: tuple[Passage, ...]
    results: tuple[tuple[Observation, ...], ...]
    withheld: int
    left_out: int
    spent: Usage


@dataclass(frozen=True, slots=True)
class Emptied:
    """An event of some kind whose content is erased; what says nothing of a document is left."""

    kind: str
    usage: Usage | None = None
    code: str | None = None


Event = (
    Started
    | Retrieved
    | Shortened
    | Thought
    | Acting
    | Acted
    | Checked
    | Withdrawn
    | Emptied
    | Answered
    | Abstained
    | Failed
)


def kind_of(event: Event) -> str:
    """The kind by which the journal knows it."""
    return event.kind if isinstance(event, Emptied) else type(event).__name__.lower()


def noise(withheld: Iterable[Hit]) -> tuple[Noise, ...]:
    """The hits that were withheld, as an event names them."""
    return tuple(Noise(hit.chunk.document, hit.chunk.start, hit.chunk.end, hit.probability) for hit in withheld)


def emptied(event: Event) -> Emptied:
    """What is left of an event whose content may not be kept."""
    usage = event.reply.usage if isinstance(event, Thought) else getattr(event, "usage", None)
    return Emptied(kind_of(event), usage, getattr(event, "code", None))


def content(event: Event) -> dict[str, Any]:
    """What the journal keeps of an event; `canonical` writes it down."""
    match event:
        case Emptied():
            told = {name: getattr(event, name) for name in _HARMLESS}
            return {"erased": True} | {name: value for name, value in told.items() if value is not None}
        case Thought(reply):
            return _fields(reply) | {"text": reply.text, "written": reply.written, "barred": event.barred}
        case Acted():
            told = _fields(event)
            return _observed(told.pop("observation")) | told
        case Withdrawn():
            results = [[_observed(each) for each in turn] for turn in event.results]
            return _fields(event) | {"passages": list(map(_brief, event.passages)), "results": results}
        case Retrieved():
            return _fields(event) | {"passages": list(map(_brief, event.passages))}
        case _:
            return _fields(event)


def read(entry: Entry, texts: Texts) -> Event:
    """The event that was written down; `texts` are those of the index version that the run asked. Raises `NotKept`."""
    kind, kept = entry.kind, entry.content
    if kept.get("erased") is True:
        usage = _adapter(Usage).validate_python(kept["usage"]) if kept.get("usage") else None
        return Emptied(kind, usage, kept.get("code"))
    made = _KINDS.get(kind)
    if made is None:
        raise NotKept(f"{_named(entry)} is of no kind that a run has here; look at it with citewell runs show.")
    whole = _with_texts(kept, texts)
    try:
        if made is Thought:
            return Thought(_adapter(Reply).validate_python(whole), whole["barred"])
        if made is Acted:
            whole = whole | {"observation": whole | {"withheld": len(whole["withheld"])}}
        found: Event = _adapter(made).validate_python(whole)
    except (LookupError, ValueError) as fault:
        raise NotKept(
            f"{_named(entry)} holds less than a run needs to go on from it, as an earlier Citewell wrote it: ask "
            f"again; citewell runs show {entry.run} has what there is."
        ) from fault
    return found


_KINDS: Mapping[str, type] = {
    made.__name__.lower(): made
    for made in (
        *(Started, Retrieved, Shortened, Thought, Acting, Acted, Checked, Withdrawn),
        *(Answered, Abstained, Failed),
    )
}


@cache
def _adapter(made: type) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(made)


def _named(entry: Entry) -> str:
    return f"Event {entry.number} ({entry.kind}) of run {entry.run}"


def _fields(noun: Any) -> dict[str, Any]:
    return {field.name: getattr(noun, field.name) for field in fields(noun)}


def _brief(passage: Passage) -> dict[str, Any]:
    kept = _fields(passage)
    if passage.kind == "document":
        del kept["text"]
    return kept


def _observed(observation: Observation) -> dict[str, Any]:
    return _fields(observation) | {"passages": list(map(_brief, observation.passages))}


def _with_texts(kept: Any, texts: Texts) -> Any:
    """The same, where each passage of a document has its text again."""
    if isinstance(kept, list):
        return [_with_texts(each, texts) for each in kept]
    if not isinstance(kept, Mapping):
        return kept
    whole = {key: _with_texts(value, texts) if key in {"passages", "results"} else value for key, value in kept.items()}
    if whole.get("kind") == "document" and "blocks" in whole:
        text = texts.text(whole["document"])
        if text is None or len(text) < whole["end"]:
            raise NotKept(
                f"The text of {whole['document']} is no longer in the index version that the run asked: ask again."
            )
        whole["text"] = text[whole["start"] : whole["end"]]
    return whole

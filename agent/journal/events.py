"""What can happen in a run, what does the journal keep of it, and what of that can be read back?

`Event` is the closed union of what can happen. Its kind is the name of its class, in small letters; a `Redacted` one
keeps the kind of the event that it stands for. `content` says what is kept: all that the state after the event is made
from, but for the text of documents, which stays in the index. `read` looks that up again. What no state is made from is
kept for whoever reads the journal: the release, scores, what was withheld as noise, which citations held.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import Any, ClassVar, Literal, cast, get_args

from agent.journal.entry import Entry
from agent.journal.tallies import Claim
from agent.state import (
    Abstained,
    Answered,
    Citation,
    Failed,
    Observation,
    Origin,
    Part,
    Passage,
    Quote,
    Recollection,
    Reply,
    Route,
    Shape,
    ToolCall,
    Usage,
)
from ingest.errors import CitewellError
from plugins.tool import Effect, Texts
from retrieval.model import Hit

# fmt: off
Kind = Literal[
    "started", "compacted", "understood", "recalled", "planned", "retrieved", "weighed", "ranked", "shortened",
    "thought", "acting", "acted", "checked", "returned", "withdrawn", "parked", "handover", "endorsed", "decided",
    "claimed", "moved", "resolved", "reopened", "resumed", "answered", "abstained", "failed",
]
# fmt: on
Verdict = Literal["approve", "deny"]
Judged = Literal["kept", "named", "returned", "abstained"]  # what became of an answer that was checked
Outcome = Literal["ran", "declined", "refused", "unknown"]  # of a call; unknown: there is no such tool
_HARMLESS = ("usage", "code")  # of an event: says nothing of any document


class NotKept(CitewellError):
    """The journal does not hold all that a run needs to go on from an event."""

    code: ClassVar[str] = "not_kept"
    exit_code: ClassVar[int] = 2
    http_status: ClassVar[int] = 409


class TextGone(NotKept):
    """The text of a passage stands in no index any more, so that an event cannot be read back."""


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
class Disagreement:
    """Where two documents say different things of one, and what each of them says, with its date.

    `trusted` where both are of high trust.
    """

    citations: tuple[Citation, Citation]
    told: str
    trusted: bool = True


@dataclass(frozen=True, slots=True)
class Started:
    """A question was asked of a release, within a scope, by a `principal`, as the `account` says that it is one.

    In a `conversation` it follows the `earlier` runs, which hold what was said: each as RUN#NUMBER, up to that event.
    `claims` are what it takes of the runs of a day.
    """

    question: str
    release: Mapping[str, Any]
    scope: Mapping[str, Any]
    principal: str | None = None
    conversation: str | None = None
    earlier: tuple[str, ...] = ()
    account: str | None = None
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Compacted:
    """A model's `account` of what was said before, where that is longer than is shown of it, and `why`.

    It is empty where what the model said was of no use: then the rule's stays. `documents` are those that what was said
    rests on; the rest is as in a `Reply`.
    """

    account: str
    why: str
    documents: tuple[str, ...]
    usage: Usage = field(default_factory=Usage)
    model: str | None = None
    request: str | None = None
    given: Shape | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What a question asks by itself that follows others, who said so, and `why`, where it was changed or was not.

    `documents` are those that what was said before rests on, as far as it is shown to a model: what comes after may be
    made from them. `usage`, `model` and what follows are those of the `Reply`, where a model was asked.
    """

    question: str
    by: Literal["model", "rule"]
    why: str
    documents: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    model: str | None = None
    request: str | None = None
    given: Shape | None = None


@dataclass(frozen=True, slots=True)
class Recalled:
    """What is remembered of who asks and bears on the question; `why` says what kept it from being looked for."""

    memories: tuple[Recollection, ...]
    why: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """A question has these parts, each of which is searched for on its own, and `why`; none: it is searched deeper.

    Where a model was asked, `by` says whether its parts were taken. `request` is as that of a `Reply`; `held` says that
    its server held it to a form.
    """

    parts: tuple[Part, ...]
    why: str
    by: Literal["model", "rule"] = "rule"
    usage: Usage = field(default_factory=Usage)
    model: str | None = None
    request: str | None = None
    given: Shape | None = None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The first searches found these passages."""

    query: str
    passages: tuple[Passage, ...]
    withheld: tuple[Noise, ...] = ()


@dataclass(frozen=True, slots=True)
class Weighed:
    """A model said how the passage of that number, of the `document`, bears on the question: a `score` from 0 to 10,
    and one line, which nobody may quote.

    Without a score it did not, and `why`; the line is then what it said instead, and the passage stays at its place.
    `request` is as that of a `Reply`.
    """

    number: int
    document: str
    score: int | None
    line: str = ""
    why: str = ""
    usage: Usage = field(default_factory=Usage)
    model: str | None = None
    request: str | None = None
    given: Shape | None = None


@dataclass(frozen=True, slots=True)
class Ranked:
    """The passages of these numbers are shown, in this `order`; the others, which were `dropped`, are not.

    `why` says what was not weighed, if anything was not.
    """

    order: tuple[int, ...]
    dropped: tuple[int, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Shortened:
    """The last of the passages were left out, as more than the model reads at once; `left_out` counts all that are.

    `told` is what a model reads in place of a result of which no passage is left. Where it is known by how much it was
    too long, `dropped` are the numbers of those that were left out, not the last but the least likely; and of those
    that were `kept` in part, each with its number, the blocks from the first to before the last are.
    """

    reason: str
    left_out: int
    told: str
    dropped: tuple[int, ...] = ()
    kept: tuple[tuple[int, int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Thought:
    """The model spoke. `barred` says that it called tools, and was to answer; `route` who it was, of two, and why."""

    reply: Reply
    barred: bool = False
    route: Route | None = None


@dataclass(frozen=True, slots=True)
class Acting:
    """A tool with a side effect is about to run by this `key`, and takes these `claims` of what its charter bounds.

    `origins` say where each of its values comes from, where that was looked at.
    """

    call: ToolCall
    effect: Effect
    claims: tuple[Claim, ...] = ()
    key: str = ""
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Acted:
    """What came of a call, and what the model is told of it. `effect` is that of the tool, where there is one.

    It took so many `attempts` and `seconds`, none where it was not run; `code` names what it failed with.
    """

    observation: Observation
    effect: Effect | None
    authorization: Outcome
    withheld: tuple[Noise, ...] = ()
    attempts: int = 0
    seconds: float = 0.0
    code: str | None = None

    @property
    def success(self) -> bool:
        """Whether the tool was run and gave a result."""
        return self.authorization == "ran" and not self.observation.error


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found of the quotes of an answer, and which of its sentences nothing bears out.

    `held` counts the sentences that its sources bear out. `verdict` is what became of it: all of it was kept, the rest
    was named, it was returned to the model, or nothing was left of it; None where nothing of it was to be judged, or
    where an earlier Citewell wrote it. It is of the answer `before`, the one that was returned, where no better came.
    `conflicts` are those of what it tells with other sources that were shown, whether it tells both sides or not.
    """

    kept: tuple[Citation, ...]
    dropped: tuple[Quote, ...]
    unverified: tuple[Doubt, ...]
    held: int | None = None
    verdict: Judged | None = None
    before: bool = False
    conflicts: tuple[Disagreement, ...] = ()


@dataclass(frozen=True, slots=True)
class Returned:
    """The answer goes back to the model, once in a run, with the reasons why it does not hold."""

    reasons: tuple[str, ...]


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
class Parked:
    """A call waits for a person to allow it; `pending` is the digest of all that they are shown of it.

    `arguments` are its own after defaults, `reasons` say why it may not run alone. It needs the word of so many
    `approvers`, until it `expires` (a time in UTC, as ISO has it). `origins` say where each value comes from. The tool
    is of a `plugin` in a `version`. `claims` are what it takes to ask a person.
    """

    call: ToolCall
    effect: Effect
    pending: str
    reason: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    approvers: int = 1
    expires: str | None = None
    origins: tuple[Origin, ...] = ()
    plugin: str | None = None
    version: str | None = None
    claims: tuple[Claim, ...] = ()


@dataclass(frozen=True, slots=True)
class Handover:
    """A person is to go on, by the `rule` of that name; `pending` is the key of a `call` that waits for their word.

    `rules` are all that hold by the charter, each with why. The case goes by the `route` of the heaviest, `due` says
    when it goes on from there, `key` is the same for the same question of the same principal; `draft` is the answer
    that was not given. `origins` say where each value of the call comes from.
    """

    rule: str
    reason: str
    call: ToolCall | None = None
    pending: str | None = None
    rules: tuple[tuple[str, str], ...] = ()
    route: str | None = None
    due: str | None = None
    key: str | None = None
    draft: Answered | None = None
    origins: tuple[Origin, ...] = ()


@dataclass(frozen=True, slots=True)
class Endorsed:
    """One of several people who have to allow a call did so; `by` is their name, `account` the one they acted as."""

    pending: str
    by: str
    account: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person said of the call of that key; `by` is the name that they gave, `account` the one they acted as.

    Where they `edited` its arguments, `allowed` is the digest of the call as it then is. With this `release` the run
    goes on; none where an earlier Citewell wrote it.
    """

    pending: str
    verdict: Verdict
    by: str
    account: str
    comment: str = ""
    release: Mapping[str, Any] = field(default_factory=dict)
    edited: Mapping[str, Any] | None = None
    allowed: str | None = None


@dataclass(frozen=True, slots=True)
class Claimed:
    """Somebody took a case upon themselves: by that name, acting as an account."""

    by: str
    account: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A case went on to another route, and why."""

    route: str
    reason: str
    due: str | None = None


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a person answered to a case."""

    answer: str
    by: str
    account: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Reopened:
    """A case that was resolved is open again, and why; `due` says when it goes on to another route."""

    by: str
    account: str
    reason: str
    due: str | None = None


@dataclass(frozen=True, slots=True)
class Resumed:
    """A process took the run up again, with this release."""

    release: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Redacted:
    """An event of some kind whose content is erased; what says nothing of a document is left."""

    kind: Kind
    usage: Usage | None = None
    code: str | None = None


Event = (
    Started
    | Compacted
    | Understood
    | Recalled
    | Planned
    | Retrieved
    | Weighed
    | Ranked
    | Shortened
    | Thought
    | Acting
    | Acted
    | Checked
    | Returned
    | Withdrawn
    | Parked
    | Handover
    | Endorsed
    | Decided
    | Claimed
    | Moved
    | Resolved
    | Reopened
    | Resumed
    | Redacted
    | Answered
    | Abstained
    | Failed
)


TakenUp = Endorsed | Decided | Claimed | Moved | Resolved | Reopened | Resumed | Failed
"""What is written first of a run that is taken up: that it goes on or is given up, or what a person did with it."""

_KINDS: Mapping[str, Any] = {made.__name__.lower(): made for made in get_args(Event) if made is not Redacted}


def kind_of(event: Event) -> Kind:
    """The kind by which the journal knows it."""
    return event.kind if isinstance(event, Redacted) else cast("Kind", type(event).__name__.lower())


def noise(withheld: Iterable[Hit]) -> tuple[Noise, ...]:
    """The hits that were withheld, as an event names them."""
    return tuple(Noise(hit.chunk.document, hit.chunk.start, hit.chunk.end, hit.probability) for hit in withheld)


def redacted(event: Event) -> Redacted:
    """What is left of an event whose content may not be kept."""
    usage = event.reply.usage if isinstance(event, Thought) else getattr(event, "usage", None)
    return Redacted(kind_of(event), usage, getattr(event, "code", None))


def content(event: Event) -> dict[str, Any]:
    """What the journal keeps of an event; `canonical` writes it down."""
    match event:
        case Redacted():
            kept = {name: getattr(event, name) for name in _HARMLESS}
            return {"erased": True} | {name: value for name, value in kept.items() if value is not None}
        case Thought(reply):
            return (
                {"text": reply.text, "written": reply.written}
                | _fields(reply)
                | {"barred": event.barred, "route": event.route}
            )
        case Acted():
            kept = _fields(event)
            return _observed(kept.pop("observation")) | kept | {"success": event.success}
        case Withdrawn():
            results = [[_observed(each) for each in turn] for turn in event.results]
            return _fields(event) | {"passages": list(map(_brief, event.passages)), "results": results}
        case Retrieved():
            return _fields(event) | {"passages": list(map(_brief, event.passages))}
        case _:
            return _fields(event)


def read(entry: Entry, texts: Texts) -> Event:
    """The event that was written down; `texts` are those of the index version that the run asked. Raises `NotKept`."""
    made, kept = _KINDS.get(entry.kind), entry.content
    if made is None:
        raise NotKept(f"{_named(entry)} is of no kind that a run has here; look at it with citewell runs show.")
    if kept.get("erased") is True:
        usage = _adapter(Usage).validate_python(kept["usage"]) if kept.get("usage") else None
        return Redacted(cast("Kind", entry.kind), usage, kept.get("code"))
    whole = _with_texts(kept, texts)
    try:
        if made is Thought:
            route = _adapter(Route).validate_python(whole["route"]) if whole.get("route") else None
            return Thought(_adapter(Reply).validate_python(whole), whole["barred"], route)
        if made is Acted:
            whole = whole | {"observation": whole | {"withheld": len(whole["withheld"])}}
        found: Event = _adapter(made).validate_python(whole)
    except (LookupError, ValueError) as fault:
        raise NotKept(
            f"{_named(entry)} holds less than a run needs to go on from it, as an earlier Citewell wrote it: ask "
            f"again; citewell runs show {entry.run} has what there is."
        ) from fault
    return found


@cache
def _adapter(made: type) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(made)


def _named(entry: Entry) -> str:
    return f"Event {entry.number} ({entry.kind}) of run {entry.run}"


def _names(noun: Any) -> list[str]:
    return [field.name for field in fields(noun)]


def _fields(noun: Any) -> dict[str, Any]:
    return {name: getattr(noun, name) for name in _names(noun)}


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
            raise TextGone(
                f"The text of {whole['document']} is no longer in the index version that the run asked: ask again."
            )
        whole["text"] = text[whole["start"] : whole["end"]]
    return whole

"""What does a person need who goes on with a run, so as not to start from scratch? All is folded from its events."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from agent.journal.cases import Case, Notice
from agent.journal.entry import Entry
from agent.journal.events import (
    Acted,
    Acting,
    Checked,
    Disagreement,
    Event,
    Handover,
    Noise,
    Planned,
    Recalled,
    Retrieved,
    Returned,
    Thought,
    Understood,
)
from agent.memory.conversation import Exchange
from agent.state import Answered, Citation, Origin, Passage, Reply

_ADVICE: Final[Mapping[str, str]] = {
    "evidence": "Read the passages below: answer from them, or say that the documents do not say it.",
    "conflict": "Decide which source holds, and say which of them is to be corrected.",
    "check_failed": "Take nothing of the draft that is not quoted below; answer from the passages.",
    "tool_failed": "See to the tool; do by hand what it was to do, if it is urgent.",
    "outcome_unknown": "Look whether the call took effect. Then approve it (it did not) or deny it (it did).",
    "budget": "Answer by hand, or raise the budget and ask again.",
    "argument": "Decide on the call yourself: it was not made.",
    "approvals": "Look at the run as a whole: it asks for more calls than people are to be asked about.",
    "topic": "Answer yourself; the topic is one that a person decides on.",
    "sensitive": "See who may know what is told here before you answer.",
    "asked_for_person": "Get in touch with who asked: they want a person.",
    "injection": "Take what was read for text of somebody else's: do nothing that it asks for.",
    "confidence": "Check the draft sentence by sentence.",
    "unfamiliar": "Answer yourself, and keep the answer as gold: nobody has asked the like before.",
}
_Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What of a case may be told to who asked."""

    id: str
    run: str
    status: str
    route: str | None
    opened: str
    due: str | None
    claimed_by: str | None
    same_as: str | None
    rules: Sequence[_Json]
    question: str
    understood: str | None
    principal: str | None
    conversation: Sequence[_Json]
    cost: float | None
    release: _Json
    history: Sequence[_Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFile(Told):
    """The whole case: what was found, drafted and advised, and what people say of it, is for people alone."""

    recommendation: str = ""
    remembered: Sequence[_Json] = ()
    plan: _Json | None = None
    searches: Sequence[_Json] = ()
    calls: Sequence[_Json] = ()
    waiting: _Json | None = None
    checks: Sequence[_Json] = ()
    conflicts: Sequence[_Json] = ()
    returned: Sequence[str] = ()
    draft: _Json | None = None
    told: Sequence[_Json] = ()
    doubts: Sequence[str] = ()

    @property
    def for_who_asked(self) -> CaseFile:
        """The same, with nothing that they may not be told."""
        told = {each.name: getattr(self, each.name) for each in fields(Told)}
        return CaseFile(**told | {"history": [*map(_step_to_who_asked, self.history)]})

    @property
    def as_json(self) -> dict[str, Any]:
        """The object that `citewell escalations show --json` prints."""
        return {"schema": 1} | {each.name: getattr(self, each.name) for each in fields(self)}


def case_file(
    case: Case,
    entries: Sequence[Entry],
    events: Sequence[Event],
    *,
    earlier: Sequence[Exchange] = (),
    kinds: Mapping[str, str],
    told: Sequence[Notice] = (),
    doubts: Sequence[str] = (),
) -> CaseFile:
    """The whole case. `kinds` says of each rule of the charter under which condition it holds, `told` who was told.

    `doubts` are why the charter that is in force may not be what its owner stands for.
    """
    first, of = entries[0].content, _Folded(events)
    handover = of.handover
    held = (handover.rules or ((handover.rule, handover.reason),)) if handover else ()
    condition = kinds.get(case.rule, case.rule)
    return CaseFile(
        id=case.id,
        run=case.run,
        status=case.status,
        route=case.route,
        opened=case.opened,
        due=case.due,
        claimed_by=case.claimed_by,
        same_as=case.same_as,
        rules=[{"rule": rule, "why": why} for rule, why in held],
        recommendation=_ADVICE.get(condition, "Answer yourself, or let the run go on."),
        question=str(first.get("question", "")),
        understood=of.understood,
        principal=first.get("principal"),
        conversation=[{"asked": each.asked, "answer": each.answer} for each in earlier],
        remembered=[asdict(each) for each in of.recalled.memories] if of.recalled else [],
        plan={"parts": [part.question for part in of.planned.parts], "why": of.planned.why} if of.planned else None,
        searches=[*map(_search, of.searches)],
        calls=[_call(acted, origins) for acted, origins in of.calls],
        waiting=_waiting(handover),
        checks=[*map(_check, of.checks)],
        conflicts=[*map(_conflict, {each.told: each for check in of.checks for each in check.conflicts}.values())],
        returned=[*of.returned],
        draft=of.draft,
        told=[*map(_notice, told)],
        doubts=[*doubts],
        cost=next((cost for entry in reversed(entries) if (cost := entry.content.get("cost")) is not None), None),
        release=first.get("release", {}),
        history=[_step(entry) for entry in entries if entry.kind in _STEPS],
    )


def found(events: Iterable[Event]) -> set[str]:
    """The documents of which a run was given something, by a search or a tool."""
    given: list[Passage] = []
    for event in events:
        if isinstance(event, Retrieved):
            given += event.passages
        elif isinstance(event, Acted):
            given += event.observation.passages
    return {each.document for each in given if each.kind == "document"}


class _Folded:
    """What of each kind happened in a run, the last where there is one alone."""

    def __init__(self, events: Iterable[Event]) -> None:
        self.handover: Handover | None = None
        self.planned: Planned | None = None
        self.understood: str | None = None
        self.recalled: Recalled | None = None
        self.draft: _Json | None = None
        self.searches: list[Retrieved] = []
        self.calls: list[tuple[Acted, tuple[Origin, ...]]] = []
        self.checks: list[Checked] = []
        self.returned: list[str] = []
        self._said: Reply | None = None
        self._origins: tuple[Origin, ...] = ()
        for event in events:
            self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case Handover():
                self.handover, self.draft = event, self._drafted(event.draft)
            case Planned():
                self.planned = event
            case Understood():
                self.understood = event.question
            case Recalled():
                self.recalled = event
            case Retrieved():
                self.searches.append(event)
            case Thought():
                self._said = event.reply
            case Acting():
                self._origins = event.origins
            case Acted():
                self.calls.append((event, self._origins))
                self._origins = ()
            case Checked():
                self.checks.append(event)
            case Returned():
                self.returned += event.reasons
            case _:
                pass

    def _drafted(self, draft: Answered | None) -> _Json | None:
        """The answer that was not given, or, where none held, the words that did not."""
        if draft is not None:
            return {"answer": draft.answer, "citations": [*map(_cited, draft.citations)], "held": True}
        said = self._said
        if said is None or said.calls or not said.text.strip():
            return None
        kept = self.checks[-1].kept if self.checks else ()
        return {"answer": said.text.strip(), "citations": [*map(_cited, kept)], "held": False}


_TOLD: Final[Mapping[str, Collection[str]]] = {
    "started": ("question", "release", "scope", "principal", "conversation"),
    "handover": ("rule", "rules", "reason", "route"),
    "resolved": ("answer", "by"),
}


def to_who_asked(entry: Entry) -> Entry:
    """What of an event of a run that was handed over may be told to who asked."""
    told = _TOLD.get(entry.kind, ())
    return replace(entry, content={name: said for name, said in entry.content.items() if name in told})


def _step_to_who_asked(step: _Json) -> dict[str, Any]:
    told = ("at", "kind", *_TOLD.get(str(step["kind"]), ()))
    return {name: said for name, said in step.items() if name in told}


_STEPS: Final = ("parked", "handover", "endorsed", "decided", "claimed", "moved", "resolved", "reopened")


def _step(entry: Entry) -> dict[str, Any]:
    said = entry.content
    what = {
        name: said[name]
        for name in ("by", "account", "verdict", "rule", "route", "reason", "comment")
        if said.get(name)
    }
    return {"at": entry.at, "kind": entry.kind, **what}


def _search(event: Retrieved) -> dict[str, Any]:
    return {
        "query": event.query,
        "passages": [*map(_passage, event.passages)],
        "withheld": [*map(_noise, event.withheld)],
    }


def _noise(each: Noise) -> dict[str, Any]:
    return {"document": each.document, "start": each.start, "end": each.end, "probability": each.probability}


def _passage(passage: Passage) -> dict[str, Any]:
    return {
        "kind": passage.kind,
        "document": passage.document,
        "title": passage.title,
        "page": passage.page_label or passage.page,
        "start": passage.start,
        "end": passage.end,
        "probability": passage.probability,
        "score": passage.score,
        "text": passage.text,
        "unseen": [asdict(each) for each in passage.unseen],
    }


def _call(event: Acted, origins: Sequence[Origin]) -> dict[str, Any]:
    observation = event.observation
    return {
        "name": observation.call.name,
        "arguments": dict(observation.call.arguments),
        "origins": [*map(asdict, origins)],
        "effect": event.effect,
        "outcome": event.authorization,
        "ok": event.success,
        "text": observation.text,
        "passages": [*map(_passage, observation.passages)],
        "withheld": [*map(_noise, event.withheld)],
        "seconds": event.seconds,
    }


def _waiting(handover: Handover | None) -> dict[str, Any] | None:
    if handover is None or handover.call is None:
        return None
    call = handover.call
    return {
        "name": call.name,
        "arguments": dict(call.arguments),
        "origins": [*map(asdict, handover.origins)],
        "for_a_word": handover.pending is not None,
    }


def _check(event: Checked) -> dict[str, Any]:
    return {
        "verdict": event.verdict,
        "held": event.held,
        "cited": [*map(_cited, event.kept)],
        "not_found": [quote.text for quote in event.dropped],
        "unverified": [{"text": each.text, "why": each.why} for each in event.unverified],
    }


def _conflict(found: Disagreement) -> dict[str, Any]:
    return {"told": found.told, "citations": [*map(_cited, found.citations)]}


def _cited(citation: Citation) -> dict[str, Any]:
    page = citation.page_label or citation.page
    return {
        "document": citation.document,
        "page": page,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }


def _notice(notice: Notice) -> dict[str, Any]:
    """Who was told, as far as it is for people to know."""
    named = ("what", "route", "channel", "at", "status", "due", "attempts", "said")
    return {name: getattr(notice, name) for name in named}

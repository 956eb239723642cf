"""What does a person need who goes on with a run, so as not to start from scratch? All is folded from its events."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from agent.journal.cases import Case
from agent.journal.entry import Entry
from agent.journal.events import Acted, Checked, Disagreement, Event, Handover, Planned, Retrieved, Returned, Understood
from agent.memory.conversation import Exchange
from agent.plain import escaped, in_a_line, plain, with_hidden
from agent.state import Answered, Citation, Passage

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


def case_file(
    case: Case,
    entries: Sequence[Entry],
    events: Sequence[Event],
    *,
    earlier: Sequence[Exchange] = (),
    kinds: Mapping[str, str],
) -> dict[str, Any]:
    """The whole case, as JSON. `kinds` says of each rule of the charter under which condition it holds."""
    first, of = entries[0].content, _Folded(events)
    handover = of.handover
    held = (handover.rules or ((handover.rule, handover.reason),)) if handover else ()
    condition = kinds.get(case.rule, case.rule)
    return {
        "schema": 1,
        "id": case.id,
        "run": case.run,
        "status": case.status,
        "route": case.route,
        "opened": case.opened,
        "due": case.due,
        "claimed_by": case.claimed_by,
        "same_as": case.same_as,
        "rules": [{"rule": rule, "why": why} for rule, why in held],
        "recommendation": _ADVICE.get(condition, "Answer yourself, or let the run go on."),
        "question": str(first.get("question", "")),
        "understood": of.understood,
        "principal": first.get("principal"),
        "conversation": [{"asked": each.asked, "answer": each.answer} for each in earlier],
        "plan": {"parts": [part.question for part in of.planned.parts], "why": of.planned.why} if of.planned else None,
        "searches": [*map(_search, of.searches)],
        "calls": [_call(event) for event in of.calls],
        "waiting": _waiting(handover),
        "checks": [*map(_check, of.checks)],
        "conflicts": [*map(_conflict, {each.told: each for check in of.checks for each in check.conflicts}.values())],
        "returned": [*of.returned],
        "draft": _draft(handover.draft if handover else None),
        "cost": next((cost for entry in reversed(entries) if (cost := entry.content.get("cost")) is not None), None),
        "release": first.get("release", {}),
        "history": [_step(entry) for entry in entries if entry.kind in _STEPS],
    }


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
        self.searches: list[Retrieved] = []
        self.calls: list[Acted] = []
        self.checks: list[Checked] = []
        self.returned: list[str] = []
        for event in events:
            self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case Handover():
                self.handover = event
            case Planned():
                self.planned = event
            case Understood():
                self.understood = event.question
            case Retrieved():
                self.searches.append(event)
            case Acted():
                self.calls.append(event)
            case Checked():
                self.checks.append(event)
            case Returned():
                self.returned += event.reasons
            case _:
                pass


_ASKERS: Final = frozenset(
    [
        "schema",
        "id",
        "run",
        "status",
        "route",
        "opened",
        "due",
        "claimed_by",
        "same_as",
        "rules",
        "question",
        "understood",
        "principal",
        "conversation",
        "cost",
        "release",
        "history",
    ]
)


_TOLD: Final[Mapping[str, Collection[str]]] = {
    "started": ("question", "release", "scope", "principal", "conversation"),
    "handover": ("rule", "rules", "reason", "route"),
    "resolved": ("answer", "by"),
}


def to_who_asked(entry: Entry) -> Entry:
    """What of an event of a run that was handed over may be told to who asked."""
    told = _TOLD.get(entry.kind, ())
    return replace(entry, content={name: said for name, said in entry.content.items() if name in told})


def case_to_who_asked(file: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a case: what was found, drafted and advised is for people alone, and so is what they say of it."""
    told = {name: said if name in _ASKERS else _emptied(said) for name, said in file.items()}
    return told | {"history": [*map(_step_to_who_asked, file["history"])]}


def _emptied(said: Any) -> Any:
    return type(said)() if isinstance(said, str | list) else None


def _step_to_who_asked(step: Mapping[str, Any]) -> dict[str, Any]:
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
    withheld = [{"document": each.document, "start": each.start, "end": each.end, "probability": each.probability}
                for each in event.withheld]  # fmt: skip
    return {"query": event.query, "passages": [*map(_passage, event.passages)], "withheld": withheld}


def _passage(passage: Passage) -> dict[str, Any]:
    return {
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


def _call(event: Acted) -> dict[str, Any]:
    observation = event.observation
    return {
        "name": observation.call.name,
        "arguments": dict(observation.call.arguments),
        "effect": event.effect,
        "outcome": event.authorization,
        "ok": event.success,
        "text": observation.text,
        "passages": [*map(_passage, observation.passages)],
        "seconds": event.seconds,
    }


def _waiting(handover: Handover | None) -> dict[str, Any] | None:
    if handover is None or handover.call is None:
        return None
    call = handover.call
    return {"name": call.name, "arguments": dict(call.arguments), "for_a_word": handover.pending is not None}


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


def _draft(draft: Answered | None) -> dict[str, Any] | None:
    return {"answer": draft.answer, "citations": [*map(_cited, draft.citations)]} if draft else None


def _cited(citation: Citation) -> dict[str, Any]:
    page = citation.page_label or citation.page
    return {
        "document": citation.document,
        "page": page,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
    }


def as_text(case: Mapping[str, Any], width: int) -> str:
    """The case for a terminal, without a sign that steers it."""
    claimed = f", claimed by {case['claimed_by']}" if case["claimed_by"] else ""
    until = f", to be claimed until {_minute(case['due'])}" if case["due"] else ""
    lines = [
        f"{case['id']}  {case['status']}{in_a_line(claimed)}",
        f"route {in_a_line(case['route'] or 'none')}, opened {_minute(case['opened'])}{until}",
    ]
    for head, told in _sections(case):
        if told:
            lines += ["", in_a_line(head), *(_wrapped(line, width) for line in told)]
    return "\n".join(lines)


def _sections(case: Mapping[str, Any]) -> Iterator[tuple[str, list[str]]]:
    """Each heading with what stands below it, if anything does."""
    understood = [f"understood as: {case['understood']}"] if case["understood"] else []
    yield "Question", [case["question"], *understood]
    yield "Asked by", [case["principal"] or "nobody named"]
    yield "Said before", [f"{each['asked']} → {each['answer'] or 'no answer'}" for each in case["conversation"]]
    yield "Why a person", [f"{each['rule']}: {each['why']}" for each in case["rules"]]
    yield "What to do", [case["recommendation"]]
    if waits := case["waiting"]:
        yield "Waits for a word" if waits["for_a_word"] else "Was to be called, and was not", [_called(waits)]
    if plan := case["plan"]:
        yield "Plan", [*(plan["parts"] or ["searched deeper"]), plan["why"]]
    if draft := case["draft"]:
        yield "Draft, which nobody was shown", [draft["answer"], *map(_quoted, draft["citations"])]
    doubts = [each for check in case["checks"] for each in check["unverified"]]
    yield "Not borne out", [f"{each['text']} ({each['why']})" for each in doubts]
    for conflict in case["conflicts"]:
        yield "The documents disagree", [conflict["told"], *map(_quoted, conflict["citations"])]
    yield "Tools", [f"{_called(each)}: {each['outcome']}: {each['text']}" for each in case["calls"]]
    for search in case["searches"]:
        yield f"Found for: {search['query']}", [*map(_found, search["passages"]), *_noise(search["withheld"])]
    yield "Since then", [_told(each) for each in case["history"]]


def _told(step: Mapping[str, Any]) -> str:
    rest = "; ".join(str(value) for name, value in step.items() if name not in ("at", "kind", "account"))
    return f"{_minute(step['at'])} {step['kind']}{f': {rest}' if rest else ''}"


def _minute(at: str) -> str:
    return f"{at[:16].replace('T', ' ')} UTC"


def as_page(case: Mapping[str, Any]) -> str:
    """The case as one HTML page that opens without a network, and runs nothing."""
    from jinja2 import Environment, StrictUndefined

    # Whatever stands in a case may be somebody's trick: signs that nobody sees are written out, all of them
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_visible
    )
    environment.filters |= {"called": _called, "unveiled": _unveiled}
    return environment.from_string(Path(__file__).with_name("case.html").read_text("utf-8")).render(case=case)


def _visible(value: object) -> object:
    return escaped(value) if isinstance(value, str) else value


def _called(call: Mapping[str, Any]) -> str:
    import json

    given = ", ".join(f"{name}={json.dumps(value, ensure_ascii=False)}" for name, value in call["arguments"].items())
    return f"{call['name']}({given})"


def _quoted(citation: Mapping[str, Any]) -> str:
    return f"{citation['document']}: “{citation['quote']}”"


def _found(passage: Mapping[str, Any]) -> str:
    likely = "" if passage["probability"] is None else f" ({passage['probability']:.2f})"
    text = textwrap.shorten(_unveiled(passage), 400, placeholder=" …")
    return f"{passage['document']}{likely}: {text}"


def _unveiled(passage: Mapping[str, Any]) -> str:
    return with_hidden(passage["text"], passage["start"], passage.get("unseen", ()))


def _noise(withheld: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"withheld as noise: {', '.join(each['document'] for each in withheld)}"] if withheld else []


def _wrapped(text: str, width: int) -> str:
    return textwrap.fill(in_a_line(plain(text)), width, initial_indent="  ", subsequent_indent="    ")
